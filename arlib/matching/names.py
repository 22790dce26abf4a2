"""Payer names as they can be compared: written alike where they mean the same. Floor 1; knows no ledger.

A name is read three ways: `full` with its legal form in one spelling ("Ltd." and "LIMITED" are the same), `core` without it,
and `ordered`, the core's words in alphabetical order. Blanks, points and case never count. Everything is linear in the
length of the text, and what is longer than a bank's longest field is cut.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import pairwise

NAME_LIMIT = 280  # characters of a name that are read: two lines of the longest bank field, 140
ACCOUNT_LIMIT = 64  # an IBAN has 34 at most

# One spelling for each legal form. A form is dropped from the end of a name, and from its beginning where LEADING has it.
_SPELLED = {
    "LIMITED": "LTD", "INCORPORATED": "INC", "CORPORATION": "CORP", "COMPANY": "CO", "COMPAGNIE": "CIE",
    "KABUSHIKIKAISHA": "KK", "GODOKAISHA": "GK", "YUGENKAISHA": "YK", "GESMBH": "GMBH",
    "AKTIENGESELLSCHAFT": "AG", "AKTIEBOLAG": "AB", "OSAKEYHTIO": "OY", "SOCIEDADANONIMA": "SA", "SOCIETEANONYME": "SA",
    "PRIVATE": "PVT",
}  # fmt: skip
_FORMS = """
    LTD LLC INC CORP CO PLC LLP LP LLLP PC PLLC GMBH AG KG OHG UG KGAA SE MBH EG EK GBR SARL SAS SASU SA EURL SNC SCI CIE
    SPA SRL SRLS SAPA BV NV VOF AB OY OYJ AS ASA APS IS HF EHF KK GK YK PTY PVT PTE SDN BHD WLL BSC FZE FZC FZCO FZLLC PJSC
    LDA LTDA EIRELI SADECV SAPIDECV DECV CV SPZOO ZOO SRO DOO OOD EOOD KFT ZRT NYRT RT OU UAB SIA PT TBK JSC OJSC OAO OOO
    ZAO AO PAO
"""
FORMS = frozenset(_FORMS.split())
LEADING = frozenset(
    ("KK", "GK", "YK", "PT", "CV", "OOO", "OAO", "ZAO", "AO", "PAO", "JSC", "PJSC", "UAB", "SIA")
)
_AND = frozenset(("AND", "UND", "ET"))  # as "&", which is no word
_STANDS_FOR = frozenset(("DBA", "TA", "AKA", "FKA", "NKA", "FORMERLY", "OBO"))
_PHRASES = (
    (" DOING BUSINESS AS ", " DBA "), (" TRADING AS ", " DBA "), (" ALSO KNOWN AS ", " DBA "), (" ON BEHALF OF ", " DBA "),
    (" FORMERLY KNOWN AS ", " DBA "), (" IN CARE OF ", " DBA "), (" KABUSHIKI KAISHA ", " KK "), (" GODO KAISHA ", " GK "),
    (" SA DE CV ", " SADECV "), (" DE CV ", " DECV "), (" SP ZOO ", " SPZOO "),
)  # fmt: skip
# Legal forms that are written without a blank, and half-width marks that Japanese banks use for them.
_GLUED = (
    ("株式会社", " KK "), ("(株)", " KK "), ("合同会社", " GK "), ("(同)", " GK "), ("有限会社", " YK "), ("(有)", " YK "),
    ("カ)", " KK "), ("(カ", " KK "), ("ユ)", " YK "), ("(ユ", " YK "), ("ド)", " GK "), ("(ド", " GK "),
    ("股份有限公司", " CO LTD "), ("有限公司", " CO LTD "), ("주식회사", " CO LTD "), ("(주)", " CO LTD "), ("유한회사", " LLC "),
)  # fmt: skip
# Letters that no decomposition takes apart. Umlauts stand in both ways in which banks write them out.
_LETTERS = str.maketrans(
    {"Ø": "O", "Ł": "L", "Đ": "D", "Þ": "TH", "Æ": "AE", "Œ": "OE", "Ð": "D", "Ħ": "H", "İ": "I"}
)
_WRITTEN_OUT = str.maketrans({"Ä": "AE", "Ö": "OE", "Ü": "UE", "Ø": "OE", "Å": "AA"})
_ASCII = str.maketrans(
    {code: chr(code) if chr(code).isalnum() else " " for code in range(128)} | {ord("'"): None}
)
_MASKED = frozenset("*#•?")


@dataclass(frozen=True, slots=True)
class Name:
    """One reading of a name. All parts are upper case without blanks; `words` are those of the core."""

    full: str
    core: str
    words: tuple[str, ...]

    @property
    def ordered(self) -> str:
        """Words in alphabetical order, legal forms left out wherever they stand: for names that are written back to front."""
        return "".join(sorted(word for word in self.words if word not in FORMS) or self.words)


@dataclass(frozen=True, slots=True)
class Written:
    """What a text may name: the whole of it in each transliteration, and the parts around "doing business as"."""

    whole: tuple[Name, ...]
    parts: tuple[Name, ...]


def names_in(text: str) -> Written:
    """Readings of a payer's name. A text without a letter or digit has none.

    Upper and lower case, width (NFKC), diacritics, punctuation, direction marks and "and" or "&" do not count; a name with
    umlauts is read plain (MULLER) and written out (MUELLER).
    """
    upper = _upper(text)
    spelt = [upper]
    if not upper.isascii() and (written_out := upper.translate(_WRITTEN_OUT)) != upper:
        spelt.append(written_out)
    whole: list[Name] = []
    parts: list[Name] = []
    for reading in spelt:
        words = _words(reading)
        if not words:
            continue
        _add(whole, _name(words))
        for part in _around_markers(words):
            _add(parts, _name(part))
    return Written(tuple(whole), tuple(parts))


def account_key(text: str) -> str:
    """A bank account as it can be compared: letters and digits only, upper case.

    Empty, which identifies nobody, where it is masked, has no digit (NOTPROVIDED), repeats one sign (0000000) or has
    fewer than four signs.
    """
    folded = unicodedata.normalize("NFKC", text[:ACCOUNT_LIMIT]).upper()
    if not _MASKED.isdisjoint(folded):
        return ""
    key = "".join(sign for sign in folded if sign.isalnum())
    is_told = len(key) >= 4 and len(set(key)) > 1 and any(sign.isdigit() for sign in key)
    return key if is_told else ""


def initials(name: Name) -> str:
    """First letters of the core's words; empty where the core has one word."""
    return "".join(word[0] for word in name.words) if len(name.words) > 1 else ""


