"""Sealing, failing, and the hash of results."""

from __future__ import annotations

import errno
import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.controls import Control, Identity
from arlib.errors import ArError, IdentityError, InputError, RunError
from arlib.report.model import ResultTable
from arlib.run import lock, manifest, platform, seal, staging
from arlib.run.hygiene import Mask
from arlib.run.journal import Journal, State, events, last_state
from arlib.run.result import (
    broken,
    control_from_json,
    control_to_json,
    identity_to_json,
    results_digest,
    table_digest,
    told_digest,
)
from arlib.tables import Kind


def table(
    rows: list[tuple[str, str, int | None]],
    *,
    order: tuple[str, ...] = ("id", "currency", "amount"),
    **more: object,
) -> ResultTable:
    frame = pd.DataFrame(rows, columns=["id", "currency", "amount"]).astype(
        {"id": "str", "currency": "str", "amount": "Int64"}
    )
    kinds = {"id": Kind.TEXT, "currency": Kind.TEXT, "amount": Kind.MONEY}
    return ResultTable(
        name="t",
        title="T",
        frame=frame[list(order)],
        key=("id",),
        kinds={n: kinds[n] for n in order},
        currency={"amount": "currency"},
        **more,
    )  # type: ignore[arg-type]


ROWS = st.lists(
    st.tuples(
        st.text(max_size=4),
        st.sampled_from(["USD", "JPY", "KWD"]),
        st.none() | st.integers(-(10**12), 10**12),
    ),
    max_size=12,
)


@given(ROWS, st.randoms())
def test_the_order_of_rows_and_columns_changes_nothing(
    rows: list[tuple[str, str, int | None]], chance
) -> None:  # type: ignore[no-untyped-def]
    other = list(rows)
    chance.shuffle(other)
    before = table(rows)
    copy = before.frame.copy(deep=True)
    assert table_digest(before) == table_digest(table(other, order=("amount", "id", "currency"), note="x"))
    pd.testing.assert_frame_equal(before.frame, copy)


def test_any_fact_changes_it() -> None:
    base = table_digest(table([("A", "USD", 100), ("B", "USD", None)]))
    for other in (
        [("A", "USD", 101), ("B", "USD", None)],
        [("A", "JPY", 100), ("B", "USD", None)],
        [("A", "USD", 100)],
        [("A", "USD", 100), ("B", "USD", 0)],
        [("A", "USD", 100), ("B", "USD", None), ("B", "USD", None)],
    ):
        assert table_digest(table(other)) != base


def test_money_is_hashed_as_decimal_text() -> None:
    """100 minor units are 1.00 dollar and 100 yen; the digest by hand."""
    import hashlib

    made = hashlib.sha256(b'["amount","currency","id"]\n["1.00","USD","A"]\n["100","JPY","B"]').hexdigest()
    assert table_digest(table([("B", "JPY", 100), ("A", "USD", 100)])) == made


def test_statistics_count_to_12_digits() -> None:
    def made(value: float) -> str:
        frame = pd.DataFrame({"id": pd.Series(["a"], dtype="str"), "rate": [value]})
        return table_digest(
            ResultTable(
                name="t", title="T", frame=frame, key=("id",), kinds={"id": Kind.TEXT, "rate": Kind.RATE}
            )
        )

    assert made(0.1 + 0.2) == made(0.3)
    assert made(0.0) == made(-0.0)
    assert made(0.123456789012) != made(0.123456789013)
    assert made(np.nan) != made(0.0)


def test_the_list_of_controls_is_hashed_without_those_on_reading() -> None:
    def listed(name: str, *controls: str) -> str:
        texts = {"name": Kind.TEXT, "status": Kind.TEXT}
        frame = pd.DataFrame({"name": controls, "status": ["tied"] * len(controls)}, dtype="str")
        return table_digest(ResultTable(name=name, title="T", frame=frame, key=("name",), kinds=texts))

    assert listed("controls", "aging", "intake") == listed("controls", "aging")
    assert listed("controls", "aging", "intake") != listed("controls", "intake")
    assert listed("others", "aging", "intake") != listed("others", "aging")


