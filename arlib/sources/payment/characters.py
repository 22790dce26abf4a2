"""Names and references in the characters that banks take: Latin letters, digits and a few marks. Floor 2.

The set is that of SWIFT (X) and the European Payments Council (EPC217-08): a-z A-Z 0-9 / - ? : ( ) . , ' + and blank.
Diacritics go; letters that have none to lose are written out (ß as ss). What has no Latin writing is left out, and a name
of which nothing is left is a fault: somebody must give a Latin one.
"""

from __future__ import annotations

import unicodedata

import pandas as pd

from arlib.sources.payment.payments import PAYMENTS, TRANSLITERATED

ALLOWED = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ")
_WRITTEN = str.maketrans({
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d",
    "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ħ": "h", "Ħ": "H", "ı": "i", "&": "+", "@": "(at)", "_": "-",
    "–": "-", "—": "-", "’": "'", "‘": "'", "“": "'", "”": "'", '"': "'", ";": ",", "[": "(", "]": ")", "{": "(", "}": ")",
    "!": ".", "*": ".", "\\": "/", "|": "/",
})  # fmt: skip


def written(text: str, *, limit: int) -> str:
    """A text as a bank takes it, at most `limit` characters; '' where it has no Latin letter or digit.

    A leading slash, and two in a row, mean something to banks and are taken out.
    """
    spread = unicodedata.normalize("NFKD", text.translate(_WRITTEN))
    kept = "".join(
        sign if sign in ALLOWED else " " if sign.isspace() else "" for sign in spread.translate(_WRITTEN)
    )
    line = " ".join(kept.split()).lstrip("/-:")
    while "//" in line:
        line = line.replace("//", "/")
    line = line[:limit].rstrip(" /")
    return line if any(sign.isalnum() for sign in line) else ""


def transliterated(payments: pd.DataFrame) -> pd.DataFrame:
    """Names and references that the files write otherwise than the books: TRANSLITERATED. Needs PAYMENTS."""
    rows = []
    for row in PAYMENTS.typed(payments).to_dict("records"):
        for name, limit in (("payee_name", 70), ("reference", 35)):
            given = row[name] if isinstance(row[name], str) else ""
            made = written(given, limit=limit)
            if given and made != given:
                rows.append(
                    {"proposal_id": row["proposal_id"], "column": name, "given": given, "written": made}
                )
    made_frame = TRANSLITERATED.frame(rows) if rows else TRANSLITERATED.empty()
    return made_frame.sort_values(list(TRANSLITERATED.key), kind="stable", ignore_index=True)
