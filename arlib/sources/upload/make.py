"""A batch from postings: what the register holds is left out, and the journals are made. Floor 2."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from arlib.sources.upload.accounts import Accounts
from arlib.sources.upload.batch import Batch
from arlib.sources.upload.contract import raise_faults
from arlib.sources.upload.journals import journals_of
from arlib.sources.upload.reference import registered, split_by_register
from arlib.sources.upload.tables import REGISTER, TABLES

if TYPE_CHECKING:
    import pandas as pd

Key = tuple[str, str]


def make_batch(
    frames: dict[str, pd.DataFrame],
    *,
    accounts: Accounts,
    batch_id: str,
    accounting_date: date,
    proposed_by: str,
    approved_by: str = "",
    register: pd.DataFrame | None = None,
    notes: tuple[str, ...] = (),
    posted_by: str = "",
) -> Batch:
    """A Batch of postings (receipts, applications, adjustments, credit_memos, invoices by name) with the journals that they make.

    What the register holds already is left out first; an open amount that such a posting moved is then no longer checked.
    """
    given: dict[str, Any] = {name: frames.get(name, table.empty()) for name, table in TABLES.items()}
    # checked before the register is asked, so that a fault is told as the fault that it is
    checked = Batch(
        batch_id=batch_id,
        accounting_date=accounting_date,
        proposed_by=proposed_by,
        approved_by=approved_by,
        **given,
    )
    held: dict[str, Any] = checked.frames
    left_out = None
    if register is not None and len(register):
        new = registered(held, batch_id=batch_id)
        again, problems = split_by_register(new, register)
        raise_faults(problems, where="register", fix="Nothing was written.")
        if again:
            keys = [*zip(new["entity"], new["reference"], strict=True)]
            left_out = new[[key in again for key in keys]]
            held = {name: _without(frame, again) for name, frame in held.items()}
    held["journals"] = _joined(
        held["journals"],
        journals_of(
            held["receipts"],
            held["applications"],
            held["adjustments"],
            held["credit_memos"],
            held["invoices"],
            accounts=accounts,
        ),
    )
    batch = Batch(
        batch_id=batch_id,
        accounting_date=accounting_date,
        proposed_by=proposed_by,
        approved_by=approved_by,
        notes=notes,
        posted_by=posted_by,
        left_out=REGISTER.empty() if left_out is None else left_out,
        register=REGISTER.empty() if register is None else register,
        **held,
    )
    for identity in batch.identities():
        identity.require()
    return batch


def _without(frame: pd.DataFrame, again: set[Key]) -> pd.DataFrame:
    keys = zip(frame["entity"], frame["reference"], strict=True)
    return frame[[key not in again for key in keys]]


def _joined(own: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    return (
        pd.concat([part for part in (own, made) if len(part)], ignore_index=True)
        if len(own) or len(made)
        else own
    )
