"""Load sources into a book: find the files, read them by their profile, check, total. Floor 2."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from arlib.errors import ParameterError, Problem, Severity, SourceError, TableError, nearest
from arlib.sources.checks import checked
from arlib.sources.convert import to_day
from arlib.sources.documents import settled
from arlib.sources.express import Source, evaluate
from arlib.sources.files import SourceFiles, merged, read_all
from arlib.sources.intake import inputs_frame, intake_identities
from arlib.sources.part import BOOKS_CURRENCY, Context, PartRows, concat, money_columns, read_part
from arlib.sources.profile import Expression, Profile
from arlib.sources.raw import RawFile, Records, remark
from arlib.sources.spec import OnRejected, SourceSpec
from arlib.sources.steps import BEFORE, STEPS
from arlib.tables import CANONICAL, PROBLEMS, Book, Document
from arlib.tables.check import FORMULA_ID

if TYPE_CHECKING:
    import pandas as pd

StepT = TypeVar("StepT")
KNOCK_ON = ("unknown_item", "parts_do_not_sum_to_the_item")  # what a rejected row may bring about elsewhere


@dataclass(frozen=True)
class SourceRows:
    """What one source gave."""

    given: SourceFiles
    profile: Profile  # with its snapshot date
    parts: tuple[PartRows, ...]
    derived: dict[str, pd.DataFrame] = field(default_factory=dict)  # rows that a step worked out
    problems: tuple[Problem, ...] = ()


def load_book(
    specs: Sequence[SourceSpec],
    *,
    root: Path,
    entities: Sequence[str] | None = None,
    functional: Mapping[str, str] | None = None,
    on_rejected: OnRejected | str = OnRejected.REFUSE,
    prepare: Callable[[Profile], Profile] | None = None,
) -> Book:
    """The book that the sources hold together, with problems and inputs filled.

    `entities` are those that the parameters declare: a row of any other is rejected; None takes all.
    `functional` gives the currency of each entity's books (else the source's entities table, else the
    profile's default). A relative folder is taken from `root`. With on_rejected='refuse' one rejected row
    raises TableError that carries every problem; with 'set_aside' the rows stand in the problems table; a
    source's own option on_rejected goes before. An id that begins like a formula refuses the load either way.
    `prepare` gives the profile that is used in place of each source's, for a caller that needs fewer of its parts.
    The intake identities (rows and money in = out + set aside) are required here already.
    """
    mode = _mode(on_rejected)
    given = read_all(specs, root=root)
    if prepare is not None:
        given = [replace(source, profile=prepare(source.profile)) for source in given]
    known: dict[str, str] = {}
    for source in given:
        known |= _functional_of(source)
    context = Context(
        functional=known | dict(functional or {}), entities=None if entities is None else frozenset(entities)
    )
    lenient = {
        file.name
        for spec, source in zip(specs, given, strict=True)
        if _mode(spec.options.get("on_rejected", mode)) is OnRejected.SET_ASIDE
        for _, file in source.files
    }
    return _book([_source_rows(source, context=context) for source in given], lenient)


def _mode(on_rejected: object) -> OnRejected:
    try:
        return OnRejected(str(on_rejected))
    except ValueError as fault:
        raise ParameterError("on_rejected", found=on_rejected, wanted="'refuse' or 'set_aside'") from fault


def _functional_of(source: SourceFiles) -> dict[str, str]:
    """Functional currencies from what the source itself says of its entities."""
    by_name, others = source.by_name(), source.for_joins()
    known: dict[str, str] = {}
    for part in source.profile.tables:
        if part.into == "entities":
            for file, records in by_name.get(part.source, []):
                at = Source(records, source.profile, others, file.name)
                frame = read_part(part, at, context=Context()).frame
                known |= dict(zip(frame["entity"], frame["functional_currency"], strict=True))
    return known


def _source_rows(given: SourceFiles, *, context: Context) -> SourceRows:
    """Every part of the profile on the files that are there, then the profile's steps."""
    problems = [problem for _, file in given.files for problem in file.remarks]
    given, said = settled(given, functional=context.functional)
    problems += said
    by_name = given.by_name()
    for step in given.profile.before:
        by_name, notes = _known_step(step, BEFORE, given.profile)(by_name, given.profile)
        problems += notes
    others = {name: merged([records for _, records in found]) for name, found in by_name.items()}
    profile = _with_snapshot(given.profile, by_name)
    parts: list[PartRows] = []
    used: dict[str, set[str]] = {}
    for part in profile.tables:
        if part.unless and part.unless in by_name:
            continue
        for file, records in by_name.get(part.source, []):
            if file.entities and not len(records.frame):
                continue  # a document has many lists, most of them empty
            source = Source(records, profile, others, file.name)
            earlier = [one.frame for one in parts if one.table == part.into] if part.only_new else []
            parts.append(read_part(part, source, context=context, earlier=earlier))
            used.setdefault(part.source, set()).update(_source_columns(part.columns.values()))
    problems += _missing_columns(profile, by_name)
    if profile.ignored_columns_are_noted:
        for name, columns in used.items():
            for file, records in by_name[name]:
                _refuse_misspelt(file, records, columns)
                problems += _unknown_columns(file, records, columns, name)
    derived: dict[str, pd.DataFrame] = {}
    for step in profile.steps:
        tables = _tables(parts)
        made, notes = _known_step(step, STEPS, profile)(tables, others, profile)
        parts = _stepped(parts, tables)
        derived |= made
        problems += notes
    problems += [problem for part in parts for problem in part.problems]
    return SourceRows(given, profile, tuple(parts), derived, tuple(problems))


