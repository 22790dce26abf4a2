"""Who approved write-offs, credits, refunds and adjustments, and whether he might. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.cut_off.approval_records import KINDS, changes_of, proposal_kind, with_records
from arlib.audit.cut_off.frames import APPROVAL_FAULTS, APPROVALS, Grade, State
from arlib.audit.cut_off.population_ties import documents_posted, population_controls, write_offs_taken_back
from arlib.audit.cut_off.splits import split_changes
from arlib.audit.cut_off.tested import Test, adds_up, counted_by, not_possible, population_of, tests_of
from arlib.audit.options.cut_off import ApprovalsOptions
from arlib.audit.population import Population
from arlib.controls import Control, Identity
from arlib.credit.authority import (
    Amount,
    Matter,
    People,
    Translator,
    incompatible_with,
    rules_of,
    same,
    weigh,
)
from arlib.credit.authority.matrix import DUTY_OF
from arlib.credit.write_off.flags import same_person
from arlib.money import Rates, totals_by
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.rows import Row, is_none, records, text

POINTS = {
    "self_approved": 60,
    "rejected": 60,
    "no_evidence": 50,
    "no_authority": 45,
    "unknown_approver": 40,
    "approved_after_posting": 40,
    "above_what_was_approved": 40,
    "split": 35,
    "approver_posted": 25,
    "incompatible_duties": 20,
}


@dataclass(frozen=True, kw_only=True)
class Approvals:
    """What `approvals` found."""

    rows: pd.DataFrame  # APPROVALS: every change, the gravest fault first
    faults: pd.DataFrame  # APPROVAL_FAULTS
    tests: pd.DataFrame  # TESTS
    population: pd.DataFrame  # POPULATION
    controls: tuple[Control, ...]  # the population against the sub-ledger's postings, by currency
    identities: tuple[Identity, ...]
    limits: tuple[str, ...]


def approvals(book: Book, *, scope: Scope, policies: Policies, ask: Ask) -> Approvals:
    """Every write-off, credit memo, refund, adjustment and reversal of a write-off posted from `from_date` (else the first of
    the period) to the date, both inside, against what is on record of its approval.

    Where no change of a kind names an approver at all, the books keep none for it: not possible, and no fault. Where some
    do, one without is a fault. An approver is judged by the authority policy of today for the day of his approval (the posting
    day where no record says it): known person, grant for kind, reason and entity valid on that day, limit at that day's
    closing rate; a limit itself is within it. Proposer and approver are compared by name, whatever case and spaces. Splitting
    follows the rule of the write-off flags. Needs ITEMS; uses APPLICATIONS, DECIDED_PROPOSALS, WRITTEN_OFF,
    ADJUSTMENT_REQUESTS, FX_RATES.
    """
    options = ask.options if isinstance(ask.options, ApprovalsOptions) else ApprovalsOptions()
    first = pd.Timestamp(options.from_date or scope.starts_on)
    every = changes_of(book, scope=scope, population=ask.population, first=first)
    mine = every[every["asked"].to_numpy(dtype=bool)].reset_index(drop=True)
    rows = with_records(mine, book, scope=scope)
    rows["authority_kind"] = [
        proposal_kind(kind, reason).value for kind, reason in zip(rows["kind"], rows["reason"], strict=True)
    ]
    proposer = rows["proposed_by"].map(text)
    rows["person"] = proposer.where(proposer.ne(""), rows["posted_by"].map(text))
    rates = Rates.of(book["fx_rates"])
    split = split_changes(rows, scope=scope, policies=policies, rates=rates, days=options.split_window_days,
                          within=Fraction(options.split_within_share))  # fmt: skip
    has_evidence = set(rows.loc[rows["approved_by"].map(text).ne("") | rows["was_rejected"], "kind"])
    judge = _Judge(policies, scope, rates)
    judged = []
    for place, row in enumerate(records(rows)):
        can = row["kind"] in has_evidence
        found = judge.faults(row) if can else {}
        if place in split:
            found["split"] = split[place]
        judged.append(_judged(row, found, can=can))
    table = _ranked(judged)
    part = (
        pd.Series(
            np.where(mine["kind"].isin(has_evidence), "tested: ", "no approver on record: "), index=mine.index
        )
        + mine["kind"]
    )
    rest = every[~every["asked"].to_numpy(dtype=bool)]
    population = pd.concat(
        [population_of(mine, part, amount="change"),
         population_of(rest, pd.Series("left out: not asked for", index=rest.index), amount="change")], ignore_index=True,
    )  # fmt: skip
    tests = _tests(rows, has_evidence, judge)
    whole = changes_of(book, scope=scope, population=Population(), first=first)
    days = (first, pd.Timestamp(scope.as_of))
    posted = pd.concat([documents_posted(book, scope=scope, days=days, item_types=KINDS),
                        write_offs_taken_back(book, scope=scope, days=days)], ignore_index=True)  # fmt: skip
    posted["amount"] = posted["amount"].abs()
    return Approvals(
        rows=table, faults=_faults(table), tests=tests_of(tests, _found(table)), population=population,
        controls=population_controls(population, posted, what="Changes", scope=scope),
        identities=adds_up(population, counted_by(whole, amount="change"), name="approvals", label="changes in the ledger",
                           entity=scope.entity),
        limits=not_possible(tests),
    )  # fmt: skip


class _Judge:
    """The authority policy as it is asked about one change after another."""

    def __init__(self, policies: Policies, scope: Scope, rates: Rates) -> None:
        self.policy, self.scope, self.rates = policies.authority, scope, rates
        self.people = People.of(self.policy)

    @property
    def knows(self) -> bool:
        """Whether there is a matrix to judge by."""
        return bool(self.policy.people and self.policy.grants)

    def faults(self, row: Row) -> dict[str, str]:
        """What is wrong with the approval of one change, each with its sentence."""
        approver, proposer, poster = (
            text(row["approved_by"]),
            text(row["proposed_by"]),
            text(row["posted_by"]),
        )
        found: dict[str, str] = {}
        if row["was_rejected"]:
            return {"rejected": "the proposal was rejected, and the change was posted"}
        if not approver:
            return {"no_evidence": "no approval is on record, while others of its kind have one"}
        if self._one(proposer, approver):
            found["self_approved"] = f"{approver} proposed and approved it"
        elif self._one(poster, approver):
            found["approver_posted"] = f"{approver} approved and posted it"
        on = row["approved_on"]
        if not is_none(on) and on > row["day"]:
            found["approved_after_posting"] = (
                f"approved {on:%Y-%m-%d}, after it was posted {row['day']:%Y-%m-%d}"
            )
        amount = row["approved_amount"]
        if not is_none(amount) and int(row["change"]) > int(amount):
            found["above_what_was_approved"] = "more was posted than approved"
        return found | (self._authority(row, approver) if self.knows else {})

    def _one(self, name: str, other: str) -> bool:
        known = same(self.people.find(name), self.people.find(other)) if name and other else False
        return known or same_person(name, other)

    def _authority(self, row: Row, approver: str) -> dict[str, str]:
        person = self.people.find(approver)
        if person is None:
            return {"unknown_approver": f"{self.people.unknown(approver)}: left, or never had authority"}
        on = (row["day"] if is_none(row["approved_on"]) else row["approved_on"]).date()
        functional = row["functional_amount"]
        matter = Matter(
            proposal_id=str(row["record_id"]), entity=self.scope.entity, kind=str(row["authority_kind"]), reason=text(row["reason"]),
            customer_id=text(row["customer_id"]), requested_by=text(row["proposed_by"]),
            amount=Amount(minor=int(row["change"]), currency=str(row["currency"]),
                          functional_minor=None if is_none(functional) else abs(int(functional))),
        )  # fmt: skip
        money = Translator(functional=self.scope.functional_currency, rates=self.rates, on=on)
        why = weigh(matter, rules_of(self.policy, person, "approve"), person=person, on=on, money=money).why
        found = {"no_authority": why} if why else {}
        duty = next((duty for kind, duty in DUTY_OF.items() if kind.value == row["authority_kind"]), "")
        if pair := incompatible_with(self.policy, person, duty):
            found["incompatible_duties"] = f"{person.name} has incompatible duties: {pair[0]} and {pair[1]}"
        return found


def _judged(row: Row, found: dict[str, str], *, can: bool) -> Row:
    names = sorted(found, key=lambda name: (-POINTS[name], name))
    said = "; ".join(found[name] for name in names)
    if not said:
        who = text(row["approved_by"])
        day = f" on {row['approved_on']:%Y-%m-%d}" if not is_none(row["approved_on"]) else ""
        said = f"approved by {who}{day}" if can else "not possible: no change of this kind names an approver"
    return {
        **{name: row[name] for name in ("entity", "record_id", "document_no", "kind", "customer_id", "reason", "currency",
                                        "posted_by", "proposed_by", "approved_by", "approved_on")},
        "posting_date": row["day"], "amount": int(row["change"]), "worth": int(row["worth"]),
        "state": (State.DONE if can else State.NOT_POSSIBLE).value, "faults": ", ".join(names) or None,
        "score": sum(POINTS[name] for name in names), "finding": said,
    }  # fmt: skip


def _ranked(judged: list[Row]) -> pd.DataFrame:
    ordered = sorted(
        judged, key=lambda row: (-row["score"], -row["worth"], str(row["document_no"]), str(row["record_id"]))
    )
    return APPROVALS.from_rows({**row, "rank": number} for number, row in enumerate(ordered, start=1))


def _exploded(table: pd.DataFrame) -> pd.DataFrame:
    """One row for each fault of each change."""
    bad = table[table["faults"].notna().to_numpy(dtype=bool)]
    return bad.assign(fault=bad["faults"].str.split(", ")).explode("fault")


def _faults(table: pd.DataFrame) -> pd.DataFrame:
    bad = _exploded(table)
    if bad.empty:
        return APPROVAL_FAULTS.empty()
    work = bad[["fault", "currency", "amount"]].assign(documents=1).astype({"documents": "Int64"})
    made = totals_by(work.reset_index(drop=True), ["fault", "currency"], ["documents", "amount"])
    return APPROVAL_FAULTS.typed(made).sort_values(["fault", "currency"], ignore_index=True)


_TEST_OF = {
    "no_authority": "authority", "unknown_approver": "authority", "incompatible_duties": "authority", "self_approved": "two_persons",
    "approver_posted": "two_persons", "split": "splitting",
}  # fmt: skip


def _found(table: pd.DataFrame) -> pd.DataFrame:
    """Changes of each test that have a fault, each once."""
    bad = _exploded(table)
    tests = bad.assign(test=bad["fault"].map(_TEST_OF).fillna("approved"), grade=Grade.EXCEPTION.value)
    return tests.drop_duplicates(["rank", "test"])[["test", "grade"]]


def _tests(rows: pd.DataFrame, has_evidence: set[str], judge: _Judge) -> list[Test]:
    can = rows["kind"].isin(has_evidence)
    named = can & rows["approved_by"].map(text).ne("")
    lacking = sorted(set(rows["kind"]) - has_evidence)
    why = (
        f"no {', '.join(name.replace('write_off', 'write-off').replace('_', ' ') for name in lacking)} names an approver"
        if lacking
        else ""
    )
    no_authority = "" if named.all() else "no approver is on record"
    if not judge.knows:
        no_authority = "no authority policy with people and grants was given"
    limited = any(grant.up_to for grant in judge.policy.grants)
    proposed = named & (rows["proposed_by"].map(text).ne("") | rows["posted_by"].map(text).ne(""))
    return [
        Test(name="approved", assertion="occurrence, authorisation", tested=int(can.sum()), not_tested=int((~can).sum()), why_not=why,
             words="An approval is on record, of the amount or more, given on or before the posting, and not a rejection."),
        Test(name="two_persons", assertion="authorisation", tested=int(proposed.sum()), not_tested=int((~proposed).sum()),
             why_not="" if proposed.all() else "proposer, poster or approver is not on record",
             words="Who approved neither proposed nor posted it."),
        Test(name="authority", assertion="authorisation", is_possible=judge.knows, tested=int(named.sum()) if judge.knows else 0,
             not_tested=int((~named).sum()) if judge.knows else len(rows), why_not=no_authority,
             words="The approver is a person of the authority policy with a grant for kind, reason, entity, day and amount."),
        Test(name="splitting", assertion="authorisation", is_possible=limited or bool(len(rows)), tested=len(rows),
             why_not="" if limited else "the authority policy has no limits; those of the write-off policy alone were held against it",
             words="Changes of one customer and person within some days, each just below a limit and together above it."),
    ]  # fmt: skip
