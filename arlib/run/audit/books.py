"""The book that an answer is drawn from: read now, or as a run sealed it; with pseudonyms where the request says so. Floor 4."""

from __future__ import annotations

import csv
import io
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, RunError
from arlib.run.audit.request import Request
from arlib.run.audit.running import inputs_of
from arlib.run.history import carried_forward, standing, with_carried
from arlib.run.storeindex import StoreIndex

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables import Book

SEALED = "sealed"
KEY_VARIABLE = "ARLIB_PSEUDONYM_KEY"  # names the file of the key; never the key itself


@dataclass(frozen=True, kw_only=True, eq=False)
class Source:
    """A book with what it was read from, what people had decided, and the key file of its pseudonyms ('' for none)."""

    book: Book
    inputs: tuple[Mapping[str, object], ...]
    decisions: Mapping[str, Any]
    of: str
    key_file: bytes = b""
    key_place: Path | None = None  # of the key; the key file is laid beside it


def source_of(request: Request, index: StoreIndex) -> Source:
    """The book that the request names. Raises ParameterError for a run that is not there, SourceError for one that is
    not as it was sealed, and what reading extracts raises.
    """
    found = _sealed(request) if request.run else _read(request, index)
    return found if request.redact == "no" else _redacted(request, found)


def _read(request: Request, index: StoreIndex) -> Source:
    from arlib.sources import load_book

    plan, code = request.plan, request.entity
    whole = load_book(
        plan.sources, root=plan.root, entities=tuple(plan.functional), functional=plan.functional
    )
    carried = carried_forward(plan.outputs, entity=code, previous=plan.previous_period())
    book = index.with_decided(with_carried(whole.for_entity(code), carried), code)
    return Source(
        book=book,
        inputs=inputs_of(whole),
        decisions=index.decisions(code),
        of=f"extracts named by {plan.close_file}",
    )


def _sealed(request: Request) -> Source:
    from arlib.run.post_approved import sealed_books

    plan = request.plan
    home = plan.outputs / plan.period / request.entity
    folder: Path | None = home / request.run
    if request.run == SEALED:
        stands = standing(plan.outputs, entity=request.entity, period=plan.period)
        folder = stands.folder if stands else None
    if folder is None or not folder.is_dir() or folder.parent != home:
        raise ParameterError(
            "run",
            where=request.name,
            found=request.run,
            wanted=f"a sealed run of {request.entity} {plan.period}",
            fix=f"Close {plan.period} first, or leave `run` out to read the extracts now.",
        )
    books = sealed_books(folder)
    return Source(
        book=books.book(),
        inputs=tuple(books.told["inputs"]),
        decisions=books.told["decisions"],
        of=f"sealed run {books.run_id}",
    )


def _redacted(request: Request, found: Source) -> Source:
    """The book with pseudonyms, by the key of the file that the environment names; it is made there when it is absent."""
    from arlib.audit.pseudonym import pseudonymised, survivors

    place = os.environ.get(KEY_VARIABLE, "")
    if not place:
        raise ParameterError(
            f"redact needs a key, and {KEY_VARIABLE} is not set",
            where=request.name,
            wanted="the path of a key file outside the project's outputs",
            fix=f"export {KEY_VARIABLE}=$HOME/arlib-pseudonym.key; it is made when it is not there. Keep it: the same "
            "key gives the same pseudonyms.",
        )
    path = Path(place).expanduser().resolve()
    if path.is_relative_to(request.plan.outputs):
        raise ParameterError(KEY_VARIABLE, found=path.name, wanted="a path outside the output folder")
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32) + "\n")
    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) < 16:
        raise ParameterError(
            f"the file of {KEY_VARIABLE} holds no key", wanted="32 or more hexadecimal digits"
        )
    book, names = pseudonymised(
        found.book,
        key=key,
        with_customer_ids=request.redact == "names_and_ids",
        kept=frozenset(_words(asdict(request.plan.policies))),
    )
    _refuse_names(request, names)
    if len(left := survivors(book, names)):
        raise RunError(
            f"{len(left)} texts of the book still hold a name after redaction",
            reason="redaction",
            where=f"{left.iloc[0]['table']}.{left.iloc[0]['column']}",
        )
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([str(name) for name in names.columns])
    writer.writerows(names.astype("str").itertuples(index=False, name=None))
    return Source(
        book=book,
        inputs=inputs_of(book),
        decisions={**found.decisions, "events": []},  # they name people and customers
        of=found.of,
        key_file=out.getvalue().encode("utf-8"),
        key_place=path,
    )


def _words(value: Any) -> Iterator[str]:
    """Every text of the policies: such words in the books are codes, not free text."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _words(key)
            yield from _words(inner)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for inner in value:
            yield from _words(inner)


def _refuse_names(request: Request, key_file: pd.DataFrame) -> None:
    """What goes into the pack as it was written may hold nothing of a customer either; every place that does is told.

    Of the close file only names count: its telephones and accounts are the entity's own.
    """
    from arlib.audit.pseudonym import needles

    close_file = request.plan.root / request.plan.close_file
    written = {request.name: request.text, request.plan.close_file: close_file.read_bytes(), **request.files}
    found = []
    for place, content in written.items():
        lines = content.decode("utf-8", errors="replace").casefold().splitlines()
        kinds = ["name"] if place == request.plan.close_file else sorted(key_file["kind"].unique())
        for kind in kinds:
            texts = [text.casefold() for text in needles(key_file[key_file["kind"].eq(kind)])]
            at = next(
                (number for number, line in enumerate(lines, 1) if any(text in line for text in texts)), 0
            )
            found += [f"{place}, line {at}: a {kind.replace('_', ' ')} of a customer"] if at else []
    if found:
        raise ParameterError(
            "a redacted pack holds the request and the close file as they are written, and they name somebody: "
            + "; ".join(found),
            fix="Take it out, or use customer ids instead.",
        )
