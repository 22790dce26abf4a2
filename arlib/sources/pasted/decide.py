"""What a pasted statement leaves open, decided by the caller, by evidence, or asked: order of dates, number style, sign. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from arlib.errors import ParameterError
from arlib.ledger.statement_match import plain_number
from arlib.money.style import SAMPLES
from arlib.sources.pasted import words
from arlib.sources.pasted.columns import NUMBERS, Row
from arlib.sources.pasted.days import DAY_FIRST, MONTH_FIRST
from arlib.sources.pasted.marks import Figure, in_styles, minor_in
from arlib.sources.pasted.result import Choice, Option
from arlib.sources.pasted.scan import COLLAPSED, Found

DATES, AMOUNTS, SIGN, STATEMENT_DATE, AMOUNT_COLUMN = (
    "dates",
    "amounts",
    "sign",
    "statement_date",
    "amount_column",
)
NAMES = (DATES, AMOUNTS, SIGN, STATEMENT_DATE, AMOUNT_COLUMN)
NEGATIVE, POSITIVE = "owed_is_negative", "owed_is_positive"
CLEAR = 4  # so many times more lines must speak for one reading than for the other


@dataclass
class Decisions:
    """What the caller gave, what evidence decided and how, and what stays open."""

    given: Mapping[str, str]
    decided: dict[str, str] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)
    choices: list[Choice] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Only known questions are answered."""
        unknown = sorted(set(self.given) - set(NAMES))
        if unknown:
            raise ParameterError("decided", found=", ".join(unknown), wanted=f"of {', '.join(NAMES)}")

    def take(self, name: str, value: str, how: str) -> str:
        """Decide something by evidence."""
        self.decided[name], self.how[name] = value, how
        return value

    def by_caller(self, name: str, allowed: Sequence[str]) -> str:
        """What the caller decided, '' where nothing. Raises ParameterError for what is no answer."""
        value = self.given.get(name, "")
        if value and allowed and value not in allowed:
            raise ParameterError(f"decided {name}", found=value, wanted=f"one of {', '.join(allowed)}")
        return self.take(name, value, "as given") if value else ""

    def ask(self, name: str, question: str, options: Sequence[Option], *, is_free: bool = False) -> str:
        """Leave it to a person."""
        self.choices.append(Choice(name, question, tuple(options), is_free))
        return ""


@dataclass(frozen=True)
class Known:
    """Documents of the customer in our ledger, by number without what varies: sign of the item, its days."""

    signs: Mapping[str, int]
    days: Mapping[str, frozenset[object]]

    @staticmethod
    def of(items: pd.DataFrame | None, customer_id: str) -> Known:
        """A number that stands on several items counts for none; needs document_no and amount of ITEMS, uses its days."""
        if items is None or items.empty:
            return Known({}, {})
        if "customer_id" in items.columns:
            items = items[items["customer_id"].eq(customer_id).to_numpy(dtype=bool)]
        keys = plain_number(items["document_no"])
        once = (keys.ne("") & ~keys.duplicated(keep=False)).to_numpy(dtype=bool)
        rows, keys = items[once], keys[once]
        signs = {
            key: 1 if amount > 0 else -1 if amount < 0 else 0
            for key, amount in zip(keys, rows["amount"].fillna(0), strict=True)
        }
        days: dict[str, set[object]] = {key: set() for key in keys}
        for name in ("document_date", "due_date"):
            if name in rows.columns:
                for key, day in zip(keys, rows[name], strict=True):
                    if not pd.isna(day):
                        days[key].add(pd.Timestamp(day).date())
        return Known(signs, {key: frozenset(values) for key, values in days.items()})


