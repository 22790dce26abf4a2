"""The head of a customer's file: who it is, what it owes, how it pays, what was agreed, what to beware of. Floor 1.

Frozen and plain. Amounts are minor units of the currency beside them; shares and days that may be fractions are decimal text.
What is not on file is said in words, never a zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from arlib.credit.write_off.words import many, money
from arlib.money import iso_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What the customer owes in one currency."""

    currency: str
    outstanding: int  # debits + credits
    debits: int
    credits: int  # credit memos and cash not applied, below 0
    unapplied: int  # of them cash, below 0
    past_due: int  # of the debits
    disputed: int  # of the debits, in open disputes
    items: int  # open items, due parts counted once each
    oldest_due_date: date | None  # of what is past due
    max_days_past_due: int | None
    books_amount: int | None  # outstanding at the closing rate; None without one
    rate: str  # which rate that is, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class AgingLine:
    """Open items of one currency by the buckets of the policy, in its order."""

    currency: str
    buckets: tuple[tuple[str, int], ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The credit limit and what it is held against, in the books' currency at closing rates."""

    currency: str  # of the limit
    amount: int | None  # None: none is on file
    in_books: int | None
    books_currency: str
    exposure: (
        int  # by the policy of credit review: open debits, less credits that may be netted, and open orders
    )
    open_orders: int
    available: int | None
    utilisation: str | None  # exposure / limit
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dso:
    """Days of sales outstanding of this customer by the policy's headline convention."""

    convention: str
    value: str  # days with one place; '' where it cannot be computed
    formula: str
    source: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How the customer pays, from the receipts of the months that the score policy looks at."""

    payments: int  # receipts
    median_days_late: str | None
    mean_days_late: str | None  # weighted by amount
    trend_days: str | None
    returned_payments: int
    score: int | None
    score_text: str
    last_payment_on: date | None
    last_payment_amount: int | None  # books' currency
    words: str
    waiting_on: date | None = None  # day of the newest cash that is not applied
    waiting: tuple[tuple[str, int], ...] = ()  # what is not applied of that day's, by currency


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseLine:
    """A promise that is open."""

    promise_id: str
    item_id: str
    document_no: str
    currency: str
    amount: int
    left: int
    pay_by: date
    owner: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeLine:
    """A dispute that is open."""

    dispute_id: str
    item_id: str
    document_no: str
    currency: str
    amount: int
    open_now: int
    opened_on: date
    owner: str
    reason: str
    is_late: bool
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The last contact that counts by the contact policy, and the last touch of any kind."""

    last_on: date | None
    last_kind: str
    last_outcome: str
    last_by: str
    last_right_on: date | None  # somebody who decides answered
    next_on: date | None  # agreed last
    days_since: int | None
    allowed_days: int | None  # None where nothing is open
    days_over: int | None  # None where the cadence does not apply or contacts are not on file
    is_in_time: bool | None
    words: str
    last_touch_on: date | None  # notes too
    last_touch_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Caution:
    """Something to know before anybody asks this customer for money."""

    ground: str
    words: str
    cites: str  # record that says so; '' where master data does
    is_stop: bool  # nobody may ask for anything that the customer owes
    documents: tuple[str, ...] = ()  # where it bars these alone; the others are not barred by it


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderLine:
    """A fact of the header as it is shown: its name, its value in words, and by which convention."""

    label: str
    value: str
    convention: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerHeader:
    """One customer at the as-of date."""

    entity: str
    customer_id: str
    name: str
    as_of: date
    known_at: date | None
    basis: str
    books_currency: str
    status: str
    status_words: str
    terms: str
    country: str
    collector: str
    sales_rep: str
    region: str
    rating: str
    parent_id: str
    contact_person: str
    phone: str
    email: str
    language: str
    opened_on: date | None
    balances: tuple[Balance, ...]
    aging: tuple[AgingLine, ...]
    aging_words: str  # by which policy
    books_aging: AgingLine | None  # at closing rates; None where a currency has none
    books_total: int | None
    books_words: str
    limit: Limit
    dso: Dso
    habit: Habit
    promises: tuple[PromiseLine, ...]
    promise_words: str
    disputes: tuple[DisputeLine, ...]
    dispute_words: str
    contact: Contact
    cautions: tuple[Caution, ...]

    @property
    def owed_words(self) -> str:
        """What is owed, by currency."""
        if not self.balances:
            return "owes nothing, and nothing is owed to it"
        parts = []
        for one in self.balances:
            whole = one.past_due == one.outstanding
            late = (
                f", {'all' if whole else money(one.past_due, one.currency)} of it past due"
                if one.past_due
                else ""
            )
            parts.append(f"{money(one.outstanding, one.currency)}{late}")
        return "; ".join(parts)

    @property
    def sentence(self) -> str:
        """Who, how much, since when, in one line."""
        name = (
            f"{self.name} ({self.customer_id})" if self.name else self.customer_id or "Cash of nobody known"
        )
        stops = [one.words for one in self.cautions if one.is_stop or one.documents]
        said = f"{name}, {self.status_words}: {self.owed_words} at {self.as_of:%Y-%m-%d}; {self.habit.words}."
        return f"{said} {stops[0]}" if stops else said

    def lines(self) -> tuple[HeaderLine, ...]:
        """Every fact in words, in reading order, with its convention and day."""
        day = f"at {self.as_of:%Y-%m-%d}" + (
            f", as known at {self.known_at:%Y-%m-%d}" if self.known_at else ""
        )
        books = iso_code(self.books_currency)
        made = [
            HeaderLine(label="Caution", value=one.words, convention=one.cites) for one in self.cautions
        ] + [
            HeaderLine(label="Status", value=self.status_words, convention=day),
            HeaderLine(label="Balance", value=self.owed_words, convention=f"open items {day}, {self.basis} dates"),
        ]  # fmt: skip
        made += [
            HeaderLine(label=f"Credits in {iso_code(one.currency)}", convention="included in the balance", value=(
                f"{money(one.credits, one.currency)}, {money(one.unapplied, one.currency)} of it cash that is not applied"
            )) for one in self.balances if one.credits
        ]  # fmt: skip
        made += [
            HeaderLine(label=f"Balance in {books}", value=(
                "cannot be told" if self.books_total is None else money(self.books_total, self.books_currency)
            ), convention=self.books_words),
            HeaderLine(label="Terms", value=self.terms or "no terms on file", convention=day),
            HeaderLine(label="Limit", value=self.limit.words, convention="exposure by the policy of credit review, closing rates"),
            HeaderLine(label="DSO", value=self.dso.words, convention=f"{self.dso.formula} ({self.dso.source})"),
            HeaderLine(label="Habit", value=self.habit.words, convention="days from the original due date to the business day of the cash"),
            HeaderLine(label="Score", value=self.habit.score_text, convention="payment behaviour, 100 is best"),
            HeaderLine(label="Last payment", value=self._last_payment(books), convention="booking rate"),
            HeaderLine(label="Promises", value=self.promise_words, convention="judged from the ledger"),
            HeaderLine(label="Disputes", value=self.dispute_words, convention=day),
            HeaderLine(label="Contact", value=self.contact.words, convention="contact policy"),
            HeaderLine(label="Last touch", value=self.contact.last_touch_words, convention="notes too"),
            HeaderLine(label="Collector", value=self.collector or "nobody on file", convention=day),
            HeaderLine(label="Sold by", value=self.sales_rep or "nobody on file", convention=day),
            HeaderLine(label="Person who pays", value=self._person(), convention="master data of today"),
        ]  # fmt: skip
        return tuple(made)

    def _last_payment(self, books: str) -> str:
        applied, waiting = self.habit.last_payment_on, self.habit.waiting_on
        if applied is None and waiting is None:
            return "no payment on file"
        amount = self.habit.last_payment_amount
        what = f"an amount that is not known in {books}" if amount is None else money(amount, books)
        cash = " and ".join(money(part, code) for code, part in self.habit.waiting)
        if applied is None or (waiting is not None and waiting > applied):
            before = "" if applied is None else f"; before it {what} on {applied:%Y-%m-%d}"
            return f"{cash} on {waiting:%Y-%m-%d}, {self._ago(waiting)}, not applied{before}"
        rest = f"; {cash} of that day is not applied" if waiting == applied else ""
        return f"{what} on {applied:%Y-%m-%d}, {self._ago(applied)}{rest}"

    def _ago(self, since: date | None) -> str:
        return "" if since is None else f"{many((self.as_of - since).days, 'day')} ago"

    def _person(self) -> str:
        said = [part for part in (self.contact_person, self.phone, self.email) if part]
        return ", ".join(said) or "nobody on file"
