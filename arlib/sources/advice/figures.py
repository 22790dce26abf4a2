"""Amounts and dates of a whole column: read in the one style that fits every text of it, or not at all. Floor 2."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from arlib.money import is_currency, minor_places

_STYLES = (("", "."), (",", "."), ("", ","), (".", ","), (" ", ","), (" ", "."), ("'", "."))
_BLANKS = str.maketrans({"\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2019": "'", "\u2212": "-"})
_SYMBOLS = {"€": "EUR", "£": "GBP", "₹": "INR", "₺": "TRY", "₩": "KRW", "US$": "USD", "CA$": "CAD", "A$": "AUD",
            "HK$": "HKD", "zł": "PLN", "$": "", "¥": "", "￥": "", "元": "CNY", "円": "JPY"}  # fmt: skip
_MARK = re.compile(r"US\$|CA\$|HK\$|A\$|[€£₹₺₩$¥￥元円]|zł|\b[A-Z]{3}\b")
_SHAPE = re.compile(r"[(+-]? ?[0-9][0-9.,' ]{0,40}[)-]?")
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d %b %Y",
         "%d-%b-%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%Y%m%d", "%Y年%m月%d日")  # fmt: skip


def stripped(text: str) -> tuple[str, str]:
    """An amount text without currency and CR/DR marks, its sign in front; and the currency that stood there.

    '' as the text where it is no amount. `$` and the yen sign name no currency, since several share them.
    """
    if len(text) > 60:
        return "", ""
    found = text.translate(_BLANKS).strip()
    currency = ""
    for mark in _MARK.findall(found):
        code = _SYMBOLS.get(mark, mark)
        if code and not is_currency(code):
            return "", ""
        if currency and code and code != currency:
            return "", ""
        currency = currency or code
    found = _MARK.sub("", found).strip()
    is_credit = found.upper().endswith("CR")
    if is_credit or found.upper().endswith("DR"):
        found = found[:-2].strip()
    if not _SHAPE.fullmatch(found):
        return "", ""
    is_minus = is_credit
    if found.startswith("(") or found.endswith(")"):
        if not (found.startswith("(") and found.endswith(")")):
            return "", ""
        found, is_minus = found[1:-1].strip(), not is_minus
    elif found[0] in "+-" or found.endswith("-"):
        if found[0] in "+-" and found.endswith("-"):
            return "", ""
        is_minus ^= found[0] == "-" or found.endswith("-")
        found = found.strip("+- ")
    return ("-" if is_minus else "") + found, currency


def amounts(texts: Sequence[str], *, currency: str = "") -> list[Decimal] | None:
    """The values of amount texts (as `stripped` gives them) in the one number style that fits them all.

    None where none fits, or where two fit and say different things. '' is nothing and stays Decimal(0).
    """
    places = minor_places(currency) if currency and is_currency(currency) else 2
    read: list[list[Decimal]] = []
    for group, point in _STYLES:
        found = _in_style(texts, group, point, places)
        if found is not None and found not in read:
            read.append(found)
    return read[0] if len(read) == 1 else None


def _in_style(texts: Sequence[str], group: str, point: str, places: int) -> list[Decimal] | None:
    grouped = rf"[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}}){{1,6}}" if group else ""
    whole = rf"(?:{grouped}|[0-9]{{1,15}})" if group else r"[0-9]{1,15}"
    fraction = rf"(?:{re.escape(point)}[0-9]{{{places}}})?" if places else ""
    shape = re.compile(rf"-?{whole}{fraction}")
    made = []
    for text in texts:
        if text and not shape.fullmatch(text):
            return None
        plain = text.replace(group, "") if group else text
        made.append(Decimal(plain.replace(point, ".") if plain else "0"))
    return made


def days(texts: Sequence[str]) -> list[str]:
    """ISO days of a column in the one format that fits all texts that are filled; else '' for each."""
    filled = [text.strip() for text in texts if text.strip()]
    read: list[dict[str, str]] = []
    for form in _DAYS:
        try:
            found = {text: datetime.strptime(text, form).date().isoformat() for text in filled}  # noqa: DTZ007
        except (ValueError, OverflowError):
            continue
        if found not in read:
            read.append(found)
    if len(read) != 1:
        return ["" for _ in texts]
    return [read[0].get(text.strip(), "") for text in texts]
