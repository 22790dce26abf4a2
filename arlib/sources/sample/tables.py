"""The sub-ledger's declared tables, from the builder's columns. Floor 2."""

from __future__ import annotations

import numpy as np
import pandas as pd

from arlib.sources.sample.bank import instants, reversed_rows
from arlib.sources.sample.customers import Customers
from arlib.sources.sample.general_ledger import Carrying
from arlib.sources.sample.plan import ACCOUNTS, NONE, RETIRED, EntityPlan, Ints, Texts, Window
from arlib.sources.sample.planted import Merge
from arlib.sources.sample.rates import Rates
from arlib.sources.sample.revaluation import is_hedged
from arlib.sources.sample.subledger import SubLedger
from arlib.tables import CANONICAL


def item_table(
    plan: EntityPlan,
    ledger: SubLedger,
    held: Customers,
    item_ids: Texts,
    numbers: Texts,
    func: Ints,
    open_amount: Ints,
    rates: Rates,
    window: Window,
) -> pd.DataFrame:
    """ITEMS."""
    items = ledger.items
    cust, ccy, amount, kind = (items.column(name) for name in ("cust", "ccy", "amount", "type"))
    tax, freight, disc_day = (items.column(name) for name in ("tax", "freight", "disc_day"))
    billed = np.isin(kind, ("invoice", "opening"))
    reverses, replaces = items.column("reverses"), items.column("replaces")
    delivered = items.column("delivered")
    service = billed & (items.column("second") % 5 == 0) & (delivered != NONE)
    cash = np.isin(kind, ("receipt", "prepayment"))
    status = items.column("status")
    status = np.where(cash & (status == ""), np.where(open_amount == 0, "applied", "unapplied"), status)
    status = np.where(reversed_rows(ledger) & cash, "reversed", status)
    rate_day = np.where(items.column("rate_day") != NONE, items.column("rate_day"), items.column("eff"))
    blank = np.full(items.count, None, dtype=object)
    return CANONICAL["items"].typed(
        pd.DataFrame(
            {
                "item_id": item_ids,
                "entity": plan.code,
                "customer_id": np.where(cust >= 0, held.ids[cust], None),
                "item_type": kind,
                "document_no": numbers,
                "purchase_order": _text(items.column("po")),
                "order_no": _text(items.column("order")),
                "delivery_no": _text(items.column("delivery")),
                "effective_date": window.days(items.column("eff")),
                "posting_date": window.days(items.column("post")),
                "entered_at": instants(items.column("entered"), items.column("second"), plan, window),
                "document_date": window.days(items.column("doc")),
                "due_date": window.days(items.column("due")),
                "original_due_date": window.days(items.column("orig")),
                "delivery_date": window.days(delivered),
                "service_from": window.days(np.where(service, delivered - 14, NONE)),
                "service_to": window.days(np.where(service, delivered, NONE)),
                "currency": np.array(plan.currencies, dtype=object)[ccy],
                "amount": amount,
                "net_amount": _money(amount - tax - freight, billed),
                "tax_amount": _money(tax, billed),
                "freight_amount": _money(freight, billed),
                "discount_base": _money(amount - freight, disc_day != NONE),
                "discount_rate": _text(np.where(disc_day != NONE, items.column("disc_rate"), "")),
                "discount_date": window.days(disc_day),
                "functional_amount": func,
                "rate": rates.text(ccy, rate_day),
                "is_hedged": is_hedged(ledger),
                "control_account": items.column("acct"),
                "cash_status": _text(np.where(cash, status, "")),
                "sales_rep": np.where(billed & (cust >= 0), held.rep[cust], None),
                "sales_partner": _text(
                    np.where(billed & (cust % 11 == 3), "partner.north", "").astype(object)
                ),
                "segment": _text(
                    np.where(
                        cust < 0,
                        "",
                        np.where(held.account[cust] == "1250", "group", np.where(ccy > 0, "export", "home")),
                    ).astype(object)
                ),
                "is_secured": cust % 13 == 5,
                "is_insured": cust % 7 == 2,
                "assigned_to": _text(items.column("assigned")),
                "reverses": np.where(reverses >= 0, item_ids[reverses], blank),
                "replaces": np.where(replaces >= 0, item_ids[replaces], blank),
                "batch_id": _text(items.column("batch")),
                "reason": _text(items.column("reason")),
                "user": _text(items.column("user")),
                "authorised_by": _text(items.column("authorised")),
                "rescheduled_on": window.days(items.column("rescheduled")),
                "text": _text(items.column("text")),
            }
        )
    )


