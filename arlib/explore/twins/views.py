"""The widgets of the twins: controls on top, the answer below, the values as YAML at the end. Floor 5."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import ipywidgets as widgets

from arlib.errors import ParameterError
from arlib.explore.twins.aging import DIMENSIONS, AgingExplorer, edges_of
from arlib.explore.twins.allowance import REASON, AllowanceWhatIf, share_of
from arlib.explore.twins.frames import ALLOWANCE_EFFECT
from arlib.explore.views.forms import button, choice_field, day_field, text_field
from arlib.explore.views.grid import Grid
from arlib.explore.views.shown import cell, shown
from arlib.explore.views.stage import Stage
from arlib.explore.views.style import marked, option, paragraphs, style_sheet, table
from arlib.ledger.frames import wide_table
from arlib.policy import Basis

SHOWN = 2_000
FACTORS = tuple(f"{hundredths // 100}.{hundredths % 100:02d}" for hundredths in range(0, 301, 5))
AS_POLICY = "as the policy"
WIDE = widgets.Layout(width="100%", max_width="900px")


def aging_view(state: AgingExplorer) -> widgets.VBox:
    """The aging explorer: entity, day, knowledge date, basis, buckets and rows to choose; the aging of it."""
    return _Aging(state).box


def what_if_view(state: AllowanceWhatIf) -> widgets.VBox:
    """The bad-debt what-if: overlay and loss rates to try, and what they change."""
    return _WhatIf(state).box


class _Saved:
    """The values on show as text to copy."""

    def __init__(self, heading: str) -> None:
        self.parameters = _read_only("As parameters", "arlib-saved-parameters")
        self.policy = _read_only("As policy", "arlib-saved-policy")
        said = widgets.HTML(f"<h3>{heading}</h3>")
        self.box = marked(widgets.VBox([said, self.parameters, self.policy]), "arlib-saved")

    def show(self, parameters: str, policy: str) -> None:
        self.parameters.value, self.policy.value = parameters, policy


class _Aging:
    def __init__(self, state: AgingExplorer) -> None:
        self.state, self.stage, self._is_filling = state, Stage(), False
        self.entity = choice_field("Entity", "arlib-aging-entity", "Whose books", _options(state.entities))
        self.by = choice_field(
            "Rows", "arlib-aging-by", "What each row is", [(word, name) for name, word in DIMENSIONS.items()]
        )
        self.basis = choice_field(
            "Dates", "arlib-aging-basis", "posting: the ledger's dates; effective: the business dates",
            _options(map(str, Basis)),
        )  # fmt: skip
        self.edges = text_field(
            "Buckets end after days", "arlib-aging-edges", "Rising day counts by comma; Enter"
        )
        self.edges.continuous_update = False
        self.slider = _day_slider("As of", "arlib-aging-as-of-slider")
        self.day = day_field("or pick the day", "arlib-aging-as-of-date", "As of the end of this day")
        self.known = day_field(
            "As known at", "arlib-aging-known-at", "Only what was known at the end of this day"
        )
        self.all_known = button("All that is known now", "arlib-aging-known-clear", "No knowledge date")
        self.said = marked(widgets.HTML(), "arlib-aging-said")
        self.totals = marked(widgets.HTML(), "arlib-aging-totals")
        self.grid = Grid("Aging, largest first", "arlib-aging-lines", empty="Nothing is open at this date.")
        self.saved = _Saved("These values, to run again")
        for control in (self.entity, self.by, self.basis, self.edges, self.slider, self.day, self.known):
            control.observe(self._changed, names="value")
        self.all_known.on_click(lambda _: setattr(self.known, "value", None))
        self.box = _desk(
            [
                _row([self.entity, self.by, self.basis, self.edges]),
                _row([self.slider, self.day, self.known, self.all_known]),
                self.stage.box, self.said, self.totals, self.grid.box, self.saved.box,
            ]
        )  # fmt: skip
        self.stage.run("Reading the books", self._show)

    def _changed(self, change: dict[str, Any]) -> None:
        if self._is_filling:
            return
        if change["owner"] is self.slider or (change["owner"] is self.day and change["new"]):
            self._ask(as_of=change["new"])
        elif change["owner"] is self.known:
            self._ask(known_at=change["new"])
        elif change["owner"] in (self.entity, self.by):
            self._ask(**{"entity" if change["owner"] is self.entity else "by": change["new"]})
        elif change["owner"] is self.basis:
            self._ask(basis=Basis(change["new"]))
        elif change["owner"] is self.edges:
            self.stage.run("Aging", lambda: self._put(self.state.asked(edges=edges_of(self.edges.value))))

    def _ask(self, **changed: Any) -> None:
        if not self.stage.run("Aging", lambda: self._put(self.state.asked(**changed))):
            self._fill()  # the controls say what is on show

    def _put(self, state: AgingExplorer) -> None:
        _ = state.lines, state.identities
        self.state = state
        self.stage.clear()
        self._show()

    def _fill(self) -> None:
        state, self._is_filling = self.state, True
        try:
            self.entity.value, self.by.value, self.basis.value = state.entity, state.by, str(state.basis)
            self.edges.value = ", ".join(map(str, state.policy.bucket_edges_days))
            _span(self.slider, *state.span, state.as_of)
            self.day.value, self.known.value = state.as_of, state.known_at
        finally:
            self._is_filling = False

    def _show(self) -> None:
        state = self.state
        self._fill()
        held = "✓ The buckets add up to what is outstanding in every currency."
        _ = state.identities
        self.said.value = paragraphs([state.sentence, held])
        declared = wide_table(("currency",), state.policy)
        names = declared.names
        self.totals.value = table(
            [_head(name) for name in names],
            [[cell(row[name], declared[name], str(row["currency"])) for name in names] for row in state.totals.to_dict("records")],
            right=range(1, len(names)), caption="All of it, by currency",
        )  # fmt: skip
        words = {name: _head(name) for name in state.table.names}
        self.grid.show(shown(state.lines, state.table, columns=state.table.names, words=words))
        self.saved.show(state.saved(), state.saved_policy())


class _WhatIf:
    def __init__(self, state: AllowanceWhatIf) -> None:
        self.state, self.stage, self._is_filling = state, Stage(), False
        self.entity = choice_field("Entity", "arlib-what-if-entity", "Whose books", _options(state.entities))
        self.day = day_field("As of", "arlib-what-if-as-of", "The allowance at the end of this day")
        self.overlay = marked(
            widgets.SelectionSlider(
                description="Overlay: all rates times", options=[AS_POLICY, *FACTORS], value=AS_POLICY,
                continuous_update=False, style={"description_width": "initial"}, layout=WIDE,
            ),
            "arlib-what-if-overlay",
        )  # fmt: skip
        self.reason = text_field(
            "Reason", "arlib-what-if-reason", "Why the rates of history are not those to come"
        )
        self.reason.value, self.reason.continuous_update = state.reason, False
        self.rates: dict[str, Any] = {}
        for bucket in state.buckets:
            field = text_field(
                f"Rate {bucket}", "arlib-what-if-rate", "Decimal text such as 0.02 or 2 %; empty: as measured"
            )
            field.placeholder, field.continuous_update = "as measured", False
            field.layout = widgets.Layout(width="210px")
            self.rates[bucket] = field
        self.clear = button("All as the policy", "arlib-what-if-clear", "Take back every value tried")
        self.said = marked(widgets.HTML(), "arlib-what-if-effect-said")
        self.lines = marked(widgets.HTML(), "arlib-what-if-lines")
        self.saved = _Saved("These values as a policy; nothing is saved here")
        for control in (self.entity, self.day, self.overlay, self.reason, *self.rates.values()):
            control.observe(self._changed, names="value")
        self.clear.on_click(lambda _: self._take_back())
        self.box = _desk(
            [
                _row([self.entity, self.day, self.clear]), self.overlay, self.reason, _row(list(self.rates.values())),
                self.stage.box, self.said, self.lines, self.saved.box,
            ]
        )  # fmt: skip
        self.stage.run("Measuring the allowance", self._show)

    def _changed(self, change: dict[str, Any]) -> None:
        if not self._is_filling:
            self.stage.run("Working out the effect", self._try)

    def _take_back(self) -> None:
        self.stage.run(
            "Taking back", lambda: self._put(self.state.tried(overlay=None, rates={}, reason=REASON))
        )

    def _try(self) -> None:
        rates: dict[str, Decimal] = {}
        faults = []
        for bucket, field in self.rates.items():
            try:
                found = share_of(field.value)
            except ParameterError as fault:
                faults.append(f"rate {bucket}: {fault}")
            else:
                rates |= {bucket: found} if found is not None else {}
        if faults:
            raise ParameterError("; ".join(faults))
        chosen = None if self.overlay.value == AS_POLICY else share_of(str(self.overlay.value))
        self._put(
            self.state.tried(
                entity=self.entity.value, as_of=self.day.value or self.state.as_of, overlay=chosen, rates=rates,
                reason=self.reason.value,
            )
        )  # fmt: skip

    def _put(self, state: AllowanceWhatIf) -> None:
        _ = state.identities
        self.state = state
        self.stage.clear()
        self._show()

    def _show(self) -> None:
        state, code = self.state, self.state.scope.functional_currency
        self._is_filling = True
        try:
            self.entity.value, self.day.value, self.reason.value = state.entity, state.as_of, state.reason
            told = AS_POLICY if state.overlay is None else f"{state.overlay:f}"
            if told not in self.overlay.options:
                self.overlay.options = [*self.overlay.options, told]
            self.overlay.value = told
            for bucket, field in self.rates.items():
                if share_of(field.value) != state.rates.get(bucket):
                    field.value = f"{state.rates[bucket]:f}" if bucket in state.rates else ""
        finally:
            self._is_filling = False
        _ = state.identities
        self.said.value = paragraphs(
            [state.sentence, "✓ The policy's allowance and the changes add up to the allowance tried."]
        )
        names = [name for name in ALLOWANCE_EFFECT.names if name != "entity"]
        if not state.effect["segment"].fillna("").ne("").any():
            names.remove("segment")
        rows = [
            [cell(row[name], ALLOWANCE_EFFECT[name], code) for name in names]
            for row in state.effect.to_dict("records")
        ]
        self.lines.value = table(
            [_head(name) for name in names], rows, right=range(names.index("bucket") + 1, len(names)),
            caption=f"The pool by bucket, {code}",
        )  # fmt: skip
        self.saved.show(state.saved(), state.saved_policy())


def _desk(children: list[widgets.Widget]) -> widgets.VBox:
    return marked(widgets.VBox([style_sheet(), *children]), "arlib-desk", "arlib-twin")


def _row(children: list[widgets.Widget]) -> widgets.HBox:
    return marked(widgets.HBox(children), "arlib-wrap")


def _options(values: Any) -> list[tuple[str, str]]:
    return [(option(value), str(value)) for value in values]


def _head(name: str) -> str:
    words = name.removesuffix("_id").replace("_", " ")
    return words[:1].upper() + words[1:]


def _day_slider(label: str, css: str) -> widgets.SelectionSlider:
    today = date(2000, 1, 1)  # until the books are read
    return marked(
        widgets.SelectionSlider(
            description=label, options=[(today.isoformat(), today)], continuous_update=False,
            style={"description_width": "initial"}, layout=widgets.Layout(width="520px", max_width="100%"),
        ),
        css,
    )  # fmt: skip


def _span(slider: widgets.SelectionSlider, first: date, last: date, value: date) -> None:
    """Every day that may be asked for; the last so many where there are more."""
    first, last = min(first, value), max(last, value)
    first = max(first, min(value, last - timedelta(days=SHOWN)))
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    slider.options = [(day.isoformat(), day) for day in days]
    slider.value = value


def _read_only(label: str, css: str) -> widgets.Textarea:
    made = widgets.Textarea(
        description=label, disabled=False, layout=widgets.Layout(width="100%", max_width="900px", height="150px"),
        style={"description_width": "110px"}, tooltip="Select all and copy",
    )  # fmt: skip
    return marked(made, css)
