"""One SQL statement that only reads, and the names of its parameters. Floor 2.

This is the fence before the real one, which is the read-only transaction and the rights of the database user. It
knows no dialect: whatever two databases could read differently (dollar quotes, nested comments, a backslash or
brackets beside a quoted semicolon) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from arlib.errors import ParameterError

PIECES = re.compile(
    r"""(?P<quoted>'[^']*'|"[^"]*"|`[^`]*`)"""
    r"""|(?P<comment>--[^\n]*|/\*(?:[^*]|\*(?!/))*\*/)"""
    r"""|(?P<open>['"`]|/\*)"""
    r"""|(?P<code>[^'"`/-]+|[/-])"""
)
BIND = re.compile(r"(?<![:\w\\]):([A-Za-z_]\w*)(\??)(?!:)")
IN_QUOTES = re.compile(r"(?<![:\w\\]):(?=\w)")
DOLLAR = re.compile(r"\$\w*\$")
FIRST = re.compile(r"\s*\(*\s*(\w*)")
WRITES = frozenset((
    "insert", "update", "delete", "merge", "upsert", "drop", "alter", "create", "truncate", "grant", "revoke", "into",
    "call", "execute", "exec", "copy", "attach", "detach", "pragma", "vacuum", "install",
))  # fmt: skip
WORD = re.compile(r"\b[A-Za-z_]\w*")


@dataclass(frozen=True)
class Statement:
    """A statement with parameters written as `:name`; `optional` are those that may be left out, as NULL."""

    text: str
    parameters: tuple[str, ...]
    optional: frozenset[str] = frozenset()

    def rendered(self, mark: Callable[[str], str], quoted: Callable[[str], str] = str) -> str:
        """The text with each parameter as `mark(name)` says; quoted texts and comments go through `quoted`."""
        made = []
        for kind, piece in _pieces(self.text):
            made.append(BIND.sub(lambda m: mark(m[1]), piece) if kind == "code" else quoted(piece))
        return "".join(made)

    def for_sqlalchemy(self) -> str:
        """The text as `sqlalchemy.text` takes it: a colon inside quotes is no parameter."""
        return self.rendered(lambda name: f":{name}", lambda piece: IN_QUOTES.sub(r"\\:", piece))


def check_statement(sql: str, *, where: str = "query") -> Statement:
    """The statement, where it is a single SELECT or WITH; else ParameterError.

    A semicolon at its end is taken off. A parameter that may be left out is written `:name?`.
    """
    text = sql.strip()
    while text.endswith(";"):
        text = text[:-1].rstrip()
    wrong = ParameterError("a query only reads", where=where, wanted="one SELECT or WITH statement")
    if "\0" in text:
        raise wrong
    code, has_backslash = [], False
    for kind, piece in _pieces(text):
        if kind == "open":
            raise ParameterError("a quoted text or comment does not end", where=where)
        if kind == "comment" and ("/*" in piece[2:] or ";" in piece):
            raise ParameterError(
                "a comment that databases read differently", where=where, fix="Take it out, or its semicolon."
            )
        has_backslash |= kind == "quoted" and "\\" in piece
        code.append(piece if kind == "code" else " ")
    bare = "".join(code)
    if ";" in bare:
        raise ParameterError("several statements", where=where, wanted="one SELECT or WITH statement")
    if DOLLAR.search(bare) or (";" in text and (has_backslash or "[" in bare)):
        raise ParameterError(
            "a quoting that databases read differently", where=where, wanted="plain 'quoted' texts"
        )
    first = FIRST.match(bare)
    if first is None or first[1].lower() not in ("select", "with"):
        raise wrong
    for word in WORD.finditer(bare):
        if word[0].lower() in WRITES:
            raise ParameterError(
                "a query only reads",
                where=where,
                found=word[0],
                fix="A column of that name stands in double quotes.",
            )
    found = [pair for piece in code for pair in BIND.findall(piece)]
    marked = Statement(text, tuple(dict.fromkeys(name for name, _ in found)))
    return Statement(
        marked.rendered(lambda name: f":{name}"),
        marked.parameters,
        frozenset(name for name, mark in found if mark),
    )


def is_ordered(statement: Statement) -> bool:
    """Whether the statement itself, and not only a part in brackets, orders its rows."""
    depth, outside = 0, []
    for kind, piece in _pieces(statement.text):
        for character in piece if kind == "code" else " ":
            depth += (character == "(") - (character == ")")
            outside.append(character if depth == 0 else " ")
    return re.search(r"\border\s+by\b", "".join(outside), re.IGNORECASE) is not None


def _pieces(text: str) -> list[tuple[str, str]]:
    """The text in pieces, code in one piece as far as it goes (a parameter is seen with what stands before it)."""
    made: list[tuple[str, list[str]]] = []
    for found in PIECES.finditer(text):
        kind = found.lastgroup or "code"
        if kind == "code" and made and made[-1][0] == "code":
            made[-1][1].append(found[0])
        else:
            made.append((kind, [found[0]]))
    return [(kind, "".join(pieces)) for kind, pieces in made]
