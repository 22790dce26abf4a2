"""The bag: checked by the Library of Congress library, deterministic, and shut against hostile names and values."""

from __future__ import annotations

import os
import shutil
import zipfile
from datetime import date
from pathlib import Path

import bagit
import pytest

from arlib.errors import ParameterError, SourceError
from arlib.report.pack import bag
from arlib.report.pack.verify_pack import check

from .packs import pack, write

DAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bag") / "PBC-017"
    pack(folder)
    return folder


def small(folder: Path) -> Path:
    write(folder / "data" / "a.csv", b"1\n")
    write(folder / "verify.py", b"# check\n")
    return folder


def test_the_library_of_congress_library_finds_it_valid(made: Path) -> None:
    where = Path.cwd()
    checked = bagit.Bag(str(made))
    assert checked.validate()
    assert checked.version_info == (1, 0)
    assert checked.info["External-Identifier"] == "PBC-017"
    assert checked.info["Bagging-Date"] == "2026-11-23"
    assert "verify.py" in checked.tagfile_entries()
    assert Path.cwd() == where


def test_equal_files_give_the_same_pack_hash_and_the_same_zip(tmp_path: Path) -> None:
    hashes, zips = [], []
    for at in ("one", "two"):
        folder = small(tmp_path / at / "P")
        os.utime(folder / "data" / "a.csv", (1_000_000_000 + len(zips), 1_000_000_000))
        hashes.append(bag.make_bag(folder, info={"External-Identifier": "P"}, bagging_date=DAY))
        zips.append(bag.zip_bag(folder, tmp_path / at / "P.zip"))
    assert hashes[0] == hashes[1] == bag.pack_hash(tmp_path / "one" / "P")
    assert zips[0] == zips[1]
    assert bag.sha256_of(tmp_path / "one" / "P.zip") == zips[0]


def test_a_value_makes_no_line_of_its_own(tmp_path: Path) -> None:
    hostile = "Harbor\r\nPayload-Oxum: 0.0\u2028Contact-Email: x@y\x1b[31m\n\n  Bag-Size: 1"
    folder = small(tmp_path / "P")
    bag.make_bag(folder, info={"Source-Organization": hostile, "Contact-Name": ""}, bagging_date=DAY)
    lines = (folder / "bag-info.txt").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("Source-Organization: Harbor Payload-Oxum: 0.0 Contact-Email: x@y")
    assert all(line.isprintable() for line in lines)
    assert [line.partition(":")[0] for line in lines] == [
        "Source-Organization", "Bagging-Date", "Bag-Software-Agent", "Bag-Size", "Payload-Oxum",
    ]  # fmt: skip
    assert bagit.Bag(str(folder)).validate()
    for label in ("Payload-Oxum", "A: b", "A\nB", ""):
        with pytest.raises(ParameterError, match="labels"):
            bag.make_bag(small(tmp_path / "Q"), info={label: "x"}, bagging_date=DAY)


def test_line_breaks_and_percent_signs_in_names_are_encoded_and_nothing_else_is(tmp_path: Path) -> None:
    assert bag.encoded("a\nb\rc%41 d~é") == "a%0Ab%0Dc%2541 d~é"
    folder = tmp_path / "P"
    for name in ("a\nb.csv", "c\rd.csv", "100%.csv", "%0A.csv", "日本 é.csv"):
        write(folder / "data" / name, name.encode())
    bag.make_bag(folder, info={}, bagging_date=DAY)
    text = (folder / "manifest-sha256.txt").read_bytes()
    assert text.count(b"\n") == 5
    assert b"data/100%25.csv" in text
    assert b"data/%250A.csv" in text
    wrong = {fault.what for fault in check(folder).faults}
    assert wrong == {"missing"}  # pack.json: the bag itself is whole


def test_what_may_not_be_in_a_bag_is_refused_at_once_and_all_of_it(tmp_path: Path) -> None:
    folder = small(tmp_path / "P")
    write(folder / "data" / "A.csv", b"")
    write(folder / "data" / "back\\slash.csv", b"")
    (folder / "data" / "link").symlink_to("/etc/passwd")
    os.mkfifo(folder / "data" / "pipe")
    with pytest.raises(SourceError) as told:
        bag.make_bag(folder, info={}, bagging_date=DAY)
    for part in ("a link", "neither a file nor a folder", "may leave the pack", "same name on some disks"):
        assert part in str(told.value)
    assert not (folder / "bagit.txt").exists()


