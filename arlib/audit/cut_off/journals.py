"""Journal entries on the control accounts: complete, and those that a person should look at. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.cut_off.frames import ENTRIES, SIGN_COUNTS, SOURCES, Grade, State
from arlib.audit.cut_off.signs import SIGNS, Seen, Sign
from arlib.audit.cut_off.tested import Test, adds_up, not_possible, population_of, tests_of
from arlib.audit.options.cut_off import JournalEntriesOptions
from arlib.calendar import add_months
from arlib.controls import Control, Identity
from arlib.credit.authority import Translator
from arlib.errors import RateError
from arlib.ledger.facts import of_entity
from arlib.ledger.frames_control import CAUSES
from arlib.ledger.tieout import tie_out
from arlib.money import Rates, minor_places, total, totals_by
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.choices import JournalSource, JournalStatus

NO_APPROVER = "Ledger lines name who posted and no approver: whether one person entered and approved is not possible to tell here."


@dataclass(frozen=True, kw_only=True)
class Journals:
    """What `journal_entries` found."""

    entries: pd.DataFrame  # ENTRIES
    signs: pd.DataFrame  # SIGN_COUNTS
    sources: pd.DataFrame  # SOURCES
    tests: pd.DataFrame  # TESTS
    population: pd.DataFrame  # POPULATION
    controls: tuple[Control, ...]  # opening + all lines = closing, by account
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]
    first: pd.Timestamp  # first posting day tested


def journal_entries(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> Journals:
    """Every ledger line on the control accounts from `from_date` (else twelve months) to the date, both inside, scored.

    A line is listed from `min_score` points; the signs and their points are those of `signs.SIGNS`. Signs that say little
    by themselves (night, a round amount) give few points: they rank entries that no sub-ledger document stands behind.
    Unposted lines are tested too and stand in no balance. Completeness: for each account, the balance that the ledger
    states on a day before the first and all posted lines since must give what it states at the date. `ask.population` filters
    by control account, currency and customer; amounts are in the books' currency. Needs GL_LINES; uses GL_BALANCES, ITEMS,
    APPLICATIONS, REVALUATIONS, PERIODS and the limits of the authority policy.
    """
    options = ask.options if isinstance(ask.options, JournalEntriesOptions) else JournalEntriesOptions()
    every = of_entity(book["gl_lines"], scope.entity)
    every = every.assign(amount=every["functional_amount"], document_amount=every["amount"],
                         document_currency=every["currency"], currency=scope.functional_currency)  # fmt: skip
    first = pd.Timestamp(options.from_date or add_months(scope.as_of, -12) + timedelta(days=1))
    inside = every["posting_date"].between(first, pd.Timestamp(scope.as_of))
    chosen = _chosen(every, ask)
    lines = every[(inside & chosen).to_numpy(dtype=bool)].reset_index(drop=True)
    document = lines["document_no"].fillna("")
    lines = lines.assign(document=document.where(document.ne(""), lines["journal_id"]),
                         line_name=lines["journal_id"] + "/" + lines["line_id"])  # fmt: skip
    limits, unknown = _limits(policies, scope, Rates.of(book["fx_rates"]))
    seen = _seen(book, lines, options, limits, scope=scope, policies=policies)
    flags = {sign.name: _looked_for(sign, seen) for sign in SIGNS}
    score = np.zeros(len(lines), dtype=np.int64)
    for sign in SIGNS:
        found = flags[sign.name]
        if found is not None:
            score += sign.points * found
    listed = score >= options.min_score
    entries = _entries(lines, score, listed, flags)
    part = pd.Series(np.where(lines["status"].eq(JournalStatus.UNPOSTED.value), "tested: unposted lines", "tested: posted lines"),
                     index=lines.index)  # fmt: skip
    rest = every[(inside & ~chosen).to_numpy(dtype=bool)]
    population = pd.concat(
        [
            population_of(lines, part),
            population_of(rest, pd.Series("left out: not asked for", index=rest.index)),
        ],
        ignore_index=True,
    )
    within = every[inside.to_numpy(dtype=bool)]
    tests = _tests(seen, len(lines), book)
    controls = _complete(every, book, scope=scope, first=first, accounts=_accounts(every, ask))
    raw = of_entity(book["gl_lines"], scope.entity)
    raw = raw[raw["posting_date"].between(first, pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)]
    whole = {scope.functional_currency: (len(raw), total(raw["functional_amount"]))} if len(raw) else {}
    count = pd.DataFrame({"test": "entries", "grade": [Grade.EXCEPTION.value] * len(entries)})
    return Journals(
        entries=entries, signs=_sign_counts(lines, listed, flags, seen), sources=_sources(lines, listed),
        tests=tests_of(tests, count), population=population, controls=controls,
        identities=adds_up(population, whole, name="journals", label="ledger lines of the days", entity=scope.entity)
        if len(within) else (),
        limits=(*not_possible(tests), *((NO_APPROVER,) if len(lines) else ()), *unknown), first=first,
    )  # fmt: skip


def _chosen(lines: pd.DataFrame, ask: Ask) -> pd.Series:
    asked = ask.population
    kept = pd.Series(True, index=lines.index)
    for column, wanted in (
        ("account", asked.control_accounts),
        ("document_currency", asked.currencies),
        ("customer_id", asked.customers),
    ):
        if wanted:
            kept &= lines[column].isin(wanted)
    return kept


def _accounts(lines: pd.DataFrame, ask: Ask) -> list[str]:
    """Accounts of which the balance can be proved: asked for, or all."""
    named = {str(account) for account in lines["account"].dropna()}
    return sorted(named & set(ask.population.control_accounts) if ask.population.control_accounts else named)


def _seen(
    book: Book,
    lines: pd.DataFrame,
    options: JournalEntriesOptions,
    limits: tuple[int, ...],
    *,
    scope: Scope,
    policies: Policies,
) -> Seen:
    items = of_entity(book["items"], scope.entity)
    known = [items["document_no"], items["item_id"]]
    known += [
        of_entity(book["applications"], scope.entity)[name] for name in ("application_id", "clearing_id")
    ]
    known.append(of_entity(book["receipts"], scope.entity)["receipt_id"])
    known += [of_entity(book["allowance_entries"], scope.entity)[name] for name in ("entry_id", "journal_id")]
    revaluations = of_entity(book["revaluations"], scope.entity)["document_no"]
    own = pd.concat([*known, revaluations]).dropna().drop_duplicates()
    periods = of_entity(book["periods"], scope.entity)
    causes = CAUSES.empty()
    if len(lines) and book.has("items"):
        causes = tie_out(book, scope=scope, policy=policies.tie_out).causes
    return Seen(
        lines=lines, options=options, zone=scope.time_zone, currency=scope.functional_currency, periods=periods,
        causes=causes, known=own.reset_index(drop=True), limits=limits,
        has_entry_times=bool(lines["entered_at"].notna().any()), has_closes=bool(periods["closed_at"].notna().any()),
    )  # fmt: skip


def _limits(policies: Policies, scope: Scope, rates: Rates) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Limits of grants in minor units of the books' currency, and what could not be translated."""
    money = Translator(functional=scope.functional_currency, rates=rates, on=scope.as_of)
    scale = 10 ** minor_places(scope.functional_currency)
    made, unknown = set(), []
    for grant in policies.authority.grants:
        if not grant.up_to:
            continue
        limit = money.limit(grant.up_to, grant.currency)
        try:
            one = (
                Fraction(1)
                if limit.currency == scope.functional_currency
                else rates.find(limit.currency, scope.functional_currency, scope.as_of).value
            )
        except RateError:
            unknown.append(
                f"The limit {limit} has no closing rate: amounts just below it are not looked for."
            )
            continue
        made.add(int(Fraction(grant.up_to) * one * scale))
    return tuple(sorted(made)), tuple(dict.fromkeys(unknown))


