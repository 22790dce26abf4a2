"""A partitioned ledger asked one partition at a time gives what the whole book gives, and survives what happens to workers."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from arlib.cli.books import whole_book
from arlib.controls import Status
from arlib.errors import IdentityError, ParameterError, RunError, SourceError
from arlib.ledger.aging import age_items, aging
from arlib.ledger.openitems import open_items
from arlib.ledger.rollforward import roll_forward
from arlib.ledger.tieout import tie_out
from arlib.money import shown
from arlib.policy import Basis, Policies, Scope
from arlib.report.aging import aging_report
from arlib.run.partitions import tasks_of
from arlib.run.partitions.aged import age_ledger, scope_of
from arlib.run.partitions.output import put_in_place
from arlib.run.partitions.parts import Kept
from arlib.run.partitions.tied import tie_ledger
from arlib.run.result import payload
from arlib.sources.export import write_contract
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
ASKED = ("items", "applications", "instalments", "revaluations", "receipts", "customers", "customer_history",
         "customer_merges", "entities", "fx_rates", "periods", "control_accounts", "gl_lines", "gl_balances")  # fmt: skip


@pytest.fixture(scope="module")
def book():
    made = generate(seed=5, items=100).tables
    kept = {
        name: made[name][made[name]["entity"].isin(["US01", "UK01"])]
        if "entity" in made[name]
        else made[name]
        for name in ASKED
    }
    return Book(
        {name: frame.reset_index(drop=True) for name, frame in kept.items()},
        features=frozenset({"entry_times"}),
    )


@pytest.fixture(scope="module")
def ledger(book, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledgers") / "ledger"
    write_ledger(book, folder, parts=3)
    return folder


def scope(ledger: Path, entity: str, basis: Basis = Basis.POSTING, **other: date) -> Scope:
    given = Scope(entity=entity, entity_name=entity, functional_currency="", basis=basis, **(PERIOD | other))
    return scope_of(read_manifest(ledger), given)


def both(ledger: Path) -> list[Scope]:
    return [scope(ledger, "US01"), scope(ledger, "UK01", Basis.EFFECTIVE)]


@pytest.fixture(scope="module")
def aged(ledger, tmp_path_factory):
    """Both entities, each in a view of its own, in one run."""
    out = tmp_path_factory.mktemp("aged") / "out"
    age_ledger(ledger, out, scopes=both(ledger), policies=Policies(), pool=HERE, at_once=1)
    return out


@pytest.mark.parametrize("number", [0, 1])
def test_the_sum_of_the_parts_is_the_report_of_the_whole(book, ledger, aged, tmp_path, number):
    asked = both(ledger)[number]
    mine, home = book.for_entity(asked.entity), aged / asked.entity
    whole = aging_report(mine, scope=asked, policies=Policies())
    found = json.loads((home / "result.json").read_text())
    wanted = payload(whole, notebook="aging", artefacts=())
    assert found["results_sha256"] == wanted["results_sha256"]
    assert [found[name] for name in ("findings", "limits", "counts")] == [
        wanted[name] for name in ("findings", "limits", "counts")
    ]
    assert all(identity["holds"] for identity in found["identities"])
    items = age_items(open_items(mine, scope=asked), as_of=asked.as_of, policy=Policies().aging)
    write_contract(aging(items), tmp_path / "plain.csv", name="aging",
                   columns=("customer_id", "currency", "bucket", "amount"))  # fmt: skip
    assert (home / "data" / "aging.csv").read_bytes() == (tmp_path / "plain.csv").read_bytes()
    assert (home / "aging.xlsx").stat().st_size > 5_000
    page = (home / "aging.html").read_text()
    assert whole.title in page
    assert "Aging by customer" in page


def test_a_report_names_the_ledger_and_its_files(ledger, aged):
    sha256 = hashlib.sha256((ledger / MANIFEST).read_bytes()).hexdigest()
    told = json.loads((aged / "US01" / "result.json").read_text())["ledger"]
    assert (told["manifest_sha256"], told["partitions"]) == (sha256, 3)
    files = {row["file"]: row for row in told["files"]}
    for part in read_manifest(ledger).partitions:
        for file in (file for files_ in part.tables.values() for file in files_):
            assert (files[file.path]["sha256"], files[file.path]["rows_in"]) == (file.sha256, file.rows)
    page = (aged / "US01" / "aging.html").read_text()
    assert sha256 in page
    assert "part-00002/items-0.parquet" in page


def test_long_lists_are_whole_in_their_files_and_only_a_harmed_part_is_made_again(
    book, ledger, aged, tmp_path
):
    asked, out = both(ledger), tmp_path / "out"
    shutil.copytree(aged, out)
    kept = Kept(out / "parts")
    harmed = kept.path("part-00002", "0-owed")
    harmed.write_bytes(harmed.read_bytes() + b" ")
    done: list[str] = []
    report, _ = age_ledger(ledger, out, scopes=asked, policies=Policies(), pool=HERE, at_once=1, rows_kept=4,
                           told=lambda name, _done, _of: done.append(name))  # fmt: skip
    assert done == ["part-00002"]
    whole = aging_report(book.for_entity("US01"), scope=asked[0], policies=Policies())
    cut, full = report.table("aging_by_customer"), whole.table("aging_by_customer")
    pd.testing.assert_frame_equal(cut.frame, full.frame.head(4))
    assert f"of {len(full.frame)} rows" in cut.note
    data = out / "US01" / "data"
    written = pq.read_table(data / "aging_by_customer.parquet").to_pandas()
    wanted = full.frame.sort_values(["customer_id", "currency"])
    assert written["total"].tolist() == wanted["total"].tolist()
    assert written["customer_id"].tolist() == wanted["customer_id"].tolist()
    assert report.table("aging_by_currency").frame.equals(whole.table("aging_by_currency").frame)
    assert report.findings == whole.findings
    items = pd.concat([pq.read_table(path).to_pandas() for path in (data / "open_items").iterdir()])
    assert sorted(items["item_id"]) == sorted(whole.table("open_items").frame["item_id"])
    page = (out / "US01" / "aging.html").read_text()
    assert "data/open_items/part-*.parquet" in report.table("open_items").note
    assert (
        "in the workbook and the data files"
        not in page.partition("Aging by customer, largest first")[2][:400]
    )
    with pytest.raises(SourceError, match="lies in the ledger"):
        age_ledger(ledger, ledger / "out", scopes=asked, policies=Policies(), pool=HERE, at_once=1)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_item_that_stands_in_two_partitions_is_named_and_the_older_report_stays(ledger, aged, tmp_path):
    """Every hash and total is restated, as by someone who means to hide it."""
    folder, out = tmp_path / "twice", tmp_path / "out"
    shutil.copytree(ledger, folder)
    shutil.copytree(aged, out)
    told = json.loads((folder / MANIFEST).read_text())
    one, other = (folder / told["partitions"][n]["tables"]["items"][0]["path"] for n in (0, 1))
    rows, there = pq.ParquetFile(one).read(), pq.ParquetFile(other).read()
    at = rows.column("entity").to_pylist().index("UK01")
    row = rows.slice(at, 1)
    pq.write_table(pa.concat_tables([there, row]), other)
    code, minor = row.column("currency")[0].as_py(), row.column("amount")[0].as_py()
    part = told["partitions"][1]
    part["tables"]["items"] = [vars(stored(other, folder=folder))]
    for totals in (part["totals"], told["whole"]["totals"]):
        sums = totals["items"]["UK01"].setdefault(code, [0, 0])
        totals["items"]["UK01"][code] = [sums[0] + 1, sums[1] + minor]
    (folder / MANIFEST).write_text(json.dumps(told))
    before = {entity: files_of(out / entity) for entity in ("UK01", "US01")}
    said = f"{row.column('customer_id')[0].as_py()} of UK01: part-00000 .*" + re.escape(
        f"part-00001 (1 item, {shown(minor, code)} {code})"
    )
    with pytest.raises(SourceError, match=said):
        age_ledger(folder, out, scopes=both(folder), policies=Policies(), pool=HERE, at_once=1)
    assert {entity: files_of(out / entity) for entity in ("UK01", "US01")} == before
    with pytest.raises(SourceError, match=said):
        tie_ledger(
            folder, tmp_path / "tied", scopes=both(folder)[1:], policies=Policies(), pool=HERE, at_once=1
        )
    assert [path.name for path in (tmp_path / "tied").iterdir()] == ["parts"]


def test_a_report_that_cannot_be_made_leaves_the_older_ones_of_all_entities(tmp_path):
    for entity in ("A", "B"):
        (tmp_path / entity).mkdir()
        (tmp_path / entity / "result.json").write_text("old")

    def fails() -> None:
        with put_in_place(tmp_path, ["A", "B"]) as new:
            (new / "A").mkdir()
            (new / "A" / "result.json").write_text("new")
            raise IdentityError("does not tie")

    with pytest.raises(IdentityError):
        fails()
    assert {path.name: (path / "result.json").read_text() for path in tmp_path.iterdir()} == {
        "A": "old",
        "B": "old",
    }
    with put_in_place(tmp_path, ["A"]) as new:
        (new / "A").mkdir()
        (new / "A" / "page.html").write_text("new")
    assert [path.name for path in (tmp_path / "A").iterdir()] == ["page.html"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["A", "B"]


def test_a_date_before_everything_is_no_tied_report(ledger, tmp_path):
    early = scope(
        ledger, "UK01", as_of=date(2000, 1, 1), starts_on=date(2000, 1, 1), ends_on=date(2000, 1, 1)
    )
    (report,) = age_ledger(ledger, tmp_path, scopes=[early], policies=Policies(), pool=HERE, at_once=1)
    assert report.status is Status.NO_INPUT
    assert "no item counts on or before 2000-01-01; the first is of 202" in report.findings[0]
    assert report.findings[0] in (tmp_path / "UK01" / "aging.html").read_text()


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
    scopes = [scope(folder, entity) for entity in read_manifest(folder).entities]
    with pytest.raises(RunError, match=r"part-00001 failed.*not there.*row [0-9]+") as failed:
        age_ledger(folder, tmp_path / "out", scopes=scopes, policies=Policies(), pool=HERE, at_once=1)
    assert failed.value.reason == "partition_failed"
    assert sorted(path.name for path in (tmp_path / "out" / "parts").iterdir()) == [
        "part-00000",
        "part-00002",
    ]


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
    scope = Scope(entity="UK01", entity_name="", functional_currency="GBP", period="x", starts_on=date(2026, 10, 1),
                  ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))
    tasks = tasks_of(ledger, read_manifest(ledger), question="aging", scopes=[scope], policies=Policies())
    try:
        run_partitions(tasks, pool=lambda: processes(1), kept=Kept(out), at_once=2, work=work)
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
    write_ledger(book.for_entity("UK01"), ledger, parts=2)
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
    done: list[str] = []
    day = PERIOD["as_of"]
    asked = [scope_of(read_manifest(ledger), whole_book("UK01", day, "posting"))]
    age_ledger(ledger, out, scopes=asked, policies=Policies(), pool=HERE, at_once=1,
               told=lambda name, _done, _of: done.append(name))  # fmt: skip
    facts = [path.stat().st_mtime_ns for path in parts.glob("part-*/facts.json")]
    assert min(facts) == first
    assert len(done) == 2 - facts.count(first) < 2
    assert (out / "UK01" / "result.json").exists()


@pytest.mark.parametrize("code", ["../../out", "/tmp/out", "..", "a/b", "CON", ""])
def test_an_entity_whose_code_leads_out_of_the_folder_is_refused(ledger, code):
    asked = replace(both(ledger)[0], entity=code)
    with pytest.raises(ParameterError, match="cannot name a folder"):
        tasks_of(ledger, read_manifest(ledger), question="aging", scopes=[asked], policies=Policies())
