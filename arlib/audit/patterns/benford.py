"""First and second digits against Benford's law. Floor 1.

Expected shares are exact to 28 places: P(first d) = log10(1 + 1/d); P(second d) = Σ log10(1 + 1/(10k + d)), k = 1..9;
P(pair d) = log10(1 + 1/d), d = 10..99. z carries the continuity correction of 1/(2n) where that is smaller than the
deviation. Classes of the mean absolute deviation: M. Nigrini, Benford's Law (Wiley 2012), table 7.1. By itself none of it
says anything about a document: it says where to look.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from arlib.audit.options.patterns import DigitsOptions
from arlib.audit.options.texts import day_of, listed
from arlib.audit.patterns.frames_digits import DIGIT_COUNTS, DIGIT_TESTS, REPEATED, Conformity
from arlib.audit.patterns.parts import parts_add_up, parts_of
from arlib.audit.population import Population, least_in
from arlib.controls import Identity
from arlib.ledger.facts import fact_dates, of_entity
from arlib.money import minor_places
from arlib.policy import Basis, Scope
from arlib.tables import Book
from arlib.tables.choices import ItemType

SETS: dict[str, tuple[str, ...]] = {
    "invoices": (ItemType.INVOICE.value, ItemType.DEBIT_MEMO.value),
    "receipts": (ItemType.RECEIPT.value, ItemType.PREPAYMENT.value),
    "credit_memos": (ItemType.CREDIT_MEMO.value,),
    "adjustments": (ItemType.WRITE_OFF.value, ItemType.ADJUSTMENT.value),
    "refunds": (ItemType.REFUND.value,),
}
DIGITS: dict[str, range] = {"first": range(1, 10), "second": range(10), "first_two": range(10, 100)}
# upper ends of close, acceptable and marginal conformity
CLASSES: dict[str, tuple[float, float, float]] = {
    "first": (0.006, 0.012, 0.015), "second": (0.008, 0.010, 0.012), "first_two": (0.0012, 0.0018, 0.0022),
}  # fmt: skip
BEYOND = 1.96
EVERY = "all"
LEAST_SPREAD = 2.0  # orders of magnitude between the 1st and the 99th percentile
MOST_ALIKE = 0.1  # share of one amount from which a set looks assigned
REPEATS_SHOWN, DOCUMENTS_SHOWN = 5, 10


@dataclass(frozen=True, kw_only=True)
class Digits:
    """What the digit tests found."""

    tests: pd.DataFrame  # DIGIT_TESTS
    counts: pd.DataFrame  # DIGIT_COUNTS
    repeated: pd.DataFrame  # REPEATED
    parts: pd.DataFrame  # TESTED
    tested: int
    identities: tuple[Identity, ...]


def expected(test: str) -> dict[int, Decimal]:
    """The share of each digit, or pair, by Benford's law; `test` is first, second or first_two."""
    if test == "second":
        return {d: sum((_log(10 * k + d) for k in range(1, 10)), Decimal(0)) for d in DIGITS[test]}
    return {d: _log(d) for d in DIGITS[test]}


def _log(d: int) -> Decimal:
    return (1 + 1 / Decimal(d)).log10()


def digits_of(minor: pd.Series, test: str) -> pd.Series:
    """The digit, or pair, of each amount, from whole minor units without sign; missing where an amount has too few digits."""
    text = minor.astype("int64").abs().astype("str")
    cut = {"first": (0, 1), "second": (1, 2), "first_two": (0, 2)}[test]
    part = text.str.slice(*cut)
    enough = text.str.len().ge(cut[1]) & text.ne("0")
    return pd.to_numeric(part.where(enough), errors="coerce").astype("Int64")


