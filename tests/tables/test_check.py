"""The check of a declared table: every kind of fault is found, all at once, and nothing else is."""

import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import Severity
from arlib.tables import CANONICAL, PROBLEMS
from arlib.tables.check import check, is_currency_column

ITEMS, CUSTOMERS, FX = CANONICAL["items"], CANONICAL["customers"], CANONICAL["fx_rates"]
GOOD = {"item_id": "1", "entity": "US01", "item_type": "invoice", "document_no": "INV-1",
        "effective_date": "2026-10-01", "currency": "USD", "amount": 100}  # fmt: skip


def items(*changes: dict[str, object]) -> pd.DataFrame:
    """Good items, one for each dict of changes, with ids 1, 2, 3 ..."""
    records = [GOOD | {"item_id": str(n)} | change for n, change in enumerate(changes, start=1)]
    return ITEMS.typed(pd.DataFrame(records).astype({"amount": "Int64"}))


def faults(problems: pd.DataFrame) -> list[tuple[int, str, str]]:
    """Row, column and code of each problem."""
    return list(problems[["row", "column", "code"]].itertuples(index=False, name=None))


def test_good_rows_pass_whole_and_unchanged():
    frame = items({}, {"amount": -5, "item_type": "credit_memo"})
    before = frame.copy(deep=True)

    good, problems = check(frame, ITEMS, file="items.csv")

    pd.testing.assert_frame_equal(good, before)
    pd.testing.assert_frame_equal(frame, before)
    assert problems.empty
    assert list(problems.columns) == PROBLEMS.names


@pytest.mark.parametrize(
    ("change", "column", "code", "found"),
    [
        ({"document_no": None}, "document_no", "missing_value", ""),
        ({"document_no": ""}, "document_no", "missing_value", ""),
        ({"effective_date": None}, "effective_date", "missing_value", ""),
        ({"amount": None}, "amount", "missing_value", ""),
        ({"currency": None}, "currency", "missing_value", ""),
        ({"item_type": "banana"}, "item_type", "not_a_choice", "banana"),
        ({"item_type": "Invoice"}, "item_type", "not_a_choice", "Invoice"),
        ({"cash_status": "lost"}, "cash_status", "not_a_choice", "lost"),
        ({"currency": "USX"}, "currency", "unknown_currency", "USX"),
        ({"currency": "usd"}, "currency", "unknown_currency", "usd"),
        ({"currency": "XAU"}, "currency", "unknown_currency", "XAU"),
        ({"rate": "1,08"}, "rate", "not_a_rate", "1,08"),
        ({"rate": "-1"}, "rate", "not_a_rate", "-1"),
        ({"rate": "1e5"}, "rate", "not_a_rate", "1e5"),
        ({"item_id": "=1+1"}, "item_id", "formula_like_id", "=1+1"),
        ({"item_id": "+49"}, "item_id", "formula_like_id", "+49"),
        ({"item_id": "@SUM"}, "item_id", "formula_like_id", "@SUM"),
        ({"item_id": "\tx"}, "item_id", "formula_like_id", "\tx"),
        ({"item_id": "\rx"}, "item_id", "formula_like_id", "\rx"),
        ({"customer_id": "=cmd"}, "customer_id", "formula_like_id", "=cmd"),
        ({"document_no": "@x"}, "document_no", "formula_like_id", "@x"),
        ({"reverses": "=1"}, "reverses", "formula_like_id", "=1"),
        ({"item_id": " =1"}, "item_id", "formula_like_id", " =1"),
        ({"item_id": "\u00a0\u200b=1"}, "item_id", "formula_like_id", "\u00a0\u200b=1"),
        ({"item_id": "\n@x"}, "item_id", "formula_like_id", "\n@x"),
        ({"item_id": "\uff1d1"}, "item_id", "formula_like_id", "\uff1d1"),
        ({"item_id": "-1+1"}, "item_id", "formula_like_id", "-1+1"),
        ({"item_id": "-2|x"}, "item_id", "formula_like_id", "-2|x"),
        ({"item_id": "1 "}, "item_id", "id_with_blanks", "1 "),
        ({"customer_id": "\u00a0C"}, "customer_id", "id_with_blanks", "\u00a0C"),
        ({"document_no": "a\nb"}, "document_no", "id_with_blanks", "a\nb"),
        ({"document_no": "a\u200bb"}, "document_no", "id_with_blanks", "a\u200bb"),
    ],
)
def test_each_fault_is_found_alone(change, column, code, found):
    good, problems = check(items({}, change, {}), ITEMS, file="items.csv")

    assert faults(problems) == [(3, column, code)]
    assert problems["found"].fillna("").tolist() == [found]
    assert problems["severity"].tolist() == [Severity.REJECTED.value]
    assert good["item_id"].tolist() == ["1", "3"]


