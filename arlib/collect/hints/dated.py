"""Documents whose date is about a year from the day on which they were posted: perhaps the year is wrong. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from arlib.collect.hints.desk import Case
from arlib.collect.hints.frames import Confidence, HintKind
from arlib.credit.write_off.words import day, money
from arlib.tables.choices import ItemType
from arlib.tables.rows import Row, records, text, whole

BILLED = (ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value)
YEAR, MONTH = 365, 31  # a wrong year is a year off, and as many days as documents are commonly posted late


def a_year_off(case: Case) -> pd.DataFrame:
    """Open invoices and debit memos dated a year before or after they were posted, a month more or less, both ends in.

    Columns of the position, with document_date, posted_on, and is_delivered_then: goods or service are of the day of the
    posting as well, and so speak against the date. What was never posted by day says nothing.
    """
    open_ = case.own(case.position.debits)
    open_ = open_[open_["item_type"].isin(BILLED).to_numpy(dtype=bool)].drop_duplicates("item_id")
    if open_.empty:
        return open_.assign(posted_on=pd.to_datetime([]), is_delivered_then=False)
    items = case.items.set_index("item_id").reindex(open_["item_id"])
    dated, posted = items["document_date"], items["posting_date"]
    served = items["delivery_date"].fillna(items["service_to"])
    made = open_.assign(
        document_date=dated.to_numpy(), posted_on=posted.to_numpy(), is_delivered_then=_is_year(served - dated).to_numpy()
    )  # fmt: skip
    return made[_is_year(posted - dated).to_numpy()]


def _is_year(gap: pd.Series) -> pd.Series:
    days = gap.dt.days.abs()
    found: pd.Series = np.abs(days - YEAR).le(MONTH).fillna(False).astype(bool)
    return found


def dated(case: Case, rows: pd.DataFrame) -> Iterator[Row]:
    """A hint for each of `a_year_off`."""
    for row in records(rows):
        number, wrong, posted = text(row["document_no"]), day(row["document_date"]), day(row["posted_on"])
        served = ", when what it bills was delivered" if row["is_delivered_then"] else ""
        yield case.row(
            HintKind.DOCUMENT_DATE, customer=row["customer_id"], documents=[number], currency=row["currency"],
            amount=whole(row["outstanding"]), item=row["item_id"], evidence=(row["item_id"],), team="billing",
            sentence=f"{number}, {money(whole(row['outstanding']), row['currency'])}: document date {wrong}, entered "
            f"{posted}{served}, a year apart",
            next_step="is the year right? Look at the document; where it is wrong, correct the date and the due date "
            f"({day(row['due_date']) or 'none'}) before anybody asks for it",
            confidence=Confidence.LIKELY if row["is_delivered_then"] else Confidence.POSSIBLE,
        )  # fmt: skip
