"""The command `letters`: dunning and special letters as PDF and e-mail drafts. Floor 5. Nothing is sent."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(path_type=Path)
KINDS = (
    "dunning",
    "nsf",
    "estate",
    "bankruptcy",
    "remittance_request",
    "broken_promise",
    "exemption_request",
)


@click.group("letters", invoke_without_command=True)
@click.option("--close", "close_file", type=FILE, help="Close file whose books are read now.")
@click.option("--run", "run_folder", type=FILE, help="Sealed run whose book is used.")
@click.option("--entity", default="", help="Entity, with --close.")
@click.option("--out", type=FILE, help="Folder for letters, drafts, index and manifest; replaced whole.")
@click.option("--level", type=int, help="Letters of this level only.")
@click.option("--customer", default="", help="Letters of this customer only.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(KINDS),
    help="Which letters; dunning where none is named.",
)
@click.option("--templates", type=FILE, help="Folder of templates that you edited.")
@click.option("--date", "on", default="", help="Date on the letters; the as-of date otherwise.")
@click.option(
    "--preview", is_flag=True, help="Write what is due even where it is held, marked as not to be sent."
)
@click.pass_context
def letters(
    context: click.Context, close_file: Path | None, run_folder: Path | None, entity: str, out: Path | None, level: int | None,
    customer: str, kinds: tuple[str, ...], templates: Path | None, on: str, preview: bool,
) -> None:  # fmt: skip
    """Write the letters that are due as PDF and as e-mail drafts for a person to send.

    \b
    arlib letters --close params/sample.yml --entity US01 --out letters/
    arlib letters --run outputs/2026-10/US01/RUN --out letters/ --kind nsf --kind estate
    arlib letters templates --out my_letters/       copy the templates, edit them, then --templates my_letters/

    Held (exit 1, nothing written but why) unless every bank account is up to date; --preview shows them all the same.
    """
    if context.invoked_subcommand is not None:
        return
    from arlib.cli.shared import day
    from arlib.errors import ParameterError
    from arlib.run.books import books_of_close, books_of_run
    from arlib.run.letters import DUNNING, letters_batch

    if (run_folder is None) == (close_file is None) or out is None or (close_file is not None and not entity):
        raise ParameterError(
            "letters", wanted="--out, and --run, or --close with --entity", fix="See arlib letters -h."
        )
    if run_folder is not None:
        books = books_of_run(run_folder)
    else:
        assert close_file is not None
        books = books_of_close(close_file, entity=entity)
    made = letters_batch(
        books, out=out, level=level, customer=customer, kinds=kinds or (DUNNING,), templates=templates,
        dated=day(on) if on else None, is_preview=preview,
    )  # fmt: skip
    if made.held_because:
        click.echo(
            "Held: " + ("a preview was written, not to be sent." if preview else "no letter was written."),
            err=True,
        )
        for line in made.held_because:
            click.echo(f"  {line}", err=True)
    if not made.held_because or preview:
        written = len(made.rows) - len(made.failed)
        click.echo(
            f"{out}: {written} letter{'' if written == 1 else 's'}"
            + (f", {len(made.failed)} failed" if made.failed else "")
        )
    for row in made.failed:
        click.echo(f"  {row['letter_id']}: {row['note']}", err=True)
    for line in made.notes:
        click.echo(f"  {line}")
    context.exit(made.exit_code)


@letters.command("templates")
@click.option("--out", required=True, type=FILE, help="New folder for the copies.")
def templates(out: Path) -> None:
    """Copy the shipped templates to a folder, for you to edit."""
    from arlib.run.letters import copy_templates

    click.echo(f"{out}: {copy_templates(out)} files; check them with arlib letters check --templates {out}")


@letters.command("check")
@click.option("--templates", "folder", required=True, type=FILE, help="Folder of templates.")
def check(folder: Path) -> None:
    """Check edited templates: every unknown or missing field, with file and line."""
    from arlib.policy import Policies
    from arlib.report.letters.model import KINDS as ALL
    from arlib.run.letters import checked_templates

    made = checked_templates(folder, kinds=ALL, policies=Policies())
    click.echo(f"{folder}: no fault in {', '.join(made.languages)}")
