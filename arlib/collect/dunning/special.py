"""Letters outside the levels: returned payments, estates, claims, advices asked for, broken promises, certificates. Floor 1."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from arlib.collect.contact.promises import judged_promises
from arlib.collect.dunning.exclusions import Finding, all_findings, hard_exclusions
from arlib.collect.dunning.frames import (
    SPECIAL_LEFT_OUT,
    SPECIAL_LETTERS,
    SPECIAL_LINES,
    Spared,
    SpecialKind,
)
from arlib.collect.follow_up.remittances import remittances_to_chase
from arlib.collect.position import Position
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.money import total
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.choices import ClaimKind, ClaimState
from arlib.tables.rows import Row, frame_of, is_none, records, text

MAY = {
    SpecialKind.ESTATE: {Spared.ESTATE},
    SpecialKind.BANKRUPTCY: {Spared.BANKRUPT, Spared.CLAIM},
}  # hard reasons that a kind of letter is made for
BROKEN = ("broken", "partly")


@dataclass(frozen=True, kw_only=True, eq=False)
class Special:
    """Special letters, the documents in them, and those that are not written."""

    letters: pd.DataFrame
    lines: pd.DataFrame
    left_out: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A letter before it is judged: its row without the customer's fields, and its items."""

    row: Row
    items: pd.DataFrame | None = None
    because: str = ""  # why it is not written


@dataclass(frozen=True, kw_only=True, eq=False)
class Known:
    """What every kind needs."""

    book: Book
    position: Position
    policies: Policies
    hard: pd.DataFrame
    findings: Mapping[str, list[Finding]]

    @property
    def today(self) -> pd.Timestamp:
        """The as-of date."""
        return pd.Timestamp(self.position.scope.as_of)

    def rows(self, table: str) -> list[Row]:
        """Records of the entity, customers by their code after merges."""
        scope = self.position.scope
        rows = self.book[table]
        rows = rows[rows["entity"].eq(scope.entity) | rows["entity"].isna() | rows["entity"].eq("")]
        if not len(rows):
            return []
        codes = merged_codes(rows["customer_id"], self.book, entity=scope.entity, on=scope.as_of)
        return records(rows.assign(customer_id=codes))


