"""The aging of a partitioned ledger: parts, their sum, and the report as files. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from arlib.controls import Identity
from arlib.errors import ParameterError
from arlib.ledger.facts import sums_by_currency
from arlib.ledger.frames import aging_table
from arlib.policy import Policies, Scope
from arlib.report.aging import report_of
from arlib.report.aging.part import ADDED, BY, FUNCTIONAL, LISTS, AgingPart, merged, summed
from arlib.report.model import Report
from arlib.run.partitions.asked import parts_of
from arlib.run.partitions.lists import ORDER, Lists, lists_of
from arlib.run.partitions.output import (
    given_tables,
    intake_of,
    linked,
    put_in_place,
    told_of_ledger,
    write_report,
)
from arlib.run.partitions.parts import Kept
from arlib.run.partitions.pool import Pool, Told
from arlib.run.partitions.task import AGING, SHARED
from arlib.sources.partitioned import Manifest

ROWS_KEPT = 5_000  # of a list; what is longer stands whole in its Parquet file only
FILES = {"large": "large_balances", "reaged": "reaged", "bridge": "basis_bridge", "exceptions": "exceptions"}


def age_ledger(
    folder: Path,
    out: Path,
    *,
    scopes: Sequence[Scope],
    policies: Policies,
    pool: Pool,
    at_once: int,
    told: Told | None = None,
    rows_kept: int = ROWS_KEPT,
) -> tuple[Report, ...]:
    """Age a partitioned ledger and write, for each scope, workbook, page, data and result below `out/ENTITY`.

    Parts are kept in `out/parts`; a run that was killed carries on with them. By currency the sum of the buckets in the
    file of all customers must be what is outstanding in the parts, and rows and money read must be those of the manifest;
    else IdentityError. A customer in two partitions raises SourceError. Older reports stay where a run is refused. Raises
    as `run_partitions` does.
    """
    manifest, kept = parts_of(
        folder, out, question=AGING, scopes=scopes, policies=policies, pool=pool, at_once=at_once, told=told
    )
    with put_in_place(out, [scope.entity for scope in scopes]) as new:
        return tuple(
            _entity(number, scope, manifest, folder, new, kept, policies, rows_kept)
            for number, scope in enumerate(scopes)
        )


def _entity(
    number: int,
    scope: Scope,
    manifest: Manifest,
    folder: Path,
    out: Path,
    kept: Kept,
    policies: Policies,
    rows_kept: int,
) -> Report:
    names = [part.name for part in manifest.partitions]
    facts = [kept.facts(name)["entities"][number] for name in names]
    rows = {name: sum(each["rows"][name] for each in facts) for name in LISTS}
    files = {
        name: [kept.path(part, f"{number}-{name}") for part, each in zip(names, facts, strict=True) if each["rows"][name]]
        or [kept.path(names[0], f"{number}-{name}")]
        for name in LISTS
    }  # fmt: skip
    home = out / scope.entity
    data = home / "data"
    data.mkdir(parents=True, exist_ok=True)
    has_parents = not all(each["is_own_parent"] for each in facts)
    part = merged(
        [_small(number, name, each, kept, has_parents) for name, each in zip(names, facts, strict=True)],
        policy=policies.aging,
    )
    with lists_of(files, scratch=out) as lists:
        part = replace(part, **_lists(lists, rows, part, rows_kept))
        beside = _written(lists, rows, files, data, policies, rows_kept)
        owed = lists.totals(data / "aging_by_customer.parquet")
    part = replace(
        part, identities=summed([part.identities, _tied(part, owed, scope), intake_of(manifest, kept, scope)])
    )
    for identity in part.identities:
        identity.require()
    book = given_tables(folder, manifest)
    report = report_of(part, book=book, scope=scope, policies=policies, beside=beside)
    report = told_of_ledger(report, manifest, kept, number=number, postings=int(part.sums["movements"].sum()),
                            shared=("entities", *SHARED[AGING]))  # fmt: skip
    write_report(report, home, manifest=manifest, whole=frozenset({"aging_by_customer", *beside}))
    return report


def _small(number: int, partition: str, facts: dict[str, Any], kept: Kept, has_parents: bool) -> AgingPart:
    """A kept part without its lists; where nobody has a parent, the aging by parent is one by customer and not read."""

    def frame(name: str, table: Any) -> Any:
        return kept.frame(partition, f"{number}-{name}", table)

    return AgingPart(
        by={
            name: aging_table(key).empty()
            if name == "parent_id" and not has_parents
            else frame(f"by_{name}", aging_table(key))
            for name, key in BY.items()
        },
        functional=frame("functional", FUNCTIONAL) if facts["is_functional"] else None,
        counts=facts["counts"],
        filled=frozenset(facts["filled"]),
        is_own_parent=facts["is_own_parent"],
        identities=tuple(Identity(**identity) for identity in facts["identities"]),
        **{name: frame(name, table) for name, table in ADDED.items()},
        **{name: table.empty() for name, table in LISTS.items()},
    )


def _lists(lists: Lists, rows: dict[str, int], part: AgingPart, rows_kept: int) -> dict[str, Any]:
    """The largest rows of each list; of the open items all or none, since each partition has its file of them."""
    made: dict[str, Any] = {name: lists.largest(name, rows=rows_kept) for name in ORDER}
    made |= lists.largest_customers(rows=rows_kept, is_functional=part.functional is not None)
    if rows["items"] <= rows_kept:
        made["items"] = lists.all_items()
    return made


def _written(
    lists: Lists,
    rows: dict[str, int],
    files: dict[str, list[Path]],
    data: Path,
    policies: Policies,
    rows_kept: int,
) -> dict[str, str]:
    """Write the whole lists; for each table that is cut, the sentence that says where all of it is."""
    beside = {}
    lists.write_customers(data / "aging_by_customer.parquet", policy=policies.aging)
    lists.write_contract(data / "aging.csv")
    if rows["owed"] > rows_kept:
        beside["aging_by_customer"] = _where(rows_kept, rows["owed"], "data/aging_by_customer.parquet")
    for name, table in FILES.items():
        if rows[name] > rows_kept:
            lists.write_all(name, data / f"{table}.parquet")
            beside[table] = _where(rows_kept, rows[name], f"data/{table}.parquet")
    if rows["items"] > rows_kept:
        linked(files["items"], data / "open_items")
        count = len(files["items"])
        beside["open_items"] = (
            f"All {rows['items']:,} rows are in {count:,} files, one a partition: data/open_items/part-*.parquet."
        )
    return beside


def _where(shown: int, rows: int, file: str) -> str:
    return f"The {shown:,} largest of {rows:,} rows; all of them are in {file}."


def _tied(part: AgingPart, owed: dict[str, int], scope: Scope) -> list[Identity]:
    """By currency: the written file of all customers, the aging by currency and the open items are one sum."""
    made, by_currency = [], sums_by_currency(part.by["currency"], "amount")
    for row in part.sums[part.sums["items"] > 0].to_dict("records"):
        code = row["currency"]
        said = {
            "name": "aging of the ledger",
            "right_label": "outstanding in all partitions",
            "entity": scope.entity,
        }
        for label, left in (("customers as written", owed.get(code, 0)),
                            ("aging by currency", by_currency.get(code, 0))):  # fmt: skip
            made.append(
                Identity(**said, left_label=label, left=left, right=int(row["outstanding"]), currency=code)
            )
    return made


def scope_of(manifest: Manifest, given: Scope) -> Scope:
    """The scope with the currency of the entity's books: as the ledger says it, or the only one of its items.

    Raises ParameterError for an entity that has no items.
    """
    if given.entity not in manifest.entities:
        raise ParameterError("the ledger has no items of this entity", found=given.entity,
                             wanted=", ".join(manifest.entities))  # fmt: skip
    own = {code for part in manifest.partitions for code in part.totals["items"].get(given.entity, {})}
    only = next(iter(own)) if len(own) == 1 else ""
    return replace(
        given, functional_currency=manifest.functional.get(given.entity) or given.functional_currency or only
    )
