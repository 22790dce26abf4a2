"""Charts as PNG: horizontal bars and steps with their exact amounts beside them, and lines over months. Floor 3.

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
from arlib.report.lines import draw_lines
from arlib.report.model import STEPPED, Chart, ChartKind
from arlib.report.words import plain

BLUE, ORANGE, GREEN, GREY, INK = "#0072B2", "#D55E00", "#009E73", "#6B7280", "#1F2933"
OTHER_PLACES = ("credit", "unapplied", "no due date", "no_due_date")
FONTS = ("DejaVu Sans", "Noto Sans CJK JP", "Noto Sans CJK SC", "Hiragino Sans", "Yu Gothic",
         "Microsoft YaHei",
         "Noto Sans Arabic", "Noto Sans Hebrew", "Arial Unicode MS")  # fmt: skip
SCALES = ((10**9, "billion"), (10**6, "million"), (10**3, "thousand"))
LABEL_CHARACTERS = 34
NOTE_CHARACTERS = 46
WIDTH_INCHES, ROW_INCHES, DPI = 9.6, 0.36, 150
LINE_ROWS = 8  # height of a line chart, as that of so many bars
WITHIN_GROUP, BETWEEN_GROUPS = 0.72, 0.40  # rows
SERIES = ((BLUE, ""), (ORANGE, "///"), (GREEN, "..."), (GREY, "xx"))  # colour and hatch: never colour alone


@dataclass(frozen=True)
class _Bar:
    label: str
    start: float  # in whole units of the currency, for drawing only
    end: float
    text: str
    colour: str
    is_total: bool = False
    row: float = 0.0  # from the top
    hatch: str = ""


def draw(chart: Chart) -> bytes:
    """The chart as PNG. Amounts printed on it are exact; only the lengths of the bars are floats.

    An empty chart is drawn as a picture that says so.
    """
    with mpl.rc_context(_style()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        bars = [] if chart.kind is ChartKind.LINES else _bars(chart)
        rows = (
            LINE_ROWS
            if chart.kind is ChartKind.LINES and len(chart.frame)
            else max(bars[-1].row + 1 if bars else 0, 2)
        )
        figure = Figure(figsize=(WIDTH_INCHES, 1.75 + ROW_INCHES * rows), dpi=DPI)
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        if bars:
            _draw_bars(axes, bars, chart)
        elif chart.kind is ChartKind.LINES and chart.frame["value"].notna().any():
            draw_lines(axes, chart)
        else:
            axes.set_axis_off()
            axes.text(
                0.5, 0.5, "nothing to show", ha="center", va="center", color=GREY, transform=axes.transAxes
            )
        _headings(figure, chart)
        if chart.kind is ChartKind.LINES:
            figure.subplots_adjust(left=0.075, right=0.83, top=figure.subplotpars.top - 0.05)
        made = io.BytesIO()
        figure.savefig(made, format="png", metadata={"Software": None})
    return made.getvalue()


def _bars(chart: Chart) -> list[_Bar]:
    if chart.kind is ChartKind.GROUPED_BARS:
        return _grouped(chart)
    if chart.kind is ChartKind.AROUND:
        return _around(chart)
    places = money.minor_places(chart.currency)
    bars: list[_Bar] = []
    at = 0
    has_totals = chart.kind in STEPPED
    totals = chart.frame["is_total"].fillna(False).tolist() if has_totals else [False] * len(chart.frame)
    rows = zip(chart.frame["label"], chart.frame["amount"], totals, _notes(chart), strict=True)
    for row, (label, amount, is_total, note) in enumerate(rows):
        minor = int(amount)
        start, end = (at, at + minor) if has_totals and not is_total else (0, minor)
        at = end if has_totals else 0
        sign = "+" if has_totals and not is_total and minor > 0 else ""
        bars.append(
            _Bar(
                label=plain(str(label), limit=LABEL_CHARACTERS),
                start=start / 10**places,
                end=end / 10**places,
                text=sign + money.shown(minor, chart.currency) + note,
                colour=_colour(chart.kind, str(label), minor, is_total=bool(is_total)),
                is_total=bool(is_total),
                row=row,
            )
        )
    return bars


def _grouped(chart: Chart) -> list[_Bar]:
    """One bar for each row; the label stands once over its group, the series beside each amount."""
    places = money.minor_places(chart.currency)
    series = list(dict.fromkeys(str(name) for name in chart.frame["series"]))
    bars: list[_Bar] = []
    before, row = None, 0.0
    rows = zip(chart.frame["label"], chart.frame["series"], chart.frame["amount"], _notes(chart), strict=True)
    for label, name, amount, note in rows:
        minor = int(amount)
        row += BETWEEN_GROUPS if bars and label != before else 0
        colour, hatch = SERIES[series.index(str(name)) % len(SERIES)]
        bars.append(
            _Bar(
                label="" if label == before else plain(str(label), limit=LABEL_CHARACTERS),
                start=0.0,
                end=minor / 10**places,
                text=f"{plain(str(name), limit=LABEL_CHARACTERS)} {money.shown(minor, chart.currency)}{note}",
                colour=colour,
                hatch=hatch,
                row=row,
            )
        )
        before, row = label, row + WITHIN_GROUP
    return bars


def _around(chart: Chart) -> list[_Bar]:
    """Bars from the base to each amount, with the amount and how far it is from the base."""
    if chart.frame.empty:
        return []
    places = money.minor_places(chart.currency)
    is_base = chart.frame["is_total"].fillna(False).to_numpy(dtype=bool)
    base = int(chart.frame["amount"][is_base].iloc[0])
    rows = zip(chart.frame["label"], chart.frame["amount"], is_base, _notes(chart), strict=True)
    return [
        _Bar(
            label=plain(str(label), limit=LABEL_CHARACTERS),
            start=base / 10**places,
            end=int(amount) / 10**places,
            text=money.shown(int(amount), chart.currency)
            + ("" if here else _off(int(amount) - base, chart))
            + note,
            colour=INK if here else BLUE if int(amount) >= base else ORANGE,
            is_total=bool(here),
            row=row,
        )
        for row, (label, amount, here, note) in enumerate(rows)
    ]


def _off(minor: int, chart: Chart) -> str:
    return f" ({'+' if minor > 0 else ''}{money.shown(minor, chart.currency)})" if minor else " (no change)"


def _notes(chart: Chart) -> list[str]:
    """What is said beside each amount."""
    if "note" not in chart.frame.columns:
        return [""] * len(chart.frame)
    return [f"  {plain(str(n), limit=NOTE_CHARACTERS)}" if n else "" for n in chart.frame["note"].fillna("")]


def _colour(kind: ChartKind, label: str, minor: int, *, is_total: bool) -> str:
    if is_total:
        return INK
    if kind is ChartKind.AGING_BARS:
        if label.lower() in OTHER_PLACES:
            return GREY
        return GREEN if label.lower() == "current" else BLUE
    return BLUE if minor >= 0 else ORANGE


def _draw_bars(axes: Axes, bars: list[_Bar], chart: Chart) -> None:
    rows = [bar.row for bar in bars]
    edges = [1.2 if bar.start != bar.end else 0 for bar in bars]  # so that a small amount is still seen
    for bar, edge in zip(bars, edges, strict=True):
        axes.barh([bar.row], [bar.end - bar.start], left=[bar.start], color="white" if bar.hatch else bar.colour,
                  edgecolor=bar.colour, hatch=bar.hatch, linewidth=edge, height=0.62, zorder=3)  # fmt: skip
    if chart.kind in STEPPED:
        for row, bar in enumerate(bars[:-1]):
            axes.plot([bar.end, bar.end], [row + 0.31, row + 1 - 0.31], color=GREY, linewidth=0.8, zorder=2)
    low = min(0.0, *(min(b.start, b.end) for b in bars), 0.0)
    high = max(0.0, *(max(b.start, b.end) for b in bars), 0.0)
    is_cut = False
    if chart.kind in (*STEPPED, ChartKind.AROUND):
        low, high = _zoomed(bars, low, high)
        is_cut = low > 0
    span = (high - low) or 1.0
    longest = max(len(bar.text) for bar in bars)
    axes.set_xlim(low - (0.02 * span if low < 0 else 0), high + max(0.30, 0.0155 * longest) * span)
    for bar in bars:
        axes.text(max(bar.start, bar.end, low) + 0.012 * span, bar.row, bar.text, va="center", ha="left",
                  fontsize=9, color=INK, fontweight="bold" if bar.is_total else "normal",
                  parse_math=False)  # fmt: skip
    axes.set_yticks(rows)
    axes.set_yticklabels([bar.label for bar in bars], parse_math=False)
    axes.set_ylim(rows[-1] + 0.6, -0.6)
    _scale(axes, max(abs(low), abs(high)), chart.currency, is_cut=is_cut)
    base = next(bar.end for bar in bars if bar.is_total) if chart.kind is ChartKind.AROUND else 0.0
    axes.axvline(base, color=INK, linewidth=0.8, zorder=4)


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
