"""Every interaction of the desk on a book of a million items, timed; beside it DuckDB and pandas on the same rows.

    python benchmarks/desk.py [--items 1000000] [--repeats 20] [--limit 1.0] [--no-history]

The book is made from a fixed seed (`desk_data`). The desk is the real one with a store of its own in a temporary folder; each
interaction is done as often as `--repeats` says, with other customers, numbers and days each time, and may take `--limit` seconds
at worst. The peers answer what they can answer: find a document, a name, an amount, a customer's open items at a date.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from desk_data import AS_OF, CURRENCY, ENTITY, made_book

LEAST, PATIENCE = 3, 30.0
HEAD = "median, ms | worst, ms | processor, median | processor, worst | times |\n|---|---|---|---|---|---|"

if TYPE_CHECKING:
    from arlib.explore.desk import Desk
    from arlib.run.plan import ClosePlan
    from arlib.tables import Book


@dataclass
class Measured:
    """Seconds of each time that something was done."""

    name: str
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @property
    def row(self) -> str:
        """One line of the table, in milliseconds."""
        clock = f"{median(self.seconds) * 1000:,.0f} | {max(self.seconds) * 1000:,.0f}"
        used = f"{median(self.processor) * 1000:,.0f} | {max(self.processor) * 1000:,.0f}"
        return f"| {self.name} | {clock} | {used} | {len(self.seconds)} |"


class Chosen:
    """What the interactions are done with, drawn from a fixed seed: the same customers and numbers each time."""

    def __init__(self, book: Book) -> None:
        """Draw nothing yet."""
        self.rng = np.random.default_rng(3)
        self.items, self.customers, self.receipts = book["items"], book["customers"], book["receipts"]
        sizes = self.items["customer_id"].value_counts()
        self.largest = str(sizes.index[0])
        self.largest_items = int(sizes.iloc[0])
        middle = sizes[(sizes >= 12) & (sizes <= 40)].index
        self.middle = [str(code) for code in self.rng.choice(np.array(middle, dtype=object), 200)]
        is_open = self.receipts["status"].eq("unapplied").to_numpy(dtype=bool)
        self.open_receipts = self.receipts["receipt_id"][is_open].tolist()

    def item(self) -> Any:
        """A row of the items."""
        return self.items.iloc[int(self.rng.integers(len(self.items)))]

    def name(self) -> str:
        """A customer's name with a letter left out."""
        name = str(self.customers["name"].iloc[int(self.rng.integers(len(self.customers)))])
        at = int(self.rng.integers(1, 7))
        return name[:at] + name[at + 1 :]

    def customer(self) -> str:
        """A customer of 12 to 40 items."""
        return str(self.rng.choice(self.middle))

    def day(self) -> date:
        """A day of the last year."""
        return AS_OF - timedelta(days=int(self.rng.integers(0, 365)))

    def receipt(self) -> str:
        """A receipt that waits to be placed."""
        return str(self.rng.choice(self.open_receipts))


def plan_at(home: Path) -> ClosePlan:
    """The plan of a close whose books are made, not read."""
    from arlib.calendar import FiscalCalendar
    from arlib.policy import Policies
    from arlib.run.plan import ClosePlan, EntitySpec

    return ClosePlan(
        close_file="params/bench.yml", close_file_sha256="0" * 64, root=home, title="Bench", period="2026-10",
        calendar=FiscalCalendar(), outputs=home / "outputs",
        entities=(EntitySpec(code=ENTITY, name="Bench", functional_currency=CURRENCY),),
        sources=(), policies=Policies(), notebooks=(),
    )  # fmt: skip


def desk_at(home: Path, book: Book, *, is_ahead: bool = True) -> Desk:
    """A desk on this book, with a store in `home`."""
    from arlib.explore.books import BookSource
    from arlib.explore.desk import desk_of
    from arlib.run.store import Actor

    @dataclass(frozen=True, kw_only=True)
    class Made(BookSource):
        """A book that is there already."""

        made: Book

        def book(self, entity: str) -> Book:
            return self.made.for_entity(entity)

    plan = plan_at(home)
    return desk_of(
        plan, entity=ENTITY, source=Made(plan=plan, made=book), actor=Actor("sam.taylor"), is_ahead=is_ahead
    )


