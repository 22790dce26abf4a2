"""A book without names: what is personal replaced by keyed pseudonyms, equal for equal. Floor 1.

A pseudonym is the HMAC-SHA-256 of a text in its normal form under a key, 80 bits of it in base 32, with a prefix by kind:
NAME-7QK2...  Without the key nobody can try names; with it, and with the key file, ours can say who is meant (NIST IR 8053:
this is pseudonymisation, not anonymisation, since amounts, dates and document numbers stay).
"""

from __future__ import annotations

import base64
import hmac
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

import pandas as pd

from arlib.audit.personal import Content, all_contents
from arlib.errors import IdentityError, ParameterError
from arlib.matching.names import names_in
from arlib.tables import CANONICAL, Book, Column, Kind, Table

SHORTEST_KEY = 16  # bytes
BYTES = 10  # of the HMAC, 16 signs of base 32: 80 bits, so that a million texts do not meet by chance
SHORTEST_WORD = 4  # of a name; shorter ones stand in too many texts
PREFIX = {
    Content.NAME: "NAME", Content.ADDRESS: "ADDR", Content.EMAIL: "MAIL", Content.PHONE: "TEL", Content.TAX_ID: "TAX",
    Content.ACCOUNT: "ACCT", Content.TEXT: "TEXT", Content.FILE: "FILE", Content.USER: "USER", Content.CUSTOMER: "CUST",
}  # fmt: skip
NAMING = (Content.NAME, Content.ADDRESS, Content.EMAIL, Content.PHONE, Content.TAX_ID, Content.ACCOUNT)
OURS = ("document_no", "order_no", "item_id")  # of items: numbers that may stand in a text
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./&+-]{0,39}\Z")
WORD = re.compile(r"\w+")
PART = re.compile(r"[^\W_]+")
TOKEN = re.compile(r"[^\s,;|]*[0-9][^\s,;|]*")
MARKS = ".:()[]'\"#"
SHORTEST_IBAN = 15
IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")

PSEUDONYMS = Table("pseudonyms", "a text that a pseudonym stands for", ("pseudonym", "original"), (
    Column("kind", Kind.TEXT, "what it is: name, address, email, phone, tax_id, account, text, file, user or customer", True),
    Column("pseudonym", Kind.TEXT, "what stands in its place", True, is_key=True),
    Column("original", Kind.TEXT, "the text itself; several that are written differently may share a pseudonym", True, is_key=True),
))  # fmt: skip

SURVIVORS = Table("survivors", "a text of a redacted book in which somebody is still named", ("table", "column", "pseudonym"), (
    Column("table", Kind.TEXT, "canonical table", True),
    Column("column", Kind.TEXT, "its column", True),
    Column("pseudonym", Kind.TEXT, "who is named, by pseudonym", True),
    Column("rows", Kind.INTEGER, "rows", True),
))  # fmt: skip


def pseudonymised(
    book: Book,
    *,
    key: bytes,
    with_users: bool = False,
    with_customer_ids: bool = False,
    kept: Collection[str] = (),
) -> tuple[Book, pd.DataFrame]:
    """The book with everything personal replaced, and the key file (PSEUDONYMS, sorted by pseudonym and original).

    What a column holds says `personal.PERSONAL`. Names, addresses, e-mails, telephones, tax numbers, customers' bank accounts
    and free texts are always replaced; users (and agents, agencies, attorneys) `with_users`, customer ids `with_customer_ids`.
    Document numbers, dates and amounts stay. Equal texts have equal pseudonyms, in any table; names are equal as matching
    compares them in full (case, marks, spelling of the legal form), so payers are still found by name, but names that are only
    alike are not alike any more. In a free text the numbers of our own documents stay, so that payments are still found by
    reference. A reference of somebody else's stays unless it has a word of a name of four letters or more, an account or an
    e-mail in it. `kept` are texts with blanks that are codes nevertheless, such as a policy's outcomes.

    The book's documents are left out: bank files as they came name payers. Raises ParameterError for a key under 16 bytes.
    """
    if len(key) < SHORTEST_KEY:
        raise ParameterError("key of pseudonyms", found=f"{len(key)} bytes", wanted=f"{SHORTEST_KEY} or more")
    kinds = {*PREFIX} - (set() if with_users else {Content.USER})
    kinds -= set() if with_customer_ids else {Content.CUSTOMER}
    maker = _Maker(book, key=key, kinds=frozenset(kinds), kept=frozenset(kept))
    declared = all_contents()
    tables = {name: maker.table(frame, declared[name]) for name, frame in book.tables.items()}
    made = replace(
        book,
        tables=tables,
        problems=maker.table(book.problems, declared["problems"]),
        inputs=maker.table(book.inputs, declared["inputs"]),
        documents=(),
    )
    return made, maker.key_file()


