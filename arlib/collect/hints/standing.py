"""What records say of open items: disputes, promises, and what would prevent payment. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator

from arlib.collect.contact.frames import Obstacle, PromiseState
from arlib.collect.contact.promises import judged_promises
from arlib.collect.hints.desk import Case
from arlib.collect.hints.frames import Confidence, HintKind
from arlib.credit.write_off.words import day, in_words, many, money
from arlib.money import total
from arlib.tables.rows import Row, records, text, whole

PREVENTS = {
    Obstacle.NO_ORDER_NO.value: (
        HintKind.NO_ORDER_NO,
        "ask for the order number, put it on the invoice and send it again",
    ),
    Obstacle.PORTAL_REJECTED.value: (
        HintKind.PORTAL_REJECTED,
        "correct what the portal names and submit it again",
    ),
    Obstacle.PORTAL_MISSING.value: (HintKind.PORTAL_MISSING, "submit it to the portal"),
}


def disputed_twice(case: Case) -> Iterator[Row]:
    """Items about which two or more disputes are open at the as-of date."""
    rows = case.own(case.disputes)
    here = rows[rows["is_open"].to_numpy(dtype=bool) & rows["item_id"].fillna("").ne("").to_numpy(dtype=bool)]
    for (item, code), own in here.groupby(["item_id", "currency"], sort=True):
        if len(own) < 2:
            continue
        number = case.number(str(item))
        about = ", ".join(dict.fromkeys(in_words(reason).lower() for reason in own["reason"].dropna()))
        claimed, owed = total(own["amount"]), total(own["open_now"])
        over = f", more than the {money(owed, code)} that is open of it" if claimed > owed else ""
        yield case.row(
            HintKind.DISPUTED_TWICE, customer=own["customer_id"].iloc[0], documents=[number], currency=code, amount=claimed,
            sentence=f"{number} is in dispute {len(own)} times ({about}) for {money(claimed, code)}{over}", item=item,
            next_step="see whether they are one dispute, and close the one that was opened last",
            confidence=Confidence.CERTAIN, evidence=own["dispute_id"].tolist(), codes=[str(own["reason"].iloc[0])],
        )  # fmt: skip


def promised(case: Case) -> Iterator[Row]:
    """Promises whose last day, grace included, is not over: what they cover is not chased before."""
    rows = case.own(judged_promises(case.book, position=case.position, policies=case.policies))
    for row in records(rows[rows["state"].eq(PromiseState.OPEN.value)]):
        left = min(whole(row["left"]), whole(row["open_now"]))
        if left <= 0:
            continue
        number = case.number(text(row["item_id"])) if text(row["item_id"]) else ""
        yield case.row(
            HintKind.PROMISE_COVERS, customer=row["customer_id"], documents=[number], currency=row["currency"], amount=left,
            sentence=f"{money(left, row['currency'])} of {number or 'the account'} is promised for {day(row['pay_by'])}",
            next_step=f"do not chase it before {day(row['judged_on'])}", confidence=Confidence.CERTAIN,
            evidence=(row["promise_id"], row["item_id"]), item=row["item_id"], team="collections",
        )  # fmt: skip


def prevented(case: Case) -> Iterator[Row]:
    """Missing order numbers and what portals refuse or never got, by the rule of contact."""
    rows = case.own(case.obstacles)
    for row in records(rows[rows["kind"].isin(list(PREVENTS))]):
        kind, step = PREVENTS[str(row["kind"])]
        number = text(row["document_no"]) or case.number(text(row["item_id"]))
        yield case.row(
            kind, customer=row["customer_id"], documents=[number], currency=row["currency"], amount=whole(row["amount"]),
            sentence=f"{number}: {text(row['what'])} Open for {many(int(row['days']), 'day')}", next_step=step,
            confidence=Confidence.CERTAIN, evidence=(row["item_id"], row["source_id"]), item=row["item_id"],
            team=text(row["routed_to"]),
        )  # fmt: skip
