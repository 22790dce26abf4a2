"""What `tie_out` found, as its declared frames. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from arlib.controls import Control
from arlib.ledger.causes import signed
from arlib.ledger.frames_control import BALANCES, CAUSES, UNEXPLAINED_ITEMS
from arlib.ledger.general_ledger import AccountBalance
from arlib.ledger.postings import upto
from arlib.ledger.sides import Sides
from arlib.policy import Scope

CONTROL = "control_account"


def causes_frame(named: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Named entries summed by account, cause and document; what sums to nothing is no difference."""
    if named.empty:
        return CAUSES.empty()
    rows = named.sort_values(["account", "cause", "document", "date", "journal_lines"], kind="stable")
    summed = rows.groupby(["account", "cause", "document"], sort=True, as_index=False).agg(
        amount=("amount", "sum"),
        date=("date", "min"),
        journal_lines=("journal_lines", _joined),
        batch_id=("batch_id", "first"),
        customer_id=("customer_id", "first"),
        user=("user", "first"),
        sentence=("sentence", "first"),
    )
    summed = summed[summed["amount"].ne(0).to_numpy(dtype=bool)].rename(columns={"document": "document_no"})
    return CAUSES.typed(_headed(summed, scope)).reset_index(drop=True)


def _joined(texts: pd.Series[str]) -> str:
    return " ".join(text for text in texts if text)


def _headed(rows: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    return rows.assign(entity=scope.entity, control=CONTROL, currency=scope.functional_currency)


def unexplained_frame(
    rest: Sides,
    opening: Mapping[str, int],
    balances: Mapping[str, AccountBalance],
    run: list[str],
    scope: Scope,
) -> pd.DataFrame:
    """What no rule named: by document, then whole balances that have no documents in the extract."""
    parts = pd.concat(
        [signed(rest.gl, side="general_ledger"), signed(rest.sl, side="sub_ledger")], ignore_index=True
    )
    parts = parts[parts["account"].isin(run).to_numpy(dtype=bool)]
    rows = parts.sort_values(["account", "document", "date", "journal_lines"], kind="stable")
    rows = rows.groupby(["account", "document"], sort=True, as_index=False).agg(
        amount=("amount", "sum"),
        date=("date", "min"),
        journal_lines=("journal_lines", _joined),
        batch_id=("batch_id", "first"),
        customer_id=("customer_id", "first"),
        user=("user", "first"),
        side=("side", "min"),
        other=("side", "max"),
    )
    rows["side"] = rows["side"].where(rows["side"].eq(rows["other"]), "both")
    rows = rows[rows["amount"].ne(0).to_numpy(dtype=bool)].rename(columns={"document": "document_no"})
    words = {
        "general_ledger": "in the ledger only; no rule finds a cause",
        "both": "both sides hold it at other amounts",
        "sub_ledger": "in the sub-ledger only; no rule finds a cause",
    }
    rows = rows.assign(sentence=rows["side"].map(words).astype("str"))
    whole = [
        {
            "account": account,
            "document_no": document,
            "side": "balance",
            "amount": amount,
            "date": day,
            "sentence": sentence,
        }
        for account in run
        for document, amount, day, sentence in (
            (
                "opening",
                opening[account],
                balances[account].opening_on,
                "stands already at the ledger's opening balance; its documents lie before the extract",
            ),
            (
                "ledger lines",
                balances[account].missing_lines,
                pd.NaT,
                "the ledger's stated balance is not its opening and its lines: the extract lacks lines",
            ),
        )
        if amount
    ]
    if whole:
        totals = UNEXPLAINED_ITEMS.typed(_headed(pd.DataFrame(whole, dtype="object"), scope))
        made = UNEXPLAINED_ITEMS.typed(_headed(rows, scope))
        return pd.concat([made, totals], ignore_index=True) if len(made) else totals
    return UNEXPLAINED_ITEMS.typed(_headed(rows, scope)).reset_index(drop=True)


def balances_frame(
    controls: list[Control],
    roles: Mapping[str, str],
    lines: pd.DataFrame,
    postings: pd.DataFrame,
    balances: Mapping[str, AccountBalance],
    scope: Scope,
) -> pd.DataFrame:
    """Each account in the books' currency, then for information in each document currency of the ledger's
    lines.
    """
    rows: list[dict[str, object]] = []
    posted = lines[lines["is_posted"] & (lines["date"] <= pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)]
    counted = upto(postings, scope.as_of)
    for control in controls:
        account = control.account
        head = {
            "entity": scope.entity,
            "account": account,
            "name": control.title.removesuffix(f" {account}: general ledger = sub-ledger"),
            "role": roles.get(account, ""),
        }
        if control.right is not None:
            rows.append(
                {
                    **head,
                    "measure": "functional",
                    "currency": scope.functional_currency,
                    "gl_amount": control.left,
                    "subledger_amount": control.right,
                    "difference": control.difference,
                    "explained": control.explained,
                    "unexplained": control.unexplained,
                    "status": control.status.value,
                }
            )
        since = balances[account].opening_on
        measure = "document" if since is None else "document movement"
        ours, theirs = (
            frame[frame["account"].eq(account).to_numpy(dtype=bool)] for frame in (counted, posted)
        )
        if since is not None:
            ours, theirs = (frame[(frame["date"] > since).to_numpy(dtype=bool)] for frame in (ours, theirs))
        if theirs.empty or set(theirs["currency"]) == {scope.functional_currency}:
            continue
        gl = theirs.groupby("currency")["document_amount"].sum()
        sl = ours.groupby("currency")["amount"].sum()
        for currency in sorted({*gl.index, *sl.index}):
            left, right = int(gl.get(currency, 0)), int(sl.get(currency, 0))
            rows.append(
                {
                    **head,
                    "measure": measure,
                    "currency": currency,
                    "gl_amount": left,
                    "subledger_amount": right,
                    "difference": left - right,
                }
            )
    return BALANCES.typed(pd.DataFrame(rows, dtype="object")) if rows else BALANCES.empty()
