"""Applications of the sample as SAP holds them: clearing groups where whole documents settle each other, transfer
postings everywhere else. Floor 2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from arlib.sources.sample.as_sap_items import CLIENT, SPECIAL, UNKNOWN, Numbers, clock, day, money, text
from arlib.tables.choices import ApplicationKind

KINDS = {
    kind.value: f"A{place}" if place < 10 else f"B{place - 10}" for place, kind in enumerate(ApplicationKind)
}
GROUPED = ("payment", "credit_memo")
DISCOUNT, EXCHANGE = "480000", "485000"  # expense accounts of the counter lines
FIRST_CLEARING, FIRST_TRANSFER = 2_000_000_001, 100_000_001

Key = tuple[str, str]


def cleared_by(
    items: pd.DataFrame, applications: pd.DataFrame, functional: Mapping[str, str]
) -> dict[Key, tuple[str, pd.Timestamp]]:
    """Clearing document and day of every item that is cleared in a group, by entity and item.

    A group is all documents that applications connect, where each is settled whole, all were applied at one time
    on one day and account in one currency, without discount or exchange difference. In a foreign currency a
    group has one pair only, since SAP does not keep the parts of a carrying amount.
    """
    root: dict[Key, Key] = {}

    def find(key: Key) -> Key:
        while root.setdefault(key, key) != key:
            key = root[key]
        return key

    for entity, source, target in zip(
        applications["entity"], applications["source_item_id"], applications["target_item_id"], strict=True
    ):
        root[find((entity, source))] = find((entity, target))
    rows: dict[Key, list[dict[str, object]]] = defaultdict(list)
    for row in applications.to_dict("records"):
        rows[find((str(row["entity"]), str(row["source_item_id"])))].append(
            {str(k): v for k, v in row.items()}
        )
    about = {(str(row["entity"]), str(row["item_id"])): row for row in items.to_dict("records")}
    made: dict[Key, tuple[str, pd.Timestamp]] = {}
    counts: dict[str, int] = defaultdict(int)
    for key in sorted(rows):
        group = rows[key]
        members = sorted(
            {(key[0], str(row[f"{side}_item_id"])) for row in group for side in ("source", "target")}
        )
        if _is_group(group, [about[one] for one in members], functional[key[0]]):
            number = f"{FIRST_CLEARING + counts[key[0]]:010d}"
            counts[key[0]] += 1
            made |= {one: (number, pd.Timestamp(str(group[0]["posting_date"]))) for one in members}
    return made


def _is_group(group: list[dict[str, object]], members: list[dict[object, object]], books: str) -> bool:
    first = group[0]
    for row in group:
        same = all(
            row[name] == first[name]
            for name in ("posting_date", "entered_at", "user", "target_currency", "source_currency")
        )
        plain = row["kind"] in GROUPED and not isinstance(row["reverses"], str)
        if not (same and plain and row["effective_date"] == row["posting_date"]):
            return False
        if row["discount"] or row["discount_functional_amount"] or row["realised_fx"]:
            return False
    if (
        first["source_currency"] != first["target_currency"]
        or len({one["control_account"] for one in members}) > 1
    ):
        return False
    if first["target_currency"] != books and len(group) > 1:
        return False
    if any(isinstance(one["reverses"], str) for one in members):
        return False
    left = {str(one["item_id"]): int(str(one["amount"])) for one in members}
    for row in group:
        left[str(row["target_item_id"])] -= int(str(row["target_amount"]))
        left[str(row["source_item_id"])] += int(str(row["source_amount"]))
    return not any(left.values())


def application_documents(
    items: pd.DataFrame,
    applications: pd.DataFrame,
    numbers: Numbers,
    groups: Mapping[Key, tuple[str, pd.Timestamp]],
    functional: Mapping[str, str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """BKPF and BSEG of the transfer postings, and BKPF of the clearing documents, which have no lines."""
    ordered = applications.sort_values(["entity", "application_id"], kind="stable", ignore_index=True)
    clearing = pd.Series(
        [
            groups.get((e, i), ("", None))[0]
            for e, i in zip(ordered["entity"], ordered["target_item_id"], strict=True)
        ],
        dtype="str",
    )
    grouped = clearing.ne("")
    cleared = ordered[grouped].assign(number=clearing[grouped]).drop_duplicates(["entity", "number"])
    moved = ordered[~grouped].reset_index(drop=True)
    moved = moved.assign(number=numbers.range(moved["entity"], FIRST_TRANSFER))
    heads = pd.concat(
        [_heads(cleared, functional, numbered=False), _heads(moved, functional, numbered=True)],
        ignore_index=True,
    )
    return heads, _lines(moved, items, numbers, functional)


def _heads(rows: pd.DataFrame, functional: Mapping[str, str], *, numbered: bool) -> pd.DataFrame:
    entered, at = clock(rows["entered_at"])
    year = rows["posting_date"].dt.strftime("%Y")
    own = dict(
        zip(
            zip(rows["entity"], rows["application_id"], strict=True),
            zip(rows["number"], year, strict=True),
            strict=True,
        )
    )
    back = [own.get((e, r)) for e, r in zip(rows["entity"], rows["reverses"], strict=True)]
    undone = {
        (e, str(r)): own[e, a]
        for e, a, r in zip(rows["entity"], rows["application_id"], rows["reverses"], strict=True)
        if isinstance(r, str)
    }
    partner = [
        there or undone.get((e, a))
        for there, e, a in zip(back, rows["entity"], rows["application_id"], strict=True)
    ]
    return pd.DataFrame({
        "MANDT": CLIENT, "BUKRS": rows["entity"], "BELNR": rows["number"], "GJAHR": year,
        "BLART": rows["kind"].map(KINDS) if numbered else "AB", "BLDAT": day(rows["effective_date"]),
        "BUDAT": day(rows["posting_date"]), "CPUDT": entered, "CPUTM": at, "USNAM": text(rows["user"]),
        "XBLNR": rows["application_id"] if numbered else "", "BKTXT": rows["reason"] if numbered else "",
        "WAERS": rows["target_currency"], "HWAER": rows["entity"].map(functional),
        "BSTAT": "" if numbered else "A", "GRPID": "",
        "STBLG": [two[0] if two else "" for two in partner], "STJAH": [two[1] if two else "0000" for two in partner],
        "XREVERSAL": ["2" if there else "1" if two else "" for there, two in zip(back, partner, strict=True)],
        "AWKEY": "",
    })  # fmt: skip


def _lines(
    rows: pd.DataFrame, items: pd.DataFrame, numbers: Numbers, functional: Mapping[str, str]
) -> pd.DataFrame:
    """The leg that takes from the credit, the leg that settles the debit, and their counter lines."""
    about = items.set_index(pd.Index(items["entity"] + "/" + items["item_id"]))
    books = rows["entity"].map(functional)
    is_back = rows["source_amount"] < 0
    debit, credit = (
        pd.Series(["H" if b != flip else "S" for b in is_back], dtype="str") for flip in (False, True)
    )
    cross = rows["source_currency"].ne(rows["target_currency"])
    discount, its_books = rows["discount"].fillna(0), rows["discount_functional_amount"].fillna(0)
    own = rows["source_amount"].where(~cross, rows["target_amount"])
    source = _leg(rows, "source", about, numbers).assign(
        BUZEI="001", SHKZG=debit, WRBTR=money(own, rows["target_currency"]),
        DMBTR=money(rows["source_functional_amount"], books), WSKTO="0", SKNTO="0",
        PYCUR=rows["source_currency"].where(cross, ""),
        PYAMT=money(rows["source_amount"], rows["source_currency"]).where(cross, "0"),
    )  # fmt: skip
    target = _leg(rows, "target", about, numbers).assign(
        BUZEI="002", SHKZG=credit, WRBTR=money(rows["target_amount"] + discount, rows["target_currency"]),
        DMBTR=money(rows["target_functional_amount"] + its_books, books), WSKTO=money(discount, rows["target_currency"]),
        SKNTO=money(its_books, books), PYCUR="", PYAMT="0",
    )  # fmt: skip
    blank = dict.fromkeys(("KUNNR", "UMSKZ", "REBZG", "REBZT", "PYCUR"), "")
    counter = target.assign(KOART="S", REBZJ="0000", REBZZ="000", WSKTO="0", SKNTO="0", **blank)
    given = counter.assign(
        BUZEI="003",
        HKONT=DISCOUNT,
        SHKZG=debit,
        WRBTR=money(discount, rows["target_currency"]),
        DMBTR=money(its_books, books),
    )
    loss = rows["target_functional_amount"] - rows["source_functional_amount"]
    exchange = counter.assign(
        BUZEI="004", HKONT=EXCHANGE, SHKZG=["H" if value < 0 else "S" for value in loss], WRBTR="0",
        DMBTR=money(loss, books),
    )  # fmt: skip
    has_discount = (discount.ne(0) | its_books.ne(0)).to_numpy(dtype=bool)
    parts = [source, target, given[has_discount], exchange[loss.ne(0).to_numpy(dtype=bool)]]
    made = pd.concat(parts, ignore_index=True)
    return made.sort_values(["BUKRS", "BELNR", "BUZEI"], kind="stable", ignore_index=True)


def _leg(rows: pd.DataFrame, side: str, about: pd.DataFrame, numbers: Numbers) -> pd.DataFrame:
    """A customer line that names the document on one side of each application."""
    keys = list(zip(rows["entity"], rows[f"{side}_item_id"], strict=True))
    there = about.loc[(rows["entity"] + "/" + rows[f"{side}_item_id"]).tolist()].reset_index(drop=True)
    named = [numbers.of_item[key] for key in keys]
    return pd.DataFrame({
        "MANDT": CLIENT, "BUKRS": rows["entity"], "BELNR": rows["number"],
        "GJAHR": rows["posting_date"].dt.strftime("%Y"), "KOART": "D",
        "UMSKZ": there["control_account"].map(SPECIAL).fillna(""), "KUNNR": there["customer_id"].fillna(UNKNOWN),
        "HKONT": there["control_account"], "REBZG": [one[0] for one in named], "REBZJ": [one[1] for one in named],
        "REBZZ": "001", "REBZT": "Z", "AUGBL": "", "AUGDT": "", "AUGCP": "", "ZFBDT": "",
        "ZBD1T": "0", "ZBD2T": "0", "ZBD3T": "0",
    })  # fmt: skip
