"""What forms share: amounts as text, one decision per press, lists of documents to choose from. Floor 5."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
import pandas as pd

from arlib import money
from arlib.errors import AmountError, ParameterError
from arlib.explore.views.style import marked, option

if TYPE_CHECKING:
    from arlib.explore.case import CustomerCase

STYLE = replace(money.number_style("1,234.56"), allow_short_fraction=True)
OTHER_STYLES = tuple(
    map(money.number_style, ("1234,56", "1.234,56", "1 234,56", "1'234.56"))
)  # with all their places
LISTED = 500  # documents in a list to choose from; any other is reached by its table
WIDE = {"width": "520px", "max_width": "100%"}


def amount(said: str, currency: str) -> int:
    """The minor units of an amount typed as the desk shows them, 1,234.56, or with another country's marks: 803,60.

    AmountError for anything else; ParameterError for what is one amount with these marks and another with those.
    """
    if not currency:
        raise ParameterError("which currency is the amount in?", wanted="a currency beside the amount")
    places, typed = money.minor_places(currency), said.strip()
    found: dict[int, None] = {}
    for style in (STYLE, *OTHER_STYLES):
        try:
            found[money.parse_minor(typed, style, places=places)] = None
        except AmountError:
            continue
    if not found:
        return money.parse_minor(typed, STYLE, places=places)  # says what is wrong with it
    if len(found) > 1:
        meant = " or ".join(f"{currency} {money.shown(minor, currency)}" for minor in found)
        raise ParameterError("the amount can be read in two ways", found=typed, wanted=meant,
                             fix="Leave out what stands between thousands, and put a point before the decimals.")  # fmt: skip
    return next(iter(found))


class Once:
    """Gives the same request id until the person changes the form, so that a second press records nothing twice."""

    def __init__(self, *controls: widgets.Widget) -> None:
        """Follow these controls."""
        self._id = ""
        self._is_held = False
        self.is_done = False  # what the form says was recorded: a second press means nothing
        self.follow(controls)

    def follow(self, controls: Iterable[widgets.Widget]) -> None:
        """Follow more controls: a change of theirs begins another request."""
        for control in controls:
            control.observe(self._changed, names="value")

    @property
    def request_id(self) -> str:
        """The id of what the form says now; '' when just that was recorded."""
        return self._id

    def begin(self) -> None:
        """Another request begins, though no control of the form changed."""
        self._id, self.is_done = uuid.uuid4().hex, False

    def recorded(self) -> None:
        """The request was recorded: until something changes there is none."""
        self._id, self.is_done = "", True

    def __enter__(self) -> Once:
        """Changes from here on are the desk's, not the person's."""
        self._is_held = True
        return self

    def __exit__(self, *_: object) -> None:
        """From here on the person's changes count again."""
        self._is_held = False

    def _changed(self, _: dict[str, Any]) -> None:
        if not self._is_held:
            self.begin()


def text_field(label: str, css: str, tooltip: str, *, area: bool = False) -> Any:
    """A text control with a label that is wholly seen."""
    kind = widgets.Textarea if area else widgets.Text
    layout = (
        widgets.Layout(**WIDE, height="84px") if area else widgets.Layout(width="340px", max_width="100%")
    )
    return marked(
        kind(description=label, tooltip=tooltip, continuous_update=True, layout=layout,
             style={"description_width": "initial"}),
        css,
    )  # fmt: skip


def choice_field(
    label: str, css: str, tooltip: str, options: Iterable[Any] = (("–", ""),)
) -> widgets.Dropdown:
    """A list to choose from, with a label that is wholly seen."""
    made = widgets.Dropdown(
        description=label, tooltip=tooltip, options=list(options), style={"description_width": "initial"},
        layout=widgets.Layout(width="auto", min_width="200px", max_width="100%"),
    )  # fmt: skip
    return marked(made, css)


def button(label: str, css: str, tooltip: str, *, is_main: bool = False) -> widgets.Button:
    """A button; the main one of a form is marked, and says so by its weight too."""
    made = widgets.Button(
        description=label,
        tooltip=tooltip,
        layout=widgets.Layout(width="auto"),
        style={"font_weight": "600" if is_main else "400"},
    )
    return marked(made, css)


def day_field(label: str, css: str, tooltip: str) -> widgets.DatePicker:
    """A day to pick."""
    return marked(
        widgets.DatePicker(description=label, tooltip=tooltip, style={"description_width": "initial"}), css
    )


def item_options(case: CustomerCase, *, also: str = "") -> list[tuple[str, str]]:
    """Open items to choose from, oldest due first: label and item id. `also` is an id that must be among them."""
    rows = case.open_items
    kept = rows.head(LISTED)
    if also and also not in set(kept["item_id"]):
        kept = pd.concat([kept, rows[rows["item_id"].eq(also)]])
    made: dict[str, str] = {}
    for row in kept.to_dict("records"):
        due = f", due {row['due_date']:%Y-%m-%d}" if not pd.isna(row["due_date"]) else ""
        number = (
            row["item_id"] if pd.isna(row["document_no"]) or not row["document_no"] else row["document_no"]
        )
        owed = money.shown(int(row["outstanding"]), str(row["currency"]))
        made.setdefault(
            str(row["item_id"]), option(f"{number}: {row['currency']} {owed} open{due}", limit=120)
        )
    return [(f"{label}  [{place}]", item_id) for place, (item_id, label) in enumerate(made.items(), 1)]


def document_no(case: CustomerCase, item_id: str) -> str:
    """The number that people know an open item by; '' for the whole account and where there is none."""
    rows = case.open_items
    found = rows.loc[rows["item_id"].eq(item_id), "document_no"]
    return "" if found.empty or pd.isna(found.iloc[0]) else str(found.iloc[0])


def open_disputes(case: CustomerCase) -> list[dict[str, str]]:
    """Disputes that nobody has settled yet, those opened after the day on show too: id, item, document number, reason, amount."""
    rows = case.book["disputes"]
    rows = rows[rows["closed_on"].isna()].astype("object")
    rows = rows.where(rows.notna(), "")
    return [
        {
            "dispute_id": str(row["dispute_id"]), "item_id": str(row["item_id"]), "reason": str(row["reason"]),
            "document_no": document_no(case, str(row["item_id"])),
            "said": f"{row['currency']} {money.shown(int(row['amount']), str(row['currency']))}" if row["amount"] != "" else "",
        }
        for row in rows.to_dict("records")
    ]  # fmt: skip


def refill(control: Any, options: Iterable[tuple[str, Any]]) -> None:
    """Give a list new options and keep what was chosen where it still is one."""
    was, made = control.value, list(options)
    control.options = made
    values = [value for _, value in made]
    control.value = was if was in values else (values[0] if values else None)
