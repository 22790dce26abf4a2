"""ISO 21378:2019, audit data collection, as comma-delimited files: base, general ledger, receivables, sales. Floor 2.

Functional amounts are in the currency of the books, transaction amounts in that of the document.
"""

from __future__ import annotations

from arlib.sources.standards.layout import OF_CASH_ROWS, PREFIX, RECEIPT, FileLayout, Layout, own_columns

Fields = tuple[tuple[str, str], ...]


def _created(user: str = "user") -> Fields:
    made = [("Created_User_ID", user), ("Created_Date", "_entered_date"), ("Created_Time", "_entered_clock")]
    for who in ("Approved", "Last_Modified"):
        made += [(f"{who}_User_ID", ""), (f"{who}_Date", ""), (f"{who}_Time", "")]
    return tuple(made)


def _amounts(functional: str, transaction: str, currency: str) -> Fields:
    return (
        ("Functional_Amount", functional), ("Functional_CUR_Code", "_functional_currency"),
        ("Transaction_Amount", transaction), ("Transaction_CUR_Code", currency),
    )  # fmt: skip


_PERIOD: Fields = (("Fiscal_Year", "_year"), ("Accounting_Period", "_period"))
_ACCOUNT_SIDES: Fields = (("GL_Debit_Account_Number", ""), ("GL_Credit_Account_Number", "control_account"))