def digits(
    book: Book, *, scope: Scope, options: DigitsOptions, population: Population | None = None
) -> Digits:
    """Digit tests of the documents posted by the date, the date itself in, by set, over all currencies and for each.

    Needs ITEMS. Amounts are taken without sign in their own currency: the law does not depend on the unit. Documents that
    take others back are left out, since the same digits would count twice, and so are amounts below `least`.
    """
    items = of_entity(book["items"], scope.entity)
    wanted = [kind for name in listed(options.sets) for kind in SETS[name]]
    posted = fact_dates(items, Basis.POSTING)
    here = (posted.le(pd.Timestamp(scope.as_of)) & items["item_type"].isin(wanted)).to_numpy(dtype=bool)
    rows, posted = items[here].reset_index(drop=True), posted[here].reset_index(drop=True)
    since = day_of(options.since)
    rows["size"] = rows["amount"].abs()
    is_tested, parts = parts_of(
        rows,
        {
            "posted before the first day asked about": posted.lt(pd.Timestamp(since))
            if since
            else posted.isna() & False,
            "takes another document back": rows["reverses"].fillna("").ne(""),
            "outside the population": ~(population or Population()).chosen(rows, amount="amount"),
            "below the smallest amount tested": _too_small(rows, options.least),
        },
        entity=scope.entity,
    )
    tested = rows[is_tested.to_numpy(dtype=bool)].reset_index(drop=True)
    tests: list[dict[str, Any]] = []
    counts: list[dict[str, Any]] = []
    repeated: list[dict[str, Any]] = []
    for name in listed(options.sets):
        mine = tested[tested["item_type"].isin(SETS[name])]
        codes = sorted(mine["currency"].unique())
        shown = [
            code
            for code in codes
            if len(codes) > 1 and mine["currency"].eq(code).sum() >= options.least_count
        ]
        for code in (EVERY, *shown):
            own = mine if code == EVERY else mine[mine["currency"].eq(code)]
            key = {"entity": scope.entity, "set": name, "currency": code}
            for test in listed(options.tests):
                row, lines = _test(own, test, least_count=options.least_count)
                tests.append(key | row)
                counts.extend(key | line for line in lines)
                if test == "first_two" and code == EVERY:
                    repeated.extend(key | line for line in _repeated(own, lines))
    return Digits(
        tests=DIGIT_TESTS.from_rows(tests), counts=DIGIT_COUNTS.from_rows(counts), repeated=REPEATED.from_rows(repeated),
        parts=parts, tested=len(tested),
        identities=parts_add_up(parts, rows, entity=scope.entity, what="documents of the sub-ledger"),
    )  # fmt: skip


def _too_small(rows: pd.DataFrame, least: str) -> pd.Series:
    if not least:
        return rows["size"].lt(1).fillna(True)
    limit = {code: max(1, least_in(least, code)) for code in rows["currency"].dropna().unique()}
    return rows["size"].lt(rows["currency"].map(limit)).fillna(True)