def _missing_columns(
    profile: Profile, by_name: Mapping[str, Sequence[tuple[RawFile, Records]]]
) -> list[Problem]:
    """One remark for each column that a file lacks and the profile does without."""
    return [
        remark(file.name, "column_not_given", table=role, column=column, wanted="read without it")
        for role, mapping in profile.files.items()
        for file, records in by_name.get(role, ())
        for column in mapping.noted_if_missing
        if column not in records.frame.columns
    ]


def _known_step(name: str, steps: Mapping[str, StepT], profile: Profile) -> StepT:
    if name not in steps:
        raise ParameterError(
            "unknown step", where=f"profile {profile.profile}", found=name, wanted=", ".join(steps)
        )
    return steps[name]


def _stepped(parts: Sequence[PartRows], tables: Mapping[str, pd.DataFrame]) -> list[PartRows]:
    """The parts with the values that a step has changed; a step neither adds to a part's rows nor takes
    any."""
    made = []
    for part in parts:
        frame = tables[part.table]
        mine = frame[frame["_part"].eq(part.part) & frame["_file"].isin(part.frame["_file"].unique())]
        made.append(replace(part, frame=mine.reset_index(drop=True)) if len(mine) else part)
    return made


def _source_columns(expressions: Iterable[Expression]) -> set[str]:
    return {expression.column for expression in expressions if expression.column}


def _unknown_columns(file: RawFile, records: Records, known: set[str], table: str) -> list[Problem]:
    made = []
    for name in records.frame.columns:
        if name not in known:
            near = nearest(str(name), known)
            made.append(
                remark(
                    file.name,
                    "column_not_read",
                    found=str(name),
                    table=table,
                    wanted=f"perhaps {near!r}" if near else "a column of the table",
                )
            )
    return made


def _refuse_misspelt(file: RawFile, records: Records, known: set[str]) -> None:
    """Raise SourceError where a column is near a declared one that the file lacks: read without it, the
    rows would lose its values without a sign."""
    there = {str(name) for name in records.frame.columns}
    meant = {
        name: nearest(re.sub(r"[^0-9a-z]+", "_", name.lower()), known)
        for name in sorted(there - known)
        if not name.startswith("unnamed_")
    }
    lost = [f"{name!r}; did you mean {near!r}?" for name, near in meant.items() if near and near not in there]
    if lost:
        raise SourceError(
            "; ".join(f"unknown column {words}" for words in lost),
            where=file.name,
            fix="Rename the column, or take it out if it is something else.",
        )


def _with_snapshot(profile: Profile, by_name: Mapping[str, list[tuple[RawFile, Records]]]) -> Profile:
    """The profile with its snapshot date worked out where it is the latest date of a column."""
    if profile.snapshot_date or profile.snapshot_latest is None:
        return profile
    found = []
    for _, records in by_name.get(profile.snapshot_latest.source, []):
        source = Source(records, profile, {}, "")
        days = to_day(evaluate(Expression(column=profile.snapshot_latest.column), source), profile).typed
        found += [days.max()] if days.notna().any() else []
    return profile.model_copy(update={"snapshot_date": max(found).date().isoformat()}) if found else profile


def _tables(parts: Sequence[PartRows]) -> dict[str, pd.DataFrame]:
    named: dict[str, list[pd.DataFrame]] = {}
    for part in parts:
        named.setdefault(part.table, []).append(part.frame)
    return {name: concat(frames, CANONICAL[name]) for name, frames in named.items()}


def _book(read: Sequence[SourceRows], lenient: Set[str]) -> Book:
    """Parts of all sources together: cross checks, problems, inputs, features."""
    import pandas as pd

    parts = [part for source in read for part in source.parts]
    tables = _tables(parts)
    for source in read:
        for name, frame in source.derived.items():
            tables[name] = concat([tables[name], frame], CANONICAL[name]) if name in tables else frame
    kept, aside, found = checked(tables)
    problems = [problem for source in read for problem in source.problems] + found
    _refuse(problems, lenient)
    inputs = _inputs(read, parts, kept, aside)
    features, snapshot, notes = _features(read, kept)
    problems += notes
    typed = {
        name: CANONICAL[name]
        .typed(frame)
        .sort_values(list(CANONICAL[name].key), kind="stable", ignore_index=True)
        for name, frame in kept.items()
    }
    faults = pd.DataFrame([vars_of(problem) for problem in sorted(set(problems))])
    book = Book(
        typed,
        PROBLEMS.typed(faults) if len(faults) else PROBLEMS.empty(),
        inputs,
        features,
        snapshot,
        _documents(read),
    )
    for identity in intake_identities(book):
        identity.require()
    return book


