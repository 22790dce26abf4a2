"""Who the customer is and what he owes: card, aging, days. Floor 5."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from arlib import money
from arlib.explore.views.pictures import aging_bar, balance_line, text_attribute
from arlib.explore.views.shell import Later, Shell
from arlib.explore.views.style import bullets, facts, marked, text

if TYPE_CHECKING:
    from arlib.collect.customer import CustomerHeader
    from arlib.explore.case import CustomerCase

CAUTION = "Caution"  # stands above the facts
FIRST = (
    "Limit",
    "Promises",
    "Disputes",
    "Contact",
    "Habit",
)  # beside balance and past due; all else behind `more`
ABOVE = ("Balance", CAUTION)  # said by other words in the card
REST_SECONDS = 0.4
RECORDED = 5  # newest of what was recorded since the figures; the others are under Decisions
SLIDER_DAYS = 3 * 366  # further back the date picker goes


class HeaderView:
    """The card on top, with the aging beside it."""

    def __init__(self, shell: Shell) -> None:
        """Empty until a customer is shown."""
        self._shell = shell
        self.card = marked(widgets.HTML("Search a customer to begin."), "arlib-header")
        self.rest = marked(widgets.HTML(), "arlib-header-rest")
        self.rest.layout.display = "none"
        self.more = marked(
            widgets.ToggleButton(
                description="More about this customer", layout=widgets.Layout(width="auto"),
                tooltip="Status, terms, DSO, score, last payment, people, related accounts",
            ),
            "arlib-header-more",
        )  # fmt: skip
        self.more.layout.display = "none"
        self.more.observe(self._unfold, names="value")
        self.box = widgets.VBox([self.card, self.more, self.rest])

    def _unfold(self, change: dict[str, Any]) -> None:
        self.rest.layout.display = "" if change["new"] else "none"
        self.more.description = "Less about this customer" if change["new"] else "More about this customer"

    def show(self, case: CustomerCase) -> None:
        """Show this customer's card."""
        header = case.header
        known = f", as known at the end of {header.known_at}" if header.known_at else ""
        cautions = "".join(
            f"<li><strong>⚠ {text(caution.ground)}</strong>: {text(caution.words)}"
            f"{' <em>Nobody may ask for this money.</em>' if caution.is_stop else ''}</li>"
            for caution in header.cautions
        )
        bars = "".join(aging_bar(line.buckets, line.currency) for line in header.aging)
        told = {line.label: (line.label, line.value, line.convention) for line in header.lines()}
        first = [*_balances(header), *(told[label] for label in FIRST if label in told)]
        rest = [line for label, line in told.items() if label not in (*FIRST, *ABOVE)]
        related = _related(self._shell.desk.related(case.entity, case.customer_id))
        self.more.layout.display = ""
        self.rest.value = f"<div class='arlib-card'>{facts(rest)}{related}</div>"
        self.card.value = (
            "<div class='arlib-card'>"
            f"<div class='arlib-header-name'>{text(header.name or '(no name)')} "
            f"<span class='arlib-quiet'>{text(header.customer_id)} · {text(header.entity)} · {text(header.status_words)} · "
            f"as of {text(header.as_of)}{text(known)}</span></div>"
            + (
                f"<ul class='arlib-header-cautions' style='margin:4px 0 4px 1.2em'>{cautions}</ul>"
                if cautions
                else ""
            )
            + _recorded(case)
            + f"<div class='arlib-header-facts'>{facts(first)}</div>"
            f"<div class='arlib-aging-bar'>{bars}</div></div>"
        )


def _recorded(case: CustomerCase) -> str:
    """What stands recorded and is in no figure of the card, newest first."""
    said = case.recorded_since.sentences[::-1]
    more = [f"and {len(said) - RECORDED:,} more under Decisions"] if len(said) > RECORDED else []
    return bullets([*said[:RECORDED], *more], "arlib-header-recorded")


def _balances(header: CustomerHeader) -> list[tuple[str, str, str]]:
    """What is owed and what of it is late, by currency, each with what is to be known of it."""
    if not header.balances:
        return [("Balance", "nothing is open", "")]
    made = []
    for one in header.balances:
        count = f"{one.items:,} open {'item' if one.items == 1 else 'items'}"
        off = f", credits of {_money(-one.credits, one.currency)} taken off" if one.credits else ""
        made.append(("Balance", _money(one.outstanding, one.currency), count + off))
    for one in header.balances:
        oldest = (
            f"oldest due {one.oldest_due_date}, {one.max_days_past_due:,} days late"
            if one.oldest_due_date
            else ""
        )
        before = "; credits are not set against it" if one.credits and one.past_due else ""
        made.append(("Past due", _money(one.past_due, one.currency), oldest + before))
    return made


def _money(amount: int, currency: str) -> str:
    return f"{currency} {money.shown(amount, currency)}"


def _related(frame: pd.DataFrame) -> str:
    if frame.empty:
        return ""
    said = "; ".join(
        f"{row['relation']}: {row['name']} ({row['customer_id']}, {row['entity']})"
        for row in frame.head(12).to_dict("records")
    )
    return f"<div class='arlib-quiet'>Related accounts: {text(said, limit=900)}</div>"


