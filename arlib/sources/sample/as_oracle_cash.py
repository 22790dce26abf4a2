"""The sample company's cash as Oracle holds it: receipts, their history, and every row of their applications. Floor 2."""

from __future__ import annotations

import pandas as pd

from arlib.sources.express import negated
from arlib.sources.sample.as_oracle_applications import CASH, application_tables
from arlib.sources.sample.as_oracle_names import NEVER, Named

STATUS = {
    "applied": "APP",
    "on_account": "APP",
    "unapplied": "UNAPP",
    "unidentified": "UNID",
    "reversed": "NSF",
}


def cash_tables(books: Named) -> dict[str, pd.DataFrame]:
    """AR_CASH_RECEIPTS_ALL, their history and applications, credit memo applications, AR_DISTRIBUTIONS_ALL."""
    items, receipts = books["items"], books["receipts"]
    cash = items[items["item_type"].isin(CASH)]
    rows = cash.merge(receipts, on=["entity", "item_id"], suffixes=("", "_r"))
    came, back = (rows[rows["return_of"].eq("") == wanted].reset_index(drop=True) for wanted in (True, False))
    origin = dict(
        zip(zip(receipts["entity"], receipts["receipt_id"], strict=True), receipts["item_id"], strict=True)
    )
    number = dict(zip(zip(items["entity"], items["item_id"], strict=True), items["_id"], strict=True))
    back["_receipt"] = [
        number[(entity, origin[(entity, of)])]
        for entity, of in zip(back["entity"], back["return_of"], strict=True)
    ]
    returns = books["applications"]
    returns = returns[returns["kind"].eq("return")]
    back = back.merge(
        returns[["entity", "target_item_id", "application_id", "entered_at", "reason"]].rename(
            columns={"target_item_id": "item_id", "entered_at": "app_entered", "reason": "app_reason"}
        ),
        on=["entity", "item_id"],
    )
    applications, distributions = application_tables(books, came)
    return {
        "AR_CASH_RECEIPTS_ALL": _receipts(came, back),
        "AR_CASH_RECEIPT_HISTORY_ALL": _history(came, back),
        "AR_RECEIVABLE_APPLICATIONS_ALL": applications,
        "AR_DISTRIBUTIONS_ALL": distributions,
        "_cash_schedules": _schedules(came),
    }


def _receipts(came: pd.DataFrame, back: pd.DataFrame) -> pd.DataFrame:
    reversal = back.set_index("_receipt")
    undone = came["_id"].isin(reversal.index)
    return pd.DataFrame(
        {
            "CASH_RECEIPT_ID": came["_id"],
            "ORG_ID": came["_org"],
            "TYPE": "CASH",
            "STATUS": came["status"].map(STATUS),
            "RECEIPT_NUMBER": came["document_no"],
            "RECEIPT_DATE": came["effective_date"],
            "CURRENCY_CODE": came["currency"],
            "AMOUNT": negated(came["amount"]),
            "EXCHANGE_RATE": came["rate"],
            "PAY_FROM_CUSTOMER": came["_customer"],
            "CUSTOMER_RECEIPT_REFERENCE": came["reference"],
            "COMMENTS": came["remittance_text"],
            "REVERSAL_DATE": came["_id"].map(reversal["effective_date"]),
            "REVERSAL_CATEGORY": undone.map({True: "NSF", False: ""}),
            "REVERSAL_REASON_CODE": came["_id"].map(reversal["return_code"]),
            "CREATION_DATE": came["entered_at"],
            "CREATED_BY": came["user"],
            "ATTRIBUTE1": came["item_id"],
            "ATTRIBUTE2": came["cash_status"],
            "ATTRIBUTE3": came["segment"],
            "ATTRIBUTE4": came["is_secured"],
            "ATTRIBUTE5": came["is_insured"],
            "ATTRIBUTE6": came["is_hedged"],
            "ATTRIBUTE7": came["reason"],
            "ATTRIBUTE8": came["batch_id"],
            "ATTRIBUTE9": came["deposit_batch"],
            "ATTRIBUTE10": came["bank_account"],
            "ATTRIBUTE11": came["payer_name"],
            "ATTRIBUTE12": came["payer_account"],
            "ATTRIBUTE13": came["receipt_id"],
            "ATTRIBUTE14": came["text"],
            "ATTRIBUTE15": came["status"],
        }
    )


def _history(came: pd.DataFrame, back: pd.DataFrame) -> pd.DataFrame:
    """One row when the receipt was confirmed, one more when it was reversed."""
    undone = came["_id"].isin(set(back["_receipt"]))
    first = pd.DataFrame(
        {
            "CASH_RECEIPT_HISTORY_ID": came["_id"] + "1",
            "CASH_RECEIPT_ID": came["_id"],
            "STATUS": "CLEARED",
            "CURRENT_RECORD_FLAG": undone.map({True: "N", False: "Y"}),
            "AMOUNT": negated(came["amount"]),
            "ACCTD_AMOUNT": negated(came["functional_amount"]),
            "TRX_DATE": came["effective_date"],
            "GL_DATE": came["posting_date"],
            "CREATION_DATE": came["entered_at"],
            "CREATED_BY": came["user"],
        }
    )
    second = pd.DataFrame(
        {
            "CASH_RECEIPT_HISTORY_ID": back["_receipt"] + "2",
            "CASH_RECEIPT_ID": back["_receipt"],
            "STATUS": "REVERSED",
            "CURRENT_RECORD_FLAG": "Y",
            "AMOUNT": back["amount"],
            "ACCTD_AMOUNT": back["functional_amount"],
            "TRX_DATE": back["effective_date"],
            "GL_DATE": back["posting_date"],
            "CREATION_DATE": back["entered_at"],
            "CREATED_BY": back["user"],
            "ATTRIBUTE1": back["item_id"],
            "ATTRIBUTE2": back["document_no"],
            "ATTRIBUTE3": back["reason"],
            "ATTRIBUTE4": back["due_date"],
            "ATTRIBUTE5": back["original_due_date"],
            "ATTRIBUTE6": back["application_id"],
            "ATTRIBUTE7": back["app_entered"],
            "ATTRIBUTE8": back["app_reason"],
            "ATTRIBUTE9": back["batch_id"],
            "ATTRIBUTE10": back["rate"],
            "ATTRIBUTE11": back["remittance_text"],
        }
    )
    return pd.concat([first, second], ignore_index=True)


def _schedules(came: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "PAYMENT_SCHEDULE_ID": came["_id"] + "0",
            "ORG_ID": came["_org"],
            "CLASS": "PMT",
            "CASH_RECEIPT_ID": came["_id"],
            "CUSTOMER_ID": came["_customer"],
            "TRX_NUMBER": came["document_no"],
            "TRX_DATE": came["effective_date"],
            "GL_DATE": came["posting_date"],
            "DUE_DATE": came["effective_date"],
            "TERMS_SEQUENCE_NUMBER": "1",
            "NUMBER_OF_DUE_DATES": "1",
            "INVOICE_CURRENCY_CODE": came["currency"],
            "AMOUNT_DUE_ORIGINAL": came["amount"],
            "STATUS": came["_closed"].ne(NEVER).map({True: "CL", False: "OP"}),
            "GL_DATE_CLOSED": came["_closed"],
        }
    )
