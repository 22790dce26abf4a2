"""A real scheduler and real workers, each a process started as people start them, on a copy of the library.

The copy is there because whoever edits the library while tests run would make a worker differ from the close.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import arlib

pytest.importorskip("distributed")

DASK = [sys.executable, "-m", "dask"]

# Closes a project, on a cluster or here, and says how it ended; nothing of it is replaced but how long it waits.
DRIVER = textwrap.dedent("""
    import json, signal, sys
    from pathlib import Path
    from arlib.run.cluster import connection
    from arlib.run.close import close
    from arlib.run.params import load_close
    from arlib.run.progress import Lines
    from arlib.run.store import open_store

    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever starts tests in the background has it ignored
    root, asked = Path(sys.argv[1]), json.loads(sys.argv[2])
    connection.PATIENCE = connection.Patience(**asked.pop("patience", {}))
    out = asked.pop("out", "")
    done = close(load_close(root / "close.yml", root=root), root=root, open_store=open_store, progress=Lines(sys.stderr),
                 out=Path(out) if out else None, **asked)
    print(json.dumps({"exit_code": done.exit_code, "close_id": done.close_id,
                      "runs": {run.entity: [run.state, run.results_sha256, run.folder, run.sentence, run.is_kept] for run in done.runs}}))
    sys.exit(done.exit_code)
""")


class Machines:
    """Starts schedulers, workers and closes, and ends what it started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.library = folder / "library"
        source = Path(arlib.__file__).parent
        shutil.copytree(source, self.library / "arlib", ignore=shutil.ignore_patterns("__pycache__"))
        self.processes: list[subprocess.Popen[str]] = []

    def environment(self, library: Path | None = None, **more: str) -> dict[str, str]:
        kept = {
            k: v for k, v in os.environ.items() if not k.startswith(("ARLIB_", "DASK_", "PYTEST_", "COV_"))
        }
        quick = {
            "PYTHONPATH": str(library or self.library),
            "PYTHONDONTWRITEBYTECODE": "1",
            "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
            "DASK_DISTRIBUTED__DASHBOARD__LINK": "",
        }
        return kept | quick | more

    def start(
        self, command: list[str], *, inside: list[str] | None = None, **given: Any
    ) -> subprocess.Popen[str]:
        number = len(self.processes)
        log = (self.folder / f"{number}.log").open("w")
        made = subprocess.Popen(
            [*(inside or []), *command],
            env=self.environment(**given),
            stdout=log,
            stderr=log,
            text=True,
            cwd=self.folder,
            start_new_session=True,
        )
        self.processes.append(made)
        return made

    def scheduler(
        self, *, host: str = "127.0.0.1", inside: list[str] | None = None, **given: str
    ) -> tuple[str, subprocess.Popen[str]]:
        port = free_port()
        made = self.start(
            [*DASK, "scheduler", "--host", host, "--port", str(port), "--no-dashboard"],
            inside=inside,
            **given,
        )
        return f"tcp://{host}:{port}", made

    def worker(
        self, address: str, *more: str, inside: list[str] | None = None, **given: Any
    ) -> subprocess.Popen[str]:
        folder = self.folder / f"space{len(self.processes)}"
        command = [
            *DASK,
            "worker",
            address,
            "--nworkers",
            "1",
            "--nthreads",
            "1",
            "--no-dashboard",
            "--local-directory",
            str(folder),
        ]
        return self.start([*command, *(more or ("--no-nanny",))], inside=inside, **given)

    def closing(self, root: Path, *, inside: list[str] | None = None, **asked: Any) -> subprocess.Popen[str]:
        """A close that has just been started."""
        made = subprocess.Popen(
            [*(inside or []), sys.executable, "-c", DRIVER, str(root), json.dumps(asked)],
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=self.folder,
            start_new_session=True,
        )
        self.processes.append(made)
        return made

    def close(self, root: Path, **asked: Any) -> dict[str, Any]:
        """How a close ended."""
        return ended(self.closing(root, **asked))

    def end(self) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def ended(process: subprocess.Popen[str], seconds: float = 200) -> dict[str, Any]:
    """What a close said when it ended; `said` is what it told on the way."""
    out, err = process.communicate(timeout=seconds)
    told = json.loads(out.splitlines()[-1]) if out.strip() else {"exit_code": process.returncode, "runs": {}}
    assert told["exit_code"] == process.returncode or not out.strip(), err
    return {**told, "said": err}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def until(is_so: Callable[[], Any], seconds: float = 100) -> Any:
    """What `is_so` gives as soon as it is true; fails when it never is."""
    deadline = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
    return found


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    """Where processes are started; all are ended with the module."""
    made = Machines(tmp_path_factory.mktemp("machines"))
    yield made
    made.end()


@pytest.fixture(scope="module")
def address(machines: Machines) -> str:
    """A scheduler with two workers of one thread, restarted by their nannies when they die."""
    address, _process = machines.scheduler()
    for _ in range(2):
        machines.worker(address, "--nanny")
    return address
