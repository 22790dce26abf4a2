"""Name what differs between the general ledger and the sub-ledger. Floor 1: entries that do not agree in,
causes out.

Each rule looks for one kind of evidence and says which entries it names; rules run in a fixed order, and an
entry is named once. `Cause` states every rule. What none of them names is left, and the caller lists it as
unexplained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from arlib.ledger.frames_control import Cause, PostingKind, RollLine
from arlib.ledger.sides import KEY, SAME, Rows, Sides, pair_off, without
from arlib.tables.choices import CASH_TYPES, AccountRole, JournalSource

INTERFACES = [JournalSource.BILLING, JournalSource.RECEIPTS, JournalSource.LOCKBOX, JournalSource.ADJUSTMENTS]
CASH_SOURCES = [JournalSource.LOCKBOX, JournalSource.RECEIPTS]
NO_ROWS: Rows = np.empty(0, dtype=np.intp)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the rules may look at beside the entries themselves."""

    roles: Mapping[str, str]  # account -> role
    assigned: Mapping[
        str, tuple[str, int]
    ]  # document -> (holder, functional amount) of items with `assigned_to`
    gl_batches_out: frozenset[str]  # batches not posted at stage gl
    interface_batches_out: frozenset[str]  # batches not posted at stage ar_interface
    subledger_documents: frozenset[str]  # every document of the sub-ledger, of all dates
    revaluation_documents: frozenset[str]
    receipt_accounts: frozenset[str]  # accounts on which the ledger keeps receipts by document
    credits: (
        pd.DataFrame
    )  # account, customer_id, date, credits: open credits (positive) at the dates of reclass lines
    rounding: int


@dataclass(frozen=True)
class Named:
    """Entries that a rule names, by position, with the cause and the sentence of each."""

    gl: Rows = field(default_factory=lambda: NO_ROWS)
    gl_cause: pd.Series[str] | str = ""
    gl_sentence: pd.Series[str] | str = ""
    sl: Rows = field(default_factory=lambda: NO_ROWS)
    sl_cause: pd.Series[str] | str = ""
    sl_sentence: pd.Series[str] | str = ""


Rule = Callable[[Sides, Evidence], Named]


def name_causes(sides: Sides, evidence: Evidence) -> tuple[pd.DataFrame, Sides]:
    """Entries with their cause, sentence and signed amount (ledger less sub-ledger), and the sides that are
    left.

    The named amounts and what is left sum to what came in: a rule moves entries, it never makes an amount.
    """
    found = [_taken(sides.gl, NO_ROWS, "", "", side="general_ledger")]
    for rule in RULES:
        if not len(sides.gl) and not len(sides.sl):
            break
        named = rule(sides, evidence)
        if len(named.gl):
            found.append(_taken(sides.gl, named.gl, named.gl_cause, named.gl_sentence, side="general_ledger"))
        if len(named.sl):
            found.append(_taken(sides.sl, named.sl, named.sl_cause, named.sl_sentence, side="sub_ledger"))
        sides = replace(sides, gl=without(sides.gl, named.gl), sl=without(sides.sl, named.sl))
    return (pd.concat(found[1:], ignore_index=True) if len(found) > 1 else found[0]), sides


def signed(frame: pd.DataFrame, *, side: str) -> pd.DataFrame:
    """Entries as parts of a gap: the columns of a cause, the amount as ledger less sub-ledger."""
    columns = ["account", "document", "batch_id", "customer_id", "date", "user", "amount", "journal_lines"]
    if side == "general_ledger":
        return frame[columns].assign(side=side)
    return frame.assign(journal_lines="", amount=-frame["amount"])[columns].assign(side=side)


def _taken(
    frame: pd.DataFrame, rows: Rows, cause: pd.Series[str] | str, sentence: pd.Series[str] | str, *, side: str
) -> pd.DataFrame:
    taken = signed(frame.iloc[rows].reset_index(drop=True), side=side)
    return taken.assign(cause=cause, sentence=sentence)


def _day(dates: pd.Series[pd.Timestamp]) -> pd.Series[str]:
    return dates.dt.strftime("%Y-%m-%d").reset_index(drop=True)


def _where(gl: pd.DataFrame) -> pd.Series[str]:
    """'ledger 2026-10-31 in JE-7/1' for ledger entries."""
    return "ledger " + _day(gl["date"]) + " in " + gl["journal_lines"].reset_index(drop=True)


