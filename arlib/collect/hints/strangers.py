"""Money that names one customer's documents and stands on another's account. Floor 1.

What a group pays for each other (parent, sisters, merged accounts), and what goes where its advice says, is honest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from arlib.collect.hints.desk import Case
from arlib.collect.hints.frames import Confidence, HintKind
from arlib.collect.hints.why_short import Payments
from arlib.credit.write_off.words import money
from arlib.ledger.attributes import merged_codes
from arlib.ledger.facts import of_entity
from arlib.matching.payment_words import cut
from arlib.tables import Book
from arlib.tables.choices import CASH_TYPES
from arlib.tables.rows import Row, records, text, whole

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]{2,40}", re.ASCII)
CASH = [kind.value for kind in CASH_TYPES]
TEAM = "cash_application"
SHORTEST = 4  # letters and digits of a number that a text may name


def strangers(case: Case, payments: Payments) -> Iterator[Row]:
    """Receipts of the customer that name another customer's documents and do not pay them; receipts that pay another
    customer's items without naming them; and advices of other customers' receipts that name this one's documents.

    The first and the last need the entity's whole book (`case.whole`).
    """
    book = case.whole or case.book
    group = _Groups(book, case)
    paid = _paid(case)
    numbers = _numbers(case)
    receipts = [
        row
        for row in payments.by_item.values()
        if case.is_own(text(row["customer_id"])) and not text(row["return_of"])
    ]
    said = {text(row["receipt_id"]): _named(row, payments) for row in receipts}
    others = {
        text(row["receipt_id"]): said[text(row["receipt_id"])]
        - numbers.get(group.now(text(row["customer_id"])), set())
        for row in receipts
    }
    owners = _owners(case, others, group)
    for receipt in receipts:
        customer = group.now(text(receipt["customer_id"]))
        if not customer:
            continue
        targets, own_numbers = paid.get(text(receipt["item_id"]), {}), numbers.get(customer, set())
        named = said[text(receipt["receipt_id"])]
        foreign = {
            number: owners[number]
            for number in others[text(receipt["receipt_id"])]
            if number in owners and number not in targets and not group.same(customer, owners[number])
        }
        if foreign:
            yield _named_elsewhere(case, receipt, foreign, is_only=not named & own_numbers)
            continue
        stray = {
            number: (who, amount) for number, (who, amount) in targets.items()
            if number not in named and who and not group.same(customer, who)
        }  # fmt: skip
        if stray and named & (own_numbers - set(targets)):
            yield _paid_elsewhere(case, receipt, stray, sorted(named & (own_numbers - set(targets))))
    if case.whole is not None:
        yield from _named_by_others(case, group)


def _numbers(case: Case) -> dict[str, set[str]]:
    """The document numbers of each customer of the book."""
    made: dict[str, set[str]] = {}
    own = case.own(case.items)
    for customer, number in zip(own["customer_now"], own["document_no"].fillna(""), strict=True):
        if number:
            made.setdefault(customer, set()).add(number)
    return made


def _named(receipt: Row, payments: Payments) -> set[str]:
    """What its advice and its texts name."""
    lines = payments.lines.get(text(receipt["receipt_id"]), ())
    said = [
        text(receipt["remittance_text"]),
        text(receipt["reference"]),
        *(text(line["reference"]) for line in lines),
    ]
    return {
        token.strip("./-_") for one in said for token in _TOKEN.findall(cut(one)) if _may_be_number(token)
    }


def _may_be_number(token: str) -> bool:
    return sum(mark.isalnum() for mark in token) >= SHORTEST and any(mark.isdigit() for mark in token)


def _paid(case: Case) -> dict[str, dict[str, tuple[str, int]]]:
    """By item of a receipt: document numbers that it is applied to, their customers and amounts net of reversals."""
    rows = of_entity(case.book["applications"], case.scope.entity)
    rows = rows[rows["effective_date"].le(pd.Timestamp(case.scope.as_of)).to_numpy(dtype=bool)]
    sums = rows.groupby(["source_item_id", "target_item_id"], as_index=False)["target_amount"].sum()
    made: dict[str, dict[str, tuple[str, int]]] = {}
    for source, target, amount in zip(*(sums[name] for name in sums.columns), strict=True):
        item = case.item(str(target))
        if item and int(amount) > 0 and item["item_type"] not in CASH:
            number = text(item["document_no"]) or str(target)
            made.setdefault(str(source), {})[number] = (text(item["customer_now"]), int(amount))
    return made


def _owners(case: Case, named: Mapping[str, set[str]], group: _Groups) -> dict[str, str]:
    """The customer of each document number that receipts name and that is none of their own; one that several have is nobody's."""
    wanted = sorted(set().union(*named.values()))
    items = (case.whole or case.book)["items"]
    # by number first: of a whole book few rows are left to be looked at
    hits = items[items["document_no"].isin(wanted).to_numpy(dtype=bool)]
    hits = of_entity(hits[~hits["item_type"].isin(CASH).to_numpy(dtype=bool)], case.scope.entity)
    found: dict[str, set[str]] = {}
    for number, code in zip(hits["document_no"], hits["customer_id"].fillna(""), strict=True):
        if code:
            found.setdefault(number, set()).add(group.now(code))
    return {number: codes.pop() for number, codes in found.items() if len(codes) == 1}


