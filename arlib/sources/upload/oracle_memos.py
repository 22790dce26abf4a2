"""Credit memos and invoices as AutoInvoice takes them: lines and distributions. Floor 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arlib.credit.posting.roles import Role
from arlib.sources.upload.accounts import Accounts
from arlib.sources.upload.layout import Layout, day_text
from arlib.sources.upload.oracle_columns import RA_INTERFACE_DISTRIBUTIONS, RA_INTERFACE_LINES
from arlib.sources.upload.oracle_lists import DAY
from arlib.sources.upload.values import Row
from arlib.tables.rows import whole

if TYPE_CHECKING:
    from arlib.sources.upload.batch import Batch

OWN = "_CURRENCY"  # the currency of a row's amounts where the layout has no column for it; not written


def transactions(batch: Batch, accounts: Accounts) -> tuple[Layout, Layout]:
    """Credit memos and invoices: a line and, for tax, a second one; a memo's amounts negative as AutoInvoice has them.

    Distributions name the account of the net amount and that of tax.
    """
    made = (
        Layout(
            "RaInterfaceLinesAll.csv",
            RA_INTERFACE_LINES,
            has_header=False,
            money=(("AMOUNT", "CURRENCY_CODE", 0),),
        ),
        Layout(
            "RaInterfaceDistributionsAll.csv",
            RA_INTERFACE_DISTRIBUTIONS,
            has_header=False,
            money=(("AMOUNT", OWN, 0),),
        ),
    )
    options = accounts.oracle
    for row in batch.rows("credit_memos"):
        facts = {
            "CUST_TRX_TYPE_NAME": options.credit_memo_type,
            "TRX_DATE": row["memo_date"],
            "DESCRIPTION": f"Credit {row['reason']}",
        }
        _add(made, batch, accounts, row | {"sign": -1}, facts)
    for row in batch.rows("invoices"):
        kind = options.debit_memo_type if row["is_debit_memo"] is True else options.invoice_type
        facts = {
            "CUST_TRX_TYPE_NAME": kind,
            "TRX_DATE": row["invoice_date"],
            "DESCRIPTION": f"Invoice {row['reason']}",
        }
        _add(made, batch, accounts, row | {"sign": 1, "tax_code": ""}, facts)
    return made


def _add(
    made: tuple[Layout, Layout], batch: Batch, accounts: Accounts, row: Row, facts: dict[str, Any]
) -> None:
    """The lines and distributions of one row: its net amount, then its tax."""
    lines, shares = made
    options = accounts.oracle
    entity, ref, currency = row["entity"], row["reference"], row["currency"]
    unit = lines.text(options.business_unit.get(entity, entity), "BU_NAME", 240, ref)
    net = Role(row["role"]) if row["role"] else Role.REVENUE
    parts = [("LINE", "REV", net, int(row["net_amount"]))]
    parts += [("TAX", "TAX", Role.TAX, whole(row["tax_amount"]))] if whole(row["tax_amount"]) else []
    for kind, account_class, role, amount in parts:
        is_tax = kind == "TAX"
        key = _flexfield(
            options.line_context, ref, f"{row['line_no']}{'T' if is_tax else ''}", batch.batch_id
        )
        value = lines.amount(row["sign"] * amount, currency, "AMOUNT", ref)
        link = {
            "LINK_TO_LINE_CONTEXT": options.line_context[:30],
            "LINK_TO_LINE_ATTRIBUTE1": ref,
            "LINK_TO_LINE_ATTRIBUTE2": str(row["line_no"]),
            "LINK_TO_LINE_ATTRIBUTE3": batch.batch_id,
        }
        lines.rows.append(
            {
                **key,
                "BATCH_SOURCE_NAME": lines.text(options.transaction_source, "BATCH_SOURCE_NAME", 50, ref),
                "CUST_TRX_TYPE_NAME": lines.text(facts["CUST_TRX_TYPE_NAME"], "CUST_TRX_TYPE_NAME", 20, ref),
                "TRX_DATE": day_text(facts["TRX_DATE"], DAY),
                "GL_DATE": day_text(row["gl_date"], DAY),
                "TRX_NUMBER": lines.code(ref, "TRX_NUMBER", 20, ref),
                "LINE_TYPE": kind,
                "BILL_CUSTOMER_ACCOUNT_NUMBER": lines.code(
                    row["customer_id"], "BILL_CUSTOMER_ACCOUNT_NUMBER", 30, ref
                ),
                "CURRENCY_CODE": currency,
                "DESCRIPTION": lines.text(row["text"] or facts["DESCRIPTION"], "DESCRIPTION", 240, ref),
                "AMOUNT": value,
                "QUANTITY": "" if is_tax else "1",
                "UNIT_SELLING_PRICE": "" if is_tax else value,
                "REASON_CODE_MEANING": lines.text(row["reason"], "REASON_CODE_MEANING", 80, ref),
                "RELATED_TRX_NUMBER": lines.code(row["document_no"], "RELATED_TRX_NUMBER", 20, ref),
                "BU_NAME": unit,
                "TAX_RATE_CODE": lines.code(row["tax_code"], "TAX_RATE_CODE", 30, ref) if is_tax else "",
                **(link if is_tax else {}),
                **_conversion(lines, row, accounts),
            }
        )
        shares.rows.append(
            {
                "ACCOUNT_CLASS": account_class,
                "AMOUNT": value,
                **key,
                OWN: currency,
                "BU_NAME": unit,
                **segments(shares, accounts, entity, accounts.account(entity, role), ref),
            }
        )


def _conversion(made: Layout, row: Row, accounts: Accounts) -> dict[str, str]:
    """A memo in the books' currency has the rate 1; a foreign one takes the system's own rate of its day."""
    home = row["functional_currency"] or accounts.functional_currency.get(row["entity"], "")
    if not home:
        made.refuse(
            "CONVERSION_TYPE",
            "currency_of_the_books_unknown",
            row["entity"],
            "functional_currency: in the accounts file",
            row["reference"],
        )
    if home == row["currency"]:
        return {"CONVERSION_TYPE": "User", "CONVERSION_RATE": "1"}
    return {"CONVERSION_TYPE": "Corporate", "CONVERSION_DATE": day_text(row["gl_date"], DAY)}


def _flexfield(context: str, ref: str, line: str, batch_id: str) -> dict[str, str]:
    return {
        "INTERFACE_LINE_CONTEXT": context,
        "INTERFACE_LINE_ATTRIBUTE1": ref,
        "INTERFACE_LINE_ATTRIBUTE2": line,
        "INTERFACE_LINE_ATTRIBUTE3": batch_id,
    }


def segments(made: Layout, accounts: Accounts, entity: str, account: str, ref: str) -> dict[str, str]:
    """The account's segments, as the accounts file joins them."""
    parts = account.split(accounts.oracle.segment_separator)
    return {f"SEGMENT{at}": made.code(part, f"SEGMENT{at}", 25, ref) for at, part in enumerate(parts[:30], 1)}
