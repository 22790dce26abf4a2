"""The control accounts of a ledger that is read customer by customer: totals, roll-forward, and the report. Floor 3.

The sub-ledger's side of a control account and every line of the roll-forward are sums over customers. What explains a
gap is not looked for here: that takes both sides document by document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from arlib.controls import STATUS_WORDS, Control, Identity, Status
from arlib.ledger.facts import of_entity
from arlib.ledger.frames_control import BALANCES, CAUSES, ROLL_FORWARD, UNEXPLAINED_ITEMS
from arlib.ledger.general_ledger import account_balances, ledger_lines, stated_balances
from arlib.ledger.postings import all_postings
from arlib.ledger.rollforward import RollForward, roll_forward
from arlib.ledger.tieout import TieOut, accounts_to_tie, control_title
from arlib.money import shown, totals_by
from arlib.policy import Policies, Scope
from arlib.report.aging.part import summed
from arlib.report.bridges import bridge_charts, roll_chart
from arlib.report.intake import intake_checks, intake_controls, intake_findings
from arlib.report.model import Report, ResultTable
from arlib.report.tables import result_table, spoken
from arlib.report.words import day_text
from arlib.tables import CANONICAL, Book, Column, Kind, Table

ACCOUNTS = Table("subledger_accounts", "a control account of the sub-ledger", ("account",), (
    Column("account", Kind.TEXT, "control account, '' where an item names none", True),
    Column("postings", Kind.INTEGER, "postings up to the as-of date", True),
    Column("unvalued", Kind.INTEGER, "of them without an amount in the books' currency", True),
    Column("functional_amount", Kind.MONEY, "sum in the books' currency", True, currency="functional"),
))  # fmt: skip
NUMBERS = ("postings", "unvalued", "functional_amount")
NOT_LOOKED_FOR = "The two sides are compared in total: what explains a gap is found by a tie-out of a book that fits memory."


@dataclass(frozen=True, kw_only=True, eq=False)
class LedgerPart:
    """Postings by account and the roll-forward of some customers of one entity."""

    accounts: pd.DataFrame  # ACCOUNTS
    document: pd.DataFrame  # ROLL_FORWARD by currency
    functional: pd.DataFrame  # ROLL_FORWARD in the books' currency
    by_account: pd.DataFrame  # ROLL_FORWARD in the books' currency, by control account
    late: int  # postings to closed periods since the last close
    is_functional: bool  # every posting has an amount in the books' currency
    identities: tuple[Identity, ...]


def ledger_part(book: Book, *, scope: Scope) -> LedgerPart:
    """The sub-ledger's side of the control accounts at the as-of date, and its roll-forward, for the customers in a book.

    Needs ITEMS, APPLICATIONS, REVALUATIONS and PERIODS. Raises as `roll_forward` does.
    """
    postings = all_postings(book, scope=scope)
    here = (postings["date"] <= pd.Timestamp(scope.as_of)).to_numpy(dtype=bool)
    missing = postings["functional_amount"].isna()
    counts = postings[["account"]].assign(
        postings=here.astype("int64"),
        unvalued=(here & missing).astype("int64"),
        functional_amount=postings["functional_amount"].where(here, 0),
    )
    roll = roll_forward(book, scope=scope, postings=postings)
    return LedgerPart(
        accounts=ACCOUNTS.typed(totals_by(counts, "account", NUMBERS)),
        document=roll.document,
        functional=roll.functional,
        by_account=roll.by_account,
        late=len(roll.late),
        is_functional=not roll.controls,
        identities=roll.identities,
    )


def merged_ledger(parts: Sequence[LedgerPart]) -> LedgerPart:
    """The parts added up, line by line; in the books' currency only where it is known in all of them."""
    is_functional = all(part.is_functional for part in parts)
    accounts = pd.concat([part.accounts for part in parts], ignore_index=True)
    return LedgerPart(
        accounts=ACCOUNTS.typed(totals_by(accounts, "account", NUMBERS)),
        document=_lines([part.document for part in parts]),
        functional=_lines([part.functional for part in parts] if is_functional else []),
        by_account=_lines([part.by_account for part in parts] if is_functional else []),
        late=sum(part.late for part in parts),
        is_functional=is_functional,
        identities=summed([part.identities for part in parts]),
    )


