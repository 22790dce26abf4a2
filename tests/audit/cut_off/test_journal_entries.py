"""Journal entries by hand: each sign beside its honest twin; completeness; what was planted in the sample."""

from __future__ import annotations

from decimal import Decimal

import pytest

from arlib.audit.cut_off.journals import journal_entries
from arlib.controls import Status
from arlib.policy import AuthorityPolicy, Policies
from arlib.policy.authority import Grant, Person


def run(book, scope, ask, policies=None):
    return journal_entries(book, scope=scope, policies=policies or Policies(), ask=ask)


def line(number, **more):
    plain = {
        "ledger": "primary",
        "account": "1200",
        "journal_id": f"J{number}",
        "line_id": "1",
        "posting_date": "2026-10-14",
        "entered_at": "2026-10-14T15:00:00Z",
        "user": "interface",
        "source": "billing",
        "status": "posted",
        "document_no": f"D-{number}",
        "currency": "USD",
        "amount": 123_45,
        "functional_amount": 123_45,
        "text": "invoice",
    }
    return plain | more


def signs_of(book, scope, asked, **options):
    rows = run(book, scope, asked("journal_entries", min_score=1, **options)).entries
    return {row.journal_id: set(row.signs.split(", ")) for row in rows.itertuples(index=False)}


KNOWN = [{"document_no": f"D-{n}", "amount": 123_45, "posting_date": "2026-10-14"} for n in range(1, 6)]


@pytest.mark.parametrize(
    ("more", "sign", "twin"),
    [
        ({"source": "manual", "user": "gl.clerk"}, "manual", {}),
        ({"document_no": "JM-9"}, "no_sub_ledger_document", {}),
        ({"status": "unposted"}, "unposted", {}),
        (
            {"entered_at": "2026-10-14T06:30:00Z"},
            "night",
            {"entered_at": "2026-10-15T01:30:00Z"},
        ),  # 02:30, and 21:30 in New York
        (
            {"entered_at": "2026-10-18T15:00:00Z", "source": "manual"},
            "weekend",
            {"entered_at": "2026-10-16T15:00:00Z", "source": "manual"},
        ),
        (
            {"posting_date": "2026-10-05", "entered_at": "2026-10-14T15:00:00Z"},
            "posted_back",
            {"posting_date": "2026-10-09"},
        ),
        ({"posting_date": "2026-09-30"}, "after_close", {"posting_date": "2026-10-01"}),
        ({"functional_amount": 3_000_00}, "round_amount", {"functional_amount": 3_000_01}),
        (
            {"functional_amount": 4_800_00, "source": "manual"},
            "below_limit",
            {"functional_amount": 5_000_01, "source": "manual"},
        ),
        (
            {"posting_date": "2026-10-31", "source": "manual", "document_no": "JM"},
            "period_end",
            {"posting_date": "2026-10-29", "source": "manual", "document_no": "JM"},
        ),
        (
            {"text": None, "source": "manual"},
            "empty_text",
            {"text": "rent of pallets, contract 17", "source": "manual"},
        ),
        ({"text": "=cmd|' /C calc'!A0"}, "hostile_text", {"text": "a-b"}),
        (
            {"text": "plug per CFO", "document_no": "JM"},
            "odd_text",
            {"text": "pluggable units", "document_no": "JM"},
        ),
        (
            {"text": "accrual, to be reversed", "document_no": "JM", "source": "manual"},
            "never_taken_back",
            {"text": "rent", "document_no": "JM", "source": "manual"},
        ),
    ],
)
def test_each_sign_and_its_twin(books, scope, asked, more, sign, twin):
    periods = [
        {
            "period": "2026-09",
            "starts_on": "2026-09-01",
            "ends_on": "2026-09-30",
            "state": "closed",
            "closed_at": "2026-10-08T00:00:00Z",
        },
        {"period": "2026-10", "starts_on": "2026-10-01", "ends_on": "2026-10-31", "state": "open"},
    ]
    policies = Policies(
        authority=AuthorityPolicy(
            people=(Person(name="cm"),), grants=(Grant(person="cm", up_to=Decimal(5000)),)
        )
    )
    for given, expected in ((more, True), (twin, False)):
        book = books(gl_lines=[line(1, **given)], items=KNOWN, periods=periods)
        rows = run(book, scope, asked("journal_entries", min_score=1), policies).entries
        seen = set(rows["signs"].iloc[0].split(", ")) if len(rows) else set()
        assert (sign in seen) is expected, (given, seen)


