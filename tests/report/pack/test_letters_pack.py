"""The reply and the cover letter, provenance and data dictionary: what they must say, and that no text breaks them."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pandas as pd
import pypdf
import pytest
from lxml import html as parser

from arlib.errors import ParameterError, SourceError
from arlib.report.data import write_parquet
from arlib.report.model import ResultTable
from arlib.report.pack.dictionary import canonical_meanings, dictionary_page, result_meanings
from arlib.report.pack.letters import cover_letter, letter_pdf, reply_letter
from arlib.report.pack.model import Content, Draw, PackFacts, grouped, provenance_of, said
from arlib.report.pack.pages import report_pdf
from arlib.report.pack.parts import COLUMNS, Part, columns, html_of, text_of, wrapped
from arlib.report.pack.pdfa import pdf_a3
from arlib.report.pack.pdfa_check import pdfa_faults
from arlib.report.pack.provenance import provenance_json, provenance_page
from arlib.tables import CANONICAL, Kind

CREATED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
HASH, SCRIPT = "0123456789abcdef" * 4, "f" * 64
HOSTILE = (
    "<script>alert(1)</script>",
    "W" * 10_000,
    "株式会社" * 300,
    "a\u202eb\u0000c\nPack hash  deadbeef\r\n",
    "=1+1 \"quoted\" 'too' &amp; {{ 7*7 }} {% raw %}",
)


def source(table: str, currency: str, rows: int, amount: str | None, **more) -> dict:
    return {
        "table": table, "profile": "canonical", "file": f"{table}.csv", "part": "", "currency": currency,
        "rows_in": rows, "rows_out": rows, "rows_rejected": 0, "amount_in": amount, "amount_out": amount,
        "amount_rejected": None if amount is None else "0.00", "bytes": 10, "sha256": "a" * 64, "database": None,
        "query": None, "parameters": None, "read_at": None,
    } | more  # fmt: skip


def record(**more) -> dict:
    """A run's record, as `run.json` holds it."""
    control = {
        "account": "1200", "count": 2, "currency": "USD", "difference": "-17387.38", "entity": "US01",
        "explained": "-17387.38", "left": "561288.23", "left_label": "general ledger", "name": "control_account",
        "note": "", "oldest": None, "owner": "", "right": "578675.61", "right_label": "sub-ledger",
        "status": "explained", "title": "Trade receivables 1200: general ledger = sub-ledger", "unexplained": "0.00",
        "unexplained_count": 0,
    }  # fmt: skip
    lost = control | {"title": "Bank: not read", "status": "no_input", "left": None, "right": None,
                      "difference": None, "explained": None, "unexplained": None}  # fmt: skip
    identity = {"name": "x", "holds": True, "left": "1", "right": "1", "currency": "USD", "left_label": "a",
                "right_label": "b", "entity": "US01"}  # fmt: skip
    return {
        "schema": "arlib.run/1", "run_id": "20261123T1-abc", "created_at": "2026-11-23T09:30:00.000Z", "entity": "US01",
        "entity_name": "Harbor Tools Inc", "period": "2026-10", "as_of": "2026-10-31", "functional_currency": "USD",
        "inputs": [source("items", "USD", 3, "1200.50"), source("items", "JPY", 1, "5000"),
                   source("periods", "", 12, None)],
        "parameters": {"close_file": "params/sample.yml", "entities": [{}], "schema": "arlib.close/1"},
        "notebooks": {"sample": {"parameters": {"confidence": "0.95", "seed": ""}}},
        "controls": [control, lost], "identities": {"sample": [identity, identity]},
        "environment": {"arlib": "0.1.0", "implementation": "CPython", "python": "3.11.7", "system": "Linux",
                        "packages": {"pandas": "3.1.1"}, "lock_sha256": "1" * 64, "packages_sha256": "2" * 64},
        "results_sha256": "3" * 64, "inputs_sha256": "4" * 64, "parameters_sha256": "5" * 64,
        "library_sha256": "6" * 64, "decisions": {"head": {"hash": "7" * 64, "seq": 4}, "events": []},
    } | more  # fmt: skip


