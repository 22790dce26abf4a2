"""Commands on files alone: `age`, `tie`, `sources`. Floor 5."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arlib.cli.shared import day, echo_controls, read_policies
from arlib.errors import InputError, SourceError

if TYPE_CHECKING:
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager

    from arlib.controls import Control
    from arlib.policy import Policies, Scope
    from arlib.report.model import Report
    from arlib.tables import Book

FILE = click.Path(path_type=Path)


def at_work(command: Callable[..., None]) -> Callable[..., None]:
    """The options of a command that may work through a partitioned ledger."""
    jobs = click.option("--jobs", default=2, show_default=True, type=click.IntRange(1, 64),
                        help="Partitions of a ledger at once, each in a process of its own.")  # fmt: skip
    cluster = click.option("--cluster", default="",
                           help="Address of a dask scheduler whose workers read the ledger at the same path.")  # fmt: skip
    return jobs(cluster(command))


@click.command()
@click.option(
    "--items", required=True, type=FILE, help="Open items or documents, or a folder with all tables."
)
@click.option("--applications", type=FILE, help="Applications, where they are a file of their own.")
@click.option(
    "--as-of", "as_of", required=True, type=day, help="Balance date, ISO; an item due that day is current."
)
@click.option("--profile", default="canonical", show_default=True, help="Built-in profile or a YAML file.")
@click.option("--policy", type=FILE, help="YAML with `policies: {aging: ...}`; a whole close file will do.")
@click.option("--basis", type=click.Choice(["posting", "effective"]), default="posting", show_default=True,
              help="posting: the ledger's date; effective: the business date.")  # fmt: skip
@click.option("--currency", default="", help="Currency of the books, where no entities table says it.")
@click.option("--out", required=True, type=FILE,
              help="CSV to write: customer_id,currency,bucket,amount. Of a partitioned ledger: folder for the reports.")  # fmt: skip
@at_work
def age(
    items: Path,
    applications: Path | None,
    as_of: date,
    profile: str,
    policy: Path | None,
    basis: str,
    currency: str,
    out: Path,
    jobs: int,
    cluster: str,
) -> None:
    """Age open items as of a date, by customer, currency and bucket.

    A partitioned ledger (see `arlib sources partition`) is aged one partition at a time, however large it is.
    """
    from arlib.sources.partitioned import is_ledger

    if is_ledger(items):
        from arlib.run.partitions.aged import age_ledger

        refuse_beside(applications)
        of_ledger(age_ledger, items, out, as_of, basis, currency, read_policies(policy), jobs, cluster)
        return
    from arlib.ledger.aging import age_items, aging
    from arlib.ledger.openitems import open_items
    from arlib.sources.export import write_contract

    inputs = {"items": items} | ({"applications": applications} if applications else {})
    refuse_to_overwrite(out, inputs.values())
    book = read_files(inputs, profile=profile, currency=currency)
    policies = read_policies(policy)
    scopes = [whole_book(entity, as_of, basis) for entity in entities_of(book)]
    import pandas as pd

    aged = [
        age_items(open_items(book.for_entity(s.entity), scope=s), as_of=as_of, policy=policies.aging)
        for s in scopes
    ]
    table = aging(pd.concat(aged, ignore_index=True)) if aged else None
    rows = write_contract(table, out, name="aging", columns=("customer_id", "currency", "bucket", "amount"))
    click.echo(f"{rows} rows to {out}; {len(book.problems)} remarks on the input")
    if not book.has("applications"):
        click.echo("note: no applications were read, so every item counts as open in full", err=True)


@click.command()
@click.option("--items", required=True, type=FILE,
              help="Sub-ledger documents, one file that holds both sides, or a folder with all tables.")  # fmt: skip
@click.option(
    "--gl", type=FILE, help="Ledger lines on the control accounts; none where the items file holds them."
)
@click.option("--as-of", "as_of", required=True, type=day, help="Balance date, ISO.")
@click.option("--profile", default="canonical", show_default=True, help="Built-in profile or a YAML file.")
@click.option("--policy", type=FILE, help="YAML with `policies: {tie_out: ...}`; a whole close file will do.")
@click.option("--currency", default="", help="Currency of the books, where no entities table says it.")
@click.option("--out", type=FILE, help="Of a partitioned ledger: folder for the reports.")
@at_work
def tie(
    items: Path,
    gl: Path | None,
    as_of: date,
    profile: str,
    policy: Path | None,
    currency: str,
    out: Path | None,
    jobs: int,
    cluster: str,
) -> None:
    """Compare the sub-ledger with its control accounts; exit 1 when a difference has no cause.

    A partitioned ledger (see `arlib sources partition`) is tied in total, one partition at a time.
    """
    from arlib.sources.partitioned import is_ledger

    if is_ledger(items):
        from arlib.run.partitions.tied import tie_ledger

        refuse_beside(gl)
        if out is None:
            raise SourceError(
                "a partitioned ledger gives reports", where=str(items), fix="Name a folder as --out."
            )
        of_ledger(tie_ledger, items, out, as_of, "posting", currency, read_policies(policy), jobs, cluster)
        return
    from arlib.controls import Status
    from arlib.ledger.frames_control import Cause
    from arlib.ledger.tieout import tie_out
    from arlib.money import shown

    book = read_files({"items": items} | ({"gl_lines": gl} if gl else {}), profile=profile, currency=currency)
    policies = read_policies(policy)
    if not book.has("applications"):
        click.echo("note: no applications were read, so discounts, exchange and moves between accounts are missing; "
                   "a folder as --items reads all tables", err=True)  # fmt: skip
    controls: list[Control] = []
    for entity in entities_of(book):
        scope = whole_book(entity, as_of, "posting", book=book)
        result = tie_out(book.for_entity(entity), scope=scope, policy=policies.tie_out)
        controls.extend(result.controls)
        for cause in result.causes.to_dict("records"):
            said = f"{shown(cause['amount'], cause['currency'])} {cause['currency']}"
            words = Cause(cause["cause"]).words
            click.echo(f"  {cause['account']}  {cause['document_no']}  {words}  {said}  {cause['sentence']}")
    echo_controls(controls)
    if any(control.status is Status.UNEXPLAINED for control in controls):
        raise click.exceptions.Exit(1)


@click.group()
def sources() -> None:
    """Say what a file is, and what is in it."""


@sources.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
def identify(files: tuple[Path, ...]) -> None:
    """Name the profile that reads each file, from its content; exit 2 when one is read by none."""
    from arlib.sources import identify as identified
    from arlib.sources.forms.told import form_at

    def said(file: Path) -> str:
        found = identified(file)
        if not found:
            raise SourceError("no profile reads this file", where=str(file))
        form = form_at(file)
        return f"{file}: {', '.join(found)}" + (f" ({form.title})" if form else "")

    each_file(files, said)


@sources.command()
@click.argument("files", nargs=-1, required=True, type=FILE)
@click.option(
    "--profile", default="", help="Built-in profile or a YAML file; found from the content when left out."
)
@click.option("--rows", default=5, show_default=True, help="First rows to show of each table.")
def show(files: tuple[Path, ...], profile: str, rows: int) -> None:
    """Show totals, problems and first rows of each file; exit 2 when one is refused."""
    from arlib.sources import describe

    each_file(files, lambda file: describe(file, profile=profile, rows=rows))


STANDARDS = ("ads", "iso21378")


@sources.command("export")
@click.argument("params", type=FILE)
@click.option("--as", "standard", required=True, type=click.Choice(STANDARDS), help="Audit data standard.")
@click.option("--period", default="", help="Another period than the close file's.")
@click.option("--entity", default="", help="One entity; all of the close file when left out.")
@click.option("--out", required=True, type=FILE, help="New folder for the files.")
def export(params: Path, standard: str, period: str, entity: str, out: Path) -> None:
    """Write the books of a close file as an audit data standard's files, with counts, totals and hashes."""
    from arlib.run.params import load_close
    from arlib.run.project import find_root
    from arlib.sources import load_book
    from arlib.sources.standards import write_standard

    root = find_root(params)
    plan = load_close(params, root=root)
    plan = plan.for_period(period) if period else plan
    book = load_book(
        plan.sources, root=plan.root, entities=tuple(plan.functional), functional=plan.functional
    )
    scope = plan.scope(entity or next(iter(plan.functional)))
    written = write_standard(
        book,
        out,
        standard=standard,
        period_start=scope.starts_on,
        period_end=scope.ends_on,
        entity=entity or None,
    )
    for path in written:
        click.echo(str(path))


