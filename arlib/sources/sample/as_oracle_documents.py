"""The sample company's documents as Oracle holds them: transactions, schedules, lines, adjustments. Floor 2."""

from __future__ import annotations

import pandas as pd

from arlib.sources.express import negated
from arlib.sources.sample.as_oracle_names import NEVER, Named, filled

TRANSACTIONS = (
    "invoice",
    "opening",
    "debit_memo",
    "credit_memo",
    "chargeback",
    "interest_or_fee",
    "recovery",
)
CLASS = {
    "credit_memo": "CM",
    "chargeback": "CB",
    "debit_memo": "DM",
    "interest_or_fee": "DM",
    "recovery": "DM",
}
TYPE_NAME = {
    "invoice": "Invoice", "opening": "Balance taken over", "debit_memo": "Debit memo", "credit_memo": "Credit memo",
    "chargeback": "Chargeback", "interest_or_fee": "Late charge", "recovery": "Reinstated debt",
}  # fmt: skip
ACTIVITY = {"write_off": "Bad debt", "adjustment": "Small balance", "transfer": "Chargeback adjustment"}
TRX_FIELDS = (
    "batch_id", "authorised_by", "segment", "sales_rep", "sales_partner", "assigned_to", "reverses", "replaces",
    "is_hedged", "is_secured", "is_insured", "service_from", "service_to", "discount_rate", "discount_date",
)  # fmt: skip


def transactions(books: Named) -> dict[str, pd.DataFrame]:
    """Transactions with their receivable entry and payment schedules."""
    items = books["items"]
    items = items[items["item_type"].isin(TRANSACTIONS)].reset_index(drop=True)
    number = {kind: str(place) for place, kind in enumerate(TYPE_NAME, start=1)}
    trx = pd.DataFrame(
        {
            "CUSTOMER_TRX_ID": items["_id"],
            "ORG_ID": items["_org"],
            "TRX_NUMBER": items["document_no"],
            "TRX_DATE": items["effective_date"],
            "CUST_TRX_TYPE_ID": items["_org"] + items["item_type"].map(number),
            "BILL_TO_CUSTOMER_ID": items["_customer"],
            "INVOICE_CURRENCY_CODE": items["currency"],
            "EXCHANGE_RATE": items["rate"],
            "PURCHASE_ORDER": items["purchase_order"],
            "SHIP_DATE_ACTUAL": items["delivery_date"],
            "REASON_CODE": items["reason"],
            "COMMENTS": items["text"],
            "COMPLETE_FLAG": "Y",
            "CREATION_DATE": items["entered_at"],
            "CREATED_BY": items["user"],
            "INTERFACE_HEADER_ATTRIBUTE1": items["item_id"],
            "INTERFACE_HEADER_ATTRIBUTE2": items["order_no"],
            "INTERFACE_HEADER_ATTRIBUTE3": items["delivery_no"],
            "INTERFACE_HEADER_ATTRIBUTE4": items["discount_base"],
            **filled(items, TRX_FIELDS),
        }
    )
    entry = pd.DataFrame(
        {
            "CUST_TRX_LINE_GL_DIST_ID": items["_id"],
            "CUSTOMER_TRX_ID": items["_id"],
            "ORG_ID": items["_org"],
            "ACCOUNT_CLASS": "REC",
            "LATEST_REC_FLAG": "Y",
            "ACCOUNT_SET_FLAG": "N",
            "GL_DATE": items["posting_date"],
            "AMOUNT": items["amount"],
            "ACCTD_AMOUNT": items["functional_amount"],
            "CODE_COMBINATION_ID": items["_combination"],
        }
    )
    parts = books["instalments"].rename(columns={"due_date": "part_due", "amount": "part"})
    columns = ["entity", "item_id", "instalment_no", "part_due", "part"]
    split = items.merge(parts[columns], on=["entity", "item_id"], how="left")
    several = split.groupby(["entity", "item_id"])["item_id"].transform("size").astype("str")
    due = split["part_due"].where(split["part_due"].notna(), split["due_date"])
    schedules = pd.DataFrame(
        {
            "PAYMENT_SCHEDULE_ID": split["_id"] + split["instalment_no"].fillna("1"),
            "ORG_ID": split["_org"],
            "CLASS": split["item_type"].map(CLASS).fillna("INV"),
            "CUSTOMER_TRX_ID": split["_id"],
            "CUSTOMER_ID": split["_customer"],
            "TRX_NUMBER": split["document_no"],
            "TRX_DATE": split["effective_date"],
            "GL_DATE": split["posting_date"],
            "DUE_DATE": due,
            "TERMS_SEQUENCE_NUMBER": split["instalment_no"].fillna("1"),
            "NUMBER_OF_DUE_DATES": several,
            "INVOICE_CURRENCY_CODE": split["currency"],
            "AMOUNT_DUE_ORIGINAL": split["part"].where(split["part"].notna(), split["amount"]),
            "STATUS": split["_closed"].ne(NEVER).map({True: "CL", False: "OP"}),
            "GL_DATE_CLOSED": split["_closed"],
            "ATTRIBUTE1": split["original_due_date"],
            "ATTRIBUTE2": split["rescheduled_on"],
            "ATTRIBUTE3": split["item_id"],
        }
    )
    return {
        "RA_CUSTOMER_TRX_ALL": trx,
        "RA_CUST_TRX_LINE_GL_DIST_ALL": entry,
        "RA_CUSTOMER_TRX_LINES_ALL": _lines(items),
        "_trx_schedules": schedules,
    }


