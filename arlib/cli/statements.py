"""The command `statements`: statements of account in batch, as PDF and as workbook. Floor 5."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(path_type=Path)


@click.command("statements")
@click.option("--close", "close_file", type=FILE, help="Close file whose books are read now.")
@click.option("--run", "run_folder", type=FILE, help="Sealed run whose book is taken.")
@click.option("--entity", default="", help="Entity; with --close.")
@click.option("--out", required=True, type=FILE, help="Folder of the result, replaced whole.")
@click.option("--customer", "customers", multiple=True, help="Only this customer; may stand several times.")
@click.option("--parent", "by_parent", is_flag=True, help="One statement for a parent and its customers.")
@click.option(
    "--kind", type=click.Choice(["open_item", "balance_forward"]), help="What is listed; else by policy."
)
@click.option("--format", "formats", default="pdf,xlsx", show_default=True, help="Formats, by comma.")
@click.option("--with-copies", is_flag=True, help="Copies of the open invoices behind each statement.")
@click.option("--copies-apart", is_flag=True, help="Copies in a file of their own.")
@click.option("--extracts", type=FILE, multiple=True, help="With --run: folder in which the copies lie.")
@click.option(
    "--jobs", default=0, type=click.IntRange(min=0), help="Processes; as many as processors otherwise."
)
@click.pass_context
def statements(
    context: click.Context,
    close_file: Path | None,
    run_folder: Path | None,
    entity: str,
    out: Path,
    customers: tuple[str, ...],
    by_parent: bool,
    kind: str | None,
    formats: str,
    with_copies: bool,
    copies_apart: bool,
    extracts: tuple[Path, ...],
    jobs: int,
) -> None:
    """Write statements of account, an index of them, and who gets none.

    \b
    arlib statements --close params/sample.yml --entity US01 --out statements/
    arlib statements --run outputs/2026-10/US01/RUN --out statements/ --customer 00417 --format pdf

    Exit code 1 where a statement could not be made or a copy was not found; index.csv says which and why.
    """
    from arlib.errors import ParameterError
    from arlib.policy.statement import StatementKind
    from arlib.run.books import books_of_close, books_of_run
    from arlib.run.statements import write_statements

    if (close_file is None) == (run_folder is None):
        raise ParameterError("statements", wanted="--close with --entity, or --run")
    if close_file is not None:
        if not entity:
            raise ParameterError("--entity", wanted="the entity whose statements are made")
        books = books_of_close(close_file, entity=entity)
    else:
        assert run_folder is not None
        books = books_of_run(run_folder, extracts=extracts)
    made = write_statements(
        books,
        out,
        customers=customers,
        kind=StatementKind(kind) if kind else None,
        by_parent=True if by_parent else None,
        formats=tuple(part.strip() for part in formats.split(",") if part.strip()),
        with_copies=with_copies or copies_apart,
        are_copies_apart=copies_apart,
        jobs=jobs,
    )
    noun = "statement" if made.made == 1 else "statements"
    click.echo(
        f"{made.folder}: {made.made} {noun} made, {len(made.failed)} failed, {made.excluded} customers excluded"
    )
    for row in made.totals:
        told = f"{row['currency']:<5} {row['on_statements']} on {row['statements']} statements"
        if "ledger" in row:
            told += (
                f", {row['excluded']} excluded, {row['unidentified']} unidentified, ledger {row['ledger']}"
            )
        click.echo(told)
    for code, reason in list(made.failed.items())[:20]:
        click.echo(f"{code}: {reason}", err=True)
    if made.missing:
        click.echo(f"{made.missing} copies could not be used: see copies.csv", err=True)
    if not made.is_whole:
        context.exit(1)
