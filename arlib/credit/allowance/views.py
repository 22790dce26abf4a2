"""The same facts as management sees them and as IFRS 9 and ASC 326 have them, side by side. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib.credit.allowance.frames import LossRates
from arlib.credit.allowance.frames_measure import VIEWS
from arlib.credit.allowance.frameworks import resolved, statutory
from arlib.credit.allowance.measure import Measured, measure_open
from arlib.credit.allowance.rates import loss_rates
from arlib.ledger.openitems import open_items
from arlib.money import total
from arlib.policy import Policies, Scope
from arlib.policy.allowance import Framework
from arlib.tables import Book


@dataclass(frozen=True, kw_only=True)
class Views:
    """Three measurements of the same open items at the same loss rates."""

    management: Measured  # the policy as it is
    ifrs9: Measured
    asc326: Measured
    compared: pd.DataFrame  # VIEWS


def views(book: Book, *, scope: Scope, policies: Policies, rates: LossRates | None = None) -> Views:
    """The allowance by the company's policy, and as each framework has it.

    A framework's view sets back what management may choose: netting without a right, insurance and
    recoveries. The loss rates of history are the same in all three. Needs and raises what `measure` does.
    """
    opened = open_items(book, scope=scope)
    own, aging = policies.allowance, policies.aging
    found = rates or loss_rates(book, scope=scope, aging=aging, policy=own)
    wanted = {
        "management": resolved(own),
        "ifrs9": resolved(statutory(own, Framework.IFRS9)),
        "asc326": resolved(statutory(own, Framework.ASC326)),
    }
    made: dict[str, Measured] = {}
    for name, policy in wanted.items():  # the company's own way is mostly that of one framework
        same = next((made[other] for other in made if wanted[other] == policy), None)
        made[name] = same or measure_open(book, opened, scope=scope, aging=aging, policy=policy, rates=found)
    figures = {name: _figures(measured) for name, measured in made.items()}
    names = list(figures["management"])
    compared = pd.DataFrame(
        {"figure": names} | {view: [figures[view][name] for name in names] for view in figures}
    )
    return Views(**made, compared=VIEWS.typed(compared))


def _figures(measured: Measured) -> dict[str, int]:
    exposures, lines = measured.exposures, measured.lines
    return {
        "gross debits": total(exposures["gross"]),
        "set off": -total(exposures["set_off"]),
        "disputed, to be credited": -total(exposures["disputed"]),
        "tax": -total(exposures["tax"]),
        "exposure": total(exposures["exposure"]),
        "covered by integral security": -total(exposures["cover"]),
        "pool at history": total(lines["at_history"]),
        "overlay": total(lines["overlay"]),
        "discount": total(lines["discount"]),
        "pool": measured.pool,
        "specific": measured.specific_total,
        "allowance": measured.total,
        "credit-note reserve, against revenue": measured.credit_note_reserve,
        "reimbursement shown apart": measured.separate_reimbursement,
    }
