"""The sample company's own write-offs, adjustments and credit memos as postings, tied to its tables."""

from __future__ import annotations

from collections import Counter

import pytest

from arlib.errors import TableError
from arlib.sources.sample import generate
from arlib.sources.upload import (
    accounts_from,
    adjustments_of,
    credit_memos_of,
    from_match_folder,
    make_batch,
    posting_contents,
)

from .conftest import ON, ROLES

BOOKS = {"US01": "USD", "UK01": "GBP", "JP01": "JPY"}


@pytest.fixture(scope="module")
def tables():
    return generate(seed=7, items=1200).tables


@pytest.fixture(scope="module")
def batch(tables):
    items, applications = tables["items"], tables["applications"]
    frames = {
        "adjustments": adjustments_of(items, applications, gl_date=ON, functional=BOOKS),
        "credit_memos": credit_memos_of(items, applications, gl_date=ON, functional=BOOKS),
    }
    return make_batch(
        frames,
        accounts=accounts_from({"schema": "arlib.post/1", "accounts": ROLES}),
        batch_id="B1",
        accounting_date=ON,
        proposed_by="Pat",
        approved_by="Ann",
    )


def by_currency(items, kind):
    made: Counter[str] = Counter()
    for currency, amount in items.loc[items["item_type"].eq(kind), ["currency", "amount"]].itertuples(
        index=False
    ):
        made[currency] -= int(amount)
    return {currency: amount for currency, amount in made.items() if amount}


def test_all_of_it_is_posted_by_currency(tables, batch):
    items = tables["items"]
    for kind, role in (("write_off", "bad_debt"), ("adjustment", "adjustment")):
        booked: Counter[str] = Counter()
        taxed: Counter[str] = Counter()
        own = set(batch.adjustments[batch.adjustments["adjustment_type"].eq(kind)]["reference"])
        for row in batch.journals[batch.journals["reference"].isin(own)].to_dict("records"):
            booked[row["currency"]] += int(row["amount"]) if row["role"] == role else 0
            taxed[row["currency"]] += int(row["amount"]) if row["role"] == "tax" else 0
        wanted = by_currency(items, kind)
        assert wanted, f"the sample has no {kind}"
        assert {code: booked[code] + taxed[code] for code in booked if booked[code] + taxed[code]} == wanted
    credited: Counter[str] = Counter()
    for row in batch.credit_memos.to_dict("records"):
        credited[row["currency"]] += int(row["net_amount"]) + int(row["tax_amount"] or 0)
    assert dict(credited) == by_currency(items, "credit_memo")


def test_the_books_amounts_balance_and_are_those_of_the_items(tables, batch):
    lines = batch.journals
    for _, part in lines.groupby(["entity", "reference"]):
        assert sum(int(v) for v in part["functional_amount"]) == 0
    items = tables["items"]
    wanted = Counter()
    for row in items[items["item_type"].isin(["write_off", "adjustment", "credit_memo"])].to_dict("records"):
        wanted[row["entity"]] += int(row["functional_amount"])
    found = Counter()
    for row in lines[lines["role"].eq("receivable")].to_dict("records"):
        found[row["entity"]] += int(row["functional_amount"])
    assert found == wanted


@pytest.mark.parametrize("target", ["oracle", "sap"])
def test_both_layouts_hold_it_to_the_cent(batch, target):
    accounts = accounts_from({"schema": "arlib.post/1", "accounts": ROLES})
    contents = posting_contents(
        batch, target=target, accounts=accounts
    )  # identities inside compare every file with the batch

    names = {name.split("_B1")[0] for name in contents if name.startswith(target)}
    assert names == (
        {"oracle_adjustments", "oracle_credit_memos"} if target == "oracle" else {"sap_documents"}
    )


def test_what_was_posted_twice_would_be_one_reference(tables, batch):
    again = adjustments_of(
        tables["items"], tables["applications"], gl_date=ON.replace(day=1), functional=BOOKS
    )
    assert sorted(again["reference"]) == sorted(batch.adjustments["reference"])
    shuffled = adjustments_of(
        tables["items"].sample(frac=1, random_state=1),
        tables["applications"].sample(frac=1, random_state=2),
        gl_date=ON,
        functional=BOOKS,
    )
    assert sorted(shuffled["reference"]) == sorted(batch.adjustments["reference"])


def test_an_adjustment_without_a_document_is_refused(tables):
    items, applications = tables["items"], tables["applications"]
    own = items[items["item_type"].isin(["write_off", "adjustment"])]
    with pytest.raises(TableError) as caught:
        adjustments_of(items, applications[~applications["source_item_id"].isin(own["item_id"])], gl_date=ON)
    assert {problem.code for problem in caught.value.problems} == {"adjustment_without_document"}
    assert len(caught.value.problems) == len(own)


def test_what_a_real_run_of_matching_decides_is_posted_to_the_cent(tmp_path):
    from arlib.cli.matching import inputs_of, run
    from arlib.money import iso_code
    from arlib.policy import MatchingPolicy
    from arlib.run.match_folder import write_match_folder
    from arlib.sources.matchfiles import MatchFiles, read_match_files
    from arlib.sources.sample import write_sample

    write_sample(generate(seed=3, items=400), tmp_path / "sample")
    files = MatchFiles(
        items=tmp_path / "sample",
        receipts=tmp_path / "sample" / "receipts.csv",
        remittances=None,
        history=None,
    )
    book, _ = read_match_files(files, profile="canonical", options={}, root=tmp_path)
    result, _, summary = run(inputs_of(book), book, policy=MatchingPolicy(), is_replay=False)
    write_match_folder(result, tmp_path / "match", summary=summary)
    accounts = accounts_from({"schema": "arlib.post/1", "accounts": ROLES})
    batch = from_match_folder(
        tmp_path / "match", accounts=accounts, batch_id="B1", accounting_date=ON, proposed_by="arlib match"
    )

    auto = result.matches[result.matches["decision"].eq("auto")]
    applied: Counter[str] = Counter()
    for currency, amount in auto[["currency", "applied_amount"]].itertuples(index=False):
        applied[iso_code(currency)] += int(amount)
    posted: Counter[str] = Counter()
    for row in batch.rows("applications"):
        posted[row["currency"]] += int(row["amount"])
    assert posted == applied
    assert len(batch.applications) == len(auto) > 10
    received = result.pool_receipts.set_index(["entity", "receipt_id"])["amount"]
    assert all(
        int(received[row["entity"], row["receipt_id"]]) == int(row["amount"])
        for row in batch.rows("receipts")
    )
    for target in ("oracle", "sap"):
        assert posting_contents(batch, target=target, accounts=accounts)
