"""Pages as PDF/A-3: attachments, metadata, pictures, determinism, and what is refused."""

from __future__ import annotations

import base64
import builtins
import io
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pypdf
import pytest
from PIL import Image

from arlib.errors import ParameterError
from arlib.report.documents.pdf import NotInstalledError
from arlib.report.pack.pdfa import Attachment, pdf_a3
from arlib.report.pack.pdfa_check import pdfa_faults
from arlib.report.pack.pdfa_file import PdfFile, at

CREATED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FILES = (
    Attachment(name="run.json", data=b"{}", media_type="application/json", description="the record"),
    Attachment(
        name="book.parquet", data=b"{}", media_type="application/vnd.apache.parquet", relationship="Source"
    ),
    Attachment(
        name="rows.csv", data=b"a\n", media_type="text/csv", relationship="Supplement", description="rows"
    ),
)


def made(body: str, **more) -> bytes:
    options = {"title": "Aging", "author": "Harbor Tools Inc", "created": CREATED} | more
    return pdf_a3(f"<html><head></head><body>{body}</body></html>", **options)


def read(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def text(data: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in read(data).pages).split())


def test_attached_files_come_back_with_what_they_are():
    data = made("<p>x</p>", attachments=FILES)

    assert pdfa_faults(data) == ()
    reader = read(data)
    assert dict(reader.attachments.items()) == {one.name: [one.data] for one in FILES}
    told = {}
    for one in reader.trailer["/Root"]["/AF"]:
        spec = one.get_object()
        stream = spec["/EF"]["/F"].get_object()
        told[spec["/UF"]] = (
            spec["/AFRelationship"], stream["/Subtype"], spec["/Desc"], stream["/Params"]["/ModDate"],
        )  # fmt: skip
    assert told == {
        "book.parquet": ("/Source", "/application/vnd.apache.parquet", "book.parquet", "D:20261123093000Z"),
        "rows.csv": ("/Supplement", "/text/csv", "rows", "D:20261123093000Z"),
        "run.json": ("/Data", "/application/json", "the record", "D:20261123093000Z"),
    }  # equal bytes of two files keep each its own relationship


def test_metadata_name_the_document():
    data = made("<p>x</p>", title="Aging «US01» 株\u202e\n", author="A & B <i>")
    reader = read(data)

    assert pdfa_faults(data) == ()
    assert (reader.metadata.title, reader.metadata.author) == ("Aging «US01» 株", "A & B <i>")
    assert reader.metadata.creation_date == CREATED
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"].value is True


def test_equal_input_gives_equal_bytes_in_another_process_and_zone():
    here = made("<p>x</p>", attachments=FILES)
    code = (
        "import sys, pickle; from arlib.report.pack.pdfa import pdf_a3; h, o = pickle.load(sys.stdin.buffer);"
        "sys.stdout.buffer.write(pdf_a3(h, **o))"
    )
    import pickle

    options = {
        "title": "Aging", "author": "Harbor Tools Inc", "attachments": FILES[::-1],
        "created": CREATED.astimezone(timezone(timedelta(hours=-7))),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(("<html><head></head><body><p>x</p></body></html>", options)),
        capture_output=True,
        check=True,
        env={"TZ": "Asia/Tokyo", "PATH": "", "HASH": "0", "PYTHONHASHSEED": "7"},
    )

    assert done.stdout == here
    others = [
        made("<p>x</p>"),
        made("<p>y</p>", attachments=FILES),
        made("<p>x</p>", attachments=FILES, title="Other"),
        made("<p>x</p>", attachments=FILES, created=CREATED + timedelta(seconds=1)),
    ]
    identifiers = [read(one).trailer["/ID"][0] for one in (here, *others)]
    assert len(set(identifiers)) == len(identifiers)


def test_pictures_of_the_page_are_drawn_with_their_alt_text_and_nothing_is_fetched(monkeypatch):
    def refuse(*_args, **_more):
        raise AssertionError("the network")

    monkeypatch.setattr("socket.socket.connect", refuse)
    picture = io.BytesIO()
    Image.new("RGB", (4, 3), (200, 10, 10)).save(picture, "PNG")
    coded = base64.b64encode(picture.getvalue()).decode("ascii")
    data = made(
        f'<img alt="Bars by age" src="data:image/png;base64,{coded}"><img alt="gone" src="http://192.0.2.1/x.png">'
        '<img src="file:///etc/hostname"><link rel="attachment" href="file:///etc/hostname">'
        '<img src="attached:0"><img src="data:image/svg+xml,<svg/>"><p>whole</p>',
    )

    assert pdfa_faults(data) == ()
    reader = read(data)
    assert len(reader.pages[0].images) == 1
    assert "/AF" not in reader.trailer["/Root"]
    assert "whole" in text(data)
    alts = [str(at(one, "/Alt")) for _, one in PdfFile(data).dictionaries()]
    assert "Bars by age" in alts


def test_a_letter_that_no_font_has_is_spelt():
    lost = "\U000f0000"  # of nobody: no font has it
    data = made(f"<p>name {lost}x &#xF0000; &#983040; é</p>", attachments=FILES[:1])

    assert text(data) == "name [U+F0000]x [U+F0000] [U+F0000] é"
    assert pdfa_faults(data) == ()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"created": datetime(2026, 1, 1)}, "zone"),  # noqa: DTZ001
        ({"attachments": (FILES[0], FILES[0])}, "two files named run.json"),
        ({"attachments": (Attachment(name="../x", data=b"", media_type="text/csv"),)}, "letters, digits"),
        ({"attachments": (Attachment(name="x\n", data=b"", media_type="text/csv"),)}, "letters, digits"),
        ({"attachments": (Attachment(name="x", data=b"", media_type="csv"),)}, "media type"),
        (
            {"attachments": (Attachment(name="x", data=b"", media_type="text/csv", relationship="Own"),)},
            "one of Data, Source",
        ),
    ],
)
def test_what_cannot_be_written_is_refused(more, said):
    with pytest.raises(ParameterError, match=said):
        made("<p>x</p>", **more)


def test_a_missing_library_is_said(monkeypatch):
    whole = builtins.__import__

    def refusing(name, *rest, **more):
        if name == "weasyprint":
            raise OSError("no pango")
        return whole(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", refusing)
    with pytest.raises(NotInstalledError, match="pango"):
        made("<p>x</p>")
