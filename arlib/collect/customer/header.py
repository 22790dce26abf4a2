"""The head of a customer's file, out of the book. Floor 1."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from arlib.collect.behaviour import payment_behaviour, share_text, waiting_cash
from arlib.collect.contact.frames import PromiseState
from arlib.collect.contact.records import in_books
from arlib.collect.customer.cautions import cautions_of
from arlib.collect.customer.contacted import contact_of
from arlib.collect.customer.days_of_sales import customer_dso
from arlib.collect.customer.model import (
    AgingLine,
    Balance,
    CustomerHeader,
    DisputeLine,
    Habit,
    Limit,
    PromiseLine,
)
from arlib.collect.customer.own import Account, account_of
from arlib.collect.review.exposure import exposures
from arlib.credit.allowance.frames import percent_text
from arlib.credit.write_off.words import day, day_of, many, money
from arlib.errors import RateError
from arlib.ledger.aging import UNAPPLIED, age_items, aging
from arlib.money import iso_code, total
from arlib.policy import AgeFrom, Credits, Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import CustomerStatus
from arlib.tables.rows import Row, is_none, records, text, whole

STATUS_WORDS = {
    CustomerStatus.ACTIVE: "active", CustomerStatus.CLOSED: "closed account", CustomerStatus.BANKRUPT: "bankrupt or insolvent",
    CustomerStatus.ESTATE: "estate of a person who died", CustomerStatus.LEGAL: "with an attorney",
    CustomerStatus.AGENCY: "with an agency", CustomerStatus.SANCTIONED: "sanctioned",
    CustomerStatus.CEASE_CONTACT: "asked not to be contacted",
}  # fmt: skip
AGED_FROM = {
    AgeFrom.DUE_DATE: "due date", AgeFrom.ORIGINAL_DUE_DATE: "original due date",
    AgeFrom.DOCUMENT_DATE: "document date",
}  # fmt: skip
LISTED = 3


def header(
    book: Book, *, scope: Scope, policies: Policies, customer_id: str = "", account: Account | None = None
) -> CustomerHeader:
    """One customer at the as-of date: master data, balance, aging, limit, DSO, habit, promises, disputes, contacts, cautions.

    Master data that is dated is that of the day (`policies.aging.attributes_at`); the person who pays is today's. Balances and
    buckets are the customer's line of the aging. In the books' currency they are at the closing rate, named in each balance;
    a currency without one leaves `books_total` empty and says so. Needs ITEMS; uses all that the parts use. `account` is the
    customer's where it is at hand. Raises what `open_items` raises.
    """
    here = account_of(book, scope=scope, policies=policies, customer_id=customer_id, account=account)
    now = records(here.position.customers)[0] if len(here.position.customers) else {}
    then = records(here.position.attributes)[0] if len(here.position.attributes) else now
    aged = age_items(here.position.items, as_of=scope.as_of, policy=policies.aging)
    lines = _aging(aged, here)
    books_total, books_words = _in_books(here)
    return CustomerHeader(
        entity=scope.entity, customer_id=here.customer_id, name=text(now.get("name")), as_of=scope.as_of,
        known_at=scope.known_at, basis=scope.basis.value, books_currency=scope.functional_currency,
        status=text(then.get("status")), status_words=_status(then, now, here), terms=text(then.get("terms")),
        country=text(now.get("country")), collector=text(then.get("collector")), sales_rep=text(then.get("sales_rep")),
        region=text(then.get("region")), rating=text(then.get("rating")), parent_id=text(then.get("parent_id")),
        contact_person=text(now.get("contact")), phone=text(now.get("phone")), email=text(now.get("email")),
        language=text(now.get("language")), opened_on=day_of(now.get("opened_on")),
        balances=_balances(here), aging=lines, aging_words=_aging_words(here),
        books_aging=_books_aging(aged, here) if books_total is not None else None,
        books_total=books_total, books_words=books_words, limit=_limit(then, here), dso=customer_dso(here),
        habit=_habit(here), promises=_promises(here), promise_words=_promise_words(here), disputes=_disputes(here),
        dispute_words=_dispute_words(here), contact=contact_of(here), cautions=cautions_of(here),
    )  # fmt: skip


def _status(then: Row, now: Row, here: Account) -> str:
    if not now:
        return "no master data on file"
    was, is_ = text(then.get("status")), text(now.get("status"))
    words = STATUS_WORDS[CustomerStatus(was)] if was else "no status on file"
    if is_ and is_ != was:
        return f"{words} at {here.scope.as_of:%Y-%m-%d}, today {STATUS_WORDS[CustomerStatus(is_)]}"
    return words


def _balances(here: Account) -> tuple[Balance, ...]:
    """What is owed in each currency with anything open."""
    items = here.position.items
    items = items[items["outstanding"].ne(0).to_numpy(dtype=bool)]
    late, debits = here.position.past_due, here.position.debits
    return tuple(
        _balance(str(code), rows, _in(debits, str(code)), _in(late, str(code)), here)
        for code, rows in items.groupby("currency", sort=True)
    )


def _in(rows: pd.DataFrame, currency: str) -> pd.DataFrame:
    return rows[rows["currency"].eq(currency).to_numpy(dtype=bool)]


def _balance(
    currency: str, rows: pd.DataFrame, debits: pd.DataFrame, late: pd.DataFrame, here: Account
) -> Balance:
    disputes = here.disputes
    open_ = total(rows["outstanding"])
    owed = total(debits["outstanding"])
    amounts = rows["books_amount"]
    return Balance(
        currency=currency, outstanding=open_, debits=owed, credits=open_ - owed,
        unapplied=total(rows.loc[rows["bucket"].eq(UNAPPLIED).to_numpy(dtype=bool), "outstanding"]),
        past_due=total(late["outstanding"]), disputed=total(_in(disputes, currency)["open_now"]), items=len(rows),
        oldest_due_date=day_of(late["aged_from"].min()) if len(late) else None,
        max_days_past_due=int(late["days_past_due"].max()) if len(late) else None,
        books_amount=None if amounts.isna().any() else total(amounts), rate=_rate(currency, here),
    )  # fmt: skip


def _rate(currency: str, here: Account) -> str:
    books = here.scope.functional_currency
    if currency == books:
        return "the books' currency"
    try:
        return here.position.rates.find(currency, books, here.scope.as_of).how
    except RateError:
        return f"no closing rate {iso_code(currency)}/{iso_code(books)}"


def _aging(aged: pd.DataFrame, here: Account) -> tuple[AgingLine, ...]:
    """The customer's lines of the aging."""
    long = aging(aged, by=("currency",))
    made = []
    for code, rows in long.groupby("currency", sort=True):
        found = dict(zip(rows["bucket"], rows["amount"], strict=True))
        buckets = tuple((name, int(found.get(name, 0))) for name in here.policies.aging.buckets)
        made.append(
            AgingLine(currency=str(code), buckets=buckets, total=sum(amount for _, amount in buckets))
        )
    return tuple(made)


