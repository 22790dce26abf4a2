"""A selection of ours against its draw: the files' hashes always, and the draw itself where the population is given. Floor 5."""

from __future__ import annotations

import csv
import hashlib
import io
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import Problem, SourceError, TableError

if TYPE_CHECKING:
    from arlib.audit.sampling.design import Design
    from arlib.audit.sampling.population import Population
    from arlib.audit.sampling.selection import Selection

CHECKED = "the selection was drawn again from the population with its seed and is the same"
NOT_CHECKED = "the selection was not checked against its draw (give --population)"
KEYS = {
    "selection.csv": ("item_id",),
    "strata.csv": ("stratum", "part"),
    "clusters.csv": ("cluster",),
    "draws.csv": ("stream", "counter"),
}
MOST_FAULTS = 200


def sha256_of(data: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def tables_of(selection: Selection) -> dict[str, bytes]:
    """The files of a draw in one stage, by name."""
    from arlib.audit.sampling.frames_select import DRAWS, SELECTION, STRATA
    from arlib.cli.sampling_files import csv_bytes

    return {
        "selection.csv": csv_bytes(selection.items, SELECTION),
        "strata.csv": csv_bytes(selection.strata, STRATA),
        "draws.csv": csv_bytes(selection.draws, DRAWS),
    }


def require_files(folder: Path, about: dict[str, Any]) -> None:
    """Raise TableError where files of the draw's folder are not those that selection.json has the hashes of.

    A selection.json without hashes raises SourceError. Whoever writes selection.json again can write hashes that fit:
    only drawing again (`require_as_drawn`) shows that the sample is the one of its seed.
    """
    held = about.get("files")
    if not isinstance(held, dict) or "selection.csv" not in held:
        raise SourceError(
            "has no hashes of its files", where=str(folder / "selection.json"), fix="Draw again."
        )
    odd = []
    for name, wanted in held.items():
        path = folder / Path(str(name)).name
        try:
            found = sha256_of(path.read_bytes())
        except OSError:
            found = "no such file"
        if found != wanted:
            odd.append(
                Problem(
                    file=path.name,
                    row=0,
                    table="draw",
                    code="file_changed_since_the_draw",
                    found=found,
                    wanted=str(wanted),
                )
            )
    if odd:
        raise TableError(
            "the folder is not as the draw left it; put audited values in a file of their own",
            odd,
            where=str(folder),
        )


def require_as_drawn(folder: Path, about: dict[str, Any], population: Population) -> None:
    """Draw again with the seed and design of selection.json; TableError with each difference of the files from it.

    Differences are items that were not drawn, drawn items that are missing, and any cell that is another: hits, book value,
    stratum, part, how, units, order.
    """
    odd: list[Problem] = []
    for name, data in _again(folder, about, population).items():
        odd += _differences(name, (folder / name).read_bytes(), data)
    if odd:
        raise TableError(
            f"{len(odd)} difference{'s' if len(odd) > 1 else ''} from what the seed draws", odd[:MOST_FAULTS],
            where=str(folder),
        )  # fmt: skip


def _again(folder: Path, about: dict[str, Any], population: Population) -> dict[str, bytes]:
    from arlib.audit.sampling.selection import select
    from arlib.cli.sampling_clusters import TWO_STAGE, draw_clusters

    try:
        held, seed = about["design"], about["seed"]
        if held["method"] == TWO_STAGE:
            return draw_clusters(population, {name: int(held[name]) for name in ("clusters", "size")}, seed)[
                0
            ]
        sizes = {str(name): int(size) for name, size in held["sizes"].items()} if held.get("sizes") else None
        design = _design(held, population.currency)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise SourceError(
            "describes no draw", where=str(folder / "selection.json"), found=str(fault)
        ) from fault
    return tables_of(select(population, design=design, seed=seed, sizes=sizes))


def _design(held: dict[str, Any], currency: str) -> Design:
    """The design as selection.json has it."""
    from arlib.audit.sampling.design import Design, Units
    from arlib.audit.sampling.frames_select import How
    from arlib.cli.sampling_designs import exact, high_value

    units, interval = (
        Units(held["units"]),
        exact(str(held["interval"] or ""), Units(held["units"]), currency, "interval"),
    )
    size = None if interval is not None else int(held["size"] or 1)  # strata have their own sizes
    return Design(
        units=units, method=How(held["method"]), size=size, interval=interval,
        start=Fraction(held["start"]) if held["start"] is not None else None,
        high_value=high_value(str(held["high_value"]), currency),
        credit_size=int(held["credits"]), zero_size=int(held["zeros"]),
    )  # fmt: skip


def _differences(name: str, found: bytes, wanted: bytes) -> list[Problem]:
    if found == wanted:
        return []
    key = KEYS[name]
    there, drawn = _by_key(found, key), _by_key(wanted, key)

    def fault(at: tuple[str, ...], code: str, column: str = "", is_now: str = "", was: str = "") -> Problem:
        row = there[at][0] if at in there else 0
        label = " ".join(part for part in at if part)
        return Problem(file=name, table="draw", row=row, column=column, code=code,
                       found=f"{label}: {is_now}" if is_now or was else label, wanted=was)  # fmt: skip

    odd = [fault(at, "not_drawn") for at in there if at not in drawn]
    odd += [fault(at, "drawn_but_missing") for at in drawn if at not in there]
    for at, (_, cells) in there.items():
        other = drawn[at][1] if at in drawn else {}
        odd += [
            fault(at, "not_as_drawn", column, cells.get(column, "nothing"), text)
            for column, text in other.items() if cells.get(column) != text
        ]  # fmt: skip
    return odd or [fault((), "not_as_drawn", is_now="other bytes", was="the file that the draw wrote")]


def _by_key(data: bytes, key: tuple[str, ...]) -> dict[tuple[str, ...], tuple[int, dict[str, str]]]:
    """The rows of a CSV by its key, each with its number; a key on two rows has the first, the other stands by itself."""
    made: dict[tuple[str, ...], tuple[int, dict[str, str]]] = {}
    lines = csv.DictReader(io.StringIO(data.decode("utf-8", errors="replace"), newline=""))
    for row, cells in enumerate(lines, start=2):
        texts = {str(name): str(text) for name, text in cells.items()}
        at = tuple(texts.get(name, "") for name in key)
        made[at if at not in made else (*at, f"again in row {row}")] = (row, texts)
    return made
