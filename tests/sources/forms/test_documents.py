"""Which lines of several bank files count, and for whom."""

from __future__ import annotations

import pytest

from arlib.errors import SourceError, TableError
from arlib.sources import SourceSpec, load_book

from .conftest import BOOK, write

pytestmark = pytest.mark.usefixtures("teller")
LATER = """TELLER
A;DE01;EUR;statement;2026-11-01;120.00
L;2026-11-02;25.00;ROSE LTD;invoice 7;R1
Z;2026-11-30;145.00;11
"""


def notice(kind: str, day: str = "2026-10-02", amount: str = "25.00", reference: str = "R1") -> str:
    return (
        f"TELLER\nA;DE01;EUR;{kind};{day};\nL;{day};{amount};ROSE LTD;notice;{reference}\n"
        f"D;10.00;ROSE;inv 1\nP;INV1;10.50;0.50;10.00\nD;15.00;IVY;inv 2\nZ;{day};;\n"
    )


def load(folder, **options):
    given = options or {"accounts": {"DE01": "US01/MAIN"}}
    return load_book([SourceSpec(folder=folder, profile="bank", options=given)], root=folder)


def codes(book):
    return sorted(set(book.problems["code"]))


def test_the_same_statement_twice_counts_once_and_is_said(tmp_path):
    book = load(write(tmp_path, a=BOOK, b=BOOK))
    assert len(book["bank_lines"]) == 2
    assert codes(book) == ["statement_given_before"]


def test_months_that_follow_each_other_both_count_though_an_entry_looks_the_same(tmp_path):
    first, second = (text.replace(";R1", ";") for text in (BOOK, LATER.replace("2026-11-02", "2026-10-02")))
    book = load(write(tmp_path, a=first, b=second))
    assert book["bank_lines"]["amount"].tolist().count(2500) == 2
    assert book["bank_lines"]["bank_line_id"].is_unique
    assert not len(book.problems)


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_a_notice_of_what_the_statement_books_goes_below_its_line_whatever_the_order(tmp_path, names):
    first, second = names
    book = load(write(tmp_path, **{first: BOOK, second: notice("notification")}))
    assert book["bank_lines"]["amount"].sum() == 2000
    line = book["bank_lines"].query("amount == 2500")["bank_line_id"].item()
    assert book["bank_line_details"]["bank_line_id"].tolist() == [line, line]
    assert book["bank_line_details"]["amount"].tolist() == [1000, 1500]
    advice = book["remittances"].iloc[0]
    assert (advice["bank_line_id"], advice["detail_no"], advice["reference"], advice["net"]) == (
        line,
        1,
        "INV1",
        1000,
    )
    assert codes(book) == ["entries_that_a_statement_books_too"]


def test_a_notice_that_no_statement_books_counts_but_stands_on_no_balance(tmp_path):
    book = load(write(tmp_path, a=BOOK, b=notice("lockbox", amount="26.00")))
    assert book["bank_lines"]["notice"].fillna("").tolist().count("lockbox") == 1
    assert set(book["bank_statements"]["kind"]) == {"statement", "lockbox"}


def test_interim_entries_of_days_that_a_statement_covers_do_not_count(tmp_path):
    book = load(write(tmp_path, a=BOOK, b=notice("interim", day="2026-10-20", amount="9.00", reference="R9")))
    assert len(book["bank_lines"]) == 2
    assert codes(book) == ["entries_that_a_final_statement_covers"]
    later = load(write(tmp_path / "x", a=BOOK, b=notice("interim", day="2026-11-02", amount="9.00")))
    assert len(later["bank_lines"]) == 3


TWINS = BOOK.replace("Z;2026-10-31;120.00", "L;2026-10-02;25.00;IVY;invoice 8;R3\nZ;2026-10-31;145.00")


def test_a_notice_goes_to_the_booking_of_its_payer_and_to_none_where_two_could_be_meant(tmp_path):
    bare = notice("notification", reference="")
    named = load(write(tmp_path / "1", a=TWINS, b=bare))
    line = named["bank_lines"].query("payer_name == 'ROSE LTD'")["bank_line_id"].item()
    assert set(named["bank_line_details"]["bank_line_id"]) == {line}
    unknown = load(write(tmp_path / "2", a=TWINS, b=bare.replace("ROSE LTD", "")))
    assert len(unknown["bank_lines"]) == 3  # the money is booked; only whose the notice is stays open
    assert not len(unknown["bank_line_details"])
    assert codes(unknown) == ["notices_that_could_be_of_several_bookings"]


def test_one_booking_is_not_taken_for_three_notices_nor_for_another_payers(tmp_path):
    three = {
        f"n{at}": notice("notification", reference="").replace("notice;", f"notice {at};") for at in range(3)
    }
    book = load(write(tmp_path / "1", a=BOOK, **three))
    assert sorted(book["bank_lines"]["amount"]) == [-500, 2500, 2500, 2500]
    assert "notices_that_no_statement_books" in codes(book)
    other = load(
        write(tmp_path / "2", a=BOOK, b=notice("notification", reference="").replace("ROSE LTD", "EVIL CORP"))
    )
    assert sorted(other["bank_lines"]["amount"]) == [-500, 2500, 2500]
    assert other.problems["found"].tolist() == ["1 entries, 25.00 EUR"]


