"""A desk made by hand: one customer, two open items, a receipt. The views see of it what they see of the real one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from arlib.collect.customer.frames import (
    HISTORY_OF_CUSTOMER,
    OPEN_OF_CUSTOMER,
    RECEIPTS_OF_CUSTOMER,
    TIMELINE,
)
from arlib.collect.hints import HINTS
from arlib.explore.filters import Choices
from arlib.explore.recorded import RecordedSince
from arlib.ledger.customer.frames import (
    BALANCES_BY_DAY,
    CUSTOMER_BALANCE,
    CUSTOMER_ROLL_FORWARD,
    ROLL_DOCUMENTS,
)
from arlib.ledger.open_now import OpenNow
from arlib.ledger.search import SEARCH_HITS
from arlib.matching.by_hand.frames import CANDIDATES, COMBINATIONS, PARTS, PAYER_CANDIDATES
from arlib.matching.person import DECIDED
from arlib.run.casework import DECISIONS, AppliedLine, Known, Recorded, StandingPromise
from arlib.tables import CANONICAL

HOSTILE = "<img src=x onerror='window.pwned=1'>\u202e"
ITEMS = (("i1", "900001", 100_000), ("i2", "900002", 50_000))
MORE = (("i3", "900003", 7_700),)  # around the receipt, in another currency


class FakeCasework:
    """Notes what it is asked to record; `fault` is raised instead, once."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.fault: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        def act(**given: Any) -> Recorded:
            if self.fault is not None:
                fault, self.fault = self.fault, None
                raise fault
            self.asked.append((name, given))
            at = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
            return Recorded(
                decision_id=f"desk-{len(self.asked)}",
                at=at,
                by="sam",
                sentence=f"{name} recorded.",
                head=None,
            )

        return act


@dataclass
class FakeDesk:
    """What the views ask of a desk."""

    casework: FakeCasework = field(default_factory=FakeCasework)
    opened: list[tuple[str, str, Any, Any]] = field(default_factory=list)
    searched: list[tuple[str, Any]] = field(default_factory=list)
    told: tuple[str, ...] = ()
    first: Any = None
    first_text: str = ""
    source_words: str = "extracts"
    actor: Any = field(default_factory=lambda: SimpleNamespace(name="sam"))
    version: int = 1

    def choices(self, entity: str = "") -> Choices:
        return Choices(
            entity=("US01", "UK01"), currency=("USD",), bucket=("current",), dispute_reason=("price", HOSTILE)
        )

    def search(self, text: str, filters: Any, limit: int = 50) -> Any:
        self.searched.append((text, filters))
        frame = SEARCH_HITS.from_rows([
            {"rank": 1, "entity": "US01", "customer_id": "C1", "name": HOSTILE, "status": "active", "found_in": "name",
             "why": "name", "item_id": "", "receipt_id": "", "currency": "USD", "balance": 150_000, "overdue": 0, "open_items": 2},
            {"rank": 2, "entity": "US01", "customer_id": "C2", "name": HOSTILE, "status": "active", "found_in": "receipt",
             "why": "receipt R1", "item_id": "", "receipt_id": "R1", "currency": "USD", "balance": None, "overdue": None,
             "open_items": 0},
        ])  # fmt: skip
        return SimpleNamespace(frame=frame, total=2, is_capped=False, sentence=f"2 hits for {text}")

    def open(self, entity: str, customer_id: str, *, as_of: Any = None, known_at: Any = None) -> FakeCase:
        self.opened.append((entity, customer_id, as_of, known_at))
        return FakeCase(self, customer_id, as_of or date(2026, 10, 31), known_at)

    entity: str = "US01"

    def scope(self, entity: str) -> Any:
        return scope_of(date(2026, 10, 31))

    def related(self, entity: str, customer_id: str) -> pd.DataFrame:
        return pd.DataFrame([{"relation": "parent", "entity": "US01", "customer_id": "P", "name": HOSTILE}])

    def refresh(self) -> tuple[str, ...]:
        told, self.told = self.told, ()
        return told

    def record(self, act: Any) -> Recorded:
        done: Recorded = act(self.casework)
        self.version += 1
        return done

    def recently(self, limit: int = 20) -> pd.DataFrame:
        return DECISIONS.empty()