@sources.command("partition")
@click.option("--items", required=True, type=FILE,
              help="Folder with all tables (canonical, or by --profile), or one file with items.")  # fmt: skip
@click.option("--profile", default="canonical", show_default=True, help="Built-in profile or a YAML file.")
@click.option("--currency", default="", help="Currency of the books, where no entities table says it.")
@click.option("--parts", default=16, show_default=True, type=click.IntRange(1, 99_999),
              help="Partitions asked for; half a million items each are a good size.")  # fmt: skip
@click.option("--stream", is_flag=True,
              help="Files too large for memory: canonical Parquet or CSV, typed and placed row by row.")  # fmt: skip
@click.option("--out", required=True, type=FILE, help="New folder for the ledger.")
def partition(items: Path, profile: str, currency: str, parts: int, stream: bool, out: Path) -> None:
    """Write a ledger as Parquet partitions by group of customers, for `arlib age` and `arlib tie` on any size."""
    from arlib.sources.partitioned import partition_files, write_ledger

    if stream:
        if profile != "canonical" or not items.is_dir():
            raise SourceError("only a folder of canonical files is streamed", where=str(items))
        manifest = partition_files(canonical_files(items), out, parts=parts, currency=currency)
    else:
        manifest = write_ledger(
            read_files({"items": items}, profile=profile, currency=currency),
            out,
            parts=parts,
            currency=currency,
        )
    rows = sum(part.rows("items") for part in manifest.partitions)
    largest = max((part.rows("items") for part in manifest.partitions), default=0)
    click.echo(
        f"{rows:,} items in {len(manifest.partitions):,} partitions to {out}; the largest has {largest:,}"
    )


