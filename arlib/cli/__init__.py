"""The `arlib` command. Floor 5: a thin face; every command parses, calls one function of a lower floor, and prints.

Command modules import the heavy libraries inside their functions, so that `arlib --help` stays quick.
"""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from arlib import __version__
from arlib.cli.audit import audit
from arlib.cli.books import age, sources, tie
from arlib.cli.cases import case
from arlib.cli.closing import approve, close, review, verify
from arlib.cli.documents import document
from arlib.cli.lab import desk, lab
from arlib.cli.letters import letters
from arlib.cli.matching import match
from arlib.cli.posting import post
from arlib.cli.projects import init, params, sample
from arlib.cli.sampling import sampling
from arlib.cli.statements import statements
from arlib.errors import ArError, Problem, TableError

INTERRUPTED = 130
PROBLEMS_SHOWN = 20


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="arlib")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def root(context: click.Context, debug: bool) -> None:
    """Reconciliation and reporting for accounts receivable.

    Exit codes: 0 done; 1 done, but a control is unexplained or a check found something; 2 input or parameter fault;
    3 a run failed; 130 interrupted.
    """
    context.obj = {"debug": debug}


for command in (
    close,
    match,
    post,
    document,
    letters,
    statements,
    audit,
    case,
    age,
    tie,
    sources,
    review,
    approve,
    verify,
    params,
    init,
    sample,
    lab,
    desk,
    sampling,
):
    root.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit code; the last line of defence for every error."""
    given = sys.argv[1:] if arguments is None else arguments
    is_debug = "--debug" in given
    try:
        code = root.main(args=given, prog_name="arlib", standalone_mode=False)
    except click.exceptions.Abort:
        code = INTERRUPTED
    except KeyboardInterrupt:
        click.echo("arlib: interrupted", err=True)
        code = INTERRUPTED
    except click.ClickException as fault:
        fault.show()
        code = fault.exit_code
    except ArError as fault:
        code = report(fault, is_debug=is_debug)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as fault:
        code = unknown(fault, is_debug=is_debug)
    sys.exit(code or 0)


def report(fault: ArError, *, is_debug: bool) -> int:
    """Print a known error in its two lines (and the faults of rows, one a line); the exit code."""
    if is_debug:
        traceback.print_exc()
    click.echo(f"arlib: {fault}", err=True)
    if isinstance(fault, TableError):
        for line in others(fault.problems):
            click.echo(f"  {line}", err=True)
    return fault.exit_code


def others(problems: Sequence[Problem]) -> list[str]:
    """A line for each kind of fault after the first, with how many rows have it: the same fault is not said twice."""
    kinds = Counter((p.file, p.column, p.code, p.found, p.wanted) for p in problems)
    first = {(p.file, p.column, p.code, p.found, p.wanted): p for p in reversed(problems)}
    said = []
    for position, (kind, rows) in enumerate(kinds.items()):
        again = f" (and {rows - 1} more row{'s' if rows > 2 else ''})" if rows > 1 else ""
        if position:  # the first kind is in the error's own sentence
            said.append(first[kind].sentence() + again)
    more = len(said) - PROBLEMS_SHOWN
    return said if more <= 0 else [*said[:PROBLEMS_SHOWN], f"... and {more} more kinds of fault"]


def unknown(fault: Exception, *, is_debug: bool) -> int:
    """Print one line and leave the traceback in a log file: an unknown error is a bug of ours. Exit code 3."""
    if is_debug:
        traceback.print_exc()
    with tempfile.NamedTemporaryFile(
        "w", prefix="arlib-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        traceback.print_exc(file=log)
    click.echo(f"arlib: unexpected {type(fault).__name__}: {fault}; traceback in {Path(log.name)}", err=True)
    return 3
