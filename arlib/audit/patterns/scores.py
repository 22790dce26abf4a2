"""What speaks against a receipt and what for it: points and sentences. Floor 1.

The points are a ranking, no probability: each says how much a pattern is worth beside the others. What a receipt of a
stranger's money weighs is the most; late posting or a correction alone never reaches the usual limit of 50.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median
from typing import Any

import pandas as pd

from arlib.audit.options.patterns import LappingOptions
from arlib.audit.patterns.frames import Standing
from arlib.audit.patterns.kin import Kin
from arlib.audit.patterns.parts import looked_up
from arlib.audit.patterns.receipts import Cash
from arlib.money import shown

AGAINST_ADVICE, SILENT, CREDIT = 50, 30, 40
CHAIN, LONGER, LONGEST, CIRCLE = 20, 5, 40, 20
LATE, SLOW = 15, 5
OTHER_ITEM, OLDER_ITEM, THIRD_PARTY = 10, 5, 10
BACK_SAME_USER, BACK_FROM_STRANGER = 5, 10
CONCENTRATED = 10
KNOWN_PAYER = -40
FEW = 2  # diverted receipts from which one user's share says something


@dataclass
class Case:
    """One receipt while points are given."""

    points: int = 0
    reasons: list[str] = field(default_factory=list)
    excuses: list[str] = field(default_factory=list)

    def against(self, points: int, said: str) -> None:
        """Something that speaks against it."""
        self.points += points
        self.reasons.append(said)

    def speaks_for(self, said: str, points: int = 0) -> None:
        """Something that speaks for it; `points` are taken off."""
        self.points += points
        self.excuses.append(said)


@dataclass(frozen=True)
class Seen:
    """What the cases are made from."""

    cash: Cash
    kin: Kin
    lines: pd.DataFrame
    stood: pd.DataFrame  # standings, with the columns of the receipts
    edges: pd.DataFrame  # chained
    options: LappingOptions

    @property
    def usual(self) -> float:
        """Usual weekdays from bank to ledger: the median of all receipts, never below 0."""
        known = self.stood["days_to_post"].dropna()
        return max(0.0, float(median(known.tolist()))) if len(known) else 0.0


def cases_of(seen: Seen) -> dict[str, Case]:
    """Every receipt that something is said of, by its item id."""
    cases: dict[str, Case] = {}
    rows = {row["item_id"]: row for row in seen.stood.to_dict("records")}
    for step in (_diverted, _chains, _other_items, _timing, _taken_back, _for_others, _users):
        step(seen, rows, cases)
    return cases


def _case(cases: dict[str, Case], item: str) -> Case:
    return cases.setdefault(item, Case())


def _documents(seen: Seen, lines: pd.DataFrame) -> str:
    """`SI-1 of 00417 (Alder Ltd)`, for up to three items."""
    said = []
    for other, owner in lines[["other", "owner"]].head(3).itertuples(index=False):
        said.append(f"{_number(seen, other)} of {owner or 'nobody'}")
    more = len(lines) - 3
    return ", ".join(said) + (f" and {more} more" if more > 0 else "")


def _number(seen: Seen, item: str) -> str:
    return seen.cash.numbers.get(item, "")


def _diverted(seen: Seen, rows: dict[str, Any], cases: dict[str, Case]) -> None:
    cross = seen.stood[
        seen.stood["standing"].isin([Standing.OTHER_CUSTOMER.value, Standing.STRANGER_SILENT.value])
    ]
    mine = dict(
        tuple(seen.lines[seen.lines["item_id"].isin(cross["item_id"])].groupby("item_id", sort=False))
    )
    for item in cross["item_id"]:
        row, lines, case = rows[item], mine[item], _case(cases, item)
        paid = lines[lines["is_paid"] & ~lines["is_named"]]
        amount = shown(int(row["diverted"]), row["currency"])
        if row["standing"] == Standing.OTHER_CUSTOMER:
            named = lines[lines["is_named"] & ~lines["is_paid"]]
            where = "advice" if named["named_in"].eq("advice").any() else "text"
            case.against(AGAINST_ADVICE, f"Its {where} names {_documents(seen, named)}, but {row['currency']} {amount} was applied "
                         f"to {_documents(seen, paid)}, who is no relation of the payer")  # fmt: skip
        else:
            case.against(SILENT, f"{row['currency']} {amount} was applied to {_documents(seen, paid)}, who is no relation of the "
                         f"payer, and nothing says that the payer meant it")  # fmt: skip
        payer = (_text(row["payer_name"]) or _text(row["bank_payer"]), _text(row["payer_account"]))
        for owner in paid["owner"].unique():
            if known := seen.kin.pays_as(owner, *payer):
                case.speaks_for(f"The payer's {known} is that of {owner}", KNOWN_PAYER)
        if row["standing"] == Standing.OTHER_CUSTOMER and not row["customer_id"]:
            case.speaks_for("The receipt was entered without a customer")


def _chains(seen: Seen, rows: dict[str, Any], cases: dict[str, Case]) -> None:
    linked = seen.edges[seen.edges["chain_no"].gt(0)]
    for _, chain in linked.groupby("chain_no", sort=True):
        links = int(chain["links"].iloc[0])
        way = "; ".join(
            f"{payer}'s money covers {covers}"
            for payer, covers in chain[["payer", "covers"]].head(6).itertuples(index=False)
        )
        users = sorted(set(chain["user"].dropna()))
        by = f", all by {users[0]}" if len(users) == 1 else ""
        circle = bool(chain["is_circle"].iloc[0])
        points = min(CHAIN + LONGER * (links - 2), LONGEST) + CIRCLE * circle
        word = "circle" if circle else "chain"
        for item in chain["item_id"].unique():
            _case(cases, item).against(points, f"A {word} of {len(chain)} links{by}: {way}")


def _other_items(seen: Seen, rows: dict[str, Any], cases: dict[str, Case]) -> None:
    mine = seen.stood.loc[
        seen.stood["standing"].isin([Standing.OTHER_ITEM.value, Standing.WRONG_NUMBER.value]), "item_id"
    ]
    due = seen.cash.items["due_date"]
    for item, lines in seen.lines[seen.lines["item_id"].isin(mine)].groupby("item_id", sort=False):
        case = _case(cases, str(item))
        paid, named = (
            lines[lines["is_paid"] & ~lines["is_named"]],
            lines[lines["is_named"] & ~lines["is_paid"]],
        )
        if rows[str(item)]["standing"] == Standing.WRONG_NUMBER:
            case.speaks_for(f"The payer names {_documents(seen, named)}, a stranger's document, and the money stayed on its own "
                            f"account: most likely its own wrong number")  # fmt: skip
            continue
        first, last = due.reindex(paid["other"]).min(), due.reindex(named["other"]).min()
        if pd.notna(first) and pd.notna(last) and first < last:
            case.against(OTHER_ITEM + OLDER_ITEM, f"Applied to the older {_documents(seen, paid)} against the payer's word, which "
                         f"names {_documents(seen, named)}")  # fmt: skip
        else:
            case.against(
                OTHER_ITEM,
                f"Applied to {_documents(seen, paid)}, though the payer names {_documents(seen, named)}",
            )
        case.speaks_for("The money stayed with the payer's own account or group")


def _timing(seen: Seen, rows: dict[str, Any], cases: dict[str, Case]) -> None:
    usual = seen.usual
    late = seen.stood[seen.stood["days_to_post"].fillna(0).ge(usual + seen.options.delay_days)]
    for item, days, banked in late[["item_id", "days_to_post", "banked_on"]].itertuples(index=False):
        if days > 0:
            _case(cases, item).against(LATE, f"Posted {days} weekdays after the bank's value date of {banked:%Y-%m-%d}; "
                                       f"usual are {usual:g}")  # fmt: skip
    slow = seen.edges.assign(
        posted=looked_up(seen.edges["item_id"], seen.stood.set_index("item_id")["posted_on"])
    )
    wait = (slow["date"] - slow["posted"]).dt.days
    for item, days in zip(slow.loc[wait.gt(0), "item_id"], wait[wait.gt(0)], strict=True):
        _case(cases, item).against(SLOW, f"Kept unapplied for {int(days)} days first")


def _taken_back(seen: Seen, rows: dict[str, Any], cases: dict[str, Case]) -> None:
    """Applications that were taken back: by whom, from whom, and where the money is now."""
    owner, heads = seen.cash.items["customer_id"], seen.kin
    undone = seen.cash.undone.assign(target_owner=looked_up(seen.cash.undone["target"], owner))
    of, was = (
        heads.heads(looked_up(undone["item_id"], owner)),
        heads.heads(looked_up(undone["target"], owner)),
    )
    for row, payer, covered in zip(undone.to_dict("records"), of, was, strict=True):
        item = row["item_id"]
        if item not in rows:
            continue
        case, days = _case(cases, item), (row["back_on"] - row["date"]).days
        same = row["user"] == row["back_by"] and isinstance(row["user"], str)
        text = f"First applied to {_number(seen, row['target'])} on {row['date']:%Y-%m-%d}, taken back {days} days later"
        if same and days <= seen.options.reversal_days:
            case.against(BACK_SAME_USER, f"{text} by the same user")
        if payer and covered and payer != covered:
            case.against(
                BACK_FROM_STRANGER,
                f"An item of {row['target_owner']}, no relation, was settled with it for {days} days",
            )
        if rows[item]["standing"] == Standing.AS_NAMED:
            case.speaks_for(f"{text}; it is now where the payer wanted it: a corrected misapplication")
        elif rows[item]["standing"] == Standing.NOT_NAMED:
            case.speaks_for(f"{text}; it is now on the payer's own account")


def _for_others(seen: Seen, rows: dict[str, Any], cases: dict[str, Case]) -> None:
    """Money for another customer that is explained: a group's payer, or a payer who says so."""
    paid = seen.lines[
        seen.lines["is_paid"] & seen.lines["payer"].ne(seen.lines["owner"]) & seen.lines["payer"].ne("")
    ]
    shown_once: set[tuple[str, str]] = set()
    for item, owner, named, payer_head, owner_head in paid[
        ["item_id", "owner", "is_named", "payer_head", "owner_head"]
    ].itertuples(index=False):
        if (item, owner) in shown_once:
            continue
        shown_once.add((item, owner))
        if payer_head == owner_head:
            _case(cases, item).speaks_for(f"Pays for {owner}, which belongs to the payer's group")
        elif named:
            _case(cases, item).against(THIRD_PARTY, f"Pays for {owner}, which is no relation of the payer")
            _case(cases, item).speaks_for(f"The payer's own advice or text names the document of {owner}")


def _users(seen: Seen, rows: dict[str, Any], cases: dict[str, Case]) -> None:
    """Points where one user did most of what went to strangers, and much more than its share of receipts."""
    users = seen.edges.drop_duplicates("item_id")["user"].dropna()
    every = seen.stood["applied_by"].dropna()
    for user, count in users.astype("str").value_counts().items():
        user = str(user)
        share, usual = count / len(users), every.eq(user).sum() / max(len(every), 1)
        if count < FEW or share < 2 * usual or share < 0.5:
            continue
        said = f"{user} applied {count} of the {len(users)} receipts that went to strangers, and {usual:.0%} of all receipts"
        for item in seen.edges[seen.edges["user"].eq(user)]["item_id"].unique():
            _case(cases, item).against(CONCENTRATED, said)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
