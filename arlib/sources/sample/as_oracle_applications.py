"""Every row of Oracle's receivable applications for the sample company, and their distributions. Floor 2."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from arlib.sources.express import negated
from arlib.sources.sample.as_oracle_names import Named

CASH = ("receipt", "prepayment")
# ranges of application numbers
FIRST_ROWS, APPLIED_ROWS, MIRROR_ROWS, USED_ROWS = 100_000_000, 200_000_000, 300_000_000, 400_000_000
REFUND_FIELDS = (
    "item_id", "entered_at", "segment", "is_secured", "is_insured", "is_hedged", "authorised_by", "rate", "reason",
    "user",
)  # fmt: skip


def application_tables(books: Named, came: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every row of AR_RECEIVABLE_APPLICATIONS_ALL, and the distribution of each application."""
    items = books["items"]
    kinds = dict(zip(items["_id"], items["item_type"], strict=True))
    beside = items.set_index("_id")
    uses = books["applications"]
    source, target = uses["_source"].map(kinds), uses["_target"].map(kinds)
    by_cash, by_memo = source.isin(CASH) & ~target.isin(CASH), source.eq("credit_memo")
    used = uses[by_cash | by_memo].reset_index(drop=True)
    cash = used["_source"].map(kinds).isin(CASH)
    refund = used["_target"].map(kinds).eq("refund")
    undone = used["_id"].isin(set(_looked_up(uses)))
    negative = used["reverses"].ne("")
    to = used["_target"].map(beside["document_no"]).where(refund, "")
    cross = used["source_currency"].ne(used["target_currency"])
    ids = (used["_id"].astype("int64") + APPLIED_ROWS).astype("str")
    applied = pd.DataFrame(
        {
            "RECEIVABLE_APPLICATION_ID": ids,
            "ORG_ID": used["_org"],
            "APPLICATION_TYPE": cash.map({True: "CASH", False: "CM"}),
            "STATUS": refund.map({True: "ACTIVITY", False: "APP"}),
            "DISPLAY": (undone | negative).map({True: "N", False: "Y"}),
            "CASH_RECEIPT_ID": used["_source"].where(cash, ""),
            "CUSTOMER_TRX_ID": used["_source"].where(~cash, ""),
            "PAYMENT_SCHEDULE_ID": used["_source"] + cash.map({True: "0", False: "1"}),
            "APPLIED_CUSTOMER_TRX_ID": used["_target"].where(~refund, ""),
            "APPLIED_PAYMENT_SCHEDULE_ID": (used["_target"] + "1").where(~refund, "-8"),
            "AMOUNT_APPLIED": used["target_amount"],
            "AMOUNT_APPLIED_FROM": used["source_amount"].where(cross, ""),
            "ACCTD_AMOUNT_APPLIED_FROM": used["source_functional_amount"],
            "ACCTD_AMOUNT_APPLIED_TO": used["target_functional_amount"],
            "EARNED_DISCOUNT_TAKEN": used["discount"],
            "ACCTD_EARNED_DISCOUNT_TAKEN": used["discount_functional_amount"],
            "APPLY_DATE": used["effective_date"],
            "GL_DATE": used["posting_date"],
            "REVERSAL_GL_DATE": used["posting_date"].where(negative, ""),
            "CREATION_DATE": used["entered_at"],
            "CREATED_BY": used["user"],
            "APPLICATION_REF_NUM": to,
            "APPLICATION_REF_REASON": used["reason"],
            "CODE_COMBINATION_ID": used["_target"].map(beside["_combination"]),
            "ATTRIBUTE1": used["application_id"],
            **{
                f"ATTRIBUTE{place}": used["_target"].map(beside[name]).where(refund, "")
                for place, name in enumerate(REFUND_FIELDS, start=2)
            },
        }
    )  # fmt: skip
    mirror = applied[cash].assign(
        RECEIVABLE_APPLICATION_ID=(used["_id"].astype("int64") + MIRROR_ROWS).astype("str")[cash],
        STATUS="UNAPP",
        AMOUNT_APPLIED=negated(used["source_amount"])[cash],
        ACCTD_AMOUNT_APPLIED_FROM=negated(used["source_functional_amount"])[cash],
        CODE_COMBINATION_ID=used["_source"].map(beside["_combination"])[cash],
        **dict.fromkeys(_not_mirrored(applied), ""),
    )
    distributions = pd.DataFrame(
        {
            "LINE_ID": ids,
            "SOURCE_ID": ids,
            "SOURCE_TABLE": "RA",
            "SOURCE_TYPE": "REC",
            "CODE_COMBINATION_ID": applied["CODE_COMBINATION_ID"],
            "CURRENCY_CODE": used["target_currency"],
            "AMOUNT_CR": used["target_amount"],
            "ACCTD_AMOUNT_CR": used["target_functional_amount"],
        }
    )
    prepaid = used["_source"].map(kinds).eq("prepayment")
    used_up = mirror[prepaid[cash]].assign(
        RECEIVABLE_APPLICATION_ID=(used["_id"].astype("int64") + USED_ROWS).astype("str")[prepaid],
        STATUS="OTHER ACC",
        APPLIED_PAYMENT_SCHEDULE_ID="-7",
    )
    rows = pd.concat([_first_rows(came), applied, mirror, used_up], ignore_index=True)
    return rows, pd.concat([distributions, _adjusted(uses, kinds)], ignore_index=True)


