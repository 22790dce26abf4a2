"""What flat options say as text: lists by comma, days. Floor 1."""

from __future__ import annotations

from datetime import date


def listed(text: str) -> tuple[str, ...]:
    """The parts of a text separated by commas, each once, in order."""
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def day_of(text: str) -> date | None:
    """The day that an option names; None for ""."""
    return date.fromisoformat(text) if text else None