def special_letters(
    book: Book, *, position: Position, policies: Policies, kinds: Iterable[SpecialKind] = tuple(SpecialKind)
) -> Special:
    """Letters of the kinds asked for, at the as-of date.

    nsf                 payments returned in the last `returned_days` (RECEIPTS), with the documents they had settled
    estate              everything that a customer who died owes, to the estate
    bankruptcy          claims not yet filed (CLAIMS), to court or administrator: what was owed before the petition
    remittance_request  money without an advice (`remittances_to_chase`) of the last `no_advice_days`
    broken_promise      promises that were broken in whole or in part and are still owed (`judged_promises`)
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
            because = draft.because or _refused(kind, name, known.findings)
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
    barred = known.hard.index[~known.hard["reason"].isin(may)]
    return items[~items.index.isin(barred)]


def _nsf(known: Known) -> Iterator[Draft]:
    receipts = of_entity(known.book["receipts"], known.position.scope.entity)
    first = receipts.set_index("receipt_id")
    since = known.today - timedelta(days=known.policies.dunning.returned_days)
    back = receipts[receipts["return_of"].fillna("").ne("") & (receipts["effective_date"] > since)
                    & (receipts["effective_date"] <= known.today)]  # fmt: skip
    codes = merged_codes(
        back["customer_id"], known.book, entity=known.position.scope.entity, on=known.position.scope.as_of
    )
    for row in records(back.assign(customer_id=codes)):
        paid = first.loc[row["return_of"]] if row["return_of"] in first.index else None
        customer = text(row["customer_id"]) or ("" if paid is None else text(paid["customer_id"]))
        cites = [str(row["receipt_id"]), str(row["return_of"])]
        yield Draft(
            row={
                "letter_id": f"NSF-{row['receipt_id']}", "customer_id": customer, "currency": row["currency"],
                "amount": abs(int(row["amount"])), "case_no": text(row["return_of"]), "happened_on": row["effective_date"],
                "answer_by": _in(known, known.policies.dunning.pay_days), "detail": text(row["return_code"]),
                "cites": ", ".join(cites),
            },
            items=_settled_by(known, "" if paid is None else text(paid["item_id"]), customer),
        )  # fmt: skip


def _settled_by(known: Known, receipt_item: str, customer: str) -> pd.DataFrame:
    """Open debits that a receipt had been applied to."""
    applied = of_entity(known.book["applications"], known.position.scope.entity)
    targets = applied.loc[applied["source_item_id"].eq(receipt_item), "target_item_id"]
    debits = known.position.debits
    return debits[debits["item_id"].isin(targets) & debits["customer_id"].eq(customer)]


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
                    "happened_on": claim.get("opened_on"), "answer_by": _given(claim.get("file_by")),
                    "cites": text(claim.get("claim_id")),
                },
                items=mine, because="" if owed > 0 else "Nothing is owed.",
            )  # fmt: skip


def _bankruptcy(known: Known) -> Iterator[Draft]:
    for row in known.rows("claims"):
        if (
            row["kind"] != ClaimKind.BANKRUPTCY
            or row["state"] != ClaimState.NOT_FILED
            or not is_none(row["filed_on"])
        ):
            continue
        name = text(row["customer_id"])
        items = known.position.items
        before = items[items["customer_id"].eq(name) & (items["effective_date"] <= row["opened_on"])]
        own = _own(before, known, SpecialKind.BANKRUPTCY)
        is_late = not is_none(row["file_by"]) and row["file_by"] < known.today
        found = {str(code): mine for code, mine in own.groupby("currency")} or {text(row["currency"]): own}
        for currency, mine in found.items():
            owed = total(mine["outstanding"])
            because = "" if owed > 0 else "Nothing of before the petition is open."
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
    chased = remittances_to_chase(known.book, position=known.position, policies=known.policies)
    since = known.today - timedelta(days=known.policies.dunning.no_advice_days)
    for row in records(chased[chased["received_on"] > since]):
        yield Draft(
            row={
                "letter_id": f"ADVICE-{row['item_id']}", "customer_id": text(row["customer_id"]),
                "currency": row["currency"], "amount": int(row["amount"]),
                "case_no": text(row["receipt_id"]) or text(row["item_id"]), "happened_on": row["received_on"],
                "answer_by": _in(known, known.policies.dunning.pay_days), "cites": text(row["receipt_id"]),
            }
        )  # fmt: skip


def _broken(known: Known) -> Iterator[Draft]:
    judged = judged_promises(known.book, position=known.position, policies=known.policies)
    debits = known.position.past_due
    for row in records(judged[judged["state"].isin(BROKEN) & (judged["open_now"] > 0)]):
        mine = debits[debits["customer_id"].eq(row["customer_id"]) & debits["currency"].eq(row["currency"])]
        if text(row["item_id"]):
            mine = mine[mine["item_id"].eq(row["item_id"])]
        yield Draft(
            row={
                "letter_id": f"PROMISE-{row['promise_id']}", "customer_id": text(row["customer_id"]),
                "currency": row["currency"], "amount": int(row["open_now"]), "case_no": str(row["promise_id"]),
                "happened_on": row["pay_by"], "answer_by": _in(known, known.policies.dunning.pay_days),
                "cites": str(row["promise_id"]),
            },
            items=mine,
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
                    "answer_by": _in(known, known.policies.dunning.pay_days), "cites": text(row["certificate_no"]),
                }
            )  # fmt: skip


def _last(row: Row) -> pd.Timestamp:
    return pd.Timestamp.max.floor("s") if is_none(row["valid_to"]) else row["valid_to"]


def _in(known: Known, days: int) -> date:
    return known.position.scope.as_of + timedelta(days=days)


def _given(value: Any) -> Any:
    return None if is_none(value) else value


MAKERS: Mapping[SpecialKind, Callable[[Known], Iterator[Draft]]] = {
    SpecialKind.NSF: _nsf,
    SpecialKind.ESTATE: _estate,
    SpecialKind.BANKRUPTCY: _bankruptcy,
    SpecialKind.REMITTANCE_REQUEST: _remittance,
    SpecialKind.BROKEN_PROMISE: _broken,
    SpecialKind.EXEMPTION_REQUEST: _exemption,
}
