"""What if: tick items by hand, set parts by hand, and see at once what is left and why. Floor 5."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from arlib import money
from arlib.errors import ArError, ParameterError
from arlib.explore.views.forms import amount, button, choice_field, refill, text_field
from arlib.explore.views.shell import Shell
from arlib.explore.views.style import bullets, marked, option, paragraphs, table, text
from arlib.matching.by_hand.given import Given

if TYPE_CHECKING:
    from arlib.explore.case import ReceiptCase
    from arlib.matching.by_hand import WhatIf

LISTED = 40  # rows to tick; any other document is added by its number
KINDS = (
    ("discount", "discount"), ("tax", "tax"), ("freight", "freight"), ("bank charge", "charge"),
    ("exchange difference", "fx"), ("tolerance", "tolerance"), ("claim", "claim"),
)  # fmt: skip


class _Row:
    """One document to tick, with the amount set against it; an empty amount means all that is open."""

    def __init__(self, item: Mapping[Any, Any], changed: Callable[[Any], None]) -> None:
        self.item_id, self.currency = str(item["item_id"]), str(item["currency"])
        self.document_no = str(item["document_no"] or item["item_id"])
        owed = money.shown(int(item["open_amount"]), self.currency)
        due = "" if pd.isna(item["due_date"]) else f", due {item['due_date']:%Y-%m-%d}"
        self.tick = marked(
            widgets.Checkbox(
                description=option(f"{self.document_no} ({item['customer_id']}): {self.currency} {owed} open{due}", limit=120),
                indent=False, tooltip="Does the receipt pay this document?", layout=widgets.Layout(width="470px", max_width="100%"),
            ),
            "arlib-what-if-item",
        )  # fmt: skip
        self.cash = marked(
            widgets.Text(
                description="cash", placeholder="all that is open", layout=widgets.Layout(width="230px"), continuous_update=False,
                tooltip=f"Cash set against {option(self.document_no)}, like 1,234.56; empty for all that is open",
                style={"description_width": "initial"},
            ),
            "arlib-what-if-amount",
        )  # fmt: skip
        self.tick.observe(changed, names="value")
        self.cash.observe(changed, names="value")
        self.box = marked(widgets.HBox([self.tick, self.cash]), "arlib-wrap")

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
        self._rows: dict[str, _Row] = {}
        self._given: list[Given] = []
        self.answer: WhatIf | None = None
        self.changed: Callable[[], None] = lambda: None
        self.rows = widgets.VBox()
        self.more = marked(widgets.HTML(), "arlib-what-if-more")
        self.add = text_field(
            "Add a document", "arlib-what-if-add", "Number of any other open document; Enter adds it"
        )
        self.add.on_msg(self._entered)
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
                    self.rows,
                    self.more,
                    self.add,
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
        }  # fmt: skip

    def show(self, receipt: ReceiptCase, receipt_id: str, candidates: pd.DataFrame) -> None:
        """Offer the items around this receipt: those proposed first, then the oldest due. Without a receipt nothing."""
        self._receipt, self._receipt_id = receipt, receipt_id
        self._given, self.answer = [], None
        self.box.layout.display = "" if receipt_id else "none"
        if not receipt_id:
            return
        items = receipt.around.inputs.items.sort_values(["due_date", "document_no"])
        named = list(dict.fromkeys(candidates["item_id"].tolist()))
        first = items[items["item_id"].isin(named)]
        kept = pd.concat([first, items[~items["item_id"].isin(named)]]).head(max(LISTED, len(first)))
        self._rows = {str(item["item_id"]): _Row(item, self._changed) for item in kept.to_dict("records")}
        left = len(items) - len(kept)
        self.more.value = (
            f"<span class='arlib-quiet'>{left:,} more open documents: add one by its number.</span>"
            if left
            else ""
        )
        self.add.layout.display = "" if left else "none"
        self._arrange()
        self._answer()

    def tick(self, chosen: Mapping[str, int | None]) -> None:
        """Tick these items with these amounts, and no others."""
        self._is_filling = True
        try:
            for item_id in chosen:
                if item_id not in self._rows:
                    self._put(item_id)
            for item_id, row in self._rows.items():
                row.tick.value = item_id in chosen
                cash = chosen.get(item_id)
                row.cash.value = "" if cash is None else money.shown(cash, row.currency)
        finally:
            self._is_filling = False
        self.changed()
        self._answer()

    def _arrange(self) -> None:
        self.rows.children = [row.box for row in self._rows.values()]
        refill(
            self.part_item,
            [
                ("– choose –", ""),
                *(
                    (option(row.document_no) + f"  [{n}]", key)
                    for n, (key, row) in enumerate(self._rows.items(), 1)
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
        self.answer = self._receipt.what_if(chosen, given=self.given)
        self.said.value = said(self.answer)

    def _entered(self, _: object, content: dict[str, Any], buffers: object) -> None:
        if content.get("event") == "submit":
            self._shell.stage.run("Adding the document", self._add, self.add)

    def _add(self) -> None:
        assert self._receipt is not None
        wanted = self.add.value.strip()
        items = self._receipt.around.inputs.items
        found = items.loc[items["document_no"].eq(wanted) | items["item_id"].eq(wanted), "item_id"].tolist()
        if not found:
            raise ParameterError("no open document of that number around this receipt", found=wanted)
        for item_id in found:
            self._put(str(item_id))
        self.add.value = ""

    def _put(self, item_id: str) -> None:
        assert self._receipt is not None
        items = self._receipt.around.inputs.items
        for item in items[items["item_id"].eq(item_id)].head(1).to_dict("records"):
            self._rows.setdefault(item_id, _Row(item, self._changed))
        self._arrange()

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


def said(answer: WhatIf) -> str:
    """The answer in words and figures: what was paid, what was chosen, the difference and its parts."""
    worth = f" = {_of(answer.worth, answer.currency)}" if answer.currency != answer.receipt_currency else ""
    if not answer.currency:
        rows = [("Receipt", _of(answer.cash, answer.receipt_currency))]
        return f"<div role='status' data-difference=''>{table(('What', 'Amount'), rows, right=(1,))}{bullets(answer.faults)}</div>"
    rows = [
        ("Receipt", _of(answer.cash, answer.receipt_currency) + worth),
        ("Chosen", _of(answer.chosen, answer.currency)),
        ("Difference", _of(answer.difference, answer.currency)),
        *(
            (f"of it {part['kind']}{f' ({code})' if (code := _given(part['code']) or _given(part['reason'])) else ''}",
             _of(part["amount"], str(part["currency"])))
            for part in answer.parts.to_dict("records")
        ),
        ("Not explained: stays open", _of(answer.rest, answer.currency)),
        ("Left of the receipt", _of(answer.unapplied, answer.receipt_currency)),
    ]  # fmt: skip
    can = "✓ This can be applied." if answer.can_apply else "✗ This cannot be applied as it stands."
    return (
        f"<div role='status' data-difference='{int(answer.difference)}'>{table(('What', 'Amount'), rows, right=(1,))}"
        f"{paragraphs(answer.sentences)}<strong>{can}</strong>{bullets(answer.faults)}</div>"
    )


def _of(minor: Any, currency: str) -> str:
    if pd.isna(minor):
        return "–"
    return f"{currency} {money.shown(int(minor), currency)}" if money.is_currency(currency) else str(minor)


def _given(value: Any) -> str:
    return "" if value is None or value != value else str(value)
