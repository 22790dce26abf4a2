"""A mapping profile: how the files of a source become canonical tables. Floor 2.

A profile is YAML, checked here by a model that knows every key. It maps and derives by a small declared
set of operations (`Expression`); there is no evaluation of code. What needs more, such as clearing groups,
is a named step in `steps`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from arlib.errors import ParameterError, nearest
from arlib.tables import CANONICAL


class Strict(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Among(Strict):
    """The values that a column has on the rows that meet other conditions."""

    column: str
    where: tuple[Condition, ...]


class Condition(Strict):
    """A test on one source column; a list of conditions holds when all do."""

    column: str
    among: Among | None = None
    is_: Literal["filled", "empty", "not_zero"] | None = Field(default=None, alias="is")
    equals: tuple[str, ...] | None = None
    differs: tuple[str, ...] | None = None
    differs_from: str | None = None  # another column that must not hold the same text
    is_optional: bool = False  # the column may be missing from the file; it counts as empty
    is_in: str | None = None  # FILE.COLUMN: one of the values that stand there

    def _tests(self) -> tuple[object, ...]:
        return (self.is_, self.equals, self.differs, self.differs_from, self.is_in, self.among)

    @model_validator(mode="after")
    def _one_test(self) -> Condition:
        if sum(test is not None for test in self._tests()) != 1:
            tests = "is, equals, differs, differs_from, is_in, among"
            raise ValueError(f"condition on {self.column!r} needs exactly one of {tests}")
        return self


class Sign(Strict):
    """The sign of an amount by a code, such as SAP's SHKZG: S is debit, H is credit."""

    by: str
    plus: tuple[str, ...]
    minus: tuple[str, ...]


class BySign(Strict):
    """A constant by the sign of an amount."""

    of: Operand
    plus: str
    minus: str
    zero: str = ""


class PlusDays(Strict):
    """A date moved by the first of several day counts that is neither empty nor zero."""

    date: Operand
    days: tuple[str, ...]


def _short(value: object) -> object:
    """A plain text stands for the column of that name."""
    return {"column": value} if isinstance(value, str) else value


def _listed(value: object) -> object:
    """One text stands for a list of one."""
    return (value,) if isinstance(value, str) else value


class Expression(Strict):
    """How one value is made from a source row: exactly one origin, then modifiers in the order listed
    here."""

    column: str | None = None
    constant: str | None = None
    option: str | None = None  # a setting of the profile, see express.VALUES
    template: str | None = None  # '{A}-{B}': columns in braces; empty when any of them is
    first_of: tuple[Operand, ...] | None = None
    subtract: tuple[Operand, Operand] | None = None  # money: the first less the second, exact
    plus_days: PlusDays | None = None
    by_sign: BySign | None = None
    identity: tuple[Operand, ...] | None = (
        None  # a stable id: a hash of these values; rows that are alike get -2, -3
    )
    is_optional: bool = False  # the column may be missing from the file
    strip: str = ""  # characters taken off both ends, such as brackets
    prefix: str = ""  # put in front where there is a value
    whole_number: bool = False  # an id that went through a float: 1400000003.0 is 1400000003
    map: dict[str, str] | None = None
    otherwise: str | None = None  # for codes that `map` does not list; without it such a row is rejected
    absolute: bool = False  # an amount without its sign, however that is written
    sign: Sign | None = None
    negate: bool = False
    when: tuple[Condition, ...] = ()  # empty where these do not hold

    @model_validator(mode="after")
    def _one_origin(self) -> Expression:
        origins = (
            self.column,
            self.constant,
            self.option,
            self.template,
            self.first_of,
            self.subtract,
            self.plus_days,
            self.by_sign,
            self.identity,
        )
        if sum(origin is not None for origin in origins) != 1:
            raise ValueError(
                "needs exactly one of column, constant, option, template, first_of, subtract, plus_days, "
                "by_sign, identity"
            )
        return self


Operand = Annotated[Expression, BeforeValidator(_short)]


Reader = Callable[[bytes, str], Any]  # content, file name: mapping of record name to a frame of text


class Frame(Strict):
    """Where the records of a sheet or delimited file stand, when they do not begin under a header in its first row.

    `found`: under the first row that holds every name of the file's `header`. `none`: from the first row on, with the
    names of `columns` by place. A row whose first filled cell begins with a text of `footer` ends them. `stated` names
    facts above or below the records: each by the text that the first filled cell of its row begins with.
    """

    header: Literal["first", "found", "none"] = "first"
    columns: tuple[str, ...] = ()
    footer: tuple[str, ...] = ()
    stated: dict[str, str] = Field(default_factory=dict)


