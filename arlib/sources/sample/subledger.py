"""A builder for one entity's sub-ledger: documents and applications are added as arrays. Floor 2.

A handle is the place of an item or application in the order of adding; document numbers are given at the end,
in the order of entry. Functional amounts of applications come from the cumulative amount settled, so a
document that is settled whole leaves no carrying amount behind, however many parts it was settled in.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from arlib.sources.sample.plan import NONE, Ints, Texts

ITEM_INTS = {
    "cust": -1,
    "eff": NONE,
    "post": NONE,
    "entered": NONE,
    "doc": NONE,
    "due": NONE,
    "orig": NONE,
    "delivered": NONE,
    "service": NONE,
    "ccy": 0,
    "amount": 0,
    "tax": 0,
    "freight": 0,
    "disc_day": NONE,
    "reverses": -1,
    "replaces": -1,
    "func": NONE,
    "second": 36_000,
    "rate_day": NONE,
    "rescheduled": NONE,
}
ITEM_TEXTS = (
    "type",
    "kind",
    "acct",
    "status",
    "batch",
    "reason",
    "user",
    "authorised",
    "text",
    "disc_rate",
    "po",
    "number",
    "assigned",
    "terms",
    "order",
    "delivery",
)
APP_INTS = {
    "src": -1,
    "tgt": -1,
    "eff": NONE,
    "post": NONE,
    "entered": NONE,
    "s": 0,
    "t": 0,
    "disc": 0,
    "reverses": -1,
    "extra": 0,
    "second": 50_000,
}
APP_TEXTS = ("kind", "reason", "user", "clearing")

Values = Mapping[str, object]


class Rows:
    """Columns that grow by blocks; what a block does not give has the column's default."""

    def __init__(self, ints: Mapping[str, int], texts: tuple[str, ...]) -> None:
        """Start without rows."""
        self.ints, self.texts, self.count = dict(ints), texts, 0
        self.blocks: list[tuple[int, Values]] = []
        self.made: dict[str, np.ndarray] = {}

    def add(self, count: int, values: Values) -> Ints:
        """Append `count` rows; scalars are repeated. Returns their handles."""
        unknown = set(values) - self.ints.keys() - set(self.texts)
        assert not unknown, f"no such columns: {sorted(unknown)}"
        self.blocks.append((count, values))
        self.made.clear()
        handles = np.arange(self.count, self.count + count)
        self.count += count
        return handles

    def column(self, name: str) -> np.ndarray:
        """One column over all blocks; it may be read, not written to."""
        if name in self.made:
            return self.made[name]
        is_int = name in self.ints
        dtype = np.int64 if is_int else object
        default = self.ints[name] if is_int else ""
        made = np.empty(self.count, dtype=dtype)
        at = 0
        for count, values in self.blocks:
            made[at : at + count] = values.get(name, default)
            at += count
        made.setflags(write=False)
        self.made[name] = made
        return made


class SubLedger:
    """Items and applications of one entity while they are made."""

    def __init__(self) -> None:
        """Start empty."""
        self.items = Rows(ITEM_INTS, ITEM_TEXTS)
        self.applications = Rows(APP_INTS, APP_TEXTS)

    def add_items(self, count: int, **values: object) -> Ints:
        """Documents; where not given, `post`, `doc` and `entered` follow `eff`, and `orig` follows `due`."""
        filled = dict(values)
        filled.setdefault("post", filled["eff"])
        filled.setdefault("doc", filled["eff"])
        filled.setdefault("entered", filled["post"])
        filled.setdefault("orig", filled.get("due", NONE))
        return self.items.add(count, filled)

    def add_item(self, **values: object) -> int:
        """One document; its handle."""
        return int(self.add_items(1, **values)[0])

    def apply(self, count: int, **values: object) -> Ints:
        """Applications; `post` and `entered` follow `eff`, `t` follows `s` where they are not given."""
        filled = dict(values)
        filled.setdefault("post", filled["eff"])
        filled.setdefault("entered", filled["post"])
        filled.setdefault("t", filled["s"])
        return self.applications.add(count, filled)

    def apply_one(self, src: int, tgt: int, day: int, amount: int, **values: object) -> int:
        """One application; its handle."""
        return int(self.apply(1, src=src, tgt=tgt, eff=day, s=amount, **values)[0])

    def undo(self, handles: Ints, day: Ints | int, *, reason: str, user: str = "cash.team") -> Ints:
        """Reverse applications from a day on; they must be `extra`, no part of the final settlement."""
        held = {
            name: self.applications.column(name)[handles] for name in ("src", "tgt", "s", "t", "disc", "kind")
        }
        return self.apply(
            len(handles),
            src=held["src"],
            tgt=held["tgt"],
            eff=day,
            s=-held["s"],
            t=-held["t"],
            disc=-held["disc"],
            kind=held["kind"],
            reason=reason,
            user=user,
            reverses=handles,
            extra=1,
        )


