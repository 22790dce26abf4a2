"""A returned workbook of 5,000 decisions: how long reading, comparing, judging and recording take, part by part.

    python benchmarks/approvals.py [--rows 5000]

A sealed run with that many proposals is made in a temporary folder, every row is decided by openpyxl as an approver's
spreadsheet would, and `approve` reads it back. Then one fact is changed in another copy, and must be found.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

BUDGET_SECONDS = 10.0
RUN_ID = "20261105T150000Z-benchm"
CLOSE = """\
schema: arlib.close/1
title: Benchmark
period: "2026-10"
entities:
  - {code: "US01", name: "Bench", functional_currency: "USD"}
sources:
  - {folder: "extracts", profile: "canonical"}
policies:
  authority:
    people: [{name: "Pat Proposer", os_user: "pat"}, {name: "Ann Approver", os_user: "ann"}]
    grants: [{person: "Ann Approver", up_to: "1000000", currency: "USD"}]
"""


def seal(root: Path, rows: int) -> Path:
    """A sealed run with so many proposals, recorded in a store of its own."""
    from arlib.credit.proposals import DECISIONS, PROPOSALS, proposal_id, proposals_of
    from arlib.policy import Scope
    from arlib.report.model import Report
    from arlib.report.tables import result_table
    from arlib.run import manifest
    from arlib.run.artefacts import write_artefacts
    from arlib.run.manifest import text_of
    from arlib.run.params import load_close
    from arlib.run.store import Actor, Authentication, open_store, record_sealed

    (root / "extracts").mkdir()
    (root / "arlib.toml").write_text("")
    (root / "close.yml").write_text(CLOSE)
    plan = load_close(root / "close.yml", root=root)
    frame = proposals_of(
        {
            "proposal_id": proposal_id("write_off", "US01", at), "entity": "US01", "kind": "write_off",
            "customer_id": f"C{at % 900}", "customer_name": f"Customer number {at % 900} Ltd.", "item_id": f"I{at}",
            "document_no": f"{at:06d}", "currency": "USD", "amount": 100 + 7 * at, "tax_amount": at,
            "functional_amount": 100 + 7 * at, "due_date": "2026-03-31", "days_past_due": 214, "reason": "uncollectable",
            "rule": "older than 180 days and below the limit of the policy",
            "evidence": f"three reminders, last promise broken, item {at}", "caution": "the customer bought again" if at % 3 == 0 else "",
        }
        for at in range(rows)
    )  # fmt: skip
    scope = Scope(entity="US01", entity_name="Bench", functional_currency="USD", period="2026-10", starts_on=date(2026, 10, 1),
                  ends_on=date(2026, 10, 31), as_of=date(2026, 10, 31))  # fmt: skip
    table = result_table(
        PROPOSALS,
        frame,
        title="Write-offs proposed",
        functional="USD",
        needs_review=True,
        decisions=DECISIONS,
    )
    report = Report(
        name="write_offs", title="Write-offs", question="?", reader="Controller", scope=scope, tables=(table,)
    )
    folder = root / "outputs" / "2026-10" / "US01" / RUN_ID
    folder.mkdir(parents=True)
    write_artefacts(report, folder, notebook="write_offs", run_id=RUN_ID)
    (folder / "params").mkdir()
    (folder / "params" / "close.json").write_bytes(text_of(plan.as_json()))
    facts = {
        "run_id": RUN_ID, "entity": "US01", "period": "2026-10", "as_of": "2026-10-31", "functional_currency": "USD",
        "created_at": "2026-11-05T15:00:00Z", "parameters": plan.as_json(), "notebooks": {"write_offs": {}},
        "decisions": {"head": None, "events": []},
    }  # fmt: skip
    (folder / "run.json").write_bytes(text_of(facts))
    sha256 = manifest.write(folder, run_id=RUN_ID, sealed_at="2026-11-05T15:00:00Z", timings={})
    record_sealed(open_store(root / "outputs"), entity="US01", period="2026-10", run_id=RUN_ID, folder=f"2026-10/US01/{RUN_ID}",
                  results_sha256="0" * 64, manifest_sha256=sha256, actor=Actor("pat", Authentication.OS_USER))  # fmt: skip
    return folder


def decided(folder: Path, rows: int, *, changed: bool) -> Path:
    """A working copy in which every row is decided; with one fact changed where asked."""
    import openpyxl

    from arlib.run.review import review

    (copy,) = review(folder)
    book = openpyxl.load_workbook(copy)
    sheet = next(s for s in book.worksheets if s.protection.sheet)
    last = sheet.max_column
    for row in range(5, 5 + rows):
        word = "approve" if row % 10 else "reject"
        for at, value in enumerate(
            (word, "Ann Approver", datetime(2026, 11, 9, tzinfo=UTC).replace(tzinfo=None), f"seen {row}")
        ):
            sheet.cell(row, last - 3 + at).value = value
    if changed:
        column = next(cell.column for cell in sheet[4] if cell.value == "Amount")
        sheet.cell(5 + rows // 2, column).value += 0.01
    book.save(copy)
    return copy


def timed(parts: dict[str, float], owner: object, name: str, label: str) -> None:
    """Add the seconds of a function to its part, whenever it is called."""
    real = getattr(owner, name)

    def wrapped(*args: object, **given: object) -> object:
        started = time.perf_counter()
        try:
            return real(*args, **given)
        finally:
            parts[label] = parts.get(label, 0.0) + time.perf_counter() - started

    setattr(owner, name, wrapped)


def main() -> int:
    """Measure and print; 1 where the budget is missed or the changed fact is not found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    rows = parser.parse_args().rows
    os.environ.pop("ARLIB_STORE_URL", None)
    from arlib.run import approve as approving
    from arlib.run import approve_found
    from arlib.run.store import Actor, Authentication, Store

    parts: dict[str, float] = {}
    for owner, name, label in (
        (approving, "read_workbook", "read the returned copy"), (approve_found, "read_workbook", "read the sealed workbook"),
        (approve_found, "verify", "verify the run and the chain"), (approving, "sealed_proposals", "read proposals, hash their facts"),
        (approving, "differences", "compare every fact cell"), (approving, "judge", "judge authority"),
        (Store, "append_all", "record in one transaction"),
    ):  # fmt: skip
        timed(parts, owner, name, label)
    who, today = Actor("ann", Authentication.OS_USER), date(2026, 11, 22)
    with tempfile.TemporaryDirectory(prefix="arlib-bench-") as home:
        folder = seal(Path(home), rows)
        good, bad = decided(folder, rows, changed=False), decided(folder, rows, changed=True)
        found = approving.approve(bad, actor=who, today=today)
        parts.clear()
        started, cpu = time.perf_counter(), time.process_time()
        outcome = approving.approve(good, actor=who, today=today)
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        size = good.stat().st_size
        once = dict(parts)
        started = time.perf_counter()
        again = approving.approve(good, actor=who, today=today)
        repeated = time.perf_counter() - started
    size_text = f"{len(outcome.recorded):,} decisions from {size / 1e6:.1f} MB"
    print(f"{size_text}: {seconds:.2f} s, {cpu:.2f} s of them on a core (budget {BUDGET_SECONDS:.0f} s)")
    for label, spent in sorted(once.items(), key=lambda pair: -pair[1]):
        print(f"  {spent:6.2f} s  {label}")
    print(f"the same workbook again: {again.known:,} already recorded, {repeated:.2f} s")
    print(f"one changed fact: {'; '.join(found.refusals) or 'NOT FOUND'}")
    is_right = (
        len(outcome.recorded) == rows == again.known and len(found.refusals) == 1 and not found.recorded
    )
    return 0 if is_right and seconds < BUDGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
