"""What runs on a worker: one notebook in a private folder and a kernel of its own, or one call. Floor 4.

Only bytes, JSON and text come in and go out. Nothing of the worker's machine goes out: its paths and secrets are
masked here, where they are known. The scheduler imports this module too, so what is heavy is imported where it is used.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from arlib.run.cluster import packs

LOOK_SECONDS = 0.5
EXECUTED = "executed.ipynb"
TOLD = "told.json"
FILES = "files/"
RUN, PROJECT = "run", "project"  # the two folders of a pack


async def report() -> str:
    """What this worker is, as JSON; asked before a close, which lets kernels warm up meanwhile.

    In a thread: a worker whose loop is held up looks dead.
    """
    return await asyncio.to_thread(_report)


def _report() -> str:
    from arlib.run.cluster.facts import facts
    from arlib.run.warm import pool

    pool.prepare(threads=1)
    return json.dumps(facts())


def same(data: bytes) -> bytes:
    """A pack given once to the cluster, from where each worker that needs it has a copy."""
    return data


class Differs(Exception):  # noqa: N818  a word between worker and coordinator
    """This worker is not as the coordinator wants it; nothing was run."""


def notebook(envelope: str, source: bytes, pack: bytes) -> bytes:
    """Execute a notebook as `engine.execute` does and pack what came of it: the notebook, files, words.

    `envelope` is JSON: what `notebooks.OnCluster` says of it. `pack` holds the project's files and the run's.
    """
    asked = json.loads(envelope)
    with _at_work(asked) as work:
        if hashlib.sha256(pack).hexdigest() != asked["pack_sha256"]:
            raise Differs("got other bytes than were sent")
        return packs.packed(_executed(asked, source, pack, work))


def call(envelope: str, given: list[Any]) -> Any:
    """Call an importable function, named `module:name` in the envelope, with JSON-like arguments."""
    asked = json.loads(envelope)
    with _at_work(asked):
        module, _, name = asked["function"].partition(":")
        return getattr(importlib.import_module(module), name)(*given)


def pages(envelope: str, executed: bytes) -> bytes:
    """The pages of an executed notebook, packed; see `facts.pages_of`."""
    from arlib.run.facts import pages_of

    asked = json.loads(envelope)
    with _at_work(asked):
        return packs.packed(pages_of(asked["name"], executed, title=asked["title"], shown=asked["shown"]))


class _Work:
    """A task while it runs: whether the cluster still wants it, and a switch that ends its kernel when not."""

    def __init__(self, asked: dict[str, Any]) -> None:
        from distributed import get_worker

        from arlib.run.cluster.facts import differences, facts
        from arlib.run.engine import Stop

        self._worker = get_worker()
        self._topic, self._key = asked["topic"], self._worker.get_current_task()
        self._over = threading.Event()
        self.stop = Stop()
        self.say("started", worker=self._worker.contact_address)
        if wrong := differences(asked["facts"], facts()):
            raise Differs(f"differs from the machine that closes: {'; '.join(wrong[:8])}")

    def say(self, what: str, **more: object) -> None:
        """Tell whoever asked."""
        with suppress(Exception):  # word of progress must not end the work
            self._worker.log_event(self._topic, {"what": what, "key": self._key, **more})

    def watch(self) -> None:
        """End the kernel as soon as the scheduler has taken the task back, or the worker closes."""
        while not self._over.wait(LOOK_SECONDS):
            task = self._worker.state.tasks.get(self._key)
            is_wanted = task is not None and task.state in ("executing", "long-running")
            if not is_wanted or self._worker.status.name not in ("running", "paused", "closing_gracefully"):
                self.stop.pull("interrupted")
                return

    def end(self) -> None:
        """No more watching."""
        self._over.set()


@contextmanager
def _at_work(asked: dict[str, Any]) -> Iterator[_Work]:
    work = _Work(asked)
    watcher = threading.Thread(target=work.watch, name="arlib-watch", daemon=True)
    watcher.start()
    try:
        yield work
    finally:
        work.end()


def _executed(asked: dict[str, Any], source: bytes, pack: bytes, work: _Work) -> dict[str, bytes]:
    """The layout is that of a close at home, so that what a notebook says of its place reads the same."""
    from arlib.run import context, engine, platform
    from arlib.run.driver import Limits
    from arlib.run.hygiene import Mask
    from arlib.run.notebookcheck import mask_cells

    with platform.private_folder() as (private, _has_sockets):
        root, outputs = private / "project", private / "outputs"
        staging = outputs / asked["staging"]
        run, out = staging / "run", staging / "work" / asked["attempt"]
        path = private / "notebook" / f"{asked['notebook']}.ipynb"
        for folder in (root, run, out, path.parent):
            folder.mkdir(parents=True)
        path.write_bytes(source)
        for name, data in packs.unpacked(pack).items():
            home, _, relative = name.partition("/")
            packs.lay(data, (run if home == RUN else root) / relative)
        ended = engine.execute(
            path,
            parameters=asked["parameters"],
            folder=root,
            variables=context.variables(run=run, out=out, run_id=asked["run_id"], root=root),
            limits=Limits(**asked["limits"]),
            stop=work.stop,
            on_cell=lambda done, total: work.say("cell", done=done, total=total),
        )
        mask = Mask(root, also={outputs: asked["outputs"]})
        mask_cells(ended.node, mask)
        told = {
            "reason": ended.reason,
            "sentence": mask(ended.sentence),
            "cell": ended.cell,
            "seconds": ended.seconds,
            "cells": list(ended.cells),
            "log": mask(ended.log),
        }
        files = packs.files_below(out, prefix=FILES)
    return {EXECUTED: _json(ended.node), TOLD: _json(told), **files}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
