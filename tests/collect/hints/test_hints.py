"""Hints: each kind planted by hand beside its honest twin, the stories of the sample, and hostile words."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from arlib.audit.options.patterns import DuplicatesOptions
from arlib.audit.patterns.duplicates import duplicates
from arlib.audit.patterns.frames_duplicates import DUPLICATE_PAIRS
from arlib.collect.hints import HINTS, ROOT_CAUSES, hints, root_cause
from arlib.errors import ParameterError
from arlib.ledger.by_customer import CustomerIndex
from arlib.policy import Policies, Scope
from arlib.sources.sample.company import generate
from arlib.tables import Book


def looked(k, tables, *, pairs=False, whole=None, policies=None):
    book, scope = k.book_of(**tables), k.scope_of()
    found = duplicates(book, scope=scope, options=DuplicatesOptions()).pairs if pairs else None
    return hints(book, scope=scope, policies=policies or Policies(), pairs=found, whole=whole)


def kinds(found):
    return found.rows["kind"].tolist()


def the(found, kind):
    rows = found.rows[found.rows["kind"].eq(kind)]
    assert len(rows) == 1, found.rows[["kind", "sentence"]].to_string()
    return rows.iloc[0]


def twins(k, **more):
    one = k.invoice("I1", 500_00, "2026-11-20", purchase_order="PO-9", document_no="SI-1001")
    two = k.invoice("I2", 500_00, "2026-11-20", purchase_order="PO-9", document_no="SI-1002")
    return {"items": [one, two | more]}


def test_two_invoices_of_one_order_are_named_and_two_of_two_orders_are_not(k):
    row = the(looked(k, twins(k), pairs=True), "duplicate_invoice")
    assert row["documents"] == "SI-1001 SI-1002"
    assert (row["amount"], row["currency"], row["team"]) == (500_00, "USD", "billing")
    assert "PO-9" in row["sentence"]
    assert "duplicate_invoice" not in kinds(
        looked(k, twins(k, purchase_order="PO-10", document_no="SI-2040"))
    )


def test_without_the_pairs_of_the_test_it_is_said_that_nobody_looked(k):
    found = looked(k, twins(k))
    assert "duplicate_invoice" not in kinds(found)
    assert any("twice were not looked for" in limit for limit in found.limits)


def test_an_older_open_invoice_is_skipped_and_one_due_the_same_day_is_not(k):
    def tables(due):
        dated = str((pd.Timestamp(due) - pd.Timedelta(days=30)).date())
        return k.together(k.paid(1, 100_00, "2026-09-30", "2026-10-01"),
                          {"items": [k.invoice("I9", 50_00, due, effective_date=dated, document_date=dated)]})  # fmt: skip

    row = the(looked(k, tables("2026-09-20")), "skipped_invoice")
    assert (row["documents"], row["amount"], row["receipt_id"]) == ("D-I9", 50_00, "C1R1")
    assert kinds(looked(k, tables("2026-09-30"))) == []


@pytest.mark.parametrize(
    "late",
    [{"posting_date": "2026-10-01"}, {"entered_at": "2026-10-01T15:00:00Z"}, {"delivery_date": "2026-10-01"}],
)
def test_only_payments_after_an_invoice_was_there_pass_it_over(k, late):
    def tables(**more):
        invoice = k.invoice("I9", 50_00, "2026-09-20", **more)
        return k.together(
            k.paid(1, 100_00, "2026-09-30", "2026-10-01"),
            k.paid(2, 100_00, "2026-10-05", "2026-10-06"),
            {"items": [invoice]},
        )

    assert (
        "2 payments passed it over, the first on 2026-10-01"
        in the(looked(k, tables()), "skipped_invoice")["next_step"]
    )
    row = the(looked(k, tables(**late)), "skipped_invoice")
    assert "1 payment passed it over, the first on 2026-10-06" in row["next_step"], (
        "the day itself is too early"
    )
    assert row["receipt_id"] == "C1R2"


def test_a_document_date_a_year_off_is_asked_about_and_not_passed_over(k):
    def tables(posted, **more):
        wrong = k.invoice(
            "I9",
            50_00,
            "2025-11-19",
            effective_date="2025-10-20",
            document_date="2025-10-20",
            posting_date=posted,
            **more,
        )
        return k.together(k.paid(1, 100_00, "2026-10-25", "2026-10-28"), {"items": [wrong]})

    found = looked(k, tables("2026-10-20", delivery_date="2026-10-20"))
    row = the(found, "document_date")
    assert row["sentence"] == (
        "D-I9, USD 50.00: document date 2025-10-20, entered 2026-10-20, when what it bills was delivered, a year apart."
    )
    assert row["next_step"].startswith("Is the year right? ")
    assert (row["amount"], row["confidence"], row["team"]) == (50_00, "likely", "billing")
    assert "skipped_invoice" not in kinds(found), "its due date is in doubt"
    assert (
        the(looked(k, tables("2026-10-20", delivery_date="2025-10-20")), "document_date")["confidence"]
        == "possible"
    )
    for honest in ("2025-10-20", "2026-09-18", "2025-12-20"):
        assert kinds(looked(k, tables(honest))) == ["skipped_invoice"]
    assert "document_date" in kinds(looked(k, tables("2026-09-19")))  # 334 days


def twice(**more):
    return DUPLICATE_PAIRS.from_rows([{
        "entity": "E1", "rank": 1, "what": "receipt", "item_id": "R1", "other_item_id": "R2", "customer_id": "C1", "document_no": "D-R1",
        "other_document_no": "D-R2", "currency": "USD", "amount": 30_00, "score": 90, "is_flagged": True, "reasons": "one day",
    } | more])  # fmt: skip


def test_cash_that_may_be_entered_twice_is_not_counted_as_on_account(k):
    items = [
        k.invoice("I1", 100_00, "2026-09-30"),
        k.cash("R1", 30_00, "2026-10-10"),
        k.cash("R2", 30_00, "2026-10-10"),
    ]

    def on_account(pairs, applications=()):
        book = k.book_of(items=items, applications=list(applications))
        return hints(book, scope=k.scope_of(), policies=Policies(), pairs=pairs)

    found = on_account(twice())
    row = the(found, "cash_on_account")
    assert (row["amount"], row["documents"], found.doubted) == (30_00, "D-R1", frozenset({"R2"}))
    assert "without USD 30.00 (D-R2) that may be entered twice" in row["sentence"]
    both = on_account(twice(explained_by="The bank has both: if it is a duplicate, the customer paid twice."))
    assert (the(both, "cash_on_account")["amount"], both.doubted) == (60_00, frozenset())
    assert the(on_account(twice(is_flagged=False)), "cash_on_account")["amount"] == 60_00
    used = on_account(twice(), [k.applied("R2", "I1", 30_00, "2026-10-10")])
    assert "cash_on_account" not in kinds(used), "of the two the open one is in doubt"
    assert used.doubted == {"R1"}


def short_of(k, left, **more):
    cash = 100_00 - left
    return {
        "items": [k.invoice("I1", 100_00, "2026-09-30", **more), k.cash("R1", cash, "2026-10-15")],
        "applications": [k.applied("R1", "I1", cash, "2026-10-15")],
    }


def received(k, **more):
    return {"receipts": [{"receipt_id": "RC1", "item_id": "R1", "customer_id": "C1", "currency": "USD", "amount": 90_00,
                          "effective_date": "2026-10-15", "status": "applied"} | more]}  # fmt: skip


@pytest.mark.parametrize(
    ("left", "more", "said", "team"),
    [
        (8_00, {"tax_amount": 8_00}, "exactly the tax", "tax"),
        (7_99, {"tax_amount": 8_00}, "nobody says why", "collections"),
        (5_00, {"freight_amount": 5_00}, "exactly the freight", "collections"),
        (2_00, {"discount_rate": "0.02", "discount_date": "2026-09-10"}, "paid too late for it", "sales"),
        (
            2_00,
            {"discount_rate": "0.02", "discount_date": "2026-10-20"},
            "paid in time: allow it",
            "collections",
        ),
    ],
)
def test_a_short_payment_is_what_its_amount_is_to_the_cent(k, left, more, said, team):
    row = the(looked(k, short_of(k, left, **more)), "short_payment")
    assert said in row["sentence"]
    assert (row["amount"], row["team"]) == (left, team)


def test_the_words_of_a_payment_and_of_its_advice_name_the_reason(k):
    text = looked(k, short_of(k, 11_00) | received(k, remittance_text="less price difference"))
    assert "speaks of pricing" in the(text, "short_payment")["sentence"]
    assert the(text, "short_payment")["team"] == "sales"
    line = {"remittance_id": "RM1", "receipt_id": "RC1", "reference": "D-I1", "currency": "USD", "deduction": 11_00,
            "reason": "goods damaged"}  # fmt: skip
    stated = the(looked(k, short_of(k, 11_00) | received(k) | {"remittances": [line]}), "short_payment")
    assert "their advice deducts USD 11.00" in stated["sentence"]
    assert (stated["team"], stated["confidence"]) == ("quality", "likely")
    assert "RM1" in stated["evidence"]


def test_a_claim_on_record_goes_before_words_and_is_certain(k):
    claim = {"deduction_id": "DE1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 11_00, "reason": "price",
             "taken_on": "2026-10-15", "state": "pending"}  # fmt: skip
    row = the(
        looked(k, short_of(k, 11_00) | received(k, remittance_text="damaged") | {"deductions": [claim]}),
        "short_payment",
    )
    assert (row["confidence"], row["team"]) == ("certain", "sales")


def test_a_discount_taken_late_is_named_and_one_in_time_is_not(k):
    def tables(paid_on):
        terms = {"discount_rate": "0.02", "discount_date": "2026-09-10"}
        return {
            "items": [k.invoice("I1", 100_00, "2026-09-30", **terms), k.cash("R1", 98_00, paid_on)],
            "applications": [k.applied("R1", "I1", 98_00, paid_on, discount=2_00)],
        }

    row = the(looked(k, tables("2026-10-10")), "unearned_discount")
    assert (row["amount"], row["confidence"], row["documents"]) == (2_00, "certain", "D-I1")
    assert kinds(looked(k, tables("2026-09-15"))) == []  # five days of grace, the last one in


def test_a_credit_beside_a_debt_is_named_in_its_own_currency_only(k):
    credit = k.invoice("CM1", -30_00, None, item_type="credit_memo", document_no="CM-1")
    row = the(looked(k, {"items": [k.invoice("I1", 30_00, "2026-09-30"), credit]}), "credit_not_used")
    assert "as large as D-I1" in row["sentence"]
    assert (row["amount"], row["confidence"]) == (30_00, "likely")
    other = {"items": [k.invoice("I1", 30_00, "2026-09-30", currency="EUR"), credit]}
    assert "credit_not_used" not in kinds(looked(k, other))


@pytest.mark.parametrize(
    ("cash", "words", "sure"), [(50_00, "covers all", "likely"), (49_99, "would pay part", "possible")]
)
def test_cash_on_account_covers_or_pays_part(k, cash, words, sure):
    items = [
        k.invoice("I1", 20_00, "2026-09-20"),
        k.invoice("I2", 30_00, "2026-09-30"),
        k.cash("R1", cash, "2026-10-15"),
    ]
    row = the(looked(k, {"items": items}), "cash_on_account")
    assert words in row["sentence"]
    assert (row["amount"], row["confidence"]) == (cash, sure)


def test_cash_beside_nothing_and_a_prepayment_are_no_hint(k):
    assert kinds(looked(k, {"items": [k.cash("R1", 10_00, "2026-10-15")]})) == []
    paid_before = k.cash("R1", 10_00, "2026-10-15", item_type="prepayment")
    assert "cash_on_account" not in kinds(
        looked(k, {"items": [k.invoice("I1", 20_00, "2026-11-20"), paid_before]})
    )


def strangers(k, *, parent=None, text="pays SI-2002", applied=False):
    tables = {
        "customers": [k.customer("C1"), k.customer("C2", parent_id=parent)],
        "items": [k.invoice("I2", 80_00, "2026-11-20", "C2", document_no="SI-2002"), k.cash("R1", 80_00, "2026-10-15")],
    } | received(k, amount=80_00, remittance_text=text, status="unapplied")  # fmt: skip
    return tables | ({"applications": [k.applied("R1", "I2", 80_00, "2026-10-15")]} if applied else {})


def test_money_that_names_another_customer_is_told_and_that_of_a_group_is_not(k):
    row = the(looked(k, strangers(k)), "wrong_customer")
    assert (row["customer_id"], row["amount"], row["receipt_id"]) == ("C1", 80_00, "RC1")
    assert "SI-2002 of customer C2" in row["sentence"]
    assert "wrong_customer" not in kinds(looked(k, strangers(k, parent="C1")))
    assert "wrong_customer" not in kinds(looked(k, strangers(k, applied=True)))  # as its payer says
    assert "wrong_customer" not in kinds(looked(k, strangers(k, text="thank you")))


def test_a_customer_s_book_needs_the_whole_one_to_see_the_other_document(k):
    book = k.book_of(**strangers(k))
    own = CustomerIndex.of(book).book_of("C1")
    alone = hints(own, scope=k.scope_of(), policies=Policies())
    assert "wrong_customer" not in kinds(alone)
    assert any("Other customers' documents" in limit for limit in alone.limits)
    assert "wrong_customer" in kinds(hints(own, scope=k.scope_of(), policies=Policies(), whole=book))


def dispute(number, **more):
    return {"dispute_id": number, "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 60_00, "reason": "price",
            "opened_on": "2026-10-10", "state": "open"} | more  # fmt: skip


def test_an_item_disputed_twice_is_told_and_one_settled_and_reopened_is_not(k):
    items = {"items": [k.invoice("I1", 100_00, "2026-09-30")]}
    row = the(
        looked(k, items | {"disputes": [dispute("D1"), dispute("D2", reason="quality")]}), "disputed_twice"
    )
    assert "in dispute 2 times (price, quality) for USD 120.00, more than the USD 100.00" in row["sentence"]
    settled = dispute(
        "D1", closed_on="2026-10-31", state="closed"
    )  # the day that it is closed it is not open
    assert "disputed_twice" not in kinds(looked(k, items | {"disputes": [settled, dispute("D2")]}))


def test_a_promise_covers_until_its_grace_is_over(k):
    def tables(pay_by):
        promise = {"promise_id": "P1", "customer_id": "C1", "item_id": "I1", "currency": "USD", "amount": 100_00,
                   "promised_on": "2026-10-01", "pay_by": pay_by, "state": "open"}  # fmt: skip
        return {"items": [k.invoice("I1", 100_00, "2026-09-30")], "promises": [promise]}

    assert the(looked(k, tables("2026-11-05")), "promise_covers")["amount"] == 100_00
    assert "promise_covers" in kinds(looked(k, tables("2026-10-28")))  # three days of grace, the last one in
    assert "promise_covers" not in kinds(looked(k, tables("2026-10-27")))


def test_a_missing_order_number_is_told_where_the_customer_asks_for_one(k):
    items = {"items": [k.invoice("I1", 100_00, "2026-09-30")]}
    strict = {"customers": [k.customer("C1", requires_order_no=True)]}
    row = the(looked(k, items | strict), "no_order_no")
    assert (row["team"], row["confidence"]) == ("order_management", "certain")
    assert kinds(looked(k, items)) == []


def test_an_empty_book_has_no_hints_and_hostile_words_stay_words(k):
    assert looked(k, {}).rows.empty
    assert list(looked(k, {}).rows.columns) == HINTS.names
    nasty = "=cmd()|<img src=x onerror=1> less freight " + "A1-" * 3_000
    row = the(
        looked(k, short_of(k, 11_00) | received(k, remittance_text=nasty, payer_name=nasty)), "short_payment"
    )
    assert len(row["sentence"]) < 700
    assert row["sentence"][0].isupper()


# root cause


def causes(k, tables, item="I1", **more):
    book = k.book_of(**tables)
    made = root_cause(book, scope=k.scope_of(), policies=Policies(), item_id=item, **more)
    assert list(made.columns) == ROOT_CAUSES.names
    return list(zip(made["cause"], made["team"], made["confidence"], strict=True))


def test_the_cause_of_a_settled_dispute_is_certain_and_goes_first(k):
    items = {"items": [k.invoice("I1", 100_00, "2026-09-30")]}
    settled = dispute(
        "D1", closed_on="2026-10-20", state="closed", root_cause="lost_by_carrier", team="logistics"
    )
    assert causes(k, items | {"disputes": [settled]})[0] == ("lost_by_carrier", "logistics", "certain")
    assert causes(k, items | {"disputes": [dispute("D1")]})[0] == ("price", "sales", "likely")
    assert causes(k, items) == []


def test_what_is_said_of_the_document_before_is_true_of_its_residual(k):
    items = {
        "items": [
            k.invoice("I1", 100_00, "2026-09-30"),
            k.invoice("I2", 20_00, "2026-09-30", replaces="I1", item_type="chargeback"),
        ]
    }
    assert causes(k, items | {"disputes": [dispute("D1")]}, "I2")[0][0] == "price"


def test_tax_in_spite_of_a_certificate_is_a_cause_on_days_that_it_held(k):
    def tables(ends):
        return {"items": [k.invoice("I1", 100_00, "2026-09-30", tax_amount=8_00)],
                "exemptions": [{"customer_id": "C1", "certificate_no": "X1", "valid_from": "2026-01-01", "valid_to": ends}]}  # fmt: skip

    assert ("tax_exempt", "tax", "likely") in causes(k, tables("2026-08-31"))  # dated on its last day
    assert "tax_exempt" not in [row[0] for row in causes(k, tables("2026-08-30"))]


def test_an_item_that_is_not_there_is_refused(k):
    with pytest.raises(ParameterError):
        causes(k, {"items": [k.invoice("I1", 100_00, "2026-09-30")]}, "I7")


# the sample


def scope_at(entity, currency):
    return Scope(entity=entity, entity_name=entity, functional_currency=currency, period="2026-10",
                 starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


@pytest.fixture(scope="module")
def company():
    """The sample company's truth, and of one entity the book and its hints."""
    sample = generate(seed=7, items=800)
    made = {}
    for entity, currency in (("US01", "USD"),):
        book, scope = Book(sample.tables).for_entity(entity), scope_at(entity, currency)
        pairs = duplicates(book, scope=scope, options=DuplicatesOptions()).pairs
        made[entity] = (book, hints(book, scope=scope, policies=Policies(), pairs=pairs, whole=book).rows)
    return sample.truth, made


