"""Say what a file is and what is in it, for `arlib sources identify` and `show`. Floor 2."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from arlib.errors import InputError, Severity, SourceError, shown
from arlib.sources.catalogue import builtin_profiles, load_profile
from arlib.sources.documents import FORMATS
from arlib.sources.export import contract_text
from arlib.sources.forms.registry import head_of
from arlib.sources.forms.told import form_at, require_read, told
from arlib.sources.load import load_book
from arlib.sources.profile import FileMapping, Profile
from arlib.sources.raw import ReadOptions, file_faults, read_raw
from arlib.sources.spec import OnRejected, SourceSpec
from arlib.tables import CANONICAL, INPUTS, Kind

if TYPE_CHECKING:
    import pandas as pd

SHOWN_COLUMNS = 9
SHOWN_PROBLEMS = 10


def identify(path: Path) -> list[str]:
    """Names of the built-in profiles that can read this file, the most specific first; empty when none can.

    Goes by content (form, column names), never by the file's name. A file that is no table at all, or a
    damaged one, is read by none; one that is missing or may not be opened, or that two readers claim, raises
    SourceError, and so does one of a known form that cannot be used.
    """
    form = form_at(path)
    if form is not None:
        require_read(path, form)
        return [form.family]
    return [name for name, _ in _claims(path)]


def _claims(path: Path) -> list[tuple[str, str]]:
    """Profile and file role pairs, best first: the more columns a profile asks for, the more specific it
    is."""
    scored: list[tuple[int, str, str]] = []
    form = _format(path)
    known: dict[tuple[object, ...], frozenset[str]] = {}  # a file is read once per way of reading it
    for name in builtin_profiles():
        profile = load_profile(name)
        best = (0, "")
        for role, mapping in profile.files.items():
            if mapping.format == form:
                framed = None if mapping.frame is None else mapping.frame.model_dump_json()
                way = (tuple(mapping.records.items()), framed, mapping.header if framed else ())
                if way not in known:
                    known[way] = _columns(path, form, mapping)
                best = max(best, (_fit(known[way], profile, role), role))
        if best[0]:
            scored.append((-best[0], name, best[1]))
    return [(name, role) for _, name, role in sorted(scored)]


def _format(path: Path) -> str:
    """The record format by the first character that is not blank."""
    with file_faults(path):
        if not path.is_file():
            raise SourceError("not a file" if path.exists() else "no such file", where=str(path))
    with file_faults(path), path.open("rb") as file:
        start = file.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")
    return "saf-t" if start.startswith(b"<") else "json" if start.startswith((b"{", b"[")) else "table"


def _fit(columns: frozenset[str], profile: Profile, role: str) -> int:
    """How many columns of the role's header the file has when it has them all, else 0."""
    mapping = profile.files[role]
    if not set(mapping.header) <= columns or not mapping.header:
        return 0
    if profile.profile == "canonical" and not columns <= set(CANONICAL[role].names):
        return 0
    return len(mapping.header)


def _columns(path: Path, form: str, mapping: FileMapping) -> frozenset[str]:
    lists = tuple(mapping.records.items())
    options = ReadOptions(format=form, lists=lists, frame=mapping.frame, expected=mapping.header)
    try:
        raw = read_raw(path, options=options)
    except InputError:
        return frozenset()  # another kind of JSON or XML, ragged text, or damaged
    return frozenset(str(name) for records in raw.records.values() for name in records.frame.columns)


def describe(path: Path, *, profile: str = "", rows: int = 5) -> str:
    """What the file is, its totals by table and currency, its problems and the first rows of each table,
    as plain text.

    Without a profile the one that fits best is taken. Rows at fault are shown, not refused.
    """
    form = form_at(path)
    if form is not None and profile in ("", form.family):
        return told(path, form, rows=rows)
    claims = _claims(path)
    if not profile and not claims:
        raise SourceError(
            f"no built-in profile reads this file{_reason(path)}",
            where=str(path),
            fix="Name one by --profile.",
        )
    name = profile or claims[0][0]
    model = load_profile(name)
    role = next((r for claimed, r in claims if claimed == name), next(iter(model.files)))
    needs = [other for other, mapping in model.files.items() if mapping.is_required and other != role]
    if needs:
        return _alone(path, model, role, needs)
    options = {} if model.files[role].format in FORMATS else _stand_ins(model, role)
    spec = SourceSpec(
        folder=path.resolve().parent, profile=name, tables={role: (path.name,)}, options=options
    )
    book = load_book([spec], root=Path.cwd(), on_rejected=OnRejected.SET_ASIDE)
    lines = [f"{path.name}: {model.title} (profile {name})"]
    if options:
        told_as = ", ".join(f"{option} {text}" for option, text in options.items())
        lines.append(f"  a source's options say {', '.join(options)}; shown here as {told_as}")
    if not profile and len(claims) > 1:
        lines.append(f"  {', '.join(other for other, _ in claims[1:])} would fit too: name one by --profile")
    lines += _totals(book.inputs)
    lines += problem_lines(book.problems)
    for table, frame in book.tables.items():
        if len(frame):
            lines += ["", f"{table}: {len(frame)} rows"]
            lines += _first_rows(frame, table, rows)
    return "\n".join(lines)


