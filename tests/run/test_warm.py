"""Kernels that are forked from a warm parent: alike in all to those that start cold, and as far from each other."""

from __future__ import annotations

import itertools
import json
import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from arlib.run import kernel
from arlib.run.engine import Executed, Limits, execute, unfinished
from arlib.run.result import MIME
from arlib.run.warm import pool
from arlib.run.warm.parent import STALE
from arlib.run.warm.pool import Parent, Pool, Refused

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")

RESULT = (
    f"from IPython.display import display\ndisplay({{{MIME!r}: {{'a': 1}}, 'text/plain': 'x'}}, raw=True)"
)
TELL = "import json; print(json.dumps({}))"
SOON = 60.0


def run(path: Path, **given: Any) -> Executed:
    limits = Limits(cell_seconds=60, run_seconds=120, **given)
    return execute(path, parameters={}, folder=path.parent, variables={"SEEN": "yes"}, limits=limits)


def told(ended: Executed) -> Any:
    assert (ended.reason, unfinished(ended.node)) == ("", ""), ended.sentence + ended.log
    return json.loads("".join(o.get("text", "") for c in ended.node.cells for o in c.get("outputs", [])))


@pytest.fixture
def ask(notebook: Callable[..., Path]) -> Callable[..., Any]:
    """Run cells and give what an expression says at the end."""

    def answer(expression: str, *cells: str, **given: Any) -> Any:
        return told(run(notebook(*map(textwrap.dedent, cells), TELL.format(expression), RESULT), **given))

    return answer


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Switch warm kernels off."""
    return lambda: monkeypatch.setenv(pool.SWITCH, "0")


def gone(*pids: int) -> bool:
    """Whether all of them end soon."""
    deadline = time.monotonic() + SOON
    while time.monotonic() < deadline:
        alive = [pid for pid in pids if psutil.pid_exists(pid)]
        if not [pid for pid in alive if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]:
            return True
        time.sleep(0.05)
    return False


FACTS = """{
    'argv': [part for part in sys.argv if not part.endswith('.json')], 'path': sys.path, 'cwd': os.getcwd(),
    'env': {k: v for k, v in os.environ.items()}, 'files': sorted(os.listdir('/proc/self/fd')),
    'leads': os.getpgrp() == os.getpid() == os.getsid(0), 'main': sys.modules['__main__'].__name__,
    'signals': [str(signal.getsignal(n)) for n in (2, 13, 15, 17)],
    'backend': matplotlib.rcParams['backend'], 'hash': hash('x'), 'threads': os.cpu_count(), 'umask': os.umask(0),
    'options': str(pandas.get_option('display.max_rows')), 'stdin': os.path.exists('/proc/self/fd/0'),
    'context': str(decimal.getcontext()), 'locale': locale.setlocale(locale.LC_ALL), 'zone': time.tzname,
    'switches': gc.isenabled(), 'limits': resource.getrlimit(resource.RLIMIT_NOFILE),
    'affinity': sorted(os.sched_getaffinity(0)), 'spec': str(sys.flags), 'loops': sys.getrecursionlimit(),
}"""
IMPORTS = """
import os; before = 'arlib.report.aging' in __import__('sys').modules; parent = os.getppid()
import decimal, gc, locale, resource, signal, sys, time
import matplotlib, pandas
"""


def test_a_forked_kernel_is_what_a_new_one_is(ask, cold, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """Folder, environment, open files, signals, settings: nothing tells them apart but who started them."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    expression = f"[before, parent, {FACTS}]"
    is_warm, by, warm = ask(expression, IMPORTS)
    cold()
    is_cold, owner, new = ask(expression, IMPORTS)
    assert (is_warm, is_cold) == (True, False)
    assert by != owner == os.getpid()
    for facts, started_by in ((warm, by), (new, owner)):
        assert facts["env"].pop("JPY_PARENT_PID") == str(started_by)
        assert facts["env"].pop("IPYTHONDIR")
    assert new["env"].pop(pool.SWITCH) == "0"
    assert warm == new


