"""What a statement says of itself against its own entries. Floor 2.

opening + booked entries = closing; stated counts and totals = those of the entries
"""

from __future__ import annotations

from decimal import Decimal, DecimalException

from arlib.sources.forms.amounts import added, plain
from arlib.sources.forms.form import Row

TIES, DIFFERS, NOT_STATED, NO_ENTRIES = "ties", "differs", "not stated", "no entries"


class Tally:
    """The running sums of one statement; `add` each entry, then `close` gives its row and remarks."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self.entries = 0
        self.credits = self.debits = Decimal(0)

    def add(self, amount: str, *, status: str = "booked") -> None:
        """Count an entry; one that is pending or for information is on no balance and not counted."""
        if status != "booked":
            return
        self.entries += 1
        value = Decimal(amount)
        if value < 0:
            self.debits = added(self.debits, value.copy_negate())
        else:
            self.credits = added(self.credits, value)

    @property
    def net(self) -> Decimal:
        """Credits less debits."""
        return added(self.credits, self.debits.copy_negate())

    def close(self, fields: dict[str, str], line: int) -> list[Row]:
        """The statement's row, with its state, and a remark for each thing that does not agree.

        `fields` are the statement's own. `stated_debits` and `stated_credits` are compared without their sign.
        """
        own = dict(fields)
        own["entries"], own["net"] = str(self.entries), plain(self.net)
        rows: list[Row] = []
        opening, closing = _value(own.get("opening", "")), _value(own.get("closing", ""))
        own["state"], own["difference"] = NOT_STATED, ""
        if opening is not None and closing is not None:
            expected = added(opening, self.net)
            gap = added(closing, expected.copy_negate())
            own["state"] = DIFFERS if gap else TIES
            own["difference"] = plain(gap)
            if gap:
                wanted = f"{plain(expected)}, its opening balance and entries"
                rows.append(_remark(line, "statement_does_not_add_up", "closing", own["closing"], wanted))
        rows += self._stated(own, line)
        if not self.entries:
            rows.append(_remark(line, "no_transactions", "entries", own.get("account", ""), ""))
            if own["state"] != DIFFERS:
                own["state"] = NO_ENTRIES
        return [("statements", line, own), *rows]

    def _stated(self, own: dict[str, str], line: int) -> list[Row]:
        rows: list[Row] = []
        if own.get("stated_entries", "").isdigit() and int(own["stated_entries"]) != self.entries:
            wanted = f"{self.entries} entries as read"
            rows.append(_remark(line, "count_differs", "stated_entries", own["stated_entries"], wanted))
        sums = {"stated_net": self.net, "stated_credits": self.credits, "stated_debits": self.debits}
        for name, found in sums.items():
            stated = _value(own.get(name, ""))
            if stated is None:
                continue
            if name != "stated_net":
                stated = abs(stated)
            if stated != found:
                rows.append(_remark(line, "total_differs", name, own[name], f"{plain(found)} as read"))
        return rows


def _value(text: str) -> Decimal | None:
    if not text:
        return None
    try:
        return Decimal(text)
    except DecimalException:
        return None


def _remark(line: int, code: str, column: str, found: str, wanted: str) -> Row:
    return ("remarks", line, {"code": code, "column": column, "found": found, "wanted": wanted})