def test_a_folder_without_payload_and_a_bag_are_refused(tmp_path: Path) -> None:
    empty = tmp_path / "E"
    (empty / "data").mkdir(parents=True)
    with pytest.raises(SourceError, match="nothing to put"):
        bag.make_bag(empty, info={}, bagging_date=DAY)
    with pytest.raises(SourceError, match="nothing to put"):
        bag.make_bag(tmp_path, info={}, bagging_date=DAY)
    folder = small(tmp_path / "P")
    bag.make_bag(folder, info={}, bagging_date=DAY)
    with pytest.raises(SourceError, match="is a bag already"):
        bag.make_bag(folder, info={}, bagging_date=DAY)
    with pytest.raises(SourceError, match="is no bag"):
        bag.zip_bag(empty, tmp_path / "E.zip")


def test_a_zip_comes_back_as_it_was(made: Path, tmp_path: Path) -> None:
    target = tmp_path / "p.zip"
    bag.zip_bag(made, target)
    with zipfile.ZipFile(target) as archive:
        infos = archive.infolist()
    assert {info.filename.partition("/")[0] for info in infos} == {made.name}
    assert [info.filename for info in infos] == sorted(info.filename for info in infos)
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    back = bag.unzip_bag(target, tmp_path)
    assert bag.pack_hash(back) == bag.pack_hash(made)
    files = {p.relative_to(made): p.read_bytes() for p in made.rglob("*") if p.is_file()}
    assert {p.relative_to(back): p.read_bytes() for p in back.rglob("*") if p.is_file()} == files
    with pytest.raises(SourceError, match="there already"):
        bag.unzip_bag(target, tmp_path)
    with pytest.raises(SourceError, match="there already"):
        bag.zip_bag(made, target)


@pytest.mark.parametrize("name", ["../out.txt", "/abs.txt", "P/../../out.txt", "C:/x", "P\\..\\x", "P/a//b"])
def test_an_archive_that_leaves_its_folder_is_not_unpacked(made: Path, tmp_path: Path, name: str) -> None:
    target = tmp_path / "p.zip"
    bag.zip_bag(made, target)
    with zipfile.ZipFile(target, "a") as archive:
        archive.writestr(name, b"out")
    into = tmp_path / "into"
    into.mkdir()
    with pytest.raises(SourceError, match="may leave the pack"):
        bag.unzip_bag(target, into)
    assert not list(into.iterdir())
    assert not (tmp_path / "out.txt").exists()


def test_an_archive_cut_off_is_not_unpacked(made: Path, tmp_path: Path) -> None:
    target = tmp_path / "p.zip"
    bag.zip_bag(made, target)
    data = target.read_bytes()
    target.write_bytes(data[: len(data) // 2])
    with pytest.raises(SourceError, match="cut off or damaged"):
        bag.unzip_bag(target, tmp_path)
    damaged = bytearray(data)
    at = data.index(b"PK\x03\x04", 5000) + 200
    damaged[at : at + 40] = bytes(40)
    target.write_bytes(damaged)
    with pytest.raises(SourceError, match=r"open_items.csv: damaged, or other bytes behind it"):
        bag.unzip_bag(target, tmp_path / "x")
    assert not list((tmp_path / "x").glob("*/*"))
    shutil.rmtree(tmp_path / "x", ignore_errors=True)


def test_a_zip_that_was_made_anew_is_not_unpacked(made: Path, tmp_path: Path) -> None:
    shutil.make_archive(str(tmp_path / "p"), "zip", made.parent, made.name)
    with pytest.raises(SourceError, match="unpack it and check the folder"):
        bag.unzip_bag(tmp_path / "p.zip", tmp_path / "into")
    assert not (tmp_path / "into").exists()


def test_the_hash_of_verify_py_is_that_of_the_file_in_the_pack(made: Path) -> None:
    assert bag.sha256_of(made / "verify.py") == bag.verify_sha256()
