"""The parameters of the notebooks under notebooks/explore: flat, of plain types, refused when unknown or retyped. Floor 4."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from arlib.policy import Basis
from arlib.run.cases.params import CaseFileParams
from arlib.run.notebook_params import Code, Common, DayText
from arlib.run.validate import refused

TEXT_LIMIT = 200


def _short(text: str) -> str:
    if len(text) > TEXT_LIMIT or not text.isprintable():
        raise refused(f'one line of text of up to {TEXT_LIMIT} signs, or ""')
    return text


ShortText = Annotated[str, AfterValidator(_short), Field(json_schema_extra={"maxLength": TEXT_LIMIT})]


class DisputeInvestigationParams(Common):
    """Dispute investigation: why is a customer's balance what it is, and what was decided."""

    run: Literal["", "sealed"] | Code = Field(
        "",
        description='book to look at: "" the extracts as they are now, "sealed" the run that stands, or a run id',
    )
    customer: ShortText = Field("", description='customer code to open with; "" for the search alone')
    as_of: DayText = Field("", description='date to look at first, ISO; "" for the end of the period')
    known_at: DayText = Field(
        "", description='as known at the end of this day, ISO date; "" for all that is known now'
    )
    search: ShortText = Field("", description="text to search for first")


class AgingExplorerParams(Common):
    """Aging explorer: the aging at any date, by any dimension, in any buckets."""

    basis: Annotated[Basis, Field(strict=False)] = Field(
        Basis.POSTING,
        description="which date counts: posting (the ledger's) or effective (the customer's view)",
    )
    known_at: DayText = Field(
        "", description='as known at the end of this day, ISO date; "" for all that is known now'
    )
    as_of: DayText = Field("", description='date of the aging, ISO; "" for the end of the period')
    edges: str = Field(
        "",
        description='last days of the closed buckets by comma, such as "30, 60, 90, 120"; "" as the policy has them',
    )
    by: Literal["customer_id", "collector", "region", "sales_rep", "parent_id", "currency"] = Field(
        "customer_id", description="what each row is"
    )


class BadDebtWhatIfParams(Common):
    """Bad-debt what-if: other overlays and loss rates beside the policy's allowance; nothing is booked."""

    as_of: DayText = Field("", description='date of the allowance, ISO; "" for the end of the period')
    overlay: str = Field(
        "",
        description='factor on every loss rate, decimal text, instead of the overlays of the policy; "" as the policy has them',
    )
    rates: str = Field(
        "",
        description='loss rates by bucket instead of history, such as "1-30 0.02, 31-60 0.05"; "" as measured',
    )


EXPLORE_NOTEBOOKS: Mapping[str, type[Common]] = MappingProxyType(
    {
        "dispute_investigation": DisputeInvestigationParams,
        "case_file": CaseFileParams,
        "aging_explorer": AgingExplorerParams,
        "bad_debt_what_if": BadDebtWhatIfParams,
    }
)