class FileMapping(Strict):
    """A file role: the names it may have, its format, and the columns that tell it from others.

    A profile that is registered in Python may give a function for `format`, the reader of a form that arlib does
    not know: it takes the file's bytes (gzip undone) and its name, and gives a frame of text by the name of each
    list of records ('' where there is one only). It raises SourceError for a file that it cannot read.
    """

    names: tuple[str, ...]
    format: Literal["table", "json", "saf-t", "bank", "remittance"] | Reader = "table"
    is_required: bool = False
    frame: Frame | None = None
    many: bool = False  # several files may have this role; else one
    noted_if_missing: tuple[str, ...] = ()  # columns read without, with a remark
    header: tuple[str, ...] = ()  # columns that must be there; `identify` goes by them
    records: dict[str, str] = Field(default_factory=dict)  # json: record name: path of the list, '' the top
    query: str = ""  # of a database: SELECT ... or table NAME where ...; see docs/databases.md

    @model_validator(mode="after")
    def _query_reads(self) -> FileMapping:
        if self.query:
            from arlib.sources.database.question import read_query

            try:
                read_query(self.query, where="query")
            except ParameterError as fault:
                raise ValueError(str(fault).replace("\n", ";")) from None
        return self


class Distinct(Strict):
    """One row per key, the first in file order; `collect` joins further spellings of a column into another
    by '|'."""

    by: tuple[str, ...]
    collect: dict[str, str] = Field(
        default_factory=dict
    )  # canonical column that gathers: canonical column gathered


class Part(Strict):
    """Rows of one file that become rows of one canonical table. `_name` columns are helpers for steps."""

    into: str
    part: str = ""
    source: str = Field(alias="from")  # file role, or role.record
    join: dict[str, dict[str, str]] = Field(
        default_factory=dict
    )  # other file: {key here: key there}; its columns are FILE.X
    unless: str = ""  # the part is left out when this file role was given
    only_new: bool = False  # rows whose key an earlier part gave already are passed over
    where: tuple[Condition, ...] = ()
    columns: dict[str, Operand]
    distinct: Distinct | None = None

    @model_validator(mode="after")
    def _known_columns(self) -> Part:
        if self.into not in CANONICAL:
            raise ValueError(f"no table {self.into!r}; did you mean {nearest(self.into, CANONICAL)!r}?")
        known = CANONICAL[self.into].by_name
        for name in self.columns:
            if not name.startswith("_") and name not in known:
                raise ValueError(
                    f"table {self.into} has no column {name!r}; did you mean {nearest(name, known)!r}?"
                )
        return self


class ColumnOf(Strict):
    """A column of one file role."""

    source: str = Field(alias="from")
    column: str


class Profile(Strict):
    """A whole profile. Settings here are defaults that a source's `options` may override where OPTIONS
    says so."""

    profile: str
    title: str
    note: str = ""
    entity: str = ""
    functional_currency: str = ""
    control_account: str = ""
    bank_account: str = ""  # our account that a bank's sheet is of, and its currency
    currency: str = ""
    snapshot_date: str = ""  # the day that a snapshot shows
    snapshot_latest: ColumnOf | None = None  # where it is the latest date of a column instead
    time_zone: str = ""  # of entry times that carry none; without it they are refused
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    number_style: Annotated[tuple[str, ...], BeforeValidator(_listed)] = (
        "1234.56",
    )  # samples, see arlib.money
    allow_short_fraction: bool = False
    float_noise: str = ""  # how far an amount may be from its minor unit; the row is noted
    minor_places: dict[str, int] = Field(default_factory=dict)
    accounts: dict[str, str] = Field(
        default_factory=dict
    )  # bank files: account as the bank writes it: entity, or entity/our name of the account
    date_formats: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ("%Y-%m-%d",)
    instant_formats: tuple[str, ...] = ()  # empty means ISO 8601
    none_dates: tuple[str, ...] = ()  # sentinels that mean "none", noted
    ignored_columns_are_noted: bool = False
    features: tuple[Literal["entry_times", "snapshot"], ...] = ()
    files: dict[str, FileMapping]
    tables: tuple[Part, ...]
    before: tuple[str, ...] = ()  # steps on the records before any part is read, see steps.BEFORE
    steps: tuple[str, ...] = ()


Condition.model_rebuild()
PlusDays.model_rebuild()
BySign.model_rebuild()
Expression.model_rebuild()
