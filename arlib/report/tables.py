"""Result tables from declared tables: which columns are shown, under which headings. Floor 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum

import pandas as pd

from arlib.money import iso_code
from arlib.report.model import ResultTable
from arlib.tables import INPUTS, PROBLEMS, Column, Kind, Table

HEADINGS = {
    "customer_id": "Customer",
    "document_no": "Document",
    "item_id": "Item",
    "fact_id": "Record",
    "posting_id": "Posting",
    "application_id": "Application",
    "item_type": "Type",
    "instalment_no": "Instalment",
    "currency": "Currency",
    "outstanding": "Open amount",
    "functional_outstanding": "Open amount, functional",
    "revaluation": "Unrealised exchange",
    "days_past_due": "Days past due",
    "max_days_past_due": "Days past due, oldest",
    "control_account": "Account",
    "authorised_by": "Authorised by",
    "journal_id": "Journal",
    "line_id": "Line",
    "batch_id": "Batch",
    "bank_line_id": "Bank line",
    "first_reported_on": "First reported",
    "age_days": "Age in days",
    "cash_status": "Cash status",
    "parent_id": "Parent",
    "no_due_date": "No due date",
    "sha256": "SHA-256",
    "proposal_id": "Proposal",
    "facts_sha256": "Hash of the facts",
    **{
        f"gl_{word}": f"GL {word.replace('_', ' ')}"
        for word in ("amount", "difference", "documents", "rejected_amount", "rejected_documents")
    },
    "bytes": "Bytes",
}

BUCKET_WORDS = {
    "current": "Current",
    "credit": "Credits",
    "unapplied": "Unapplied cash",
    "no_due_date": "No due date",
}


def in_words(value: str) -> str:
    """A machine word for people: `gl_only_revaluation` gives `GL only revaluation`.

    A bucket gives its name.
    """
    if value in BUCKET_WORDS:
        return BUCKET_WORDS[value]
    if value[:1].isdigit():
        return f"{value} days"
    words = value.replace("_", " ").strip()
    for part, joined in (("write off", "write-off"), ("sub ledger", "sub-ledger"), ("re aged", "re-aged")):
        words = words.replace(part, joined)
    words = " ".join("GL" if part == "gl" else part for part in words.split())
    return words[:1].upper() + words[1:]


def words_of(kind: type[Enum]) -> dict[str, str]:
    """Every value of a closed choice in words."""
    return {str(member.value): in_words(str(member.value)) for member in kind}


def spoken(frame: pd.DataFrame, *columns: str) -> dict[str, dict[str, str]]:
    """Words for the machine words that stand in these text columns."""
    return {
        name: {str(value): in_words(str(value)) for value in frame[name].dropna().unique()}
        for name in columns
    }


def result_table(
    table: Table,
    frame: pd.DataFrame,
    *,
    title: str,
    functional: str,
    name: str = "",
    columns: Sequence[str] = (),
    headings: Mapping[str, str] | None = None,
    note: str = "",
    key: tuple[str, ...] = (),
    words: Mapping[str, Mapping[str, str]] | None = None,
    not_totalled: Sequence[str] = (),
    strong_rows: str = "",
    foots: bool = False,
    is_ordered: bool = False,
    needs_review: bool = False,
    decisions: tuple[str, ...] = (),
    not_on_page: Sequence[str] = (),
    is_detail: bool = False,
) -> ResultTable:
    """A frame of a declared table as a result, with the shown `columns` in the order given.

    Rows are sorted by the key unless `is_ordered` says that their order means something (largest first).

    `functional` is the entity's currency, for columns declared in it. Columns not named are left out; without
    `columns` all are kept. Key columns are always kept: they come first where `columns` does not place them.
    """
    keys = tuple(part for part in key or table.key if part != "entity")  # a report is of one entity
    if columns:
        names = [*(part for part in keys if part not in columns), *columns]
    else:
        names = [n for n in table.names if n in frame.columns and n != "entity"]
    declared = [table[part] for part in names]
    money = {
        c.name: functional if c.currency == "functional" else c.currency
        for c in declared
        if c.kind is Kind.MONEY
    }
    for column in sorted({source for source in money.values() if source in table.by_name} - set(names)):
        names.append(column)
    kept = table.typed(frame)[names].reset_index(drop=True)
    if not is_ordered:
        kept = kept.sort_values(list(keys), kind="stable", ignore_index=True)
    spoken = {c.name: words_of(c.choices) for c in declared if c.choices is not None}
    spoken |= {c: code_words(kept[c]) for c in sorted(set(money.values()) & set(names))}
    return ResultTable(
        name=name or table.name,
        title=title,
        frame=kept,
        key=keys,
        kinds={part: table[part].kind for part in names},
        currency=money,
        headings={part: HEADINGS[part] for part in names if part in HEADINGS} | dict(headings or {}),
        words=spoken | dict(words or {}),
        not_totalled=frozenset(not_totalled),
        strong_rows=strong_rows,
        foots=foots,
        note=note,
        needs_review=needs_review,
        decisions=decisions,
        not_on_page=frozenset(not_on_page),
        is_detail=is_detail,
    )


def code_words(currencies: pd.Series) -> dict[str, str]:
    """What people read for a currency that the source keeps with more places; two of one ISO code stay apart."""
    codes = {str(code): iso_code(str(code)) for code in currencies.dropna().unique()}
    printed = list(codes.values())
    return {code: said for code, said in codes.items() if code != said and printed.count(said) == 1}


def inputs_table(inputs: pd.DataFrame) -> ResultTable:
    """The files that were read, by currency, with rows and money in, read and set aside."""
    headings = {
        "rows_in": "Rows in file", "rows_out": "Rows read", "rows_rejected": "Rows set aside",
        "amount_in": "Amount in file", "amount_out": "Amount read", "amount_rejected": "Amount set aside",
    }  # fmt: skip
    return result_table(
        INPUTS, inputs, title="Files read", functional="", headings=headings,
        not_totalled=("amount_in", "amount_out", "amount_rejected"),
    )  # fmt: skip


FILES = Table("files", "one table read from one file", ("file", "table", "part"), (
    *(INPUTS[name] for name in ("file", "table", "part", "profile", "rows_in", "rows_out", "rows_rejected")),
    Column("fingerprint", Kind.TEXT, "first twelve characters of the file's SHA-256"),
))  # fmt: skip


def files_table(inputs: pd.DataFrame) -> ResultTable:
    """The files that were read, a line for each table in them; money by currency stands in `inputs_table`."""
    sums = ["rows_in", "rows_out", "rows_rejected"]
    by = ["file", "table", "part", "profile", "sha256"]
    frame = inputs.assign(part=inputs["part"].fillna("")).groupby(by, sort=True, as_index=False)[sums].sum()
    headings = {"rows_in": "Rows in file", "rows_out": "Rows read", "rows_rejected": "Rows set aside"}
    spoken = {name: in_words(name) for name in frame["table"].unique()}
    return result_table(
        FILES, FILES.typed(frame.assign(fingerprint=frame["sha256"].str[:12])), title="Files read", functional="",
        headings=headings | {"fingerprint": "SHA-256 begins"}, words={"table": spoken}, not_totalled=tuple(sums),
        note="Money by file and currency is in the workbook, the whole fingerprints in run.json.",
    )  # fmt: skip


def problems_table(problems: pd.DataFrame) -> ResultTable:
    """What was wrong in the files, row by row."""
    words = {"severity": {"rejected": "row set aside", "noted": "read, with a remark"}}
    spoken = words | {"code": {code: in_words(code) for code in problems["code"].dropna().unique()}}
    return result_table(
        PROBLEMS, problems, title="Problems in the files (all entities)", functional="", words=spoken
    )
