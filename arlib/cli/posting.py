"""The command `post`: files for an ERP or a bank from a sealed run, or from a result folder of `arlib match`. Floor 5."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import date

    from arlib.sources.upload import Batch

FILE = click.Path(path_type=Path)
BY_MATCH = "arlib match"


@click.command("post")
@click.argument("folder", type=FILE)
@click.option(
    "--as",
    "target",
    required=True,
    type=click.Choice(["oracle", "sap", "pain001", "ach"]),
    help="Layout of the files; pain001 and ach pay approved refunds.",
)
@click.option(
    "--accounts", "accounts_file", required=True, type=FILE, help="YAML: which account plays which part."
)
@click.option(
    "--date", "on", required=True, help="Accounting date, such as 2026-10-31; of a payment, the day to pay."
)
@click.option("--batch", "batch_id", required=True, help="Name of the batch: letters, digits, - and _.")
@click.option(
    "--register",
    "register_file",
    type=FILE,
    help="register.csv of an earlier batch: what it holds is left out.",
)
@click.option("--proposed-by", default=BY_MATCH, show_default=True, help="Who proposes what a match decided.")
@click.option(
    "--approved-by",
    default="",
    help="Who approves what a match decided: somebody else. Without it the files are a proposal.",
)
@click.option(
    "--out", required=True, type=FILE, help="Folder for the files; an approved batch is never replaced."
)
def post(
    folder: Path,
    target: str,
    accounts_file: Path,
    on: str,
    batch_id: str,
    register_file: Path | None,
    proposed_by: str,
    approved_by: str,
    out: Path,
) -> None:
    """Write what was approved in FOLDER, a sealed run, as files that an ERP or a bank loads.

    Where FOLDER is a result of arlib match: what it decided by itself; suggested matches are never posted. What was
    approved in a run is written once: a second batch leaves it out and says where it went. Exits with 2 where an input
    is refused; then nothing is written.
    """
    from arlib.cli.shared import day
    from arlib.run.post_approved import is_sealed_run

    _require_apart(out, [folder, accounts_file])
    if is_sealed_run(folder):
        from arlib.run.post_run import Order, post_run

        _require_recorded_names(proposed_by, approved_by)
        order = Order(
            folder=folder,
            target=target,
            accounts_file=accounts_file,
            day=day(on),
            batch_id=batch_id,
            out=out,
            register_file=register_file,
        )
        lines = list(post_run(order))
    else:
        lines = _match_folder(
            folder,
            out,
            target=target,
            accounts_file=accounts_file,
            on=day(on),
            batch_id=batch_id,
            register_file=register_file,
            people=(proposed_by, approved_by),
        )
    for line in lines:
        click.echo(line)


def _match_folder(
    folder: Path,
    out: Path,
    *,
    target: str,
    accounts_file: Path,
    on: date,
    batch_id: str,
    register_file: Path | None,
    people: tuple[str, str],
) -> list[str]:
    """Write the batch of a match folder; what to say."""
    from arlib.errors import ParameterError
    from arlib.sources.upload import from_match_folder, read_accounts, read_register, write_posting_folder
    from arlib.sources.upload.write import require_replaceable

    if target in ("pain001", "ach"):
        raise ParameterError(
            "--as",
            found=target,
            wanted="oracle or sap",
            fix="Only approved refunds of a sealed run are paid.",
        )
    require_replaceable(out)
    accounts = read_accounts(accounts_file)
    register = None if register_file is None else read_register(register_file)
    batch = from_match_folder(
        folder,
        accounts=accounts,
        batch_id=batch_id,
        accounting_date=on,
        proposed_by=people[0],
        approved_by=people[1],
        register=register,
    )
    names = write_posting_folder(batch, out, target="sap" if target == "sap" else "oracle", accounts=accounts)
    return [*said(batch), f"{len(names) - 1} files written to {out}"]


def _require_recorded_names(proposed_by: str, approved_by: str) -> None:
    """Who proposed and approved a run's proposals is in the store; nobody types it."""
    from arlib.errors import ParameterError

    if proposed_by != BY_MATCH or approved_by:
        raise ParameterError(
            "--proposed-by and --approved-by are for folders of arlib match",
            fix="Leave them out: the store knows who proposed and who approved.",
        )


def _require_apart(out: Path, inputs: list[Path]) -> None:
    from arlib.errors import SourceError

    home = out.resolve()
    for path in inputs:
        here = path.resolve()
        if here == home or home in here.parents or here in home.parents:
            raise SourceError(
                "the output folder and an input lie in each other",
                where=str(out),
                found=path.name,
                fix="Name another --out.",
            )


def said(batch: Batch) -> list[str]:
    """The batch in a line, its money by currency, and what was left out."""
    from arlib.money import shown

    state = f"approved by {batch.approved_by}" if batch.is_approved else "PROPOSAL, not approved"
    lines = [
        f"batch {batch.batch_id}, {state}: receipts {len(batch.receipts)}, applications {len(batch.applications)}, "
        f"adjustments {len(batch.adjustments)}"
    ]
    for currency in sorted({*batch.receipts["currency"], *batch.applications["currency"]}):
        received = sum(int(v) for v in batch.receipts[batch.receipts["currency"].eq(currency)]["amount"])
        applied = sum(
            int(v) for v in batch.applications[batch.applications["currency"].eq(currency)]["amount"]
        )
        lines.append(
            f"  {currency}: {shown(received, currency)} received, {shown(applied, currency)} applied"
        )
    if len(batch.left_out):
        lines.append(f"postings left out, written before: {len(batch.left_out)}")
    return [*lines, *batch.notes]
