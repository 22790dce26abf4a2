"""A partitioned ledger asked one partition at a time gives what the whole book gives, and survives what happens to workers."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd
import psutil
import pyarrow.parquet as pq
import pytest

from arlib.controls import Status
from arlib.errors import RunError, SourceError, TableError
from arlib.ledger.rollforward import roll_forward
from arlib.ledger.tieout import tie_out
from arlib.policy import Basis, Policies, Scope
from arlib.report.aging import aging_report
from arlib.run.partitions.aged import age_ledger, scope_of
from arlib.run.partitions.parts import Kept
from arlib.run.partitions.task import partition_result, tasks_of
from arlib.run.partitions.tied import tie_ledger
from arlib.run.result import payload
from arlib.sources.partitioned import read_manifest, write_ledger
from arlib.sources.partitioned.layout import MANIFEST, stored
from arlib.sources.sample import generate
from arlib.tables import Book

PERIOD = {
    "period": "2026-10",
    "starts_on": date(2026, 10, 1),
    "ends_on": date(2026, 10, 31),
    "as_of": date(2026, 10, 31),
}
HERE = partial(ThreadPoolExecutor, 1)


@pytest.fixture(scope="module")
def book():
    return Book(dict(generate(seed=5, items=300).tables), features=frozenset({"entry_times"}))


@pytest.fixture(scope="module")
def ledger(book, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledgers") / "ledger"
    write_ledger(book, folder, parts=3)
    return folder


def scope(ledger: Path, entity: str, basis: Basis = Basis.POSTING) -> Scope:
    given = Scope(entity=entity, entity_name=entity, functional_currency="", basis=basis, **PERIOD)
    return scope_of(read_manifest(ledger), given)


@pytest.fixture(scope="module")
def aged(ledger, tmp_path_factory):
    out = tmp_path_factory.mktemp("aged") / "out"
    age_ledger(ledger, out, scopes=[scope(ledger, "US01")], policies=Policies(), pool=HERE, at_once=1)
    return out


@pytest.mark.parametrize(("entity", "basis"), [("US01", Basis.POSTING), ("UK01", Basis.EFFECTIVE)])
def test_the_sum_of_the_parts_is_the_report_of_the_whole(book, ledger, aged, tmp_path, entity, basis):
    asked = scope(ledger, entity, basis)
    out = aged if entity == "US01" else tmp_path
    if out is tmp_path:
        age_ledger(ledger, out, scopes=[asked], policies=Policies(), pool=HERE, at_once=1)
    whole = aging_report(book.for_entity(entity), scope=asked, policies=Policies())
    found = json.loads((out / entity / "result.json").read_text())
    wanted = payload(whole, notebook="aging", artefacts=())
    assert found["results_sha256"] == wanted["results_sha256"]
    assert [found[name] for name in ("findings", "limits", "counts")] == [
        wanted[name] for name in ("findings", "limits", "counts")
    ]
    assert all(identity["holds"] for identity in found["identities"])
    assert (out / entity / "aging.xlsx").stat().st_size > 5_000
    page = (out / entity / "aging.html").read_text()
    assert whole.title in page
    assert "Aging by customer" in page


def test_long_lists_are_cut_in_the_report_and_whole_in_their_files(book, ledger, tmp_path):
    asked = scope(ledger, "US01")
    (report,) = age_ledger(
        ledger, tmp_path, scopes=[asked], policies=Policies(), pool=HERE, at_once=1, rows_kept=4
    )
    whole = aging_report(book.for_entity("US01"), scope=asked, policies=Policies())
    cut, full = report.table("aging_by_customer"), whole.table("aging_by_customer")
    pd.testing.assert_frame_equal(cut.frame, full.frame.head(4))
    assert f"of {len(full.frame)} rows" in cut.note
    written = pq.read_table(tmp_path / "US01" / "data" / "aging_by_customer.parquet").to_pandas()
    wanted = full.frame.sort_values(["customer_id", "currency"])
    assert written["total"].tolist() == wanted["total"].tolist()
    assert written["customer_id"].tolist() == wanted["customer_id"].tolist()
    assert report.table("aging_by_currency").frame.equals(whole.table("aging_by_currency").frame)
    assert report.findings == whole.findings
    assert "files parts/" in report.table("open_items").note
    lines = pd.read_csv(tmp_path / "US01" / "data" / "aging.csv", dtype=str)
    assert len(lines) == sum((full.frame[name] != 0).sum() for name in full.columns[3:-1])


def test_the_tie_out_is_that_of_the_whole_in_total(book, ledger, tmp_path):
    asked = scope(ledger, "UK01")
    (report,) = tie_ledger(ledger, tmp_path, scopes=[asked], policies=Policies(), pool=HERE, at_once=1)
    mine = book.for_entity("UK01")
    wanted = {c.account: (c.left, c.right) for c in tie_out(mine, scope=asked).controls}
    assert {c.account: (c.left, c.right) for c in report.controls if c.name == "control_account"} == wanted
    assert report.status is Status.UNEXPLAINED  # the sample's gaps have causes, which are not looked for here
    roll = roll_forward(mine, scope=asked)
    for name, frame in (("roll_forward", roll.functional), ("roll_forward_document", roll.document),
                        ("roll_forward_by_account", roll.by_account)):  # fmt: skip
        pd.testing.assert_frame_equal(report.table(name).frame, frame[report.table(name).frame.columns])


def torn(ledger: Path, to: Path) -> Path:
    """A copy of the ledger whose first application lies in another partition than its items."""
    shutil.copytree(ledger, to)
    told = json.loads((to / MANIFEST).read_text())
    one, other = (to / told["partitions"][n]["tables"]["applications"][0]["path"] for n in (0, 1))
    first, second = pq.read_table(one), pq.read_table(other)
    pq.write_table(pq.ParquetFile(one).read().slice(1), one)
    import pyarrow as pa

    pq.write_table(pa.concat_tables([second, first.slice(0, 1)]), other)
    code, entity, minor = (first.column(n)[0].as_py() for n in ("target_currency", "entity", "target_amount"))
    for n, sign, path in ((0, -1, one), (1, 1, other)):
        told["partitions"][n]["tables"]["applications"] = [vars(stored(path, folder=to))]
        sums = told["partitions"][n]["totals"]["applications"].setdefault(entity, {}).setdefault(code, [0, 0])
        told["partitions"][n]["totals"]["applications"][entity][code] = [
            sums[0] + sign,
            sums[1] + sign * minor,
        ]
    (to / MANIFEST).write_text(json.dumps(told))
    return to


def test_an_application_in_another_partition_fails_that_partition_with_its_row(ledger, tmp_path):
    folder = torn(ledger, tmp_path / "torn")
    manifest = read_manifest(folder)
    scopes = [scope(folder, entity) for entity in manifest.entities]
    tasks = tasks_of(folder, manifest, question="aging", scopes=scopes, policies=Policies())
    row = manifest.partitions[1].rows("applications") + 1
    with pytest.raises(TableError, match="items that are not there") as fault:
        partition_result(tasks[1])
    assert fault.value.problems[0].row <= row
    with pytest.raises(RunError, match=r"part-00001 failed.*not there") as failed:
        age_ledger(folder, tmp_path / "out", scopes=scopes, policies=Policies(), pool=HERE, at_once=1)
    assert failed.value.reason == "partition_failed"
    assert sorted(path.name for path in (tmp_path / "out" / "parts").iterdir()) == [
        "part-00000",
        "part-00002",
    ]


def test_only_what_changed_is_done_again(ledger, aged, tmp_path):
    asked = [scope(ledger, "US01")]
    shutil.copytree(aged, tmp_path / "out")
    kept = Kept(tmp_path / "out" / "parts")
    harmed = kept.path("part-00002", "0-owed")
    harmed.write_bytes(harmed.read_bytes() + b" ")
    done: list[str] = []
    age_ledger(ledger, tmp_path / "out", scopes=asked, policies=Policies(), pool=HERE, at_once=1,
               told=lambda name, _done, _of: done.append(name))  # fmt: skip
    assert done == ["part-00002"]
    with pytest.raises(SourceError, match="lies in the ledger"):
        age_ledger(ledger, ledger / "out", scopes=asked, policies=Policies(), pool=HERE, at_once=1)


POISON = """
import os, signal, sys
from pathlib import Path
from arlib.errors import RunError
from arlib.run.partitions import processes, run_partitions, tasks_of
from arlib.run.partitions.parts import Kept
from arlib.run.partitions.task import partition_result
from arlib.sources.partitioned import read_manifest
from arlib.policy import Policies, Scope
from datetime import date

