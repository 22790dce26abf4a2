"""What customers who are not flagged share with related parties and own companies. Floor 1.

A shared bank account, tax number or parent is strong evidence by itself; an e-mail domain, address or telephone is weak:
a business centre or an adviser is shared by strangers too. What more customers share than the question allows is no
evidence at all, and neither is the domain of a public mail provider. ISA 550.15 and AS 2410.14 ask for parties that
management did not name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from arlib.audit.ledger.frames_parties import EVIDENCE, Standing, Strength
from arlib.audit.ledger.population import customers_here
from arlib.audit.options.ledger import RelatedPartiesOptions
from arlib.credit.allowance.lives import of_entity_or_shared
from arlib.ledger.attributes import customer_attributes
from arlib.ledger.facts import of_entity
from arlib.policy import Scope
from arlib.tables import Book

KINDS = ("bank_account", "own_bank_account", "tax_id", "parent", "email_domain", "phone", "address")
STRONG = ("bank_account", "own_bank_account", "tax_id", "parent")
WORDS = {
    "bank_account": "bank account", "own_bank_account": "bank account of our own", "tax_id": "tax number",
    "parent": "parent", "email_domain": "e-mail domain", "phone": "telephone", "address": "address",
}  # fmt: skip
PUBLIC_DOMAINS = frozenset((
    "126.com", "163.com", "aol.com", "bigpond.com", "bluewin.ch", "bt.com", "btinternet.com", "comcast.net", "docomo.ne.jp",
    "fastmail.com", "free.fr", "gmail.com", "gmx.at", "gmx.ch", "gmx.com", "gmx.de", "gmx.net", "googlemail.com",
    "hotmail.co.uk", "hotmail.com", "hotmail.fr", "icloud.com", "laposte.net", "libero.it", "live.com", "mac.com", "mail.com",
    "mail.ru", "me.com", "msn.com", "orange.fr", "outlook.com", "outlook.de", "outlook.jp", "proton.me", "protonmail.com",
    "qq.com", "rediffmail.com", "sbcglobal.net", "sina.com", "t-online.de", "tutanota.com", "verizon.net", "web.de",
    "wp.pl", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com", "yahoo.de", "yahoo.fr", "yandex.com", "yandex.ru", "ymail.com",
    "zoho.com",
))  # fmt: skip
_NOT_WORD = re.compile(r"[\W_]+")
SHORTEST = {
    "address": 10,
    "phone": 6,
    "tax_id": 4,
    "bank_account": 4,
}  # shorter values are placeholders such as "n/a"


@dataclass(frozen=True, kw_only=True)
class Found:
    """Flags by customer, the evidence on others, and values that too many share."""

    standing: pd.Series  # Standing by customer_id, of all customers
    evidence: pd.DataFrame  # EVIDENCE
    crowded: tuple[str, ...]  # sentences: what a flagged customer shares with too many to say anything
    looked_at: tuple[str, ...]  # kinds that any customer fills


def standings(book: Book, *, scope: Scope, options: RelatedPartiesOptions) -> Found:
    """Who is flagged, who is a candidate and why; candidates by number and strength of evidence.

    Needs CUSTOMERS; uses BANK_DETAILS and RECEIPTS for bank accounts, CUSTOMER_HISTORY for parents as of the date,
    BANK_LINES and BANK_STATEMENTS for our own accounts. A customer that is a company of the group and a related party
    counts as a company of the group. Text is compared without case, blanks and punctuation. Evidence of a parent: the same
    parent as a flagged customer, or being its parent or child.
    """
    people = customers_here(book, scope.entity)
    own = people["is_intercompany"].fillna(False).to_numpy(dtype=bool)
    related = people["is_related_party"].fillna(False).to_numpy(dtype=bool)
    standing = pd.Series(Standing.OTHER.value, index=people["customer_id"].to_numpy(), dtype="str")
    standing[related] = Standing.RELATED.value
    standing[own] = Standing.INTERCOMPANY.value
    names = pd.Series(people["name"].to_numpy(), index=standing.index)
    values = _values(book, people, scope, options)
    rows, crowded = _shared(values, standing, names, options)
    evidence = _ranked(rows)
    standing[list(dict.fromkeys(evidence["customer_id"]))] = Standing.CANDIDATE.value
    looked_at = tuple(kind for kind in KINDS if values["kind"].eq(kind).any())
    return Found(standing=standing, evidence=evidence, crowded=crowded, looked_at=looked_at)


def _values(book: Book, people: pd.DataFrame, scope: Scope, options: RelatedPartiesOptions) -> pd.DataFrame:
    """What customers are known by: customer_id, kind, key (as compared) and value (as written), each pair once."""
    parts = [
        _part(people["customer_id"], "tax_id", people["tax_id"]),
        _part(people["customer_id"], "address", people["address"]),
        _part(people["customer_id"], "phone", people["phone"]),
        _part(people["customer_id"], "bank_account", people["payer_account"]),
    ]
    receipts = of_entity(book["receipts"], scope.entity)
    until = receipts[(receipts["effective_date"] <= pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)]
    parts.append(_part(until["customer_id"], "bank_account", until["payer_account"]))
    details = of_entity_or_shared(book["bank_details"], scope.entity)
    parts.append(_part(details["customer_id"], "bank_account", details["account"]))
    parts.append(_domains(people, options))
    parents = customer_attributes(book, on=scope.as_of, entity=scope.entity).drop_duplicates("customer_id")
    has = parents["parent_id"].fillna("").ne("").to_numpy(dtype=bool)
    parts.append(_part(parents["customer_id"][has], "parent", parents["parent_id"][has]))
    # a parent is known by its own code, so that it meets its children
    parts.append(_part(parents["parent_id"][has], "parent", parents["parent_id"][has]))
    made = pd.concat(parts, ignore_index=True)
    made = made[made["customer_id"].isin(people["customer_id"]).to_numpy(dtype=bool)]
    made = pd.concat([made, _own_accounts(book, made, scope)], ignore_index=True)
    return made.drop_duplicates(["customer_id", "kind", "key"]).reset_index(drop=True)


def _part(customers: pd.Series, kind: str, values: pd.Series) -> pd.DataFrame:
    """Filled values of one kind with the key that they are compared by."""
    text = values.fillna("").astype("str")
    key = text.str.casefold().str.replace(_NOT_WORD, "", regex=True) if kind != "parent" else text
    kept = (customers.fillna("").ne("") & key.str.len().ge(SHORTEST.get(kind, 1))).to_numpy(dtype=bool)
    return pd.DataFrame({
        "customer_id": customers[kept].astype("str").to_numpy(), "kind": kind, "key": key[kept].to_numpy(), "value": text[kept].to_numpy(),
    })  # fmt: skip


def _domains(people: pd.DataFrame, options: RelatedPartiesOptions) -> pd.DataFrame:
    """E-mail domains but those of public mail providers."""
    domain = (
        people["email"]
        .fillna("")
        .str.extract(r"@([^@]*)$", expand=False)
        .fillna("")
        .str.strip(" .>")
        .str.casefold()
    )
    has = people["email"].fillna("").str.contains("@", regex=False) & domain.str.contains(".", regex=False)
    kept = (has & ~domain.isin(PUBLIC_DOMAINS | options.more_domains)).to_numpy(dtype=bool)
    return pd.DataFrame({
        "customer_id": people["customer_id"][kept].to_numpy(), "kind": "email_domain", "key": domain[kept].to_numpy(),
        "value": domain[kept].to_numpy(),
    })  # fmt: skip


def _own_accounts(book: Book, values: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Customers that are known by a bank account of our own."""
    ours: set[str] = set()
    for name in ("bank_statements", "bank_lines", "receipts"):
        given = of_entity(book[name], scope.entity)["bank_account"].dropna()
        ours |= set(given.str.casefold().str.replace(_NOT_WORD, "", regex=True)) - {""}
    mine = values["kind"].eq("bank_account") & values["key"].isin(ours)
    return values[mine.to_numpy(dtype=bool)].assign(kind="own_bank_account")


