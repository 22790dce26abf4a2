"""`arlib init DIR`: a project for someone who installed the package: notebooks, parameters, output folder.

Floor 4.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import arlib
from arlib.errors import InputError, ParameterError, SourceError
from arlib.run.project import MARKER, find_root

MARKER_TEXT = """\
# The root of an arlib project: relative paths in parameters are taken from this folder.
schema = "arlib.project/1"
"""

OUTPUTS_TEXT = """\
# outputs

What runs leave behind. Nothing here is edited by hand.

- `PERIOD/ENTITY/RUN/`: a sealed run: notebooks, pages, workbooks, data, `run.json`, `manifest.json`.
  Check it with `arlib verify`.
- `closes/`: the runs of each close.
- `arlib.db`: the store of decisions and runs, unless ARLIB_STORE_URL names another. Keep it: nothing can
  make it again.
- `_adhoc/`: results of notebooks that were run by hand; not sealed.
- `cases/`: case files from the desk, sealed as runs are.
- `_desk/`: notebooks opened for a close file (`arlib lab PARAMS.yml`, `arlib desk PARAMS.yml`); made again each time.
- `_failed/`: what failed runs left, for whoever looks into it.
"""

_LEFT_OUT = frozenset({".ipynb_checkpoints", "__pycache__", ".DS_Store"})


def init_project(folder: Path) -> list[Path]:
    """Lay out a project in `folder` (made when absent) and return the files written, in order of their names.

    Nothing is overwritten: when any of the files is there already, ParameterError names it and nothing is
    written.
    """
    files = project_files()
    if folder.is_file():
        raise ParameterError(
            "the project folder is a file", found=folder.name, wanted="a folder, new or empty"
        )
    if there := sorted(name for name in files if _exists(folder / name)):
        more = f" (and {len(there) - 1} more)" if len(there) > 1 else ""
        raise ParameterError(
            f"{folder.name or folder} already holds {there[0]}{more}",
            fix="Nothing was written. Choose another folder, or move these files away.",
        )
    written: list[Path] = []
    had = {place for name in files for place in (folder / name).parents if place.exists()}
    try:
        if not folder.exists():
            _lay_out_whole(files, folder)
            return sorted(folder / name for name in files)
        for name, content in sorted(files.items()):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as out:
                written.append(target)
                out.write(content)
    except OSError as fault:
        for path in written:
            path.unlink(missing_ok=True)
        made = {place for name in files for place in (folder / name).parents if place.exists()} - had
        for place in sorted(made, reverse=True):
            place.rmdir()
        raise _cannot(folder, fault) from None
    return written


def project_files() -> Mapping[str, bytes]:
    """The files of a new project by their path in it: from the installed package, or from the checkout."""
    package = Path(arlib.__file__).resolve().parent
    home = next((place for place in (package / "_project", package.parent) if _is_home(place)), None)
    if home is None:
        raise SourceError(
            "this installation of arlib holds no notebooks and parameters",
            fix="Install arlib from its wheel.",
        )
    files = {MARKER: MARKER_TEXT.encode(), "outputs/README.md": OUTPUTS_TEXT.encode()}
    for part in ("notebooks", "params"):
        for path in sorted((home / part).rglob("*")):
            relative = path.relative_to(home)
            if path.is_file() and not _LEFT_OUT & set(relative.parts):
                files[relative.as_posix()] = path.read_bytes()
    return files


def _is_home(place: Path) -> bool:
    return all((place / part).is_dir() for part in ("notebooks", "params"))


def _exists(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _lay_out_whole(files: Mapping[str, bytes], folder: Path) -> None:
    # beside the target and then renamed, so that a full disk leaves no half project
    folder.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".arlib-init-", dir=folder.parent))
    try:
        for name, content in files.items():
            target = staging / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        staging.chmod(0o755)
        staging.rename(folder)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _cannot(folder: Path, fault: OSError) -> InputError:
    return ParameterError(f"{folder.name or folder} cannot be written", found=fault.strerror)


def sample_close(sources: Sequence[Mapping[str, object]], folder: Path) -> str:
    """The close file of the sample company with other sources, whose folders and profile files lie in `folder`.

    It is the project's own params/sample.yml but for its sources. A folder inside the project is written from its root.
    """
    import yaml

    root = find_root(folder)
    home = folder.resolve()
    base = home.relative_to(root) if home.is_relative_to(root) else home
    placed = []
    for source in sources:
        own = dict(source)
        if "folder" in own:
            own["folder"] = (base / str(own["folder"])).as_posix()
        if str(own["profile"]).endswith(".yml"):
            own["profile"] = (base / str(own["profile"])).as_posix()
        placed.append(own)
    kept, is_source = [], False
    for line in (root / "params" / "sample.yml").read_text(encoding="utf-8").splitlines():
        if line[:1] not in (" ", "#", ""):
            is_source = line.startswith("sources:")
        if not is_source and not line.startswith("#"):
            kept.append(line)
    text = yaml.safe_dump({"sources": placed}, sort_keys=False, default_style=None, width=110)
    return "# The sample company, read from another system.\n" + "\n".join(kept) + "\n" + text
