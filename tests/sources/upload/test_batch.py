"""What a batch refuses, all at once, and what a match folder becomes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.errors import ParameterError, SourceError, TableError
from arlib.sources.upload import (
    Batch,
    accounts_from,
    from_match_folder,
    journals_of,
    read_accounts,
    read_register,
    reference,
)
from arlib.sources.upload.tables import (
    POSTING_ADJUSTMENTS,
    POSTING_APPLICATIONS,
    POSTING_CREDIT_MEMOS,
    POSTING_JOURNALS,
    POSTING_RECEIPTS,
)

from .conftest import ON, ROLES, ROWS, match_row, write_match_folder


def made(**frames):
    given = {"batch_id": "B1", "accounting_date": ON, "proposed_by": "Pat"} | frames
    return Batch(**given)


def codes(caught):
    return sorted({problem.code for problem in caught.value.problems})


def receipt(**changes):
    return {
        "entity": "US01",
        "reference": "ARR",
        "receipt_id": "R1",
        "customer_id": "C1",
        "receipt_date": ON,
        "gl_date": ON,
        "currency": "USD",
        "amount": 10000,
    } | changes


def application(**changes):
    return {
        "entity": "US01",
        "reference": "ARA",
        "source_kind": "receipt",
        "source_id": "R1",
        "item_id": "I1",
        "document_no": "9001",
        "customer_id": "C1",
        "gl_date": ON,
        "currency": "USD",
        "amount": 10000,
        "receipt_currency": "USD",
        "receipt_amount": 10000,
        "open_before": 10000,
    } | changes


def line(**changes):
    return {
        "entity": "US01",
        "reference": "ARJ",
        "line_no": 1,
        "purpose": "post",
        "journal_kind": "general",
        "account": "1000",
        "document_date": ON,
        "gl_date": ON,
        "currency": "USD",
        "amount": 100,
    } | changes


def test_a_match_folder_becomes_receipts_applications_and_differences(batch):
    assert len(batch.receipts) == 5
    assert dict(zip(batch.receipts["receipt_id"], batch.receipts["amount"], strict=True)) == {
        "R1": 10000,
        "R2": 97500,
        "R3": 500,
        "R4": 11000,
        "R5": 10000,
    }
    assert sorted(batch.applications["item_id"]) == ["I1", "I2", "I3", "I4", "I5", "I6"]
    fee = batch.adjustments.iloc[0]
    assert (fee["adjustment_type"], fee["item_id"], fee["amount"], fee["source_id"]) == (
        "bank_charge",
        "I2",
        500,
        "R2",
    )
    assert batch.notes == ("1 suggested match of the run is not posted.",)


def test_the_journals_are_the_ones_worked_by_hand(batch):
    def lines(receipt_id):
        ref = batch.receipts.loc[batch.receipts["receipt_id"].eq(receipt_id), "reference"].item()
        own = batch.journals[batch.journals["reference"].eq(ref)]
        return [
            (r["account"], r["currency"], r["amount"], bool(r["clears_item"])) for r in own.to_dict("records")
        ]

    assert lines("R1") == [("1010", "USD", 10000, False), ("1200", "USD", -10000, True)]
    assert lines("R2") == [
        ("1010", "USD", 97500, False),
        ("4090", "USD", 2000, False),
        ("6300", "USD", 500, False),
        ("1200", "USD", -100000, True),
    ]
    assert lines("R3") == [
        ("1010", "JPY", 500, False),
        ("1200", "JPY", -400, False),
        ("1290", "JPY", -100, False),
    ]
    assert lines("R4") == [
        ("1010", "USD", 11000, False),
        ("1990", "USD", -11000, False),
        ("1990", "EUR", 10000, False),
        ("1200", "EUR", -10000, True),
    ]
    assert lines("R5") == [
        ("1010", "USD", 10000, False),
        ("1200", "USD", -12000, True),
        ("1200", "USD", 2000, True),
    ]


def test_receipts_that_exist_come_from_unapplied_cash(folder):
    accounts = accounts_from({"schema": "arlib.post/1", "accounts": ROLES, "receipts": "exist"})

    batch = from_match_folder(folder, accounts=accounts, batch_id="B1", accounting_date=ON, proposed_by="Pat")

    assert not len(batch.receipts)
    assert set(batch.journals["role"]) == {"unapplied", "receivable", "discount", "bank_charge", "conversion"}
    assert (
        batch.journals[batch.journals["role"].eq("unapplied") & batch.journals["currency"].eq("USD")][
            "amount"
        ].sum()
        == 10000 + 97500 + 11000 + 10000
    )


def test_all_faults_are_told_at_once():
    with pytest.raises(TableError) as caught:
        made(
            receipts=POSTING_RECEIPTS.from_rows([receipt(amount=-5), receipt(reference="ARX")]),
            applications=POSTING_APPLICATIONS.from_rows(
                [
                    application(amount=20000, receipt_amount=20000, discount=-1),
                    application(reference="AR2", source_id="R9", currency="EUR", receipt_amount=-1),
                    application(reference="AR3", source_id="R8", amount=5, receipt_amount=6),
                    application(reference="AR4"),
                    application(reference="ARR", item_id="I9"),
                ],
            ),
            adjustments=POSTING_ADJUSTMENTS.from_rows(
                [
                    {
                        "entity": "US01",
                        "reference": "ARD",
                        "adjustment_type": "write_off",
                        "reason": "x",
                        "item_id": "I2",
                        "gl_date": ON,
                        "currency": "USD",
                        "amount": 100,
                        "tax_amount": 200,
                        "open_before": 50,
                    }
                ],
            ),
            journals=POSTING_JOURNALS.from_rows(
                [
                    line(),
                    line(line_no=2, amount=-99, functional_amount=5, functional_currency="USD"),
                    line(line_no=3, amount=0),
                ],
            ),
        )

    assert codes(caught) == [
        "applied_beyond_receipt",
        "discount_with_other_sign",
        "item_in_two_currencies",
        "journal_out_of_balance",
        "journal_out_of_balance_in_books",
        "posted_twice",
        "receipt_not_positive",
        "reference_used_twice",
        "settled_beyond_open",
        "sides_differ",
        "sides_with_other_signs",
        "tax_beyond_amount",
        "zero_amount",
    ]


def test_rows_of_the_wrong_form_are_told_before_any_sum():
    with pytest.raises(TableError) as caught:
        made(
            receipts=POSTING_RECEIPTS.from_rows(
                [
                    receipt(receipt_id="=1+1", currency="XXX"),
                    receipt(receipt_id=""),
                    receipt(currency="JPY.2", reference="AR9"),
                ],
            ),
            proposed_by=" ",
            approved_by="=cmd",
            batch_id="../x",
        )

    assert {
        "not_a_batch_id",
        "missing_value",
        "not_a_name",
        "formula_like_id",
        "unknown_currency",
        "duplicate_key",
    } <= set(codes(caught))


def test_a_currency_with_places_of_its_own_is_no_iso_currency():
    with pytest.raises(TableError) as caught:
        made(receipts=POSTING_RECEIPTS.from_rows([receipt(currency="JPY.2")]))

    assert codes(caught) == ["not_an_iso_currency"]


@pytest.mark.parametrize("approver", ["Pat", " pat ", "PAT", "\uff30at"])
def test_nobody_approves_what_he_proposed(approver):
    with pytest.raises(TableError) as caught:
        made(approved_by=approver)

    assert set(codes(caught)) <= {"approver_is_the_proposer", "not_a_name"}


@pytest.mark.parametrize(
    ("settled", "is_fine"), [((6000, 4000), True), ((6000, 4001), False), ((10001,), False)]
)
def test_an_item_is_never_settled_beyond_what_is_open(settled, is_fine):
    rows = [
        application(reference=f"AR{n}", source_id=f"R{n}", amount=v, receipt_amount=v)
        for n, v in enumerate(settled)
    ]
    if is_fine:
        assert len(made(applications=POSTING_APPLICATIONS.from_rows(rows)).applications) == len(rows)
    else:
        with pytest.raises(TableError) as caught:
            made(applications=POSTING_APPLICATIONS.from_rows(rows))
        assert codes(caught) == ["settled_beyond_open"]


def test_a_credit_is_taken_up_no_further_than_zero():
    with pytest.raises(TableError) as caught:
        made(
            applications=POSTING_APPLICATIONS.from_rows(
                [
                    application(amount=-100, receipt_amount=-100, open_before=-50),
                    application(reference="AR2", item_id="I2"),
                ],
            )
        )

    assert codes(caught) == ["settled_beyond_open"]


def test_a_missing_account_is_named_for_each_entity(folder):
    accounts = accounts_from(
        {
            "schema": "arlib.post/1",
            "accounts": {"bank": "1010"},
            "by_entity": {"JP01": {"receivable": "1", "unapplied": "2"}},
        }
    )

    with pytest.raises(TableError) as caught:
        from_match_folder(folder, accounts=accounts, batch_id="B1", accounting_date=ON, proposed_by="Pat")

    assert [problem.column for problem in caught.value.problems] == [
        "bank_charge",
        "conversion",
        "discount",
        "receivable",
    ]


def test_a_folder_that_was_changed_is_refused(folder, accounts):
    def run():
        from_match_folder(folder, accounts=accounts, batch_id="B1", accounting_date=ON, proposed_by="Pat")

    posting = (folder / "posting.csv").read_bytes()
    (folder / "posting.csv").write_bytes(posting.replace(b"100.00", b"200.00", 1))
    with pytest.raises(SourceError, match=r"is not what matches\.csv applies"):
        run()
    (folder / "posting.csv").write_bytes(posting)
    matches = (folder / "matches.csv").read_bytes()
    (folder / "matches.csv").write_bytes(matches.replace(b"suggest", b"auto"))
    with pytest.raises(SourceError, match="was changed after the run"):
        run()
    (folder / "summary.json").write_bytes(b"[]")
    with pytest.raises(SourceError, match="summary"):
        run()
    (folder / ".arlib-match").unlink()
    with pytest.raises(SourceError, match="not a result folder"):
        run()


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"\0", b'a,"b', b"entity,entity\n", b"entity\n1\n2", b"\n" * 3]
)
def test_hostile_bytes_for_a_table_are_refused_in_words(folder, accounts, data):
    (folder / "unmatched.csv").write_bytes(data)
    with pytest.raises((SourceError, TableError)):
        from_match_folder(folder, accounts=accounts, batch_id="B1", accounting_date=ON, proposed_by="Pat")


def test_yen_that_a_source_keeps_with_places_are_whole_or_refused(tmp_path, accounts):
    row = match_row(
        entity="JP01", currency="JPY", receipt_currency="JPY", applied_amount=10000, receipt_amount=10000
    )
    folder = write_match_folder(tmp_path / "m", rows=(row,), left=())
    for name in ("matches.csv", "posting.csv"):
        text = (folder / name).read_text().replace(",10000,", ",10000.00,")
        (folder / name).write_text(text)
    resign(folder)
    run = {"accounts": accounts, "batch_id": "B1", "accounting_date": ON, "proposed_by": "Pat"}
    assert from_match_folder(folder, **run).receipts["amount"].tolist() == [10000]

    for name in ("matches.csv", "posting.csv"):
        (folder / name).write_text((folder / name).read_text().replace("10000.00", "10000.50"))
    resign(folder)
    with pytest.raises(TableError) as caught:
        from_match_folder(folder, **run)
    assert codes(caught) == ["more_places_than_the_currency_has"]


def resign(folder):
    import hashlib
    import json

    own = hashlib.sha256((folder / "matches.csv").read_bytes()).hexdigest()
    (folder / "summary.json").write_text(json.dumps({"matches_sha256": own}))


def test_references_are_stable_short_and_do_not_hang_on_the_accounting_date(folder, accounts):
    runs = [
        from_match_folder(folder, accounts=accounts, batch_id=b, accounting_date=d, proposed_by="Pat")
        for b, d in (("B1", ON), ("B2", ON.replace(day=1)))
    ]

    assert runs[0].receipts["reference"].tolist() == runs[1].receipts["reference"].tolist()
    assert runs[0].applications["reference"].tolist() == runs[1].applications["reference"].tolist()
    assert all(
        len(ref) == 16 and ref.isascii() and ref.isalnum() and ref.isupper()
        for ref in runs[0].applications["reference"]
    )
    assert reference("receipt", "US01", "R1", 1, 23) != reference("receipt", "US01", "R1", 12, 3)


def test_a_register_leaves_out_what_was_written(folder, accounts, batch, tmp_path):
    from arlib.sources.upload import write_posting_folder

    write_posting_folder(batch, tmp_path / "out", target="oracle", accounts=accounts)
    register = read_register(tmp_path / "out" / "register.csv")
    assert len(register) == 5 + 6 + 1

    again = from_match_folder(
        folder,
        accounts=accounts,
        batch_id="B2",
        accounting_date=ON,
        proposed_by="Pat",
        approved_by="Ann",
        register=register,
    )
    assert again.is_empty
    assert len(again.left_out) == 12

    grown = write_match_folder(
        tmp_path / "m2", rows=(*ROWS, match_row(receipt_id="R7", item_id="I8", document_no="9008"))
    )
    more = from_match_folder(
        grown,
        accounts=accounts,
        batch_id="B2",
        accounting_date=ON,
        proposed_by="Pat",
        approved_by="Ann",
        register=register,
    )
    assert more.receipts["receipt_id"].tolist() == ["R7"]
    assert len(more.left_out) == 12


def test_a_changed_proposal_of_a_registered_posting_is_refused(accounts, batch, tmp_path):
    from arlib.sources.upload.reference import registered

    register = registered(batch.frames, batch_id="B1")
    changed = write_match_folder(
        tmp_path / "m2",
        rows=(match_row(applied_amount=9000, receipt_amount=9000, open_after=1000), *ROWS[1:]),
    )
    with pytest.raises(TableError) as caught:
        from_match_folder(
            changed,
            accounts=accounts,
            batch_id="B2",
            accounting_date=ON,
            proposed_by="Pat",
            register=register,
        )

    assert codes(caught) == ["written_before_with_other_content"]
    assert len(caught.value.problems) == 2  # the receipt and its application


def test_a_receipt_in_the_register_is_not_made_again_for_its_new_application(accounts, batch, folder):
    from arlib.sources.upload.reference import registered

    register = registered(batch.frames, batch_id="B1")
    kept = register[~(register["kind"].eq("application") & register["source_id"].eq("R1"))]
    more = from_match_folder(
        folder, accounts=accounts, batch_id="B2", accounting_date=ON, proposed_by="Pat", register=kept
    )

    assert not len(more.receipts)
    assert more.applications["source_id"].tolist() == ["R1"]
    assert [(r["role"], r["amount"]) for r in more.journals.to_dict("records")] == [
        ("unapplied", 10000),
        ("receivable", -10000),
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "accounts file"),
        ("- a", "accounts file"),
        ("schema: x", "schema"),
        ("a: [", "not YAML"),
        ("schema: arlib.post/1\nschema: b", "not YAML"),
        ("schema: arlib.post/1\naccounts: {bnk: '1'}", "bank"),
        ("schema: arlib.post/1\naccounts: {bank: '=1'}", "not an account"),
        ("schema: arlib.post/1\naccounts: {}\nsap: {number_style: '1'}", "number_style"),
        ("schema: arlib.post/1\naccounts: {}\nfunctional_currency: {A: XX}", "XX"),
        (
            "schema: arlib.post/1\naccounts: {}\noracle: {receipt_columns: [RECORD_TYPE, CHECK_NUMBER]}",
            "is not among them",
        ),
        ("schema: arlib.post/1\naccounts: {}\noracle: {receipt_columns: [RECORD]}", "unknown column RECORD"),
    ],
)
def test_accounts_files_with_faults_are_refused_in_words(tmp_path, text, fault):
    path = tmp_path / "accounts.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError, match=fault):
        read_accounts(path)


def test_codes_in_an_accounts_file_keep_their_zeros(tmp_path):
    path = tmp_path / "accounts.yml"
    path.write_text(
        "schema: arlib.post/1\naccounts: {bank: 00417}\nfunctional_currency: {NO: NOK}\n", encoding="utf-8"
    )
    read = read_accounts(path)

    assert read.account("NO", "bank") == "00417"
    assert read.functional_currency == {"NO": "NOK"}


@settings(max_examples=60)
@given(
    amounts=st.lists(st.integers(1, 10**17), min_size=1, max_size=6),
    rest=st.integers(0, 10**17),
    discounts=st.lists(st.integers(0, 10**6), min_size=6, max_size=6),
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
    item_currency=st.sampled_from(["USD", "EUR"]),
)
def test_journals_balance_in_every_currency_whatever_the_amounts(
    amounts, rest, discounts, currency, item_currency
):
    accounts = accounts_from({"schema": "arlib.post/1", "accounts": ROLES})
    same = currency == item_currency
    rows = [
        application(
            reference=f"AR{n}",
            item_id=f"I{n}",
            amount=v if same else v // 2 + 1,
            receipt_amount=v,
            discount=d,
            currency=item_currency,
            receipt_currency=currency,
            open_before=10**18,
        )
        for n, (v, d) in enumerate(zip(amounts, discounts, strict=False))
    ]
    frames = {
        "receipts": POSTING_RECEIPTS.from_rows([receipt(currency=currency, amount=sum(amounts) + rest)]),
        "applications": POSTING_APPLICATIONS.from_rows(rows),
        "adjustments": POSTING_ADJUSTMENTS.empty(),
        "credit_memos": POSTING_CREDIT_MEMOS.empty(),
    }
    journals = journals_of(*frames.values(), accounts=accounts)

    for currency_of, part in journals.groupby("currency"):
        assert sum(int(v) for v in part["amount"]) == 0, currency_of
    settled = sum(int(row["amount"]) + row["discount"] for row in rows)
    assert sum(int(v) for v in journals[journals["role"].eq("receivable")]["amount"]) == -settled


def test_a_missing_text_is_no_text_in_the_register():
    """An adjustment without a source document is registered by its own reference, not by a word for nothing."""
    from arlib.sources.upload import make_batch
    from arlib.sources.upload.reference import registered

    row = {
        "entity": "US01",
        "reference": "ARD",
        "adjustment_type": "write_off",
        "reason": "x",
        "item_id": "I2",
        "customer_id": "C1",
        "gl_date": ON,
    }
    frames = {"adjustments": POSTING_ADJUSTMENTS.from_rows([row | {"currency": "USD", "amount": 100}])}
    accounts = accounts_from({"schema": "arlib.post/1", "accounts": ROLES})
    register = registered(
        make_batch(frames, accounts=accounts, batch_id="B1", accounting_date=ON, proposed_by="Pat").frames,
        batch_id="B1",
    )
    assert register["source_id"].tolist() == ["ARD"]
    again = make_batch(
        frames, accounts=accounts, batch_id="B2", accounting_date=ON, proposed_by="Pat", register=register
    )
    assert len(again.left_out) == 1