def _stand_ins(model: Profile, role: str) -> dict[str, str]:
    """What the file itself cannot say and nobody has said, so that it can be shown at all."""
    asked = "".join(part.model_dump_json() for part in model.tables if part.source.partition(".")[0] == role)
    needed = {"entity": "?", "bank_account": "?", "currency": "USD"}
    return {
        name: text
        for name, text in needed.items()
        if f'"option":"{name}"' in asked and not getattr(model, name)
    }


def _reason(path: Path) -> str:
    """Why a file is no table, in brackets; '' where it is one that no profile knows."""
    from arlib.sources.bank.camt import iso_message

    with file_faults(path):
        named = iso_message(head_of(path.read_bytes()))
    if named:
        return f" ({named})"
    try:
        read_raw(path, options=ReadOptions(format=_format(path)))
    except InputError as fault:
        return f" ({fault.message})"
    return ""


def _alone(path: Path, model: Profile, role: str, needs: list[str]) -> str:
    """What can be said of a file that means something only together with others."""
    mapping = model.files[role]
    raw = read_raw(path, options=ReadOptions(format=mapping.format, lists=tuple(mapping.records.items())))
    counts = [f"{len(r.frame)} records of {len(r.frame.columns)} columns" for r in raw.records.values()]
    return "\n".join(
        [
            f"{path.name}: {role} of {model.title} (profile {model.profile})",
            f"  {', '.join(counts)}",
            f"  read together with {', '.join(needs)}: name both under `tables` of a source",
        ]
    )


def _totals(inputs: pd.DataFrame) -> list[str]:
    texts = contract_text(
        inputs,
        table=INPUTS,
        columns=[c for c in INPUTS.names if c not in ("file", "bytes", "sha256", "profile")],
    )
    made = []
    for row in texts.to_dict("records"):
        part = f" ({row['part']})" if row["part"] else ""
        money = f", {row['amount_out']} {row['currency']}" if row["currency"] else ""
        aside = f"; {row['rows_rejected']} set aside" if row["rows_rejected"] != "0" else ""
        made.append(f"  {row['table']}{part}: {row['rows_out']} of {row['rows_in']} rows{money}{aside}")
    return made


def problem_lines(problems: pd.DataFrame) -> list[str]:
    """PROBLEMS as a person reads them: one line a kind with its count, and the first case; set-aside rows first."""
    if not len(problems):
        return ["  no problems"]
    texts = problems.fillna(dict.fromkeys(("table", "column", "found", "wanted"), ""))
    kinds = texts.groupby(["severity", "code", "table", "column"], sort=False)
    groups = [(str(kind[0]), str(kind[1]), str(kind[3] or kind[2]), rows) for kind, rows in kinds]
    groups.sort(key=lambda group: (group[0] != Severity.REJECTED, -len(group[3]), group[1:3]))
    made = []
    for severity, code, about, rows in groups[:SHOWN_PROBLEMS]:
        first = rows.sort_values(["row", "found"], kind="stable").iloc[0]
        times = f"{len(rows)} time" + ("s" if len(rows) > 1 else "")
        made.append(f"  {severity}, {times}: {code.replace('_', ' ')}")
        at = f"row {first['row']}" if first["row"] else "the file"
        column = f", {about}" if about else ""
        found = f": {shown(str(first['found']))}" if first["found"] else ""
        wanted = f", wanted {first['wanted']}" if first["wanted"] else ""
        made.append(f"    {'first ' if len(rows) > 1 else ''}{at}{column}{found}{wanted}")
    more = len(groups) - SHOWN_PROBLEMS
    return [*made, f"  and {more} more kinds of problem"] if more > 0 else made


def _first_rows(frame: pd.DataFrame, name: str, rows: int) -> list[str]:
    table = CANONICAL[name]
    filled = [c.name for c in table.columns if frame[c.name].notna().any()]
    plain = [n for n in filled if not (table[n].kind is Kind.MONEY and table[n].currency == "functional")][
        :SHOWN_COLUMNS
    ]
    texts = contract_text(frame.head(rows), table=table, columns=plain)
    widths = {n: min(28, max([len(n), *(len(text) for text in texts[n])])) for n in plain}
    lines = ["  " + "  ".join(n.ljust(widths[n]) for n in plain)]
    for row in texts.to_dict("records"):
        lines.append("  " + "  ".join(_cell(str(row[n]), widths[n]) for n in plain))
    return lines


def _cell(text: str, width: int) -> str:
    safe = "".join(mark if mark.isprintable() else "?" for mark in text)
    return (safe if len(safe) <= width else safe[: width - 1] + "…").ljust(width)