def _test(rows: pd.DataFrame, test: str, *, least_count: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A row of DIGIT_TESTS and its rows of DIGIT_COUNTS, without their keys."""
    found = digits_of(rows["size"], test).dropna()
    n = len(found)
    count = found.value_counts()
    shares = expected(test)
    if not n:
        return {
            "test": test,
            "count": 0,
            "conformity": Conformity.NOT_JUDGED.value,
            "caution": "No amounts.",
        }, []
    lines, deviation, chi = [], 0.0, 0.0
    for digit, share in shares.items():
        own, law = int(count.get(digit, 0)), float(share)
        off = abs(own / n - law)
        deviation += off
        chi += (own - n * law) ** 2 / (n * law)
        z = z_score(own, n, law)
        lines.append({
            "test": test, "digits": digit, "count": own, "expected": f"{n * law:.1f}", "share": f"{own / n:.5f}",
            "expected_share": f"{law:.5f}", "z": f"{z:.2f}", "is_above": own > n * law, "stands_out": z > BEYOND,
        })  # fmt: skip
    mad, caution = deviation / len(shares), list(_cautions(rows, n, least_count))
    chance = mad_by_chance(n, test)
    if n >= least_count and chance > CLASSES[test][1]:
        caution.append(
            f"{n:,} amounts that follow the law deviate by {chance:.4f} by chance alone: the class says nothing here."
        )
    row = {
        "test": test, "count": n, "mad": f"{mad:.5f}", "mad_by_chance": f"{chance:.5f}",
        "chi_square": f"{chi:.2f}", "degrees": len(shares) - 1,
        "p_value": f"{chi_square_tail(chi, len(shares) - 1):.4f}",
        "conformity": (Conformity.NOT_JUDGED if n < least_count else conformity(mad, test)).value,
        "spikes": len([line for line in lines if line["stands_out"] and line["is_above"]]), "caution": " ".join(caution) or None,
    }  # fmt: skip
    return row, lines


def z_score(count: int, n: int, share: float) -> float:
    """Deviation of a share in standard errors, with the continuity correction where it is smaller than the deviation."""
    off = abs(count / n - share)
    if 1 / (2 * n) < off:
        off -= 1 / (2 * n)
    return off / math.sqrt(share * (1 - share) / n)


def mad_by_chance(n: int, test: str) -> float:
    """The mean absolute deviation to expect of n amounts that do follow the law: the mean of sqrt(2p(1 - p) / (πn))."""
    shares = [float(share) for share in expected(test).values()]
    return sum(math.sqrt(2 * p * (1 - p) / (math.pi * n)) for p in shares) / len(shares)


def conformity(mad: float, test: str) -> Conformity:
    """Nigrini's class; a deviation on a border belongs to the better class."""
    words = (Conformity.CLOSE, Conformity.ACCEPTABLE, Conformity.MARGINAL)
    return next(
        (word for word, most in zip(words, CLASSES[test], strict=True) if mad <= most), Conformity.NONE
    )


def chi_square_tail(value: float, degrees: int) -> float:
    """P(chi-square of `degrees` > value), by the closed sums for whole degrees of freedom."""
    half = value / 2
    if degrees % 2 == 0:
        return min(1.0, sum(_poisson(half, k) for k in range(degrees // 2)))
    steps = (
        math.exp((k - 0.5) * math.log(half) - half - math.lgamma(k + 0.5))
        for k in range(1, (degrees + 1) // 2)
    )
    return min(1.0, math.erfc(math.sqrt(half)) + (sum(steps) if half > 0 else 0.0))


def _poisson(mean: float, k: int) -> float:
    if mean <= 0:
        return 1.0 if k == 0 else 0.0
    return math.exp(k * math.log(mean) - mean - math.lgamma(k + 1))


def _cautions(rows: pd.DataFrame, n: int, least_count: int) -> Iterator[str]:
    """Why the law need not hold for these amounts."""
    if n < least_count:
        yield f"Only {n:,} amounts, fewer than {least_count:,}: not judged."
    places = rows["currency"].map({code: minor_places(code) for code in rows["currency"].unique()})
    size = rows["size"].to_numpy(dtype="float64") / 10.0 ** places.to_numpy(dtype="float64")
    low, high = np.quantile(size, (0.01, 0.99))
    spread = math.log10(high / low) if low > 0 else 0.0
    if spread < LEAST_SPREAD:
        yield f"The amounts spread over {spread:.1f} orders of magnitude only; the law needs {LEAST_SPREAD:.0f} or more."
    common = rows.groupby(["currency", "size"], sort=False).size()
    if n and common.max() > MOST_ALIKE * n:
        yield "One amount makes up more than a tenth of the set: prices or fees that are assigned do not follow the law."


def _repeated(rows: pd.DataFrame, lines: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """For each pair of digits that stands out above: the amounts that come most often, those that come once left out."""
    pair = digits_of(rows["size"], "first_two")
    for line in lines:
        if not (line["stands_out"] and line["is_above"]):
            continue
        mine = rows[pair.eq(line["digits"]).fillna(False).to_numpy(dtype=bool)]
        times = mine.groupby(["currency", "size"], sort=True).size()
        top = times[times > 1].sort_values(ascending=False, kind="stable").head(REPEATS_SHOWN)
        for currency, size in top.index:
            same = mine[mine["currency"].eq(currency) & mine["size"].eq(size)].sort_values(
                "document_no", kind="stable"
            )
            yield {
                "digits": line["digits"], "currency": currency, "amount": int(size), "times": len(same),
                "customers": int(same["customer_id"].nunique()),
                "documents": ", ".join(same["document_no"].head(DOCUMENTS_SHOWN)),
            }  # fmt: skip
