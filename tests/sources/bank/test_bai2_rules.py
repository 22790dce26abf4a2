"""BAI2 rules on small files: sides, decimals, availability, continuations, controls, what is refused."""

from __future__ import annotations

import io
from collections import Counter

import pytest

from arlib.errors import SourceError
from arlib.sources.bank.bai2 import FORM
from arlib.sources.bank.bai2codes import CODES, named, side_of
from arlib.sources.forms.form import Row


def file_of(*body: str, account: str = "03,100,USD,010,0,,/", group: str = "02,a,b,1,210131,2359,,2/") -> str:
    """A file with right record counts and without control totals."""
    records = sum(line[:3] in ("16,", "88,", "03,") for line in (account, *body)) + 1
    return "\n".join(
        (
            "01,bank,us,210201,0930,7,,,2/",
            group,
            account,
            *body,
            f"49,,{records}/",
            f"98,,1,{records + 2}/",
            f"99,,1,{records + 4}/",
        )
    )


def rows_of(text: str | bytes) -> list[Row]:
    content = text if isinstance(text, bytes) else text.encode()
    return list(FORM.rows(io.BytesIO(content), "file.bai"))


def of(rows: list[Row], name: str) -> list[dict[str, str]]:
    return [fields for key, _, fields in rows if key == name]


def entry(record: str, *more: str, account: str = "03,100,USD,010,0,,/") -> dict[str, str]:
    return of(rows_of(file_of(record, *more, account=account)), "entries")[0]


@pytest.mark.parametrize(
    ("code", "amount", "kind", "status"),
    [
        ("115", "12.34", "receipt", "booked"),
        ("142", "12.34", "receipt", "booked"),
        ("195", "12.34", "receipt", "booked"),
        ("257", "12.34", "return", "booked"),
        ("555", "-12.34", "return", "booked"),
        ("557", "-12.34", "return", "booked"),
        ("698", "-12.34", "bank_fee", "booked"),
        ("661", "-12.34", "bank_fee", "booked"),
        ("475", "-12.34", "other", "booked"),
        ("275", "12.34", "other", "booked"),
        ("388", "12.34", "receipt", "booked"),  # not in the table: by its side
        ("930", "12.34", "receipt", "booked"),  # a bank's own credit
        ("970", "-12.34", "other", "booked"),  # a bank's own debit
        ("890", "12.34", "other", "info"),  # not money
        ("721", "12.34", "other", "info"),  # of a loan
    ],
)
def test_the_code_says_side_and_kind(code: str, amount: str, kind: str, status: str) -> None:
    found = entry(f"16,{code},1234,Z,,,TEXT")
    assert (found["amount"], found["kind"], found["status"]) == (amount, kind, status)


def test_what_books_nothing_is_not_counted() -> None:
    rows = rows_of(file_of("16,890,1234,Z,,,TEXT", "16,142,100,Z,,,PAID"))
    assert of(rows, "statements")[0]["net"] == "1.00"
    assert [remark["code"] for remark in of(rows, "remarks")] == ["not_a_booking"]


def test_names_of_codes_are_published_ones() -> None:
    assert named("115") == ("Lockbox Deposit", "receipt")
    assert named("555") == ("Deposited Item Returned", "return")
    assert len(CODES) > 180
    assert all(len(code) == 3 and side_of(code) for code in CODES)


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("USD", "12345.67"), ("JPY", "1234567"), ("KWD", "1234.567"), ("usd", "12345.67")],
)
def test_decimals_are_those_of_the_currency(currency: str, amount: str) -> None:
    assert entry("16,195,1234567,,,,X", account=f"03,1,{currency},,,,/")["amount"] == amount


def test_currency_of_account_then_group_then_the_standards() -> None:
    group = "02,a,b,1,210131,,CAD,2/"
    for account, wanted in (("03,1,EUR,,,,/", "EUR"), ("03,1,,,,,/", "CAD")):
        assert of(rows_of(file_of(account=account, group=group)), "statements")[0]["currency"] == wanted
    assert of(rows_of(file_of(account="03,1,,,,,/")), "statements")[0]["currency"] == "USD"
    with pytest.raises(SourceError, match="unknown currency"):
        rows_of(file_of(account="03,1,XQX,,,,/"))