def _shared(
    values: pd.DataFrame, standing: pd.Series, names: pd.Series, options: RelatedPartiesOptions
) -> tuple[list[dict[str, object]], tuple[str, ...]]:
    """Rows of EVIDENCE without rank, and sentences on values that too many share."""
    flagged = standing.isin([Standing.INTERCOMPANY.value, Standing.RELATED.value])
    marked = values.assign(is_flagged=values["customer_id"].map(flagged).fillna(False).to_numpy(dtype=bool))
    own = marked[marked["kind"].eq("own_bank_account").to_numpy(dtype=bool)]
    groups = marked[marked["kind"].ne("own_bank_account").to_numpy(dtype=bool)].groupby(
        ["kind", "key"], sort=True
    )
    size = groups["customer_id"].transform("nunique")
    both = groups["is_flagged"].transform("any") & ~groups["is_flagged"].transform("all")
    shared = marked.loc[both.index[both.to_numpy(dtype=bool)]]
    crowded_rows = shared[(size.loc[shared.index] > options.shared_by_at_most) & shared["kind"].ne("parent")]
    shared = shared.drop(crowded_rows.index)
    rows: list[dict[str, object]] = []
    for (kind, _), part in shared.groupby(["kind", "key"], sort=True):
        sure = sorted(part.loc[part["is_flagged"].to_numpy(dtype=bool), "customer_id"])
        for code, value in part.loc[
            ~part["is_flagged"].to_numpy(dtype=bool), ["customer_id", "value"]
        ].itertuples(index=False):
            rows += [_row(str(kind), code, str(value), other, standing, names) for other in sure]
    for code, value, is_flagged in own[["customer_id", "value", "is_flagged"]].itertuples(index=False):
        if not is_flagged:
            rows.append(_row("own_bank_account", code, str(value), "", standing, names))
    crowded = tuple(
        f"{part['customer_id'].nunique()} customers share the {WORDS[str(kind)]} {_said(str(kind), str(part['value'].iloc[0]))}: "
        "too many to be evidence."
        for (kind, _), part in crowded_rows.groupby(["kind", "key"], sort=True)
    )
    return rows, crowded


