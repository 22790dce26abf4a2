"""What may be asked about samples and outside evidence: flat options, each with a default. Floor 1."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from arlib.errors import ParameterError
from arlib.money import is_currency

AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,6})?")
RATE = re.compile(r"0(\.[0-9]{1,12})?|1(\.0{1,12})?")
SEALS = re.compile(r"[0-9a-f]{64}( *, *[0-9a-f]{64})*")
FUNCTIONAL = "functional"
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
METHODS = ("mus", "attribute", "random")
POPULATIONS = ("open_items", "documents")
FORMS = ("positive", "negative", "blank")
SELECTIONS = ("all", "largest", "coverage", "amount", "file")
BOUNDS = ("poisson", "binomial")


@dataclass(frozen=True, kw_only=True)
class SampleOptions:
    """A sample drawn from a sealed population."""

    of: str = "open_items"  # open_items at the date, or documents booked from..to
    documents_from: str = ""  # first posting date of the documents; "" for the period's first day
    documents_to: str = ""  # last posting date; "" for the date of the question
    currency: str = (
        ""  # one currency; "functional": carrying amounts at booking rates; "": each with its own plan
    )
    method: str = "mus"  # mus, attribute or random
    confidence: str = "0.95"
    tolerable_amount: str = ""  # decimal text in the sample's currency, for mus
    expected_amount: str = "0"
    tolerable_rate: str = ""  # share of deviations for attribute; for mus a share of the book value
    expected_rate: str = "0"
    size: int = 0  # items or hits to draw from each population; 0 for the plan's
    credit_size: int = 5  # credits to draw from each population, by item
    zero_size: int = 5  # zero items to draw from each population
    seed: str = ""  # the auditor's text; "" seals the population only

    def __post_init__(self) -> None:
        """Methods, dates, rates and amounts must be such; raises ParameterError."""
        where = "sample"
        one_of("of", self.of, POPULATIONS, where)
        one_of("method", self.method, METHODS, where)
        days(where, documents_from=self.documents_from, documents_to=self.documents_to)
        currency_of(self.currency, where)
        rates(
            where,
            confidence=self.confidence,
            tolerable_rate=self.tolerable_rate,
            expected_rate=self.expected_rate,
        )
        if Decimal(self.confidence or "0") in (0, 1):
            raise ParameterError("confidence", where=where, found=self.confidence, wanted="between 0 and 1")
        amounts(where, tolerable_amount=self.tolerable_amount, expected_amount=self.expected_amount)
        counts(where, size=self.size, credit_size=self.credit_size, zero_size=self.zero_size)
        if self.tolerable_amount and self.tolerable_rate:
            raise ParameterError(
                "tolerable_amount and tolerable_rate", where=where, found="both", wanted="one of them"
            )
        if self.seed and not self.size and not (self.tolerable_amount or self.tolerable_rate):
            raise ParameterError(
                "size", where=where, found=self.size, wanted="a size, or what is tolerable, to draw with"
            )
        if self.seed and self.method != "mus" and not self.size and not self.tolerable_rate:
            raise ParameterError(
                "tolerable_rate",
                where=where,
                found="nothing",
                wanted="a rate, or a size, for a sample by item",
            )


@dataclass(frozen=True, kw_only=True)
class EvaluationOptions:
    """What the audited values of a sample say about the population."""

    audited: str = field(
        default="", metadata={"file": True, "needed": True}
    )  # CSV: item_id, audit_value, note
    selection: str = field(
        default="", metadata={"file": True, "needed": True}
    )  # selection.csv of the sample's pack
    population_sha256: str = ""  # as sealed before the draw; of several currencies by comma
    seed: str = ""  # of the draw, to draw the selection again; "" for the one that the selection states
    of: str = "open_items"
    documents_from: str = ""
    documents_to: str = ""
    currency: str = ""
    method: str = "mus"
    confidence: str = "0.95"
    tolerable_amount: str = ""
    tolerable_rate: str = ""
    bound: str = "poisson"  # poisson or binomial factors of the Stringer bound

    def __post_init__(self) -> None:
        """Methods, dates, rates and amounts must be such; raises ParameterError."""
        where = "evaluation"
        one_of("of", self.of, POPULATIONS, where)
        one_of("method", self.method, METHODS, where)
        one_of("bound", self.bound, BOUNDS, where)
        days(where, documents_from=self.documents_from, documents_to=self.documents_to)
        rates(where, confidence=self.confidence, tolerable_rate=self.tolerable_rate)
        amounts(where, tolerable_amount=self.tolerable_amount)
        currency_of(self.currency, where)
        if self.population_sha256 and not SEALS.fullmatch(self.population_sha256):
            raise ParameterError(
                "population_sha256",
                where=where,
                found=self.population_sha256,
                wanted="64 hex digits, several by comma",
            )
        if bool(self.audited) != bool(self.selection):
            raise ParameterError(
                "audited and selection", where=where, found="one of them", wanted="both, or neither"
            )


@dataclass(frozen=True, kw_only=True)
class ConfirmationsOptions:
    """Confirmation letters, their control sheet and alternative procedures."""

    form: str = "positive"  # positive, negative or blank
    select: str = "all"  # all, largest, coverage, amount or file
    count: int = 0  # how many balances of each currency, for largest
    coverage: str = ""  # share of each currency's debit balances, decimal text, for coverage
    amount: str = ""  # smallest balance in its own currency, for amount
    customers_file: str = field(default="", metadata={"file": True})  # CSV: customer_id[, currency]
    reply_to: str = ""  # the auditor's name and postal address, lines by |
    reply_email: str = ""  # the auditor's e-mail address
    auditor: str = ""  # the audit firm, as letters name it
    reply_by: str = ""  # day that replies are asked by
    dated: str = ""  # day that letters bear; "" for a line that the auditor fills in on sending
    replies: str = field(default="", metadata={"file": True})  # the control sheet as the auditor keeps it

    def __post_init__(self) -> None:
        """Form, selection, dates and addresses must be such; raises ParameterError."""
        where = "confirmations"
        one_of("form", self.form, FORMS, where)
        one_of("select", self.select, SELECTIONS, where)
        days(where, reply_by=self.reply_by, dated=self.dated)
        rates(where, coverage=self.coverage)
        amounts(where, amount=self.amount)
        needed = {"largest": self.count > 0, "coverage": self.coverage, "amount": self.amount,
                  "file": self.customers_file}  # fmt: skip
        if not needed.get(self.select, True):
            name = {"largest": "count", "file": "customers_file"}.get(self.select, self.select)
            raise ParameterError(name, where=where, found="nothing", wanted=f"a value, as select is {self.select}")  # fmt: skip
        counts(where, count=self.count)
        if self.reply_email and not MAIL.fullmatch(self.reply_email):
            raise ParameterError(
                "reply_email", where=where, found=self.reply_email, wanted="an e-mail address"
            )


@dataclass(frozen=True, kw_only=True)
class SubsequentReceiptsOptions:
    """Cash after the date, traced to the invoices that it paid."""

    items: str = ""  # item ids or document numbers by comma; "" for the whole population
    selection: str = field(
        default="", metadata={"file": True}
    )  # CSV with item_id or document_no, as of a sample
    until: str = ""  # last day of receipts looked at, ISO; "" for all that the books hold

    def __post_init__(self) -> None:
        """Items come by list or by file, and the day must be one; raises ParameterError."""
        days("subsequent_receipts", until=self.until)
        if self.items and self.selection:
            raise ParameterError(
                "items and selection", where="subsequent_receipts", found="both", wanted="one of them"
            )


def one_of(name: str, found: str, known: Iterable[str], where: str) -> None:
    """ParameterError where a word is none of those known."""
    if found not in (words := tuple(known)):
        raise ParameterError(name, where=where, found=found, wanted=f"one of {', '.join(words)}")


def days(where: str, **given: str) -> None:
    """ParameterError where a text is neither an ISO day nor empty."""
    for name, text in given.items():
        try:
            is_day = not text or date.fromisoformat(text).isoformat() == text
        except ValueError:
            is_day = False
        if not is_day:
            raise ParameterError(name, where=where, found=text, wanted="a day such as 2026-10-31, or nothing")


def rates(where: str, **given: str) -> None:
    """ParameterError where a text is neither a share from 0 to 1 nor empty."""
    for name, text in given.items():
        if text and not RATE.fullmatch(text):
            raise ParameterError(name, where=where, found=text, wanted='a share from 0 to 1, such as "0.95"')


def amounts(where: str, **given: str) -> None:
    """ParameterError where a text is neither an amount without sign nor empty."""
    for name, text in given.items():
        if text and not AMOUNT.fullmatch(text):
            raise ParameterError(
                name, where=where, found=text, wanted='an amount without sign, such as "50000.00"'
            )


def counts(where: str, **given: int) -> None:
    """ParameterError where a number is below 0."""
    for name, number in given.items():
        if number < 0:
            raise ParameterError(name, where=where, found=number, wanted="0 or more")


def currency_of(code: str, where: str) -> None:
    """ParameterError where a text is no currency, nor the word for amounts in the books' currency, nor empty."""
    if code and code != FUNCTIONAL and not is_currency(code):
        raise ParameterError(
            "currency", where=where, found=code, wanted=f"an ISO 4217 code, {FUNCTIONAL}, or nothing"
        )
