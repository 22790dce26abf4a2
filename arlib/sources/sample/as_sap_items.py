"""Items of the sample as SAP documents: a head, the customer's line, and its counter line. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from arlib.money import format_minor_column

BLART = {
    "invoice": "RV", "opening": "UE", "debit_memo": "DR", "chargeback": "D1", "interest_or_fee": "D2",
    "credit_memo": "DG", "receipt": "DZ", "prepayment": "DP", "refund": "DX", "write_off": "DW", "recovery": "DV",
    "adjustment": "DA", "transfer": "DT",
}  # fmt: skip
SPECIAL = {"2310": "A", "1290": "U", "1295": "X"}  # special G/L indicator by reconciliation account
COUNTER = {"receipt": "113100", "prepayment": "113100", "refund": "113100"}
REVENUE = "800000"
UNKNOWN = "CPD"  # collective account of payers that nobody knows
CLIENT = "100"


class Numbers:
    """Document numbers: one range for items, in the order of entry; the others count on from their starts."""

    def __init__(self, items: pd.DataFrame) -> None:
        """Number all items, entity by entity."""
        self.of_item: dict[tuple[str, str], tuple[str, str]] = {}
        ordered = items.sort_values(["entity", "entered_at", "item_id"], kind="stable")
        place = ordered.groupby("entity").cumcount()
        for entity, item, at, day in zip(
            ordered["entity"], ordered["item_id"], place, ordered["posting_date"], strict=True
        ):
            self.of_item[entity, item] = (f"{1_400_000_001 + at:010d}", f"{day.year}")

    def range(self, entities: pd.Series, start: int) -> pd.Series:
        """Numbers of rows that stand in their order already."""
        return (entities.groupby(entities).cumcount() + start).astype("str").str.zfill(10)


def day(values: pd.Series) -> pd.Series:
    """YYYYMMDD, blank for none as the lists show it."""
    made: pd.Series = values.dt.strftime("%Y%m%d").fillna("").astype("str")
    return made


def clock(values: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Day and time of entry, UTC."""
    return values.dt.strftime("%Y%m%d").astype("str"), values.dt.strftime("%H%M%S").astype("str")


def money(minor: pd.Series, currency: pd.Series) -> pd.Series:
    """Plain decimals with the currency's places, without a sign."""
    return format_minor_column(minor.abs(), currency).fillna("").astype("str")


def side(minor: pd.Series) -> pd.Series:
    """SHKZG: S debit, H credit."""
    return pd.Series(["H" if value < 0 else "S" for value in minor.fillna(0)], index=minor.index, dtype="str")


def text(values: pd.Series) -> pd.Series:
    """Text with '' for none."""
    return values.fillna("").astype("str")