def share(done: Ints, amount: Ints, carrying: Ints) -> Ints:
    """Carrying amount of the first `done` units of an amount; whole when all is done."""
    sign = np.sign(carrying)
    return np.asarray(sign * (np.abs(carrying) * done // np.maximum(np.abs(amount), 1)), dtype=np.int64)


def chain(owner: Ints, steps: Ints, order: Ints, amount: Ints, carrying: Ints) -> Ints:
    """Carrying amount of each step of settling a document.

    `owner` is the document of each step, `steps` the amounts, `order` the order in which they happen;
    `amount` and `carrying` belong to the documents.
    """
    at = np.lexsort((order, owner))
    who, step = owner[at], steps[at]
    running = np.cumsum(step)
    first = np.flatnonzero(np.r_[True, who[1:] != who[:-1]]) if len(who) else np.zeros(0, dtype=np.int64)
    lengths = np.diff(np.r_[first, len(who)])
    base = np.repeat(running[first] - step[first], lengths) if len(who) else running
    after = running - base
    made = np.empty_like(steps)
    made[at] = np.abs(share(after, amount[who], carrying[who])) - np.abs(
        share(after - step, amount[who], carrying[who])
    )
    return made


def carry(ledger: SubLedger, func: Ints) -> tuple[Ints, Ints, Ints]:
    """Functional amounts of every application: taken from the source, settled on the target, discount."""
    apps = ledger.applications
    amount = ledger.items.column("amount")
    src, tgt, s, t, disc = (apps.column(name) for name in ("src", "tgt", "s", "t", "disc"))
    extra, reverses = apps.column("extra") == 1, apps.column("reverses")
    order = apps.column("post") * 10 + 5
    s_func, t_func, d_func = (np.zeros(apps.count, dtype=np.int64) for _ in range(3))
    base = np.flatnonzero(~extra)
    s_func[base] = chain(src[base], s[base], order[base], amount, func)
    both = np.r_[base, base]
    rank = np.argsort(np.argsort(order[base], kind="stable"), kind="stable")
    parts = chain(tgt[both], np.r_[t[base], disc[base]], np.r_[rank * 2, rank * 2 + 1], amount, func)
    t_func[base], d_func[base] = parts[: len(base)], parts[len(base) :]
    first = np.flatnonzero(extra & (reverses < 0))
    s_func[first] = np.abs(share(s[first], amount[src[first]], func[src[first]]))
    whole = np.abs(share(t[first] + disc[first], amount[tgt[first]], func[tgt[first]]))
    t_func[first] = np.abs(share(t[first], amount[tgt[first]], func[tgt[first]]))
    d_func[first] = whole - t_func[first]
    back = np.flatnonzero(reverses >= 0)
    for made in (s_func, t_func, d_func):
        made[back] = -made[reverses[back]]
    return s_func, t_func, d_func


def outstanding(ledger: SubLedger, day: int, *, posted: bool = True) -> Ints:
    """Open amount of every item at the end of a day, by posting (or effective) date."""
    when = "post" if posted else "eff"
    open_amount = np.where(ledger.items.column(when) <= day, ledger.items.column("amount"), 0)
    apps = ledger.applications
    counts = apps.column(when) <= day
    np.subtract.at(open_amount, apps.column("tgt")[counts], (apps.column("t") + apps.column("disc"))[counts])
    np.add.at(open_amount, apps.column("src")[counts], apps.column("s")[counts])
    return open_amount


def numbers(ledger: SubLedger, pattern: str) -> Texts:
    """Document numbers: one series a kind, in the order of entry; a number that was given stays."""
    kind = ledger.items.column("kind")
    given = ledger.items.column("number")
    order = np.lexsort((ledger.items.column("second"), ledger.items.column("entered")))
    made = np.empty(ledger.items.count, dtype=object)
    next_number: dict[str, int] = {}
    for handle in order.tolist():
        code = kind[handle]
        next_number[code] = number = next_number.get(code, 100_000) + 1
        made[handle] = given[handle] or pattern.format(kind=code, n=number)
    return made