def _upper(text: str) -> str:
    text = text[:NAME_LIMIT]
    if text.isascii():
        return text.upper()
    text = unicodedata.normalize("NFKC", text)[:NAME_LIMIT].upper()
    return unicodedata.normalize("NFC", text)


def _words(upper: str) -> list[str]:
    text = upper.replace("C/O", " DBA ")
    if text.isascii():
        words = text.translate(_ASCII).split()
    else:
        for glued, form in _GLUED:
            text = text.replace(glued, form)
        words = _unmarked(text).split()
    words = [word for word in words if word not in _AND] or words
    joined = f" {' '.join(_merged(words))} "
    for phrase, short in _PHRASES:
        if phrase in joined and not (
            short == " DBA " and joined.endswith(phrase)
        ):  # Moss Trading AS is Norwegian
            joined = joined.replace(phrase, short)
    return [_SPELLED.get(word, word) for word in joined.split()]


def _around_markers(words: list[str]) -> list[list[str]]:
    """The names before and behind "doing business as" and its kin; nothing where the marker is the first or last word."""
    if _STANDS_FOR.isdisjoint(words):
        return []
    at = [place for place, word in enumerate(words) if word in _STANDS_FOR and 0 < place < len(words) - 1]
    if not at:
        return []
    edges = [-1, *at, len(words)]
    return [words[a + 1 : b] for a, b in pairwise(edges) if b - a > 1]


def _unmarked(text: str) -> str:
    """Without diacritics of Latin, Greek, Cyrillic, Hebrew and Arabic; marks of other scripts carry meaning and stay."""
    out: list[str] = []
    for sign in unicodedata.normalize("NFKD", text):
        kind = unicodedata.category(sign)
        if kind in ("Mn", "Cf") or sign in "'’ʼ`":
            if kind == "Mn" and not ("\u0300" <= sign <= "\u036f" or "\u0591" <= sign <= "\u0670"):
                out.append(sign)
            continue
        out.append(sign if sign.isalnum() or kind[0] == "M" else " ")
    return unicodedata.normalize("NFC", "".join(out).translate(_LETTERS))


def _merged(words: list[str]) -> list[str]:
    """Single letters that follow each other are one word: S.p.A. is SPA, Z & S is ZS."""
    out: list[str] = []
    is_open = False
    for word in words:
        is_letter = len(word) == 1 and word.isascii() and word.isalpha()
        if is_letter and is_open:
            out[-1] += word
        else:
            out.append(word)
        is_open = is_letter
    return out


def _name(words: list[str]) -> Name:
    start, end = 0, len(words)
    while end - start > 1 and words[end - 1] in FORMS:
        end -= 1
    while end - start > 1 and words[start] in LEADING:
        start += 1
    core = tuple(words[start:end])
    # A form in front and the same form behind are one name: KK YAMADA and YAMADA KK.
    return Name(full="".join((*core, *words[:start], *words[end:])), core="".join(core), words=core)


def _add(names: list[Name], name: Name) -> None:
    if name not in names:
        names.append(name)
