"""Built-in profiles on the real files: totals against plain sums over the same files, and what each source
says of itself."""

from __future__ import annotations

import csv
import gzip
import io
from collections import Counter, defaultdict
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from arlib.sources import SourceSpec, intake_identities, load_book
from arlib.tables import CANONICAL, Book
from arlib.tables.check import check

pytestmark = pytest.mark.shared
FOLDERS = {
    "ibm-ar": "ibm-ar",
    "pay-to-invoice": "pay-to-invoice/single/descriptive",
    "unicorn": "unicorn-inc-ar",
    "pay-to-invoice-sap": "pay-to-invoice/single/multi-table",
    "highradius": "highradius",
    "cash-app": "cash-app-scenarios/samples/sample_01",
    "saf-t": "saf-t-norway",
    "sap": "sap-forensic",
}
TABLES = {
    "saf-t": {"items": ("ExampleFile*.xml",)},
    "sap": {"BKPF": ("BKPF_Pirates.csv",), "BSEG": ("BSEG_Pirates.csv.gz",)},
}


@pytest.fixture(scope="module")
def books(shared: Path) -> dict[str, Book]:
    return {
        name: load_book(
            [SourceSpec(folder=shared / "data" / folder, profile=name, tables=TABLES.get(name, {}))],
            root=shared,
        )
        for name, folder in FOLDERS.items()
    }


def rows_of(path: Path) -> list[dict[str, str]]:
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    return list(csv.DictReader(io.StringIO(text)))


def cents(rows: list[dict[str, str]], amount: str, currency: str = "", *, places: int = 2) -> dict[str, int]:
    """Totals by currency in minor units, by exact decimals rounded row by row."""
    totals: dict[str, int] = defaultdict(int)
    for row in rows:
        value = Decimal(row[amount]).quantize(Decimal(1).scaleb(-places))
        totals[row[currency] if currency else "USD"] += int(value.scaleb(places))
    return dict(totals)


def totals(book: Book, table: str, part: str, column: str = "amount_out") -> dict[str, int]:
    rows = book.inputs[book.inputs["table"].eq(table) & book.inputs["part"].eq(part)]
    return {
        code.split(".")[0]: int(amount) for code, amount in zip(rows["currency"], rows[column], strict=True)
    }


@pytest.mark.parametrize("name", FOLDERS)
def test_nothing_is_set_aside_and_everything_ties(books: dict[str, Book], name: str) -> None:
    book = books[name]
    assert not book.problems["severity"].eq("rejected").any()
    assert len(book["items"])
    identities = intake_identities(book)
    assert len(identities) >= 4
    assert all(identity.holds for identity in identities)


@pytest.mark.parametrize("name", FOLDERS)
def test_every_table_passes_the_declared_check(books: dict[str, Book], name: str) -> None:
    for table, frame in books[name].tables.items():
        assert check(frame, CANONICAL[table], file=name).problems.empty


@pytest.mark.parametrize("name", ["ibm-ar", "highradius", "unicorn", "cash-app", "sap"])
def test_applications_never_take_more_than_an_item_has(books: dict[str, Book], name: str) -> None:
    book = books[name]
    assert len(book["applications"])
    left = book["items"].set_index("item_id")["amount"].astype("int64")
    moved = book["applications"].groupby("target_item_id")["target_amount"].sum().astype("int64")
    freed = book["applications"].groupby("source_item_id")["source_amount"].sum().astype("int64")
    rest = left.sub(moved, fill_value=0).add(freed, fill_value=0)
    left = left.reindex(rest.index)
    assert ((rest == 0) | (rest.lt(0) == left.lt(0))).all()


def test_ibm_ar(books: dict[str, Book], shared: Path) -> None:
    rows = rows_of(next((shared / "data/ibm-ar").glob("*.csv")))
    book = books["ibm-ar"]
    assert totals(book, "items", "invoices") == cents(rows, "InvoiceAmount") == {"USD": 14770318}
    assert totals(book, "items", "receipts") == {"USD": -14770318}
    assert (len(book["items"]), len(book["applications"]), len(book["disputes"])) == (4932, 2466, 561)
    assert book.features == frozenset()


def test_pay_to_invoice_keeps_two_places_of_yen_and_won_and_notes_float_noise(
    books: dict[str, Book], shared: Path
) -> None:
    folder = shared / "data/pay-to-invoice/single/descriptive"
    book = books["pay-to-invoice"]
    assert totals(book, "items", "invoices") == cents(
        rows_of(folder / "invoices.csv.gz"), "Amount", "Currency Code"
    )
    assert totals(book, "receipts", "payments") == cents(
        rows_of(folder / "payments.csv.gz"), "Amount", "Currency"
    )
    assert "JPY.2" in set(book["items"]["currency"])
    assert not {"JPY", "KRW"} & set(book["items"]["currency"])
    noisy = [row for row in rows_of(folder / "payments.csv.gz") if len(row["Amount"].partition(".")[2]) > 2]
    assert Counter(book.problems["code"]) == {"float_noise_rounded": 2 * len(noisy)}
    assert len(noisy) > 1000