def references(rows: Sequence[Row], known: Known) -> tuple[list[str], list[str]]:
    """The reference of each row as written, and its plain form where we know that document ('' where not).

    The column is the one with most numbers that we know, else the likeliest by its heading; a row whose number we do not know
    may name one that we do in its text.
    """
    said = [
        [
            *(row.numbers.get(kind, "") for kind in NUMBERS),
            *(row.text[:200].split()[:12] if known.signs else []),
        ]
        for row in rows
    ]
    flat = sorted({token for tokens in said for token in tokens if token})
    plain = dict(zip(flat, plain_number(pd.Series(flat, dtype="str")), strict=True)) if flat else {}
    hits = [
        sum(plain.get(tokens[at], "") in known.signs for tokens in said if tokens[at])
        for at in range(len(NUMBERS))
    ]
    order = sorted(range(len(NUMBERS)), key=lambda at: (-hits[at], at))
    found, keys = [], []
    for tokens in said:
        own = next((tokens[at] for at in order if tokens[at]), "")
        if plain.get(own, "") not in known.signs:
            own = next(
                (
                    token
                    for token in tokens
                    if token and plain[token] in known.signs and len(plain[token]) > 2
                ),
                own,
            )
        found.append(own)
        keys.append(plain.get(own, "") if plain.get(own, "") in known.signs else "")
    return found, keys


def order_of_days(found: Found, keys: Sequence[str], known: Known, made: Decisions) -> str:
    """day_first or month_first; '' where it is asked."""
    days = [day for row in found.rows for day in row.days.values()] + found.days
    if found.forward is not None:
        days += found.forward.days.values()
    by_caller = made.by_caller(DATES, (DAY_FIRST, MONTH_FIRST))
    loose = [day for day in days if not day.is_dotted]
    only_day = sum(day.by_month is None for day in loose)
    only_month = sum(day.by_day is None for day in loose)
    open_days = [day for day in loose if day.is_open]
    if by_caller or not (open_days or only_day or only_month):
        return by_caller or DAY_FIRST
    if only_day and only_day >= CLEAR * only_month:
        return made.take(DATES, DAY_FIRST, f"{only_day} of the dates can be read in no other way")
    if only_month and only_month >= CLEAR * only_day:
        return made.take(DATES, MONTH_FIRST, f"{only_month} of the dates can be read in no other way")
    votes = _day_votes(found.rows, keys, known)
    for order, other in ((DAY_FIRST, MONTH_FIRST), (MONTH_FIRST, DAY_FIRST)):
        if votes[order] and votes[order] >= CLEAR * votes[other]:
            return made.take(DATES, order, f"{votes[order]} of our documents of these numbers have that date")
    example = open_days[0]
    return made.ask(
        DATES, "Which comes first in the dates: day or month?",
        [Option(DAY_FIRST, f"day first: the first open date is {example.by_day:%Y-%m-%d}"),
         Option(MONTH_FIRST, f"month first: the first open date is {example.by_month:%Y-%m-%d}")],
    ) if open_days else made.take(DATES, DAY_FIRST, "most dates")  # fmt: skip


def _day_votes(rows: Sequence[Row], keys: Sequence[str], known: Known) -> dict[str, int]:
    """How many dates of rows whose document we have are a date of that document under one order and not the other."""
    votes = {DAY_FIRST: 0, MONTH_FIRST: 0}
    for row, key in zip(rows, keys, strict=True):
        ours = known.days.get(key, frozenset())
        for day in row.days.values():
            if ours and day.is_open and (day.by_day in ours) != (day.by_month in ours):
                votes[DAY_FIRST if day.by_day in ours else MONTH_FIRST] += 1
    return votes