def facts(**more) -> PackFacts:
    given = {
        "request_id": "PBC-017", "kind": "subsequent_receipts", "question": "Which open invoices were paid afterwards?",
        "asked_by": "A. Auditor, Firm & Partners LLP", "asked_on": date(2026, 11, 20), "due_on": date(2026, 11, 27),
        "entity": "US01", "entity_name": "Harbor Tools Inc", "as_of": date(2026, 10, 31),
        "answer": ("212 of 293 items (USD 412,330.10) were paid.", "81 items (USD 163,969.30) are still open."),
        "open_points": ("3 rows of exceptions wait for a person's decision",),
        "limits": ("The books hold no delivery dates.",), "prepared_by": "dana.reyes", "dated": date(2026, 11, 23),
        "pack_name": "PBC-017-subsequent_receipts-US01-20261031", "run_id": "20261123T1-abc", "record_sha256": "8" * 64,
        "results_sha256": "3" * 64, "contents": (Content(path="report.pdf", words="the answer with its tables"),),
        "provenance": provenance_of(record()),
    }  # fmt: skip
    return PackFacts(**(given | more))


def pages(data: bytes) -> tuple[int, str]:
    reader = pypdf.PdfReader(io.BytesIO(data))
    return len(reader.pages), " ".join(" ".join(one.extract_text() for one in reader.pages).split())


def test_the_reply_says_what_was_asked_what_is_answered_and_how_to_check_it():
    letter = reply_letter(facts(), pack_hash=HASH, verify_sha256=SCRIPT)
    text = letter.text

    for words in (
        "To       A. Auditor, Firm & Partners LLP",
        "PBC-017, subsequent receipts, asked on 20 November 2026, due on 27",
        "As of 31 October 2026; population: all items.",
        "  1. 212 of 293 items (USD 412,330.10) were paid.",
        "  2. 81 items (USD 163,969.30) are still open.",
        "  - 3 rows of exceptions wait for a person's decision",
        f"  Pack hash  {HASH}",
        f"  verify.py  {SCRIPT}",
        "  sha256sum verify.py",
        f"  python3 verify.py --expect \\\n    {HASH}",
        "Prepared by  dana.reyes",
        "Reviewed by  nobody yet",
    ):
        assert words in text
    assert text.endswith("\n")
    assert max(map(columns, text.splitlines())) <= COLUMNS
    assert letter == reply_letter(facts(), pack_hash=HASH, verify_sha256=SCRIPT)


def test_the_reply_as_pdf_is_one_sheet_of_the_same_words():
    letter = reply_letter(facts(reviewed_by="sam.lee"), pack_hash=HASH, verify_sha256=SCRIPT)
    data = letter_pdf(letter, author="Harbor Tools Inc", created=CREATED)
    count, text = pages(data)

    assert count == 1
    assert pdfa_faults(data) == ()
    for words in (HASH, SCRIPT, "212 of 293 items (USD 412,330.10) were paid.", "sam.lee", "PBC-017"):
        assert words in text


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_a_letter(text):
    told = facts(
        request_id=text, question=text, asked_by=text, entity_name=text, population=text, answer=(text,) * 40,
        open_points=(text,) * 40, limits=(text,), prepared_by=text, reviewed_by=text, pack_name=text, redaction=text,
        contents=(Content(path=text, words=text),),
        provenance=provenance_of(record(entity_name=text, inputs=[source(text, "USD", 1, "1.00", file=text)])),
    )  # fmt: skip
    reply = reply_letter(told, pack_hash=HASH, verify_sha256=SCRIPT)
    cover = cover_letter(told)

    for letter in (reply, cover):
        assert max(map(columns, letter.text.splitlines())) <= COLUMNS
        assert letter.html.count("<script") == 0
        assert not set(letter.text) & {"\u202e", "\u0000", "\r"}
    assert sum(line.startswith("  Pack hash") for line in reply.text.splitlines()) == 1
    assert "more findings in report.pdf." in reply.text
    count, words = pages(letter_pdf(reply, author=text, created=CREATED))
    assert count == 1
    assert HASH in words


def test_many_findings_are_counted_not_lost():
    many = facts(answer=tuple(f"Finding {number} says something." for number in range(40)))
    text = reply_letter(many, pack_hash=HASH, verify_sha256=SCRIPT).text

    shown = sum(f"Finding {number} says" in text for number in range(40))
    assert f"And {40 - shown} more findings in report.pdf." in text
    assert 0 < shown < 40
    assert all(f"Finding {number} says" in cover_letter(many).text for number in range(40))


