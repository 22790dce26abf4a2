"""What must not leave this machine: absolute paths and secrets, taken out of everything that is kept.

Floor 4.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from arlib.run.kernel import secrets

SHORTEST_SECRET = 6  # a shorter value of a variable would blot out ordinary words


class Mask:
    """Replaces machine paths and the values of secret environment variables in text.

    The project root becomes `.`, the interpreter's folders `<python>`, the home folder `~`, temporary folders
    `<tmp>`, a secret `<secret>`. Longer paths go first, so that a virtual environment inside the project
    reads `<python>`.
    """

    def __init__(self, root: Path, *, also: Mapping[Path, str] | None = None) -> None:
        """Collect what to look for; `also` maps further folders to words."""
        words: dict[str, str] = {}
        for folder, word in (
            *((also or {}).items()),
            (root, "."),
            (Path(sys.prefix), "<python>"),
            (Path(sys.base_prefix), "<python>"),
            (Path(tempfile.gettempdir()), "<tmp>"),
            (Path.home(), "~"),
        ):
            for spelled in {str(folder), str(folder.resolve()), folder.as_posix()}:
                if len(spelled) > 3:
                    words.setdefault(spelled, word)
                    words.setdefault(spelled.replace("\\", "\\\\"), word)
        self._paths = sorted(words.items(), key=lambda pair: -len(pair[0]))
        values = {value for value in secrets(os.environ).values() if len(value) >= SHORTEST_SECRET}
        self._secrets = sorted(values, key=lambda value: -len(value))

    def __call__(self, text: str) -> str:
        """The text without them."""
        for value in self._secrets:
            text = text.replace(value, "<secret>")
        for path, word in self._paths:
            text = text.replace(path, word)
        return text

    def deep(self, value: Any) -> Any:
        """Nested data with every text masked, keys too; anything else as it is."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Mapping):
            return {self(str(key)): self.deep(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.deep(inner) for inner in value]
        return value
