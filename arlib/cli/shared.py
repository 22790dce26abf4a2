"""What several commands share: parsing a day, reading policies, printing controls. Floor 5."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from arlib.controls import STATUS_WORDS, Control, Status
from arlib.errors import DateError

if TYPE_CHECKING:
    from arlib.policy import Policies


def day(text: str) -> date:
    """An ISO date; a day that does not exist is an input fault (exit 2)."""
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise DateError("--as-of", found=text, wanted="a date such as 2026-10-31") from fault


def read_policies(path: Path | None) -> Policies:
    """Policies from a YAML file, or the defaults when there is none."""
    from arlib.policy import Policies

    if path is None:
        return Policies()
    from arlib.run.params import load_policies

    return load_policies(path)


def close_lines(controls: Iterable[Control]) -> list[str]:
    """The controls of a close for a person: each that does not tie or that is of an account, and how many others tie."""
    lines: list[str] = []
    by_entity: dict[str, list[Control]] = {}
    for control in controls:
        by_entity.setdefault(control.entity, []).append(control)
    for entity, mine in by_entity.items():
        quiet = [one for one in mine if one.status is Status.TIED and (not one.account or _is_routine(one))]
        lines += [control_line(one) for one in mine if one not in quiet]
        if quiet:
            more = "1 more control ties" if len(quiet) == 1 else f"{len(quiet)} more controls tie"
            lines.append(f"{entity:<8} {more}: see the pages")
    return lines


def _is_routine(control: Control) -> bool:
    """Whether a bank's statements add up as they always do: the proof of cash is that account's line."""
    return control.name == "bank_statements" and not control.note


def control_line(control: Control) -> str:
    """One control as the close prints it: the word, the amounts, and for a difference its count, oldest and owner."""
    from arlib.money import shown

    words = STATUS_WORDS[control.status]
    head = f"{control.entity:<8} {control.title}: {words}"
    if control.status is Status.NO_INPUT:
        return f"{head} ({control.note})" if control.note else head
    if control.status is Status.TIED:
        note = f" [{control.note}]" if control.note else ""
        return f"{head} at {shown(control.left or 0, control.currency)} {control.currency}{note}"
    parts = [f"{shown(control.difference or 0, control.currency)} {control.currency}"]
    if control.count:
        parts.append(f"{control.count} document{'s' if control.count != 1 else ''}")
    if control.oldest:
        parts.append(f"oldest {control.oldest.isoformat()}")
    if control.owner:
        parts.append(f"owner {control.owner}")
    if control.status is Status.UNEXPLAINED:
        rest = f"unexplained {shown(control.unexplained, control.currency)} {control.currency}"
        parts.append(
            f"{rest} in {control.unexplained_count} document{'s' if control.unexplained_count != 1 else ''}"
            if control.unexplained_count
            else rest
        )
    note = f" [{control.note}]" if control.note else ""
    return f"{head} ({', '.join(parts)}){note}"


def echo_controls(controls: Iterable[Control]) -> None:
    """Print one line per control."""
    for control in controls:
        click.echo(control_line(control))
