"""The kinds of audit request, in the order in which people look for them. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from arlib.audit.options.cut_off import (
    ApprovalsOptions,
    CreditNotesAfterOptions,
    CutOffOptions,
    JournalEntriesOptions,
    NumberingOptions,
)
from arlib.audit.options.evidence import (
    ConfirmationsOptions,
    EvaluationOptions,
    SampleOptions,
    SubsequentReceiptsOptions,
)
from arlib.audit.options.ledger import (
    ConcentrationOptions,
    CreditBalancesOptions,
    ListingOptions,
    LookBackOptions,
    RelatedPartiesOptions,
    RollForwardOptions,
)
from arlib.audit.options.patterns import (
    DigitsOptions,
    DuplicatesOptions,
    LappingOptions,
    LargeAndUnusualOptions,
)


@dataclass(frozen=True)
class Kind:
    """One kind: what it answers, in words, and the dataclass of its options."""

    answers: str
    options: type[Any]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "listing": Kind(
            "the AR listing tied to control account and trial balance at the same date", ListingOptions
        ),
        "roll_forward": Kind("the balance carried from an interim date to the year end", RollForwardOptions),
        "credit_balances": Kind("credit balances to reclassify", CreditBalancesOptions),
        "concentration": Kind("how much of the balance few customers owe", ConcentrationOptions),
        "related_parties": Kind(
            "balances and transactions with related parties and own companies", RelatedPartiesOptions
        ),
        "look_back": Kind("whether earlier allowances were enough", LookBackOptions),
        "sample": Kind("a sample drawn from a sealed population", SampleOptions),
        "evaluation": Kind("what the audited values of a sample say about the population", EvaluationOptions),
        "confirmations": Kind(
            "confirmation letters, their control sheet and alternative procedures", ConfirmationsOptions
        ),
        "subsequent_receipts": Kind(
            "cash after the date, traced to the invoices that it paid", SubsequentReceiptsOptions
        ),
        "cut_off": Kind("invoices, credit notes and cash in the right period", CutOffOptions),
        "credit_notes_after": Kind(
            "credit notes after the date for sales before it", CreditNotesAfterOptions
        ),
        "journal_entries": Kind("journal entries on the control account", JournalEntriesOptions),
        "numbering": Kind("completeness of numbering: gaps and reuse", NumberingOptions),
        "approvals": Kind("approvals of write-offs and adjustments", ApprovalsOptions),
        "lapping": Kind("receipts applied to other items than their remittance names", LappingOptions),
        "duplicates": Kind("documents and receipts booked twice", DuplicatesOptions),
        "large_and_unusual": Kind("large and unusual items", LargeAndUnusualOptions),
        "digits": Kind("first and second digits against Benford", DigitsOptions),
    }
)
