"""A pasted statement against the ledger: each cause by hand, the planted stories of the sample, and sums that tie."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from arlib.errors import InputError
from arlib.ledger.by_customer import CustomerIndex
from arlib.ledger.customer_recon import reconcile_customer
from arlib.money import format_minor
from arlib.policy import Scope
from arlib.sources.pasted import PASTED_CAUSES, PASTED_RECON, pasted_statement, reconcile_pasted
from arlib.sources.sample.company import generate
from arlib.tables import CANONICAL, Book

SCOPE = Scope(entity="E1", entity_name="Example", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
              ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip


def item(number, amount, day, kind="invoice", **more):
    return {"item_id": f"I-{number}", "entity": "E1", "customer_id": "C1", "item_type": kind, "document_no": number,
            "currency": "USD", "amount": amount, "effective_date": day, "document_date": day, "due_date": "2026-11-30",
            "control_account": "1200"} | more  # fmt: skip


def applied(source, target, amount, day):
    return {"application_id": f"A-{source}-{target}", "entity": "E1", "source_item_id": f"I-{source}", "target_item_id": f"I-{target}",
            "effective_date": day, "source_currency": "USD", "source_amount": amount, "target_currency": "USD",
            "target_amount": amount, "kind": "payment", "reason": "payment", "pairing": "stated"}  # fmt: skip


def book_of(items, applications=(), **more):
    given = {"items": items, "applications": list(applications), **more}
    return Book({name: CANONICAL[name].from_rows(rows) for name, rows in given.items()})


def reconciled(book, *lines, **more):
    body = "\n".join(f"{number}\t{day}\t{amount}" for number, day, amount in lines)
    made = pasted_statement(f"Statement date 2026-10-31\nInvoice\tDate\tAmount\n{body}\n", entity="E1", customer_id="C1",
                            currency="USD", decided={"sign": "owed_is_positive"})  # fmt: skip
    return reconcile_pasted(book, scope=SCOPE, pasted=made, **more)


def cause_of(found, number):
    rows = found.rows
    hit = rows["document_no"].eq(number) | rows["reference"].eq(number)
    return rows.loc[hit.fillna(False), ["place", "cause", "difference"]].iloc[0].tolist()


OLD = item("OLD", 100_00, "2026-09-01")


@pytest.mark.parametrize(
    ("gap", "more", "cause"),
    [
        (2_00, {"discount_rate": "0.02", "discount_date": "2026-09-11"}, "discount"),
        (2_01, {"discount_rate": "0.02", "discount_date": "2026-09-11"}, "discount"),  # a cent is rounding
        (2_02, {"discount_rate": "0.02", "discount_date": "2026-09-11"}, "amount_other"),
        (8_00, {"tax_amount": 8_00}, "tax"),
        (5_00, {"freight_amount": 5_00}, "freight"),
        (7_00, {"tax_amount": 8_00, "freight_amount": 5_00}, "amount_other"),
    ],
)
def test_an_amount_differs_by_what_the_invoice_says(gap, more, cause):
    book = book_of([OLD | more])
    found = reconciled(book, ("OLD", "2026-09-01", f"{(10_000 - gap) / 100:.2f}"))
    assert cause_of(found, "OLD") == ["both", cause, gap]


def test_an_amount_differs_by_a_dispute_of_that_amount_and_no_other():
    def opened(amount):
        return {"dispute_id": "D1", "entity": "E1", "customer_id": "C1", "item_id": "I-OLD", "currency": "USD", "amount": amount,
                "opened_on": "2026-09-20", "reason": "price", "state": "open"}  # fmt: skip

    line = ("OLD", "2026-09-01", "76.00")
    assert cause_of(reconciled(book_of([OLD], disputes=[opened(24_00)]), line), "OLD")[1] == "disputed"
    assert cause_of(reconciled(book_of([OLD], disputes=[opened(23_00)]), line), "OLD")[1] == "amount_other"


def test_part_payments_transit_and_one_sided_documents_each_have_their_cause():
    book = book_of(
        [OLD, item("PART", 100_00, "2026-09-02"), item("R1", -40_00, "2026-09-20", "receipt"),
         item("LATE", 50_00, "2026-10-28"), item("NEVER", 70_00, "2026-08-15"), item("PAID", 60_00, "2026-09-03"),
         item("R2", -60_00, "2026-09-30", "receipt"), item("PAY-9", -100_00, "2026-11-03", "receipt")],
        [applied("R1", "PART", 40_00, "2026-09-20"), applied("R2", "PAID", 60_00, "2026-09-30"),
         applied("PAY-9", "OLD", 100_00, "2026-11-03")],
    )  # fmt: skip
    found = reconciled(
        book, ("OLD", "2026-09-01", "100.00"), ("PART", "2026-09-02", "100.00"), ("PAID", "2026-09-03", "60.00"),
        ("PAY-9", "2026-10-30", "-100.00"), ("DN-7", "2026-10-10", "-12.00"), in_transit_days=5,
    )  # fmt: skip
    assert cause_of(found, "OLD") == ["both", "agreed", 0]
    assert cause_of(found, "PART") == ["both", "part_payment", -40_00]
    assert cause_of(found, "PAID") == ["only_theirs", "settled_with_us", -60_00]
    assert cause_of(found, "PAY-9") == ["only_theirs", "payment_in_transit", 100_00]
    assert cause_of(found, "LATE") == ["only_ours", "document_in_transit", 50_00]
    assert cause_of(found, "NEVER") == ["only_ours", "only_ours_before", 70_00]
    assert cause_of(found, "DN-7") == ["only_theirs", "only_theirs", 12_00]
    assert found.causes["difference"].sum() == found.controls[0].difference == 132_00
    assert all(identity.holds for identity in found.identities)


def test_another_balance_by_posting_date_is_named_with_its_documents():
    late = item("LATE", 16_00, "2026-10-30", posting_date="2026-11-02")
    early = item("EARLY", 5_00, "2026-11-04", posting_date="2026-10-29")
    line = ("OLD", "2026-09-01", "100.00")

    assert (
        "Our ledger is USD 116.00 (by document date; by posting date USD 100.00, without LATE posted 2026-11-02), their"
        in (reconciled(book_of([OLD, late]), line).sentence)
    )
    said = reconciled(
        book_of(
            [OLD, late, early, item("OTHER", 9_00, "2026-10-30", customer_id="C2", posting_date="2026-11-02")]
        ),
        line,
    )
    assert (
        "by posting date USD 105.00, without LATE posted 2026-11-02, with EARLY dated 2026-11-04)"
        in said.sentence
    )
    assert reconciled(book_of([OLD]), line).sentence.startswith("Our ledger is USD 100.00, their statement")
    discount = applied("R1", "OLD", 40_00, "2026-10-20") | {"posting_date": "2026-11-03", "discount": 2_00}
    paid = reconciled(book_of([OLD, item("R1", -40_00, "2026-10-20", "receipt")], [discount]), line)
    assert (
        "USD 58.00 (by document date; by posting date USD 60.00, USD 2.00 by applications of other days)"
        in paid.sentence
    )


def test_a_young_document_may_be_too_new_and_what_they_have_of_its_day_is_said():
    book = book_of(
        [OLD, item("A", 10_00, "2026-10-22"), item("B", 20_00, "2026-10-22"), item("C", 30_00, "2026-10-23")]
    )
    rows = reconciled(
        book, ("OLD", "2026-09-01", "100.00"), ("A", "2026-10-22", "10.00"), ("X", "2026-10-30", "1.00")
    ).rows
    said = rows.set_index("document_no")["sentence"]

    assert said["B"] == (
        "B: dated 2026-10-22, may be too new for their statement, though it goes on to 2026-10-30 and has A of the same day; "
        "USD 20.00 more with us."
    )
    assert "though it goes on to 2026-10-30; USD 30.00" in said["C"]


def test_what_is_dated_after_their_last_entry_is_told_apart():
    book = book_of([OLD, item("SOON", 10_00, "2026-10-12")])
    found = reconciled(book, ("OLD", "2026-09-01", "100.00"), in_transit_days=3)
    assert cause_of(found, "SOON") == ["only_ours", "only_ours_after", 10_00]
    same_day = reconciled(book, ("OLD", "2026-10-12", "100.00"), in_transit_days=3)
    assert cause_of(same_day, "SOON") == ["only_ours", "only_ours_before", 10_00]  # that day itself is before


def test_an_open_question_is_answered_first():
    made = pasted_statement("2026-10-01,INV-1,100.00\n", entity="E1", customer_id="C1", currency="USD")
    with pytest.raises(InputError, match="statement_date"):
        reconcile_pasted(book_of([OLD]), scope=SCOPE, pasted=made)


def test_a_statement_after_the_as_of_date_is_held_against_the_ledger_of_its_day():
    book = book_of([OLD, item("NOV", 10_00, "2026-11-05")])
    made = pasted_statement("Statement date 2026-11-10\nInvoice\tDate\tAmount\nOLD\t2026-09-01\t100.00\nNOV\t2026-11-05\t10.00\n",
                            entity="E1", customer_id="C1", currency="USD")  # fmt: skip
    found = reconcile_pasted(book, scope=SCOPE, pasted=made)
    assert found.controls[0].difference == 0
    assert set(found.rows["cause"]) == {"agreed"}


@pytest.fixture(scope="module")
def sample():
    return generate(seed=7, items=800)


KINDS = {
    "in_transit": {"payment_in_transit", "document_in_transit"}, "missing_in_ledger": {"only_theirs"},
    "missing_on_statement": {"only_ours_before"}, "amount_differs": {"amount_other", "disputed"}, "duplicate": {"duplicate"},
    "settled_in_ledger": {"settled_with_us"},
}  # fmt: skip


def test_every_planted_difference_of_the_sample_is_found_and_nothing_else(sample):
    """Recall and precision of 1: seven planted differences, none more; and the controls are those of the monthly close."""
    truth = sample.truth[sample.truth["control"].eq("customer_statement")]
    lines = sample.tables["customer_statement_lines"]
    found, stories = set(), set()
    for entity, functional in (("US01", "USD"),):
        scope = Scope(entity=entity, entity_name=entity, functional_currency=functional, period="2026-10",
                      starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
        book = Book(sample.tables).for_entity(entity)
        index, close = CustomerIndex.of(book), reconcile_customer(book, scope=scope)
        for customer, own in lines[lines["entity"].eq(entity)].groupby("customer_id", sort=True):
            code = str(own["currency"].iloc[0])
            text = "Statement date\t2026-10-31\nInvoice\tDate\tAmount\n" + "\n".join(
                f"{row.reference}\t{row.date:%Y-%m-%d}\t{format_minor(row.amount, code)}"
                for row in own.itertuples()
            )
            made = pasted_statement(
                text, entity=entity, customer_id=customer, currency=code, decided={"sign": "owed_is_negative"}
            )
            result = reconcile_pasted(index.book_of(customer), scope=scope, pasted=made)
            same = [control.difference for control in close.controls if control.account == customer]
            assert [control.difference for control in result.controls] == same
            off = result.rows[result.rows["cause"].ne("agreed")]
            numbers = off["document_no"].where(off["document_no"].fillna("").ne(""), off["reference"])
            # a payment in transit stands under our number and theirs
            numbers = off["reference"].where(off["cause"].eq("payment_in_transit"), numbers)
            found |= {(entity, customer, number) for number in numbers}
            mine = truth[truth["entity"].eq(entity) & truth["account"].eq(customer)]
            for number, cause in zip(mine["document_no"], mine["cause"], strict=True):
                stories.add((entity, customer, number))
                assert set(off.loc[numbers.eq(number), "cause"]) <= KINDS[cause], (number, cause)
    assert found == stories
    assert len(stories) == 7


def test_the_frames_are_as_declared():
    found = reconciled(book_of([OLD]), ("OLD", "2026-09-01", "90.00"))
    assert list(found.rows.columns) == PASTED_RECON.names
    assert list(found.causes.columns) == PASTED_CAUSES.names
    assert str(found.rows["difference"].dtype) == "Int64"
    assert not any(pd.api.types.is_float_dtype(kind) for kind in found.rows.dtypes)
    assert "USD 10.00 more with us" in found.rows["sentence"].iloc[0]