def _looked_for(sign: Sign, seen: Seen) -> np.ndarray | None:
    """Which lines show a sign; None where it cannot be looked for."""
    lacking = {"entry_times": not seen.has_entry_times, "limits": not seen.limits,
               "closes": not (seen.has_entry_times and seen.has_closes)}  # fmt: skip
    return None if lacking.get(sign.needs, False) else sign.found(seen)


def _entries(
    lines: pd.DataFrame, score: np.ndarray, listed: np.ndarray, flags: dict[str, np.ndarray | None]
) -> pd.DataFrame:
    at = np.flatnonzero(listed)
    if not len(at):
        return ENTRIES.empty()
    worth = np.abs(lines["amount"].to_numpy(dtype=np.int64))
    names = lines["line_name"].to_numpy(dtype=object)
    ordered = sorted(at.tolist(), key=lambda i: (-int(score[i]), -int(worth[i]), str(names[i])))
    shown = [[sign for sign in SIGNS if _has(flags[sign.name], i)] for i in ordered]
    made = lines.iloc[ordered].reset_index(drop=True)
    return ENTRIES.typed(
        made.assign(
            rank=np.arange(1, len(made) + 1),
            score=score[ordered],
            signs=[", ".join(sign.name for sign in mine) for mine in shown],
            finding=["; ".join(sign.words for sign in mine) for mine in shown],
        )
    )


def _has(found: np.ndarray | None, at: int) -> bool:
    return found is not None and bool(found[at])


