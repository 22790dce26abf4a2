"""What the books know when something is decided, and what is asked for held against it. Floor 4."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from arlib.credit.decided import ABOVE_OPEN, LOWERING
from arlib.errors import nearest, shown
from arlib.ledger.open_now import OpenNow
from arlib.policy import Policies
from arlib.policy.authority import bare_name
from arlib.run.casework.checks import Faults
from arlib.run.casework.decision import money

OTHER = "other"  # a code for what no code names; it needs words
BOUNDED = LOWERING - ABOVE_OPEN  # proposals that take no more than is open
TEAMS = (
    "sales",
    "order_management",
    "billing",
    "logistics",
    "quality",
    "tax",
    "customer",
)  # of DISPUTES.team


@dataclass(frozen=True, kw_only=True)
class StandingPromise:
    """A promise whose day is not over."""

    promise_id: str
    item_id: str
    currency: str
    amount: int
    pay_by: date

    @property
    def sentence(self) -> str:
        """The promise in words."""
        return f"{money(self.amount, self.currency)} by {self.pay_by} ({self.promise_id})"


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the books know of a customer by their latest facts, and the words that policy and books use.

    `items` are all items of the customer, settled ones too; `balances` by currency, net of credits. `promises` are those of
    the books whose day is not over. `people` are those whom policy or books name.
    """

    customer_id: str
    items: Mapping[str, OpenNow] = field(default_factory=dict)
    balances: Mapping[str, int] = field(default_factory=dict)
    promises: tuple[StandingPromise, ...] = ()
    reasons: frozenset[str] = frozenset()
    root_causes: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()

    def is_new(self, name: str) -> bool:
        """Whether neither policy nor books name this person, however it is written."""
        return bare_name(name) not in {bare_name(each) for each in self.people}

    def check_customer(self, faults: Faults, customer_id: str) -> None:
        """The customer is the one of whom this is known."""
        if customer_id != self.customer_id:
            faults.say(
                f"customer {shown(customer_id)} is not the one that the books were asked for, {self.customer_id}"
            )

    def check_item(self, faults: Faults, item_id: str, currency: str) -> OpenNow | None:
        """The item, which is the customer's and in this currency; None, and a fault, where it is not."""
        found = self.items.get(item_id)
        if found is None:
            faults.say(f"item {shown(item_id)} is none of the customer's in the books")
        elif found.currency != currency:
            faults.say(f"{found.name} is in {found.currency}, the amount in {currency}")
            return None
        return found

    def check_amount(self, faults: Faults, what: str, item_id: str, currency: str, amount: object) -> None:
        """No more than is open of the item, of the account without one."""
        if not isinstance(amount, int):
            return  # said already
        if item_id:
            found = self.check_item(faults, item_id, currency)
            if found is not None and amount > abs(found.left):
                faults.say(f"{what} is {money(amount, currency)}, and {found.sentence}")
        elif amount > (balance := self.balances.get(currency, 0)):
            faults.say(f"{what} is {money(amount, currency)}, the balance is {money(balance, currency)}")

    def check_proposal(self, faults: Faults, kind: str, item_id: str, currency: str, amount: object) -> None:
        """A proposal that lowers an item takes no more than is open of it."""
        if not item_id:
            return
        found = self.check_item(faults, item_id, currency)
        if found is None or kind not in BOUNDED:
            return
        if found.left <= 0:
            faults.say(f"nothing is left for a {kind.replace('_', ' ')}: {found.sentence}")
        elif isinstance(amount, int) and amount > found.left:
            faults.say(f"{money(amount, currency)} is asked for, and {found.sentence}")


def check_code(faults: Faults, name: str, value: str, known: Collection[str], text: object) -> None:
    """A code that policy or books use, or 'other' with words."""
    if not isinstance(value, str) or not value.strip():
        return  # said already where it is needed
    if value == OTHER:
        if not (isinstance(text, str) and text.strip()):
            faults.say(f"{name} is {OTHER}: say in the text what it is")
    elif value not in known:
        near = nearest(value, sorted(known))
        hint = f" (did you mean {near!r}?)" if near else ""
        faults.say(
            f"{name} {shown(value)} is none that the policy or the books use{hint}: choose one of the list, or {OTHER!r} with "
            "a text"
        )


def words_of(
    policies: Policies,
    *,
    reasons: Iterable[str] = (),
    root_causes: Iterable[str] = (),
    teams: Iterable[str] = (),
    people: Iterable[str] = (),
) -> dict[str, frozenset[str]]:
    """The codes and people of the policy, with those of the books; without blanks."""
    contact = policies.contact
    made = {
        "reasons": {*contact.routes, *reasons},
        "root_causes": {*contact.routes, *root_causes},
        "teams": {*TEAMS, *contact.routes.values(), contact.default_route, *teams},
        "people": {
            *(person.name for person in policies.authority.people),
            *policies.work_list.collectors,
            *people,
        },
    }
    return {name: frozenset(word for word in words if word.strip()) for name, words in made.items()}