def _named_elsewhere(case: Case, receipt: Row, foreign: Mapping[str, str], *, is_only: bool) -> Row:
    whose = ", ".join(f"{number} of customer {who}" for number, who in sorted(foreign.items())[:4])
    amount, number = abs(whole(receipt["amount"])), case.number(text(receipt["item_id"]))
    return case.row(
        HintKind.WRONG_CUSTOMER, customer=receipt["customer_id"], documents=[number, *sorted(foreign)], currency=receipt["currency"],
        amount=amount, item=receipt["item_id"], receipt=receipt["receipt_id"],
        sentence=f"{number}, {money(amount, receipt['currency'])}, stands on this account and names {whose}",
        next_step="ask the payer; where it is the other customer's money, move it",
        team=TEAM,
        confidence=Confidence.LIKELY if is_only else Confidence.POSSIBLE, evidence=(receipt["receipt_id"], receipt["item_id"]),
    )  # fmt: skip


def _paid_elsewhere(
    case: Case, receipt: Row, stray: Mapping[str, tuple[str, int]], left: Iterable[str]
) -> Row:
    whose = ", ".join(f"{number} of customer {who}" for number, (who, _) in sorted(stray.items())[:4])
    amount, number = sum(part for _, part in stray.values()), case.number(text(receipt["item_id"]))
    own = list(left)
    return case.row(
        HintKind.WRONG_CUSTOMER, customer=receipt["customer_id"], documents=[number, *own[:6], *sorted(stray)],
        currency=receipt["currency"], amount=amount, item=receipt["item_id"], receipt=receipt["receipt_id"],
        sentence=f"{number} names {', '.join(own[:4])} and was applied to {whose}", confidence=Confidence.LIKELY,
        next_step="take the application back and apply it as the payer says; tell a controller, since such a path can hide a loss",
        evidence=(receipt["receipt_id"], receipt["item_id"]), team=TEAM,
    )  # fmt: skip


def _named_by_others(case: Case, group: _Groups) -> Iterator[Row]:
    """Advice lines of receipts on other accounts that name this customer's open documents."""
    book, entity = case.whole or case.book, case.scope.entity
    debits = case.own(case.position.debits)
    open_numbers = {
        str(number): row
        for number, row in zip(debits["document_no"].fillna(""), records(debits), strict=True)
    }
    lines, receipts = book["remittances"], book["receipts"]
    wanted = sorted(set(open_numbers) - {""})
    lines = of_entity(lines[lines["reference"].isin(wanted).to_numpy(dtype=bool)], entity)
    told = lines["receipt_id"].dropna().unique().tolist()
    mine = of_entity(receipts[receipts["receipt_id"].isin(told).to_numpy(dtype=bool)], entity)
    by_id = {str(row["receipt_id"]): row for row in records(mine)}
    for line in records(lines):
        receipt, item = by_id.get(text(line["receipt_id"])), open_numbers[str(line["reference"])]
        other = "" if receipt is None else group.now(text(receipt["customer_id"]))
        if receipt is None or not other or group.same(other, text(item["customer_id"])):
            continue
        number, amount = str(line["reference"]), whole(line["net"]) or whole(item["outstanding"])
        yield case.row(
            HintKind.WRONG_CUSTOMER, customer=item["customer_id"], documents=[number], currency=item["currency"], amount=amount,
            item=item["item_id"], receipt=receipt["receipt_id"],
            sentence=f"{number} is open, and the advice of receipt {receipt['receipt_id']} on the account of customer {other} pays it",
            next_step="ask cash application to move the money that the advice gives to it",
            confidence=Confidence.LIKELY, evidence=(line["remittance_id"], receipt["receipt_id"], item["item_id"]), team=TEAM,
        )  # fmt: skip


class _Groups:
    """Which customers pay for each other: merged accounts, parents, sisters."""

    def __init__(self, book: Book, case: Case) -> None:
        rows = book["customers"]
        here = rows[rows["entity"].fillna("").isin(["", case.scope.entity]).to_numpy(dtype=bool)]
        parents = here[here["parent_id"].fillna("").ne("").to_numpy(dtype=bool)]
        self.parents = dict(zip(parents["customer_id"], parents["parent_id"], strict=True))
        self.book, self.case = book, case
        merges = book["customer_merges"]
        self.merged = {str(code) for code in merges["old_customer_id"]}

    def now(self, code: str) -> str:
        """The code after mergers."""
        if code not in self.merged:
            return code
        found = merged_codes(
            pd.Series([code], dtype="str"), self.book, entity=self.case.scope.entity, on=self.case.scope.as_of
        )
        return str(found.iloc[0])

    def same(self, one: str, two: str) -> bool:
        """Whether both are one account or of one group."""
        return self._head(self.now(one)) == self._head(self.now(two))

    def _head(self, code: str) -> str:
        seen = {code}
        while (parent := self.parents.get(code)) is not None and parent not in seen:
            seen.add(parent)
            code = parent
        return code
