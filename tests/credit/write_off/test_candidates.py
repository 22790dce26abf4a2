"""What is proposed and what is blocked: each rule on both sides of its edge, each block with its honest twin."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from arlib.credit.proposals import facts_sha256
from arlib.credit.write_off.candidates import candidates
from arlib.errors import RateError
from arlib.policy import Policies
from arlib.policy.write_off import LimitScope, WriteOffLimit


@pytest.fixture
def run(kit):
    """Proposals and blocks of a book given as tables."""

    def make(policies=None, scope=None, **tables):
        return candidates(kit.book(**tables), scope=scope or kit.scope(), policies=policies or Policies())

    return make


@pytest.mark.parametrize(("due", "is_proposed"), [("2026-05-04", True), ("2026-05-05", False)])
def test_180_days_past_due_is_inside(run, kit, due, is_proposed):
    """31 October less 4 May is 180 days."""
    made = run(items=[kit.invoice(due=due)])

    assert len(made.proposals) == is_proposed
    assert made.blocked.empty


def test_a_proposal_says_what_it_rests_on(run, kit):
    items = [kit.invoice(tax_amount=1_667), kit.credit("R1", 2_500, item_type="receipt", reason=None)]
    found = run(
        items=items, applications=[kit.applied("A1", "R1", "I1", 2_500, "2026-03-02")]
    ).proposals.iloc[0]

    assert (found["kind"], found["reason"], found["amount"]) == ("write_off", "uncollectable", 7_500)
    assert found["tax_amount"] == 1_250  # 1,667 x 7,500 / 10,000 = 1,250.25
    assert found["functional_amount"] == 7_500
    assert found["days_past_due"] == 273
    assert "273 days past due, due 2026-01-31. Last payment on it 2026-03-02" in found["evidence"]
    assert found["facts_sha256"] == facts_sha256(found.to_dict())


def test_age_counts_from_the_original_due_date(run, kit):
    """Rescheduled to October, it is as old as before."""
    made = run(items=[kit.invoice(due="2026-10-01", original_due_date="2026-01-31")]).proposals

    assert made["days_past_due"].tolist() == [273]
    assert "due 2026-01-31, re-aged to 2026-10-01" in made["evidence"][0]


def test_without_a_due_date_the_documents_date_counts_and_is_told(run, kit):
    made = run(items=[kit.invoice(due=None)]).proposals

    assert made["days_past_due"].isna().all()
    assert "It has no due date" in made["caution"][0]
    limit = WriteOffLimit(min_days_past_due=1)
    assert run(kit.policies(limits=(limit,)), items=[kit.invoice(due=None)]).blocked[
        "blocked_by"
    ].tolist() == ["over_limit"]


def test_parts_are_as_late_as_the_last_one(run, kit):
    items = [kit.invoice(due="2026-01-31")]
    parts = [{"item_id": "I1", "instalment_no": n, "due_date": day, "currency": "USD", "amount": 5_000}
             for n, day in ((1, "2026-01-31"), (2, "2026-09-30"))]  # fmt: skip

    assert run(items=items, instalments=parts).proposals.empty
    late = [part | {"due_date": "2026-02-28"} if part["instalment_no"] == 2 else part for part in parts]
    assert run(items=items, instalments=late).proposals["amount"].tolist() == [10_000]


@pytest.mark.parametrize(
    "item",
    [
        {"item_type": "credit_memo"}, {"item_type": "receipt", "cash_status": "unapplied"}, {"item_type": "prepayment"},
        {"item_type": "adjustment"}, {"item_type": "write_off"},
    ],
)  # fmt: skip
def test_credits_of_any_size_are_never_swept(run, kit, item):
    made = run(
        kit.policies(small_balance_amount=Decimal(1000)),
        items=[kit.credit("K1", 1, **item), kit.credit("K2", 99_999, **item)],
    )

    assert made.proposals.empty
    assert made.blocked.empty


@pytest.mark.parametrize("kind", ["receipt", "refund", "write_off", "prepayment"])
def test_cash_that_stands_as_a_debit_is_not_written_off(run, kit, kind):
    assert run(items=[kit.invoice("X1", 300, item_type=kind)]).proposals.empty


@pytest.mark.parametrize(
    ("amount", "due", "is_swept"),
    [(500, "2026-10-01", True), (501, "2026-10-01", False), (500, "2026-10-02", False)],
)
def test_small_balances_up_to_the_amount_from_the_day(run, kit, amount, due, is_swept):
    """5.00 and 30 days are inside."""
    made = run(items=[kit.invoice(amount=amount, due=due)]).proposals

    assert made["kind"].tolist() == ["small_balance"] * is_swept


def test_small_balances_by_places_and_by_rate(run, kit):
    items = [
        kit.invoice("J", 5, currency="JPY"),
        kit.invoice("K", 5_000, currency="KWD"),
        kit.invoice("K2", 5_001, currency="KWD", due="2026-09-01"),
    ]
    plain = run(items=items).proposals
    assert sorted(plain.loc[plain["kind"].eq("small_balance"), "item_id"]) == ["J", "K"]

    rates = [
        {
            "date": "2026-10-31",
            "base": "USD",
            "quote": "JPY",
            "rate": "150",
            "kind": "closing",
            "source": "bank",
        }
    ]
    own = kit.policies(small_balance_currency="USD")
    yen = [
        kit.invoice("J1", 750, currency="JPY", due="2026-09-01"),
        kit.invoice("J2", 751, currency="JPY", due="2026-09-01"),
    ]
    assert run(own, items=yen, fx_rates=rates).proposals["item_id"].tolist() == ["J1"]
    with pytest.raises(RateError, match="USD/JPY"):
        run(own, items=yen)


def test_rest_of_a_short_payment_within_tolerance(run, kit):
    """1 % of 100.00 and 1.00: a rest of 1.00 is one, 1.01 is not; an unpaid item of 1.00 is not a rest."""

    def rest(left):
        return {
            "items": [
                kit.invoice(due="2026-10-20"),
                kit.credit("R1", 10_000 - left, item_type="receipt", reason=None),
            ],
            "applications": [kit.applied("A1", "R1", "I1", 10_000 - left, "2026-10-20")],
        }

    assert run(**rest(100)).proposals["reason"].tolist() == ["tolerance"]
    assert run(**rest(101)).proposals.empty
    assert run(items=[kit.invoice(amount=100, due="2026-10-20")]).proposals.empty


def test_exhausted_collection_goes_earlier(run, kit):
    def touched(count, last):
        kinds = ["call"] * (count - 1) + [last]
        return [{"activity_id": f"T{n}", "customer_id": "C1", "occurred_at": f"2026-09-0{n + 1}T10:00:00Z", "kind": kind}
                for n, kind in enumerate(kinds)]  # fmt: skip

    item = [kit.invoice(due="2026-08-02")]  # 90 days
    assert "collection exhausted" in run(items=item, activities=touched(3, "escalation")).proposals["rule"][0]
    assert run(items=item, activities=touched(3, "letter")).proposals.empty
    assert run(items=item, activities=touched(2, "escalation")).proposals.empty
    assert run(items=[kit.invoice(due="2026-08-03")], activities=touched(3, "escalation")).proposals.empty


def test_closed_accounts_go_earlier(run, kit):
    closed = [{"customer_id": "C1", "status": "closed"}]

    assert run(items=[kit.invoice(due="2026-08-02")], customers=closed).proposals["reason"].tolist() == [
        "closed_account"
    ]
    assert run(items=[kit.invoice(due="2026-08-03")], customers=closed).proposals.empty


OPEN = {"customer_id": "C1", "currency": "USD", "amount": 10_000}
SECURITY = {
    **OPEN,
    "security_id": "S1",
    "kind": "credit_insurance",
    "provider": "Insurer",
    "valid_from": "2025-01-01",
}
PROMISE = {**OPEN, "promise_id": "P1", "promised_on": "2026-10-01", "state": "open"}
PLAN = {**OPEN, "plan_id": "PA1", "agreed_on": "2026-06-01", "state": "running"}
HOLD = {"customer_id": "C1", "hold_id": "H1", "kind": "legal", "placed_on": "2026-05-01"}
DISPUTE = {**OPEN, "dispute_id": "DI1", "item_id": "I1", "opened_on": "2026-03-01", "reason": "price"}
DEDUCTION = {
    **OPEN,
    "deduction_id": "DE1",
    "item_id": "I1",
    "reason": "freight",
    "taken_on": "2026-03-01",
    "state": "pending",
}


BLOCKING = [
    ("disputed", "disputes", DISPUTE, "DI1"),
    ("disputed", "disputes", DISPUTE | {"closed_on": "2026-11-01"}, "DI1"),
    ("disputed", "disputes", DISPUTE | {"item_id": None}, "DI1"),
    ("secured", "security", SECURITY, "S1"),
    ("secured", "security", SECURITY | {"valid_to": "2026-01-01"}, "S1"),  # in force when it was billed
    ("secured", "security", SECURITY | {"kind": "guarantee", "item_id": "I1"}, "S1"),
    ("promise", "promises", PROMISE | {"pay_by": "2026-10-31"}, "P1"),
    ("plan", "plans", PLAN, "PA1"),
    ("plan", "plans", PLAN | {"state": "broken", "ended_on": "2026-11-01"}, "PA1"),
    ("hold", "holds", HOLD, "H1"),
    ("hold", "holds", HOLD | {"kind": "audit", "item_id": "I1"}, "H1"),
    ("hold", "holds", HOLD | {"kind": "sanction", "lifted_on": "2026-11-01"}, "H1"),
    ("deduction", "deductions", DEDUCTION, "DE1"),
    ("deduction", "deductions", DEDUCTION | {"state": "valid"}, "DE1"),
]

HONEST = [
    ("disputes", DISPUTE | {"closed_on": "2026-10-31"}),
    ("disputes", DISPUTE | {"opened_on": "2026-11-01"}),
    ("disputes", DISPUTE | {"item_id": "I9"}),
    ("security", SECURITY | {"kind": "set_off"}),
    ("security", SECURITY | {"cover_rate": "0"}),
    ("security", SECURITY | {"amount": 0}),
    ("security", SECURITY | {"deductible": 10_000}),
    ("security", SECURITY | {"valid_to": "2025-12-31"}),
    ("security", SECURITY | {"customer_id": "C2"}),
    ("promises", PROMISE | {"pay_by": "2026-10-30", "state": "broken"}),
    ("promises", PROMISE | {"pay_by": "2026-11-05", "closed_on": "2026-10-20", "state": "broken"}),
    ("plans", PLAN | {"state": "broken", "ended_on": "2026-10-31"}),
    ("plans", PLAN | {"state": "broken"}),
    ("holds", HOLD | {"lifted_on": "2026-10-31"}),
    ("holds", HOLD | {"placed_on": "2026-11-01"}),
    ("holds", HOLD | {"kind": "bank_details"}),  # stops refunds, not write-offs
    ("deductions", DEDUCTION | {"state": "invalid"}),
    ("deductions", DEDUCTION | {"state": "settled"}),
]
IDS = {"disputes": "dispute_id", "security": "security_id", "promises": "promise_id", "plans": "plan_id", "holds": "hold_id",
       "deductions": "deduction_id", "claims": "claim_id"}  # fmt: skip


def placed(rows, tables):
    """Records of many cases in one book: case n is about customer Cn and item In, and its record ends in -n."""
    for n, (table, row) in enumerate(rows):
        own = {"C1": f"C{n}", "C2": "other", "I1": f"I{n}", "I9": "other"}
        named = {
            key: own.get(value, value) if isinstance(value, str) else value for key, value in row.items()
        }
        named[IDS[table]] = f"{row[IDS[table]]}-{n}"
        tables.setdefault(table, []).append(named)
    return tables


@pytest.fixture(scope="module")
def records(kit):
    """What became of the item of each case, those that block and then the honest ones."""
    cases = [(table, row) for _, table, row, _ in BLOCKING] + list(HONEST)
    codes = [f"C{n}" for n in range(len(cases))]
    tables = {
        "items": [kit.invoice(f"I{n}", customer_id=code) for n, code in enumerate(codes)],
        "customers": [{"customer_id": code, "status": "active"} for code in codes],
    }
    return candidates(kit.book(**placed(cases, tables)), scope=kit.scope(), policies=Policies())


@pytest.mark.parametrize("n", range(len(BLOCKING)), ids=lambda n: f"{BLOCKING[n][0]}-{n}")
def test_blocked_citing_the_record(records, n):
    word, _, _, cites = BLOCKING[n]
    found = records.blocked.set_index("item_id").loc[f"I{n}"]

    assert found["blocked_by"] == word
    assert f"{cites}-{n}" in found["blocked_because"]
    assert f"I{n}" not in set(records.proposals["item_id"])


@pytest.mark.parametrize("n", range(len(HONEST)), ids=lambda n: f"{HONEST[n][0]}-{n}")
def test_honest_twins_are_proposed(records, n):
    item = f"I{len(BLOCKING) + n}"

    assert item in set(records.proposals["item_id"])
    assert item not in set(records.blocked["item_id"])


@pytest.mark.parametrize(
    ("word", "item", "customer", "accounts"),
    [
        ("secured", {"is_insured": True}, {}, []),
        ("secured", {"is_secured": True}, {}, []),
        ("intercompany", {}, {"is_intercompany": True}, []),
        ("intercompany", {}, {}, [{"account": "1200", "role": "intercompany"}]),
        ("factored", {}, {}, [{"account": "1200", "role": "factored"}]),
        ("assigned", {"assigned_to": "Factor Ltd"}, {}, []),
        ("sanctioned", {}, {"status": "sanctioned"}, []),
    ],
)
def test_blocked_by_whose_it_is(run, kit, word, item, customer, accounts):
    whose = [{"customer_id": "C1", "status": "active"} | customer]

    assert run(items=[kit.invoice(**item)], customers=whose, control_accounts=accounts).blocked[
        "blocked_by"
    ].tolist() == [word]


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("disputes", DISPUTE),
        ("deductions", DEDUCTION),
        ("plans", PLAN),
        ("holds", HOLD),
        ("promises", PROMISE | {"pay_by": "2026-10-31"}),
    ],
)
def test_what_is_recorded_about_a_replaced_item_blocks_the_one_that_carries_it_on(run, kit, table, row):
    """I3 carries on I2, which carried on I1; I4 is apart."""
    items = [
        kit.invoice("I2", replaces="I1", effective_date="2026-11-30"),
        kit.invoice("I3", replaces="I2"),
        kit.invoice("I4"),
    ]
    made = run(**{"items": items, table: [row | {"item_id": "I1"}]})
    assert made.blocked["item_id"].tolist() == ["I3"]
    assert " on I1, which it carries on," in made.blocked["blocked_because"].iloc[0]
    assert made.proposals["item_id"].tolist() == ["I4"]


def test_a_credit_of_the_customer_is_applied_first(run, kit):
    made = run(items=[kit.invoice(), kit.credit("K1", 1)])
    assert made.blocked["blocked_by"].tolist() == ["unapplied_credit"]
    assert "USD 0.01" in made.blocked["blocked_because"][0]
    assert "D-K1" in made.blocked["blocked_because"][0]

    others = run(
        items=[kit.invoice(), kit.credit("K1", 900, customer_id="C2"), kit.credit("K2", 900, currency="EUR")]
    )
    assert others.proposals["item_id"].tolist() == ["I1"]


CLAIM = {**OPEN, "claim_id": "CL1", "kind": "bankruptcy", "opened_on": "2026-03-01"}


CLAIMS = [
    ({"state": "not_filed", "file_by": "2026-10-31"}, "claim_not_filed"),
    ({"state": "not_filed"}, "claim_not_filed"),
    ({"state": "not_filed", "file_by": "2026-10-30"}, 10_000),
    ({"state": "filed", "filed_on": "2026-04-01"}, "claim_filed"),
    ({"state": "closed", "filed_on": "2026-04-01", "closed_on": "2026-11-01"}, "claim_filed"),
    ({"state": "filed", "filed_on": "2026-11-01"}, "claim_not_filed"),
    ({"state": "allowed"}, "claim_allowed"),
    ({"state": "allowed", "dividend_rate": "1"}, "claim_allowed"),
    ({"state": "allowed", "dividend_rate": "0.125"}, 8_750),
    (
        {"state": "allowed", "dividend_rate": "0.33333"},
        6_666,
    ),  # 3,333.3 expected, rounded up, stay on the account
    ({"state": "allowed", "dividend_rate": "0"}, 10_000),
    ({"state": "paid", "dividend_rate": "0.1"}, 10_000),
    ({"state": "disallowed"}, 10_000),
    ({"state": "discharged"}, 10_000),
    ({"state": "closed", "closed_on": "2026-10-31"}, 10_000),
]


@pytest.fixture(scope="module")
def claimed(kit):
    """What became of an item due today, of a bankrupt customer, by the state of the claim."""
    codes = [f"C{n}" for n in range(len(CLAIMS))]
    tables = {
        "items": [kit.invoice(f"I{n}", due="2026-10-31", customer_id=code) for n, code in enumerate(codes)],
        "customers": [{"customer_id": code, "status": "bankrupt"} for code in codes],
    }
    rows = [("claims", CLAIM | claim) for claim, _ in CLAIMS]
    return candidates(kit.book(**placed(rows, tables)), scope=kit.scope(), policies=Policies())


@pytest.mark.parametrize("n", range(len(CLAIMS)), ids=lambda n: f"{CLAIMS[n][0]['state']}-{n}")
def test_claims_by_their_state(claimed, n):
    outcome = CLAIMS[n][1]
    if isinstance(outcome, int):
        found = claimed.proposals.set_index("item_id").loc[f"I{n}"]
        assert (found["amount"], found["reason"]) == (outcome, "bankruptcy")
    else:
        found = claimed.blocked.set_index("item_id").loc[f"I{n}"]
        assert found["blocked_by"] == outcome
        assert f"CL1-{n}" in found["blocked_because"]


def test_a_bankrupt_customer_without_a_claim(run, kit):
    """Blocked where claims are kept; where no claims were given, proposed with a caution."""
    bankrupt = [{"customer_id": "C1", "status": "bankrupt"}]

    assert run(items=[kit.invoice()], customers=bankrupt, claims=[]).blocked["blocked_by"].tolist() == [
        "claim_not_filed"
    ]
    assert "No claims were given" in run(items=[kit.invoice()], customers=bankrupt).proposals["caution"][0]


def test_above_the_limit_is_blocked_naming_it(run, kit):
    limits = (
        WriteOffLimit(scope=LimitScope.CUSTOMER, of="C1", amount=Decimal(99)),
        WriteOffLimit(amount=Decimal(100)),
    )
    made = run(kit.policies(limits=limits), items=[kit.invoice(), kit.invoice("I2", customer_id="C2")],
               customers=[{"customer_id": "C1"}, {"customer_id": "C2"}])  # fmt: skip

    assert made.blocked["item_id"].tolist() == ["I1"]
    assert "customer C1: USD 99" in made.blocked["blocked_because"][0]
    assert made.proposals["item_id"].tolist() == ["I2"]  # 100.00 is still allowed
    assert "any business unit" in made.proposals["rule"][0]


def test_an_id_hangs_on_what_is_proposed_not_on_when(run, kit):
    october = run(items=[kit.invoice()]).proposals
    november = run(items=[kit.invoice()], scope=kit.scope(date(2026, 11, 30))).proposals
    paid = run(items=[kit.invoice(), kit.credit("R", 1, item_type="receipt")],
               applications=[kit.applied("A", "R", "I1", 1, "2026-02-02")]).proposals  # fmt: skip

    assert october["proposal_id"].tolist() == november["proposal_id"].tolist()
    assert october["proposal_id"].tolist() != paid["proposal_id"].tolist()


def test_hostile_names_and_notes_stay_text(run, kit):
    name = '=HYPERLINK("http://x","y")\u202e'
    made = run(items=[kit.invoice(text="<script>")], customers=[{"customer_id": "C1", "name": name}],
               activities=[{"activity_id": "T1", "customer_id": "C1", "occurred_at": "2026-09-01T00:00:00Z", "kind": "call",
                            "outcome": "<b>", "text": "=1+1"}])  # fmt: skip

    assert made.proposals["customer_name"].tolist() == [name]
    assert "<" not in made.proposals["evidence"][0]


def test_only_items_are_needed_and_an_empty_book_gives_nothing(kit):
    from arlib.tables import Book

    alone = candidates(
        Book({"items": kit.frame("items", [kit.invoice()])}), scope=kit.scope(), policies=Policies()
    )
    assert alone.proposals["item_id"].tolist() == ["I1"]
    nothing = candidates(Book({}), scope=kit.scope(), policies=Policies())
    assert nothing.proposals.empty
    assert nothing.blocked.empty
