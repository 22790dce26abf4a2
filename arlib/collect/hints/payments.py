"""What payments left: invoices passed over or paid short, discounts that were not earned. Floor 1."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from arlib.collect.follow_up.short import short_payments
from arlib.collect.follow_up.skipped import skipped_invoices
from arlib.collect.hints.desk import Case
from arlib.collect.hints.frames import Confidence, HintKind
from arlib.collect.hints.why_short import Payments
from arlib.collect.leakage.facts import facts_of
from arlib.collect.leakage.settled import unearned_discounts
from arlib.credit.write_off.words import day, money
from arlib.tables.rows import Row, records, text, whole

SAID = {
    "taken_late": "taken after its last day", "more_than_agreed": "more than the terms give",
    "not_agreed": "taken though the terms give none",
}  # fmt: skip


def skipped(case: Case, misdated: Collection[str] = ()) -> Iterator[Row]:
    """Invoices that later payments passed over, by the rule of follow-up; not where the due date is in doubt (`misdated`)."""
    for row in records(
        case.own(skipped_invoices(case.book, position=case.position, policies=case.policies, bars=case.bars))
    ):
        if row["item_id"] in misdated:
            continue
        is_sure = int(row["receipts"]) > 1 and not row["is_disputed"]
        number = text(row["document_no"])
        yield case.row(
            HintKind.SKIPPED_INVOICE, customer=row["customer_id"], documents=[number], currency=row["currency"],
            amount=whole(row["amount"]), item=row["item_id"], receipt=row["receipt_id"],
            sentence=f"{number}, due {day(row['due_date'])}, is open with {money(whole(row['amount']), row['currency'])} while what "
            "was due later is paid",
            next_step=text(row["ask"]), confidence=Confidence.LIKELY if is_sure else Confidence.POSSIBLE,
            evidence=(row["item_id"], row["receipt_id"]),
        )  # fmt: skip


def short(case: Case, payments: Payments) -> Iterator[Row]:
    """Items paid short, by the rule of follow-up, with the likeliest reason."""
    for row in records(
        case.own(short_payments(case.book, position=case.position, policies=case.policies, bars=case.bars))
    ):
        why = payments.why(row)
        number = text(row["document_no"])
        rest = money(whole(row["left_open"]), row["currency"])
        part = (
            ""
            if row["instalment_no"] != row["instalment_no"] or not whole(row["instalment_no"])
            else f" part {row['instalment_no']}"
        )
        yield case.row(
            HintKind.SHORT_PAYMENT, customer=row["customer_id"], documents=[number], currency=row["currency"],
            amount=whole(row["left_open"]), item=row["item_id"], receipt=row["receipt_id"],
            sentence=f"{number}{part} was paid short, {rest} is open: {why.words}", next_step=text(row["what"]),
            confidence=why.confidence, evidence=(row["item_id"], row["receipt_id"], *why.evidence), codes=(why.code,),
        )  # fmt: skip


def unearned(case: Case) -> Iterator[Row]:
    """Cash discounts that were allowed without being earned, by the rule of leakage."""
    facts = facts_of(case.book, scope=case.scope, policies=case.policies)
    for row in records(case.own(unearned_discounts(facts).rows)):
        number = text(row["document_no"])
        lost = whole(row["lost"])
        if lost <= 0:
            continue
        yield case.row(
            HintKind.UNEARNED_DISCOUNT, customer=row["customer_id"], documents=[number], currency=row["currency"], amount=lost,
            item=row["item_id"], receipt=row["source_item_id"],
            sentence=f"{number} was settled with a discount of which {money(lost, row['currency'])} was not earned: "
            f"{SAID.get(text(row['cause']), text(row['cause']))}",
            next_step="ask for it, or have it allowed by whoever may, and say so in a note",
            confidence=Confidence.CERTAIN, evidence=(row["source_id"], row["item_id"]),
        )  # fmt: skip
