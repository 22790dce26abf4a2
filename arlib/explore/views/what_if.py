"""What if: tick items by hand, set parts by hand, and see at once what is left and why. Floor 5."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from arlib import money
from arlib.errors import ArError, ParameterError
from arlib.explore.views.forms import amount, button, choice_field, refill, text_field
from arlib.explore.views.shell import Shell
from arlib.explore.views.style import bullets, marked, option, paragraphs, sentence, table, text
from arlib.matching.by_hand.given import Given

if TYPE_CHECKING:
    from arlib.explore.case import ReceiptCase
    from arlib.matching.by_hand import WhatIf

LISTED = 12  # rows to tick at once, the likeliest first; the filter reaches every other document
KINDS = (
    ("discount", "discount"), ("tax", "tax"), ("freight", "freight"), ("bank charge", "charge"),
    ("exchange difference", "fx"), ("tolerance", "tolerance"), ("claim", "claim"),
)  # fmt: skip
WORDS = {kind: word for word, kind in KINDS}


class _Row:
    """One document to tick, with the amount set against it; an empty amount means all that is open."""

    def __init__(self, item: Mapping[Any, Any], changed: Callable[[Any], None]) -> None:
        self.item_id, self.currency = str(item["item_id"]), str(item["currency"])
        self.document_no = str(item["document_no"] or item["item_id"])
        owed = money.shown(int(item["open_amount"]), self.currency)
        due = "" if pd.isna(item["due_date"]) else f", due {item['due_date']:%Y-%m-%d}"
        is_lost = bool(item.get("is_written_off")) and not pd.isna(item["is_written_off"])
        lost = "<br><small>written off: a payment is a recovery</small>" if is_lost else ""
        state = "written off" if is_lost else "open"
        self.tick = marked(
            widgets.Checkbox(
                description=option(f"{self.document_no} ({item['customer_id']}){due}", limit=120), indent=False,
                tooltip=f"Does the receipt pay this document, {state} for {self.currency} {owed}?",
                layout=widgets.Layout(width="330px", max_width="100%"),
            ),
            "arlib-what-if-item",
        )  # fmt: skip
        shown = marked(
            widgets.HTML(f"{text(self.currency)} {text(owed)}{lost}", layout=widgets.Layout(width="150px")),
            "arlib-what-if-open",
        )
        self.cash = marked(
            widgets.Text(
                description="pays", placeholder="all that is open", layout=widgets.Layout(width="210px"), continuous_update=False,
                tooltip=f"Cash set against {option(self.document_no)}, like 1,234.56; empty for all that is open",
                style={"description_width": "initial"},
            ),
            "arlib-what-if-amount",
        )  # fmt: skip
        self.tick.observe(changed, names="value")
        self.cash.observe(changed, names="value")
        self.box = marked(widgets.HBox([self.tick, shown, self.cash]), "arlib-wrap", "arlib-what-if-row")

    @property
    def asked(self) -> int | None:
        """The cash set against it; None for all that is open."""
        said = self.cash.value.strip()
        return amount(said, self.currency) if said else None


class WhatIfView:
    """Rows to tick, parts to set, and the answer, which follows every change. `answer` is what could be applied."""

    def __init__(self, shell: Shell) -> None:
        """Empty until a receipt is shown."""
        self._shell = shell
        self._is_filling = False
        self._receipt: ReceiptCase | None = None
        self._receipt_id = ""
        self._items: dict[
            str, dict[Any, Any]
        ] = {}  # all that are open around the receipt, the likeliest first
        self._rows: dict[str, _Row] = {}  # those drawn so far; what is ticked stays in sight
        self._drawn: dict[str, _Row] = {}  # those in sight
        self._given: list[Given] = []
        self.answer: WhatIf | None = None
        self.changed: Callable[[], None] = lambda: None
        self.rows = widgets.VBox()
        self.more = marked(widgets.HTML(), "arlib-what-if-more")
        self.filter = text_field(
            "Find a document",
            "arlib-what-if-filter",
            "Part of a number, customer, amount or due date; what is ticked stays",
        )
        self.filter.observe(lambda _: self._arrange(), names="value")
        self.rate = text_field(
            "Rate", "arlib-what-if-rate", "Exchange rate agreed by hand; empty: the book's own"
        )
        self.rate.layout.width = "330px"
        self.rate.continuous_update = False
        self.rate.observe(self._changed, names="value")
        self.part_item = choice_field(
            "Part of", "arlib-what-if-part-item", "Document that the part belongs to"
        )
        self.part_kind = choice_field("is", "arlib-what-if-part-kind", "What the customer kept back", KINDS)
        self.part_amount = text_field(
            "of", "arlib-what-if-part-amount", "Like 12.50, in the document's currency"
        )
        self.part_amount.layout.width = "150px"
        self.part_code = text_field("code", "arlib-what-if-part-code", "Reason code, for a claim")
        self.part_code.layout.width = "150px"
        self.part_add = button("Set this part", "arlib-what-if-part-add", "Explain the difference by hand")
        self.part_add.on_click(lambda _: shell.stage.run("Setting the part", self._set_part, self.part_add))
        self.part_clear = button(
            "No parts by hand", "arlib-what-if-part-clear", "Let the engine explain the difference"
        )
        self.part_clear.on_click(
            lambda _: shell.stage.run("Clearing the parts", self._clear_parts, self.part_clear)
        )
        self.said = marked(widgets.HTML(), "arlib-what-if-said")
        parts = [
            self.part_item,
            self.part_kind,
            self.part_amount,
            self.part_code,
            self.part_add,
            self.part_clear,
        ]
        self.box = marked(
            widgets.VBox(
                [
                    widgets.HTML("<h3>What if</h3>Tick what the receipt pays; the difference follows."),
                    self.filter,
                    self.rows,
                    self.more,
                    self.rate,
                    widgets.HTML("<span class='arlib-quiet'>Explain the difference by hand:</span>"),
                    marked(widgets.HBox(parts), "arlib-wrap"),
                    self.said,
                ]
            ),
            "arlib-what-if",
        )

    @property
    def chosen(self) -> dict[str, int | None]:
        """What is ticked, with the cash set against it; None for all that is open."""
        return {row.item_id: row.asked for row in self._rows.values() if row.tick.value}

    @property
    def given(self) -> tuple[Given, ...]:
        """The parts that were set by hand."""
        return tuple(self._given)

    def tried(self) -> dict[str, Any]:
        """What is ticked and set by hand, as a case file keeps it; nothing when nothing is ticked."""
        chosen = self.chosen
        if not chosen:
            return {}
        return {
            "items": [
                {"item_id": key, "applied": "" if cash is None else money.format_minor(cash, self._rows[key].currency)}
                for key, cash in chosen.items()
            ],
            "parts": [
                {"item_id": part.item_id, "kind": part.kind, "code": part.code,
                 "amount": money.format_minor(part.amount, self._rows[part.item_id].currency)}
                for part in self._given
            ],
            **({"rate": self.named_rate} if self.named_rate else {}),
        }  # fmt: skip

    def restore(self, tried: Any) -> tuple[str, ...]:
        """Tick and set what a case file kept (`WhatIfChoice`); sentences on what is no longer open around the receipt."""
        kept = [each for each in tried.items if each.item_id in self._items]
        gone = [each.item_id for each in (*tried.items, *tried.parts) if each.item_id not in self._items]
        self._is_filling = True
        self.rate.value = tried.rate
        self._is_filling = False
        self._given = [
            Given(part.item_id, part.kind, amount(part.amount, self._currency(part.item_id)), part.code)
            for part in tried.parts
            if part.item_id in self._items
        ]
        self.tick({
            each.item_id: amount(each.applied, self._currency(each.item_id)) if each.applied else None for each in kept
        })  # fmt: skip
        return tuple(
            f"Item {item} of the what-if is not open around the receipt now, so it is not ticked."
            for item in dict.fromkeys(gone)
        )

    def reset(self) -> None:
        """Forget the receipt with all that was ticked and set for it."""
        self._receipt, self._receipt_id, self.answer = None, "", None
        self._items, self._rows, self._drawn, self._given = {}, {}, {}, []
        self._is_filling = True
        self.filter.value = self.rate.value = self.part_amount.value = self.part_code.value = ""
        self._is_filling = False
        self.rows.children, self.said.value = (), ""
        self.box.layout.display = "none"

    def show(self, receipt: ReceiptCase, receipt_id: str, candidates: pd.DataFrame) -> None:
        """Offer the items around this receipt: those proposed first, then the oldest due. Without a receipt nothing."""
        self._receipt, self._receipt_id = receipt, receipt_id
        self._given, self.answer = [], None
        self.box.layout.display = "" if receipt_id else "none"
        if not receipt_id:
            return
        self._items = {str(item["item_id"]): item for item in _likeliest_first(receipt, candidates)}
        self._rows = {}
        self._is_filling = True
        self.filter.value, self.rate.value = "", ""
        self._is_filling = False
        self.filter.layout.display = "" if len(self._items) > LISTED else "none"
        self._arrange()
        self._answer()

    @property
    def named_rate(self) -> str:
        """The exchange rate set by hand, where one is asked for; '' for the book's own."""
        return str(self.rate.value).strip() if self.rate.layout.display == "" else ""

    def document_numbers(self) -> dict[str, str]:
        """Numbers that people know the documents around the receipt by, by item."""
        return {key: _given(item["document_no"]) for key, item in self._items.items()}

    def _currency(self, item_id: str) -> str:
        return str(self._items[item_id]["currency"])

    def tick(self, chosen: Mapping[str, int | None]) -> None:
        """Tick these items with these amounts, and no others."""
        self._is_filling = True
        try:
            for item_id in chosen:
                self._row(item_id)
            for item_id, row in self._rows.items():
                row.tick.value = item_id in chosen
                cash = chosen.get(item_id)
                row.cash.value = "" if cash is None else money.shown(cash, row.currency)
        finally:
            self._is_filling = False
        self.changed()
        self._arrange()
        self._answer()

    def _row(self, item_id: str) -> _Row:
        if item_id not in self._rows:
            self._rows[item_id] = _Row(self._items[item_id], self._changed)
        return self._rows[item_id]

    def _arrange(self) -> None:
        """Draw what is ticked, and of the rest the likeliest that the filter leaves."""
        wanted = str(self.filter.value).casefold().split()
        ticked = [key for key, row in self._rows.items() if row.tick.value]
        others = [
            key for key, item in self._items.items()
            if key not in ticked and (not wanted or _is_found(item, wanted))
        ]  # fmt: skip
        seen = set(ticked) | set(others[: max(LISTED - len(ticked), 0) if not wanted else LISTED])
        self._drawn = {key: self._row(key) for key in self._items if key in seen}
        self.rows.children = [row.box for row in self._drawn.values()]
        left = len(self._items) - len(self._drawn)
        self.more.value = f"<span class='arlib-quiet'>{_more(left, bool(wanted))}</span>" if left else ""
        refill(
            self.part_item,
            [
                ("– choose –", ""),
                *(
                    (option(row.document_no) + f"  [{n}]", key)
                    for n, (key, row) in enumerate(self._drawn.items(), 1)
                ),
            ],
        )

    def _changed(self, _: dict[str, Any]) -> None:
        if not self._is_filling:
            self.changed()
            self._shell.stage.run("Working it out", self._answer_anew)

    def _answer_anew(self) -> None:
        self._shell.stage.clear()
        self._answer()

    def _answer(self) -> None:
        """Ask what follows from what is ticked, and show it."""
        assert self._receipt is not None
        self.answer = None
        try:
            chosen = self.chosen
        except ArError as fault:
            self.said.value = f"<div role='status'><strong>✗</strong> {text(fault)}</div>"
            return
        self._ask_rate(chosen)
        self.answer = self._receipt.what_if(chosen, given=self.given, rate=self.named_rate)
        self.said.value = said(self.answer)

    def _ask_rate(self, chosen: Mapping[str, int | None]) -> None:
        """Ask for an exchange rate only where what is ticked is in another currency than the receipt."""
        assert self._receipt is not None
        paid = self._receipt.proposals.currency
        others = sorted({self._currency(item_id) for item_id in chosen} - {paid}) if paid else []
        self.rate.layout.display = "" if others else "none"
        if others:
            self.rate.description = option(f"Rate, {others[0]} for 1 {paid}")
            self.rate.placeholder = "the book's own"

    def _set_part(self) -> None:
        item_id = self.part_item.value
        if not item_id:
            raise ParameterError("no document is chosen", fix="Choose the document that the part belongs to.")
        cash = amount(self.part_amount.value, self._rows[item_id].currency)
        self._given.append(Given(item_id, self.part_kind.value, cash, self.part_code.value.strip()))
        self.part_amount.value = ""
        self.changed()
        self._answer_anew()

    def _clear_parts(self) -> None:
        self._given = []
        self.changed()
        self._answer_anew()


