"""Answer a request: one notebook run, one sealed pack, one reply letter, one line in the register. Floor 4.

    lock -> register as asked -> book -> (population sealed, seed drawn once) -> run -> pack -> into place -> register

Everything is made in `outputs/audit/ID/.making-…` and renamed into place whole: a killed answer leaves nothing but that
folder, which the next one removes.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from arlib.controls import Control
from arlib.errors import StoreError
from arlib.report.pack.letters import Letter
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
from arlib.run.outputs import interruptible, refuse_links, writable
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
    plan = replace(request.plan, outputs=(out or request.plan.outputs).resolve())
    request = replace(request, plan=plan)
    who, proofs = actor or current_actor(), Proofs.asked(authority=authority)
    home = plan.outputs / HOME / request.request_id
    with writable(plan.outputs), interruptible(), ExitStack() as stack:
        refuse_links(plan.outputs, f"{HOME}/{request.request_id}")
        about = f"request {request.request_id}"
        stack.enter_context(lock.hold(plan.outputs, f"{HOME}.{request.request_id}", about=about))
        store = open_store(plan.outputs)
        _catch_up(store, home, request.request_id, who)
        register.record_asked(store, request, actor=who)
        progress.note(f"{request.request_id}: reading the books")
        source = source_of(request, StoreIndex(store))
        making = home / f"{MAKING}{secrets.token_hex(4)}"
        making.mkdir(parents=True)
        stack.callback(_remove, making)
        parameters = _with_seed(request, source, store, who)
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
            request, source, run=run, sealed=sealed, folder=making / "answer", actor=who, proofs=proofs
        )
        return _placed(request, packed, run, home, store, who)


def _with_seed(request: Request, source: Source, store: Store, who: Actor) -> Mapping[str, str | int | bool]:
    """The notebook's parameters; of a sample, its population is recorded first, and a seed to draw is drawn after that."""
    if request.kind != "sample":
        return request.notebook_parameters()
    from arlib.audit.evidence.sample import sealed_population
    from arlib.run.audit_params import AuditCommon, ask_of
    from arlib.run.notebook_params import check_notebook

    common = {"close_file": request.plan.close_file, "entity": request.entity, "period": request.plan.period}
    given = check_notebook(request.kind, {**common, **request.notebook_parameters()})
    assert isinstance(given, AuditCommon)
    population = sealed_population(
        source.book,
        scope=request.plan.scope(request.entity, as_of=request.as_of),
        policies=request.plan.policies,
        ask=ask_of(request.kind, given, files={}),
    )
    register.record_sealed(store, request, population, actor=who)
    if not request.is_drawn:
        return request.notebook_parameters()
    drawn = register.seed_of(
        store, request, str(population["sha256"]), drawn=secrets.token_hex(16), actor=who
    )
    return request.notebook_parameters(seed=drawn)


def _placed(request: Request, packed: Packed, run: Run, home: Path, store: Store, who: Actor) -> Answer:
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
        key_file=final / packed.key_name if packed.key_name else None,
    )


def _catch_up(store: Store, home: Path, request_id: str, who: Actor) -> None:
    """Record what a killed answer had put into place but not told, and remove what it had not finished."""
    for folder in sorted(home.iterdir()) if home.is_dir() else ():
        if folder.name.startswith(MAKING):
            _remove(folder)
        elif (folder / ANSWER).is_file():
            try:
                told: dict[str, Any] = json.loads((folder / ANSWER).read_bytes())
                register.record_answered(store, request_id, told, actor=who)
            except (ValueError, KeyError) as fault:
                raise StoreError(
                    "what an earlier answer left cannot be read",
                    where=f"{HOME}/{request_id}/{folder.name}/{ANSWER}",
                ) from fault


def _remove(folder: Path) -> None:
    if folder.is_dir():
        platform.make_tree_writable(folder)
        platform.remove_tree(folder)
