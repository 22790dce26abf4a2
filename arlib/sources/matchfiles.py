"""The files of a matching run: which role of a profile each of them has, and the book that they hold. Floor 2.

A profile says nothing of this itself. What it makes of a file does: the file that gives receipts (or, where nothing is
posted yet, bank lines) is RECEIPTS, the one that gives applications the history, the one that gives remittances the advices,
all others are ITEMS. So any profile can be matched with, also one of the user's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.errors import ParameterError, SourceError
from arlib.sources.catalogue import load_profile
from arlib.sources.forms.told import form_at
from arlib.sources.load import load_book
from arlib.sources.raw import file_faults
from arlib.sources.spec import SourceSpec

if TYPE_CHECKING:
    from arlib.sources.profile import Part, Profile
    from arlib.tables import Book

BESIDE = (
    "entities",
    "customers",
    "fx_rates",
)  # small canonical tables that help, read from the folder of single files


@dataclass(frozen=True, kw_only=True)
class MatchFiles:
    """What a person names. `items` may be a folder; without `receipts` it then holds the whole ledger."""

    items: Path
    receipts: Path | None = None
    remittances: Path | None = None
    history: Path | None = None  # applications: what was set against what before

    def named(self) -> dict[str, Path]:
        """The files and folders given, by option."""
        return {name: path for name, path in vars(self).items() if path is not None}


@dataclass(frozen=True)
class Roles:
    """File roles of a profile by what a matching run takes them for."""

    items: tuple[str, ...]
    receipts: tuple[str, ...]
    remittances: tuple[str, ...]
    history: tuple[str, ...]


def roles_of(profile: Profile) -> Roles:
    """The roles of each kind, in the profile's order. A role that gives items and applications is one of items."""
    receipts = _giving(profile, "receipts") or _giving(profile, "bank_lines")
    remittances = tuple(role for role in _giving(profile, "remittances") if role not in receipts)
    debts = {part.source.split(".")[0] for part in profile.tables if part.into == "items"}
    history = tuple(role for role in _giving(profile, "applications") if role not in {*receipts, *debts})
    items = tuple(role for role in profile.files if role not in {*receipts, *remittances, *history})
    return Roles(items, receipts, remittances, history)


def read_match_files(
    files: MatchFiles, *, profile: str, options: Mapping[str, object], root: Path
) -> tuple[Book, tuple[Path, ...]]:
    """The book that the files hold, and the files beside them that were read too.

    Names of single files do not matter, the option says what each is. In a folder they are found by the profile's names;
    its applications are read only where the folder is all there is, or as `history`. Where no applications are read,
    the items that stand for receipts in the ledger are not needed and not made, so that ids of the two cannot meet.
    Receipts and remittances may be bank files and advices too, or a folder of them, told by their content; these are of
    the option `entity`, else of the one entity that the items are of.
    Raises ParameterError for an unknown profile or a file that it has no role for, SourceError and TableError as
    `load_book`.
    """
    ledger_options = {
        name: value for name, value in options.items() if name != "entity" or profile != "canonical"
    }
    known = load_profile(profile, root=root, options=ledger_options)
    roles = roles_of(known)
    straight = {
        name: path for name in ("receipts", "remittances") if (path := _by_form(getattr(files, name)))
    }
    tables: dict[str, tuple[str, ...]] = {}
    extra: tuple[Path, ...] = ()
    with file_faults(files.items):
        is_folder = files.items.is_dir()
    if is_folder:
        tables |= _in_folder(files, known, roles)
    elif files.receipts is None:
        raise ParameterError("--receipts", wanted="a file, since --items is no folder that could hold them")
    else:
        extra = _beside(files) if profile == "canonical" else ()
        tables[_single(known, roles.items, files.items)] = (_absolute(files.items),)
        tables |= {path.name.split(".")[0]: (_absolute(path),) for path in extra}
    for option in ("receipts", "remittances", "history"):
        path = getattr(files, option)
        if path is not None and option not in straight:
            tables[_role(known, option, getattr(roles, option))] = (_absolute(path),)
    spec = SourceSpec(
        folder=files.items.resolve() if is_folder else Path(),
        profile=profile,
        tables=tables,
        options=dict(ledger_options),
    )
    has_history = any(role in tables for role in roles.history) or not roles.history
    book = load_book(
        [spec], root=root, prepare=None if has_history else lambda found: _without_cash(found, roles)
    )
    if straight:
        entity, currency = (str(options.get(name, "")) for name in ("entity", "functional_currency"))
        book = _with_documents(book, straight, entity=entity, currency=currency, root=root)
    return book, extra


def _by_form(path: Path | None) -> Path | None:
    """The path where it is a bank file or an advice, or a folder of such; None where it is a table."""
    if path is None:
        return None
    with file_faults(path):
        found = [one for one in sorted(path.iterdir()) if one.is_file()] if path.is_dir() else [path]
    return path if found and all(form_at(one) is not None for one in found) else None