def _likeliest_first(receipt: ReceiptCase, candidates: pd.DataFrame) -> list[dict[Any, Any]]:
    """Open items around a receipt: of the proposal, of runners-up, of its amount, of the likeliest payer, oldest due."""
    around, paid = receipt.around, receipt.proposals.currency
    named = {item: place for place, item in enumerate(dict.fromkeys(candidates["item_id"].tolist()))}
    payers = {code: place for place, code in enumerate(around.customers)}

    def likelihood(item: dict[Any, Any]) -> tuple[Any, ...]:
        due = "9" if pd.isna(item["due_date"]) else f"{item['due_date']:%Y-%m-%d}"
        return (
            named.get(item["item_id"], len(named)), item["open_amount"] != receipt.proposals.amount,
            payers.get(item["customer_id"], len(payers)), item["currency"] != paid, due, str(item["document_no"]),
        )  # fmt: skip

    return sorted(around.items.to_dict("records"), key=likelihood)


def _is_found(item: Mapping[Any, Any], wanted: Sequence[str]) -> bool:
    """Whether all words that were typed stand in what a row says."""
    owed = money.shown(int(item["open_amount"]), str(item["currency"]))
    due = "" if pd.isna(item["due_date"]) else f"{item['due_date']:%Y-%m-%d}"
    parts = (
        item["document_no"],
        item["item_id"],
        item["customer_id"],
        item["currency"],
        owed,
        owed.replace(",", ""),
        due,
    )
    told = " ".join(str(part) for part in parts if not pd.isna(part)).casefold()
    return all(word in told for word in wanted)