def work(task):
    if task["partition"] == "part-00001":
        os.kill(os.getpid(), signal.SIGKILL)
    return partition_result(task)

if __name__ == "__main__":
    ledger, out = map(Path, sys.argv[1:])
    scope = Scope(entity="US01", entity_name="", functional_currency="USD", period="x", starts_on=date(2026, 10, 1),
                  ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))
    tasks = tasks_of(ledger, read_manifest(ledger), question="aging", scopes=[scope], policies=Policies())
    try:
        run_partitions(tasks, pool=lambda: processes(2), kept=Kept(out), at_once=3, work=work)
    except RunError as fault:
        print(fault.reason, fault)
"""


def test_a_partition_that_kills_its_worker_is_named_and_the_others_are_done(ledger, tmp_path):
    script = tmp_path / "poison.py"
    script.write_text(POISON)
    said = subprocess.run(
        [sys.executable, script, ledger, tmp_path / "parts"],
        capture_output=True,
        text=True,
        timeout=200,
        check=True,
    )
    assert said.stdout.startswith(
        "partition_failed partition part-00001 failed: its worker process was killed"
    ), said
    assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == ["part-00000", "part-00002"]


def test_a_killed_run_leaves_no_worker_and_carries_on(book, tmp_path):
    ledger = tmp_path / "ledger"
    write_ledger(book.for_entity("US01"), ledger, parts=3)
    out = tmp_path / "out"
    command = [
        Path(sys.executable).with_name("arlib"),
        "age",
        "--items",
        ledger,
        "--as-of",
        "2026-10-31",
        "--out",
        out,
        "--jobs",
        "1",
    ]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    parts = out / "parts"
    end = time.monotonic() + 120
    while not list(parts.glob("part-*/facts.json")) and time.monotonic() < end:
        time.sleep(0.02)
    workers = psutil.Process(run.pid).children(recursive=True)
    run.send_signal(signal.SIGKILL)
    run.wait()
    first = min(path.stat().st_mtime_ns for path in parts.glob("part-*/facts.json"))
    _, alive = psutil.wait_procs(workers, timeout=30)
    assert not [each for each in alive if each.status() != psutil.STATUS_ZOMBIE]
    again = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert again.returncode == 0, again.stderr
    assert min(path.stat().st_mtime_ns for path in parts.glob("part-*/facts.json")) == first
    assert (out / "US01" / "result.json").exists()
    assert again.stderr.count(" done, ") == 3 - len(
        [p for p in parts.glob("part-*/facts.json") if p.stat().st_mtime_ns == first]
    )
