"""Data sets of the matching benchmark: the files a run may see, the truth it may not, and a plain view for baselines."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd

SHARED = Path(__file__).resolve().parents[1].parent / "shared"
POOL_TITLES = {
    "pool<=25": "pools of at most 25",
    "whole-due-dates": "whole due dates in larger pools",
    "large-pool": "large pools",
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One data set: tables of text by file name, and the truth. `items` and `receipts` are what the command is given."""

    name: str
    profile: str
    tables: dict[str, pd.DataFrame]
    items: str  # file, or folder of files
    receipts: str
    truth: pd.DataFrame  # receipt_id, item_id and labels
    label: str = ""  # column of the truth that is reported apart
    new_ids: dict[str, dict[str, str]] = field(default_factory=dict)  # of a renamed copy: old to new

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write what a run may see; returns the items and the receipts as the command takes them. Never writes the truth."""
        for name, frame in self.tables.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            frame.to_csv(path, index=False, lineterminator="\n")
        return folder / self.items, folder / self.receipts

    def with_tables(self, **changed: pd.DataFrame) -> Case:
        """The same case with some tables replaced, named by the end of their file's stem."""
        tables = {}
        for name, frame in self.tables.items():
            tables[name] = changed.get(Path(name).stem, frame)
        return replace(self, tables=tables)


@dataclass(frozen=True)
class Plain:
    """Items and receipts as a plain matcher needs them.

    Items: item_id, who, currency, amount (minor units), document_day, due_day (text, YYYYMMDD), references (tuple).
    Receipts: receipt_id, who (empty where the payer's name is nobody's), currency, amount, day, text.
    """

    items: pd.DataFrame
    receipts: pd.DataFrame


def text_table(path: Path) -> pd.DataFrame:
    """A CSV file, plain or gzipped, as text."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def pay_to_invoice(shared: Path) -> Case | None:
    """Payments to invoices, readable columns; None where the data is not there."""
    folder = shared / "data" / "pay-to-invoice" / "single"
    if not folder.is_dir():
        return None
    return Case(
        name="pay-to-invoice, single",
        profile="pay-to-invoice",
        tables={
            "invoices.csv": text_table(folder / "descriptive" / "invoices.csv.gz"),
            "payments.csv": text_table(folder / "descriptive" / "payments.csv.gz"),
        },
        items="invoices.csv",
        receipts="payments.csv",
        truth=text_table(folder / "truth.csv.gz"),
        label="match_category",
    )


def pay_to_invoice_sap(shared: Path) -> Case | None:
    """The same as SAP tables."""
    folder = shared / "data" / "pay-to-invoice" / "single"
    if not folder.is_dir():
        return None
    parts = ("invoices_BKPF", "invoices_BSEG", "invoices_KNA-1", "payments_FEBEP")
    return Case(
        name="pay-to-invoice, single, SAP tables",
        profile="pay-to-invoice-sap",
        tables={f"sap/{part}.csv": text_table(folder / "multi-table" / f"{part}.csv.gz") for part in parts},
        items="sap",
        receipts="sap/payments_FEBEP.csv",
        truth=text_table(folder / "truth.csv.gz"),
        label="match_category",
    )


def highradius(shared: Path) -> Case | None:
    """A food manufacturer's receipts without any reference."""
    folder = shared / "data" / "highradius"
    if not folder.is_dir():
        return None
    return Case(
        name="highradius",
        profile="highradius",
        tables={
            "items.csv": text_table(folder / "items.csv.gz"),
            "receipts.csv": text_table(folder / "receipts.csv.gz"),
        },
        items="items.csv",
        receipts="receipts.csv",
        truth=text_table(folder / "truth.csv.gz"),
        label="pool_class",
    )


def with_open_items(case: Case, shared: Path) -> Case:
    """highradius with its still-open items added to the items, as decoys: no receipt pays them."""
    still = text_table(shared / "data" / "highradius" / "open_items.csv.gz")
    decoys = pd.DataFrame(
        {
            "item_id": [f"D{number:06d}" for number in range(len(still))],
            "customer_id": still["cust_number"],
            "customer_name": still["name_customer"],
            "company": still["business_code"],
            "document_no": still["invoice_id"],
            "document_date": still["baseline_create_date"],
            "due_date": still["due_in_date"],
            "currency": still["invoice_currency"],
            "amount": still["total_open_amount"],
        }
    )
    items = pd.concat([case.tables["items.csv"], decoys], ignore_index=True)
    return replace(case, name=f"{case.name}, open items added", tables=case.tables | {"items.csv": items})


def plain(case: Case) -> Plain:
    """What baselines see. Raises KeyError for a profile that they are not run on."""
    if case.profile == "pay-to-invoice":
        return _plain_invoices(case)
    return {"highradius": _plain_highradius}[case.profile](case)


def minor(amounts: pd.Series) -> list[int]:
    """Decimal text as minor units of two places; float noise is rounded away."""
    cent = Decimal("0.01")
    return [int(Decimal(text).quantize(cent, rounding=ROUND_HALF_UP) * 100) for text in amounts]


def _plain_invoices(case: Case) -> Plain:
    items, receipts = case.tables["invoices.csv"], case.tables["payments.csv"]
    names = dict(zip(items["Customer Name"], items["Customer ID"], strict=True))
    return Plain(
        items=pd.DataFrame(
            {
                "item_id": items["invoice_id"],
                "who": items["Customer ID"],
                "currency": items["Currency Code"],
                "amount": minor(items["Amount"]),
                "document_day": items["Document Date"],
                "due_day": items["Due Date"],
                "references": list(zip(items["Assignment Number"], items["Billing Number"], strict=True)),
            }
        ),
        receipts=pd.DataFrame(
            {
                "receipt_id": receipts["payment_id"],
                "who": [names.get(name, "") for name in receipts["Business Partner"]],
                "currency": receipts["Currency"],
                "amount": minor(receipts["Amount"]),
                "day": receipts["Posting Date"],
                "text": receipts["Memo Line"],
            }
        ),
    )


def _plain_highradius(case: Case) -> Plain:
    items, receipts = case.tables["items.csv"], case.tables["receipts.csv"]
    return Plain(
        items=pd.DataFrame(
            {
                "item_id": items["item_id"],
                "who": items["company"] + "/" + items["customer_id"],
                "currency": items["currency"],
                "amount": minor(items["amount"]),
                "document_day": items["document_date"].str.replace("-", ""),
                "due_day": items["due_date"].str.replace("-", ""),
                "references": [(number,) for number in items["document_no"]],
            }
        ),
        receipts=pd.DataFrame(
            {
                "receipt_id": receipts["receipt_id"],
                "who": receipts["company"] + "/" + receipts["customer_id"],
                "currency": receipts["currency"],
                "amount": minor(receipts["amount"]),
                "day": receipts["value_date"].str.replace("-", ""),
                "text": receipts["remittance_text"],
            }
        ),
    )