def _more(left: int, is_filtered: bool) -> str:
    what = "1 open document is" if left == 1 else f"{left:,} open documents are"
    return f"{what} not shown{'' if is_filtered else ': find it above by number, amount or due date'}."


def said(answer: WhatIf) -> str:
    """The answer in words and figures: what was paid, what was chosen, the difference and its parts."""
    worth = f" = {_of(answer.worth, answer.currency)}" if answer.currency != answer.receipt_currency else ""
    if not answer.currency:
        rows = [("Receipt", _of(answer.cash, answer.receipt_currency))]
        told = [*answer.sentences, *answer.faults]
        drawn = table(("What", "Amount"), rows, right=(1,))
        return f"<div role='status' data-difference=''>{drawn}{bullets(map(sentence, dict.fromkeys(told)))}</div>"
    rows = [
        ("Receipt", _of(answer.cash, answer.receipt_currency) + worth),
        ("Chosen", _of(answer.chosen, answer.currency)),
        ("Difference", _of(answer.difference, answer.currency)),
        *(
            (_part(part), _of(part["amount"], str(part["currency"])))
            for part in answer.parts.to_dict("records")
            if part["kind"] in WORDS  # what is not explained has a line of its own
        ),
        ("Not explained: stays open", _of(answer.rest, answer.currency)),
        ("Left of the receipt", _of(answer.unapplied, answer.receipt_currency)),
    ]  # fmt: skip
    can = "✓ This can be applied." if answer.can_apply else "✗ This cannot be applied as it stands."
    return (
        f"<div role='status' data-difference='{int(answer.difference)}'>{table(('What', 'Amount'), rows, right=(1,))}"
        f"{paragraphs(map(sentence, answer.sentences))}<strong>{can}</strong>{bullets(map(sentence, answer.faults))}</div>"
    )


def _part(part: Mapping[Any, Any]) -> str:
    code = f" ({part['code']})" if _given(part["code"]) else ""
    return f"of it {WORDS[part['kind']]}{code}{', set by hand' if part['said_by'] == 'person' else ''}"


def _of(minor: Any, currency: str) -> str:
    if pd.isna(minor):
        return "–"
    return f"{currency} {money.shown(int(minor), currency)}" if money.is_currency(currency) else str(minor)


def _given(value: Any) -> str:
    return "" if value is None or value != value else str(value)
