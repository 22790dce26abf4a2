"""A structural check of PDF/A-3, level B, clause by clause of ISO 19005-3. Floor 3.

It stands in where no validator is at hand: each rule is small and has a file broken that way in the tests. A file that
passes may still fail a full validator, in what `docs/formats/pdf-a.md` lists as not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from arlib.report.pack import pdfa_fonts, pdfa_graphics, pdfa_meta, pdfa_syntax
from arlib.report.pack.pdfa_file import PdfFile

Finder = Callable[[PdfFile], Iterator[tuple[str, str]]]


@dataclass(frozen=True)
class Rule:
    """One demand: the clause, in words, and what finds the places that break it (where, what was found)."""

    clause: str
    words: str
    breaks: Finder


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One place that breaks a rule."""

    clause: str
    rule: str
    where: str
    found: str = ""

    def __str__(self) -> str:
        """One line: clause, demand, where, what was found."""
        tail = f": found {self.found}" if self.found else ""
        return f"ISO 19005-3 {self.clause}, {self.where}: {self.rule}{tail}"


RULES: tuple[Rule, ...] = tuple(
    Rule(clause, words, breaks)
    for part in (pdfa_syntax.RULES, pdfa_graphics.RULES, pdfa_fonts.RULES, pdfa_meta.RULES)
    for clause, words, breaks in part
)
MOST_FAULTS = 20  # of one rule: the rest would say the same again


def pdfa_faults(data: bytes) -> tuple[Fault, ...]:
    """Every place of the file that breaks a rule; empty where none was found. A rule names twenty places at most."""
    try:
        file = PdfFile(data)
    except Exception as fault:  # whatever the reader makes of a file that is none
        return (Fault(clause="6.1", rule="the file can be read", where="file", found=_line(fault)),)
    found: list[Fault] = []
    for rule in RULES:
        own: list[Fault] = []
        try:
            for where, what in rule.breaks(file):
                if len(own) == MOST_FAULTS:
                    break
                own.append(Fault(clause=rule.clause, rule=rule.words, where=where, found=what))
        except Exception as fault:
            own.append(
                Fault(
                    clause=rule.clause, rule=rule.words, where="file", found=f"cannot be read: {_line(fault)}"
                )
            )
        found += own
    return tuple(found)


def _line(fault: Exception) -> str:
    return f"{type(fault).__name__} {fault}".splitlines()[0][:200].strip()
