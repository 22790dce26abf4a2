"""The head of a camt statement: account, period, booked balances, stated totals. Floor 2."""

from __future__ import annotations

from arlib.sources.bank.camt_money import Money, amount_of, day_of, money
from arlib.sources.bank.xmlstream import Node, first_text, nodes, text
from arlib.sources.forms.amounts import plain
from arlib.sources.forms.form import Row


def remark(line: int, code: str, column: str, found: str, wanted: str = "") -> Row:
    """A row of the list of remarks."""
    return ("remarks", line, {"code": code, "column": column, "found": found, "wanted": wanted})


def account_of(account: Node) -> str:
    """The number of an account: IBAN, another identification, or the forms of version 1; blanks removed."""
    held = account.get("Id")
    if held.__class__ is dict and (found := held.get("IBAN")).__class__ is str:
        return "".join(found.split())
    found = first_text(
        account, ("Id", "IBAN"), ("Id", "Othr", "Id"), ("Id", "PrtryAcct", "Id"), ("Id", "BBAN"), ("Id", "UPIC"),
        ("Prxy", "Id"), ("Id",),
    )  # fmt: skip
    return "".join(found.split())


def header_fields(
    head: Node, group: Node, kind: str, name: str, line: int
) -> tuple[dict[str, str], list[Row]]:
    """The columns of `statements` that stand in the head of a Stmt, Rpt or Ntfctn, and remarks on it.

    The currency is the account's, else the first balance's, else '' (then the first entry's counts).
    """
    account = (nodes(head, "Acct") or [{}])[0]
    bank = (nodes(account, "Svcr", "FinInstnId") or [{}])[0]
    balances = [
        (text(one, "Tp", "CdOrPrtry", "Cd") or text(one, "Tp", "Cd"), one) for one in nodes(head, "Bal")
    ]
    currency = text(account, "Ccy") or next((text(one, "Amt", "@Ccy") for _, one in balances), "")
    period = (nodes(head, "FrToDt") or [{}])[0]
    fields = {
        "account": account_of(account),
        "account_name": first_text(account, ("Ownr", "Nm"), ("Ownr", "Pty", "Nm"), ("Nm",)),
        "bank": first_text(bank, ("BICFI",), ("BIC",), ("Nm",), ("NmAndAdr", "Nm"), ("ClrSysMmbId", "MmbId")),
        "currency": currency,
        "number": text(head, "ElctrncSeqNb") or text(head, "LglSeqNb"),
        "message_id": text(head, "Id") or text(group, "MsgId"),
        "kind": kind,
        "from_date": day_of(first_text(period, ("FrDtTm",), ("FrDt",)), name, line),
        "to_date": day_of(first_text(period, ("ToDtTm",), ("ToDt",)), name, line),
        "created_at": text(head, "CreDtTm") or text(group, "CreDtTm"),
    }
    rows: list[Row] = []
    _balances(fields, balances, name, line, rows)
    _summary(fields, head, name, line)
    if copy := text(head, "CpyDplctInd"):
        rows.append(remark(line, "copy_or_duplicate", "CpyDplctInd", copy, "an original"))
    pages = [*nodes(head, "StmtPgntn"), *nodes(head, "RptPgntn"), *nodes(head, "NtfctnPgntn")]
    if any(text(page, "LastPgInd").lower() in ("false", "0", "no") for page in pages):
        page = text(pages[0], "PgNb")
        rows.append(remark(line, "more_pages_to_come", "LastPgInd", f"page {page}", "the last page"))
    return fields, rows


def _balances(
    fields: dict[str, str], balances: list[tuple[str, Node]], name: str, line: int, rows: list[Row]
) -> None:
    """Opening and closing booked balance: the earliest of the first code that is there, and the latest."""
    interim = fields["kind"] != "statement"
    opening = _pick(balances, ("OPBD", "PRCD"), name, line, last=False)
    closing = _pick(balances, ("CLBD",), name, line, last=True)
    if interim and closing is None:
        closing = _pick(balances, ("ITBD",), name, line, last=True)
        many_interim = sum(code == "ITBD" for code, _ in balances) > 1
        if opening is None and many_interim:
            opening = _pick(balances, ("ITBD",), name, line, last=False)
    for key, found in (("opening", opening), ("closing", closing)):
        if found is None:
            continue
        value, day = found
        if value.currency != fields["currency"]:
            rows.append(
                remark(
                    line,
                    "balance_in_other_currency",
                    key,
                    f"{value.amount} {value.currency}",
                    fields["currency"],
                )
            )
            continue
        fields[key], fields[f"{key}_date"] = value.amount, day


def _pick(
    balances: list[tuple[str, Node]], codes: tuple[str, ...], name: str, line: int, *, last: bool
) -> tuple[Money, str] | None:
    for code in codes:
        found = [
            (
                money(one, name, line),
                day_of(first_text(one, ("Dt", "Dt"), ("Dt", "DtTm"), ("Dt",)), name, line),
            )
            for has, one in balances
            if has == code
        ]
        if found:
            days = [day for _, day in found]
            if "" in days:
                return found[-1 if last else 0]
            wanted = max(days) if last else min(days)
            among = [one for one in found if one[1] == wanted]
            return among[-1 if last else 0]
    return None


def _summary(fields: dict[str, str], head: Node, name: str, line: int) -> None:
    """TxsSummry: counts and totals as the bank states them."""
    for summary in nodes(head, "TxsSummry")[:1]:
        total = (nodes(summary, "TtlNtries") or [{}])[0]
        fields["stated_entries"] = text(total, "NbOfNtries")
        for column, tag in (("stated_credits", "TtlCdtNtries"), ("stated_debits", "TtlDbtNtries")):
            fields[column] = _plain(text(summary, tag, "Sum"), name, line)
        if not fields["stated_entries"]:
            parts = [text(summary, tag, "NbOfNtries") for tag in ("TtlCdtNtries", "TtlDbtNtries")]
            if all(part.isdecimal() and len(part) < 19 for part in parts):
                fields["stated_entries"] = str(int(parts[0]) + int(parts[1]))
        net = first_text(total, ("TtlNetNtryAmt",), ("TtlNetNtry", "Amt"))
        mark = first_text(total, ("CdtDbtInd",), ("TtlNetNtry", "CdtDbtInd"))
        if net and mark in ("CRDT", "DBIT"):
            value = amount_of(net, name, line)
            fields["stated_net"] = plain(-value if mark == "DBIT" else value)


def _plain(found: str, name: str, line: int) -> str:
    return plain(amount_of(found, name, line)) if found else ""
