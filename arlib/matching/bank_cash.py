"""Cash straight from the bank, and advices that name a payment and no receipt. Floor 1."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from arlib.ledger.facts import of_entity
from arlib.matching.frames import MATCH_RECEIPTS

if TYPE_CHECKING:
    from arlib.tables import Book

BANK_CASH = ("receipt", "return")  # kinds of bank lines that a customer's money has
OF_BANK = ("bank_account", "bank_line_id", "detail_no")
FROM_BELOW = ("payer_name", "payer_account", "remittance_text", "reference", "return_code")
SHORTEST = 5  # letters and digits that a payment reference needs to tell one payment from others
EARLY_DAYS, LATE_DAYS = 10, 5  # an advice comes up to so long before the money, or after it
FAR_DAYS = 60  # one whose reference the money bears, such as a cheque's number

_PLAIN = re.compile(r"[^0-9A-Z]")


def bank_cash(book: Book, *, entity: str) -> pd.DataFrame:
    """Customers' money as the bank booked it, a bank line being its own receipt: the columns of MATCH_RECEIPTS, and
    bank_account, bank_line_id and detail_no (empty for a whole line).

    A line whose details add up to it is that many receipts, LINE/1, LINE/2 ...: a day's cheques or a batch booked as
    one. Other lines stay whole. Lines that do not concern receivables are left out.
    """
    lines = of_entity(book["bank_lines"], entity)
    lines = lines[lines["kind"].isin(BANK_CASH) & lines["is_receivable"].fillna(True).astype(bool)]
    ids = lines["bank_line_id"]
    twice = ids.duplicated(keep=False)
    rows = lines.assign(
        receipt_id=ids.where(~twice, lines["bank_account"] + "/" + ids),
        value_date=lines["value_date"].fillna(lines["booking_date"]),
        entity=entity,
    )
    rows["detail_no"] = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    rows = _returned(_divided(rows, of_entity(book["bank_line_details"], entity)))
    return (
        rows[rows["amount"].ne(0)].reindex(columns=[*MATCH_RECEIPTS.names, *OF_BANK]).reset_index(drop=True)
    )


def _returned(rows: pd.DataFrame) -> pd.DataFrame:
    """The lines, returns with the receipt that they return where the bank's reference of the original names one."""
    is_back = rows["kind"].eq("return").to_numpy(dtype=bool)
    if not is_back.any():
        return rows
    known: dict[str, set[str]] = {}
    came = rows[~is_back]
    for name in ("bank_reference", "end_to_end_id"):
        for reference, receipt in zip(came[name].fillna(""), came["receipt_id"], strict=True):
            if reference:
                known.setdefault(reference, set()).add(receipt)
    stated = [
        next(iter(found)) if back and len(found := known.get(reference, set())) == 1 else own
        for back, reference, own in zip(
            is_back, rows["reference"].fillna(""), rows["return_of"].fillna(""), strict=True
        )
    ]
    return rows.assign(return_of=pd.Series(stated, index=rows.index, dtype="str"))


def _divided(rows: pd.DataFrame, details: pd.DataFrame) -> pd.DataFrame:
    """The lines, those whose details add up to them replaced by these."""
    key = ["bank_account", "bank_line_id"]
    if details.empty or rows.empty:
        return rows
    sums = details.groupby([*key, "currency"])["amount"].sum()
    whole = sums.reindex(pd.MultiIndex.from_frame(rows[[*key, "currency"]])).set_axis(rows.index)
    several = details.groupby(key)["currency"].nunique()
    mixed = several.reindex(pd.MultiIndex.from_frame(rows[key])).set_axis(rows.index).gt(1).fillna(False)
    whole = whole.mask(mixed.astype(bool))  # what is in two currencies adds up to nothing
    is_divided = whole.eq(rows["amount"]).fillna(False).to_numpy(dtype=bool)
    if not is_divided.any():
        return rows
    beside = rows.loc[is_divided].drop(columns=["currency", "amount", "detail_no"])
    parts = details.merge(beside, on=key, suffixes=("", "_line"))
    parts = parts.sort_values([*key, "detail_no"], kind="stable")
    for name in FROM_BELOW:
        own = parts[name]
        parts[name] = own.where(own.notna() & own.ne(""), parts[f"{name}_line"])
    is_alone = ~parts["receipt_id"].duplicated(keep=False)
    numbered = parts["receipt_id"] + "/" + parts["detail_no"].astype("str")
    parts["receipt_id"] = parts["receipt_id"].where(is_alone, numbered)
    parts["return_of"] = ""  # the bank's reference of the original is no receipt of ours
    return pd.concat([rows.loc[~is_divided], parts[list(rows.columns)]], ignore_index=True)


