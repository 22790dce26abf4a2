"""A case of the sample company, written by papermill: whole, narrow, inert, opened and performed again."""

from __future__ import annotations

import csv
import json
import re
import shutil

import pandas as pd
import pyarrow.parquet as pq
import pytest

from arlib.cli import main
from arlib.errors import ParameterError, SourceError
from arlib.run import platform
from arlib.run.cases.reading import open_case
from arlib.run.cases.reperform import reperform_case
from arlib.run.cases.write import write_case
from arlib.run.verify import verify
from tests.run.cases.conftest import CUSTOMER, ENTITY, NAME, OTHER


def test_it_is_a_sealed_run_that_verify_knows(desk):
    assert desk.made.folder == desk.project.root / "outputs" / "cases" / "CASE-7" / desk.made.run_id
    assert desk.made.page.is_file()
    assert desk.made.workbook.is_file()
    alone = verify(desk.made.folder)
    assert (alone.findings, alone.warnings) == ((), ())
    assert verify(desk.project.root / "outputs").is_whole


def test_its_record_says_what_was_asked_and_decided(desk):
    told = json.loads((desk.made.folder / "run.json").read_bytes())

    assert told["notebooks"]["case_file"]["parameters"]["customer_id"] == CUSTOMER
    assert told["decisions"]["head"]["seq"] >= 4
    bodies = [event["body"] for event in told["decisions"]["events"]]
    assert {body.get("customer_id", CUSTOMER) for body in bodies} == {CUSTOMER}
    assert len(bodies) == 3  # note, promise, and that it was taken back


def test_decisions_are_listed_withdrawn_ones_too(desk):
    rows = pd.read_csv(desk.made.folder / "data" / "case_file" / "decisions.csv", dtype=str)
    standing = dict(zip(rows["decision_id"], rows["standing"], strict=True))

    assert standing[desk.noted] == "stands"
    assert standing[desk.withdrawn] == "withdrawn"
    assert rows["by"].notna().all()
    assert len(rows) == 3


def test_the_controls_tie_and_the_answer_says_what_is_owed(desk):
    folder = desk.made.folder / "data" / "case_file"
    status = {control.name: str(control.status) for control in desk.made.controls}
    answer = pd.read_csv(folder / "answer.csv", dtype=str).set_index("topic")["sentence"]
    items = desk.project.tables["items"]

    assert (status["case_running"], status["case_aging"]) == ("tied", "tied")
    assert "is open at 2026-10-31" in answer["Owed"]
    assert answer["Why"].startswith("From 2026-10-01: ")
    assert set(pd.read_csv(folder / "items_open.csv", dtype=str)["item_id"]) <= set(
        items.loc[items["customer_id"].eq(CUSTOMER), "item_id"]
    )


def test_what_a_person_chose_is_decomposed_to_the_cent(desk):
    lines = pd.read_csv(desk.made.folder / "data" / "case_file" / "what_if_lines.csv", dtype=str)

    assert lines["applied_amount"].tolist() == ["10.00"]


def test_no_other_customer_is_named_in_any_file(desk):
    """A name of the master data, of two words or more, that this customer's own rows do not hold."""
    customers = desk.project.customers
    own = _own_words(desk)
    names = {str(name).casefold() for name in customers.loc[customers["customer_id"].ne(CUSTOMER), "name"]}
    names = {name for name in names if " " in name and name not in own}
    assert len(names) > 100
    for path in sorted(desk.made.folder.rglob("*")):
        if not path.is_file() or path.suffix == ".xlsx":
            continue
        text = _text(path)
        assert [name for name in names if name in text] == [], path.name


def _own_words(desk) -> str:
    """What stands in rows that are this customer's: who paid for it, whom its invoices were assigned to."""
    found = []
    for name in ("receipts", "items", "activities"):
        table = desk.project.tables[name]
        found += table[table["customer_id"].eq(CUSTOMER)].to_numpy().ravel().tolist()
    return "\n".join(str(value) for value in found).casefold()


def _text(path) -> str:
    if path.suffix == ".parquet":
        return "\n".join(
            str(value) for column in pq.read_table(path).to_pydict().values() for value in column
        ).casefold()
    return path.read_text(encoding="utf-8", errors="replace").casefold()


def test_the_workbook_names_nobody_else_either(desk):
    import zipfile

    customers = desk.project.customers
    own = _own_words(desk)
    names = {str(name).casefold() for name in customers.loc[customers["customer_id"].ne(CUSTOMER), "name"]}
    with zipfile.ZipFile(desk.made.workbook) as book:
        text = "\n".join(book.read(name).decode("utf-8", "replace") for name in book.namelist()).casefold()
    assert [name for name in names if " " in name and name not in own and name in text] == []


def test_hostile_texts_do_nothing(desk):
    page = desk.made.page.read_text(encoding="utf-8")
    assert "<img src=x" not in page
    assert "<script>alert" not in page
    assert "&lt;img src=x" in page  # it is shown, as text
    assert "\u202e" not in page
    import zipfile

    with zipfile.ZipFile(desk.made.workbook) as book:
        sheets = [
            book.read(name).decode() for name in book.namelist() if name.startswith("xl/worksheets/sheet")
        ]
    assert not [
        one
        for sheet in sheets
        for one in re.findall(r"<f>([^<]*)</f>", sheet)
        if "HYPERLINK" in one or "cmd" in one
    ]


