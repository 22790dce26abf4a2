"""Lapping: planted chains are found and ranked first, honest noise is not flagged, and missing input is said."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pandas as pd
import pytest

from arlib.audit.options.patterns import LappingOptions
from arlib.audit.patterns.lapping import lapping
from arlib.audit.population import Population
from arlib.errors import ParameterError
from arlib.report.audit.lapping import BOUND, FALSE_FLAGS, HONEST_RECEIPTS
from arlib.sources.sample import generate
from arlib.tables import Book

CURRENCY = {"US01": "USD", "UK01": "GBP", "JP01": "JPY"}
DAY = date(2026, 10, 5)


@pytest.fixture
def scope(small):
    return small("scope")()


def chain_book(small, *, names: str = "BC", parents: dict[str, str] | None = None, **more):
    """A's item is paid with B's money, B's with C's; each advice names the payer's own item."""
    item, apply, advice, customer = (small(name) for name in ("item", "apply", "advice", "customer"))
    owners = "ABC"
    items = [
        item(f"INV-10{at}", "invoice", owner, 10_000 + at, DAY - timedelta(days=40))
        for at, owner in enumerate(owners)
    ]
    items += [
        item("RC-B", "receipt", "B", -10_001, DAY, user="ben"),
        item("RC-C", "receipt", "C", -10_002, DAY + timedelta(days=9), user="ben"),
    ]
    tables = {
        "items": items,
        "applications": [
            apply("RC-B", "INV-100", 10_000, user="ben"), apply("RC-C", "INV-101", 10_001, DAY + timedelta(days=9), user="ben")],
        "remittances": [advice("RC-B", "INV-101", 10_001), advice("RC-C", "inv 102", 10_002)],
        "customers": [customer(owner, parent_id=(parents or {}).get(owner)) for owner in owners],
    }  # fmt: skip
    return small("book")(**(tables | more))


def test_a_chain_is_flagged_with_its_evidence(small, scope):
    found = lapping(chain_book(small), scope=scope, options=LappingOptions())
    flags = found.flagged
    assert flags["receipt_id"].tolist() == ["RC-C", "RC-B"]
    assert set(flags["chain_id"]) == {"CH001"}
    assert found.chains["payer"].tolist() == ["B", "C"]
    assert found.chains["covers"].tolist() == ["A", "B"]
    assert "INV-101 of B" in flags.set_index("receipt_id")["reasons"]["RC-B"]
    assert "INV-100 of A" in flags.set_index("receipt_id")["reasons"]["RC-B"]
    side = found.evidence[found.evidence["receipt_id"].eq("RC-B")]
    assert side["named_document"].dropna().tolist() == ["INV-101"]
    assert side["applied_document"].dropna().tolist() == ["INV-100"]
    assert found.per_1000 == 1000
    assert all(identity.holds for identity in found.identities)
    users = found.users.set_index("user").loc["ben"]
    assert (users["receipts"], users["other_customer"], users["flagged"], users["per_1000"]) == (
        2,
        2,
        2,
        "1000.0",
    )


def test_one_group_paying_for_each_other_is_not(small, scope):
    found = lapping(chain_book(small, parents={"B": "A", "C": "A"}), scope=scope, options=LappingOptions())
    assert found.flagged.empty
    assert found.chains.empty
    assert set(found.flags["standing"]) == {"other_item"}


def test_a_merged_customer_is_one_with_the_new_one(small, scope):
    merges = [
        {"old_customer_id": old, "new_customer_id": "C", "merged_on": DAY - timedelta(days=5)} for old in "AB"
    ]
    found = lapping(chain_book(small, customer_merges=merges), scope=scope, options=LappingOptions())
    assert found.flagged.empty


def test_the_payer_s_own_wrong_number_is_explained(small, scope):
    item, apply, advice = (small(name) for name in ("item", "apply", "advice"))
    book = small("book")(
        items=[item("INV-201", "invoice", "A", 500), item("INV-210", "invoice", "B", 500), item("RC-1", "receipt", "A", -500)],
        applications=[apply("RC-1", "INV-201", 500)], remittances=[advice("RC-1", "INV-210", 500)],
    )  # fmt: skip
    [row] = lapping(book, scope=scope, options=LappingOptions()).flags.to_dict("records")
    assert (row["standing"], row["score"], row["is_flagged"]) == ("wrong_number", 0, False)
    assert "wrong number" in row["explained_by"]