def _lines(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return ROLL_FORWARD.empty()
    key = ["entity", "measure", "account", "currency", "line_no", "line"]
    return ROLL_FORWARD.typed(totals_by(pd.concat(filled, ignore_index=True), key, ["amount", "count"]))


def ledger_controls(part: LedgerPart, book: Book, *, scope: Scope, ledger: str) -> tuple[Control, ...]:
    """General ledger = sub-ledger by account, in total, in the books' currency.

    Needs CONTROL_ACCOUNTS, and GL_LINES or GL_BALANCES; accounts and balances are chosen as `tie_out` does. Without a
    ledger, or where a posting has no amount in the books' currency, the control is `no_input`. Money of the sub-ledger
    on an account that is not declared has a control that did not run.
    """
    lines = ledger_lines(book, scope=scope, ledger=ledger)
    stated = stated_balances(book, scope=scope, ledger=ledger)
    declared = of_entity(book["control_accounts"], scope.entity)
    accounts = part.accounts
    tied = accounts_to_tie(declared, accounts, lines, stated, as_of=scope.as_of)
    if len(tied) == 1:
        named = accounts["account"].mask(accounts["account"].eq(""), tied[0])
        accounts = totals_by(accounts.assign(account=named), "account", NUMBERS)
    rows: dict[str, dict[str, int]] = {
        str(row["account"]): {name: int(row[name]) for name in NUMBERS} for row in accounts.to_dict("records")
    }
    names = dict(zip(declared["account"], declared["name"].fillna(""), strict=True))
    found = account_balances(lines, stated, as_of=scope.as_of, accounts=tied, is_lines_given=bool(len(lines)))
    is_given = bool(len(lines) or len(stated))
    nothing = dict.fromkeys(NUMBERS, 0)
    made = [
        _control(
            account,
            names,
            rows.get(account, nothing),
            found[account].balance,
            is_given,
            scope,
        )
        for account in tied
    ]
    strays = [
        _control(account, {}, row, None, is_given, scope, note=f"{row['postings']:,} sub-ledger postings on an account that is "
                 "not declared a control account")
        for account, row in rows.items()
        if account not in {*names, *tied} and (row["unvalued"] or row["functional_amount"])
    ]  # fmt: skip
    return (*made, *strays)


def _control(
    account: str,
    names: Mapping[str, str],
    side: Mapping[str, int],
    balance: int | None,
    is_given: bool,
    scope: Scope,
    note: str = "",
) -> Control:
    if not note and not is_given:
        note = "no general ledger was given"
    elif not note and side["unvalued"]:
        note = f"{side['unvalued']:,} postings carry no amount in {scope.functional_currency}"
    elif not note and balance is None:
        note = "the ledger gives no balance and no lines for the account"
    did_run = not note
    return Control(
        name="control_account", title=control_title(account, names),
        entity=scope.entity, currency=scope.functional_currency, account=account, left_label="general ledger",
        left=balance if did_run else None, right_label="sub-ledger", right=int(side["functional_amount"]) if did_run else None,
        note=note,
    )  # fmt: skip


def ledger_report(part: LedgerPart, *, book: Book, scope: Scope, policies: Policies) -> Report:
    """The control accounts and the roll-forward of all customers. Of the book, the ledger's side and what was read."""
    controls = ledger_controls(part, book, scope=scope, ledger=policies.tie_out.ledger)
    identities = tuple(identity.require() for identity in part.identities)
    tie = TieOut(controls=controls, identities=(), causes=CAUSES.empty(), unexplained=UNEXPLAINED_ITEMS.empty(),
                 balances=_balances(controls, book), cleared=CANONICAL["reconciling_items"].empty())  # fmt: skip
    roll = RollForward(document=part.document, functional=part.functional, by_account=part.by_account,
                       late=pd.DataFrame(), controls=(), identities=identities)  # fmt: skip
    gaps = [control for control in controls if control.difference]
    return Report(
        name="tie",
        title=f"Control accounts in total, {scope.entity}, {day_text(scope.as_of)}",
        question="Does the sub-ledger tie to the general ledger, and what moved?",
        reader="controller, auditors",
        scope=scope,
        tables=_tables(tie, part, scope),
        charts=(*bridge_charts(tie, scope=scope), roll_chart(roll, scope=scope)),
        controls=(*controls, *intake_controls(book, scope=scope)),
        identities=(*identities, *intake_checks(book)),
        findings=(
            *(f"Find what explains {shown(gap.difference or 0, gap.currency)} {gap.currency} on {gap.account}." for gap in gaps),
            *intake_findings(book),
        ),
        limits=(NOT_LOOKED_FOR,),
        counts={"accounts": len(controls), "postings": int(part.accounts["postings"].sum()), "closed_period_postings": part.late},
        parameters={"Ledger": policies.tie_out.ledger},
        inputs=book.inputs,
        problems=book.problems,
    )  # fmt: skip


def _balances(controls: Sequence[Control], book: Book) -> pd.DataFrame:
    declared = book["control_accounts"]
    role = dict(zip(declared["account"], declared["role"], strict=True))
    return BALANCES.from_rows(
        {
            "entity": control.entity, "account": control.account, "name": control.title.partition(":")[0],
            "role": role.get(control.account), "measure": "functional", "currency": control.currency,
            "gl_amount": control.left, "subledger_amount": control.right or 0, "difference": control.difference,
            "explained": 0, "unexplained": control.difference, "status": control.status.value,
        }
        for control in controls
    )  # fmt: skip


def _tables(tie: TieOut, part: LedgerPart, scope: Scope) -> tuple[ResultTable, ...]:
    code = scope.functional_currency
    sides = ("gl_amount", "subledger_amount", "difference", "explained", "unexplained")
    return (
        result_table(BALANCES, tie.balances, title="Control accounts, both sides", functional=code, name="control_balances",
                     headings={"gl_amount": "General ledger", "subledger_amount": "Sub-ledger"}, not_totalled=sides,
                     words=spoken(tie.balances, "role") | {"status": {s.value: STATUS_WORDS[s] for s in Status}},
                     note=NOT_LOOKED_FOR),
        *(
            result_table(ROLL_FORWARD, frame, name=name, title=title, functional=code, not_totalled=("amount",))
            for name, frame, title in (
                ("roll_forward", part.functional, f"Roll-forward in {code}"),
                ("roll_forward_document", part.document, "Roll-forward by document currency"),
                ("roll_forward_by_account", part.by_account, f"Roll-forward by account in {code}"),
            )
        ),
    )  # fmt: skip
