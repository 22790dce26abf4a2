"""Paths that no file system takes are a fault of one copy; the time of the batch is never swallowed as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from arlib.report.statement_documents import copies
from arlib.report.statement_documents.copies import CopyError, CopyLink, read_copy


def read(folder: Path, path: str):
    return read_copy(CopyLink(document_no="SI-1", path=path), (folder,), max_pages=5, max_megabytes=1)


def test_a_path_too_long_for_any_system_is_told_short(tmp_path):
    with pytest.raises(CopyError) as fault:
        read(tmp_path, "a" * 5000 + ".pdf")

    assert len(str(fault.value)) < 300


def test_the_end_of_the_batch_s_time_passes_through(tmp_path, monkeypatch):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")

    def late(*_: object) -> bytes:
        raise TimeoutError("not done after 1 seconds")

    monkeypatch.setattr(copies, "joined", late)
    with pytest.raises((TimeoutError, CopyError)) as fault:
        read(tmp_path, "a.pdf")
    assert isinstance(fault.value, CopyError)  # broken before it is joined

    from pypdf import PdfWriter

    made = PdfWriter()
    made.add_blank_page(100, 100)
    made.write(tmp_path / "b.pdf")
    with pytest.raises(TimeoutError):
        read(tmp_path, "b.pdf")
