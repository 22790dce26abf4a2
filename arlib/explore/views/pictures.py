"""Pictures of the desk as markup: aging bar, balance over time, timeline. Floor 5.

Every mark has its number or its name in text beside it; shape tells kinds apart, colour only repeats it. Lengths are
the one place where an amount becomes a fraction of something, for drawing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from html import escape

from arlib import money
from arlib.explore.views.style import text
from arlib.report.words import plain

WIDTH, LEFT, RIGHT = 1060, 160, 150
BAR = 72  # pixels of the longest bar: no wider than the column of its amount
LINE_POINTS = 1_500  # steps drawn; more than one a pixel cannot be seen
MARKS = 600  # marks on a timeline
SHAPES = ("square", "circle", "diamond", "up", "down", "cross", "bar")
INK = "var(--jp-ui-font-color0, #111827)"
SOFT = "var(--jp-border-color1, #9ca3af)"


@dataclass(frozen=True)
class Mark:
    """Something that happened: its day, the lane it stands in, and what it says."""

    day: date
    lane: str
    said: str


def aging_bar(parts: Sequence[tuple[str, int]], currency: str) -> str:
    """Buckets of one currency side by side: name, amount, and a bar as long as the amount; credits are hatched."""
    longest = max((abs(amount) for _, amount in parts), default=0) or 1
    heads, amounts, bars = [], [], []
    for name, amount in parts:
        width = int(Fraction(abs(amount) * BAR, longest))
        kind = "arlib-bar arlib-credit" if amount < 0 else "arlib-bar"
        bar = f"<span class='{kind}' style='width:{width}px' aria-hidden='true'></span>" if amount else ""
        heads.append(f"<th scope='col'>{text(name.replace('_', ' '))}</th>")
        amounts.append(f"<td>{text(money.shown(amount, currency))}</td>")
        bars.append(f"<td aria-hidden='true'>{bar}</td>")
    total = money.shown(sum(amount for _, amount in parts), currency)
    return (
        f"<div class='arlib-scroll'><table class='arlib-buckets' aria-label='Aging, {text_attribute(currency)}'><thead><tr>"
        f"<th scope='col'>Aging</th>{''.join(heads)}<th scope='col' class='arlib-total'>total</th></tr></thead><tbody><tr>"
        f"<th scope='row'>{text(currency)}</th>{''.join(amounts)}<td class='arlib-total'>{text(total)}</td></tr>"
        f"<tr><td></td>{''.join(bars)}<td></td></tr></tbody></table></div>"
    )


def text_attribute(code: object) -> str:
    """A currency code as it may stand in an attribute: letters and digits only."""
    return "".join(mark for mark in str(code) if mark.isalnum())[:12]


def balance_line(points: Sequence[tuple[date, int]], currency: str, *, marker: date | None = None) -> str:
    """The balance at the end of each day as steps, with the highest, lowest and marked balance in figures.

    `points` are days in order with the balance after them; it holds until the next one. The marker is the day asked.
    """
    if not points:
        return "<p class='arlib-quiet'>No postings, so no balance to draw.</p>"
    first, last = points[0][0], max(points[-1][0], marker or points[-1][0])
    low, high = min(0, *(amount for _, amount in points)), max(0, *(amount for _, amount in points))
    height, top, bottom = 118, 14, 22

    def across(day: date) -> int:
        days = max((last - first).days, 1)
        return LEFT + (WIDTH - LEFT - RIGHT) * (min(max(day, first), last) - first).days // days

    def down(amount: int) -> int:
        return top + (height - top - bottom) * (high - amount) // max(high - low, 1)

    drawn = _thinned(points)
    path = [f"M{across(drawn[0][0])},{down(drawn[0][1])}"]
    for day, amount in drawn[1:]:
        path.append(f"H{across(day)}V{down(amount)}")
    path.append(f"H{across(last)}")
    at = _at(points, marker) if marker else points[-1][1]
    said = f"Balance in {currency} from {first} to {last}; {money.shown(at, currency)} at the end of {marker or last}"
    parts = [
        f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{down(0)}' y2='{down(0)}' stroke='{SOFT}' stroke-dasharray='3 3'/>",
        f"<path d='{''.join(path)}' fill='none' stroke='{INK}' stroke-width='1.6'/>",
        *(
            _label(LEFT - 6, down(amount) + 4, money.shown(amount, currency), "end")
            for amount in dict.fromkeys((high, low))
        ),
        *_months(first, last, across, height),
    ]
    if marker:
        x, y = across(marker), down(at)
        parts += [
            f"<line x1='{x}' x2='{x}' y1='{top}' y2='{height - bottom}' stroke='{INK}' stroke-dasharray='1 3'/>",
            f"<circle cx='{x}' cy='{y}' r='4.5' fill='{INK}'/>",
        ]
    parts.append(_label(WIDTH - RIGHT + 8, down(at) + 4, money.shown(at, currency), "start", "600"))
    return _svg(parts, height, said)


def timeline(marks: Iterable[Mark], *, first: date | None = None, last: date | None = None) -> str:
    """What happened, one lane a kind, each kind with a shape of its own; hovering a mark says what it is.

    The newest are kept where there are more than can be told apart, and the picture says so.
    """
    ordered = sorted(marks, key=lambda mark: (mark.day, mark.lane, mark.said))
    kept = ordered[-MARKS:]
    if not kept:
        return "<p class='arlib-quiet'>Nothing happened that the books know of.</p>"
    start, end = first or kept[0].day, last or kept[-1].day
    lanes = sorted({mark.lane for mark in kept})
    row, bottom = 24, 26
    height = row * len(lanes) + bottom + 6

    def across(day: date) -> int:
        days = max((end - start).days, 1)
        return LEFT + 10 + (WIDTH - LEFT - 40) * (min(max(day, start), end) - start).days // days

    parts = []
    for place, lane in enumerate(lanes):
        y = row * place + row // 2 + 4
        parts.append(
            f"<line x1='{LEFT}' x2='{WIDTH - 20}' y1='{y}' y2='{y}' stroke='{SOFT}' stroke-width='0.6'/>"
        )
        count = sum(mark.lane == lane for mark in kept)
        parts.append(_label(LEFT - 6, y + 4, f"{plain(lane, limit=20)} {count}", "end"))
        parts += [
            _shape(SHAPES[place % len(SHAPES)], across(mark.day), y, f"{mark.day}: {mark.said}")
            for mark in kept
            if mark.lane == lane
        ]
    parts += _months(start, end, across, height)
    more = f"; the newest {len(kept):,} of {len(ordered):,}" if len(kept) < len(ordered) else ""
    return _svg(parts, height, f"Timeline from {start} to {end}: {len(kept):,} events{more}")


def _thinned(points: Sequence[tuple[date, int]]) -> Sequence[tuple[date, int]]:
    if len(points) <= LINE_POINTS:
        return points
    step = -(-len(points) // LINE_POINTS)
    return [*points[::step], points[-1]]


def _at(points: Sequence[tuple[date, int]], day: date) -> int:
    return next((amount for when, amount in reversed(points) if when <= day), 0)


def _months(first: date, last: date, across: Callable[[date], int], height: int) -> list[str]:
    """First days of months as ticks, at most a dozen of them."""
    starts, month = [], first.replace(day=1)
    while month <= last:
        if month >= first:
            starts.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    step = max(1, -(-len(starts) // 12))
    ticks = starts[::step] or [first]
    return [_label(across(day), height - 6, f"{day:%Y-%m}", "middle") for day in ticks]


def _label(x: int, y: int, said: str, anchor: str, weight: str = "400") -> str:
    return (
        f"<text x='{x}' y='{y}' text-anchor='{anchor}' font-size='12' font-weight='{weight}' fill='{INK}'>"
        f"{escape(plain(said, limit=60))}</text>"
    )


def _shape(kind: str, x: int, y: int, said: str) -> str:
    title = f"<title>{escape(plain(said, limit=300))}</title>"
    match kind:
        case "square":
            return f"<rect x='{x - 4}' y='{y - 4}' width='8' height='8' fill='#0072b2'>{title}</rect>"
        case "circle":
            return f"<circle cx='{x}' cy='{y}' r='4.5' fill='#009e73'>{title}</circle>"
        case "diamond":
            drawn = f"M{x},{y - 6}l6,6l-6,6l-6,-6z"
        case "up":
            drawn = f"M{x},{y - 6}l6,10h-12z"
        case "down":
            drawn = f"M{x},{y + 6}l6,-10h-12z"
        case "cross":
            drawn = f"M{x - 5},{y - 1}h4v-4h2v4h4v2h-4v4h-2v-4h-4z"
        case _:
            drawn = f"M{x - 1},{y - 7}h3v14h-3z"
    return f"<path d='{drawn}' fill='#d55e00' stroke='{INK}' stroke-width='0.5'>{title}</path>"


def _svg(parts: Sequence[str], height: int, said: str) -> str:
    name = escape(plain(said, limit=300), quote=True)
    return (
        f"<svg role='img' aria-label='{name}' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}'>"
        f"{''.join(parts)}</svg><div class='arlib-quiet'>{text(said)}</div>"
    )
