"""Investigate a receipt or an open item: what the engine proposes, what if, what combination explains it. Floor 5."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from arlib.errors import ParameterError
from arlib.explore.views.forms import LISTED, Once, button, choice_field, refill, text_field
from arlib.explore.views.matched import OF_RECEIPT, amount_of, day_of, payers, said_of, sides
from arlib.explore.views.shell import Shell
from arlib.explore.views.style import facts, marked, option, paragraphs, sentence, table, text
from arlib.explore.views.what_if import WhatIfView
from arlib.run.casework import AppliedLine

if TYPE_CHECKING:
    from arlib.explore.case import CustomerCase, ReceiptCase


class ReceiptView:
    """One receipt at a time; an open item is asked first which receipts may pay it."""

    def __init__(self, shell: Shell) -> None:
        """Nothing to investigate until a customer is shown."""
        self._shell = shell
        self._of = ("", "")
        self._is_filling = False
        self._case: CustomerCase | None = None
        self._receipt: ReceiptCase | None = None
        self._receipt_id = ""
        self._ways: dict[int, dict[str, int | None]] = {}
        self.pick = choice_field("Receipt or open item", "arlib-receipt-pick", "What to investigate")
        self.pick.layout.width = "620px"
        self.pick.observe(self._picked, names="value")
        self.facts = marked(widgets.HTML(), "arlib-receipt-facts")
        self.proposals = marked(widgets.HTML(), "arlib-proposals")
        self.take = [
            button("Take the proposal", "arlib-take-proposal", "Tick below what the proposal says"),
            button("Take the runner-up", "arlib-take-runner-up", "Tick below what the runner-up says"),
        ]
        for rank, press in enumerate(self.take, 1):
            press.on_click(lambda _, rank=rank: self._taken(rank))
        self.what_if = WhatIfView(shell)
        self.solve = button(
            "Solve for a combination", "arlib-solve", "Which open items add up to the receipt?"
        )
        self.solve.on_click(lambda _: self._solve())
        self.solved = marked(widgets.HTML(), "arlib-solutions-said")
        self.ways = choice_field(
            "Take a combination", "arlib-solutions", "Tick the items of one of them", [("–", None)]
        )
        self.ways.layout.display = "none"
        self.ways.observe(self._way, names="value")
        self.apply = button(
            "Apply what is ticked", "arlib-apply", "Record the application as decided", is_main=True
        )
        self.apply.on_click(lambda _: self._apply())
        self.why = text_field("Why not", "arlib-reject-why", "Why the proposal is wrong")
        self.reject = button("Reject the proposal", "arlib-reject", "The engine will not propose it again")
        self.reject.on_click(lambda _: self._reject())
        self.alias_customer = choice_field(
            "Payer is", "arlib-alias-customer", "Customer that this payer belongs to"
        )
        self.alias_name = text_field("Payer's name", "arlib-alias-name", "As the bank gives it")
        self.alias_account = text_field("or account", "arlib-alias-account", "Account that it comes from")
        self.alias = button("Record the alias", "arlib-alias", "The engine will know this payer from now on")
        self.alias.on_click(lambda _: self._alias())
        self.once = Once(self.pick, self.ways)
        self.once_reject = Once(self.pick, self.why)
        self.once_alias = Once(self.pick, self.alias_customer, self.alias_name, self.alias_account)
        self.what_if.changed = self.once.begin
        self.work = widgets.VBox(
            [
                self.facts,
                self.proposals,
                marked(widgets.HBox([*self.take, self.solve, self.ways]), "arlib-wrap"),
                self.solved,
                self.what_if.box,
                marked(widgets.HBox([self.apply, self.why, self.reject]), "arlib-wrap"),
                widgets.HTML("<h3>Whose payer it is</h3>"),
                marked(
                    widgets.HBox([self.alias_customer, self.alias_name, self.alias_account, self.alias]),
                    "arlib-wrap",
                ),
            ]
        )
        self.work.layout.display = "none"
        self.box = widgets.VBox([self.pick, self.work, shell.stage.echo])

    def show(self, case: CustomerCase) -> None:
        """Offer this customer's receipts and open items; the one on show stays there, read anew."""
        same = self._of == (case.entity, case.customer_id)
        self._case, self._of = case, (case.entity, case.customer_id)
        was = self.pick.value if same else None
        self._is_filling = True
        self.pick.options = [("– choose –", None), *_targets(case)]
        self.pick.value = was if was in [value for _, value in self.pick.options] else None
        self._is_filling = False
        self._load()

    def reset(self) -> None:
        """Forget what was picked, ticked, solved and typed: it was another customer's."""
        self._case = self._receipt = None
        self._of, self._receipt_id = ("", ""), ""
        self._is_filling = True
        self.pick.options = [("– choose –", None)]
        self.pick.value = None
        self._is_filling = False
        self._show_ways(None)
        self.what_if.reset()
        self.why.value = self.alias_name.value = self.alias_account.value = ""
        self.facts.value = self.proposals.value = ""
        self.work.layout.display = "none"

    def choose(self, kind: str, document: str) -> None:
        """Investigate this receipt or open item of the customer on show; `kind` is receipt or item."""
        wanted = (kind, document)
        if wanted not in [value for _, value in self.pick.options]:
            self._is_filling = True
            self.pick.options = [*self.pick.options, (option(f"{kind} {document}"), wanted)]
            self._is_filling = False
        self.pick.value = wanted

    def _picked(self, change: dict[str, Any]) -> None:
        if not self._is_filling:
            self._shell.stage.run("Matching", self._load, self.pick)

    def _load(self) -> None:
        """Ask the engine about what is picked."""
        self.work.layout.display = "none"
        if self._case is None or self.pick.value is None:
            return
        kind, document = self.pick.value
        receipt = self._case.receipt(document) if kind == "receipt" else self._case.item(document)
        self._receipt = receipt
        found = receipt.proposals
        self._receipt_id = document if kind == "receipt" else ""
        self.facts.value = self._facts(found)
        self.proposals.value = sides(found.candidates, self._receipt_id, said=found.held_because)
        ranks = set(found.candidates["rank"].tolist())
        for rank, press in enumerate(self.take, 1):
            press.disabled = rank not in ranks or not self._receipt_id
        self._show_ways(None)
        can_be_placed = bool(self._receipt_id) and not receipt.around.faults
        for control in (*self.take, self.solve, self.apply, self.reject, self.why):
            control.layout.display = "" if can_be_placed else "none"
        self.what_if.show(receipt, self._receipt_id if can_be_placed else "", found.candidates)
        with self.once_alias:
            self._show_payer(found)
        self.work.layout.display = ""

    def _facts(self, found: Any) -> str:
        assert self._receipt is not None
        around = self._receipt.around
        lines = [*around.faults] or [found.sentence]
        if found.held_because not in lines[-1]:
            lines.append(found.held_because)
        lines.append(around.sentence)
        told = dict.fromkeys(sentence(line) for line in lines if line)
        return f"{self._own_facts()}<h3>What the matching says</h3>{paragraphs(told)}{payers(found.payers)}"

    def _own_facts(self) -> str:
        """The receipt as the bank gave it."""
        assert self._case is not None
        rows = self._case.receipts
        mine = rows[rows["receipt_id"].eq(self._receipt_id)].head(1)
        used = self._case.recorded_since.used_of(self._receipt_id)
        mine = mine.assign(open_amount=mine["open_amount"] - used)
        told = [
            (
                heading,
                said_of(row, name),
                "after what was recorded at the desk" if used and name == "open_amount" else "",
            )
            for row in mine.to_dict("records")
            for name, heading in OF_RECEIPT
        ]
        return facts([line for line in told if line[1]])

    @property
    def _receipt_no(self) -> str:
        assert self._case is not None
        rows = self._case.receipts
        mine = rows.loc[rows["receipt_id"].eq(self._receipt_id), "document_no"]
        return "" if mine.empty or pd.isna(mine.iloc[0]) else str(mine.iloc[0])

    def _show_payer(self, found: Any) -> None:
        assert self._case is not None
        rows = self._case.receipts
        mine = rows[rows["receipt_id"].eq(self._receipt_id)]
        payers = dict.fromkeys([*found.payers["customer_id"].tolist(), self._case.customer_id])
        refill(self.alias_customer, [(option(code), code) for code in payers if code])
        name = mine["payer_name"].iloc[0] if len(mine) else ""
        self.alias_name.value = "" if pd.isna(name) else option(name, limit=200)
        account = mine["payer_account"].iloc[0] if len(mine) else ""
        self.alias_account.value, self.alias_account.placeholder = (
            "",
            "" if pd.isna(account) else option(account),
        )

    def _taken(self, rank: int) -> None:
        assert self._receipt is not None
        rows = self._receipt.proposals.candidates
        rows = rows[rows["rank"].eq(rank)]
        chosen = {str(row["item_id"]): int(row["applied_amount"]) for row in rows.to_dict("records")}
        self._shell.stage.run("Taking it", lambda: self._tick(chosen), *self.take)

    def _tick(self, chosen: Mapping[str, int | None]) -> None:
        self._shell.stage.clear()
        self.what_if.tick(chosen)

    def _solve(self) -> None:
        def solve() -> None:
            assert self._receipt is not None
            self._shell.stage.clear()
            self._show_ways(self._receipt.combinations())

        self._shell.stage.run("Looking for combinations", solve, self.solve)

    def _show_ways(self, found: Any) -> None:
        """Show all explanations that were found, side by side: numbers are no ranks."""
        self._ways = {}
        self.solved.value = ""
        if found is not None:
            shown = []
            for way, rows in found.ways.groupby("way", sort=True):
                lines = rows.to_dict("records")
                self._ways[int(str(way))] = {str(row["item_id"]): None for row in lines}
                shown.append(
                    f"<div><strong>Combination {int(str(way))}</strong>"
                    + table(
                        ("Document", "Customer", "Due", "Open"),
                        [
                            (
                                row["document_no"],
                                row["customer_id"],
                                day_of(row["due_date"]),
                                amount_of(row, "open_amount"),
                            )
                            for row in lines
                        ],
                        right=(3,),
                    )
                    + f"<div class='arlib-quiet'>Difference {text(amount_of(lines[0], 'difference'))}</div></div>"
                )
            word = found.status.replace("_", " ")
            self.solved.value = (
                f"<div role='status'><h3>Combinations: {text(word)}</h3>{paragraphs([sentence(found.sentence)])}"
                f"<div class='arlib-sides'>{''.join(shown)}</div></div>"
            )
        self._is_filling = True
        with self.once:
            self.ways.options = [("– choose –", None), *((f"Combination {way}", way) for way in self._ways)]
            self.ways.value = None
        self._is_filling = False
        self.ways.layout.display = "" if self._ways else "none"

    def _way(self, change: dict[str, Any]) -> None:
        if change["new"] is not None and not self._is_filling:
            self._shell.stage.run("Taking it", lambda: self._tick(self._ways[change["new"]]))

    def _apply(self) -> None:
        if self._case is None or not self._receipt_id or self.once.is_done:
            return
        case, receipt_id, answer = self._case, self._receipt_id, self.what_if.answer

        def act(casework: Any) -> Any:
            if answer is None or not answer.can_apply:
                said = " ".join(answer.faults) if answer else ""
                raise ParameterError(
                    f"what is ticked cannot be applied. {said}".strip(),
                    fix="Tick the items that the receipt pays.",
                )
            return casework.apply(
                entity=case.entity, receipt_id=receipt_id, customer_id=case.customer_id,
                lines=[AppliedLine(**asdict(line)) for line in answer.lines], seen=case.head,
                open_amounts=answer.open_amounts, receipt_open=answer.receipt_open, request_id=_request(self.once),
                documents=self.what_if.document_numbers(), receipt_no=self._receipt_no,
            )  # fmt: skip

        if self._shell.record("Recording the application", act, self.apply, self.reject, self.alias):
            self.once.recorded()

    def _reject(self) -> None:
        if self._case is None or self._receipt is None or self.once_reject.is_done:
            return
        case, receipt_id = self._case, self._receipt_id
        rows = self._receipt.proposals.candidates
        items = rows.loc[rows["rank"].eq(1) & rows["role"].eq("proposal"), "item_id"].tolist()

        def act(casework: Any) -> Any:
            if not items:
                raise ParameterError("nothing is proposed for this receipt, so nothing can be rejected")
            return casework.reject(
                entity=case.entity, receipt_id=receipt_id, customer_id=case.customer_id, item_ids=items,
                why=self.why.value, seen=case.head, request_id=_request(self.once_reject),
                documents=self.what_if.document_numbers(), receipt_no=self._receipt_no,
            )  # fmt: skip

        if self._shell.record("Recording the rejection", act, self.apply, self.reject, self.alias):
            with self.once_reject:
                self.why.value = ""
            self.once_reject.recorded()

    def _alias(self) -> None:
        if self._case is None or self.once_alias.is_done:
            return
        case = self._case

        def act(casework: Any) -> Any:
            return casework.alias(
                entity=case.entity, customer_id=self.alias_customer.value or case.customer_id,
                payer_name=self.alias_name.value.strip(), payer_account=self.alias_account.value.strip(),
                receipt_id=self._receipt_id, seen=case.head, request_id=_request(self.once_alias),
            )  # fmt: skip

        if self._shell.record("Recording the alias", act, self.apply, self.reject, self.alias):
            self.once_alias.recorded()


