"""Where a receipt's money went, compared with what its payer names. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.audit.patterns.frames import Standing
from arlib.audit.patterns.kin import Kin
from arlib.audit.patterns.parts import looked_up
from arlib.audit.patterns.receipts import Cash


def lines_of(cash: Cash, kin: Kin) -> pd.DataFrame:
    """One row for each item that a receipt names or pays: item_id (the receipt's), other (the item), is_named, is_paid.

    Beside these: net, named_in, applied, date, user, owner (customer of the other item), owner_head and payer_head, the
    groups of both.
    """
    named = cash.named.rename(columns={"named_item": "other"}).assign(is_named=True)
    paid = cash.applied.rename(columns={"target": "other"}).assign(is_paid=True)
    both = named.merge(paid, on=["item_id", "other"], how="outer")
    both["is_named"] = both["is_named"].fillna(False).astype(bool)
    both["is_paid"] = both["is_paid"].fillna(False).astype(bool)
    payer = cash.rows.set_index("item_id")["customer_id"]
    both["payer"] = looked_up(both["item_id"], payer).fillna("")
    both["owner"] = looked_up(both["other"], cash.items["customer_id"]).fillna("")
    both["payer_head"], both["owner_head"] = kin.heads(both["payer"]), kin.heads(both["owner"])
    return both.sort_values(["item_id", "other"], kind="stable", ignore_index=True)


def standings(cash: Cash, lines: pd.DataFrame) -> pd.DataFrame:
    """`standing` and `diverted` of each tested receipt, and `voice`: whose money it is by what the payer names.

    A receipt is against its advice only where it pays what is not named *and* leaves open what is named: a line that
    cannot be read, or an advice that names a part only, is no contradiction.
    """
    stray = lines[lines["is_paid"] & ~lines["is_named"]]
    left = lines[lines["is_named"] & ~lines["is_paid"]]
    named = lines[lines["is_named"]]
    heads = _sets(named, "owner_head")
    receipts = cash.rows[["item_id"]].copy()
    ids = receipts["item_id"]
    has_named, has_paid = ids.isin(named["item_id"]), ids.isin(lines.loc[lines["is_paid"], "item_id"])
    has_stray, has_left = ids.isin(stray["item_id"]), ids.isin(left["item_id"])

    voice = pd.Series(
        [heads.get(item, frozenset()) for item in stray["item_id"]], index=stray.index, dtype="object"
    )
    is_payers = stray["owner_head"].eq(stray["payer_head"]) & stray["payer_head"].ne("")
    is_voiced = pd.Series(
        [head in own for head, own in zip(stray["owner_head"], voice, strict=True)],
        index=stray.index,
        dtype=bool,
    )
    stranger = stray[
        ~is_payers & ~is_voiced & (stray["payer_head"].ne("") | stray["item_id"].isin(named["item_id"]))
    ]
    names_stranger = ids.isin(
        named.loc[named["owner_head"].ne(named["payer_head"]) & named["payer_head"].ne(""), "item_id"]
    )
    to_stranger = ids.isin(stranger["item_id"])

    standing = pd.Series(Standing.AS_NAMED.value, index=receipts.index, dtype="object")
    against = has_stray & has_left
    standing[against] = Standing.OTHER_ITEM.value
    standing[against & ~to_stranger & names_stranger] = Standing.WRONG_NUMBER.value
    standing[against & to_stranger] = Standing.OTHER_CUSTOMER.value
    standing[~has_named] = Standing.NOT_NAMED.value
    standing[~has_named & to_stranger] = Standing.STRANGER_SILENT.value
    standing[~has_paid] = Standing.NOT_APPLIED.value
    counted = stray.assign(is_stranger=stray.index.isin(stranger.index))
    of_strangers = counted[counted["is_stranger"]].groupby("item_id")["applied"].sum()
    of_all = counted.groupby("item_id")["applied"].sum()
    is_cross = standing.isin([Standing.OTHER_CUSTOMER.value, Standing.STRANGER_SILENT.value])
    amount = looked_up(ids, of_strangers).where(is_cross, looked_up(ids, of_all)).fillna(0).astype("Int64")
    keep = is_cross | standing.isin([Standing.OTHER_ITEM.value, Standing.WRONG_NUMBER.value])
    return receipts.assign(standing=standing.astype("str"), diverted=amount.where(keep, 0))


def _sets(rows: pd.DataFrame, column: str) -> dict[str, frozenset[str]]:
    made: dict[str, set[str]] = {}
    for item, value in zip(rows["item_id"], rows[column], strict=True):
        if value:
            made.setdefault(item, set()).add(value)
    return {item: frozenset(values) for item, values in made.items()}


def edges_of(lines: pd.DataFrame, stood: pd.DataFrame) -> pd.DataFrame:
    """A row for each stranger's item that a receipt pays against or without its payer's word.

    Columns item_id, other, payer (head of the group whose money it is: by the advice, else by the receipt), covers (head of
    the group whose item it pays), date, applied, user.
    """
    cross = stood.loc[
        stood["standing"].isin([Standing.OTHER_CUSTOMER.value, Standing.STRANGER_SILENT.value]), "item_id"
    ]
    mine = lines[lines["item_id"].isin(cross)]
    said = mine[mine["is_named"]].drop_duplicates("item_id").set_index("item_id")["owner_head"]
    stray = mine[mine["is_paid"] & ~mine["is_named"]].copy()
    money = looked_up(stray["item_id"], said)
    own = stray["payer_head"].where(stray["payer_head"].ne(""), money)
    made = stray.assign(
        payer=own.where(~stray["item_id"].isin(said.index), money).fillna(""), covers=stray["owner_head"]
    )
    made = made[made["payer"].ne(made["covers"]) & made["payer"].ne("")]
    names = ["item_id", "other", "payer", "covers", "date", "applied", "user"]
    return made[names].sort_values(["date", "item_id", "other"], kind="stable", ignore_index=True)
