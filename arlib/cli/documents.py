"""The command `document`: receipts, credit notes, revised invoices, letters and releases as PDF. Floor 5."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from arlib.run.documents import Named

FILE = click.Path(path_type=Path)


@click.command("document")
@click.argument(
    "kind", type=click.Choice(["receipt", "credit-note", "revised-invoice", "release", "due-diligence"])
)
@click.option("--run", "run_folder", type=FILE, help="Sealed run that the document is of.")
@click.option("--close", "close_file", type=FILE, help="Of a receipt: close file whose books are read now.")
@click.option("--entity", default="", help="Of a receipt by close file: entity.")
@click.option("--receipt", "receipt_id", default="", help="Of a receipt: its id in the ledger.")
@click.option("--proposal", "proposal_id", default="", help="Proposal; without it all that were approved.")
@click.option(
    "--customer", "customer_id", default="", help="Of a due-diligence letter: owner; all otherwise."
)
@click.option("--date", "on", default="", help="Date on the document; that of the approval otherwise.")
@click.option("--out", required=True, type=FILE, help="A file for one document, a folder for several.")
def document(
    kind: str,
    run_folder: Path | None,
    close_file: Path | None,
    entity: str,
    receipt_id: str,
    proposal_id: str,
    customer_id: str,
    on: str,
    out: Path,
) -> None:
    """Write a document as PDF; what was not approved says so on every page.

    \b
    arlib document receipt --close params/sample.yml --entity US01 --receipt R-17 --out R-17.pdf
    arlib document credit-note --run outputs/2026-10/US01/RUN --proposal CM-... --out note.pdf
    arlib document credit-note --run outputs/2026-10/US01/RUN --out notes/      all that were approved
    """
    from arlib.cli.shared import day
    from arlib.errors import ParameterError
    from arlib.run.documents import letters, proposal_documents, receipt_from_close, receipt_from_run

    dated = day(on) if on else None
    if kind == "receipt":
        if not receipt_id or (run_folder is None) == (close_file is None):
            raise ParameterError(
                "a receipt",
                wanted="--receipt with --run, or with --close and --entity",
                fix="See arlib document -h.",
            )
        if run_folder is not None:
            made = [receipt_from_run(run_folder, receipt_id=receipt_id, dated=dated)]
        else:
            assert close_file is not None
            made = [receipt_from_close(close_file, entity=entity, receipt_id=receipt_id, dated=dated)]
    elif run_folder is None:
        raise ParameterError(kind, wanted="--run, the folder of a sealed run")
    elif kind == "due-diligence":
        made = letters(run_folder, customer_id=customer_id, dated=dated)
    else:
        made = proposal_documents(run_folder, kind, proposal_id=proposal_id, dated=dated)
    is_one = bool(receipt_id or proposal_id) or out.suffix.lower() == ".pdf"
    for line in _written(made, out, is_one=is_one):
        click.echo(line)


def _written(made: list[Named], out: Path, *, is_one: bool) -> list[str]:
    """Write the PDFs, each whole, and say where."""
    from arlib.errors import ParameterError, SourceError
    from arlib.report.documents import pdf_of
    from arlib.run.platform import write_whole

    if is_one and len(made) > 1:
        raise ParameterError("--out", found=out.name, wanted=f"a folder: {len(made)} documents are written")
    if not made:
        return ["nothing to write: no such document was approved or is due"]
    pages = [(out if is_one else out / one.name, pdf_of(one.document), one) for one in made]
    try:
        for path, data, _ in pages:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, data)
    except OSError as fault:
        raise SourceError(f"cannot be written ({fault.strerror or fault})", where=str(out)) from fault
    return [
        f"{path}{' (PROPOSAL, not approved)' if one.document.rests_on.is_draft else ''}"
        for path, _, one in pages
    ]
