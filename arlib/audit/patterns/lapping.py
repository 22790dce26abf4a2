"""Lapping: money of one customer that covers what is missing on another's account. Floor 1.

Tests: the application against the payer's word; chains and circles between customers; late posting; reversals; deposits;
older items against the advice; credits that cover a stranger's item; and who did it. Each says when the books do not hold
what it needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pandas as pd

from arlib.audit.options.patterns import LappingOptions
from arlib.audit.patterns.chains import chained
from arlib.audit.patterns.deposits import deposits
from arlib.audit.patterns.diversions import edges_of, lines_of, standings
from arlib.audit.patterns.frames import (
    LAPPING_CHAINS,
    LAPPING_EVIDENCE,
    LAPPING_FLAGS,
    LAPPING_USERS,
    Standing,
)
from arlib.audit.patterns.kin import Kin
from arlib.audit.patterns.parts import looked_up, parts_add_up
from arlib.audit.patterns.possible import subtests_of
from arlib.audit.patterns.rates import decimal_text
from arlib.audit.patterns.receipts import cash_of
from arlib.audit.patterns.scores import CONCENTRATED, CREDIT, Case, Seen, cases_of
from arlib.audit.population import Population
from arlib.controls import Identity
from arlib.policy import Scope
from arlib.tables import Book


@dataclass(frozen=True, kw_only=True)
class Lapping:
    """What the tests found. `flags` holds every receipt that something was said of; `is_flagged` those at the limit."""

    flags: pd.DataFrame  # LAPPING_FLAGS
    evidence: pd.DataFrame  # LAPPING_EVIDENCE
    chains: pd.DataFrame  # LAPPING_CHAINS
    users: pd.DataFrame  # LAPPING_USERS
    deposits: pd.DataFrame  # LAPPING_DEPOSITS
    subtests: pd.DataFrame  # SUBTESTS
    parts: pd.DataFrame  # TESTED
    receipts: pd.DataFrame  # currency and amount of every receipt of the sub-ledger by the date
    tested: int
    identities: tuple[Identity, ...]

    @property
    def flagged(self) -> pd.DataFrame:
        """The rows of `flags` at the limit or above."""
        return self.flags[self.flags["is_flagged"].to_numpy(dtype=bool)].reset_index(drop=True)

    @property
    def per_1000(self) -> Fraction | None:
        """Flagged receipts for each 1,000 tested; None where nothing was tested."""
        return Fraction(1000 * len(self.flagged), self.tested) if self.tested else None


def lapping(
    book: Book, *, scope: Scope, options: LappingOptions, population: Population | None = None
) -> Lapping:
    """All lapping tests over the receipts posted by the as-of date.

    Needs ITEMS and APPLICATIONS. Uses RECEIPTS, REMITTANCES, BANK_LINES, RECEIPT_BANK_LINES, CUSTOMERS and
    CUSTOMER_MERGES; what is absent makes its tests "not possible". Amounts are in minor units of the receipt's currency.
    """
    kin = Kin(book, scope=scope)
    cash = cash_of(book, kin, scope=scope, options=options, population=population or Population())
    lines = lines_of(cash, kin)
    stood = cash.rows.merge(standings(cash, lines), on="item_id", how="left")
    appliers = cash.applied.drop_duplicates("item_id").set_index("item_id")["user"]
    stood["applied_by"] = looked_up(stood["item_id"], appliers).fillna(stood["user"])
    edges = chained(edges_of(lines, stood))
    seen = Seen(cash, kin, lines, stood, edges, options)
    cases = cases_of(seen)
    flags = _flags(seen, cases, scope=scope)
    is_banked = book.has("receipt_bank_lines") and book.has("bank_lines")
    slips = deposits(stood, edges, scope=scope, is_banked=is_banked)
    return Lapping(
        flags=flags,
        evidence=_evidence(seen, flags, scope=scope),
        chains=_chains(seen, scope=scope),
        users=_users(seen, flags, scope=scope),
        deposits=slips,
        subtests=subtests_of(book, seen, slips, flags, scope=scope),
        parts=cash.parts,
        receipts=cash.all_rows,
        tested=len(cash.rows),
        identities=parts_add_up(
            cash.parts, cash.all_rows, entity=scope.entity, what="receipts of the sub-ledger"
        ),
    )


def _flags(seen: Seen, cases: dict[str, Case], *, scope: Scope) -> pd.DataFrame:
    rows = {row["item_id"]: row for row in seen.stood.to_dict("records")}
    first = seen.edges.drop_duplicates("item_id")
    numbers = dict(zip(first["item_id"], first["chain_no"], strict=True))
    lengths = dict(zip(first["item_id"], first["links"], strict=True))
    made: list[dict[str, Any]] = []
    for item, case in cases.items():
        row = rows[item]
        number = int(numbers.get(item, 0))
        made.append({
            **{name: row[name] for name in ("item_id", "receipt_id", "customer_id", "standing", "currency", "amount", "diverted",
                                            "banked_on", "posted_on", "days_to_post")},
            "user": row["applied_by"], "chain_id": f"CH{number:03d}" if number else None,
            "links": int(lengths[item]) if number else None, **_told(case, seen.options.flag_from),
        })  # fmt: skip
    made.extend(_credits(seen, {row["user"] for row in made if row["score"] >= seen.options.flag_from}))
    made.sort(key=lambda row: (-row["score"], -int(row["diverted"]), row["receipt_id"]))
    return LAPPING_FLAGS.from_rows(
        {**row, "entity": scope.entity, "rank": rank, "customer_name": seen.kin.names.get(row["customer_id"])}
        for rank, row in enumerate(made, start=1)
    )


def _told(case: Case, limit: int) -> dict[str, Any]:
    score = max(case.points, 0)
    return {
        "score": score, "is_flagged": score >= limit,
        "reasons": _sentences(case.reasons), "explained_by": _sentences(case.excuses),
    }  # fmt: skip


def _sentences(said: list[str]) -> str | None:
    return ". ".join(dict.fromkeys(said)) + "." if said else None


def _credits(seen: Seen, flagged_users: set[str]) -> list[dict[str, Any]]:
    """Credits of one customer that settle a stranger's item, one row a credit."""
    rows, items = seen.cash.credits, seen.cash.items
    owners = [
        seen.kin.heads(looked_up(rows[f"{side}_item_id"], items["customer_id"]))
        for side in ("source", "target")
    ]
    stray = (owners[0].ne(owners[1]) & owners[0].ne("") & owners[1].ne("")).to_numpy(dtype=bool)
    mine = items.reindex(rows.loc[stray, "source_item_id"].unique())
    size, posted = (-mine["amount"]).to_dict(), mine["posting_date"].to_dict()
    made = []
    stray_rows = rows[stray]
    for source in sorted(stray_rows["source_item_id"].unique()):
        part = stray_rows[stray_rows["source_item_id"].eq(source)]
        amount = int(part["source_amount"].sum())
        if amount <= 0:
            continue
        owner = seen.cash.owners[source]
        targets = ", ".join(
            f"{seen.cash.numbers[item]} of {seen.cash.owners[item]}"
            for item in part["target_item_id"].unique()[:3]
        )
        case = Case()
        case.against(CREDIT, f"A credit of {owner} settles {targets}, who is no relation")
        user = part["user"].iloc[0]
        if user in flagged_users:
            case.against(CONCENTRATED, f"{user} also applied receipts that are flagged")
        made.append({
            "item_id": source, "receipt_id": seen.cash.numbers[source], "customer_id": owner,
            "standing": Standing.STRANGER_SILENT.value, "currency": part["source_currency"].iloc[0], "amount": int(size[source]),
            "diverted": amount, "posted_on": posted[source], "user": user, **_told(case, seen.options.flag_from),
        })  # fmt: skip
    return made


