"""Files as bytes and back, and what is refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.errors import RunError
from arlib.run.cluster import packs
from arlib.run.cluster.facts import differences, facts

names = st.from_regex(r"[a-z]{1,5}(/[a-z]{1,5}){0,2}", fullmatch=True)


@given(st.dictionaries(names, st.binary(max_size=200), max_size=5))
def test_what_is_packed_comes_out(files: dict[str, bytes]) -> None:
    data = packs.packed(files)
    assert packs.unpacked(data) == files
    assert packs.packed(dict(reversed(files.items()))) == data


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "a\\..\\x"])
def test_a_place_outside_is_refused(name: str) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"x")
    with pytest.raises(RunError, match="outside"):
        packs.unpacked(made.getvalue())


def test_damaged(tmp_path: Path) -> None:
    data = bytearray(packs.packed({"a": b"1" * 100}))
    data[40] ^= 1
    with pytest.raises(RunError, match="damaged"):
        packs.unpacked(bytes(data))
    with pytest.raises(RunError, match="damaged"):
        packs.unpacked(b"no pack")


def test_links_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "out" / "file").write_text("f")
    assert packs.files_below(tmp_path / "out", prefix="p/") == {"p/file": b"f"}


def test_differences() -> None:
    here = facts()
    assert differences(here, here) == []
    other = {**here, "library": "0" * 64, "python": "3.9", "packages": {**here["packages"], "pandas": "1.0"}}
    first, second, third = differences(here, other)
    assert first.startswith("sources of arlib 000000000000, wanted ")
    assert second.startswith("Python 3.9, wanted ")
    assert third.startswith("pandas 1.0, wanted ")
    assert f"arlib missing, wanted {here['packages']['arlib']}" in differences(here, {**here, "packages": {}})