def item_documents(
    items: pd.DataFrame,
    numbers: Numbers,
    groups: Mapping[tuple[str, str], tuple[str, pd.Timestamp]],
    functional: Mapping[str, str],
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """BKPF, BSEG, CDHDR and CDPOS of the items; `groups` gives clearing document and day of the cleared ones."""
    items = items.reset_index(drop=True)
    keys = list(zip(items["entity"], items["item_id"], strict=True))
    number = pd.Series([numbers.of_item[key][0] for key in keys], dtype="str")
    year = pd.Series([numbers.of_item[key][1] for key in keys], dtype="str")
    reverses = [numbers.of_item.get((e, r)) for e, r in zip(items["entity"], items["reverses"], strict=True)]
    undone = {
        (entity, str(back)): numbers.of_item[entity, item]
        for entity, item, back in zip(items["entity"], items["item_id"], items["reverses"], strict=True)
        if isinstance(back, str)
    }
    partner = [there or undone.get(key) for there, key in zip(reverses, keys, strict=True)]
    entered, at = clock(items["entered_at"])
    books = items["entity"].map(functional)
    head = pd.DataFrame({
        "MANDT": CLIENT, "BUKRS": items["entity"], "BELNR": number, "GJAHR": year,
        "BLART": items["item_type"].map(BLART), "BLDAT": day(items["effective_date"]),
        "BUDAT": day(items["posting_date"]), "CPUDT": entered, "CPUTM": at, "USNAM": text(items["user"]),
        "XBLNR": items["document_no"], "BKTXT": text(items["reason"]), "WAERS": items["currency"],
        "HWAER": books, "KURSF": text(items["rate"]), "BSTAT": "", "GRPID": text(items["batch_id"]),
        "STBLG": [two[0] if two else "" for two in partner], "STJAH": [two[1] if two else "0000" for two in partner],
        "XREVERSAL": ["2" if there else "1" if two else "" for there, two in zip(reverses, partner, strict=True)],
        "XREF1_HD": text(items["authorised_by"].where(items["rescheduled_on"].isna())),
        "XREF2_HD": text(items["delivery_no"]), "VATDATE": day(items["delivery_date"]), "AWKEY": "",
    })  # fmt: skip
    lines = _lines(items, number, year, books, numbers, groups)
    counter = lines.assign(
        BUZEI="002", KOART="S", SHKZG=lines["SHKZG"].map({"S": "H", "H": "S"}), KUNNR="", UMSKZ="", REBZG="",
        REBZJ="0000", REBZZ="000", REBZT="", AUGBL="", AUGDT="", AUGCP="", ZFBDT="",
        ZBD1T="0", ZBD2T="0", ZTERM="", HKONT=items["item_type"].map(COUNTER).fillna(REVENUE),
    )  # fmt: skip
    both = pd.concat([lines, counter], ignore_index=True)
    both = both.sort_values(["BUKRS", "BELNR", "BUZEI"], kind="stable", ignore_index=True)
    return head, both, *_changes(items, number, year)


def _lines(
    items: pd.DataFrame,
    number: pd.Series,
    year: pd.Series,
    books: pd.Series,
    numbers: Numbers,
    groups: Mapping[tuple[str, str], tuple[str, pd.Timestamp]],
) -> pd.DataFrame:
    keys = list(zip(items["entity"], items["item_id"], strict=True))
    cleared = [groups.get(key) for key in keys]
    debit = items["amount"] > 0
    replaced: list[Any] = [
        numbers.of_item.get((e, r)) if is_debit else None
        for e, r, is_debit in zip(items["entity"], items["replaces"], debit, strict=True)
    ]
    terms = _terms(items)
    return pd.DataFrame({
        "MANDT": CLIENT, "BUKRS": items["entity"], "BELNR": number, "GJAHR": year, "BUZEI": "001", "KOART": "D",
        "SHKZG": side(items["amount"]), "UMSKZ": items["control_account"].map(SPECIAL).fillna(""),
        "KUNNR": items["customer_id"].fillna(UNKNOWN), "HKONT": items["control_account"],
        "DMBTR": money(items["functional_amount"], books), "WRBTR": money(items["amount"], items["currency"]),
        "WMWST": money(items["tax_amount"].fillna(0), items["currency"]),
        "SKFBT": money(items["discount_base"].fillna(0), items["currency"]), **terms,
        "AUGBL": [one[0] if one else "" for one in cleared],
        "AUGDT": [one[1].strftime("%Y%m%d") if one else "" for one in cleared],
        "AUGCP": [one[1].strftime("%Y%m%d") if one else "" for one in cleared],
        "REBZG": [one[0] if one else "" for one in replaced],
        "REBZJ": [one[1] if one else "0000" for one in replaced],
        "REBZZ": ["001" if one else "000" for one in replaced], "REBZT": ["V" if one else "" for one in replaced],
        "WSKTO": "0", "SKNTO": "0", "PYCUR": "", "PYAMT": "0",
        "ZUONR": items["item_id"], "SGTXT": text(items["text"]), "KIDNO": text(items["purchase_order"]),
        "VBEL2": text(items["order_no"]), "XREF1": text(items["cash_status"]), "XREF2": text(items["sales_rep"]),
        "XREF3": text(items["assigned_to"]), "SEGMENT": text(items["segment"]),
        "ZZPARTNER": text(items["sales_partner"]), "ZZHEDGED": _flag(items["is_hedged"]),
        "ZZSECURED": _flag(items["is_secured"]), "ZZINSURED": _flag(items["is_insured"]),
    })  # fmt: skip


def _flag(values: pd.Series) -> list[str]:
    return ["" if value is pd.NA else "X" if value else "N" for value in values]


def _terms(items: pd.DataFrame) -> dict[str, list[str]]:
    """Baseline date and days: the document's date plus the days of its terms, or the due date itself."""
    made: dict[str, list[str]] = {name: [] for name in ("ZFBDT", "ZBD1T", "ZBD1P", "ZBD2T", "ZBD3T")}
    for due, own, discount, rate in zip(
        items["due_date"], items["document_date"], items["discount_date"], items["discount_rate"], strict=True
    ):
        net = None if pd.isna(due) else (due - own).days
        early = None if pd.isna(discount) else (discount - own).days
        first, second, percent, base = "0", "0", "0", own
        if net is None:
            base = None
        elif early is not None and 0 < early < net:
            first, second, percent = str(early), str(net), f"{100 * float_free(rate)}"
        elif 0 <= net <= 999:
            first = str(net)
        else:
            base = due
        row = ("" if base is None else base.strftime("%Y%m%d"), first, percent, second, "0")
        for name, value in zip(made, row, strict=True):
            made[name].append(value)
    return made


def float_free(rate: object) -> Any:
    """A decimal text as a number that multiplies exactly."""
    from decimal import Decimal

    return Decimal(str(rate)) if isinstance(rate, str) and rate else Decimal(0)


def _changes(items: pd.DataFrame, number: pd.Series, year: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Due dates that were changed, as change documents of the baseline date."""
    mine = items[items["rescheduled_on"].notna()]
    code = [f"{n:010d}" for n in range(1, len(mine) + 1)]
    days = pd.to_timedelta([0] * len(mine), unit="D")
    terms = _terms(mine)
    days = pd.to_timedelta(
        [int(second) or int(first) for first, second in zip(terms["ZBD1T"], terms["ZBD2T"], strict=True)],
        unit="D",
    )
    old = day(mine["original_due_date"] - days)
    head = pd.DataFrame({
        "MANDT": CLIENT, "OBJECTCLAS": "BELEG", "CHANGENR": code, "USERNAME": text(mine["authorised_by"]),
        "UDATE": day(mine["rescheduled_on"]), "UTIME": "120000", "TCODE": "FB02",
    })  # fmt: skip
    key = CLIENT + mine["entity"] + number[mine.index] + year[mine.index] + "001"
    line = pd.DataFrame({
        "MANDT": CLIENT, "OBJECTCLAS": "BELEG", "CHANGENR": code, "TABNAME": "BSEG", "TABKEY": key, "FNAME": "ZFBDT",
        "CHNGIND": "U", "VALUE_NEW": [terms["ZFBDT"][n] for n in range(len(mine))], "VALUE_OLD": old,
    })  # fmt: skip
    return head, line.reset_index(drop=True)