def test_taken_back_in_the_next_period(books, scope, asked):
    hand = {"source": "manual", "user": "gl.clerk"}
    rows = [
        line(1, **hand, posting_date="2026-09-30", document_no="JM-1"),
        line(2, **hand, posting_date="2026-10-01", document_no="JM-2", functional_amount=-123_45),
        line(3, **hand, posting_date="2026-10-05", document_no="JM-3", functional_amount=77_00),
        line(
            4, **hand, posting_date="2026-10-06", document_no="JM-4", functional_amount=-77_00
        ),  # the same period
    ]
    seen = signs_of(books(gl_lines=rows, items=KNOWN), scope, asked)
    assert [name for name, mine in seen.items() if "taken_back" in mine] == ["J1"]


def test_ordinary_interface_lines_are_not_listed(books, scope, asked):
    book = books(gl_lines=[line(n) for n in range(1, 6)], items=KNOWN)
    result = run(book, scope, asked("journal_entries"))
    assert result.entries.empty
    assert result.sources["lines"].tolist() == [5]


def test_completeness_by_account(books, scope, asked):
    """Opening 10.00 + 123.45 = 133.45 ties; the other account states 5.00 too much; the third states nothing at the date."""
    balance = {"ledger": "primary", "currency": "USD"}
    balances = [
        {**balance, "account": "1200", "as_of": "2025-10-31", "balance": 10_00},
        {**balance, "account": "1200", "as_of": "2026-10-31", "balance": 133_45},
        {**balance, "account": "1201", "as_of": "2026-10-31", "balance": 128_45},
    ]
    lines = [
        line(1),
        line(2, account="1201"),
        line(3, account="1250"),
        line(4, account="1200", status="unposted"),
    ]
    controls = {
        c.account: c
        for c in run(
            books(gl_lines=lines, gl_balances=balances, items=KNOWN), scope, asked("journal_entries")
        ).controls
    }
    assert controls["1200"].status is Status.TIED
    assert (controls["1201"].status, controls["1201"].difference) == (Status.UNEXPLAINED, 5_00)
    assert controls["1250"].status is Status.NO_INPUT


def test_what_cannot_be_looked_for_is_said(books, scope, asked):
    book = books(gl_lines=[line(1, entered_at=None)], items=KNOWN)
    result = run(book, scope, asked("journal_entries"))
    states = result.signs.set_index("sign")["state"]
    assert (states[["night", "weekend", "posted_back", "after_close", "below_limit"]] == "not_possible").all()
    assert result.tests.set_index("test").loc["one_person", "state"] == "not_possible"
    empty = run(books(items=KNOWN), scope, asked("journal_entries"))
    assert empty.tests["state"].tolist() == ["not_possible"] * 3


def test_everything_planted_in_the_ledger_is_listed_and_journals_come_first(sample, of_sample, asked):
    for entity in ("US01", "UK01", "JP01"):
        book, scope, truth = of_sample(sample, entity)
        result = run(book, scope, asked("journal_entries"))
        planted = truth[truth["is_planted"] & truth["control"].eq("control_account")]
        lines = book["gl_lines"]
        inside = lines[lines["posting_date"].between("2025-11-01", "2026-10-31")]
        wanted = set(planted["document_no"]) & set(inside["document_no"].fillna(inside["journal_id"]))
        assert wanted <= set(result.entries["document_no"].fillna(result.entries["journal_id"])), entity
        manual = planted.loc[planted["kind"].eq("manual_journal"), "document_no"]
        assert result.entries.set_index("document_no").loc[list(manual), "rank"].max() <= 5
        named = {
            number for numbers in truth.loc[truth["is_planted"], "documents"] for number in numbers.split()
        }
        false = result.entries[~result.entries["document_no"].isin(named)]
        assert false.empty, false[["document_no", "signs"]]
        assert all(control.status is Status.TIED for control in result.controls)
        assert all(identity.holds for identity in result.identities)
