"""What the letters and pages of a pack say: frozen, from a run's record and the request. Floor 3. Amounts are decimal text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from arlib.controls import STATUS_WORDS, Status
from arlib.errors import ParameterError
from arlib.money import iso_code
from arlib.report.documents.page import DROPPED, JOINERS, NARROW

SCHEMA = "arlib.run/1"


@dataclass(frozen=True, kw_only=True)
class Content:
    """A file or folder of the pack, and what it is in one line."""

    path: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Total:
    """What one source held in one currency: read = taken up + set aside."""

    currency: str
    amount_in: str
    amount_out: str
    amount_rejected: str


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file or query that was read into one table."""

    table: str
    profile: str  # how it was read: the source system's profile
    file: str
    part: str  # sheet or section
    rows_in: int
    rows_out: int
    rows_rejected: int
    totals: tuple[Total, ...]
    bytes: int | None
    sha256: str
    database: str = ""
    query: str = ""
    parameters: str = ""
    read_at: str = ""

    @property
    def name(self) -> str:
        """The file, with its part; the query's name where it came from a database."""
        return f"{self.file} ({self.part})" if self.part else self.file


@dataclass(frozen=True, kw_only=True)
class ControlFact:
    """A control or hand-over identity of the run, as its record has it."""

    title: str
    currency: str
    left_label: str
    left: str
    right_label: str
    right: str
    difference: str
    explained: str
    unexplained: str
    status: str  # in words
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where every figure of a run came from, and by what it was made."""

    run_id: str
    created_at: str
    entity: str
    entity_name: str
    period: str
    as_of: str
    functional_currency: str
    sources: tuple[Source, ...]
    parameters: tuple[tuple[str, str], ...]
    controls: tuple[ControlFact, ...]
    identities_held: int
    identities_broken: int
    versions: tuple[tuple[str, str], ...]
    hashes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What a sample was drawn from, and by which seed; '' while the population is sealed and the seed not known."""

    population_sha256: str
    seed: str = ""
    by: str = ""  # requester or arlib

    @property
    def words(self) -> str:
        """Whose seed it is."""
        return "named by the requester" if self.by == "requester" else "drawn once by arlib, after the seal"


@dataclass(frozen=True, kw_only=True)
class PackFacts:
    """What the reply and the cover letter say."""

    request_id: str
    kind: str
    question: str  # in the requester's words; '' where the request has none
    answers: str = ""  # what the kind answers, in words
    asked_by: str
    asked_on: date
    due_on: date | None = None
    entity: str
    entity_name: str
    as_of: date
    population: str = ""  # '' is all items
    answer: tuple[str, ...] = ()  # the report's findings, the most important first
    open_points: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    draw: Draw | None = None
    prepared_by: str
    reviewed_by: str = ""
    dated: date
    pack_name: str
    run_id: str
    record_sha256: str
    results_sha256: str
    content_sha256: str = ""
    redaction: str = ""
    contents: tuple[Content, ...] = ()
    provenance: Provenance


def provenance_of(record: Mapping[str, Any]) -> Provenance:
    """The provenance in a run's record (`run.json` as a dict). Raises ParameterError for another kind of record."""
    if record.get("schema") != SCHEMA:
        raise ParameterError("record of a run", found=record.get("schema"), wanted=SCHEMA)
    environment = record["environment"]
    identities = [one for told in record["identities"].values() for one in told]
    broken = sum(not one["holds"] for one in identities)
    versions = (
        ("arlib", str(environment["arlib"])),
        ("Python", f"{environment['implementation']} {environment['python']}"),
        ("System", str(environment["system"])),
        *(
            (name, str(environment["packages"].get(name, "")))
            for name in ("pandas", "pyarrow", "numpy", "papermill")
        ),
    )
    named = {
        "Results": record["results_sha256"],
        "Inputs": record["inputs_sha256"],
        "Parameters": record["parameters_sha256"],
        "Library": record["library_sha256"],
        "Lock file": environment["lock_sha256"],
        "Packages": environment["packages_sha256"],
        "Decisions": record["decisions"]["head"]["hash"],
    }
    return Provenance(
        run_id=record["run_id"],
        created_at=record["created_at"],
        entity=record["entity"],
        entity_name=record["entity_name"],
        period=record["period"],
        as_of=record["as_of"],
        functional_currency=record["functional_currency"],
        sources=_sources(record["inputs"]),
        parameters=_parameters(record),
        controls=tuple(_control(one) for one in record["controls"]),
        identities_held=len(identities) - broken,
        identities_broken=broken,
        versions=tuple((name, told) for name, told in versions if told),
        hashes=tuple((name, str(told)) for name, told in named.items() if told),
    )