def survivors(book: Book, key_file: pd.DataFrame) -> pd.DataFrame:
    """Where a name, address, e-mail, telephone, tax number or account of the key file still stands in a book (SURVIVORS).

    Words are compared whole and without case, in every text column but closed lists, and users where they stay. Originals
    under six letters and digits are not looked for. Empty is what is wanted; what is listed stands in a column that was taken
    for a code.
    """
    told = key_file[key_file["kind"].isin([str(content) for content in NAMING])]
    first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for original, pseudonym in zip(told["original"], told["pseudonym"], strict=True):
        words = tuple(WORD.findall(original.casefold()))
        if len("".join(words)) >= 6 and words:
            first.setdefault(words[0], []).append((words, pseudonym))
    rows = []
    declared, has_users = all_contents(), key_file["kind"].eq(str(Content.USER)).any()
    for name, frame in book.tables.items():
        looked_at = {n for n, held in declared[name].items() if has_users or held is not Content.USER}
        for column in CANONICAL[name].columns:
            if column.name in looked_at and column.choices is None and column.name in frame.columns:
                counts = frame[column.name].value_counts()
                hits: dict[str, int] = {}
                for text, count in counts.items():
                    for pseudonym in _named(str(text), first):
                        hits[pseudonym] = hits.get(pseudonym, 0) + int(count)
                rows += [
                    {"table": name, "column": column.name, "pseudonym": who, "rows": n}
                    for who, n in sorted(hits.items())
                ]
    return SURVIVORS.from_rows(rows)


def _named(text: str, first: Mapping[str, list[tuple[tuple[str, ...], str]]]) -> set[str]:
    words = WORD.findall(text.casefold())
    return {
        pseudonym
        for at, word in enumerate(words)
        for wanted, pseudonym in first.get(word, ())
        if tuple(words[at : at + len(wanted)]) == wanted
    }


class _Maker:
    """Pseudonyms under one key, and what they stand for."""

    def __init__(self, book: Book, *, key: bytes, kinds: frozenset[Content], kept: frozenset[str]) -> None:
        self._key, self._kinds, self._kept = key, kinds, kept
        self._normals: dict[str, tuple[Content, str]] = {}
        self._originals: set[tuple[str, str]] = set()
        self._known, self._digits = _numbers(book)
        self._words, self._accounts = _naming_words(book, with_ids=Content.CUSTOMER in kinds)

    def table(self, frame: pd.DataFrame, contents: Mapping[str, Content]) -> pd.DataFrame:
        """A frame with every text column as its content asks."""
        made = frame.copy()
        for name, content in contents.items():
            if name not in made.columns:
                continue
            if content is Content.ATTRIBUTE:
                by = frame["attribute"].isin
                for own, which in (
                    (Content.USER, ["collector", "sales_rep"]),
                    (Content.CUSTOMER, ["parent_id"]),
                ):
                    made[name] = made[name].where(~by(which), self._column(made[name], own))
            else:
                made[name] = self._column(made[name], content)
        return made

    def _column(self, values: pd.Series, content: Content) -> pd.Series:
        change = self._change(content)
        if change is None:
            return values
        mapping = {text: change(str(text)) for text in values.dropna().unique()}
        return values.map(mapping).astype(values.dtype)

    def _change(self, content: Content) -> Callable[[str], str] | None:
        """What becomes of a text of that content; None where it stays."""
        if content is Content.NAMES:
            return lambda text: "|".join(self.one(Content.NAME, part) for part in text.split("|"))
        if content is Content.TEXT:
            return self._text
        if content is Content.REFERENCE:
            return lambda text: self._text(text) if self._names_somebody(text) else text
        if content is Content.REASON:
            return lambda text: text if self._is_code(text) else self._text(text)
        return (lambda text: self.one(content, text)) if content in self._kinds else None

    def one(self, content: Content, text: str) -> str:
        """The pseudonym of a text; one without a sign stays."""
        if not text.strip():
            return text
        normal = NORMAL.get(content, _as_written)(text) or _folded(text)
        mac = hmac.digest(self._key, f"{content}\0{normal}".encode("utf-8", "surrogatepass"), "sha256")
        sign = base64.b32encode(mac[:BYTES]).decode()
        made = f"{PREFIX[content]}-{sign}" + ("@redacted.invalid" if content is Content.EMAIL else "")
        if self._normals.setdefault(made, (content, normal)) != (content, normal):
            raise IdentityError("two texts have one pseudonym; use another key", where=made)
        self._originals.add((made, text))
        return made

    def _text(self, text: str) -> str:
        """A free text's pseudonym, followed by the numbers of our documents that stand in it."""
        if not text.strip() or text in self._known:
            return text
        numbers = dict.fromkeys(number for token in TOKEN.findall(text) for number in self._in_token(token))
        return " ".join([self.one(Content.TEXT, text), *numbers])

    def _in_token(self, token: str) -> list[str]:
        """The numbers of our documents in a word: the word itself, or its parts between slashes."""
        plain = token.strip(MARKS)
        parts = [plain] if self._is_number(plain) else [part.strip(MARKS) for part in plain.split("/")]
        return [part for part in parts if self._is_number(part)]

    def _is_number(self, plain: str) -> bool:
        return plain in self._known or (plain.isascii() and plain.isdigit() and plain in self._digits)

    def _is_code(self, text: str) -> bool:
        return text in self._kept or (bool(CODE.match(text)) and not self._names_somebody(text))

    def _names_somebody(self, text: str) -> bool:
        if "@" in text:
            return True
        parts = PART.findall(text.upper())
        whole = "".join(parts)
        return (
            not self._words.isdisjoint(parts)
            or not self._accounts.isdisjoint((*parts, whole))
            or any(len(part) >= SHORTEST_IBAN and IBAN.fullmatch(part) for part in (*parts, whole))
        )

    def key_file(self) -> pd.DataFrame:
        """What each pseudonym stands for."""
        told = sorted(self._originals)
        made = [pseudonym for pseudonym, _ in told]
        kinds = [str(self._normals[pseudonym][0]) for pseudonym in made]
        originals = [original for _, original in told]
        return PSEUDONYMS.typed(
            pd.DataFrame({"kind": kinds, "pseudonym": made, "original": originals}, dtype="str")
        )