def _date_cause(reversal: pd.Series[bool]) -> pd.Series[str]:
    return pd.Series(
        np.where(
            reversal.to_numpy(dtype=bool), Cause.REVERSAL_OTHER_PERIOD.value, Cause.DATE_OUTSIDE_PERIOD.value
        ),
        dtype="str",
    )


def twins_after(sides: Sides, evidence: Evidence) -> Named:
    """The same document and amount on the other side, dated after the as-of date."""
    del evidence
    gl_rows, later_sl = _twins(sides.gl, sides.sl_later, alias_of_right=True)
    sl_rows, later_gl = _twins(sides.sl, sides.gl_later, alias_of_right=False)
    gl, sl = sides.gl.iloc[gl_rows], sides.sl.iloc[sl_rows]
    twin_sl, twin_gl = sides.sl_later.iloc[later_sl], sides.gl_later.iloc[later_gl]
    return Named(
        gl=gl_rows,
        gl_cause=_date_cause(twin_sl["is_reversal"]),
        gl_sentence=_where(gl) + ", sub-ledger " + _day(twin_sl["date"]),
        sl=sl_rows,
        sl_cause=_date_cause(sl["is_reversal"]),
        sl_sentence="sub-ledger " + _day(sl["date"]) + ", " + _where(twin_gl),
    )


def _twins(left: pd.DataFrame, right: pd.DataFrame, *, alias_of_right: bool) -> tuple[Rows, Rows]:
    """Pairs by the same number, then by the number of what a sub-ledger reversal takes back."""
    a, b = pair_off(left, right, SAME)
    rest_left = np.setdiff1d(np.arange(len(left)), a)
    rest_right = np.setdiff1d(np.arange(len(right)), b)
    alias = ["account", "reverses_document_no", "amount"]
    sub = right.iloc[rest_right] if alias_of_right else left.iloc[rest_left]
    named = np.flatnonzero(sub["reverses_document_no"].ne("").to_numpy(dtype=bool))
    if alias_of_right:
        c, d = pair_off(left.iloc[rest_left], sub.iloc[named], SAME, alias)
        d = named[d]
    else:
        c, d = pair_off(sub.iloc[named], right.iloc[rest_right], alias, SAME)
        c = named[c]
    return np.concatenate([a, rest_left[c]]), np.concatenate([b, rest_right[d]])


def other_account(sides: Sides, evidence: Evidence) -> Named:
    """The same document and amount on another account of the other side."""
    gl_rows, sl_rows = pair_off(sides.gl, sides.sl, ["document", "amount"])
    gl, sl = sides.gl.iloc[gl_rows], sides.sl.iloc[sl_rows]
    factored = [
        AccountRole.FACTORED.value in (evidence.roles.get(a), evidence.roles.get(b))
        for a, b in zip(gl["account"], sl["account"], strict=True)
    ]
    cause = pd.Series(
        np.where(np.array(factored, dtype=bool), Cause.FACTORED.value, Cause.WRONG_ACCOUNT.value), dtype="str"
    )
    sentence = (
        _where(gl)
        + " on account "
        + gl["account"].reset_index(drop=True)
        + ", sub-ledger on account "
        + sl["account"].reset_index(drop=True)
    )
    return Named(
        gl=gl_rows, gl_cause=cause, gl_sentence=sentence, sl=sl_rows, sl_cause=cause, sl_sentence=sentence
    )


def unposted(sides: Sides, evidence: Evidence) -> Named:
    """Unposted lines of the ledger, and batches that billing transfers show as held up."""
    rows, waiting = pair_off(sides.sl, sides.gl_unposted, SAME)
    lines = sides.gl_unposted.iloc[waiting]
    waits = pd.Series(("unposted " + _where(lines)).to_numpy(), index=rows, dtype="str")
    sentence = waits.reindex(range(len(sides.sl)), fill_value="")
    held = sides.sl["batch_id"].isin(evidence.gl_batches_out).to_numpy(dtype=bool, copy=True)
    held[rows] = False
    sentence = sentence.mask(held, "batch " + sides.sl["batch_id"] + " is not posted to the ledger")
    sl_rows = np.flatnonzero(sentence.ne("").to_numpy(dtype=bool))
    gl_rows = np.flatnonzero(sides.gl["batch_id"].isin(evidence.interface_batches_out).to_numpy(dtype=bool))
    return Named(
        gl=gl_rows,
        gl_cause=Cause.UNPOSTED_BATCH.value,
        gl_sentence=("batch " + sides.gl["batch_id"] + " is not posted in receivables")
        .iloc[gl_rows]
        .reset_index(drop=True),
        sl=sl_rows,
        sl_cause=Cause.UNPOSTED_BATCH.value,
        sl_sentence=sentence.iloc[sl_rows].reset_index(drop=True),
    )


