"""Which form claims a file, by its content and never by its name. Floor 2."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import BinaryIO

from arlib.errors import ArError, SourceError
from arlib.sources.forms.form import Form, Row, collect
from arlib.sources.raw import Records, file_faults

HEAD_BYTES = 64 << 10
GROUP = "arlib.forms"  # entry points: each names a Form

_MODULES = (
    "arlib.sources.bank.mt940",
    "arlib.sources.bank.camt",
    "arlib.sources.bank.bai2",
    "arlib.sources.bank.lockbox",
    "arlib.sources.bank.nacha",
    "arlib.sources.bank.ofx",
    "arlib.sources.edi.payment820",
    "arlib.sources.edi.lockbox823",
    "arlib.sources.edi.remadv",
    "arlib.sources.advice.mail",
    "arlib.sources.advice.pdf",
)


@lru_cache(maxsize=1)
def forms() -> tuple[Form, ...]:
    """All forms: the built-in ones, then those that installed packages register."""
    own = [form for name in _MODULES for form in _forms_of(import_module(name))]
    others = [
        guarded(point.load()) for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)
    ]
    return (*own, *others)


def guarded(form: Form) -> Form:
    """A form of somebody else's, whose own faults become a SourceError that names it."""

    def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
        try:
            yield from form.rows(stream, name)
        except ArError:
            raise
        except Exception as fault:
            raise SourceError(
                f"the reader {form.name!r} failed ({type(fault).__name__}: {fault})",
                where=name,
                fix="If the file is sound, tell whoever wrote that reader.",
            ) from fault

    return replace(form, rows=rows)


def _forms_of(module: ModuleType) -> tuple[Form, ...]:
    """A module's FORMS, or its one FORM."""
    return tuple(getattr(module, "FORMS", ())) or (module.FORM,)


def head_of(content: bytes) -> bytes:
    """What `claims` looks at: the first 64 KiB without byte-order mark and leading blanks; UTF-16 is taken as text."""
    start = content[:HEAD_BYTES]
    for mark, code in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if start.startswith(mark):
            start = start[2:].decode(code, errors="replace").encode()
    return start.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\x00")


def form_of(content: bytes, name: str, *, among: tuple[Form, ...] | None = None) -> Form | None:
    """The one form that claims this content, None when none does.

    Raises SourceError when two do: which one is meant is not ours to guess.
    """
    head = head_of(content)
    found = [form for form in (forms() if among is None else among) if form.claims(head)]
    if len(found) > 1:
        raise SourceError(
            "two readers claim this file", where=name, found=" and ".join(sorted(form.name for form in found))
        )
    return found[0] if found else None


def read_form(path: Path) -> tuple[Form, dict[str, Records]]:
    """The form of a file and all that it says. Raises SourceError where no form claims it or it cannot be used."""
    with file_faults(path):
        content = path.read_bytes()
    form = form_of(content, path.name)
    if form is None:
        raise SourceError("no reader knows this form of file", where=path.name)
    return form, collect(form.rows(io.BytesIO(content), path.name), path.name)
