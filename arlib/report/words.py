"""How a value, a status and a scope read in words. Floor 3: text only, no markup and no drawing."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd

from arlib import money
from arlib.controls import STATUS_WORDS, Control, Status
from arlib.policy import Basis, Scope
from arlib.tables import Kind

STATUS_MARKS = {Status.TIED: "✓", Status.EXPLAINED: "≈", Status.UNEXPLAINED: "✗", Status.NO_INPUT: "–"}

BASIS_WORDS = {
    Basis.POSTING: "control-account view, by posting date",
    Basis.EFFECTIVE: "customer view, by effective date",
}

TURNING = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

RIGHT_ALIGNED = (Kind.MONEY, Kind.INTEGER, Kind.RATE)


def amount_text(minor: int | None, currency: str) -> str:
    """An amount for people: `1,234.50`, or an en dash where there is none."""
    return "–" if minor is None else money.shown(int(minor), currency)


def money_text(minor: int | None, currency: str) -> str:
    """An amount with the ISO code of its currency in front: `JPY 1,200`, whatever places the source keeps it with."""
    return f"{money.iso_code(currency)} {amount_text(minor, currency)}"


def value_text(value: Any, kind: Kind, currency: str = "", words: Mapping[str, str] | None = None) -> str:
    """One value of a result table as a person reads it; '' where there is none.

    Money is shown in units of its currency, never in minor units; days are ISO; flags are yes or no.
    """
    if pd.isna(value):
        return ""
    if kind is Kind.MONEY:
        return money.shown(int(value), currency)
    if kind is Kind.DAY:
        return f"{pd.Timestamp(value):%Y-%m-%d}"
    if kind is Kind.INSTANT:
        return f"{pd.Timestamp(value):%Y-%m-%d %H:%M} UTC"
    if kind is Kind.FLAG:
        return "yes" if value else "no"
    if kind is Kind.INTEGER:
        return f"{int(value):,}"
    return (words or {}).get(str(value)) or inert(str(value))


def status_text(status: Status) -> str:
    """A control's status with its mark, so that colour is never the only sign: `✗ differs, unexplained`."""
    return f"{STATUS_MARKS[status]} {STATUS_WORDS[status]}"


def status_counted(status: Status, count: int) -> str:
    """How many controls ended so: `1 differs, explained`, `10 differ, explained`."""
    words = STATUS_WORDS[status]
    return f"{count:,} {words if count == 1 else words.replace('differs', 'differ')}"


def control_sentence(control: Control) -> str:
    """A control as one line: what was compared, how it ended, and what is behind a difference."""
    line = f"{control.title}: {STATUS_WORDS[control.status]}"
    if control.status is Status.NO_INPUT:
        return f"{line} ({control.note})" if control.note else line
    if control.status is not Status.TIED:
        line += f" ({money_text(control.difference, control.currency)}"
        line += f", {counted(control.count, 'document')}" if control.count else ""
        line += f", oldest {day_text(control.oldest)}" if control.oldest else ""
        line += f", owner {control.owner}" if control.owner else ""
        if control.status is Status.UNEXPLAINED and control.explained:
            line += f", of which unexplained {amount_text(control.unexplained, control.currency)}"
        line += ")"
    return line


def counted(count: int, noun: str, plural: str = "") -> str:
    """A count with its noun: `1 document`, `1,204 documents`; `plural` where it does not end in s."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def day_text(day: date | None) -> str:
    """A day in ISO form, '' where there is none."""
    return f"{day:%Y-%m-%d}" if day else ""


def scope_facts(scope: Scope) -> dict[str, str]:
    """Whose books, which period and seen how, as heading and value, in reading order."""
    facts = {
        "Entity": f"{scope.entity} {scope.entity_name}".strip(),
        "Period": f"{scope.period} ({day_text(scope.starts_on)} to {day_text(scope.ends_on)})",
        "As of": day_text(scope.as_of),
        "Basis": BASIS_WORDS[scope.basis],
        "Functional currency": scope.functional_currency,
    }
    if scope.known_at:
        facts["As known at"] = f"end of {day_text(scope.known_at)}, {scope.time_zone}"
    return facts


def inert(text: str) -> str:
    """Text without control characters and without marks that turn the reading direction and hide a name."""
    if text.isprintable():  # neither control characters nor marks are printable
        return text
    return "".join(c for c in text if c in "\n\t" or not (unicodedata.category(c) == "Cc" or c in TURNING))


def plain(text: str, *, limit: int = 0) -> str:
    """Text as it may stand in a picture.

    No control or direction marks, one line, cut at `limit` characters.
    """
    kept = "".join(
        " " if c in "\n\r\t" else c for c in text if unicodedata.category(c) not in ("Cf", "Cs", "Co")
    )
    line = " ".join("".join(c for c in kept if unicodedata.category(c) != "Cc").split())
    return line if not limit or len(line) <= limit else f"{line[: limit - 1]}…"
