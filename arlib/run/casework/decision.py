"""One recorded decision, read back from its event, and its sentence. Floor 4."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from arlib.money import is_currency, iso_code, shown
from arlib.run.casework.kinds import ACT_OF, Act, duty_of
from arlib.run.casework.lines import AppliedLine, line_of
from arlib.run.store import Event

PREFIX = "desk-"
NEW_OWNER = "is_owner_new"  # said of a dispute's owner whom neither policy nor books named then
_NAMED = 3  # items that a sentence names
_NEEDED: Mapping[Act, tuple[str, ...]] = {
    Act.NOTE: ("customer_id", "kind"),
    Act.PROMISE: ("customer_id", "currency", "pay_by"),
    Act.DISPUTE: ("customer_id", "currency", "reason"),
    Act.SETTLE: ("dispute_id",),
    Act.APPLY: ("receipt_id",),
    Act.REJECT: ("receipt_id",),
    Act.ALIAS: ("customer_id",),
    Act.PROPOSE: ("customer_id", "kind", "currency", "reason"),
    Act.WITHDRAW: ("decision_id",),
}
_MONEY = (Act.PROMISE, Act.DISPUTE, Act.PROPOSE)
_DAYS = ("pay_by", "due_on", "next_on", "effective_on", "on")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What a person recorded. `lines` are those of an application, `item_ids` all items that it is about."""

    seq: int
    at: str
    by: str
    authentication: str
    act: Act
    subject: str
    entity: str
    on: date
    body: Mapping[str, Any]
    hash: str = ""
    lines: tuple[AppliedLine, ...] = ()
    item_ids: tuple[str, ...] = field(default=())

    @property
    def decision_id(self) -> str:
        """The name that people use."""
        return f"{PREFIX}{self.seq}"

    def word(self, name: str) -> str:
        """A text of the body, '' where there is none."""
        value = self.body.get(name)
        return value if isinstance(value, str) else ""

    @property
    def customer_id(self) -> str:
        """The customer that it names."""
        return self.word("customer_id")

    @property
    def receipt_id(self) -> str:
        """The receipt that it names."""
        return self.word("receipt_id")

    def item(self, item_id: str) -> str:
        """An item of it as people know it: its document number where who recorded it gave one, and its id."""
        return called(item_id, documents_of(self.body).get(item_id, ""))

    @property
    def receipt(self) -> str:
        """The receipt as people know it."""
        return called(self.receipt_id, self.word("receipt_no"))

    @property
    def items(self) -> str:
        """Its items as a sentence names them."""
        return names([self.item(item) for item in self.item_ids])

    @property
    def text(self) -> str:
        """Why, in the person's words."""
        return self.word("text") or self.word("why")

    @property
    def currency(self) -> str:
        """The currency of `amount`."""
        return self.lines[0].receipt_currency if self.lines else self.word("currency")

    @property
    def amount(self) -> int | None:
        """What was promised, disputed or asked for; of an application what it uses of the receipt."""
        if self.lines:
            return sum(line.receipt_amount for line in self.lines)
        value = self.body.get("amount")
        return value if isinstance(value, int) else None

    @property
    def duty(self) -> str:
        """The duty that the act is; that of a withdrawal is its target's, and not known here."""
        return duty_of(self.act, self.word("kind"))

    @property
    def done(self) -> str:
        """What was done, in words that follow the name of who did it."""
        return _DONE[self.act](self)

    @property
    def when(self) -> str:
        """The minute, for sentences."""
        return f"{self.at[:10]} {self.at[11:16]} UTC"

    @property
    def sentence(self) -> str:
        """Who did what, when."""
        return f"{self.by} {self.done} on {self.when} ({self.decision_id})"


def is_ours(event: Event) -> bool:
    """Whether the desk records events of this kind."""
    return event.kind in ACT_OF


def decision_of(event: Event) -> Decision:
    """The decision that an event is. Raises ValueError in words where it does not say what it must."""
    act, body = ACT_OF[event.kind], event.body
    for name in ("entity", *_NEEDED[act]):
        if not isinstance(body.get(name), str) or not body[name]:
            raise ValueError(f"{name}, a text")
    days = {name: _day(body, name) for name in _DAYS}
    amount = body.get("amount")
    is_worked_out = act is Act.PROPOSE and amount is None
    if act in _MONEY and not (is_currency(body["currency"]) and (is_worked_out or _is_whole(amount))):
        raise ValueError("amount, whole minor units of a currency")
    lines, items = _items(act, body)
    return Decision(
        seq=event.seq,
        at=event.at,
        by=event.actor,
        authentication=event.authentication or "",
        act=act,
        subject=event.subject,
        entity=str(body["entity"]),
        on=days["on"] or date.fromisoformat(event.at[:10]),
        body=body,
        hash=event.hash,
        lines=lines,
        item_ids=items,
    )


def seq_of(decision_id: str) -> int:
    """The number in a decision's name, 0 for a text that is none."""
    number = decision_id.removeprefix(PREFIX)
    is_one = decision_id.startswith(PREFIX) and number.isascii() and number.isdigit() and len(number) < 19
    return int(number) if is_one else 0


