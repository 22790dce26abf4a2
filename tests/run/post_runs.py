"""A sealed run with approvals, small enough to know by heart: what `arlib close` and `arlib approve` leave behind."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from pathlib import Path

from arlib.credit.adjustments.proposed import adjustments_of
from arlib.credit.proposals import PROPOSALS, proposals_of
from arlib.money import format_minor
from arlib.policy import Policies, Scope
from arlib.policy.authority import AuthorityPolicy, Grant, Person
from arlib.run import manifest
from arlib.run.approvals import Approval
from arlib.run.manifest import RUN, sha256_of, text_of
from arlib.run.store import Actor, Authentication, open_store, record_sealed
from arlib.sources.snapshot import write_book
from arlib.tables import CANONICAL, Book

RUN_ID = "20261105T081502Z-3fa9c1"
AS_OF = date(2026, 10, 31)
PAT = Actor("pat", Authentication.OS_USER)
ANN = Actor("ann", Authentication.OS_USER)
BOB = Actor("bob", Authentication.OS_USER)
EVE = Actor("eve", Authentication.OS_USER)
IBAN = "DE89370400440532013000"

AUTHORITY = AuthorityPolicy(
    people=(
        Person(name="Pat Proposer", os_user="pat"),
        Person(name="Ann Approver", os_user="ann"),
        Person(name="Bob Poster", os_user="bob"),
        Person(name="Eve Other", os_user="eve"),
    ),
    grants=(
        Grant(person="Pat Proposer", may="propose"),
        Grant(person="Ann Approver", may="approve"),
        Grant(person="Ann Approver", may="post"),
        Grant(person="Pat Proposer", may="post"),
        Grant(person="Bob Poster", may="post"),
    ),
)


@dataclass
class PostRun:
    """The outputs folder, the run, its proposals."""

    outputs: Path
    folder: Path
    proposals: object

    @property
    def store(self):
        return open_store(self.outputs)

    def id_of(self, kind):
        rows = self.proposals
        return rows[rows["kind"].eq(kind)]["proposal_id"].iloc[0]


def item(item_id, amount, **changes):
    row = {
        "item_id": item_id, "entity": "US01", "customer_id": "C1", "item_type": "invoice", "document_no": f"9{item_id}",
        "effective_date": date(2026, 1, 5), "posting_date": date(2026, 1, 5), "document_date": date(2026, 1, 5),
        "due_date": date(2026, 2, 4), "currency": "USD", "amount": amount,
    }  # fmt: skip
    return row | changes


def small_book(**more):
    """Three invoices, a receipt that nobody claims, a request for a credit memo, the account of a customer."""
    items = [
        item("I1", 120000, net_amount=100000, tax_amount=20000),
        item("I2", 480),
        item("I3", 60000, net_amount=50000, tax_amount=10000, customer_id="C2"),
        item("R1", -25000, item_type="receipt", customer_id="C2", currency="EUR", functional_amount=-27083,
             document_no="R-1", due_date=None),
    ]  # fmt: skip
    names = {name for row in items for name in row}
    made = {
        "entities": [{"entity": "US01", "name": "Harbor Tools Inc", "functional_currency": "USD", "country": "US"}],
        "customers": [
            {"entity": "US01", "customer_id": "C1", "name": "Acme <b>&</b> Söhne", "country": "DE", "address": "Weg 1\nBonn"},
            {"entity": "US01", "customer_id": "C2", "name": "=cmd()", "country": "DE"},
        ],
        "adjustment_requests": [
            {"request_id": "Q1", "entity": "US01", "kind": "credit_memo", "customer_id": "C2", "item_id": "I3",
             "currency": "USD", "amount": 6000, "reason": "price", "requested_by": "Pat Proposer",
             "requested_on": date(2026, 10, 20), "evidence": "e-mail of 2026-10-19"},
        ],
        "bank_details": [
            {"entity": "US01", "customer_id": "C2", "account": IBAN, "bank_code": "COBADEFFXXX", "holder": "Zwei GmbH",
             "country": "DE", "valid_from": date(2025, 1, 1)},
        ],
    }  # fmt: skip
    tables = {name: CANONICAL[name].frame(rows) for name, rows in (made | more).items()}
    columns = {name: [row.get(name) for row in items] for name in sorted(names)}
    import pandas as pd

    raw = pd.DataFrame({name: pd.Series(values, dtype="object") for name, values in columns.items()})
    tables["items"] = CANONICAL["items"].typed(raw)
    tables["applications"] = CANONICAL["applications"].empty()
    return Book(tables)


def scope(period="2026-10"):
    starts_on, ends_on = {
        "2026-10": (date(2026, 10, 1), AS_OF),
        "2026-11": (date(2026, 11, 1), date(2026, 11, 30)),
    }[period]
    return Scope(
        entity="US01", entity_name="Harbor Tools Inc", functional_currency="USD", period=period,
        starts_on=starts_on, ends_on=ends_on, as_of=ends_on, country="US",
    )  # fmt: skip


def matches():
    """What cash application lays beside the proposals of the other notebooks under the same name."""
    import pandas as pd

    return pd.DataFrame(
        {"receipt_id": ["P1"], "item_id": ["I1"], "applied_amount": [100], "decision": ["suggest"]}
    )


def own_proposals():
    base = {
        "entity": "US01",
        "currency": "USD",
        "tax_amount": 0,
        "rule": "policy",
        "evidence": "e",
        "requested_by": "Pat Proposer",
    }
    return [
        base | {"proposal_id": "WO-AAAAAAAAAAAA", "kind": "write_off", "customer_id": "C1", "customer_name": "Acme <b>&</b> Söhne",
                "item_id": "I1", "document_no": "9I1", "amount": 120000, "tax_amount": 20000, "reason": "uncollectable"},
        base | {"proposal_id": "SB-AAAAAAAAAAAA", "kind": "small_balance", "customer_id": "C1", "item_id": "I2",
                "document_no": "9I2", "amount": 480, "reason": "small_balance"},
        base | {"proposal_id": "RF-AAAAAAAAAAAA", "kind": "refund", "customer_id": "C2", "customer_name": "=cmd()", "item_id": "R1",
                "document_no": "R-1", "currency": "EUR", "amount": 25000, "reason": "overpayment", "payee_account": IBAN,
                "payee_name": "Zwei GmbH"},
        base | {"proposal_id": "PL-AAAAAAAAAAAA", "kind": "plan", "customer_id": "C1", "item_id": "I1", "document_no": "9I1",
                "amount": 120000, "reason": "arrangement"},
    ]  # fmt: skip


_MADE = {}


def sealed(root: Path, **changes) -> PostRun:
    """A run folder as a close seals it, known to the store of its outputs; the usual one is made once and copied."""
    if changes:
        return _sealed(root, **changes)
    if not _MADE:
        _MADE["home"] = Path(tempfile.mkdtemp(prefix="post-runs-"))
        atexit.register(shutil.rmtree, _MADE["home"], ignore_errors=True)
        _MADE["run"] = _sealed(_MADE["home"])
    usual = _MADE["run"]
    shutil.copytree(usual.outputs, root / "outputs")
    folder = root / "outputs" / usual.folder.relative_to(usual.outputs)
    return PostRun(outputs=root / "outputs", folder=folder, proposals=usual.proposals)


def _sealed(
    root: Path, *, run_id=RUN_ID, authority=AUTHORITY, book=None, rows=None, supersedes="", period="2026-10"
) -> PostRun:
    import pandas as pd

    outputs = root / "outputs"
    folder = outputs / period / "US01" / run_id
    facts = scope(period)
    book = book or small_book()
    policies = Policies(authority=authority)
    write_book(book, folder / "data" / "book")
    asked = adjustments_of(book, scope=facts, policies=policies).proposals
    by_notebook = {
        "write_offs": proposals_of(own_proposals() if rows is None else rows),
        "adjustments": asked,
    }
    for notebook, frame in by_notebook.items():
        home = folder / "data" / notebook
        home.mkdir(parents=True)
        frame.drop(columns="entity").to_parquet(home / "proposals.parquet")
    (folder / "data" / "cash_application").mkdir()
    matches().to_parquet(folder / "data" / "cash_application" / "proposals.parquet")
    close = {
        "policies": plain(asdict(policies)),
        "entities": [{"code": "US01", "time_zone": "UTC", "country": "US"}],
    }
    (folder / "params").mkdir()
    (folder / "params" / "close.json").write_text(json.dumps(close), encoding="utf-8")
    told = {
        "schema": "arlib.run/1", "run_id": run_id, "entity": "US01", "entity_name": facts.entity_name, "period": period,
        "functional_currency": "USD", "starts_on": facts.starts_on.isoformat(), "ends_on": facts.ends_on.isoformat(),
        "as_of": facts.as_of.isoformat(),
        "results_sha256": "0" * 64, "state": "verified",
    }  # fmt: skip
    (folder / RUN).write_bytes(text_of(told))
    sha = manifest.write(folder, run_id=run_id, sealed_at="2026-11-05T08:15:02.000Z", timings={})
    record_sealed(
        open_store(outputs), entity="US01", period=period, run_id=run_id, folder=f"{period}/US01/{run_id}",
        results_sha256="0" * 64, manifest_sha256=sha, actor=PAT, supersedes=supersedes,
    )  # fmt: skip
    frame = pd.concat([frame for frame in by_notebook.values() if len(frame)], ignore_index=True)
    return PostRun(outputs=outputs, folder=folder, proposals=PROPOSALS.typed(frame))


def approve(run: PostRun, *kinds, actor=ANN, **changes):
    """Record approvals of the run's proposals of these kinds, as `arlib approve` does."""
    for row in run.proposals.to_dict("records"):
        if row["kind"] not in kinds:
            continue
        body = {
            "proposal_id": row["proposal_id"], "kind": row["kind"], "entity": "US01", "period": run.folder.parts[-3],
            "run_id": run.folder.name, "run_json_sha256": sha256_of(run.folder / RUN),
            "notebook": "adjustments" if row["kind"] in ("credit_memo", "settlement") else "write_offs", "decision": "approve",
            "approver": "Ann Approver", "proposer": "Pat Proposer", "authentication": "os_user", "authority": "grant 2",
            "decided_on": "2026-11-06", "comment": "", "facts_sha256": row["facts_sha256"],
            "amount": format_minor(int(row["amount"]), row["currency"]), "currency": row["currency"],
            "customer_id": row["customer_id"], "item_id": row["item_id"], "reason": row["reason"], "workbook_sha256": "1" * 64,
        }  # fmt: skip
        held = {each.name: "" for each in fields(Approval) if not each.name.startswith("event_")}
        run.store.append(
            f"approval.{row['kind']}", f"US01/{row['proposal_id']}", held | body | changes,
            actor=actor.name, authentication=actor.authentication,
        )  # fmt: skip


def plain(value):
    """Plain data of policies, as close.json holds them."""
    if isinstance(value, dict):
        return {str(getattr(k, "value", k)): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return str(value) if isinstance(value, (Decimal, date, datetime)) else value


ROLES = {
    role: str(4000 + at)
    for at, role in enumerate((
        "bank", "receivable", "unapplied", "discount", "bank_charge", "exchange", "tolerance", "bad_debt", "allowance",
        "adjustment", "revenue", "sales_returns", "rebate", "price_concession", "goodwill", "freight", "tax", "fee_income",
        "payable", "refund_clearing", "unclaimed_property", "commission_expense", "commission_payable",
        "commission_receivable", "conversion",
    ))
}  # fmt: skip


def accounts_file(path: Path) -> Path:
    import yaml

    told = {
        "schema": "arlib.post/1",
        "accounts": ROLES,
        "functional_currency": {"US01": "USD"},
        "paying_accounts": [
            {"entity": "US01", "currency": "EUR", "name": "Harbor Tools Inc", "account": "DE75512108001245126199",
             "bank_code": "SOGEDEFFXXX", "country": "DE"},
        ],
    }  # fmt: skip
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    return path
