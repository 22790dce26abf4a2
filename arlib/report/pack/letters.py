"""The reply that goes with a pack, and the letter inside it: plain sentences, as text for a mail and as PDF. Floor 3."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path

from arlib.report.documents.page import day_text
from arlib.report.pack.columns import width
from arlib.report.pack.model import PackFacts, Provenance, grouped, said
from arlib.report.pack.parts import Part, html_of, text_of, wrapped
from arlib.report.pack.pdfa import Attachment, pdf_a3
from arlib.report.words import counted

ROOMS = (  # of the reply: lines of the answer, of what is open, of the limits; characters of a name or question
    *((lines, 8, limits, 400) for lines in range(56, 8, -4) for limits in (16, 10, 6, 4)),
    (9, 3, 3, 300), (7, 2, 2, 240), (4, 1, 1, 160), (1, 1, 1, 120),
)  # fmt: skip
MORE = "(more in report.pdf)"
TOO_LONG = "Too long for this letter: see report.pdf."
LONG = 1_500  # characters of one that gives way to the next, where it does not fit
LONGEST = 4_000  # characters of a finding in the cover letter, which may take several sheets
SENTENCE = re.compile(
    r"(?<=[.!?]) (?=[^a-z\s])"
)  # where one ends: figures and names hold no blank after their point
NAME = 80  # characters of a name
SHEET = 65.0  # lines of letter.css on one sheet: A4 less its margins, in lines of 8.5 points
SIZE, MEASURE = 8.5, 470.0  # points: of the type, and of a line


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A letter: its title, as text of at most 78 columns, and as a page of its own."""

    title: str
    text: str
    html: str


CENTRAL = frozenset(
    {"items", "applications", "receipts", "bank_lines", "gl_lines", "gl_balances", "customers"}
)


def reply_letter(facts: PackFacts, *, pack_hash: str, verify_sha256: str) -> Letter:
    """The reply on one page: the question, the answer, what is open, its limits, and how the pack is checked.

    `pack_hash` is what `verify.py --expect` takes; it is printed here and nowhere in the pack, which cannot hold its own.
    """
    for room in ROOMS:
        parts = _reply(facts, room, pack_hash=pack_hash, verify_sha256=verify_sha256)
        if _lines(parts) <= SHEET:
            break
    return _letter(f"Reply to {said(facts.request_id, 60)}", parts)


def cover_letter(facts: PackFacts) -> Letter:
    """The letter inside the pack: what is in it, where the figures come from, by what they were made, and their limits."""
    told = facts.provenance
    parts = [
        _head(facts),
        _question(facts, 600),
        Part(
            heading="The answer",
            points=tuple(_whole(one) for one in facts.answer) or ("The report has no finding.",),
            is_numbered=len(facts.answer) > 1,
        ),
        Part(heading="What is open", points=tuple(_whole(one) for one in facts.open_points) or ("Nothing.",)),
        *([Part(heading="What was drawn", named=_drawn(facts))] if facts.draw else []),
        Part(
            heading="What is in the pack",
            named=tuple((said(one.path, 80), said(one.words)) for one in facts.contents),
        ),
        Part(
            heading="Where the figures come from",
            lines=(
                f"{counted(len(told.sources), 'source')} of entity {said(told.entity, 40)} "
                f"{said(told.entity_name, 120)}, read for the run {said(told.run_id, 60)} of {told.created_at}, "
                f"prepared by {said(facts.prepared_by, 120)}. For each source and currency: "
                "read = taken up + set aside. All amounts are in provenance.html.",
            ),
            points=tuple(_source_lines(told)),
        ),
        Part(heading="Tie to the ledger, and the other controls", points=tuple(_control_lines(told))),
        Part(
            heading="Parameters",
            named=tuple((said(name, 60), said(value, 200)) for name, value in told.parameters),
        ),
        Part(
            heading="Made by",
            lines=(", ".join(f"{said(name, 40)} {said(value, 80)}" for name, value in told.versions) + ".",),
        ),
        Part(
            heading="Fingerprints (SHA-256)",
            named=(
                ("Record", facts.record_sha256),
                *((("Content", facts.content_sha256),) if facts.content_sha256 else ()),
                *((said(name, 40), said(value, 80)) for name, value in told.hashes),
            ),
        ),
        Part(
            heading="Limits",
            points=(
                *(_whole(one) for one in facts.limits),
                *((said(facts.redaction),) if facts.redaction else ()),
                "The pack's own hash stands in the reply letter: a pack cannot hold it.",
            ),
        ),
        _signed(facts),
    ]
    return _letter(f"Evidence pack {said(facts.pack_name, 120)}", parts)


