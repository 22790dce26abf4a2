"""What is on no statement, and that all together are the ledger. Floor 1."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from arlib.collect.position import Position
from arlib.collect.statements.excluded import Bar
from arlib.collect.statements.frames import STATEMENT_EXCLUDED, STATEMENT_TOTALS, NoStatement
from arlib.controls import Identity
from arlib.money import total, totals_by
from arlib.policy import Scope
from arlib.tables.rows import frame_of

NOBODY = Bar(NoStatement.UNIDENTIFIED, "The payer is not known.")
IDLE = Bar(NoStatement.NOTHING_OPEN, "Moved in the period; nothing is open.")


def excluded_rows(
    rows: pd.DataFrame,
    accounts: Mapping[str, Bar],
    items: Mapping[str, Bar],
    known: Mapping[str, Mapping[str, str]],
    *,
    idle: Iterable[str],
    scope: Scope,
) -> pd.DataFrame:
    """STATEMENT_EXCLUDED of the open items that are on no statement; the account's reason goes before the item's.

    `idle` are customers that moved in the period with nothing open now: they are listed with 0 in the books' currency.
    """
    work = rows[["customer_id", "currency", "outstanding", "item_id"]].reset_index(drop=True)
    bars = [
        NOBODY if not code else accounts.get(code) or items[item]
        for code, item in zip(work["customer_id"], work["item_id"], strict=True)
    ]
    work["reason"] = pd.Series([bar.reason.value for bar in bars], index=work.index, dtype="str")
    work["because"] = pd.Series([bar.because for bar in bars], index=work.index, dtype="str")
    by = ["customer_id", "currency", "reason"]
    sums = totals_by(work.assign(amount=work["outstanding"]), by, "amount")
    told = work.groupby(by, as_index=False).agg(
        items=("item_id", "nunique"), because=("because", lambda values: _joined(values))
    )
    made = sums.merge(told, on=by, how="left", validate="one_to_one").to_dict("records")
    made += [
        {
            "customer_id": code,
            "currency": scope.functional_currency,
            "reason": IDLE.reason.value,
            "items": 0,
            "amount": 0,
            "because": IDLE.because,
        }
        for code in idle
    ]
    return frame_of(
        STATEMENT_EXCLUDED,
        (
            {
                **{str(key): value for key, value in row.items()},
                "entity": scope.entity,
                "name": known.get(row["customer_id"], {}).get("name", ""),
            }
            for row in made
        ),
    )


def totals(summary: pd.DataFrame, excluded: pd.DataFrame, position: Position) -> pd.DataFrame:
    """By currency: what is on statements, excluded, unidentified, and the ledger's open total: STATEMENT_TOTALS."""
    is_nobody = excluded["reason"].eq(NoStatement.UNIDENTIFIED.value)
    rows = []
    for currency in sorted({*position.items["currency"], *summary["currency"]}):
        mine = summary[summary["currency"].eq(currency)]
        off = excluded["currency"].eq(currency)
        row = {
            "entity": position.scope.entity,
            "currency": currency,
            "statements": len(mine),
            "on_statements": total(mine["closing"]),
            "excluded": total(excluded.loc[off & ~is_nobody, "amount"]),
            "unidentified": total(excluded.loc[off & is_nobody, "amount"]),
            "ledger": total(position.items.loc[position.items["currency"].eq(currency), "outstanding"]),
        }
        row["difference"] = row["on_statements"] + row["excluded"] + row["unidentified"] - row["ledger"]
        rows.append(row)
    return frame_of(STATEMENT_TOTALS, rows)


def identities(
    summary: pd.DataFrame, excluded: pd.DataFrame, position: Position, *, is_forward: bool
) -> tuple[Identity, ...]:
    """By currency: statements + excluded + unidentified = ledger; of balance-forward ones, each foots to its closing."""
    entity = position.scope.entity
    made = [
        Identity(
            name="statements",
            left_label="statements, excluded and unidentified",
            left=int(row["on_statements"] + row["excluded"] + row["unidentified"]),
            right_label="open in the ledger",
            right=int(row["ledger"]),
            currency=str(row["currency"]),
            entity=entity,
        )
        for row in totals(summary, excluded, position).to_dict("records")
    ]
    if is_forward:
        foots = (summary["opening"] + summary["movements"]).eq(summary["closing"])
        made.append(
            Identity(
                name="balance_forward",
                left_label="balances that foot: opening and movements make the closing",
                left=int(foots.sum()),
                right_label="balances on statements",
                right=len(summary),
                entity=entity,
            )
        )
    return tuple(made)


def _joined(values: Iterable[str]) -> str:
    """Distinct sentences, the first three in words."""
    told = list(dict.fromkeys(values))
    more = f" And {len(told) - 3} more." if len(told) > 3 else ""
    return " ".join(told[:3]) + more
