"""The command `match`: cash application from files alone. Floor 5."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arlib.cli.shared import read_policies

if TYPE_CHECKING:
    import pandas as pd

    from arlib.matching.inputs import MatchInputs
    from arlib.matching.measures import Measures
    from arlib.matching.result import MatchResult
    from arlib.policy import MatchingPolicy, Scope
    from arlib.tables import Book

FILE = click.Path(path_type=Path)


@click.command("match")
@click.option("--items", required=True, type=FILE, help="Open items, or a folder with several tables.")
@click.option("--receipts", type=FILE,
              help="Receipts, or a bank file (MT940, camt, BAI2 ...) or a folder of them; may be left out where the "
              "items folder holds receipts.")  # fmt: skip
@click.option(
    "--remittances", type=FILE, help="Lines of remittance advices, or advice files (820, REMADV ...)."
)
@click.option("--history", type=FILE,
              help="Applications of the past: rules are measured on them, and what they settled is closed.")  # fmt: skip
@click.option("--profile", default="canonical", show_default=True, help="Built-in profile or a YAML file.")
@click.option(
    "--policy", type=FILE, help="YAML with `policies: {matching: ...}`; a whole close file will do."
)
@click.option("--replay", "is_replay", is_flag=True,
              help="Day by day: only items documented by then, no later receipt; what was decided stays.")  # fmt: skip
@click.option("--currency", default="", help="Currency of the books, where no entities table says it.")
@click.option(
    "--entity", default="", help="Whose bank files these are, where the items are of several entities."
)
@click.option(
    "--out", required=True, type=FILE, help="Folder for the result; an earlier one is replaced whole."
)
def match(
    items: Path,
    receipts: Path | None,
    remittances: Path | None,
    history: Path | None,
    profile: str,
    policy: Path | None,
    is_replay: bool,
    currency: str,
    entity: str,
    out: Path,
) -> None:
    """Say which receipts paid which items, how sure that is, and what is left over.

    Written are matches, alternatives, unmatched, rules, posting (what was decided auto), residuals, contras, skipped and
    reversals, each as CSV and Parquet, and summary.json. Exits with 2 where an input is refused; then nothing is written.
    """
    # a batch makes millions of small objects and hardly a cycle: looking for cycles among them takes a third of its time
    gc.disable()
    from arlib.run.match_folder import MARKER, write_match_folder
    from arlib.run.wholefolder import require_replaceable
    from arlib.sources.matchfiles import MatchFiles, read_match_files
    from arlib.sources.show import problem_lines

    files = MatchFiles(items=items, receipts=receipts, remittances=remittances, history=history)
    given = [*files.named().values(), *([policy] if policy else [])]
    require_replaceable(out, marker=MARKER, inputs=given)
    policies = read_policies(policy)
    given_options = {"functional_currency": currency, "entity": entity}
    options = {name: value for name, value in given_options.items() if value}
    book, beside = read_match_files(files, profile=profile, options=options, root=Path.cwd())
    for path in beside:
        click.echo(f"also read: {path}", err=True)
    if not book.has("applications"):
        click.echo("note: no applications were read, so every item counts as open in full", err=True)
    inputs = inputs_of(book)
    result, measured, summary = run(inputs, book, policy=policies.matching, is_replay=is_replay)
    summary |= {"profile": profile, "is_replay": is_replay, "inputs": input_files(book)}
    write_match_folder(result, out, summary=summary)
    for line in said(measured):
        click.echo(line)
    for line in problem_lines(book.problems) if len(book.problems) else ():
        click.echo(line, err=True)
    click.echo(f"written to {out}")


def inputs_of(book: Book) -> MatchInputs:
    """Everything that the files hold: what is open where they say what was applied, else all of it."""
    from arlib.matching.from_book import Cash, match_inputs

    cash = Cash.OPEN if len(book["applications"]) else Cash.ALL
    return match_inputs(book, scope=whole_book(book), receipts=cash)


def run(
    inputs: MatchInputs, book: Book, *, policy: MatchingPolicy, is_replay: bool
) -> tuple[MatchResult, Measures, dict[str, Any]]:
    """The result, its measures, and the summary; an identity that does not hold stops the command."""
    from functools import partial

    from arlib.matching.engine import match as matched
    from arlib.matching.engine import own_history
    from arlib.matching.measures import measures, summary
    from arlib.matching.replay import replay

    known = book["entities"]
    names, home = _by_entity(known, "name"), _by_entity(known, "country")
    history = own_history(inputs, policy=policy, entity_names=names, home=home)
    run_once = partial(matched, history=history, entity_names=names, home=home)
    once = partial(run_once, as_of_day=_ledger_day(book))
    result = replay(inputs, match=run_once, policy=policy) if is_replay else once(inputs, policy=policy)
    for identity in result.identities:
        identity.require()
    measured = measures(result, confidence=policy.bound_confidence)
    return result, measured, summary(result, measured)


def _by_entity(entities: pd.DataFrame, column: str) -> dict[str, str]:
    given = entities[entities[column].notna()]
    return dict(zip(given["entity"].astype(str), given[column].astype(str), strict=True))


def _ledger_day(book: Book) -> int | None:
    """The day that a ledger stands at, counted from 1970-01-01; None for a backlog, which has no day of its own."""
    from datetime import date

    is_ledger = "snapshot" in book.features or len(book["applications"])
    return (whole_book(book).as_of - date(1970, 1, 1)).days if is_ledger else None


def whole_book(book: Book) -> Scope:
    """All entities up to the last day that any fact of the files bears, or the day of a snapshot."""
    from datetime import date

    from arlib.policy import Scope

    names = ("effective_date", "posting_date", "document_date", "booking_date", "value_date")
    dates = [
        frame[name].max()
        for table in ("items", "receipts", "applications", "bank_lines")
        if len(frame := book[table])
        for name in names
        if name in frame.columns and frame[name].notna().any()
    ]
    last = max(dates).date() if dates else date(1970, 1, 1)
    if "snapshot" in book.features:
        last = date.fromisoformat(book.snapshot_date)
    return Scope(entity="", entity_name="", functional_currency="", period=last.isoformat(), starts_on=last.replace(day=1),
                 ends_on=last, as_of=last)  # fmt: skip


def input_files(book: Book) -> list[dict[str, Any]]:
    """Name, size and hash of every file that was read, by name."""
    read = (
        book.inputs[["file", "bytes", "sha256"]]
        .drop_duplicates()
        .sort_values(["file", "sha256"], kind="stable")
    )
    return [
        {"file": str(name), "bytes": int(size), "sha256": str(sha)}
        for name, size, sha in read.itertuples(index=False, name=None)
    ]


def said(measured: Measures) -> list[str]:
    """The run in a line, and the money of each currency in one more."""
    from arlib.money import iso_code, shown

    suggested = measured.receipts_proposed - measured.receipts_auto
    unmatched = measured.receipts - measured.receipts_proposed
    lines = [
        f"{measured.receipts} receipts: {measured.receipts_auto} auto, {suggested} suggested, {unmatched} unmatched"
    ]
    for code, money in measured.money.items():
        parts = (
            f"{shown(money.applied_auto, code)} auto, {shown(money.applied - money.applied_auto, code)} suggested, "
            f"{shown(money.unmatched, code)} unmatched of {shown(money.received, code)}"
        )
        back = f"; {shown(money.returned, code)} returned" if money.returned else ""
        lines.append(f"  {iso_code(code)}: {parts}{back}")
    return lines