def test_an_advice_that_names_a_part_only_is_no_contradiction(small, scope):
    item, apply, advice = (small(name) for name in ("item", "apply", "advice"))
    book = small("book")(
        items=[item("INV-1001", "invoice", "A", 300), item("INV-1002", "invoice", "B", 200), item("RC-1", "receipt", "A", -500)],
        applications=[apply("RC-1", "INV-1001", 300), apply("RC-1", "INV-1002", 200)], remittances=[advice("RC-1", "INV-1001", 300)],
    )  # fmt: skip
    found = lapping(book, scope=scope, options=LappingOptions())
    assert found.flagged.empty


def test_a_corrected_misapplication_is_explained_and_one_to_a_stranger_weighs_more(small, scope):
    item, apply, advice = (small(name) for name in ("item", "apply", "advice"))
    later = DAY + timedelta(days=4)

    def book(owner: str):
        wrong = apply("RC-1", "INV-3002", 500)
        back = apply("RC-1", "INV-3002", -500, later, application_id="back", reverses=wrong["application_id"])
        return small("book")(
            items=[item("INV-3001", "invoice", "A", 500), item("INV-3002", "invoice", owner, 500), item("RC-1", "receipt", "A", -500)],
            applications=[wrong, back, apply("RC-1", "INV-3001", 500, later)], remittances=[advice("RC-1", "INV-3001", 500)],
        )  # fmt: skip

    own, strange = (
        lapping(book(owner), scope=scope, options=LappingOptions()).flags.iloc[0] for owner in "AB"
    )
    assert (own["score"], strange["score"]) == (5, 15)
    assert "corrected misapplication" in own["explained_by"]
    assert not own["is_flagged"]
    assert (
        lapping(book("A"), scope=scope, options=LappingOptions(reversal_days=3)).flags.iloc[0]["score"] == 0
    )


def test_late_posting_is_counted_in_weekdays_against_what_is_usual(small, scope):
    item = small("item")
    receipts, lines, links, items = [], [], [], []
    for n in range(6):
        posted = DAY + timedelta(days=4 if n == 5 else 0)  # Monday; the last one on Friday
        banked = DAY - timedelta(
            days=3 if n < 5 else 0
        )  # Friday before: one weekday; the last one Monday: four
        items.append(item(f"R{n}", "receipt", "A", -100, posted))
        receipts.append({"receipt_id": f"R{n}", "item_id": f"R{n}", "customer_id": "A", "effective_date": posted, "posting_date": posted,
                         "currency": "USD", "amount": 100, "status": "applied", "deposit_batch": f"D{n}"})  # fmt: skip
        lines.append({"bank_line_id": f"B{n}", "bank_account": "X", "booking_date": banked, "value_date": banked, "currency": "USD",
                      "amount": 100, "kind": "receipt"})  # fmt: skip
        links.append(
            {
                "receipt_id": f"R{n}",
                "bank_account": "X",
                "bank_line_id": f"B{n}",
                "currency": "USD",
                "amount": 100,
            }
        )
    book = small("book")(items=items, receipts=receipts, bank_lines=lines, receipt_bank_lines=links)
    found = lapping(book, scope=scope, options=LappingOptions(delay_days=3))
    assert found.flags["receipt_id"].tolist() == ["R5"]
    assert found.flags["days_to_post"].tolist() == [4]
    assert lapping(book, scope=scope, options=LappingOptions(delay_days=4)).flags.empty


def test_a_credit_that_settles_a_stranger_s_item_is_told(small, scope):
    item, apply = small("item"), small("apply")
    book = small("book")(
        items=[item("INV-1", "invoice", "A", 500), item("CM-1", "credit_memo", "B", -500)],
        applications=[apply("CM-1", "INV-1", 500, kind="credit_memo")],
    )  # fmt: skip
    [row] = lapping(book, scope=scope, options=LappingOptions(flag_from=40)).flags.to_dict("records")
    assert (row["receipt_id"], row["score"], row["is_flagged"]) == ("CM-1", 40, True)


