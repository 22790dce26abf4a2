"""Amount texts of SAP's lists in exact decimals, in and out by the profile's number style. Floor 2."""

from __future__ import annotations

import re
from decimal import Decimal

from arlib.sources.profile import Profile

PLAIN = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,20})?")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}(,[0-9]{3}){0,12}(\.[0-9]{1,20})?")
ZERO = Decimal(0)


def readable(text: str, profile: Profile) -> Decimal | None:
    """An amount text as a number, 0 for none; None where the profile's number style cannot mean it.

    The sign may stand in front or, as SAP writes it, behind.
    """
    bare = text.strip()
    if not bare:
        return ZERO
    if bare.endswith("-"):
        bare = f"-{bare[:-1].strip()}"
    if _is_continental(profile):
        bare = bare.replace(".", "\0").replace(",", ".").replace("\0", ",")
    if any(re.search(r"1[.,]234", style) for style in profile.number_style) and GROUPED.fullmatch(bare):
        bare = bare.replace(",", "")
    return Decimal(bare) if PLAIN.fullmatch(bare) else None


def exact(text: str, profile: Profile) -> Decimal:
    """The same with 0 for what cannot be read: such a value is refused where it is read as an amount."""
    return readable(text, profile) or ZERO


def less(first: str, second: str, profile: Profile) -> str:
    """The first amount less the second; where either cannot be read a text that is refused as an amount."""
    a, b = readable(first, profile), readable(second, profile)
    return f"{first} less {second}" if a is None or b is None else written(a - b, profile)


def written(value: Decimal, profile: Profile) -> str:
    """A number as the profile writes it, without separators of thousands."""
    text = format(value, "f")
    return text.replace(".", ",") if _is_continental(profile) else text


def _is_continental(profile: Profile) -> bool:
    return any(re.search(r",[0-9]+-?$", style) for style in profile.number_style)
