"""One case of the sample company, written for real: its customer has a hostile name, its statement and notes are hostile."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from arlib.money import format_minor
from arlib.run.cases.model import CaseFile, new_case
from arlib.run.cases.write import WrittenCase, write_case
from arlib.run.casework import Casework, Known, casework
from arlib.run.init import init_project
from arlib.run.params import load_close
from arlib.run.store import open_store
from arlib.sources.sample import generate, write_sample

ENTITY, CUSTOMER, OTHER = "US01", "00585", "00515"
NAME = '=HYPERLINK("http://x.example","y")<img src=x onerror=alert(1)>\u202ecorp'
NOTE = "<script>alert(2)</script>\n@SUM(1+1)" + "z" * 3000


@dataclass(frozen=True, kw_only=True)
class Project:
    """A project with the sample company; `customers` are its customers as they were, before one was renamed."""

    root: Path
    customers: pd.DataFrame
    tables: dict[str, pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A case that was written, and what had been recorded before."""

    project: Project
    case: CaseFile
    statement: bytes
    made: WrittenCase
    noted: str
    withdrawn: str


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    root = tmp_path_factory.mktemp("case") / "p"
    init_project(root)
    made = generate(seed=7, items=800)
    customers = made.tables["customers"]
    made.tables["customers"] = customers.assign(
        name=customers["name"].where(customers["customer_id"].ne(CUSTOMER), NAME)
    )
    write_sample(made, root / "outputs" / "_sample")
    return Project(root=root, customers=customers, tables=made.tables)


@pytest.fixture(scope="session")
def desk(project: Project) -> Desk:
    """Written once for all tests: two decisions, one of them withdrawn, and one on another customer."""
    plan = load_close(project.root / "params" / "sample.yml", root=project.root)
    work = casework(open_store(plan.outputs), plan=plan)
    noted = work.note(entity=ENTITY, customer_id=CUSTOMER, text=NOTE)
    promise = _promise(work, CUSTOMER)
    work.withdraw(decision_id=promise, why="typed for the wrong month", seen=work.head())
    _promise(work, OTHER)
    receipt, item = receipt_and_item(project)
    case = new_case(
        {
            "id": "CASE-7",
            "title": NAME.replace("\u202e", ""),
            "question": "Why?\nAnd since when?",
            "close_file": "params/sample.yml",
            "entity": ENTITY,
            "customer_id": CUSTOMER,
            "as_of": "2026-10-31",
            "receipt_id": receipt,
            "items": [item],
            "search": "larch\u202e & co",
            "filters": {"currency": "USD"},
            "what_if": {"items": [{"item_id": item, "applied": "10.00"}], "parts": []},
            "statement": "their statement.csv",
            "statement_choices": {"statement_date": "2026-10-31"},
        }
    )
    statement = statement_of(project)
    made = write_case(case, root=project.root, statement=statement)
    return Desk(
        project=project, case=case, statement=statement, made=made, noted=noted.decision_id, withdrawn=promise
    )


def _promise(work: Casework, customer: str) -> str:
    return work.promise(
        entity=ENTITY, customer_id=customer, currency="USD", amount=12_345, pay_by=date(2026, 11, 30),
        known=Known(customer_id=customer, balances={"USD": 12_345}),
    ).decision_id  # fmt: skip


def receipt_and_item(project: Project) -> tuple[str, str]:
    """An open receipt of the customer, and its largest invoice."""
    receipts, items = project.tables["receipts"], project.tables["items"]
    mine = receipts[
        receipts["customer_id"].eq(CUSTOMER) & receipts["status"].isin(("unapplied", "on_account"))
    ]
    own = items[items["customer_id"].eq(CUSTOMER) & items["item_type"].eq("invoice")]
    return str(mine["receipt_id"].iloc[0]), str(own.sort_values("amount")["item_id"].iloc[-1])


def statement_of(project: Project) -> bytes:
    """A statement that the customer might send: two of our invoices, and a line that is a formula."""
    items = project.tables["items"]
    own = items[items["customer_id"].eq(CUSTOMER) & items["item_type"].eq("invoice")].tail(2)
    lines = ["Date,Reference,Text,Amount"]
    lines += [
        f"{row['document_date']:%Y-%m-%d},{row['document_no']},invoice,-{format_minor(int(row['amount']), row['currency'])}"
        for row in own.to_dict("records")
    ]
    lines.append("2026-10-15,XX-77,=cmd|' /C calc'!A0,-5.00")
    return ("\n".join(lines) + "\n").encode()
