"""The movement of the allowance: it foots, nothing is hidden, and the flows are those of the books."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from arlib.controls import Status
from arlib.credit.allowance.booked import BookedAllowance, BookedFrom, booked_allowance
from arlib.credit.allowance.checks import allowance_controls, required_control
from arlib.credit.allowance.flows import loss_flows
from arlib.credit.allowance.frames_movement import LOSS_FLOWS, MovementLine
from arlib.credit.allowance.movement import movement
from arlib.errors import TableError
from arlib.policy import AllowancePolicy, Scope
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book

LINES = MovementLine


def scope(period: str = "2026-10", currency: str = "USD", entity: str = "E1") -> Scope:
    first = pd.Timestamp(f"{period}-01")
    last = (first + pd.offsets.MonthEnd(0)).date()
    return Scope(entity=entity, entity_name="", functional_currency=currency, period=period,
                 starts_on=first.date(), ends_on=last, as_of=last)  # fmt: skip


def item(item_id: str, kind: str, day: str, amount: int, **more: object) -> dict[str, object]:
    return {"entity": "E1", "item_id": item_id, "document_no": item_id, "customer_id": "C1", "item_type": kind,
            "effective_date": day, "currency": "USD", "amount": amount, **more}  # fmt: skip


def applied(name: str, source: str, target: str, day: str, amount: int, **more: object) -> dict[str, object]:
    return {"entity": "E1", "application_id": name, "source_item_id": source, "target_item_id": target,
            "effective_date": day, "source_currency": "USD", "source_amount": amount, "target_currency": "USD",
            "target_amount": amount, "kind": "write_off", "reason": "uncollectable", "pairing": "stated", **more}  # fmt: skip


def entry(name: str, day: str, line: str, amount: int, **more: object) -> dict[str, object]:
    return {"entity": "E1", "entry_id": name, "account": "1280", "posting_date": day, "line": line, "part": "pool",
            "currency": "USD", "amount": amount, "journal_id": name, **more}  # fmt: skip


def frame(name: str, rows: list[dict[str, object]]) -> pd.DataFrame:
    keys = sorted({key for row in rows for key in row})
    made = pd.DataFrame({k: pd.Series([r.get(k) for r in rows], dtype="object") for k in keys})
    return CANONICAL[name].typed(made)


def a_book(**tables: list[dict[str, object]]) -> Book:
    return Book({name: frame(name, rows) for name, rows in tables.items()})


ITEMS = [
    item("I1", "invoice", "2026-05-01", 100_00, tax_amount=20_00),
    item("I2", "invoice", "2026-05-01", 3_00),
    item("I3", "invoice", "2026-05-01", 50_00),
    item("W1", "write_off", "2026-10-05", -100_00),
    item("W2", "write_off", "2026-10-06", -3_00),
    item("W3", "write_off", "2026-09-30", -50_00),
    item("R3", "recovery", "2026-10-31", 10_00, replaces="I3"),
]
APPLICATIONS = [
    applied("A1", "W1", "I1", "2026-10-05", 100_00),
    applied("A2", "W2", "I2", "2026-10-06", 3_00, reason="small_balance"),
    applied("A3", "W3", "I3", "2026-09-30", 50_00),
]
ENTRIES = [
    entry("E0", "2026-08-31", "opening", 200_00),
    entry("E1", "2026-09-30", "write_off", -50_00),
    entry("E2", "2026-10-05", "write_off", -100_00),
    entry("E3", "2026-10-20", "scope", 7_00),
]


def flows_of(book: Book, policy: AllowancePolicy | None = None, **of: str) -> pd.DataFrame:
    made = loss_flows(book, scope=scope(**of), policy=policy or AllowancePolicy())
    return made.assign(part="pool", segment="")


def amounts(made: pd.DataFrame, part: str = "total", column: str = "amount") -> dict[str, int]:
    rows = made[made["part"].eq(part)]
    return {line: int(x) for line, x in zip(rows["line"], rows[column], strict=True) if x}


def test_a_month_by_hand():
    book = a_book(items=ITEMS, applications=APPLICATIONS, allowance_entries=ENTRIES)
    made = movement(flows_of(book), booked_allowance(book, scope=scope()), {("pool", ""): 120_00},
                    scope=scope(), credits_recoveries=False)  # fmt: skip
    # the last day of September is before, the first and the last of October inside
    assert amounts(made.frame) == {
        "opening": 150_00, "charge": 63_00, "write_off": -100_00, "scope": 7_00, "closing": 120_00,
    }  # fmt: skip
    assert amounts(made.frame, column="booked") == {
        "opening": 150_00, "write_off": -100_00, "scope": 7_00, "closing": 57_00,
    }  # fmt: skip
    assert amounts(made.frame, column="to_book") == {"charge": 63_00, "closing": 63_00}
    assert made.expense["amount"].tolist() == [63_00, 0, -10_00, 53_00]
    assert made.limits == ()


def test_recoveries_credit_the_allowance_where_the_framework_says_so():
    book = a_book(items=ITEMS, applications=APPLICATIONS, allowance_entries=ENTRIES)
    made = movement(flows_of(book), booked_allowance(book, scope=scope()), {("pool", ""): 120_00},
                    scope=scope(), credits_recoveries=True)  # fmt: skip
    assert amounts(made.frame)["recovery"] == 10_00
    assert amounts(made.frame)["charge"] == 53_00
    # the cost of the month is the same either way
    assert made.expense["amount"].tolist()[-1] == 53_00


def test_net_of_tax_and_small_balances():
    net = flows_of(a_book(items=ITEMS, applications=APPLICATIONS), AllowancePolicy(is_net_of_tax=True))
    by = net.set_index("fact_id")
    assert by["loss"].to_dict() == {"R3": 10_00, "A1": 80_00, "A2": 0, "A3": 50_00}
    assert by["tax_functional_amount"].to_dict() == {"R3": 0, "A1": 20_00, "A2": 0, "A3": 0}
    assert by["is_credit_loss"].to_dict() == {"R3": True, "A1": True, "A2": False, "A3": True}
    every = flows_of(
        a_book(items=ITEMS, applications=APPLICATIONS), AllowancePolicy(reasons_not_credit_loss=())
    )
    assert every.set_index("fact_id")["loss"].to_dict() == {
        "R3": 10_00,
        "A1": 100_00,
        "A2": 3_00,
        "A3": 50_00,
    }


def test_a_reversal_comes_back_from_its_own_date_and_the_group_is_no_credit_loss():
    back = applied("A4", "W3", "I3", "2026-10-09", -50_00, reverses="A3")
    book = a_book(items=ITEMS, applications=[*APPLICATIONS, back])
    made = movement(flows_of(book), booked_allowance(book, scope=scope()), {("pool", ""): 0},
                    scope=scope(), credits_recoveries=False)  # fmt: skip
    assert amounts(made.frame)["write_off"] == -50_00
    ours = [{"entity": "E1", "customer_id": "C1", "name": "sister", "is_intercompany": True}]
    group = flows_of(a_book(items=ITEMS, applications=APPLICATIONS, customers=ours))
    assert group["loss"].tolist() == [0, 0, 0, 0]


def test_cash_on_the_debt_itself_is_a_recovery_without_an_item():
    cash = applied("A9", "C9", "I3", "2026-10-15", 4_00, kind="payment", reason="recovery")
    book = a_book(
        items=[*ITEMS, item("C9", "receipt", "2026-10-15", -4_00)], applications=[*APPLICATIONS, cash]
    )
    recovered = flows_of(book).query("flow == 'recovery'").set_index("fact_id")["loss"]
    assert recovered.to_dict() == {"A9": 4_00, "R3": 10_00}


def test_where_the_opening_comes_from():
    prior = [{"entity": "E1", "period": "2026-09", "as_of": "2026-09-30", "part": "pool", "currency": "USD",
              "allowance": 99_00, "run_id": "r"}]  # fmt: skip
    book = a_book(items=ITEMS, applications=APPLICATIONS, prior_allowance=prior)
    booked = booked_allowance(book, scope=scope())
    assert (booked.source, booked.closing) == (BookedFrom.NOTHING, None)
    made = movement(flows_of(book), booked, {("pool", ""): 0}, scope=scope(), credits_recoveries=False)
    assert amounts(made.frame) == {"opening": 99_00, "charge": 1_00, "write_off": -100_00}
    assert made.frame["booked"].isna().all()
    assert "previous close" in made.limits[0]
    none = a_book(items=ITEMS, applications=APPLICATIONS)
    made = movement(flows_of(none), booked_allowance(none, scope=scope()), {("pool", ""): 0}, scope=scope(),
                    credits_recoveries=False)  # fmt: skip
    assert amounts(made.frame) == {"charge": 100_00, "write_off": -100_00}
    assert "starts at 0" in made.limits[0]
    assert required_control(booked, 5, scope=scope(), proposal="").status is Status.NO_INPUT


def test_segments_stand_apart_or_as_one_pool():
    closing = {("pool", "north"): 30_00, ("pool", "south"): 20_00, ("specific", ""): 5_00}
    rows = [entry("E0", "2026-09-30", "opening", 12_00, segment="north"), entry("E1", "2026-10-02", "transfer", -2_00, segment="north"),
            entry("E2", "2026-10-02", "transfer", 2_00, part="specific", customer_id="C1")]  # fmt: skip
    flows = LOSS_FLOWS.empty().assign(part="", segment="")
    made = movement(flows, booked_allowance(a_book(allowance_entries=rows), scope=scope()), closing,
                    scope=scope(), credits_recoveries=False)  # fmt: skip
    places = made.frame.drop_duplicates(["part", "segment"])[["part", "segment"]].to_numpy().tolist()
    assert places == [["pool", "north"], ["pool", "south"], ["specific", ""], ["total", ""]]
    assert amounts(made.frame, "specific") == {"charge": 3_00, "transfer": 2_00, "closing": 5_00}
    rows[0]["segment"] = "overseas"
    made = movement(flows, booked_allowance(a_book(allowance_entries=rows), scope=scope()), closing,
                    scope=scope(), credits_recoveries=False)  # fmt: skip
    assert amounts(made.frame, "pool") == {
        "opening": 12_00,
        "charge": 40_00,
        "transfer": -2_00,
        "closing": 50_00,
    }
    assert "the pool as a whole" in made.limits[0]


def test_an_entry_in_another_currency_is_refused():
    book = a_book(allowance_entries=[entry("E0", "2026-09-30", "opening", 1, currency="EUR")])
    with pytest.raises(TableError, match="E0 in EUR"):
        booked_allowance(book, scope=scope())


MONEY = st.integers(-(10**9), 10**9)


@settings(max_examples=10)
@given(
    entries=st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["charge", "release", "write_off", "scope", "transfer"]),
                               st.sampled_from(["pool", "specific"]), MONEY), max_size=8),
    flows=st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["write_off", "recovery"]),
                             st.sampled_from(["pool", "specific"]), MONEY), max_size=6),
    closing=st.dictionaries(st.sampled_from([("pool", ""), ("specific", "")]), st.integers(0, 10**10)),
    credited=st.booleans(), unwound=MONEY,
)  # fmt: skip
def test_it_always_foots_by_part_and_in_total(entries, flows, closing, credited, unwound):
    start = pd.Timestamp("2026-09-01")
    rows = [entry(f"E{at}", str((start + pd.Timedelta(days=day)).date()), line, amount, part=part)
            for at, (day, line, part, amount) in enumerate(entries)]  # fmt: skip
    facts = pd.DataFrame([
        {"entity": "E1", "flow": flow, "fact_id": f"F{at}", "posting_date": start + pd.Timedelta(days=day), "item_id": "I",
         "is_credit_loss": True, "currency": "USD", "amount": amount, "loss": amount, "part": part, "segment": ""}
        for at, (day, flow, part, amount) in enumerate(flows)
    ])  # fmt: skip
    typed = LOSS_FLOWS.typed(facts) if len(facts) else LOSS_FLOWS.empty()
    typed = typed.assign(part=facts["part"] if len(facts) else "", segment="")
    made = movement(typed, booked_allowance(a_book(allowance_entries=rows), scope=scope()), closing, scope=scope(),
                    credits_recoveries=credited, unwind={("pool", ""): unwound})  # fmt: skip
    lines = made.frame[~made.frame["line"].eq("closing")]
    for column in ("amount", "booked", "to_book"):
        feet = made.frame[made.frame["line"].eq("closing")].set_index("part")[column]
        assert lines.groupby("part")[column].sum().to_dict() == feet.to_dict()
    assert feet["total"] == sum(closing.values()) - sum(x for day, *_, x in entries if day <= 60)
    charge, release = (made.amount(line) for line in (LINES.CHARGE, LINES.RELEASE))
    assert charge >= 0 >= release
    mixed = movement(typed.sample(frac=1, random_state=1), booked_allowance(a_book(allowance_entries=rows[::-1]), scope=scope()),
                     closing, scope=scope(), credits_recoveries=credited, unwind={("pool", ""): unwound})  # fmt: skip
    assert_frame_equal(mixed.frame, made.frame)


@pytest.fixture(scope="module")
def sample() -> Book:
    return Book(tables=generate(seed=7, items=800).tables)


BOOKS = [("US01", "USD"), ("UK01", "GBP"), ("JP01", "JPY")]


@pytest.mark.parametrize(("entity", "currency"), BOOKS)
@pytest.mark.parametrize("period", ["2026-03", "2026-05", "2026-07", "2026-08", "2026-10"])
def test_flows_and_opening_equal_sql_over_the_sample(sample, entity, currency, period):
    at = scope(period, currency, entity)
    flows = loss_flows(sample, scope=at, policy=AllowancePolicy()).assign(part="pool", segment="")
    booked = booked_allowance(sample, scope=at)
    made = movement(flows, booked, {("pool", ""): 1_000}, scope=at, credits_recoveries=True)
    con = duckdb.connect()
    for name in ("items", "applications", "allowance_entries"):
        con.register(name, sample[name])
    written, back, opening = con.execute(
        """
        select
          (select coalesce(sum(w.functional_amount), 0) from items w join applications a
             on a.entity = w.entity and a.source_item_id = w.item_id
           where w.entity = $e and w.item_type = 'write_off' and a.reason = 'uncollectable'
             and w.posting_date between $s and $t),
          (select coalesce(sum(functional_amount), 0) from items
           where entity = $e and item_type = 'recovery' and posting_date between $s and $t),
          (select coalesce(sum(amount), 0) from allowance_entries where entity = $e and posting_date < $s)
        """,
        {"e": entity, "s": at.starts_on, "t": at.as_of},
    ).fetchone()  # fmt: skip
    assert (made.amount(LINES.WRITE_OFF), made.amount(LINES.RECOVERY)) == (written, back)
    assert made.amount(LINES.OPENING) == opening


@pytest.mark.parametrize(("entity", "currency"), BOOKS)
def test_the_sample_flows_foot_to_the_ledger_and_a_lost_document_is_named(sample, entity, currency):
    found = 0
    for period in pd.period_range("2026-05", "2026-10", freq="M").astype(str):
        at = scope(period, currency, entity)
        flows = loss_flows(sample, scope=at, policy=AllowancePolicy())
        controls, differ = allowance_controls(
            sample,
            flows,
            booked_allowance(sample, scope=at),
            scope=at,
            credits_recoveries=False,
            ledger="primary",
        )
        ours = [
            c for c in controls if "allowance entries = sub-ledger" not in c.title or "Write-offs" in c.title
        ]
        assert {control.status for control in ours} == {Status.TIED}
        assert differ.empty
        found += len(flows)
    assert found, "the sample company must have losses"
    at = scope("2026-10", currency, entity)
    lost = {**sample.tables, "written_off": sample["written_off"].iloc[:-1].iloc[::2]}
    broken = Book(tables=lost)
    flows = loss_flows(broken, scope=at, policy=AllowancePolicy())
    controls, differ = allowance_controls(
        broken,
        flows,
        booked_allowance(broken, scope=at),
        scope=at,
        credits_recoveries=False,
        ledger="primary",
    )
    assert any(control.status is Status.UNEXPLAINED for control in controls)
    missing = set(sample["written_off"]["item_id"]) - set(lost["written_off"]["item_id"])
    assert len(differ)
    assert set(differ["document_no"]) <= missing | set(sample["written_off"]["item_id"])


def test_the_required_control_is_explained_by_its_proposal():
    booked = BookedAllowance(source=BookedFrom.ENTRIES, entries=CANONICAL["allowance_entries"].empty(), ledger={},
                             prior=CANONICAL["prior_allowance"].empty(), closing=70_00)  # fmt: skip
    gap = required_control(booked, 100_00, scope=scope(), proposal="AL-1")
    assert (gap.status, gap.difference, gap.explained) == (Status.EXPLAINED, -30_00, -30_00)
    assert (
        required_control(replace(booked, closing=100_00), 100_00, scope=scope(), proposal="").status
        is Status.TIED
    )
    assert gap.oldest == date(2026, 10, 31)


def test_a_manual_journal_on_the_allowance_account_is_named(sample):
    at = scope("2026-10", "USD", "US01")
    lines = sample["gl_lines"]
    manual = lines[lines["account"].eq("1280") & lines["entity"].eq("US01")].iloc[-1:].assign(
        journal_id="MANUAL-7", line_id="1", document_no="MANUAL-7", posting_date=pd.Timestamp("2026-10-20"),
        source="manual", amount=-12_34, functional_amount=-12_34,
    )  # fmt: skip
    tables = {name: frame for name, frame in sample.tables.items() if name != "gl_balances"}
    for more, is_tied in ((lines, True), (pd.concat([lines, manual], ignore_index=True), False)):
        book = Book({**tables, "gl_lines": CANONICAL["gl_lines"].typed(more)})
        flows = loss_flows(book, scope=at, policy=AllowancePolicy())
        controls, differ = allowance_controls(
            book,
            flows,
            booked_allowance(book, scope=at),
            scope=at,
            credits_recoveries=False,
            ledger="primary",
        )
        control = next(each for each in controls if each.account == "1280")
        assert (control.status is Status.TIED) is is_tied
        assert (control.difference, differ["document_no"].tolist()) == (
            (0, []) if is_tied else (12_34, ["MANUAL-7"])
        )
        assert ("MANUAL-7" in control.note) is not is_tied