def interactions(desk: Desk, chosen: Chosen) -> Iterator[tuple[str, Callable[[], object]]]:
    """What a person does at the desk, by name; each call does it with something else."""
    from arlib.explore.filters import Filters

    yield "search: a name with a typo", lambda: desk.search(chosen.name())
    yield "search: a document number", lambda: desk.search(str(chosen.item()["document_no"]))
    yield "search: the last six digits of one", lambda: desk.search(str(chosen.item()["document_no"])[-6:])
    yield "search: an amount", lambda: desk.search(f"{abs(int(chosen.item()['amount'])) / 100:,.2f}")
    yield "search: two letters", lambda: desk.search(chosen.name()[:2])
    yield (
        "filter: currency, bucket and collector",
        lambda: desk.search("", Filters(currency=CURRENCY, bucket="31-60", collector="dana.reyes")),
    )
    yield (
        "filter: open disputes of a reason, and a name",
        lambda: desk.search(chosen.name(), Filters(dispute_reason="tax")),
    )
    for name, code in (
        ("a customer", chosen.customer),
        (f"the largest ({chosen.largest_items:,} items)", lambda: chosen.largest),
    ):
        yield from _of_customer(desk, chosen, name, code)
    yield from _of_receipt(desk, chosen)
    yield from _decisions(desk, chosen)


def _of_customer(
    desk: Desk, chosen: Chosen, name: str, code: Callable[[], str]
) -> Iterator[tuple[str, Callable[[], object]]]:
    """What is looked at of one customer. A tab is opened on a case of which nothing was worked out before."""

    def opened() -> object:
        case = desk.open(ENTITY, code())
        return case.header, case.open_items

    def tab(what: str) -> Callable[[], object]:
        return lambda: getattr(desk.open(ENTITY, code()), what)

    yield f"open {name}: header and open items", opened
    for what in ("history", "receipts", "timeline", "running", "balances_by_day", "hints"):
        yield f"{name}: {what.replace('_', ' ')}", tab(what)
    yield f"{name}: roll forward with documents", lambda: desk.open(ENTITY, code()).roll_forward(chosen.day())
    case = desk.open(ENTITY, code())
    first, days = case.balances_by_day["day"].min().date(), (case.last_day - AS_OF).days
    yield (
        f"{name}: slider moved, balance",
        lambda: case.balance_on(max(first, chosen.day() + timedelta(days=days))),
    )

    def moved() -> object:
        then = case.at(as_of=chosen.day())
        return then.header, then.open_items

    yield f"{name}: as-of date moved, header and open items", moved
    text = "\n".join(
        f"{row.document_no}\t{row.document_date.date()}\t{row.outstanding / 100:.2f}"
        for row in case.open_items.head(200).itertuples()
    )
    answers = {"statement_date": AS_OF.isoformat(), "sign": "owed_is_positive"}
    yield (
        f"{name}: own statement of {min(200, len(case.open_items))} lines",
        lambda: case.statement(text, decided=answers),
    )


def _of_receipt(desk: Desk, chosen: Chosen) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "receipt: proposals with runner-up", lambda: desk.receipt(ENTITY, chosen.receipt()).proposals
    case = desk.receipt(ENTITY, chosen.receipt())
    ids = case.around.inputs.items["item_id"].tolist()

    def what_if() -> object:
        picked = (
            chosen.rng.choice(np.array(ids, dtype=object), min(3, len(ids)), replace=False) if ids else []
        )
        return case.what_if(dict.fromkeys(map(str, picked)))

    yield "receipt: what-if of three items", what_if
    yield "receipt: solve for combinations", lambda: desk.receipt(ENTITY, chosen.receipt()).combinations()