def canonical_files(folder: Path) -> dict[str, list[Path]]:
    """The canonical tables that lie in a folder as Parquet or CSV: `items.parquet`, `items.csv`, or `items-*` of either."""
    from arlib.tables import CANONICAL

    found = {}
    for name in CANONICAL:
        for ending in ("parquet", "csv"):
            files = sorted([*folder.glob(f"{name}.{ending}"), *folder.glob(f"{name}-*.{ending}")])
            if files:
                found[name] = files
                break
    return found


def refuse_beside(file: Path | None) -> None:
    """Raise SourceError for a file beside a partitioned ledger: it holds all tables."""
    if file is not None:
        raise SourceError("a partitioned ledger holds all tables: give no file beside it", where=str(file))


def of_ledger(
    asked: Callable[..., tuple[Report, ...]],
    ledger: Path,
    out: Path,
    as_of: date,
    basis: str,
    currency: str,
    policies: Policies,
    jobs: int,
    cluster: str,
) -> None:
    """Ask something of every entity of a partitioned ledger, and print its controls; exit 1 when one is unexplained."""
    from dataclasses import replace
    from functools import partial

    from arlib.controls import Status
    from arlib.run.partitions import processes
    from arlib.run.partitions.aged import scope_of
    from arlib.sources.partitioned import read_manifest

    manifest = read_manifest(ledger)
    scopes = [
        scope_of(manifest, replace(whole_book(entity, as_of, basis), functional_currency=currency))
        for entity in manifest.entities
    ]
    pool: Callable[[], AbstractContextManager[Executor]] = partial(processes, jobs)
    if cluster:
        from arlib.run.cluster import cluster_executor

        pool = partial(cluster_executor, cluster)

    def told(name: str, done: int, of: int) -> None:
        click.echo(f"  {name} done, {done} of {of}", err=True)

    reports = asked(ledger, out, scopes=scopes, policies=policies, pool=pool, at_once=jobs + 1, told=told)
    controls = [control for report in reports for control in report.controls]
    echo_controls(controls)
    click.echo(f"reports in {out}")
    if any(control.status is Status.UNEXPLAINED for control in controls):
        raise click.exceptions.Exit(1)