def _books_aging(aged: pd.DataFrame, here: Account) -> AgingLine:
    """The same in the books' currency at closing rates."""
    sums = {str(name): total(rows["books_amount"]) for name, rows in aged.groupby("bucket", sort=False)}
    buckets = tuple((name, sums.get(name, 0)) for name in here.policies.aging.buckets)
    return AgingLine(
        currency=here.scope.functional_currency, buckets=buckets, total=sum(amount for _, amount in buckets)
    )


def _aging_words(here: Account) -> str:
    policy = here.policies.aging
    credits_ = "credits apart" if policy.credits is Credits.SHOWN else "credits netted"
    return f"by {AGED_FROM[policy.age_from]}, {credits_}"


def _in_books(here: Account) -> tuple[int | None, str]:
    """What is owed in the books' currency, and by which rates, or why it cannot be told."""
    items = here.position.items
    codes = sorted(set(items.loc[items["outstanding"].ne(0).to_numpy(dtype=bool), "currency"]))
    if here.position.unrated:
        missing = ", ".join(iso_code(code) for code in here.position.unrated)
        return None, f"no closing rate of {missing} at {here.scope.as_of:%Y-%m-%d}"
    foreign = [code for code in codes if code != here.scope.functional_currency]
    rates = "; ".join(_rate(str(code), here) for code in foreign)
    return total(items["books_amount"]), f"at {rates}" if rates else "all in the books' currency"


def _limit(then: Row, here: Account) -> Limit:
    """Limit of the day, exposure by the policy of credit review, and the share that is used."""
    books = here.scope.functional_currency
    owed = here.own(exposures(here.book, position=here.position, policies=here.policies))
    row = records(owed)[0] if len(owed) else {}
    exposure, orders = whole(row.get("exposure")), whole(row.get("open_orders"))
    currency = text(then.get("limit_currency")) or books
    amount = None if is_none(then.get("credit_limit")) else int(then["credit_limit"])
    used = f"exposure {money(exposure, books)}"
    if orders:
        used += f", {money(orders, books)} of it ordered and not billed"
    if text(row.get("unrated")):
        used += f"; {row['unrated']} has no closing rate"
    in_books_: int | None = None
    if amount is not None:
        found = in_books(pd.Series([amount], dtype="Int64"), pd.Series([currency]), here.position)
        in_books_ = None if found.isna().any() else int(found.iloc[0])
    share = share_text(Fraction(exposure, in_books_)) if in_books_ else None
    if amount is None:
        words = f"no limit on file; {used}"
    elif in_books_ is None:
        words = f"{money(amount, currency)}, which has no closing rate; {used}"
    else:
        left = in_books_ - exposure
        rest = f"{money(left, books)} left" if left >= 0 else f"{money(-left, books)} above it"
        percent = f" ({percent_text(Fraction(exposure, in_books_))} used)" if in_books_ else ""
        words = f"{money(amount, currency)}; {used}; {rest}{percent}"
    return Limit(
        currency=currency, amount=amount, in_books=in_books_, books_currency=books, exposure=exposure, open_orders=orders,
        available=None if in_books_ is None else in_books_ - exposure, utilisation=share, words=words,
    )  # fmt: skip


