"""Each payment after the date is graded by what bank and payer say; each planted case beside its honest twin."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd
import pytest

from arlib.audit.evidence.grades import EXCEPTIONS, WEIGHTS, WORDS, Grade, Weight
from arlib.audit.evidence.shares import percent
from arlib.audit.evidence.subsequent import subsequent_receipts
from arlib.audit.population import Population
from arlib.errors import ParameterError
from arlib.policy import Policies, Scope
from arlib.sources.sample import generate
from arlib.tables import Book

from .conftest import SCOPE, applied, item, paid, with_invoice


def grades(book, **options):
    """Grade by document of what was paid."""
    found = subsequent_receipts(book, scope=SCOPE, policies=Policies(), **options)
    for identity in found.identities:
        identity.require()
    return dict(zip(found.traces["document_no"], found.traces["grade"], strict=True)), found


@pytest.mark.parametrize(
    ("facts", "grade"),
    [
        ({}, Grade.BANK_AND_ADVICE),
        ({"advice": "si 10001"}, Grade.BANK_AND_ADVICE),  # blanks, dashes and case do not count
        ({"advice": "0010001"}, Grade.BANK_AND_ADVICE),  # digits alone, many enough
        ({"advice": "PO-7001"}, Grade.BANK_AND_ADVICE),  # the customer's own order
        ({"advice": None, "text": "rent SI-10001 thanks"}, Grade.BANK_AND_ADVICE),
        ({"advice": None, "text": "INV SI 10001"}, Grade.BANK_AND_ADVICE),
        ({"net": 100_00}, Grade.BANK_AND_ADVICE),
        ({"net": 99_99}, Grade.ADVICE_FOR_LESS),
        ({"advice": None}, Grade.BANK_AND_AMOUNT),
        ({"advice": "99999999"}, Grade.NAMES_UNKNOWN),  # a number that the books do not know
        ({"advice": None, "text": "INV 35506"}, Grade.NAMES_UNKNOWN),
        ({"advice": None, "text": "Rechnung Nr. 2026-35506"}, Grade.NAMES_UNKNOWN),
        ({"advice": None, "text": "payment 90371"}, Grade.BANK_AND_AMOUNT),  # a number, but not of a document
        ({"advice": None, "text": "INV 35506", "bank": 60_00}, Grade.BANKED_IN_PART),
        ({"advice": None, "pairing": "derived"}, Grade.WITHOUT_ADVICE),
        ({"advice": None, "amount": 120_00}, Grade.WITHOUT_ADVICE),
        ({"advice": "SI-20002"}, Grade.NAMES_ANOTHER),
        ({"advice": None, "text": "SI-20002"}, Grade.NAMES_ANOTHER),
        ({"banked": None}, Grade.NO_BANK_LINE),
        ({"receipt": False, "banked": None}, Grade.NO_RECEIPT),
        ({"banked": "2026-10-31"}, Grade.BANKED_BEFORE),  # the date itself is by the date
        ({"banked": "2026-11-01", "posted": "2026-11-01"}, Grade.BANK_AND_ADVICE),
        ({"banked": "2026-10-30", "posted": "2026-10-30"}, Grade.IN_LEDGER_BEFORE),
        ({"banked": "2026-11-02", "posted": "2026-10-31"}, Grade.POSTED_BEFORE_BANKED),
        ({"payer": "Bolt LLC", "account": "US00BOLT0003"}, Grade.OTHER_PARTY),
        ({"payer": "Acme Holding", "account": "US00HOLD0002"}, Grade.BANK_AND_ADVICE),  # the parent, by master data
        ({"payer": "ACME INC.", "account": None}, Grade.BANK_AND_ADVICE),
        ({"payer": "", "account": None}, Grade.BANK_AND_ADVICE),  # nothing to compare is no other party
        ({"bank": 60_00}, Grade.BANKED_IN_PART),
    ],
)  # fmt: skip
def test_a_payment_is_graded_by_bank_and_payer(facts, grade):
    found, result = grades(with_invoice(paid(**facts)))

    assert found["SI-10001"] == grade
    line = result.items[result.items["document_no"].eq("SI-10001")].iloc[0]
    column = {Weight.INVOICE: "invoice_cash", Weight.CUSTOMER: "customer_cash", Weight.NONE: "no_evidence"}
    assert line[column[WEIGHTS[grade]]] == 100_00
    assert line["unsupported"] == (0 if WEIGHTS[grade] is Weight.INVOICE else 100_00)


def test_several_bank_lines_are_told_as_their_sum():
    tables = paid(advice=None)
    line, link = tables["bank_lines"][0], tables["receipt_bank_lines"][0]
    tables["bank_lines"] = [line | {"amount": 60_00}, line | {"bank_line_id": "B-2", "amount": 40_00}]
    tables["receipt_bank_lines"] = [link | {"amount": 60_00}, link | {"bank_line_id": "B-2", "amount": 40_00}]
    found, result = grades(with_invoice(tables))

    assert found["SI-10001"] == Grade.BANK_LINES_AND_AMOUNT
    assert "several bank lines after the date that add up" in WORDS[Grade.BANK_LINES_AND_AMOUNT]
    assert result.traces["bank_line_id"].tolist() == ["B-1, B-2"]
    assert result.items["invoice_cash"].max() == 100_00


def test_every_grade_has_words_and_a_weight():
    assert set(WORDS) == set(WEIGHTS) == set(Grade)
    assert not {grade for grade in EXCEPTIONS if WEIGHTS[grade] is Weight.INVOICE}


def test_a_reversed_application_counts_nothing_and_is_shown():
    facts = paid()
    facts["applications"].append(applied("A-2", "R-1", "SI-10001", -100_00, "2026-11-05", reverses="A-1"))
    found, result = grades(with_invoice(facts))
    line = result.items.set_index("document_no").loc["SI-10001"]

    assert found == {"SI-10001": Grade.REVERSED}
    assert (line["invoice_cash"], line["still_open"], line["unsupported"]) == (0, 100_00, 100_00)


def test_a_reversal_in_part_leaves_the_rest():
    facts = paid(amount=80_00, to=(("SI-10001", 80_00),))
    facts["applications"].append(applied("A-2", "R-1", "SI-10001", -30_00, "2026-11-05", reverses="A-1"))
    _, result = grades(with_invoice(facts))

    assert result.traces["applied"].tolist() == [50_00]
    assert result.items.set_index("document_no").loc["SI-10001", "still_open"] == 50_00


@pytest.mark.parametrize("where", ["receipt", "bank"])
def test_a_payment_that_came_back_is_no_evidence_though_the_ledger_keeps_it(where):
    facts = paid()
    if where == "receipt":
        facts["receipts"].append(
            facts["receipts"][0]
            | {"receipt_id": "RR-1", "item_id": None, "amount": -100_00, "return_of": "R-1"}
        )
    else:
        back = {"bank_line_id": "B-2", "amount": -100_00, "kind": "return", "return_of": "B-1"}
        facts["bank_lines"].append(facts["bank_lines"][0] | back)

    assert grades(with_invoice(facts))[0] == {"SI-10001": Grade.REVERSED}


def test_what_was_settled_by_the_date_and_taken_back_after_it_is_not_cash():
    facts = paid(posted="2026-10-20", banked="2026-10-20")
    before = {"effective_date": "2026-10-20", "posting_date": "2026-10-20"}
    facts["applications"][0] |= before | {"target_amount": 40_00, "source_amount": 40_00}
    facts["applications"].append(applied("A-2", "R-1", "SI-10001", -40_00, "2026-11-05", reverses="A-1"))
    found, result = grades(with_invoice(facts))

    assert found == {}
    assert result.otherwise["amount"].tolist() == [-40_00]
    assert result.items.set_index("document_no").loc["SI-10001", "still_open"] == 60_00


def test_cash_counts_up_to_what_was_open_and_no_further():
    facts = paid(amount=130_00, advice=None, to=(("SI-10001", 130_00),))
    _, result = grades(with_invoice(facts))

    assert result.traces[["applied", "counted"]].to_numpy().tolist() == [[130_00, 100_00]]


def test_a_credit_note_a_discount_and_a_write_off_are_not_cash():
    facts = paid(amount=95_00, to=(("SI-10001", 95_00),), discount=5_00)
    notes = [
        item("CM-1", -50_00, "2026-11-04", "credit_memo"),
        item("WO-1", -20_00, "2026-11-04", "write_off"),
    ]
    facts["applications"] += [
        applied("A-8", "CM-1", "SI-20002", 50_00, "2026-11-04", kind="credit_memo"),
        applied("A-9", "WO-1", "SI-20002", 20_00, "2026-11-04", kind="write_off"),
    ]
    _, result = grades(with_invoice(facts, *notes))
    lines = result.items.set_index("document_no")

    assert result.otherwise.set_index("application_id")["amount"].to_dict() == {
        "A-1": 5_00,
        "A-8": 50_00,
        "A-9": 20_00,
    }
    assert lines.loc["SI-10001", ["invoice_cash", "settled_otherwise", "unsupported"]].tolist() == [
        95_00,
        5_00,
        5_00,
    ]
    assert lines.loc["SI-20002", ["invoice_cash", "settled_otherwise", "unsupported"]].tolist() == [
        0,
        70_00,
        250_00,
    ]


def test_one_receipt_for_two_invoices_by_an_advice_of_both_and_of_one():
    facts = paid(amount=350_00, to=(("SI-10001", 100_00), ("SI-20002", 250_00)))
    assert grades(with_invoice(facts))[0] == {
        "SI-10001": Grade.BANK_AND_ADVICE,
        "SI-20002": Grade.NAMES_ANOTHER,
    }
    facts["remittances"].append(facts["remittances"][0] | {"remittance_id": "RA-2", "reference": "SI-20002"})
    assert set(grades(with_invoice(facts))[0].values()) == {Grade.BANK_AND_ADVICE}


def test_receipts_after_until_do_not_count():
    book = with_invoice(paid())
    assert grades(book, until=date(2026, 11, 2))[0] == {}
    assert grades(book, until=date(2026, 11, 3))[0] == {"SI-10001": Grade.BANK_AND_ADVICE}


def test_named_items_are_tested_alone_and_credits_never():
    book = with_invoice(paid(), item("CM-9", -30_00, "2026-10-15", "credit_memo"))
    _, found = grades(book, named=("SI-20002", "i-SI-10001", "CM-9"))
    assert found.items["document_no"].tolist() == ["SI-10001", "SI-20002"]
    assert dict(zip(found.left_out["why"], found.left_out["amount"], strict=True)) == {
        "credit": -30_00,
        "tested": 350_00,
    }
    _, found = grades(book, named=("R-1",))
    assert found.not_open == ("R-1",)
    with pytest.raises(ParameterError, match="SI-99999"):
        grades(book, named=("SI-10001", "SI-99999"))


def test_the_population_is_kept_and_what_it_leaves_out_is_told():
    _, found = grades(with_invoice(paid()), population=Population(at_least="200.00"))
    assert found.items["document_no"].tolist() == ["SI-20002"]
    assert set(found.left_out["why"]) == {"tested", "outside the population"}


def test_what_remains_names_the_evidence_to_obtain():
    _, found = grades(with_invoice({}))
    steps = found.items.set_index("document_no")["next_step"]
    assert "delivery note DN-1 of 2026-10-09" in steps["SI-10001"]
    assert "PO-7001" in steps["SI-10001"]
    assert "no delivery" in steps["SI-20002"]


def test_books_without_bank_receipts_or_advice_give_no_evidence_and_no_fault():
    facts = paid()
    bare = with_invoice({"items": facts["items"], "applications": facts["applications"]})
    found, result = grades(Book({name: bare[name] for name in ("items", "applications")}))
    assert found == {"SI-10001": Grade.NO_RECEIPT}
    assert result.coverage["traced"].sum() == 0
    assert grades(Book({"items": bare["items"]}))[0] == {}


def test_shares_are_rounded_towards_zero():
    assert [percent(1, 3), percent(2, 3), percent(99_999, 100_000), percent(5, 0), percent(-1, 3)] == [
        "33.33", "66.66", "99.99", "0.00", "-33.33"]  # fmt: skip


@pytest.fixture(scope="module")
def company():
    made = generate(seed=7, items=800)
    return Book(dict(made.tables), features=frozenset({"entry_times"})), made.truth


@pytest.mark.parametrize(
    ("entity", "day"),
    [
        ("US01", date(2026, 8, 31)),
        ("US01", date(2026, 10, 31)),
        ("UK01", date(2026, 9, 30)),
        ("JP01", date(2026, 9, 30)),
    ],
)
def test_cash_by_invoice_is_what_sql_says(company, entity, day):
    scope = Scope(entity=entity, entity_name="", functional_currency="USD", period="2026-10",
                  starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 31), as_of=day)  # fmt: skip
    book = company[0].for_entity(entity)
    found = subsequent_receipts(book, scope=scope, policies=Policies())
    for identity in found.identities:
        identity.require()
    items, applications = book["items"], book["applications"]
    said = duckdb.connect().sql(f"""
        select a.target_item_id item, sum(a.target_amount) paid from applications a
        join items t on t.item_id = a.target_item_id join items s on s.item_id = a.source_item_id
        where a.posting_date > date '{day}' and s.item_type in ('receipt', 'prepayment') and a.kind = 'payment'
          and t.posting_date <= date '{day}' and t.amount > 0 and t.item_type not in ('receipt', 'prepayment')
          and a.reverses is null
        group by 1""").df().set_index("item")["paid"].to_dict()  # fmt: skip
    applied_ = (
        found.traces[found.traces["grade"].ne(Grade.REVERSED)].groupby("item_id")["applied"].sum().to_dict()
    )
    assert {k: v for k, v in applied_.items() if v} == {k: v for k, v in said.items() if k in applied_}
    assert set(found.items["item_id"]) & set(said) == set(found.traces["item_id"]) & set(said)
    assert items["item_id"].is_unique
    assert applications["application_id"].is_unique


def test_the_order_of_rows_does_not_matter(company):
    book = company[0].for_entity("US01")
    mixed = Book({name: frame.sample(frac=1, random_state=3).reset_index(drop=True) for name, frame in book.tables.items()},
                 features=book.features)  # fmt: skip
    one = subsequent_receipts(book, scope=_us(date(2026, 9, 30)), policies=Policies())
    other = subsequent_receipts(mixed, scope=_us(date(2026, 9, 30)), policies=Policies())
    for name in ("items", "traces", "otherwise", "coverage", "by_grade", "left_out"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))


def test_planted_misapplications_are_no_evidence_and_parents_are_no_other_party(company):
    """Lapping plants apply cash to another invoice than its payer names: found at the date before they were made."""
    book, truth = company
    found = subsequent_receipts(book.for_entity("US01"), scope=_us(date(2026, 9, 30)), policies=Policies())
    odd = found.traces[found.traces["grade"].eq(Grade.NAMES_ANOTHER)]
    assert len(odd) >= 2
    assert (odd["names"].notna() & odd["names"].ne(odd["document_no"])).all()
    assert found.traces["grade"].eq(Grade.BANK_AND_ADVICE).sum() > 2 * len(odd)
    parents = truth[truth["kind"].eq("parent_pays") & truth["entity"].eq("US01")]["documents"]
    receipts = " ".join(parents.dropna())
    group = found.traces[found.traces["receipt_id"].map(lambda one: isinstance(one, str) and one in receipts)]
    assert not group["paid_by"].eq("other").any()


def _us(day: date) -> Scope:
    return Scope(entity="US01", entity_name="", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
                 ends_on=date(2026, 10, 31), as_of=day)  # fmt: skip
