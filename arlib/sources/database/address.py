"""The address of a database: read from the environment, kept out of every output. Floor 2."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from arlib.errors import SourceError

if TYPE_CHECKING:
    from sqlalchemy import URL

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*_URL")
VARIABLE_WORDS = "the name of an environment variable that ends with _URL, such as ARLIB_ERP_URL"
SHORTEST = 3  # a shorter secret cannot be taken out of a sentence; the sentence is left out instead


@dataclass(frozen=True)
class Address:
    """An address and the name of the variable that held it; it is never shown."""

    variable: str
    url: URL = field(repr=False)

    def scrubbed(self, words: str) -> str:
        """What a database said, without user, password, host, port, name or any other part of the address."""
        password = _spelled(str(self.url.password or ""))
        if any(0 < len(text) < SHORTEST and text.lower() in words.lower() for text in password):
            return ""
        asked = {text for given in _query(self.url) if len(given) >= SHORTEST for text in _spelled(given)}
        whole = self.url.render_as_string(hide_password=False)
        for text in sorted({whole, *password, *asked} - {""}, key=len, reverse=True):
            words = re.sub(re.escape(text), "...", words, flags=re.IGNORECASE)
        plain = (self.url.username, self.url.host, self.url.database, self.url.port)
        for text in sorted(
            {t for given in plain if given for t in _spelled(str(given))}, key=len, reverse=True
        ):
            words = re.sub(rf"(?<![\w.-]){re.escape(text)}(?![\w-])", "...", words, flags=re.IGNORECASE)
        return words


def _query(url: URL) -> Iterator[str]:
    for value in url.query.values():
        yield from (value,) if isinstance(value, str) else value


def _spelled(text: str) -> set[str]:
    """A part as it stands in an address and as a driver says it."""
    return {text, quote(text), quote(text, safe=""), quote_plus(text), repr(text)[1:-1]}


def address_of(variable: str) -> Address:
    """The address that the environment variable holds.

    Raises SourceError, which names the variable and never repeats what it holds, where the name is not that
    of a variable, nothing is set, or the address cannot be read.
    """
    if not VARIABLE.fullmatch(variable):
        raise SourceError("database", wanted=VARIABLE_WORDS)
    given = os.environ.get(variable, "").strip()
    if not given:
        raise SourceError(
            f"the environment variable {variable} is not set",
            fix="Set it to the address of the database, such as postgresql://USER:PASSWORD@HOST/DATABASE.",
        )
    made = _parsed(given)
    if made is None:
        raise SourceError(
            f"{variable} is not the address of a database",
            wanted="an SQLAlchemy address, such as postgresql://USER:PASSWORD@HOST/DATABASE",
        )
    return Address(variable, made)


def _parsed(given: str) -> URL | None:
    from sqlalchemy import exc, make_url

    try:
        return make_url(given)
    except (exc.ArgumentError, ValueError):  # their words repeat the address
        return None
