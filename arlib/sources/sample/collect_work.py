"""The collections desk of the sample company: the tables that collecting adds, and those that it fills. Floor 2.

Made from the finished books without a draw.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from arlib.sources.sample import collect_contact as contact
from arlib.sources.sample import collect_papers as papers
from arlib.sources.sample.collect_books import STATUS_SINCE
from arlib.sources.sample.collect_desk import MANAGER, PORTAL, CollectDesk, Frames, Row
from arlib.tables import CANONICAL

CONTACTS = (
    "Alex Morgan",
    "Jo Fielding",
    "Sam Okafor",
    "Renée Dubois",
    "Chris Lindgren",
    "Noor Haddad",
    "Kim Sato",
)
SHARES = {
    "current": "0.90",
    "1-30": "0.80",
    "31-60": "0.65",
    "61-90": "0.50",
    "91-120": "0.35",
    "121+": "0.15",
}


def collect_tables(desk: CollectDesk) -> Frames:
    """The tables of one entity that collecting adds, and those that it fills."""
    rows: dict[str, Iterable[Row]] = {
        "orders": papers.orders(desk), "targets": _targets(desk), "placements": papers.placements(desk),
        "collection_exceptions": papers.exceptions(desk), "customer_files": papers.files(desk), "terms_exceptions": papers.terms(desk),
        "bureau_reports": papers.bureau(desk), "portal_invoices": papers.portals(desk), "dunning_notices": contact.notices(desk),
    }  # fmt: skip
    more: dict[str, Iterable[Row]] = {
        "activities": [*contact.touches(desk), *contact.scripted_touches(desk)], "promises": contact.promises(desk),
        "disputes": contact.disputes(desk), "plans": contact.plans(desk), "plan_instalments": contact.instalments(desk),
        "holds": _holds(desk), "claims": _claims(desk), "remittances": _remittances(desk),
    }  # fmt: skip
    own = {"entity": desk.plan.code}
    made = {name: CANONICAL[name].from_rows(own | row for row in given) for name, given in rows.items()}
    for name, given in more.items():
        frame = CANONICAL[name].from_rows(own | row for row in given)
        made[name] = (
            pd.concat([desk.tables[name], frame], ignore_index=True) if len(frame) else desk.tables[name]
        )
    made["activities"] = contact.with_next(made["activities"])
    made["disputes"] = contact.with_causes(made["disputes"])
    made["customers"] = _customers(desk)
    return made


def _customers(desk: CollectDesk) -> pd.DataFrame:
    """CUSTOMERS with whom to talk to, in which language, and what they ask for."""
    rows = desk.tables["customers"].copy()
    place = pd.Series(range(len(rows)), index=rows.index)
    drawn = ~rows["customer_id"].isin([told.customer for told in desk.books.told.values()])
    mine = drawn & ~rows["is_intercompany"]
    rows["contact"] = rows["contact"].mask(drawn, place.map(lambda n: CONTACTS[n % len(CONTACTS)]))
    rows["phone"] = rows["phone"].mask(drawn, place.map(lambda n: f"+999 555 02{n % 100:02d}"))
    rows["opened_on"] = rows["opened_on"].mask(
        drawn, place.map(lambda n: pd.Timestamp(desk.ago(1500 + 13 * (n % 200)))).astype("datetime64[s]")
    )
    other = {("CA", 1): "fr", ("US", 4): "es", ("JP", 6): "zh"}
    told = [
        other.get((country, n % {"CA": 2, "US": 9}.get(country, 11)), language)
        for n, country, language in zip(place, rows["country"], rows["language"], strict=True)
    ]
    rows["language"] = rows["language"].mask(drawn, pd.Series(told, index=rows.index, dtype="str"))
    failed = rows["status"].isin(["bankrupt", "legal", "agency", "estate"])
    history = desk.tables["customer_history"]
    since = history[history["attribute"].eq("status")].groupby("customer_id")["valid_from"].max()
    rows["is_on_credit_hold"] = rows["is_on_credit_hold"].fillna(False) | failed
    rows["credit_hold_since"] = rows["credit_hold_since"].mask(failed, rows["customer_id"].map(since))
    rows["requires_order_no"] = rows["requires_order_no"].mask(drawn, mine & place.mod(10).eq(7))
    rows["portal"] = rows["portal"].mask(mine & place.mod(12).eq(5), PORTAL)
    return CANONICAL["customers"].typed(rows)


def _targets(desk: CollectDesk) -> list[Row]:
    """Targets of the quarter and of the month."""
    end = desk.close
    quarter, month = f"{end.year}-Q{(end.month + 2) // 3}", f"{end:%Y-%m}"
    by = {"set_by": MANAGER}
    made: list[Row] = [{"period": quarter, "measure": "collected", "rate": "0.75", **by}]
    made += [
        {"period": quarter, "measure": "collected", "bucket": bucket, "rate": rate, **by}
        for bucket, rate in SHARES.items()
    ]
    for place, collector in enumerate(desk.plan.collectors):
        mine = {"collector": collector, **by}
        # the last collector's target is an amount
        is_last = place == len(desk.plan.collectors) - 1
        amount = {"currency": desk.plan.currency, "amount": desk.books.money("12,000.00")}
        made += [
            {"period": quarter, "measure": "collected", **mine, **(amount if is_last else {"rate": f"0.{78 - 2 * place}"})},
            {"period": quarter, "measure": "promises_kept", "rate": "0.80", **mine},
            {"period": quarter, "measure": "contacts", "count": 90, **mine},
            {"period": month, "measure": "contacts", "count": 30, **mine},
        ]  # fmt: skip
    made.append(
        {"period": quarter, "measure": "collected", "region": desk.plan.regions[0], "rate": "0.82", **by}
    )
    for period in (quarter, month):
        made += [
            {"period": period, "measure": "coverage", "rate": "0.95", **by},
            {"period": period, "measure": "cei", "rate": "0.80", **by},
            {"period": period, "measure": "current", "rate": "0.70", **by},
            {"period": period, "measure": "over_90", "rate": "0.05", **by},
            {"period": period, "measure": "dso", "count": 45, **by},
        ]  # fmt: skip
    return made


def _holds(desk: CollectDesk) -> list[Row]:
    return [
        {
            "hold_id": f"HC{number:04d}", "customer_id": desk.told(part).customer, "kind": kind, "placed_on": desk.ago(STATUS_SINCE),
            "owner": "counsel", "reason": reason,
        }
        for number, (part, kind, reason) in enumerate(
            (("legal", "legal", "suit filed"), ("sanctioned", "sanction", "listed; compliance decides")), 1
        )
    ]  # fmt: skip


def _claims(desk: CollectDesk) -> list[Row]:
    told = desk.told("estate")
    return [{
        "claim_id": "CC0001", "customer_id": told.customer, "kind": "estate", "case_no": "26-20881", "court": "Probate court",
        "opened_on": desk.ago(STATUS_SINCE), "file_by": desk.ago(-21), "currency": desk.plan.currency,
        "amount": told.items[0]["amount"], "state": "not_filed",
    }]  # fmt: skip


def _remittances(desk: CollectDesk) -> list[Row]:
    """Advice of the money that covers too little; the money that covers its debt came without one."""
    told = desk.told("covered_short")
    amount = -int(told.cash[0]["amount"])
    return [{
        "remittance_id": "RC0000001", "receipt_id": told.cash[0]["document_no"], "reference": told.items[0]["document_no"],
        "currency": desk.plan.currency, "gross": amount, "discount": 0, "deduction": 0, "net": amount,
    }]  # fmt: skip