_UNITS: Fields = (
    ("Business_Segment_Code", "entity"), ("Business_Segment_Name", "name"), ("Segment_Reference_Level", ""),
    ("Organization_Type_Name", ""),
)  # fmt: skip
_USERS: Fields = (
    ("User_ID", "user"), ("User_Active_Status", ""), ("User_Status_Modified_Date", ""), ("User_Name", "user"),
    ("User_Job_Title", ""), ("Department_Code", ""), ("User_Role_Responsibility", ""),
)  # fmt: skip
_CUSTOMERS: Fields = (
    ("Customer_Account_ID", "customer_id"), ("Customer_Account_Number", "customer_id"),
    ("Customer_Account_Name", "name"), ("Customer_Abbreviation", ""), ("Parent_Customer_ID", "parent_id"),
    ("Corresponding_Supplier_ID", ""), ("Customer_Type_ID", ""), ("Customer_TIN", "tax_id"),
    ("Customer_Physical_Street_Address1", "address"), ("Customer_Physical_Country", "country"),
    ("Primary_Contact_Email", "email"), ("Inactive_Date", ""), ("Transaction_Credit_Limit", ""),
    ("Total_Credit_Limit", "credit_limit"), ("Terms_Discount_Percentage", ""), ("Terms_Discount_Days", ""),
    ("Terms_Due_Days", ""),
)  # fmt: skip
_ACCOUNTS: Fields = (
    ("GL_Account_Number", "account"), ("GL_Account_Name", "name"), ("Account_Type", "_class"),
    ("Account_Subtype", "role"), ("Business_Segment_01", "entity"),
)  # fmt: skip
_INVOICES: Fields = (
    ("Invoice_ID", "_id"), ("Invoice_Number", "document_no"), *_PERIOD, ("Official_Invoice_Code", ""),
    ("Invoice_Type_Name", "item_type"), ("Invoice_Date", "_date"), ("Invoice_Due_Date", "due_date"),
    ("Customer_Account_ID", "customer_id"), ("Settlement_Method_Code", ""),
    ("Invoice_Transaction_Amount", "amount"), ("Invoice_Transaction_CUR_Code", "currency"),
    ("Payment_Term_Code", ""), ("Terms_Discount_Percentage", "discount_rate"),
    ("Terms_Discount_Days", "_discount_days"), ("Terms_Due_Days", "_due_days"), ("Grouping_Code", "batch_id"),
    ("Status", ""), ("Remark", "text"), ("Tax1_Type_Code", ""), ("Tax1_Transaction_Amount", "tax_amount"),
    *_created(), ("Business_Segment_01", "entity"),
)  # fmt: skip
_OPEN: Fields = (
    ("Transaction_ID", "_id"), ("Invoice_ID", ""), ("Customer_Account_ID", "customer_id"), ("Sales_Contract_ID", ""),
    ("Project_ID", ""), *_PERIOD, ("Transaction_Date", "_date"), ("Journal_ID", ""),
    ("Transaction_Due_Date", "due_date"), ("Reference_Number", "document_no"), ("Reference_Date", "document_date"),
    *_amounts("_original_functional", "_original", "currency"), ("Functional_Balance", "_remaining_functional"),
    ("Transaction_Balance", "_remaining"), ("Amount_Credit_Debit_Indicator", "_side"), ("Remark", "text"),
    ("Grouping_Code", "batch_id"), ("Business_Segment_01", "entity"),
)  # fmt: skip
_CASH: Fields = (
    ("Receipt_ID", "_id"), ("Receipt_Number", "document_no"), ("Customer_Account_ID", "_customer"),
    ("Sales_Contract_ID", ""), ("Project_ID", ""), ("Journal_ID", ""), *_PERIOD, ("Receipt_Date", "_date"),
    ("Settlement_Method_Code", ""), ("Reference_Number", "_reference"), ("Reference_Date", ""),
    *_amounts("_functional", "_amount", "_currency"), ("Amount_Credit_Debit_Indicator", "_side"),
    ("Remark", "text"), *_ACCOUNT_SIDES, *_created("_user"), ("Business_Segment_01", "_entity"),
)  # fmt: skip
_APPLICATIONS: Fields = (
    ("AR_Application_ID", "_id"), *_PERIOD, ("AR_Application_Date", "_date"), ("Customer_Account_ID", "_customer"),
    ("Receipt_ID", "_receipt"), ("Invoice_ID", "_invoice"), ("Settlement_Method_Code", ""),
    *_amounts("target_functional_amount", "target_amount", "target_currency"), ("Remark", ""),
    ("GL_Debit_Account_Number", ""), ("GL_Credit_Account_Number", ""), *_created(), ("Business_Segment_01", "entity"),
)  # fmt: skip
_ADJUSTMENTS: Fields = (
    ("Adjustment_ID", "_id"), ("Adjustment_Number", "_id"), ("Adjustment_Type_Name", "item_type"),
    ("Adjustment_Document_Number", "document_no"), ("Invoice_ID", "_invoice"), ("Journal_ID", ""), *_PERIOD,
    ("Adjustment_Date", "_date"), ("Customer_Account_ID", "customer_id"),
    *_amounts("_part_functional", "_part", "currency"), ("Remark", "text"), *_ACCOUNT_SIDES, *_created(),
    ("Business_Segment_01", "entity"),
)  # fmt: skip
_JOURNAL: Fields = (
    ("Journal_ID", "_id"), ("Journal_Number", "journal_id"), ("GL_Account_Number", "account"), *_PERIOD,
    ("Effective_Date", "posting_date"), ("Journal_Line_Number", "line_id"), ("JE_Type_Code", ""),
    ("JE_Header_Description", ""), ("JE_Line_Description", "text"), ("Source_Code", "source"),
    *_amounts("_functional", "_amount", "currency"), ("Credit_Debit_Indicator", "_side"), ("Reversal_Indicator", ""),
    ("Reversal_Journal_ID", ""), *_created(), ("Posted_User_ID", ""), ("Business_Segment_01", "entity"),
)  # fmt: skip
_BALANCES: Fields = (
    ("GL_Account_Number", "account"), *_PERIOD, ("Balance_As_Of_Date", "as_of"),
    ("Beginning_Functional_Amount", "_beginning"), ("Ending_Functional_Amount", "balance"),
    ("Functional_CUR_Code", "currency"), ("Business_Segment_01", "entity"),
)  # fmt: skip
_SOURCES: Fields = (
    ("Source_Code", "source"), ("Source_Description", "source"), ("ERP_Subledger_Module", ""),
    ("System_Manual_Identifier", "_origin"), ("Business_Process_Major", ""), ("Business_Process_Minor", ""),
)  # fmt: skip