def download(number: str, *lines: str) -> str:
    """A download without balances, as banks offer it on their pages."""
    body = "\n".join(f"L;{line}" for line in lines)
    return f"TELLER\nA;DE01;EUR;statement;;\n{body}\nZ;2026-10-{number};;{number}\n"


E1, E2, E3 = "2026-10-02;25.00;ROSE;x;F1", "2026-10-03;30.00;IVY;y;F2", "2026-10-06;40.00;OAK;z;F3"


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_downloads_that_overlap_count_each_booking_once(tmp_path, names):
    first, second = names
    book = load(write(tmp_path, **{first: download("05", E1, E2), second: download("07", E1, E2, E3)}))
    assert sorted(book["bank_lines"]["amount"]) == [2500, 3000, 4000]
    assert codes(book) == ["entries_that_another_statement_gave"]
    assert book["bank_statements"]["repeated"].fillna(0).sum() == 5500


def test_cumulative_interim_reports_count_each_entry_once(tmp_path):
    early, late = (
        download(day, *lines).replace(";statement;", ";interim;")
        for day, lines in (("02", [E1]), ("03", [E1, E2]))
    )
    book = load(write(tmp_path, a=early, b=late))
    assert sorted(book["bank_lines"]["amount"]) == [2500, 3000]


def test_what_stands_below_an_entry_is_in_the_hash_of_its_statement(tmp_path):
    made = []
    for at, payer in enumerate(("ROSE", "EVIL")):
        text = BOOK.replace("R1\n", f"R1\nD;25.00;{payer};x\n")
        made.append(load(write(tmp_path / str(at), a=text))["bank_statements"]["content_sha256"].item())
    assert made[0] != made[1]


def test_one_account_in_two_currencies_and_in_two_spellings_is_one_account(tmp_path):
    other = BOOK.replace(";EUR;", ";USD;")
    book = load(write(tmp_path / "1", a=BOOK, b=other))
    assert len(book["bank_statements"]) == 2
    spelt = load(write(tmp_path / "2", a=BOOK, b=BOOK.replace("DE 01", "de01")), entity="US01")
    assert spelt["bank_lines"]["bank_account"].unique().tolist() == ["DE01"]
    assert codes(spelt) == ["statement_given_before"]


def test_all_unknown_accounts_are_named_at_once_with_the_way_out(tmp_path):
    other = BOOK.replace("DE 01", "FR02")
    with pytest.raises(SourceError, match="FR02") as fault:
        load(write(tmp_path, a=BOOK, b=other), accounts={"XX": "US01"})
    assert "DE01, FR02" in str(fault.value)
    assert "options: {accounts:" in str(fault.value)


def test_an_account_that_is_not_ours_is_passed_over_and_said(tmp_path):
    other = BOOK.replace("DE 01", "FR02")
    book = load(write(tmp_path, a=BOOK, b=other), accounts={"DE01": "US01", "FR02": "-"})
    assert len(book["bank_lines"]) == 2
    assert codes(book) == ["entries_of_accounts_that_are_not_ours"]


def test_line_ids_do_not_depend_on_what_else_is_loaded_or_on_file_names(tmp_path):
    alone = load(write(tmp_path / "1", a=BOOK))
    beside = load(write(tmp_path / "2", z=BOOK, y=LATER))
    assert set(alone["bank_lines"]["bank_line_id"]) <= set(beside["bank_lines"]["bank_line_id"])


def test_a_currency_that_nobody_states_is_the_option_else_that_of_the_books_and_said(tmp_path):
    bare = BOOK.replace(";EUR;", ";;")
    folder = write(tmp_path, a=bare)
    spec = SourceSpec(folder=folder, profile="bank", options={"entity": "US01"})
    ours = load_book([spec], root=folder, functional={"US01": "USD"})
    assert set(ours["bank_lines"]["currency"]) == {"USD"}
    assert "currency_not_stated" in codes(ours)
    other = load(folder, entity="US01", currency="CAD")
    assert set(other["bank_lines"]["currency"]) == {"CAD"}
    with pytest.raises(TableError):
        load(folder, entity="US01")


def test_a_statement_that_comes_again_with_other_entries_is_refused_not_passed_over(tmp_path):
    other = BOOK.replace(";25.00;", ";24.00;").replace(
        ";-5.00;", ";-4.00;"
    )  # the same balances, number and days
    with pytest.raises(TableError, match="statement given with other entries"):
        load(write(tmp_path, a=BOOK, b=other))


def test_a_day_that_comes_back_to_where_it_began_is_not_taken_for_a_copy(tmp_path):
    day = "TELLER\nA;DE01;EUR;statement;2026-10-02;100.00\nL;2026-10-02;5.00;A;x;\nL;2026-10-02;-5.00;B;y;\nZ;2026-10-02;100.00;{}\n"
    book = load(write(tmp_path, a=day.format(1), b=day.format(2)))
    assert sorted(book["bank_lines"]["amount"]) == [-500, -500, 500, 500]
    assert not len(book.problems)


def test_a_notice_with_another_reference_is_of_another_booking(tmp_path):
    book = load(write(tmp_path, a=BOOK, b=notice("notification", reference="R77")))
    assert sorted(book["bank_lines"]["amount"]) == [-500, 2500, 2500]
    deposit = load(write(tmp_path / "x", a=BOOK, b=notice("lockbox", reference="BATCH 1")))
    assert sorted(deposit["bank_lines"]["amount"]) == [-500, 2500]
