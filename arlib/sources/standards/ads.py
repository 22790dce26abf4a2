"""The AICPA Audit Data Standards, July 2015, as pipe-delimited files: order to cash, base and general ledger. Floor 2.

Amounts without a suffix are in the currency of the books (functional), those with `_Local` in that of the document.
"""

from __future__ import annotations

from arlib.sources.standards.layout import OF_CASH_ROWS, PREFIX, RECEIPT, FileLayout, Layout, own_columns

Fields = tuple[tuple[str, str], ...]

_SPAN, _DAY = "_{start}_{end}.txt", "_{day}.txt"


def _entered(user: str = "user") -> Fields:
    made = [("Entered_By", user), ("Entered_Date", "_entered_date"), ("Entered_Time", "_entered_time")]
    for who in ("Approved", "Last_Modified"):
        made += [(f"{who}_By", ""), (f"{who}_Date", ""), (f"{who}_Time", "")]
    return tuple(made)


def _amounts(name: str, *, functional: str, local: str, currency: str, short: str = "") -> Fields:
    head = short or name.removesuffix("_Amount")
    return (
        (name, functional), (f"{name}_Currency", "_functional_currency"), (f"{name}_Reporting", ""),
        (f"{head}_Reporting_Currency", ""), (f"{name}_Local", local), (f"{head}_Local_Currency", currency),
    )  # fmt: skip


_POSTED: Fields = (("GL_Debit_Account_Number", ""), ("GL_Credit_Account_Number", "control_account"))

