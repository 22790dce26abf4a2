"""The cash-application report of a book: open receipts placed, and those of the period performed again. Floor 3."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from arlib.ledger.attributes import customer_attributes
from arlib.matching.engine import RULES_MEANT, match, own_history
from arlib.matching.from_book import Cash, match_inputs
from arlib.money import Rates
from arlib.report.cash_facts import CashRun
from arlib.report.cash_ledger import booked, ledger_controls
from arlib.report.cash_rates import rates_before
from arlib.report.cash_report import cash_report
from arlib.report.cash_skipped import passed_over

if TYPE_CHECKING:
    from arlib.matching.inputs import MatchInputs
    from arlib.matching.result import MatchResult
    from arlib.policy import Policies, Scope
    from arlib.report.model import Report
    from arlib.tables import Book


def cash_application_report(
    book: Book,
    *,
    scope: Scope,
    policies: Policies,
    rows_shown: int = 50,
    receipts: Cash | str = Cash.OPEN,
) -> Report:
    """Which receipts paid which items, how sure that is, what waits for a person, and what the ledger booked otherwise.

    Open receipts are always placed: the queue and the posting file are of them, so that nothing is ever posted twice. With
    `receipts` PERIOD or ALL those are placed again as well, as if the ledger had applied none of them, and compared with its
    bookings. Needs ITEMS and RECEIPTS; uses PRIOR_RATES and what `match_inputs` says. Raises what it raises.
    """
    cash = Cash(receipts)
    offered = match_inputs(book, scope=scope)
    links = None if cash is Cash.OPEN else booked(book, scope=scope, cash=cash)
    again = None if links is None or links.empty else match_inputs(book, scope=scope, receipts=cash)
    people = customer_attributes(book, on=scope.as_of, at=policies.aging.attributes_at, entity=scope.entity)
    entities = book["entities"]
    ours = dict(zip(entities["entity"], entities["name"].fillna(""), strict=True))
    home = dict(zip(entities["entity"], entities["country"].fillna(""), strict=True))
    policy, today = policies.matching, (scope.as_of - date(1970, 1, 1)).days
    # of what came before the period where there is such a past, so that no rule is measured on what it is compared with
    past = offered if again is None or again.confirmed is None else again
    measured = own_history(past, policy=policy, entity_names=ours, home=home)

    def place(inputs: MatchInputs) -> MatchResult:
        return match(inputs, policy=policy, history=measured, entity_names=ours, home=home, as_of_day=today)

    result = place(offered)
    redone = None if again is None else place(again)
    run = CashRun(
        result=result,
        cash=cash,
        names=dict(zip(people["customer_id"], people["name"].fillna(""), strict=True)),
        rates=Rates.of(book["fx_rates"]),
        ledger_controls=ledger_controls(book, offered.receipts, scope=scope),
        meant=RULES_MEANT,
        reperformed=redone,
        booked=None if redone is None else links,
        skipped=passed_over(result, as_of=scope.as_of, again=redone, booked=links),
        earlier=rates_before(book, scope=scope),
    )
    return cash_report(run, scope=scope, policy=policy, rows_shown=rows_shown, book=book)
