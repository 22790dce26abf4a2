"""The parameters of the notebook of a case: those of its YAML, flat and of plain types. Floor 4."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import Field

from arlib.errors import ParameterError
from arlib.run.cases.model import QUESTION, CaseFile, FileName, Id, Text, new_case
from arlib.run.notebook_params import Code, Common, DayText, Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

WRITTEN = ("items", "filters", "what_if", "statement_choices")  # as JSON: they are no plain values


class CaseFileParams(Shown, Common):
    """Case file: what one customer owes, why, and what was decided, as evidence that can be performed again."""

    case_id: Code = Field(description="name of the case")
    title: Text = Field("Case file", description="one line that says what it is about")
    question: Text = Field(QUESTION, description="what was asked")
    run: Id | str = Field("", description='"" for the extracts; "sealed" or a run whose book it is')
    customer_id: Id = Field(description="customer, text")
    as_of: DayText = Field("", description='date of the balance, ISO; "" for the end of the period')
    known_at: DayText = Field("", description='as known at the end of this day; "" for all that is known now')
    since: DayText = Field("", description='first day of the roll forward; "" for the first of the period')
    receipt_id: Text = Field("", description='receipt that was investigated; "" for none')
    items: str = Field("[]", description="items that were investigated, a list as JSON")
    filters: str = Field("{}", description="what the desk was filtered by, as JSON")
    search: Text = Field("", description="what was searched for")
    what_if: str = Field("{}", description="items and parts chosen by hand, as JSON")
    statement: FileName = Field(
        "", description="file with the customer's own statement, from the project root"
    )
    statement_choices: str = Field("{}", description="how that file is to be read, as JSON")
    prepared_by: Text = Field("", description="who prepared it")


def flat_of(case: CaseFile) -> dict[str, str | int | bool]:
    """A case as the notebook's parameters beside the close's own."""
    told = case.model_dump(mode="json", by_alias=True)
    own = {
        key: told[key]
        for key in CaseFileParams.model_fields
        if key in told and key not in Common.model_fields
    }
    return {"case_id": case.id, **own, **{name: _json(told[name]) for name in WRITTEN}}


def case_of(parameters: CaseFileParams) -> CaseFile:
    """The case that flat parameters stand for, checked as its YAML is; ParameterError with every fault."""
    told = parameters.model_dump(mode="json")
    values = {key: value for key, value in told.items() if key in CaseFile.model_fields}
    return new_case(
        {**values, "id": parameters.case_id, **{name: _read(name, told[name]) for name in WRITTEN}}
    )


def _json(value: object) -> str:
    """One line of JSON without what is empty, so that a parameter says what was chosen and no more."""
    kept = {key: each for key, each in value.items() if each} if isinstance(value, dict) else value
    return json.dumps(kept, ensure_ascii=True, sort_keys=True)


def _read(name: str, text: str) -> list[object] | Mapping[str, object]:
    wanted = list if name == "items" else dict
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, wanted):
        raise ParameterError(
            name, where="notebook case_file", found=text[:60], wanted=f"JSON such as {wanted()!r}"
        )
    return value