def _with_documents(
    book: Book, straight: Mapping[str, Path], *, entity: str, currency: str, root: Path
) -> Book:
    """The book with what banks and payers say themselves: bank lines in place of receipts, and advices.

    What names no currency is in that of the books, else in the only one of the items.
    """
    import pandas as pd

    codes = sorted(str(code) for code in book["items"]["entity"].dropna().unique())
    if not entity and len(codes) != 1:
        raise ParameterError(
            "the items are of several entities",
            found=", ".join(codes),
            wanted="--entity, whose bank files these are",
        )
    options = {"entity": entity or codes[0]}
    specs = []
    for path in straight.values():
        inside = [one for one in sorted(path.iterdir()) if one.is_file()] if path.is_dir() else [path]
        by_family: dict[str, list[str]] = {}
        for one in inside:
            form = form_at(one)
            by_family.setdefault(form.family if form else "bank", []).append(_absolute(one))
        specs += [
            SourceSpec(folder=Path(), profile=family, tables={"documents": tuple(names)}, options=options)
            for family, names in by_family.items()
        ]
    currencies = book["items"]["currency"].dropna().unique()
    books = currency or (str(currencies[0]) if len(currencies) == 1 else "")
    told = load_book(specs, root=root, functional={options["entity"]: books} if books else None)
    tables = {
        name: frame for name, frame in book.tables.items() if "receipts" not in straight or name != "receipts"
    }
    for name, frame in told.tables.items():
        held = [tables[name]] if name in tables and len(tables[name]) else []
        tables[name] = pd.concat([*held, frame], ignore_index=True) if held else frame
    problems = pd.concat([book.problems, told.problems], ignore_index=True)
    inputs = pd.concat([book.inputs, told.inputs], ignore_index=True)
    return replace(book, tables=tables, problems=problems, inputs=inputs)


def _giving(profile: Profile, table: str) -> tuple[str, ...]:
    found = [part.source.split(".")[0] for part in profile.tables if part.into == table]
    return tuple(dict.fromkeys(found))


def _absolute(path: Path) -> str:
    return str(path.resolve())


def _role(profile: Profile, option: str, roles: tuple[str, ...]) -> str:
    """The one role that an option's file has."""
    if not roles:
        raise ParameterError(f"profile {profile.profile} knows no file for", found=f"--{option}")
    return roles[0]


def _single(profile: Profile, roles: tuple[str, ...], path: Path) -> str:
    """The role of a single items file: the one that is required, else the one called items."""
    required = [role for role in roles if profile.files[role].is_required]
    if len(required) > 1:
        raise SourceError(
            f"profile {profile.profile} keeps items in several files",
            where=str(path),
            wanted=f"a folder with {', '.join(required)}",
        )
    chosen = required or [role for role in roles if role == "items"] or list(roles[:1])
    return _role(profile, "items", tuple(chosen))


def _in_folder(files: MatchFiles, profile: Profile, roles: Roles) -> dict[str, tuple[str, ...]]:
    """Every file of the folder that the run may read, by role; what has an option of its own is left to that."""
    left_out = {role for name in files.named() for role in getattr(roles, name) if name != "items"}
    if files.receipts is not None:
        left_out |= {*roles.history}
    found: dict[str, tuple[str, ...]] = {}
    for role, mapping in profile.files.items():
        if role in left_out:
            continue
        with file_faults(files.items):
            there = [p for name in mapping.names for p in sorted(files.items.glob(name)) if p.is_file()]
        if len(there) > 1:
            raise SourceError(
                "several files could be meant", where=role, found=", ".join(p.name for p in there),
                fix="Leave one of them in the folder.",
            )  # fmt: skip
        if mapping.is_required and not there:
            raise SourceError("a file is missing", where=str(files.items), wanted=" or ".join(mapping.names))
        if there:
            found[role] = (there[0].name,)
    if not {*found} & {*roles.items}:
        names = [name for role in roles.items for name in profile.files[role].names[:1]]
        raise SourceError(
            f"holds no file that profile {profile.profile} knows",
            where=str(files.items),
            wanted=" or ".join(names),
        )
    if files.receipts is None and not {*found} & {*roles.receipts}:
        raise SourceError(
            "holds no receipts", where=str(files.items), wanted="--receipts, or a file of them in the folder"
        )
    return found


def _beside(files: MatchFiles) -> tuple[Path, ...]:
    """Canonical tables that stand in the folder of the items and are not named."""
    given = {path.resolve() for path in files.named().values()}
    beside = (files.items.parent / f"{name}.csv" for name in BESIDE)
    return tuple(path for path in beside if path.is_file() and path.resolve() not in given)


def _without_cash(profile: Profile, roles: Roles) -> Profile:
    """The profile without the items that stand for its receipts."""
    doubled = {part.source for part in profile.tables if _is_cash(part, roles)}

    def without(part: Part) -> Part:
        if part.into != "receipts" or part.source not in doubled:
            return part
        kept = {name: value for name, value in part.columns.items() if name != "item_id"}
        return part.model_copy(update={"columns": kept})

    parts = tuple(without(part) for part in profile.tables if not _is_cash(part, roles))
    return profile.model_copy(update={"tables": parts})


def _is_cash(part: Part, roles: Roles) -> bool:
    return part.into == "items" and part.source.split(".")[0] in roles.receipts
