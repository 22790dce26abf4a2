"""The control sheet of a posting batch: who, how much, whether it ties, what the ledger must show. Floor 2."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from arlib.controls import Identity
from arlib.money import minor_places, number_style, parse_minor, shown
from arlib.sources.upload.layout import Note
from arlib.sources.upload.workbook import ACCENT, GOOD, SOFT, TITLE_POINTS, WARN, Book, page

if TYPE_CHECKING:
    from arlib.sources.upload.batch import Batch

AFTER_AMOUNT = ("currency", "sha256")  # text that follows a number keeps its distance


def control_workbook(
    batch: Batch,
    *,
    target: str,
    rows: list[dict[str, str]],
    identities: Sequence[Identity],
    notes: Sequence[Note],
    said: Sequence[str] = (),
) -> bytes:
    """The sheet that goes with the files: who, what, how much, whether it ties, what was changed and left out."""
    made = Book(batch, f"Control sheet of batch {batch.batch_id}")
    sheet = made.sheet("Control")
    state = "APPROVED" if batch.is_approved else "PROPOSAL: not approved, not to be loaded"
    sheet.set_row(0, TITLE_POINTS)
    made.text(sheet, 0, 0, f"Posting batch {batch.batch_id}", bold=True, font_size=16, font_color=ACCENT)
    made.text(sheet, 1, 0, state, bold=True, font_size=12, font_color=ACCENT if batch.is_approved else WARN)
    facts = {
        "Layout for": {"oracle": "Oracle", "sap": "SAP"}.get(target, target),
        "Accounting date": batch.accounting_date.isoformat(),
        "Proposed by": batch.proposed_by,
        "Approved by": _approver(batch),
        "Posted by" if batch.posted_by else "To be posted by": batch.posted_by
        or "a third person: sign here with date ______________________",
        "Left out, written before": str(len(batch.left_out)),
        "Texts changed": f"{len(notes)} (sheet Notes)" if notes else "none",
    }
    at = 3
    for name, value in facts.items():
        made.text(sheet, at, 0, name, font_color=SOFT)
        made.text(sheet, at, 1, value)
        at += 1
    for sentence in said:
        made.text(sheet, at, 0, "Note", font_color=SOFT)
        made.text(sheet, at, 1, sentence)
        at += 1
    at = _totals(made, sheet, at + 1, rows)
    _identities(made, sheet, at + 1, identities)
    for place, width in enumerate((44, 54, 11, 12, 22, 22, 12, 22)):
        sheet.set_column(place, place, width)
    page(sheet, batch, repeat=None)
    _journal_sheet(made, batch)
    _table(
        made,
        "Notes",
        ("File", "Reference", "Column", "What was changed", "Text as it was"),
        (30, 20, 24, 44, 80),
        [(n.file, n.reference, n.column, n.change, n.found) for n in notes],
        "No text was changed.",
        batch,
    )
    _table(
        made,
        "Left out",
        ("Entity", "Reference", "Kind", "Source", "Item", "Currency", "Amount"),
        (10, 20, 14, 30, 30, 9, 20),
        [
            (
                r["entity"],
                r["reference"],
                r["kind"],
                r["source_id"],
                r["target_id"],
                r["currency"],
                shown(int(r["amount"]), r["currency"]),
            )
            for r in batch.left_out.to_dict("records")
        ],
        "Nothing was left out.",
        batch,
    )
    return made.done()


def _approver(batch: Batch) -> str:
    if not batch.is_approved:
        return "nobody yet"
    return batch.approved_by + ("; see trace.csv" if batch.posted_by else " (typed name, not authenticated)")


def _totals(made: Book, sheet: Any, at: int, rows: list[dict[str, str]]) -> int:
    made.text(sheet, at, 0, "Control totals", bold=True, font_size=12, font_color=ACCENT)
    heads = ("File", "Part", "Rows", " Currency", "Debit", "Credit", "Bytes", "  SHA-256 (first 16)")
    made.heads(sheet, at + 1, heads, right=("Rows", "Debit", "Credit", "Bytes"))
    at += 2
    for row in rows:
        for place, name in enumerate(
            ("file", "part", "rows", "currency", "debit", "credit", "bytes", "sha256")
        ):
            text = row.get(name, "") if name != "part" or row["file"].endswith(".zip") else ""
            currency = row.get("currency", "")
            if name == "rows" and currency:
                text = row["currency_rows"]
            if name in ("debit", "credit") and text:
                made.amount(
                    sheet,
                    at,
                    place,
                    parse_minor(text, number_style("1234.56"), places=minor_places(currency)),
                    currency,
                    "1,234.56",
                )
            elif name in ("rows", "bytes") and text:
                sheet.write_number(at, place, int(text), made.style(num_format="#,##0", align="right"))
            else:
                made.text(
                    sheet,
                    at,
                    place,
                    text[:16] if name == "sha256" else text,
                    indent=int(name in AFTER_AMOUNT),
                )
        at += 1
    return at


def _identities(made: Book, sheet: Any, at: int, identities: Sequence[Identity]) -> None:
    made.text(sheet, at, 0, "What must be equal", bold=True, font_size=12, font_color=ACCENT)
    made.heads(
        sheet, at + 1, ("Check", "Compared", "Result", "Currency", "Left", "Right"), right=("Left", "Right")
    )
    for place, one in enumerate(identities, at + 2):
        made.text(sheet, place, 0, one.name[:1].upper() + one.name[1:])
        made.text(sheet, place, 1, f"{one.left_label} = {one.right_label}")
        made.text(
            sheet,
            place,
            2,
            "equal" if one.holds else "BREAK",
            bold=not one.holds,
            font_color=WARN if not one.holds else GOOD,
        )
        made.text(sheet, place, 3, one.currency)
        made.amount(sheet, place, 4, one.left, one.currency, "1,234.56")
        made.amount(sheet, place, 5, one.right, one.currency, "1,234.56")


def _journal_sheet(made: Book, batch: Batch) -> None:
    """Debits and credits by account: what the ledger must show after loading."""
    sums: dict[tuple[str, str, str, str], list[int]] = {}
    for row in batch.rows("journals"):
        held = sums.setdefault((row["entity"], row["account"], row["role"], row["currency"]), [0, 0])
        held[0 if int(row["amount"]) > 0 else 1] += abs(int(row["amount"]))
    sheet = made.sheet("Accounts")
    made.text(
        sheet,
        0,
        0,
        "What the ledger must show after loading, by account",
        bold=True,
        font_size=12,
        font_color=ACCENT,
    )
    made.heads(
        sheet,
        2,
        ("Entity", "Account", "Part it plays", "Currency", "Debit", "Credit"),
        right=("Debit", "Credit"),
    )
    for at, ((entity, account, role, currency), (debit, credit)) in enumerate(sorted(sums.items()), 3):
        for place, text in enumerate((entity, account, role.replace("_", " "), currency)):
            made.text(sheet, at, place, text)
        made.amount(sheet, at, 4, debit, currency, "1,234.56")
        made.amount(sheet, at, 5, credit, currency, "1,234.56")
    for place, width in enumerate((12, 36, 20, 10, 20, 20)):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(3, 0)
    page(sheet, batch, repeat=2)


def _table(
    made: Book,
    name: str,
    heads: Sequence[str],
    widths: Sequence[int],
    rows: Sequence[Sequence[str]],
    none: str,
    batch: Batch,
) -> None:
    sheet = made.sheet(name)
    made.heads(sheet, 0, heads, right=("Amount",))
    for at, row in enumerate(rows, 1):
        for place, text in enumerate(row):
            made.text(sheet, at, place, text, **({"align": "right"} if heads[place] == "Amount" else {}))
    if not rows:
        made.text(sheet, 1, 0, none)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.freeze_panes(1, 0)
    page(sheet, batch, repeat=0)
