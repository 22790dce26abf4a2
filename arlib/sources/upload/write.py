"""The posting folder: files for the ERP, control totals, the postings themselves and the register. Floor 2.

    oracle_*, sap_*         what is loaded; names begin with PROPOSAL_ until somebody approved
    control.csv, .xlsx      rows, debits, credits and SHA-256 of each file; who proposed and approved; what was changed
    register.csv            references written so far: for --register of the next batch
    left_out.csv            postings that the register had already
    postings/*.csv          the batch as neutral contract CSV

The folder appears whole or not at all. One that holds an approved batch is never replaced, but by the very same bytes.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from arlib.errors import SourceError
from arlib.sources.upload.accounts import Accounts
from arlib.sources.upload.batch import Batch
from arlib.sources.upload.contract import contract_bytes, raise_faults
from arlib.sources.upload.control import Written, control_bytes, control_rows, ties
from arlib.sources.upload.control_sheet import control_workbook
from arlib.sources.upload.oracle import FileSet, oracle_files, oracle_notes
from arlib.sources.upload.reference import registered
from arlib.sources.upload.sap import general_journals, sap_files, sap_notes
from arlib.sources.upload.tables import REGISTER, TABLES
from arlib.sources.upload.workbook import journal_workbook, layout_workbook
from arlib.sources.wholefolder import replace_whole

MARKER = ".arlib-post"
Target = Literal["oracle", "sap"]


def write_posting_folder(batch: Batch, out: Path, *, target: Target, accounts: Accounts) -> list[str]:
    """Write the batch in the target's layouts and return the names of the files, sorted. Equal batches give equal bytes.

    Raises TableError with every value that the target's fields cannot take, IdentityError where a file does not hold the
    batch, SourceError where the folder holds what must stay.
    """
    contents = posting_contents(batch, target=target, accounts=accounts)
    require_replaceable(out, contents)
    replace_whole(out, lambda staging: fill_folder(staging, contents))
    return sorted(contents)


def posting_contents(
    batch: Batch, *, target: Target, accounts: Accounts, beside: Mapping[str, bytes] | None = None
) -> dict[str, bytes]:
    """The files of the folder by name, in memory. `beside` are files that go with it and are in its control totals."""
    sets = (
        oracle_files(batch, accounts=accounts) if target == "oracle" else sap_files(batch, accounts=accounts)
    )
    layouts = [layout for one in sets for layout in one.layouts]
    raise_faults(
        [problem for layout in layouts for problem in layout.problems],
        where=f"batch {batch.batch_id}",
        fix="Nothing was written.",
    )
    identities = (*batch.identities(), *ties(batch, layouts))
    for identity in identities:
        identity.require()
    prefix = "" if batch.is_approved else "PROPOSAL_"
    written = [_written(one, prefix, batch.batch_id) for one in sets]
    if target == "sap":
        if layouts:
            written.append(
                Written(
                    name=f"{prefix}sap_documents_{batch.batch_id}.xlsx", data=layout_workbook(batch, layouts)
                )
            )
        if journals := general_journals(batch):
            written.append(
                Written(
                    name=f"{prefix}sap_journals_{batch.batch_id}.xlsx",
                    data=journal_workbook(batch, journals, accounts),
                )
            )
    neutral = {
        f"postings/{name}.csv": contract_bytes(batch.frames[name], table) for name, table in TABLES.items()
    }
    rows = control_rows(
        batch,
        [
            *written,
            *(
                Written(name=name, data=data, rows=len(batch.frames[Path(name).stem]))
                for name, data in neutral.items()
            ),
            *(Written(name=name, data=data) for name, data in (beside or {}).items()),
        ],
    )
    notes = sorted({note for layout in layouts for note in layout.notes})
    state = "APPROVED" if batch.is_approved else "PROPOSAL"
    said = [*batch.notes, *(oracle_notes(batch) if target == "oracle" else sap_notes(batch))]
    return {
        MARKER: f"{state} {batch.batch_id}\n".encode(),
        "control.csv": control_bytes(rows),
        "control.xlsx": control_workbook(
            batch, target=target, rows=rows, identities=identities, notes=notes, said=said
        ),
        "left_out.csv": contract_bytes(batch.left_out, REGISTER),
        "register.csv": _register(batch),
        **{file.name: file.data for file in written},
        **neutral,
        **(beside or {}),
    }


def _register(batch: Batch) -> bytes:
    """What was written before and, once approved, what this batch writes."""
    import pandas as pd

    parts = [batch.register]
    if batch.is_approved:
        parts.append(registered(batch.frames, batch_id=batch.batch_id))
    kept = [part for part in parts if len(part)]
    whole = pd.concat(kept, ignore_index=True) if kept else REGISTER.empty()
    return contract_bytes(
        REGISTER.typed(whole.sort_values(["entity", "reference"], kind="stable", ignore_index=True)), REGISTER
    )


def _written(one: FileSet, prefix: str, batch_id: str) -> Written:
    parts = tuple((layout, layout.data()) for layout in one.layouts)
    if not one.is_zip:
        return Written(name=f"{prefix}{one.name}_{batch_id}.csv", data=parts[0][1], parts=parts)
    return Written(
        name=f"{prefix}{one.name}_{batch_id}.zip",
        data=zipped({layout.name: data for layout, data in parts}),
        parts=parts,
    )


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip whose bytes hang on nothing but its files: fixed times and rights, stored, so that no library version shows."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, files[name])
    return out.getvalue()


def require_replaceable(out: Path, contents: Mapping[str, bytes] | None = None) -> None:
    """Raise SourceError where the folder may not be replaced: it holds other files, or an approved batch other than this one."""
    if (out.exists() or out.is_symlink()) and not out.is_dir():
        raise SourceError("is not a folder", where=str(out), fix="Name another --out.")
    if not out.is_dir():
        return
    try:
        is_filled = any(out.iterdir())
        marker = (out / MARKER).read_bytes() if (out / MARKER).is_file() else None
        if is_filled and marker is None:
            raise SourceError(
                "the folder holds other files, which this command did not write",
                where=str(out),
                fix="Name a new folder.",
            )
        if (
            marker is not None
            and marker.startswith(b"APPROVED")
            and contents is not None
            and not _is_same(out, contents)
        ):
            raise SourceError(
                "the folder holds an approved batch",
                where=str(out),
                found=marker.decode("utf-8", "replace").strip(),
                fix="Name a new folder: what was approved stays as it is.",
            )
    except OSError as fault:
        raise SourceError(f"cannot be read ({fault.strerror or fault})", where=str(out)) from fault


def _is_same(out: Path, contents: Mapping[str, bytes]) -> bool:
    return all(
        (out / name).is_file() and (out / name).read_bytes() == data for name, data in contents.items()
    )


def fill_folder(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write the files into an empty folder."""
    for name, data in contents.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
