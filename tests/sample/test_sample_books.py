"""The sample's books are sound: keys, dates, applications, currencies, evidence of planted stories."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest

from arlib.errors import ParameterError
from arlib.sources.sample import TRUTH, Sample, generate
from arlib.sources.sample.company import TOLD_BY_OTHERS
from arlib.tables import CANONICAL, OF_CLOSES, Kind
from arlib.tables.choices import ItemType

PLACES = {"USD": 2, "EUR": 2, "GBP": 2, "CAD": 2, "JPY": 0, "KWD": 3}
DAYS = ("2025-11-30", "2026-03-31", "2026-10-31", "2026-11-06")


@pytest.fixture(
    scope="module", params=[(11, 60), (12, 4000), (13, 12_000)], ids=["tiny", "default", "larger"]
)
def sample(request: pytest.FixtureRequest) -> Sample:
    seed, items = request.param
    return generate(seed=seed, items=items)


@pytest.fixture(scope="module")
def default() -> Sample:
    return generate(seed=1)


def test_tables_are_the_declared_ones(sample: Sample) -> None:
    assert list(sample.tables) == [name for name in CANONICAL if name not in OF_CLOSES | TOLD_BY_OTHERS]
    for name, frame in [*sample.tables.items(), ("truth", sample.truth)]:
        table = TRUTH if name == "truth" else CANONICAL[name]
        pd.testing.assert_series_equal(frame.dtypes, table.empty().dtypes)
        assert len(frame) or len(sample.tables["items"]) < 1000, name
        assert not frame.duplicated(list(table.key)).any(), name
        for column in table.columns:
            if column.is_required:
                assert frame[column.name].notna().all(), (name, column.name)
            if column.choices is not None:
                known = {member.value for member in column.choices}
                assert set(frame[column.name].dropna()) <= known, (name, column.name)
            if column.kind is Kind.TEXT:
                assert not frame[column.name].eq("").any(), (name, column.name)


def test_references_lead_somewhere(sample: Sample) -> None:
    tables = sample.tables

    def known(table: str, column: str) -> set[tuple[str, str]]:
        return set(zip(tables[table]["entity"], tables[table][column], strict=True))

    for table, column, target, key in (
        ("items", "customer_id", "customers", "customer_id"),
        ("items", "reverses", "items", "item_id"),
        ("items", "replaces", "items", "item_id"),
        ("items", "control_account", "control_accounts", "account"),
        ("applications", "source_item_id", "items", "item_id"),
        ("applications", "target_item_id", "items", "item_id"),
        ("applications", "reverses", "applications", "application_id"),
        ("instalments", "item_id", "items", "item_id"),
        ("revaluations", "item_id", "items", "item_id"),
        ("receipts", "item_id", "items", "item_id"),
        ("receipts", "return_of", "receipts", "receipt_id"),
        ("receipt_bank_lines", "receipt_id", "receipts", "receipt_id"),
        ("receipt_bank_lines", "bank_line_id", "bank_lines", "bank_line_id"),
        ("bank_lines", "return_of", "bank_lines", "bank_line_id"),
        ("remittances", "receipt_id", "receipts", "receipt_id"),
        ("customers", "parent_id", "customers", "customer_id"),
        ("disputes", "item_id", "items", "item_id"),
        ("promises", "item_id", "items", "item_id"),
        ("written_off", "item_id", "items", "item_id"),
        ("customer_statement_lines", "customer_id", "customers", "customer_id"),
        ("customer_merges", "new_customer_id", "customers", "customer_id"),
    ):
        filled = tables[table][tables[table][column].notna()]
        assert set(zip(filled["entity"], filled[column], strict=True)) <= known(target, key), (table, column)


@pytest.mark.parametrize("day", DAYS)
def test_nothing_is_settled_beyond_its_amount(sample: Sample, day: str) -> None:
    """Open amounts keep their sign, nothing settled carries a value, nothing settles before it exists."""
    key = ["entity", "item_id"]
    items = sample.tables["items"]
    items = items[items["posting_date"] <= day].set_index(key)
    apps = sample.tables["applications"]
    apps = apps[apps["posting_date"] <= day]
    taken = apps.rename(columns={"source_item_id": "item_id"}).groupby(key)
    settled = apps.rename(columns={"target_item_id": "item_id"}).groupby(key)
    assert set(taken.groups) | set(settled.groups) <= set(items.index)

    def moved(frame: pd.Series) -> pd.Series:
        return frame.reindex(items.index, fill_value=0)

    rest = items["amount"] - moved(settled["target_amount"].sum() + settled["discount"].sum())
    rest += moved(taken["source_amount"].sum())
    carrying = items["functional_amount"] + moved(taken["source_functional_amount"].sum())
    carrying -= moved(settled["target_functional_amount"].sum() + settled["discount_functional_amount"].sum())
    assert ((rest == 0) | (np.sign(rest) == np.sign(items["amount"]))).all()
    assert (carrying[rest == 0] == 0).all()


def test_reversals_take_back_exactly(sample: Sample) -> None:
    apps = sample.tables["applications"].set_index(["entity", "application_id"])
    back = apps[apps["reverses"].notna()]
    first = apps.loc[list(zip(back.index.get_level_values("entity"), back["reverses"], strict=True))]
    money = CANONICAL["applications"].of_kind(Kind.MONEY)
    assert len(back)
    assert (back[money].to_numpy() == -first[money].to_numpy()).all()
    assert (back["posting_date"].to_numpy() >= first["posting_date"].to_numpy()).all()
    assert (apps.loc[apps["reverses"].isna(), ["source_amount", "target_amount"]] >= 0).all(axis=None)


def test_realised_exchange_is_source_less_target(sample: Sample) -> None:
    apps = sample.tables["applications"]
    assert (apps["source_functional_amount"] - apps["target_functional_amount"] == apps["realised_fx"]).all()
    assert apps["realised_fx"].ne(0).any()


def test_amounts_in_the_books_currency_follow_the_rate(default: Sample) -> None:
    """An independent Decimal computation, item by item, at the item's own rate text."""
    books = default.tables["entities"].set_index("entity")["functional_currency"]
    rows = default.tables["items"]
    foreign = rows[rows["currency"].ne(rows["entity"].map(books))]
    assert len(foreign) > 100
    for row in foreign.itertuples():
        home = books[row.entity]
        value = Decimal(int(row.amount)).scaleb(-PLACES[row.currency]) * Decimal(row.rate)
        expected = value.scaleb(PLACES[home]).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        assert int(expected) == row.functional_amount, row.item_id
    own = rows[rows["currency"].eq(rows["entity"].map(books))]
    assert (own["amount"] == own["functional_amount"]).all()
    assert own["rate"].eq("1").all()


