"""Posting the approved proposals of a sealed run: what the command does. Floor 4. See post_ledger for kills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, SourceError
from arlib.run.approvals import receipts, write_receipt
from arlib.run.manifest import sha256_of
from arlib.run.post_approved import ApprovedRun, approved_run
from arlib.run.post_batch import Made, approval_rows, erp_files
from arlib.run.post_ledger import (
    Channel,
    batch_named,
    batches,
    finish,
    posted_before,
    record,
    where,
)
from arlib.run.post_payments import payment_files
from arlib.run.post_since import require_room
from arlib.run.store import Actor, Event
from arlib.run.store.store import HeadMovedError
from arlib.sources.upload import read_accounts, read_register
from arlib.sources.upload.batch import BATCH_ID
from arlib.tables.choices import PeriodState, ProposalKind

if TYPE_CHECKING:
    import pandas as pd

    from arlib.sources.upload import Accounts

TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Order:
    """What was asked for: `date` is the accounting date, or the day that the bank is to pay."""

    folder: Path
    target: str  # oracle, sap, pain001 or ach
    accounts_file: Path
    day: date
    batch_id: str
    out: Path
    register_file: Path | None = None

    @property
    def channel(self) -> Channel:
        """Ledger or payment."""
        return Channel.of(self.target)


def post_run(order: Order, *, actor: Actor | None = None, now: datetime | None = None) -> tuple[str, ...]:
    """Write what was approved in the run as files, record it once, and say in lines what was done.

    A batch of that name that is recorded already is finished where a kill left it without its folder, else left as it
    is. Proposals that another batch has are left out and named; where none is left nothing is written, and a
    ParameterError says where they went. `actor` and `now` are for tests.
    """
    if not BATCH_ID.fullmatch(order.batch_id):
        raise ParameterError("--batch", found=order.batch_id, wanted="1 to 25 letters, digits, - or _")
    for attempt in range(TRIES):
        moment = (now or datetime.now(UTC)).replace(microsecond=0)
        run = approved_run(order.folder, actor=actor, on=moment.date())
        events = batches(run.store, order.channel, up_to=run.head)
        own = batch_named(events, order.batch_id)
        if own is not None:
            return _finished(run, order, own, events)
        try:
            return _written(run, order, events, created_at=moment)
        except HeadMovedError:
            if attempt == TRIES - 1:
                raise
    raise AssertionError


def _written(
    run: ApprovedRun, order: Order, events: tuple[Event, ...], *, created_at: datetime
) -> tuple[str, ...]:
    _require_free(order.out)
    _require_day(run, order)
    made, notes = _made(run, order, events, created_at=created_at)
    if not made.references:
        raise ParameterError("nothing is left to post", where=run.books.run_id, fix=" ".join(made.said[1:]))
    body = {
        "batch_id": order.batch_id,
        "entity": run.books.scope.entity,
        "run_id": run.books.run_id,
        "target": order.target,
        "day": order.day.isoformat(),
        "created_at": created_at.isoformat(),
        "out": _shown(order.out, run),
        "poster": run.poster_name,
        "accounts_sha256": sha256_of(order.accounts_file),
        "proposals": approval_rows(run, made.written()),
    }
    event = record(
        made.contents,
        body,
        order.out,
        store=run.store,
        after=run.head,
        channel=order.channel,
        actor=run.poster,
    )
    write_receipt(
        run.books.outputs, head=event.head, about={"batch_id": order.batch_id, "run_id": run.books.run_id}
    )
    end = f"{len(made.contents) - 1} files written to {order.out}, recorded as event {event.seq}"
    return (*made.said, *notes, *run.notes, end)


def _finished(run: ApprovedRun, order: Order, own: Event, events: tuple[Event, ...]) -> tuple[str, ...]:
    """A batch of that name is recorded: bring its folder into place where it is not."""
    body = own.body
    asked = (run.books.run_id, order.target, order.day.isoformat())
    if (body["run_id"], body["target"], body["day"]) != asked:
        raise ParameterError(
            "--batch",
            found=order.batch_id,
            wanted=f"another name: {where(own)} is of run {body['run_id']} as {body['target']} on {body['day']}",
        )

    def again() -> Mapping[str, bytes]:
        before = tuple(event for event in events if event.seq < own.seq)
        keys = {(body["entity"], one["proposal_id"]) for one in body["proposals"]}
        then = replace(run, poster_name=body["poster"])
        made, _ = _made(then, order, before, created_at=datetime.fromisoformat(body["created_at"]), only=keys)
        return made.contents

    is_finished = finish(own, order.out, make=again)
    if not any(head.seq >= own.seq for head in receipts(run.books.outputs)):  # the kill came before it
        write_receipt(
            run.books.outputs,
            head=run.head,
            about={"batch_id": own.body["batch_id"], "run_id": run.books.run_id},
        )
    if is_finished:
        return (f"{where(own)} was recorded, but its folder was not in place; finished: {order.out}",)
    return (f"nothing to do: {where(own)} is in place",)


def _made(
    run: ApprovedRun,
    order: Order,
    events: tuple[Event, ...],
    *,
    created_at: datetime,
    only: set[tuple[str, str]] | None = None,
) -> tuple[Made, tuple[str, ...]]:
    """The files of what no earlier batch has, and a sentence for each batch that has some."""
    chosen, told = _left(run, order.channel, events, only)
    if only is None:
        require_room(run, chosen)
    accounts = read_accounts(order.accounts_file)
    _require_currency(run, accounts)
    if order.channel.name == "payment":
        made = payment_files(
            run,
            chosen,
            target=order.target,
            accounts=accounts,
            execute_on=order.day,
            created_at=created_at,
            batch_id=order.batch_id,
        )
    else:
        made = erp_files(
            run,
            chosen,
            target="sap" if order.target == "sap" else "oracle",
            accounts=accounts,
            accounting_date=order.day,
            batch_id=order.batch_id,
            register=None if order.register_file is None else read_register(order.register_file),
        )
    return made, told


def _left(
    run: ApprovedRun, channel: Channel, events: tuple[Event, ...], only: set[tuple[str, str]] | None
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Approved proposals of the channel that no batch has yet; ParameterError where there is none."""
    rows = run.proposals
    kinds = [ProposalKind.REFUND.value] if channel.name == "payment" else _BOOKED
    rows = rows[rows["kind"].isin(kinds)]
    if not len(rows):
        waits = run.proposals["kind"].eq(ProposalKind.SETTLEMENT.value).any() and channel.name == "ledger"
        raise ParameterError(
            f"nothing that was approved in this run goes to {channel.target}",
            where=run.books.run_id,
            found="settlements, which are booked by hand once the payment has come in" if waits else "",
            wanted="approved refunds"
            if channel.name == "payment"
            else "an approved proposal that books something",
        )
    held = posted_before(events)
    keys = list(zip(rows["entity"], rows["proposal_id"], strict=True))
    if only is not None:
        return rows[[key in only for key in keys]].reset_index(drop=True), ()
    gone: dict[int, list[Any]] = {}
    for key in keys:
        if key in held:
            gone.setdefault(held[key].seq, [held[key], 0])[1] += 1
    told = tuple(
        f"{count} proposals left out, posted before in {where(event)}" for event, count in gone.values()
    )
    if channel.name == "ledger":
        told += tuple(
            f"{words}: {count}"
            for kind, words in NOT_BOOKED.items()
            if (count := int(run.proposals["kind"].eq(kind.value).sum()))
        )
    left = rows[[key not in held for key in keys]].reset_index(drop=True)
    if not len(left):
        raise ParameterError(
            f"everything that was approved is posted already: {'; '.join(told)}",
            where=run.books.run_id,
            fix="Where that folder is missing, give its --batch and --out again: the batch is finished, not written twice.",
        )
    return left, told