def test_where_rows_came_from_is_no_result() -> None:
    controls = [Control(name="a", title="A", entity="E", currency="USD", left=1, right=1)]
    assert results_digest(controls, {"t": "1"}) == results_digest(
        controls, {"t": "1", "inputs": "2", "problems": "3"}
    )
    assert results_digest(controls, {"t": "1"}) != results_digest([], {"t": "1"})
    intake = Control(name="intake", title="Files", entity="E", currency="USD", left=9, right=9)
    assert results_digest([*controls, intake], {"t": "1"}) == results_digest(controls, {"t": "1"})
    listed = [control_to_json(control) for control in (*controls, intake)]
    assert told_digest(listed, {"t": "1"}) == results_digest(controls, {"t": "1"})
    other = [*controls, Control(name="b", title="B", entity="E", currency="USD")]
    assert results_digest(other, {}) == results_digest(other[::-1], {})


@given(
    st.integers() | st.none(),
    st.integers(),
    st.sampled_from(["USD", "JPY", "KWD", ""]),
    st.integers(),
    st.dates() | st.none(),
)
def test_controls_survive_the_journey(
    left: int | None, right: int, currency: str, explained: int, oldest: date | None
) -> None:
    control = Control(
        name="n",
        title="t",
        entity="E",
        currency=currency,
        left=left,
        right=right,
        explained=explained,
        count=1,
        oldest=oldest,
    )
    assert control_from_json(json.loads(json.dumps(control_to_json(control)))) == control


def test_a_control_that_says_another_word_is_not_believed() -> None:
    told = control_to_json(Control(name="n", title="t", entity="E", currency="USD", left=2, right=1))
    with pytest.raises(RunError, match="says tied but its amounts say unexplained"):
        control_from_json({**told, "status": "tied"})


def test_identities_are_compared_again() -> None:
    whole = identity_to_json(
        Identity(name="n", left_label="l", left=1, right_label="r", right=1, currency="USD")
    )
    assert broken({"identities": [whole]}) == []
    assert broken({"identities": [{**whole, "right": "0.02"}]})
    assert broken({"identities": [{**whole, "holds": False}]})


@pytest.fixture
def place(tmp_path: Path) -> staging.Staging:
    made = staging.create(
        tmp_path,
        run_id="R1",
        plan={"run_id": "R1", "entity": "E", "period": "P", "close_id": "C", "created_at": "now"},
    )
    (made.run / "data").mkdir()
    (made.run / "data" / "x.csv").write_text("x")
    return made


def log(place: staging.Staging) -> Journal:
    return Journal(place.run, lambda state, detail: None, lambda text: text)


def test_sealed_whole_and_read_only(place: staging.Staging, tmp_path: Path) -> None:
    sha = seal.freeze(place, {"run_id": "R1"})
    made = seal.seal(place, tmp_path / "P" / "E" / "R1", journal=log(place), timings={"stages": {}})
    folder = tmp_path / "P" / "E" / "R1"
    told = json.loads((folder / "manifest.json").read_text())
    assert told["run_json_sha256"] == sha
    assert {row["path"] for row in told["files"]} == {"data/x.csv", "events.jsonl", "run.json"}
    assert manifest.sha256_of(folder / "manifest.json") == made
    assert not place.home.exists()
    assert last_state(folder) == "sealed"
    modes = {
        path.relative_to(folder).as_posix(): path.stat().st_mode & 0o777
        for path in folder.rglob("*")
        if path.is_file()
    }
    assert modes == dict.fromkeys(("data/x.csv", "events.jsonl", "manifest.json", "run.json"), 0o444)


def test_a_sealed_place_is_never_written_twice(place: staging.Staging, tmp_path: Path) -> None:
    (tmp_path / "P" / "E" / "R1").mkdir(parents=True)
    seal.freeze(place, {})
    with pytest.raises(FileExistsError):
        seal.seal(place, tmp_path / "P" / "E" / "R1", journal=log(place), timings={})


def test_failed_with_its_reason(place: staging.Staging, tmp_path: Path) -> None:
    seal.freeze(place, {"state": "verified"})
    with (
        pytest.raises(RunError),
        seal.Unfinished(
            tmp_path, place, journal=log(place), mask=lambda t: t.replace("secret", "-")
        ) as guard,
    ):
        raise RunError("the secret kernel died", reason="kernel_died")
    assert guard.folder == tmp_path / "_failed" / "R1"
    told = json.loads((guard.folder / "run.json").read_text())
    assert (told["state"], told["failure"]["sentence"]) == ("failed: kernel_died", "the - kernel died")
    assert [event["state"] for event in events(guard.folder)] == ["failed"]
    assert not place.home.exists()