def test_no_secret_reaches_the_parent(ask, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("BANK_PASSWORD", "hunter22")
    monkeypatch.setenv("PLAIN", "postgresql://ann:hunter22@db/ar")
    parent = ask("os.getppid()", "import os")
    assert parent != os.getpid()
    assert b"hunter22" not in Path(f"/proc/{parent}/environ").read_bytes()
    assert not [
        f for f in psutil.Process(parent).open_files() if f.path.endswith((".parquet", ".csv", ".db"))
    ]


def test_nothing_of_one_notebook_is_seen_by_another(ask) -> None:  # type: ignore[no-untyped-def]
    seen = """[os.getppid(), pandas.DataFrame.sum.__name__, os.environ.get('LEFT'), hasattr(builtins, 'left'),
        len([t for t in threading.enumerate() if t.name == 'left']), arlib.run.context.ADHOC, os.getcwd(),
        locale.setlocale(locale.LC_ALL), random.random(), numpy.random.rand(), resource.getrusage(0).ru_maxrss]"""
    imports = (
        "import builtins, locale, os, random, resource, threading, time, numpy, pandas, arlib.run.context"
    )
    before = ask(seen, imports)
    mess = """
        pandas.DataFrame.sum = lambda *a, **k: 42
        os.environ['LEFT'] = builtins.left = 'yes'
        threading.Thread(target=time.sleep, args=(600,), name='left', daemon=True).start()
        arlib.run.context.ADHOC = 'elsewhere'
        os.chdir('/'); random.seed(1); numpy.random.seed(1); kept = numpy.ones(60_000_000)
    """
    messed = ask(seen, imports, mess)
    after = ask(seen, imports)
    assert messed[:1] == before[:1], "all three from one parent"
    assert messed[1:5] == ["<lambda>", "yes", True, 1]
    assert messed[10] > before[10] + 400_000
    assert after[:8] == before[:8]
    assert after[8] != before[8], "each has a chance of its own"
    assert after[9] != before[9], "and so has NumPy"
    assert after[10] < before[10] + 100_000


@pytest.mark.parametrize(
    "cell",
    ["os._exit(0)", "os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 11)", "os.killpg(os.getpgrp(), 9)"],
)
def test_a_kernel_that_ends_itself_takes_none_with_it(ask, notebook, cell: str) -> None:  # type: ignore[no-untyped-def]
    parent = ask("os.getppid()", "import os")
    assert run(notebook("import os", cell, RESULT)).reason == "kernel_died"
    assert ask("os.getppid()", "import os") == parent


def test_what_a_kernel_forked_ends_with_it(ask) -> None:  # type: ignore[no-untyped-def]
    fork = """
        import os, subprocess, time
        forked = os.fork()
        if not forked:
            while True: time.sleep(1)
        started = subprocess.Popen(['sleep', '600']).pid
    """
    assert gone(*ask("[forked, started]", fork))


def test_the_end_of_a_kernel_is_that_of_an_interpreter(notebook, cold, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """What nobody closed is written out, threads end, what is registered for the end is called."""
    (tmp_path / "mine.py").write_text("held = open('module', 'w')\nheld.write('all')\n")
    cell = """
        import atexit, threading, time, mine
        def put(name): open(name, 'w').write('all')
        left = open('left', 'w'); left.write('all')
        atexit.register(put, 'atexit')
        def late(): time.sleep(.3); put('thread')
        threading.Thread(target=late).start()
    """
    names = ("atexit", "left", "module", "thread")
    for begin in (lambda: None, cold):
        begin()
        assert run(notebook(textwrap.dedent(cell), RESULT)).reason == ""
        found = {name: (tmp_path / name).read_text() for name in names if (tmp_path / name).exists()}
        assert found == dict.fromkeys(names, "all")
        for name in names:
            (tmp_path / name).unlink()


def test_two_kernels_run_at_once(notebook, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Each waits for the other, in processes of their own that may use every core."""
    cell = """
        import os, time
        (a, b) = names
        open(a, 'w').close()
        while not os.path.exists(b): time.sleep(.01)
        print(os.getpid(), len(os.sched_getaffinity(0)))
    """
    paths = [
        notebook(f"names = {names!r}", textwrap.dedent(cell), RESULT).rename(tmp_path / f"{names[0]}.ipynb")
        for names in (("one", "two"), ("two", "one"))
    ]
    ended: list[Executed] = []
    threads = [threading.Thread(target=lambda p=path: ended.append(run(p))) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [e.reason for e in ended] == ["", ""]
    shown = {e.node.cells[1].outputs[0].text.split()[0] for e in ended}
    cores = {int(e.node.cells[1].outputs[0].text.split()[1]) for e in ended}
    assert len(shown) == 2
    assert cores == {len(os.sched_getaffinity(0))}


def test_libraries_with_threads_of_their_own_are_forked_without(ask) -> None:  # type: ignore[no-untyped-def]
    """OpenBLAS keeps threads where it may have two; they end before the fork and begin again after it."""
    parent, product = ask(
        "[os.getppid(), float((numpy.ones((300, 300)) @ numpy.ones((300, 300))).sum())]",
        "import os, numpy",
        threads=2,
    )
    assert parent != os.getpid()
    assert product == 300.0**3
    assert psutil.Process(parent).num_threads() == 1


OWNER = """
import sys, threading
from pathlib import Path
from arlib.run.engine import Limits, execute
path = Path(sys.argv[1])
execute(path, parameters={}, folder=path.parent, variables={}, limits=Limits())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_no_orphan_survives_the_owner(notebook, tmp_path, number: int) -> None:  # type: ignore[no-untyped-def]
    cell = f"""
        import os, subprocess, time
        p = subprocess.Popen(['sleep', '600'])
        open({str(tmp_path / "part")!r}, 'w').write(f'{{os.getppid()}} {{os.getpid()}} {{p.pid}}')
        os.rename({str(tmp_path / "part")!r}, {str(tmp_path / "pids")!r})
        time.sleep(600)
    """
    owner = subprocess.Popen([sys.executable, "-c", OWNER, str(notebook(textwrap.dedent(cell), RESULT))])
    try:
        deadline = time.monotonic() + 60
        while not (tmp_path / "pids").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        pids = [int(word) for word in (tmp_path / "pids").read_text().split()]
    finally:
        owner.send_signal(number)
        owner.wait()
    assert pids[0] != owner.pid
    assert gone(*pids)


def test_the_parents_death_is_told_as_the_kernels_and_the_next_one_runs(ask, notebook) -> None:  # type: ignore[no-untyped-def]
    cell = f"""
        import os, subprocess, time
        assert os.getppid() != {os.getpid()}, 'it was to be forked'
        p = subprocess.Popen(['sleep', '600']); print(p.pid)
    """
    ended = run(notebook(textwrap.dedent(cell), "os.kill(os.getppid(), 9); time.sleep(60)", RESULT))
    assert ended.reason == "kernel_died"
    assert ended.cell == 2
    assert gone(int(ended.node.cells[0].outputs[0].text))
    assert ask("1 + 1") == 2


def test_a_parent_that_cannot_start_is_told_once_and_kernels_start_cold(  # type: ignore[no-untyped-def]
    ask, monkeypatch, tmp_path, caplog
) -> None:
    broken = tmp_path / "path"
    broken.mkdir()
    (broken / "sitecustomize.py").write_text(
        "import sys\nif 'arlib.run.warm.parent' in sys.orig_argv: sys.exit('broken')"
    )
    monkeypatch.setenv("PYTHONPATH", str(broken), prepend=os.pathsep)
    monkeypatch.setattr(pool, "_POOLS", {})
    with caplog.at_level(logging.INFO, "arlib.run.warm"):
        assert [ask("os.getppid()", "import os") for _ in range(2)] == [os.getpid()] * 2
    assert len([record for record in caplog.records if record.name == "arlib.run.warm"]) == 1


def test_a_parent_that_hangs_is_ended(ask, monkeypatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, time\nif 'arlib.run.warm.parent' in sys.orig_argv: time.sleep(600)"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(pool, "START_SECONDS", 1.0)
    monkeypatch.setattr(pool, "END_SECONDS", 0.2)
    monkeypatch.setattr(pool, "_POOLS", {})
    before = set(psutil.Process().children())
    assert ask("os.getppid()", "import os") == os.getpid()
    assert not [p for p in set(psutil.Process().children()) - before if "warm" in " ".join(p.cmdline())]


def test_the_start_of_the_parent_is_no_notebooks_time(notebook, monkeypatch, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, time\nif 'arlib.run.warm.parent' in sys.orig_argv: time.sleep(8)"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(pool, "_POOLS", {})
    path = notebook("import os; print(os.getppid())", RESULT)
    limits = Limits(cell_seconds=7, run_seconds=7)
    ended = execute(path, parameters={}, folder=tmp_path, variables={}, limits=limits)
    assert (ended.reason, ended.seconds < 8) == ("", True)
    assert int(ended.node.cells[0].outputs[0].text) != os.getpid()
    pool.shared().close()


def test_a_file_in_the_working_folder_that_hides_a_library_is_imported(ask, tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "xlsxwriter.py").write_text("ours = True")
    assert ask("[os.getppid(), xlsxwriter.ours]", "import os, xlsxwriter") == [os.getpid(), True]


def test_a_relative_path_of_imports_means_a_cold_kernel(ask, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setenv("PYTHONPATH", "here")
    assert ask("os.getppid()", "import os") == os.getpid()


def test_code_that_changed_since_is_not_run_by_an_old_parent(tmp_path) -> None:  # type: ignore[no-untyped-def]
    given = kernel.environment(threads=1, extra={}, profile=tmp_path)
    parent = Parent(("the sources as they were before",), given)
    try:
        with (tmp_path / "log").open("wb") as log, pytest.raises(Refused, match=STALE):
            parent.fork(["-f", "none"], cwd=str(tmp_path), environment=given, log=log.fileno())
    finally:
        parent.close()


def test_another_environment_gets_another_parent_and_the_old_one_ends(tmp_path) -> None:  # type: ignore[no-untyped-def]
    given = kernel.environment(threads=1, extra={}, profile=tmp_path)
    ours = Pool()
    try:
        first = ours.prepare(given)
        assert first is ours.prepare({**given, "IPYTHONDIR": "elsewhere", "ARLIB_RUN_ID": "another"})
        second = ours.prepare({**given, "LC_ALL": "C"})
        assert first
        assert second
        assert first is not second
        assert gone(first.process.pid)
    finally:
        ours.close()
    assert gone(second.process.pid)


def test_warm_and_cold_close_alike(project, cold, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    """The same results and, byte for byte, the same workbooks and tables: those of runs of one name."""
    whole = []
    for out in ("warm", "cold"):
        names = itertools.count(1)
        monkeypatch.setattr(
            "arlib.run.record.new_id", lambda names=names: f"20261105T081502Z-{next(names):06x}"
        )
        if out == "cold":
            cold()
        assert project.close(out=project.root / out, jobs=1).exit_code in (0, 1)
        runs = sorted((project.root / out).glob("2026-10/*/*/run.json"))
        facts = [json.loads(path.read_bytes()) for path in runs]
        files = {
            (path.parents[0].parent.name, str(file.relative_to(path.parent))): file.read_bytes()
            for path in runs
            for folder in ("workbooks", "data/tables")
            for file in (path.parent / folder).rglob("*")
            if file.is_file()
        }
        whole.append(([(f["entity"], f["results_sha256"]) for f in facts], files))
    assert whole[0][0] == whole[1][0]
    assert len(whole[0][0]) == 2
    assert whole[0][1].keys() == whole[1][1].keys()
    assert [name for name in whole[0][1] if whole[0][1][name] != whole[1][1][name]] == []
