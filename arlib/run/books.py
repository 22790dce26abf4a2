"""The books of one entity for a command: as a close file names them, read now, or as a run sealed them. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.errors import ParameterError

if TYPE_CHECKING:
    from arlib.policy import Policies, Scope
    from arlib.tables import Book


@dataclass(frozen=True, kw_only=True, eq=False)
class Books:
    """An entity's book with its scope and policies, what it was read from, and where copies of documents lie."""

    book: Book
    scope: Scope
    policies: Policies
    of: str = ""  # a run, or a close file
    inputs: tuple[Path, ...] = ()  # never to be replaced by a result
    extracts: tuple[Path, ...] = ()


def books_of_close(path: Path, *, entity: str) -> Books:
    """The books that a close file names, read now; an entity that it does not name raises ParameterError."""
    from arlib.run.params import load_close
    from arlib.run.project import find_root
    from arlib.sources import load_book

    plan = load_close(path, root=find_root(path))
    if entity not in plan.functional:
        raise ParameterError("--entity", found=entity, wanted=" or ".join(sorted(plan.functional)))
    book = load_book(
        plan.sources, root=plan.root, entities=tuple(plan.functional), functional=plan.functional
    )
    return Books(
        book=book.for_entity(entity),
        scope=plan.scope(entity),
        policies=plan.policies,
        of=plan.close_file,
        inputs=(path,),
        extracts=tuple(source.folder for source in plan.sources if source.folder is not None),
    )


def books_of_run(folder: Path, *, extracts: Sequence[Path] = ()) -> Books:
    """The book of a sealed run, which must be as it was sealed; copies lie in `extracts`, since a run keeps none."""
    from arlib.run.post_approved import sealed_books

    books = sealed_books(folder)
    return Books(
        book=books.book(),
        scope=books.scope,
        policies=books.policies,
        of=books.run_id,
        inputs=(folder,),
        extracts=tuple(extracts),
    )
