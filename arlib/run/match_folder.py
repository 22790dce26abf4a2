"""The result folder of `arlib match`: contract CSV, the same as Parquet, and a summary. Floor 4.

matches.csv        the best proposal of each receipt, one row for each item
alternatives.csv   runners-up and why they lost
unmatched.csv      money that no item takes, and why
rules.csv          every rule with its measured precision and its bound
posting.csv        receipt applications for the ERP: only what was decided auto
residuals.csv      rests of items that the policy closes and replaces
contras.csv        nettings against payables that payers speak of, as proposals
skipped.csv        open items that a customer's payments passed over
reversals.csv      what returned payments put back on items
summary.json       measures, inputs, and a hash of the matches that is equal from run to run
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.matching.frames import ALTERNATIVES, MATCHES, RULES, UNMATCHED
from arlib.matching.leftovers import CONTRAS, RESIDUALS, SKIPPED
from arlib.matching.posting import POSTING, posting_lines
from arlib.matching.returned import REVERSALS
from arlib.run.wholefolder import replace_folder

if TYPE_CHECKING:
    import pandas as pd

    from arlib.matching.result import MatchResult
    from arlib.tables.kinds import Table

MARKER = ".arlib-match"
SCHEMA = "arlib.match/1"
FIRST = (
    "receipt_id", "item_id", "applied_amount", "discount", "deduction", "fee", "fx", "reason", "decision", "rule", "evidence",
)  # fmt: skip  # columns of matches.csv that are promised, in this order; the others follow


def write_match_folder(result: MatchResult, folder: Path, *, summary: Mapping[str, Any]) -> None:
    """Write the result, replacing an earlier one whole; the same result gives the same bytes.

    `summary` is what stands in summary.json beside its form and the hash of the matches. Raises SourceError where the
    folder holds what this function did not write, or cannot be written.
    """
    from arlib.sources.snapshot import write_parquet

    frames = {
        "matches": (MATCHES, result.matches),
        "alternatives": (ALTERNATIVES, result.alternatives),
        "unmatched": (UNMATCHED, result.unmatched),
        "rules": (RULES, result.rules),
        "posting": (POSTING, posting_lines(result)),
        "residuals": (RESIDUALS, result.residuals),
        "contras": (CONTRAS, result.contras),
        "skipped": (SKIPPED, result.skipped),
        "reversals": (REVERSALS, result.reversals),
    }
    contracts = {name: contract_bytes(frame, table) for name, (table, frame) in frames.items()}
    names = _printed_names({*result.pool_items["currency"], *result.pool_receipts["currency"]})
    whole = {"schema": SCHEMA, **_renamed(summary, names)}
    whole["matches_sha256"] = hashlib.sha256(contracts["matches"]).hexdigest()

    def fill(spare: Path) -> None:
        for name, (table, frame) in frames.items():
            (spare / f"{name}.csv").write_bytes(contracts[name])
            write_parquet(frame, spare / f"{name}.parquet", table=table)
        text = json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
        (spare / "summary.json").write_text(text, encoding="utf-8", newline="\n")

    replace_folder(folder, fill, marker=MARKER)


def contract_bytes(frame: pd.DataFrame, table: Table) -> bytes:
    """A table as contract CSV: UTF-8 without mark, LF, comma, plain decimals, sorted by its key.

    A currency is written by its ISO code; its amounts keep the places of their source (JPY with two where the source has
    two).
    """
    from arlib.money import iso_code
    from arlib.sources.export import contract_text

    columns = [*FIRST, *(n for n in table.names if n not in FIRST)] if table is MATCHES else table.names
    texts = contract_text(frame, table=table, columns=columns)
    for name in {column.currency for column in table.columns} - {""}:
        texts[name] = texts[name].map({code: iso_code(code) if code else "" for code in texts[name].unique()})
    texts = texts.iloc[_order(texts, table)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(texts[name].tolist() for name in columns), strict=True))
    return out.getvalue().encode("utf-8")


def _order(texts: pd.DataFrame, table: Table) -> list[int]:
    keys = list(zip(*(texts[name].tolist() for name in table.key), strict=True))
    return sorted(range(len(keys)), key=keys.__getitem__)


def _printed_names(codes: Iterable[str]) -> dict[str, str]:
    """Currency codes to what is printed for them; two places of one currency keep their own codes."""
    from arlib.money import iso_code

    printed = {str(code): iso_code(str(code)) for code in codes}
    times = Counter(printed.values())
    return {code: name for code, name in printed.items() if times[name] == 1}


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    """The same with currency codes as they are printed, be they keys or values of `currency`."""
    if isinstance(value, Mapping):
        return {
            names.get(key, key): names.get(held, held) if key == "currency" else _renamed(held, names)
            for key, held in value.items()
        }
    return [_renamed(held, names) for held in value] if isinstance(value, list) else value
