"""Declared tables of the cash forecast. Floor 1. Expected amounts are whole minor units; shares are decimal text."""

from __future__ import annotations

from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.RATE


def _amount(name: str, meaning: str) -> Column:
    return Column(name, M, meaning, currency="currency")


FORECAST_WEEKS = Table("forecast_weeks", "a week of expected receipts", ("currency", "week_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("currency", T, "document currency; of totals the books' currency", True),
    Column("week_no", N, "1 is the first whole ISO week after the as-of date; 0 the rest of the as-of date's own week", True),
    Column("week", T, "ISO week", True),
    Column("week_start", D, "first day", True),
    Column("week_end", D, "last day, a Sunday", True),
    _amount("from_open", "expected of the items open at the as-of date"),
    _amount("from_new", "expected of what is not billed yet"),
    _amount("expected", "both"),
    _amount("low", "lower end of the interval; empty where none could be worked out"),
    _amount("median", "as likely below as above"),
    _amount("high", "upper end of the interval"),
))  # fmt: skip

FORECAST_PLACES = Table("forecast_places", "where the open debits of a currency go", ("currency",), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("currency", T, "document currency", True),
    Column("items", N, "open debits, or due parts of them", True),
    _amount("open", "open debits"),
    _amount("in_weeks", "expected in cash in the weeks shown"),
    _amount("later", "expected in cash after them"),
    _amount("covered", "covered by open credits and cash at hand: brings no new cash"),
    _amount("never", "not expected in cash: credited, written off, insolvent or never paid"),
))  # fmt: skip

FORECAST_CUSTOMERS = Table("forecast_customers", "what a customer is expected to pay, and when", ("currency", "customer_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("customer_id", T, "customer code", True, is_key=True),
    Column("name", T, "name"),
    Column("currency", T, "document currency", True),
    Column("items", N, "open debits, or due parts of them", True),
    _amount("open", "open debits"),
    _amount("in_weeks", "expected in cash in the weeks shown"),
    _amount("later", "expected in cash after them"),
    _amount("covered", "covered by open credits and cash at hand"),
    _amount("never", "not expected in cash"),
    Column("expected_on", D, "day by which half of what is expected in cash has come; empty where that is after the weeks"),
    Column("payments", N, "payments that the habit is taken from", True),
    Column("median_delay", N, "median days from due date to payment; negative before it; empty without payments"),
    Column("words", T, "the habit in words", True),
))  # fmt: skip

FORECAST_ITEMS = Table("forecast_items", "an open debit and when it is expected", ("item_id", "instalment_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("item_id", T, "item identifier", True, is_key=True),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
    Column("customer_id", T, "customer code", is_key=True),
    Column("document_no", T, "document number that people quote", is_key=True),
    Column("currency", T, "document currency", True),
    _amount("outstanding", "what is open"),
    _amount("covered", "of it, covered by open credits and cash at hand"),
    Column("due_date", D, "due date"),
    Column("treatment", T, "habit, promised, plan, disputed, insolvent, covered, no_cash (of a kind that nobody pays)", True),
    Column("expected_on", D, "day by which half of what is expected in cash has come; empty where that is after the weeks"),
    Column("expected_week", T, "its ISO week, else later, covered or not expected", True),
    Column("chance", R, "share expected in cash in the weeks shown, decimal text", True, may_be_zero=True),
))  # fmt: skip

FORECAST_BACKTEST = Table("forecast_backtest", "how far a method was off at past origins", ("currency", "week_no", "method"), (
    Column("currency", T, "document currency", True),
    Column("week_no", N, "weeks ahead; 0 is all of them together", True),
    Column("method", T, "forecast; due_date and average_delay: naive, with the same new billing; recent_mean: last 8 weeks", True),
    Column("origins", N, "past Sundays forecast from", True),
    Column("weeks", N, "forecast weeks that are over", True),
    Column("first_origin", D, "first of the Sundays", True),
    Column("last_origin", D, "last of the Sundays", True),
    Column("mape", R, "mean of error over receipts of the week, 0.1 is 10 %; weeks without receipts left out", may_be_zero=True),
    Column("wape", R, "sum of errors over sum of receipts", may_be_zero=True),
    Column("bias", T, "sum of forecasts over sum of receipts, less 1, decimal text"),
    Column("pinball", R, "mean pinball loss at the interval's ends and the median, over mean weekly receipts", may_be_zero=True),
    Column("pinball_median", R, "the same at the median only", may_be_zero=True),
    Column("claimed", R, "share of weeks that the interval claims to hold; empty for methods without one"),
    Column("interval_weeks", N, "weeks with an interval calibrated on earlier errors"),
    Column("covered", N, "of them, inside the interval"),
    Column("coverage", R, "share of them", may_be_zero=True),
    Column("coverage_low", R, "95 % interval of that share if weeks were independent (Wilson): low", may_be_zero=True),
    Column("coverage_high", R, "the same: high", may_be_zero=True),
))  # fmt: skip
