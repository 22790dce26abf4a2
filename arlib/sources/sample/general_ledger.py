"""The general ledger of the sample: the sub-ledger event by event, but for what was planted. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from arlib.sources.sample.bank import instants
from arlib.sources.sample.customers import Customers
from arlib.sources.sample.plan import ACCOUNTS, EntityPlan, Ints, Texts, Window
from arlib.sources.sample.planting import Ledgers
from arlib.sources.sample.subledger import SubLedger
from arlib.tables import CANONICAL

LEDGER = "primary"
SOURCE_OF = {
    "invoice": "billing",
    "debit_memo": "billing",
    "credit_memo": "billing",
    "chargeback": "billing",
    "interest_or_fee": "billing",
    "receipt": "receipts",
    "prepayment": "receipts",
    "refund": "receipts",
    "opening": "other",
}


@dataclass(frozen=True, kw_only=True)
class Carrying:
    """The sub-ledger's functional amounts: of items, and of applications on either side."""

    item: Ints
    source: Ints
    target: Ints
    discount: Ints


def gl_table(
    plan: EntityPlan,
    ledger: SubLedger,
    held: Customers,
    numbers: Texts,
    app_ids: Texts,
    carried: Carrying,
    revaluations: pd.DataFrame,
    changes: Ledgers,
    window: Window,
) -> pd.DataFrame:
    """GL_LINES on the control accounts."""
    parts = [
        _item_lines(plan, ledger, held, numbers, carried.item, changes),
        *_application_lines(plan, ledger, app_ids, carried),
        _revaluation_lines(revaluations, window),
        _own_lines(plan, held, numbers, changes),
    ]
    lines = pd.concat(parts, ignore_index=True)
    lines = lines.sort_values(
        ["day", "source", "copy", "number", "account", "functional"], kind="stable", ignore_index=True
    )
    lines["journal"] = (
        "J"
        + lines["day"].add(100_000).astype("str")
        + "-"
        + lines["source"].str[:3].str.upper()
        + lines["copy"]
    )
    manual = lines["source"].eq("manual")
    lines["journal"] = lines["journal"].mask(manual, lines["number"])
    line_no = lines.groupby("journal").cumcount() + 1
    return CANONICAL["gl_lines"].typed(
        pd.DataFrame(
            {
                "entity": plan.code,
                "ledger": LEDGER,
                "account": lines["account"],
                "journal_id": lines["journal"],
                "line_id": line_no.astype("str").str.zfill(5),
                "posting_date": window.days(lines["day"].to_numpy()),
                "entered_at": instants(
                    lines["entered"].to_numpy(), np.full(len(lines), 64_800), plan, window
                ),
                "user": lines["user"],
                "source": lines["source"],
                "status": lines["status"],
                "customer_id": lines["customer"],
                "document_no": lines["number"],
                "batch_id": lines["batch"],
                "currency": np.array(plan.currencies, dtype=object)[lines["ccy"].to_numpy()],
                "amount": lines["amount"],
                "functional_amount": lines["functional"],
                "text": lines["text"],
            }
        )
    )


def _item_lines(
    plan: EntityPlan, ledger: SubLedger, held: Customers, numbers: Texts, func: Ints, changes: Ledgers
) -> pd.DataFrame:
    items = ledger.items
    cust = items.column("cust")
    customer = np.where(cust >= 0, held.ids[cust], "").astype(object)
    kind = items.column("type")
    source = np.array([SOURCE_OF.get(k, "adjustments") for k in kind.tolist()], dtype=object)
    lines = pd.DataFrame(
        {
            "account": items.column("acct"),
            "day": items.column("post"),
            "entered": items.column("entered"),
            "user": np.where(source == "billing", "interface", items.column("user")).astype(object),
            "source": source,
            "status": "posted",
            "customer": customer,
            "number": numbers,
            "batch": items.column("batch"),
            "ccy": items.column("ccy"),
            "amount": items.column("amount"),
            "functional": func,
            "text": kind,
            "copy": "",
        }
    )
    for handle, day in changes.moved.items():
        lines.loc[handle, ["day", "entered"]] = day
    for handle, account in changes.accounts.items():
        lines.loc[handle, "account"] = account
    for handle, delta in changes.deltas.items():
        lines.loc[handle, ["amount", "functional"]] += delta
    lines.loc[sorted(changes.unposted), ["status", "copy"]] = ["unposted", "U"]
    again = lines.loc[sorted(changes.doubled)].assign(copy="D", text="interface run repeated")
    return pd.concat([lines.drop(index=sorted(changes.omitted)), again], ignore_index=True)


