"""What is on record about the accounts: the results that every work list reads, worked out once. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib.collect.behaviour import payment_behaviour
from arlib.collect.contact.cadence import account_touches
from arlib.collect.contact.disputes import dispute_standings
from arlib.collect.contact.outside import outside
from arlib.collect.contact.plans import plan_defaults
from arlib.collect.contact.promises import judged_promises
from arlib.collect.dunning.bank import bank_standings, held_because
from arlib.collect.position import Position
from arlib.policy import Policies
from arlib.tables import Book


@dataclass(frozen=True, kw_only=True, eq=False)
class Cases:
    """Results of contact, behaviour and dunning for one position."""

    outside: pd.DataFrame  # OUTSIDE
    disputes: pd.DataFrame  # DISPUTE_STANDINGS
    promises: pd.DataFrame  # JUDGED_PROMISES
    plans: pd.DataFrame  # PLAN_DEFAULTS
    touches: pd.DataFrame  # ACCOUNT_TOUCHES
    behaviour: pd.DataFrame  # PAYMENT_BEHAVIOUR
    bank: pd.DataFrame  # BANK_STANDINGS
    late_bank: tuple[
        str, ...
    ]  # why cash may have come in that is not known; empty where the bank is up to date


def cases(book: Book, *, position: Position, policies: Policies) -> Cases:
    """All of them; every table that is not given leaves its part empty."""
    bank = bank_standings(book, scope=position.scope, policies=policies)
    return Cases(
        outside=outside(book, position=position, policies=policies),
        disputes=dispute_standings(book, position=position, policies=policies),
        promises=judged_promises(book, position=position, policies=policies),
        plans=plan_defaults(book, position=position, policies=policies),
        touches=account_touches(book, position=position, policies=policies),
        behaviour=payment_behaviour(book, position=position, policies=policies),
        bank=bank,
        late_bank=held_because(bank, scope=position.scope),
    )
