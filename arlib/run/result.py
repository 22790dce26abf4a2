"""What a notebook hands over: one machine-readable result, and the hash of its facts. Floor 4.

The hash covers the controls and every result table, rows in an order that depends on nothing but the rows,
money as decimal text, statistics to 12 significant digits. No path, time, version or input hash is in it, and
the tables that say where rows came from (`inputs`, `problems`) stay out, as do controls on how files were read
(`intake`): the same facts give the same hash, however they were delivered.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from arlib.controls import Control, Identity
from arlib.errors import RunError
from arlib.tables import Kind

if TYPE_CHECKING:
    from arlib.report.model import Report, ResultTable

MIME = "application/vnd.arlib.result+json"
SCHEMA = 1
PROVENANCE = frozenset({"inputs", "problems"})  # where rows came from, not what they say
READING = frozenset({"intake"})  # controls on how files were read; they depend on the form of delivery
CONTROLS = "controls"  # the table that lists controls by `name`


def canonical(value: object) -> bytes:
    """JSON with sorted keys, no spaces and no number that is not whole: the form that is hashed."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON."""
    return hashlib.sha256(canonical(value)).hexdigest()


def control_to_json(control: Control) -> dict[str, object]:
    """A control with its amounts as decimal text and its word."""
    return {
        "name": control.name,
        "title": control.title,
        "entity": control.entity,
        "currency": control.currency,
        "account": control.account,
        "left_label": control.left_label,
        "left": _money(control.left, control.currency),
        "right_label": control.right_label,
        "right": _money(control.right, control.currency),
        "difference": _money(control.difference, control.currency),
        "explained": _money(control.explained, control.currency),
        "unexplained": _money(control.unexplained, control.currency),
        "count": control.count,
        "unexplained_count": control.unexplained_count,
        "oldest": control.oldest.isoformat() if control.oldest else None,
        "owner": control.owner,
        "note": control.note,
        "status": str(control.status),
    }


def control_from_json(given: Mapping[str, Any]) -> Control:
    """The control again; its word is computed anew, and one that does not agree raises RunError."""
    currency = given["currency"]
    made = Control(
        name=given["name"],
        title=given["title"],
        entity=given["entity"],
        currency=currency,
        account=given["account"],
        left_label=given["left_label"],
        left=_minor(given["left"], currency),
        right_label=given["right_label"],
        right=_minor(given["right"], currency),
        explained=_minor(given["explained"], currency) or 0,
        count=given["count"],
        unexplained_count=given["unexplained_count"],
        oldest=date.fromisoformat(given["oldest"]) if given["oldest"] else None,
        owner=given["owner"],
        note=given["note"],
    )
    if str(made.status) != given["status"]:
        raise RunError(
            f"control {made.name} says {given['status']} but its amounts say {made.status}",
            reason="result_unsound",
            where=made.entity,
        )
    return made


def identity_to_json(identity: Identity) -> dict[str, object]:
    """An identity with its sums as text and whether it holds."""
    return {
        "name": identity.name,
        "left_label": identity.left_label,
        "left": _money(identity.left, identity.currency),
        "right_label": identity.right_label,
        "right": _money(identity.right, identity.currency),
        "currency": identity.currency,
        "entity": identity.entity,
        "holds": identity.holds,
    }


def table_digest(table: ResultTable) -> str:
    """SHA-256 of a table's facts: column names and rows, whatever order both came in.

    The list of controls is hashed without those on reading.
    """
    columns = sorted(str(name) for name in table.columns)
    texts = {name: _texts(table, name) for name in columns}
    rows = list(zip(*(texts[name] for name in columns), strict=True)) if columns else []
    key = [columns.index(name) for name in table.key]
    if table.name == CONTROLS and "name" in columns:
        named = columns.index("name")
        rows = [row for row in rows if row[named] not in READING]
    rows.sort(
        key=lambda row: (tuple(row[i] or "" for i in key), tuple((v is not None, v or "") for v in row))
    )
    made = hashlib.sha256(canonical(columns))
    for row in rows:
        made.update(b"\n" + canonical(row))
    return made.hexdigest()


def results_digest(controls: Iterable[Control], tables: Mapping[str, str]) -> str:
    """SHA-256 over controls, in an order of their own, and the digests of result tables by name."""
    return told_digest([control_to_json(control) for control in controls], tables)


