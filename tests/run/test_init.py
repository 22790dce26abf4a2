"""`arlib init`: a whole project, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

import arlib
from arlib.errors import ParameterError, SourceError
from arlib.run import init as init_module
from arlib.run.init import init_project, project_files
from arlib.run.project import find_root


def files_of(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """An installed package, as the wheel lays it out: `_project` inside it."""
    package = tmp_path / "site" / "arlib"
    for name in ("notebooks/monthly/aging.ipynb", "params/sample.yml", "params/schema/close.schema.json",
                 "notebooks/monthly/.ipynb_checkpoints/aging.ipynb"):  # fmt: skip
        path = package / "_project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (package / "__init__.py").write_text("")
    monkeypatch.setattr(arlib, "__file__", str(package / "__init__.py"))
    return package


PROJECT = {
    "arlib.toml",
    "outputs/README.md",
    "notebooks/monthly/aging.ipynb",
    "params/sample.yml",
    "params/schema/close.schema.json",
}


def test_a_project_from_an_installed_package(installed, tmp_path, monkeypatch):
    monkeypatch.delenv("ARLIB_ROOT", raising=False)
    folder = tmp_path / "new" / "project"
    written = init_project(folder)
    assert set(files_of(folder)) == PROJECT
    assert written == sorted(folder / name for name in PROJECT)
    assert find_root(folder / "params" / "sample.yml") == folder.resolve()
    assert [path.name for path in folder.parent.iterdir()] == ["project"], "no staging folder is left behind"


def test_a_project_beside_files_of_the_users_own(installed, tmp_path):
    (tmp_path / "here" / "notebooks").mkdir(parents=True)
    (tmp_path / "here" / "notebooks" / "mine.ipynb").write_text("mine")
    init_project(tmp_path / "here")
    found = files_of(tmp_path / "here")
    assert set(found) == PROJECT | {"notebooks/mine.ipynb"}
    assert found["notebooks/mine.ipynb"] == b"mine"


@pytest.mark.parametrize("name", sorted(PROJECT))
def test_nothing_is_overwritten_and_nothing_is_written(installed, tmp_path, name):
    taken = tmp_path / "here" / name
    taken.parent.mkdir(parents=True)
    taken.write_text("mine")
    with pytest.raises(ParameterError, match=f"here already holds {name}") as caught:
        init_project(tmp_path / "here")
    assert "Nothing was written" in str(caught.value)
    assert files_of(tmp_path / "here") == {name: b"mine"}


def test_a_second_time_is_refused(installed, tmp_path):
    init_project(tmp_path / "p")
    before = files_of(tmp_path / "p")
    with pytest.raises(ParameterError, match=r"already holds arlib\.toml \(and 4 more\)"):
        init_project(tmp_path / "p")
    assert files_of(tmp_path / "p") == before


def test_a_dangling_link_is_in_the_way_too(installed, tmp_path):
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "arlib.toml").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ParameterError, match="already holds"):
        init_project(tmp_path / "p")
    assert not (tmp_path / "elsewhere").exists()


def test_a_file_is_no_folder(installed, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ParameterError, match="is a file"):
        init_project(tmp_path / "file")


@pytest.mark.parametrize("exists", [True, False])
def test_a_full_disk_leaves_nothing(installed, tmp_path, monkeypatch, exists):
    if exists:
        (tmp_path / "p").mkdir()
    real, count = Path.mkdir, []

    def mkdir(self, *words, **more):
        if self.parent.name == "notebooks" or self.name == "schema":
            count.append(self)
            raise OSError(28, "No space left on device")
        return real(self, *words, **more)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    with pytest.raises(ParameterError, match="p cannot be written: found 'No space left on device'"):
        init_project(tmp_path / "p")
    assert count
    assert (tmp_path / "p").exists() == exists
    assert not exists or list((tmp_path / "p").iterdir()) == []
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".arlib")] == []


def test_an_installation_without_a_project_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(arlib, "__file__", str(tmp_path / "arlib" / "__init__.py"))
    with pytest.raises(SourceError, match="holds no notebooks"):
        init_project(tmp_path / "p")


def test_the_checkout_itself_lays_out_its_own_notebooks_and_parameters(repo, tmp_path):
    files = project_files()
    assert {"arlib.toml", "outputs/README.md"} <= set(files)
    kept = {
        p.relative_to(repo).as_posix()
        for part in ("notebooks", "params")
        for p in (repo / part).rglob("*")
        if p.is_file()
    }
    kept = {name for name in kept if not init_module._LEFT_OUT & set(Path(name).parts)}
    assert len(kept) >= 6, "the guard found almost no files: is it looking in the right place?"
    assert set(files) == kept | {"arlib.toml", "outputs/README.md"}
    init_project(tmp_path / "p")
    assert files_of(tmp_path / "p") == dict(files)
