"""Declared tables of performance figures. Floor 1."""

from __future__ import annotations

from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


def _money(name: str, meaning: str) -> Column:
    return Column(name, M, meaning, currency="currency")


KPI_MONTHS = Table("kpi_months", "the figures of a month that KPIs are made from", ("measure", "currency", "month"), (
    Column("measure", T, "functional: the books' currency, at booking rates; document: one document currency by itself", True),
    Column("currency", T, "currency of the amounts", True),
    Column("month", T, "calendar month, e.g. 2026-10", True),
    Column("starts_on", D, "first day", True),
    Column("ends_on", D, "last day; of the last month the as-of date", True),
    Column("days", N, "days", True),
    _money("billed", "invoices and debit memos, with freight and tax; empty where the month is not known"),
    _money("credit_memos", "credit memos, negative"),
    _money("sales", "credit sales, as the policy has them"),
    _money("total", "receivables at the end, with credits and cash not applied"),
    _money("current", "of them debits not yet due"),
    _money("over_90", "of them debits more than 90 days past the original due date"),
    _money("unapplied", "open cash at the end, as a positive amount"),
    _money("receipts", "received in the month, less what was returned or refunded of it by its end"),
    _money("applied", "of the receipts, applied by the end of the month"),
    _money("returned", "of the money received in the month, returned or refunded by its end"),
    _money("collected", "cash documents of the month, returns taken off"),
    _money("written_off", "write-offs less recoveries"),
    _money("disputed", "amount of the disputes opened; empty where one has no amount in the currency"),
    Column("invoices", N, "invoices billed"),
    Column("disputes_opened", N, "disputes opened"),
    Column("disputes_closed", N, "disputes closed"),
    Column("dispute_days", N, "days from opening to closing, of those closed"),
    Column("unknown_items", N, "documents without an amount in the books' currency"),
))  # fmt: skip

KPI_VALUES = Table(
    "kpi_values", "a figure by one convention of one month", ("measure", "currency", "period", "kpi", "convention"), (
    Column("kpi", T, "which figure", True),
    Column("convention", T, "by which convention", True),
    Column("measure", T, "functional or document", True),
    Column("currency", T, "currency of the amounts behind it", True),
    Column("period", T, "month that it is of", True),
    Column("value", R, "value, decimal text; empty where it cannot be computed", may_be_zero=True),
    Column("unit", T, "days, percent or times a year", True),
    Column("numerator", M, "amount divided", currency="currency"),
    Column("denominator", M, "amount divided by", currency="currency"),
    Column("n", N, "cases, where cases are counted and not amounts: the larger number"),
    Column("why", T, "why it cannot be computed, or what it leaves out"),
    Column("formula", T, "the convention in words", True),
    Column("source", T, "who defines it so", True),
    Column("is_headline", F, "the convention that leads", True),
    Column("higher_is_better", F, "whether more is better", True),
))  # fmt: skip

KPI_TREND = Table(
    "kpi_trend", "a figure by one convention, this month and before", ("measure", "currency", "kpi", "convention"), (
    Column("kpi", T, "which figure", True),
    Column("convention", T, "by which convention", True),
    Column("measure", T, "functional or document", True),
    Column("currency", T, "currency of the amounts behind it", True),
    Column("period", T, "month", True),
    Column("unit", T, "days, percent or times a year", True),
    Column("value", R, "value of the month", may_be_zero=True),
    Column("previous", R, "value of the month before", may_be_zero=True),
    Column("change", R, "value less previous", may_be_zero=True),
    Column("usual_change", R, "mean size of the monthly changes before", may_be_zero=True),
    Column("year_before", R, "value of the same month last year", may_be_zero=True),
    Column("year_change", R, "value less that of last year", may_be_zero=True),
    Column("months", N, "months with a value", True),
    Column("direction", T, "better, worse or within the usual monthly change", True),
    Column("run", T, "that the value moved one way for several months running; empty where it did not"),
    Column("caveat", T, "what the comparison cannot tell"),
))  # fmt: skip

SEASON = Table("season", "a month's credit sales beside the usual month", ("measure", "currency", "month"), (
    Column("measure", T, "functional or document", True),
    Column("currency", T, "currency", True),
    Column("month", T, "month", True),
    Column("sales", M, "credit sales", True, currency="currency"),
    Column("year_before", M, "credit sales of the same month last year", currency="currency"),
    Column("year_change", R, "change to last year, percent", may_be_zero=True),
    Column("index", R, "sales ÷ the mean month of those shown, percent; where there is no month of last year", may_be_zero=True),
    Column("caveat", T, "what the figure cannot tell"),
))  # fmt: skip

KPI_ITEMS = Table("kpi_items", "a document behind the figures of the last month", ("part", "reference"), (
    Column("part", T, "receivables, sales, receipts, bad debt, disputes or promises", True),
    Column("reference", T, "item, application, dispute or promise", True, is_key=True),
    Column("document_no", T, "document number that people quote", is_key=True),
    Column("customer_id", T, "customer code", is_key=True),
    Column("item_type", T, "what it is"),
    Column("date", D, "date that puts it into the month"),
    Column("due_date", D, "due date, or day promised"),
    Column("days", N, "days past due, or days that a dispute was open"),
    Column("place", T, "where it stands: current, past due, over 90, credit; applied or open; kept or broken"),
    Column("currency", T, "document currency", True),
    Column("amount", M, "amount that counts", True, currency="currency"),
    Column("books_amount", M, "the same in the books' currency, at booking rates", currency="functional"),
))  # fmt: skip

PAST_DUE_BRIDGE = Table("past_due_bridge", "a step from what was past due at the start of the month to what is at its end", ("line_no",), (
    Column("line_no", N, "1, 2, 3 ...", True),
    Column("line", T, "what happened", True),
    Column("items", N, "documents", True),
    Column("currency", T, "the books' currency", True),
    Column("amount", M, "amount at booking rates; what lowers past due is negative", True, currency="currency"),
    Column("is_total", F, "a balance, not a step", True),
    Column("documents", T, "the largest documents of a step that no settlement explains"),
))  # fmt: skip
