"""A user's own form: registered by entry point, it is identified, shown, read and closed like the built-in ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from arlib.cli import root
from arlib.errors import SourceError
from arlib.sources import SourceSpec, identify, load_book
from arlib.sources.forms import Form, form_of, forms

from .conftest import BOOK, TELLER, Point, write

pytestmark = pytest.mark.usefixtures("teller")
ACCOUNTS = {"accounts": {"DE01": "US01/MAIN"}}


def book(folder: Path, **options: object) -> object:
    return load_book([SourceSpec(folder=folder, profile="bank", options=options or ACCOUNTS)], root=folder)


def test_a_new_form_is_told_by_its_content_and_shown_to_a_person(tmp_path):
    path = write(tmp_path, anything=BOOK) / "anything.txt"
    assert identify(path) == ["bank"]
    result = CliRunner().invoke(root, ["sources", "show", str(path)])
    assert result.exit_code == 0
    assert "Teller book (profile bank)" in result.output
    assert "opening 100.00 + 2 entries 20.00 = closing 120.00: ties" in result.output


def test_a_new_form_gives_bank_lines_and_statements(tmp_path):
    made = book(write(tmp_path, a=BOOK))
    assert made["bank_statements"][
        ["entity", "bank_account", "opening", "closing", "entries"]
    ].values.tolist() == [["US01", "MAIN", 10000, 12000, 2]]
    assert made["bank_lines"]["amount"].sum() == 2000
    assert not len(made.problems)


def test_a_cut_file_is_refused_whole(tmp_path):
    with pytest.raises(SourceError, match="cut"):
        book(write(tmp_path, a=BOOK.rsplit("Z;", 1)[0]))


def test_a_statement_that_does_not_add_up_is_read_and_said(tmp_path):
    made = book(write(tmp_path, a=BOOK.replace(";120.00;", ";121.00;")))
    assert made.problems["code"].tolist() == ["statement_does_not_add_up"]
    assert made.problems["found"].tolist() == ["121.00"]


def test_two_readers_that_claim_one_file_are_an_error():
    twin = Form(name="twin", title="", family="bank", claims=TELLER.claims, rows=TELLER.rows)
    with pytest.raises(SourceError, match="two readers claim"):
        form_of(BOOK.encode(), "x", among=(TELLER, twin))


def test_a_table_is_claimed_by_no_form():
    for text in (b"a,b\n1,2\n", b'{"a": 1}', b"", b"\x00" * 100, b"\xff\xfe"):
        assert form_of(text, "x") is None


def test_show_and_identify_end_with_2_when_a_file_is_refused_and_go_on(tmp_path):
    write(tmp_path, bad="TELLER\nA;DE01;EUR;statement;2026-10-01;100.00\n", none="hello", good=BOOK)
    files = [str(tmp_path / f"{name}.txt") for name in ("bad", "none", "good")]
    result = CliRunner().invoke(root, ["sources", "show", *files])
    assert result.exit_code == 2
    assert result.output.count("refused:") == 2
    assert "closing 120.00: ties" in result.output
    assert CliRunner().invoke(root, ["sources", "identify", files[1]]).exit_code == 2


def test_the_reader_in_the_docs_works_as_it_is_printed(tmp_path, monkeypatch):
    page = Path(__file__).parents[3] / "docs" / "sources.md"
    (code,) = [
        part.split("```")[0] for part in page.read_text().split("```python\n")[1:] if "def rows" in part
    ]
    made: dict[str, object] = {}
    exec(code, made)
    monkeypatch.setattr(Point, "load", lambda self: made["FORM"])
    forms.cache_clear()
    folder = write(
        tmp_path, a="TELLER\nA;DE01;EUR;100.00\nL;2026-10-02;25.00;ROSE LTD\nZ;125.00;2026-10-31\n"
    )
    read = book(folder)
    assert read["bank_lines"]["amount"].tolist() == [2500]
    assert read["bank_statements"]["closing"].tolist() == [12500]
    with pytest.raises(SourceError, match="the file is cut"):
        book(write(tmp_path / "x", a="TELLER\nA;DE01;EUR;100.00\nL;2026-10-02;25.00;ROSE LTD\n"))
