"""Invoices and debit memos on the wrong side of a date: delivered on one side, booked on the other. Floor 1."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from arlib.audit.cut_off.frames import Grade
from arlib.audit.cut_off.tested import Test
from arlib.audit.options.cut_off import CutOffOptions
from arlib.money import iso_code, shown, times
from arlib.policy import Scope
from arlib.tables.choices import ItemType

BILLS = (ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value)
_FEWEST = 30  # documents with a delivery date that a usual lag is read from

_KEPT = (
    "entity",
    "document_no",
    "item_id",
    "item_type",
    "customer_id",
    "document_date",
    "entered_at",
    "currency",
)

Row = dict[str, Any]


def usual_lag(bills: pd.DataFrame, options: CutOffOptions) -> int | None:
    """Days from delivery to posting that `usual_lag_share` of the bills do not pass; None where fewer than 30 tell.

    Counted over bills booked on or before the date that were delivered on or before their posting, rebills left out: they
    carry an old delivery. The lag itself is usual.
    """
    share = Fraction(options.usual_lag_share)
    first = bills[bills["replaces"].fillna("").eq("") & bills["delivery_date"].notna() & bills["is_before"]]
    lags = np.sort((first["day"] - first["delivery_date"]).dt.days.to_numpy())
    lags = lags[lags >= 0]
    if len(lags) < _FEWEST:
        return None
    at = -(-(share.numerator * len(lags)) // share.denominator)
    return int(lags[max(at, 1) - 1])


def bills_off(
    bills: pd.DataFrame, *, scope: Scope, lag: int | None, batches: pd.Series, booked: pd.Series
) -> list[Row]:
    """Findings on the bills of the window: rows of CUT_OFF without a rank.

    `bills` need the columns of ITEMS, `day` (posting) and `is_before` (booked on or before the date); `batches` gives the
    first posting day of a batch, `booked` the posting day of every item. Delivered on the date itself is before it.
    Where a delivery date is given it decides; else the service period does: wholly on the other side is an exception, across
    the date is explained, with the part by days. A rebill of an invoice that was booked on its side stands for it and is
    explained.
    """
    cut = pd.Timestamp(scope.as_of)
    made: list[Row] = []
    delivered, service_to = bills["delivery_date"], bills["service_to"]
    begins = bills["service_from"].fillna(service_to)
    before = bills["is_before"].to_numpy(dtype=bool)
    has_delivery, has_service = delivered.notna().to_numpy(), service_to.notna().to_numpy()
    early = before & np.where(
        has_delivery, (delivered > cut).to_numpy(), has_service & (begins > cut).to_numpy()
    )
    straddles = ~has_delivery & has_service & (begins <= cut).to_numpy() & (service_to > cut).to_numpy()
    late = ~before & np.where(
        has_delivery, (delivered <= cut).to_numpy(), has_service & (service_to <= cut).to_numpy()
    )
    dated = bills["document_date"].notna().to_numpy()
    printed = bills["document_date"]
    dated_early = ~before & dated & (printed <= cut).to_numpy() & ~late & ~(delivered > cut).to_numpy()
    dated_late = before & dated & (printed > cut).to_numpy() & ~early & ~(delivered <= cut).to_numpy()
    for at in np.flatnonzero(early).tolist():
        made.append(_early(bills.iloc[at], cut))
    for at in np.flatnonzero(late).tolist():
        made.append(_late(bills.iloc[at], cut, lag, booked, batches))
    for at in np.flatnonzero(straddles).tolist():
        made.append(_across(bills.iloc[at], cut))
    for at in np.flatnonzero((dated_early | dated_late) & ~straddles).tolist():
        made.append(_dated(bills.iloc[at], cut, batches))
    return made


def bill_tests(bills: pd.DataFrame) -> list[Test]:
    """The tests of bills, with how many of the window could be tested."""
    shown_by = (bills["delivery_date"].notna() | bills["service_to"].notna()).to_numpy(dtype=bool)
    before = bills["is_before"].to_numpy(dtype=bool)
    why = "the books hold no delivery date, delivery note date or service period of them"
    made = []
    for name, mine, words in (
        (
            "sale_early",
            before,
            "Bills booked on or before the date: delivered, or served in part, on or before it.",
        ),
        ("sale_late", ~before, "Bills booked after the date: delivered and served after it."),
    ):
        tested, lacking = int((mine & shown_by).sum()), int((mine & ~shown_by).sum())
        made.append(Test(name=name, assertion="cut-off, occurrence" if name == "sale_early" else "cut-off, completeness",
                         tested=tested, not_tested=lacking, why_not=why if lacking else "", words=words))  # fmt: skip
    dated = bills["document_date"].notna()
    made.append(Test(name="document_date", assertion="cut-off", tested=int(dated.sum()), not_tested=int((~dated).sum()),
                     why_not="" if dated.all() else "they carry no document date",
                     words="Bills dated on one side of the date and booked on the other."))  # fmt: skip
    return made


def _early(bill: pd.Series, cut: pd.Timestamp) -> Row:
    on = bill["delivery_date"] if pd.notna(bill["delivery_date"]) else bill["service_from"]
    days = (on - cut).days
    how = "delivered" if pd.notna(bill["delivery_date"]) else "service begins"
    return finding(
        bill, test="sale_early", grade=Grade.EXCEPTION, score=70 + min(days, 20), evidence_on=on, sign=-1,
        said=f"booked {bill['day']:%Y-%m-%d}, {how} {on:%Y-%m-%d}, {_days(days)} after the date: a sale of the next period, "
        "unless billed in advance by contract",
    )  # fmt: skip


def _late(bill: pd.Series, cut: pd.Timestamp, lag: int | None, booked: pd.Series, batches: pd.Series) -> Row:
    on = bill["delivery_date"] if pd.notna(bill["delivery_date"]) else bill["service_to"]
    days = (bill["day"] - on).days
    said = f"delivered {on:%Y-%m-%d}, booked {bill['day']:%Y-%m-%d}, {_days(days)} later"
    old = bill["replaces"]
    if isinstance(old, str) and old:
        first = booked.get(old)
        if first is not None and first <= cut:
            said = f"bills again what was booked {first:%Y-%m-%d}: the first bill stands on its side"
            return finding(bill, test="sale_late", grade=Grade.EXPLAINED, score=10, evidence_on=on, sign=0,
                           said=f"{said}; see credits after the date")  # fmt: skip
    if pd.notna(bill["document_date"]) and bill["document_date"] <= cut:
        sent = _sent(bill, cut, batches)
        score = 65 + min(days, 10) + (10 if sent else 0)
        return finding(bill, test="sale_late", grade=Grade.EXCEPTION, score=score, evidence_on=on, sign=1,
                       said=f"{said}, and dated {bill['document_date']:%Y-%m-%d}{sent}: a sale of the period")  # fmt: skip
    if lag is not None and days <= lag:
        return finding(bill, test="sale_late", grade=Grade.USUAL, score=20 + days, evidence_on=on, sign=1,
                       said=f"{said}, within the usual {_days(lag)} from delivery to bill: accrue them as a lot")  # fmt: skip
    usual = f", more than the usual {lag}" if lag is not None else ""
    return finding(bill, test="sale_late", grade=Grade.EXCEPTION, score=65 + min(days - (lag or 0), 20), evidence_on=on, sign=1,
                   said=f"{said}{usual}: a sale of the period")  # fmt: skip


def _across(bill: pd.Series, cut: pd.Timestamp) -> Row:
    begins, ends = bill["service_from"], bill["service_to"]
    begins = ends if pd.isna(begins) else begins
    whole, after = (ends - begins).days + 1, (ends - cut).days
    part = after if bill["is_before"] else whole - after
    net = _net(bill)
    share = times(int(bill["amount"]) if net is None else net, Fraction(part, whole))
    does = "to defer" if bill["is_before"] else "to accrue"
    code = str(bill["currency"])
    said = (
        f"service {begins:%Y-%m-%d} to {ends:%Y-%m-%d} runs across the date: {part} of {whole} days, "
        f"{iso_code(code)} {shown(share, code)}, {does} if that was not done"
    )
    test = "sale_early" if bill["is_before"] else "sale_late"
    return finding(bill, test=test, grade=Grade.EXPLAINED, score=15, evidence_on=ends, sign=0, said=said)


def _dated(bill: pd.Series, cut: pd.Timestamp, batches: pd.Series) -> Row:
    days = abs((bill["day"] - bill["document_date"]).days)
    sign = -1 if bill["is_before"] else 1
    side = "of the next period" if bill["is_before"] else "of the period"
    sent = "" if bill["is_before"] else _sent(bill, cut, batches)
    return finding(
        bill, test="document_date", grade=Grade.EXCEPTION, score=50 + min(days, 20) + (10 if sent else 0),
        evidence_on=bill["document_date"], sign=sign,
        said=f"dated {bill['document_date']:%Y-%m-%d}, booked {bill['day']:%Y-%m-%d}{sent}: a sale {side} by its own date",
    )  # fmt: skip


def _sent(bill: pd.Series, cut: pd.Timestamp, batches: pd.Series) -> str:
    """What its batch adds where others of it were booked on or before the date."""
    day = batches.get(bill["batch_id"]) if isinstance(bill["batch_id"], str) else None
    if day is None or day > cut:
        return ""
    return f", while others of its batch {bill['batch_id']} were booked {day:%Y-%m-%d}"


def finding(
    item: pd.Series, *, test: str, grade: Grade, score: int, evidence_on: object, sign: int, said: str
) -> Row:
    """A row of CUT_OFF about an item: `sign` says whether the balance would rise (1), fall (-1) or stand (0)."""
    net = _net(item)
    return {
        **{name: item[name] for name in _KEPT},
        "test": test, "grade": grade.value, "score": score, "evidence_on": evidence_on, "posting_date": item["day"],
        "evidence_no": item["delivery_no"], "amount": int(item["amount"]), "balance_effect": sign * int(item["amount"]),
        "sales_effect": None if net is None else sign * net, "worth": worth_of(item), "finding": said,
    }  # fmt: skip


def worth_of(item: pd.Series) -> int:
    """The amount by which findings of equal score are ordered: in the books' currency where that is known."""
    return abs(int(item["amount"] if pd.isna(item["functional_amount"]) else item["functional_amount"]))


def _net(item: pd.Series) -> int | None:
    """The amount without tax, None where that is not known."""
    if pd.notna(item["tax_amount"]):
        return int(item["amount"]) - int(item["tax_amount"])
    return int(item["net_amount"]) if pd.notna(item["net_amount"]) else None


def _days(count: int) -> str:
    return f"{count} day{'s' * (count != 1)}"
