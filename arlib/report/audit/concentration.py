"""How much of receivables and sales few customers are. Floor 3, on top of `audit.ledger.concentration`."""

from __future__ import annotations

from fractions import Fraction

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.ledger.concentration import Concentration, concentration_of
from arlib.audit.ledger.frames_parties import CONCENTRATION, CONCENTRATION_BY, CONCENTRATION_INDEX
from arlib.audit.options.ledger import NET, ConcentrationOptions
from arlib.money import shown, total
from arlib.policy import Policies, Scope
from arlib.report.audit.balances import (
    controls_told,
    facts,
    flagged,
    population_said,
    population_table,
    shared,
)
from arlib.report.audit.evidence_parts import table
from arlib.report.bad_debt_percents import percent_of
from arlib.report.exceptions import exceptions_from, exceptions_table
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Chart, ChartKind, Report, ResultTable
from arlib.report.tables import in_words, spoken
from arlib.report.words import counted, day_text, money_text, plain
from arlib.tables import Book
from arlib.tables.rows import is_none, records

ASSERTIONS = "presentation and disclosure; valuation, where few customers carry the risk"
STANDARDS = {
    "balance": "concentration of credit risk (ASC 825-10-50-20, ASC 275-10-50-16, IFRS 7.34(c))",
    "sales": "major customer (ASC 280-10-50-42, IFRS 8.34)",
}
MOST_BARS = 12


def concentration_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """The largest customers and groups by balance and by sales, what reaches the threshold, and the Herfindahl index.

    Needs ITEMS; uses what `concentration_of` uses; an open item or sales document without an amount in the books' currency
    raises RateError. Identities: customers and groups each add up to the open items and to the sales of the year.
    """
    found = concentration_of(book, scope=scope, policies=policies, ask=ask)
    options = ask.options or ConcentrationOptions()
    return Report(
        name="concentration",
        title=f"Concentration, {scope.entity}, {day_text(scope.as_of)}",
        question="How much of receivables and of sales do few customers make, and which must be disclosed?",
        reader="auditors, controller",
        scope=scope,
        tables=_tables(found, options, scope),
        charts=(_chart(found, scope),),
        controls=(*controls_told(found.controls, scope=scope, grouped=("concentration",)), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found, options, ask, scope), *intake_findings(book)),
        limits=_limits(found, book),
        counts={"customers": int(found.parties["level"].eq("customer").sum()), "groups": int(found.parties["level"].eq("group").sum()),
                "disclosed": len(_disclosed(found))},
        parameters=facts(
            ask, scope=scope, assertions=ASSERTIONS,
            **{"Threshold": f"{options.threshold_percent} %, that share included", "Sales from": day_text(found.sales_from),
               "Balances": "less the customer's own credits" if options.balance == NET else "debits, credits aside",
               "Largest listed": str(options.top), "Own companies": "listed, and outside every share"},
        ),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _disclosed(found: Concentration) -> pd.DataFrame:
    """Groups (customers under one parent are one) that reach the threshold in balance or sales."""
    rows = found.parties
    return flagged(rows, rows["level"].eq("group") & (rows["disclose_balance"] | rows["disclose_sales"]))


def _tables(found: Concentration, options: ConcentrationOptions, scope: Scope) -> tuple[ResultTable, ...]:
    code = scope.functional_currency
    rows = shared(found.parties, "balance_share", "sales_share")
    headings = {"party_id": "Customer", "balance": f"Balance {code}", "balance_share": "% of balances", "sales": f"Sales {code}",
                "sales_share": "% of sales", "before": f"Balance a year earlier {code}", "disclose_balance": "Disclose: balance",
                "disclose_sales": "Disclose: sales", "is_own_group": "Own company", "is_related": "Related"}  # fmt: skip
    columns = ("rank", "party_id", "name", "members", "balance", "balance_share", "sales", "sales_share", "before",
               "disclose_balance", "disclose_sales", "is_own_group", "is_related")  # fmt: skip
    made = []
    for name, level, title, is_top in (
        ("top_groups", "group", f"The {options.top} largest, customers of one parent together", True),
        ("top_customers", "customer", f"The {options.top} largest customers by account", True),
        ("own_companies", "", "Companies of the own group, outside the shares", False),
        ("all_groups", "group", "Every customer, those of one parent together", False),
        ("all_customers", "customer", "Every customer by account", False),
    ):
        mine = rows["level"].eq(level) if level else rows["level"].eq("customer") & rows["is_own_group"]
        part = flagged(rows, mine & ~rows["is_own_group"] & rows["rank"].le(options.top) if is_top else mine)
        made.append(table(
            CONCENTRATION, part, name=name, title=title, functional=code, columns=columns, key=("party_id", "is_own_group"),
            headings=headings, is_ordered=True, is_detail=name.startswith("all_"),
            not_on_page=("is_own_group", "is_related", "members", "before"),
        ))  # fmt: skip
    return (
        *made[:2],
        table(CONCENTRATION_INDEX, shared(found.index, "largest", "top"), title="How concentrated: shares and Herfindahl index",
              functional=code, is_ordered=True, words=spoken(found.index, "measure", "level"), not_totalled=("amount",),
              headings={"amount": f"Amount {code}", "largest": "% largest", "top": f"% largest {options.top}",
                        "herfindahl": "Herfindahl index", "equal_parties": "As many equal customers"},
              note="The index is the sum of squared shares: 1 is one customer, 0.1 ten equal ones."),
        table(CONCENTRATION_BY, shared(found.by, "share"), title="Balances by region, country, currency, cover, rating and account",
              functional=code, is_ordered=True, words=spoken(found.by, "dimension"), not_totalled=("balance",),
              headings={"share": "% of balances", "is_over": "At the threshold", "balance": f"Balance {code}"},
              note="Insured and secured as recorded; limits and own shares are not taken off."),
        made[2],
        population_table(found.population, scope=scope),
        *made[3:],
        exceptions_table(_exceptions(found, scope)),
    )  # fmt: skip