@pytest.mark.parametrize(
    "change",
    [
        {"item_id": "-12"},
        {"item_id": "-A_1/2.b"},
        {"item_id": "A B-7"},
        {"item_id": "\u00c4-1"},
        {"item_id": "00417"},
        {"text": '=HYPERLINK("http://x")'},
        {"text": "@<script>"},
        {"customer_id": None},
        {"cash_status": ""},
        {"rate": ""},
        {"rate": "0.000247219"},
        {"discount_rate": "0"},
        {"amount": 0},
        {"currency": "KWD"},
        {"currency": "JPY.2"},
    ],
)
def test_what_is_allowed_passes(change):
    good, problems = check(items(change), ITEMS, file="items.csv")

    assert problems.empty
    assert len(good) == 1


def test_rows_that_share_a_key_are_all_out_whatever_their_order():
    frame = items({"item_id": "7"}, {}, {"item_id": "7", "amount": 5}, {"item_id": "7", "entity": "UK01"})

    for ordered in (frame, frame.iloc[::-1].reset_index(drop=True)):
        good, problems = check(ordered, ITEMS, file="items.csv")
        assert sorted(good["entity"] + good["item_id"]) == ["UK017", "US012"]
        assert problems["code"].tolist() == ["duplicate_key", "duplicate_key"]
        assert problems["column"].tolist() == ["entity, item_id"] * 2
        assert problems["found"].tolist() == ["US01 / 7"] * 2


def test_a_key_with_an_empty_part_can_be_doubled_too():
    frame = CUSTOMERS.frame(
        [{"customer_id": "A"}, {"customer_id": "A", "entity": ""}, {"customer_id": "A", "entity": "US01"}]
    )

    # the entity of a customer may be left out: one account for all
    good, problems = check(frame, CUSTOMERS, file="customers.csv")

    assert problems["found"].tolist() == ["(empty) / A"] * 2
    assert good["entity"].tolist() == ["US01"]


def test_all_faults_of_all_rows_come_at_once_in_the_order_of_the_file():
    frame = items(
        {"item_id": "=1", "item_type": "banana", "currency": "USX"},
        {},
        {"item_id": "2", "amount": None, "currency": ""},
    )

    good, problems = check(frame, ITEMS, file="items.csv")

    assert faults(problems) == [
        (2, "currency", "unknown_currency"),
        (2, "item_id", "formula_like_id"),
        (2, "item_type", "not_a_choice"),
        (3, "entity, item_id", "duplicate_key"),
        (4, "amount", "missing_value"),
        (4, "currency", "missing_value"),
        (4, "entity, item_id", "duplicate_key"),
    ]
    assert good.empty
    assert problems["file"].eq("items.csv").all()
    assert problems["table"].eq("items").all()


def test_the_words_say_what_is_wanted():
    _, problems = check(items({"item_type": "x"}, {"currency": "x"}, {"amount": None}), ITEMS, file="f")
    wanted = problems["wanted"].tolist()

    assert wanted[0].startswith("one of 'invoice', 'debit_memo'")
    assert wanted[1] == "an ISO 4217 code such as USD"
    assert wanted[2] == ITEMS["amount"].meaning


def test_rows_and_columns_are_named_as_in_the_source():
    frame = items({"currency": "USX"}, {"item_id": "9"}, {"item_id": "9"})

    _, problems = check(
        frame,
        ITEMS,
        file="BSEG.csv",
        rows=pd.Series([10, 20, 30]),
        names={"currency": "WAERS", "item_id": "BELNR"},
    )

    assert faults(problems) == [
        (10, "WAERS", "unknown_currency"),
        (20, "entity, BELNR", "duplicate_key"),
        (30, "entity, BELNR", "duplicate_key"),
    ]  # fmt: skip


