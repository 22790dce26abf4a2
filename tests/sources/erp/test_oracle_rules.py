"""Oracle's rules on small extracts worked by hand: what is open on a day, and what every kind of row becomes."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from arlib.errors import ArError, SourceError, TableError
from arlib.ledger.openitems import open_items
from arlib.policy import Basis, Scope
from arlib.sources import SourceSpec, load_book
from arlib.sources.catalogue import load_profile
from arlib.sources.database.needed import needed_columns
from arlib.tables import Book

Rows = dict[str, list[dict[str, str]]]
Load = Callable[..., Book]

UNITS = [{"ORGANIZATION_ID": "101", "SHORT_CODE": "US01", "NAME": "Harbor", "SET_OF_BOOKS_ID": "1"}]
LEDGERS = [{"LEDGER_ID": "1", "CURRENCY_CODE": "USD"}]
ACCOUNTS = [
    {"CODE_COMBINATION_ID": "12", "SEGMENT3": "1200", "REFERENCE3": "CUSTOMER"},
    {"CODE_COMBINATION_ID": "29", "SEGMENT3": "1290", "REFERENCE3": "CUSTOMER"},
]
SCOPE = Scope(
    entity="US01",
    entity_name="Harbor",
    functional_currency="USD",
    period="2026-10",
    starts_on=date(2026, 10, 1),
    ends_on=date(2026, 10, 31),
    as_of=date(2026, 10, 31),
    time_zone="UTC",
)

BESIDE: Rows = {  # a transaction that is not complete and a miscellaneous receipt: neither is a receivable
    "RA_CUSTOMER_TRX_ALL": [{"CUSTOMER_TRX_ID": "900", "ORG_ID": "101"}],
    "AR_CASH_RECEIPTS_ALL": [
        {"CASH_RECEIPT_ID": "901", "ORG_ID": "101", "TYPE": "MISC", "STATUS": "APP", "AMOUNT": "5"}
    ],
    "AR_CASH_RECEIPT_HISTORY_ALL": [
        {"CASH_RECEIPT_ID": "901", "STATUS": "REVERSED", "GL_DATE": "2026-10-01"}
    ],
    "AR_PAYMENT_SCHEDULES_ALL": [
        {"PAYMENT_SCHEDULE_ID": "902", "ORG_ID": "101", "CLASS": "PMT", "CASH_RECEIPT_ID": "901"}
    ],
    "RA_CUST_TRX_LINE_GL_DIST_ALL": [
        {"CUSTOMER_TRX_ID": "900", "ACCOUNT_CLASS": "REC", "LATEST_REC_FLAG": "Y", "AMOUNT": "3"}
    ],
}


def invoice(
    trx: str,
    amount: str,
    *,
    kind: str = "INV",
    day: str = "2026-10-01",
    due: str = "2026-10-31",
    currency: str = "USD",
    books: str = "",
    parts: tuple[tuple[str, str], ...] = (),
) -> Rows:
    """A transaction with its receivable entry and schedules."""
    split = parts or ((due, amount),)
    return {
        "RA_CUSTOMER_TRX_ALL": [
            {
                "CUSTOMER_TRX_ID": trx,
                "ORG_ID": "101",
                "TRX_NUMBER": f"INV-{trx}",
                "TRX_DATE": day,
                "BILL_TO_CUSTOMER_ID": "7",
                "INVOICE_CURRENCY_CODE": currency,
                "CREATION_DATE": f"{day} 10:00:00",
            }
        ],
        "RA_CUST_TRX_LINE_GL_DIST_ALL": [
            {
                "CUSTOMER_TRX_ID": trx,
                "ACCOUNT_CLASS": "REV",
                "LATEST_REC_FLAG": "",
                "GL_DATE": day,
                "AMOUNT": "1",
                "ACCTD_AMOUNT": "1",
                "CODE_COMBINATION_ID": "99",
            },
            {
                "CUSTOMER_TRX_ID": trx,
                "ACCOUNT_CLASS": "REC",
                "LATEST_REC_FLAG": "Y",
                "GL_DATE": day,
                "AMOUNT": amount,
                "ACCTD_AMOUNT": books or amount,
                "CODE_COMBINATION_ID": "12",
            },
        ],
        "AR_PAYMENT_SCHEDULES_ALL": [
            {
                "PAYMENT_SCHEDULE_ID": f"{trx}{n}",
                "ORG_ID": "101",
                "CLASS": kind,
                "CUSTOMER_TRX_ID": trx,
                "GL_DATE": day,
                "DUE_DATE": when,
                "TERMS_SEQUENCE_NUMBER": str(n),
                "NUMBER_OF_DUE_DATES": str(len(split)),
                "INVOICE_CURRENCY_CODE": currency,
                "AMOUNT_DUE_ORIGINAL": part,
            }
            for n, (when, part) in enumerate(split, start=1)
        ],
    }


def receipt(
    number: str,
    amount: str,
    *,
    day: str = "2026-10-05",
    status: str = "APP",
    currency: str = "USD",
    books: str = "",
    customer: str = "7",
    reversed_on: str = "",
) -> Rows:
    """A receipt with its schedule, history and first application row."""
    history = [
        {
            "CASH_RECEIPT_HISTORY_ID": f"{number}1",
            "CASH_RECEIPT_ID": number,
            "STATUS": "CLEARED",
            "ACCTD_AMOUNT": books or amount,
            "TRX_DATE": day,
            "GL_DATE": day,
        }
    ]
    if reversed_on:
        history.append(
            {
                "CASH_RECEIPT_HISTORY_ID": f"{number}2",
                "CASH_RECEIPT_ID": number,
                "STATUS": "REVERSED",
                "ACCTD_AMOUNT": books or amount,
                "TRX_DATE": reversed_on,
                "GL_DATE": reversed_on,
                "CREATION_DATE": f"{reversed_on} 09:00:00",
            }
        )
    return {
        "AR_CASH_RECEIPTS_ALL": [
            {
                "CASH_RECEIPT_ID": number,
                "ORG_ID": "101",
                "TYPE": "CASH",
                "STATUS": status,
                "RECEIPT_NUMBER": f"R-{number}",
                "RECEIPT_DATE": day,
                "CURRENCY_CODE": currency,
                "AMOUNT": amount,
                "PAY_FROM_CUSTOMER": customer,
                "CREATION_DATE": f"{day} 11:00:00",
                "REVERSAL_CATEGORY": "NSF" if reversed_on else "",
            }
        ],
        "AR_PAYMENT_SCHEDULES_ALL": [
            {
                "PAYMENT_SCHEDULE_ID": f"{number}0",
                "ORG_ID": "101",
                "CLASS": "PMT",
                "CASH_RECEIPT_ID": number,
                "GL_DATE": day,
                "DUE_DATE": day,
                "INVOICE_CURRENCY_CODE": currency,
                "AMOUNT_DUE_ORIGINAL": f"-{amount}",
            }
        ],
        "AR_CASH_RECEIPT_HISTORY_ALL": history,
        "AR_RECEIVABLE_APPLICATIONS_ALL": [
            used(
                f"1{number}",
                number,
                "",
                amount,
                day=day,
                STATUS="UNID" if status == "UNID" else "UNAPP",
                CODE_COMBINATION_ID="29",
            )
        ],
    }


def used(
    number: str, cash: str, trx: str, amount: str, *, day: str = "2026-10-05", **more: str
) -> dict[str, str]:
    """A row of AR_RECEIVABLE_APPLICATIONS_ALL."""
    return {
        "RECEIVABLE_APPLICATION_ID": number,
        "ORG_ID": "101",
        "APPLICATION_TYPE": "CASH",
        "STATUS": "APP",
        "CASH_RECEIPT_ID": cash,
        "APPLIED_CUSTOMER_TRX_ID": trx,
        "APPLIED_PAYMENT_SCHEDULE_ID": f"{trx}1" if trx else "",
        "AMOUNT_APPLIED": amount,
        "ACCTD_AMOUNT_APPLIED_FROM": amount,
        "ACCTD_AMOUNT_APPLIED_TO": amount,
        "APPLY_DATE": day,
        "GL_DATE": day,
        "CREATION_DATE": f"{day} 12:00:00",
        **more,
    }


def applied(*rows: dict[str, str]) -> Rows:
    return {"AR_RECEIVABLE_APPLICATIONS_ALL": list(rows)}


def adjusted(number: str, trx: str, amount: str, **more: str) -> Rows:
    return {
        "AR_ADJUSTMENTS_ALL": [
            {
                "ADJUSTMENT_ID": number,
                "ADJUSTMENT_NUMBER": f"A-{number}",
                "CUSTOMER_TRX_ID": trx,
                "STATUS": "A",
                "TYPE": "INVOICE",
                "AMOUNT": amount,
                "ACCTD_AMOUNT": amount,
                "APPLY_DATE": "2026-10-10",
                "GL_DATE": "2026-10-10",
                "CREATION_DATE": "2026-10-10 08:00:00",
                **more,
            }
        ]
    }


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """A book from rows by table; every table has all the columns that the profile reads."""
    profile = load_profile("oracle-fusion")

    def loaded(
        *parts: Rows,
        profile_name: str = "oracle-fusion",
        drop: tuple[str, str] = ("", ""),
        beside: Rows = BESIDE,
    ) -> Book:
        whole: Rows = {"HR_OPERATING_UNITS": UNITS, "GL_LEDGERS": LEDGERS, "GL_CODE_COMBINATIONS": ACCOUNTS}
        whole |= {
            role: [] for role, mapping in profile.files.items() if mapping.is_required and role not in whole
        }
        for part in (beside, *parts):
            for name, rows in part.items():
                whole[name] = [*whole.get(name, []), *rows]
        for name, rows in whole.items():
            columns = list(
                dict.fromkeys([*needed_columns(profile, name).all, *(c for row in rows for c in row)])
            )
            columns = [column for column in columns if (name, column) != drop]
            with (tmp_path / f"{name}.csv").open("w", newline="") as file:
                writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")
                writer.writeheader()
                writer.writerows(rows)
        return load_book([SourceSpec(folder=tmp_path, profile=profile_name)], root=tmp_path)

    return loaded


def open_on(book: Book, day: str, **more: object) -> dict[str, int]:
    """Open amount by item, in cents, by posting date."""
    scope = replace(SCOPE, as_of=date.fromisoformat(day), basis=Basis.POSTING, **more)
    found = open_items(book, scope=scope)
    return dict(zip(found["item_id"], found["outstanding"].astype(int), strict=True))


def test_a_past_balance_is_rebuilt_from_applications(load: Load) -> None:
    """1,000 billed; 588 paid with 12 discount on the 5th: 400 open from then on, 1,000 before."""
    book = load(
        invoice("1", "1000"),
        receipt("9", "588"),
        applied(
            used(
                "20",
                "9",
                "1",
                "588",
                EARNED_DISCOUNT_TAKEN="10",
                UNEARNED_DISCOUNT_TAKEN="2",
                ACCTD_EARNED_DISCOUNT_TAKEN="10",
                ACCTD_UNEARNED_DISCOUNT_TAKEN="2",
            ),
            used("21", "9", "", "-588", STATUS="UNAPP"),
        ),
    )
    assert open_on(book, "2026-10-04") == {"TRX-1": 100000}
    assert open_on(book, "2026-10-05") == {"TRX-1": 40000}
    row = book["applications"].iloc[0]
    assert (len(book["applications"]), row["discount"], row["source_amount"], row["kind"]) == (
        1,
        1200,
        58800,
        "payment",
    )
    items = book["items"].set_index("item_id")
    assert items.loc["TRX-1", "control_account"] == "1200"
    assert items.loc["RCT-9", "control_account"] == "1290"
    assert book["entities"]["functional_currency"].tolist() == ["USD"]


def test_several_schedules_are_instalments(load: Load) -> None:
    book = load(invoice("1", "300", parts=(("2026-10-15", "100"), ("2026-11-15", "200"))))
    assert book["instalments"]["amount"].tolist() == [10000, 20000]
    assert book["items"]["due_date"].dt.strftime("%Y-%m-%d").tolist() == ["2026-11-15"]
    found = open_items(book, scope=SCOPE)
    assert found["due_date"].dt.strftime("%Y-%m-%d").tolist() == ["2026-10-15", "2026-11-15"]


def test_schedules_that_do_not_sum_to_the_transaction_are_refused(load: Load) -> None:
    with pytest.raises(TableError, match="parts do not sum"):
        load(invoice("1", "300", parts=(("2026-10-15", "100"), ("2026-11-15", "199"))))


def test_a_reversed_pair_acts_from_its_own_date(load: Load) -> None:
    """Applied on the 5th, taken back on the 20th, applied to another invoice."""
    pair = applied(
        used("20", "9", "1", "100"),
        used("30", "9", "1", "-100", day="2026-10-20"),
        used("31", "9", "2", "100", day="2026-10-20"),
    )
    book = load(invoice("1", "100"), invoice("2", "100"), receipt("9", "100"), pair)
    assert open_on(book, "2026-10-19") == {"TRX-2": 10000}
    assert open_on(book, "2026-10-20") == {"TRX-1": 10000}
    reverses = book["applications"].set_index("application_id")["reverses"].fillna("")
    assert dict(reverses) == {"APP-20": "", "APP-30": "APP-20", "APP-31": ""}


def test_a_returned_receipt_is_an_item_of_its_own_date(load: Load) -> None:
    """Paid on the 5th, returned on the 22nd: the invoice is open again then, and not before."""
    back = applied(used("20", "9", "1", "100"), used("30", "9", "1", "-100", day="2026-10-22"))
    book = load(invoice("1", "100"), receipt("9", "100", status="NSF", reversed_on="2026-10-22"), back)
    assert open_on(book, "2026-10-21") == {}
    assert open_on(book, "2026-10-22") == {"TRX-1": 10000}
    items = book["items"].set_index("item_id")
    assert items.loc["RCT-9-REV", ["amount", "reverses", "reason"]].tolist() == [10000, "RCT-9", "NSF"]
    returned = book["receipts"].set_index("receipt_id").loc["RCT-9-REV"]
    assert (returned["amount"], returned["return_of"]) == (-10000, "RCT-9")


@pytest.mark.parametrize(
    ("status", "rows", "wanted"),
    [
        ("UNAPP", [], "unapplied"),
        ("UNID", [], "unidentified"),
        ("APP", [used("20", "9", "", "100", STATUS="ACC", APPLIED_PAYMENT_SCHEDULE_ID="-1")], "on_account"),
        (
            "APP",
            [used("20", "9", "", "100", STATUS="ACC"), used("21", "9", "", "-100", STATUS="ACC")],
            "applied",
        ),
    ],
)
def test_where_cash_stands(load: Load, status: str, rows: list[dict[str, str]], wanted: str) -> None:
    book = load(receipt("9", "100", status=status), applied(*rows))
    assert book["items"]["cash_status"].tolist() == [wanted]
    assert book["receipts"]["status"].tolist() == [wanted]
    assert not book.has("applications") or not len(book["applications"])
    assert open_on(book, "2026-10-31") == {"RCT-9": -10000}


def test_a_receipt_put_whole_into_prepayment(load: Load) -> None:
    row = used(
        "20", "9", "", "100", STATUS="OTHER ACC", APPLIED_PAYMENT_SCHEDULE_ID="-7", CODE_COMBINATION_ID="12"
    )
    book = load(receipt("9", "100"), applied(row))
    assert book["items"][["item_type", "control_account"]].to_numpy().tolist() == [["prepayment", "1200"]]


def test_only_approved_adjustments_count_and_both_signs_do(load: Load) -> None:
    """1,000 less 40 written off, plus 15 interest; 500 that waits for approval does not count."""
    book = load(
        invoice("1", "1000"),
        adjusted("1", "1", "-40", REASON_CODE="WRITE OFF"),
        adjusted("2", "1", "15"),
        adjusted("3", "1", "-500", STATUS="W"),
    )
    assert open_on(book, "2026-10-09") == {"TRX-1": 100000}
    assert open_on(book, "2026-10-31") == {"TRX-1": 97500}
    items = book["items"].set_index("item_id")
    assert items.loc[["ADJ-1", "ADJ-2"], "item_type"].tolist() == ["write_off", "adjustment"]
    assert items.loc["ADJ-1", "control_account"] == "1200"
    assert book["applications"].set_index("application_id")["kind"].to_dict() == {
        "ADJ-1": "write_off",
        "ADJ-2": "adjustment",
    }
    assert "adjustments_not_approved" in set(book.problems["code"])


def test_a_chargeback_replaces_the_rest_of_its_invoice(load: Load) -> None:
    book = load(
        invoice("1", "100", due="2026-09-30"),
        invoice("2", "30", kind="CB", due="2026-11-30"),
        adjusted("5", "1", "-30", CHARGEBACK_CUSTOMER_TRX_ID="2"),
    )
    items = book["items"].set_index("item_id")
    assert items.loc[["TRX-2", "ADJ-5"], "replaces"].tolist() == ["TRX-1", "TRX-1"]
    assert items.loc["TRX-2", "item_type"] == "chargeback"
    assert book["applications"]["kind"].tolist() == ["debit_to_debit"]
    found = open_items(book, scope=SCOPE).set_index("item_id")
    assert found.loc["TRX-2", "original_due_date"].strftime("%Y-%m-%d") == "2026-09-30"


def test_refund_and_receipt_write_off_pay_back_the_receipt(load: Load) -> None:
    rows = applied(
        used("20", "9", "", "60", STATUS="ACTIVITY", APPLIED_PAYMENT_SCHEDULE_ID="-8", day="2026-10-12"),
        used("21", "9", "", "40", STATUS="ACTIVITY", APPLIED_PAYMENT_SCHEDULE_ID="-3", day="2026-10-13"),
        used("22", "9", "", "-40", STATUS="ACTIVITY", APPLIED_PAYMENT_SCHEDULE_ID="-3", day="2026-10-25"),
    )
    book = load(receipt("9", "100"), rows)
    assert [open_on(book, day) for day in ("2026-10-11", "2026-10-12", "2026-10-13", "2026-10-25")] == [
        {"RCT-9": -10000},
        {"RCT-9": -4000},
        {},
        {"RCT-9": -4000},
    ]
    items = book["items"].set_index("item_id")
    assert items.loc[["ACT-20", "ACT-21"], "item_type"].tolist() == ["refund", "write_off"]
    assert items.loc["ACT-22", "reverses"] == "ACT-21"
    assert items.loc["ACT-20", ["customer_id", "control_account"]].tolist() == ["7", "1290"]


def test_credit_memo_applied_and_the_rest_on_account(load: Load) -> None:
    row = used("20", "", "1", "70", APPLICATION_TYPE="CM", CUSTOMER_TRX_ID="2")
    book = load(invoice("1", "100"), invoice("2", "-90", kind="CM"), applied(row))
    assert open_on(book, "2026-10-31") == {"TRX-1": 3000, "TRX-2": -2000}
    assert book["applications"][["kind", "source_item_id"]].to_numpy().tolist() == [["credit_memo", "TRX-2"]]


def test_cross_currency_holds_both_sides_and_the_realised_difference(load: Load) -> None:
    """A EUR 100 invoice booked at 110 USD, paid with USD 112: gain 2."""
    row = used(
        "20",
        "9",
        "1",
        "100",
        AMOUNT_APPLIED_FROM="112",
        ACCTD_AMOUNT_APPLIED_FROM="112",
        ACCTD_AMOUNT_APPLIED_TO="110",
    )
    book = load(invoice("1", "100", currency="EUR", books="110"), receipt("9", "112"), applied(row))
    made = book["applications"].iloc[0]
    assert made[
        ["source_currency", "source_amount", "target_currency", "target_amount", "realised_fx"]
    ].tolist() == ["USD", 11200, "EUR", 10000, 200]
    assert open_on(book, "2026-10-31") == {}


def test_an_application_of_a_document_that_is_not_there_is_refused(load: Load) -> None:
    with pytest.raises(TableError, match="unknown item: found 'TRX-77'"):
        load(receipt("9", "100"), applied(used("20", "9", "77", "100")))


def test_a_document_closed_before_the_extract_is_stood_in_for(load: Load) -> None:
    """100 received; 70 of it settled an invoice that the query left out because it was closed in August."""
    row = used(
        "20", "9", "77", "70", day="2026-08-20", APPLIED_GL_DATE_CLOSED="2026-08-20", SOURCE_GL_DATE_CLOSED=""
    )
    book = load(receipt("9", "100", day="2026-08-20", status="UNAPP"), applied(row))
    assert open_on(book, "2026-10-31") == {"RCT-9": -3000}
    assert open_on(book, "2026-08-19") == {}
    assert "documents_left_out" in set(book.problems["code"])


def test_lines_give_net_tax_and_freight(load: Load) -> None:
    lines = [
        {"CUSTOMER_TRX_ID": "1", "LINE_TYPE": kind, "EXTENDED_AMOUNT": amount}
        for kind, amount in (("LINE", "60"), ("LINE", "30.5"), ("TAX", "7.5"), ("FREIGHT", "2"))
    ]
    book = load(invoice("1", "100"), {"RA_CUSTOMER_TRX_LINES_ALL": lines})
    assert book["items"].iloc[0][["net_amount", "tax_amount", "freight_amount"]].tolist() == [9050, 750, 200]


def test_balances_sum_the_combinations_of_an_account(load: Load) -> None:
    """Two cost centres of account 1200: 100 - 40 + 25 and 7.5 end at 92.5."""

    def balance(combination: str, *given: str) -> dict[str, str]:
        names = ("BEGIN_BALANCE_DR", "BEGIN_BALANCE_CR", "PERIOD_NET_DR", "PERIOD_NET_CR")
        fixed = {
            "LEDGER_ID": "1",
            "CODE_COMBINATION_ID": combination,
            "CURRENCY_CODE": "USD",
            "PERIOD_NAME": "Oct-26",
            "ACTUAL_FLAG": "A",
        }
        return {**fixed, **dict(zip(names, given, strict=True))}

    more = [
        {"CODE_COMBINATION_ID": "13", "SEGMENT3": "1200", "REFERENCE3": "CUSTOMER"},
        {"CODE_COMBINATION_ID": "50", "SEGMENT3": "5000"},
    ]
    rows = [
        balance("12", "100", "40", "25", ""),
        balance("13", "0", "0", "7.5", "0"),
        balance("50", "9", "0", "0", "0"),
    ]
    periods = [{"APPLICATION_ID": "101", "LEDGER_ID": "1", "PERIOD_NAME": "Oct-26", "END_DATE": "2026-10-31"}]
    book = load(
        invoice("1", "1"), {"GL_CODE_COMBINATIONS": more, "GL_BALANCES": rows, "GL_PERIOD_STATUSES": periods}
    )
    assert book["gl_balances"][["account", "balance"]].to_numpy().tolist() == [["1200", 9250]]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ((invoice("1", "100", kind="XX"),), "XX"),
        ((invoice("1", "1e2"),), "1e2"),
        ((invoice("1", "100", day="2026-13-01"),), "2026-13-01"),
        ((receipt("9", "100", status="LOST"),), "LOST"),
        ((invoice("1", "100"), invoice("1", "100")), "duplicate"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(load: Load, parts: tuple[Rows, ...], words: str) -> None:
    with pytest.raises(ArError, match=words):
        load(*parts)


@pytest.mark.parametrize("bad", ["1e999999", "NaN", "Infinity", "12,5", "9" * 40, "--1", "\u0661"])
def test_a_balance_that_is_no_amount_is_refused(load: Load, bad: str) -> None:
    row = {
        "LEDGER_ID": "1",
        "CODE_COMBINATION_ID": "12",
        "CURRENCY_CODE": "USD",
        "PERIOD_NAME": "Oct-26",
        "ACTUAL_FLAG": "A",
    }
    period = {"APPLICATION_ID": "101", "LEDGER_ID": "1", "PERIOD_NAME": "Oct-26", "END_DATE": "2026-10-31"}
    with pytest.raises(SourceError, match="an amount cannot be read"):
        load({"GL_BALANCES": [{**row, "PERIOD_NET_DR": bad}], "GL_PERIOD_STATUSES": [period]})


def test_an_invoice_alone(load: Load) -> None:
    """Tables without rows are no fault."""
    assert open_on(load(invoice("1", "100"), beside={}), "2026-10-31") == {"TRX-1": 10000}


def test_a_missing_column_is_named(load: Load) -> None:
    with pytest.raises(SourceError, match="ACCTD_AMOUNT"):
        load(invoice("1", "100"), drop=("RA_CUST_TRX_LINE_GL_DIST_ALL", "ACCTD_AMOUNT"))