def _decisions(desk: Desk, chosen: Chosen) -> Iterator[tuple[str, Callable[[], object]]]:
    from arlib.run.casework import AppliedLine, Casework, Known, casework

    waiting = iter(chosen.rng.permutation(np.array(chosen.open_receipts, dtype=object)))

    def note() -> object:
        code = chosen.customer()
        return desk.record(lambda work: work.note(entity=ENTITY, customer_id=code, text="called, will pay"))

    def dispute() -> object:
        code = chosen.customer()
        return desk.record(
            lambda work: work.dispute(
                entity=ENTITY,
                customer_id=code,
                currency=CURRENCY,
                amount=100,
                reason="price",
                known=Known(customer_id=code, balances={CURRENCY: 100}, reasons=frozenset({"price"})),
            )
        )

    other = casework(desk.casework.store, type(desk.actor)("alex.kim"), plan=desk.plan)

    def news() -> object:
        other.note(entity=ENTITY, customer_id=chosen.customer(), text="seen")
        return desk.refresh()

    def applied() -> object:
        case = desk.receipt(ENTITY, str(next(waiting)))
        for item in case.around.items["item_id"]:
            made = case.what_if({item: None})
            if made.can_apply:
                told = {
                    "open_amounts": made.open_amounts,
                    "receipt_open": made.receipt_open,
                    "seen": case.head,
                }
                told["lines"] = [AppliedLine(**asdict(line)) for line in made.lines]
                act = partial(Casework.apply, entity=ENTITY, receipt_id=made.receipt_id, **told)
                desk.record(act)
                break
        return desk.receipt(ENTITY, str(next(waiting))).proposals

    yield "record a note", note
    yield "record a dispute", dispute
    yield "choose an item, record its application, proposals of the next receipt", applied
    yield "refresh, nothing new", desk.refresh
    yield "refresh, another user decided (his recording included)", news
    yield "decisions of this user", desk.recently


def timed(name: str, act: Callable[[], object], repeats: int) -> Measured:
    """Do it so often, or for half a minute where it is slow."""
    made = Measured(name)
    begun = time.perf_counter()
    while len(made.seconds) < repeats and (
        len(made.seconds) < LEAST or time.perf_counter() - begun < PATIENCE
    ):
        started, used = time.perf_counter(), time.process_time()
        act()
        made.seconds.append(time.perf_counter() - started)
        made.processor.append(time.process_time() - used)
    return made


def peers(home: Path, book: Book, chosen: Chosen, repeats: int) -> list[Measured]:
    """DuckDB on Parquet files of the same tables, and plain pandas, for the questions that they can answer."""
    import duckdb

    link = duckdb.connect()
    for name in ("items", "applications", "customers"):
        book[name].to_parquet(home / f"{name}.parquet")
        link.read_parquet(str(home / f"{name}.parquet")).create_view(name)
    as_of = """
        WITH own AS (SELECT item_id, amount FROM items WHERE customer_id = $code AND effective_date <= $day),
             paid AS (SELECT target_item_id AS item_id, sum(target_amount) AS moved FROM applications
                      WHERE effective_date <= $day AND target_item_id IN (SELECT item_id FROM own) GROUP BY 1),
             used AS (SELECT source_item_id AS item_id, sum(source_amount) AS moved FROM applications
                      WHERE effective_date <= $day AND source_item_id IN (SELECT item_id FROM own) GROUP BY 1)
        SELECT item_id, amount - coalesce(paid.moved, 0) + coalesce(used.moved, 0) AS open
        FROM own LEFT JOIN paid USING (item_id) LEFT JOIN used USING (item_id)
        WHERE amount - coalesce(paid.moved, 0) + coalesce(used.moved, 0) <> 0"""

    def asked(sql: str, **given: object) -> object:
        return link.execute(sql, given).fetchnumpy()

    items, customers = book["items"], book["customers"]
    part = "SELECT * FROM items WHERE contains(document_no, $part) LIMIT 50"
    name = "SELECT * FROM customers WHERE jaro_winkler_similarity(lower(name), lower($name)) > 0.9 LIMIT 50"
    amount = "SELECT * FROM items WHERE abs(amount) = $amount LIMIT 50"
    acts: list[tuple[str, Callable[[], object]]] = [
        ("DuckDB: a name with a typo (Jaro-Winkler)", lambda: asked(name, name=chosen.name())),
        ("DuckDB: the last six digits of a document", lambda: asked(part, part=str(chosen.item()["document_no"])[-6:])),
        ("DuckDB: an amount", lambda: asked(amount, amount=abs(int(chosen.item()["amount"])))),
        ("DuckDB: a customer's open items at a date", lambda: asked(as_of, code=chosen.customer(), day=chosen.day())),
        ("DuckDB: the largest's open items at a date", lambda: asked(as_of, code=chosen.largest, day=chosen.day())),
        ("pandas: the last six digits of a document", lambda: items[items["document_no"].str.contains(
            str(chosen.item()["document_no"])[-6:], regex=False)]),
        ("pandas: a customer's rows of items", lambda: items[items["customer_id"].eq(chosen.customer())]),
        ("pandas: part of a name", lambda: customers[customers["name"].str.contains(chosen.name()[2:6], regex=False)]),
    ]  # fmt: skip
    return [timed(what, act, repeats) for what, act in acts]


