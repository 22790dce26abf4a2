"""A case as a short YAML: which customer, seen as of when, and what was looked at. Floor 4.

The same facts open the desk where it was left, and make the sealed case file. Codes, dates and amounts are text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from arlib.run.notebook_params import Code, DayText, Line
from arlib.run.project import from_root
from arlib.run.validate import Strict, refused, validate_yaml
from arlib.run.yamltext import load_yaml, quoted, read_yaml

SCHEMA: Literal["arlib.case/1"] = "arlib.case/1"
QUESTION = "What does this customer owe us, and why?"
LONGEST = 10_000  # characters of a text; searches and names are cut by nobody, only refused
MOST_ITEMS = 2000

_AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_PLAIN_NAME = re.compile(r"\w[\w ()+,&'._/-]{0,199}")


def _text(text: str) -> str:
    if len(text) > LONGEST:
        raise refused(f"a text of {LONGEST:,} characters at most")
    return text


def _name(text: str) -> str:
    if not text.strip() or len(text) > 200:
        raise refused("a text of 1 to 200 characters")
    return text


def _amount(text: str) -> str:
    if text and not _AMOUNT.fullmatch(text):
        raise refused(
            'an amount with a decimal point and without separators, such as "1234.50", or "" for all'
        )
    return text


def _given_amount(text: str) -> str:
    if not text:
        raise refused('an amount such as "12.50"')
    return _amount(text)


def _file(text: str) -> str:
    if text and (not _PLAIN_NAME.fullmatch(text) or ".." in text.split("/")):
        raise refused('the path of a file from the project root, such as "statements/acme.csv", or ""')
    return text


Text = Annotated[str, AfterValidator(_text)]
Id = Annotated[str, AfterValidator(_name)]
Amount = Annotated[str, AfterValidator(_amount)]
GivenAmount = Annotated[str, AfterValidator(_given_amount)]
FileName = Annotated[str, AfterValidator(_file)]
Part = Literal["discount", "tax", "freight", "charge", "fx", "tolerance", "claim"]


class CaseFilters(Strict):
    """What the desk was filtered by; "" means any."""

    entity: Text = Field("", description="entity code")
    currency: Text = Field("", description="ISO 4217 code")
    bucket: Text = Field("", description="bucket of the aging")
    status: Text = Field("", description="status of the customer")
    collector: Text = Field("", description="who collects")
    dispute_reason: Text = Field("", description="reason of a dispute")


class ChosenItem(Strict):
    """An item that a person set a receipt against."""

    item_id: Id = Field(description="item, in quotes")
    applied: Amount = Field("", description='cash set against it, such as "100.00"; "" for all that is open')


class ChosenPart(Strict):
    """A part of the difference that a person named."""

    kind: Part = Field(description="what it is")
    amount: GivenAmount = Field(description='amount in the currency of the item, such as "12.50"')
    item_id: Id = Field(description="item that it belongs to")
    code: Text = Field("", description="code of a claim")


class WhatIfChoice(Strict):
    """Items and parts that a person chose by hand for the receipt."""

    items: tuple[ChosenItem, ...] = Field(
        (), max_length=MOST_ITEMS, description="items with what is set against them"
    )
    parts: tuple[ChosenPart, ...] = Field((), max_length=200, description="parts of the difference")
    rate: Amount = Field(
        "", description='exchange rate that a person gave, such as "1.0842"; "" for the book\'s own'
    )


class CaseFile(Strict):
    """One case. Codes, dates and amounts are text in quotes."""

    schema_: Literal["arlib.case/1"] = Field(
        SCHEMA, alias="schema", description="version of this file's form"
    )
    id: Code = Field(description='name of the case, such as "CASE-0017": its folder is outputs/cases/ID')
    title: Text = Field("Case file", description="one line that says what it is about")
    question: Text = Field(QUESTION, description="what was asked, by whom where that helps")
    close_file: Line = Field(
        description="close file with entities, sources and policies, from the project root"
    )
    run: Id | Literal[""] = Field(
        "",
        description='"" reads the extracts now; "sealed" or a run\'s name takes the book that this run sealed',
    )
    entity: Code = Field(description='entity code in quotes: "00417" keeps its zeros')
    period: Code | Literal[""] = Field("", description='period in quotes; "" for the one that holds as_of')
    customer_id: Id = Field(description="customer, in quotes")
    as_of: DayText = Field("", description='date of the balance, in quotes; "" for the end of the period')
    known_at: DayText = Field("", description='as known at the end of this day; "" for all that is known now')
    since: DayText = Field(
        "", description='the roll forward starts on this day; "" for the first of the period'
    )
    receipt_id: Text = Field("", description='receipt that was investigated; "" for none')
    items: tuple[Id, ...] = Field((), max_length=MOST_ITEMS, description="items that were investigated")
    filters: CaseFilters = Field(CaseFilters.model_validate({}), description="what the desk was filtered by")
    search: Text = Field("", description="what was searched for")
    what_if: WhatIfChoice = Field(
        WhatIfChoice.model_validate({}), description="items and parts chosen by hand"
    )
    statement: FileName = Field(
        "", description="file with the customer's own statement, from the project root"
    )
    statement_choices: dict[str, Text] = Field(
        {},
        max_length=20,
        description="how that file is to be read where it can be read in two ways, by question",
    )
    prepared_by: Text = Field("", description="who prepares it; the user who runs it otherwise")
    rows_shown: int = Field(40, ge=1, le=1000, description="rows of each table on the page")

    def as_yaml(self) -> str:
        """The case as YAML that reads back as the same case, whatever its texts hold."""
        return "".join(_lines(self.model_dump(mode="json", by_alias=True), ""))

    def with_changes(self, **changes: Any) -> CaseFile:
        """The same case with other values, checked again."""
        told = self.model_dump(mode="json", by_alias=True)
        return new_case({**told, **changes})


def new_case(values: Mapping[str, Any]) -> CaseFile:
    """A case from plain values (text, lists, mappings, or models of here); ParameterError with every fault.

    What is not named keeps its default; `schema` may be left out.
    """
    plain = {"schema": SCHEMA, **{key: _told(value) for key, value in values.items()}}
    return read_case("".join(_lines(plain, "")), name=f"case {values.get('id', '')}".strip())


def load_case(path: Path, *, root: Path) -> CaseFile:
    """The case at `path`. Raises SourceError for a file that cannot be read, ParameterError with every fault."""
    return validate_yaml(load_yaml(path, shown_as=from_root(root.resolve(), path)), CaseFile)


def read_case(text: str, *, name: str) -> CaseFile:
    """The case in a text that messages call `name`. Raises as `load_case` does."""
    return validate_yaml(read_yaml(text, file=name), CaseFile)


def case_schema() -> dict[str, Any]:
    """The JSON Schema of a case for editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **CaseFile.model_json_schema(by_alias=True),
    }


def _told(value: Any) -> Any:
    if isinstance(value, Strict):
        return value.model_dump(mode="json")
    return [_told(each) for each in value] if isinstance(value, (list, tuple)) else value


def _lines(data: dict[str, Any], indent: str) -> list[str]:
    made = []
    for key, value in data.items():
        name = key if key.isidentifier() else quoted(key)
        if isinstance(value, dict):
            made += (
                [f"{indent}{name}:\n", *_lines(value, f"{indent}  ")]
                if value
                else [f"{indent}{name}: {{}}\n"]
            )
        elif isinstance(value, list):
            made += _entries(name, value, indent)
        else:
            made.append(f"{indent}{name}: {quoted(value) if isinstance(value, str) else json.dumps(value)}\n")
    return made


def _entries(key: str, values: list[Any], indent: str) -> list[str]:
    if not values:
        return [f"{indent}{key}: []\n"]
    made = [f"{indent}{key}:\n"]
    for value in values:
        if isinstance(value, dict):
            inner = ", ".join(f"{name}: {quoted(str(each))}" for name, each in value.items())
            made.append(f"{indent}  - {{{inner}}}\n")
        else:
            made.append(f"{indent}  - {quoted(str(value))}\n")
    return made