def _chart(found: Concentration, scope: Scope) -> Chart:
    """The largest groups by balance; the rest is one bar."""
    code = scope.functional_currency
    rows = found.parties
    mine = flagged(rows, rows["level"].eq("group") & ~rows["is_own_group"] & rows["balance"].gt(0))
    top, rest = mine.head(MOST_BARS), mine.iloc[MOST_BARS:]
    labels = (
        top["name"].fillna("").where(top["name"].fillna("").ne(""), top["party_id"]).astype("str").tolist()
    )
    amounts = top["balance"].tolist()
    if len(rest):
        labels.append(f"{counted(len(rest), 'other customer')}")
        amounts.append(total(rest["balance"]))
    whole = total(mine["balance"])
    sentence = (
        f"The largest customer owes {percent_of(Fraction(int(mine['balance'].iloc[0]), whole), 1)} % of {money_text(whole, code)}."
        if len(mine) else "No customer owes anything."
    )  # fmt: skip
    told = "; ".join(
        f"{plain(label)} {shown(int(amount), code)}" for label, amount in zip(labels, amounts, strict=True)
    )
    frame = pd.DataFrame(
        {"label": pd.Series(labels, dtype="str"), "amount": pd.Series(amounts, dtype="Int64")}
    )
    return Chart(
        name="concentration", title=f"Largest customers by balance, {code}", sentence=sentence,
        alt=f"Bars by customer: {told}. {sentence}" if told else sentence, kind=ChartKind.MOVEMENTS, frame=frame, currency=code,
    )  # fmt: skip


def _exceptions(found: Concentration, scope: Scope) -> list[pd.DataFrame]:
    rows = _disclosed(found).assign(currency=scope.functional_currency)

    def why(measure: str) -> pd.DataFrame:
        part = flagged(rows, rows[f"disclose_{measure}"])
        return exceptions_from(
            part, subject=f"disclose_{measure}", reference=("party_id",),
            columns={"customer_id": "party_id", "currency": "currency", "amount": measure},
            finding=lambda row: f"{percent_of(str(row[f'{measure}_share']))} % of {in_words(measure).lower()}: {STANDARDS[measure]}",
        )  # fmt: skip

    return [why("sales"), why("balance")]


def _findings(found: Concentration, options: ConcentrationOptions, ask: Ask, scope: Scope) -> tuple[str, ...]:
    code, rows, made = scope.functional_currency, _disclosed(found), []
    for measure, what in (
        ("sales", f"sales since {day_text(found.sales_from)}"),
        ("balance", f"receivables at {day_text(scope.as_of)}"),
    ):
        part = flagged(rows, rows[f"disclose_{measure}"])
        said = "; ".join(f"{row['party_id']} {plain(str(row['name']), limit=40) if not is_none(row['name']) else ''} "
                         f"{percent_of(str(row[f'{measure}_share']), 1)} %, {money_text(int(row[measure]), code)}"
                         for row in records(part.sort_values(measure, ascending=False, kind="stable")))  # fmt: skip
        made.append(
            f"Disclose {counted(len(part), 'customer')} of {options.threshold_percent} % or more of {what}, {STANDARDS[measure]}: {said}."
            if len(part) else f"No customer reaches {options.threshold_percent} % of {what}."
        )  # fmt: skip
    index = {(row["measure"], row["level"]): row for row in records(found.index)}
    row = index["balance", "group"]
    index_said = percent_of(Fraction(str(row["herfindahl"])) / 100, 4)
    made.append(f"The {min(options.top, int(row['parties']))} largest owe {percent_of(str(row['top']), 1)} % of "
                f"{money_text(int(row['amount']), code)}; Herfindahl index {index_said}.")  # fmt: skip
    made.append(population_said(found.population, ask))
    cover = {row["value"]: row for row in records(flagged(found.by, found.by["dimension"].eq("cover")))}
    if "neither" in cover:
        made.append(
            f"Neither insured nor secured: {percent_of(str(cover['neither']['share']), 1)} % of the balances."
        )
    over = flagged(
        found.by, found.by["dimension"].isin(["region", "country", "currency"]) & found.by["is_over"]
    )
    if len(over):
        said = ", ".join(
            f"{row['dimension']} {row['value'] or '(none)'} {percent_of(str(row['share']), 1)} %"
            for row in records(over)
        )
        made.append(f"At the threshold by what risks have in common: {said}.")
    return tuple(made)


def _limits(found: Concentration, book: Book) -> tuple[str, ...]:
    made = []
    if found.sales_begin is None:
        made.append("Not possible: the books hold no sales documents, so there are no shares of sales.")
    elif found.sales_begin > found.sales_from:
        made.append(
            f"The books begin on {day_text(found.sales_begin)}: sales before that day are not counted."
        )
    if not found.without_tax:
        made.append(
            "Some sales documents do not say their tax: their sales are counted gross. Revenue by the general ledger decides."
        )
    if found.parties["before"].isna().all():
        made.append("Not possible: the records do not reach back a year, so there is no earlier balance.")
    return (*made, *missing_limits(book, {
        "customers": "names, parents, regions and own companies are missing, and each code is a customer of its own",
        "security": "only items that say so count as insured or secured",
    }))  # fmt: skip
