"""Partitioned ledgers: nothing is lost or torn apart, and what is not as the manifest says is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.errors import IdentityError, SourceError, TableError
from arlib.sources.export import contract_rows
from arlib.sources.partitioned import MANIFEST, partition_files, read_manifest, read_partition, write_ledger
from arlib.sources.partitioned.groups import grouped
from arlib.sources.partitioned.layout import PARTED
from arlib.sources.sample import generate
from arlib.tables import CANONICAL, Book


@pytest.fixture(scope="module")
def book():
    return Book(dict(generate(seed=5, items=300).tables), features=frozenset({"entry_times"}))


@pytest.fixture(scope="module")
def ledger(book, tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledgers") / "ledger"
    write_ledger(book, folder, parts=4)
    return folder


def rows_of(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return sorted(frame.astype("str").itertuples(index=False, name=None))


def test_the_partitions_together_are_the_book(book, ledger):
    manifest = read_manifest(ledger)
    assert len(manifest.partitions) == 4
    parts = [read_partition(ledger, manifest, part.name) for part in manifest.partitions]
    for table in PARTED:
        assert rows_of(pd.concat([part[table] for part in parts])) == rows_of(book[table]), table
    assert manifest.functional == {"JP01": "JPY", "UK01": "GBP", "US01": "USD"}


def test_both_items_of_an_application_lie_beside_it_and_so_do_merged_customers(book, ledger):
    manifest = read_manifest(ledger)
    crossing = 0
    for part in manifest.partitions:
        mine = read_partition(ledger, manifest, part.name)
        ids = set(zip(mine["items"]["entity"], mine["items"]["item_id"], strict=True))
        for side in ("source_item_id", "target_item_id"):
            assert set(zip(mine["applications"]["entity"], mine["applications"][side], strict=True)) <= ids
        merges = mine["customer_merges"]
        crossing += len(merges)
        assert set(merges["old_customer_id"]) <= {
            *mine["customers"]["customer_id"],
            *mine["items"]["customer_id"].dropna(),
        }
    assert crossing == len(book["customer_merges"]) > 0


@given(st.lists(st.tuples(st.sampled_from("abcdefghij"), st.sampled_from("abcdefghij")), max_size=14))
def test_a_group_is_what_pairs_connect(pairs):
    found = grouped(pairs)
    near = {code: {code} for pair in pairs for code in pair}
    for _ in near:
        for left, right in pairs:
            near[left] = near[right] = near[left] | near[right]
    assert found == {code: min(group) for code, group in near.items()}


def test_contract_csv_streams_into_the_same_ledger(book, ledger, tmp_path):
    functional = read_manifest(ledger).functional
    files = {}
    for name in ("entities", *PARTED):
        text = contract_rows(book[name], table=CANONICAL[name], functional=functional)
        files[name] = [tmp_path / f"{name}.csv"]
        text.to_csv(files[name][0], index=False)
    made = partition_files(files, tmp_path / "out", parts=4, memory="500MB")
    wanted = read_manifest(ledger)
    assert [part.totals for part in made.partitions] == [part.totals for part in wanted.partitions]
    for part in made.partitions:
        ours, theirs = (
            read_partition(folder, of, part.name)
            for folder, of in ((tmp_path / "out", made), (ledger, wanted))
        )
        for table in ("items", "applications", "revaluations"):
            assert rows_of(ours[table]) == rows_of(theirs[table]), table


@pytest.mark.parametrize(
    ("value", "fault"), [("12.345", "cannot be read"), ("1e3", "cannot be read"), ("", "")]
)
def test_a_csv_amount_that_is_not_exact_is_refused(value, fault, tmp_path):
    row = {"entity": "A", "item_id": "1", "item_type": "invoice", "effective_date": "2026-10-01", "currency": "EUR",
           "amount": value, "document_no": "D", "customer_id": "C"}  # fmt: skip
    pd.DataFrame([row]).to_csv(tmp_path / "items.csv", index=False)
    if not fault:
        partition_files({"items": [tmp_path / "items.csv"]}, tmp_path / "out", parts=1)
        return
    with pytest.raises(SourceError, match="cannot be read: " + value):
        partition_files({"items": [tmp_path / "items.csv"]}, tmp_path / "out", parts=1)


def test_an_application_of_an_unknown_item_is_told(book, tmp_path):
    lost = book["applications"].copy()
    lost.loc[3, "target_item_id"] = "NOWHERE"
    with pytest.raises(TableError, match="NOWHERE of " + lost.loc[3, "application_id"]):
        write_ledger(Book({**book.tables, "applications": lost}), tmp_path / "out", parts=2)
    assert not (tmp_path / "out" / MANIFEST).exists()


def copied(ledger: Path, to: Path) -> tuple[Path, dict]:
    import shutil

    shutil.copytree(ledger, to)
    return to, json.loads((to / MANIFEST).read_text())


def test_a_changed_file_a_wrong_total_and_a_path_outside_are_refused(ledger, tmp_path):
    folder, told = copied(ledger, tmp_path / "one")
    file = folder / told["partitions"][1]["tables"]["items"][0]["path"]
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(SourceError, match="has changed"):
        read_partition(folder, read_manifest(folder), "part-00001")

    folder, told = copied(ledger, tmp_path / "two")
    entity, sums = next(iter(told["partitions"][0]["totals"]["items"].items()))
    code = next(iter(sums))
    sums[code][1] += 1
    told["whole"]["totals"]["items"][entity][code][1] += 1
    (folder / MANIFEST).write_text(json.dumps(told))
    with pytest.raises(IdentityError, match="items in part-00000") as fault:
        read_partition(folder, read_manifest(folder), "part-00000")
    assert fault.value.where == entity

    told["partitions"][0]["tables"]["items"][0]["path"] = "../../etc/passwd"
    (folder / MANIFEST).write_text(json.dumps(told))
    with pytest.raises(SourceError, match="may not"):
        read_manifest(folder)


def without_last(told: dict) -> None:
    told["partitions"].pop()


def without_last_and_its_count(told: dict) -> None:
    told["partitions"].pop()
    told["whole"]["partitions"] -= 1


def twice(told: dict) -> None:
    told["partitions"].append(told["partitions"][0])


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (without_last, "does not list the partitions"),
        (without_last_and_its_count, "part-00003: a partition that the manifest does not list"),
        (twice, "does not list the partitions"),
    ],
)
def test_a_manifest_that_does_not_list_every_partition_once_is_refused(ledger, tmp_path, change, fault):
    folder, told = copied(ledger, tmp_path / "one")
    change(told)
    (folder / MANIFEST).write_text(json.dumps(told))
    with pytest.raises(SourceError, match=fault):
        read_manifest(folder)


def test_a_partition_that_is_gone_is_named_or_missed_in_the_totals(ledger, tmp_path):
    import shutil

    folder, told = copied(ledger, tmp_path / "one")
    shutil.rmtree(folder / "part-00003")
    with pytest.raises(SourceError, match="part-00003: the partition is not there"):
        read_manifest(folder)
    without_last_and_its_count(told)
    (folder / MANIFEST).write_text(json.dumps(told))
    with pytest.raises(SourceError, match=r"do not add up to the ledger: \w+ of "):
        read_manifest(folder)


def test_partitions_are_numbered_without_a_gap_where_nothing_fell_on_a_place(tmp_path):
    row = {"entity": "A", "item_id": "1", "item_type": "invoice", "effective_date": "2026-10-01", "currency": "EUR",
           "amount": "1.00", "document_no": "D", "customer_id": "C"}  # fmt: skip
    pd.DataFrame([row | {"item_id": "2", "customer_id": "D"}, row]).to_csv(
        tmp_path / "items.csv", index=False
    )
    partition_files({"items": [tmp_path / "items.csv"]}, tmp_path / "out", parts=50)
    made = read_manifest(tmp_path / "out")
    assert [part.name for part in made.partitions] == ["part-00000", "part-00001"]
    assert made.totals["items"] == {"A": {"EUR": [2, 200]}}
    assert len(read_partition(tmp_path / "out", made, "part-00001")["items"]) == 1


def test_a_folder_that_holds_something_is_left_alone(book, tmp_path):
    (tmp_path / "here.txt").write_text("mine")
    with pytest.raises(SourceError, match="not empty"):
        write_ledger(book, tmp_path, parts=2)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (lambda text: "[" * 200_000, "damaged"),
        (lambda text: "{}", "kind"),
        (lambda text: text.replace('"sha256": "', '"sha256": 5, "was": "', 1), "sha256"),
        (lambda text: text.replace('"functional": {', '"functional": {"X": ["EUR"], ', 1), "functional.X"),
        (lambda text: json.dumps(without_totals(json.loads(text))), "totals"),
    ],
)
def test_a_manifest_of_another_shape_is_refused_with_the_place(ledger, tmp_path, content, fault):
    changed, _ = copied(ledger, tmp_path / "changed")
    path = changed / "ledger.json"
    path.write_text(content(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(SourceError) as said:
        read_manifest(changed)
    assert "damaged" in str(said.value)
    assert fault in str(said.value)


def without_totals(told: dict) -> dict:
    del told["whole"]["totals"]
    return told
