"""One customer on the desk, and one receipt or open item of it: what logic says, worked out when it is asked for. Floor 5.

A case is what was true when it was opened: a decision of somebody else does not change it under the reader's eyes. `again`
is the same case with what was decided since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError
from arlib.ledger.by_customer import CustomerBook

if TYPE_CHECKING:
    import pandas as pd

    from arlib.collect.customer import Account, CustomerHeader
    from arlib.collect.hints import Hints
    from arlib.explore.desk import Desk
    from arlib.explore.recorded import RecordedSince
    from arlib.ledger.customer import RollForward
    from arlib.ledger.open_now import OpenNow
    from arlib.matching.by_hand import Around, Combinations, Given, Prepared, ReceiptProposals, WhatIf
    from arlib.policy import Policies, Scope
    from arlib.run.cases import WrittenCase
    from arlib.run.casework import Known
    from arlib.run.store import Head
    from arlib.sources.pasted import Pasted, PastedReconciliation

DATES = ("posting_date", "effective_date")


@dataclass(eq=False, kw_only=True)
class CustomerCase:
    """A customer of an entity at a date, as known now or at a date. Made by `Desk.open`."""

    desk: Desk = field(repr=False)
    scope: Scope
    book: CustomerBook = field(repr=False)
    head: Head  # of the store when the case was opened: decisions are judged against it
    _by_day: dict[date | None, pd.DataFrame] = field(default_factory=dict, repr=False)  # shared by `at`

    @property
    def entity(self) -> str:
        """Entity code."""
        return self.scope.entity

    @property
    def customer_id(self) -> str:
        """Customer code; '' for cash that nobody is known for."""
        return self.book.customer_id

    @property
    def policies(self) -> Policies:
        """The policies of the close file."""
        return self.desk.policies

    @cached_property
    def account(self) -> Account:
        """Position, promises and disputes, worked out once for all that is shown of the customer."""
        from arlib.collect.customer import account_of

        return account_of(self.book, scope=self.scope, policies=self.policies)

    @cached_property
    def header(self) -> CustomerHeader:
        """Who it is and how it stands."""
        from arlib.collect.customer import header

        return header(self.book, scope=self.scope, policies=self.policies, account=self.account)

    @cached_property
    def open_items(self) -> pd.DataFrame:
        """OPEN_OF_CUSTOMER."""
        from arlib.collect.customer import open_items_of

        return open_items_of(self.book, scope=self.scope, policies=self.policies, account=self.account)

    @cached_property
    def history(self) -> pd.DataFrame:
        """HISTORY_OF_CUSTOMER: documents that are settled."""
        from arlib.collect.customer import history_of

        return history_of(self.book, scope=self.scope, policies=self.policies, account=self.account)

    @cached_property
    def receipts(self) -> pd.DataFrame:
        """RECEIPTS_OF_CUSTOMER."""
        from arlib.collect.customer import receipts_of

        return receipts_of(self.book, scope=self.scope, policies=self.policies, account=self.account)

    @cached_property
    def timeline(self) -> pd.DataFrame:
        """TIMELINE."""
        from arlib.collect.customer import timeline

        return timeline(self.book, scope=self.scope, policies=self.policies, account=self.account)

    @cached_property
    def running(self) -> pd.DataFrame:
        """RUNNING_BALANCE."""
        from arlib.ledger.customer import running_balance

        return running_balance(self.book, scope=self.scope)

    @property
    def balances_by_day(self) -> pd.DataFrame:
        """BALANCES_BY_DAY from the first fact to `last_day`, as known at the case's knowledge date; made once for all days."""
        known_at = self.scope.known_at
        if known_at not in self._by_day:
            from arlib.ledger.customer import balances_by_day

            self._by_day[known_at] = balances_by_day(
                self.book, scope=replace(self.scope, as_of=self.last_day)
            )
        return self._by_day[known_at]

    @cached_property
    def last_day(self) -> date:
        """The last day that a balance can be asked of: today, or that of the last fact or the desk where that is later.

        After the last fact the balance stays as it is. A snapshot knows its own day only.
        """
        last = self.desk.scope(self.entity).as_of
        if "snapshot" in self.book.features:
            return last
        for name in ("items", "applications"):
            for column in DATES:
                day = self.book[name][column].max()
                if day == day and day is not None:
                    last = max(last, day.date())
        return max(last, self.desk.casework.today(self.entity))

    def require_day(self, day: date) -> None:
        """Raise ParameterError for a day that is still to come."""
        if day > self.last_day:
            raise ParameterError(
                "this day is still to come",
                where=f"{self.entity} {self.customer_id}",
                found=day.isoformat(),
                wanted=f"a day up to {self.last_day.isoformat()}",
            )

    def balance_on(self, day: date) -> pd.DataFrame:
        """CUSTOMER_BALANCE at the end of a day: a lookup. A day after `last_day` raises ParameterError."""
        from arlib.ledger.customer import balance_on

        return balance_on(self.balances_by_day, day)

    def roll_forward(self, since: date | None = None) -> RollForward:
        """Where the balance came from since a day (that day is in it); the first of the period without one."""
        from arlib.ledger.customer import roll_forward

        return roll_forward(self.book, scope=self.scope, since=since or self.scope.starts_on)

    @cached_property
    def hints(self) -> Hints:
        """What somebody who knows the trade would look at."""
        from arlib.collect.hints import hints

        whole = self.desk.books(self.entity).index.book
        return hints(self.book, scope=self.scope, policies=self.policies, pairs=self._pairs, whole=whole)

    def root_cause(self, item_id: str) -> pd.DataFrame:
        """ROOT_CAUSES of a document, the likeliest first."""
        from arlib.collect.hints import root_cause

        return root_cause(
            self.book, scope=self.scope, policies=self.policies, item_id=item_id, found=self.hints
        )

    @cached_property
    def _pairs(self) -> pd.DataFrame:
        """Possible duplicates among the customer's documents."""
        from arlib.audit.options.patterns import DuplicatesOptions
        from arlib.audit.patterns.duplicates import duplicates

        return duplicates(self.book, scope=self.scope, options=DuplicatesOptions()).pairs

    @cached_property
    def decisions(self) -> pd.DataFrame:
        """DECISIONS on this customer, oldest first, withdrawn ones too."""
        return self.desk.casework.decisions(entity=self.entity, customer_id=self.customer_id)

    @cached_property
    def recorded_since(self) -> RecordedSince:
        """What was recorded up to the opening of the case and is in none of its figures: later than its day, or not booked."""
        from arlib.explore.recorded import recorded_since

        return recorded_since(self.book, self.desk.casework, scope=self.scope, up_to=self.head.seq)

    @cached_property
    def related(self) -> pd.DataFrame:
        """RELATED: other accounts that have to do with this one."""
        return self.desk.related(self.entity, self.customer_id)

    def at(self, *, as_of: date | None = None, known_at: date | None = None) -> CustomerCase:
        """The same case at another day. `known_at` None means all that is known now.

        Raises ParameterError for a day that is still to come, or that the source cannot answer.
        """
        from arlib.ledger.facts import require_answerable

        scope = replace(self.scope, as_of=as_of or self.scope.as_of, known_at=known_at)
        require_answerable(self.book, scope=scope)
        self.require_day(scope.as_of)
        return CustomerCase(desk=self.desk, scope=scope, book=self.book, head=self.head, _by_day=self._by_day)

    def again(self) -> CustomerCase:
        """The same case with what was decided since."""
        return self.desk.open(
            self.entity, self.customer_id, as_of=self.scope.as_of, known_at=self.scope.known_at
        )

    def receipt(self, receipt_id: str) -> ReceiptCase:
        """One receipt of it, to be investigated."""
        return ReceiptCase(desk=self.desk, scope=self.scope, head=self.head, receipt_id=receipt_id)

    def item(self, item_id: str) -> ReceiptCase:
        """One open item of it, and the receipts that may pay it."""
        return ReceiptCase(desk=self.desk, scope=self.scope, head=self.head, item_id=item_id)

    def statement(
        self,
        given: str | bytes,
        *,
        name: str = "",
        currency: str = "",
        decided: Mapping[str, str] | None = None,
    ) -> tuple[Pasted, PastedReconciliation | None]:
        """The customer's own statement, pasted (text) or a file (bytes and name), and how it agrees with ours.

        The second is None while `Pasted.choices` ask something; call again with the answers in `decided`. `currency` is
        that of lines that name none: the books' where it is ''. Raises SourceError, ParameterError.
        """
        from arlib.sources.pasted import pasted_file, pasted_statement, reconcile_pasted

        told: dict[str, Any] = {
            "entity": self.entity,
            "customer_id": self.customer_id,
            "currency": currency or self._main_currency,
            "known": self.book["items"],
            "decided": dict(decided or {}),
        }
        pasted = (
            pasted_statement(given, **told) if isinstance(given, str) else pasted_file(given, name, **told)
        )
        if pasted.choices:
            return pasted, None
        return pasted, reconcile_pasted(self.book, scope=self.scope, pasted=pasted, policies=self.policies)

    @cached_property
    def known(self) -> Known:
        """What a decision on the customer is held against: by the latest facts of the book, whatever day is on show."""
        from arlib.explore.known import known_of

        return known_of(
            self.book, self.desk.books(self.entity).index.book, scope=self.scope, policies=self.policies,
            today=self.desk.casework.today(self.entity),
        )  # fmt: skip

    @property
    def _main_currency(self) -> str:
        """The currency that most of its documents are in; the books' where there are none."""
        found = self.book["items"]["currency"].value_counts()
        return str(found.index[0]) if len(found) else self.scope.functional_currency

    def export(self, *, case_id: str = "", statement_bytes: bytes | None = None, **asked: Any) -> WrittenCase:
        """Write the case file by the runner of the close; takes some seconds. `asked` are fields of CaseFile, such as
        title, question, receipt_id, items, filters (a Filters), what_if, statement (a file name), search.

        Raises ParameterError for a field that does not hold, RunError where the run failed.
        """
        from arlib.run.cases import next_case_id, write_case
        from arlib.run.cases.model import new_case

        plan = self.desk.plan
        if (filters := asked.get("filters")) is not None:
            asked["filters"] = filters.as_parameters()
        made = new_case(
            {
                "id": case_id or next_case_id(plan.outputs, self.entity, self.customer_id),
                "title": f"{self.entity} {self.customer_id}",
                "close_file": plan.close_file,
                "run": self.desk.run,
                "entity": self.entity,
                "period": plan.period,
                "customer_id": self.customer_id,
                "as_of": self.scope.as_of.isoformat(),
                "known_at": self.scope.known_at.isoformat() if self.scope.known_at else "",
                **asked,
            }
        )
        return write_case(made, root=plan.root, statement=statement_bytes, actor=self.desk.actor)