_UNITS: Fields = (
    ("Business_Unit_Code", "entity"), ("Business_Unit_Description", "name"),
    *((f"Business_Unit_Hierarchy{level}", "") for level in range(1, 6)),
)  # fmt: skip
_USERS: Fields = (
    ("User_ID", "user"), ("User_Active_Status", ""), ("User_Active_Modified_Date", ""), ("First_Name", ""),
    ("Last_Name", ""), ("Title", ""), ("Department", ""), ("Role_Responsibility", ""),
)  # fmt: skip
_CUSTOMERS: Fields = (
    ("Customer_Account_ID", "customer_id"), ("Customer_Account_Name", "name"), ("Customer_Group", "region"),
    ("Customer_TIN", "tax_id"),
    *((f"Customer_Physical_{name}", column) for name, column in (
        ("Street_Address1", "address"), ("Street_Address2", ""), ("City", ""), ("State_Province", ""),
        ("ZipPostalCode", ""), ("Country", "country"))),
    ("Active_Date", ""), ("Inactive_Date", ""), ("Transaction_Credit_Limit", ""),
    ("Overall_Credit_Limit", "credit_limit"), ("Terms_Discount_Percentage", ""), ("Terms_Discount_Days", ""),
    ("Terms_Due_Days", ""), *((name, "") for name, _ in _entered()), ("Primary_Contact_Name", ""),
    ("Primary_Contact_Phone", ""), ("Primary_Contact_Email", "email"),
)  # fmt: skip
_ACCOUNTS: Fields = (
    ("GL_Account_Number", "account"), ("GL_Account_Name", "name"), ("Account_Type", "_class"),
    ("Account_Subtype", "role"), ("FS_Caption", ""), ("GL_Account_Description", ""),
    ("Business_Unit_Code", "entity"), ("Parent_GL_Account_Number", ""),
)  # fmt: skip
_INVOICES: Fields = (
    ("Invoice_ID", "_id"), ("Invoice_Number", "document_no"), ("Invoice_Date", "_date"),
    ("Invoice_Fiscal_Year", "_year"), ("Invoice_Period", "_period"), ("Invoice_Due_Date", "due_date"),
    ("Sales_Order_ID", "order_no"), ("Business_Unit_Code", "entity"), ("Customer_Account_ID", "customer_id"),
    ("Terms_Discount_Percentage", "_percent"), ("Terms_Discount_Days", "_discount_days"),
    ("Terms_Due_Days", "_due_days"), *_entered(), ("Grouping_Code", "batch_id"),
    *_amounts("Invoice_Amount", functional="functional_amount", local="amount", currency="currency"),
    ("Tax1_Type", ""), ("Tax1_Type_Description", ""), ("Tax1_Local", "tax_amount"),
)  # fmt: skip
_OPEN: Fields = (
    ("Customer_Account_ID", "customer_id"), ("Transaction_ID", "_id"), ("Transaction_Date", "_date"),
    ("Transaction_Type", "item_type"), ("Transaction_Due_Date", "due_date"),
    *_amounts("Balance_Amount", functional="_remaining_functional", local="_remaining", currency="currency"),
    ("Original_Balance_Amount", "_original_functional"), ("Original_Balance_Amount_Local", "_original"),
    ("Business_Unit_Code", "entity"), ("Grouping_Code", "batch_id"), ("Amount_Credit_Debit_Indicator", "_side"),
    ("Reference_Number", "document_no"), ("Reference_Date", "document_date"), ("Clearing_Document", ""),
)  # fmt: skip
_CASH: Fields = (
    ("Receipt_ID", "_id"), ("Customer_Account_ID", "_customer"), ("Business_Unit_Code", "_entity"),
    ("Receipt_Date", "_date"), ("Receipt_Fiscal_Year", "_year"), ("Receipt_Period", "_period"),
    ("Reference_Number", "_reference"), ("Reference_Date", ""), ("Amount_Credit_Debit_Indicator", "_side"),
    ("Receipt_Type", "item_type"),
    *_amounts("Receipt_Amount", functional="_functional", local="_amount", currency="_currency"),
    ("Posting_Status", "_status"), *_POSTED, *_entered("_user"),
)  # fmt: skip
_APPLICATIONS: Fields = (
    ("AR_Application_ID", "_id"), ("AR_Application_Date", "_date"), ("AR_Application_Fiscal_Year", "_year"),
    ("AR_Application_Period", "_period"), ("Customer_Account_ID", "_customer"), ("Receipt_ID", "_receipt"),
    ("Invoice_ID", "_invoice"), ("Business_Unit_Code", "entity"), *_entered(),
    *_amounts("AR_Application_Amount", functional="target_functional_amount", local="target_amount",
              currency="target_currency"),
    ("GL_Debit_Account_Number", ""), ("GL_Credit_Account_Number", ""),
)  # fmt: skip
_ADJUSTMENTS: Fields = (
    ("Adjustment_ID", "_id"), ("Adjustment_Type", "item_type"), ("Adjustment_Document_Number", "document_no"),
    ("Invoice_ID", "_invoice"), ("Adjustment_Date", "_date"), ("Adjustment_Fiscal_Year", "_year"),
    ("Adjustment_Period", "_period"), ("Business_Unit_Code", "entity"), ("Customer_Account_ID", "customer_id"),
    *_entered(),
    *_amounts("Adjustment_Amount", functional="_part_functional", local="_part", currency="currency"),
    *_POSTED,
)  # fmt: skip
_JOURNAL: Fields = (
    ("Journal_ID", "_id"), ("Journal_ID_Line_Number", "line_id"), ("JE_Header_Description", ""),
    ("JE_Line_Description", "text"), ("Source", "source"), ("Business_Unit_Code", "entity"),
    ("Effective_Date", "posting_date"), ("Fiscal_Year", "_year"), ("Period", "_period"),
    ("GL_Account_Number", "account"), ("Amount", "_functional"), ("Amount_Credit_Debit_Indicator", "_side"),
    ("Amount_Currency", "_functional_currency"), ("Reporting_Amount", ""), ("Reporting_Amount_Currency", ""),
    ("Local_Amount", "_amount"), ("Local_Amount_Currency", "currency"), *_entered(),
    ("Reversal_Indicator", ""), ("Reversal_Journal_ID", ""),
)  # fmt: skip
_BALANCES: Fields = (
    ("GL_Account_Number", "account"), ("Business_Unit_Code", "entity"), ("Balance_AsOf_Date", "as_of"),
    ("Fiscal_Year", "_year"), ("Period", "_period"), ("Amount_Beginning", "_beginning"), ("Amount_Ending", "balance"),
    ("Amount_Currency", "currency"),
)  # fmt: skip
_SOURCES: Fields = (
    ("Source", "source"), ("Source_Description", "source"), ("ERP_Subledger_Module", ""),
    ("System_Manual_Identifier", "_origin"), ("Business_Process_Major", ""), ("Business_Process_Minor", ""),
)  # fmt: skip