def _request(once: Once) -> str:
    if not once.request_id:
        once.begin()
    return once.request_id


def _targets(case: CustomerCase) -> list[tuple[str, tuple[str, str]]]:
    """Receipts, those with money left first, then open items; numbered, for two may read alike."""
    receipts = case.receipts
    receipts = receipts[receipts["receipt_id"].notna() & receipts["receipt_id"].ne("")]
    recorded = case.recorded_since
    used = [recorded.used_of(code) for code in receipts["receipt_id"]]
    receipts = receipts.assign(used=pd.array(used, dtype="Int64"))
    is_open = receipts["open_amount"].fillna(0).ne(receipts["used"])
    made: list[tuple[str, tuple[str, str]]] = []
    for row in pd.concat([receipts[is_open], receipts[~is_open]]).head(LISTED).to_dict("records"):
        left = _left(row)
        made.append(
            (
                f"Receipt {row['document_no']} of {day_of(row['received_on'])}: {amount_of(row, 'amount')}{left}",
                ("receipt", str(row["receipt_id"])),
            )
        )
    seen = set()
    for row in case.open_items.head(LISTED).to_dict("records"):
        if row["outstanding"] > 0 and row["item_id"] not in seen:
            seen.add(row["item_id"])
            made.append(
                (
                    f"Open item {row['document_no']}: {amount_of(row, 'outstanding')} open",
                    ("item", str(row["item_id"])),
                )
            )
    return [(f"{option(label, limit=110)}  [{place}]", value) for place, (label, value) in enumerate(made, 1)]


def _left(row: Mapping[Any, Any]) -> str:
    """What is left of a receipt, with what was decided and is not booked yet taken off."""
    if pd.isna(row["open_amount"]):
        return ""
    left = {"currency": row["currency"], "left": row["open_amount"] - row["used"]}
    said = f", {amount_of(left, 'left')} left" if left["left"] else ", applied"
    return f"{said} (recorded at the desk)" if row["used"] else said
