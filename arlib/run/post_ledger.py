"""Recording a posting batch so that nothing is written twice and nothing is lost. Floor 4.

The order: the folder is written whole beside its place and seen on the disk; then the event `posting.batch` is appended,
and only while the store is still as it was when the proposals were judged; then the folder is moved into place.

    killed before the event    no batch exists. The next start removes what was left and begins anew.
    killed after the event     the batch is recorded. The next start with its name moves the folder into place, or makes
                               it again, with the hashes that the event holds; under another name its proposals are
                               refused, with the name of the batch that has them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from arlib.errors import SourceError, StoreError
from arlib.run import platform
from arlib.run.store import Actor, Event, Head, Store
from arlib.run.store.store import NewEvent
from arlib.sources.upload.write import MARKER, fill_folder

POSTED = "posting.batch"
Key = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Channel:
    """What a batch is for. A refund is posted once to the ledger, and paid once."""

    name: str  # ledger or payment
    target: str

    @classmethod
    def of(cls, target: str) -> Channel:
        """The channel of a target of the command."""
        return cls(name="payment" if target in ("pain001", "ach") else "ledger", target=target)


def batches(store: Store, channel: Channel, *, up_to: Head | None = None) -> tuple[Event, ...]:
    """Every batch of the channel that was recorded, oldest first."""
    return store.events(kinds=(POSTED,), subject_prefix=f"{channel.name}/", up_to=up_to)


def posted_before(events: tuple[Event, ...]) -> dict[Key, Event]:
    """By (entity, proposal): the batch that has it."""
    return {
        (event.body["entity"], one["proposal_id"]): event
        for event in reversed(events)
        for one in event.body["proposals"]
    }


def batch_named(events: tuple[Event, ...], batch_id: str) -> Event | None:
    """The batch of that name, whatever its case; file systems do not tell cases apart."""
    return next((e for e in events if e.body["batch_id"].casefold() == batch_id.casefold()), None)


def where(event: Event) -> str:
    """A batch in words: its name, day, folder and event."""
    return (
        f"batch {event.body['batch_id']} of {event.at[:10]}, folder {event.body['out']} (event {event.seq})"
    )


def hashes(contents: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each file."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in sorted(contents.items())}


def staging_of(out: Path, batch_id: str) -> Path:
    """Where a batch is made before it is recorded."""
    return out.resolve().with_name(f".{out.resolve().name}.{batch_id}.post")


def record(
    contents: Mapping[str, bytes],
    body: Mapping[str, Any],
    out: Path,
    *,
    store: Store,
    after: Head,
    channel: Channel,
    actor: Actor,
) -> Event:
    """Stage the files, append the event while `after` is the store's head, move the folder into place.

    Raises HeadMovedError (a StoreError) where another process wrote to the store since the proposals were judged; then
    nothing is recorded and nothing is left.
    """
    staging = staging_of(out, body["batch_id"])
    _stage(contents, staging)
    try:
        event = store.append_all(
            [
                NewEvent(
                    kind=POSTED,
                    subject=f"{channel.name}/{body['batch_id']}",
                    body={**body, "files": hashes(contents)},
                    actor=actor.name,
                    authentication=actor.authentication,
                )
            ],
            after=after,
        )[0]
    except BaseException:
        platform.remove_tree(staging)
        raise
    _move(staging, out)
    return event


def finish(event: Event, out: Path, *, make: Callable[[], Mapping[str, bytes]]) -> bool:
    """Bring the folder of a recorded batch into place where it is not; True where that had to be done.

    What was staged is taken where it is whole; else `make` makes the files again, which must have the recorded hashes.
    Raises SourceError where they have not, or where the folder holds something else.
    """
    wanted: dict[str, str] = event.body["files"]
    staging = staging_of(out, event.body["batch_id"])
    if _holds(out, wanted):
        platform.remove_tree(staging)
        return False
    if out.exists() and (not out.is_dir() or any(not platform.is_litter(p.name) for p in out.iterdir())):
        raise SourceError(
            f"the folder holds something else than {where(event)}",
            where=str(out),
            fix="Name another --out; the batch is made again there.",
        )
    if not _holds(staging, wanted):
        contents = make()
        if hashes(contents) != wanted:
            differs = sorted(name for name, sha in wanted.items() if hashes(contents).get(name) != sha)
            raise SourceError(
                f"the files of {where(event)} cannot be made again alike",
                where=str(out),
                found=", ".join(differs)[:200] or "more files",
                wanted="the accounts file and the version of arlib that it was recorded with",
            )
        _stage(contents, staging)
    _move(staging, out)
    return True


def _stage(contents: Mapping[str, bytes], staging: Path) -> None:
    try:
        platform.remove_tree(staging)
        staging.mkdir(parents=True)
        fill_folder(staging, contents)
        platform.sync_tree(staging)
        platform.sync_folder(staging.parent)
    except OSError as fault:
        platform.remove_tree(staging)
        raise SourceError(
            f"cannot be written ({fault.strerror or fault})", where=str(staging.parent)
        ) from fault


def _move(staging: Path, out: Path) -> None:
    try:
        if out.is_dir() and all(platform.is_litter(path.name) for path in out.iterdir()):
            platform.remove_tree(out)
        platform.rename_whole(staging, out.resolve())
    except OSError as fault:
        raise StoreError(
            f"the batch is recorded, but its folder cannot be moved into place ({fault.strerror or fault})",
            where=str(out),
            fix="Run the same command again: it finishes the batch.",
        ) from fault


def _holds(folder: Path, wanted: Mapping[str, str]) -> bool:
    """Whether a folder of ours has every file of the batch, unharmed."""
    if not (folder / MARKER).is_file():
        return False
    from arlib.run.manifest import sha256_of

    return all((folder / name).is_file() and sha256_of(folder / name) == sha for name, sha in wanted.items())
