"""Working copies for a reviewer: the sealed workbooks stay as they are. Floor 4."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from arlib.errors import ParameterError, SourceError, nearest
from arlib.run import platform
from arlib.run.journal import now
from arlib.run.manifest import NAME, RUN, sha256_of, text_of
from arlib.run.outputs import refuse_links
from arlib.run.verify import verify

HOME = "_review"
RECORD = "review.json"


def review(run: Path, *, only: Sequence[str] = ()) -> list[Path]:
    """Copy the workbooks of the sealed run at `run`, free to edit, and give the copies' paths; `only` names notebooks.

    They go to `outputs/_review/PERIOD/ENTITY/RUN_ID/N/`, N counting up, so that no reviewer's work is
    overwritten; `review.json` there says from what and when they were copied. A run that is not as it was
    sealed raises SourceError, a notebook that it does not hold ParameterError.
    """
    folder = run.resolve()
    if not (folder / NAME).is_file() or not (folder / RUN).is_file():
        raise SourceError(
            "not a sealed run", where=run.name, fix="Name a run's folder, outputs/PERIOD/ENTITY/RUN_ID."
        )
    found = verify(folder)
    if not found.is_whole:
        raise SourceError(
            f"the run is not as it was sealed: {sorted(found.findings)[0].sentence()}",
            fix="See `arlib verify`, and close again.",
        )
    told = json.loads((folder / RUN).read_bytes())
    sources = _chosen(sorted((folder / "workbooks").glob("*.xlsx")), only)
    home = folder.parents[2] / HOME / told["period"] / told["entity"] / told["run_id"]
    refuse_links(folder.parents[2], home.relative_to(folder.parents[2]).as_posix())
    home.mkdir(parents=True, exist_ok=True)
    number = 1 + max((int(p.name) for p in home.iterdir() if p.name.isdigit()), default=0)
    target = home / f"{number:02d}"
    target.mkdir()
    copies = []
    for source in sources:
        copy = target / source.name
        shutil.copyfile(source, copy)
        platform.make_writable(copy)
        copies.append(copy)
    platform.write_whole(
        target / RECORD,
        text_of(
            {
                "schema": "arlib.review/1",
                "run_id": told["run_id"],
                "entity": told["entity"],
                "period": told["period"],
                "copied_at": now(),
                "by": platform.holder()["user"],
                "run_json_sha256": sha256_of(folder / RUN),
                "manifest_sha256": sha256_of(folder / NAME),
                "workbooks": {copy.name: sha256_of(copy) for copy in copies},
            }
        ),
    )
    return copies


def asks_for_decisions(run: Path, notebook: str) -> bool:
    """Whether a notebook of a sealed run has proposals, whose workbook `arlib approve` reads back."""
    from arlib.run.approvals import proposal_notebooks

    return notebook in proposal_notebooks(run)


def _chosen(paths: list[Path], only: Sequence[str]) -> list[Path]:
    """The workbooks of the notebooks named; all where none is."""
    known = {path.stem: path for path in paths}
    for name in only:
        if name not in known:
            near = nearest(name, known)
            raise ParameterError(
                "the run has no workbook of that notebook",
                found=name,
                wanted=f"one of {', '.join(known)}",
                fix=f"Did you mean {near!r}?" if near else "",
            )
    return [path for name, path in known.items() if not only or name in only]
