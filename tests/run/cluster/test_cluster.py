"""A close on a cluster: the same as at home bit for bit, and true to what happened when machines fail."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import nbformat
import psutil
import pytest

from tests.run.cluster.conftest import Machines, ended, until
from tests.run.conftest import Project

# A cell that writes a line of the process it runs in each time it starts, and waits the first time.
WAITS_ONCE = """\
import os, time
from pathlib import Path
with Path({log!r}).open("a") as log:
    log.write(f"{{os.getpid()}}\\n")
if len(Path({log!r}).read_text().splitlines()) == 1:
    time.sleep(100)
"""
# A cell that kills the worker which had its kernel made, as a lack of memory might.
KILLS = """\
import os, psutil, signal, time
if entity == "UK01":
    for each in psutil.Process().parents():
        if "dask" in " ".join(each.cmdline()) or "spawn_main" in " ".join(each.cmdline()):
            each.kill()
            break
    time.sleep(100)
"""
# A workbook names its run, so its length and hash in the result are another each time.
WORKBOOK = re.compile(r'"bytes": \d+, "media_type": "[^"]+", "path": "workbooks/[^"]+", "sha256": "\w+"')
SECRET = "Xy7-worker-word-9941"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "kernels.log"


def kernels(log: Path) -> list[int]:
    return [int(line) for line in log.read_text().splitlines()] if log.exists() else []


def kernel(log: Path) -> int:
    """The first kernel that runs the waiting cell."""
    return until(lambda: kernels(log))[0]


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def owner(pid: int, workers: list[subprocess.Popen[str]]) -> subprocess.Popen[str]:
    """The worker that a kernel belongs to."""
    above = {each.pid for each in psutil.Process(pid).parents()}
    return next(each for each in workers if each.pid in above)


def told(folder: Path, run_id: str) -> dict[str, object]:
    """All that a sealed run holds but its name, its times and what carries its hash."""
    made: dict[str, object] = {}
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        name = path.relative_to(folder).as_posix()
        if name.startswith("notebooks/"):
            node = nbformat.read(path, as_version=4)
            node.metadata.arlib.pop("run_id")
            made[name] = WORKBOOK.sub("WORKBOOK", json.dumps(node, sort_keys=True)).replace(run_id, "RUN")
        elif name.startswith("pages/"):
            record = hashlib.sha256((folder / "run.json").read_bytes()).hexdigest()[:12]
            sheet = [hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.glob("workbooks/*.xlsx")]
            text = path.read_text().replace(run_id, "RUN").replace(record, "RECORD")
            for each in sheet:
                text = text.replace(each, "SHEET")
            made[name] = text
        elif name.startswith("workbooks/"):
            with zipfile.ZipFile(path) as book:
                made[name] = {
                    each: book.read(each).replace(run_id.encode(), b"RUN") for each in book.namelist()
                }
        elif name.startswith(("data/", "params/")):
            made[name] = path.read_bytes().replace(run_id.encode(), b"RUN")
    return made


def test_the_same_as_at_home(machines: Machines, address: str, project: Project, tmp_path: Path) -> None:
    place = "import os\nprint(os.getcwd(), os.environ['ARLIB_RUN_DIR'], os.environ['ARLIB_ROOT'], __import__('tempfile').gettempdir())"
    project.notebook("aging", place, "raise_ = sorted(k for k in os.environ if 'ARLIB' in k)\nprint(raise_)")
    home = machines.close(project.root, out=str(tmp_path / "home" / "o"), jobs=2)
    away = machines.close(project.root, out=str(tmp_path / "away" / "o"), cluster=address, jobs=None)
    assert (home["exit_code"], away["exit_code"]) == (0, 0), away["said"]
    for entity in ("US01", "UK01"):
        (state, results, folder, *_), (_, ours, other, *_) = home["runs"][entity], away["runs"][entity]
        assert state == "sealed"
        assert results == ours
        one = told(tmp_path / "home" / "o" / folder, Path(folder).name)
        two = told(tmp_path / "away" / "o" / other, Path(other).name)
        assert one == two
        assert "o/.staging/RUN/run" in str(one["notebooks/aging.ipynb"])


def test_no_secret_or_path_of_a_worker_comes_back(machines: Machines, project: Project) -> None:
    address, _ = machines.scheduler()
    machines.worker(address, ARLIB_STORE_URL=f"postgres://u:{SECRET}@h/d", WORKER_PASSWORD=SECRET)
    project.single(
        "import os\nprint(dict(os.environ))",
        "print(open('/proc/%d/environ' % os.getppid()).read().replace(chr(0), ' '))",
        "raise ValueError(__import__('traceback').format_stack(), os.getcwd())",
    )
    away = machines.close(project.root, cluster=address)
    assert away["runs"]["US01"][0] == "failed: cell_failed"
    kept = [p for p in project.outputs.rglob("*") if p.is_file()]
    whole = "\n".join(p.read_text(errors="replace") for p in kept) + away["said"]
    assert "PYTHONHASHSEED" in whole
    assert SECRET not in whole
    assert "arlib-" not in "\n".join(p.read_text() for p in kept if p.name == "run.json")


def test_a_notebook_that_kills_its_workers_fails_alone(
    machines: Machines, address: str, project: Project
) -> None:
    project.edit("notebooks: [aging, control_account]", "notebooks: [aging]")
    project.fast("aging", KILLS)
    away = machines.close(project.root, cluster=address)
    states = {entity: run[0] for entity, run in away["runs"].items()}
    assert states == {"US01": "sealed", "UK01": "failed: worker_died"}, away["said"]
    assert away["exit_code"] == 3
    assert "died again and again" in away["runs"]["UK01"][3]
    assert [json.loads((p / "run.json").read_text())["state"] for p in project.failed()] == [
        "failed: worker_died"
    ]


def test_interrupted(machines: Machines, address: str, project: Project, log: Path) -> None:
    project.single(WAITS_ONCE.format(log=str(log)))
    at_work = machines.closing(project.root, cluster=address)
    pid = kernel(log)
    at_work.send_signal(signal.SIGINT)
    away = ended(at_work)
    assert away["exit_code"] == 130, away
    assert away["runs"]["US01"][0] == "failed: interrupted"
    until(lambda: is_gone(pid), 15)


def test_a_worker_killed_and_one_stopped(machines: Machines, project: Project, log: Path) -> None:
    address, _ = machines.scheduler()
    workers = [machines.worker(address), machines.worker(address)]
    project.single(WAITS_ONCE.format(log=str(log)))
    at_work = machines.closing(project.root, cluster=address)
    pid = kernel(log)
    os.kill(owner(pid, workers).pid, signal.SIGKILL)
    until(lambda: is_gone(pid), 15)
    first = ended(at_work)
    assert first["runs"]["US01"][0] == "sealed", first["said"]
    assert len(kernels(log)) == 2
    # The other one and a new one; whoever gets the notebook is stopped, and later goes on as if nothing had been.
    workers.append(machines.worker(address))
    log.unlink()
    at_work = machines.closing(project.root, cluster=address, patience={"silence": 6})
    pid = kernel(log)
    stopped = owner(pid, workers).pid
    os.kill(stopped, signal.SIGSTOP)
    second = ended(at_work)
    assert second["runs"]["US01"][0] == "sealed", second["said"]
    assert "silent" in second["said"]
    assert second["runs"]["US01"][1] == first["runs"]["US01"][1]
    os.kill(stopped, signal.SIGCONT)
    until(lambda: is_gone(pid), 20)
    assert len(project.sealed()) == 2
    assert not project.failed()


def test_the_scheduler_is_lost(machines: Machines, project: Project, log: Path) -> None:
    address, scheduler = machines.scheduler()
    machines.worker(address)
    project.single()
    project.edit("notebooks: [aging]", "notebooks: [aging, control_account]")
    project.fast("control_account", WAITS_ONCE.format(log=str(log)), given="controls=[]")
    at_work = machines.closing(project.root, cluster=address)
    pid = kernel(log)
    until(lambda: list(project.outputs.glob(".staging/*/done/aging.json")))
    os.kill(scheduler.pid, signal.SIGKILL)
    away = ended(at_work)
    assert away["exit_code"] == 3
    assert away["runs"]["US01"][0] == "failed: cluster_lost"
    assert "close again" in away["runs"]["US01"][3]
    until(lambda: is_gone(pid), 20)
    assert not project.sealed()
    assert not project.failed()
    done = next(project.outputs.glob(".staging/*/done/aging.json")).read_bytes()
    home = machines.close(project.root)
    assert home["close_id"] == away["close_id"]
    assert home["runs"]["US01"][0] == "sealed", home
    assert "carrying on" in home["said"]
    assert len(project.sealed()) == 1
    assert json.loads(done)["notebook_sha256"] in (project.sealed()[0] / "manifest.json").read_text()


def test_workers_that_do_not_fit(machines: Machines, project: Project, tmp_path: Path) -> None:
    project.single()
    address, _ = machines.scheduler()
    none = machines.close(project.root, cluster=address, patience={"workers": 1})
    assert "no worker in 1 seconds" in none["said"]
    assert not project.outputs.exists()
    other = tmp_path / "other"
    subprocess.run(["cp", "-r", str(machines.library), str(other)], check=True)
    with (other / "arlib" / "money" / "__init__.py").open("a") as source:
        source.write("# changed\n")
    # It is too late to be refused beforehand: the close waits for a worker that fits, and does not use this one.
    waiting = machines.closing(project.root, cluster=address)
    machines.worker(address)
    assert ended(waiting)["exit_code"] == 0
    wrong = machines.worker(address, library=other)
    log = Path(machines.folder / f"{machines.processes.index(wrong)}.log")
    until(lambda: "Registered to" in log.read_text())
    refused = machines.close(project.root, cluster=address)
    assert "differs from this machine: sources of arlib" in refused["said"]
    assert "worker tcp://127.0.0.1:" in refused["said"]
    assert len(project.sealed()) == 1


def test_the_command(machines: Machines, address: str, project: Project) -> None:
    project.single()
    command = [sys.executable, "-m", "arlib.cli", "close", str(project.root / "close.yml"), "--quiet"]
    if not (Path(__import__("arlib").__file__).parent / "cli" / "__main__.py").exists():
        command[1:3] = ["-c", "from arlib.cli import main; main()"]
    run = {"env": machines.environment(), "cwd": machines.folder, "text": True, "capture_output": True}
    good = subprocess.run([*command, "--cluster", address], **run)
    assert good.returncode == 0, good.stderr
    assert "US01 2026-10: sealed" in good.stdout
    assert "Traceback" not in good.stderr
    bad = subprocess.run([*command, "--cluster", "somewhere"], **run)
    assert bad.returncode == 2
    assert "tcp://host:8786" in bad.stderr
    blocked = ["-c", "import sys; sys.modules['distributed'] = None; from arlib.cli import main; main()"]
    command[1:3] = blocked
    missing = subprocess.run([*command, "--cluster", address], **run)
    assert missing.returncode == 2
    assert "arlib[cluster]" in missing.stderr


def test_the_executor(machines: Machines, address: str) -> None:
    program = textwrap.dedent("""
        import json, posixpath, sys
        from arlib.run.cluster import cluster_executor
        with cluster_executor(sys.argv[1]) as executor:
            many = [executor.submit(posixpath.basename, f"/a/{n}") for n in range(8)]
            wrong = executor.submit(posixpath.basename, 5)
            print(json.dumps([[each.result() for each in many], type(wrong.exception()).__name__, executor.at_once]))
    """)
    done = subprocess.run(
        [sys.executable, "-c", program, address],
        env=machines.environment(), cwd=machines.folder, text=True, capture_output=True,
    )  # fmt: skip
    names, fault, at_once = json.loads(done.stdout)
    assert (names, fault) == ([str(n) for n in range(8)], "TypeError"), done.stderr
    assert at_once in (2, 3)  # the second worker may still be on its way


def test_over_a_network(machines: Machines, project: Project) -> None:
    """Scheduler and worker behind another network interface, in a namespace of their own."""
    ours, theirs = f"arl{os.getpid()}a", f"arl{os.getpid()}b"
    steps = (
        f"ip netns add {ours}", f"ip netns add {theirs}",
        f"ip link add {ours} netns {ours} type veth peer name {theirs} netns {theirs}",
        f"ip -n {ours} addr add 10.203.77.1/24 dev {ours}", f"ip -n {theirs} addr add 10.203.77.2/24 dev {theirs}",
        f"ip -n {ours} link set {ours} up", f"ip -n {theirs} link set {theirs} up",
        f"ip -n {ours} link set lo up", f"ip -n {theirs} link set lo up",
    )  # fmt: skip
    try:
        for step in steps:
            made = (
                subprocess.run(step.split(), capture_output=True, text=True)
                if Path("/usr/sbin/ip").exists() or Path("/sbin/ip").exists()
                else None
            )
            if made is None or made.returncode:
                pytest.skip(f"no network namespaces here: {made.stderr.strip() if made else 'no ip'}")
        there, here = ["ip", "netns", "exec", theirs], ["ip", "netns", "exec", ours]
        address, scheduler = machines.scheduler(host="10.203.77.2", inside=there)
        worker = machines.worker(address, "--no-nanny", "--host", "10.203.77.2", inside=there)
        project.single()
        away = ended(machines.closing(project.root, cluster=address, inside=here))
        assert away["exit_code"] == 0, away["said"]
        for each in (worker, scheduler):
            each.kill()
            each.wait()
    finally:
        for name in (ours, theirs):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
