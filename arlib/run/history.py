"""Sealed runs on the disk: which there are, which one stands, what it carries forward. Floor 4.

The folders are the truth; the store's index says the same and is checked against them by `verify`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.run.manifest import NAME, RUN, sha256_of

if TYPE_CHECKING:
    import pandas as pd

    from arlib.tables import Book

CARRIED = "reconciling_items"
CONTROL = (
    "control_account"  # the notebook whose tables say what is left open, and the control it is left open on
)
LEFT_OPEN = ("causes", "unexplained")
BALANCES = "prior_balances"
ROLLED = "roll_forward_by_account"
CASH = "cash_application"  # the notebook whose rates are carried on
RATES = "prior_rates"
RATED = "rate_history"
STATEMENTS = "prior_statements"  # bank statements that this close and those before it read
READ = "bank_statements"
BAD_DEBT = "bad_debt"  # the notebook whose allowance is carried on
ALLOWANCE = "prior_allowance"
ALLOWED = "allowance_history"


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """A sealed run."""

    run_id: str
    entity: str
    period: str
    folder: Path
    sealed_at: str
    manifest_sha256: str
    run: Mapping[str, Any]  # run.json

    @property
    def is_partial(self) -> bool:
        """Whether it holds some of the close's notebooks only.

        Such a run supersedes nothing and carries nothing on.
        """
        return bool(self.run.get("is_partial", False))


def sealed_runs(outputs: Path, *, entity: str, period: str) -> tuple[Sealed, ...]:
    """The sealed runs of an entity and period, oldest first; folders without a readable manifest are none."""
    home = outputs / period / entity
    found = []
    for folder in sorted(home.iterdir()) if home.is_dir() else ():
        if not (folder / NAME).is_file() or not (folder / RUN).is_file():
            continue
        try:
            manifest = json.loads((folder / NAME).read_bytes())
            run = json.loads((folder / RUN).read_bytes())
        except ValueError:
            continue
        found.append(
            Sealed(
                run_id=folder.name,
                entity=entity,
                period=period,
                folder=folder,
                sealed_at=str(manifest.get("sealed_at", "")),
                manifest_sha256=sha256_of(folder / NAME),
                run=run,
            )
        )
    return tuple(sorted(found, key=lambda sealed: (sealed.sealed_at, sealed.run_id)))


def standing(outputs: Path, *, entity: str, period: str) -> Sealed | None:
    """The run that stands: the last whole one sealed; None when there is none."""
    whole = [run for run in sealed_runs(outputs, entity=entity, period=period) if not run.is_partial]
    return whole[-1] if whole else None


@dataclass(frozen=True, kw_only=True)
class CarriedForward:
    """What the previous period's standing run hands on: reconciling items, balances, hit rates of cash application."""

    run_id: str
    period: str
    manifest_sha256: str
    items: pd.DataFrame | None  # RECONCILING_ITEMS; None where that run has none or the sources give them
    balances: pd.DataFrame  # PRIOR_BALANCES
    rates: pd.DataFrame  # PRIOR_RATES: of that period and of all before it that its own close knew
    statements: pd.DataFrame  # PRIOR_STATEMENTS: likewise
    allowance: pd.DataFrame  # PRIOR_ALLOWANCE: likewise

    def beside(self, book: Book) -> CarriedForward:
        """What a book takes of it: its own list of reconciling items goes first."""
        return replace(self, items=None) if book.has(CARRIED) else self

    def to_json(self) -> dict[str, object]:
        """As run.json tells it."""
        return {
            "run_id": self.run_id,
            "period": self.period,
            "manifest_sha256": self.manifest_sha256,
            "rows": 0 if self.items is None else len(self.items),
            "rates": len(self.rates),
        }


