"""Bank lines from sheets against the balances that the sheet states; a statement for each. Floor 2.

A sheet says its balances in a column (`_balance` of the part) or in lines around the records (the list `stated`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from arlib.errors import Problem
from arlib.money import format_minor
from arlib.sources.convert import to_money
from arlib.sources.raw import remark
from arlib.tables import CANONICAL

if TYPE_CHECKING:
    import pandas as pd

    from arlib.sources.profile import Profile
    from arlib.sources.raw import Records

TABLE = "bank_lines"


def sheet_statements(
    tables: dict[str, pd.DataFrame], records: Mapping[str, Records], profile: Profile
) -> tuple[dict[str, pd.DataFrame], list[Problem]]:
    """A bank statement for each file, account and currency whose balances are stated, and what does not agree.

    The lines get its id. Balances may run down or up the sheet (newest line first).
    """
    lines = tables.get(TABLE)
    made: list[dict[str, Any]] = []
    problems: list[Problem] = []
    if lines is not None and len(lines):
        stated = {
            name: facts
            for name, held in records.items()
            if name.endswith(".stated")
            for facts in _facts(held)
        }
        by_file = {facts["file"]: facts for facts in stated.values()}
        for (file, _, _), group in lines.groupby(["_file", "bank_account", "currency"], sort=True):
            facts = by_file.get(str(file), {})
            balances = _balances(group, profile)
            if balances is None and not {"opening", "closing"} & set(facts):
                continue
            row, said = _statement(group, balances, facts, profile)
            problems += said
            lines.loc[group.index, "statement_id"] = row["statement_id"]
            made.append(row)
    table = CANONICAL["bank_statements"]
    frame = table.frame(made) if made else table.empty()
    frame = frame.assign(_file="", _row=0, _part="derived").astype({"_file": "str", "_part": "str"})
    return {"bank_statements": frame}, problems


def _facts(held: Records) -> list[dict[str, str]]:
    return [{str(key): str(value) for key, value in row.items()} for row in held.frame.to_dict("records")]


def _money(texts: pd.Series, currencies: pd.Series, profile: Profile) -> pd.Series:
    """Minor units by the profile's style, or as a typed cell writes them."""
    import pandas as pd

    own = to_money(texts, currencies, profile).typed
    typed = to_money(texts, currencies, profile, native=pd.Series(True, index=texts.index)).typed
    return own.where(own.notna(), typed)


def _balances(group: pd.DataFrame, profile: Profile) -> list[int] | None:
    if "_balance" not in group or not group["_balance"].fillna("").ne("").all():
        return None
    minor = _money(group["_balance"].str.strip().str.removeprefix("+"), group["currency"], profile)
    return None if minor.isna().any() else [int(value) for value in minor]


def _statement(
    group: pd.DataFrame, balances: list[int] | None, facts: dict[str, str], profile: Profile
) -> tuple[dict[str, Any], list[Problem]]:
    first = group.iloc[0]
    file, currency = str(first["_file"]), str(first["currency"])
    amounts = [int(amount) for amount in group["amount"]]
    problems: list[Problem] = []
    opening = closing = None
    if balances is not None:
        opening, closing, problems = _chained(group, amounts, balances, file, currency)
    for fact in ("opening", "closing"):
        text = facts.get(fact, "").strip().removeprefix("+")
        if text:
            given = _money(
                group["currency"].iloc[:1].map(lambda _, text=text: text), group["currency"].iloc[:1], profile
            )
            value = None if given.isna().any() else int(given.iloc[0])
            if value is None:
                problems.append(remark(file, "stated_balance_not_read", table=TABLE, column=fact, found=text))
            opening, closing = (value, closing) if fact == "opening" else (opening, value)
    if balances is None and opening is not None and closing is not None and opening + sum(amounts) != closing:
        wanted = f"{format_minor(opening + sum(amounts), currency)}, its opening balance and lines"
        found = format_minor(closing, currency)
        problems.append(
            remark(
                file, "statement_does_not_add_up", table=TABLE, column="closing", found=found, wanted=wanted
            )
        )
    days = group["booking_date"]
    digest = hashlib.sha256()
    for day, amount, text in zip(days, amounts, group["remittance_text"].fillna(""), strict=True):
        digest.update(f"{day:%Y-%m-%d}\x1f{amount}\x1f{currency}\x1f{text}\x1e".encode())
    account = str(first["bank_account"])
    return {
        "statement_id": f"{days.min():%Y%m%d}-{days.max():%Y%m%d}-{digest.hexdigest()[:12]}",
        "entity": str(first["entity"]), "bank_account": account, "kind": "statement", "from_date": days.min(),
        "to_date": days.max(), "currency": currency, "opening": opening, "closing": closing, "entries": len(amounts),
        "net": sum(amounts), "content_sha256": digest.hexdigest(),
    }, problems  # fmt: skip


def _chained(
    group: pd.DataFrame, amounts: list[int], balances: list[int], file: str, currency: str
) -> tuple[int | None, int | None, list[Problem]]:
    """Opening and closing by the balance beside each line, and the first line at which they part from the amounts."""
    down = _breaks(amounts[1:], balances[:-1], balances[1:])
    up = _breaks(amounts[:-1], balances[1:], balances[:-1])
    if down is None:
        return balances[0] - amounts[0], balances[-1], []
    if up is None:
        return balances[-1] - amounts[-1], balances[0], []
    other = [-amount for amount in amounts]
    is_turned = _breaks(other[1:], balances[:-1], balances[1:]) is None
    hint = "; with the other sign they would agree" if is_turned and len(amounts) > 1 else ""
    at = down + 1
    wanted = (
        f"{format_minor(balances[at - 1] + amounts[at], currency)}, the balance before and the amount{hint}"
    )
    note = remark(
        file,
        "running_balance_differs",
        table=TABLE,
        column="balance",
        row=int(group["_row"].iloc[at]),
        found=format_minor(balances[at], currency),
        wanted=wanted,
    )
    return None, None, [note]


def _breaks(amounts: list[int], before: list[int], after: list[int]) -> int | None:
    """The first place at which before + amount is not after; None where it always is."""
    triples = zip(before, amounts, after, strict=True)
    return next((place for place, (old, amount, new) in enumerate(triples) if old + amount != new), None)
