"""Whom to ask to confirm: balances by customer and currency, and the selection of letters. Floor 1."""

from __future__ import annotations

import math
import re
from fractions import Fraction

import pandas as pd

from arlib.audit.evidence.csv_text import read_csv
from arlib.audit.evidence.frames_confirm import BALANCES
from arlib.audit.options.evidence import ConfirmationsOptions
from arlib.audit.population import Population, least_in
from arlib.errors import ParameterError, nearest
from arlib.money import iso_code, total, totals_by
from arlib.policy import Scope
from arlib.tables import Book

NO_PAYER = "not confirmable: the payer is not known"
NOT_ASKED = "not selected"
SELECTED = {
    "all": "all balances", "largest": "among the largest of its currency", "coverage": "needed for the coverage asked for",
    "amount": "of the amount asked for or more", "file": "named by the auditor",
}  # fmt: skip
_ODD = re.compile(r"[^A-Za-z0-9]+")


def balances(documents: pd.DataFrame, *, population: Population, scope: Scope) -> pd.DataFrame:
    """Each customer's balance by currency, of the open documents in the population: BALANCES, none selected.

    Needs OPEN_DOCUMENTS. Credits and unapplied cash of a customer belong to its balance. Cash of unknown payers is one
    balance a currency that nobody can confirm.
    """
    rows = documents[population.chosen(documents, amount="outstanding").to_numpy(dtype=bool)]
    rows = rows.assign(
        customer_id=rows["customer_id"].fillna(""), debits=rows["outstanding"].clip(lower=0), credits=rows["outstanding"].clip(upper=0)
    )  # fmt: skip
    key = ["customer_id", "currency"]
    made = totals_by(rows, key, ["debits", "credits", "outstanding"]).rename(
        columns={"outstanding": "amount"}
    )
    counts = rows.groupby(key, sort=True).agg(
        items=("item_id", "size"), customer_name=("customer_name", "first")
    )
    made = made.merge(counts.reset_index(), on=key)
    made["request_no"] = _numbers(made)
    made["customer_id"] = made["customer_id"].where(made["customer_id"].ne(""))
    made["is_selected"] = False
    made["why"] = pd.Series(NOT_ASKED, index=made.index, dtype="str").mask(
        made["customer_id"].isna(), NO_PAYER
    )
    return BALANCES.typed(made.assign(entity=scope.entity)).sort_values(
        "request_no", kind="stable", ignore_index=True
    )


def selected(
    found: pd.DataFrame, *, options: ConfirmationsOptions, customers_file: str, book: Book, scope: Scope
) -> pd.DataFrame:
    """BALANCES with those selected that the options ask for.

    largest   so many balances of each currency with the largest open debits
    coverage  the largest debits of each currency until they reach the share
    amount    balances of just that size or more, without sign, so large credit balances are in
    file      CSV customer_id[, currency]; ParameterError for customers that the books do not know
    Ties go by number. All takes every balance of a known customer, also one of zero or in credit.
    """
    known = found["customer_id"].notna()
    if options.select == "all":
        chosen = known
    elif options.select == "file":
        chosen = known & _named(found, customers_file, book, scope)
    elif options.select == "amount":
        least = {code: least_in(options.amount, str(code)) for code in found["currency"].unique()}
        chosen = known & found["amount"].abs().ge(found["currency"].map(least))
    else:
        chosen = pd.Series(False, index=found.index)
        for _, part in found[known].groupby("currency", sort=True):
            ordered = part[part["debits"].gt(0)].sort_values(
                ["debits", "request_no"], ascending=[False, True], kind="stable"
            )
            chosen[ordered.index[: _how_many(ordered, options, total(part["debits"]))]] = True
    flag = chosen.fillna(False).astype(bool)
    return found.assign(
        is_selected=flag.astype("boolean"), why=found["why"].mask(flag, SELECTED[options.select])
    )


def _how_many(ordered: pd.DataFrame, options: ConfirmationsOptions, whole: int) -> int:
    if options.select == "largest":
        return options.count
    wanted = math.ceil(Fraction(options.coverage) * whole)
    running, count = 0, 0
    for value in ordered["debits"]:
        if running >= wanted:
            break
        running, count = running + int(value), count + 1
    return count


def _named(found: pd.DataFrame, text: str, book: Book, scope: Scope) -> pd.Series:
    rows = read_csv(text, where="customers_file", required=("customer_id",))
    customers = book["customers"]
    mine = customers[customers["entity"].eq(scope.entity) | customers["entity"].fillna("").eq("")]
    known = {*mine["customer_id"], *found["customer_id"].dropna()}
    if odd := [one for one in rows["customer_id"] if one not in known]:
        near = nearest(odd[0], known)
        raise ParameterError(
            "no such customer", where="customers_file", found=", ".join(odd[:20]), wanted="customers of the books",
            fix=f"Did you mean {near!r}?" if near else "",
        )  # fmt: skip
    if "currency" not in rows.columns:
        return found["customer_id"].isin(rows["customer_id"])
    pairs = set(zip(rows["customer_id"], rows["currency"], strict=True))
    return pd.Series(
        [
            (one, code) in pairs or (one, iso_code(str(code))) in pairs or (one, "") in pairs
            for one, code in zip(found["customer_id"], found["currency"], strict=True)
        ],
        index=found.index,
    )


def _numbers(rows: pd.DataFrame) -> list[str]:
    """Numbers of letters, plain enough for a file name: AC-00543-USD; a repeated one is counted on."""
    made: list[str] = []
    seen: dict[str, int] = {}
    for customer, currency in zip(rows["customer_id"], rows["currency"], strict=True):
        plain = _ODD.sub("-", str(customer)).strip("-") or "unknown"
        number = f"AC-{plain[:40]}-{iso_code(str(currency))}"
        seen[number] = seen.get(number, 0) + 1
        made.append(number if seen[number] == 1 else f"{number}-{seen[number]}")
    return made
