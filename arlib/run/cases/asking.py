"""What the notebook of a case gives its builder: the case's facts, the statement, the decisions. Floor 4."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError
from arlib.money import format_minor, parse_plain
from arlib.report.case_file.asked import CASE_DECISIONS, CaseAsked, GivenPart
from arlib.run.cases.params import CaseFileParams, case_of
from arlib.run.cases.places import DECISIONS, statement_place
from arlib.run.manifest import text_of

if TYPE_CHECKING:
    import pandas as pd

    from arlib.run.cases.model import CaseFile
    from arlib.run.context import Context
    from arlib.run.plan import ClosePlan
    from arlib.run.store import Store
    from arlib.tables import Book

KEPT = tuple(name for name in CASE_DECISIONS.by_name if name not in ("at", "amount"))


def asked_of(ctx: Context) -> CaseAsked:
    """The case of a notebook's context. Under the runner the statement and the decisions are those that it laid beside
    the book; by hand they are read from the project and its store.

    Raises ParameterError for a context that is no case's, SourceError for a statement that cannot be read.
    """
    if not isinstance(ctx.parameters, CaseFileParams):
        raise ParameterError("not the notebook of a case", where=ctx.notebook)
    case = case_of(ctx.parameters)
    if ctx.run_folder is not None:
        told = json.loads((ctx.run_folder / DECISIONS).read_bytes())
        statement = (ctx.run_folder / statement_place(case)).read_bytes() if case.statement else None
        return made_of(
            case, decisions=decisions_frame(told["decisions"]), statement=statement, source=told["source"]
        )
    from arlib.run.cases.write import statement_of
    from arlib.run.decided import store_of

    store = store_of(ctx.plan.outputs)
    rows = decided(store, case, ctx.read(), ctx.plan) if store is not None else []
    statement = statement_of(case, ctx.plan.root) if case.statement else None
    source = f"extracts named by {ctx.plan.close_file}"
    return made_of(case, decisions=decisions_frame(rows), statement=statement, source=source)


def made_of(case: CaseFile, *, decisions: pd.DataFrame, statement: bytes | None, source: str) -> CaseAsked:
    """The case as its builder takes it."""
    return CaseAsked(
        case_id=case.id,
        customer_id=case.customer_id,
        title=case.title,
        question=case.question,
        since=date.fromisoformat(case.since) if case.since else None,
        receipt_id=case.receipt_id,
        items=case.items,
        chosen={each.item_id: each.applied for each in case.what_if.items},
        given=tuple(GivenPart(**each.model_dump()) for each in case.what_if.parts),
        rate=case.what_if.rate,
        search=case.search,
        filters={name: value for name, value in case.filters.model_dump().items() if value},
        statement_name=case.statement.rsplit("/", 1)[-1],
        statement=statement,
        statement_choices=dict(case.statement_choices),
        prepared_by=case.prepared_by,
        source=source,
        decisions=decisions,
    )


def decided(store: Store, case: CaseFile, book: Book, plan: ClosePlan) -> list[dict[str, Any]]:
    """What people recorded on the customer of the case and on its documents, oldest first, withdrawn ones too.

    Money is decimal text, so that it can stand in JSON.
    """
    from arlib.run.casework import casework

    rows: list[Any] = casework(store, plan=plan).decisions(entity=case.entity).to_dict("records")
    items, receipts = set(book["items"]["item_id"].dropna()), set(book["receipts"]["receipt_id"].dropna())
    mine = [row for row in rows if _concerns(row, case.customer_id, items=items, receipts=receipts)]
    named = {str(row["decision_id"]) for row in mine} | {_text(row["ended_by"]) for row in mine}
    return [_plain(row) for row in rows if str(row["decision_id"]) in named]


def decisions_json(rows: list[dict[str, Any]], *, source: str) -> bytes:
    """The decisions and the book's source as the runner lays them beside the book."""
    return text_of({"source": source, "decisions": rows})


def decisions_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """CASE_DECISIONS of what `decided` gave."""
    import pandas as pd

    if not rows:
        return CASE_DECISIONS.empty()
    frame = pd.DataFrame(
        [
            {**row, "amount": parse_plain(row["amount"], row["currency"]) if row["amount"] else pd.NA}
            for row in rows
        ]
    )
    return CASE_DECISIONS.typed(frame.assign(at=pd.to_datetime(frame["at"], utc=True)))


def _concerns(row: Mapping[str, Any], customer_id: str, *, items: set[str], receipts: set[str]) -> bool:
    if named := _text(row["customer_id"]):
        return named == customer_id
    return _text(row["receipt_id"]) in receipts or bool(items & set(_text(row["item_ids"]).split("|")))


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    import pandas as pd

    amount, currency = row["amount"], _text(row["currency"])
    return {
        **{name: _text(row[name]) for name in KEPT},
        "at": pd.Timestamp(row["at"]).isoformat(),
        "amount": "" if pd.isna(amount) else format_minor(int(amount), currency),
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
