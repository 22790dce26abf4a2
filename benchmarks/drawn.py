"""Charts of the benchmark page: bars to compare, lines to show growth. The same figures give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib as mpl
from kept import short
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

OURS, INK, SOFT = "#1F5F8B", "#22303C", "#5B6875"
OTHERS = ("#8FA3B3", "#C9A35B", "#7C9A6B", "#B07A6A", "#8C7BA8")
BAR_INCHES, LABEL_CHARACTERS = 0.36, 46
STYLE = {"svg.hashsalt": "arlib", "font.family": "DejaVu Sans", "font.size": 9, "text.color": INK, "axes.edgecolor": "#C5CDD5",
         "axes.labelcolor": SOFT, "xtick.color": SOFT, "ytick.color": INK}  # fmt: skip


def drawn(chart: Mapping[str, Any], path: Path) -> Path:
    """Draw a kept chart as SVG; returns the path."""
    with mpl.rc_context(STYLE):
        figure = _lines(chart) if chart["kind"] == "lines" else _bars(chart)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight",
                       facecolor="white")  # fmt: skip
    return path


def said(chart: Mapping[str, Any]) -> str:
    """The chart in words, for those who do not see it: its title and every number."""
    parts = []
    for name, values in chart["series"].items():
        numbers = ", ".join(f"{label} {short(value)}" for label, value in values.items())
        parts.append(numbers if len(chart["series"]) == 1 else f"{name}: {numbers}")
    return f"{chart['title']} ({chart['unit']}). {'; '.join(parts)}"


def _bars(chart: Mapping[str, Any]) -> Figure:
    series = chart["series"]
    labels = list(dict.fromkeys(label for values in series.values() for label in values))
    many = len(series)
    figure = Figure(figsize=(8, 0.75 + BAR_INCHES * len(labels) * (many + (many > 1) * 0.6)))
    axes = figure.add_subplot()
    thick = 0.72 / many
    for turn, (name, values) in enumerate(series.items()):
        places = [at + (turn - (many - 1) / 2) * thick for at, label in enumerate(labels) if label in values]
        held = [values[label] for label in labels if label in values]
        colours = (
            [_colour(label, 0) for label in labels if label in values] if many == 1 else _colour(name, turn)
        )
        drawn_bars = axes.barh(places, held, height=thick * 0.9, color=colours, label=name)
        axes.bar_label(drawn_bars, [short(value) for value in held], padding=3, color=INK, fontsize=8)
    axes.set_yticks(range(len(labels)), [_wrapped(label) for label in labels])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.xaxis.grid(visible=True, color="#E6EAEE")
    axes.set_axisbelow(True)
    _finish(axes, chart, many)
    axes.set_xlabel(chart["unit"])
    return figure


def _lines(chart: Mapping[str, Any]) -> Figure:
    figure = Figure(figsize=(8, 3.4))
    axes = figure.add_subplot()
    ticks = sorted({float(label) for values in chart["series"].values() for label in values})
    for turn, (name, values) in enumerate(chart["series"].items()):
        points = sorted((float(label), value) for label, value in values.items())
        across, up = zip(*points, strict=True)
        axes.plot(across, up, marker="o", color=_colour(name, turn), label=name, linewidth=1.8)
        axes.annotate(short(up[-1]), (across[-1], up[-1]), xytext=(6, 0), textcoords="offset points", va="center",
                      fontsize=8)  # fmt: skip
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(ticks, [f"{tick:,.0f}" if tick >= 1 else f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(
        lambda value, _: short(value).rstrip("0").rstrip(".") if value < 100 else short(value)
    )
    axes.grid(visible=True, color="#E6EAEE")
    _finish(axes, chart, len(chart["series"]))
    axes.set_ylabel(chart["unit"])
    axes.set_xlabel(chart["across"])
    return figure


def _finish(axes: Any, chart: Mapping[str, Any], many: int) -> None:
    axes.set_title(chart["title"], loc="left", fontsize=10.5, fontweight="bold", color=INK)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if many > 1:
        axes.legend(frameon=False, fontsize=8, loc="best")


def _colour(name: str, turn: int) -> str:
    return OURS if "arlib" in name.lower() or "ours" in name.lower() else OTHERS[turn % len(OTHERS)]


def _wrapped(label: str) -> str:
    if len(label) <= LABEL_CHARACTERS:
        return label
    cut = label.rfind(" ", 0, LABEL_CHARACTERS)
    return label if cut < 0 else f"{label[:cut]}\n{_wrapped(label[cut + 1 :])}"
