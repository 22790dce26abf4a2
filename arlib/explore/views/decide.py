"""Record what was decided about a customer: note, promise, dispute, settlement, proposal. Floor 5.

The form only gathers; whether a decision may stand, `arlib.run.casework` says, and what it says is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from arlib import money
from arlib.errors import ParameterError
from arlib.explore.views.forms import (
    Once,
    amount,
    button,
    choice_field,
    day_field,
    document_no,
    item_options,
    open_disputes,
    refill,
    text_field,
)
from arlib.explore.views.shell import Shell
from arlib.explore.views.style import marked, option
from arlib.run.casework import OTHER

if TYPE_CHECKING:
    import pandas as pd

    from arlib.explore.case import CustomerCase
    from arlib.run.casework import Casework, Recorded

KINDS = (
    ("Note, call or letter", "note"),
    ("Promise to pay", "promise"),
    ("Dispute", "dispute"),
    ("Settle a dispute", "settle"),
    ("Propose a credit memo, write-off …", "propose"),
)
NOTE_KINDS = (
    ("note", "note"),
    ("call", "call"),
    ("e-mail", "email"),
    ("letter", "letter"),
    ("escalation", "escalation"),
)
PROPOSALS = tuple((kind.replace("_", " "), kind) for kind in (
    "credit_memo", "write_off", "small_balance", "rebill", "rewrite", "tax_correction", "settlement", "plan", "refund",
))  # fmt: skip
NEEDS = {
    "note": ("note_kind", "item", "outcome", "due"),
    "promise": ("item", "currency", "amount", "due", "standing"),
    "dispute": ("item", "currency", "amount", "reason", "owner", "due"),
    "settle": ("dispute", "root_cause", "team"),
    "propose": ("proposal", "item", "currency", "amount", "reason", "evidence"),
}
BESIDE = "beside"  # what stands already: both stand, or it is the id of the one that is replaced
DUE_WORDS = {"note": "Next step on", "promise": "Pays by", "dispute": "Due on"}


class DecideView:
    """One form whose fields follow the kind of decision."""

    def __init__(self, shell: Shell) -> None:
        """Nothing can be recorded until a customer is shown."""
        self._shell = shell
        self._of = ("", "")
        self._seen: CustomerCase | None = None
        self._disputes: list[dict[str, str]] = []
        self._filled = ""  # amount that the form filled in, not the person
        self.kind = choice_field("What to record", "arlib-decide-kind", "Kind of decision", KINDS)
        self.kind.layout.width = "420px"
        self.fields: dict[str, Any] = {
            "note_kind": choice_field("As", "arlib-decide-note-kind", "What kind of touch it was", NOTE_KINDS),
            "item": choice_field("Document", "arlib-decide-item", "The open item it is about; or the whole account"),
            "dispute": choice_field("Dispute", "arlib-decide-dispute", "The dispute to settle"),
            "proposal": choice_field("Proposal", "arlib-decide-proposal", "What is asked for; somebody else approves", PROPOSALS),
            "currency": choice_field("Currency", "arlib-decide-currency", "Currency of the amount"),
            "amount": text_field("Amount", "arlib-decide-amount", "Like 1,234.56, in the currency beside it"),
            "reason": _suggesting("Reason", "arlib-decide-reason", "Reason code"),
            "owner": _suggesting("Owner", "arlib-decide-owner", "Who settles it: a person of policy or books, or a new name"),
            "due": day_field("Due on", "arlib-decide-due", "Day by which it is to happen"),
            "outcome": text_field("Outcome", "arlib-decide-outcome", "What came of it, in a word or two"),
            "standing": choice_field(
                "Promises that stand", "arlib-decide-standing", "Whether this promise is in place of one that stands"
            ),
            "root_cause": _suggesting("Root cause", "arlib-decide-root-cause", "What went wrong: a code, or 'other' with a text"),
            "team": choice_field("Team", "arlib-decide-team", "Where it went wrong"),
            "evidence": text_field("Evidence", "arlib-decide-evidence", "Document that supports it"),
        }  # fmt: skip
        self.text = text_field("Text", "arlib-decide-text", "In words; kept as written", area=True)
        self.press = button(
            "Record", "arlib-decide-record", "Record this decision in the store", is_main=True
        )
        self.once = Once(self.kind, self.text, *self.fields.values())
        self.kind.observe(lambda _: self._fit(), names="value")
        self.fields["item"].observe(lambda _: self._follow(), names="value")
        self.press.on_click(lambda _: self._record())
        self.box = widgets.VBox(
            [
                self.kind,
                marked(widgets.HBox(list(self.fields.values())), "arlib-wrap"),
                self.text,
                self.press,
                shell.stage.echo,
            ]
        )
        self._fit()

    def show(self, case: CustomerCase) -> None:
        """Offer this customer's documents, disputes and currencies; what is typed stays while the customer does."""
        self._seen = case
        if self._of != (case.entity, case.customer_id):
            self._of = (case.entity, case.customer_id)
            self._clear()
            self.once.is_done = False
        header = case.header
        codes = list(dict.fromkeys([*(b.currency for b in header.balances), header.books_currency]))
        with self.once:
            refill(
                self.fields["item"],
                [("the whole account", ""), *item_options(case, also=str(self.fields["item"].value or ""))],
            )
            refill(self.fields["currency"], [(code, code) for code in codes])
            self._disputes = open_disputes(case)
            refill(self.fields["dispute"], [("– choose –", ""), *(
                (option(f"{line['dispute_id']}: {line['document_no'] or 'account'}, {line['reason']}, {line['said']}", limit=110),
                 line["dispute_id"])
                for line in self._disputes
            )])  # fmt: skip
            known = case.known
            for name, words in (("reason", known.reasons), ("root_cause", known.root_causes)):
                self.fields[name].options = tuple(option(word) for word in sorted({*words, OTHER}))
            self.fields["owner"].options = tuple(option(name) for name in sorted(known.people))
            refill(self.fields["team"], [("–", ""), *(
                (option(team.replace("_", " ")), team) for team in sorted({*known.teams, OTHER})
            )])  # fmt: skip
            refill(self.fields["standing"], [("– choose –", ""), ("beside them: all stand", BESIDE), *(
                (option(f"in place of {one.sentence}", limit=110), one.promise_id) for one in known.promises
            )])  # fmt: skip
        self._fit()

    def choose_item(self, item_id: str) -> None:
        """Have the form speak of this item."""
        control = self.fields["item"]
        if self._seen is not None and item_id not in [value for _, value in control.options]:
            control.options = [("the whole account", ""), *item_options(self._seen, also=item_id)]
        if item_id in [value for _, value in control.options]:
            control.value = item_id

    def _fit(self) -> None:
        needed = NEEDS[self.kind.value]
        for name, control in self.fields.items():
            is_asked = name != "standing" or len(control.options) > 2  # only where a promise stands
            control.layout.display = "" if name in needed and is_asked else "none"
        self.fields["due"].description = DUE_WORDS.get(self.kind.value, "Due on")

    def _follow(self) -> None:
        """The currency is that of the document chosen; a promise is of all that is open of it, until an amount is typed."""
        if self._seen is None or not self.fields["item"].value:
            return
        rows = self._seen.open_items
        found = rows.loc[rows["item_id"].eq(self.fields["item"].value), "currency"]
        codes = [value for _, value in self.fields["currency"].options]
        if len(found) and found.iloc[0] in codes:
            self.fields["currency"].value = str(found.iloc[0])
        if self.kind.value == "promise" and self.fields["amount"].value in ("", self._filled):
            self._filled = _open_amount(rows, self.fields["item"].value)
            self.fields["amount"].value = self._filled

    def _record(self) -> None:
        if self._seen is None or self.once.is_done:
            return
        if not self.once.request_id:
            self._shell.stage.fault("Nothing is filled in yet.")
            return
        case, kind = self._seen, str(self.kind.value)
        controls = (self.press, self.kind, self.text, *self.fields.values())
        if self._shell.record("Recording", lambda casework: self._act(casework, case, kind), *controls):
            self._clear()

    def _act(self, casework: Casework, case: CustomerCase, kind: str) -> Recorded:
        values = {name: control.value for name, control in self.fields.items()}
        who: dict[str, Any] = {"entity": case.entity, "customer_id": case.customer_id}
        tail: dict[str, Any] = {"text": self.text.value, "request_id": self.once.request_id}
        if kind != "note":
            tail["known"] = case.known
        if kind != "settle":
            tail["document_no"] = document_no(case, values["item"])
        if kind == "note":
            return casework.note(
                **who,
                item_id=values["item"],
                kind=values["note_kind"],
                outcome=values["outcome"],
                next_on=values["due"],
                **tail,
            )
        if kind == "settle":
            line = next((each for each in self._disputes if each["dispute_id"] == values["dispute"]), None)
            if line is None:
                raise ParameterError("no dispute is chosen", fix="Choose the dispute that is settled.")
            return casework.settle_dispute(
                **who, dispute_id=line["dispute_id"], item_id=line["item_id"],
                root_cause=_meant(values["root_cause"], case.known.root_causes),
                team=values["team"], document_no=line["document_no"], seen=case.head, **tail,
            )  # fmt: skip
        money_of = {"currency": values["currency"], "amount": amount(values["amount"], values["currency"])}
        if kind == "promise":
            if values["due"] is None:
                raise ParameterError("no day is picked", fix="Pick the day by which the customer will pay.")
            is_beside = values["standing"] == BESIDE
            return casework.promise(
                **who, **money_of, item_id=values["item"], pay_by=values["due"], is_beside=is_beside,
                replaces="" if is_beside else values["standing"], **tail,
            )  # fmt: skip
        reason = _meant(values["reason"], case.known.reasons)
        if kind == "dispute":
            return casework.dispute(
                **who, **money_of, item_id=values["item"], reason=reason,
                owner=_meant(values["owner"], case.known.people), due_on=values["due"],
                seen=case.head, **tail,
            )  # fmt: skip
        return casework.propose(
            **who, **money_of, kind=values["proposal"], item_id=values["item"], reason=reason,
            evidence=values["evidence"], seen=case.head, **tail,
        )  # fmt: skip

    def _clear(self) -> None:
        with self.once:
            self.text.value = ""
            for name in ("amount", "reason", "owner", "outcome", "root_cause", "evidence"):
                self.fields[name].value = ""
            self.fields["due"].value = None
            self.fields["standing"].index = 0
            if self.fields["item"].options:
                self.fields["item"].index = 0
        self.once.recorded()


def _open_amount(rows: pd.DataFrame, item_id: str) -> str:
    """What is open of an item, as one types it; '' where nothing is owed."""
    mine = rows[rows["item_id"].eq(item_id)].head(1).to_dict("records")
    owed = int(mine[0]["outstanding"]) if mine else 0
    return money.shown(owed, str(mine[0]["currency"])) if owed > 0 else ""


def _meant(typed: str, known: Iterable[str]) -> str:
    """The word whose label was chosen from a list, else what was typed."""
    return next((word for word in sorted(known) if option(word) == typed), typed.strip())


def _suggesting(label: str, css: str, tooltip: str) -> widgets.Combobox:
    made = widgets.Combobox(
        description=label, tooltip=tooltip, ensure_option=False, style={"description_width": "initial"},
        layout=widgets.Layout(width="300px", max_width="100%"),
    )  # fmt: skip
    return marked(made, css)
