"""What a person has to do with cash: the queue with candidates side by side, unidentified and held money. Floor 3."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from arlib.report.cash_facts import (
    APPLIED_BY,
    FOR_A_PERSON,
    PLACE_WORDS,
    SET_ASIDE,
    CashRun,
    Place,
    by_value,
    document_numbers,
    heads,
    in_functional,
    named_documents,
    sentences,
    told,
)
from arlib.report.model import ResultTable
from arlib.report.tables import in_words, result_table, spoken
from arlib.tables import Column, Kind, Table

if TYPE_CHECKING:
    from arlib.policy import Scope

T, D, M, N = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER
_WHO = (
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("customer_id", T, "customer", is_key=True),
    Column("name", T, "name of the customer"),
    Column("payer_name", T, "payer as the bank gives it"),
    Column("value_date", D, "when the money came", True),
    Column("age_days", N, "days since, to the as-of date"),
    Column("currency", T, "currency of the receipt", True),
)
QUEUE = Table("cash_queue", "a receipt that a person decides on", ("queue_no",), (
    Column("queue_no", N, "place in the queue, largest first", True),
    *_WHO,
    Column("amount", M, "money of the receipt", True, currency="currency"),
    Column("to_decide", M, "the part that waits for a person", True, currency="currency"),
    Column("functional_to_decide", M, "that part at the closing rate", currency="functional"),
    Column("proposal", T, "documents of the best proposal; empty where there is none"),
    Column("items", N, "items in it"),
    Column("rule", T, "rule that made it"),
    Column("evidence", T, "what speaks for it"),
    Column("why", T, "why it is not applied automatically, or why there is no proposal"),
    Column("runner_up", T, "documents of the next best way, and why it lost"),
    Column("remittance_text", T, "beginning of the payment's text"),
))  # fmt: skip
CANDIDATES = Table("cash_candidates", "an item that a receipt in the queue may belong to", ("receipt_id", "rank", "item_id"), (
    Column("queue_no", N, "place in the queue; empty for unidentified money"),
    Column("receipt_id", T, "receipt", True, is_key=True),
    Column("rank", N, "1 is the best way to place the receipt", True),
    Column("item_id", T, "item", True, is_key=True),
    Column("document_no", T, "number that people quote"),
    Column("customer_id", T, "customer of the item", is_key=True),
    Column("name", T, "name of the customer"),
    Column("due_date", D, "due date of the item"),
    Column("currency", T, "currency of the item", True),
    Column("open_amount", M, "open before the run", currency="currency"),
    Column("applied_amount", M, "cash that it would take", True, currency="currency"),
    Column("rule", T, "rule that makes it"),
    Column("says", T, "what speaks for this way, or why it lost; on its first item"),
))  # fmt: skip
UNIDENTIFIED = Table("cash_unidentified", "money whose payer is not known", ("receipt_id",), (
    *_WHO,
    Column("unidentified", M, "money that nobody is known to have sent", True, currency="currency"),
    Column("functional_unidentified", M, "that at the closing rate", currency="functional"),
    Column("first_candidate", T, "most likely documents, with their customer"),
    Column("second_candidate", T, "next likely"),
    Column("third_candidate", T, "third"),
    Column("why", T, "why none of them was taken"),
    Column("remittance_text", T, "beginning of the payment's text"),
))  # fmt: skip
ASIDE = Table("cash_set_aside", "money that is not to be placed by the engine", ("receipt_id",), (
    *_WHO,
    Column("status", T, "held, returned, duplicate or on account", True),
    Column("set_aside", M, "money of it", True, currency="currency"),
    Column("reason", T, "why"),
    Column("evidence", T, "what is known"),
))  # fmt: skip


def queue_of(receipts: pd.DataFrame, run: CashRun, *, scope: Scope) -> pd.DataFrame:
    """QUEUE, largest first: proposals that are not automatic, and money of known payers that nothing takes.

    Of a receipt that was applied in part only the part that waits counts.
    """
    is_rest = receipts["status"].isin(FOR_A_PERSON)
    waits = receipts["proposed"] + receipts["rest"].where(is_rest, 0)
    is_waiting = receipts["proposed"].ne(0) | (is_rest & receipts["rest"].ne(0))
    rows = receipts[is_waiting].assign(to_decide=waits[is_waiting])
    has = rows["proposed"].ne(0)
    held = rows["held_because"].fillna("")
    rows["rest_evidence"] = told(rows["receipt_id"], _twins(run)).where(~has).fillna(rows["rest_evidence"])
    lost = rows["lost_because"].fillna("")
    rows["runner_up"] = rows["runner_up"].fillna("") + lost.where(lost.eq(""), ": " + lost)
    rows["why"] = held.where(has & held.ne(""), rows["rest_evidence"].fillna("").where(~has, held))
    rows["proposal"] = rows["documents"].where(has, "")
    rows["items"] = rows["items"].where(has)
    for name in ("rule", "evidence"):
        rows[name] = rows[name].where(has)
    return QUEUE.typed(_numbered(rows, "to_decide", run, scope))


def unidentified_of(receipts: pd.DataFrame, run: CashRun, *, scope: Scope) -> pd.DataFrame:
    """UNIDENTIFIED, largest first: whose money is it, with the likeliest documents by rank."""
    rows = receipts[receipts["status"].eq(Place.UNIDENTIFIED.value) & receipts["rest"].ne(0)]
    rows = rows.assign(unidentified=rows["rest"], why=rows["rest_evidence"])
    others = run.result.alternatives
    others = others[others["receipt_id"].isin(rows["receipt_id"])]
    documents = document_numbers(run.result)
    ranks = sorted(others["rank"].dropna().unique())
    for name, rank in zip(("first_candidate", "second_candidate", "third_candidate"), ranks, strict=False):
        mine = others[others["rank"].eq(rank)]
        who = mine.drop_duplicates("receipt_id").set_index("receipt_id")["customer_id"].fillna("").to_dict()
        said = {
            str(receipt): f"{text} ({_said(who[receipt], run)})" if who[receipt] else str(text)
            for receipt, text in named_documents(mine, documents).items()
        }
        rows[name] = told(rows["receipt_id"], said)
    return UNIDENTIFIED.typed(_numbered(rows, "unidentified", run, scope))


def set_aside_of(receipts: pd.DataFrame) -> pd.DataFrame:
    """ASIDE: held, returned, duplicate and on-account money, by status and receipt."""
    rows = receipts[receipts["status"].isin(SET_ASIDE)]
    rows = rows.assign(
        set_aside=rows["rest"].where(rows["rest"].ne(0), rows["amount"]), evidence=rows["rest_evidence"]
    )
    return ASIDE.typed(rows).sort_values(["status", "receipt_id"], kind="stable", ignore_index=True)


def candidates_of(queue: pd.DataFrame, unidentified: pd.DataFrame, run: CashRun) -> pd.DataFrame:
    """CANDIDATES of everything that waits, in the order of the queue: the proposal is 1, the runner-up 2."""
    result = run.result
    number = dict(zip(queue["receipt_id"], queue["queue_no"], strict=True))
    waiting = pd.Index([*queue["receipt_id"], *unidentified["receipt_id"]])
    best = (
        result.matches[~result.matches["decision"].isin(APPLIED_BY)]
        .assign(rank=1)
        .rename(columns={"evidence": "says"})
    )
    others = result.alternatives.rename(columns={"lost_because": "says"})
    wanted = ["receipt_id", "rank", "item_id", "customer_id", "currency", "applied_amount", "rule", "says"]
    rows = pd.concat(
        [part[wanted] for part in (best, others) if len(part)] or [others[wanted]], ignore_index=True
    )
    rows = rows[rows["receipt_id"].isin(waiting)].reset_index(drop=True)
    items = result.pool_items.set_index("item_id")
    rows = rows.assign(
        queue_no=told(rows["receipt_id"], number, dtype="Int64"),
        document_no=told(rows["item_id"], document_numbers(result)),
        due_date=told(rows["item_id"], items["due_date"], dtype="datetime64[s]"),
        open_amount=told(rows["item_id"], items["open_amount"], dtype="Int64"),
        name=told(rows["customer_id"], run.names),
        says=sentences(rows["says"]),
    )
    place = rows["receipt_id"].map({receipt: at for at, receipt in enumerate(waiting)})
    ordered = rows.assign(_at=place).sort_values(
        ["_at", "rank", "due_date", "document_no", "item_id"], kind="stable"
    )
    made = CANDIDATES.typed(ordered).drop_duplicates(list(CANDIDATES.key)).reset_index(drop=True)
    is_first = ~made.duplicated(
        ["receipt_id", "rank"]
    )  # what speaks for a way stands once, on its first item
    return made.assign(says=made["says"].where(is_first, ""))


def queue_tables(
    queue: pd.DataFrame,
    candidates: pd.DataFrame,
    unidentified: pd.DataFrame,
    aside: pd.DataFrame,
    *,
    run: CashRun,
    functional: str,
) -> tuple[ResultTable, ...]:
    """The queue, its candidates, unidentified and set-aside money as results."""
    size_said = f"At closing rate, {functional}"
    rule = {"rule": rule_words(run)}
    sizes = (
        (queue["currency"], queue["functional_to_decide"]),
        (unidentified["currency"], unidentified["functional_unidentified"]),
    )
    foreign = any(bool((codes.ne(functional) & size.notna()).any()) for codes, size in sizes)
    queue_size, unknown_size = (
        ({"functional_to_decide": size_said}, {"functional_unidentified": size_said}) if foreign else ({}, {})
    )
    return (
        result_table(
            QUEUE, queue, title="Receipts that need a person, largest first", functional=functional,
            is_ordered=True, needs_review=True, words=rule, columns=_but(QUEUE, "functional_to_decide", keep=foreign),
            headings=heads(QUEUE, why="Why not automatic", runner_up="Runner-up, why it lost", **queue_size),
        ),
        result_table(
            CANDIDATES, candidates, title="Candidates side by side", functional=functional, is_ordered=True, words=rule,
            columns=tuple(CANDIDATES.names), not_totalled=("open_amount", "applied_amount"),
            headings=heads(CANDIDATES, says="For it, or why it lost", applied_amount="Would take", open_amount="Open"),
            note="Rank 1 is the proposal, or the likeliest item of an unidentified receipt; 2 is the runner-up.",
        ),
        result_table(
            UNIDENTIFIED, unidentified, title="Unidentified cash, largest first", functional=functional, is_ordered=True,
            columns=_but(UNIDENTIFIED, "functional_unidentified", keep=foreign),
            headings=heads(UNIDENTIFIED, why="Why none was taken", **unknown_size),
        ),
        result_table(
            ASIDE, aside, title="Held, returned, duplicate and on-account cash", functional=functional, is_ordered=True,
            words={"status": {name: PLACE_WORDS[name] for name in SET_ASIDE}} | spoken(aside, "reason"),
            headings=heads(ASIDE, status="What it is", set_aside="Amount"),
        ),
    )  # fmt: skip


def rule_words(run: CashRun) -> dict[str, str]:
    """Every rule that this run names, in words."""
    frames = [run.result.matches, run.result.alternatives, run.result.rules]
    if run.reperformed is not None:
        frames.append(run.reperformed.matches)
    names = {str(name) for frame in frames for name in frame["rule"].dropna().unique()}
    return {name: in_words(name.replace(".", ": ", 1)) for name in sorted(names)}


def _twins(run: CashRun) -> dict[str, str]:
    """Open receipts that look like a second payment once those of the period that are applied already stand beside them."""
    if run.reperformed is None:
        return {}
    rest = run.reperformed.unmatched
    rest = rest[rest["status"].eq(Place.DUPLICATE.value)]
    return dict(zip(rest["receipt_id"], sentences(rest["evidence"]), strict=True))


def _said(code: str, run: CashRun) -> str:
    name = run.names.get(code, "")
    return f"{code} {name}" if isinstance(name, str) and name else code


def _numbered(rows: pd.DataFrame, amount: str, run: CashRun, scope: Scope) -> pd.DataFrame:
    code = scope.functional_currency
    rows = rows.assign(**{f"functional_{amount}": in_functional(
        rows[amount], rows["currency"], rates=run.rates, functional=code, on=scope.as_of)})  # fmt: skip
    rows = by_value(rows, functional=f"functional_{amount}", amount=amount)
    return rows.assign(queue_no=pd.Series(range(1, len(rows) + 1), dtype="Int64"))


def _but(table: Table, name: str, *, keep: bool) -> tuple[str, ...]:
    return tuple(column for column in table.names if keep or column != name)