def doubled(sides: Sides, evidence: Evidence) -> Named:
    """Interface entries whose document already agrees at the same amount."""
    del evidence
    source = sides.gl["source"].isin(INTERFACES) & sides.gl["is_named"]
    gl_rows, first = _again(sides.gl, source, sides.agreed_gl, SAME)
    mine = sides.sl["kind"].eq(PostingKind.ITEM) & sides.sl["batch_id"].ne("")
    sl_rows, _ = _again(sides.sl, mine, sides.agreed_sl, [*SAME, "batch_id"])
    gl, sl = sides.gl.iloc[gl_rows], sides.sl.iloc[sl_rows]
    return Named(
        gl=gl_rows,
        gl_cause=Cause.DOUBLED_BATCH.value,
        gl_sentence=_where(gl) + ", already in " + first,
        sl=sl_rows,
        sl_cause=Cause.DOUBLED_BATCH.value,
        sl_sentence="sub-ledger "
        + _day(sl["date"])
        + ", taken again from batch "
        + sl["batch_id"].reset_index(drop=True),
    )


def _again(
    frame: pd.DataFrame, mine: pd.Series[bool], agreed: pd.DataFrame, on: list[str]
) -> tuple[Rows, pd.Series[str]]:
    """Entries equal to one that agrees, and the ledger lines of that one."""
    rows = np.flatnonzero(mine.to_numpy(dtype=bool))
    known = agreed.drop_duplicates(on)[on].assign(
        first=agreed.drop_duplicates(on)["journal_lines"].to_numpy()
        if "journal_lines" in agreed.columns
        else "yes"
    )
    first = frame.iloc[rows][on].merge(known, on=on, how="left")["first"]
    hit = first.notna().to_numpy(dtype=bool)
    return rows[hit], first[hit].reset_index(drop=True)


def rounding(sides: Sides, evidence: Evidence) -> Named:
    """Documents on both sides that differ by no more than the policy allows."""
    total = (
        pd.concat(
            [sides.gl[KEY].assign(value=sides.gl["amount"]), sides.sl[KEY].assign(value=-sides.sl["amount"])]
        )
        .groupby(KEY, sort=False, as_index=False)["value"]
        .sum()
    )
    both = [
        pd.concat([left[KEY], right[KEY]]).drop_duplicates().assign(present=True)
        for left, right in ((sides.gl, sides.agreed_gl), (sides.sl, sides.agreed_sl))
    ]
    small = (
        total[total["value"].abs().le(evidence.rounding)].merge(both[0], on=KEY).merge(both[1], on=KEY)[KEY]
    )
    small["small"] = True
    rows = [
        np.flatnonzero(frame[KEY].merge(small, on=KEY, how="left")["small"].notna().to_numpy(dtype=bool))
        for frame in (sides.gl, sides.sl)
    ]
    words = "both sides hold the document; the difference is rounding"
    return Named(
        gl=rows[0],
        gl_cause=Cause.ROUNDING.value,
        gl_sentence=words,
        sl=rows[1],
        sl_cause=Cause.ROUNDING.value,
        sl_sentence=words,
    )


def assigned(sides: Sides, evidence: Evidence) -> Named:
    """Ledger entries that take out a document which the sub-ledger holds as assigned."""
    rows, words = [], []
    entries = zip(sides.gl["document"], sides.gl["amount"], sides.gl["source"], strict=True)
    for at, (document, amount, source) in enumerate(entries):
        holder, whole = evidence.assigned.get(document, ("", 0))
        if holder and amount * whole < 0 and abs(amount) <= abs(whole) and source not in CASH_SOURCES:
            rows.append(at)
            words.append(f"taken out of the ledger; the sub-ledger holds it as assigned to {holder}")
    at_rows = np.array(rows, dtype=np.intp)
    return Named(gl=at_rows, gl_cause=Cause.FACTORED.value, gl_sentence=pd.Series(words, dtype="str"))


def _one_sided(sides: Sides) -> tuple[pd.Series[bool], pd.Series[bool]]:
    """Which entries stand alone: their document has nothing left on the other side of the account."""
    alone = []
    for mine, other in ((sides.gl, sides.sl), (sides.sl, sides.gl)):
        there = other[KEY].drop_duplicates().assign(there=True)
        alone.append(mine[KEY].merge(there, on=KEY, how="left")["there"].isna())
    return alone[0], alone[1]


