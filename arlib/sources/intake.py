"""What came in against what went on: the inputs table and its identities. Floor 2."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

from arlib.controls import Identity
from arlib.errors import SourceError
from arlib.sources.raw import Asked
from arlib.tables import INPUTS

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables import Book


MAX_MINOR = 2**63 - 1


def inputs_frame(
    came_in: pd.DataFrame, out: pd.DataFrame, rejected: pd.DataFrame, files: pd.DataFrame
) -> pd.DataFrame:
    """INPUTS: per file, table, part and currency the rows and money that came in, went on and were set aside.

    The three frames have file, table, part, currency and amount, one row a record; `files` has file,
    profile, bytes, sha256, and for a database's answer what it was asked.
    """
    import pandas as pd

    key = ["file", "table", "part", "currency"]
    sides = {"in": came_in, "out": out, "rejected": rejected}
    totals: dict[tuple[str, ...], dict[str, object]] = {}
    for side, frame in sides.items():
        for at, rows in frame.groupby(key, dropna=False, sort=True)["amount"]:
            found = totals.setdefault(tuple(str(part) for part in at), {})
            found[f"rows_{side}"] = len(rows)
            found[f"amount_{side}"] = exact = sum(map(int, rows))
            if abs(exact) > MAX_MINOR:
                raise SourceError(
                    f"the total of {at[1]} in {at[3]} does not fit 64 bits",
                    where=str(at[0]),
                    found=str(exact),
                )
    by_file = {str(row["file"]): row for row in files.to_dict("records")}
    made: list[dict[str, object]] = []
    for at, found in sorted(totals.items()):
        row: dict[str, object] = dict(zip(key, at, strict=True))
        for side in sides:
            row[f"rows_{side}"] = found.get(f"rows_{side}", 0)
            row[f"amount_{side}"] = found.get(f"amount_{side}", 0) if at[3] else pd.NA
        made.append(row | _about(by_file[at[0]]))
    named = {(row["file"], row["table"]) for row in made}
    for name, file in by_file.items():
        for table in file["tables"]:
            if (name, table) not in named:  # a file without records for it
                none: dict[str, object] = {f"rows_{side}": 0 for side in sides}
                none |= {f"amount_{side}": pd.NA for side in sides}  # a gap would make floats of the others
                made.append({"file": name, "table": table, "part": "", "currency": ""} | none | _about(file))
    return INPUTS.typed(pd.DataFrame(made)) if made else INPUTS.empty()


def _about(file: Mapping[Hashable, object]) -> dict[str, object]:
    asked = file.get("asked")
    told = vars(asked) if isinstance(asked, Asked) else {}
    return {name: file[name] for name in ("profile", "bytes", "sha256")} | told


def intake_identities(book: Book) -> list[Identity]:
    """Rows in = rows out + rejected and money in = money out + rejected, per file, table, part and
    currency."""
    made = []
    for row in book.inputs.to_dict("records"):
        where = f"{row['file']} to {row['table']}" + (f" ({row['part']})" if _has(row["part"]) else "")
        made.append(
            Identity(
                name=f"rows of {where}",
                left_label="read from the file",
                left=int(row["rows_in"]),
                right_label="taken up + set aside",
                right=int(row["rows_out"]) + int(row["rows_rejected"]),
            )
        )
        if _has(row["currency"]):
            made.append(
                Identity(
                    name=f"money of {where}",
                    left_label="read from the file",
                    left=int(row["amount_in"]),
                    right_label="taken up + set aside",
                    currency=str(row["currency"]),
                    right=int(row["amount_out"]) + int(row["amount_rejected"]),
                )
            )
    return made


def _has(value: object) -> bool:
    return isinstance(value, str) and value != ""
