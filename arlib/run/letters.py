"""A batch of letters: which are due, written as PDF and e-mail drafts, with an index and a manifest. Floor 4.

Nothing is ever sent: a person opens the drafts. Where a bank account is not up to date nothing is written but why.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError, SourceError, nearest
from arlib.money import format_minor, total
from arlib.policy import Policies
from arlib.report.documents.page import plain_text
from arlib.report.letters import SHIPPED, Attachment, LetterTemplates, check_templates, eml_of
from arlib.report.letters.draft import addresses_of
from arlib.report.letters.fill import Desk, dunning_letter, special_letter
from arlib.report.letters.model import ASK_PAYMENT
from arlib.run.books import Books
from arlib.run.wholefolder import replace_folder, require_replaceable
from arlib.sources.export import inert
from arlib.tables.rows import records, text

if TYPE_CHECKING:
    import pandas as pd

    from arlib.collect.dunning import Dunning, SpecialKind
    from arlib.collect.dunning.special import Special
    from arlib.collect.position import Position
    from arlib.report.letters import Letter

MARKER, TEMPLATE_MARKER = ".arlib-letters", ".arlib-letter-templates"
DUNNING = "dunning"
INDEX = ("letter_id", "kind", "level", "customer_id", "language", "channel", "email", "currency", "amount", "answer_by",
         "pdf", "pdf_sha256", "eml", "eml_sha256", "state", "note")  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class LettersBatch:
    """What a call wrote: rows of the index, why it is held, what is left out and to be said."""

    out: Path
    rows: tuple[dict[str, str], ...] = ()
    held_because: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def failed(self) -> tuple[dict[str, str], ...]:
        """Letters that could not be written."""
        return tuple(row for row in self.rows if row["state"] == "failed")

    @property
    def exit_code(self) -> int:
        """1 where letters are held or one failed."""
        return 1 if self.held_because or self.failed else 0


def copy_templates(out: Path) -> int:
    """Copy the shipped templates to a folder for a user to edit; how many files. The folder must be new or empty."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise SourceError(
            "the folder is not empty",
            where=str(out),
            fix="Name a new one: edited templates are never overwritten.",
        )
    try:
        shutil.copytree(SHIPPED, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    except OSError as fault:
        raise SourceError(f"cannot be written ({fault.strerror or fault})", where=str(out)) from fault
    return sum(path.is_file() for path in out.rglob("*"))


def checked_templates(folder: Path | None, *, kinds: Iterable[str], policies: Policies) -> LetterTemplates:
    """The templates of a folder, or the shipped ones, without a fault; else ParameterError with all of them."""
    if folder is not None and not folder.is_dir():
        raise SourceError(
            "is not a folder of templates",
            where=str(folder),
            fix="Make one: arlib letters templates --out DIR.",
        )
    templates = LetterTemplates(SHIPPED if folder is None else folder)
    policy = policies.dunning
    have = set(templates.languages)
    languages = sorted({policy.default_language, *(each for each in policy.languages if each in have)})
    if faults := check_templates(templates, kinds=sorted(set(kinds)), languages=languages):
        said = "\n  ".join(fault.sentence() for fault in faults)
        raise ParameterError(
            f"{len(faults)} fault{'s' if len(faults) > 1 else ''} in the templates", fix=said
        )
    return templates


def letters_batch(
    books: Books, *, out: Path, level: int | None = None, customer: str = "", kinds: Sequence[str] = (DUNNING,),
    templates: Path | None = None, dated: date | None = None, is_preview: bool = False,
) -> LettersBatch:  # fmt: skip
    """Write the letters that are due to a folder, replaced whole; nothing but the reasons where they are held.

    `kinds` are 'dunning' (all levels) and those of `SpecialKind`. Held are letters that ask for money which may have come
    in: dunning, and broken promises. A preview is written all the same, without drafts, and says on every page that it is
    not to be sent. A letter that fails is in the index with the reason, and the others are written.
    """
    from arlib.collect.dunning import SpecialKind, dunning
    from arlib.collect.dunning.frames import NEEDS_BANK
    from arlib.collect.position import position

    chosen = [SpecialKind(kind) for kind in kinds if kind != DUNNING]
    require_replaceable(out, marker=MARKER, inputs=books.inputs)
    place = position(books.book, scope=books.scope, policies=books.policies)
    _require_known(place, customer, level, books.policies)
    due = dunning(books.book, position=place, policies=books.policies)
    for identity in due.identities:
        identity.require()
    names = {each.template for each in books.policies.dunning.levels} if DUNNING in kinds else set()
    shown = checked_templates(
        templates, kinds={*names, *(kind.value for kind in chosen)}, policies=books.policies
    )
    is_held = due.is_held and (DUNNING in kinds or bool(NEEDS_BANK & set(chosen)))
    if is_held and not is_preview:
        replace_folder(out, lambda folder: _write_held(folder, due), marker=MARKER)
        return LettersBatch(out=out, held_because=due.held_because)
    special = _special(books, place, chosen) if chosen else None
    desk = Desk(book=books.book, scope=books.scope, policies=books.policies, templates=shown, dated=dated or books.scope.as_of,
                is_preview=is_preview)  # fmt: skip
    wanted = _wanted(due if DUNNING in kinds else None, special, level=level, customer=customer)
    rows: list[dict[str, str]] = []

    def fill(folder: Path) -> None:
        statements = (
            {}
            if is_preview
            else _statements(books, place, sorted({str(row["customer_id"]) for _, row, _ in wanted}))
        )
        names: set[str] = set()
        for kind, row, lines in wanted:
            rows.append(_written(folder, kind, row, lines, desk, statements, names))
        _write_index(folder, rows)
        _write_manifest(folder, rows, due, special, desk, books, warnings, is_held=is_held)

    warnings = _warnings(wanted, books.policies)
    replace_folder(out, fill, marker=MARKER)
    notes = [*warnings, *(due.limits if DUNNING in kinds else ())]
    if customer and not wanted:
        notes += _why_none(customer, due, special)
    elif special is not None:
        notes += _left_out(special, customer)
    return LettersBatch(
        out=out, rows=tuple(rows), held_because=due.held_because if is_held else (), notes=tuple(notes)
    )


def _special(books: Books, place: Position, kinds: Sequence[SpecialKind]) -> Special:
    from arlib.collect.dunning.special import special_letters

    return special_letters(books.book, position=place, policies=books.policies, kinds=kinds)


def _require_known(place: Position, customer: str, level: int | None, policies: Policies) -> None:
    if customer and customer not in set(place.customers["customer_id"]):
        near = nearest(customer, place.customers["customer_id"])
        raise ParameterError(
            "--customer",
            found=customer,
            wanted="a customer of the entity",
            fix=f"Did you mean {near!r}?" if near else "",
        )
    levels = sorted(each.level for each in policies.dunning.levels)
    if level is not None and level not in levels:
        raise ParameterError("--level", found=level, wanted=" or ".join(map(str, levels)))


def _wanted(
    due: Dunning | None, special: Special | None, *, level: int | None, customer: str
) -> list[tuple[str, dict[str, Any], pd.DataFrame]]:
    made = []
    for kind, found in ((DUNNING, due), ("special", special)):
        if found is None:
            continue
        by_letter = dict(tuple(found.lines.groupby("letter_id")))
        for row in records(found.letters):
            is_mine = not customer or row["customer_id"] == customer
            if is_mine and (kind != DUNNING or level is None or row["level"] == level):
                made.append((kind, row, by_letter.get(row["letter_id"], found.lines.head(0))))
    return made


def _written(
    folder: Path,
    kind: str,
    row: dict[str, Any],
    lines: pd.DataFrame,
    desk: Desk,
    statements: dict[str, Any],
    names: set[str],
) -> dict[str, str]:
    """Write one letter; its row of the index, also where it failed."""
    told = dict.fromkeys(INDEX, "") | {
        "letter_id": str(row["letter_id"]), "customer_id": text(row["customer_id"]), "state": "failed",
        "kind": str(row["template"] if kind == DUNNING else row["kind"]),
    }  # fmt: skip
    try:
        letter, remark = (dunning_letter if kind == DUNNING else special_letter)(row, lines, desk)
        told |= _told(letter)
        notes = [remark]
        name = _file_name(letter, names)
        pdf = _pdf(letter, desk)
        drafts: dict[str, bytes] = {}
        if letter.channel == "email" and not desk.is_preview:
            to = addresses_of(_email(desk, letter))
            told["email"] = ", ".join(to)
            notes.append("" if to else "no valid e-mail address")
            attached = [Attachment(name=f"{name}.pdf", data=pdf)]
            statement, remark = _statement_pdf(statements, letter.about.code)
            notes.append(remark)
            if statement:
                attached.append(Attachment(name=f"statement-{name}.pdf", data=statement))
            drafts[f"{name}.eml"] = eml_of(
                subject=f"{desk.templates.subject(letter)} - {letter.sender.name}", text=desk.templates.text(letter), to=to,
                attachments=attached,
            )  # fmt: skip
        elif letter.channel == "letter" and not letter.to.address:
            notes.append("no postal address")
        for file, data, column in (
            (f"{name}.pdf", pdf, "pdf"),
            *((eml, data, "eml") for eml, data in drafts.items()),
        ):
            (folder / file).write_bytes(data)
            told |= {column: file, f"{column}_sha256": hashlib.sha256(data).hexdigest()}
        return told | {
            "state": "preview" if desk.is_preview else "written",
            "note": "; ".join(each for each in notes if each),
        }
    except OSError:
        raise
    except Exception as fault:  # whatever is wrong with one customer, the others get their letters
        return told | {"note": plain_text(f"{type(fault).__name__}: {fault}")}


def _told(letter: Letter) -> dict[str, str]:
    money = letter.to_pay or letter.amount
    day = letter.pay_by or letter.answer_by
    return {
        "level": "" if letter.level is None else str(letter.level), "language": letter.language, "channel": letter.channel,
        "currency": money.currency if money else "", "amount": format_minor(money.amount, money.currency) if money else "",
        "answer_by": day.isoformat() if day else "",
    }  # fmt: skip


def _pdf(letter: Letter, desk: Desk) -> bytes:
    from arlib.report.documents.pdf import pdf_bytes

    return pdf_bytes(desk.templates.html(letter))


def _file_name(letter: Letter, names: set[str]) -> str:
    """A name that every file system takes and that no other letter of the batch has."""
    safe = re.sub(r"[^A-Za-z0-9_-]+", "-", letter.number).strip("-")[:80] or "letter"
    name, count = safe, 2
    while name.lower() in names:
        name, count = f"{safe}-{count}", count + 1
    names.add(name.lower())
    return name


def _email(desk: Desk, letter: Letter) -> str:
    rows = desk.book["customers"]
    mine = rows[rows["customer_id"].eq(letter.about.code)]
    return text(mine["email"].iloc[0]) if len(mine) else ""


def _statements(books: Books, place: Position, customers: list[str]) -> dict[str, Any]:
    """The statements of these customers by code."""
    from arlib.collect.statements import statements_of

    found = (
        statements_of(books.book, scope=books.scope, policies=books.policies, customers=tuple(customers))
        if customers
        else ()
    )
    return {each.customer_id: each for each in found}


def _statement_pdf(statements: dict[str, Any], customer: str) -> tuple[bytes, str]:
    from arlib.report.statement_documents import statement_pdf

    if customer not in statements:
        return b"", "no statement attached: the customer gets none"
    return statement_pdf(statements[customer]), ""


def _why_none(customer: str, due: Dunning, special: Special | None) -> list[str]:
    mine = due.spared[due.spared["customer_id"].eq(customer)]
    said = [f"{customer}: no letter. {because}" for because in dict.fromkeys(mine["because"])]
    if special is not None:
        left = special.left_out[special.left_out["customer_id"].eq(customer)]
        said += [f"{customer}: no {row['kind']} letter. {row['because']}" for row in records(left)]
    return said


def _left_out(special: Special, customer: str) -> list[str]:
    """A sentence for each kind that was asked for and of which some letters are not written, of one customer or all."""
    made, left = [], special.left_out
    if customer:
        left = left[left["customer_id"].eq(customer)]
    for kind, rows in left.groupby("kind", sort=True):
        first = records(rows)[0]
        about = text(first["cites"]) or text(first["customer_id"])
        rest = f" The other {len(rows) - 1} are in manifest.json." if len(rows) > 1 else ""
        made.append(plain_text(f"{kind}: {len(rows)} not written. {about}: {text(first['because'])}{rest}"))
    return made


def _warnings(wanted: Sequence[tuple[str, dict[str, Any], pd.DataFrame]], policies: Policies) -> list[str]:
    """What every letter of the batch lacks: our address, and the account to pay to by currency."""
    statement = policies.statement
    made = []
    if wanted and not statement.issuer_lines:
        made.append("No letter says where we can be reached: statement.issuer_lines is empty.")
    asks = {str(row["currency"]) for kind, row, _ in wanted if kind == DUNNING or row["kind"] in ASK_PAYMENT}
    lacking = sorted(code for code in asks if statement.remit_for(code.split(".")[0]) is None)
    if lacking:
        made.append(
            f"Letters in {', '.join(lacking)} name no account to pay to: statement.remit_to has none."
        )
    return made


def _write_held(folder: Path, due: Dunning) -> None:
    lines = ["No letter was written: what came in is not known.", *due.held_because]
    (folder / "held.txt").write_text("\n".join(plain_text(line) for line in lines) + "\n", encoding="utf-8")


def _write_index(folder: Path, rows: Sequence[dict[str, str]]) -> None:
    text_ = io.StringIO()
    writer = csv.DictWriter(text_, INDEX, lineterminator="\n")
    writer.writeheader()
    writer.writerows(
        {name: value if name == "amount" else inert(value) for name, value in row.items()} for row in rows
    )
    (folder / "index.csv").write_bytes(text_.getvalue().encode("utf-8"))


def _write_manifest(
    folder: Path,
    rows: Sequence[dict[str, str]],
    due: Dunning,
    special: Special | None,
    desk: Desk,
    books: Books,
    warnings: Sequence[str],
    *,
    is_held: bool,
) -> None:
    spared = due.spared.groupby(["currency", "outcome", due.spared["reason"].fillna("")])
    told = {
        "schema": "arlib.letters/1", "entity": books.scope.entity, "of": books.of, "as_of": books.scope.as_of.isoformat(),
        "dated": desk.dated.isoformat(), "is_preview": desk.is_preview, "is_held": is_held,
        "held_because": list(due.held_because), "letters": list(rows),
        "totals": _totals(rows),
        "not_in_a_letter": [
            {"currency": str(code), "outcome": str(outcome), "reason": str(reason), "items": len(part),
             "amount": format_minor(total(part["amount"]), str(code))}
            for (code, outcome, reason), part in spared
        ],
        "special_left_out": [] if special is None else [
            {name: text(row[name]) for name in ("kind", "customer_id", "cites", "because")} for row in records(special.left_out)
        ],
        "limits": list(due.limits), "warnings": list(warnings),
        "templates": {
            path.relative_to(desk.templates.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(desk.templates.folder.rglob("*")) if path.suffix in (".j2", ".css")
        },
    }  # fmt: skip
    data = json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / "manifest.json").write_text(data, encoding="utf-8")


def _totals(rows: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    """Letters and amounts by kind and currency, of those that were written."""
    from decimal import Decimal

    found: dict[tuple[str, str], list[Decimal]] = {}
    for row in rows:
        if row["state"] != "failed":
            found.setdefault((row["kind"], row["currency"]), []).append(Decimal(row["amount"] or "0"))
    return [
        {"kind": kind, "currency": code, "letters": len(amounts), "amount": str(sum(amounts)) if code else ""}
        for (kind, code), amounts in sorted(found.items())
    ]