def ledger_only(sides: Sides, evidence: Evidence) -> Named:
    """Entries of the ledger alone: revaluation, contra, receipt, manual journal."""
    gl = sides.gl
    alone, _ = _one_sided(sides)
    unknown = ~gl["document"].isin(evidence.subledger_documents)
    cause = pd.Series("", index=gl.index, dtype="str")
    words = pd.Series("", index=gl.index, dtype="str")
    contra = gl["text"].str.lower().str.startswith("contra") & gl["customer_id"].ne("")
    for name, mine, sentence in (
        (
            Cause.GL_ONLY_REVALUATION,
            gl["source"].eq(JournalSource.REVALUATION) & ~gl["document"].isin(evidence.revaluation_documents),
            "the sub-ledger has no such revaluation",
        ),
        (Cause.CONTRA, contra & unknown, "contra with the customer's payables, not in the sub-ledger"),
        (
            Cause.RECEIPT_GL_ONLY,
            gl["source"].isin(CASH_SOURCES) & unknown,
            "no such receipt in the sub-ledger",
        ),
        (
            Cause.MANUAL_JOURNAL,
            gl["source"].eq(JournalSource.MANUAL),
            "manual journal, not in the sub-ledger",
        ),
    ):
        mine &= alone & cause.eq("")
        cause = cause.mask(mine, name.value)
        words = words.mask(mine, sentence)
        if name is Cause.MANUAL_JOURNAL:
            words = words.mask(
                mine & ~unknown, "manual journal on a document that the sub-ledger holds at another amount"
            )
    rows = np.flatnonzero(cause.ne("").to_numpy(dtype=bool))
    return Named(
        gl=rows,
        gl_cause=cause.iloc[rows].reset_index(drop=True),
        gl_sentence=_where(gl.iloc[rows]) + ": " + words.iloc[rows].reset_index(drop=True),
    )


def subledger_only(sides: Sides, evidence: Evidence) -> Named:
    """Entries of the sub-ledger alone: contra, and receipts where the ledger keeps them by document."""
    sl = sides.sl
    _, alone = _one_sided(sides)
    is_item = sl["kind"].eq(PostingKind.ITEM)
    contra = alone & is_item & sl["line"].eq(RollLine.CONTRA)
    receipt = (
        alone & is_item & sl["item_type"].isin(CASH_TYPES) & sl["account"].isin(evidence.receipt_accounts)
    )
    rows = np.flatnonzero((contra | receipt).to_numpy(dtype=bool))
    cause = pd.Series(
        np.where(contra.iloc[rows], Cause.CONTRA.value, Cause.RECEIPT_SUBLEDGER_ONLY.value), dtype="str"
    )
    words = "sub-ledger " + _day(sl.iloc[rows]["date"]) + ": not in the ledger, posted or unposted"
    return Named(sl=rows, sl_cause=cause, sl_sentence=words)


def reclass(sides: Sides, evidence: Evidence) -> Named:
    """Reclass entries up to the open credits that they lift, and entries that take such a one back."""
    gl = sides.gl
    at = np.flatnonzero((gl["source"].eq(JournalSource.RECLASS) & gl["amount"].gt(0)).to_numpy(dtype=bool))
    mine = gl.iloc[at].reset_index(drop=True)
    keys = ["account", "customer_id", "date"]
    limit = mine[keys].merge(evidence.credits, on=keys, how="left")["credits"].fillna(0)
    so_far = mine.groupby(keys, sort=False)["amount"].cumsum()
    lifted = at[(so_far <= limit).to_numpy(dtype=bool)]
    down = np.flatnonzero((gl["source"].eq(JournalSource.RECLASS) & gl["amount"].lt(0)).to_numpy(dtype=bool))
    taken = gl.iloc[down].assign(amount=-gl.iloc[down]["amount"])
    on = ["account", "customer_id", "amount"]
    back = down[pair_off(taken, gl.iloc[lifted], on)[0]]
    rows = np.concatenate([lifted, back])
    words = np.where(
        np.isin(rows, back),
        ": takes a reclass of open credits back",
        ": open credits lifted out of receivables",
    )
    return Named(
        gl=rows,
        gl_cause=Cause.CREDIT_BALANCE_RECLASS.value,
        gl_sentence=_where(gl.iloc[rows]) + pd.Series(words, dtype="str"),
    )


# Twins first, since a document found elsewhere is no longer alone; what stands alone last.
RULES: tuple[Rule, ...] = (
    twins_after,
    other_account,
    unposted,
    doubled,
    rounding,
    assigned,
    reclass,
    ledger_only,
    subledger_only,
)
