"""Where a project is, and what may lie outside it."""

from __future__ import annotations

import pytest

from arlib.errors import ParameterError
from arlib.run.project import anywhere, find_root, from_root, inside


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.delenv("ARLIB_ROOT", raising=False)
    (tmp_path / "outer" / "inner" / "deep").mkdir(parents=True)
    (tmp_path / "outer" / "arlib.toml").write_text("")
    return (tmp_path / "outer").resolve()


def test_the_nearest_folder_with_the_marker_is_the_root(root, monkeypatch):
    assert find_root(root / "inner" / "deep") == root
    assert find_root(root) == root
    assert find_root(root / "inner" / "no" / "such" / "file.yml") == root
    monkeypatch.chdir(root / "inner")
    assert find_root() == root
    (root / "inner" / "arlib.toml").write_text("")
    assert find_root(root / "inner" / "deep") == root / "inner"
    (root / "params.yml").write_text("")
    assert find_root(root / "params.yml") == root


def test_the_environment_goes_first(root, tmp_path, monkeypatch):
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("ARLIB_ROOT", str(tmp_path / "other"))
    with pytest.raises(ParameterError, match="ARLIB_ROOT does not name a project"):
        find_root(root)
    (tmp_path / "other" / "arlib.toml").write_text("")
    assert find_root(root) == (tmp_path / "other").resolve()


def test_no_project_says_how_to_make_one(tmp_path, monkeypatch):
    monkeypatch.delenv("ARLIB_ROOT", raising=False)
    with pytest.raises(ParameterError, match=r"no arlib\.toml") as caught:
        find_root(tmp_path)
    assert "arlib init DIR" in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("relative", ["outputs", "a/b", "a/../b", "./x", "inner/deep/../../x"])
def test_what_is_inside(root, relative):
    assert inside(root, relative).is_relative_to(root)


@pytest.mark.parametrize(
    "relative", ["../x", "a/../../x", "/etc/x", ".", "", "a/..", "..", "a\0b", "..\\x", "outputs/link/x"]
)
def test_what_is_not(root, relative, tmp_path):
    (root / "outputs").mkdir()
    (root / "outputs" / "link").symlink_to(tmp_path)
    with pytest.raises(ParameterError, match=r"outputs: found .* wanted a path inside the project"):
        inside(root, relative, what="outputs")


def test_a_name_that_only_begins_like_the_root_is_outside(root):
    (root.parent / "outer2").mkdir()
    with pytest.raises(ParameterError):
        inside(root, "../outer2/x")


def test_names_from_the_root(root):
    assert from_root(root, root / "params" / "close.yml") == "params/close.yml"
    assert from_root(root, root.parent / "data") == "../data"
    assert anywhere(root, "../data") == root.parent / "data"
    assert anywhere(root, str(root.parent / "abs")) == root.parent / "abs"
    assert from_root(root, anywhere(root, from_root(root, root.parent / "x" / "y"))) == "../x/y"