def scope_of(as_of: date, known_at: date | None = None) -> Any:
    return SimpleNamespace(
        as_of=as_of,
        known_at=known_at,
        functional_currency="USD",
        starts_on=date(2026, 10, 1),
        entity="US01",
        entity_name=HOSTILE,
        period="2026-10",
        basis="posting",
    )


@dataclass
class FakeCase:
    """What the views ask of a customer's case."""

    desk: FakeDesk
    customer_id: str
    as_of: date
    known_at: date | None
    entity: str = "US01"

    def __post_init__(self) -> None:
        self.head = f"head-{self.desk.version}"
        self.scope = scope_of(self.as_of, self.known_at)
        self.last_day = date(2026, 10, 31)
        self.exported: list[dict[str, Any]] = []

    @property
    def book(self) -> dict[str, pd.DataFrame]:
        return {"receipts": self.receipts, "items": self.open_items, "disputes": CANONICAL["disputes"].from_rows([
            {"dispute_id": "D1", "entity": "US01", "customer_id": "C1", "item_id": "i1", "reason": HOSTILE, "currency": "USD",
             "amount": 1_000, "opened_on": "2026-11-02", "state": "open"},
            {"dispute_id": "D0", "entity": "US01", "customer_id": "C1", "item_id": "i1", "reason": "price", "currency": "USD",
             "amount": 1_000, "opened_on": "2026-09-02", "closed_on": "2026-09-09", "state": "settled"},
        ])}  # fmt: skip

    @property
    def known(self) -> Known:
        items = {
            item: OpenNow(item_id=item, name=number, currency="USD", amount=owed)
            for item, number, owed in ITEMS
        }
        promised = StandingPromise(
            promise_id="P1", item_id="i1", currency="USD", amount=500, pay_by=date(2026, 12, 1)
        )
        return Known(
            customer_id=self.customer_id, items=items, balances={"USD": 150_000}, promises=(promised,),
            reasons=frozenset({"price", HOSTILE}), root_causes=frozenset({"wrong_price"}), teams=frozenset({"billing"}),
            people=frozenset({"Ann", HOSTILE}),
        )  # fmt: skip

    @property
    def header(self) -> Any:
        return SimpleNamespace(
            name=HOSTILE, customer_id=self.customer_id, entity=self.entity, as_of=self.as_of, known_at=self.known_at,
            sentence=HOSTILE, books_currency="USD",
            cautions=(SimpleNamespace(ground=HOSTILE, words=HOSTILE, cites="", is_stop=True),),
            aging=(SimpleNamespace(currency="USD", buckets=(("current", 150_000), ("1-30", 0)), total=150_000),),
            balances=(SimpleNamespace(currency="USD", outstanding=150_000, credits=-20_000, past_due=100_000, items=2,
                                      oldest_due_date=date(2026, 10, 1), max_days_past_due=30),),
            books_aging=None, status_words=HOSTILE,
            disputes=(SimpleNamespace(dispute_id="D1", item_id="i1", document_no="900001", reason="price", what=HOSTILE),),
            lines=lambda: (SimpleNamespace(label="Habit", value=HOSTILE, convention="median"),),
        )  # fmt: skip

    @property
    def open_items(self) -> pd.DataFrame:
        return OPEN_OF_CUSTOMER.from_rows([
            {"rank": n, "item_id": item, "document_no": number, "item_type": "invoice", "document_date": "2026-09-01",
             "due_date": "2026-10-01", "days_past_due": 30, "bucket": "1-30", "currency": "USD", "amount": owed,
             "outstanding": owed, "disputed": 0, "note": HOSTILE}
            for n, (item, number, owed) in enumerate(ITEMS, 1)
        ])  # fmt: skip

    @property
    def history(self) -> pd.DataFrame:
        return HISTORY_OF_CUSTOMER.empty()

    @property
    def receipts(self) -> pd.DataFrame:
        return RECEIPTS_OF_CUSTOMER.from_rows([
            {"rank": 1, "receipt_id": "R1", "item_id": "r1", "document_no": "R1", "received_on": "2026-10-20",
             "status": "unapplied", "currency": "USD", "amount": 98_000, "open_amount": 98_000, "payer_name": HOSTILE},
            {"rank": 2, "receipt_id": "R2", "item_id": "r2", "document_no": "R2", "received_on": "2026-10-01",
             "status": "of_others", "currency": "USD", "amount": 5, "open_amount": None},
        ])  # fmt: skip

    @property
    def timeline(self) -> pd.DataFrame:
        return TIMELINE.from_rows([
            {"step": 1, "day": "2026-09-01", "kind": "document", "reference": "900001", "currency": "USD", "amount": 1,
             "text": HOSTILE, "source": "items", "source_id": "i1"},
        ])  # fmt: skip

    @property
    def balances_by_day(self) -> pd.DataFrame:
        days = pd.date_range("2026-08-01", "2026-10-31", unit="s")
        return BALANCES_BY_DAY.typed(pd.DataFrame({
            "currency": "USD", "day": days, "balance": pd.array([100 * n for n in range(len(days))], dtype="Int64"),
            "moved": pd.array([100] * len(days), dtype="Int64"),
        }))  # fmt: skip

    def balance_on(self, day: date) -> pd.DataFrame:
        rows = self.balances_by_day
        return CUSTOMER_BALANCE.typed(rows[rows["day"].eq(pd.Timestamp(day))])

    @property
    def hints(self) -> Any:
        return SimpleNamespace(rows=HINTS.empty(), limits=(HOSTILE,))

    @property
    def decisions(self) -> pd.DataFrame:
        rows = [
            {"decision_id": f"desk-{n}", "entity": "US01", "at": "2026-11-23T08:00:00Z", "on": "2026-11-23", "by": "sam",
             "kind": name, "sentence": f"{name} {HOSTILE}", "standing": "stands", "customer_id": "C1"}
            for n, (name, _) in enumerate(self.desk.casework.asked, 1)
        ]  # fmt: skip
        return DECISIONS.from_rows(rows)

    @property
    def recorded_since(self) -> RecordedSince:
        return RecordedSince(decisions=DECISIONS.empty(), waiting=DECIDED.empty())

    def roll_forward(self, since: date) -> Any:
        lines = CUSTOMER_ROLL_FORWARD.from_rows([
            {"currency": "USD", "line_no": 1, "line": "opening", "words": "Opening", "amount": 0, "count": 0},
            {"currency": "USD", "line_no": 2, "line": "invoices", "words": "Invoices", "amount": 150_000, "count": 2},
        ])  # fmt: skip
        documents = ROLL_DOCUMENTS.from_rows([
            {"currency": "USD", "line_no": 2, "line": "invoices", "day": "2026-10-02", "document_no": number,
             "text": HOSTILE, "amount": owed, "item_id": item, "fact_id": item}
            for item, number, owed in ITEMS
        ])  # fmt: skip
        holds = SimpleNamespace(holds=True, name="opening + lines = closing", currency="USD")
        return SimpleNamespace(
            lines=lines, identities=(holds,), of=lambda currency, line: documents[documents["line"].eq(line)]
        )

    def at(self, *, as_of: date | None = None, known_at: date | None = None) -> FakeCase:
        return FakeCase(self.desk, self.customer_id, as_of or self.as_of, known_at)

    def again(self) -> FakeCase:
        return FakeCase(self.desk, self.customer_id, self.as_of, self.known_at)

    def receipt(self, receipt_id: str) -> FakeReceipt:
        return FakeReceipt(receipt_id)

    def item(self, item_id: str) -> FakeReceipt:
        return FakeReceipt("")


