"""Answer a request: one notebook run, one sealed pack, one reply letter, one line in the register. Floor 4.

    lock -> register as asked -> book -> (population sealed, seed drawn once) -> run -> pack -> into place -> register

Everything is made in `outputs/audit/ID/.making-…` and renamed into place whole: a killed answer leaves nothing but that
folder, which the next one removes.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from arlib.controls import Control
from arlib.errors import StoreError
from arlib.report.pack.letters import Letter
from arlib.report.pack.model import Draw
from arlib.run import lock, platform
from arlib.run.audit import register
from arlib.run.audit.books import Source, source_of
from arlib.run.audit.packing import Packed, pack_of
from arlib.run.audit.proofs import Proofs
from arlib.run.audit.request import Request
from arlib.run.audit.running import Question
from arlib.run.audit.running import run as make_run
from arlib.run.job import Run
from arlib.run.manifest import text_of
from arlib.run.outputs import interruptible, no_room, refuse_links, writable
from arlib.run.progress import Progress
from arlib.run.store import Actor, Store, current_actor, open_store
from arlib.run.storeindex import StoreIndex

HOME = "audit"
MAKING = ".making-"
ANSWER = (
    "answer.json"  # what the register is told, beside the pack, so that a killed answer can still be recorded
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """How a request was answered. `folder` holds pack, zip and reply letter."""

    request_id: str
    folder: Path
    pack: Path
    archive: Path
    letter: Letter
    pack_sha256: str
    verify_sha256: str
    content_sha256: str
    outcome: str
    controls: tuple[Control, ...]
    key_file: Path | None = None

    @property
    def exit_code(self) -> int:
        """0, or 1 where a control of the answer is unexplained."""
        return 1 if self.outcome == "unexplained" else 0

    def lines(self) -> tuple[str, ...]:
        """What to print."""
        told = [
            f"{self.request_id}: answered, controls {self.outcome}",
            f"pack: {self.archive}",
            f"hash: {self.pack_sha256}",
            f"content: {self.content_sha256}",
            f"reply: {self.folder / 'reply.txt'}",
        ]
        return (
            (*told, f"key of the pseudonyms, not to be sent: {self.key_file}")
            if self.key_file
            else tuple(told)
        )


def answer(
    request: Request,
    *,
    progress: Progress,
    out: Path | None = None,
    authority: str = "",
    actor: Actor | None = None,
) -> Answer:
    """Answer a request whole, or leave nothing but a true word about why not.

    `out` is another output folder (its store keeps the register then); `authority` the address of a time-stamp
    authority. A request that was answered before is answered again beside the old pack; the register shows the newest.
    Raises InputError for books that cannot be used, RunError for a run that failed, BusyError while the same request is
    being answered.
    """
    outputs = (out or request.plan.outputs).resolve()
    try:
        return _answered(
            request, outputs=outputs, progress=progress, authority=authority, who=actor or current_actor()
        )
    except OSError as fault:
        if fault.errno not in platform.FULL | platform.FORBIDDEN:
            raise
        raise no_room(fault, outputs) from fault


def _answered(request: Request, *, outputs: Path, progress: Progress, authority: str, who: Actor) -> Answer:
    """The contents page of an answer."""
    plan = replace(request.plan, outputs=outputs)
    request = replace(request, plan=plan)
    proofs = Proofs.asked(authority=authority)
    home = plan.outputs / HOME / request.request_id
    with writable(plan.outputs), interruptible(), ExitStack() as stack:
        refuse_links(plan.outputs, f"{HOME}/{request.request_id}")
        about = f"request {request.request_id}"
        stack.enter_context(lock.hold(plan.outputs, f"{HOME}.{request.request_id}", about=about))
        store = open_store(plan.outputs)
        register.require_sound(store)
        _catch_up(store, home, request.request_id, who)
        register.record_asked(store, request, actor=who)
        progress.note(f"{request.request_id}: reading the books")
        source = source_of(request, StoreIndex(store))
        making = home / f"{MAKING}{secrets.token_hex(4)}"
        making.mkdir(parents=True)
        stack.callback(_remove, making)
        parameters, draw = _parameters(request, source, store, who)
        run, sealed = make_run(
            Question(
                plan=plan,
                kind=request.kind,
                entity=request.entity,
                as_of=request.as_of,
                parameters=parameters,
                files=request.files,
                book=source.book,
                inputs=source.inputs,
                decisions=source.decisions,
            ),
            folder=making / "run",
            progress=progress,
        )
        progress.note(f"{request.request_id}: sealing the pack")
        packed = pack_of(
            request,
            source,
            run=run,
            sealed=sealed,
            folder=making / "answer",
            actor=who,
            proofs=proofs,
            draw=draw,
        )
        key_file = _keep_key_file(source, packed.name)
        return _placed(request, packed, run, home, store, who, draw=draw, key_file=key_file)


def _parameters(
    request: Request, source: Source, store: Store, who: Actor
) -> tuple[Mapping[str, str | int | bool], Draw | None]:
    """The notebook's parameters, and the draw of a sample: its population is recorded first, then the seed that is used."""
    if request.kind != "sample":
        return request.notebook_parameters(), None
    from arlib.audit.evidence.sample import sealed_population
    from arlib.run.audit_params import ask_of

    population = sealed_population(
        source.book,
        scope=request.plan.scope(request.entity, as_of=request.as_of),
        policies=request.plan.policies,
        ask=ask_of(request.kind, request.checked(), files={}),
    )
    register.record_sealed(store, request, population, actor=who)
    sha256 = str(population["sha256"])
    named = str(request.parameters.get("seed", ""))
    if not named:
        return request.notebook_parameters(), Draw(population_sha256=sha256)
    seed, by = register.seed_of(
        store,
        request,
        population,
        seed=secrets.token_hex(16) if request.is_drawn else named,
        by=register.ARLIB if request.is_drawn else register.REQUESTER,
        actor=who,
    )
    return request.notebook_parameters(seed=seed), Draw(population_sha256=sha256, seed=seed, by=by)


