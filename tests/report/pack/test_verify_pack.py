"""verify.py by itself: run by a bare Python in an empty folder, it passes a whole pack and says what is wrong with others."""

from __future__ import annotations

import ast
import json
import os
import random
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from arlib.report.pack import bag, verify_pack
from arlib.report.pack.verify_pack import MANIFEST, Result, check
from arlib.run import manifest, record
from arlib.run import result as runner
from arlib.sources import export

from .packs import pack

PYTHONS = ("python3.8", "python3.9", "python3.10", "python3.12", "python3.13")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "PBC-017"
    pack(folder)
    return folder


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "PBC-017"))


def files_of(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def told(result: Result) -> str:
    return "\n".join(fault.sentence() for fault in result.faults)


def run(program: str, *arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, "-I", "-S", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={},
    )


def rehash(folder: Path) -> str:
    """What a forger does: every manifest made anew, so that the pack agrees with itself."""
    for name in bag.MADE:
        (folder / name).unlink()
    return bag.make_bag(folder, info={"Source-Organization": "Sample Inc."}, bagging_date=date(2026, 11, 23))


def reseal(folder: Path) -> str:
    """... and the run's own manifest with it."""
    old = json.loads((folder / "data/run/manifest.json").read_text(encoding="utf-8"))
    manifest.write(folder / "data/run", run_id=old["run_id"], sealed_at=old["sealed_at"], timings={})
    return rehash(folder)


def edit(path: Path, change: Callable[[Any], None]) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document, ensure_ascii=False, sort_keys=True, indent=1), encoding="utf-8")


# --- by itself -----------------------------------------------------------------------------------------------------


def test_a_bare_python_in_an_empty_folder_passes_a_whole_pack(whole: Path, tmp_path: Path) -> None:
    before = files_of(whole)
    said = run(sys.executable, whole / "verify.py", cwd=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines()[-1] == "consistent, origin not proven"
    said = run(sys.executable, whole / "verify.py", "--expect", bag.pack_hash(whole).upper(), cwd=tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines()[-1] == "whole, and it is the pack of that hash"
    assert files_of(whole) == before  # no __pycache__, nothing
    assert not list(tmp_path.iterdir())


def test_a_zip_is_checked_where_it_lies(whole: Path, tmp_path: Path) -> None:
    bag.zip_bag(whole, tmp_path / "p.zip")
    said = run(
        sys.executable, whole / "verify.py", "p.zip", "--json", "--expect", bag.pack_hash(whole), cwd=tmp_path
    )
    found = json.loads(said.stdout)
    assert said.returncode == 0
    assert found["is_sound"] is True
    assert found["is_origin_proven"] is True
    assert found["pack_hash"] == bag.pack_hash(whole)
    assert found["counts"]["files"] == len(files_of(whole))
    assert [path.name for path in tmp_path.iterdir()] == ["p.zip"]


@pytest.mark.parametrize("name", PYTHONS)
def test_other_pythons_say_the_same(whole: Path, tmp_path: Path, name: str) -> None:
    program = shutil.which(name)
    if not program or run(program, "-c", "", cwd=tmp_path).returncode:
        pytest.skip(f"no {name}")
    here = run(sys.executable, whole / "verify.py", "--json", cwd=tmp_path)
    said = run(program, whole / "verify.py", "--json", cwd=tmp_path)
    assert (said.returncode, said.stderr, said.stdout) == (0, "", here.stdout)


def test_it_keeps_to_the_standard_library_and_to_python_3_8() -> None:
    source = Path(verify_pack.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 8))
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for name in (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        )
    }
    assert names <= sys.stdlib_module_names
    assert not names & {
        "tomllib",
        "zoneinfo",
        "graphlib",
        "importlib",
        "runpy",
        "pickle",
        "marshal",
        "subprocess",
    }
    calls = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not calls & {"exec", "eval", "compile", "__import__"}
    assert not re.search(r"removeprefix|removesuffix|file_digest|strict=(?!True\))", source)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [(["--expect", "abc"], "64 hexadecimal"), (["--wrong"], "unrecognized"), (["a", "b"], "b")],
)
def test_a_command_not_understood_ends_with_2(
    whole: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    said = run(sys.executable, whole / "verify.py", *arguments, cwd=tmp_path)
    assert said.returncode == 2
    assert says in said.stderr


def test_no_pack_is_said_and_not_raised(tmp_path: Path) -> None:
    (tmp_path / "text.zip").write_bytes(b"no archive")
    (tmp_path / "empty").mkdir()
    with zipfile.ZipFile(tmp_path / "nothing.zip", "w"):
        pass
    for name, says in {
        "none": "no such file",
        "text.zip": "cannot be read as a .zip",
        "empty": "this is no pack",
        "nothing.zip": "holds 0 packs",
    }.items():
        result = check(tmp_path / name)
        assert result.exit_code == 1
        assert says in told(result)


def test_what_is_in_the_pack_is_never_run(copy: Path, tmp_path: Path) -> None:
    for name in ("json.py", "hashlib.py", "sitecustomize.py", "csv.py", "zipfile.py"):
        (copy / name).write_text("raise SystemExit('ran')\n")
    said = run(sys.executable, copy / "verify.py", cwd=copy)
    assert said.returncode == 1
    assert "ran" not in said.stderr
    assert said.stdout.count("added: no manifest lists it") == 5


# --- what it catches -----------------------------------------------------------------------------------------------


def test_one_changed_byte_in_any_file_is_caught_and_the_file_named(copy: Path) -> None:
    draw, wanted = random.Random(7), bag.pack_hash(copy)
    for name in files_of(copy):
        path = copy / name
        data = path.read_bytes()
        at = draw.randrange(len(data))
        path.write_bytes(data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :])
        result = check(copy, wanted)
        path.write_bytes(data)
        assert result.exit_code == 1, name
        assert name in told(result), (name, at, told(result))
    assert check(copy).is_sound


