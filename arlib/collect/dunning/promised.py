"""Letters about broken promises: only what is still owed, past due and not spared, net of open credits. Floor 1."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from arlib.collect.contact.promises import judged_promises
from arlib.collect.contact.records import carriers
from arlib.collect.dunning.drafts import Draft, Known
from arlib.collect.dunning.excuses import excuses, spare
from arlib.collect.dunning.netting import covered, least, open_credits
from arlib.ledger.facts import Bools, Ints
from arlib.tables.rows import records, text

BROKEN = ("broken", "partly")


def broken(known: Known) -> Iterator[Draft]:
    """A letter for each promise that was broken in whole or in part and is still owed, the earliest first.

    Of the promised item and what carries it on (residual, chargeback, rebill), or of the past due debts of an account, the
    letter asks for what no hard exclusion and no excuse of dunning spares, up to what is left of the promise. The
    customer's open credits and unapplied cash are set against it first: they may be the payment. No amount is in two of
    these letters, and the documents listed add up to what is asked for. Below the minimum none is written.
    """
    book, scope, policy = known.book, known.position.scope, known.policies.dunning
    judged = judged_promises(book, position=known.position, policies=known.policies)
    judged = judged[judged["state"].isin(BROKEN) & (judged["open_now"] > 0)]
    if judged.empty:
        return
    debits = known.position.debits
    debits = debits[debits["customer_id"].isin(judged["customer_id"])]
    debits = debits.assign(is_late=debits.index.isin(known.position.past_due.index)).sort_values(
        ["customer_id", "currency", "due_date", "document_no", "item_id", "instalment_no"], kind="stable"
    )
    barred = debits.index.isin(known.hard.index)
    found = excuses(book, position=known.position, policies=known.policies)
    mine, hard = debits[~barred].reset_index(drop=True), debits[barred].join(known.hard["because"])
    left, parts = spare(mine, found, book, scope=scope)
    why = parts.groupby("row")["because"].agg(lambda said: " ".join(dict.fromkeys(said))).to_dict()
    replaced = carriers(book, entity=scope.entity)
    heirs = replaced.groupby("old")["item_id"].agg(list).to_dict()
    to_net, cited = open_credits(known.position.items, policy=policy)

    for row in records(judged.sort_values(["pay_by", "promise_id"], kind="stable")):
        customer, code, item = text(row["customer_id"]), str(row["currency"]), text(row["item_id"])
        names = [item, *heirs.get(item, [])]
        rows = np.flatnonzero(_of(mine, customer, code, item, names))
        asked = _first(left[rows], int(row["open_now"]))
        key = (
            (text(mine["parent_id"].iloc[rows[0]]) if policy.by_parent and len(rows) else customer)
            + "\0"
            + code
        )
        keys = pd.Series([key] * len(rows), dtype="object")
        set_off = covered(asked, keys, to_net)
        because = ""
        if not asked.sum():
            said = [why.get(int(at), "") for at in rows]
            said += list(hard.loc[_of(hard, customer, code, item, names), "because"])
            because = " ".join(dict.fromkeys(filter(None, said))) or (
                "Another letter asks for it already, or it is not due yet."
            )
        elif int((asked - set_off).sum()) < least(code, policy=policy):
            because = "What the letter would ask for is below the minimum of a letter."
            if set_off.any():
                because = f"Open credits or unapplied cash cover it: apply them first ({cited[key]})."
        if not because:
            left[rows] -= asked
            to_net[key] = to_net.get(key, 0) - int(set_off.sum())
        net = asked - set_off
        yield Draft(
            row={
                "letter_id": f"PROMISE-{row['promise_id']}", "customer_id": customer, "currency": code,
                "amount": int(net.sum()), "case_no": str(row["promise_id"]), "happened_on": row["pay_by"],
                "answer_by": known.answer_by, "cites": str(row["promise_id"]),
            },
            items=mine.iloc[rows[net > 0]].assign(outstanding=net[net > 0]), because=because,
        )  # fmt: skip


def _of(rows: pd.DataFrame, customer: str, code: str, item: str, names: list[str]) -> Bools:
    """The rows that a promise is about."""
    own = rows["customer_id"].eq(customer) & rows["currency"].eq(code)
    chosen = own & (rows["item_id"].isin(names) if item else rows["is_late"])
    return np.asarray(chosen.to_numpy(dtype=bool), dtype=bool)


def _first(amounts: Ints, wanted: int) -> Ints:
    """The first of the amounts, up to so much in all."""
    before = np.cumsum(amounts) - amounts
    return np.asarray(np.clip(wanted - before, 0, amounts), dtype=np.int64)