def test_an_amount_whose_currency_may_be_missing_must_have_one():
    raw = pd.DataFrame({"customer_id": ["A", "B", "C"], "credit_limit": pd.array([5, 5, None], dtype="Int64"),
                        "limit_currency": [None, "USD", None]})  # fmt: skip

    good, problems = check(CUSTOMERS.typed(raw), CUSTOMERS, file="c.csv")

    assert faults(problems) == [(2, "credit_limit", "amount_without_currency")]
    assert good["customer_id"].tolist() == ["B", "C"]


def test_a_missing_required_column_is_a_fault_of_the_file():
    good, problems = check(items({}).drop(columns=["currency", "text"]), ITEMS, file="items.csv")

    assert faults(problems) == [(0, "currency", "missing_column")]
    assert good.empty
    assert list(good.columns) == ITEMS.names


def test_the_index_of_the_caller_stays_and_may_repeat():
    frame = items({}, {"currency": "USX"}, {}).set_index(pd.Index([5, 5, 5]))

    good, problems = check(frame, ITEMS, file="f")

    assert good.index.tolist() == [5, 5]
    assert good["item_id"].tolist() == ["1", "3"]
    assert problems["row"].tolist() == [3]


def test_money_held_as_floats_is_a_fault_of_the_program():
    with pytest.raises(TypeError, match="money must be integer"):
        check(pd.DataFrame([GOOD | {"amount": 1.5}]), ITEMS, file="f")


@pytest.mark.parametrize("name", sorted(CANONICAL))
def test_an_empty_table_is_valid(name):
    good, problems = check(CANONICAL[name].empty(), CANONICAL[name], file="f")

    assert (len(good), len(problems)) == (0, 0)
    assert list(good.columns) == CANONICAL[name].names


def test_exchange_rates_have_two_currencies():
    rows = [{"date": "2026-10-30", "base": b, "quote": q, "rate": r, "kind": "spot", "source": "ECB"}
            for b, q, r in (("EUR", "USD", "1.08"), ("EUX", "USD", "1.08"), ("EUR", "US", "x"))]  # fmt: skip

    _, problems = check(FX.frame(rows), FX, file="fx.csv")

    assert faults(problems) == [
        (3, "base", "unknown_currency"), (4, "quote", "unknown_currency"), (4, "rate", "not_a_rate"),
    ]  # fmt: skip


def test_every_currency_of_an_amount_is_checked():
    columns = [
        (t.name, c.currency)
        for t in CANONICAL.values()
        for c in t.columns
        if c.currency not in ("", "functional")
    ]

    assert len(columns) > 20
    assert all(is_currency_column(CANONICAL[table], CANONICAL[table][name]) for table, name in columns)


CHANGE = st.fixed_dictionaries(
    {
        "item_id": st.sampled_from(["1", "2", "3", "4", "5", "6", "=7", "", None]),
        "currency": st.sampled_from(["USD", "USD", "USD", "USX", "", None]),
        "item_type": st.sampled_from(["invoice", "invoice", "invoice", "x"]),
    }
)


@settings(deadline=None, max_examples=50)
@given(st.lists(CHANGE, max_size=8))
def test_no_row_is_lost_and_each_is_judged_as_a_plain_loop_judges_it(changes):
    frame = items(*changes) if changes else ITEMS.empty()
    good, problems = check(frame, ITEMS, file="f")

    keys = [(c["item_id"] or "") for c in changes]

    def is_good(c: dict[str, object]) -> bool:
        item, currency, kind = c["item_id"] or "", c["currency"] or "", c["item_type"] or ""
        return (
            bool(item)
            and not str(item).startswith("=")
            and currency == "USD"
            and kind == "invoice"
            and keys.count(item) == 1
        )

    expected = [n for n, c in enumerate(changes) if is_good(c)]
    assert good.index.tolist() == expected
    assert {row - 2 for row in problems["row"]} == set(range(len(changes))) - set(expected)


def test_importing_the_tables_loads_no_schema_library(repo):
    heavy = "('pandas', 'pandera', 'iso4217')"
    program = f"import sys, arlib.tables, arlib.tables.check; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=repo
    )

    assert done.stdout.strip() == "[]"


def test_an_entitys_own_currency_is_checked():
    entities = CANONICAL["entities"]
    rows = [("US01", "USD"), ("X", "US")]
    frame = entities.frame([{"entity": e, "name": "Company", "functional_currency": c} for e, c in rows])

    good, problems = check(frame, entities, file="e.csv")

    assert faults(problems) == [(3, "functional_currency", "unknown_currency")]
    assert good["entity"].tolist() == ["US01"]