def number_style(figures: Sequence[Figure], currencies: Sequence[str], made: Decisions) -> list[int | None]:
    """Every amount in minor units in one style; None for what it does not fit, and for all while the style is asked."""
    readings = in_styles(figures, currencies) if figures else []
    # any style may be declared; only those that read differently are asked about
    if given := made.by_caller(AMOUNTS, ()):
        if given not in SAMPLES:
            raise ParameterError(f"decided {AMOUNTS}", found=given, wanted=f"one of {', '.join(SAMPLES)}")
        return minor_in(given, figures, currencies)
    if not readings:
        return []
    if len(readings) == 1:
        made.take(AMOUNTS, readings[0].sample, "the only number style that fits")
        return list(readings[0].minor)
    first = next(at for at in range(len(figures)) if len({reading.minor[at] for reading in readings}) > 1)
    made.ask(
        AMOUNTS, f"How are amounts written? {figures[first].raw[:40]} may be read in several ways.",
        [Option(one.sample, f"like {one.sample}") for one in readings],
    )  # fmt: skip
    return [None] * len(figures)


def amounts_of(
    rows: Sequence[Row], values: Mapping[tuple[int, str], int | None], start: int | None, made: Decisions
) -> tuple[list[int | None], list[str], bool]:
    """The amount of each row as printed, a fault where there is none, and whether it is told by debit and credit.

    `values` are by place of the row and name of its amount; `start` is the balance brought forward.
    """
    plain = [at for at, row in enumerate(rows) if row.sums and all(name.isdigit() for name in row.sums)]
    layout = _layout(rows, plain, values, start, made) if plain else {}
    balance = start
    amounts: list[int | None] = []
    faults: list[str] = []
    has_sides = False
    for at, row in enumerate(rows):
        own = {name: values.get((at, name)) for name in row.sums}
        value, fault = None, ""
        if any(value is None for name, value in own.items() if name != "paid"):
            fault = "an amount in another style than the others"
        elif at in layout:
            value = layout[at]
        elif "debit" in own or "credit" in own:
            value, has_sides = (own.get("debit") or 0) - (own.get("credit") or 0), True
        elif COLLAPSED in own:
            after, size = own["balance"] or 0, own[COLLAPSED] or 0
            before = balance if balance is not None else 0
            if abs(after - before) == abs(size):
                value = after - before
            else:
                fault = "the balance beside it does not say whether it is debit or credit"
        else:
            name = next((name for name in ("open", "amount", "gross") if name in own), "")
            value = own.get(name) if name else None
            fault = "" if name else "no amount beside the balance"
        if "balance" in own and own["balance"] is not None:
            balance = own["balance"]
        main = next((figure for name, figure in row.sums.items() if name not in ("balance", "paid")), None)
        side = row.side or (main.side if main else "")
        if value is not None and side and not ("debit" in own or "credit" in own):
            # some sources give a credit a minus and a mark, which is one minus
            value = -abs(value) if side == "C" else value
            has_sides = True
        amounts.append(value)
        faults.append(fault)
    return amounts, faults, has_sides


def _layout(
    rows: Sequence[Row],
    places: Sequence[int],
    values: Mapping[tuple[int, str], int | None],
    start: int | None,
    made: Decisions,
) -> dict[int, int | None]:
    """Which of the amounts of rows without a header is the amount."""
    sums = {at: [values.get((at, name)) for name in rows[at].sums] for at in places}
    if all(len(own) == 1 for own in sums.values()):
        columns = sorted({next(iter(rows[at].sums)) for at in places}, key=int)
        if len(columns) == 2 and all(value is None or value >= 0 for own in sums.values() for value in own):
            # two columns that are never filled together: debit stands left of credit
            made.take(
                AMOUNT_COLUMN,
                "debit_credit",
                "two columns, one of them filled on each line: debit, then credit",
            )
            return {
                at: (own[0] if columns[0] in rows[at].sums else None if own[0] is None else -own[0])
                for at, own in sums.items()
            }
        return {at: own[0] for at, own in sums.items()}
    if any(value is None for own in sums.values() for value in own):
        return {at: own[0] for at, own in sums.items()}
    chained = _chain({at: [value or 0 for value in own] for at, own in sums.items()}, start)
    if chained is not None:
        made.take(AMOUNT_COLUMN, "with_balance", "the last amount of each line is the running balance")
        return dict(chained)
    if all(len(own) == 2 and sum(value == 0 for value in own) >= 1 for own in sums.values()):
        made.take(
            AMOUNT_COLUMN, "debit_credit", "two columns, one of them filled on each line: debit, then credit"
        )
        return {at: (own[0] or 0) - (own[1] or 0) for at, own in sums.items()}
    given = made.by_caller(AMOUNT_COLUMN, ("first", "last"))
    if given:
        return {at: own[0 if given == "first" else -1] for at, own in sums.items()}
    at = next(at for at in places if len(sums[at]) > 1)
    texts = [figure.raw for figure in rows[at].sums.values()]
    made.ask(
        AMOUNT_COLUMN, f"Line {rows[at].line} holds several amounts: which one counts?",
        [Option("first", f"the first: {texts[0]}"), Option("last", f"the last: {texts[-1]}")],
    )  # fmt: skip
    return dict.fromkeys(places)