FOUND = {
    "duplicate_invoice": "duplicate_invoice", "duplicate_receipt": "duplicate_payment", "duplicate_credit_memo": "duplicate_credit",
    "short_payment": "short_payment", "lapping": "wrong_customer", "order_no_missing": "no_order_no",
    "portal_rejected": "portal_rejected", "promise_not_yet_due": "promise_covers", "unapplied_cash_covers": "cash_on_account",
    "receipt_without_advice": "cash_on_account",
}  # fmt: skip
HONEST = {
    "recurring_charge": "duplicate_invoice", "parent_pays": "wrong_customer", "lapping_twin": "wrong_customer",
    "corrected_misapplication": "wrong_customer", "split_deposit": "duplicate_payment", "portal_approved": "portal_rejected",
    "order_no_given": "no_order_no", "promise_kept": "promise_covers", "related_party_twin": "duplicate_invoice",
}  # fmt: skip


def test_the_stories_of_the_sample_company_are_found_and_its_honest_twins_pass(company):
    """Recall 1 over ten kinds of stories, no honest twin named; every duplicate and stranger named is a story."""
    truth, made = company
    for entity, (_, rows) in made.items():
        named = {kind: {word for text in own["documents"] for word in text.split()} | set(own["customer_id"])
                 for kind, own in rows.groupby("kind")}  # fmt: skip
        for story in truth[truth["entity"].eq(entity)].itertuples():
            words = {
                *str(story.documents).split(),
                *([story.account] if isinstance(story.account, str) else []),
            }
            if story.is_planted and story.kind in FOUND:
                assert words & named.get(FOUND[story.kind], set()), (entity, story.kind, story.documents)
            if not story.is_planted and story.kind in HONEST:
                own = {
                    word
                    for text in rows.loc[rows["kind"].eq(HONEST[story.kind]), "documents"]
                    for word in text.split()
                }
                assert not set(str(story.documents).split()) & own, (entity, story.kind, story.documents)
        planted = truth[truth["entity"].eq(entity) & truth["is_planted"]]
        known = {word for text in planted["documents"] for word in str(text).split()}
        doubtful = rows[
            rows["kind"].isin(
                ["duplicate_invoice", "duplicate_payment", "duplicate_credit", "wrong_customer"]
            )
        ]
        assert all(set(text.split()) & known for text in doubtful["documents"])
        assert rows["rank"].tolist() == list(range(1, len(rows) + 1))


@pytest.mark.parametrize("customer", ["00585", "09707"])
def test_a_customer_s_own_book_gives_the_hints_that_the_whole_book_gives(company, customer):
    book, whole = company[1]["US01"]
    scope = scope_at("US01", "USD")
    own = CustomerIndex.of(book).book_of(customer)
    mine = duplicates(own, scope=scope, options=DuplicatesOptions()).pairs
    found = hints(own, scope=scope, policies=Policies(), pairs=mine, whole=book).rows
    wanted = whole[whole["customer_id"].eq(customer)].reset_index(drop=True)
    assert len(found)
    pd.testing.assert_frame_equal(found.drop(columns="rank"), wanted.drop(columns="rank"))