def test_rates_are_published_for_every_booking(default: Sample) -> None:
    rates = default.tables["fx_rates"]
    spot = rates[rates["kind"].eq("spot")].sort_values("date")
    books = default.tables["entities"].set_index("entity")["functional_currency"]
    rows = default.tables["items"].assign(quote=lambda f: f["entity"].map(books))
    foreign = rows[rows["currency"].ne(rows["quote"]) & rows["reverses"].isna()].sort_values("effective_date")
    found = pd.merge_asof(
        foreign,
        spot,
        left_on="effective_date",
        right_on="date",
        left_by=["currency", "quote"],
        right_by=["base", "quote"],
    )
    assert (found["rate_x"] == found["rate_y"]).all()


def test_instalments_sum_to_their_items_and_fall_due_as_the_terms_say(default: Sample) -> None:
    from arlib.calendar import parse_terms

    key = ["entity", "item_id"]
    parts = default.tables["instalments"].groupby(key).agg(total=("amount", "sum"), last=("due_date", "max"))
    items = default.tables["items"].set_index(key)
    assert (parts["total"] == items["amount"].reindex(parts.index)).all()
    assert (parts["last"] == items["due_date"].reindex(parts.index)).all()
    customers = default.tables["customers"].set_index(["entity", "customer_id"])["terms"]
    plain = items[items["item_type"].eq("invoice") & items["replaces"].isna()].reset_index()
    plain = plain.merge(customers.rename("terms"), left_on=["entity", "customer_id"], right_index=True)
    plain = plain[~plain["document_no"].isin(" ".join(default.truth["documents"]).split())]
    assert plain["terms"].nunique() == 8
    for row in plain.groupby("terms").head(40).itertuples():
        due = parse_terms(row.terms).due_dates(row.document_date.date(), int(row.amount))[-1]
        assert due.due_date == row.due_date.date(), (row.terms, row.document_date)


def test_bank_and_receipts_agree_through_their_links(sample: Sample) -> None:
    tables = sample.tables
    links = tables["receipt_bank_lines"]
    receipts = tables["receipts"].set_index(["entity", "receipt_id"])["amount"]
    linked = links.groupby(["entity", "receipt_id"])["amount"].sum()
    duplicates = sample.truth[sample.truth["kind"].eq("duplicate_receipt")]
    unbanked = set(zip(duplicates["entity"], duplicates["document_no"], strict=True))
    assert set(receipts.index) - set(linked.index) == unbanked
    assert (receipts.reindex(linked.index) == linked).all()
    lines = tables["bank_lines"]
    ours = lines[lines["kind"].isin(["receipt", "return"])].set_index(
        ["entity", "bank_account", "bank_line_id"]
    )["amount"]
    by_line = links.groupby(["entity", "bank_account", "bank_line_id"])["amount"].sum()
    assert (by_line == ours.reindex(by_line.index)).all()
    only_bank = ours.drop(by_line.index)
    assert len(only_bank) == 9  # three lockbox lines an entity, posted in the ledger only
    assert {*tables["bank_lines"]["kind"]} == {"receipt", "return", "card_fee", "bank_fee", "other"}


