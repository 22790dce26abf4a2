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
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import arlib
from arlib.errors import SourceError
from arlib.report.documents.page import plain_text
from arlib.run import context, kernel, platform, record
from arlib.run.audit.differences import Difference, between, books_between, controls_between, totals
from arlib.run.audit.running import Question, run
from arlib.run.audit.sealed import BOOKS, LIBRARY, SealedPack, read_pack
from arlib.run.init import MARKER_TEXT, project_files
from arlib.run.job import notebook_path
from arlib.run.params import load_close
from arlib.run.progress import Progress
from arlib.run.project import MARKER
from arlib.run.result import control_to_json
from arlib.run.witnesses import is_inside

if TYPE_CHECKING:
    from arlib.tables import Book

CLOSE_FILE = "params/close.yml"  # a name of ours: none that a pack chooses


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
        """What to print, in plain English; no text of a pack can end a line or move the cursor."""
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
        return tuple(plain_text(line) for line in told)


def reperform(
    pack: Path, *, progress: Progress, expect: str = "", library: Literal["this", "pack"] = "this"
) -> Reperformed:
    """Check the pack (a folder or its zip), run its notebook again and compare every result table (CSV and Parquet), the controls, and
    the books as CSV with the books as Parquet.

    A notebook and a library are programs: those of the pack are run only where `expect` proves its origin; without it
    the notebook must be this library's own. Raises SourceError for a pack that is not whole, or not the one of
    `expect`: what was altered is not performed.
    """
    from arlib.report.pack.bag import unzip_bag

    with tempfile.TemporaryDirectory(prefix="arlib-reperform-") as spare:
        work = Path(spare).resolve()
        require_whole(pack, expect=expect)
        folder = unzip_bag(pack, work / "pack") if pack.is_file() else pack.resolve()
        sealed = read_pack(folder, name=pack.name)
        if library == "pack":
            if not expect:
                raise SourceError(
                    "the library of a pack is a program, and its origin is not proven",
                    where=pack.name,
                    fix="Give --expect HASH from the reply letter.",
                )
            return _by_pack_library(pack, folder, work, expect=expect)
        root = work / "project"
        book = _book(sealed)
        made, again = run(
            _question(sealed, book, root, name=pack.name, is_proven=bool(expect)),
            folder=root / "outputs",
            progress=progress,
        )
        kind = sealed.kind
        found = [
            *between(sealed.results(), again / "data" / kind),
            *controls_between(sealed.controls, [control_to_json(control) for control in made.controls]),
            *books_between(book, folder / BOOKS, work / "books", functional=sealed.functional_currency),
        ]
        result = Reperformed(
            pack=pack.name,
            kind=kind,
            entity=sealed.entity,
            as_of=sealed.as_of.isoformat(),
            sealed_sha256=sealed.results_sha256,
            again_sha256=made.results_sha256,
            pack_library=f"arlib {sealed.version}",
            this_library=f"arlib {arlib.__version__}",
            is_same_library=sealed.library_sha256 == record.library_sha256(),
            tables=dict(totals(again / "data" / kind)),
            differences=tuple(found),
        )
        platform.make_tree_writable(root)
        return result


def require_whole(pack: Path, *, expect: str = "") -> None:
    """Raise SourceError, with the first faults, unless the pack is whole, and the one of `expect` where that is given."""
    from arlib.report.pack.verify_pack import check

    found = check(str(pack), expect=expect)
    if found.faults:
        shown = "; ".join(fault.sentence() for fault in found.faults[:3])
        more = f" (and {len(found.faults) - 3} more)" if len(found.faults) > 3 else ""
        raise SourceError(
            f"the pack is not whole: {shown}{more}",
            where=pack.name,
            fix="Ask for it again, and compare its hash with the reply letter.",
        )


def _book(sealed: SealedPack) -> Book:
    """The books that the pack holds."""
    from arlib.sources.snapshot import read_book

    return read_book(sealed.run / context.BOOK)


def _question(sealed: SealedPack, book: Book, root: Path, *, name: str, is_proven: bool) -> Question:
    """A project from what the pack holds, and what to run in it."""
    notebook, place = sealed.notebook(), notebook_path(sealed.kind)
    if not is_proven and notebook != project_files().get(place.as_posix()):
        raise SourceError(
            f"the notebook {sealed.kind} of the pack is not that of this library, and the pack's origin is not proven",
            where=name,
            fix="Give --expect HASH from the reply letter, so that no stranger's program is run.",
        )
    for path, content in (
        (root / MARKER, MARKER_TEXT.encode()),
        (root / CLOSE_FILE, sealed.close_file()),
        (root / place, notebook),
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return Question(
        plan=load_close(root / CLOSE_FILE, root=root).for_period(sealed.period),
        kind=sealed.kind,
        entity=sealed.entity,
        as_of=sealed.as_of,
        parameters=sealed.parameters,
        files=sealed.files(),
        book=book,
        inputs=sealed.inputs,
        decisions=sealed.decisions,
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
    hidden = kernel.secrets(os.environ)
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    variables = {**kept, "PYTHONPATH": str(code), "PYTHONDONTWRITEBYTECODE": "1"}
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
