"""The collections desk of the sample: every planted case holds at the close and the day after, and its twin does not."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pandas as pd
import pytest

from arlib.collect.position import Position, position
from arlib.ledger.openitems import open_items
from arlib.money import translate
from arlib.policy import Basis, Policies, Scope
from arlib.sources.sample import Sample, generate
from arlib.sources.sample.collect_desk import CollectDesk
from arlib.tables import CANONICAL, Book

ENTITIES = {"US01": "USD", "UK01": "GBP", "JP01": "JPY"}
DAYS = (date(2026, 10, 31), date(2026, 11, 1))
LARGE = 1_000_000  # 10,000 dollars in cents


@pytest.fixture(scope="module", params=[(7, 800), (3, 60)], ids=["800", "60"])
def sample(request: pytest.FixtureRequest) -> Sample:
    seed, items = request.param
    return generate(seed=seed, items=items)


@pytest.fixture(scope="module")
def positions(sample: Sample) -> dict[tuple[str, date], Position]:
    return {(entity, day): at(sample, entity, day) for entity in ENTITIES for day in DAYS}


def at(sample: Sample, entity: str, day: date) -> Position:
    scope = Scope(
        entity=entity, entity_name=entity, functional_currency=ENTITIES[entity], period="2026-10", starts_on=date(2026, 10, 1),
        ends_on=day, as_of=day,
    )  # fmt: skip
    return position(Book(sample.tables).for_entity(entity), scope=scope, policies=Policies())


def stories(sample: Sample, kind: str) -> list[dict[str, str]]:
    rows = sample.truth[sample.truth["kind"].eq(kind)].to_dict("records")
    assert {row["entity"] for row in rows} == set(ENTITIES), kind
    return rows


def each(sample: Sample, positions, kind: str):
    """Each story of a kind with the open items of its customer at both days."""
    for row in stories(sample, kind):
        for day in DAYS:
            found = positions[row["entity"], day]
            yield row, day, found, found.items[found.items["customer_id"].eq(row["account"])]


def is_late(items: pd.DataFrame, row: dict[str, str]) -> bool:
    mine = items[items["document_no"].eq(row["document_no"])]
    return bool(mine["days_past_due"].gt(0).any())


def of(sample: Sample, name: str, row: dict[str, str]) -> pd.DataFrame:
    rows = sample.tables[name]
    return rows[rows["entity"].eq(row["entity"]) & rows["customer_id"].eq(row["account"])]


def customer(sample: Sample, row: dict[str, str]) -> pd.Series:
    return of(sample, "customers", row).iloc[0]


def test_a_promise_is_broken_beside_one_that_is_kept_and_one_that_is_not_due(sample, positions):
    for row, day, _, items in each(sample, positions, "broken_promise"):
        promise = of(sample, "promises", row).iloc[0]
        assert promise["pay_by"] + pd.Timedelta(days=4) < pd.Timestamp(day)
        assert is_late(items, row)
    for row, day, _, items in each(sample, positions, "promise_not_yet_due"):
        assert of(sample, "promises", row).iloc[0]["pay_by"] > pd.Timestamp(day)
        assert is_late(items, row)
    apps = sample.tables["applications"]
    for row, _, _, items in each(sample, positions, "promise_kept"):
        promise = of(sample, "promises", row).iloc[0]
        paid = apps[apps["entity"].eq(row["entity"]) & apps["target_item_id"].eq(promise["item_id"])]
        assert paid["target_amount"].sum() == promise["amount"]
        assert paid["effective_date"].between(promise["promised_on"], promise["pay_by"]).all()
        assert not is_late(items, row)


def test_a_large_account_is_silent_beside_one_that_answered(sample, positions):
    for kind, is_silent in (("silent_large_account", True), ("answered_large_account", False)):
        for row, day, found, items in each(sample, positions, kind):
            late = int(items.loc[items["days_past_due"].gt(0), "books_amount"].sum())
            rate = "1" if found.currency == "USD" else found.rates.find(found.currency, "USD", day)
            dollars = translate(late, from_currency=found.currency, to_currency="USD", rate=rate)
            assert dollars > LARGE
            touched = of(sample, "activities", row)
            answers = touched[
                touched["outcome"].isin(["reached", "replied", "confirmed", "promised", "will pay"])
            ]
            since = pd.Timestamp(day, tz="UTC") - answers["occurred_at"].max()
            assert bool(since.days > 30) is is_silent
            assert len(touched[touched["occurred_at"] > answers["occurred_at"].min()]) >= 3


def test_a_disputed_item_stands_beside_an_undisputed_one(sample, positions):
    for row, _, _, items in each(sample, positions, "disputed_item_excluded"):
        dispute = of(sample, "disputes", row).iloc[0]
        mine = items[items["item_id"].eq(dispute["item_id"])].iloc[0]
        assert pd.isna(dispute["closed_on"])
        assert dispute["amount"] == mine["outstanding"]
        assert is_late(items, row)
    for row, _, _, items in each(sample, positions, "undisputed_item"):
        mine = items[items["document_no"].eq(row["document_no"])].iloc[0]
        assert mine["item_id"] not in set(of(sample, "disputes", row)["item_id"])
        assert mine["days_past_due"] > 0
    for row, _, _, items in each(sample, positions, "disputed_in_part"):
        assert 0 < of(sample, "disputes", row)["amount"].sum() < items["outstanding"].sum()


def test_unapplied_cash_covers_one_debt_and_not_the_other(sample, positions):
    for kind, covers in (("unapplied_cash_covers", True), ("unapplied_cash_falls_short", False)):
        for _, _, _, items in each(sample, positions, kind):
            late = items.loc[items["days_past_due"].gt(0) & items["outstanding"].gt(0), "outstanding"].sum()
            cash = -items.loc[items["bucket"].eq("unapplied"), "outstanding"].sum()
            assert late > 0 < cash
            assert bool(cash >= late) is covers
    advised = set(sample.tables["remittances"]["entity"] + sample.tables["remittances"]["receipt_id"])
    assert not {r["entity"] + r["document_no"] for r in stories(sample, "receipt_without_advice")} & advised
    assert {r["entity"] + r["document_no"] for r in stories(sample, "receipt_with_advice")} <= advised


def test_one_bank_account_is_behind_and_the_others_are_not(sample):
    [row] = sample.truth[sample.truth["kind"].eq("bank_not_up_to_date")].to_dict("records")
    statements = sample.tables["bank_statements"]
    for day in DAYS:
        told = statements[statements["to_date"] <= pd.Timestamp(day)]
        last = told.groupby("bank_account")["to_date"].max()
        late = set(last.index[last < pd.Timestamp(day) - pd.Timedelta(days=3)])
        assert late == {row["account"]}
        assert set(last.index) == set(sample.tables["bank_lines"]["bank_account"])


def test_bank_statements_hold_every_line_once_and_follow_each_other(sample):
    statements, lines = sample.tables["bank_statements"], sample.tables["bank_lines"]
    key = ["entity", "bank_account", "statement_id"]
    sums = lines.groupby(key)["amount"].agg(["sum", "size"])
    found = statements.set_index(key)
    assert sums["sum"].to_dict() == found.loc[sums.index, "net"].to_dict()
    assert sums["size"].to_dict() == found.loc[sums.index, "entries"].to_dict()
    assert (statements["opening"] + statements["net"] == statements["closing"]).all()
    ordered = statements.sort_values(["bank_account", "from_date"])
    before = ordered.groupby("bank_account")[["closing", "to_date"]].shift()
    follows = before["closing"].notna()
    assert (ordered["opening"] == before["closing"])[follows].all()
    assert (ordered["from_date"] - before["to_date"])[follows].eq(pd.Timedelta(days=1)).all()
    dated = lines.merge(statements, on=key)
    assert dated["booking_date"].between(dated["from_date"], dated["to_date"]).all()


def test_who_is_never_dunned_is_past_due_all_the_same(sample, positions):
    seen = set()
    for row, _, _, items in each(sample, positions, "never_dunned"):
        mine = items[items["document_no"].eq(row["document_no"])].iloc[0]
        assert mine["days_past_due"] > 0
        assert (
            mine["assigned_to"] == "Meridian Factors"
            if row["note"] == "sold"
            else mine["status"] == row["note"]
        )
        seen.add((row["entity"], row["note"]))
    words = {"bankrupt", "estate", "legal", "agency", "sanctioned", "cease_contact", "sold"}
    assert seen == {(entity, word) for entity in ENTITIES for word in words}


def test_plans_one_runs_and_one_is_in_default(sample, positions):
    parts, apps = sample.tables["plan_instalments"], sample.tables["applications"]
    for kind, is_paid in (("plan_running", True), ("plan_in_default", False)):
        for row, day, _, items in each(sample, positions, kind):
            plan = of(sample, "plans", row).iloc[0]
            due = parts[parts["entity"].eq(row["entity"]) & parts["plan_id"].eq(plan["plan_id"])]
            assert due["amount"].sum() == plan["amount"]
            due = due[due["due_date"] <= pd.Timestamp(day - timedelta(days=5))]
            paid = apps[apps["entity"].eq(row["entity"]) & apps["target_item_id"].eq(plan["item_id"])]
            assert bool(paid["target_amount"].sum() >= due["amount"].sum()) is is_paid
            assert is_late(items, row)


def test_exceptions_expired_endless_and_in_force(sample, positions):
    for kind in ("exception_expired", "exception_without_end", "exception_valid"):
        for row, day, _, items in each(sample, positions, kind):
            end = of(sample, "collection_exceptions", row).iloc[0]["expires_on"]
            assert pd.isna(end) is (kind == "exception_without_end")
            assert bool(end < pd.Timestamp(day)) is (kind == "exception_expired")
            assert is_late(items, row)


def test_portals_order_numbers_mails_and_files(sample, positions):
    portal, items = sample.tables["portal_invoices"], sample.tables["items"]
    for kind, word in (("portal_rejected", "rejected"), ("portal_approved", "approved")):
        for row, _, _, mine in each(sample, positions, kind):
            item = mine[mine["document_no"].eq(row["document_no"])].iloc[0]["item_id"]
            stands = portal[portal["entity"].eq(row["entity"]) & portal["item_id"].eq(item)].sort_values(
                "status_on"
            )
            assert stands["status"].tolist() == ["submitted", word]
            assert customer(sample, row)["portal"] == stands["portal"].iloc[0]
    for kind, is_missing in (("order_no_missing", True), ("order_no_given", False)):
        for row in stories(sample, kind):
            bill = items[
                items["entity"].eq(row["entity"]) & items["document_no"].eq(row["document_no"])
            ].iloc[0]
            assert customer(sample, row)["requires_order_no"]
            assert pd.isna(bill["purchase_order"]) is is_missing
    for row in stories(sample, "mail_bounced"):
        assert of(sample, "activities", row).sort_values("occurred_at")["outcome"].iloc[-1] == "bounced"
    for row in stories(sample, "tax_form_expired"):
        files = of(sample, "customer_files", row)
        assert files.loc[files["kind"].eq("tax_form"), "expires_on"].max() < pd.Timestamp(DAYS[0])
    files = sample.tables["customer_files"]
    forms = files[files["kind"].eq("tax_form")]
    assert forms["expires_on"].gt(pd.Timestamp(DAYS[1])).sum() > len(forms) // 2


def test_limits_holds_and_terms(sample, positions):
    for row, _, _, items in each(sample, positions, "limit_exceeded"):
        assert items["outstanding"].sum() > customer(sample, row)["credit_limit"]
        assert not customer(sample, row)["is_on_credit_hold"]
    for row, _, _, items in each(sample, positions, "on_hold_rightly"):
        assert items["days_past_due"].max() >= 60
        assert customer(sample, row)["is_on_credit_hold"]
    for row, day, _, items in each(sample, positions, "hold_to_release"):
        assert not items["days_past_due"].gt(0).any()
        assert items["outstanding"].sum() < customer(sample, row)["credit_limit"]
        assert customer(sample, row)["credit_hold_since"] < pd.Timestamp(day)
    for kind, is_missing in (("terms_not_approved", True), ("terms_approved", False)):
        for row in stories(sample, kind):
            assert pd.isna(of(sample, "terms_exceptions", row).iloc[0]["approved_by"]) is is_missing


def test_an_invoice_is_billed_late_beside_one_billed_on_the_day(sample):
    items = sample.tables["items"]
    for kind, days in (("billed_late", 12), ("billed_in_time", 0)):
        for row in stories(sample, kind):
            bill = items[
                items["entity"].eq(row["entity"]) & items["document_no"].eq(row["document_no"])
            ].iloc[0]
            assert (bill["document_date"] - bill["delivery_date"]).days == days


def test_letters_fit_due_dates_and_levels(sample):
    sent = sample.tables["dunning_notices"].merge(
        sample.tables["items"], on=["entity", "item_id"], suffixes=("", "_item")
    )
    late = (sent["sent_on"] - sent["due_date"]).dt.days
    assert (late >= sent["level"].map({1: 5, 2: 20, 3: 40})).all()
    assert sent["customer_id"].equals(sent["customer_id_item"])
    assert (sent["sent_on"] < pd.Timestamp(DAYS[0])).all()
    levels = sent.groupby(["entity", "item_id"])["level"].agg(
        lambda own: sorted(own) == list(range(1, len(own) + 1))
    )
    assert levels.all()


def test_no_clock_of_unclaimed_property_starts_anew_on_drawn_accounts(sample):
    """A word of the owner (reached, replied, ...) is there on scripted accounts only."""
    touched = sample.tables["activities"]
    words = touched[touched["outcome"].isin(["reached", "replied", "confirmed", "promised"])]
    assert set(words["activity_id"].str[:2]) == {"AK"}
    assert touched["next_on"].notna().any()


def test_copies_of_invoices_are_what_the_links_say(sample):
    links = sample.tables["document_links"]
    assert set(links["path"]) == set(sample.files)
    for row in links.itertuples():
        content = sample.files[row.path]
        assert hashlib.sha256(content).hexdigest() == row.sha256
        assert content.startswith(b"%PDF-" if row.path.endswith("pdf") else b"\x89PNG")


def test_languages_and_scripts_are_there(sample):
    for _, rows in sample.tables["customers"].groupby("entity"):
        assert set(rows["language"]) >= {"en", "de", "fr", "es", "zh", "ja"}
        assert rows["name"].str.len().max() > 150
        assert rows["email"].str.endswith(".example").all()
        for sign in ("é", "ß", "ñ", "北京", "合同会社", "<img"):
            assert rows["name"].str.contains(sign, regex=False).any(), sign


def test_targets_are_for_the_quarter_and_the_month(sample):
    targets = sample.tables["targets"]
    assert set(targets["period"]) == {"2026-Q4", "2026-10"}
    assert set(targets["measure"]) >= {"collected", "coverage", "promises_kept", "contacts", "dso", "cei"}
    given = targets[["rate", "amount", "count"]].notna().sum(axis=1)
    assert given.eq(1).all()


def test_a_placement_is_of_what_was_open_on_its_day(sample: Sample) -> None:
    placements = sample.tables["placements"]
    assert set(placements["entity"]) == set(ENTITIES)
    for entity, mine in placements.groupby("entity"):
        book = Book(sample.tables).for_entity(str(entity))
        for day, placed in mine.groupby("placed_on"):
            scope = Scope(
                entity=str(entity), entity_name="Sample", functional_currency=ENTITIES[str(entity)], period="2026-10",
                starts_on=date(2026, 8, 1), ends_on=day.date(), as_of=day.date(), basis=Basis.EFFECTIVE,
            )  # fmt: skip
            debits = open_items(book, scope=scope)
            debits = debits[debits["outstanding"].gt(0) & debits["customer_id"].isin(placed["customer_id"])]
            then = debits.groupby(["customer_id", "currency"])["outstanding"].sum()
            pd.testing.assert_series_equal(
                placed.groupby(["customer_id", "currency"])["amount"].sum(), then, check_names=False
            )


def test_what_is_owed_on_a_day_leaves_out_later_debts_and_later_cash() -> None:
    day, after = date(2026, 9, 2), date(2026, 9, 3)
    items = CANONICAL["items"].from_rows(
        {"item_id": name, "entity": "US01", "customer_id": "C1", "item_type": kind, "document_no": name, "effective_date": on,
         "posting_date": on, "currency": code, "amount": amount}
        for name, kind, on, code, amount in (
            ("1", "invoice", day, "USD", 1_000), ("2", "invoice", after, "USD", 500), ("3", "invoice", day, "EUR", 70),
            ("4", "cash", day, "USD", -1_200), ("5", "invoice", day, "USD", 80),
        )
    )  # fmt: skip
    applications = CANONICAL["applications"].from_rows(
        {"application_id": name, "entity": "US01", "source_item_id": "4", "target_item_id": target, "effective_date": on,
         "posting_date": on, "source_currency": "USD", "source_amount": amount, "target_currency": "USD", "target_amount": amount,
         "discount": off}
        for name, target, on, amount, off in (("a", "1", day, 390, 10), ("b", "1", after, 600, 0), ("c", "5", day, 80, 0))
    )  # fmt: skip
    desk = object.__new__(CollectDesk)
    object.__setattr__(desk, "tables", {"items": items, "applications": applications})
    assert desk.owed_on(day, ["C1", "C2"]) == {"C1": {"USD": 600, "EUR": 70}, "C2": {}}
    assert desk.owed_on(after, ["C1"]) == {"C1": {"USD": 500, "EUR": 70}}