def _sign_counts(
    lines: pd.DataFrame, listed: np.ndarray, flags: dict[str, np.ndarray | None], seen: Seen
) -> pd.DataFrame:
    lacking = {
        "entry_times": "the ledger keeps no entry times",
        "closes": "the books keep no times of closing, or no entry times",
        "limits": "the authority policy has no limits",
    }
    rows = []
    for sign in SIGNS:
        found = flags[sign.name]
        can = found is not None
        mine = found if found is not None else np.zeros(len(lines), dtype=bool)
        rows.append(
            {"sign": sign.name, "points": sign.points, "state": (State.DONE if can else State.NOT_POSSIBLE).value,
             "lines": int(mine.sum()), "listed": int((mine & listed).sum()), "currency": seen.currency,
             "amount": total(lines.loc[mine, "amount"]),
             "words": sign.words if can else f"not possible: {lacking[sign.needs]} ({sign.words})"}
        )  # fmt: skip
    return SIGN_COUNTS.from_rows(rows).sort_values(
        ["points", "sign"], ascending=[False, True], ignore_index=True
    )


def _sources(lines: pd.DataFrame, listed: np.ndarray) -> pd.DataFrame:
    if lines.empty:
        return SOURCES.empty()
    amount = lines["amount"].fillna(0)
    work = pd.DataFrame(
        {"account": lines["account"].fillna(""), "source": lines["source"].fillna(JournalSource.OTHER.value),
         "user": lines["user"].fillna(""), "status": lines["status"].fillna(""), "currency": lines["currency"],
         "lines": 1, "debits": amount.clip(lower=0), "credits": amount.clip(upper=0), "listed": listed.astype(np.int64)}
    )  # fmt: skip
    by = ["account", "source", "user", "status", "currency"]
    made = totals_by(
        work.astype({"lines": "Int64", "listed": "Int64"}), by, ["lines", "debits", "credits", "listed"]
    )
    return SOURCES.typed(made).sort_values(by[:4], kind="stable", ignore_index=True)


def _complete(
    every: pd.DataFrame, book: Book, *, scope: Scope, first: pd.Timestamp, accounts: list[str]
) -> tuple[Control, ...]:
    """For each account: balance stated before the first day + posted lines since = balance stated at the date."""
    stated = of_entity(book["gl_balances"], scope.entity)
    stated = stated[stated["currency"].eq(scope.functional_currency)].sort_values("as_of", kind="stable")
    names = (
        of_entity(book["control_accounts"], scope.entity)
        .drop_duplicates("account")
        .set_index("account")["name"]
    )
    made = []
    end = pd.Timestamp(scope.as_of)
    for account in accounts:
        mine = stated[stated["account"].eq(account)]
        before, at = mine[mine["as_of"] < first], mine[mine["as_of"].eq(end)]
        title = f"{account} {names.get(account, '')}".strip()
        given: dict[str, object] = {
            "name": "journals_complete", "title": f"{title}: opening + all journal lines = closing balance", "entity": scope.entity,
            "currency": scope.functional_currency, "account": account, "left_label": f"balance stated at {scope.as_of}",
            "right_label": "opening and posted lines",
        }  # fmt: skip
        posted = every[
            every["account"].eq(account)
            & every["status"].eq(JournalStatus.POSTED.value)
            & every["posting_date"].le(end)
        ]
        if at.empty:
            made.append(Control(**given, note=f"the ledger states no balance at {scope.as_of}"))  # type: ignore[arg-type]
            continue
        closing = int(at["balance"].iloc[-1])
        opened = (
            [before["as_of"].iloc[-1]]
            if len(before)
            else [None, *mine.loc[mine["as_of"] < end, "as_of"].head(1)]
        )
        for start in opened:
            opening = 0 if start is None else int(mine.loc[mine["as_of"].eq(start), "balance"].iloc[-1])
            since = posted if start is None else posted[posted["posting_date"] > start]
            right = opening + total(since["amount"])
            if right == closing:
                break
        said = (
            "the first line, since no balance is stated before it" if start is None else f"{start:%Y-%m-%d}"
        )
        made.append(Control(**given, left=closing, right=right, note=f"{len(since):,} lines since {said}"))  # type: ignore[arg-type]
    return tuple(made)


def _tests(seen: Seen, count: int, book: Book) -> list[Test]:
    given = book.has("gl_lines")
    hand = int(seen.by_hand().sum())
    missing = [word for word, lacks in (("entry times", not seen.has_entry_times), ("times of closing", not seen.has_closes),
                                        ("limits of authority", not seen.limits)) if lacks]  # fmt: skip
    why = (
        "no ledger lines were given"
        if not given
        else (f"without {', '.join(missing)} some signs cannot be looked for" if missing else "")
    )
    return [
        Test(name="entries", assertion="occurrence, presentation (management override)", is_possible=given, tested=count,
             why_not=why, words=f"All lines of control accounts, {hand:,} of them from no interface, are scored by the signs of "
             "ISA 240.33 and AS 2401.58 to .62."),
        Test(name="completeness", assertion="completeness", is_possible=given and book.has("gl_balances"), tested=count,
             why_not="" if given and book.has("gl_balances") else "the ledger's balances were not given",
             words="Opening balance and all journal lines give the closing balance of each account."),
        Test(name="one_person", assertion="occurrence", is_possible=False, not_tested=count,
             why_not="ledger lines name no approver", words="Nobody approves what he entered."),
    ]  # fmt: skip