def told_digest(controls: Iterable[Mapping[str, Any]], tables: Mapping[str, str]) -> str:
    """The same from controls as JSON. Controls on reading and tables on where rows came from do not count."""
    told = sorted((made for made in controls if made.get("name") not in READING), key=canonical)
    facts = {name: sha for name, sha in tables.items() if name not in PROVENANCE}
    return digest({"controls": told, "tables": facts})


def run_digest(payloads: Mapping[str, Mapping[str, Any]]) -> str:
    """SHA-256 over the results of all notebooks of a run, by notebook name."""
    return digest({name: payload["results_sha256"] for name, payload in payloads.items()})


def payload(report: Report, *, notebook: str, artefacts: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """The result of one report as plain JSON."""
    tables = {t.name: {"rows": len(t.frame), "sha256": table_digest(t)} for t in report.tables}
    return {
        "schema": SCHEMA,
        "notebook": notebook,
        "title": report.title,
        "status": str(report.status),
        "entity": report.scope.entity,
        "period": report.scope.period,
        "as_of": report.scope.as_of.isoformat(),
        "controls": [control_to_json(control) for control in report.controls],
        "identities": [identity_to_json(identity) for identity in report.identities],
        "counts": {name: int(count) for name, count in sorted(report.counts.items())},
        "findings": list(report.findings),
        "limits": list(report.limits),
        "for_review": {t.name: len(t.frame) for t in report.tables if t.needs_review and len(t.frame)},
        "artefacts": [dict(artefact) for artefact in artefacts],
        "tables": tables,
        "results_sha256": results_digest(
            report.controls, {name: str(t["sha256"]) for name, t in tables.items()}
        ),
    }


def find_results(node: Any) -> list[dict[str, Any]]:
    """Every result in an executed notebook's outputs."""
    found = []
    for cell in node.cells:
        for output in cell.get("outputs", []):
            bundle = output.get("data", {})
            if MIME in bundle:
                value = bundle[MIME]
                found.append(json.loads(value) if isinstance(value, str) else json.loads(json.dumps(value)))
    return found


def broken(found: Mapping[str, Any]) -> list[str]:
    """The identities of a result that do not hold, in words; the sums are compared again, not believed."""
    return [
        f"{i['name']}: {i['left_label']} {i['left']}, {i['right_label']} {i['right']} "
        + (i["currency"] or "rows")
        for i in found["identities"]
        if i["left"] != i["right"] or i["holds"] is not True
    ]


def _money(minor: int | None, currency: str) -> str | None:
    if minor is None:
        return None
    if not currency:
        return str(minor)
    from arlib.money import format_minor

    return format_minor(minor, currency)


def _minor(text: str | None, currency: str) -> int | None:
    if text is None:
        return None
    from arlib.money import minor_places

    places = minor_places(currency) if currency else 0
    whole, _, fraction = text.partition(".")
    if len(fraction) != places:  # totals may exceed what a column holds, so this is read as digits
        raise RunError(f"{text} is not an amount in {currency or 'rows'}", reason="result_unsound")
    return int(whole + fraction)


def _texts(table: ResultTable, name: str) -> list[str | None]:
    """A column as text, None where empty; equal facts give equal text whatever the dtype."""
    import pandas as pd

    column, kind = table.frame[name], table.kinds[name]
    empty = column.isna()
    if kind is Kind.MONEY:
        from arlib.money import format_minor_column

        texts = format_minor_column(column, table.currencies(name))
    elif kind is Kind.DAY:
        texts = pd.to_datetime(column).dt.strftime("%Y-%m-%d")
    elif kind is Kind.INSTANT:
        texts = pd.to_datetime(column, utc=True).dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    elif kind is Kind.FLAG:
        texts = column.map({True: "true", False: "false"})
    elif pd.api.types.is_float_dtype(column.dtype):
        texts = column.map(_figure)
    elif kind is Kind.INTEGER:
        texts = column.map(lambda value: str(int(value)), na_action="ignore")
    else:
        texts = column.astype("str")
    return [None if gone else str(text) for gone, text in zip(empty, texts, strict=True)]


def _figure(value: float) -> str:
    """A statistic to 12 significant digits; minus nothing is nothing."""
    text = f"{value:.12g}"
    return "0" if text == "-0" else text
