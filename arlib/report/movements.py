"""Which customers' balances moved most over the period. Floor 3."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pandas as pd

from arlib.ledger.attributes import customer_attributes
from arlib.ledger.openitems import open_items
from arlib.money import iso_code, shown, total, totals_by
from arlib.policy import Policies, Scope
from arlib.report.model import Chart, ChartKind, ResultTable
from arlib.report.tables import result_table
from arlib.report.words import counted, day_text, money_text, plain
from arlib.tables import Book, Column, Kind, Table

MOST_BARS = 12
MOVEMENTS = Table("movements", "a customer's balance at both ends of the period", ("customer_id",
                                                                                   "currency"), (
    Column("customer_id", Kind.TEXT, "customer; empty for unidentified cash"),
    Column("name", Kind.TEXT, "name"),
    Column("currency", Kind.TEXT, "currency of the amounts", True),
    Column("opening", Kind.MONEY, "outstanding the day before the period", True, currency="currency"),
    Column("closing", Kind.MONEY, "outstanding at the as-of date", True, currency="currency"),
    Column("movement", Kind.MONEY, "closing less opening", True, currency="currency"),
))  # fmt: skip


def movements(book: Book, *, scope: Scope, policies: Policies) -> pd.DataFrame:
    """MOVEMENTS of every customer whose balance moved, largest change first.

    In functional currency at booking rates with unrealised exchange; in document currencies where an item's
    functional amount is not known. A snapshot has no opening and gives no rows. Needs ITEMS; uses
    APPLICATIONS and REVALUATIONS.
    """
    if "snapshot" in book.features:
        return MOVEMENTS.empty()
    ends = {
        "opening": open_items(book, scope=replace(scope, as_of=scope.starts_on - timedelta(days=1))),
        "closing": open_items(book, scope=scope),
    }
    is_known = not any(frame["functional_outstanding"].isna().any() for frame in ends.values())
    sides = [
        _balances(frame, name, scope.functional_currency if is_known else "") for name, frame in ends.items()
    ]
    made = sides[0].merge(sides[1], on=["customer_id", "currency"], how="outer", validate="one_to_one")
    made = made.assign(opening=made["opening"].fillna(0), closing=made["closing"].fillna(0))
    made["movement"] = made["closing"] - made["opening"]
    made = made[made["movement"].ne(0)]
    attributes = customer_attributes(
        book, on=scope.as_of, at=policies.aging.attributes_at, entity=scope.entity
    )
    names = attributes.drop_duplicates("customer_id").set_index("customer_id")["name"]
    made = made.assign(name=made["customer_id"].map(names), size=made["movement"].abs())
    made = made.sort_values(["currency", "size", "customer_id"], ascending=[True, False, True], kind="stable")
    return MOVEMENTS.typed(made).reset_index(drop=True)


def movements_table(found: pd.DataFrame, *, scope: Scope) -> ResultTable:
    """MOVEMENTS as a result, largest first."""
    return result_table(MOVEMENTS, found, title="Movements by customer, largest first", is_ordered=True,
                        functional=scope.functional_currency, headings={"name": "Name"})  # fmt: skip


def movements_chart(found: pd.DataFrame, *, scope: Scope) -> Chart:
    """The largest movements in the currency that has most of them; the rest is one bar."""
    code = str(found["currency"].mode().iloc[0]) if len(found) else scope.functional_currency
    mine = found[found["currency"].eq(code)].reset_index(drop=True)
    top, rest = mine.head(MOST_BARS), mine.iloc[MOST_BARS:]
    name = top["name"].fillna("")
    labels = name.where(
        name.ne(""), top["customer_id"].where(top["customer_id"].ne(""), "Unidentified cash")
    ).tolist()
    amounts = top["movement"].tolist()
    if len(rest):
        labels.append(f"{counted(len(rest), 'other customer')}")
        amounts.append(total(rest["movement"]))
    frame = pd.DataFrame(
        {"label": pd.Series(labels, dtype="str"), "amount": pd.Series(amounts, dtype="Int64")}
    )
    whole = total(mine["movement"])
    sentence = (
        f"Balances of {counted(len(mine), 'customer')} moved by {money_text(whole, code)} in all "
        f"from {day_text(scope.starts_on)} to {day_text(scope.as_of)}."
        if len(mine)
        else "No customer's balance moved, or there is no opening to compare with."
    )
    told = "; ".join(
        f"{plain(label)} {shown(int(amount), code)}" for label, amount in zip(labels, amounts, strict=True)
    )
    alt = f"Bars by customer: {told}. {sentence}" if told else sentence
    return Chart(name="movements", title=f"Largest movements by customer, {iso_code(code)}", sentence=sentence, alt=alt,
                 kind=ChartKind.MOVEMENTS, frame=frame, currency=code)  # fmt: skip


def _balances(frame: pd.DataFrame, name: str, functional: str) -> pd.DataFrame:
    amount = frame["functional_outstanding"] + frame["revaluation"] if functional else frame["outstanding"]
    rows = pd.DataFrame({"customer_id": frame["customer_id"].fillna(""),
                         "currency": functional or frame["currency"],
                         name: amount.astype("Int64")})  # fmt: skip
    return totals_by(rows, ["customer_id", "currency"], name)