def test_one_changed_byte_of_a_zip_is_caught_or_changes_no_file(whole: Path, tmp_path: Path) -> None:
    target = tmp_path / "p.zip"
    bag.zip_bag(whole, target)
    data, wanted = target.read_bytes(), bag.pack_hash(whole)
    draw = random.Random(11)
    caught = 0
    for _ in range(150):
        at = draw.randrange(len(data))
        target.write_bytes(data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :])
        result = check(target, wanted)
        caught += not result.is_sound
        if result.is_sound:  # a time, a version or a mode in the archive's list: every file reads as before
            with zipfile.ZipFile(target) as archive:
                for info in archive.infolist():
                    inside = whole / info.filename.partition("/")[2]
                    assert archive.read(info) == inside.read_bytes()
    assert caught > 100


def test_every_cut_of_a_zip_is_caught(whole: Path, tmp_path: Path) -> None:
    target = tmp_path / "p.zip"
    bag.zip_bag(whole, target)
    data = target.read_bytes()
    for part in (0, 1, 21, 22, 1000, len(data) // 2, len(data) - 100, len(data) - 1):
        target.write_bytes(data[:part])
        assert not check(target).is_sound, part


def test_each_removed_file_is_named(copy: Path) -> None:
    for name in files_of(copy):
        data = (copy / name).read_bytes()
        (copy / name).unlink()
        assert f"{name}: missing" in told(check(copy)), name
        (copy / name).write_bytes(data)


@pytest.mark.parametrize(
    "name",
    [
        "data/extra.csv",
        "extra.txt",
        "data/run/data/evidence/more.csv",
        "data/run/x/y.txt",
        "data/.hidden",
        ".git",
    ],
)
def test_an_added_file_is_named(copy: Path, name: str) -> None:
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_text("new")
    assert f"{name}: added" in told(check(copy))


def test_an_added_file_that_is_put_into_the_manifests_too_is_caught_by_the_runs_own(copy: Path) -> None:
    (copy / "data/run/data/evidence/more.csv").write_text("new")
    rehash(copy)
    assert "data/run/data/evidence/more.csv: added: the run's manifest does not list it" in told(check(copy))
    reseal(copy)
    assert "pack.json does not list this table" in told(check(copy))


def test_what_an_operating_system_leaves_beside_the_data_is_noted_with_its_size(copy: Path) -> None:
    for name in (".DS_Store", "Thumbs.db"):
        (copy / name).write_text("x")
    (copy / "data/hollow").mkdir()
    result = check(copy)
    assert result.is_sound
    assert "data/hollow: an empty folder" in result.notes
    assert ".DS_Store: left by the operating system (1 bytes), no part of the pack" in result.notes
    assert sum("left by the operating system" in note for note in result.notes) == 2


@pytest.mark.parametrize(
    "name",
    [
        "data/.DS_Store", "data/run/Thumbs.db", "._x", "data/._evil.html", "desktop.ini", "data/run/desktop.ini",
        ".directory", "thumbs.DB", "__MACOSX/evil.html",
    ],
)  # fmt: skip
def test_what_only_looks_left_behind_or_lies_in_the_data_is_a_fault(copy: Path, name: str) -> None:
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_text("<script>")
    result = check(copy)
    assert [fault.place for fault in result.faults if fault.what.startswith("added: no manifest")] == [name]
    rehash(copy)  # and listed by the manifests too, the run's own says so
    assert check(copy).is_sound is not name.startswith("data/run/")


def test_a_swapped_pack_that_agrees_with_itself_is_seen_by_its_hash_only(copy: Path, whole: Path) -> None:
    (copy / "data/cover-letter.html").write_text("All is well.")
    made = rehash(copy)
    result = check(copy)
    assert (result.exit_code, result.verdict) == (0, "consistent, origin not proven")
    result = check(copy, bag.pack_hash(whole))
    assert result.exit_code == 1
    assert f"not the pack of that hash; wanted {bag.pack_hash(whole)}; found {made}" in told(result)


def test_a_link_and_a_pipe_are_refused_and_not_followed(copy: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    (copy / "data/cover-letter.html").unlink()
    (copy / "data/cover-letter.html").symlink_to(secret)
    (copy / "data/folder").symlink_to(tmp_path)
    os.mkfifo(copy / "data/pipe")
    text = told(check(copy))
    assert "data/cover-letter.html: a link: refused" in text
    assert "data/folder: a link: refused" in text
    assert "data/pipe: neither a file nor a folder" in text
    assert "s3cret" not in text


def test_a_manifest_that_lists_a_file_twice_or_leaves_the_pack_is_refused(copy: Path) -> None:
    path = copy / MANIFEST
    text = path.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    zero = "0" * 64
    long = "x" * 20_000
    path.write_text(
        text + first + f"\n{zero}  ../outside\n{zero}  /etc/passwd\n{zero}  data/../verify.py\nnonsense\n"
        f"{zero}  C:\\x\n{zero}  verify.py\n{zero}  data/{long}\n", encoding="utf-8",
    )  # fmt: skip
    found = told(check(copy))
    for wanted in (
        f"{first.split('  ')[1]}: stands in {MANIFEST} twice",
        "found " + zero + "  ../outside",
        "found " + zero + "  /etc/passwd",
        "found " + zero + "  data/../verify.py",
        "not a hash and a name; found nonsense",
        f"verify.py: does not belong into {MANIFEST}",
        "too long: the rest was not read",
    ):
        assert wanted in found
    assert all(len(line) < 800 for line in found.splitlines())


def test_names_that_are_one_on_some_disks_are_faults(copy: Path) -> None:
    (copy / "data/Cover-Letter.html").write_text("x")
    (copy / "data/é.txt").write_text("composed")
    (copy / "data/e\u0301.txt").write_text("decomposed")
    (copy / "data/RUN").mkdir()
    (copy / "data/RUN/x").write_text("folder")
    assert told(check(copy)).count("the same name on some disks") == 3


def test_control_marks_in_names_do_not_reach_the_terminal(copy: Path, tmp_path: Path) -> None:
    (copy / "data/\x1b[2J\x1b]0;owned\x07\u202egnp.txt").write_text("x")
    (copy / "README.txt").rename(os.fsdecode(os.fsencode(copy) + b"/\xff\xfe.txt"))
    for arguments in ([], ["--json"]):
        said = run(sys.executable, copy / "verify.py", *arguments, cwd=tmp_path)
        assert said.returncode == 1
        assert not set(said.stdout) & set("\x1b\x07\u202e\udcff")
    assert "a name that is not UTF-8" in told(check(copy))


def test_a_long_name_on_disk_is_told_short(copy: Path) -> None:
    (copy / "data" / ("n" * 250)).write_text("x")
    folder = copy / "data"
    for _ in range(12):
        folder = folder / ("d" * 200)
        folder.mkdir()
    (folder / "f").write_text("x")
    found = told(check(copy))
    assert found.count("added: no manifest lists it") == 2
    assert all(len(line) < 400 for line in found.splitlines())


# --- archives ------------------------------------------------------------------------------------------------------


def zipped(folder: Path, target: Path, *more: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    bag.zip_bag(folder, target)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, data in more:
            archive.writestr(name, data)
    return target


@pytest.mark.parametrize(
    "name", ["../up.txt", "/abs", "PBC-017/../../up", "C:/x", "PBC-017/a\\..\\b", "~/x", "PBC-017//x"]
)
def test_zip_slip_is_refused(whole: Path, tmp_path: Path, name: str) -> None:
    assert "may leave the pack: refused" in told(check(zipped(whole, tmp_path / "p.zip", (name, b"x"))))


def test_a_link_in_a_zip_is_refused(whole: Path, tmp_path: Path) -> None:
    link = zipfile.ZipInfo("PBC-017/data/link")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    assert "a link or a device: refused" in told(
        check(zipped(whole, tmp_path / "p.zip", (link, b"/etc/passwd")))
    )


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_in_a_zip_is_refused(whole: Path, tmp_path: Path) -> None:
    assert "twice: refused" in told(
        check(zipped(whole, tmp_path / "a.zip", ("PBC-017/README.txt", b"other")))
    )
    other = zipped(whole, tmp_path / "b.zip", ("PBC-017/Readme.TXT", b"other"))
    assert "the same name on some disks: refused" in told(check(other))


def test_a_bomb_is_refused_before_it_is_unpacked(whole: Path, tmp_path: Path) -> None:
    target = zipped(whole, tmp_path / "p.zip", ("PBC-017/data/zeros", bytes(300_000_000)))
    result = check(target)
    assert "unpacks to far more than its size" in told(result)
    assert not result.counts  # nothing was read


def test_files_that_share_their_bytes_are_refused(whole: Path, tmp_path: Path) -> None:
    target = tmp_path / "p.zip"
    bag.zip_bag(whole, target)
    with zipfile.ZipFile(target, "a") as archive:
        other = zipfile.ZipInfo("PBC-017/data/again")
        first = archive.infolist()[0]
        for name in ("header_offset", "compress_size", "file_size", "CRC", "compress_type", "external_attr"):
            setattr(other, name, getattr(first, name))
        archive.filelist.append(other)
        archive._didModify = True
    assert "shares its bytes" in told(check(target))


def entry(name: str) -> zipfile.ZipInfo:
    """A file in the form that zip_bag gives it."""
    made = zipfile.ZipInfo(name, bag.OLDEST)
    made.create_system, made.external_attr, made.compress_type = 3, 0o100644 << 16, zipfile.ZIP_DEFLATED
    return made


def test_what_lies_beside_the_pack_in_a_zip_is_a_fault(whole: Path, tmp_path: Path) -> None:
    for number, name in enumerate(("run-me.exe", "__MACOSX/PBC-017/._x", "__MACOSX/evil.html")):
        other = zipped(whole, tmp_path / f"{number}.zip", (entry(name), b"MZ"))
        assert told(check(other)) == f"{name}: lies outside the pack's folder"
    two = zipped(whole, tmp_path / "b.zip", (entry("OTHER/bagit.txt"), b"x"))
    assert "holds 2 packs; wanted one" in told(check(two))


def test_a_pack_at_the_root_of_a_zip_is_read_too(whole: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for name in files_of(whole):
            archive.writestr(entry(name), (whole / name).read_bytes())
    assert check(tmp_path / "p.zip", bag.pack_hash(whole)).is_sound


def rebuilt(
    whole: Path, target: Path, change: Callable[[zipfile.ZipInfo, int], None] = lambda _info, _n: None
) -> Path:
    """The pack's archive made file by file, each entry changed first."""
    with zipfile.ZipFile(target, "w") as archive:
        for number, name in enumerate(files_of(whole)):
            info = entry(f"PBC-017/{name}")
            change(info, number)
            archive.writestr(info, (whole / name).read_bytes())
    return target


def test_an_archive_built_in_the_form_of_ours_passes(whole: Path, tmp_path: Path) -> None:
    assert check(rebuilt(whole, tmp_path / "p.zip"), bag.pack_hash(whole)).is_sound


def is_said_to_be_made_anew(path: Path) -> bool:
    faults = check(path).faults
    return len(faults) == 1 and faults[0].what == verify_pack.MADE_ANEW


RENAMING = b"\x01" + bytes(4) + b"PBC-017/EVIL.exe"


@pytest.mark.parametrize(
    "more",
    [
        {"extra": b"\x75\x70" + len(RENAMING).to_bytes(2, "little") + RENAMING},
        {"extra": b"\xfe\xca\x00\x00"},
        {"comment": b"\x1b[31m hi"},
        {"date_time": (2026, 11, 23, 5, 0, 0)},
        {"create_system": 0},
        {"external_attr": 0o100755 << 16},
        {"internal_attr": 1},
    ],
)
def test_a_file_with_more_than_its_bytes_and_name_is_refused(
    whole: Path, tmp_path: Path, more: dict[str, object]
) -> None:
    def change(info: zipfile.ZipInfo, number: int) -> None:
        for name, value in more.items() if number == 2 else ():
            setattr(info, name, value)

    assert is_said_to_be_made_anew(rebuilt(whole, tmp_path / "p.zip", change))


def test_another_name_in_front_of_a_file_than_in_the_list_is_refused(whole: Path, tmp_path: Path) -> None:
    target = tmp_path / "p.zip"
    bag.zip_bag(whole, target)
    data = target.read_bytes()
    target.write_bytes(data.replace(b"PBC-017/README.txt", b"PBC-017/EVIL!!.exe", 1))
    assert is_said_to_be_made_anew(target)


def test_bytes_that_belong_to_no_file_are_refused(whole: Path, tmp_path: Path) -> None:
    target = tmp_path / "p.zip"
    bag.zip_bag(whole, target)
    data = target.read_bytes()
    for more in (b"EVIL" * 10, b"\0", data[:100]):
        target.write_bytes(data + more)
        assert "bytes after its end: refused" in told(check(target)), more
    target.write_bytes(data + data[-22:])  # a second end, which finds no list in front of it
    assert not check(target).is_sound
    target.write_bytes(b"MZ" + bytes(100) + data)
    assert "does not begin as an archive" in told(check(target))
    with zipfile.ZipFile(target, "w") as archive:
        archive.comment = b"hi"
    assert not check(target).is_sound
    target.write_bytes(data)
    with zipfile.ZipFile(target, "a") as archive:
        archive.comment = b"\x1b[31m hi"
    assert is_said_to_be_made_anew(target)


@pytest.mark.parametrize(("at", "says"), [("middle", "bytes before it"), ("end", "bytes before its list")])
def test_a_file_that_the_list_does_not_name_is_refused(
    whole: Path, tmp_path: Path, at: str, says: str
) -> None:
    names = files_of(whole)
    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(entry(f"PBC-017/{name}"), (whole / name).read_bytes())
            if number == (3 if at == "middle" else len(names) - 1):
                archive.writestr(entry("PBC-017/data/hidden.exe"), b"HIDDEN" * 100)
                del archive.filelist[-1], archive.NameToInfo["PBC-017/data/hidden.exe"]
    assert f"{says} that belong to no file: refused" in told(check(tmp_path / "p.zip"))


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_bytes_behind_a_packed_file_in_its_own_place_are_refused(tmp_path: Path, method: int) -> None:
    target = tmp_path / "p.zip"
    with zipfile.ZipFile(target, "w") as archive:
        info = entry("P/bagit.txt")
        info.compress_type = method
        archive.writestr(info, b"BagIt" * 10)
        archive.fp.write(b"HIDDEN")  # type: ignore[union-attr]
        info.compress_size += 6
        archive.start_dir += 6
        archive.fp.seek(0)  # type: ignore[union-attr]
        archive.fp.write(info.FileHeader(zip64=False))  # type: ignore[union-attr]
    assert "P/bagit.txt: damaged, or other bytes behind it: refused" in told(check(target))


@pytest.mark.parametrize("way", ["zip -r", "zip -rX", "make_archive", "explorer"])
def test_a_pack_that_somebody_zipped_again_is_sent_to_its_folder(
    whole: Path, tmp_path: Path, way: str
) -> None:
    target = tmp_path / "p.zip"
    if way.startswith("zip"):
        if not shutil.which("zip"):
            pytest.skip("no zip")
        subprocess.run(
            ["zip", "-q", way.split()[1], target, whole.name],
            cwd=whole.parent,
            check=True,
            capture_output=True,
        )
    elif way == "make_archive":
        shutil.make_archive(str(target.with_suffix("")), "zip", whole.parent, whole.name)
    else:
        rebuilt(whole, target, lambda info, _: setattr(info, "create_system", 0))
    assert is_said_to_be_made_anew(target)
    assert "unpack it and check the folder" in told(check(target))
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path / "out")
    assert check(tmp_path / "out" / whole.name, bag.pack_hash(whole)).is_sound


def test_large_archives_are_read_in_the_form_that_zipfile_gives_them(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = (
        (whole / OPEN).stat().st_size
    )  # zipfile leaves room in front for a file that may grow when it is packed
    for most in (2_000, size, 20_000):  # in place of 2 GiB: sizes, offsets and the end turn to 64 bits
        monkeypatch.setattr(zipfile, "ZIP64_LIMIT", most)
        monkeypatch.setattr(verify_pack, "WIDE_FROM", most)
        target = tmp_path / f"{most}.zip"
        bag.zip_bag(whole, target)
        assert b"PK\6\6" in target.read_bytes()
        assert told(check(target, bag.pack_hash(whole))) == ""
        data = target.read_bytes()
        target.write_bytes(
            data[:-22] + data[-22:-12] + b"\1\0\0\0" + data[-8:]
        )  # another size of the list at the end
        assert not check(target).is_sound


# --- sums ----------------------------------------------------------------------------------------------------------

OPEN = "data/run/data/evidence/open_items.csv"


def forged(copy: Path, old: str, new: str, name: str = OPEN) -> str:
    path = copy / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
    reseal(copy)
    return told(check(copy))


def test_a_forged_amount_is_caught_though_every_manifest_agrees(copy: Path) -> None:
    found = forged(copy, ",1234.56,", ",1234.57,")
    assert f"{OPEN}: total of outstanding in USD differs; wanted 2469.12; found 2469.13" in found
    assert f"{OPEN}: hash of its rows differs" in found


def test_two_forged_amounts_that_cancel_out_are_caught_by_the_hash_of_the_rows(copy: Path) -> None:
    path = copy / OPEN
    first, second = [line for line in path.read_text(encoding="utf-8").splitlines() if ",1234.56," in line][
        :2
    ]
    text = path.read_text(encoding="utf-8")
    text = text.replace(first, first.replace("1234.56", "1234.57")).replace(
        second, second.replace("1234.56", "1234.55")
    )
    path.write_text(text, encoding="utf-8", newline="")
    reseal(copy)
    assert [fault.what for fault in check(copy).faults] == ["hash of its rows differs"]


def test_a_forged_name_is_caught_by_the_hash_of_the_rows(copy: Path) -> None:
    assert "hash of its rows differs" in forged(copy, "株式会社サンプル", "株式会社サンプロ")


def test_a_row_taken_out_is_caught(copy: Path) -> None:
    path = copy / OPEN
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8", newline="")
    reseal(copy)
    assert f"{OPEN}: number of rows differs; wanted 12; found 11" in told(check(copy))


@pytest.mark.parametrize(
    ("old", "new"), [("1234.56", "1234.560"), ("1234.56", "1e3"), ("1234.56", "١٢٣٤"), ("name", "nam")]
)
def test_a_table_that_is_not_as_declared_is_said(copy: Path, old: str, new: str) -> None:
    assert f"{OPEN}: cannot be added up" in forged(copy, old, new)


def test_forged_totals_in_pack_json_are_caught(copy: Path) -> None:
    def change(document: Any) -> None:
        document["tables"][1]["totals"]["outstanding"]["USD"] = "2469.13"
        document["as_of"] = "2026-09-30"
        document["content"]["request"]["kind"] = "other"

    edit(copy / "data/pack.json", change)
    rehash(copy)
    found = told(check(copy))
    assert "total of outstanding in USD differs; wanted 2469.13; found 2469.12" in found
    assert "as_of differs" in found
    assert "content_sha256 differs" in found


def test_a_forged_control_is_caught_by_its_own_arithmetic(copy: Path) -> None:
    def change(document: Any) -> None:
        told_control = document["controls"][3]
        told_control["left"], told_control["status"] = "940", "tied"

    edit(copy / "data/run/run.json", change)
    reseal(copy)
    found = told(check(copy))
    assert "control statement JPY: left - right differs; wanted 40; found 100" in found
    assert "control statement JPY: status differs; wanted explained; found tied" in found
    assert "lacks controls of evidence" in found


def test_forged_results_are_caught_by_the_chain_of_hashes(copy: Path) -> None:
    def change(document: Any) -> None:
        payload = document["cells"][0]["outputs"][0]["data"][verify_pack.RESULT]
        payload["identities"][0]["left"] = "6"
        payload["tables"]["open_items"]["rows"] = 13

    edit(copy / "data/run/notebooks/evidence.ipynb", change)
    reseal(copy)
    found = told(check(copy))
    assert "evidence: buckets USD does not hold" in found
    assert "open_items (tables of evidence) differs" in found
    assert "has other identities than evidence" in found


def test_other_code_than_ran_and_another_lock_file_are_caught(copy: Path) -> None:
    wheel = next((copy / "data/library").glob("*.whl"))
    with zipfile.ZipFile(wheel, "a") as archive:
        archive.writestr("arlib/more.py", b"")
    (copy / "data/library/requirements.lock").write_text("numpy==1.0\n")
    rehash(copy)
    found = told(check(copy))
    assert "library_sha256 differs" in found
    assert "lock_sha256 differs" in found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        "[" * 100_000,
        '{"a": 1, "a": 2}',
        '{"tables": [1]}',
        '{"tables": [{"notebook": 1}]}',
        "\udcff",
    ],
)
@pytest.mark.parametrize("name", ["data/pack.json", "data/run/run.json", "data/run/manifest.json"])
def test_records_that_are_none_are_faults_and_never_an_error(copy: Path, name: str, text: str) -> None:
    (copy / name).write_bytes(text.encode("utf-8", "surrogateescape"))
    rehash(copy)
    result = check(copy)
    assert result.exit_code == 1
    assert name in told(result) or "data/pack.json" in told(result)


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON document; of a list the first and the last."""
    found = [path]
    if isinstance(document, dict):
        for key in document:
            found += places(document[key], (*path, key))
    elif isinstance(document, list):
        for index in sorted({0, len(document) - 1}) if document else ():
            found += places(document[index], (*path, index))
    return found


def put(document: Any, path: tuple[Any, ...], value: object) -> Any:
    """The document with another value at a place."""
    if not path:
        return value
    here = document
    for key in path[:-1]:
        here = here[key]
    here[path[-1]] = value
    return document


OTHERS: tuple[object, ...] = (None, 5, "x", [], {}, [1], {"a": [None]}, True, 1e999, "\udcff", "../../x")


@pytest.mark.parametrize(
    "name",
    ["data/pack.json", "data/run/run.json", "data/run/manifest.json", "data/run/notebooks/evidence.ipynb"],
)
def test_no_value_of_a_record_makes_the_check_fail_with_an_error(copy: Path, name: str) -> None:
    text = (copy / name).read_text(encoding="utf-8")
    draw = random.Random(name)
    for path in places(json.loads(text)):
        for value in draw.sample(OTHERS, 5):
            changed = put(json.loads(text), path, value)
            (copy / name).write_text(json.dumps(changed), encoding="utf-8")
            result = check(copy)
            assert result.exit_code in (0, 1), (path, value)
            assert "\n".join(result.lines()), (path, value)
            assert json.dumps(result.to_json()), (path, value)


@pytest.mark.parametrize(
    ("name", "path", "value", "says"),
    [
        ("data/run/run.json", ("inputs",), 5, "inputs is of another type; wanted a list of objects; found 5"),
        ("data/run/run.json", ("inputs",), [5], "inputs is of another type"),
        ("data/run/run.json", ("entity",), 5, "entity is of another type; wanted a text; found 5"),
        ("data/run/run.json", ("decisions",), [], "decisions is of another type; wanted an object"),
        ("data/run/manifest.json", ("files",), {}, "files is of another type; wanted a list of objects"),
        ("data/pack.json", ("request",), [], "request is of another type; wanted an object"),
        (
            "data/pack.json",
            ("request", "kind"),
            "../../x",
            "request.kind is none; wanted small letters and _",
        ),
        ("data/pack.json", ("request", "kind"), "aging\n", "request.kind is none"),
        ("data/pack.json", ("request", "kind"), None, "request.kind is of another type"),
        ("data/pack.json", ("content", "request", "kind"), "/etc/x", "content.request.kind is none"),
        ("data/pack.json", ("request", "close_file"), "run.py", "wanted a name that ends in .yml or .yaml"),
        ("data/pack.json", ("request", "close_file"), 5, "request.close_file is of another type"),
    ],
)
def test_what_a_record_names_is_of_its_type_and_form(
    copy: Path, name: str, path: tuple[str, ...], value: object, says: str
) -> None:
    edit(copy / name, lambda document: put(document, path, value))
    if name != "data/run/manifest.json":
        reseal(copy)
    assert says in told(check(copy))


def test_a_request_of_the_right_form_is_no_fault(copy: Path) -> None:
    edit(
        copy / "data/pack.json",
        lambda document: document["request"].update(kind="cut_off", close_file="params/sample.yaml"),
    )
    rehash(copy)
    assert told(check(copy)) == ""


def test_an_unexplained_control_of_the_business_is_noted_and_no_fault_of_the_pack(whole: Path) -> None:
    notes = check(whole).notes
    assert any(
        "differs without a cause: Statement of <script>alert(1)</script>, 60 JPY" in note for note in notes
    )


def test_fetch_txt_and_another_declaration_are_refused(copy: Path) -> None:
    (copy / "fetch.txt").write_text("http://example.com/x 1 data/x\n")
    (copy / "bagit.txt").write_text("BagIt-Version: 0.97\nTag-File-Character-Encoding: UTF-8\n")
    (copy / "bag-info.txt").write_text("Payload-Oxum: 1.1\nPayload-Oxum: 1.1\n")
    found = told(check(copy))
    assert "fetched from elsewhere: refused" in found
    assert "is not the declaration of BagIt 1.0" in found
    assert "states Payload-Oxum not once; found 2 times" in found


def test_another_sum_of_the_payload_than_is_there_is_caught(copy: Path) -> None:
    path = copy / "bag-info.txt"
    path.write_text(
        re.sub(r"Payload-Oxum: \d+", "Payload-Oxum: 7", path.read_text(encoding="utf-8")), encoding="utf-8"
    )
    assert "bag-info.txt: states another Payload-Oxum (bytes.files); wanted 7." in told(check(copy))


def test_a_record_that_says_a_thing_twice_is_refused(copy: Path) -> None:
    path = copy / "data/pack.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("{", '{"entity": "XX99",', 1), encoding="utf-8")
    rehash(copy)
    assert "data/pack.json: is not sound JSON: a key stands twice" in told(check(copy))


# --- the same algorithms as the runner's ---------------------------------------------------------------------------


def test_hashes_are_the_runners() -> None:
    assert runner.MIME == verify_pack.RESULT
    assert set(verify_pack.PROVENANCE) == runner.PROVENANCE
    assert set(verify_pack.READING) == runner.READING
    assert set(verify_pack.SOURCE) == record.SOURCE
    value = {"b": ["é", None, True], "a": "‮"}
    assert verify_pack.canonical(value) == runner.canonical(value)
    controls = [{"name": "b", "x": 1}, {"name": "intake"}, {"name": "a"}]
    tables = {"t": "1", "inputs": "2"}
    assert verify_pack.results_digest(controls, tables) == runner.told_digest(controls, tables)


def test_active_texts_are_those_of_the_export() -> None:
    assert verify_pack.ACTIVE == export.ACTIVE
    for text in ("=1", " +1", "x", "", "'=1"):
        assert verify_pack.is_active(text) == (export.inert(text) != text)
