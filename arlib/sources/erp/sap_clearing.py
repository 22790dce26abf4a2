"""SAP's logic on typed rows: references between lines, partial payments, and clearing groups as applications.
Floor 2.

A clearing group is many to many: it says which lines settle each other, not which credit paid which debit.
Pairs are worked out oldest due date first and marked `derived`, so that no test on pairings takes them for
stated. What a line says itself (a partial payment names its invoice, a transfer both sides) is `stated`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from arlib.errors import Problem, Severity
from arlib.sources.convert import to_day, to_instant, to_money
from arlib.sources.erp.sap_pairs import Open, pairs_of
from arlib.sources.profile import Profile
from arlib.tables import CANONICAL
from arlib.tables.choices import CASH_TYPES

if TYPE_CHECKING:
    import pandas as pd

    from arlib.sources.raw import Records

Tables = dict[str, "pd.DataFrame"]
PARTIAL = "Z"
OF_OPEN = ("item_id", "entity", "customer_id", "currency", "amount", "functional_amount", "_discount")


def follow_references(
    tables: Tables, others: Mapping[str, Records], profile: Profile
) -> tuple[Tables, list[Problem]]:
    """Items that refer to another line (`_refers_to`, by `_key`) take its due date, in place.

    A credit follows the invoice that it refers to. A debit that refers to one is its residual: it keeps its own
    due date, carries the invoice's as original_due_date, and `replaces` it. A line that reverses another
    (`_reverses`) names it. A partial payment follows nothing here: it is applied.
    """
    import pandas as pd

    items = tables.get("items")
    if items is None or not len(items) or "_refers_to" not in items.columns:
        return {}, []
    by_key = items[~items["_key"].duplicated()].set_index("_key")
    there = items["_refers_to"].map(by_key["due_date"]).astype("datetime64[s]")
    original = items["_refers_to"].map(by_key["original_due_date"]).astype("datetime64[s]")
    named = items["_refers_to"].map(by_key["item_id"])
    has = items["_refers_to"].ne("") & named.notna()
    credit = items["amount"] < 0
    follows = has & ~_is_partial(items)
    items["due_date"] = items["due_date"].mask(follows & credit & there.notna(), there)
    residual = follows & ~credit & there.notna()
    items["original_due_date"] = items["original_due_date"].mask(residual, original.fillna(there))
    items["replaces"] = items["replaces"].mask(residual, named)
    back = items["_reverses"].map(by_key["item_id"])
    items["reverses"] = items["reverses"].mask(back.notna(), back)
    lost = items["_refers_to"].ne("") & named.isna()
    problems = []
    if lost.any():
        first = items[lost].iloc[0]
        problems.append(
            _noted(first, "REBZG", "reference_not_in_the_extract", f"{int(lost.sum())} lines, first {first['item_id']}",
                   "the line that it refers to; its due date and pairing are not known")
        )  # fmt: skip
    assert isinstance(items, pd.DataFrame)
    return {}, problems


def _is_partial(items: pd.DataFrame) -> pd.Series:
    """A credit marked Z, or cash that names an invoice without a mark (older releases)."""
    mark = items["_reference_kind"].fillna("").str.strip()
    cash = items["item_type"].isin([kind.value for kind in CASH_TYPES])
    return mark.eq(PARTIAL) | (mark.eq("") & cash & (items["amount"] < 0))


def name_transfers(
    tables: Tables, others: Mapping[str, Records], profile: Profile
) -> tuple[Tables, list[Problem]]:
    """Transfers name their items by line key; here they get the items' identifiers, what they reverse, and the
    exchange difference, in place."""
    items, made = tables.get("items"), tables.get("applications")
    if items is None or made is None or not len(made):
        return {}, []
    ids = items[~items["_key"].duplicated()].set_index("_key")["item_id"]
    for side in ("source", "target"):
        keys = made[f"{side}_item_id"]
        made[f"{side}_item_id"] = keys.map(ids).fillna(keys).astype("str")
    own = made[~made["_document"].duplicated()].set_index("_document")["application_id"]
    named = made["_reverses_document"].map(own)
    made["reverses"] = made["reverses"].mask(named.notna(), named)
    stated = made["realised_fx"].isna()
    gain = made["source_functional_amount"] - made["target_functional_amount"]
    made["realised_fx"] = made["realised_fx"].mask(stated, gain)
    return {}, []


def clear_groups(
    tables: Tables, others: Mapping[str, Records], profile: Profile
) -> tuple[Tables, list[Problem]]:
    """Applications from partial payments (`stated`) and from the clearing groups of the items (`derived`).

    A partial payment settles its invoice at its own dates, while both stand open or in one group; one that was
    cleared with something else is noted. In a group what is then left is paired: debits, oldest due first, take
    from credits, oldest first, of the same customer first, then of others, then of other currencies by their
    amounts in the books' currency. A cash discount on a debit (WSKTO) settles what its group leaves of it. What a
    group does not settle stays open and is noted: some of its lines are not in the extract.
    """
    items = tables.get("items")
    if items is None or not len(items):
        return {"applications": _provenance(CANONICAL["applications"].empty())}, []
    lines = _with_clearing(items, profile)
    stated = tables.get("applications")
    opens = _opens(lines, stated)
    rows, problems = _partial_payments(lines, opens)
    cleared = lines[lines["_clearing_id"].ne("") & lines["_on"].notna()]
    cleared = cleared.sort_values(
        ["entity", "_clearing_id", "_on", "due_date", "effective_date", "item_id"], kind="stable"
    )
    for (entity, clearing, on), members in groupby(_members(cleared), key=lambda one: one.group):
        group = list(members)
        made, left = pairs_of([opens[one.at] for one in group])
        heads = [one.head_entered for one in group if one.head_entered is not None]
        entered = max(heads or [one.entered for one in group if one.entered is not None], default=None)
        effective = max((one.effective for one in group if one.effective is not None), default=on)
        for number, row in enumerate(made, start=1):
            rows.append(
                row
                | {
                    "application_id": f"{clearing}-{on.year}-{number}",
                    "entity": entity,
                    "effective_date": effective,
                    "posting_date": on,
                    "entered_at": entered,
                    "kind": "clearing",
                    "reason": "clearing",
                    "user": next((one.user for one in group if one.user), None),
                    "clearing_id": clearing,
                    "pairing": "derived",
                }
            )
        for currency, amount in left.items():
            problems.append(_unsettled(group[0], str(clearing), currency, amount))
    table = CANONICAL["applications"]
    return {"applications": _provenance(table.frame(rows) if rows else table.empty())}, problems


class _Member(NamedTuple):
    """A line of a clearing group."""

    at: Any
    group: tuple[str, str, Any]  # entity, clearing document, day
    effective: Any
    head_entered: Any
    entered: Any
    user: str
    file: str
    row: int


def _members(cleared: pd.DataFrame) -> Iterator[_Member]:
    """The lines one by one, dates that are not there as None."""
    dates = [
        [None if value is None or value != value else value for value in cleared[name]]
        for name in ("_head_effective", "_head_at", "_at")
    ]
    groups = zip(cleared["entity"], cleared["_clearing_id"], cleared["_on"], strict=True)
    columns = (cleared["_clearing_user"], cleared["_file"], cleared["_row"])
    return (_Member(*one) for one in zip(cleared.index, groups, *dates, *columns, strict=True))


def _with_clearing(items: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    """The items with the typed dates of their clearing."""
    by_day = profile.model_copy(update={"instant_formats": profile.date_formats})
    return items.assign(
        _on=to_day(items["_cleared_on"], profile).typed,
        _at=to_instant(items["_clearing_entered"], by_day).typed,
        _head_at=to_instant(items["_clearing_head_entered"], profile).typed,
        _head_effective=to_day(items["_clearing_effective"], profile).typed,
        _discount=to_money(items["_discount"], items["currency"], profile).typed,
    )


def _opens(lines: pd.DataFrame, stated: pd.DataFrame | None) -> dict[Any, Open]:
    """What is still to be cleared of each item when stated applications have taken their part."""
    taken: dict[tuple[str, str], int] = defaultdict(int)
    carried: dict[tuple[str, str], int] = defaultdict(int)
    for row in stated.to_dict("records") if stated is not None else ():
        source = (row["entity"], row["source_item_id"])
        target = (row["entity"], row["target_item_id"])
        taken[source] += _int(row["source_amount"])
        carried[source] += _int(row["source_functional_amount"])
        taken[target] += _int(row["target_amount"]) + _int(row["discount"])
        carried[target] += _int(row["target_functional_amount"]) + _int(row["discount_functional_amount"])
    return {
        at: Open(row, taken[row["entity"], row["item_id"]], carried[row["entity"], row["item_id"]])
        for at, row in zip(lines.index, lines[list(OF_OPEN)].to_dict("records"), strict=True)
    }


def _int(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _partial_payments(
    lines: pd.DataFrame, opens: Mapping[Any, Open]
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Stated applications of the lines that are partial payments of another."""
    place = {key: at for at, key in zip(lines.index, lines["_key"], strict=True)}
    number, on = lines["_clearing_id"], lines["_on"].dt.strftime("%Y-%m-%d").fillna("")
    group_of = dict(zip(lines.index, zip(number, on.where(number.ne(""), ""), strict=True), strict=True))
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    mine = lines[lines["_refers_to"].isin(place) & _is_partial(lines)]
    for at, line in zip(mine.index, mine.to_dict("records"), strict=True):
        other = place[line["_refers_to"]]
        same = group_of[at] == group_of[other]
        credit, debit = (opens[at], opens[other]) if line["amount"] < 0 else (opens[other], opens[at])
        if not same or credit.sign >= 0 or debit.sign <= 0 or credit.currency != debit.currency:
            problems.append(
                _noted(line, "REBZG", "partial_payment_not_applied", f"{line['item_id']} to {line['_refers_to']}",
                       "a payment and an invoice of one currency that are both open or cleared together")
            )  # fmt: skip
            continue
        if not credit.rest or not debit.rest:
            continue
        rows.append(
            credit.applied_to(debit)
            | {
                "application_id": f"{line['item_id']}-P",
                "entity": line["entity"],
                "effective_date": line["effective_date"],
                "posting_date": line["posting_date"],
                "entered_at": line["entered_at"],
                "kind": "payment" if line["item_type"] in ("receipt", "prepayment") else "adjustment",
                "reason": "partial_payment",
                "user": line.get("user"),
                "clearing_id": None,
                "pairing": "stated",
            }
        )
    return rows, problems