def _row(
    kind: str, code: str, value: str, other: str, standing: pd.Series, names: pd.Series
) -> dict[str, object]:
    said = _said(kind, value)
    what = Standing(str(standing[other])) if other else None
    whose = (
        f"{other}, {'a company of the group' if what is Standing.INTERCOMPANY else 'a related party'}"
        if other
        else ""
    )
    sentence = f"same {WORDS[kind]} {said} as {whose}" if other else f"pays from our own bank account {said}"
    if kind == "parent" and value in (code, other):
        sentence = f"is the {'parent' if value == code else 'child'} of {whose}"
    return {
        "customer_id": code, "name": names.get(code), "kind": kind,
        "strength": (Strength.STRONG if kind in STRONG else Strength.WEAK).value, "value": said, "shared_with": other,
        "other_name": names.get(other) if other else None, "standing": what.value if what else "own_bank_account",
        "sentence": sentence,
    }  # fmt: skip


def _said(kind: str, value: str) -> str:
    """The value as it may be shown: of a bank account only its end."""
    return f"ending {value.strip()[-4:]}" if kind in ("bank_account", "own_bank_account") else value


def _ranked(rows: list[dict[str, object]]) -> pd.DataFrame:
    """EVIDENCE with one rank a candidate: more strong kinds first, then more weak kinds, then by code."""
    if not rows:
        return EVIDENCE.empty()
    kinds: dict[str, set[tuple[bool, str]]] = {}
    for row in rows:
        kinds.setdefault(str(row["customer_id"]), set()).add(
            (row["strength"] == Strength.STRONG.value, str(row["kind"]))
        )
    order = sorted(
        kinds, key=lambda code: (-sum(strong for strong, _ in kinds[code]), -len(kinds[code]), code)
    )
    rank = {code: number for number, code in enumerate(order, start=1)}
    made = EVIDENCE.from_rows({**row, "rank": rank[str(row["customer_id"])]} for row in rows)
    at = made["kind"].map({kind: number for number, kind in enumerate(KINDS)})
    return (
        made.assign(at=at)
        .sort_values(["rank", "at", "shared_with"], kind="stable", ignore_index=True)
        .drop(columns="at")
    )
