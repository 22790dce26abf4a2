"""The likely root cause of an item that is not paid, and the team where it went wrong. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pandas as pd

from arlib.collect.contact.disputes import route_of
from arlib.collect.contact.records import known_day
from arlib.collect.hints.desk import Case
from arlib.collect.hints.frames import ROOT_CAUSES, Confidence, HintKind
from arlib.collect.hints.hints import CONFIDENCES, Hints, hints
from arlib.collect.hints.why_short import CODES
from arlib.credit.write_off.words import day, in_words, money
from arlib.errors import ParameterError
from arlib.ledger.facts import of_entity
from arlib.ledger.replaced import carried_items
from arlib.matching.payment_words import deduction_kind
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import DeductionState
from arlib.tables.rows import Row, is_none, records, text, whole

SPEAKS = (HintKind.DUPLICATE_INVOICE.value, HintKind.UNEARNED_DISCOUNT.value, HintKind.WRONG_CUSTOMER.value)
DECIDED = (DeductionState.VALID.value, DeductionState.AUTHORISED.value, DeductionState.SETTLED.value)


def root_cause(
    book: Book, *, scope: Scope, policies: Policies, item_id: str, found: Hints | None = None, pairs: pd.DataFrame | None = None
) -> pd.DataFrame:  # fmt: skip
    """Causes that records speak for, the likeliest first: ROOT_CAUSES of one item, empty where nothing speaks.

    In falling order: the root cause of a settled dispute, the reason of an open one, a deduction, what an advice states, what
    would prevent payment, an exemption that the tax on it ignores, and what hints say of it (`found`, else worked out with
    `pairs`). What is said of a document that the item carries on is said of the item. Codes are those of disputes (root_cause,
    reason), teams as recorded, else by the policy's routes. An unknown item raises ParameterError.
    """
    case = Case(book=book, scope=scope, policies=policies, whole=None)
    if not case.item(item_id):
        raise ParameterError("item_id", found=item_id, wanted="an item of this book")
    ids = [item_id, *carried_items(book, entity=scope.entity).get(item_id, ())]
    said = hints(book, scope=scope, policies=policies, pairs=pairs) if found is None else found
    rows: list[Row] = []
    for made in (
        _disputes(case, ids), _deductions(case, ids), _advices(case, ids), _obstacles(case, ids), _exempt(case, ids),
        _hinted(said, ids, rows),
    ):  # fmt: skip
        rows += made
    once: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: CONFIDENCES[str(row["confidence"])]):
        once.setdefault(str(row["cause"]), row)
    return ROOT_CAUSES.from_rows(
        {**row, "entity": scope.entity, "item_id": item_id, "rank": rank}
        for rank, row in enumerate(once.values(), start=1)
    )


def _row(
    case: Case, cause: str, confidence: Confidence, sentence: str, evidence: Iterable[str], *, team: str = "",
    codes: Iterable[str] = (),
) -> Row:  # fmt: skip
    return {
        "cause": cause, "confidence": confidence.value, "sentence": sentence[:1].upper() + sentence[1:].rstrip(".") + ".",
        "team": team or route_of(case.policies.contact, cause, *codes), "evidence": " ".join(one for one in evidence if one),
    }  # fmt: skip


def _about(case: Case, name: str, ids: list[str]) -> list[Row]:
    rows = of_entity(case.book[name], case.scope.entity)
    return records(rows[rows["item_id"].isin(ids).to_numpy(dtype=bool)])


def _disputes(case: Case, ids: list[str]) -> Iterator[Row]:
    now = pd.Timestamp(known_day(case.scope))
    rows = [row for row in _about(case, "disputes", ids) if row["opened_on"] <= now]
    for row in sorted(rows, key=lambda row: (row["opened_on"], str(row["dispute_id"])), reverse=True):
        is_settled = not is_none(row["closed_on"]) and row["closed_on"] <= pd.Timestamp(case.scope.as_of)
        reason, cause = text(row["reason"]), text(row["root_cause"])
        ids_of, amount = (str(row["dispute_id"]),), money(whole(row["amount"]), row["currency"])
        if is_settled and cause:
            yield _row(
                case, cause, Confidence.CERTAIN, f"dispute {row['dispute_id']} over {amount} was settled on {day(row['closed_on'])}: "
                f"{in_words(cause).lower()}", ids_of, team=text(row["team"]), codes=(reason,),
            )  # fmt: skip
        elif reason:
            state = (
                "was settled without a root cause" if is_settled else f"is open since {day(row['opened_on'])}"
            )
            yield _row(
                case, reason, Confidence.POSSIBLE if is_settled else Confidence.LIKELY,
                f"dispute {row['dispute_id']} over {amount} {state}: {in_words(reason).lower()}", ids_of,
            )  # fmt: skip


def _deductions(case: Case, ids: list[str]) -> Iterator[Row]:
    now = pd.Timestamp(known_day(case.scope))
    for row in _about(case, "deductions", ids):
        if row["taken_on"] <= now and row["state"] != DeductionState.INVALID.value:
            yield _row(
                case, str(row["reason"]), Confidence.CERTAIN if row["state"] in DECIDED else Confidence.LIKELY,
                f"deduction {row['deduction_id']} of {money(whole(row['amount']), row['currency'])} for "
                f"{in_words(row['reason']).lower()} is {row['state']}", (str(row["deduction_id"]), text(row["receipt_id"])),
            )  # fmt: skip


def _advices(case: Case, ids: list[str]) -> Iterator[Row]:
    numbers = {case.number(one) for one in ids}
    rows = of_entity(case.book["remittances"], case.scope.entity)
    rows = rows[rows["reference"].isin(sorted(numbers)) & rows["reason"].fillna("").ne("")]
    for row in records(rows):
        kind = deduction_kind(text(row["reason"]))
        if kind and (code := CODES.get(kind, kind)):
            yield _row(
                case, code, Confidence.LIKELY, f"their advice says {text(row['reason'])[:80]!r} of {row['reference']}",
                (str(row["remittance_id"]), text(row["receipt_id"])),
            )  # fmt: skip


def _obstacles(case: Case, ids: list[str]) -> Iterator[Row]:
    rows = case.obstacles
    item = case.item(ids[0])
    mine = rows["item_id"].isin(ids) | (
        rows["item_id"].fillna("").eq("")
        & rows["customer_id"].eq(text(item["customer_now"]))
        & rows["currency"].eq(item["currency"])
    )
    for row in records(rows[mine.to_numpy(dtype=bool) & rows["kind"].ne("dispute").to_numpy(dtype=bool)]):
        is_own = bool(text(row["item_id"]))
        yield _row(
            case, str(row["kind"]), Confidence.LIKELY if is_own else Confidence.POSSIBLE, text(row["what"]),
            (text(row["source_id"]),), team=text(row["routed_to"]),
        )  # fmt: skip


def _exempt(case: Case, ids: list[str]) -> Iterator[Row]:
    item = case.item(ids[-1])
    dated = item["document_date"] if not is_none(item["document_date"]) else item["effective_date"]
    rows = case.book["exemptions"]
    mine = (
        rows["customer_id"].eq(item["customer_id"])
        & rows["valid_from"].le(dated)
        & ~rows["valid_to"].lt(dated)
    )
    mine &= rows["entity"].fillna("").isin(["", case.scope.entity])
    if whole(item.get("tax_amount")) > 0:
        for row in records(rows[mine.to_numpy(dtype=bool)])[:1]:
            yield _row(
                case, "tax_exempt", Confidence.LIKELY, f"{case.number(ids[-1])} of {day(dated)} carries tax of "
                f"{money(whole(item['tax_amount']), item['currency'])}, though certificate {row['certificate_no']} held that day",
                (str(row["certificate_no"]), ids[-1]),
            )  # fmt: skip


def _hinted(said: Hints, ids: list[str], others: list[Row]) -> Iterator[Row]:
    """What hints about the item say, where no record has said it."""
    rows = said.rows[said.rows["item_id"].isin(ids).to_numpy(dtype=bool)]
    known = {str(row["cause"]) for row in others}
    for row in records(rows):
        kind = str(row["kind"])
        if kind in SPEAKS and kind not in known:
            yield {name: row[name] for name in ("confidence", "sentence", "team", "evidence")} | {
                "cause": kind
            }