def _keep_key_file(source: Source, name: str) -> Path | None:
    """Lay who is behind which pseudonym beside the key, never beside the pack, for its owner's eyes alone."""
    if source.key_place is None:
        return None
    target = source.key_place.with_name(f"{source.key_place.name}.{name}.csv")
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(source.key_file)
    return target


def _placed(
    request: Request,
    packed: Packed,
    run: Run,
    home: Path,
    store: Store,
    who: Actor,
    *,
    draw: Draw | None,
    key_file: Path | None,
) -> Answer:
    """Move the answer into place, then tell the register; both survive a kill between them."""
    told = {
        "pack": packed.name,
        "pack_sha256": packed.pack_sha256,
        "archive_sha256": packed.archive_sha256,
        "verify_sha256": packed.verify_sha256,
        "content_sha256": packed.content_sha256,
        "results_sha256": run.results_sha256,
        "run_id": run.run_id,
        "outcome": packed.outcome,
        "prepared_by": packed.prepared_by,
        "reviewed_by": request.reviewed_by,
        "signed_by": packed.signed_by,
        "stamped_at": packed.stamped_at,
        "waits_for": "seed" if draw is not None and not draw.seed else "",
    }
    platform.write_whole(packed.folder / ANSWER, text_of(told))
    platform.make_read_only(packed.folder)
    platform.sync_tree(packed.folder)
    final = home / run.run_id
    refuse_links(request.plan.outputs, f"{HOME}/{request.request_id}")
    platform.rename_whole(packed.folder, final)
    register.record_answered(store, request.request_id, told, actor=who)
    return Answer(
        request_id=request.request_id,
        folder=final,
        pack=final / packed.name,
        archive=final / f"{packed.name}.zip",
        letter=packed.letter,
        pack_sha256=packed.pack_sha256,
        verify_sha256=packed.verify_sha256,
        content_sha256=packed.content_sha256,
        outcome=packed.outcome,
        controls=run.controls,
        key_file=key_file,
    )


def _catch_up(store: Store, home: Path, request_id: str, who: Actor) -> None:
    """Record what a killed answer had put into place but not told, and remove what it had not finished."""
    for folder in sorted(home.iterdir()) if home.is_dir() else ():
        if folder.name.startswith(MAKING):
            _remove(folder)
        elif (folder / ANSWER).is_file():
            where = f"{HOME}/{request_id}/{folder.name}"
            try:
                told: dict[str, Any] = json.loads((folder / ANSWER).read_bytes())
                is_known = told["pack"] in register.packs_of(store)
            except (ValueError, KeyError, TypeError) as fault:
                raise StoreError(
                    "what an earlier answer left cannot be read", where=f"{where}/{ANSWER}"
                ) from fault
            if not is_known:
                _require_own(folder, told, request_id, where=where)
                register.record_answered(store, request_id, told, actor=who)


def _require_own(folder: Path, told: Mapping[str, Any], request_id: str, *, where: str) -> None:
    """Raise StoreError unless the pack in a folder is whole, answers this request, and is the one that is told of."""
    from arlib.report.pack.verify_pack import check

    pack = folder / str(told["pack"])
    found = (
        check(str(pack), expect=str(told["pack_sha256"])) if pack.parent == folder and pack.is_dir() else None
    )
    own = (
        json.loads((pack / "data" / "pack.json").read_bytes()) if found is not None and found.is_sound else {}
    )
    if own.get("request", {}).get("id") != request_id or own.get("run_id") != told.get("run_id"):
        raise StoreError(
            "an answer lies there that the register does not know, and its pack is not what it says",
            where=where,
            fix="Find out who put it there, and move it away.",
        )


def _remove(folder: Path) -> None:
    if folder.is_dir():
        platform.make_tree_writable(folder)
        platform.remove_tree(folder)