def explained(book: Book, cash: pd.DataFrame, *, entity: str) -> pd.DataFrame:
    """The entity's REMITTANCES; those that name a payment and no receipt get it, where it is certain.

    `cash` has the columns that `bank_cash` gives. An advice that came in the bank's file belongs to its line, or to the
    detail of it. Another belongs to the one receipt of its amount whose texts have the payment's reference as words of
    their own, up to 60 days after it; else to the
    only receipt of its amount between 10 days after and 5 days before its date, if no other advice could mean that one.
    The rest stays without.
    """
    lines = of_entity(book["remittances"], entity)
    loose = lines["receipt_id"].isna() | lines["receipt_id"].eq("")
    if not loose.any() or cash.empty:
        return lines
    lines = lines.copy()
    found = _by_line(lines[loose], cash)
    rest = lines[loose & ~lines.index.isin(found.index)]
    lines["receipt_id"] = lines["receipt_id"].where(~loose, pd.concat([found, _by_payment(rest, cash)]))
    return lines


def _by_line(lines: pd.DataFrame, cash: pd.DataFrame) -> pd.Series:
    """Receipts of advices that the bank's own file carried."""
    known: dict[tuple[object, ...], str] = {}
    for account, line, detail, receipt in zip(
        cash["bank_account"], cash["bank_line_id"], cash["detail_no"], cash["receipt_id"], strict=True
    ):
        known[account, line, None if pd.isna(detail) else int(detail)] = receipt
    made: dict[object, str] = {}
    columns = zip(lines.index, lines["bank_account"], lines["bank_line_id"], lines["detail_no"], strict=True)
    for at, account, line, detail in columns:
        part = None if pd.isna(detail) else int(detail)
        receipt = known.get((account, line, part)) or known.get((account, line, None))
        if receipt is not None and isinstance(line, str) and line:
            made[at] = receipt
    return pd.Series(made, dtype="str")


def _by_payment(lines: pd.DataFrame, cash: pd.DataFrame) -> pd.Series:
    """Receipts of advices by their payment's reference, or by amount and date alone where nothing else could be meant."""
    payment = ["payment_reference", "payment_date", "currency", "payment_amount", "payer_name"]
    told = lines[lines["payment_amount"].notna() & lines["payment_amount"].ne(0)]
    made: dict[object, str] = {}
    if told.empty:
        return pd.Series(made, dtype="str")
    by_amount: dict[tuple[object, int], list[int]] = {}
    for place, (currency, amount) in enumerate(zip(cash["currency"], cash["amount"], strict=True)):
        by_amount.setdefault((currency, int(amount)), []).append(place)
    texts = [
        f"{reference or ''} {text or ''}".upper()
        for reference, text in zip(
            cash["reference"].fillna(""), cash["remittance_text"].fillna(""), strict=True
        )
    ]
    days = cash["value_date"].to_numpy("datetime64[D]")
    wanted: dict[int, list[list[object]]] = {}
    for facts, group in told.groupby(payment, dropna=False, sort=True):
        reference, date, currency, amount, _ = tuple(facts)
        near = by_amount.get((currency, int(str(amount))), [])
        plain = _PLAIN.sub("", str(reference or "").upper()) if isinstance(reference, str) else ""
        pattern = _whole_words(plain) if len(plain) >= SHORTEST else None
        named = [
            at for at in near if pattern and pattern.search(texts[at]) and _is_near(days[at], date, FAR_DAYS)
        ]
        at_hand = named or [at for at in near if _is_near(days[at], date, EARLY_DAYS)]
        if len(at_hand) == 1:
            wanted.setdefault(at_hand[0], []).append(list(group.index))
    for place, groups in wanted.items():
        if len(groups) == 1:
            made |= dict.fromkeys(groups[0], str(cash["receipt_id"].iloc[place]))
    return pd.Series(made, dtype="str")


def _whole_words(plain: str) -> re.Pattern[str]:
    """The reference as words of their own, whatever stands between its letters and digits."""
    return re.compile(r"(?<![0-9A-Z])" + r"[^0-9A-Z]{0,3}".join(plain) + r"(?![0-9A-Z])")


def _is_near(day: object, told: object, early_days: int) -> bool:
    if pd.isna(told) or pd.isna(day):  # type: ignore[call-overload]
        return early_days == FAR_DAYS  # a reference may come without a date; an amount alone may not
    apart = (pd.Timestamp(day) - pd.Timestamp(told)).days  # type: ignore[arg-type]
    return -LATE_DAYS <= apart <= early_days