@dataclass(eq=False, kw_only=True)
class ReceiptCase:
    """A receipt, or an open item, among the open items that it may have to do with. Made by `CustomerCase`."""

    desk: Desk = field(repr=False)
    scope: Scope
    head: Head
    receipt_id: str = ""
    item_id: str = ""
    _open_now: dict[str, OpenNow] = field(default_factory=dict, repr=False)  # by item, of those asked for

    @property
    def entity(self) -> str:
        """Entity code."""
        return self.scope.entity

    @cached_property
    def _prepared(self) -> Prepared:
        return self.desk.prepared(self.entity)

    @cached_property
    def around(self) -> Around:
        """The open items and receipts that it is judged among, at the desk's date.

        Cash is placed as it is open at the date that the desk stands at; another date is for looking, not for placing money.
        Where the case is at another, the sentence says so.
        """
        from arlib.matching.by_hand import around

        desk = self.desk.scope(self.entity)
        book = self.desk.books(self.entity).index.book
        found = around(
            book, scope=desk, receipt_id=self.receipt_id, item_id=self.item_id, prepared=self._prepared
        )
        if (self.scope.as_of, self.scope.known_at) == (desk.as_of, desk.known_at):
            return found
        moved = f"Money is placed as things stand on {_day_of(desk)}, the date of the desk, not on {_day_of(self.scope)}."
        return replace(found, sentence=f"{found.sentence} {moved}".strip())

    @cached_property
    def proposals(self) -> ReceiptProposals:
        """Proposal and runner-up with their evidence, what stays unapplied, who may have paid."""
        from arlib.matching.by_hand import propose

        books = self.desk.books(self.entity)
        return propose(
            self.around,
            policy=self.policies.matching,
            history=books.history or (),
            as_of_day=(books.scope.as_of - date(1970, 1, 1)).days,
            entity_names=books.ours("name"),
            home=books.ours("country"),
        )

    @property
    def policies(self) -> Policies:
        """The policies of the close file."""
        return self.desk.policies

    @property
    def words(self) -> str:
        """What the proposals rest on."""
        if self.desk.books(self.entity).history is None:
            return "The rules' hit rates on this ledger's own history are still being measured; shipped rates count until then."
        return "The rules are measured on this ledger's own history."

    def what_if(
        self,
        chosen: Mapping[str, int | None],
        *,
        given: Sequence[Given] = (),
        receipt_id: str = "",
        rate: str = "",
    ) -> WhatIf:
        """What is left, and what it is made of, when these items are set against the receipt.

        What the latest facts of the book hold of an item, or of the receipt, no more is a fault that says what took it.
        """
        from arlib.explore.known import item_of_receipt, open_of, within_books
        from arlib.matching.by_hand import what_if

        answer = what_if(
            self.around,
            receipt_id=receipt_id or self.receipt_id,
            chosen=chosen,
            policy=self.policies.matching,
            given=given,
            rate=rate,
            user=self.desk.actor.name,
        )
        index = self.desk.books(self.entity).index
        own = item_of_receipt(index, receipt_id or self.receipt_id)
        asked = [item for item in (*chosen, own) if item and item not in self._open_now]
        if asked:
            self._open_now.update(open_of(index, self.scope, item_ids=asked))
        return within_books(answer, self._open_now, receipt=self._open_now.get(own))

    def combinations(self, *, receipt_id: str = "", **limits: Any) -> Combinations:
        """Which open items add up to the receipt, within limits; several are shown as several."""
        from arlib.matching.by_hand import combinations

        return combinations(
            self.around, receipt_id=receipt_id or self.receipt_id, policy=self.policies.matching, **limits
        )


def _day_of(scope: Scope) -> str:
    """The day of a scope, in words."""
    known = f" as known at the end of {scope.known_at}" if scope.known_at else ""
    return f"{scope.as_of}{known}"