@pytest.mark.parametrize(
    ("record", "value_date", "bank", "customer"),
    [
        ("16,142,600,0,B,C,T,E/X,T", "2021-01-31", "B", "C"),
        ("16,142,600,1,B,C,T,E/X,T", "", "B", "C"),
        ("16,142,600,Z,B,C,T,E/X,T", "", "B", "C"),
        ("16,142,600,,B,C,T,E/X,T", "", "B", "C"),
        ("16,142,600,V,210203,0900,B,C,T,E/X,T", "2021-02-03", "B", "C"),
        ("16,142,600,S,100,200,300,B,C,T,E/X,T", "", "B", "C"),
        ("16,142,600,D,2,0,100,1,500,B,C,T,E/X,T", "", "B", "C"),
    ],
)
def test_funds_types_and_commas_and_slashes_in_the_text(
    record: str, value_date: str, bank: str, customer: str
) -> None:
    found = entry(record)
    assert (found["value_date"], found["bank_reference"], found["customer_reference"]) == (
        value_date,
        bank,
        customer,
    )
    assert found["remittance_text"] == "T,E/X,T"


def test_availability_that_does_not_make_up_the_amount_is_noted() -> None:
    for record in ("16,142,600,S,100,200,200,,,X", "16,142,600,D,1,0,500,,,X"):
        assert [remark["code"] for remark in of(rows_of(file_of(record)), "remarks")] == [
            "availability_differs"
        ]


def test_a_record_may_break_anywhere() -> None:
    whole = entry("16,142,600,V,210203,0900,BANKREF,CUSTREF,A TEXT, TOO/")
    for broken in (
        ("16,142/", "88,600,V,210203,0900,BANKREF,CUSTREF,A TEXT, TOO/"),
        ("16,142,600,V/", "88,210203,0900,BANKREF/", "88,CUSTREF,A TEXT, TOO"),
        ("16,142,600,V,210203,0900,BANKREF,CUSTREF/", "88,A TEXT, TOO/"),
        ("16,142,600,V,210203,0900,BANKREF,CUSTREF,/", "88,A TEXT, TOO/"),
    ):
        assert entry(*broken) == whole, broken


def test_a_text_without_references_before_it() -> None:
    found = entry("16,475,600/", "88,CHECK PAID, AND MORE")
    assert (found["remittance_text"], found["bank_reference"]) == ("CHECK PAID, AND MORE", "")
    assert entry("16,475,600,0/", "88,CHECK PAID")["remittance_text"] == "CHECK PAID"


def test_a_line_that_the_bank_wrapped_belongs_to_the_one_before() -> None:
    found = entry("16,142,600,Z,,,A LONG", "TEXT WITHOUT 88/")
    assert found["remittance_text"] == "A LONG TEXT WITHOUT 88"
    with pytest.raises(SourceError, match="is no BAI2 record"):
        rows_of(file_of("16,142,600,Z,,,CLOSED/", "STRAY"))


def test_summaries_over_continuations() -> None:
    account = "03,1,USD,010,+100,,,015,-250,,/"
    rows = rows_of(
        file_of("88,100,50,1,,400,400,1,V,210101,,/", "16,195,50,,,,/", "16,475,400,,,,/", account=account)
    )
    statement = of(rows, "statements")[0]
    assert (statement["opening"], statement["closing"], statement["state"]) == ("1.00", "-2.50", "ties")
    assert (statement["stated_credits"], statement["stated_debits"], statement["stated_entries"]) == (
        "0.50",
        "4.00",
        "2",
    )
    assert of(rows, "remarks") == []


def test_several_records_on_a_line_padded_with_blanks_and_no_line_end_at_all() -> None:
    text = file_of("16,142,100,Z,,,A/B 08/16 C/", "16,451,40,Z,,,D/")
    plain = rows_of(text)
    for joined in (
        text.replace("\n", "     "),
        text.replace("\n", ""),
        text.replace("\n", "\r\n"),
        text.replace("\n", "   \n\n"),
    ):
        found = rows_of(joined)
        assert [fields for _, _, fields in found] == [fields for _, _, fields in plain], joined
    assert of(plain, "entries")[0]["remittance_text"] == "A/B 08/16 C"


