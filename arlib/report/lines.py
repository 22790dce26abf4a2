"""Lines over months: each series with its own mark and dash, its values as text. Floor 3. Draws on given axes only."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MaxNLocator

from arlib.report.model import Chart
from arlib.report.words import plain

INK = "#1F2933"
LOOKS = (("#0072B2", "o", "-"), ("#D55E00", "s", "--"), ("#009E73", "^", ":"), ("#6B7280", "D", "-."))
NAME_CHARACTERS = 24
EVERY_VALUE = 2  # with so many series or fewer every point says its value
HALO = [withStroke(linewidth=2.5, foreground="white")]  # so that a value can be read on a line
ROOM = 0.1  # of the height: a value below a point nearer to zero would lie on the axis
APART = 0.075  # of the height: how far names beside the last points stay from each other


def draw_lines(axes: Axes, chart: Chart) -> None:
    """One line a series over the labels in the frame's order; a month without a value leaves a gap.

    Values printed are the decimal text of the frame; only their place is a float.
    """
    labels = list(dict.fromkeys(str(label) for label in chart.frame["label"]))
    series = list(dict.fromkeys(str(name) for name in chart.frame["series"]))
    texts = _texts(chart, series)
    heights = {
        name: [float(texts[name][label]) if label in texts[name] else float("nan") for label in labels]
        for name in series
    }
    ends: list[tuple[float, str, str]] = []
    for number, name in enumerate(series):
        colour, marker, dash = LOOKS[number % len(LOOKS)]
        mine = heights[name]
        axes.plot(
            range(len(labels)),
            mine,
            color=colour,
            marker=marker,
            linestyle=dash,
            linewidth=1.8,
            markersize=5,
            zorder=3,
        )
        known = [at for at, label in enumerate(labels) if label in texts[name]]
        if known:
            last = _said(texts[name][labels[known[-1]]])
            ends.append((mine[known[-1]], f"{plain(name, limit=NAME_CHARACTERS)}\n{last}", colour))
    _frame(axes, chart, labels)
    low, high = axes.get_ylim()
    if len(series) <= EVERY_VALUE:
        _values(axes, heights, texts, labels)
    at_least = float("-inf")
    for height, text, colour in sorted(ends):
        place = max((height - low) / (high - low or 1.0), at_least + 1.6 * APART)
        at_least = place
        axes.text(1.012, place, text, transform=axes.transAxes, va="center", ha="left", fontsize=8.5, color=colour,
                  fontweight="bold", parse_math=False)  # fmt: skip


def _values(
    axes: Axes, heights: dict[str, list[float]], texts: dict[str, dict[str, str]], labels: list[str]
) -> None:
    """The value beside each point: below it where another line stands higher, but never across the axis."""
    low, high = axes.get_ylim()
    for number, (name, mine) in enumerate(heights.items()):
        others = [values for other, values in heights.items() if other != name]
        for at, label in enumerate(labels):
            if label not in texts[name]:
                continue
            is_below = any(mine[at] < other[at] for other in others) if others else _is_valley(mine, at)
            is_below &= abs(mine[at]) > ROOM * (high - low)
            axes.annotate(_said(texts[name][label]), (at, mine[at]), xytext=(0, -13 if is_below else 7), zorder=5, ha="center",
                          textcoords="offset points", fontsize=7.5, color=LOOKS[number % len(LOOKS)][0], path_effects=HALO)  # fmt: skip


def _texts(chart: Chart, series: list[str]) -> dict[str, dict[str, str]]:
    """The values that each series has, by label."""
    made: dict[str, dict[str, str]] = {name: {} for name in series}
    rows = zip(chart.frame["series"], chart.frame["label"], chart.frame["value"], strict=True)
    for name, label, value in rows:
        if not pd.isna(value):
            made[str(name)][str(label)] = str(value)
    return made


def _frame(axes: Axes, chart: Chart, labels: list[str]) -> None:
    axes.set_xticks(range(len(labels)))
    axes.set_xticklabels([plain(label, limit=10) for label in labels], parse_math=False)
    axes.set_xlim(-0.4, max(len(labels), 2) - 0.6)
    axes.margins(y=0.16)
    low, high = axes.get_ylim()
    if low > 0:  # a line that starts at zero shows how large its changes are
        axes.set_ylim(0, high)
    elif high < 0:
        axes.set_ylim(low, 0)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    axes.text(
        0,
        1.02,
        plain(chart.unit),
        transform=axes.transAxes,
        color=INK,
        fontsize=9,
        ha="left",
        parse_math=False,
    )
    axes.grid(axis="y", color="#D9DEE4", linewidth=0.7, zorder=0)
    axes.axhline(0, color=INK, linewidth=0.8, zorder=2)
    axes.tick_params(axis="both", length=0, labelsize=8.5, colors=INK)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)


def _is_valley(heights: list[float], at: int) -> bool:
    """Whether both neighbours stand higher: a value above the point would lie in the line."""
    return all(heights[near] > heights[at] for near in (at - 1, at + 1) if 0 <= near < len(heights))


def _said(text: str) -> str:
    return f"{Decimal(text):,}"
