"""Statements of account of the books that a close file names, or of a sealed run: a folder of files with their index. Floor 4.

statement-CODE.pdf, .xlsx    one of each a statement
index.csv                    every statement by currency, and who has none: state, reason, files, amount
totals.csv                   by currency: statements, excluded, unidentified, and the ledger that they add up to
copies.csv                   copies of documents that were asked for and could not be used
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.collect.statements import Statement, Statements, statements
from arlib.errors import ParameterError, SourceError
from arlib.money import format_minor, iso_code
from arlib.policy import Policies, Scope
from arlib.policy.statement import StatementKind
from arlib.report.statement_documents.copies import CopyLink
from arlib.run.books import Books
from arlib.run.statement_batch import Done, Settings, Task, default_jobs, make_all
from arlib.run.wholefolder import replace_folder, require_replaceable
from arlib.sources.export import inert
from arlib.tables.choices import LinkKind
from arlib.tables.rows import records, text

if TYPE_CHECKING:
    from arlib.tables import Book

MARKER = ".arlib-statements"
FORMATS = ("pdf", "xlsx")
INDEX = (
    "customer_id", "name", "state", "reason", "currency", "balance", "kind", "language", "email", "accounts", "open_items",
    "pdf", "xlsx", "copies", "copies_missing",
)  # fmt: skip
TOTALS = (
    "currency", "statements", "on_statements", "not_made", "excluded", "unidentified", "ledger", "difference",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Written:
    """What a batch wrote: `failed` by customer, `missing` copies, and the totals by currency as they stand in totals.csv."""

    folder: Path
    made: int
    excluded: int
    failed: Mapping[str, str]
    missing: int
    totals: tuple[Mapping[str, Any], ...]

    @property
    def is_whole(self) -> bool:
        """Whether every statement was made and every copy that was asked for was found."""
        return not self.failed and not self.missing


def write_statements(
    books: Books,
    out: Path,
    *,
    customers: Iterable[str] = (),
    kind: StatementKind | None = None,
    by_parent: bool | None = None,
    formats: Sequence[str] = FORMATS,
    with_copies: bool = False,
    are_copies_apart: bool = False,
    jobs: int = 0,
) -> Written:
    """Write the statements of an entity into a folder, replacing an earlier result whole.

    `kind` and `by_parent` go before the policy. A customer whose statement cannot be made is in the index with the reason;
    all others are made. Raises SourceError where the folder holds what this function did not write.
    """
    if unknown := sorted(set(formats) - set(FORMATS)):
        raise ParameterError("--format", found=unknown[0], wanted=" or ".join(FORMATS))
    if with_copies and not books.extracts:
        raise ParameterError("copies", wanted="the folder of the extracts, in which they lie")
    require_replaceable(out, marker=MARKER, inputs=books.extracts)
    policies = _policies(books.policies, kind, by_parent)
    found = statements(books.book, scope=books.scope, policies=policies, customers=customers)
    for identity in found.identities:
        identity.require()
    links = _links(books.book, books.scope) if with_copies else {}
    names = file_names(found.customers)
    result: list[Written] = []

    def fill(spare: Path) -> None:
        settings = Settings(
            folder=spare,
            formats=tuple(formats),
            extracts=books.extracts,
            are_copies_apart=are_copies_apart,
            max_copy_pages=policies.statement.max_copy_pages,
            max_copy_megabytes=policies.statement.max_copy_megabytes,
        )
        done = make_all(_tasks(found, names, links), settings, jobs=jobs or default_jobs())
        result.append(_written(found, done, spare, out, is_part=bool(tuple(customers))))

    replace_folder(out, fill, marker=MARKER)
    return result[0]


def file_names(codes: Iterable[str]) -> dict[str, str]:
    """A name for the files of each customer, in characters that every file system takes; two never share one."""
    made: dict[str, str] = {}
    taken: set[str] = set()
    for code in codes:
        base = f"statement-{re.sub(r'[^A-Za-z0-9_-]+', '-', code)[:60]}"
        name, number = base, 1
        while name.lower() in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name.lower())
        made[code] = name
    return made


def _policies(policies: Policies, kind: StatementKind | None, by_parent: bool | None) -> Policies:
    policy = policies.statement
    if kind is not None:
        policy = replace(policy, kind=kind)
    if by_parent is not None:
        policy = replace(policy, by_parent=by_parent)
    return replace(policies, statement=policy)


def _tasks(
    found: Statements, names: Mapping[str, str], links: Mapping[str, tuple[CopyLink, ...]]
) -> Iterator[Task]:
    for statement in found.each():
        yield Task(
            statement=statement,
            name=names[statement.customer_id],
            copies=tuple(_copies(statement, links)) if links else (),
        )


def _copies(statement: Statement, links: Mapping[str, tuple[CopyLink, ...]]) -> Iterator[CopyLink]:
    """The copies of what is open, in the order of the statement, each once."""
    items = dict.fromkeys(line.item_id for section in statement.sections for line in section.lines)
    for item in items:
        yield from links.get(item, ())


def _links(book: Book, scope: Scope) -> dict[str, tuple[CopyLink, ...]]:
    """The linked copies of invoices by item. Needs DOCUMENT_LINKS and ITEMS."""
    rows = book["document_links"]
    rows = rows[rows["entity"].eq(scope.entity) & rows["kind"].eq(LinkKind.INVOICE_COPY.value)]
    items = book["items"]
    numbers = dict(zip(items["item_id"], items["document_no"], strict=True))
    made: dict[str, list[CopyLink]] = {}
    for row in records(rows.sort_values(["item_id", "path"], kind="stable")):
        number = text(numbers.get(row["item_id"])) or row["item_id"]
        link = CopyLink(document_no=number, path=row["path"], sha256=text(row["sha256"]))
        made.setdefault(row["item_id"], []).append(link)
    return {item: tuple(each) for item, each in made.items()}


def _written(
    found: Statements, done: Mapping[str, Done], spare: Path, out: Path, *, is_part: bool
) -> Written:
    rows = [*_made_rows(found, done), *([] if is_part else _excluded_rows(found))]
    _csv(spare / "index.csv", INDEX, rows)
    failed = {code: one.reason for code, one in sorted(done.items()) if one.reason}
    sums = _totals(found, failed, is_part=is_part)
    _csv(spare / "totals.csv", TOTALS, sums)
    faults = [
        {"customer_id": code, "copy": fault.splitlines()[0]}
        for code, one in sorted(done.items())
        for fault in one.faults
    ]
    if faults:
        _csv(spare / "copies.csv", ("customer_id", "copy"), faults)
    return Written(
        folder=out,
        made=len(done) - len(failed),
        excluded=0 if is_part else found.excluded["customer_id"].nunique(),
        failed=failed,
        missing=len(faults),
        totals=tuple(sums),
    )


def _made_rows(found: Statements, done: Mapping[str, Done]) -> Iterator[dict[str, Any]]:
    """A row for each statement and currency; one without any currency has one row."""
    by_customer: dict[str, list[dict[str, Any]]] = {}
    for row in records(found.summary):
        by_customer.setdefault(row["customer_id"], []).append(row)
    for statement in found.each():
        one = done[statement.customer_id]
        files = {Path(name).suffix[1:]: name for name in one.files if "-copies" not in name}
        apart = [name for name in one.files if name.endswith("-copies.pdf")]
        shared = {
            "customer_id": statement.customer_id,
            "name": statement.name,
            "state": "failed" if one.reason else "made",
            "reason": one.reason,
            "kind": statement.kind.value,
            "language": statement.language,
            "email": statement.email,
            "accounts": len(statement.customers),
            "pdf": files.get("pdf", ""),
            "xlsx": files.get("xlsx", ""),
            "copies": apart[0] if apart else one.copies or "",
            "copies_missing": len(one.faults) or "",
        }
        yield from (
            {
                **shared,
                "currency": iso_code(row["currency"]),
                "balance": format_minor(row["closing"], row["currency"]),
                "open_items": row["lines"],
            }
            for row in by_customer.get(statement.customer_id, ())
        )
        if not statement.sections:
            yield {**shared, "currency": "", "balance": "", "open_items": 0}


def _excluded_rows(found: Statements) -> Iterator[dict[str, Any]]:
    for row in records(found.excluded):
        yield {
            "customer_id": row["customer_id"],
            "name": text(row["name"]),
            "state": "excluded",
            "reason": f"{row['reason'].replace('_', ' ')}: {row['because']}",
            "currency": iso_code(row["currency"]),
            "balance": format_minor(row["amount"], row["currency"]),
            "open_items": row["items"],
        }


def _totals(found: Statements, failed: Mapping[str, str], *, is_part: bool) -> list[dict[str, Any]]:
    """By currency. Of some customers only, what is on their statements: the rest of the ledger is then not looked at."""
    made = []
    for row in records(found.totals):
        code = row["currency"]
        mine = found.summary[
            found.summary["currency"].eq(code) & found.summary["customer_id"].isin(found.customers)
        ]
        is_failed = mine["customer_id"].isin(list(failed))
        amounts = {
            "on_statements": int(mine.loc[~is_failed, "closing"].sum()),
            "not_made": int(mine.loc[is_failed, "closing"].sum()),
        }
        if not is_part:
            amounts |= {name: int(row[name]) for name in ("excluded", "unidentified", "ledger", "difference")}
        elif mine.empty:
            continue
        told = {name: format_minor(amount, code) for name, amount in amounts.items()}
        made.append({"currency": iso_code(code), "statements": int((~is_failed).sum()), **told})
    return made


def _csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows as CSV; no text in it is run by a spreadsheet."""
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(columns)
            for row in rows:
                writer.writerow([_cell(name, row.get(name, "")) for name in columns])
    except OSError as fault:
        raise SourceError(f"cannot be written ({fault.strerror or fault})", where=path.name) from fault


def _cell(name: str, value: Any) -> str:
    if name in AMOUNTS:
        return str(value)
    return inert(str(value).replace("\r", " ").replace("\n", " "))


AMOUNTS = frozenset({"balance", *TOTALS[2:]})