def letter_pdf(
    letter: Letter, *, author: str, created: datetime, attachments: Sequence[Attachment] = ()
) -> bytes:
    """The letter as PDF/A-3; see `pdf_a3`."""
    return pdf_a3(letter.html, title=letter.title, author=author, created=created, attachments=attachments)


def _reply(
    facts: PackFacts, room: tuple[int, int, int, int], *, pack_hash: str, verify_sha256: str
) -> list[Part]:
    """The reply's parts in so much room."""
    most = room[3]
    answer, more = _fitting(facts.answer, room[0])
    waiting, others = _fitting(facts.open_points, room[1])
    limits, further = _fitting(facts.limits, room[2])
    return [
        _head(facts),
        _question(facts, most),
        Part(
            heading="Our answer",
            points=answer or ("The report has no finding; its tables are in the pack.",),
            is_numbered=len(answer) > 1,
        ),
        *([Part(lines=(f"{_and_more(more, 'finding')} in report.pdf.",))] if more else []),
        Part(
            heading="What is open",
            points=(*waiting, *([f"{_and_more(others, 'point')} in report.pdf."] if others else []))
            or ("Nothing waits for a decision.",),
        ),
        Part(
            heading="What this answer does not say",
            points=(*limits, *([f"{_and_more(further, 'limit')} in report.pdf."] if further else []))
            or ("The report names no limit.",),
        ),
        Part(
            heading="The pack",
            named=(
                ("Name", said(facts.pack_name, 120)),
                ("Pack hash", pack_hash),
                ("verify.py", verify_sha256),
                *_drawn(facts),
                *((("Names", said(facts.redaction, most)),) if facts.redaction else ()),
            ),
        ),
        Part(
            heading="How to check it",
            lines=(
                "In the pack's folder, with Python 3.8 or later; the first line must print the hash of verify.py.",
            ),
            commands=("sha256sum verify.py", "python3 verify.py --expect \\", f"  {pack_hash}"),
        ),
        _signed(facts),
    ]


def _question(facts: PackFacts, most: int) -> Part:
    """The question in the requester's words; the kind's words where the request has none."""
    if facts.question:
        return Part(heading="Your question", lines=(said(facts.question, most), _about(facts, most)))
    words = facts.kind.replace("_", " ") + (f": {facts.answers}" if facts.answers else "")
    return Part(
        heading="Asked for", lines=(said(f"{words[:1].upper()}{words[1:]}.", most), _about(facts, most))
    )


def _drawn(facts: PackFacts) -> tuple[tuple[str, str], ...]:
    """The sealed population and the seed of a sample, and whose seed it is."""
    if facts.draw is None:
        return ()
    seed = f"{said(facts.draw.seed, 100)} ({facts.draw.words})" if facts.draw.seed else "waiting for it"
    return (("Population", facts.draw.population_sha256), ("Seed", seed))


def _lines(parts: Sequence[Part]) -> float:
    """Lines of the letter on paper, at most: what letter.css sets, with the widest letters there are."""

    def told(text: str, indent: int = 0) -> int:
        return max(1, math.ceil(width(text) * SIZE / (MEASURE - indent)))

    used = 2.5  # the title
    for part in parts:
        used += 2.1 if part.heading else 0.6
        used += sum(told(one) + 0.3 for one in part.lines)
        used += sum(told(value, 100) + 0.15 for _, value in part.named)
        used += sum(told(one, 15) + 0.2 for one in part.points)
        used += len(part.commands) + 1.2 if part.commands else 0
    return used


def _letter(title: str, parts: Sequence[Part]) -> Letter:
    html = (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>\n{_css()}</style></head><body>\n"
        f"<h1>{escape(title)}</h1>\n{html_of(parts)}\n</body></html>\n"
    )
    return Letter(title=title, text=text_of([Part(lines=(title,)), *parts]), html=html)


