"""Charts as PNG: horizontal bars and steps with their exact amounts beside them. Floor 3.

Drawn by Agg without any global state, so that the same chart on the same machine gives the same bytes.
Colours are of the Okabe-Ito palette, and never the only sign: every bar carries its signed amount.
"""

from __future__ import annotations

import io
import logging
import textwrap
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from arlib import money
from arlib.report.model import STEPPED, Chart, ChartKind
from arlib.report.words import plain

BLUE, ORANGE, GREEN, GREY, INK = "#0072B2", "#D55E00", "#009E73", "#6B7280", "#1F2933"
OTHER_PLACES = ("credit", "unapplied", "no due date", "no_due_date")
FONTS = ("DejaVu Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Hiragino Sans", "Yu Gothic",
         "Microsoft YaHei",
         "Noto Sans Arabic", "Noto Sans Hebrew", "Arial Unicode MS")  # fmt: skip
SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
LABEL_CHARACTERS = 34
WIDTH_INCHES, ROW_INCHES, DPI = 9.6, 0.36, 150


@dataclass(frozen=True)
class _Bar:
    label: str
    start: float  # in whole units of the currency, for drawing only
    end: float
    text: str
    colour: str
    is_total: bool = False


def draw(chart: Chart) -> bytes:
    """The chart as PNG. Amounts printed on it are exact; only the lengths of the bars are floats.

    An empty chart is drawn as a picture that says so.
    """
    with mpl.rc_context(_style()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        bars = _bars(chart)
        figure = Figure(figsize=(WIDTH_INCHES, 1.75 + ROW_INCHES * max(len(bars), 2)), dpi=DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        if bars:
            _draw_bars(axes, bars, chart)
        else:
            axes.set_axis_off()
            axes.text(
                0.5, 0.5, "nothing to show", ha="center", va="center", color=GREY, transform=axes.transAxes
            )
        _headings(figure, chart)
        made = io.BytesIO()
        figure.savefig(made, format="png", metadata={"Software": None})
    return made.getvalue()


def _bars(chart: Chart) -> list[_Bar]:
    places = money.minor_places(chart.currency)
    bars: list[_Bar] = []
    at = 0
    has_totals = chart.kind in STEPPED
    totals = chart.frame["is_total"].fillna(False).tolist() if has_totals else [False] * len(chart.frame)
    for label, amount, is_total in zip(chart.frame["label"], chart.frame["amount"], totals, strict=True):
        minor = int(amount)
        start, end = (at, at + minor) if has_totals and not is_total else (0, minor)
        at = end if has_totals else 0
        sign = "+" if has_totals and not is_total and minor > 0 else ""
        bars.append(
            _Bar(
                label=plain(str(label), limit=LABEL_CHARACTERS),
                start=start / 10**places,
                end=end / 10**places,
                text=sign + money.shown(minor, chart.currency),
                colour=_colour(chart.kind, str(label), minor, is_total=bool(is_total)),
                is_total=bool(is_total),
            )
        )
    return bars


def _colour(kind: ChartKind, label: str, minor: int, *, is_total: bool) -> str:
    if is_total:
        return INK
    if kind is ChartKind.AGING_BARS:
        if label.lower() in OTHER_PLACES:
            return GREY
        return GREEN if label.lower() == "current" else BLUE
    return BLUE if minor >= 0 else ORANGE


def _draw_bars(axes: Axes, bars: list[_Bar], chart: Chart) -> None:
    rows = list(range(len(bars)))
    widths = [bar.end - bar.start for bar in bars]
    colours = [bar.colour for bar in bars]
    edges = [1.2 if bar.start != bar.end else 0 for bar in bars]  # so that a small amount is still seen
    axes.barh(rows, widths, left=[bar.start for bar in bars], color=colours, edgecolor=colours,
              linewidth=edges,
              height=0.62, zorder=3)  # fmt: skip
    if chart.kind in STEPPED:
        for row, bar in enumerate(bars[:-1]):
            axes.plot([bar.end, bar.end], [row + 0.31, row + 1 - 0.31], color=GREY, linewidth=0.8, zorder=2)
    low = min(0.0, *(min(b.start, b.end) for b in bars), 0.0)
    high = max(0.0, *(max(b.start, b.end) for b in bars), 0.0)
    is_cut = False
    if chart.kind in STEPPED:
        low, high = _zoomed(bars, low, high)
        is_cut = low > 0
    span = (high - low) or 1.0
    axes.set_xlim(low - (0.02 * span if low < 0 else 0), high + 0.30 * span)
    for row, bar in enumerate(bars):
        axes.text(max(bar.start, bar.end, low) + 0.012 * span, row, bar.text, va="center", ha="left",
                  fontsize=9, color=INK, fontweight="bold" if bar.is_total else "normal",
                  parse_math=False)  # fmt: skip
    axes.set_yticks(rows)
    axes.set_yticklabels([bar.label for bar in bars], parse_math=False)
    axes.set_ylim(len(bars) - 0.4, -0.6)
    _scale(axes, max(abs(low), abs(high)), chart.currency, is_cut=is_cut)
    axes.axvline(0, color=INK, linewidth=0.8, zorder=4)


def _zoomed(bars: list[_Bar], low: float, high: float) -> tuple[float, float]:
    """The span to show.

    Steps that are tiny beside the totals would be invisible on an axis that starts at zero.
    """
    ends = [bar.end for bar in bars]
    bottom, top = min(ends), max(ends)
    if bottom > 0 and top - bottom < 0.2 * top:
        return max(0.0, bottom - 0.25 * (top - bottom or top)), top
    return low, high


def _scale(axes: Axes, largest: float, currency: str, *, is_cut: bool) -> None:
    divisor, word = next(((d, w) for d, w in SCALES if largest >= d), (1, ""))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / divisor:,.10g}"))
    unit = f"{money.iso_code(currency)} {word}".strip() + (
        " (the axis does not start at zero)" if is_cut else ""
    )
    axes.set_xlabel(unit, color=INK, fontsize=9)
    axes.grid(axis="x", color="#D9DEE4", linewidth=0.7, zorder=0)
    axes.tick_params(axis="both", length=0, labelsize=9, colors=INK)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)


def _headings(figure: Figure, chart: Chart) -> None:
    sentence = textwrap.fill(plain(chart.sentence), 108, max_lines=2, placeholder=" …")
    lines = sentence.count("\n") + 1
    height = figure.get_figheight()
    figure.text(0.02, 1 - 0.18 / height, plain(chart.title), fontsize=13, fontweight="bold", color=INK,
                va="top",
                parse_math=False)  # fmt: skip
    figure.text(0.02, 1 - 0.46 / height, sentence, fontsize=9.5, color="#4B5563", va="top", parse_math=False)
    figure.subplots_adjust(
        left=0.27, right=0.985, top=1 - (0.62 + 0.17 * lines) / height, bottom=0.56 / height
    )


def _style() -> dict[Any, Any]:
    return {
        "font.family": list(_fonts()),
        "svg.hashsalt": "arlib",
        "axes.unicode_minus": False,
        "text.usetex": False,
        "text.parse_math": False,
        "figure.facecolor": "white",
    }


@cache
def _fonts() -> tuple[str, ...]:
    """The fonts of this machine that labels may need; matplotlib would warn about the others."""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return tuple(name for name in FONTS if name in known) or ("sans-serif",)