def test_a_finding_is_never_cut_inside_a_sentence():
    long = " ".join(f"Test {number} comes to USD -8,830.93 of 1,234.56 in all." for number in range(60))
    told = facts(
        answer=("First, USD 1.50.", long, "W" * 3_000, "The last one."), limits=("Only to 2026-11-06.",)
    )
    text = " ".join(reply_letter(told, pack_hash=HASH, verify_sha256=SCRIPT).text.split())

    assert "1. First, USD 1.50." in text
    second = text.split("2. Test 0 ")[1].split(" (more in report.pdf)")[0]
    assert second.endswith("USD -8,830.93 of 1,234.56 in all.")
    assert "3. Too long for this letter: see report.pdf." in text or "2 more findings in report.pdf" in text
    assert "…" not in text
    whole = " ".join(cover_letter(told).text.split())
    assert long in whole


def test_the_page_is_used_for_findings_and_limits():
    answer = tuple(
        f"Finding {number} has so many words. {'More is told of it here. ' * 8}" for number in range(6)
    )
    letter = reply_letter(
        facts(answer=answer, limits=tuple(f"Limit {n}." for n in range(30))),
        pack_hash=HASH,
        verify_sha256=SCRIPT,
    )
    text = " ".join(letter.text.split())

    assert "(more in report.pdf)" not in text
    assert "6. Finding 5" in text
    assert "What this answer does not say - Limit 0. - Limit 1." in text
    assert "more limits in report.pdf." in text
    assert pages(letter_pdf(letter, author="x", created=CREATED))[0] == 1


def test_without_a_question_the_letter_names_what_was_asked_for():
    told = facts(question="", answers="cash after the date, traced")
    for letter in (reply_letter(told, pack_hash=HASH, verify_sha256=SCRIPT), cover_letter(told)):
        assert "Asked for\n  Subsequent receipts: cash after the date, traced." in letter.text
        assert "Your question" not in letter.text


@pytest.mark.parametrize(
    ("draw", "words"),
    [
        (Draw(population_sha256="9" * 64, seed="4711", by="requester"), "4711 (named by the requester)"),
        (Draw(population_sha256="9" * 64, seed="ab", by="arlib"), "ab (drawn once by arlib, after the seal)"),
        (Draw(population_sha256="9" * 64), "waiting for it"),
    ],
)
def test_the_letters_name_the_sealed_population_and_its_seed(draw, words):
    told = facts(draw=draw)
    for letter in (reply_letter(told, pack_hash=HASH, verify_sha256=SCRIPT), cover_letter(told)):
        assert "9" * 64 in letter.text
        assert words in letter.text


def test_without_findings_the_letter_says_so():
    text = reply_letter(facts(answer=(), open_points=()), pack_hash=HASH, verify_sha256=SCRIPT).text

    assert "The report has no finding; its tables are in the pack." in text
    assert "Nothing waits for a decision." in text


def test_the_cover_letter_says_what_is_in_it_and_where_it_comes_from():
    letter = cover_letter(facts(redaction="names are replaced by pseudonyms"))
    text = " ".join(letter.text.split())

    for words in (
        "report.pdf the answer with its tables",
        "items: items.csv (canonical), 4 rows read, 4 taken up, 0 set aside; JPY 5,000, USD 1,200.50; SHA-256 aaaaaaaaaaaaaaaa",
        "And 1 more source with 12 rows: each is in provenance.html.",
        "Trade receivables 1200: general ledger = sub-ledger: differs, explained (USD 561,288.23 and 578,675.61, "
        "difference -17,387.38)",
        "Bank: not read: not run: input missing",
        "2 hand-over identities hold, none is broken.",
        "sample: confidence 0.95",
        "close_file params/sample.yml",
        "Python CPython 3.11.7",
        "Lock file " + "1" * 64,
        "The books hold no delivery dates.",
        "names are replaced by pseudonyms",
        "prepared by dana.reyes",
    ):
        assert words in text
    assert HASH not in text
    data = letter_pdf(letter, author="x", created=CREATED)
    assert pdfa_faults(data) == ()


def test_provenance_keeps_rows_and_totals_of_each_source():
    told = provenance_of(record())

    items, periods = told.sources
    assert (items.rows_in, items.rows_out, items.rows_rejected) == (4, 4, 0)
    assert [(one.currency, one.amount_in) for one in items.totals] == [("JPY", "5000"), ("USD", "1200.50")]
    assert (periods.rows_in, periods.totals) == (12, ())
    assert ("sample: confidence", "0.95") in told.parameters
    assert (told.identities_held, told.identities_broken) == (2, 0)
    with pytest.raises(ParameterError, match=r"arlib\.run/1"):
        provenance_of({"schema": "other/1"})