def _numbers(book: Book) -> tuple[frozenset[str], frozenset[str]]:
    """The numbers of our documents as they are written, and their digits where there are four or more."""
    items = book["items"]
    known = {
        str(text) for name in OURS for text in items[name].dropna().unique() if any(map(str.isdigit, text))
    }
    digits = {
        "".join(mark for mark in text if mark.isdigit()) for text in items["document_no"].dropna().unique()
    }
    return frozenset(known), frozenset(text for text in digits if len(text) >= 4)


def _naming_words(book: Book, *, with_ids: bool) -> tuple[frozenset[str], frozenset[str]]:
    """Words of names (upper case), and account keys, e-mails, telephones and tax numbers as signs alone."""
    words: set[str] = set()
    signs: set[str] = set()
    for table, contents in all_contents().items():
        frame = book.tables.get(table)
        for name, content in contents.items() if frame is not None else ():
            if frame is None or name not in frame.columns:
                continue
            texts = frame[name].dropna().unique()
            if content in (Content.NAME, Content.NAMES, Content.ADDRESS):
                found = (word for text in texts for word in PART.findall(text.upper()))
                words |= {w for w in found if len(w) >= SHORTEST_WORD and not any(map(str.isdigit, w))}
            elif content in (Content.ACCOUNT, Content.EMAIL, Content.PHONE, Content.TAX_ID):
                signs |= {sign for text in texts if len(sign := _signs(text)) >= 6}
            elif content is Content.CUSTOMER and with_ids:
                words |= {text.upper() for text in texts if len(text) >= SHORTEST_WORD}
    return frozenset(words), frozenset(signs)


def _name(text: str) -> str:
    read = names_in(text).whole
    return read[0].full if read else ""


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _signs(text: str) -> str:
    return "".join(mark for mark in unicodedata.normalize("NFKC", text).upper() if mark.isalnum())


def _as_written(text: str) -> str:
    return text


NORMAL: Mapping[Content, Callable[[str], str]] = {
    Content.NAME: _name,
    Content.ADDRESS: _folded,
    Content.EMAIL: _folded,
    Content.PHONE: _signs,
    Content.TAX_ID: _signs,
    Content.ACCOUNT: _signs,
    Content.TEXT: _folded,
}


def needles(key_file: pd.DataFrame, *, shortest: int = 6) -> Iterable[str]:
    """Originals to look for in the bytes of a redacted pack: names and numbers, without short ones that any text has."""
    told = key_file[key_file["kind"].isin([str(content) for content in NAMING])]["original"]
    return (text for text in told if len(text) >= shortest)