def _head(facts: PackFacts) -> Part:
    asked = (
        f"{said(facts.request_id, 60)}, {facts.kind.replace('_', ' ')}, asked on {day_text(facts.asked_on)}"
    )
    if facts.due_on:
        asked += f", due on {day_text(facts.due_on)}"
    return Part(
        named=(
            ("From", f"{said(facts.entity_name, NAME)} ({said(facts.entity, 40)})"),
            ("To", said(facts.asked_by, NAME)),
            ("Date", day_text(facts.dated)),
            ("Request", asked),
        )
    )


def _about(facts: PackFacts, most: int) -> str:
    return f"As of {day_text(facts.as_of)}; population: {said(facts.population, most) or 'all items'}."


def _signed(facts: PackFacts) -> Part:
    reviewed = said(facts.reviewed_by, NAME)
    return Part(
        named=(
            ("Prepared by", said(facts.prepared_by, NAME)),
            ("Reviewed by", reviewed or "nobody yet"),
            ("Run", said(facts.run_id, 60)),
            ("Results", facts.results_sha256),
        )
    )


def _fitting(findings: Sequence[str], lines: int) -> tuple[tuple[str, ...], int]:
    """The first findings that fit into so many lines, and how many are left out; one is always there.

    None is cut inside a sentence: where a finding does not fit, its first sentences that do stand for it, and say so.
    """
    made: list[str] = []
    used = 0
    for finding in findings:
        room = max(lines - used, 0 if made else 1)
        told = next(
            (one for one in _shorter(said(finding, LONGEST + 1)) if len(wrapped(one, " " * 5)) <= room), ""
        )
        if not told or (told == TOO_LONG and made and len(finding) < LONG):
            break
        made.append(told)
        used += len(wrapped(told, " " * 5))
    return tuple(made), len(findings) - len(made)


def _shorter(finding: str) -> Iterator[str]:
    """A finding, then fewer and fewer of its whole sentences, each with a word that there is more."""
    if len(finding) <= LONGEST:
        yield finding
    sentences = SENTENCE.split(finding)
    for count in range(len(sentences) - 1, 0, -1):
        yield f"{' '.join(sentences[:count])} {MORE}"
    yield TOO_LONG


def _whole(finding: str) -> str:
    """A finding for the cover letter: whole, or those of its sentences that are not beyond all measure."""
    return next(one for one in _shorter(said(finding, LONGEST + 1)) if len(one) <= LONGEST)


def _and_more(count: int, noun: str) -> str:
    return f"And {counted(count, 'more ' + noun)}"


def _source_lines(told: Provenance) -> list[str]:
    """The tables that carry the balance, each source with its sums; of the others how many."""
    made = []
    others = [one for one in told.sources if one.table not in CENTRAL]
    for one in told.sources:
        if one.table not in CENTRAL:
            continue
        rows = (
            f"{counted(one.rows_in, 'row')} read, {one.rows_out:,} taken up, {one.rows_rejected:,} set aside"
        )
        sums = ", ".join(f"{total.currency} {grouped(total.amount_out)}" for total in one.totals)
        made.append(
            f"{said(one.table, 60)}: {said(one.name, 120)} ({said(one.profile, 60)}), {rows}"
            + (f"; {sums}" if sums else "")
            + f"; SHA-256 {one.sha256[:16]}"
        )
    if others:
        rows = counted(sum(one.rows_in for one in others), "row")
        made.append(f"{_and_more(len(others), 'source')} with {rows}: each is in provenance.html.")
    return made or ["Nothing was read."]


def _control_lines(told: Provenance) -> list[str]:
    made = []
    for one in told.controls:
        sides = (
            f"{one.currency} {grouped(one.left)} and {grouped(one.right)}" if one.left and one.right else ""
        )
        gap = f", difference {grouped(one.difference)}" if one.difference.strip("-0.") else ""
        made.append(f"{said(one.title, 200)}: {one.status}" + (f" ({sides}{gap})" if sides else ""))
    held = f"{counted(told.identities_held, 'hand-over identity', 'hand-over identities')} hold"
    return [
        *made,
        f"{held}, {told.identities_broken:,} do not."
        if told.identities_broken
        else f"{held}, none is broken.",
    ]


@cache
def _css() -> str:
    return (Path(__file__).parent / "templates" / "letter.css").read_text(encoding="utf-8")