def test_the_provenance_page_and_its_json():
    query = source(
        "gl_lines",
        "USD",
        2,
        "10.00",
        database="ledger",
        query="select *\nfrom gl where x < 1",
        read_at="2026-11-23",
    )
    told = provenance_of(record(inputs=[*record()["inputs"], query]))
    page = provenance_page(told, facts={"Run": "20261123T1-abc", "Record": "8" * 64})
    root = parser.fromstring(page)

    rows = {row.xpath("string(td[1])"): row for row in root.xpath("//table[1]//tbody/tr")}
    assert [cell.text_content() for cell in rows["items"].xpath("td")][3:6] == ["4", "4", "0"]
    words = root.text_content()
    for part in ("1,200.50", "select * from gl where x < 1", "ledger", "a" * 64, "Hand-over identities"):
        assert part in words
    assert "<script" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert "No source is a database" in provenance_page(provenance_of(record()), facts={})
    again = json.loads(provenance_json(told))
    assert again["schema"] == "arlib.provenance/1"
    assert again["sources"][0]["query"] == "select *\nfrom gl where x < 1"
    assert provenance_json(told) == provenance_json(
        provenance_of(record(inputs=[query, *record()["inputs"]]))
    )
    made = pdf_a3(report_pdf(page), title="Provenance", author="x", created=CREATED)
    assert pdfa_faults(made) == ()


def test_the_dictionary_has_every_table_and_column(tmp_path):
    frame = pd.DataFrame({
        "document_no": pd.Series(["INV-1"], dtype="str"), "currency": pd.Series(["USD"], dtype="str"),
        "amount": pd.Series([100], dtype="Int64"),
    })  # fmt: skip
    table = ResultTable(
        name="paid", title="Paid <afterwards>", frame=frame, key=("document_no",),
        kinds={"document_no": Kind.TEXT, "currency": Kind.TEXT, "amount": Kind.MONEY}, currency={"amount": "currency"},
        headings={"amount": "Paid amount"},
    )  # fmt: skip
    write_parquet(table, tmp_path)
    results = result_meanings(tmp_path)
    books = canonical_meanings()
    root = parser.fromstring(dictionary_page((*books, *results), facts={"Run": "x"}))

    captions = [one.text_content() for one in root.xpath("//caption")]
    assert captions[1] == "paid: Paid <afterwards>"
    assert len(captions) == len(CANONICAL) + 2
    first = root.xpath("//table[2]//tbody/tr")
    assert [cell.text_content() for cell in first[2].xpath("td")] == [
        "amount",
        "money",
        "currency",
        "",
        "Paid amount",
    ]
    assert [cell.text_content() for cell in first[0].xpath("td")][3] == "yes"
    rows = root.xpath("//table[position() > 2]//tbody/tr")
    assert len(rows) == sum(len(one.columns) for one in CANONICAL.values())
    assert [one.name for one in canonical_meanings(["receipts", "items", "unknown"])] == ["items", "receipts"]


def test_a_file_that_is_no_result_is_named(tmp_path):
    (tmp_path / "odd.parquet").write_bytes(b"PAR1 no")

    with pytest.raises(SourceError, match=r"odd\.parquet"):
        result_meanings(tmp_path)


def test_text_wraps_by_the_columns_that_letters_take():
    assert wrapped("one two three", "  ", 9) == ["  one two", "  three"]
    assert wrapped("株式会社", "", 4) == ["株式", "会社"]
    assert wrapped("abcdefgh", "", 3) == ["abc", "def", "gh"]
    assert wrapped("", "  ") == []
    assert columns("e\u0301株") == 3
    assert text_of([Part(heading="H", points=("a", "b"), is_numbered=True)]) == "H\n  1. a\n  2. b\n"
    assert html_of([Part(lines=("<b>",))]) == "<section><p>&lt;b&gt;</p></section>"


def test_amounts_and_texts_as_they_are_printed():
    told = [grouped(one) for one in ("1234567.50", "-1234.5", "0", "999", "", "n/a", "-0.005")]

    assert told == ["1,234,567.50", "-1,234.5", "0", "999", "", "n/a", "-0.005"]
    assert said("a\n b\u202e\u0000  c") == "a b c"
    assert said("x" * 10, 4) == "xxx…"
    assert replace(facts(), reviewed_by="x").reviewed_by == "x"