_OF_APPLICATIONS = own_columns("applications", _APPLICATIONS)
_OF_OPEN = own_columns("items", _OPEN, carried=("amount", "functional_amount"))


def _open(rows: str, day: str) -> FileLayout:
    return FileLayout(
        role="open_items", file=f"AR_Open_Accounts_Receivable_{{{day}}}.csv", rows=rows, fields=_OPEN, own=_OF_OPEN,
        total="Transaction_Balance", currency="Transaction_CUR_Code",
    )  # fmt: skip


ISO21378 = Layout(
    standard="iso-21378",
    delimiter=",",
    suffix=".csv",
    month="{month}",
    files=(
        FileLayout(role="business_units", file="BAS_Business_Segment.csv", rows="units", fields=_UNITS,
                   own=own_columns("entities", _UNITS)),
        FileLayout(role="users", file="BAS_User.csv", rows="users", fields=_USERS),
        FileLayout(role="customers", file="BAS_Customer.csv", rows="customers", fields=_CUSTOMERS,
                   own=own_columns("customers", _CUSTOMERS)),
        FileLayout(role="accounts", file="BAS_Chart_Of_Accounts.csv", rows="accounts", fields=_ACCOUNTS,
                   own=own_columns("control_accounts", _ACCOUNTS)),
        _open("open_at_start", "before"),
        _open("open_at_end", "end"),
        FileLayout(role="invoices", file="SAL_Invoices_Generated.csv", rows="invoices", fields=_INVOICES,
                   own=own_columns("items", _INVOICES), total="Invoice_Transaction_Amount",
                   currency="Invoice_Transaction_CUR_Code"),
        FileLayout(role="cash", file="AR_Cash_Received.csv", rows="cash", fields=_CASH,
                   own=(*own_columns("items", _CASH, carried=OF_CASH_ROWS),
                        *own_columns("receipts", _CASH, carried=("entity",), of=RECEIPT)),
                   total="Transaction_Amount", currency="Transaction_CUR_Code"),
        FileLayout(role="applications", file="AR_Cash_Application.csv", rows="cash_applications",
                   fields=_APPLICATIONS, own=_OF_APPLICATIONS, total="Transaction_Amount",
                   currency="Transaction_CUR_Code"),
        FileLayout(role="adjustments", file="AR_Adjustments.csv", rows="adjustments", fields=_ADJUSTMENTS,
                   own=(*own_columns("items", _ADJUSTMENTS), (PREFIX + "application_id", "_application")),
                   total="Transaction_Amount", currency="Transaction_CUR_Code"),
        FileLayout(role="journal", file="GL_Details.csv", rows="journal", fields=_JOURNAL,
                   own=own_columns("gl_lines", _JOURNAL, carried=("amount", "functional_amount")),
                   total="Functional_Amount", currency="Functional_CUR_Code"),
        FileLayout(role="balances", file="GL_Trial_Balance.csv", rows="balances", fields=_BALANCES,
                   own=own_columns("gl_balances", _BALANCES)),
        FileLayout(role="sources", file="GL_Source.csv", rows="sources", fields=_SOURCES),
        FileLayout(role="credit_applications", file=PREFIX + "AR_Credit_Application.csv", rows="credit_applications",
                   fields=_APPLICATIONS, own=_OF_APPLICATIONS, total="Transaction_Amount",
                   currency="Transaction_CUR_Code", in_standard=False),
        FileLayout(role="instalments", file=PREFIX + "Instalments.csv", rows="instalments", fields=(),
                   own=own_columns("instalments", ()), in_standard=False),
    ),
)  # fmt: skip