def names(ids: Sequence[str]) -> str:
    """Some ids as a sentence names them: all of a few, else the first and how many more."""
    if len(ids) <= _NAMED:
        return " and ".join([", ".join(ids[:-1]), ids[-1]] if len(ids) > 1 else ids)
    return f"{', '.join(ids[:_NAMED])} and {len(ids) - _NAMED} more"


def called(code: str, number: str) -> str:
    """A document by its number with its id beside it; the id alone where they are the same or none is known."""
    return f"{number} ({code})" if number and number != code else code


def documents_of(body: Mapping[str, Any]) -> dict[str, str]:
    """Document numbers that a body gives to its items, by item id."""
    given = body.get("documents")
    one = {body.get("item_id"): body.get("document_no")}
    told = {**one, **(given if isinstance(given, dict) else {})}
    return {
        item: number for item, number in told.items() if isinstance(item, str) and isinstance(number, str)
    }


def money(amount: int, currency: str) -> str:
    """An amount with its currency."""
    return f"{iso_code(currency)} {shown(amount, currency)}"


def _items(act: Act, body: Mapping[str, Any]) -> tuple[tuple[AppliedLine, ...], tuple[str, ...]]:
    if act not in (Act.APPLY, Act.REJECT):
        one = body.get("item_id")
        return (), ((one,) if isinstance(one, str) and one else ())
    given = body.get("items")
    if not isinstance(given, list) or not given:
        raise ValueError("items, a list with one entry or more")
    if act is Act.REJECT:
        ids = [one if isinstance(one, str) else one.get("item_id") for one in given]
        if not all(isinstance(one, str) and one for one in ids):
            raise ValueError("items, each with its id")
        return (), tuple(sorted(set(ids)))
    try:
        by_item = {line.item_id: line for line in map(line_of, given)}
    except (TypeError, ValueError, KeyError, AttributeError):
        raise ValueError("items, each with item_id, currency and whole minor units") from None
    codes = {code for line in by_item.values() for code in (line.currency, line.receipt_currency)}
    if not all(map(is_currency, codes)):
        raise ValueError("items in known currencies")
    return tuple(by_item[item] for item in sorted(by_item)), tuple(sorted(by_item))


def _day(body: Mapping[str, Any], name: str) -> date | None:
    value = body.get(name)
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name}, a day such as 2026-11-03") from None


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _about(made: Decision) -> str:
    item = f", item {made.items}" if made.item_ids else ""
    return f"customer {made.customer_id}{item}"


def _noted(made: Decision) -> str:
    kind, outcome = made.word("kind"), made.word("outcome")
    article = "an" if kind[:1] in "aeiou" else "a"
    return f"recorded {article} {kind} on {_about(made)}" + (f": {outcome}" if outcome else "")


def _promised(made: Decision) -> str:
    before = f" in place of {made.word('replaces')}" if made.word("replaces") else ""
    return f"recorded a promise of {_sum(made)} by {made.word('pay_by')} of {_about(made)}{before}"


def _disputed(made: Decision) -> str:
    is_new = made.body.get(NEW_OWNER) is True
    owner = f", owner {made.word('owner')}, a name new to the books," if is_new else ""
    return f"opened a dispute of {_sum(made)} for {made.word('reason')} of {_about(made)}{owner}"


def _settled(made: Decision) -> str:
    cause = made.word("root_cause")
    about = f" of {_about(made)}" if made.customer_id else ""
    return f"settled dispute {made.word('dispute_id')}{about}" + (
        f" with root cause {cause}" if cause else ""
    )


def _applied(made: Decision) -> str:
    return f"applied {_sum(made)} of receipt {made.receipt} to {made.items}"


def _rejected(made: Decision) -> str:
    return f"turned down {made.items} for receipt {made.receipt}"


def _named_payer(made: Decision) -> str:
    payer = [f"payer {made.word('payer_name')}"] if made.word("payer_name") else []
    payer += [f"account {made.word('payer_account')}"] if made.word("payer_account") else []
    word = "took from" if made.body.get("is_alias") is False else "gave to"
    return f"{word} customer {made.customer_id} {' with '.join(payer)}"


def _proposed(made: Decision) -> str:
    sum_ = "" if made.amount is None else f" of {_sum(made)}"
    return f"proposed {made.word('kind').replace('_', ' ')}{sum_} for {made.word('reason')} of {_about(made)}"


def _withdrew(made: Decision) -> str:
    return f"withdrew {made.word('decision_id')}"


def _sum(made: Decision) -> str:
    return money(made.amount or 0, made.currency)


_DONE: Mapping[Act, Callable[[Decision], str]] = {
    Act.NOTE: _noted,
    Act.PROMISE: _promised,
    Act.DISPUTE: _disputed,
    Act.SETTLE: _settled,
    Act.APPLY: _applied,
    Act.REJECT: _rejected,
    Act.ALIAS: _named_payer,
    Act.PROPOSE: _proposed,
    Act.WITHDRAW: _withdrew,
}