def application_table(
    plan: EntityPlan, ledger: SubLedger, item_ids: Texts, app_ids: Texts, carried: Carrying, window: Window
) -> pd.DataFrame:
    """APPLICATIONS."""
    apps = ledger.applications
    src, tgt, reverses = (apps.column(name) for name in ("src", "tgt", "reverses"))
    ccy = ledger.items.column("ccy")
    code = np.array(plan.currencies, dtype=object)
    return CANONICAL["applications"].typed(
        pd.DataFrame(
            {
                "application_id": app_ids,
                "entity": plan.code,
                "source_item_id": item_ids[src],
                "target_item_id": item_ids[tgt],
                "effective_date": window.days(apps.column("eff")),
                "posting_date": window.days(apps.column("post")),
                "entered_at": instants(apps.column("entered"), apps.column("second"), plan, window),
                "source_currency": code[ccy[src]],
                "source_amount": apps.column("s"),
                "source_functional_amount": carried.source,
                "target_currency": code[ccy[tgt]],
                "target_amount": apps.column("t"),
                "target_functional_amount": carried.target,
                "discount": apps.column("disc"),
                "discount_functional_amount": carried.discount,
                "realised_fx": carried.source - carried.target,
                "kind": apps.column("kind"),
                "reason": apps.column("reason"),
                "user": _text(apps.column("user")),
                "clearing_id": _text(apps.column("clearing")),
                "pairing": "stated",
                "reverses": np.where(reverses >= 0, app_ids[reverses], None),
            }
        )
    )


def application_ids(ledger: SubLedger) -> Texts:
    """Numbers of the applications, in the order of entry."""
    apps = ledger.applications
    order = np.lexsort((np.arange(apps.count), apps.column("entered")))
    made = np.empty(apps.count, dtype=object)
    made[order] = np.array([f"AP{k:08d}" for k in range(1, apps.count + 1)], dtype=object)
    return made


def item_identifiers(ledger: SubLedger) -> Texts:
    """Identifiers of the items: not their document numbers, so that no report can take one for the other."""
    order = np.lexsort((ledger.items.column("second"), ledger.items.column("entered")))
    made = np.empty(ledger.items.count, dtype=object)
    made[order] = np.array([f"{k:09d}" for k in range(1, ledger.items.count + 1)], dtype=object)
    return made


def standing_tables(
    plan: EntityPlan, window: Window, merges: list[Merge], held: Customers
) -> dict[str, pd.DataFrame]:
    """ENTITIES, PERIODS, CONTROL_ACCOUNTS and CUSTOMER_MERGES."""
    ends = np.array([-1, *window.month_ends, window.last])
    starts = np.array([-30, *(end + 1 for end in ends[:-1])])
    months = [window.month_end(np.array([day]))[0] for day in starts.tolist()]
    closed = [end for end in ends.tolist() if end < window.close]
    closing = np.array([end + 7 if end in closed else NONE for end in ends.tolist()])
    periods = pd.DataFrame(
        {
            "entity": plan.code,
            "period": [f"{window.date(int(day)):%Y-%m}" for day in months],
            "starts_on": window.days(np.array([_first(int(day), window) for day in months])),
            "ends_on": window.days(np.array(months)),
            "state": ["closed" if end in closed else "open" for end in ends.tolist()],
            "closed_at": instants(closing, np.full(len(ends), 68_400), plan, window),
        }
    )
    accounts = pd.DataFrame(
        [
            {
                "entity": plan.code,
                "account": account,
                "name": name,
                "role": role,
                "in_tieout": tied,
                "valid_from": window.date(-400),
                "valid_to": window.date(60) if account == RETIRED else None,
                "owner": plan.owner,
            }
            for account, name, role, tied in ACCOUNTS
        ]
    )
    merged = pd.DataFrame(
        [
            {
                "entity": plan.code,
                "old_customer_id": held.ids[m.old],
                "new_customer_id": held.ids[m.new],
                "merged_on": window.date(m.day),
                "reason": "same company, two accounts",
            }
            for m in merges
        ]
    )
    entity = pd.DataFrame(
        [
            {
                "entity": plan.code,
                "name": plan.name,
                "functional_currency": plan.currency,
                "time_zone": plan.time_zone,
                "country": plan.country,
            }
        ]
    )
    made = {"entities": entity, "periods": periods, "control_accounts": accounts, "customer_merges": merged}
    return {name: CANONICAL[name].typed(frame) for name, frame in made.items()}


def _first(month_end: int, window: Window) -> int:
    return month_end - window.date(month_end).day + 1


def _text(values: Texts) -> Texts:
    made: Texts = values.astype(object)
    made[values == ""] = None
    return made


def _money(values: Ints, given: np.ndarray) -> pd.Series:
    return pd.Series(values, dtype="Int64").where(given)
