"""A book with what people decided at the desk: their rows beside the books' own. Floor 4."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from arlib.errors import Severity
from arlib.ledger.by_customer import CustomerBook
from arlib.run.casework import rows as made_of
from arlib.run.casework.decision import Decision, seq_of
from arlib.run.casework.frames import DECISIONS
from arlib.run.casework.kinds import APPROVAL, KIND_OF, Act
from arlib.run.casework.state import State
from arlib.tables import CANONICAL
from arlib.tables.intake import PROBLEMS
from arlib.tables.rows import frame_of, is_none, records, text

if TYPE_CHECKING:
    import pandas as pd

    from arlib.run.store import Store
    from arlib.tables import Book

FILE = "decisions of the desk"  # where book.problems says that a remark comes from
KINDS = (*KIND_OF.values(), APPROVAL)
_IDS = {
    "activities": "activity_id",
    "promises": "promise_id",
    "disputes": "dispute_id",
    "adjustment_requests": "request_id",
}
_ACTS = {
    "activities": (Act.NOTE, Act.PROMISE, Act.DISPUTE, Act.SETTLE),
    "promises": (Act.PROMISE,),
    "disputes": (Act.DISPUTE,),
    "adjustment_requests": (Act.PROPOSE,),
}
_OF_OPEN = (
    Act.PROMISE,
    Act.DISPUTE,
    Act.PROPOSE,
    Act.APPLY,
)  # acts on an item that the books must still know


@dataclass(frozen=True)
class Joined:
    """A book with the decisions in it; `told` are sentences on those that it has no place for."""

    book: Book
    told: tuple[str, ...] = ()


def with_casework(book: Book, store: Store, *, entity: str) -> Book:
    """An entity's book with what people decided at the desk, as far as it stands.

    Their notes, promises, disputes and requests join the books' tables under ids of the desk (`desk-17`); a settled dispute
    of the books is closed in its row; DECIDED_APPLICATIONS, REJECTED_MATCHES and PAYER_ALIASES are filled. Nothing is cut by
    a date: each row bears the day of its decision, and who reads the book cuts by his own. A decision on what the books no
    longer hold is kept, and noted in `book.problems`. Whether the chain is whole is the caller's to ask.
    """
    return joined(book, store, entity=entity).book


def joined(book: Book, store: Store, *, entity: str) -> Joined:
    """The same, with the sentences on decisions that the book has no place for."""
    return joined_to(book, State.of(store.events(kinds=KINDS)), entity=entity)


def joined_to(book: Book, state: State, *, entity: str, customer_id: str = "") -> Joined:
    """The same from decisions that were read before.

    Rows of the desk that the book holds already (it was joined before, or a run sealed it so) are replaced. With
    `customer_id` the book is one customer's: only what names the customer, its receipts or its items is joined.
    """
    if customer_id:
        mine = _of_customer(state, book, entity, customer_id)
    else:
        mine = [made for made in state.decisions.values() if made.entity == entity]
    stands = [made for made in mine if state.stands(made)]
    tables, told = dict(book.tables), [] if customer_id else list(_untold(state, stands, book, entity))
    fresh = {
        "activities": made_of.activities(stands),
        "promises": made_of.promises(stands, state),
        "disputes": made_of.disputes(stands, state),
        "adjustment_requests": made_of.requests(stands),
    }
    for name, rows in fresh.items():
        own = [made for made in mine if made.act in _ACTS[name]]
        changed = _with_rows(book, name, own, list(rows))
        if changed is not None:
            tables[name] = changed
    if "promises" in tables:
        tables["promises"] = _standing(tables["promises"], stands, entity=entity)
    if "disputes" in tables:
        tables["disputes"], more = _settled(tables["disputes"], mine, state, entity=entity)
        told += [] if customer_id else more
    elif not customer_id:
        told += [_lost(made, "disputes") for made in stands if made.act is Act.SETTLE]
    receipts = list(dict.fromkeys((entity, made.receipt_id) for made in mine if made.receipt_id))
    for name, decided in (
        ("decided_applications", made_of.applications(state, receipts)),
        ("rejected_matches", made_of.rejections(state, receipts)),
        ("payer_aliases", made_of.aliases(mine, state)),
    ):
        tables[name] = frame_of(CANONICAL[name], decided)
    said = tuple(problem["wanted"] for problem in told)
    return Joined(replace(book, tables=tables, problems=_problems(book, told)), said)


def decisions_frame(
    state: State,
    *,
    entity: str = "",
    customer_id: str = "",
    receipt_id: str = "",
    item_id: str = "",
    by: str = "",
) -> pd.DataFrame:
    """DECISIONS in the order of the store, narrowed by what is named."""
    found = [
        made
        for made in state.decisions.values()
        if (not entity or made.entity == entity)
        and (not customer_id or made.customer_id == customer_id)
        and (not receipt_id or made.receipt_id == receipt_id)
        and (not item_id or item_id in made.item_ids)
        and (not by or made.by == by)
    ]
    return DECISIONS.from_rows(made_of.decisions(found, state))


def _of_customer(state: State, book: Book, entity: str, customer_id: str) -> list[Decision]:
    codes = {customer_id, *(book.codes if isinstance(book, CustomerBook) else ())}
    found: dict[int, Decision] = {}
    for index, ids in (
        (state.by_customer, codes),
        (state.by_receipt, set(book["receipts"]["receipt_id"])),
        (state.by_item, set(book["items"]["item_id"])),
    ):
        for name in ids:
            found |= {made.seq: made for made in index.get((entity, name), ())}
    return [found[seq] for seq in sorted(found)]


def _with_rows(
    book: Book, name: str, own: Sequence[Decision], rows: list[dict[str, Any]]
) -> pd.DataFrame | None:
    """A table of the book with rows of the desk at its end, None where nothing changes."""
    import pandas as pd

    table, key, old = CANONICAL[name], _IDS[name], book[name]
    customers = {made.decision_id: made.customer_id for made in own}
    is_ours = (old[key].map(customers).eq(old["customer_id"])).to_numpy(dtype=bool)
    if not rows and not is_ours.any():
        return None
    kept = old[~is_ours]
    taken = set(kept.loc[kept[key].isin(customers.keys()), key])  # the books use our id for something else
    hashes = {made.decision_id: made.hash for made in own}
    for row in rows:
        if row[key] in taken:
            row[key] = f"{row[key]}-{hashes[row[key]][:8]}"
    return (
        pd.concat([kept, table.from_rows(rows)], ignore_index=True) if rows else kept.reset_index(drop=True)
    )


def _standing(promises: pd.DataFrame, stands: Sequence[Decision], *, entity: str) -> pd.DataFrame:
    """Promises without those of the books in whose place others were given."""
    replaced = {made.word("replaces") for made in stands if made.act is Act.PROMISE} - {""}
    if not replaced:
        return promises
    gone = promises["promise_id"].isin(replaced) & promises["entity"].eq(entity)
    return promises[~gone.to_numpy(dtype=bool)].reset_index(drop=True)


def _settled(
    disputes: pd.DataFrame, mine: Sequence[Decision], state: State, *, entity: str
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """The books' own disputes, with what the desk settled of them and what it took back."""
    told: list[dict[str, Any]] = []
    changes: dict[int, dict[str, Any]] = {}
    ids = {made.word("dispute_id") for made in mine if made.act is Act.SETTLE}
    foreign = {each for each in ids if not _is_desk(each, state)}
    rows = disputes[disputes["dispute_id"].isin(foreign) & disputes["entity"].eq(entity)]
    places = {
        str(row["dispute_id"]): (place, row) for place, row in zip(rows.index, records(rows), strict=True)
    }
    for each in sorted(foreign):
        made = state.settlement(entity, each)
        if each not in places:
            told += [_lost(made, "disputes")] if made is not None else []
            continue
        place, row = places[each]
        before = [one for one in state.by_dispute[entity, each] if _says(row, made_of.settlement(one))]
        if made is not None and (is_none(row["closed_on"]) or before):
            changes[place] = made_of.settlement(made)
        elif made is not None:
            words = f"{made.sentence}; the books closed it on {row['closed_on']:%Y-%m-%d}, and that holds"
            told.append(_problem(made, "disputes", "settled_in_the_books", each, words))
        elif before:  # joined before the settlement was withdrawn
            changes[place] = {"closed_on": None, "state": made_of.OPEN, "root_cause": None, "team": None}
    if not changes:
        return disputes, told
    changed = disputes.copy()
    for name in ("closed_on", "state", "root_cause", "team"):
        values = disputes[name].astype("object")
        for place, change in changes.items():
            values[place] = change[name]
        changed[name] = values
    return CANONICAL["disputes"].typed(changed), told