def agreed(home: Path, desk: Desk, chosen: Chosen) -> int:
    """Customers of whom the desk and DuckDB say the same open items; a difference ends the run."""
    import duckdb

    link = duckdb.connect()
    for name in ("items", "applications"):
        link.read_parquet(str(home / f"{name}.parquet")).create_view(name)
    codes = [*chosen.middle[:10], chosen.largest]
    for code in codes:
        case = desk.open(ENTITY, code)
        moved = """
            SELECT sum(amount) FROM (
              SELECT amount FROM items WHERE customer_id = $code AND effective_date <= $day
              UNION ALL SELECT -target_amount + source_amount FROM applications JOIN items ON item_id = target_item_id
              WHERE customer_id = $code AND applications.effective_date <= $day)"""
        found = link.execute(moved, {"code": code, "day": AS_OF}).fetchone()
        ours = int(case.open_items["outstanding"].sum())
        if found is None or int(found[0] or 0) != ours:
            raise SystemExit(f"{code}: the desk says {ours}, DuckDB {found}")
    return len(codes)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, and say with the exit code whether every interaction held the limit."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=20)
    parser.add_argument(
        "--limit", type=float, default=1.0, help="seconds that an interaction may take at worst"
    )
    parser.add_argument(
        "--no-history", action="store_true", help="do not measure the matching rules on the book first"
    )
    given = parser.parse_args(arguments)
    os.environ.pop("ARLIB_STORE_URL", None)
    book = made_book(given.items)
    sizes = ", ".join(
        f"{len(book[name]):,} {name}" for name in ("items", "applications", "receipts", "customers")
    )
    print(f"{sizes}; load before {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        started = time.perf_counter()
        desk = desk_at(home, book, is_ahead=not given.no_history)
        print(f"desk opened (indexes, aging, search) in {time.perf_counter() - started:.1f} s")
        desk.wait()
        desk.prepared(ENTITY)
        print(
            f"matching prepared{'' if given.no_history else ' and measured on history'} after {time.perf_counter() - started:.1f} s"
        )
        chosen = Chosen(book)
        print(f"\n| interaction | {HEAD}")
        done = []
        for name, act in interactions(desk, chosen):
            done.append(timed(name, act, given.repeats))
            print(done[-1].row, flush=True)
        print(f"\n| peer | {HEAD}")
        for each in peers(home, book, chosen, given.repeats):
            print(each.row, flush=True)
        print(f"\nopen items of {agreed(home, desk, chosen)} customers: the desk and DuckDB say the same")
    slow = [each for each in done if max(each.seconds) > given.limit]
    busy = [each for each in done if max(each.processor) > given.limit]
    print(
        f"peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.1f} GiB, load after {os.getloadavg()[0]:.1f}"
    )
    print("over the limit by the clock: " + (", ".join(each.name for each in slow) or "none"))
    print("over it in processor time: " + (", ".join(each.name for each in busy) or "none"))
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
