"""Letters outside the levels: returned payments, estates, claims, advices asked for, broken promises, certificates. Floor 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pandas as pd

from arlib.collect.dunning.drafts import Draft, Known
from arlib.collect.dunning.exclusions import Finding, all_findings, hard_exclusions
from arlib.collect.dunning.frames import (
    SPECIAL_LEFT_OUT,
    SPECIAL_LETTERS,
    SPECIAL_LINES,
    Spared,
    SpecialKind,
)
from arlib.collect.dunning.promised import broken
from arlib.collect.dunning.returned import nsf
from arlib.collect.follow_up.claims import open_before
from arlib.collect.follow_up.remittances import remittances_to_chase
from arlib.collect.position import Position
from arlib.money import total
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.choices import ClaimKind, ClaimState
from arlib.tables.rows import Row, frame_of, is_none, records, text

MAY = {
    SpecialKind.ESTATE: {Spared.ESTATE},
    SpecialKind.BANKRUPTCY: {Spared.BANKRUPT, Spared.CLAIM},
}  # hard reasons that a kind of letter is made for


@dataclass(frozen=True, kw_only=True, eq=False)
class Special:
    """Special letters, the documents in them, and those that are not written."""

    letters: pd.DataFrame
    lines: pd.DataFrame
    left_out: pd.DataFrame


def special_letters(
    book: Book, *, position: Position, policies: Policies, kinds: Iterable[SpecialKind] = tuple(SpecialKind)
) -> Special:
    """Letters of the kinds asked for, at the as-of date.

    nsf                 payments returned in the last `returned_days` (RECEIPTS), with the documents they had settled (`nsf`)
    estate              everything that a customer who died owes: a claim to the court on record, else a letter to the estate
    bankruptcy          claims not yet filed (CLAIMS), to court or administrator: what was open on the day before the petition
    remittance_request  money without an advice (`remittances_to_chase`) of the last `no_advice_days`, one a customer and currency
    broken_promise      promises that were broken in whole or in part, as far as dunning spares them not (`broken`)
    exemption_request   certificates that ended, or end within `exemption_warning_days` (EXEMPTIONS)

    A customer with a hard exclusion gets none, but the kind that is made for it; items that are excluded themselves
    are in none. What is not written is in `left_out` with the reason.
    """
    known = Known(
        book=book, position=position, policies=policies, hard=hard_exclusions(book, position=position),
        findings=all_findings(book, position=position),
    )  # fmt: skip
    customers = position.customers.drop_duplicates("customer_id").set_index("customer_id")
    letters, lines, left_out = [], [], []
    for kind in sorted(set(kinds), key=list(SpecialKind).index):
        for draft in MAKERS[kind](known):
            name = text(draft.row["customer_id"])
            row = draft.row | {"kind": kind.value, "entity": position.scope.entity}
            own: Mapping[Any, Any] = dict(customers.loc[name]) if name in customers.index else {}
            row |= {"name": text(own.get("name")), "language": text(own.get("language"))}
            because = _refused(kind, name, known.findings) or draft.because
            if because:
                left_out.append(row | {"because": because})
                continue
            letters.append(row)
            lines += _lines(row, draft.items, known, kind)
    return Special(
        letters=frame_of(SPECIAL_LETTERS, letters), lines=frame_of(SPECIAL_LINES, lines),
        left_out=frame_of(SPECIAL_LEFT_OUT, left_out),
    )  # fmt: skip


def _refused(kind: SpecialKind, customer: str, findings: Mapping[str, list[Finding]]) -> str:
    if not customer:
        return "The customer is not known."
    may = MAY.get(kind, set())
    return next((each.because for each in findings.get(customer, ()) if each.reason not in may), "")


def _lines(row: Row, items: pd.DataFrame | None, known: Known, kind: SpecialKind) -> list[Row]:
    if items is None:
        return []
    kept = _own(items, known, kind).sort_values(["due_date", "document_no"], kind="stable")
    late = (known.today - kept["due_date"]).dt.days
    return [
        {
            "entity": row["entity"], "letter_id": row["letter_id"], "line_no": at, "item_id": each["item_id"],
            "document_no": text(each["document_no"]) or text(each["item_id"]), "document_date": each["document_date"],
            "due_date": each["due_date"], "days_past_due": None if is_none(days) else int(days),
            "currency": each["currency"], "amount": int(each["outstanding"]),
        }
        for at, (each, days) in enumerate(zip(records(kept), late, strict=True), start=1)
    ]  # fmt: skip


def _own(items: pd.DataFrame, known: Known, kind: SpecialKind) -> pd.DataFrame:
    """Without the items that are excluded for a reason that the letter is not made for."""
    may = {each.value for each in MAY.get(kind, set())}
    barred = known.hard.loc[~known.hard["reason"].isin(may), "item_id"]
    return items[~items["item_id"].isin(barred)]


def _estate(known: Known) -> Iterator[Draft]:
    claims = {
        text(row["customer_id"]): row
        for row in known.rows("claims")
        if row["kind"] == ClaimKind.ESTATE and row["state"] not in (ClaimState.CLOSED, ClaimState.PAID)
    }
    items = known.position.items
    for name, found in sorted(known.findings.items()):
        if not any(each.reason is Spared.ESTATE for each in found):
            continue
        claim = claims.get(name, {})
        own = _own(items[items["customer_id"].eq(name)], known, SpecialKind.ESTATE)
        for currency, mine in own.groupby("currency"):
            owed = total(mine["outstanding"])
            yield Draft(
                row={
                    "letter_id": f"ESTATE-{name}-{currency}", "customer_id": name, "currency": currency, "amount": owed,
                    "case_no": text(claim.get("case_no")), "addressee": text(claim.get("court")),
                    "happened_on": claim.get("opened_on"), "answer_by": _answer_of_estate(claim, known),
                    "cites": text(claim.get("claim_id")),
                },
                items=mine, because="" if owed > 0 else "Nothing is owed.",
            )  # fmt: skip


def _answer_of_estate(claim: Row, known: Known) -> Any:
    """Of a claim to a court its last day to file; of a question to the estate a day that leaves time for it."""
    last = _given(claim.get("file_by"))
    if text(claim.get("court")):
        return last
    return known.answer_by if last is None else min(known.answer_by, last.date())


def _bankruptcy(known: Known) -> Iterator[Draft]:
    for row in known.rows("claims"):
        if (
            row["kind"] != ClaimKind.BANKRUPTCY
            or row["state"] != ClaimState.NOT_FILED
            or not is_none(row["filed_on"])
        ):
            continue
        name = text(row["customer_id"])
        own = _own(
            open_before(known.book, name, row["opened_on"], scope=known.position.scope),
            known,
            SpecialKind.BANKRUPTCY,
        )
        is_late = not is_none(row["file_by"]) and row["file_by"] < known.today
        found = {str(code): mine for code, mine in own.groupby("currency")} or {text(row["currency"]): own}
        for currency, mine in found.items():
            owed = total(mine["outstanding"])
            because = "" if owed > 0 else "Nothing was owed on the day before the petition."
            if is_late:
                because = f"The last day to file was {row['file_by']:%Y-%m-%d}: counsel decides."
            yield Draft(
                row={
                    "letter_id": f"CLAIM-{row['claim_id']}-{currency}", "customer_id": name, "currency": currency,
                    "amount": owed, "case_no": text(row["case_no"]), "addressee": text(row["court"]),
                    "happened_on": row["opened_on"], "answer_by": _given(row["file_by"]), "cites": str(row["claim_id"]),
                },
                items=mine, because=because,
            )  # fmt: skip


def _remittance(known: Known) -> Iterator[Draft]:
    """A letter for the money of each customer and currency; what nobody is known for stands by itself."""
    chased = remittances_to_chase(known.book, position=known.position, policies=known.policies)
    since = known.today - timedelta(days=known.policies.dunning.no_advice_days)
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in records(chased[chased["received_on"] > since].sort_values(["received_on", "item_id"])):
        name = text(row["customer_id"])
        groups.setdefault((name, str(row["currency"]), "" if name else str(row["item_id"])), []).append(row)
    for (name, code, _), rows in sorted(groups.items()):
        first, numbers = rows[0], [text(row["receipt_id"]) or text(row["item_id"]) for row in rows]
        yield Draft(
            row={
                "letter_id": f"ADVICE-{first['item_id']}", "customer_id": name, "currency": code,
                "amount": sum(int(row["amount"]) for row in rows), "case_no": ", ".join(numbers),
                "happened_on": rows[-1]["received_on"], "answer_by": known.answer_by,
                "cites": ", ".join(text(row["receipt_id"]) for row in rows if text(row["receipt_id"])),
            },
            items=_receipts(rows, numbers, known) if len(rows) > 1 else None,
        )  # fmt: skip


def _receipts(rows: list[Row], numbers: list[str], known: Known) -> pd.DataFrame:
    """Receipts as the documents of a letter: number, day and amount."""
    items = known.position.items.drop_duplicates("item_id").set_index("item_id", drop=False)
    mine = items.loc[[row["item_id"] for row in rows]]
    return mine.assign(
        document_no=numbers, document_date=[row["received_on"] for row in rows], due_date=pd.Series(pd.NaT, index=mine.index),
        outstanding=[int(row["amount"]) for row in rows],
    )  # fmt: skip


def _exemption(known: Known) -> Iterator[Draft]:
    until = known.today + timedelta(days=known.policies.dunning.exemption_warning_days)
    newest: dict[tuple[str, str], Row] = {}
    for row in sorted(known.rows("exemptions"), key=lambda each: (_last(each), str(each["certificate_no"]))):
        newest[text(row["customer_id"]), text(row["jurisdiction"])] = row
    for (name, place), row in sorted(newest.items()):
        if not is_none(row["valid_to"]) and row["valid_to"] <= until:
            yield Draft(
                row={
                    "letter_id": f"EXEMPTION-{name}-{row['certificate_no']}", "customer_id": name,
                    "case_no": text(row["certificate_no"]), "happened_on": row["valid_to"], "detail": place,
                    "answer_by": known.answer_by, "cites": text(row["certificate_no"]),
                }
            )  # fmt: skip


def _last(row: Row) -> pd.Timestamp:
    return pd.Timestamp.max.floor("s") if is_none(row["valid_to"]) else row["valid_to"]


def _given(value: Any) -> Any:
    return None if is_none(value) else value


MAKERS: Mapping[SpecialKind, Callable[[Known], Iterator[Draft]]] = {
    SpecialKind.NSF: nsf,
    SpecialKind.ESTATE: _estate,
    SpecialKind.BANKRUPTCY: _bankruptcy,
    SpecialKind.REMITTANCE_REQUEST: _remittance,
    SpecialKind.BROKEN_PROMISE: broken,
    SpecialKind.EXEMPTION_REQUEST: _exemption,
}
