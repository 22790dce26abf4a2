"""ACH rules on small files: signs, stages of a return, controls, shapes of lines, entry classes, what is refused."""

from __future__ import annotations

import io
import sys
import time

import pytest

from arlib.errors import SourceError
from arlib.sources.bank.nacha import FORM
from arlib.sources.bank.nachacodes import RETURNS, SEC, check_digit
from arlib.sources.forms.form import Row

FILLER = "9" * 94


def entry(code: str, cents: int, *, trace: int = 1, addenda: bool = False, name: str = "Jane Doe") -> str:
    return (
        f"6{code}231380104{'12345678':17}{cents:010d}{'ID7':15}{name:22}  {int(addenda)}12104288{trace:07d}"
    )


def addendum(text: str, sequence: int = 1, *, trace: int = 1) -> str:
    return f"705{text:80}{sequence:04d}{trace:07d}"


def back(code: str, *, trace: int = 1, text: str = "") -> str:
    return f"799{code}099999990000042      12345678{text:44}12104288{trace:07d}"


def file_of(
    *records: str, sec: str = "PPD", service: str = "200", settled: str = "   ", filler: bool = True
) -> str:
    """A file of one batch with right controls."""

    def is_credit(record: str) -> bool:
        return record[2] in ("1357" if sec == "ADV" else "1234")

    entries = [r for r in records if r[0] == "6"]
    cents = [(is_credit(r), int(r[29:39])) for r in entries]
    debit, credit = (sum(c for is_in, c in cents if is_in == side) for side in (False, True))
    digits = sum(int(r[3:11]) for r in entries) % 10**10
    sums = f"{len(records):06d}{digits:010d}{debit:012d}{credit:012d}"
    lines = [
        f"101 231380104 1210428821908161055A094101{'Federal Reserve Bank':23}{'My Bank Name':31}",
        f"5{service}{'Our Company':36}121042882 {sec}{'PAYMENT':10}      190816{settled}1121042880000001",
        *records,
        f"8{service}{sums}{'121042882':35}121042880000001",
    ]
    total = len(lines) + 1
    count = f"{1:06d}{-(-total // 10):06d}{len(records):08d}{digits:010d}{debit:012d}{credit:012d}"
    lines.append(f"9{count}".ljust(94))
    while filler and len(lines) % 10:
        lines.append(FILLER)
    return "\n".join(lines)


def rows_of(text: str | bytes) -> list[Row]:
    return list(FORM.rows(io.BytesIO(text if isinstance(text, bytes) else text.encode()), "file.ach"))


def of(rows: list[Row], name: str) -> list[dict[str, str]]:
    return [fields for key, _, fields in rows if key == name]


def codes(rows: list[Row]) -> list[str]:
    return [remark["code"] for remark in of(rows, "remarks")]


def test_the_small_file_is_right() -> None:
    rows = rows_of(file_of(entry("27", 12345), entry("22", 5, trace=2)))
    assert codes(rows) == []
    assert [len(line) for line in file_of(entry("27", 1)).split("\n")] == [94] * 10


@pytest.mark.parametrize(
    ("code", "amount", "kind", "status"),
    [
        ("27", "1.00", "receipt", "booked"),
        ("37", "1.00", "receipt", "booked"),
        ("47", "1.00", "receipt", "booked"),
        ("22", "-1.00", "other", "booked"),
        ("32", "-1.00", "other", "booked"),
        ("52", "-1.00", "other", "booked"),
        ("28", "1.00", "other", "info"),  # prenote
        ("23", "-1.00", "other", "info"),
        ("29", "1.00", "other", "info"),  # data without money
        ("26", "-1.00", "return", "booked"),  # a return even without its addendum
        ("21", "1.00", "return", "booked"),
    ],
)
def test_the_transaction_code_says_side_and_kind(code: str, amount: str, kind: str, status: str) -> None:
    found = of(rows_of(file_of(entry(code, 100))), "entries")[0]
    assert (found["amount"], found["kind"], found["status"]) == (amount, kind, status)


