"""Number styles: how a source writes amounts, declared by a sample such as '1,234.56'. Floor 0.

A style is strict. Text that does not fit it is refused and never cleaned, since '1.234' is a thousand in one
style and one and a bit in another, and a guess is wrong by a factor of a thousand.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from arlib.errors import ParameterError

SPACES = " \u00a0\u202f\u2009"  # space, no-break space, narrow no-break space, thin space
APOSTROPHES = "'\u2019"
MINUS = "-\u2212"
SAMPLES = ("1,234.56", "1.234,56", "1 234,56", "1 234.56", "1'234.56", "1234.56", "1234,56", "12,34,567.89")


class Negative(StrEnum):
    """Where a negative amount shows that it is one."""

    LEADING = "leading"  # -1234.56, also with the minus sign U+2212
    PARENTHESES = "parentheses"  # (1234.56)
    TRAILING = "trailing"  # 1234.56-


@dataclass(frozen=True, kw_only=True)
class NumberStyle:
    """How amounts are written. Made from samples by `number_style`.

    A grouped text must be grouped throughout and rightly, an ungrouped one is fine. The fraction has exactly
    the places of the currency or, for a text without group marks, none; `allow_short_fraction` also takes
    fewer digits (12.1 for 12.10) and grouped whole numbers. `allow_padding` takes spaces around the amount,
    as fixed-width exports leave them.
    """

    decimal: str = "."
    group: str = ""  # one of "", ",", ".", " ", "'"
    negatives: tuple[Negative, ...] = (Negative.LEADING,)
    allow_short_fraction: bool = False
    allow_padding: bool = False
    is_lakh: bool = False  # Indian grouping: 12,34,567.89

    def __post_init__(self) -> None:
        """Marks must be known and differ."""
        if (
            self.decimal not in (".", ",")
            or self.group not in ("", ",", ".", " ", "'")
            or self.decimal == self.group
        ):
            raise ParameterError(
                "number style", found=(self.decimal, self.group), wanted="two different marks"
            )
        if not self.negatives:
            raise ParameterError(
                "number style", found=self.negatives, wanted="at least one way to write negatives"
            )

    def example(self, places: int = 2) -> str:
        """An amount as this style writes it, for messages: '1,234.56', with the currency's places."""
        whole = f"12{self.group}34{self.group}567" if self.is_lakh else f"1{self.group}234"
        return whole + (self.decimal + "56789"[:places] if places else "")

    def relaxed(self) -> NumberStyle:
        """The same style with short fractions taken."""
        return replace(self, allow_short_fraction=True)

    @cached_property
    def group_characters(self) -> str:
        """Every character that counts as this style's group mark."""
        return {" ": SPACES, "'": APOSTROPHES}.get(self.group, self.group)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What an amount of this style looks like, whatever its places: sign marks, whole part, fraction."""
        whole = "[0-9]+"
        if self.group:
            mark = f"[{re.escape(self.group_characters)}]"
            head, middle = (2, 2) if self.is_lakh else (3, 3)
            # one mark throughout: a space here and a no-break space there are two styles in one number
            whole = f"[0-9]{{1,{head}}}(?P<mark>{mark})(?:[0-9]{{{middle}}}(?P=mark))*[0-9]{{3}}|{whole}"
        minus, never = f"[{re.escape(MINUS)}]", "(?!)"
        opening = r"\(" if Negative.PARENTHESES in self.negatives else never
        leading = minus if Negative.LEADING in self.negatives else never
        closing = minus if Negative.TRAILING in self.negatives else never
        pad = f"[{SPACES}]*" if self.allow_padding else ""
        return re.compile(
            f"{pad}(?P<sign>{leading}|{opening})?(?P<whole>{whole})"
            rf"(?:{re.escape(self.decimal)}(?P<fraction>[0-9]+))?(?P<end>\)|{closing})?{pad}"
        )


def number_style(
    *samples: str, allow_short_fraction: bool = False, allow_padding: bool = False
) -> NumberStyle:
    """The style that the samples show: '1,234.56', '1.234,56', '1 234,56', "1'234.56", '1234.56', '1234,56'.

    A sample in parentheses or with a trailing minus says that negatives are written so; a leading minus is
    always read. Several samples add up, e.g. number_style('1,234.56-', '(1,234.56)'), and must agree on the
    marks. An unknown sample raises ParameterError with the list.
    """
    if not samples:
        raise ParameterError("number style", wanted=f"a sample, one of {', '.join(map(repr, SAMPLES))}")
    negatives = [Negative.LEADING]
    marks: set[tuple[str, str, bool]] = set()
    for sample in samples:
        text = sample
        if text.startswith("(") and text.endswith(")"):
            negatives.append(Negative.PARENTHESES)
            text = text[1:-1]
        elif text[-1:] in MINUS and text:
            negatives.append(Negative.TRAILING)
            text = text[:-1]
        elif text[:1] in MINUS and text:
            text = text[1:]
        plain = re.sub(f"[{SPACES}]", " ", text.replace("\u2019", "'"))
        if plain not in SAMPLES:
            wanted = (
                f"one of {', '.join(map(repr, SAMPLES))}, as it is, in parentheses or with a trailing minus"
            )
            raise ParameterError("number style", found=sample, wanted=wanted)
        digits = plain.lstrip("0123456789")
        marks.add((plain[-3], digits[0] if digits[0] != plain[-3] else "", plain.startswith("12,")))
    if len(marks) > 1:
        raise ParameterError("number style: the samples use different marks", found=samples)
    decimal, group, is_lakh = marks.pop()
    return NumberStyle(
        decimal=decimal,
        group=group,
        negatives=tuple(dict.fromkeys(negatives)),
        allow_short_fraction=allow_short_fraction,
        allow_padding=allow_padding,
        is_lakh=is_lakh,
    )


DOT = number_style("1,234.56", "(1,234.56)")
COMMA = number_style("1.234,56")
PLAIN = number_style("1234.56")
