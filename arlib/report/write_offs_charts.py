"""The charts of the write-offs report, each with its sentence. Floor 3: data, nothing is drawn here."""

from __future__ import annotations

import pandas as pd

from arlib.calendar import add_months
from arlib.credit.write_off.month import WriteOffs
from arlib.money import iso_code, total
from arlib.policy import Scope
from arlib.report.model import Chart, ChartKind
from arlib.report.tables import in_words
from arlib.report.words import amount_text, counted, money_text

MONTHS = 12


def charts(found: WriteOffs, *, scope: Scope) -> tuple[Chart, ...]:
    """Proposals and blocks by reason; write-offs and recoveries by month; both in one currency, which is named."""
    return (_by_reason(found, scope), _by_month(found, scope))


def _by_reason(found: WriteOffs, scope: Scope) -> Chart:
    """What is proposed by reason, and what is blocked, in the books' currency where all of it is known in it."""
    both = pd.concat(
        [
            found.proposals.assign(label=found.proposals["reason"].map(in_words)),
            found.blocked.assign(label=found.blocked["reason"].map(in_words) + ", blocked"),
        ],
        ignore_index=True,
    )
    code, column, rows, said = _in_one(both, "amount", "functional_amount", scope)
    sums = rows.groupby("label", sort=True)[column].sum()
    frame = pd.DataFrame(
        {
            "label": pd.Series(sums.index.to_numpy(), dtype="str"),
            "amount": pd.Series(sums.to_numpy(), dtype="Int64"),
        }
    )
    is_blocked = rows["label"].str.endswith(", blocked").to_numpy(dtype=bool)
    whole, stopped = total(rows.loc[~is_blocked, column]), total(rows.loc[is_blocked, column])
    proposed, blocked = int((~is_blocked).sum()), int(is_blocked.sum())
    parts = (
        f"{money_text(whole, code)} in {counted(proposed, 'item')} is proposed"
        if proposed
        else "Nothing is proposed",
        f"{money_text(stopped, code)} in {counted(blocked, 'item')} is blocked"
        if blocked
        else "nothing is blocked",
    )
    sentence = f"{parts[0]} and {parts[1]} ({said})." if len(rows) else f"{parts[0]} and {parts[1]}."
    alt = "Bars by reason: " + "; ".join(
        f"{label} {amount_text(int(amount), code)}"
        for label, amount in zip(frame["label"], frame["amount"], strict=True)
    )
    return Chart(name="proposals", title=f"Proposed and blocked by reason, {iso_code(code)}", sentence=sentence,
                 alt=f"{alt}. {sentence}", kind=ChartKind.MOVEMENTS, frame=frame, currency=code)  # fmt: skip


def _by_month(found: WriteOffs, scope: Scope) -> Chart:
    """Write-offs upwards and recoveries downwards, the last twelve months to the as-of date."""
    first = add_months(scope.as_of.replace(day=1), 1 - MONTHS)
    months = [f"{add_months(first, number):%Y-%m}" for number in range(MONTHS)]
    off = found.flows[~found.flows["is_of_credit"].to_numpy(dtype=bool)]
    parts = pd.concat(
        [
            off.assign(
                series="written off", one=off["amount"], books=off["functional_amount"]
            ),
            found.recoveries.assign(
                series="recovered", one=-found.recoveries["recovered"], books=-found.recoveries["functional_recovered"]
            ),
        ],
        ignore_index=True,
    )  # fmt: skip
    parts = parts.assign(month=parts["date"].dt.strftime("%Y-%m"))
    code, column, rows, said = _in_one(parts[parts["month"].isin(months)], "one", "books", scope)
    sums = rows.groupby(["month", "series"], sort=True)[column].sum()
    frame = pd.DataFrame(
        {
            "label": pd.Series([f"{month} {series}" for month, series in sums.index], dtype="str"),
            "amount": pd.Series(sums.to_numpy(), dtype="Int64"),
        }
    )
    lost = total(rows.loc[rows["series"].eq("written off"), column])
    back = -total(rows.loc[rows["series"].eq("recovered"), column])
    sentence = (
        f"In the {MONTHS} months to {months[-1]}, {money_text(lost, code)} was written off and {money_text(back, code)} "
        f"came back ({said})."
        if len(rows)
        else f"Nothing was written off and nothing came back in the {MONTHS} months to {months[-1]}."
    )
    alt = "Bars by month, write-offs to the right and recoveries to the left: " + "; ".join(
        f"{label} {amount_text(int(amount), code)}"
        for label, amount in zip(frame["label"], frame["amount"], strict=True)
    )
    return Chart(name="months", title=f"Write-offs and recoveries by month, {iso_code(code)}", sentence=sentence,
                 alt=f"{alt}. {sentence}", kind=ChartKind.MOVEMENTS, frame=frame, currency=code)  # fmt: skip


def _in_one(rows: pd.DataFrame, own: str, books: str, scope: Scope) -> tuple[str, str, pd.DataFrame, str]:
    """Currency, column, rows and words: the books' where every amount is known in it, else the commonest document currency."""
    if not rows[books].isna().any():
        said = "all currencies at booking rates" if len(set(rows["currency"])) > 1 else "carrying amounts"
        return scope.functional_currency, books, rows, said
    code = str(rows["currency"].mode().iloc[0])
    return code, own, rows[rows["currency"].eq(code)], f"items in {iso_code(code)} only"
