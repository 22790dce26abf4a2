"""Commands on runs: `close`, `review`, `approve`, `verify`. Floor 5."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from arlib.cli.shared import close_lines

FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("params", type=FOLDER)
@click.option(
    "--only", default="", help="Notebooks to run, separated by commas; all of the parameter file's otherwise."
)
@click.option(
    "--period", default="", help="Period to close, such as 2026-09; the parameter file's otherwise."
)
@click.option("--entity", "entities", multiple=True, help="Entity to close; may be repeated; all otherwise.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 4096),
    default=None,
    help="Notebooks executed at once: 2, or what the cluster's workers take, unless given.",
)
@click.option(
    "--cluster",
    default="",
    metavar="ADDRESS",
    help="Execute notebooks on the workers of a dask scheduler, such as tcp://host:8786.",
)
@click.option("--out", type=FOLDER, help="Output folder; the parameter file's otherwise.")
@click.option("--quiet", is_flag=True, help="Plain lines instead of a progress display.")
def close(
    params: Path,
    only: str,
    period: str,
    entities: tuple[str, ...],
    jobs: int | None,
    cluster: str,
    out: Path | None,
    quiet: bool,
) -> None:
    """Close the period of a parameter file for all its entities."""
    from arlib.run.close import close as run_close
    from arlib.run.params import load_close
    from arlib.run.progress import reporter
    from arlib.run.project import find_root
    from arlib.run.store import open_store

    root = find_root(params)
    plan = load_close(params, root=root)
    plan = plan.for_period(period) if period else plan
    chosen = tuple(name.strip() for name in only.split(",") if name.strip())
    with reporter(is_quiet=quiet) as progress:
        result = run_close(
            plan,
            root=root,
            only=chosen,
            entities=entities,
            jobs=jobs,
            cluster=cluster,
            out=out,
            open_store=open_store,
            progress=progress,
        )
    for run in result.runs:
        click.echo(f"{run.entity} {run.period}: {run.state} {run.folder}".rstrip())
        if run.sentence:
            click.echo(f"arlib: {run.sentence}", err=True)
    for line in close_lines(result.controls):
        click.echo(line)
    for line in result.blocking:
        click.echo(f"blocking: {line}")
    if result.folder.is_dir():
        click.echo(f"folder: {result.folder}")
    raise click.exceptions.Exit(result.exit_code)


@click.command()
@click.argument("run", type=FOLDER)
@click.option(
    "--only", default="", help="Notebooks whose workbooks to copy, separated by commas; all otherwise."
)
def review(run: Path, only: str) -> None:
    """Make working copies of a sealed run's workbooks, free to edit; the sealed ones stay as they are."""
    from arlib.run.review import asks_for_decisions
    from arlib.run.review import review as copy_for_review

    copies = copy_for_review(run, only=tuple(name.strip() for name in only.split(",") if name.strip()))
    for path in copies:
        click.echo(str(path))
    for path in copies:
        if asks_for_decisions(run, path.stem):
            click.echo(
                f"next: decide in {path.name} (Decision, Decided by, Decided on; a Comment for reject and ask), "
                f"save it, then `arlib approve {path}`"
            )


REFUSALS_SHOWN = 50


@click.command()
@click.argument("workbook", type=FOLDER)
@click.option(
    "--signature", type=FOLDER, help="Signature over the file: ssh-keygen -Y sign -n arlib -f KEY FILE."
)
@click.option("--run", type=FOLDER, help="The sealed run, where the workbook is not beside its review.json.")
@click.option("--dry-run", is_flag=True, help="Check everything and record nothing.")
def approve(workbook: Path, signature: Path | None, run: Path | None, dry_run: bool) -> None:
    """Read back a WORKBOOK that `arlib review` made and record its decisions; of a close file, approve its policies.

    Every fact is compared with the sealed run; one wrong row refuses all (exit 2), and nothing is recorded then.
    """
    if workbook.suffix.lower() in (".yml", ".yaml"):
        from arlib.run.approve_policy import approve_policies

        told = approve_policies(workbook, signature=signature, is_dry_run=dry_run)
        _end(told.lines, told.problems, told.exit_code)
        return
    from arlib.run.approve import approve as read_back

    outcome = read_back(workbook, signature=signature, run=run, is_dry_run=dry_run)
    _end(outcome.lines(is_dry_run=dry_run), outcome.refusals, outcome.exit_code)


def _end(lines: Iterable[str], refusals: Sequence[str], code: int) -> None:
    """Say what there is to say, and leave with the exit code."""
    for line in lines:
        click.echo(line)
    for line in refusals[:REFUSALS_SHOWN]:
        click.echo(f"refused: {line}", err=True)
    if len(refusals) > REFUSALS_SHOWN:
        click.echo(f"refused: ... and {len(refusals) - REFUSALS_SHOWN:,} more", err=True)
    if refusals:
        click.echo("arlib: nothing was recorded", err=True)
    raise click.exceptions.Exit(code)


@click.command()
@click.argument("path", type=FOLDER)
@click.option("--expect", default="", help="Hash of a pack from its reply letter: proves where it came from.")
def verify(path: Path, expect: str) -> None:
    """Check a sealed run, a pack (its folder or zip), or all of them under a folder; exit 1 when anything was changed."""
    from arlib.errors import ParameterError, SourceError
    from arlib.run.audit.packs import is_pack, packs_below, verify_pack
    from arlib.run.verify import verify as check

    if is_pack(path):
        found = verify_pack(path, expect=expect)
        for line in found.lines():
            click.echo(line)
        raise click.exceptions.Exit(found.exit_code)
    if expect:
        raise ParameterError("--expect", wanted="a pack beside it: its folder or its zip")
    worst = 0
    packs = list(packs_below(path)) if path.is_dir() else []
    for pack, recorded in packs:
        found = verify_pack(pack, expect=recorded)
        for line in found.lines():
            click.echo(f"{pack.name}: {line}")
        worst = max(worst, found.exit_code)
    try:
        result = check(path)
    except SourceError:
        if not packs:
            raise
    else:
        for line in result.lines():
            click.echo(line)
        worst = max(worst, 0 if result.is_whole else 1)
    raise click.exceptions.Exit(worst)