@pytest.mark.parametrize(
    ("code", "reason", "amount"),
    [
        ("26", "R01", "-1.00"),  # our debit bounced
        ("27", "R01", "-1.00"),  # some banks keep the original code
        ("26", "R68", "1.00"),  # our bank refuses the return
        ("26", "R73", "-1.00"),  # their bank insists
        ("21", "R03", "1.00"),  # our payment came back
        ("21", "R61", "-1.00"),
        ("21", "R74", "1.00"),
    ],
)
def test_each_turn_of_a_return_turns_the_money(code: str, reason: str, amount: str) -> None:
    rows = rows_of(file_of(entry(code, 100, addenda=True), back(reason)))
    found = of(rows, "entries")[0]
    assert (found["amount"], found["kind"], found["return_code"]) == (amount, "return", reason)
    assert (of(rows, "payments")[0]["amount"], of(rows, "payments")[0]["return_of"]) == (
        amount,
        "099999990000042",
    )
    assert found["remittance_text"].startswith(f"{reason} {RETURNS[reason]}")


def test_what_the_returning_bank_adds_stands_where_the_stage_has_it() -> None:
    for reason, columns, wanted in (
        ("R01", "CLOSED IN MAY", "R01 Insufficient Funds CLOSED IN MAY"),
        ("R68", f"{'':3}07563921800000012001TOO LATE", "R68 Untimely Return TOO LATE"),
        ("R72", f"{'':3}0756392180000001200112345678000000702168", "R72 Untimely Dishonored Return"),
    ):
        rows = rows_of(file_of(entry("26", 100, addenda=True), back(reason, text=columns)))
        assert of(rows, "entries")[0]["remittance_text"] == wanted


def test_an_unknown_reason_is_believed_only_on_the_entrys_own_record() -> None:
    rows = rows_of(file_of(entry("26", 100, addenda=True), back("R97")))
    assert (codes(rows), of(rows, "entries")[0]["return_code"]) == (["return_code_unknown"], "R97")
    with pytest.raises(SourceError, match="unknown return code"):
        rows_of(file_of(entry("26", 100, addenda=True), back("R97", trace=2)))


def test_an_addendum_of_no_known_type_is_refused() -> None:
    with pytest.raises(SourceError, match="unknown type of addendum"):
        rows_of(file_of(entry("26", 100, addenda=True), back("R01").replace("799", "7 9", 1)))


def test_a_return_without_its_addendum_is_noted() -> None:
    assert codes(rows_of(file_of(entry("26", 100)))) == ["return_without_reason"]


def test_a_return_is_booked_on_its_day_of_settlement() -> None:
    for settled, day in (
        ("228", "2019-08-16"),
        ("365", "2019-12-31"),
        ("001", "2020-01-01"),
        ("000", "2019-08-16"),
    ):
        rows = rows_of(file_of(entry("26", 100, addenda=True), back("R01"), settled=settled))
        assert of(rows, "entries")[0]["booking_date"] == day


def test_a_refused_change_names_what_it_refuses() -> None:
    refused = f"798C62099999990000042      12345678{'1918171614':29}C010000042     121042880000001"
    (change,) = of(rows_of(file_of(entry("21", 0, addenda=True), refused, sec="COR")), "changes")
    assert (change["code"], change["corrected"]) == ("C62", "1918171614 (C01)")


@pytest.mark.parametrize("sec", sorted(SEC - {"IAT", "ADV"}))
def test_every_entry_class_is_read(sec: str) -> None:
    rows = rows_of(file_of(entry("27", 100), sec=sec))
    assert (of(rows, "entries")[0]["amount"], codes(rows)) == ("1.00", [])


IAT = [
    "710BUS000000000000000100928383-23938          BEK Enterprises                          0000001",
    "711BEK Solutions                      15 West Place Street                             0000001",
    "712JacobsTown*PA\\                     US*19305\\                                        0000001",
    "713Wells Fargo                        01121042882                         US           0000001",
    "714Citadel Bank                       01231380104                         US           0000001",
    "7159874654932139872121 Front Street                                                    0000001",
    "716LetterTown*AB\\                     CA*80014\\                                        0000001",
]
IAT_ENTRY = "6271210428820007             0000000100123456789                              1121042880000001"


