"""The commands of an audit: answer a request, perform a pack again, the register. Floor 5."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from arlib.run.audit.register import Entry
    from arlib.run.store import Store

FILE = click.Path(path_type=Path)


@click.group()
def audit() -> None:
    """Answer an auditor's requests with sealed packs, and keep the register of them."""


@audit.command("run")
@click.argument("request", type=FILE, nargs=-1, required=True)
@click.option("--out", type=FILE, help="Output folder; the close file's otherwise.")
@click.option(
    "--timestamp", "authority", default="", help="Address of a time-stamp authority (RFC 3161) to ask."
)
@click.option("--quiet", is_flag=True, help="Plain lines instead of a progress display.")
def run_request(request: tuple[Path, ...], out: Path | None, authority: str, quiet: bool) -> None:
    """Answer each REQUEST: run its notebook, seal a pack, write the reply letter, record it in the register.

    \b
    arlib audit run params/audit/lapping.yml

    A request that cannot be answered does not stop the others. Exit codes: 0 answered; 1 answered, and a control is
    unexplained; 2 the request or the books cannot be used; 3 a run failed.
    """
    from arlib.errors import ArError
    from arlib.run.audit.answer import answer
    from arlib.run.audit.request import load_request
    from arlib.run.progress import reporter
    from arlib.run.project import find_root

    worst = 0
    for path in request:
        try:
            asked = load_request(path, root=find_root(path))
            with reporter(is_quiet=quiet) as progress:
                made = answer(asked, out=out, progress=progress, authority=authority)
        except ArError as fault:
            if len(request) == 1:
                raise
            click.echo(f"arlib: {path.name}: {fault}", err=True)
            worst = max(worst, fault.exit_code)
            continue
        for line in made.lines():
            click.echo(line)
        worst = max(worst, made.exit_code)
    raise click.exceptions.Exit(worst)


@audit.command("reperform")
@click.argument("pack", type=FILE)
@click.option(
    "--expect", default="", help="Hash of the pack from the reply letter: proves where it came from."
)
@click.option(
    "--library",
    type=click.Choice(["this", "pack"]),
    default="this",
    show_default=True,
    help="Whose library runs: the one installed here, or the one in the pack (needs --expect).",
)
@click.option("--quiet", is_flag=True, help="Plain lines instead of a progress display.")
def reperform_pack(pack: Path, expect: str, library: str, quiet: bool) -> None:
    """Run a PACK again from its own data and report every difference to the cent; exit 1 when there is one."""
    from arlib.errors import SourceError
    from arlib.run.audit.reperform import reperform
    from arlib.run.progress import reporter

    if not pack.exists():
        raise SourceError("no such pack", where=pack.name, wanted="a pack's folder or its zip")
    with reporter(is_quiet=quiet) as progress:
        made = reperform(
            pack, progress=progress, expect=expect, library="pack" if library == "pack" else "this"
        )
    for line in made.lines():
        click.echo(line)
    raise click.exceptions.Exit(made.exit_code)


COLUMNS = (
    "request_id",
    "kind",
    "entity",
    "as_of",
    "asked_by",
    "asked_on",
    "due_on",
    "status",
    "late_days",
    "answered_at",
    "outcome",
)


@audit.command("register")
@click.option(
    "--outputs", type=FILE, default=Path("outputs"), show_default=True, help="Output folder with the store."
)
@click.option(
    "--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True
)
@click.option("--out", type=FILE, help="Write the list here instead: .xlsx, .csv or .json.")
@click.option("--open", "only_open", is_flag=True, help="Only what is neither sent nor withdrawn.")
@click.option(
    "--add", type=FILE, multiple=True, help="Record this request as asked, without answering it yet."
)
def show_register(outputs: Path, form: str, out: Path | None, only_open: bool, add: tuple[Path, ...]) -> None:
    """What was asked, answered, by whom, when, and what is open."""
    from arlib.run.audit.register import Entry, record_asked, register
    from arlib.run.audit.request import load_request
    from arlib.run.project import find_root
    from arlib.run.store import current_actor, open_store

    asked = [load_request(path, root=find_root(path)) for path in add]
    for request in asked:
        record_asked(open_store(outputs), request, actor=current_actor())
    store = _store(outputs)
    entries = register(store, today=_today())
    if only_open:
        entries = tuple(entry for entry in entries if entry.status not in ("sent", "withdrawn"))
    if out is not None:
        _write(out, entries)
        click.echo(f"{out}: {len(entries)} requests")
    elif form == "json":
        click.echo(_json(entries), nl=False)
    elif form == "csv":
        click.echo(_csv([each.name for each in fields(Entry)], entries), nl=False)
    else:
        for line in _table(entries):
            click.echo(line)