def _documents(read: Sequence[SourceRows]) -> tuple[Document, ...]:
    """The bank files and advices that were read."""
    files = (file for source in read for _, file in source.given.files)
    return tuple(
        Document(name=file.name, path=str(file.path.resolve()), sha256=file.sha256, entities=file.entities)
        for file in files
        if file.entities and file.path is not None
    )


def vars_of(problem: Problem) -> dict[str, object]:
    """A problem as a record of the problems table."""
    return {name: str(getattr(problem, name)) if name != "row" else problem.row for name in PROBLEMS.names}


def _refuse(problems: Sequence[Problem], lenient: Set[str]) -> None:
    """Raise where a row was rejected in a file whose source does not set such rows aside.

    Each problem stands once: root causes first, what only follows from a rejected row last.
    """
    once = {problem for problem in problems if problem.severity is Severity.REJECTED}
    rejected = sorted(once, key=lambda problem: (problem.code in KNOCK_ON, problem))
    formulas = [problem for problem in rejected if problem.code == FORMULA_ID]
    if formulas:
        raise TableError(
            "an id could act as a formula in a spreadsheet; nothing was read",
            [*formulas, *(p for p in rejected if p.code != FORMULA_ID)],
            fix="Correct the ids at the source; names and texts may begin with any character.",
        )
    if any(problem.file not in lenient for problem in rejected):
        is_of_books = rejected[0].code == BOOKS_CURRENCY
        raise TableError(
            "rows that cannot be read; nothing was taken up",
            rejected,
            fix="Give entities.csv or the currency of the books (option functional_currency)."
            if is_of_books
            else "Correct the file, or set `on_rejected: set_aside` to go on without these rows.",
        )


def _inputs(
    read: Sequence[SourceRows],
    parts: Sequence[PartRows],
    kept: Mapping[str, pd.DataFrame],
    aside: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    import pandas as pd

    files = pd.DataFrame(
        [
            {
                "file": file.name,
                "profile": source.profile.profile,
                "bytes": file.bytes,
                "sha256": file.sha256,
                "tables": sorted({p.into for p in source.profile.tables if p.source.split(".")[0] == role}),
                "asked": file.asked,
            }
            for source in read
            for role, file in source.given.files
        ]
    )
    files = files.drop_duplicates("file")
    came, set_aside, out = [], [], []
    for part in parts:
        at = {"table": part.table, "part": part.part}
        came.append(part.came_in.assign(**at))
        set_aside.append(part.rejected.assign(**at))
    for name, frame in kept.items():
        out.append(_sides(name, frame))
    for name, frame in aside.items():
        set_aside.append(_sides(name, frame))
    empty = pd.DataFrame({name: [] for name in ("file", "table", "part", "currency", "amount")})
    sides = [
        pd.concat([empty, *(f for f in side if len(f))], ignore_index=True) for side in (came, out, set_aside)
    ]
    came_in, went_out, put_aside = sides
    return inputs_frame(came_in, went_out, put_aside, files)


def _sides(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """One row a record with what the inputs table totals; derived rows came from no file and are left out."""
    named = money_columns(CANONICAL[name])
    frame = frame[frame["_file"].ne("")]
    made = frame[["_file", "_part"]].rename(columns={"_file": "file", "_part": "part"})
    made["table"] = name
    made["currency"] = frame[named[1]].fillna("") if named else ""
    made["amount"] = frame[named[0]].fillna(0).astype("Int64") if named else 0
    return made


def _features(
    read: Sequence[SourceRows], kept: Mapping[str, pd.DataFrame]
) -> tuple[frozenset[str], str, list[Problem]]:
    """What the whole book can answer: entry times only where every source and every item and application
    has them."""
    bearing = [source for source in read if any(part.table == "items" for part in source.parts)]
    features = (
        set.intersection(*(set(source.profile.features) - {"snapshot"} for source in bearing))
        if bearing
        else set()
    )
    notes: list[Problem] = []
    if "entry_times" in features:
        for name in ("items", "applications"):
            missing = int(kept[name]["entered_at"].isna().sum()) if name in kept else 0
            if missing:
                features.discard("entry_times")
            if 0 < missing < len(kept.get(name, ())):
                notes.append(
                    remark(
                        str(kept[name]["_file"].iloc[0]),
                        "entry_times_missing",
                        table=name,
                        column="entered_at",
                        found=f"{missing} of {len(kept[name])} rows without",
                        wanted="a time on every row, for views 'as known at' a date",
                    )
                )
    snapshots = {source.profile.snapshot_date for source in read if "snapshot" in source.profile.features} - {
        ""
    }
    if len(snapshots) > 1:
        raise ParameterError(
            "sources are snapshots of different days", found=", ".join(sorted(snapshots)), wanted="one day"
        )
    if snapshots:
        features.add("snapshot")
    return frozenset(features), next(iter(snapshots), ""), notes