def test_an_international_entry_and_its_return() -> None:
    rows = rows_of(file_of(IAT_ENTRY, *IAT, sec="IAT"))
    found = of(rows, "entries")[0]
    assert (found["amount"], found["payer_name"]) == ("1.00", "BEK Enterprises")
    assert found["payer_account"] == "121042882/123456789"
    returned = of(rows_of(file_of(IAT_ENTRY, *IAT, back("R01"), sec="IAT")), "entries")[0]
    assert (returned["amount"], returned["kind"]) == ("-1.00", "return")
    for addenda in (IAT[1:], [IAT[1], IAT[0], *IAT[2:]], [IAT[0].replace("BUS", "BIL"), *IAT[1:]]):
        with pytest.raises(SourceError, match="international entry"):
            rows_of(file_of(IAT_ENTRY, *addenda, sec="IAT"))


def test_advices_of_the_operator() -> None:
    lines = file_of(sec="ADV", service="280").split("\n")
    lines[2:4] = [
        f"681231380104{'744-5678-99':15}000000050000121042882{'11131':6}{'Name':22}  0011000010500001",
        f"682231380104{'744-5678-99':15}000000250000121042882{'11131':6}{'Name':22}  0011000010500002",
        f"8280000002{46276020:010d}{250000:020d}{50000:020d}{'Our Company':19}121042880000001",
        f"9000001000001{2:08d}{46276020:010d}{250000:020d}{50000:020d}".ljust(94),
    ]
    text = "\n".join([*lines[:6], *[FILLER] * 4])
    rows = rows_of(text)
    assert codes(rows) == []
    assert [(e["code"], e["amount"], e["kind"]) for e in of(rows, "entries")] == [
        ("81", "500.00", "other"),
        ("82", "-2500.00", "other"),
    ]


def test_addenda_of_a_trade_payment_go_on_where_a_line_is_full() -> None:
    first = "INVOICES PAID WITH THIS PAYMENT ARE 4711 AND 4712 AND ALSO THE ONE THAT IS NAMED "[:79] + "4"
    rows = rows_of(file_of(entry("22", 100, addenda=True), addendum(first), addendum("713", 2), sec="CTX"))
    (payment,) = of(rows, "payments")
    assert payment["remittance_text"].endswith("4713")
    assert (payment["amount"], of(rows, "entries")[0]["amount"]) == ("1.00", "-1.00")
    assert (payment["payer_name"], payment["payee_name"]) == ("Our Company", "Jane Doe")


def test_remittance_data_in_addenda_is_read_as_an_820() -> None:
    pytest.importorskip("arlib.sources.edi.payment820")
    data = "RMR*IV*INV-1*PI*150.00*150.00\\RMR*IV*INV-2*PI*100.00*110.00*10.00\\"
    rows = rows_of(file_of(entry("22", 25000, addenda=True), addendum(data), sec="CCD", service="220"))
    found = [(r["payment"], r["line"], r["reference"], r["net"]) for r in of(rows, "remittances")]
    assert found == [("1", "1", "INV-1", "150.00"), ("1", "1", "INV-2", "100.00")]
    (payment,) = of(rows, "payments")
    assert (payment["net"], payment["state"], payment["entries"]) == ("250.00", "ties", "2")


def test_without_a_reader_for_the_820_the_text_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "arlib.sources.edi.payment820", None)
    data = "RMR*IV*INV-1*PI*150.00*150.00\\"
    rows = rows_of(file_of(entry("22", 15000, addenda=True), addendum(data), sec="CCD"))
    assert of(rows, "payments")[0]["remittance_text"] == data
    assert of(rows, "remittances") == []


