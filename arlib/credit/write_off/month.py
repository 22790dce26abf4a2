"""Everything about write-offs at the end of a period, worked out once. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib.controls import Control, Identity
from arlib.credit.decided import held_back
from arlib.credit.write_off.blocks import casework
from arlib.credit.write_off.candidates import candidates
from arlib.credit.write_off.debts import debts
from arlib.credit.write_off.flags import flags
from arlib.credit.write_off.flows import by_month, write_off_flows
from arlib.credit.write_off.limitation import limitations
from arlib.credit.write_off.recoveries import recoveries
from arlib.credit.write_off.register import with_limitation, written_off
from arlib.credit.write_off.relief import tax_relief
from arlib.credit.write_off.tied import by_reason, posted_controls, register_controls, register_differences
from arlib.money import Rates, total
from arlib.policy import Policies, Scope
from arlib.tables import Book


@dataclass(frozen=True, kw_only=True)
class WriteOffs:
    """Frames of `write_off.frames`, PROPOSALS and BLOCKED, with controls and what must hold."""

    proposals: pd.DataFrame
    blocked: pd.DataFrame
    debts: pd.DataFrame
    flows: pd.DataFrame
    recoveries: pd.DataFrame
    register: pd.DataFrame
    relief: pd.DataFrame
    limitations: pd.DataFrame
    flags: pd.DataFrame
    by_reason: pd.DataFrame
    by_month: pd.DataFrame
    differences: pd.DataFrame
    controls: tuple[Control, ...]
    identities: tuple[Identity, ...]


def write_offs(book: Book, *, scope: Scope, policies: Policies) -> WriteOffs:
    """Proposals, what is blocked, and what became of every write-off by the as-of date.

    Needs ITEMS and APPLICATIONS; every other table is optional. Raises RateError where a limit is in a currency without a
    closing rate, ParameterError for a date that the source cannot answer, IdentityError where the parts did not foot.
    """
    policy = policies.write_off
    flows = write_off_flows(book, scope=scope)
    came_back = recoveries(book, flows, scope=scope, policy=policy)
    found = written_off(book, flows, came_back, scope=scope)
    open_debts = debts(book, scope=scope, policies=policies)
    last_days = limitations(book, open_debts, found, scope=scope, policy=policy)
    register = with_limitation(found, last_days)
    relief = tax_relief(book, register, came_back, scope=scope, policy=policy)
    known = casework(book, scope=scope)
    proposed = candidates(
        book, scope=scope, policies=policies, open_debts=open_debts, limitations=last_days, known=known
    )
    proposals, blocked = held_back(
        proposed.proposals,
        proposed.blocked,
        book,
        scope=scope,
        open_amounts={
            str(item): int(rest)
            for item, rest in zip(open_debts["item_id"], open_debts["outstanding"], strict=True)
        },
    )
    differences = register_differences(book, flows, scope=scope)
    reasons = by_reason(flows, register, scope=scope, policies=policies, rates=Rates.of(book["fx_rates"]))
    months = by_month(flows, came_back)
    made = WriteOffs(
        proposals=proposals,
        blocked=blocked,
        debts=open_debts,
        flows=flows,
        recoveries=came_back,
        register=register,
        relief=relief,
        limitations=last_days,
        flags=flags(book, register, flows, came_back, relief, known, scope=scope, policies=policies),
        by_reason=reasons,
        by_month=months,
        differences=differences,
        controls=(
            *register_controls(book, flows, differences, scope=scope),
            *posted_controls(book, flows, scope=scope),
        ),
        identities=_identities(flows, came_back, reasons, months, proposals, blocked, scope),
    )
    for identity in made.identities:
        identity.require()
    return made


def _identities(
    flows: pd.DataFrame,
    came_back: pd.DataFrame,
    reasons: pd.DataFrame,
    months: pd.DataFrame,
    proposals: pd.DataFrame,
    blocked: pd.DataFrame,
    scope: Scope,
) -> tuple[Identity, ...]:
    """What the parts must add up to, by currency; and that no item is proposed twice or beside its block."""
    off = flows[~flows["is_of_credit"].to_numpy(dtype=bool)]
    mine = off[off["in_period"].to_numpy(dtype=bool)]
    pairs = (
        ("write-offs by month = postings", "months", months, "written_off", "postings", off, "amount"),
        (
            "recoveries by month = recoveries",
            "months",
            months,
            "recovered",
            "recoveries",
            came_back,
            "recovered",
        ),
        (
            "write-offs of the period by reason = postings",
            "reasons",
            reasons,
            "amount",
            "postings",
            mine,
            "amount",
        ),
    )
    made = [
        Identity(
            name=name,
            left_label=left,
            left=total(a.loc[a["currency"].eq(code), one]),
            right_label=right,
            right=total(b.loc[b["currency"].eq(code), two]),
            currency=code,
            entity=scope.entity,
        )
        for name, left, a, one, right, b, two in pairs
        for code in sorted({*a["currency"], *b["currency"]})
    ]
    items = [*proposals["item_id"], *blocked["item_id"]]
    rows = Identity(name="an item is proposed or blocked once", left_label="rows", left=len(items),
                    right_label="items", right=len(set(items)), entity=scope.entity)  # fmt: skip
    return (*made, rows)