def _sources(inputs: Iterable[Mapping[str, Any]]) -> tuple[Source, ...]:
    """One source for each table and file: the record has a line for each currency, with the rows in it."""
    found: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for one in inputs:
        key = tuple(str(one[name] or "") for name in ("table", "profile", "file", "part", "sha256"))
        found.setdefault(key, []).append(one)
    made = []
    for (table, profile, file, part, sha256), lines in sorted(found.items()):
        first = lines[0]
        totals = tuple(
            Total(
                currency=iso_code(str(one["currency"])),
                amount_in=str(one["amount_in"]),
                amount_out=str(one["amount_out"]),
                amount_rejected=str(one["amount_rejected"] or "0"),
            )
            for one in sorted(lines, key=lambda line: str(line["currency"]))
            if one["currency"] and one["amount_in"] is not None
        )
        made.append(
            Source(
                table=table,
                profile=profile,
                file=file,
                part=part,
                sha256=sha256,
                rows_in=sum(int(one["rows_in"]) for one in lines),
                rows_out=sum(int(one["rows_out"]) for one in lines),
                rows_rejected=sum(int(one["rows_rejected"]) for one in lines),
                totals=totals,
                bytes=None if first["bytes"] is None else int(first["bytes"]),
                **{
                    name: str(first.get(name) or "")
                    for name in ("database", "query", "parameters", "read_at")
                },
            )
        )
    return tuple(made)


def _parameters(record: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The parameters of every notebook, and which close file and policies they stand on."""
    made = [
        (name, str(told)) for name, told in record["parameters"].items() if isinstance(told, str | int | bool)
    ]
    for notebook, told in record["notebooks"].items():
        made += [
            (f"{notebook}: {name}", str(value)) for name, value in told["parameters"].items() if value != ""
        ]
    return tuple(sorted(made))


def _control(one: Mapping[str, Any]) -> ControlFact:
    return ControlFact(
        title=one["title"],
        currency=iso_code(one["currency"]) if one["currency"] else "",
        left_label=one["left_label"],
        left=_told(one["left"]),
        right_label=one["right_label"],
        right=_told(one["right"]),
        difference=_told(one["difference"]),
        explained=_told(one["explained"]),
        unexplained=_told(one["unexplained"]),
        status=STATUS_WORDS[Status(one["status"])],
        note=one["note"],
    )


def _told(value: Any) -> str:
    return "" if value is None else str(value)


def grouped(amount: str) -> str:
    """Decimal text with separators for thousands: `-1234.50` gives `-1,234.50`; another text stands as it is."""
    sign, digits = ("-", amount[1:]) if amount.startswith("-") else ("", amount)
    whole, dot, places = digits.partition(".")
    if not (whole.isascii() and whole.isdigit()):
        return amount
    return f"{sign}{int(whole):,}{dot}{places}"


def said(value: object, most: int = 400) -> str:
    """A text from data as it is printed: one line, without control and direction marks, cut after `most` characters."""
    flat = "".join(" " if letter.isspace() and letter not in NARROW else letter for letter in str(value))
    kept = "".join(one for one in flat if one in JOINERS or unicodedata.category(one) not in DROPPED)
    kept = " ".join(part for part in kept.split(" ") if part)
    return kept if len(kept) <= most else f"{kept[: most - 1].rstrip()}…"
