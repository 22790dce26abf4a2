"""Open debits that the standard procedure leaves out: by law, by the state of the debt, or by agreement. Floor 1."""

from __future__ import annotations

import pandas as pd

from arlib.collect.contact.frames import OUTSIDE, Outside
from arlib.collect.contact.records import carriers, records_of, spread_to_carriers
from arlib.collect.exclusions import Ground, exclusions
from arlib.collect.position import Position
from arlib.policy import Policies
from arlib.tables import Book
from arlib.tables.choices import ExceptionProcedure
from arlib.tables.rows import text

WORDS = {
    Outside.NO_CUSTOMER: "nobody is named who owes it",
    Outside.INTERCOMPANY: "a company of the group: settled between the companies",
    Outside.BANKRUPT: "bankrupt: only the claim may be pursued",
    Outside.ESTATE: "an estate: only the special letter may go out",
    Outside.SANCTIONED: "sanctioned: held until compliance decides",
    Outside.CEASE_CONTACT: "asked for no contact",
    Outside.LEGAL: "with the lawyers",
    Outside.LEGAL_HOLD: "under a legal hold",
    Outside.AGENCY: "placed with an agency",
    Outside.PLACED: "placed with an agency or attorney",
    Outside.SOLD: "sold: it is not ours to collect",
    Outside.ALL: "outside the procedure by agreement",
    Outside.NO_CALLS: "no calls by agreement",
    Outside.OWN_SCHEDULE: "contacted on a schedule of its own",
}
REASONS = {
    Ground.NO_CUSTOMER: Outside.NO_CUSTOMER,
    Ground.INTERCOMPANY: Outside.INTERCOMPANY,
    Ground.SANCTIONED: Outside.SANCTIONED,
    Ground.CEASE_CONTACT: Outside.CEASE_CONTACT,
    Ground.BANKRUPT: Outside.BANKRUPT,
    Ground.ESTATE: Outside.ESTATE,
    Ground.LEGAL: Outside.LEGAL,
    Ground.AGENCY: Outside.AGENCY,
    Ground.SANCTION_HOLD: Outside.SANCTIONED,
    Ground.LEGAL_HOLD: Outside.LEGAL_HOLD,
    Ground.CLAIM: Outside.BANKRUPT,
    Ground.ESTATE_CLAIM: Outside.ESTATE,
    Ground.PLACED: Outside.PLACED,
    Ground.FACTORED: Outside.SOLD,
    Ground.ASSIGNED: Outside.SOLD,
    Ground.DISCHARGED: Outside.BANKRUPT,
}
NAMED = {
    Ground.PLACED: "placed with {}",
    Ground.FACTORED: "sold to {}: it is not ours to collect",
    Ground.ASSIGNED: "assigned to {}: it is not ours to collect",
}  # where the holder is known
PROCEDURES = {
    ExceptionProcedure.ALL: Outside.ALL,
    ExceptionProcedure.NO_CALLS: Outside.NO_CALLS,
    ExceptionProcedure.OWN_SCHEDULE: Outside.OWN_SCHEDULE,
}


def outside(book: Book, *, position: Position, policies: Policies) -> pd.DataFrame:
    """Open debits outside the standard procedure, each with the first reason that applies: OUTSIDE, sorted by its key.

    What accounting.md forbids (`exclusions` as of the date, and the tables that it uses) goes before what was agreed in
    COLLECTION_EXCEPTIONS, and no policy changes it. Of an exception the first and the last day are in. `what` names who has
    a debt that is sold or placed.
    """
    del policies  # nothing here is a choice; the argument is that of its neighbours
    debits = position.debits.reset_index(drop=True)
    found = exclusions(book, position=position, goes_out=False).on(debits)
    found = found[~found.index.duplicated(keep="first")]
    hard = found.assign(
        reason=found["ground"].map({ground.value: reason.value for ground, reason in REASONS.items()}),
        source_id=found["cites"],
        is_hard=True,
    )
    hard["what"] = [
        _words(Ground(ground), text(holder))
        for ground, holder in zip(found["ground"], found["holder"], strict=True)
    ]
    agreed = _agreed(book, debits, position)
    columns = ["reason", "source_id", "is_hard", "what"]
    made = pd.concat([hard[columns], agreed.loc[~agreed.index.isin(hard.index), columns]])
    rows = debits.drop(columns=columns, errors="ignore").join(made, how="inner")
    return OUTSIDE.typed(rows).sort_values(["item_id", "instalment_no"], kind="stable", ignore_index=True)


def _words(ground: Ground, holder: str) -> str:
    return NAMED[ground].format(holder) if holder and ground in NAMED else WORDS[REASONS[ground]]


def _agreed(book: Book, debits: pd.DataFrame, position: Position) -> pd.DataFrame:
    """What stands outside by agreement: reason, source_id, is_hard and what, by the row of the debit."""
    scope = position.scope
    day, replaced = pd.Timestamp(scope.as_of), carriers(book, entity=scope.entity)
    agreed = records_of(book, "collection_exceptions", scope=scope)
    agreed = agreed[(agreed["valid_from"].le(day) & ~agreed["expires_on"].lt(day)).to_numpy(dtype=bool)]
    reason = pd.Series("", index=debits.index, dtype="str")
    source = pd.Series("", index=debits.index, dtype="str")
    for procedure, kind in PROCEDURES.items():
        rows = agreed[agreed["procedure"].eq(procedure.value)]
        record = _about(rows, debits, replaced)
        new = record.notna() & reason.eq("")
        reason, source = reason.mask(new, kind.value), source.mask(new, record.fillna(""))
    words = {kind.value: WORDS[kind] for kind in PROCEDURES.values()}
    made = pd.DataFrame({"reason": reason, "source_id": source, "is_hard": False, "what": reason.map(words)})
    return made[reason.ne("").to_numpy(dtype=bool)]


def _about(rows: pd.DataFrame, debits: pd.DataFrame, replaced: pd.DataFrame) -> pd.Series:
    """The exception on each debit: of its item, of what it carries on, or of the customer's account; missing without."""
    rows = rows.assign(item_id=rows["item_id"].fillna("")).sort_values("exception_id", kind="stable")
    rows = spread_to_carriers(rows, replaced)
    of_item = rows["item_id"].ne("")
    by_item = rows[of_item].drop_duplicates("item_id").set_index("item_id")["exception_id"]
    by_customer = rows[~of_item].drop_duplicates("customer_id").set_index("customer_id")["exception_id"]
    record = by_item.reindex(debits["item_id"]).set_axis(debits.index)
    return record.fillna(by_customer.reindex(debits["customer_id"]).set_axis(debits.index))