def _says(row: dict[str, Any], change: dict[str, Any]) -> bool:
    """Whether a row of disputes is as a settlement of the desk left it."""
    return (
        not is_none(row["closed_on"])
        and row["closed_on"].date() == change["closed_on"]
        and row["state"] == change["state"]
        and all(text(row[name]) == (change[name] or "") for name in ("root_cause", "team"))
    )


def _is_desk(dispute_id: str, state: State) -> bool:
    made = state.decisions.get(seq_of(dispute_id))
    return made is not None and made.act is Act.DISPUTE


def _untold(state: State, stands: Sequence[Decision], book: Book, entity: str) -> Iterator[dict[str, Any]]:
    """Remarks on decisions that cannot be read, or are about a customer, item or receipt that the book does not hold."""
    for seq, sentence in state.unread.items():
        yield {
            "table": "decisions",
            "row": seq,
            "column": "",
            "code": "unreadable_decision",
            "found": "",
            "wanted": sentence,
        }
    held = {
        "customers": ("customer_id", {made.customer_id for made in stands if made.customer_id}),
        "items": ("item_id", {item for made in stands if made.act in _OF_OPEN for item in made.item_ids}),
        "receipts": ("receipt_id", {made.receipt_id for made in stands if made.act is Act.APPLY}),
    }
    gone: dict[str, set[str]] = {}
    for name, (column, wanted) in held.items():
        ids = book[name][column] if wanted and book.has(name) else None
        gone[column] = wanted - set(ids[ids.isin(wanted)]) if ids is not None else set()
    for made in stands:
        lost = [("customer_id", made.customer_id)] if made.customer_id in gone["customer_id"] else []
        if made.act in _OF_OPEN:
            lost += [("item_id", item) for item in made.item_ids if item in gone["item_id"]]
        if made.act is Act.APPLY and made.receipt_id in gone["receipt_id"]:
            lost.append(("receipt_id", made.receipt_id))
        for column, value in lost:
            words = f"{made.sentence}; {column.removesuffix('_id')} {value} is not in the books now, and it is kept"
            yield _problem(made, "decisions", "not_in_the_books", value, words, column=column)


def _lost(made: Decision, table: str) -> dict[str, Any]:
    dispute = made.word("dispute_id")
    words = f"{made.sentence}; dispute {dispute} is not in the books now, and it is kept"
    return _problem(made, table, "not_in_the_books", dispute, words, column="dispute_id")


def _problem(
    made: Decision, table: str, code: str, found: str, wanted: str, *, column: str = ""
) -> dict[str, Any]:
    return {"table": table, "row": made.seq, "column": column, "code": code, "found": found, "wanted": wanted}


def _problems(book: Book, told: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """The book's problems with remarks of the desk, those of an earlier join replaced."""
    import pandas as pd

    before = book.problems
    is_ours = before["file"].eq(FILE).to_numpy(dtype=bool)
    if not told and not is_ours.any():
        return before
    made = PROBLEMS.from_rows({"file": FILE, "severity": Severity.NOTED.value, **row} for row in told)
    return (
        pd.concat([before[~is_ours], made], ignore_index=True)
        if told
        else before[~is_ours].reset_index(drop=True)
    )
