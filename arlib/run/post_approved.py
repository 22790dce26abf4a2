"""Which proposals of a sealed run may be posted: approved, unchanged, and by whom. Floor 4."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, Problem, SourceError, TableError
from arlib.money import Rates, format_minor
from arlib.policy import Basis, Policies, Scope
from arlib.run.manifest import NAME, RUN, sha256_of
from arlib.run.store import Actor, Head, Store, current_actor, open_store
from arlib.run.verify import verify
from arlib.run.witnesses import outputs_of, read_json

if TYPE_CHECKING:
    import pandas as pd

    from arlib.run.approvals import Approval
    from arlib.tables import Book

Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class SealedBooks:
    """A sealed run that is whole: what it says of itself, its scope and policies, its book."""

    folder: Path
    outputs: Path
    told: Mapping[str, Any]
    scope: Scope
    policies: Policies

    @property
    def run_id(self) -> str:
        """The run's name."""
        return str(self.told["run_id"])

    def book(self) -> Book:
        """The entity's book as it was sealed."""
        from arlib.sources.snapshot import read_book

        return read_book(self.folder / "data" / "book")


@dataclass(frozen=True, kw_only=True)
class ApprovedRun:
    """Approved proposals of a run that `poster` may post, judged by the store's events up to `head`."""

    books: SealedBooks
    store: Store
    head: Head
    poster: Actor
    poster_name: str
    proposals: pd.DataFrame  # PROPOSALS
    approvals: Mapping[Key, Approval]
    newest: SealedBooks  # the entity's newest sealed books: `books` where there are none after them
    notes: tuple[str, ...] = field(default=())


def is_sealed_run(folder: Path) -> bool:
    """Whether the folder is a run's."""
    return (folder / RUN).is_file() and (folder / NAME).is_file()


def sealed_books(folder: Path) -> SealedBooks:
    """The sealed run at `folder`, verified whole. Raises SourceError for one that is none or is not as it was sealed."""
    here = folder.resolve()
    if not is_sealed_run(here):
        raise SourceError(
            "not a sealed run", where=folder.name, fix="Name a run's folder, outputs/PERIOD/ENTITY/RUN_ID."
        )
    found = verify(here)
    if not found.is_whole:
        raise SourceError(
            f"the run is not as it was sealed: {sorted(found.findings)[0].sentence()}",
            fix="See `arlib verify`, and close again.",
        )
    outputs = outputs_of(here, below=here.parents[2] if len(here.parents) > 2 else here)
    if outputs is None:
        raise SourceError(
            "the run lies outside an output folder, so that no store knows it", where=folder.name
        )
    told, close = read_json(here / RUN), read_json(here / "params" / "close.json")
    entity: dict[str, Any] = next(
        (one for one in close.get("entities", ()) if one["code"] == told["entity"]), {}
    )
    scope = Scope(
        entity=told["entity"],
        entity_name=told["entity_name"],
        functional_currency=told["functional_currency"],
        period=told["period"],
        starts_on=date.fromisoformat(told["starts_on"]),
        ends_on=date.fromisoformat(told["ends_on"]),
        as_of=date.fromisoformat(told["as_of"]),
        time_zone=entity.get("time_zone") or "UTC",
        country=entity.get("country") or "",
    )
    return SealedBooks(folder=here, outputs=outputs, told=told, scope=scope, policies=_policies(close))


def scope_of(books: SealedBooks, notebook: str) -> Scope:
    """The run's scope with the basis that a notebook of it was run on."""
    from dataclasses import replace

    basis = read_json(books.folder / "params" / f"{notebook}.json").get("basis")
    return replace(books.scope, basis=Basis(basis)) if basis else books.scope