def _lines(items: pd.DataFrame) -> pd.DataFrame:
    """Goods, tax and freight of each billed transaction."""
    parts = []
    for number, (column, kind) in enumerate(
        (("net_amount", "LINE"), ("tax_amount", "TAX"), ("freight_amount", "FREIGHT")), start=1
    ):
        mine = items[items[column].ne("")]
        parts.append(
            pd.DataFrame(
                {
                    "CUSTOMER_TRX_LINE_ID": mine["_id"] + str(number),
                    "CUSTOMER_TRX_ID": mine["_id"],
                    "ORG_ID": mine["_org"],
                    "LINE_NUMBER": "1",
                    "LINE_TYPE": kind,
                    "EXTENDED_AMOUNT": mine[column],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def adjustments(books: Named) -> dict[str, pd.DataFrame]:
    """Write-offs, adjustments and the transfers of chargebacks, each with the transaction that it adjusts."""
    items = books["items"]
    items = items[items["item_type"].isin(ACTIVITY)]
    uses = (
        books["applications"]
        .rename(columns={"source_item_id": "item_id"})
        .drop(columns=["_id", "_org", "reason", "user"])
    )
    rows = items.merge(uses, on=["entity", "item_id"], suffixes=("", "_app"))
    charged = books["items"]
    charged = charged[charged["item_type"].eq("chargeback")].rename(columns={"_id": "_chargeback"})
    # the chargeback made for the same rest on the same day
    keys = ["entity", "replaces", "effective_date", "amount"]
    rows["_positive"] = negated(rows["amount"])
    pairs = charged[[*keys, "_chargeback"]].rename(columns={"amount": "_positive"})
    keys = [*keys[:-1], "_positive"]
    rows = rows.merge(pairs.drop_duplicates(keys), on=keys, how="left")
    number = {kind: str(place) for place, kind in enumerate(ACTIVITY, start=1)}
    made = pd.DataFrame(
        {
            "ADJUSTMENT_ID": rows["_id"],
            "ORG_ID": rows["_org"],
            "ADJUSTMENT_NUMBER": rows["document_no"],
            "CUSTOMER_TRX_ID": rows["_target"],
            "PAYMENT_SCHEDULE_ID": rows["_target"] + "1",
            "RECEIVABLES_TRX_ID": rows["_org"] + rows["item_type"].map(number),
            "TYPE": "INVOICE",
            "STATUS": "A",
            "REASON_CODE": rows["reason"],
            "CHARGEBACK_CUSTOMER_TRX_ID": rows["_chargeback"].where(rows["item_type"].eq("transfer"), ""),
            "AMOUNT": rows["amount"],
            "ACCTD_AMOUNT": rows["functional_amount"],
            "APPLY_DATE": rows["effective_date"],
            "GL_DATE": rows["posting_date"],
            "CREATION_DATE": rows["entered_at"],
            "LAST_UPDATE_DATE": rows["entered_at_app"],
            "CREATED_BY": rows["user"],
            "APPROVED_BY": rows["authorised_by"],
            "COMMENTS": rows["text"],
            "ATTRIBUTE1": rows["item_id"],
            "ATTRIBUTE2": rows["application_id"],
            "ATTRIBUTE3": rows["segment"],
            "ATTRIBUTE4": rows["is_secured"],
            "ATTRIBUTE5": rows["is_insured"],
            "ATTRIBUTE6": rows["is_hedged"],
            "ATTRIBUTE7": rows["target_functional_amount"],
            "ATTRIBUTE8": rows["rate"],
        }
    )
    return {"AR_ADJUSTMENTS_ALL": made}