class DaysView:
    """As of which day, and as known at which: slider and pickers, and the balance that moves with them."""

    def __init__(self, shell: Shell) -> None:
        """The controls stand still until a customer is shown."""
        self._shell = shell
        self._is_filling = False
        self._of: tuple[str, str] = ("", "")
        today = date.today()  # noqa: DTZ011  until a customer is shown
        self._asked = today
        self._rest = Later(self._settle, REST_SECONDS)
        self.slider = marked(
            widgets.SelectionSlider(
                options=[(f"{today}", today)], description="As of", continuous_update=False,
                tooltip="Balance at the end of this day; arrow keys move it by a day",
                layout=widgets.Layout(width="420px", max_width="100%"), style={"description_width": "initial"},
            ),
            "arlib-as-of-slider",
        )  # fmt: skip
        self.day = marked(
            widgets.DatePicker(
                description="or on", tooltip="Any day, ISO", style={"description_width": "initial"}
            ),
            "arlib-as-of-date",
        )
        self.known = marked(
            widgets.DatePicker(
                description="As known at", style={"description_width": "initial"},
                tooltip="Only what was entered by the end of this day; empty: as known now",
            ),
            "arlib-known-at-date",
        )  # fmt: skip
        self.now = marked(
            widgets.Button(description="As known now", tooltip="Everything that is known today"),
            "arlib-known-at-clear",
        )
        self.said = marked(widgets.HTML(), "arlib-day-balance")
        self.line = marked(widgets.HTML(), "arlib-balance-line")
        for control in (self.slider, self.day, self.known):
            control.observe(self._moved, names="value")
        self.now.on_click(lambda _: setattr(self.known, "value", None))
        self.controls = (self.slider, self.day, self.known, self.now)
        self.box = widgets.VBox(
            [
                marked(widgets.HBox([self.slider, self.day, self.known, self.now]), "arlib-wrap"),
                self.said,
                self.line,
            ]
        )
        self.box.layout.display = "none"

    def show(self, case: CustomerCase) -> None:
        """Stand at the days of this case; the range of the slider follows the customer."""
        self.box.layout.display = ""
        as_of = self._asked = case.scope.as_of
        self._is_filling = True
        try:
            self._range(case, as_of)
            self.day.value, self.known.value = as_of, case.scope.known_at
        finally:
            self._is_filling = False
        self._say(case, as_of)

    def settle(self) -> None:
        """Go at once where the slider stands, should it still be moving."""
        if self._asked != self._shell.current.scope.as_of:
            self._rest.cancel()
            self._go(self._asked)

    def _say(self, case: CustomerCase, day: date) -> None:
        """The balance at the end of a day, in figures and on the line: a lookup."""
        balances = case.balance_on(day)
        parts = [
            f"{text(code)} <b data-currency='{text_attribute(code)}'>{text(money.shown(int(balance), str(code)))}</b>"
            for code, balance in zip(balances["currency"].tolist(), balances["balance"].tolist(), strict=True)
        ]
        known = f", as known at the end of {case.scope.known_at}" if case.scope.known_at else ""
        self.said.value = f"<div role='status'>Balance at the end of {day}{known}: {'; '.join(parts) or 'nothing posted yet'}</div>"
        self.line.value = "".join(
            balance_line(points, currency, marker=day)
            for currency, points in steps(case.balances_by_day).items()
        )

    def _range(self, case: CustomerCase, as_of: date) -> None:
        asked = (case.entity, case.customer_id)
        last = max(as_of, case.last_day)
        days = [value for _, value in self.slider.options]
        if asked != self._of or as_of not in days:
            first = max(min(_first(case), as_of), last - timedelta(days=SLIDER_DAYS))
            first = min(first, as_of)
            every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
            self.slider.options = [(day.isoformat(), day) for day in every]
            self._of = asked
        self.slider.value = as_of

    def _moved(self, change: dict[str, Any]) -> None:
        if self._is_filling or self._shell.case is None:
            return
        as_of = change["new"] if change["owner"] in (self.slider, self.day) else self._shell.case.scope.as_of
        if as_of is None:
            return
        self._asked = as_of
        if change["owner"] is self.slider:  # the balance at once; tables when the slider rests
            case = self._shell.case
            if self._shell.stage.run("Looking the balance up", lambda: self._say(case, as_of)):
                self._rest.ask()
            else:
                self._back()
        else:
            self._settle()

    def _settle(self) -> None:
        self._rest.cancel()
        as_of = self._asked
        if not self._shell.stage.run(f"Going to {as_of}", lambda: self._go(as_of)):
            self._back()

    def _back(self) -> None:
        """Put the controls back to the days on show: a day that was refused is not to stand above other figures."""
        self._rest.cancel()
        self.show(self._shell.current)

    def _go(self, as_of: date) -> None:
        case = self._shell.current.at(as_of=as_of, known_at=self.known.value)
        self._shell.put(case)
        self._shell.stage.clear()


def steps(balances: pd.DataFrame) -> dict[str, list[tuple[date, int]]]:
    """The days on which a balance changed, by currency, with the balance after them."""
    found: dict[str, list[tuple[date, int]]] = {}
    for currency, rows in balances.groupby("currency", sort=True):
        moved = rows["moved"].ne(0).to_numpy(dtype=bool, na_value=True)
        moved[[0, -1]] = True
        kept = rows[moved]
        found[str(currency)] = [
            (day.date(), int(balance))
            for day, balance in zip(kept["day"].tolist(), kept["balance"].tolist(), strict=True)
        ]
    return found


def _first(case: CustomerCase) -> date:
    days = case.balances_by_day["day"]
    first: date = case.scope.as_of if days.empty else pd.Timestamp(days.min()).date()
    return first