def _application_lines(
    plan: EntityPlan, ledger: SubLedger, app_ids: Texts, carried: Carrying
) -> list[pd.DataFrame]:
    """Discounts and exchange differences on the target's account; both legs across two accounts."""
    apps, items = ledger.applications, ledger.items
    src, tgt = apps.column("src"), apps.column("tgt")
    account, ccy = items.column("acct"), items.column("ccy")
    crosses = (account[src] != account[tgt]) | (ccy[src] != ccy[tgt])
    exchange = carried.source - carried.target

    def lines(mine: np.ndarray, side: Ints, amount: Ints, functional: Ints, text: str) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "account": account[side[mine]],
                "day": apps.column("post")[mine],
                "entered": apps.column("entered")[mine],
                "user": apps.column("user")[mine],
                "source": "receipts",
                "status": "posted",
                "customer": "",
                "number": app_ids[mine],
                "batch": "",
                "ccy": ccy[side[mine]],
                "amount": amount[mine],
                "functional": functional[mine],
                "text": text,
                "copy": "",
            }
        )

    disc, none = apps.column("disc"), np.zeros(apps.count, dtype=np.int64)
    within = ~crosses & (exchange != 0)
    return [
        lines((disc != 0) | (carried.discount != 0), tgt, -disc, -carried.discount, "cash discount"),
        lines(within, tgt, none, exchange, "realised exchange difference"),
        lines(crosses, src, apps.column("s"), carried.source, "applied to another account"),
        lines(crosses, tgt, -apps.column("t"), -carried.target, "applied from another account"),
    ]


def _revaluation_lines(revaluations: pd.DataFrame, window: Window) -> pd.DataFrame:
    """One line a run, account and currency; its reversal on the next day carries the same number."""
    run = revaluations.groupby(["document_no", "account", "ccy", "day"], as_index=False)["amount"].sum()
    made = pd.concat([run, run.assign(day=run["day"] + 1, amount=-run["amount"])], ignore_index=True)
    made = made[made["day"] <= window.last]
    return pd.DataFrame(
        {
            "account": made["account"],
            "day": made["day"],
            "entered": made["day"],
            "user": "gl.clerk",
            "source": "revaluation",
            "status": "posted",
            "customer": "",
            "number": made["document_no"],
            "batch": "",
            "ccy": made["ccy"],
            "amount": 0,
            "functional": made["amount"],
            "text": "revaluation at the closing rate",
            "copy": "",
        }
    )


def _own_lines(plan: EntityPlan, held: Customers, numbers: Texts, changes: Ledgers) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "account": line.account,
                "day": line.day,
                "entered": line.day,
                "user": line.user,
                "source": line.source,
                "status": "posted",
                "customer": held.ids[line.customer] if line.customer >= 0 else "",
                "number": numbers[line.item] if line.item >= 0 else line.number,
                "batch": line.batch,
                "ccy": 0,
                "amount": line.amount,
                "functional": line.amount,
                "text": line.text,
                "copy": "M",
            }
            for line in changes.lines
        ]
    )


def balance_table(plan: EntityPlan, lines: pd.DataFrame, window: Window) -> pd.DataFrame:
    """GL_BALANCES: posted lines of every control account at the start and at every month end."""
    posted = lines["status"].eq("posted").to_numpy(dtype=bool)
    account = lines["account"].to_numpy(dtype=object)
    date = lines["posting_date"].to_numpy()
    amount = lines["functional_amount"].to_numpy(dtype=np.int64)
    rows = []
    for code, *_ in ACCOUNTS:
        mine = posted & (account == code)
        for day in (-1, *window.month_ends):
            end = window.date(day)
            balance = int(amount[mine & (date <= np.datetime64(end, "s"))].sum())
            rows.append({
                "entity": plan.code, "ledger": LEDGER, "account": code, "as_of": end,
                "currency": plan.currency, "balance": balance,
            })  # fmt: skip
    return CANONICAL["gl_balances"].typed(pd.DataFrame(rows))
