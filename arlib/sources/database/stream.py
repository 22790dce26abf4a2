"""Rows of a query as text columns, chunk by chunk: what a file would have held. Floor 2.

A chunk of Python values becomes Arrow text at once and is let go, so that a long result never stands in
memory as rows. The fingerprint is that of the rows whatever their order: SHA-256 over the column names and the
sorted SHA-256 of every row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from arlib.errors import SourceError
from arlib.sources.raw import Records
from arlib.sources.typedfiles import cell_text

if TYPE_CHECKING:
    import numpy as np

CHUNK_ROWS = 10_000
CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127), " ")


class Gathered:
    """Columns of text that grow by chunks."""

    def __init__(self, names: Sequence[str], *, where: str, no_floats: Iterable[str] = ()) -> None:
        """`no_floats` names the columns in which a float refuses the result: money."""
        self.names, self.where, self.rows, self.bytes = tuple(names), where, 0, 0
        self._no_floats = frozenset(no_floats)
        self._chunks: dict[str, list[Any]] = {name: [] for name in self.names}
        self._typed: dict[str, list[np.ndarray]] = {name: [] for name in self.names}
        self._digests = bytearray()
        self._sorted = sorted(self.names)

    def add(self, columns: Sequence[Sequence[object]]) -> None:
        """One chunk, column by column. Raises SourceError for a value that is not a plain one."""
        import numpy as np
        import pyarrow as pa

        texts: dict[str, list[str]] = {}
        for name, values in zip(self.names, columns, strict=True):
            is_text = {type(value) for value in values} <= {str, type(None)}
            texts[name] = [self._text(value, name) for value in values] if not is_text else _texts(values)
            typed = [not is_text and value is not None and not isinstance(value, str) for value in values]
            self._chunks[name].append(pa.array(texts[name], pa.large_string()))
            self._typed[name].append(np.array(typed, dtype=bool))
        for row in zip(*(texts[name] for name in self._sorted), strict=True):
            line = json.dumps(row, separators=(",", ":")).encode()
            self.bytes += len(line) + 1
            self._digests += hashlib.sha256(line).digest()
        self.rows += len(columns[0]) if columns else 0

    def records(self, *, is_ordered: bool = True) -> Records:
        """The columns so far as records; the first row is row 2, as under the header of a file.

        Where nothing orders the rows they stand in an order that depends on nothing but the rows, so that what
        takes "the first" of several takes the same one each time.
        """
        import numpy as np
        import pandas as pd
        import pyarrow as pa

        kind = pd.StringDtype("pyarrow", na_value=np.nan)
        texts, native = {}, {}
        for name in self.names:
            made = pa.chunked_array(self._chunks[name], pa.large_string())
            texts[name] = pd.Series(pd.arrays.ArrowStringArray(made, dtype=kind))  # type: ignore[call-arg]
            typed = np.concatenate([*self._typed[name], np.zeros(0, dtype=bool)])
            if typed.any():
                native[name] = pd.Series(typed)
        frame = pd.DataFrame(texts, columns=list(self.names), index=pd.RangeIndex(self.rows))
        rows = np.arange(2, self.rows + 2)
        if not is_ordered:
            order = np.lexsort(self._keys().T[::-1])
            frame, rows = frame.take(order).reset_index(drop=True), rows[order]
            native = {name: mask.take(order).reset_index(drop=True) for name, mask in native.items()}
        return Records(frame=frame, rows=rows, native=native)

    def _keys(self) -> np.ndarray:
        import numpy as np

        return np.frombuffer(bytes(self._digests), dtype=">u8").reshape(-1, 4)

    def sha256(self) -> str:
        """The fingerprint of what came, in whatever order."""
        import numpy as np

        digests = self._keys()
        ordered = digests[np.lexsort(digests.T[::-1])]
        return hashlib.sha256(json.dumps(self._sorted).encode() + b"\n" + ordered.tobytes()).hexdigest()

    def _text(self, value: object, name: str) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return plain(value)
        if isinstance(value, float) and value == value and name in self._no_floats:
            raise SourceError(
                f"column {name} is a binary floating-point number, which cannot hold money exactly",
                where=self.where,
                fix="Let the query cast it to an exact decimal, or set the option float_noise of the source.",
            )
        if isinstance(value, Decimal) and value.is_finite():
            return _decimal(value)
        if isinstance(value, datetime):
            if value.tzinfo is not None:
                value = value.astimezone(UTC)
            elif value.time() != time(0):
                return str(value)
        text = cell_text(value)
        if isinstance(value, bytes | bytearray | memoryview | list | tuple | dict | set):
            raise SourceError(
                f"column {name} holds {type(value).__name__}, not plain values", where=self.where
            )
        return text


def _texts(values: Sequence[object]) -> list[str]:
    """A chunk of texts, '' for none."""
    texts = [value if isinstance(value, str) else "" for value in values]
    return texts if "".join(texts).isprintable() else [plain(text) for text in texts]


def _decimal(value: Decimal) -> str:
    """The value without the places that its column merely declares: 12.5 for 12.500."""
    text = format(value if value else abs(value), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(text: str) -> str:
    """A text without control characters, tab and line ends aside, and without halves of characters."""
    return text if text.isprintable() else text.translate(CONTROL).encode("utf-8", "replace").decode("utf-8")