def test_same_day_reports_are_interim_and_tests_book_nothing() -> None:
    for modifier, kind in (
        ("", "statement"),
        ("1", "statement"),
        ("2", "statement"),
        ("3", "interim"),
        ("4", "interim"),
    ):
        group = f"02,a,b,1,210131,2359,,{modifier}/"
        assert of(rows_of(file_of(group=group)), "statements")[0]["kind"] == kind
    for status, code in (("2", "group_is_deletion"), ("4", "group_is_test")):
        rows = rows_of(file_of("16,142,100,,,,X", group=f"02,a,b,{status},210131,2359,,2/"))
        assert of(rows, "entries")[0]["status"] == "info"
        assert code in {remark["code"] for remark in of(rows, "remarks")}


def test_a_current_balance_closes_a_same_day_report_only() -> None:
    account = "03,1,USD,010,100,,,030,150,,/"
    for modifier, closing in (("3", "1.50"), ("1", "")):
        rows = rows_of(file_of("16,142,50,,,,X", account=account, group=f"02,a,b,1,210131,,,{modifier}/"))
        assert of(rows, "statements")[0].get("closing", "") == closing


def test_controls_that_differ_are_remarks() -> None:
    text = file_of("16,142,100,,,,X")
    wrong = (
        text.replace("49,,3/", "49,101,4/").replace("98,,1,5/", "98,7,2,6/").replace("99,,1,7/", "99,8,3,9/")
    )
    codes = Counter((remark["code"], remark["column"]) for remark in of(rows_of(wrong), "remarks"))
    assert codes == {
        ("control_total_differs", "49"): 1, ("count_differs", "49"): 1, ("control_total_differs", "98"): 1,
        ("count_differs", "98"): 2, ("control_total_differs", "99"): 1, ("count_differs", "99"): 2,
    }  # fmt: skip
    right = text.replace("49,,", "49,100,").replace("98,,", "98,+100,").replace("99,,", "99,100,")
    assert of(rows_of(right), "remarks") == []


@pytest.mark.parametrize("missing", ["01,", "02,", "03,", "49,", "98,", "99,"])
def test_a_file_without_a_header_or_trailer_is_refused(missing: str) -> None:
    lines = [line for line in file_of("16,142,100,,,,X").split("\n") if not line.startswith(missing)]
    with pytest.raises(SourceError, match=r"out of order|is cut|stands outside"):
        rows_of("\n".join(lines))


def test_a_second_file_may_follow_the_first() -> None:
    text = file_of("16,142,100,,,,X")
    assert [s["statement"] for s in of(rows_of(text + "\n" + text), "statements")] == ["1", "2"]


@pytest.mark.parametrize(
    "record",
    [
        "16,14,100,,,,X",
        "16,142,1.00,,,,X",
        "16,142,1e3,,,,X",
        "16,142,100,Q,,,X",
        "16,142,100,D,x,,,X",
        "16,142," + "9" * 30,
    ],
)
def test_fields_that_are_none_are_refused(record: str) -> None:
    with pytest.raises(SourceError, match=r"file\.bai, line 4"):
        rows_of(file_of(record))


def test_an_amount_with_a_minus_is_a_reversal() -> None:
    found = entry("16,142,-100,,,,X")
    assert (found["amount"], found["is_reversal"]) == ("-1.00", "true")


def test_encodings() -> None:
    text = file_of("16,142,100,,,,CAFÉ")
    for content, remarks in (
        (b"\xef\xbb\xbf" + text.encode(), []),
        (text.encode("utf-16"), []),
        (text.encode(), []),
        (text.encode("cp1252"), ["encoding_assumed"]),
    ):
        rows = rows_of(content)
        assert of(rows, "entries")[0]["remittance_text"] == "CAFÉ"
        assert [remark["code"] for remark in of(rows, "remarks")] == remarks
    with pytest.raises(SourceError, match="NUL"):
        rows_of(text.replace("CAF", "\x00").encode())