@audit.command("mark")
@click.argument("request_id")
@click.argument("mark", type=click.Choice(["reviewed", "sent", "withdrawn"]))
@click.option("--by", default="", help="Who reviewed or sent it; the user of this computer otherwise.")
@click.option("--note", default="", help="One line for the register.")
@click.option(
    "--outputs", type=FILE, default=Path("outputs"), show_default=True, help="Output folder with the store."
)
def mark_request(request_id: str, mark: str, by: str, note: str, outputs: Path) -> None:
    """Record that an answer was reviewed or sent, or that a request was withdrawn.

    An answer that nobody reviewed can be sent: a warning says so, and the register keeps it.
    """
    from arlib.run.audit.register import Mark, find, record_mark
    from arlib.run.store import current_actor

    store = _store(outputs, is_read_only=False)
    record_mark(store, request_id, Mark(mark), actor=current_actor(), on=_today(), by=by, note=note)
    entry = find(store, request_id, today=_today())
    if mark == "sent" and entry.unreviewed:
        click.echo(f"arlib: warning: {request_id} was sent without a review; the register says so", err=True)
    click.echo(_table([entry])[-1])


def _store(outputs: Path, *, is_read_only: bool = True) -> Store:
    from arlib.errors import ParameterError
    from arlib.run.audit.register import require_sound
    from arlib.run.decided import store_of
    from arlib.run.store import open_store

    if store_of(outputs) is None:
        raise ParameterError(
            "there is no register yet",
            where=outputs.name,
            fix="`arlib audit run REQUEST.yml` or `arlib audit register --add REQUEST.yml` begins one.",
        )
    store = open_store(outputs, is_read_only=is_read_only)
    require_sound(store)
    return store


def _write(out: Path, entries: tuple[Entry, ...]) -> None:
    """The list as a file, whole or not at all."""
    from arlib.errors import ParameterError
    from arlib.report.audit.pbc_list import pbc_workbook
    from arlib.run import platform
    from arlib.run.audit.register import Entry

    if out.suffix == ".xlsx":
        content = pbc_workbook(
            [asdict(entry) for entry in entries], as_of=datetime.now(UTC).replace(tzinfo=None)
        )
    elif out.suffix == ".csv":
        content = _csv([each.name for each in fields(Entry)], entries).encode()
    elif out.suffix == ".json":
        content = _json(entries).encode()
    else:
        raise ParameterError("--out", found=out.name, wanted="a name that ends in .xlsx, .csv or .json")
    out.parent.mkdir(parents=True, exist_ok=True)
    platform.write_whole(out, content)


def _json(entries: tuple[Entry, ...]) -> str:
    return json.dumps([asdict(entry) for entry in entries], indent=2, ensure_ascii=False) + "\n"


def _today() -> date:
    return datetime.now(UTC).astimezone().date()


def _csv(names: list[str], entries: tuple[Entry, ...]) -> str:
    """CSV that a spreadsheet may open: free text is made inert."""
    from arlib.sources.export import inert

    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([inert(str(getattr(entry, name))) for name in names] for entry in entries)
    return out.getvalue()


def _table(entries: tuple[Entry, ...] | list[Entry]) -> list[str]:
    """The register in columns, and how many are open."""
    from arlib.report.documents.page import plain_text

    rows = [[name.replace("_", " ") for name in COLUMNS]]
    rows += [[plain_text(str(getattr(entry, name)))[:30] for name in COLUMNS] for entry in entries]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    waiting = sum(entry.status in ("open", "overdue") for entry in entries)
    late = sum(entry.status == "overdue" for entry in entries)
    return (
        [*lines, f"{len(entries)} requests, {waiting} open, {late} of them overdue"]
        if len(entries) != 1
        else lines
    )