def _chain(sums: Mapping[int, Sequence[int]], start: int | None) -> dict[int, int] | None:
    """Amounts of lines whose last amount is the balance after them; None where the balances do not run on."""
    made: dict[int, int] = {}
    before = start
    for at, own in sums.items():
        if len(own) < 2:
            return None
        after = own[-1]
        if before is None:
            before = after - own[0] if abs(after) != abs(own[0]) else 0
        if abs(after - before) not in {abs(value) for value in own[:-1]}:
            return None
        made[at], before = after - before, after
    return made if len(made) > 1 else None


def sign_of(
    rows: Sequence[Row],
    amounts: Sequence[int | None],
    keys: Sequence[str],
    known: Known,
    made: Decisions,
    *,
    has_sides: bool,
) -> str:
    """owed_is_negative or owed_is_positive: how what the customer owes us stands in the text; '' where it is asked."""
    if given := made.by_caller(SIGN, (NEGATIVE, POSITIVE)):
        return given
    votes = {NEGATIVE: 0, POSITIVE: 0}
    for amount, key in zip(amounts, keys, strict=True):
        if key and amount and known.signs[key]:
            votes[NEGATIVE if (amount < 0) == (known.signs[key] > 0) else POSITIVE] += 1
    for sign, other in ((NEGATIVE, POSITIVE), (POSITIVE, NEGATIVE)):
        if votes[sign] and votes[sign] >= CLEAR * votes[other]:
            return made.take(SIGN, sign, f"{votes[sign]} of our documents stand so on it")
    if has_sides or made.decided.get(AMOUNT_COLUMN) == "debit_credit":
        return made.take(SIGN, NEGATIVE, "debit less credit, as in the customer's books")
    votes = {NEGATIVE: 0, POSITIVE: 0}
    for row, amount in zip(rows, amounts, strict=True):
        said = row.text.casefold()
        owes, pays = bool(words.OWES.search(said)), bool(words.PAYS.search(said))
        if amount and owes != pays:
            votes[NEGATIVE if (amount < 0) == owes else POSITIVE] += 1
    for sign, other in ((NEGATIVE, POSITIVE), (POSITIVE, NEGATIVE)):
        if votes[sign] and votes[sign] >= CLEAR * votes[other]:
            return made.take(
                SIGN, sign, f"{votes[sign]} lines say in words that they are invoices or payments"
            )
    signs = {amount > 0 for amount in amounts if amount}
    if len(signs) == 1:
        is_positive = signs.pop()
        return made.take(
            SIGN, POSITIVE if is_positive else NEGATIVE, "every amount has one sign: a list of what is owed"
        )
    if not signs:
        return made.take(SIGN, NEGATIVE, "no amount above or below zero")
    return made.ask(
        SIGN, "How does the statement show what the customer owes us?",
        [Option(POSITIVE, "positive: invoices stand above zero, payments and credits below"),
         Option(NEGATIVE, "negative: invoices stand below zero, as in the customer's own books")],
    )  # fmt: skip
