"""Declared results of the allowance's movement, look-back, back-test and sensitivity. Floor 1.

Amounts in the books' currency unless a column says otherwise. The allowance is positive: it is what is expected to be lost.
"""

from __future__ import annotations

from enum import StrEnum

from arlib.tables.kinds import Column, Kind, Table

T, D, M, N, F, R = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.FLAG, Kind.RATE


class LossFlow(StrEnum):
    """What moved between the receivables and the losses."""

    WRITE_OFF = "write_off"
    RECOVERY = "recovery"


class MovementPart(StrEnum):
    """Which allowance a line of the movement belongs to."""

    POOL = "pool"
    SPECIFIC = "specific"
    TOTAL = "total"


class MovementLine(StrEnum):
    """The lines of a movement, in order."""

    OPENING = "opening"
    CHARGE = "charge"
    RELEASE = "release"
    WRITE_OFF = "write_off"
    RECOVERY = "recovery"
    UNWIND = "unwind"
    TRANSFER = "transfer"
    SCOPE = "scope"
    EXCHANGE = "exchange"
    CLOSING = "closing"


LOSS_FLOWS = Table("loss_flows", "a write-off or a recovery that was posted", ("entity", "flow", "fact_id"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("flow", T, "write-off or recovery", True, choices=LossFlow),
    Column("fact_id", T, "write-off application; of a recovery its item, or the application of cash where it has none", True, is_key=True),
    Column("posting_date", D, "ledger date", True),
    Column("item_id", T, "debt written off, or recovered", True, is_key=True),
    Column("document_no", T, "document that posted it", is_key=True),
    Column("customer_id", T, "customer code at the as-of date", is_key=True),
    Column("reason", T, "reason code"),
    Column("is_credit_loss", F, "a loss of credit: not of a company of the group, nor of a reason that the policy calls none", True),
    Column("currency", T, "document currency", True),
    Column("amount", M, "gross amount; a reversal negative", True, currency="currency"),
    Column("functional_amount", M, "the same in the books' currency, as it was posted", currency="functional"),
    Column("tax_functional_amount", M, "tax in it, by the debt's own share of tax", currency="functional"),
    Column("loss", M, "what counts as lost, or as recovered: net of tax where the policy counts so, 0 where it is no loss of credit", currency="functional"),
))  # fmt: skip

MOVEMENT = Table("movement", "a line of the movement of the allowance in the period", ("part", "segment", "line_no"), (
    Column("part", T, "pool, specific, or both", True, choices=MovementPart),
    Column("segment", T, "segment of the pool; empty for the whole"),
    Column("line_no", N, "1, 2, 3 ...", True),
    Column("line", T, "what moved it", True, choices=MovementLine),
    Column("amount", M, "as required: increase +, decrease -; opening and closing as they stand", True, currency="functional"),
    Column("booked", M, "as booked by the as-of date; empty where nothing says what is booked", currency="functional"),
    Column("to_book", M, "required less booked", currency="functional"),
    Column("facts", N, "documents or entries behind it", True),
    Column("is_total", F, "opening or closing", True),
))  # fmt: skip

EXPENSE = Table("bad_debt_expense", "a line of what credit losses cost in profit and loss in the period", ("line_no",), (
    Column("line_no", N, "1, 2, 3 ...", True),
    Column("line", T, "what it is, in words", True),
    Column("amount", M, "cost +, income -", True, currency="functional"),
    Column("is_total", F, "the net cost", True),
))  # fmt: skip

ONE_SIDED = Table("allowance_differences", "a document that one of two records holds and the other not, or at another amount", ("check", "document_no", "currency"), (
    Column("check", T, "which comparison", True),
    Column("document_no", T, "item, document or journal", True, is_key=True),
    Column("currency", T, "currency", True),
    Column("left", M, "on the left of the control", True, currency="currency"),
    Column("right", M, "on the right of the control", True, currency="currency"),
    Column("difference", M, "left less right", True, currency="currency"),
    Column("since", D, "earliest date of it"),
))  # fmt: skip

LOOK_BACK = Table("look_back", "twelve months, or what there is of them: the allowance at their start against what was lost", ("starts_on",), (
    Column("starts_on", D, "first day", True),
    Column("ends_on", D, "last day", True),
    Column("months", N, "months that the records cover", True),
    Column("opening", M, "allowance booked before the first day", True, currency="functional"),
    Column("expense", M, "charged less released, less recoveries that went to profit and loss", True, currency="functional"),
    Column("written_off", M, "credit losses written off, reversals back", True, currency="functional"),
    Column("recovered", M, "recovered on debts written off", True, currency="functional"),
    Column("closing", M, "allowance booked on the last day", True, currency="functional"),
    Column("expense_to_write_offs", R, "expense by write-offs; about 1 over the years; empty without write-offs", may_be_zero=True),
    Column("opening_to_write_offs", R, "opening allowance by write-offs of the window; empty without write-offs", may_be_zero=True),
    Column("exhaustion_years", R, "years until write-offs had used up the opening allowance; empty where they have not", may_be_zero=True),
    Column("is_exhausted", F, "whether they have, by the as-of date", True),
))  # fmt: skip

BACK_TEST = Table("back_test", "the allowance of an earlier month end, by today's method and the facts of then, against what came of it", ("as_of",), (
    Column("as_of", D, "month end", True),
    Column("months_since", N, "months from it to the as-of date", True),
    Column("history_months", N, "whole months of records that the rates of then could rest on", True),
    Column("exposure", M, "open debits then that the allowance was counted on, gross", True, currency="functional"),
    Column("allowance", M, "allowance that the rates of then would have required", True, currency="functional"),
    Column("booked", M, "allowance booked then; empty where nothing says", currency="functional"),
    Column("paid", M, "of the exposure, settled since by cash or credits", True, currency="functional"),
    Column("lost", M, "of the exposure, written off as a credit loss since", True, currency="functional"),
    Column("recovered", M, "recovered since on debts of the exposure that were written off", True, currency="functional"),
    Column("still_open", M, "of the exposure, still open", True, currency="functional"),
    Column("resolved_rate", R, "share of the exposure of then that is no longer open", may_be_zero=True),
    Column("over", M, "allowance less net loss so far: + too much, - too little; empty where rates had no month to rest on", currency="functional"),
))  # fmt: skip

SENSITIVITY = Table("sensitivity", "the allowance if something were otherwise", ("line_no",), (
    Column("line_no", N, "1, 2, 3 ...", True),
    Column("scenario", T, "what would be otherwise, in words", True),
    Column("pool", M, "allowance of the pool", True, currency="functional"),
    Column("specific", M, "specific allowance, which stays", True, currency="functional"),
    Column("total", M, "both", True, currency="functional"),
    Column("change", M, "less the allowance as measured", True, currency="functional"),
    Column("is_base", F, "as measured", True),
))  # fmt: skip

LOSS_TREND = Table("loss_trend", "a month of write-offs, recoveries and allowance", ("month",), (
    Column("month", T, "calendar month", True),
    Column("ends_on", D, "its last day, or the as-of date", True),
    Column("written_off", M, "credit losses written off in it, reversals back", True, currency="functional"),
    Column("recovered", M, "recovered in it on debts written off", True, currency="functional"),
    Column("expense", M, "charged less released in it; empty where nothing says", currency="functional"),
    Column("allowance", M, "allowance booked at its end; empty where nothing says", currency="functional"),
    Column("exposure", M, "open debits of outside customers at its end, gross", True, currency="functional"),
    Column("coverage", R, "allowance by exposure; empty where either is not there", may_be_zero=True),
))  # fmt: skip