def _provenance(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows that came from no file."""
    return frame.assign(_file="", _row=0, _part="derived").astype({"_file": "str", "_part": "str"})


def _unsettled(line: _Member, clearing: str, currency: str, amount: int) -> Problem:
    from arlib.money import format_minor

    return _noted(
        {"_file": line.file, "_row": line.row}, "AUGBL", "clearing_group_leaves_a_rest",
        f"{clearing}: {format_minor(amount, currency)} {currency}", "lines that settle each other; the rest stays open",
        table="applications",
    )  # fmt: skip


def _noted(line: Any, column: str, code: str, found: str, wanted: str, *, table: str = "items") -> Problem:
    return Problem(
        file=str(line["_file"]),
        table=table,
        row=int(line["_row"]),
        column=column,
        severity=Severity.NOTED,
        code=code,
        found=found,
        wanted=wanted,
    )


def lines_of_other_ledgers(
    tables: Tables, others: Mapping[str, Records], profile: Profile
) -> tuple[Tables, list[Problem]]:
    """Note the lines that are no customer's."""
    lines = others.get("BSEG.lines")
    if lines is None:
        return {}, []
    rest = lines.frame["KOART"][lines.frame["KOART"].ne("D")].value_counts().sort_index()
    if not len(rest):
        return {}, []
    found = ", ".join(f"{kind or 'blank'} {count}" for kind, count in rest.items())
    line = {"_file": "BSEG", "_row": 0}
    return {}, [_noted(line, "KOART", "lines_of_other_ledgers", found, "D; others are no receivables")]
