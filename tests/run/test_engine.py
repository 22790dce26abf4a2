"""The engine against real kernels: what happened is told truly, whatever papermill's metadata says."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from arlib.errors import RunError
from arlib.run import kernel
from arlib.run.engine import Executed, Limits, Stop, execute, failing_cell, unfinished
from arlib.run.result import MIME

RESULT = (
    f"from IPython.display import display\ndisplay({{{MIME!r}: {{'a': 1}}, 'text/plain': 'x'}}, raw=True)"
)
SHORT = Limits(cell_seconds=5, run_seconds=30, output_bytes=500_000)


def run(path: Path, *, limits: Limits = SHORT, stop: Stop | None = None, **parameters: object) -> Executed:
    return execute(
        path, parameters=parameters, folder=path.parent, variables={"SEEN": "yes"}, limits=limits, stop=stop
    )


def text(ended: Executed) -> str:
    return "".join(o.get("text", "") for c in ended.node.cells for o in c.get("outputs", []))


def test_runs_to_the_end(notebook, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("ARLIB_STORE_URL", "postgresql://ann:hunter22@db/ar")
    monkeypatch.setenv("BANK_PASSWORD", "hunter22")
    monkeypatch.setenv("PLAIN", "postgresql://ann:hunter22@db/ar")
    path = notebook(
        'code = "x"',
        "import os, sys\nprint(repr(code), os.getcwd(), sys.executable)\nprint(dict(os.environ))",
        "ip = get_ipython()\nprint(ip.history_manager.hist_file, ip.profile_dir.location)",
        RESULT,
    )
    ended = run(path, code="00417")
    assert (ended.reason, ended.cell, unfinished(ended.node)) == ("", 0, "")
    shown = text(ended)
    assert "'00417'" in shown, "a code keeps its zeros"
    assert str(path.parent) in shown
    assert os.path.realpath(os.sys.executable) in os.path.realpath(shown.split()[2])  # type: ignore[attr-defined]
    assert "'SEEN': 'yes'" in shown
    assert "hunter22" not in shown, "no secret reaches the kernel"
    assert ":memory:" in shown, "the history is not on the disk"
    assert str(Path.home() / ".ipython") not in shown, "no profile of the user"
    assert "'OMP_NUM_THREADS': '1'" in shown
    assert len(ended.cells) == 5, "with the one that papermill adds"


def test_the_kernel_needs_no_installed_kernelspec(notebook, monkeypatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "none"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "none"))
    path = notebook("a = 1", RESULT)
    node = json.loads(path.read_text())
    node["metadata"]["kernelspec"] = {"name": "no-such-kernel", "display_name": "x", "language": "python"}
    path.write_text(json.dumps(node))
    assert run(path).reason == ""


def test_the_kept_notebook_has_no_volatile_metadata(notebook) -> None:  # type: ignore[no-untyped-def]
    first, second = (run(notebook("a = 1", RESULT), a=2) for _ in range(2))
    assert first.node == second.node, "ids, marks and times are the same twice"
    assert first.node.metadata.papermill == {"parameters": {"a": 2}}
    assert all("papermill" not in cell.metadata for cell in first.node.cells)


@pytest.mark.parametrize(
    ("cell", "reason", "word"),
    [
        ("1 / 0", "cell_failed", "ZeroDivisionError"),
        ("import sys; sys.exit(0)", "cell_failed", "SystemExit"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "kernel_died", "kernel died"),
        ("import os; os._exit(0)", "kernel_died", "kernel died"),
        ("raise OSError(28, 'No space left on device')", "disk_full", "No space left"),
        (
            "from arlib.errors import IdentityError\nraise IdentityError('1 is not 2')",
            "identity",
            "1 is not 2",
        ),
        (
            "for _ in range(40): print('x' * 50_000)\nimport time; time.sleep(20)",
            "output_too_large",
            "500000 bytes",
        ),
    ],
)
def test_what_stops_a_notebook_is_told(notebook, cell: str, reason: str, word: str) -> None:  # type: ignore[no-untyped-def]
    ended = run(notebook("a = 1", cell, RESULT))
    assert ended.reason == reason
    assert word in ended.sentence
    assert ended.cell == 2
    assert unfinished(ended.node)
    assert ended.node.cells[2].execution_count is None, (
        "the cell after it never ran, and does not say that it did"
    )


def test_a_cell_past_its_limit(notebook) -> None:  # type: ignore[no-untyped-def]
    begun = time.monotonic()
    ended = run(notebook("a = 1", "import time; time.sleep(60)", RESULT), limits=Limits(cell_seconds=1))
    assert (ended.reason, ended.cell) == ("timeout", 2)
    assert time.monotonic() - begun < 20


def test_a_cell_that_heeds_no_interrupt_past_its_limit(notebook) -> None:  # type: ignore[no-untyped-def]
    cell = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)"
    assert run(notebook("a = 1", cell, RESULT), limits=Limits(cell_seconds=1)).reason == "timeout"


def test_a_notebook_past_its_limit(notebook) -> None:  # type: ignore[no-untyped-def]
    cells = ["import time; time.sleep(1)"] * 8
    ended = run(notebook("a = 1", *cells, RESULT), limits=Limits(cell_seconds=30, run_seconds=3))
    assert ended.reason == "timeout"
    assert "3 seconds" in ended.sentence
    assert unfinished(ended.node)


def test_a_kernel_that_dies_after_handing_over_its_result_is_no_success(notebook) -> None:  # type: ignore[no-untyped-def]
    """Counts have no gap, there is no error, the result is there: papermill would call it completed."""
    ended = run(notebook("a = 1", RESULT + "\nimport os, time; time.sleep(.5); os._exit(1)"))
    assert ended.reason == "kernel_died"


def test_what_a_kernel_started_ends_with_it(notebook, tmp_path) -> None:  # type: ignore[no-untyped-def]
    file = str(tmp_path / "pid")
    cell = f"import subprocess\np = subprocess.Popen(['sleep', '300'])\nopen({file!r}, 'w').write(str(p.pid))"
    assert run(notebook("a = 1", cell, RESULT)).reason == ""
    pid = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 5
    while _lives(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_the_switch_ends_running_kernels_and_those_to_come(notebook) -> None:  # type: ignore[no-untyped-def]
    stop = Stop()
    threading.Timer(3, stop.pull, ("interrupted",)).start()
    path = notebook("a = 1", "import time; time.sleep(60)", RESULT)
    ended = run(path, stop=stop, limits=Limits(cell_seconds=100))
    assert ended.reason == "interrupted"
    assert run(path, stop=stop).reason == "interrupted"


def test_a_start_that_fails_is_tried_once_more_and_then_told(notebook, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    real, calls = kernel.manager, []

    def broken_first(folder: Path, **given: object) -> object:
        made = real(folder, **given)  # type: ignore[arg-type]
        calls.append(made)
        if len(calls) <= broken:
            made.kernel_spec_manager.get_kernel_spec = lambda name: _spec(["false"])
        return made

    monkeypatch.setattr(kernel, "manager", broken_first)
    broken = 1
    assert run(notebook("a = 1", RESULT)).reason == ""
    assert len(calls) == 2
    broken = 9
    ended = run(notebook("a = 1", RESULT))
    assert ended.reason == "kernel_did_not_start"
    assert len(calls) == 4


def _spec(argv: list[str]) -> object:
    from jupyter_client.kernelspec import KernelSpec

    return KernelSpec(argv=argv, display_name="x", language="python")


def test_several_kernels_at_once_do_not_meet(notebook, tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = notebook("who = 0", "print('I am', who)", RESULT)
    shown: dict[int, Executed] = {}
    threads = [threading.Thread(target=lambda n=n: shown.update({n: run(path, who=n)})) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {n: text(ended).strip() for n, ended in shown.items()} == {n: f"I am {n}" for n in range(4)}


def test_nothing_is_left_in_the_temporary_folder(notebook, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    home = tmp_path / "t"
    home.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(home))
    run(notebook("a = 1", RESULT))
    assert list(home.iterdir()) == []


def test_a_notebook_that_cannot_be_read(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "n.ipynb").write_text("{not json")
    with pytest.raises(RunError, match="cannot be read"):
        run(tmp_path / "n.ipynb")


def test_unfinished_looks_at_counts_errors_and_results(notebook) -> None:  # type: ignore[no-untyped-def]
    done = run(notebook("a = 1", RESULT)).node
    assert unfinished(done) == ""
    for change, word in (
        (lambda n: n.cells[1].update(execution_count=5), "counted 5"),
        (lambda n: n.cells[1].update(execution_count=None), "was not run"),
        (lambda n: n.cells[-1].update(outputs=[]), "no results"),
        (lambda n: n.cells[-1].outputs.append(n.cells[-1].outputs[0]), "2 results"),
    ):
        node = __import__("copy").deepcopy(done)
        change(node)
        assert word in unfinished(node)
    assert failing_cell(done) == 0


def test_secret_names_and_addresses() -> None:
    given = {
        "DB_PASSWORD": "a",
        "ARLIB_STORE_URL": "b",
        "PGPASSWORD": "c",
        "HOME": "/h",
        "API_TOKEN": "d",
        "DATABASE_URL": "e",
        "X": "postgresql://u:p@h/d",
        "LANG": "C",
    }
    assert set(given) - set(kernel.secrets(given)) == {"HOME", "LANG"}


def test_own_process_group_is_never_killed() -> None:
    from arlib.run import platform

    before = signal.getsignal(signal.SIGTERM)
    platform.kill_group(os.getpgrp())
    platform.kill_group(0)
    assert signal.getsignal(signal.SIGTERM) == before