def test_a_run_that_failed_while_it_was_sealed_holds_no_seal(place: staging.Staging, tmp_path: Path) -> None:
    """The place is taken, so the move fails: the manifest and run.json that were made by then must not stay."""
    (tmp_path / "P" / "E" / "R1").mkdir(parents=True)
    journal = log(place)
    seal.freeze(place, {"run_id": "R1", "state": "verified", "results_sha256": "0" * 64})
    with (
        pytest.raises(FileExistsError),
        seal.Unfinished(tmp_path, place, journal=journal, mask=str) as guard,
    ):
        seal.seal(place, tmp_path / "P" / "E" / "R1", journal=journal, timings={})
    assert guard.folder == tmp_path / "_failed" / "R1"
    assert sorted(path.name for path in guard.folder.iterdir()) == ["data", "events.jsonl", "run.json"]
    told = json.loads((guard.folder / "run.json").read_text())
    assert (told["state"], "results_sha256" in told) == ("failed: io_error", False)
    assert [event["state"] for event in events(guard.folder)] == ["sealed", "failed"]


def test_the_record_of_a_run_from_before_does_not_outlive_a_failure_to_write_the_new_one(
    place: staging.Staging, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk takes no new run.json, the one that says verified is gone all the same."""
    seal.freeze(place, {"run_id": "R1", "state": "verified"})

    def broken(path: Path, _data: bytes) -> None:
        raise OSError(errno.EIO, "broken", path.name)

    monkeypatch.setattr(platform, "write_whole", broken)
    with pytest.raises(OSError, match="broken"):
        seal.fail(tmp_path, place, reason="timeout", detail={}, journal=log(place))
    assert not (place.run / "run.json").exists()


def test_what_was_made_read_only_is_writable_again_before_the_failure_is_logged(
    place: staging.Staging, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write to what is read-only, others may not: so the permission is asked for, not the write."""
    journal = log(place)
    journal.enter(State.SEALED)
    platform.make_read_only(place.run)
    modes: list[int] = []
    append = platform.append_line

    def seen(path: Path, line: str) -> None:
        modes.append(path.stat().st_mode & 0o200)
        append(path, line)

    monkeypatch.setattr(platform, "append_line", seen)
    assert seal.fail(tmp_path, place, reason="timeout", detail={}, journal=journal)
    assert modes == [0o200]


def test_no_room_for_a_record_leaves_nothing(place: staging.Staging, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="full"), seal.Unfinished(tmp_path, place, journal=log(place), mask=str):
        raise OSError(errno.ENOSPC, "full")
    assert [path.name for path in tmp_path.rglob("*")] == [".staging"]


@pytest.mark.parametrize(
    ("fault", "word"),
    [
        (RunError("x", reason="timeout"), "timeout"),
        (IdentityError("x"), "identity"),
        (InputError("x"), "input"),
        (ArError("x"), "error"),
        (OSError(errno.ENOSPC, ""), "disk_full"),
        (OSError(errno.EROFS, ""), "output_not_writable"),
        (OSError(errno.EIO, ""), "io_error"),
        (KeyboardInterrupt(), "interrupted"),
        (KeyError("x"), "internal_error"),
    ],
)
def test_every_fault_has_its_word(fault: BaseException, word: str) -> None:
    assert seal.reason_of(fault) == word


def test_a_cut_line_of_a_log_is_left_out(place: staging.Staging) -> None:
    log(place).enter(State.PLANNED)
    with (place.run / "events.jsonl").open("a") as file:
        file.write('{"at": "2026')
    assert last_state(place.run) == "planned"
    assert events(place.run)[0]["at"].endswith("Z")


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "f"
    platform.write_whole(path, b"old")

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(platform.os, "fsync", full)
    with pytest.raises(OSError, match="full"):
        platform.write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["f"]


def test_locks(tmp_path: Path) -> None:
    with lock.hold(tmp_path, "a", about="a"):
        assert lock.is_held(tmp_path, "a")
        assert not lock.is_held(tmp_path, "b")
        lock.sweep(tmp_path)
        assert lock.is_held(tmp_path, "a"), "a lock that is held is not swept"
    assert not (tmp_path / ".locks").exists()
    (tmp_path / ".locks").mkdir()
    (tmp_path / ".locks" / "stale.lock").write_text("{}")
    lock.sweep(tmp_path)
    assert not (tmp_path / ".locks" / "stale.lock").exists()


def test_masks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X_TOKEN", "abcdef123")
    monkeypatch.setenv("Y_TOKEN", "ab")
    mask = Mask(tmp_path)
    assert mask(f"{tmp_path}/a.csv abcdef123 ab {Path.home()}/x") == "./a.csv <secret> ab ~/x"
    assert mask.deep({"a": [str(tmp_path), 1, None, True]}) == {"a": [".", 1, None, True]}