def test_options_choose_users_days_and_the_population(small, scope):
    book = chain_book(small)
    for options, tested, out in (
        (LappingOptions(users="ann"), 0, "of other users"),
        (LappingOptions(since="2026-10-06"), 1, "posted before the first day asked about"),
    ):  # fmt: skip
        found = lapping(book, scope=scope, options=options)
        assert found.tested == tested
        assert out in set(found.parts["part"])
        assert all(identity.holds for identity in found.identities)
    only = lapping(book, scope=scope, options=LappingOptions(), population=Population(customers=("B",)))
    assert only.flagged["receipt_id"].tolist() == ["RC-B"]
    for wrong in ({"delay_days": -1}, {"flag_from": 0}, {"since": "soon"}):
        with pytest.raises(ParameterError, match=next(iter(wrong))):
            LappingOptions(**wrong)


def test_without_advices_users_dates_or_deposits_each_test_says_why(small, scope):
    item, apply = small("item"), small("apply")
    book = small("book")(
        items=[item("INV-1", "invoice", "A", 500), item("RC-1", "receipt", "A", -500)],
        applications=[apply("RC-1", "INV-1", 500, user=None)],
    )  # fmt: skip
    tests = lapping(book, scope=scope, options=LappingOptions()).subtests.set_index("test")
    for name, word in (("against_advice", "remittance advices"), ("late_posting", "bank dates"), ("reversals", "who applied"),
                       ("deposits", "deposit batches"), ("users", "who applied")):  # fmt: skip
        assert not tests.loc[name, "is_possible"], name
        assert tests.loc[name, "why"].startswith("test not possible: ")
        assert word in tests.loc[name, "why"]
    assert lapping(Book({}), scope=scope, options=LappingOptions()).tested == 0


@pytest.fixture(scope="module")
def measured(small) -> pd.DataFrame:
    """Planted and flagged receipts of five sample companies, entity by entity."""
    rows = []
    for seed, size in ((1, 800), (2, 800), (3, 800), (4, 4_000), (5, 20_000)):
        made = generate(seed=seed, items=size)
        for entity, currency in CURRENCY.items():
            found = lapping(
                Book(made.tables).for_entity(entity),
                scope=small("scope")(entity, currency),
                options=LappingOptions(),
            )
            told = made.truth[made.truth["entity"].eq(entity)]
            [documents] = told.loc[told["kind"].eq("lapping"), "documents"]
            planted = {name for name in documents.split() if "RC" in name}
            flagged = found.flagged["receipt_id"].tolist()
            rows.append({"tested": found.tested, "planted": len(planted), "found": len(planted & set(flagged)),
                         "first": set(found.flags["receipt_id"].head(len(planted))) == planted,
                         "false": len(set(flagged) - planted), "links": int(found.chains["links"].max()),
                         "users": set(found.flagged["user"]) == {"cash.ben"},
                         "ties": all(identity.holds for identity in found.identities)})  # fmt: skip
    return pd.DataFrame(rows)


def test_every_planted_link_is_found_and_ranked_first(measured):
    assert measured["planted"].eq(4).all()
    assert measured["found"].eq(4).all()
    assert measured["first"].all()
    assert measured["links"].eq(4).all()
    assert measured["users"].all()
    assert measured["ties"].all()


def test_false_flags_are_as_few_as_the_page_says(measured):
    honest = int((measured["tested"] - measured["planted"]).sum())
    assert honest > HONEST_RECEIPTS
    assert measured["false"].sum() == FALSE_FLAGS
    # with none found, the exact 95 % upper bound of the rate is 1 - 0.05 ** (1 / n)
    assert 1000 * (1 - 0.05 ** (1 / honest)) < float(BOUND)
    assert Fraction(1000 * int(measured["false"].sum()), honest) == 0


def test_the_honest_twins_of_the_sample_are_explained(small):
    made = generate(seed=7, items=800)
    twins = made.truth[made.truth["kind"].isin(["lapping_twin", "parent_pays", "corrected_misapplication"])]
    for entity, currency in CURRENCY.items():
        found = lapping(
            Book(made.tables).for_entity(entity),
            scope=small("scope")(entity, currency),
            options=LappingOptions(),
        )
        flagged = set(found.flagged["receipt_id"])
        rows = found.flags.set_index("receipt_id")
        for story in twins[twins["entity"].eq(entity)].to_dict("records"):
            receipts = [name for name in story["documents"].split() if "RC" in name]
            assert not flagged & set(receipts), story["kind"]
            seen = [name for name in receipts if name in rows.index]
            assert all(isinstance(rows.loc[name, "explained_by"], str) for name in seen)
            assert seen or story["kind"] != "lapping_twin"
