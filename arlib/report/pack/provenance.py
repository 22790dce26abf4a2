"""Where the figures of a run come from, as a page and as JSON: sources, parameters, controls, versions. Floor 3."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

from arlib.report.pack.model import Provenance, grouped
from arlib.report.pack.sheet import CODE, HASH, NUMBER, TEXT, WIDE, heading, paragraph, sheet, table
from arlib.report.words import counted

SCHEMA = "arlib.provenance/1"


def provenance_page(provenance: Provenance, *, facts: Mapping[str, str]) -> str:
    """The page; `facts` stand at its top and in its foot. Every amount is as the record has it, by currency."""
    told = provenance
    held = (
        f"{counted(told.identities_held, 'identity', 'identities')} hold, {told.identities_broken:,} do not"
    )
    return sheet(
        title=f"Provenance, {told.entity}, {told.as_of}",
        facts=facts,
        body=(
            paragraph(
                f"Run {told.run_id} of {told.created_at} for {told.entity} {told.entity_name}, period {told.period}, "
                f"as of {told.as_of}; functional currency {told.functional_currency}."
            ),
            heading("What was read"),
            _sources(told),
            _totals(told),
            _queries(told),
            heading("Controls"),
            paragraph(f"Hand-over identities (read = taken up + set aside, sums of parts = whole): {held}."),
            _controls(told),
            heading("Parameters"),
            table("Parameters", ((TEXT, "Parameter"), (WIDE, "Value")), told.parameters),
            heading("What it was made by"),
            table("Versions", ((TEXT, "Part"), (TEXT, "Version")), told.versions),
            table("Hashes", ((TEXT, "Of what"), (HASH, "SHA-256")), told.hashes),
        ),
    )


def provenance_json(provenance: Provenance) -> bytes:
    """The same as canonical JSON: sorted keys, no blanks, UTF-8, a line end."""
    told = {"schema": SCHEMA, **asdict(provenance)}
    return (json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")) + "\n").encode(
        "utf-8"
    )


def _sources(told: Provenance) -> str:
    rows = [
        (
            one.table,
            one.name,
            one.profile,
            f"{one.rows_in:,}",
            f"{one.rows_out:,}",
            f"{one.rows_rejected:,}",
            "" if one.bytes is None else f"{one.bytes:,}",
            one.sha256,
        )
        for one in told.sources
    ]
    heads = (
        (TEXT, "Table"),
        (TEXT, "File or query"),
        (CODE, "Read as"),
        (NUMBER, "Rows read"),
        (NUMBER, "Taken up"),
        (NUMBER, "Set aside"),
        (NUMBER, "Bytes"),
        (HASH, "SHA-256"),
    )
    return table("Sources", heads, rows, note="Rows read = taken up + set aside.")


def _totals(told: Provenance) -> str:
    rows = [
        (
            one.table,
            one.name,
            total.currency,
            *map(grouped, (total.amount_in, total.amount_out, total.amount_rejected)),
        )
        for one in told.sources
        for total in one.totals
    ]
    heads = (
        (TEXT, "Table"),
        (TEXT, "File or query"),
        (CODE, "Currency"),
        (NUMBER, "Amount read"),
        (NUMBER, "Taken up"),
        (NUMBER, "Set aside"),
    )
    return table("Control totals", heads, rows, note="By currency; amount read = taken up + set aside.")


def _queries(told: Provenance) -> str:
    rows = [
        (one.table, one.database, one.query, one.parameters, one.read_at)
        for one in told.sources
        if one.database or one.query
    ]
    if not rows:
        return paragraph("No source is a database: every one is a file.")
    heads = ((TEXT, "Table"), (TEXT, "Database"), (WIDE, "Query"), (WIDE, "Parameters"), (TEXT, "Read at"))
    return table("Queries", heads, rows)


def _controls(told: Provenance) -> str:
    rows = [
        (
            one.title if not one.note else f"{one.title} ({one.note})",
            one.status,
            one.currency,
            grouped(one.left),
            grouped(one.right),
            grouped(one.difference),
            grouped(one.explained),
            grouped(one.unexplained),
        )
        for one in told.controls
    ]
    heads = (
        (WIDE, "Control: in = out"),
        (TEXT, "Status"),
        (CODE, "Currency"),
        (NUMBER, "First side"),
        (NUMBER, "Second side"),
        (NUMBER, "Difference"),
        (NUMBER, "Explained"),
        (NUMBER, "Unexplained"),
    )
    return table("Controls of the run", heads, rows)