def _adjusted(uses: pd.DataFrame, kinds: dict[str, str]) -> pd.DataFrame:
    """The exchange difference of each adjustment that has one."""
    mine = uses[
        ~uses["_source"].map(kinds).isin((*CASH, "credit_memo")) & uses["realised_fx"].map(Decimal).ne(0)
    ]
    return pd.DataFrame(
        {
            "LINE_ID": (mine["_id"].astype("int64") + APPLIED_ROWS).astype("str"),
            "SOURCE_ID": mine["_source"],
            "SOURCE_TABLE": "ADJ",
            "SOURCE_TYPE": mine["realised_fx"]
            .str.startswith("-")
            .map({True: "EXCH_LOSS", False: "EXCH_GAIN"}),
            "CODE_COMBINATION_ID": "",
            "CURRENCY_CODE": mine["target_currency"],
        }
    )


def _not_mirrored(applied: pd.DataFrame) -> list[str]:
    named = (
        "APPLIED_CUSTOMER_TRX_ID",
        "APPLIED_PAYMENT_SCHEDULE_ID",
        "AMOUNT_APPLIED_FROM",
        "ACCTD_AMOUNT_APPLIED_TO",
    )
    more = (
        "EARNED_DISCOUNT_TAKEN",
        "ACCTD_EARNED_DISCOUNT_TAKEN",
        "APPLICATION_REF_NUM",
        "APPLICATION_REF_REASON",
    )
    return [*named, *more, *(name for name in applied.columns if name.startswith("ATTRIBUTE"))]


def _looked_up(uses: pd.DataFrame) -> list[str]:
    """Numbers of the applications that others reverse."""
    by_name = dict(zip(zip(uses["entity"], uses["application_id"], strict=True), uses["_id"], strict=True))
    back = uses[uses["reverses"].ne("")]
    return [by_name[key] for key in zip(back["entity"], back["reverses"], strict=True)]


def _first_rows(came: pd.DataFrame) -> pd.DataFrame:
    """What Oracle writes when a receipt is entered: its whole amount unapplied or unidentified; then what was put on
    account or into prepayment."""
    number = came["_id"].astype("int64")
    first = pd.DataFrame(
        {
            "RECEIVABLE_APPLICATION_ID": (number + FIRST_ROWS).astype("str"),
            "ORG_ID": came["_org"],
            "APPLICATION_TYPE": "CASH",
            "STATUS": came["status"].eq("unidentified").map({True: "UNID", False: "UNAPP"}),
            "DISPLAY": "N",
            "CASH_RECEIPT_ID": came["_id"],
            "PAYMENT_SCHEDULE_ID": came["_id"] + "0",
            "AMOUNT_APPLIED": negated(came["amount"]),
            "ACCTD_AMOUNT_APPLIED_FROM": negated(came["functional_amount"]),
            "APPLY_DATE": came["effective_date"],
            "GL_DATE": came["posting_date"],
            "CREATION_DATE": came["entered_at"],
            "CREATED_BY": came["user"],
            "CODE_COMBINATION_ID": came["_combination"],
        }
    )
    prepaid, kept = came["item_type"].eq("prepayment"), came["cash_status"].eq("on_account")
    put = first[prepaid | kept].assign(
        RECEIVABLE_APPLICATION_ID=(number + FIRST_ROWS + 5_000_000).astype("str"),
        STATUS=prepaid.map({True: "OTHER ACC", False: "ACC"}),
        DISPLAY="Y",
        APPLIED_PAYMENT_SCHEDULE_ID=prepaid.map({True: "-7", False: "-1"}),
    )
    return pd.concat([first, put], ignore_index=True)