def test_data_are_a_contract_and_hold_the_name_as_it_is(desk):
    with (desk.made.folder / "data" / "case_file" / "answer.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert any(NAME.split("<")[0] in row["sentence"] for row in rows)


def test_files_are_told_without_what_others_add_to_them(desk):
    inputs = pq.read_table(desk.made.folder / "data" / "book" / "inputs.parquet").to_pandas()

    assert inputs["amount_in"].isna().all()
    assert inputs["sha256"].str.len().eq(64).all()
    assert len(pq.read_table(desk.made.folder / "data" / "book" / "problems.parquet")) == 0
    assert not (desk.made.folder / "data" / "raw").exists()


def test_opened_again_it_is_the_same_case(desk):
    opened = open_case(desk.made.folder)

    assert opened.case == desk.case.with_changes(prepared_by=opened.case.prepared_by)
    assert opened.case.prepared_by
    assert opened.statement == desk.statement
    assert (opened.run_id, opened.results_sha256) == (desk.made.run_id, desk.made.results_sha256)
    assert opened.findings
    path = desk.project.root / "params" / "case.yml"
    path.write_text(opened.case.as_yaml(), encoding="utf-8")
    assert open_case(path).case == opened.case


@pytest.mark.parametrize("name", ["params/case.yml", "data/book/items.parquet", "pages/case_file.html"])
def test_a_folder_that_was_changed_is_refused(desk, tmp_path, name):
    copy = tmp_path / desk.made.run_id
    shutil.copytree(desk.made.folder, copy)
    platform.make_tree_writable(copy)
    (copy / name).write_bytes((copy / name).read_bytes() + b" ")

    with pytest.raises(SourceError, match="not as it was sealed"):
        open_case(copy)
    with pytest.raises(SourceError, match="not as it was sealed"):
        reperform_case(copy)


def test_a_copy_with_its_manifest_made_anew_is_known_to_the_store(desk):
    """Changed in place and sealed again by hand: the store remembers the hash."""
    folder = desk.made.folder
    manifest = folder / "manifest.json"
    before = manifest.read_bytes()
    platform.make_tree_writable(folder)
    try:
        manifest.write_bytes(before.replace(b'"sealed_at"', b'"sealed_at" '))
        with pytest.raises(SourceError, match="the store has another hash"):
            open_case(folder)
    finally:
        manifest.write_bytes(before)
        platform.make_read_only(folder)


def test_performed_again_nothing_differs(desk):
    again = reperform_case(desk.made.folder)

    assert again.is_same, again.lines()
    assert again.exit_code == 0
    assert sum(again.tables.values()) > 100
    assert again.again_sha256 == desk.made.results_sha256


def test_the_commands_show_and_refuse(desk, capsys, tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(["case", "show", str(desk.made.folder)])
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"customer {CUSTOMER} of {ENTITY}" in said
    assert "\u202e" not in said
    with pytest.raises(SystemExit) as ended:
        main(["case", "show", str(tmp_path)])
    assert ended.value.code == 2


def test_what_cannot_be_written_leaves_nothing(desk):
    cases = desk.project.root / "outputs" / "cases"
    for changes, word in (
        ({"entity": "XX99"}, "entity"),
        ({"run": "sealed"}, "run"),
        ({"close_file": "../x.yml"}, "close_file"),
    ):
        with pytest.raises(ParameterError, match=word):
            write_case(desk.case.with_changes(id="CASE-8", **changes), root=desk.project.root, statement=b"x")
    assert sorted(path.name for path in cases.iterdir()) == ["CASE-7"]


def test_the_other_customer_was_not_touched(desk):
    """The promise on the other customer is in no file of the case."""
    rows = pd.read_csv(desk.made.folder / "data" / "case_file" / "decisions.csv", dtype=str)

    assert OTHER not in set(rows["sentence"].str.extract(r"(\d{5})", expand=False).dropna())


def test_a_receipt_or_item_of_another_customer_is_refused_and_nothing_is_written(desk):
    tables = desk.project.tables
    own = set(narrowed_ids(desk, "receipts", "receipt_id"))
    receipts, items = tables["receipts"], tables["items"]
    theirs = next(
        code for code in receipts.loc[receipts["customer_id"].eq(OTHER), "receipt_id"] if code not in own
    )
    held = set(narrowed_ids(desk, "items", "item_id"))
    item = next(code for code in items.loc[items["customer_id"].eq(OTHER), "item_id"] if code not in held)
    case = desk.case.with_changes(id="CASE-8", receipt_id=theirs, items=[item])

    with pytest.raises(ParameterError) as refused:
        write_case(case, root=desk.project.root, statement=desk.statement)
    said = str(refused.value)
    assert f"not of customer {CUSTOMER}" in said
    assert theirs in said
    assert item in said
    assert not (desk.project.root / "outputs" / "cases" / "CASE-8").exists()


def narrowed_ids(desk, table, column):
    from arlib.sources.snapshot import read_book

    return read_book(desk.made.folder / "data" / "book")[table][column].dropna()


def test_show_quotes_the_hash_that_stands_in_the_head_of_the_page(desk):
    opened = open_case(desk.made.folder)
    said = "\n".join(opened.lines())
    page = desk.made.page.read_text(encoding="utf-8")

    assert opened.page_sha256 in said
    assert opened.page_sha256[:12] in page
    assert opened.results_sha256 not in said
    assert f"results of the run: {desk.made.results_sha256}" in desk.made.lines()


def test_a_statement_that_is_gone_is_told_when_a_case_is_opened_from_its_yaml(desk):
    path = desk.project.root / "mine.yml"
    path.write_text(desk.case.as_yaml(), encoding="utf-8")
    opened = open_case(path)
    assert opened.statement is None
    assert "their statement.csv is not here" in " ".join(opened.warnings)

    (desk.project.root / "their statement.csv").write_bytes(desk.statement)
    try:
        opened = open_case(path)
        assert (opened.statement, opened.warnings) == (desk.statement, ())
    finally:
        (desk.project.root / "their statement.csv").unlink()