def approved_run(folder: Path, *, actor: Actor | None = None, on: date | None = None) -> ApprovedRun:
    """What of the run at `folder` was approved and may be posted by this process's user.

    `actor` and `on` (the day that counts for grants) are for tests; default are the operating system's user and today.
    Refused at once, in words: a run that is not whole, a broken store, an approval of other facts than the sealed ones,
    a proposer, approver and poster who are not three persons, a poster without a grant, what a newer run of the
    period or of a later one no longer proposes. Raises SourceError, StoreError, TableError, ParameterError where nothing was approved.
    """
    from arlib.run.approvals import approvals_of, receipts
    from arlib.run.post_since import newer_runs, not_borne_out

    books = sealed_books(folder)
    store = open_store(books.outputs)
    known = receipts(books.outputs)
    head = store.require_whole(known=known)
    who = actor or current_actor()
    approved = {
        (one.entity, one.proposal_id): one
        for one in approvals_of(store, run_id=books.run_id, known=known)
        if one.decision == "approve"
    }
    if not approved:
        raise ParameterError(
            "nothing of this run was approved",
            where=books.run_id,
            fix="Make a working copy with `arlib review`, decide in it, and read it back with `arlib approve`.",
        )
    proposals, problems = _unchanged(books, approved)
    newer = newer_runs(books, store)
    since, notes = not_borne_out(books, newer, approved)
    problems += since
    problems += _persons(books, approved, who, on=on or datetime.now(UTC).date())
    if problems:
        raise TableError("approvals that cannot be posted", problems, fix="Nothing was written.")
    return ApprovedRun(
        books=books,
        store=store,
        head=head,
        poster=who,
        poster_name=_name(books, who),
        proposals=proposals,
        approvals=approved,
        newest=newer[-1] if newer else books,
        notes=notes,
    )


def _policies(close: Mapping[str, Any]) -> Policies:
    """The policies as the run froze them."""
    from pydantic import TypeAdapter

    return TypeAdapter(Policies).validate_json(json.dumps(close.get("policies", {})))


def _unchanged(books: SealedBooks, approved: Mapping[Key, Approval]) -> tuple[pd.DataFrame, list[Problem]]:
    """The sealed rows of the approved proposals, and what differs from what was approved."""
    import pandas as pd

    from arlib.credit.proposals import PROPOSALS
    from arlib.run.approvals import sealed_proposals

    notebooks = sorted({one.notebook for one in approved.values()})
    frame = pd.concat([sealed_proposals(books.folder, each) for each in notebooks], ignore_index=True)
    frame = frame.drop_duplicates(list(PROPOSALS.key)).sort_values(list(PROPOSALS.key), ignore_index=True)
    keys = list(zip(frame["entity"], frame["proposal_id"], strict=True))
    sealed = dict(zip(keys, frame.to_dict("records"), strict=True))
    run_sha, problems = sha256_of(books.folder / RUN), []
    for key, one in sorted(approved.items()):
        row = sealed.get(key)
        if row is None:
            problems.append(refused(one, "the sealed run has no such proposal"))
            continue
        if one.run_json_sha256 != run_sha:
            problems.append(refused(one, "approved for a run.json with another hash"))
        if one.facts_sha256 != row["facts_sha256"]:  # which `sealed_proposals` has held against the facts
            problems.append(refused(one, "its facts are not those that were approved"))
        if (format_minor(int(row["amount"]), row["currency"]), row["currency"], row["kind"]) != (
            one.amount,
            one.currency,
            one.kind,
        ):
            problems.append(refused(one, f"approved as {one.kind} of {one.amount} {one.currency}"))
    mine = frame[[key in approved for key in keys]].reset_index(drop=True)
    return PROPOSALS.typed(mine), problems


def _persons(books: SealedBooks, approved: Mapping[Key, Approval], who: Actor, *, on: date) -> list[Problem]:
    """Why this person may not post, and approvals whose approver is their proposer."""
    from arlib.credit.authority import People, Proof, judge_posting
    from arlib.credit.authority.people import same

    policy = books.policies.authority
    people = People.of(policy)
    found = [
        refused(one, f"{one.approver} proposed and approved it; three persons are needed")
        for one in approved.values()
        if one.approver == one.proposer or same(people.find(one.approver), people.find(one.proposer))
    ]
    refusals = judge_posting(
        approved.values(),
        poster=who.name,
        policy=policy,
        functional=books.scope.functional_currency,
        rates=Rates.of(books.book()["fx_rates"]),
        as_of=books.scope.as_of,
        on=on,
        proof=Proof(person=who.name, method=who.authentication.value),
    )
    by_id = {one.proposal_id: one for one in approved.values()}
    return found + [
        refused(by_id[each.proposal_id], each.sentence)
        if each.proposal_id in by_id
        else Problem(file="poster", table="approvals", row=0, code=each.sentence)
        for each in refusals
    ]


def _name(books: SealedBooks, who: Actor) -> str:
    from arlib.credit.authority import People

    person = People.of(books.policies.authority).find(who.name)
    return who.name if person is None else person.name


def refused(one: Approval, words: str) -> Problem:
    """Why an approval cannot be posted, as a fault."""
    return Problem(file=f"{one.kind} {one.proposal_id}", table="approvals", row=0, code=words)
