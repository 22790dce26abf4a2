"""The command `post`: posting files for an ERP from a result folder of `arlib match`. Floor 5."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

if TYPE_CHECKING:
    from arlib.sources.upload import Batch

FILE = click.Path(path_type=Path)


@click.command("post")
@click.argument("folder", type=FILE)
@click.option(
    "--as", "target", required=True, type=click.Choice(["oracle", "sap"]), help="Layout of the files."
)
@click.option(
    "--accounts", "accounts_file", required=True, type=FILE, help="YAML: which account plays which part."
)
@click.option("--date", "on", required=True, help="Accounting date, such as 2026-10-31.")
@click.option("--batch", "batch_id", required=True, help="Name of the batch: letters, digits, - and _.")
@click.option(
    "--register",
    "register_file",
    type=FILE,
    help="register.csv of an earlier batch: what it holds is left out.",
)
@click.option("--proposed-by", default="arlib match", show_default=True, help="Who proposes the postings.")
@click.option(
    "--approved-by", default="", help="Who approves them: somebody else. Without it the files are a proposal."
)
@click.option(
    "--out", required=True, type=FILE, help="Folder for the files; an approved batch is never replaced."
)
def post(
    folder: Path,
    target: Literal["oracle", "sap"],
    accounts_file: Path,
    on: str,
    batch_id: str,
    register_file: Path | None,
    proposed_by: str,
    approved_by: str,
    out: Path,
) -> None:
    """Write what FOLDER, a result of arlib match, decided by itself as files that an ERP loads.

    Suggested matches are never posted. Exits with 2 where an input is refused; then nothing is written.
    """
    from arlib.cli.shared import day
    from arlib.sources.upload import from_match_folder, read_accounts, read_register, write_posting_folder
    from arlib.sources.upload.write import require_replaceable

    require_replaceable(out)
    _require_apart(out, [folder, accounts_file])
    accounts = read_accounts(accounts_file)
    register = None if register_file is None else read_register(register_file)
    batch = from_match_folder(
        folder,
        accounts=accounts,
        batch_id=batch_id,
        accounting_date=day(on),
        proposed_by=proposed_by,
        approved_by=approved_by,
        register=register,
    )
    names = write_posting_folder(batch, out, target=target, accounts=accounts)
    for line in said(batch):
        click.echo(line)
    click.echo(f"{len(names) - 1} files written to {out}")


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
