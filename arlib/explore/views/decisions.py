"""What was decided about the customer, by whom and when; withdrawing it; what I decided lately. Floor 5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from arlib.errors import ParameterError
from arlib.explore.views.forms import Once, button, choice_field, refill, text_field
from arlib.explore.views.grid import Grid
from arlib.explore.views.shell import Shell
from arlib.explore.views.shown import shown
from arlib.explore.views.style import marked, option
from arlib.run.casework import DECISIONS

if TYPE_CHECKING:
    from arlib.explore.case import CustomerCase

COLUMNS = ("decision_id", "at", "by", "kind", "sentence", "text", "standing", "ended_by")
MINE = ("decision_id", "at", "entity", "customer_id", "kind", "sentence", "standing")


class DecisionsView:
    """The record, newest first. A decision is never changed: one that withdraws it says that it no longer holds."""

    def __init__(self, shell: Shell) -> None:
        """Empty until a customer is shown."""
        self._shell = shell
        self._seen: CustomerCase | None = None
        self._mine = DECISIONS.empty()
        self.grid = Grid("Decisions about this customer, newest first", "arlib-decisions",
                         empty="Nobody decided anything about this customer yet.")  # fmt: skip
        self.pick = choice_field("Withdraw", "arlib-decision-pick", "A decision that stands")
        self.why = text_field("Why", "arlib-withdraw-why", "Why it no longer holds; required")
        self.press = button("Withdraw it", "arlib-withdraw", "Record that the decision no longer holds")
        self.press.on_click(lambda _: self._withdraw())
        self.once = Once(self.pick, self.why)
        self.mine = Grid(f"Recently decided by {option(shell.desk.actor.name)}", "arlib-decided-by-me",
                         empty="Nothing yet.", picked=self._opened)  # fmt: skip
        self.box = widgets.VBox(
            [
                self.grid.box,
                marked(widgets.HBox([self.pick, self.why, self.press]), "arlib-wrap"),
                shell.stage.echo,
                self.mine.box,
            ]
        )

    def show(self, case: CustomerCase) -> None:
        """Show what was decided about this customer, and what I decided anywhere."""
        self._seen = case
        rows = case.decisions.iloc[::-1].reset_index(drop=True)
        self.grid.show(shown(rows, DECISIONS, columns=COLUMNS))
        standing = rows[rows["standing"].eq("stands") & rows["kind"].ne("withdraw")]
        with self.once:
            refill(self.pick, [("– choose –", ""), *(
                (option(f"{row['decision_id']}: {row['sentence']}", limit=110), str(row["decision_id"]))
                for row in standing.head(200).to_dict("records")
            )])  # fmt: skip
        self._mine = self._shell.desk.recently().reset_index(drop=True)
        self.mine.show(shown(self._mine, DECISIONS, columns=MINE))

    def reset(self) -> None:
        """Forget what was to be withdrawn, and why."""
        self._seen = None
        with self.once:
            self.pick.options = [("– choose –", "")]
            self.pick.value = self.why.value = ""

    def _withdraw(self) -> None:
        if self._seen is None:
            return
        case = self._seen

        def act(casework: Any) -> Any:
            if not self.pick.value:
                raise ParameterError("no decision is chosen", fix="Choose the decision that no longer holds.")
            return casework.withdraw(
                decision_id=self.pick.value,
                why=self.why.value,
                seen=case.head,
                request_id=self.once.request_id,
            )

        if self._shell.record("Withdrawing", act, self.press, self.pick, self.why):
            with self.once:
                self.why.value = ""
            self.once.recorded()

    def _opened(self, row: int) -> None:
        decided = self._mine.iloc[row]
        if not pd.isna(decided["customer_id"]) and decided["customer_id"]:
            self._shell.stage.run(
                "Opening", lambda: self._shell.open(str(decided["entity"]), str(decided["customer_id"]))
            )
