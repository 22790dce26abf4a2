"""What looks like a secret, so that parameters and the store refuse it without repeating it. Floor 4.

Connection strings and passwords come from the environment and reach no file, notebook, manifest, log or
message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET = frozenset(
    {
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "secrets",
        "token",
        "credential",
        "credentials",
        "dsn",
        "apikey",
        "authorization",
        "authorisation",
        "bearer",
    }
)
_SECRET_PAIRS = frozenset(
    {
        ("api", "key"),
        ("private", "key"),
        ("access", "key"),
        ("connection", "string"),
        ("conn", "string"),
        ("secret", "key"),
        ("store", "url"),
        ("database", "url"),
        ("db", "url"),
    }
)
# begins at a fixed text and is bounded, so that a long text costs no more than its length
_CREDENTIALS_IN_URL = re.compile(r"://[^/\s@:]{0,256}:[^/\s@]{0,256}@")
_PAIR_IN_TEXT = re.compile(
    r"(?i)(?<![a-z])(password|passwd|pwd|secret|api[_-]?key|access[_-]?token)\s*=\s*\S"
)


def is_secret_key(key: str) -> bool:
    """Whether a key's words say that its value is a secret: `db_password`, `apiKey`, `access-token`."""
    words = [word.lower() for word in _WORDS.findall(key)]
    return bool(_SECRET & set(words)) or any(pair in _SECRET_PAIRS for pair in pairwise(words))


def is_secret_text(text: str) -> bool:
    """Whether a text carries credentials: a URL with user and password, or `password=...`."""
    return bool(_CREDENTIALS_IN_URL.search(text) or _PAIR_IN_TEXT.search(text))


def secret_paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The path of everything in nested data that looks like a secret, by its key or by what it says."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if is_secret_key(str(key)):
                yield (*path, str(key))
            else:
                yield from secret_paths(inner, (*path, str(key)))
    elif isinstance(value, (list, tuple)):
        for position, inner in enumerate(value):
            yield from secret_paths(inner, (*path, position))
    elif isinstance(value, str) and is_secret_text(value):
        yield path
