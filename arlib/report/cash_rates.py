"""Hit rates of cash application, each by the definition that it is named after, and their trend. Floor 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from arlib.ledger.facts import of_entity
from arlib.matching.from_book import Cash
from arlib.report.cash_facts import POPULATION, WHICH, heads, share, told
from arlib.report.model import ResultTable
from arlib.report.tables import code_words, result_table
from arlib.tables import Column, Kind, Table

if TYPE_CHECKING:
    from arlib.matching.measures import Measures
    from arlib.policy import Scope
    from arlib.tables import Book

T, N, R = Kind.TEXT, Kind.INTEGER, Kind.RATE
LATELY = 6  # earlier runs that the trend of a rate names
PROPOSED = "_proposed"  # a rate that counts proposals beside what is automatic
DEFINITIONS = {
    "envelope": ("Envelope rate", "receipts applied automatically, of all receipts"),
    "line": (
        "Invoice-line rate",
        "item lines applied automatically, of all; a receipt without a proposal is one line",
    ),
    "value": ("Value-weighted rate", "money applied automatically, of the money that came in"),
    "ambiguity": ("Ambiguity rate", "receipts that more than one way explains, of all receipts"),
}
RATE_WORDS = {name: said for name, (said, _) in DEFINITIONS.items()} | {
    f"{name}{PROPOSED}": f"{said} with proposals" for name, (said, _) in DEFINITIONS.items()
}
RATE_HISTORY = Table("rate_history", "a hit rate of a run", ("period", "population", "rate", "currency"), (
    Column("period", T, "period of the run", True),
    POPULATION,
    Column("rate", T, "which rate", True),
    Column("currency", T, "currency of a rate by value; empty for the others"),
    Column("hits", N, "counted in; money in minor units", True),
    Column("of", N, "counted of", True),
    Column("share", R, "hits of all, in percent, rounded down"),
))  # fmt: skip
HIT_RATES = Table("hit_rates", "a hit rate and what it was before", ("population", "rate", "currency"), (
    POPULATION,
    Column("rate", T, "which rate", True),
    Column("currency", T, "currency of a rate by value"),
    Column("share", R, "the rate in percent, rounded down"),
    Column("proposed", R, "applied or proposed, of all, in percent"),
    Column("hits", N, "counted in; empty for money"),
    Column("of", N, "of so many; empty for money"),
    Column("before", R, "the same rate of the last run before"),
    Column("before_period", T, "period of that run"),
    Column("trend", T, "the last rates before, oldest first; empty with fewer than two"),
    Column("definition", T, "what is counted", True),
))  # fmt: skip


def rates_of(measured: Measures, *, scope: Scope, which: Cash) -> pd.DataFrame:
    """The rates of a run by the definitions of `arlib.matching.measures`, none of nothing: RATE_HISTORY."""
    found = [
        ("envelope", "", measured.receipts_auto, measured.receipts),
        ("envelope_proposed", "", measured.receipts_proposed, measured.receipts),
        ("line", "", measured.lines_auto, measured.lines),
        ("line_proposed", "", measured.lines_proposed, measured.lines),
        ("ambiguity", "", measured.receipts_ambiguous, measured.receipts),
    ]
    for code, money in measured.money.items():
        found.append(("value", code, money.applied_auto, money.received))
        found.append(("value_proposed", code, money.applied, money.received))
    rows = [
        {
            "period": scope.period,
            "population": which.value,
            "rate": rate,
            "currency": code,
            "hits": hits,
            "of": of,
            "share": share(hits, of),
        }
        for rate, code, hits, of in found
        if of
    ]
    return RATE_HISTORY.typed(pd.DataFrame(rows)) if rows else RATE_HISTORY.empty()


def rates_before(book: Book, *, scope: Scope) -> pd.DataFrame:
    """The rates of earlier closes that PRIOR_RATES of the book has: RATE_HISTORY, oldest period first."""
    prior = of_entity(book["prior_rates"], scope.entity)
    shares = [share(int(hits), int(of)) for hits, of in zip(prior["hits"], prior["of"], strict=True)]
    made = prior.assign(share=pd.Series(shares, index=prior.index, dtype="str"))
    return RATE_HISTORY.typed(made).sort_values(list(RATE_HISTORY.key), kind="stable", ignore_index=True)


def rates_tables(
    now: pd.DataFrame, earlier: pd.DataFrame | None, *, scope: Scope
) -> tuple[ResultTable, ResultTable]:
    """The rates of this run beside those of the last before it, and all of them run by run.

    `now` and `earlier` are RATE_HISTORY. Only rates of the same kind of receipts are compared; the same period, closed
    again, is not a run before.
    """
    past = RATE_HISTORY.empty() if earlier is None else RATE_HISTORY.typed(earlier)
    past = past[past["period"].ne(scope.period)].fillna({"currency": ""})
    by = ["population", "rate", "currency"]
    last = past.sort_values("period", kind="stable").drop_duplicates(by, keep="last")
    before = last[[*by, "share", "period"]].rename(columns={"share": "before", "period": "before_period"})
    lately = past.sort_values("period", kind="stable").groupby(by)["share"].agg(_trend)
    before = before.merge(lately.rename("trend").reset_index(), on=by, how="left")
    twins = now[now["rate"].str.endswith(PROPOSED)]
    twins = twins.assign(rate=twins["rate"].str.removesuffix(PROPOSED))[[*by, "share"]]
    joined = now[~now["rate"].str.endswith(PROPOSED)].merge(before, on=by, how="left")
    joined = joined.merge(twins.rename(columns={"share": "proposed"}), on=by, how="left")
    joined["definition"] = told(joined["rate"], {name: said for name, (_, said) in DEFINITIONS.items()})
    joined[["hits", "of"]] = joined[["hits", "of"]].mask(joined["rate"].eq("value"))
    order = {name: at for at, name in enumerate(DEFINITIONS)}
    joined = joined.sort_values(by, key=lambda column: column.map(order) if column.name == "rate" else column,
                                kind="stable")  # fmt: skip
    every = pd.concat([past, now], ignore_index=True)
    words = {"population": WHICH, "rate": RATE_WORDS, "currency": code_words(every["currency"])}
    compared = result_table(
        HIT_RATES, HIT_RATES.typed(joined), title="Hit rates, by definition", functional="", words=words, is_ordered=True,
        headings=heads(HIT_RATES, share="Rate, %", proposed="With proposals, %", before="Run before, %",
                       before_period="Its period", trend="Last runs before, %"),
        note="How much was placed without a person, not how much of it was right: that stands by rule.",
    )  # fmt: skip
    trend = result_table(
        RATE_HISTORY, every, title="Hit rates, run by run", functional="",
        words=words, is_detail=True, headings=heads(RATE_HISTORY, share="Share, %"),
        note="Hits and of are minor units of the currency where the rate is by value.",
    )  # fmt: skip
    return compared, trend


def _trend(shares: pd.Series) -> str:
    """The last shares in a line, oldest first: `88.1, 90.4, 91.0`."""
    told = [str(one) for one in shares.tail(LATELY)]
    return ", ".join(told) if len(told) > 1 else ""
