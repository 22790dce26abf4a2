"""Pictures of cash application: where the money went, why customers paid less, how old unplaced money is. Floor 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from arlib.matching.from_book import Cash
from arlib.money import iso_code, shown, total
from arlib.report.cash_applied import by_place
from arlib.report.cash_facts import PLACE_WORDS, POPULATIONS, CashRun, share
from arlib.report.cash_short import about_words, reason_words, short_of
from arlib.report.model import Chart, ChartKind
from arlib.report.words import counted, money_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from arlib.policy import Scope

AGES = (
    (7, "up to 7 days"),
    (30, "8 to 30 days"),
    (60, "31 to 60 days"),
    (90, "61 to 90 days"),
    (None, "over 90 days"),
)
SHORT_PLACES = {
    "auto": "Applied automatically", "person": "By a person",
    "proposed": "Proposed", "unapplied": "Unapplied", "unidentified": "Unidentified",
    "returned": "Returned", "duplicate": "Duplicate",
}  # fmt: skip


def cash_charts(run: CashRun, receipts: Mapping[Cash, pd.DataFrame], *, scope: Scope) -> tuple[Chart, ...]:
    """Up to three charts, each in the currency that has most of what it shows; the second and third only where there is
    something to show.

    Where the receipts of the period were placed again, money and short payments are theirs: open receipts are what was
    left over. What is not applied is always of the open ones.
    """
    which = run.runs[-1][0]
    more = (_ages(receipts[Cash.OPEN], scope), _short(run, which, scope))
    return (_placed(receipts[which], which, scope), *(chart for chart in more if len(chart.frame)))


def _placed(receipts: pd.DataFrame, which: Cash, scope: Scope) -> Chart:
    code = _most(receipts["currency"], scope)
    rows = by_place({which: receipts})
    mine = rows[rows["currency"].eq(code) & rows["amount"].ne(0)]
    whole, auto = total(mine["amount"]), total(mine.loc[mine["place"].eq("auto"), "amount"])
    of = receipts[receipts["currency"].eq(code)]
    sentence = (
        f"Of {money_text(whole, code)} in {counted(len(of), 'receipt')}, {money_text(auto, code)} "
        f"({share(auto, whole) or '0.0'} %) was applied automatically."
        if len(of)
        else "There is no receipt to place."
    )
    labels = [SHORT_PLACES.get(str(p), PLACE_WORDS.get(str(p), str(p))) for p in mine["place"]]
    return _chart("cash_placed", f"Where the cash went, {iso_code(code)}: {POPULATIONS[which.value]}", sentence, labels,
                  mine["amount"].tolist(), code,
                  ChartKind.MOVEMENTS, "Bars by place")  # fmt: skip


def _ages(receipts: pd.DataFrame, scope: Scope) -> Chart:
    code = _most(receipts["currency"], scope)
    open_ = receipts.assign(waits=receipts["proposed"] + receipts["rest"])
    mine = open_[open_["currency"].eq(code) & open_["waits"].ne(0)]
    amounts, low = [], -(10**9)
    for high, _ in AGES:
        inside = mine["age_days"].gt(low) & (mine["age_days"].le(high) if high is not None else True)
        amounts.append(total(mine.loc[inside, "waits"]))
        low = high if high is not None else low
    old = amounts[-1]
    sentence = (
        f"{money_text(total(mine['waits']), code)} of {counted(len(mine), 'receipt')} is not applied; "
        f"{money_text(old, code)} of it came more than 90 days ago."
        if len(mine)
        else "All cash is applied."
    )
    labels = [text for _, text in AGES] if len(mine) else []
    return _chart("cash_ages", f"Open cash by days since it came, {iso_code(code)}", sentence, labels,
                  amounts if len(mine) else [], code, ChartKind.MOVEMENTS, "Bars by age")  # fmt: skip


def _short(run: CashRun, which: Cash, scope: Scope) -> Chart:
    rows, lines = (frame[frame["population"].eq(which.value)] for frame in short_of(run))
    code = _most(lines["currency"], scope)
    mine = rows[rows["currency"].eq(code)]
    amount = mine["settled"] + mine["left_open"]
    words = reason_words(run)
    sentence = (
        f"Customers paid {money_text(total(amount), code)} less than was open on "
        f"{counted(int(total(mine['lines'])), 'line')}; {money_text(total(mine['left_open']), code)} of it stays open."
        if len(mine)
        else "No item was paid short."
    )
    about = about_words(name for name in mine["about"].dropna() if name != "undefined")
    labels = [
        f"{words[str(reason)]}: {about[code]}" if code in about else words[str(reason)]
        for reason, code in zip(mine["reason"], mine["about"], strict=True)
    ]
    order = sorted(range(len(labels)), key=lambda at: (-abs(int(amount.iloc[at])), labels[at]))
    title = f"Short payments by reason, {iso_code(code)}: {POPULATIONS[which.value]}"
    return _chart("short_payments", title, sentence, [labels[at] for at in order],
                  [int(amount.iloc[at]) for at in order], code, ChartKind.MOVEMENTS, "Bars by reason")  # fmt: skip


def _chart(
    name: str,
    title: str,
    sentence: str,
    labels: Sequence[str],
    amounts: Sequence[int],
    code: str,
    kind: ChartKind,
    lead: str,
) -> Chart:
    frame = pd.DataFrame(
        {"label": pd.Series(list(labels), dtype="str"), "amount": pd.Series(list(amounts), dtype="Int64")}
    )
    told = "; ".join(
        f"{label} {shown(int(minor), code)}" for label, minor in zip(labels, amounts, strict=True)
    )
    alt = f"{lead}: {told}. {sentence}" if told else sentence
    return Chart(name=name, title=title, sentence=sentence, alt=alt, kind=kind, frame=frame, currency=code)


def _most(currencies: pd.Series, scope: Scope) -> str:
    found = currencies.mode()
    return str(found.iloc[0]) if len(found) else scope.functional_currency
