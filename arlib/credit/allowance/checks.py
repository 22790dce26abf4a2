"""What of the allowance must agree with other records: the general ledger, the entries, the list of written-off debts.

Floor 1. Every difference cites the documents that one side holds and the other not, or at another amount.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd

from arlib.controls import Control
from arlib.credit.allowance.booked import BookedAllowance, BookedFrom
from arlib.credit.allowance.flows import losses
from arlib.credit.allowance.frames_movement import ONE_SIDED, LossFlow
from arlib.ledger.facts import of_entity
from arlib.ledger.general_ledger import ledger_lines
from arlib.money import iso_code, total
from arlib.policy import Scope
from arlib.tables import Book
from arlib.tables.choices import AllowanceLine

ENTRIES_CHECK, WRITTEN_OFF_CHECK = "allowance entries", "written-off debts"
LEDGER_CHECK, POSTED_CHECK = "general ledger", "ledger postings"
LISTED = "written-off debts"  # left side of the comparison with the list
FLOW_WORDS = {LossFlow.WRITE_OFF: "Write-offs", LossFlow.RECOVERY: "Recoveries"}


def allowance_controls(
    book: Book,
    flows: pd.DataFrame,
    booked: BookedAllowance,
    *,
    scope: Scope,
    credits_recoveries: bool,
    ledger: str,
) -> tuple[tuple[Control, ...], pd.DataFrame]:
    """Allowance and loss flows against the other records of them: controls, and ONE_SIDED with every document that differs.

    1. Each allowance account: general ledger = allowance entries, by journal, up to the as-of date.
    2. Write-offs, and recoveries where they credit the allowance: allowance entries of the period = sub-ledger.
    3. Write-offs and recoveries of the period: general ledger = sub-ledger, by document, in the books' currency.
    4. The list of written-off debts = write-off applications of the period, by item and document currency.

    `flows` is LOSS_FLOWS. Uses CONTROL_ACCOUNTS, GL_LINES, GL_BALANCES, ALLOWANCE_ENTRIES, WRITTEN_OFF; what is missing
    makes its control `no_input`.
    """
    before = scope.starts_on - timedelta(days=1)
    inside = flows[(flows["posting_date"] > pd.Timestamp(before)).to_numpy(dtype=bool)]
    made: list[Control] = []
    differ: list[pd.DataFrame] = []
    for controls, frame in (
        _of_accounts(book, booked, scope, ledger),
        _of_entries(inside, booked, scope, before, credits_recoveries=credits_recoveries),
        _of_postings(book, inside, scope, ledger),
        _of_list(book, inside, scope, before),
    ):
        made += controls
        differ.append(frame)
    filled = [frame for frame in differ if len(frame)]
    joined = pd.concat(filled, ignore_index=True) if filled else ONE_SIDED.empty()
    return tuple(made), ONE_SIDED.typed(joined).sort_values(
        list(ONE_SIDED.key), kind="stable", ignore_index=True
    )


def required_control(booked: BookedAllowance, required: int, *, scope: Scope, proposal: str) -> Control:
    """Allowance booked = allowance required; the proposal of the month accounts for the difference."""
    head = Control(
        name="allowance", title="Allowance booked = allowance required", entity=scope.entity,
        currency=scope.functional_currency, left_label="booked", right_label="required",
    )  # fmt: skip
    if booked.closing is None:
        return replace(
            head, note="nothing says what is booked: neither allowance entries nor a general ledger"
        )
    gap = booked.closing - required
    note = f"proposal {proposal} books it" if gap else ""
    return replace(head, left=booked.closing, right=required, explained=gap, count=1 if gap else 0, note=note,
                   oldest=scope.as_of if gap else None)  # fmt: skip


def _of_accounts(
    book: Book, booked: BookedAllowance, scope: Scope, ledger: str
) -> tuple[list[Control], pd.DataFrame]:
    entries = booked.entries.assign(account=booked.entries["account"].fillna(""))
    accounts = sorted(booked.ledger)
    if len(accounts) == 1:  # entries that name no account belong to the only one there is
        entries = entries.assign(account=entries["account"].mask(entries["account"].eq(""), accounts[0]))
    accounts = sorted({*accounts, *entries["account"]})
    made, differ = [], []
    for account in accounts or [""]:
        head = Control(
            name="allowance", title=f"Allowance {account}: general ledger = allowance entries".replace(" :", ":"),
            entity=scope.entity, currency=scope.functional_currency, account=account,
            left_label="general ledger", right_label="allowance entries",
        )  # fmt: skip
        mine = entries[entries["account"].eq(account).to_numpy(dtype=bool)]
        if booked.source is not BookedFrom.ENTRIES:
            made.append(replace(head, note="no allowance entries were given"))
            continue
        if account not in booked.ledger:
            made.append(replace(head, note="the general ledger says nothing about the account"))
            continue
        frame = _differences(
            LEDGER_CHECK, _journals(book, account, scope, ledger),
            pd.DataFrame({"document_no": mine["journal_id"].fillna(mine["entry_id"]), "amount": mine["amount"],
                          "date": mine["posting_date"]}),
            currency=scope.functional_currency,
        )  # fmt: skip
        left, right = booked.ledger[account], total(mine["amount"])
        # journals before the ledger's first line are in its opening balance only, and no difference of their own
        explains = total(frame["difference"]) == left - right
        made.append(_compared(head, left, right, frame if explains else frame.head(0)))
        differ.append(frame if explains else frame.head(0))
    return made, pd.concat(differ, ignore_index=True) if differ else ONE_SIDED.empty()


def _of_entries(
    inside: pd.DataFrame, booked: BookedAllowance, scope: Scope, before: date, *, credits_recoveries: bool
) -> tuple[list[Control], pd.DataFrame]:
    """The entries' write-offs and recoveries against the sub-ledger's, in total: entries need not name documents."""
    made = []
    entries = booked.between(before, scope.as_of)
    for flow, line, sign in (
        (LossFlow.WRITE_OFF, AllowanceLine.WRITE_OFF, -1),
        (LossFlow.RECOVERY, AllowanceLine.RECOVERY, 1),
    ):
        head = Control(
            name="loss_flows", title=f"{FLOW_WORDS[flow]} of the period: allowance entries = sub-ledger",
            entity=scope.entity, currency=scope.functional_currency,
            left_label="allowance entries", right_label="sub-ledger",
        )  # fmt: skip
        if booked.source is not BookedFrom.ENTRIES:
            made.append(replace(head, note="no allowance entries were given"))
            continue
        counts = flow is LossFlow.WRITE_OFF or credits_recoveries
        right = total(losses(inside, flow)["loss"]) if counts else 0
        note = (
            ""
            if counts
            else "the policy takes recoveries to profit and loss: none should credit the allowance"
        )
        left = sign * total(entries.loc[entries["line"].eq(line.value), "amount"])
        made.append(replace(head, left=left, right=right, note=note))
    return made, ONE_SIDED.empty()


def _of_postings(
    book: Book, inside: pd.DataFrame, scope: Scope, ledger: str
) -> tuple[list[Control], pd.DataFrame]:
    """By document: what the ledger took from receivables, and put back, for each write-off and recovery."""
    lines = ledger_lines(book, scope=scope, ledger=ledger) if book.has("gl_lines") else None
    made, differ = [], []
    for flow, sign in ((LossFlow.WRITE_OFF, -1), (LossFlow.RECOVERY, 1)):
        head = Control(
            name="loss_flows", title=f"{FLOW_WORDS[flow]} of the period: general ledger = sub-ledger",
            entity=scope.entity, currency=scope.functional_currency,
            left_label="general ledger", right_label="sub-ledger",
        )  # fmt: skip
        if lines is None:
            made.append(replace(head, note="no general ledger lines were given"))
            continue
        rows = losses(inside, flow)
        allowances = of_entity(book["control_accounts"], scope.entity)
        allowances = allowances[allowances["role"].eq("allowance").to_numpy(dtype=bool)]
        posted = lines[
            (lines["is_posted"] & lines["document"].isin(rows["document_no"]) & ~lines["account"].isin(allowances["account"])
             & (lines["date"] <= pd.Timestamp(scope.as_of)) & (lines["date"] >= pd.Timestamp(scope.starts_on))).to_numpy(dtype=bool)
        ]  # fmt: skip
        frame = _differences(
            POSTED_CHECK,
            pd.DataFrame({"document_no": posted["document"], "amount": sign * posted["amount"], "date": posted["date"]}),
            pd.DataFrame({"document_no": rows["document_no"], "amount": rows["functional_amount"], "date": rows["posting_date"]}),
            currency=scope.functional_currency,
        )  # fmt: skip
        left, right = sign * total(posted["amount"]), total(rows["functional_amount"])
        made.append(_compared(head, left, right, frame))
        differ.append(frame)
    return made, pd.concat(differ, ignore_index=True) if differ else ONE_SIDED.empty()


def _of_list(
    book: Book, inside: pd.DataFrame, scope: Scope, before: date
) -> tuple[list[Control], pd.DataFrame]:
    title = "Written-off debts of the period = write-off applications"
    head = Control(
        name="loss_flows", title=title, entity=scope.entity, currency=scope.functional_currency,
        left_label=LISTED, right_label="write-off applications",
    )  # fmt: skip
    if not book.has("written_off"):
        return [replace(head, note="no list of written-off debts was given")], ONE_SIDED.empty()
    listed = of_entity(book["written_off"], scope.entity)
    day = listed["written_off_on"]
    listed = listed[((day > pd.Timestamp(before)) & (day <= pd.Timestamp(scope.as_of))).to_numpy(dtype=bool)]
    rows = losses(inside, LossFlow.WRITE_OFF)
    made, differ = [], []
    for code in sorted({*listed["currency"], *rows["currency"]}) or [scope.functional_currency]:
        mine, ours = listed[listed["currency"].eq(code)], rows[rows["currency"].eq(code)]
        frame = _differences(
            WRITTEN_OFF_CHECK,
            pd.DataFrame({"document_no": mine["item_id"], "amount": mine["amount"], "date": mine["written_off_on"]}),
            pd.DataFrame({"document_no": ours["item_id"], "amount": ours["amount"], "date": ours["posting_date"]}),
            currency=code,
        )  # fmt: skip
        one = replace(head, title=f"{title}, {iso_code(code)}", currency=code)
        made.append(_compared(one, total(mine["amount"]), total(ours["amount"]), frame))
        differ.append(frame)
    return made, pd.concat(differ, ignore_index=True)


def _journals(book: Book, account: str, scope: Scope, ledger: str) -> pd.DataFrame:
    """Posted lines of an allowance account by journal, as a reserve."""
    lines = ledger_lines(book, scope=scope, ledger=ledger)
    mine = lines["is_posted"] & lines["account"].eq(account) & (lines["date"] <= pd.Timestamp(scope.as_of))
    rows = lines[mine.to_numpy(dtype=bool)]
    return pd.DataFrame({"document_no": rows["document"], "amount": -rows["amount"], "date": rows["date"]})


def _differences(check: str, left: pd.DataFrame, right: pd.DataFrame, *, currency: str) -> pd.DataFrame:
    """ONE_SIDED: each document whose sums differ. Both frames have document_no, amount and date."""
    sides = pd.concat([
        left.assign(left=left["amount"].astype("Int64"), right=0), right.assign(left=0, right=right["amount"].astype("Int64"))
    ])  # fmt: skip
    if sides.empty:
        return ONE_SIDED.empty()
    sums = sides.astype({"left": "Int64", "right": "Int64"}).groupby("document_no").agg(
        left=("left", "sum"), right=("right", "sum"), since=("date", "min")
    )  # fmt: skip
    odd = sums[sums["left"].ne(sums["right"]).to_numpy(dtype=bool)].reset_index()
    return ONE_SIDED.typed(odd.assign(check=check, currency=currency, difference=odd["left"] - odd["right"]))


def _compared(head: Control, left: int, right: int, frame: pd.DataFrame) -> Control:
    """Documents are cited, but no record says why they differ: nothing is explained."""
    oldest = frame["since"].min() if len(frame) else None
    note = ""
    if len(frame):
        named = ", ".join(frame["document_no"].astype("str").head(3))
        note = f"{len(frame)} documents differ: {named}{' ...' if len(frame) > 3 else ''}"
    return replace(head, left=left, right=right, unexplained_count=len(frame), note=note,
                   oldest=None if oldest is None or pd.isna(oldest) else oldest.date())  # fmt: skip