def each_file(files: Iterable[Path], said: Callable[[Path], str]) -> None:
    """Say something of each file, on with the next after one that is refused; then exit 2 if any was."""
    refused = False
    for file in files:
        try:
            click.echo(said(file))
        except InputError as fault:
            refused = True
            click.echo(f"refused: {fault}", err=True)
    if refused:
        raise click.exceptions.Exit(2)


BESIDE = ("entities", "control_accounts")  # small tables that say how to read the others


def read_files(files: dict[str, Path], *, profile: str, currency: str = "") -> Book:
    """The book that these files hold under one profile; a folder as the first of them is read whole.

    Beside single canonical files, `entities` and `control_accounts` of the same folder are read too, where they are: they
    say which currency the books are in and which accounts to compare. That is said on standard error.
    """
    from arlib.sources import SourceSpec, load_book

    options = {"functional_currency": currency} if currency else {}
    items = files["items"]
    if items.is_dir():
        extra = [path for name, path in files.items() if name != "items"]
        if extra:
            raise SourceError("a folder holds all tables: give no file beside it", where=str(extra[0]))
        return load_book(
            [SourceSpec(folder=items.resolve(), profile=profile, options=options)], root=Path.cwd()
        )
    if profile == "canonical":
        for name in BESIDE:
            beside = items.parent / f"{name}.csv"
            if beside.is_file() and beside not in files.values():
                files = files | {name: beside}
                click.echo(f"also read: {beside}", err=True)
    tables = {name: (str(path.resolve()),) for name, path in files.items()}
    return load_book(
        [SourceSpec(folder=Path(), profile=profile, tables=tables, options=options)], root=Path.cwd()
    )


AGED_HEADER = "customer_id,currency,bucket,amount\n"


def refuse_to_overwrite(out: Path, inputs: Iterable[Path]) -> None:
    """Raise SourceError for an output that is an input, a folder, or a file that this command did not write."""
    if any(out.exists() and path.exists() and out.samefile(path) for path in inputs):
        raise SourceError("the output is one of the inputs", where=str(out), fix="Name another --out.")
    if not out.exists():
        return
    try:
        with out.open(encoding="utf-8", newline="") as held:
            is_ours = held.readline() == AGED_HEADER
    except (OSError, UnicodeDecodeError):
        is_ours = False
    if not is_ours:
        raise SourceError(
            "stands there and was not written by this command",
            where=str(out),
            fix="Name another --out, or remove it.",
        )


def entities_of(book: Book) -> list[str]:
    """Entity codes that stand in the items, sorted."""
    return sorted(str(code) for code in book["items"]["entity"].dropna().unique())


def whole_book(entity: str, as_of: date, basis: str, *, book: Book | None = None) -> Scope:
    """A scope over everything up to a date: the period of a command that has no period."""
    from arlib.policy import Basis, Scope

    currency = ""
    if book is not None:
        known = book["entities"]
        named = known.loc[known["entity"].eq(entity), "functional_currency"]
        currencies = named.unique() if len(named) else book["items"]["currency"].dropna().unique()
        currency = str(currencies[0]) if len(currencies) == 1 else ""
    return Scope(entity=entity, entity_name=entity, functional_currency=currency, period=as_of.isoformat(),
                 starts_on=as_of.replace(day=1), ends_on=as_of, as_of=as_of, basis=Basis(basis))  # fmt: skip
