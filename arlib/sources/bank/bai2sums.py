"""What a BAI2 trailer says against what came before it. Floor 2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from arlib.errors import SourceError
from arlib.sources.bank.bai2records import Record
from arlib.sources.bank.fixedtext import remark
from arlib.sources.forms.form import Row

_TOTAL = re.compile(r"[+-]?[0-9]{1,24}", re.ASCII)


@dataclass
class Sum:
    """The amounts, physical records and parts of an account, a group or the file."""

    total: int = 0
    count: int = 0
    parts: int = 0


def check(name: str, record: Record, own: Sum, total: str, count: str, parts: str = "") -> Iterator[Row]:
    """Remarks where a trailer does not agree; what it leaves out is not checked.

    Raises SourceError where a figure is none.
    """
    for column, text in (("total", total), ("records", count), ("parts", parts)):
        if text and not _TOTAL.fullmatch(text):
            raise SourceError(
                f"not a number, {column} of record {record.code}",
                where=f"{name}, line {record.line}",
                found=text,
                wanted="digits",
            )
    if total and int(total) != own.total:
        wanted = f"{own.total}, the sum of its amounts"
        yield remark(record.line, "control_total_differs", column=record.code, found=total, wanted=wanted)
    what = "accounts" if record.code == "98" else "groups"
    for unit, text, number in (("records", count, own.count), (what, parts, own.parts)):
        if text and int(text) != number:
            wanted = f"{number} {unit} as read"
            yield remark(record.line, "count_differs", column=record.code, found=text, wanted=wanted)
