"""The tie-out of a partitioned ledger in total: the sub-ledger's side by partition, the general ledger's from its own. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from arlib.controls import Identity
from arlib.ledger.frames_control import ROLL_FORWARD
from arlib.policy import Policies, Scope
from arlib.report.aging.part import summed
from arlib.report.ledger_totals import ACCOUNTS, LedgerPart, ledger_report, merged_ledger
from arlib.report.model import Report
from arlib.run.partitions.asked import parts_of
from arlib.run.partitions.output import (
    given_tables,
    intake_of,
    put_in_place,
    told_of_ledger,
    write_report,
)
from arlib.run.partitions.parts import Kept
from arlib.run.partitions.pool import Pool, Told
from arlib.run.partitions.task import SHARED, TIE
from arlib.sources.partitioned import read_shared

OF_LEDGER = ("control_accounts", "gl_lines", "gl_balances")


def tie_ledger(
    folder: Path,
    out: Path,
    *,
    scopes: Sequence[Scope],
    policies: Policies,
    pool: Pool,
    at_once: int,
    told: Told | None = None,
) -> tuple[Report, ...]:
    """Tie a partitioned ledger to its control accounts and write, for each scope, workbook, page, data and result.

    The general ledger's lines and balances are shared tables of the ledger and must fit memory. Parts are kept in
    `out/parts`; a run that was killed carries on with them. Raises as `run_partitions` does, and IdentityError where
    the roll-forward of all partitions does not foot to their open items.
    """
    manifest, kept = parts_of(
        folder, out, question=TIE, scopes=scopes, policies=policies, pool=pool, at_once=at_once, told=told
    )
    beside = given_tables(folder, manifest)
    ledger = read_shared(folder, manifest, tables=OF_LEDGER)
    own = replace(
        beside, tables={**beside.tables, **{n: f for n, f in ledger.tables.items() if n in OF_LEDGER}}
    )
    reports = []
    with put_in_place(out, [scope.entity for scope in scopes]) as new:
        for number, scope in enumerate(scopes):
            part = merged_ledger([_part(number, part.name, kept) for part in manifest.partitions])
            part = replace(part, identities=summed([part.identities, intake_of(manifest, kept, scope)]))
            report = ledger_report(part, book=own, scope=scope, policies=policies)
            report = told_of_ledger(report, manifest, kept, number=number, postings=int(part.accounts["postings"].sum()),
                                    shared=("entities", *SHARED[TIE], *(n for n in OF_LEDGER if n not in SHARED[TIE])))  # fmt: skip
            write_report(report, new / scope.entity, manifest=manifest, whole=frozenset())
            reports.append(report)
    return tuple(reports)


def _part(number: int, partition: str, kept: Kept) -> LedgerPart:
    facts = kept.facts(partition)["entities"][number]
    frames = {
        name: kept.frame(partition, f"{number}-{name}", ROLL_FORWARD)
        for name in ("document", "functional", "by_account")
    }
    return LedgerPart(
        accounts=kept.frame(partition, f"{number}-accounts", ACCOUNTS),
        late=facts["late"],
        is_functional=facts["is_functional"],
        identities=tuple(Identity(**identity) for identity in facts["identities"]),
        **frames,
    )
