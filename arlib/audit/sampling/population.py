"""The population a sample is drawn from: its canonical form, total, hash and parts. Floor 1.

Sealed before the draw: the hash goes to the requester, who then gives the seed. The canonical form is UTF-8 text with LF:

    arlib.population/1<TAB>CURRENCY
    ITEM_ID<TAB>BOOK_VALUE<TAB>STRATUM        one line an item, in the order of selection, plain decimals with all places

Nothing is dropped: zero and negative items are parts of their own, beside the positive ones.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from arlib.audit.sampling.frames_select import POPULATION, Part
from arlib.controls import Identity
from arlib.errors import ParameterError, Problem, TableError
from arlib.money import format_minor, format_minor_column, minor_places, total

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "arlib.population/1"


class Order(StrEnum):
    """The order that items are counted through in."""

    FILE = "file"  # as given
    ID = "id"  # by identifier, code point by code point: the same for any order of rows
    VALUE = "value"  # by book value, largest first, then by identifier


@dataclass(frozen=True, kw_only=True)
class Population:
    """Items in the order of selection, with the seal over them. `items` is the table sampling_population."""

    currency: str
    order: Order
    items: pd.DataFrame
    sha256: str

    @property
    def total(self) -> int:
        """Book value of all items, credits taken off, in minor units."""
        return total(self.items["book_value"])

    def part_total(self, part: Part) -> tuple[int, int]:
        """Items and book value of the positive, zero or negative items."""
        mine = self.items.loc[self.items["part"].eq(part.value), "book_value"]
        return len(mine), total(mine)

    def identities(self) -> tuple[Identity, ...]:
        """Parts add up to the whole, in rows and in money."""
        parts = [self.part_total(part) for part in (Part.POSITIVE, Part.ZERO, Part.CREDIT)]
        return (
            Identity(name="population_rows", left_label="items", left=len(self.items),
                     right_label="positive, zero and credit items", right=sum(count for count, _ in parts)),
            Identity(name="population_value", left_label="book value", left=self.total, currency=self.currency,
                     right_label="positive, zero and credit items", right=sum(value for _, value in parts)),
        )  # fmt: skip

    def require_sealed(self, sha256: str) -> None:
        """Raise ParameterError where the hash is not the one that was sealed."""
        if sha256 != self.sha256:
            raise ParameterError(
                "the population is not the one that was sealed",
                found=self.sha256,
                wanted=sha256,
                fix="Give the file of the draw, with the same columns, currency and order.",
            )


def population(
    items: pd.DataFrame, *, currency: str, order: Order = Order.FILE, file: str = "population"
) -> Population:
    """The population of `item_id`, `book_value` (minor units) and, where given, `stratum`, in the order named.

    Faults of all rows are raised at once as TableError: no or a repeated identifier, control characters in it or in the
    stratum, no book value. `file` names the source in them, whose header is row 1. An empty population raises too.
    """
    import pandas as pd

    minor_places(currency)
    if not len(items):
        raise TableError("the population has no items", where=file)
    raw = pd.DataFrame(
        {
            "item_id": items["item_id"].astype("str").to_numpy(),
            "stratum": items["stratum"].fillna("").astype("str").to_numpy() if "stratum" in items else "",
        }
    )
    raw["book_value"] = items["book_value"].reset_index(drop=True).astype("Int64")
    problems = _problems(raw, file)
    if problems:
        raise TableError("the population cannot be used", problems, where=file)
    if order is Order.ID:
        raw = raw.iloc[sorted(range(len(raw)), key=raw["item_id"].tolist().__getitem__)]
    elif order is Order.VALUE:
        sums, ids = raw["book_value"].tolist(), raw["item_id"].tolist()
        raw = raw.iloc[sorted(range(len(raw)), key=lambda i: (-sums[i], ids[i]))]
    raw = raw.reset_index(drop=True)
    raw["position"], raw["currency"] = range(1, len(raw) + 1), currency
    values = raw["book_value"]
    raw["part"] = Part.POSITIVE.value
    raw.loc[values.eq(0), "part"] = Part.ZERO.value
    raw.loc[values.lt(0), "part"] = Part.CREDIT.value
    made = Population(
        currency=currency, order=order, items=POPULATION.typed(raw), sha256=_sealed(raw, currency)
    )
    for identity in made.identities():
        identity.require()
    return made


def sealed_text(items: pd.DataFrame, currency: str) -> str:
    """The canonical form that the hash is taken of; see the module."""
    amounts = format_minor_column(items["book_value"], currency).tolist()
    lines = [f"{SCHEMA}\t{currency}"]
    rows = zip(items["item_id"].tolist(), amounts, items["stratum"].tolist(), strict=True)
    lines += [f"{item}\t{amount}\t{stratum}" for item, amount, stratum in rows]
    return "\n".join(lines) + "\n"


def _sealed(items: pd.DataFrame, currency: str) -> str:
    return hashlib.sha256(sealed_text(items, currency).encode()).hexdigest()


def _problems(raw: pd.DataFrame, file: str) -> list[Problem]:
    found: list[Problem] = []

    def add(bad: pd.Series, column: str, code: str, wanted: str) -> None:
        texts = raw.loc[bad, "item_id" if column == "book_value" else column]
        for row, text in zip(texts.index.tolist(), texts.tolist(), strict=True):
            found.append(
                Problem(
                    file=file,
                    table="population",
                    row=row + 2,
                    column=column,
                    code=code,
                    found=text,
                    wanted=wanted,
                )
            )

    ids = raw["item_id"]
    add(ids.eq("") | ids.str.strip().eq(""), "item_id", "missing_identifier", "an identifier")
    add(ids.duplicated(keep=False) & ids.ne(""), "item_id", "repeated_identifier", "one row an item")
    for name in ("item_id", "stratum"):
        add(
            raw[name].str.contains(r"[\x00-\x1f\x7f]", regex=True),
            name,
            "control_character",
            "printable text",
        )
    add(raw["book_value"].isna(), "book_value", "missing_amount", "a plain decimal")
    return sorted(found, key=lambda problem: (problem.row, problem.column, problem.code))


def described(made: Population) -> dict[str, object]:
    """What is sealed, as it stands in population.json: schema, hash, order, and items and totals by part and stratum."""
    from arlib.money import totals_by

    def figures(count: int, value: int) -> dict[str, object]:
        return {"items": count, "book_value": format_minor(value, made.currency)}

    counts = made.items.groupby(["stratum", "part"], sort=True).size().rename("items").reset_index()
    money = totals_by(made.items, ["stratum", "part"], "book_value")
    strata = counts.merge(money, on=["stratum", "part"], validate="one_to_one")
    return {
        "schema": SCHEMA,
        "sha256": made.sha256,
        "currency": made.currency,
        "order": made.order.value,
        "total": figures(len(made.items), made.total),
        "parts": {
            part.value: figures(*made.part_total(part)) for part in (Part.POSITIVE, Part.ZERO, Part.CREDIT)
        },
        "strata": [
            {"stratum": stratum, "part": part, **figures(count, value)}
            for stratum, part, count, value in zip(
                strata["stratum"],
                strata["part"],
                strata["items"].tolist(),
                strata["book_value"].tolist(),
                strict=True,
            )
        ],
    }