def test_every_name_that_looks_hostile_is_there_and_trades(sample: Sample) -> None:
    customers = sample.tables["customers"]
    wanted = (
        "=HYPERLINK(",
        "<script>",
        "../../etc",
        "\u200f",
        "株式会社",
        "O'Brien",
        "@Home",
        "+44",
        "-2+3",
        ";",
    )
    for entity, rows in customers.groupby("entity"):
        for sign in wanted:
            assert rows["name"].str.contains(sign, regex=False).any(), (entity, sign)
    if len(sample.tables["items"]) > 3000:
        odd = customers[customers["name"].str.startswith(("=", "<", "../"))]
        bought = sample.tables["items"].merge(odd[["entity", "customer_id"]], on=["entity", "customer_id"])
        assert bought["entity"].nunique() == 3


def test_the_books_look_like_a_company(default: Sample) -> None:
    items = default.tables["items"]
    sales = items[items["item_type"].eq("invoice")]
    for entity, rows in sales.groupby("entity"):
        by_customer = rows.groupby("customer_id")["functional_amount"].sum().sort_values(ascending=False)
        top = by_customer.head(len(by_customer) // 5).sum() / by_customer.sum()
        assert 0.5 < top < 0.95, entity
    assert {kind.value for kind in ItemType} - {"debit_memo"} <= set(items["item_type"])
    apps = default.tables["applications"]
    assert {
        "payment",
        "credit_memo",
        "prepayment",
        "write_off",
        "adjustment",
        "refund",
        "return",
        "debit_to_debit",
    } <= set(apps["kind"])
    assert apps["discount"].gt(0).any()
    assert (apps["source_currency"] != apps["target_currency"]).any()
    assert (
        default.tables["customer_history"].duplicated(["entity", "customer_id", "attribute"]).any()
    )  # a new collector
    assert {"kept", "broken"} <= set(default.tables["promises"]["state"])
    assert items["currency"].nunique() == 6
    assert 3600 < len(items) < 4600


def test_noise_and_stories_are_both_in_the_truth(default: Sample) -> None:
    truth = default.truth
    noise = set(truth.loc[~truth["is_planted"], "kind"])
    wanted = (
        "corrected_misapplication parent_pays split_deposit short_payment returned_payment rebill recovery"
    )
    assert {*wanted.split(), "rejected_document", "deposit_in_transit", "unidentified_cash"} <= noise
    planted = truth[truth["is_planted"]].groupby("entity")["kind"].agg(set)
    assert planted["US01"] == planted["UK01"] == planted["JP01"] - {"bank_not_up_to_date"}
    assert len(planted["US01"]) == 73
    assert len(planted["JP01"]) == 74


def of(frame: pd.DataFrame, entity: str, column: str, value: str) -> pd.DataFrame:
    return frame[frame["entity"].eq(entity) & frame[column].eq(value)]


def test_lapping_shows_between_remittance_and_application(default: Sample) -> None:
    tables = default.tables
    for story in default.truth[default.truth["kind"].eq("lapping")].itertuples():
        items = tables["items"][tables["items"]["entity"].eq(story.entity)]
        number = items.set_index("item_id")["document_no"]
        for receipt in story.documents.split()[:2]:
            told = of(tables["remittances"], story.entity, "receipt_id", receipt)["reference"].tolist()
            held = items.loc[items["document_no"].eq(receipt), "item_id"].item()
            done = of(tables["applications"], story.entity, "source_item_id", held)
            assert len(told) == len(done) == 1
            assert [number[target] for target in done["target_item_id"]] != told
            assert done["user"].tolist() == ["cash.ben"]


def test_returned_payment_restores_the_invoice_and_claws_the_discount_back(default: Sample) -> None:
    tables = default.tables
    for story in default.truth[default.truth["kind"].eq("nsf_return")].itertuples():
        items = tables["items"][tables["items"]["entity"].eq(story.entity)].set_index("document_no")
        returned, first, invoice, fee = story.documents.split()
        assert items.loc[returned, "reverses"] == items.loc[first, "item_id"]
        assert items.loc[fee, "item_type"] == "interest_or_fee"
        done = of(tables["applications"], story.entity, "target_item_id", items.loc[invoice, "item_id"])
        assert len(done) == 2
        assert done[["target_amount", "discount"]].sum().tolist() == [0, 0]
        assert done["discount"].max() > 0


@pytest.mark.parametrize("period", ["2026-10", "2025-02", "2024-02", "2026-12"])
def test_other_periods_have_a_year_and_six_days(period: str) -> None:
    made = generate(seed=3, items=60, period=period)
    end = pd.Period(period, "M").end_time.normalize()
    items = made.tables["items"]
    assert items["posting_date"].max() <= end + pd.Timedelta(days=6)
    assert items["posting_date"].max() > end
    assert made.tables["gl_balances"]["as_of"].max() == end
    assert made.tables["customer_statement_lines"]["statement_date"].eq(end).all()


@pytest.mark.parametrize(
    "fault", [{"items": 59}, {"seed": -1}, {"period": "2026-13"}, {"period": "October"}, {"period": "2026"}]
)
def test_what_cannot_be_drawn_is_refused(fault: dict[str, object]) -> None:
    with pytest.raises(ParameterError):
        generate(**{"seed": 1, "items": 60, **fault})