def _habit(here: Account) -> Habit:
    """Payment behaviour of the customer."""
    months = here.policies.credit_review.score.months
    rows = here.own(
        payment_behaviour(here.book, position=here.position, policies=here.policies, promises=here.promises)
    )
    if rows.empty:
        return Habit(
            payments=0, median_days_late=None, mean_days_late=None, trend_days=None, returned_payments=0, score=None,
            score_text="no score: 0 payments", last_payment_on=None, last_payment_amount=None,
            words=f"no payment in {months} months",
        )  # fmt: skip
    row = records(rows)[0]
    payments, words = whole(row["payments"]), text(row["habit"])
    cash = waiting_cash(here.book, position=here.position)
    newest = cash[cash["effective_date"].eq(cash["effective_date"].max())]
    if not is_none(row["habit_days"]) and words.startswith("pays"):
        words += f" (median over the items of {many(payments, 'receipt')} in {months} months)"
    return Habit(
        payments=payments, median_days_late=text(row["median_days_late"]) or None,
        mean_days_late=text(row["mean_days_late"]) or None, trend_days=text(row["trend_days"]) or None,
        returned_payments=whole(row["returned_payments"]), score=None if is_none(row["score"]) else int(row["score"]),
        score_text=text(row["score_text"]), last_payment_on=day_of(row["last_payment_on"]),
        last_payment_amount=None if is_none(row["last_payment_amount"]) else int(row["last_payment_amount"]), words=words,
        waiting_on=day_of(newest["effective_date"].max()) if len(newest) else None,
        waiting=tuple((str(code), -total(own["outstanding"])) for code, own in newest.groupby("currency", sort=True)),
    )  # fmt: skip


def _promises(here: Account) -> tuple[PromiseLine, ...]:
    """The open ones, the first due first."""
    rows = here.promises[here.promises["state"].eq(PromiseState.OPEN.value).to_numpy(dtype=bool)]
    return tuple(
        PromiseLine(
            promise_id=str(row["promise_id"]), item_id=text(row["item_id"]), document_no=text(row["document_no"]),
            currency=str(row["currency"]), amount=int(row["amount"]), left=int(row["left"]), pay_by=row["pay_by"].date(),
            owner=text(row["owner"]), what=text(row["what"]),
        )
        for row in records(rows.sort_values(["pay_by", "promise_id"], kind="stable"))
    )  # fmt: skip


def _promise_words(here: Account) -> str:
    if not len(here.promises):
        return "no promises on file"
    open_ = _promises(here)
    said = [f"{money(one.left, one.currency)} by {one.pay_by:%Y-%m-%d}" for one in open_[:LISTED]]
    words = f"{len(open_)} open" + (
        f" ({', '.join(said)}{', ...' if len(open_) > LISTED else ''})" if said else ""
    )
    states = here.promises["state"]
    counts = {state: int(states.eq(state.value).sum()) for state in PromiseState}
    judged = sum(counts[state] for state in (PromiseState.KEPT, PromiseState.PARTLY, PromiseState.BROKEN))
    if judged:
        words += (
            f"; of {judged} judged {counts[PromiseState.KEPT]} kept, {counts[PromiseState.PARTLY]} in part, "
            f"{counts[PromiseState.BROKEN]} broken"
        )
    return words


def _disputes(here: Account) -> tuple[DisputeLine, ...]:
    """The open ones, the oldest first."""
    rows = here.disputes[here.disputes["is_open"].to_numpy(dtype=bool)]
    return tuple(
        DisputeLine(
            dispute_id=str(row["dispute_id"]), item_id=text(row["item_id"]), document_no=text(row["document_no"]),
            currency=str(row["currency"]), amount=int(row["amount"]), open_now=int(row["open_now"]),
            opened_on=row["opened_on"].date(), owner=text(row["owner"]), reason=text(row["reason"]),
            is_late=bool(row["is_late"]), what=text(row["what"]),
        )
        for row in records(rows.sort_values(["opened_on", "dispute_id"], kind="stable"))
    )  # fmt: skip


def _dispute_words(here: Account) -> str:
    if not len(here.disputes):
        return "no disputes on file"
    open_ = _disputes(here)
    said = [
        f"{money(one.open_now, one.currency)} {one.reason.replace('_', ' ')} since {day(one.opened_on)}, "
        f"{one.owner or 'nobody owns it'}"
        for one in open_[:LISTED]
    ]
    listed = f" ({'; '.join(said)}{'; ...' if len(open_) > LISTED else ''})" if said else ""
    return f"{len(open_)} open{listed}; {len(here.disputes) - len(open_)} settled"