def _evidence(seen: Seen, flags: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """What each listed receipt names and pays, side by side with its bank line.

    An item that is named and paid is one row. What is left of both sides is set side by side in order: the first item named
    and not paid beside the first one paid and not named.
    """
    lines = seen.lines[seen.lines["item_id"].isin(flags["item_id"])]
    both = lines["is_named"] & lines["is_paid"]
    sides = []
    for side in ("is_named", "is_paid"):
        rest = lines[lines[side] & ~both]
        whole = pd.concat([lines[both], rest])
        ordered = whole.assign(is_rest=~(whole["is_named"] & whole["is_paid"])).sort_values(
            ["item_id", "is_rest", "other"], kind="stable"
        )
        sides.append(ordered.assign(line_no=ordered.groupby("item_id", sort=False).cumcount() + 1))
    named, paid = sides
    key = ["item_id", "line_no"]
    joined = named[[*key, "other", "owner", "named_in", "net"]].merge(
        paid[[*key, "other", "owner", "applied", "date", "user"]], on=key, how="outer", suffixes=("", "_paid")
    )
    of = seen.stood.set_index("item_id").reindex(joined["item_id"])
    numbers = seen.cash.items["document_no"]
    made = pd.DataFrame({
        "entity": scope.entity, "receipt_id": of["receipt_id"].to_numpy(), "line_no": joined["line_no"].to_numpy(),
        "named_document": numbers.reindex(joined["other"]).to_numpy(), "named_customer": joined["owner"].to_numpy(),
        "named_in": joined["named_in"].to_numpy(), "currency": of["currency"].to_numpy(), "named_amount": joined["net"].array,
        "applied_document": numbers.reindex(joined["other_paid"]).to_numpy(), "applied_customer": joined["owner_paid"].to_numpy(),
        "applied_amount": joined["applied"].astype("Int64").array, "applied_on": joined["date"].to_numpy(),
        "applied_by": joined["user"].to_numpy(),
        **{name: of[name].to_numpy() for name in ("bank_line_id", "banked_on", "bank_payer", "bank_text")},
    })  # fmt: skip
    return LAPPING_EVIDENCE.typed(made).sort_values(
        ["entity", "receipt_id", "line_no"], kind="stable", ignore_index=True
    )


def _chains(seen: Seen, *, scope: Scope) -> pd.DataFrame:
    linked = seen.edges[seen.edges["chain_no"].gt(0)]
    stood = seen.stood.set_index("item_id")
    of = stood.reindex(linked["item_id"])
    made = pd.DataFrame({
        "entity": scope.entity, "chain_id": [f"CH{number:03d}" for number in linked["chain_no"]],
        "link_no": linked.groupby("chain_no", sort=False).cumcount().to_numpy() + 1, "links": linked["links"].to_numpy(),
        "is_circle": linked["is_circle"].to_numpy(), "receipt_id": of["receipt_id"].to_numpy(),
        "payer": linked["payer"].to_numpy(), "covers": linked["covers"].to_numpy(),
        "applied_document": seen.cash.items["document_no"].reindex(linked["other"]).to_numpy(),
        "applied_on": linked["date"].to_numpy(), "currency": of["currency"].to_numpy(),
        "amount": linked["applied"].astype("Int64").array, "user": linked["user"].to_numpy(),
    })  # fmt: skip
    return LAPPING_CHAINS.typed(made).sort_values(
        ["entity", "chain_id", "link_no"], kind="stable", ignore_index=True
    )


def _users(seen: Seen, flags: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Each user's receipts and what was found in them; receipts without a user stand under ''."""
    late = seen.usual + seen.options.delay_days
    rows = seen.stood.assign(by=seen.stood["applied_by"].fillna(""))
    flagged = set(flags.loc[flags["is_flagged"].to_numpy(dtype=bool), "item_id"])
    cross = [Standing.OTHER_CUSTOMER.value, Standing.STRANGER_SILENT.value]
    silent = [Standing.NOT_NAMED.value, Standing.STRANGER_SILENT.value]
    named = set(seen.cash.named["item_id"])
    made = []
    for user, own in rows.groupby("by", sort=True):
        count = int(own["item_id"].isin(flagged).sum())
        days = own["days_to_post"].dropna()
        made.append({
            "entity": scope.entity, "user": user, "receipts": len(own),
            "named": int((own["item_id"].isin(named) & ~own["standing"].isin(silent)).sum()),
            "other_item": int(own["standing"].eq(Standing.OTHER_ITEM.value).sum()),
            "other_customer": int(own["standing"].isin(cross).sum()),
            "late": int((own["days_to_post"].fillna(0).ge(late) & own["days_to_post"].fillna(0).gt(0)).sum()),
            "reversed": int(own["item_id"].isin(seen.cash.undone["item_id"]).sum()), "flagged": count,
            "per_1000": decimal_text(Fraction(1000 * count, len(own))),
            "days_to_post": f"{max(0.0, float(days.median())):.1f}" if len(days) else None,
        })  # fmt: skip
    return LAPPING_USERS.from_rows(made)
