"""The commands of a case: write its sealed file, show it, perform it again. Floor 5."""

from __future__ import annotations

from pathlib import Path

import click

FILE = click.Path(path_type=Path)


@click.group()
def case() -> None:
    """Keep what was found out about one customer as a sealed case file."""


@case.command("write")
@click.argument("case_file", metavar="CASE.yml", type=FILE)
@click.option("--out", type=FILE, help="Output folder; the close file's otherwise.")
@click.option("--quiet", is_flag=True, help="Plain lines instead of a progress display.")
def write(case_file: Path, out: Path | None, quiet: bool) -> None:
    """Write the case file: page, workbook, data and manifest in outputs/cases/ID/RUN.

    \b
    arlib case write params/cases/example.yml

    Exit codes: 0 written; 1 written, and a control is unexplained; 2 the case or the books cannot be used; 3 the run
    failed.
    """
    from arlib.run.cases.reading import open_case
    from arlib.run.cases.write import write_case
    from arlib.run.progress import reporter
    from arlib.run.project import find_root

    root = find_root(case_file)
    asked = open_case(case_file, root=root)
    with reporter(is_quiet=quiet) as progress:
        made = write_case(asked.case, root=root, statement=asked.statement, out=out, progress=progress)
    for line in made.lines():
        click.echo(line)
    raise click.exceptions.Exit(made.exit_code)


@case.command("show")
@click.argument("path", metavar="FOLDER|CASE.yml", type=FILE)
def show(path: Path) -> None:
    """Say what a case is about, how its controls ended and what is to be decided; a changed folder is refused."""
    from arlib.run.cases.reading import open_case

    for line in open_case(path).lines():
        click.echo(line)


@case.command("reperform")
@click.argument("folder", type=FILE)
@click.option("--quiet", is_flag=True, help="Plain lines instead of a progress display.")
def reperform(folder: Path, quiet: bool) -> None:
    """Run the case in FOLDER again from its own data and report every difference to the cent; exit 1 when there is one."""
    from arlib.run.cases.reperform import reperform_case
    from arlib.run.progress import reporter

    with reporter(is_quiet=quiet) as progress:
        made = reperform_case(folder, progress=progress)
    for line in made.lines():
        click.echo(line)
    raise click.exceptions.Exit(made.exit_code)
