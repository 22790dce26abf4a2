"""Tie the sub-ledger to its control accounts, with causes that add up to the gap. Floor 1: a book in,
controls out.

One control per account. The gap is the ledger's balance less the sub-ledger's; it is the sum of named
causes and of unexplained parts, to the last minor unit, or IdentityError is raised. Rules are in causes.py,
agreement in sides.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from arlib.controls import Control, Identity
from arlib.ledger.carry_forward import carry_forward, largest_owner
from arlib.ledger.causes import name_causes
from arlib.ledger.evidence import gather
from arlib.ledger.facts import ints, of_entity
from arlib.ledger.frames_control import BALANCES, CAUSES, UNEXPLAINED_ITEMS
from arlib.ledger.gap_frames import CONTROL, balances_frame, causes_frame, unexplained_frame
from arlib.ledger.general_ledger import AccountBalance, account_balances, ledger_lines, stated_balances
from arlib.ledger.postings import all_postings, upto
from arlib.ledger.sides import KEY, Sides, pair_off, set_apart, without
from arlib.policy import Scope, TieOutPolicy
from arlib.tables import CANONICAL, Book
from arlib.tables.choices import AccountRole, ItemType

NOT_RECEIVABLES = (AccountRole.ALLOWANCE, AccountRole.UNBILLED, AccountRole.CLEARING)


@dataclass(frozen=True, kw_only=True)
class TieOut:
    """What `tie_out` found. For each control: left - right = Σ its causes + Σ its unexplained items."""

    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]
    causes: pd.DataFrame  # CAUSES
    unexplained: pd.DataFrame  # UNEXPLAINED_ITEMS
    balances: pd.DataFrame  # BALANCES
    cleared: pd.DataFrame  # RECONCILING_ITEMS of the last close that do not differ any more


def tie_out(
    book: Book, *, scope: Scope, policy: TieOutPolicy | None = None, postings: pd.DataFrame | None = None
) -> TieOut:
    """Sub-ledger against general ledger, account by account, at the as-of date in the books' currency.

    Accounts are those declared for the tie-out and in use at the date; without declarations, every account
    that either side names. Items that name no account belong to the only one there is. Entries of the as-of
    date count. Where the ledger is not given, or an item's amount in the books' currency is not, the
    control is `no_input`. A gap that stands already at the ledger's opening balance is compared in total
    and stays unexplained: its documents lie before the extract. `postings` are the scope's POSTINGS of all
    dates, where they are in hand.

    Needs ITEMS, APPLICATIONS, REVALUATIONS, CONTROL_ACCOUNTS, GL_LINES, GL_BALANCES; uses BILLING_TRANSFERS
    and the RECONCILING_ITEMS of the last close. Raises IdentityError if causes and unexplained parts did
    not add up to a gap.
    """
    policy = policy or TieOutPolicy()
    postings = all_postings(book, scope=scope) if postings is None else postings
    lines = ledger_lines(book, scope=scope, ledger=policy.ledger)
    stated = stated_balances(book, scope=scope, ledger=policy.ledger)
    declared = of_entity(book["control_accounts"], scope.entity)
    tied = accounts_to_tie(declared, postings, lines, stated, as_of=scope.as_of)
    if len(tied) == 1:
        postings = postings.assign(account=postings["account"].mask(postings["account"].eq(""), tied[0]))
    roles = dict(zip(declared["account"], declared["role"], strict=True))
    names = dict(zip(declared["account"], declared["name"].fillna(""), strict=True))
    if not len(lines) and not len(stated):
        return _not_run(tied, names, scope)

    unvalued = upto(postings, scope.as_of)
    unvalued = unvalued[unvalued["functional_amount"].isna().to_numpy(dtype=bool)]
    balances = account_balances(
        lines, stated, as_of=scope.as_of, accounts=tied, is_lines_given=bool(len(lines))
    )
    run = [a for a in tied if balances[a].balance is not None and not unvalued["account"].eq(a).any()]
    entries = _entries(postings)
    opening_on = {account: found.opening_on for account, found in balances.items()}
    sides = set_apart(
        lines, entries, as_of=scope.as_of, opening_on=opening_on, window_days=policy.matching_window_days
    )
    opening, sides = _opening_gaps(sides, entries, balances, window_days=policy.matching_window_days)
    evidence = gather(
        book, scope=scope, postings=postings, lines=lines, sides=sides, roles=roles, policy=policy
    )
    named, rest = name_causes(sides, evidence)

    causes = causes_frame(named[named["account"].isin(run)], scope)
    left = unexplained_frame(rest, opening, balances, run, scope)
    prior = book["reconciling_items"]
    kept = carry_forward(causes, prior, scope=scope, accounts=declared)
    looked_into = carry_forward(left, prior, scope=scope, accounts=declared)
    both = pd.concat(
        [causes[["control", "account", "document_no"]], left[["control", "account", "document_no"]]]
    )
    cleared = carry_forward(
        both.assign(date=pd.Series(pd.NaT, index=both.index, dtype="datetime64[s]")),
        _of_control(prior),
        scope=scope,
    ).cleared
    at_date = upto(entries, scope.as_of)
    controls = [
        _control(account, balances[account], at_date, kept.items, looked_into.items, names, unvalued, scope)
        for account in tied
    ]
    identities = [
        _identity(control, kept.items, looked_into.items).require()
        for control in controls
        if control.difference is not None
    ]
    strays = _strays(postings, declared, tied, scope)
    frame = balances_frame(controls, roles, lines, postings, balances, scope)
    return TieOut(
        controls=(*controls, *strays),
        identities=tuple(identities),
        causes=kept.items,
        unexplained=looked_into.items,
        balances=frame,
        cleared=cleared,
    )


def accounts_to_tie(
    declared: pd.DataFrame, postings: pd.DataFrame, lines: pd.DataFrame, stated: pd.DataFrame, *, as_of: date
) -> list[str]:
    """Accounts that the sub-ledger must agree with at the date: those declared, else all that either side
    names.

    An account whose declaration does not say so is taken in, but for allowance, unbilled and clearing
    accounts.
    """
    if len(declared):
        day = pd.Timestamp(as_of)
        stated_flag = declared["in_tieout"]
        usual = ~declared["role"].isin(NOT_RECEIVABLES)
        wanted = stated_flag.where(stated_flag.notna(), usual).astype(bool)
        wanted &= declared["valid_from"].isna() | (declared["valid_from"] <= day)
        wanted &= declared["valid_to"].isna() | (declared["valid_to"] >= day)
        return sorted(declared.loc[wanted.to_numpy(dtype=bool), "account"])
    return sorted({*postings["account"], *lines["account"], *stated["account"]} - {""})


def _entries(postings: pd.DataFrame) -> pd.DataFrame:
    """Postings as entries of the comparison, in the books' currency; one without such an amount counts as
    0.
    """
    entries = postings.drop(columns=["amount"]).rename(columns={"document_no": "document"})
    return entries.assign(
        amount=ints(postings["functional_amount"]), document_amount=ints(postings["amount"])
    )


def _opening_gaps(
    sides: Sides, entries: pd.DataFrame, balances: Mapping[str, AccountBalance], *, window_days: int
) -> tuple[dict[str, int], Sides]:
    """The gap at each opening, with the entries that straddle it taken in, and the sides without those.

    A ledger line after the opening whose document the sub-ledger holds before it, and an opening document
    of the sub-ledger dated after it, are counted at the opening where that makes the gap there smaller.
    """
    gaps: dict[str, int] = {}
    out_gl: list[int] = []
    out_sl: list[int] = []
    for account, found in balances.items():
        if found.opening_on is None:
            gaps[account] = 0
            continue
        mine = entries[entries["account"].eq(account).to_numpy(dtype=bool)]
        before = mine[(mine["date"] <= found.opening_on).to_numpy(dtype=bool)]
        gap = found.opening - int(before["amount"].sum())
        near = before[
            (before["date"] > found.opening_on - pd.Timedelta(days=window_days)).to_numpy(dtype=bool)
        ]
        gl_rows = pair_off(sides.gl, near.reset_index(drop=True), [*KEY, "amount"])[0]
        sl_rows = np.flatnonzero(
            (sides.sl["account"].eq(account) & sides.sl["item_type"].eq(ItemType.OPENING)).to_numpy(
                dtype=bool
            )
        )
        for rows, frame, sign, out in ((gl_rows, sides.gl, 1, out_gl), (sl_rows, sides.sl, -1, out_sl)):
            for row in sorted(rows.tolist()):
                amount = sign * int(frame["amount"].iloc[row])
                if abs(gap + amount) < abs(gap):
                    gap += amount
                    out.append(row)
        gaps[account] = gap
    gl, sl = (
        without(sides.gl, np.array(out_gl, dtype=np.intp)),
        without(sides.sl, np.array(out_sl, dtype=np.intp)),
    )
    return gaps, replace(sides, gl=gl, sl=sl)


def _of_control(prior: pd.DataFrame) -> pd.DataFrame:
    return prior[prior["control"].eq(CONTROL).to_numpy(dtype=bool)]


def control_title(account: str, names: Mapping[str, str]) -> str:
    """How the control of an account is called; `names` are those of the declared accounts."""
    name = " ".join(part for part in (names.get(account) or "Control account", account) if part)
    return f"{name}: general ledger = sub-ledger"


def _control(
    account: str,
    found: AccountBalance,
    entries: pd.DataFrame,
    causes: pd.DataFrame,
    left: pd.DataFrame,
    names: Mapping[str, str],
    unvalued: pd.DataFrame,
    scope: Scope,
) -> Control:
    mine = entries[entries["account"].eq(account).to_numpy(dtype=bool)]
    head = Control(
        name=CONTROL,
        title=control_title(account, names),
        entity=scope.entity,
        currency=scope.functional_currency,
        account=account,
        left_label="general ledger",
        right_label="sub-ledger",
    )
    missing = unvalued[unvalued["account"].eq(account).to_numpy(dtype=bool)]
    if len(missing):
        first = missing.iloc[0]
        return replace(
            head,
            note=f"{len(missing)} postings in {first['currency']} carry no amount in "
            f"{scope.functional_currency}, first {first['document_no']}",
        )
    if found.balance is None:
        return replace(head, note="the ledger gives no balance and no lines for the account")
    parts = causes[causes["account"].eq(account).to_numpy(dtype=bool)]
    rest = left[left["account"].eq(account).to_numpy(dtype=bool)]
    total = int(rest["amount"].sum())
    note = ""
    if len(rest) and not total:
        note = f"{len(rest)} unexplained differences cancel out"
    elif len(rest):
        note = f"{len(rest)} differences without a cause"
    oldest = parts["date"].min()
    return replace(
        head,
        left=found.balance,
        right=int(mine["amount"].sum()),
        explained=int(parts["amount"].sum()),
        count=len(parts),
        unexplained_count=_beyond_summaries(rest),
        oldest=None if pd.isna(oldest) else oldest.date(),
        owner=largest_owner(parts),
        note=note,
    )


def _beyond_summaries(rest: pd.DataFrame) -> int:
    """How many documents without a cause are more than a ledger that posts in summary.

    Where the ledger holds many documents as lines that name none, the two sides differ document by document and cancel
    out in total: those are listed, and not held against the control. One ledger line that names its document, or any
    amount that is left, and all of them count.
    """
    of_ledger = rest[rest["side"].ne("sub_ledger").to_numpy(dtype=bool)]
    lines, documents = of_ledger["journal_lines"].fillna(""), of_ledger["document_no"].fillna("")
    # a line that names no document stands under its journal's number
    names_a_document = any(
        not line.startswith(f"{document}/") for line, document in zip(lines, documents, strict=True)
    )
    return len(rest) if names_a_document or int(rest["amount"].sum()) else 0


def _identity(control: Control, causes: pd.DataFrame, left: pd.DataFrame) -> Identity:
    parts = sum(
        int(frame.loc[frame["account"].eq(control.account).to_numpy(dtype=bool), "amount"].sum())
        for frame in (causes, left)
    )
    return Identity(
        name=f"causes of {control.account}",
        left_label="gap",
        left=control.difference or 0,
        right_label="causes and unexplained",
        right=parts,
        currency=control.currency,
        entity=control.entity,
    )


def _not_run(tied: list[str], names: Mapping[str, str], scope: Scope) -> TieOut:
    """Every control as `no_input`: there is no general ledger."""
    controls = tuple(
        Control(
            name=CONTROL,
            title=control_title(account, names),
            entity=scope.entity,
            account=account,
            currency=scope.functional_currency,
            left_label="general ledger",
            right_label="sub-ledger",
            note="no general ledger was given",
        )
        for account in tied or [""]
    )
    return TieOut(
        controls=controls,
        identities=(),
        causes=CAUSES.empty(),
        unexplained=UNEXPLAINED_ITEMS.empty(),
        balances=BALANCES.empty(),
        cleared=CANONICAL["reconciling_items"].empty(),
    )


def _strays(postings: pd.DataFrame, declared: pd.DataFrame, tied: list[str], scope: Scope) -> list[Control]:
    """Money of the sub-ledger on accounts that nobody declared: no control covers it, and the close must
    say so.
    """
    known = {*declared["account"], *tied}
    at_date = upto(postings, scope.as_of)
    at_date = at_date[(~at_date["account"].isin(known)).to_numpy(dtype=bool)]
    return [
        Control(
            name=CONTROL,
            title=f"Account {name or '(none named)'}: general ledger = sub-ledger",
            entity=scope.entity,
            account=name,
            currency=scope.functional_currency,
            left_label="general ledger",
            right_label="sub-ledger",
            note=f"{len(rows)} sub-ledger postings on an account that is not declared a control account",
        )
        for name, rows in ((str(key), part) for key, part in at_date.groupby("account", sort=True))
        if rows["functional_amount"].isna().any() or int(rows["functional_amount"].sum())
    ]