def test_remittance_data_that_is_none_is_noted() -> None:
    pytest.importorskip("arlib.sources.edi.payment820")
    rows = rows_of(file_of(entry("22", 1, addenda=True), addendum("ISA*00*cut"), sec="CTX"))
    assert codes(rows) == ["remittance_unreadable"]
    assert of(rows, "payments")[0]["remittance_text"] == "ISA*00*cut"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("8200000001", "8200000002", "count_differs"),
        ("82000000010023138010", "82000000010023138011", "control_total_differs"),
        ("000000000100000000000000121", "000000000100000000000001121", "control_total_differs"),
        ("9000001000001", "9000002000001", "count_differs"),
        ("9000001000001", "9000001000002", "count_differs"),
        ("8200000001", "8225000001", "service_class_differs"),
    ],
)
def test_controls_that_differ_are_remarks(old: str, new: str, found: str) -> None:
    text = file_of(entry("27", 100))
    assert text.count(old) == 1
    assert codes(rows_of(text.replace(old, new))) == [found]


def test_shapes_of_lines() -> None:
    text = file_of(entry("27", 12345, name="ÆØÅ AS"), entry("22", 5, trace=2))
    plain = [fields for _, _, fields in rows_of(text)]
    for shaped in (
        text.replace("\n", "\r\n"),
        text.replace("\n", "\r"),
        text.replace("\n", ""),
        text.replace("\n", "   \n"),
        "\n".join(line.rstrip() if line[0] in "19" else line for line in text.split("\n")),
        text + "\n\n\x1a",
        file_of(entry("27", 12345, name="ÆØÅ AS"), entry("22", 5, trace=2), filler=False),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("utf-16"),
    ):
        assert [fields for _, _, fields in rows_of(shaped)] == plain
    assert codes(rows_of(text.encode("cp1252"))) == ["encoding_assumed"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("627231380104", "627231380105", "check digit"),
        ("627231380104", "690231380104", "unknown transaction code"),
        ("0000000100ID7", "00000X0100ID7", "not an amount"),
        ("\n5200", "\n5100", "unknown service class"),
        (" PPDPAYMENT", " QQQPAYMENT", "unknown entry class"),
        ("Jane Doe                0", "Jane Doe                5", "addenda indicator"),
        ("Jane Doe                0", "Jane Doe                1", "without the addenda that it announces"),
        ("Jane Doe                0", "Jane Doe               0", "a record is cut"),
        ("Jane Doe                0", "Jane Doe                 0", "too long"),
        ("121042880000001\n9", "121042880000002\n9", "control of another batch"),
        ("\n5200", "\n5220", "a debit in a batch of credits"),
        ("A094101", "A093101", "not a record size"),
    ],
)
def test_what_cannot_be_used_is_refused(old: str, new: str, reason: str) -> None:
    text = file_of(entry("27", 100))
    assert text.count(old) == 1
    with pytest.raises(SourceError, match=reason):
        rows_of(text.replace(old, new))


@pytest.mark.parametrize(
    ("kept", "reason"),
    [
        ("1 5 6 8", "without record 9"),
        ("1 5 6 9", "without its control"),
        ("1 6 8 9", "without its batch header"),
        ("5 6 8 9", "without a file header"),
        ("5 6", "without record 8"),
        ("5 6 8 5 6 8", "several batches without a file header"),
        ("1 5 7 6 8 9", "an addendum without its entry"),
        ("1 5 5 6 8 9", "a batch without its control"),
        ("1 1 5 6 8 9", "second file header"),
        ("1 5 6 8 9 8", "behind the file control"),
        ("", "without record 1"),
    ],
)
def test_records_that_are_missing_or_out_of_order(kept: str, reason: str) -> None:
    lines = {line[0]: line for line in file_of(entry("27", 100), filler=False).split("\n")}
    lines["7"] = addendum("X")
    with pytest.raises(SourceError, match=reason):
        rows_of("\n".join(lines[one] for one in kept.split()))


def test_check_digits() -> None:
    assert [check_digit(one) for one in ("23138010", "12104288", "09140060", "10120610")] == [
        "4",
        "2",
        "6",
        "1",
    ]


def test_twenty_thousand_entries_take_no_time() -> None:
    records = [entry("27", 100, trace=number) for number in range(1, 20_001)]
    text = file_of(*records)
    started = time.process_time()
    rows = rows_of(text)
    assert time.process_time() - started < 2
    assert of(rows, "statements")[0]["net"] == "20000.00"
    assert codes(rows) == []
