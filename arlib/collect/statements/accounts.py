"""Whose account goes on whose statement, in which language, and what its way there lacks. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.statements.excluded import Bar
from arlib.collect.statements.frames import STATEMENT_GAPS
from arlib.policy import StatementPolicy
from arlib.policy.statement import LANGUAGES
from arlib.tables.rows import Row, frame_of, records, text

MASTER = ("name", "address", "country", "contact", "email", "language", "collector")


def language_of(given: str, policy: StatementPolicy) -> str:
    """The language of a statement: the customer's where there are words in it (`de-AT` is de), else the policy's."""
    code = given.replace("_", "-").split("-")[0].strip().lower()
    return code if code in LANGUAGES else policy.default_language


def masters(position: Position) -> dict[str, Row]:
    """Name, address, e-mail, language and more of each customer as it is today, by code; texts, '' where there is none."""
    return {
        row["customer_id"]: {name: text(row[name]) for name in MASTER}
        for row in records(position.customers[["customer_id", *MASTER]])
    }


def addressees(
    codes: Iterable[str], *, position: Position, barred: Mapping[str, Bar], policy: StatementPolicy
) -> dict[str, str]:
    """The customer that each account's statement goes to: itself, or its parent by policy.

    The parent is that of the as-of date. A parent that is not among the customers, or that may have no statement, gets
    none: its customers have their own.
    """
    if not policy.by_parent:
        return {code: code for code in codes}
    known = set(position.customers["customer_id"].dropna())
    rows = position.attributes[["customer_id", "parent_id"]].dropna()
    parents = dict(zip(rows["customer_id"], rows["parent_id"], strict=True))
    made = {}
    for code in codes:
        parent = text(parents.get(code))
        made[code] = parent if parent in known and parent not in barred else code
    return made


def gaps(codes: Iterable[str], *, position: Position, entity: str) -> pd.DataFrame:
    """What is missing to send a statement to each of these customers: STATEMENT_GAPS, sorted by its key.

    no_customer: not in the master data; no_email, no_address, no_language: empty there; language_without_words: a language
    that statements have no words in, so that the policy's default is used.
    """
    known = masters(position)
    rows = []
    for code in codes:
        row = known.get(code)
        if row is None:
            rows.append({"entity": entity, "customer_id": code, "gap": "no_customer"})
            continue
        found = {f"no_{name}": "" for name in ("email", "address", "language") if not row[name].strip()}
        if "no_language" not in found and _base(row["language"]) not in LANGUAGES:
            found["language_without_words"] = row["language"]
        rows += [
            {"entity": entity, "customer_id": code, "name": row["name"], "gap": gap, "found": said, "collector": row["collector"]}
            for gap, said in found.items()
        ]  # fmt: skip
    return frame_of(STATEMENT_GAPS, rows)


def _base(language: str) -> str:
    return language.replace("_", "-").split("-")[0].strip().lower()
