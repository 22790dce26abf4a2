"""Perform a pack again from its own data, and say where the results differ. Floor 4.

The pack's book, parameters, close file and notebook are laid out as a project of their own in a folder that is thrown
away, and run by the same runner. Nothing of this machine's books or policies takes part, only its library: both versions
are stated, and `library="pack"` takes the one that the pack carries.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import arlib
from arlib.errors import SourceError
from arlib.run import context, platform, record
from arlib.run.audit.differences import Difference, between, totals
from arlib.run.audit.running import Question, run
from arlib.run.init import MARKER_TEXT, project_files
from arlib.run.job import notebook_path
from arlib.run.manifest import RUN
from arlib.run.params import load_close
from arlib.run.progress import Progress
from arlib.run.project import MARKER, inside
from arlib.run.witnesses import is_inside

RUN_IN_PACK = "data/run"
REQUEST = "data/request"
NOTEBOOK = "data/notebook"
LIBRARY = "data/library"


@dataclass(frozen=True, kw_only=True)
class Reperformed:
    """How a pack was performed again. `tables` counts the rows compared, by table."""

    pack: str
    kind: str
    entity: str
    as_of: str
    sealed_sha256: str
    again_sha256: str
    pack_library: str
    this_library: str
    is_same_library: bool
    tables: dict[str, int]
    differences: tuple[Difference, ...]

    @property
    def is_same(self) -> bool:
        """Whether the same facts came out: no row differs, and the hash over results is equal."""
        return not self.differences and self.sealed_sha256 == self.again_sha256

    @property
    def exit_code(self) -> int:
        """0 when the same came out, else 1."""
        return 0 if self.is_same else 1

    def lines(self) -> tuple[str, ...]:
        """What to print, in plain English."""
        rows = sum(self.tables.values())
        same = "the same sources" if self.is_same_library else "other sources"
        told = [
            f"{self.pack}: {self.kind} of {self.entity} as of {self.as_of}, performed again from the pack's own data",
            f"library: {self.pack_library} made the pack, {self.this_library} ran now ({same})",
            f"compared: {len(self.tables)} tables, {rows:,} rows",
        ]
        told += [each.sentence() for each in self.differences]
        if self.is_same:
            told.append(f"no difference; results {self.again_sha256}")
        else:
            count = len(self.differences)
            what = (
                f"{count} difference{'s' if count != 1 else ''}"
                if count
                else "the tables agree, but controls do not"
            )
            told.append(f"{what}; results {self.sealed_sha256} in the pack, {self.again_sha256} now")
        return tuple(told)


def reperform(
    pack: Path, *, progress: Progress, expect: str = "", library: Literal["this", "pack"] = "this"
) -> Reperformed:
    """Check the pack (a folder or its zip), run its notebook again and compare every result table.

    A notebook and a library are programs: those of the pack are run only where `expect` proves its origin; without it
    the notebook must be this library's own. Raises SourceError for a pack that is not whole, or not the one of
    `expect`: what was altered is not performed.
    """
    from arlib.report.pack.bag import unzip_bag

    with tempfile.TemporaryDirectory(prefix="arlib-reperform-") as spare:
        work = Path(spare).resolve()
        folder = unzip_bag(pack, work / "pack") if pack.is_file() else pack.resolve()
        require_whole(pack, expect=expect)
        told = json.loads((folder / "data" / "pack.json").read_bytes())
        if library == "pack":
            if not expect:
                raise SourceError(
                    "the library of a pack is a program, and its origin is not proven",
                    where=pack.name,
                    fix="Give --expect HASH from the reply letter.",
                )
            return _by_pack_library(pack, folder, work, expect=expect)
        root = work / "project"
        question = _question(folder, root, told, is_proven=bool(expect))
        made, sealed = run(question, folder=root / "outputs", progress=progress)
        kind = str(told["request"]["kind"])
        before, after = folder / RUN_IN_PACK, sealed
        was = json.loads((before / RUN).read_bytes())
        result = Reperformed(
            pack=pack.name,
            kind=kind,
            entity=question.entity,
            as_of=question.as_of.isoformat(),
            sealed_sha256=str(was["results_sha256"]),
            again_sha256=made.results_sha256,
            pack_library=f"arlib {was['environment']['arlib']}",
            this_library=f"arlib {arlib.__version__}",
            is_same_library=was["library_sha256"] == record.library_sha256(),
            tables=dict(totals(after / "data" / kind)),
            differences=tuple(between(before / "data" / kind, after / "data" / kind)),
        )
        platform.make_tree_writable(root)
        return result


def require_whole(pack: Path, *, expect: str = "") -> None:
    """Raise SourceError, with the first faults, unless the pack is whole, and the one of `expect` where that is given."""
    from arlib.report.pack.verify_pack import check

    found = check(str(pack), expect=expect)
    if found.faults:
        shown = "; ".join(
            fault.sentence() if callable(fault.sentence) else fault.sentence for fault in found.faults[:3]
        )
        more = f" (and {len(found.faults) - 3} more)" if len(found.faults) > 3 else ""
        raise SourceError(
            f"the pack is not whole: {shown}{more}",
            where=pack.name,
            fix="Ask for it again, and compare its hash with the reply letter.",
        )


def _question(folder: Path, root: Path, told: dict[str, Any], *, is_proven: bool) -> Question:
    """A project from what the pack holds, and what to run in it."""
    from arlib.sources.snapshot import read_book

    request = told["request"]
    kind = str(request["kind"])
    close_file = inside(root, str(request["close_file"]), what="close_file of the pack")
    notebook = (folder / NOTEBOOK / f"{kind}.ipynb").read_bytes()
    if not is_proven and notebook != project_files().get(notebook_path(kind).as_posix()):
        raise SourceError(
            f"the notebook {kind} of the pack is not that of this library, and the pack's origin is not proven",
            where=folder.name,
            fix="Give --expect HASH from the reply letter, so that no stranger's program is run.",
        )
    for path, content in (
        (root / MARKER, MARKER_TEXT.encode()),
        (close_file, (folder / REQUEST / "close.yml").read_bytes()),
        (root / notebook_path(kind), notebook),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    was = json.loads((folder / RUN_IN_PACK / RUN).read_bytes())
    parameters = dict(was["notebooks"][kind]["parameters"])
    for common in ("close_file", "entity", "period"):
        parameters.pop(common)
    as_of = date.fromisoformat(str(was["as_of"]))
    asked = folder / RUN_IN_PACK / context.ASKED
    files = {path.stem: path.read_bytes() for path in sorted(asked.glob("*.csv"))} if asked.is_dir() else {}
    return Question(
        plan=load_close(close_file, root=root).for_period(str(was["period"])),
        kind=kind,
        entity=str(was["entity"]),
        as_of=as_of,
        parameters=parameters,
        files=files,
        book=read_book(folder / RUN_IN_PACK / context.BOOK),
        inputs=tuple(was["inputs"]),
        decisions=was["decisions"],
    )


def _by_pack_library(pack: Path, folder: Path, work: Path, *, expect: str) -> Reperformed:
    """The same in a process of its own that runs the library which the pack carries, with the packages of this machine."""
    wheel = next(iter(sorted((folder / LIBRARY).glob("arlib-*.whl"))), None)
    if wheel is None:
        raise SourceError("the pack carries no library", where=pack.name)
    code = work / "library"
    with zipfile.ZipFile(wheel) as archive:
        if odd := [name for name in archive.namelist() if not is_inside(name)]:
            raise SourceError(
                "the library of the pack holds a path that leaves it", where=wheel.name, found=odd[0]
            )
        archive.extractall(code)
    script = (
        "import json,sys; from dataclasses import asdict; from pathlib import Path;"
        "from arlib.run.audit.reperform import reperform; from arlib.run.progress import Silent;"
        "print(json.dumps(asdict(reperform(Path(sys.argv[1]), progress=Silent(), expect=sys.argv[2]))))"
    )
    variables = {**os.environ, "PYTHONPATH": str(code), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script, str(pack.resolve()), expect],
        cwd=work,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or ["no message"]
        raise SourceError(f"the library of the pack could not perform it: {last[0]}", where=wheel.name)
    told = json.loads(done.stdout.splitlines()[-1])
    differences = tuple(Difference(**each) for each in told.pop("differences"))
    return Reperformed(**told, differences=differences)