NOT_BOOKED = {
    ProposalKind.PLAN: "payment arrangements that were approved and book nothing",
    ProposalKind.SETTLEMENT: "settlements that were approved, to be booked by hand once their payment has come in, see by_hand.csv",
}
_BOOKED = [kind.value for kind in ProposalKind if kind not in NOT_BOOKED]


def _require_day(run: ApprovedRun, order: Order) -> None:
    """The accounting date lies in the run's period or after it, and in no period that the books call closed."""
    if order.day < run.books.scope.starts_on:
        raise ParameterError(
            "--date",
            found=order.day.isoformat(),
            wanted=f"{run.books.scope.starts_on} or later: the run is of {run.books.scope.period}",
        )
    if order.channel.name == "payment":
        return
    periods = run.newest.book()["periods"]
    mine = periods[
        periods["entity"].eq(run.books.scope.entity) & periods["state"].eq(PeriodState.CLOSED.value)
    ]
    for row in mine.to_dict("records"):
        if row["starts_on"].date() <= order.day <= row["ends_on"].date():
            raise ParameterError(
                "--date",
                found=order.day.isoformat(),
                wanted=f"a day of an open period: the books of run {run.newest.run_id} call {row['period']} closed",
            )


def _require_currency(run: ApprovedRun, accounts: Accounts) -> None:
    """The books' currency of an accounts file is that of the run."""
    scope = run.books.scope
    told = accounts.functional_currency.get(scope.entity, scope.functional_currency)
    if told != scope.functional_currency:
        raise ParameterError(
            f"functional_currency.{scope.entity}",
            where="accounts file",
            found=told,
            wanted=f"{scope.functional_currency}, as run {run.books.run_id} has it",
        )


def _require_free(out: Path) -> None:
    from arlib.run.platform import is_litter

    if out.exists() and (not out.is_dir() or any(not is_litter(path.name) for path in out.iterdir())):
        raise SourceError("the output folder is not empty", where=str(out), fix="Name a new folder.")


def _shown(out: Path, run: ApprovedRun) -> str:
    """The folder as the event names it: from the project where it lies inside, else whole."""
    here, home = out.resolve(), run.books.outputs.parent
    return here.relative_to(home).as_posix() if here.is_relative_to(home) else here.as_posix()