_OF_CASH = (
    *own_columns("items", _CASH, carried=OF_CASH_ROWS),
    *own_columns("receipts", _CASH, carried=("entity",), of=RECEIPT),
)
_OF_OPEN = own_columns("items", _OPEN, carried=("amount", "functional_amount"))
_OF_APPLICATIONS = own_columns("applications", _APPLICATIONS)


def _open(role: str, rows: str, day: str) -> FileLayout:
    return FileLayout(
        role=role, file=f"Open_Accounts_Receivable_{{{day}}}.txt", rows=rows, fields=_OPEN, own=_OF_OPEN,
        total="Balance_Amount_Local", currency="Balance_Local_Currency",
    )  # fmt: skip


ADS = Layout(
    standard="ads-o2c",
    delimiter="|",
    suffix=".txt",
    month="M{month}",
    files=(
        FileLayout(role="business_units", file="Business_Unit_Listing.txt", rows="units", fields=_UNITS,
                   own=own_columns("entities", _UNITS)),
        FileLayout(role="users", file="User_Listing.txt", rows="users", fields=_USERS),
        FileLayout(role="customers", file="Customer_Master_Listing" + _DAY, rows="customers", fields=_CUSTOMERS,
                   own=own_columns("customers", _CUSTOMERS)),
        FileLayout(role="accounts", file="Chart_Of_Accounts.txt", rows="accounts", fields=_ACCOUNTS,
                   own=own_columns("control_accounts", _ACCOUNTS)),
        _open("open_items", "open_at_start", "before"),
        _open("open_items", "open_at_end", "end"),
        FileLayout(role="invoices", file="Invoices_Generated" + _SPAN, rows="invoices", fields=_INVOICES,
                   own=own_columns("items", _INVOICES), total="Invoice_Amount_Local",
                   currency="Invoice_Local_Currency"),
        FileLayout(role="cash", file="Cash_Received" + _SPAN, rows="cash", fields=_CASH, own=_OF_CASH,
                   total="Receipt_Amount_Local", currency="Receipt_Local_Currency"),
        FileLayout(role="applications", file="AR_Cash_Application" + _SPAN, rows="cash_applications",
                   fields=_APPLICATIONS, own=_OF_APPLICATIONS, total="AR_Application_Amount_Local",
                   currency="AR_Application_Local_Currency"),
        FileLayout(role="adjustments", file="AR_Adjustments" + _SPAN, rows="adjustments", fields=_ADJUSTMENTS,
                   own=(*own_columns("items", _ADJUSTMENTS), (PREFIX + "application_id", "_application")),
                   total="Adjustment_Amount_Local", currency="Adjustment_Local_Currency"),
        FileLayout(role="journal", file="GL_Detail" + _SPAN, rows="journal", fields=_JOURNAL,
                   own=own_columns("gl_lines", _JOURNAL, carried=("amount", "functional_amount")),
                   total="Amount", currency="Amount_Currency"),
        FileLayout(role="balances", file="Trial_Balance" + _DAY, rows="balances", fields=_BALANCES,
                   own=own_columns("gl_balances", _BALANCES)),
        FileLayout(role="sources", file="Source_Listing.txt", rows="sources", fields=_SOURCES),
        FileLayout(role="credit_applications", file=PREFIX + "AR_Credit_Application" + _SPAN,
                   rows="credit_applications", fields=_APPLICATIONS, own=_OF_APPLICATIONS,
                   total="AR_Application_Amount_Local", currency="AR_Application_Local_Currency", in_standard=False),
        FileLayout(role="instalments", file=PREFIX + "Instalments" + _DAY, rows="instalments", fields=(),
                   own=own_columns("instalments", ()), in_standard=False),
    ),
)  # fmt: skip
