"""SAP's rules on small extracts worked by hand: due dates, references, clearing groups."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arlib.sources import SourceSpec, load_book
from arlib.tables import Book

HEADS = "BUKRS,BELNR,GJAHR,BLART,BLDAT,BUDAT,CPUDT,CPUTM,USNAM,XBLNR,WAERS,HWAER,BSTAT"
LINES = (
    "BUKRS,BELNR,GJAHR,BUZEI,AUGDT,AUGCP,AUGBL,KOART,UMSKZ,SHKZG,DMBTR,WRBTR,HKONT,KUNNR,ZFBDT,ZBD1T,ZBD2T,ZBD3T,SGTXT,"
    "REBZG,REBZJ,REBZZ"
)


def head(number: str, kind: str = "RV", *, day: str = "20260901", currency: str = "EUR") -> str:
    return f"1000,{number},2026,{kind},{day},{day},{day},101500,ME,,{currency},EUR,"


def line(
    number: str,
    amount: str,
    *,
    side: str = "S",
    cleared: str = "",
    clearing: str = "",
    base: str = "",
    days: str = ",,",
    account: str = "D",
    customer: str = "42",
    refers: str = ",,",
    functional: str = "",
) -> str:
    value = f'"{amount}"'
    local = f'"{functional or amount}"'
    return (
        f"1000,{number},2026,1,{cleared},{cleared},{clearing},{account},,{side},{local},{value},140000,{customer},"
        f"{base},{days},,{refers}"
    )


def book_of(folder: Path, heads: list[str], lines: list[str]) -> Book:
    (folder / "BKPF.csv").write_text("\n".join([HEADS, *heads]) + "\n")
    (folder / "BSEG.csv").write_text("\n".join([LINES, *lines]) + "\n")
    return load_book([SourceSpec(folder=folder, profile="sap")], root=folder)


@pytest.mark.parametrize(
    ("base", "days", "due"),
    [
        ("20260901", "14,30,45", "2026-10-16"),  # ZBD3T goes first
        ("20260901", "14,30,0", "2026-10-01"),  # else ZBD2T
        ("20260901", "14,0,", "2026-09-15"),  # else ZBD1T
        ("20260901", ",,", "2026-09-01"),
        ("20260901", "14.0,0.0,", "2026-09-15"),  # a count that went through a float
        ("", "30,,", "2026-10-05"),  # BLDAT 5 September where ZFBDT is blank
        ("00000000", "30,,", "2026-10-05"),
    ],
)
def test_due_date(tmp_path: Path, base: str, days: str, due: str) -> None:
    days = days if days.count(",") == 2 else days + ","
    days = ",".join(days.split(",")[:3])
    book = book_of(tmp_path, [head("1", day="20260905")], [line("1", "100.00", base=base, days=days)])
    assert book["items"]["due_date"].tolist() == [pd.Timestamp(due)]


def test_shkzg_gives_the_sign_and_a_trailing_minus_is_read(tmp_path: Path) -> None:
    lines = [
        line("1", "1,234.50"),
        line("2", "1,000.00", side="H"),
        line("3", "5.00-"),
        line("4", "7.00-", side="H"),
    ]
    book = book_of(tmp_path, [head(str(n)) for n in range(1, 5)], lines)
    assert book["items"]["amount"].tolist() == [123450, -100000, -500, 700]
    assert book["items"]["item_type"].tolist() == ["invoice", "credit_memo", "invoice", "credit_memo"]


def test_a_credit_follows_the_invoice_it_refers_to_and_a_residual_keeps_the_original_due_date(
    tmp_path: Path,
) -> None:
    lines = [
        line("1", "100.00", base="20260901", days="30,,"),
        line("2", "40.00", side="H", base="20260920", days=",,", refers="1,2026,1"),
        line("3", "60.00", base="20261015", days=",,", refers="1,2026,1"),
    ]
    items = book_of(tmp_path, [head("1"), head("2", "DG"), head("3", "DR")], lines)["items"].set_index(
        "document_no"
    )
    assert items.loc["2", "due_date"] == pd.Timestamp("2026-10-01")
    assert items.loc["3", "due_date"] == pd.Timestamp("2026-10-15")
    assert items.loc["3", "original_due_date"] == pd.Timestamp("2026-10-01")
    assert items.loc["3", "replaces"] == items.loc["1", "item_id"]


def test_a_group_of_several_is_paired_oldest_due_first_and_marked_derived(tmp_path: Path) -> None:
    cleared = {"cleared": "20261005", "clearing": "900"}
    lines = [
        line("1", "100.00", base="20260901", **cleared),
        line("2", "50.00", base="20260801", **cleared),
        line("3", "120.00", side="H", base="20261001", **cleared),
        line("4", "30.00", side="H", base="20261002", **cleared),
    ]
    book = book_of(tmp_path, [head("1"), head("2"), head("3", "DZ"), head("4", "DZ")], lines)
    pairs = book["applications"][["source_item_id", "target_item_id", "target_amount"]].to_numpy().tolist()
    assert pairs == [
        ["1000-3-2026-1", "1000-2-2026-1", 5000],
        ["1000-3-2026-1", "1000-1-2026-1", 7000],
        ["1000-4-2026-1", "1000-1-2026-1", 3000],
    ]
    assert set(book["applications"]["pairing"]) == {"derived"}
    assert set(book["applications"]["kind"]) == {"clearing"}
    assert book["applications"]["effective_date"].unique().tolist() == [pd.Timestamp("2026-10-05")]
    assert not len(book.problems)


def test_a_rest_of_a_group_stays_open_and_is_noted(tmp_path: Path) -> None:
    cleared = {"cleared": "20261005", "clearing": "900"}
    lines = [line("1", "100.00", **cleared), line("3", "97.00", side="H", **cleared)]
    book = book_of(tmp_path, [head("1"), head("3", "DZ")], lines)
    assert book["applications"]["target_amount"].tolist() == [9700]
    assert book.problems[["code", "found"]].to_numpy().tolist() == [
        ["clearing_group_leaves_a_rest", "900: 3.00 EUR"]
    ]


def test_customers_of_a_group_are_paired_with_themselves_first(tmp_path: Path) -> None:
    cleared = {"cleared": "20261005", "clearing": "900"}
    lines = [
        line("1", "10.00", customer="A", **cleared),
        line("2", "20.00", customer="B", **cleared),
        line("3", "20.00", side="H", customer="B", **cleared),
        line("4", "10.00", side="H", customer="A", **cleared),
    ]
    book = book_of(tmp_path, [head("1"), head("2"), head("3", "DZ"), head("4", "DZ")], lines)
    pairs = {(row.source_item_id[5], row.target_item_id[5]) for row in book["applications"].itertuples()}
    assert pairs == {("4", "1"), ("3", "2")}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.integers(1, 10**6), st.booleans()), min_size=1, max_size=8)
)
def test_a_group_takes_from_every_line_at_most_what_it_has_in_both_currencies(
    tmp_path: Path, drawn: list[tuple[int, int, bool]]
) -> None:
    lines, heads = [], []
    for number, (amount, local, is_credit) in enumerate(drawn, start=1):
        text, functional = f"{amount // 100}.{amount % 100:02d}", f"{local // 100}.{local % 100:02d}"
        heads.append(head(str(number), currency="USD"))
        lines.append(
            line(
                str(number),
                text,
                functional=functional,
                side="H" if is_credit else "S",
                cleared="20261005",
                clearing="9",
            )
        )
    book = book_of(tmp_path, heads, lines)
    items = book["items"].set_index("item_id")
    made = book["applications"]
    debits = sum(a for a, _, c in drawn if not c)
    owed = sum(a for a, _, c in drawn if c)
    assert int(made["target_amount"].sum()) == min(debits, owed)
    for side, sign in (("target", 1), ("source", -1)):
        taken = made.groupby(f"{side}_item_id")[[f"{side}_amount", f"{side}_functional_amount"]].sum()
        for item, row in taken.iterrows():
            whole = sign * int(items.loc[item, "amount"]), sign * int(items.loc[item, "functional_amount"])
            assert row.iloc[0] <= whole[0]
            assert row.iloc[1] <= whole[1]
            if row.iloc[0] == whole[0]:
                assert row.iloc[1] == whole[1]  # a line cleared whole leaves no carrying amount behind


def test_a_line_without_its_document_is_rejected(tmp_path: Path) -> None:
    from arlib.errors import TableError

    with pytest.raises(TableError, match="missing value"):
        book_of(tmp_path, [head("1")], [line("1", "1.00"), line("2", "1.00")])


def test_parked_documents_are_unposted_and_the_master_names_customers(tmp_path: Path) -> None:
    (tmp_path / "KNA1.csv").write_text("KUNNR,NAME1,LAND1\n42,=cmd,DE\n")
    book = book_of(
        tmp_path, [head("1").removesuffix(",") + ",V", head("2")], [line("1", "1.00"), line("2", "2.00")]
    )
    assert book["gl_lines"].set_index("document_no")["status"].to_dict() == {"1": "unposted", "2": "posted"}
    assert book["customers"]["name"].tolist() == ["=cmd"]