def carried_forward(outputs: Path, *, entity: str, previous: str) -> CarriedForward | None:
    """What the previous period's standing run leaves to clear and to compare with; None without such a run or table.

    A table that does not have the bytes its manifest says is refused with SourceError: it is the opening of
    this period.
    """
    from arlib.errors import SourceError

    prior = standing(outputs, entity=entity, period=previous)
    if prior is None:
        return None
    data = prior.folder / "data"
    paths = [path for name in LEFT_OPEN if (path := data / CONTROL / f"{name}.parquet").is_file()]
    rolled, rated = data / CONTROL / f"{ROLLED}.parquet", data / CASH / f"{RATED}.parquet"
    allowed = data / BAD_DEBT / f"{ALLOWED}.parquet"
    read = [path for name in (READ, STATEMENTS) if (path := data / "book" / f"{name}.parquet").is_file()]
    if not paths and not read and not rated.is_file() and not allowed.is_file():
        return None
    listed = {row["path"]: row["sha256"] for row in json.loads((prior.folder / NAME).read_bytes())["files"]}
    for path in (*paths, *read, *(path for path in (rolled, rated, allowed) if path.is_file())):
        if listed.get(path.relative_to(prior.folder).as_posix()) != sha256_of(path):
            raise SourceError(
                "what the previous period carries forward was changed after its close",
                where=f"{prior.period} {entity} {prior.run_id}",
                fix="See `arlib verify`, and close that period again.",
            )
    import pandas as pd

    from arlib.ledger.carry_forward import reconciling_items

    open_items = [pd.read_parquet(path).assign(entity=entity, control=CONTROL) for path in paths]
    return CarriedForward(
        run_id=prior.run_id,
        period=prior.period,
        manifest_sha256=prior.manifest_sha256,
        items=reconciling_items(*open_items) if open_items else None,
        balances=_closing(rolled, prior),
        rates=_carried(rated, RATES, prior),
        statements=_statements(data / "book", prior),
        allowance=_carried(allowed, ALLOWANCE, prior),
    )


def _closing(path: Path, prior: Sealed) -> pd.DataFrame:
    """Closing balances of the sub-ledger by account, in the books' currency, of a sealed run: PRIOR_BALANCES."""
    import pandas as pd

    from arlib.tables import CANONICAL

    declared = CANONICAL[BALANCES]
    if not path.is_file():
        return declared.empty()
    rows = pd.read_parquet(path)
    closing = rows[rows["line"].eq("closing") & rows["currency"].eq(str(prior.run["functional_currency"]))]
    account = closing["account"] if "account" in closing else pd.Series("", index=closing.index, dtype="str")
    made = closing.assign(
        entity=prior.entity, account=account, balance=closing["amount"], run_id=prior.run_id
    )
    return declared.typed(made[declared.names]).sort_values("account", ignore_index=True)


def _carried(path: Path, name: str, prior: Sealed) -> pd.DataFrame:
    """What a result table of a sealed run says of it and of those before it, as the canonical table of that name."""
    import pandas as pd

    from arlib.tables import CANONICAL

    declared = CANONICAL[name]
    if not path.is_file():
        return declared.empty()
    rows = pd.read_parquet(path).assign(entity=prior.entity, run_id=prior.run_id)
    return declared.typed(rows[declared.names]).sort_values(list(declared.key), ignore_index=True)


def _statements(book: Path, prior: Sealed) -> pd.DataFrame:
    """The bank statements that a sealed run and those before it read, each with the run that read it first."""
    import pandas as pd

    from arlib.sources.snapshot import read_parquet_table
    from arlib.tables import CANONICAL

    declared = CANONICAL[STATEMENTS]
    earlier, own = book / f"{STATEMENTS}.parquet", book / f"{READ}.parquet"
    found = [read_parquet_table(earlier, table=declared)] if earlier.is_file() else []
    if own.is_file():
        rows = read_parquet_table(own, table=CANONICAL[READ])
        rows = rows[rows["kind"].eq("statement")].assign(period=prior.period, run_id=prior.run_id)
        found.append(declared.typed(rows[declared.names]))
    if not found:
        return declared.empty()
    rows = pd.concat(found, ignore_index=True).drop_duplicates(list(declared.key))
    return declared.typed(rows).sort_values(list(declared.key), ignore_index=True)


def with_carried(book: Book, carried: CarriedForward | None) -> Book:
    """The book with what is carried; what the sources themselves give is left alone."""
    if carried is None:
        return book
    items = {} if carried.items is None else {CARRIED: carried.items}
    own = {BALANCES: carried.balances, RATES: carried.rates}
    own |= {
        name: rows
        for name, rows in ((STATEMENTS, carried.statements), (ALLOWANCE, carried.allowance))
        if len(rows)
    }
    return replace(book, tables={**items, **own, **book.tables})
