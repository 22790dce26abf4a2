"""Calendar: fiscal periods, payment terms, business days, ends of days. Floor 0.

periods         FiscalCalendar, Period, month_end, add_months
terms           parse_terms, Terms, Instalment
business_days   BusinessDays
instants        end_of_day, time_zone
"""

from arlib.calendar.business_days import BusinessDays
from arlib.calendar.instants import end_of_day, time_zone
from arlib.calendar.periods import (
    CalendarKind,
    FiscalCalendar,
    Period,
    Weekday,
    YearEnd,
    YearName,
    add_months,
    month_end,
)
from arlib.calendar.terms import From, Instalment, Part, Terms, When, parse_terms

__all__ = [
    "BusinessDays", "CalendarKind", "FiscalCalendar", "From", "Instalment", "Part", "Period", "Terms",
    "Weekday", "When", "YearEnd", "YearName", "add_months", "end_of_day", "month_end", "parse_terms",
    "time_zone",
]  # fmt: skip