def test_the_sap_shaped_twin_gives_the_same_book(books: dict[str, Book]) -> None:
    for table in ("items", "receipts"):
        assert_frame_equal(books["pay-to-invoice"][table], books["pay-to-invoice-sap"][table])
    assert_frame_equal(
        books["pay-to-invoice"]["customers"].drop(columns="country"),
        books["pay-to-invoice-sap"]["customers"].drop(columns="country"),
    )


def test_highradius_items_open_items_and_history(books: dict[str, Book], shared: Path) -> None:
    folder, book = shared / "data/highradius", books["highradius"]
    assert totals(book, "items", "cleared items") == cents(
        rows_of(folder / "items.csv.gz"), "amount", "currency"
    )
    open_rows = rows_of(folder / "open_items.csv.gz")
    assert totals(book, "items", "open items") == cents(open_rows, "total_open_amount", "invoice_currency")
    assert totals(book, "applications", "applications") == cents(
        rows_of(folder / "applications.csv.gz"), "amount", "currency"
    )
    assert len(book["applications"]) == 30429
    functional = book["entities"].set_index("entity")["functional_currency"].to_dict()
    assert functional == {
        "CA02": "CAD",
        "U001": "USD",
        "U002": "USD",
        "U005": "USD",
        "U007": "USD",
        "U013": "USD",
    }
    assert not book["customers"].duplicated(["entity", "customer_id"]).any()


def test_unicorn_is_a_snapshot_with_part_payments(books: dict[str, Book], shared: Path) -> None:
    rows, book = rows_of(shared / "data/unicorn-inc-ar/unicorn_inc.csv"), books["unicorn"]
    assert totals(book, "items", "invoices") == cents(rows, "BillTotal", "Currency")
    assert totals(book, "applications", "applied amounts") == cents(rows, "Applied", "Currency")
    assert (book.features, book.snapshot_date) == ({"snapshot"}, "2025-09-22")
    invoices = book["items"][book["items"]["item_type"].eq("invoice")]
    assert int(invoices["due_date"].isna().sum()) == 149


def test_cash_app_samples_are_snapshots_with_bank_lines(shared: Path) -> None:
    for folder in sorted((shared / "data/cash-app-scenarios/samples").iterdir()):
        book = load_book([SourceSpec(folder=folder, profile="cash-app")], root=shared)
        assert book.snapshot_date == "2024-07-31"
        assert len(book["bank_lines"]) >= 6
        assert not len(book.problems)


def test_saf_t_keeps_the_gap_between_customers_and_ledger(books: dict[str, Book]) -> None:
    book = books["saf-t"]
    items, balances = book["items"], book["gl_balances"].set_index("as_of")["balance"]
    opening = int(items.loc[items["item_type"].eq("opening"), "amount"].sum())
    assert opening == 46_800_00
    assert balances.to_dict() == {
        pd.Timestamp("2016-12-31"): 15_000_00,
        pd.Timestamp("2017-04-30"): 103_700_00,
    }
    closing = int(items["amount"].sum())
    assert closing == 135_500_00
    assert opening - 15_000_00 == closing - 103_700_00 == 31_800_00
    assert int(book["gl_lines"]["amount"].sum()) == 103_700_00 - 15_000_00
    assert book["control_accounts"][["account", "role"]].to_numpy().tolist() == [["1500", "trade"]]


def test_sap_pirates_sub_ledger_and_ledger_are_two_views_of_bseg(books: dict[str, Book]) -> None:
    book = books["sap"]
    items, lines = book["items"], book["gl_lines"]
    assert Counter(items["item_type"]) == {"invoice": 21, "receipt": 20}
    assert int(items["functional_amount"].sum()) == int(lines["functional_amount"].sum()) == 60_000_00
    assert sorted(items["document_no"]) == sorted(lines["document_no"])
    assert set(book["applications"]["pairing"]) == {"derived"}
    assert len(book["applications"]) == 20
    assert book["customers"]["customer_id"].is_unique
    assert "1001" in set(items["customer_id"])  # not 1001.0
    assert book.features == {"entry_times"}
    assert set(book["applications"]["source_amount"] - book["applications"]["target_amount"]) == {0}


def test_the_other_sap_client_says_that_its_customer_documents_have_no_lines(shared: Path) -> None:
    spec = SourceSpec(
        folder=shared / "data/sap-forensic",
        profile="sap",
        tables={"BKPF": ("BKPF.csv.gz",), "BSEG": ("BSEG.csv.gz",)},
    )
    book = load_book([spec], root=shared)
    notes = book.problems[book.problems["code"].eq("document_without_lines")]
    assert Counter(note.split()[0] for note in notes["found"]) == {"RV": 3, "DZ": 3}
    assert book.has("items")
    assert len(book["items"]) == 0
    others = book.problems[book.problems["code"].eq("lines_of_other_ledgers")]["found"].tolist()
    assert others == ["K 750, M 369, S 1692"]