class FakeReceipt:
    """What the views ask of a receipt's case: a proposal of i1, a runner-up of i2."""

    def __init__(self, receipt_id: str) -> None:
        self.receipt_id = receipt_id
        items = pd.DataFrame([
            {"item_id": item, "document_no": number, "customer_id": "C1", "due_date": pd.Timestamp("2026-10-01"),
             "currency": "EUR" if item == "i3" else "USD", "open_amount": owed}
            for item, number, owed in (*ITEMS, *MORE)
        ]).assign(is_written_off=pd.array([None, False, True], dtype="boolean"))  # fmt: skip
        self.around = SimpleNamespace(
            sentence="Matched among the 2 open items of 1 customer.",
            faults=(),
            items=items,
            customers=("C1",),
        )
        self.words = "The rules are measured on this ledger's own history."
        common = {
            "receipt_id": "R1",
            "customer_id": "C1",
            "due_date": "2026-10-01",
            "currency": "USD",
            "rule": "amount",
        }
        self.proposals = SimpleNamespace(
            sentence="R1 is proposed.", held_because="short by 20.00", decision="suggest", currency="USD", amount=98_000,
            payers=PAYER_CANDIDATES.from_rows([
                {"receipt_id": "R1", "rank": 1, "customer_id": "C1", "how": "name", "meaning": HOSTILE, "strength": "0.9"}
            ]),
            candidates=CANDIDATES.from_rows([
                common | {"rank": 1, "role": "proposal", "item_id": "i1", "document_no": "900001", "open_amount": 100_000,
                          "applied_amount": 98_000, "deduction": 2_000, "decision": "suggest", "says": HOSTILE},
                common | {"rank": 2, "role": "alternative", "item_id": "i2", "document_no": "900002",
                          "open_amount": 50_000, "applied_amount": 50_000, "says": "lost: leaves 480.00"},
            ]),
        )  # fmt: skip

    def what_if(self, chosen: dict[str, int | None], *, given: Any = (), rate: str = "") -> Any:
        self.asked = {"chosen": chosen, "given": given, "rate": rate}
        owed = {item: amount for item, _, amount in (*ITEMS, *MORE)}
        total = sum(owed[item] if cash is None else cash for item, cash in chosen.items())
        cash = {item: owed[item] if amount is None else amount for item, amount in chosen.items()}
        lines = tuple(
            AppliedLine(
                item_id=item,
                currency="USD",
                applied_amount=amount,
                receipt_currency="USD",
                receipt_amount=amount,
            )
            for item, amount in cash.items()
        )
        return SimpleNamespace(
            currency="USD", receipt_currency="USD", cash=98_000, worth=98_000, chosen=total, difference=98_000 - total,
            rest=0, unapplied=max(0, 98_000 - total), parts=PARTS.from_rows([
                {"item_id": "i1", "kind": "charge", "currency": "USD", "amount": 2_000, "said_by": "engine"},
                {"item_id": "i1", "kind": "claim", "code": HOSTILE, "currency": "USD", "amount": 5, "said_by": "person"},
                {"item_id": "i1", "kind": "rest", "currency": "USD", "amount": 7, "said_by": "engine"},
            ]), lines=lines, can_apply=bool(chosen),
            faults=() if chosen else ("Nothing is chosen.",), sentences=(HOSTILE,), receipt_open=98_000,
            open_amounts={item: owed[item] for item in chosen},
        )  # fmt: skip

    def combinations(self) -> Any:
        ways = COMBINATIONS.from_rows([
            {"way": way, "item_id": item, "document_no": number, "customer_id": "C1", "due_date": "2026-10-01",
             "currency": "USD", "open_amount": owed, "difference": 98_000 - owed}
            for way, (item, number, owed) in enumerate(ITEMS, 1)
        ])  # fmt: skip
        return SimpleNamespace(status="ambiguous", ways=ways, sentence="Two combinations explain it equally.")


@pytest.fixture
def desk() -> FakeDesk:
    return FakeDesk()
