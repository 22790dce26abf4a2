"""Transfer postings: documents that move a credit to a debit and bring no receivable of their own; and the ledger.

A document with two customer lines, one on either side, both marked as partial payments of lines that the
extract holds (REBZT Z, REBZG), says which credit settles which debit. It is one application, not two items.
When it is reversed, its lines stand on the other sides. Floor 2.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from arlib.sources.erp.sap_amounts import exact, less, written
from arlib.sources.erp.sap_keys import filled, plain
from arlib.sources.profile import Profile
from arlib.sources.raw import RawFile, Records

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

Parts = list[tuple[RawFile, Records]]
PARTIAL = "Z"
ZERO = Decimal(0)


def transfer_rows(parts: Parts, profile: Profile) -> tuple[Parts, Parts, Parts]:
    """Transfers (a row each: the leg that takes from the credit, with the other leg's columns as T.X), the lines
    of reconciliation accounts, and all lines with their roles."""
    import numpy as np
    import pandas as pd

    whole = pd.concat([records.frame for _, records in parts], ignore_index=True)
    rows = np.concatenate([records.rows for _, records in parts])
    source, target, back = _legs(whole)
    whole["_role"] = whole["_role"].mask(whole.index.isin([*source, *target]), "transfer")
    beside = whole.loc[target].add_prefix("T.").set_axis(source)
    made = pd.concat([whole.loc[source], beside], axis=1)
    made["_sign"] = pd.Series(["H" if one else "S" for one in back], index=source, dtype="str")
    made["_source"], made["_target"] = made["_refers_to"], made["T._refers_to"]
    for name, gross, part in (("_settled", "WRBTR", "WSKTO"), ("_settled_books", "DMBTR", "SKNTO")):
        pairs = zip(made[f"T.{gross}"], made[f"T.{part}"], strict=True)
        made[name] = pd.Series([less(a, b, profile) for a, b in pairs], index=made.index, dtype="str")
    made["_reverses_document"] = made["_reverses_document"].where(made["_sign"].eq("H"), "")
    ledger, ledger_rows = _ledger(whole, rows, made, profile)
    lengths = [len(records.frame) for _, records in parts]
    return (
        _divided(parts, lengths, made, rows[np.array(source, dtype=np.intp)], made.index),
        _divided(parts, lengths, ledger, ledger_rows, pd.Index(ledger["_at"].astype("int64"))),
        _divided(parts, lengths, whole, rows, whole.index),
    )


def _divided(parts: Parts, lengths: list[int], frame: pd.DataFrame, rows: np.ndarray, at: pd.Index) -> Parts:
    """Rows by the file that they stand in, `at` being their place among all lines."""
    made, start = [], 0
    places = at.to_numpy()
    for (file, _), length in zip(parts, lengths, strict=True):
        mine = (places >= start) & (places < start + length)
        made.append((file, type(parts[0][1])(frame=frame[mine].reset_index(drop=True), rows=rows[mine])))
        start += length
    return made


def _legs(whole: pd.DataFrame) -> tuple[list[int], list[int], list[bool]]:
    """Places of both legs of each transfer, the one at the credit first, and whether it takes a transfer back."""
    mine = whole[whole["_role"].eq("item")]
    partial = mine["REBZT"].str.strip().eq(PARTIAL) & filled(mine["_refers_to"])
    count = mine.groupby("_document")["_key"].transform("size")
    all_partial = partial.groupby(mine["_document"]).transform("all")
    mine = mine[partial & all_partial & count.eq(2)]
    side = whole.drop_duplicates("_key").set_index("_key")["SHKZG"]
    there = side.reindex(mine["_refers_to"]).to_numpy()
    source: list[int] = []
    target: list[int] = []
    back: list[bool] = []
    first: dict[str, tuple[int, str, object]] = {}
    for at, document, own, refers in zip(mine.index, mine["_document"], mine["SHKZG"], there, strict=True):
        if document not in first:
            first[document] = (at, own, refers)
            continue
        legs = {str(refers): (at, own), str(first[document][2]): first[document][:2]}
        if set(legs) != {"H", "S"} or own == first[document][1]:
            continue
        source.append(legs["H"][0])
        target.append(legs["S"][0])
        back.append(legs["H"][1] == "H")
    return source, target, back


def _ledger(
    whole: pd.DataFrame, rows: np.ndarray, transfers: pd.DataFrame, profile: Profile
) -> tuple[pd.DataFrame, np.ndarray]:
    """Lines on reconciliation accounts; of a transfer what it moves: between two accounts both legs, within one its
    discount and exchange difference."""
    import numpy as np
    import pandas as pd

    accounts = set(whole.loc[whole["KOART"].eq("D"), "HKONT"]) - {""}
    own = whole[whole["HKONT"].isin(accounts) & whole["_role"].ne("transfer") & whole["_noted"].ne("X")]
    own = own.assign(
        _at=own.index, _gl_document=own["BELNR"], _gl_line=own["BUZEI"], _gl_currency=own["BKPF.WAERS"]
    )
    exchange = own["_role"].eq("exchange")  # SAP's line for it carries the number of what it clears
    year = own["AUG.year"].where(exchange, "")
    own["_gl_document"] = own["_gl_document"].where(~exchange, plain(own["AUGBL"]) + "-" + year + "-1")
    places, moves = [], []
    columns = [transfers[name] for name in _MOVED]
    for place, values in enumerate(zip(*columns, strict=True)):
        for move in _moves(dict(zip(_MOVED, map(str, values), strict=True)), profile):
            places.append(place)
            moves.append(move)
    if not moves:
        return own, rows[own.index.to_numpy(dtype=np.intp)]
    extra = transfers.iloc[places]
    changed = {name: [move[n] for move in moves] for n, name in enumerate(_CHANGED)}
    extra = extra.assign(_at=extra.index, SHKZG="S", **changed).reset_index(drop=True)
    made = pd.concat([own, extra[list(own.columns)]], ignore_index=True)
    return made, rows[made["_at"].to_numpy(dtype=np.intp)]


_MOVED = (
    "BUKRS", "BELNR", "GJAHR", "BUZEI", "HKONT", "KUNNR", "WRBTR", "DMBTR", "PYAMT", "PYCUR", "BKPF.WAERS", "_sign",
    "T.HKONT", "T.KUNNR", "T.WRBTR", "T.DMBTR", "T.WSKTO", "T.SKNTO",
)  # fmt: skip
_CHANGED = ("_gl_document", "_gl_line", "HKONT", "KUNNR", "WRBTR", "DMBTR", "_gl_currency")


def _moves(transfer: Mapping[str, str], profile: Profile) -> list[tuple[str, ...]]:
    """What a transfer posts, one entry a movement, as the columns of _CHANGED."""
    sign = -1 if transfer["_sign"] == "H" else 1
    amounts = ("WRBTR", "DMBTR", "PYAMT", "T.WRBTR", "T.DMBTR", "T.WSKTO", "T.SKNTO")
    numbers = {name: exact(transfer[name], profile) for name in amounts}
    discount, books = numbers["T.WSKTO"], numbers["T.SKNTO"]
    currency = transfer["BKPF.WAERS"]
    taken, taken_in = numbers["WRBTR"], currency
    if transfer["PYCUR"].strip() not in ("", currency):
        taken, taken_in = numbers["PYAMT"], transfer["PYCUR"].strip()
    settled, settled_books = numbers["T.WRBTR"] - discount, numbers["T.DMBTR"] - books
    exchange = numbers["DMBTR"] - settled_books
    here, there = (transfer["HKONT"], transfer["KUNNR"]), (transfer["T.HKONT"], transfer["T.KUNNR"])
    moves: list[tuple[str, tuple[str, str], Decimal, Decimal, str]] = []
    if here[0] != there[0] or taken_in != currency:
        moves += [
            ("S", here, taken, numbers["DMBTR"], taken_in),
            ("T", there, -settled, -settled_books, currency),
        ]
    elif exchange:
        moves.append(("X", there, ZERO, exchange, currency))
    if discount or books:
        moves.append(("D", there, -discount, -books, currency))
    document = f"{transfer['BUKRS']}-{transfer['BELNR']}-{transfer['GJAHR']}"
    return [
        (
            document, transfer["BUZEI"] + mark, *of, written(sign * amount, profile),
            written(sign * functional, profile), unit,
        )
        for mark, of, amount, functional, unit in moves
    ]  # fmt: skip
