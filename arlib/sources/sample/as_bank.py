"""The sample company's bank lines as its banks send them: BAI2, camt.053 and MT940 files. Floor 2.

US01's bank sends BAI2 by day, UK01's camt.053 and JP01's MT940 by month; each statement opens where the last one
closed. What a bank cannot know (whether a tax refund concerns receivables, which receipt a line is) is not in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from arlib.money import format_minor, minor_places

if TYPE_CHECKING:
    import pandas as pd

OPENING = 1_000_000  # minor units on every account before its first line
BAI = {"receipt": ("195", "475"), "return": ("257", "557"), "card_fee": ("698", "698"), "bank_fee": ("698", "698"),
       "other": ("399", "699")}  # fmt: skip
CAMT = {"receipt": "RCDT/ESCT", "return": "RDDT/UPDD", "card_fee": "MCRD/CHRG", "bank_fee": "MDOP/CHRG",
        "other": "ICDT/ESCT"}  # fmt: skip
SWIFT = {"receipt": "NTRF", "return": "NRTI", "card_fee": "NCHG", "bank_fee": "NCHG", "other": "NMSC"}


@dataclass(frozen=True, kw_only=True)
class Month:
    """One account in one month."""

    account: str
    currency: str
    first: str  # days as YYYY-MM-DD
    last: str
    number: int
    opening: int
    lines: list[
        dict[str, str]
    ]  # day, amount in minor units as text, kind, name, payer_account, text, reference, id

    @property
    def closing(self) -> int:
        """Opening and lines."""
        return self.opening + sum(int(line["amount"]) for line in self.lines)


def write_bank(tables: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write one file an entity and month; the same tables give the same bytes. Returns the paths, by name.

    `tables` holds BANK_LINES; lines of an entity whose bank is not among the three are left out.
    """
    folder.mkdir(parents=True, exist_ok=True)
    forms = {"US01": ("bai", _bai), "UK01": ("xml", _camt), "JP01": ("sta", _swift)}
    made = []
    for entity, frame in tables["bank_lines"].groupby("entity", sort=True):
        if str(entity) not in forms:
            continue
        suffix, form = forms[str(entity)]
        by_month: dict[str, list[Month]] = {}
        for month in _months(frame):
            by_month.setdefault(month.first[:7], []).append(month)
        for name, months in sorted(by_month.items()):
            path = folder / f"{entity}-{name}.{suffix}"
            path.write_text(form(months), encoding="utf-8", newline="\n")
            made.append(path)
    return sorted(made)


def _months(frame: pd.DataFrame) -> Iterator[Month]:
    import pandas as pd

    texts = frame.fillna(dict.fromkeys(("payer_name", "payer_account", "remittance_text", "reference"), ""))
    every = pd.period_range(texts["booking_date"].min(), texts["booking_date"].max(), freq="M")
    for (account, currency), mine in texts.groupby(["bank_account", "currency"], sort=True):
        opening = OPENING
        for number, month in enumerate(every, start=1):
            own = mine[mine["booking_date"].dt.to_period("M").eq(month)]
            own = own.sort_values(["booking_date", "bank_line_id"], kind="stable")
            lines = [
                {"day": f"{row['booking_date']:%Y-%m-%d}", "amount": str(row["amount"]), "kind": row["kind"],
                 "name": row["payer_name"], "payer_account": row["payer_account"], "text": row["remittance_text"],
                 "reference": row["reference"], "id": row["bank_line_id"]}
                for row in own.to_dict("records")
            ]  # fmt: skip
            made = Month(
                account=str(account), currency=str(currency), first=f"{month.start_time:%Y-%m-%d}",
                last=f"{month.end_time:%Y-%m-%d}", number=number, opening=opening, lines=lines,
            )  # fmt: skip
            opening = made.closing
            yield made


def _short(day: str) -> str:
    return day.replace("-", "")[2:]


def _days(month: Month) -> Iterator[Month]:
    """The month's days with lines, each opening where the last one closed; the month itself where there are none."""
    opening = month.opening
    for day in sorted({line["day"] for line in month.lines}):
        own = [line for line in month.lines if line["day"] == day]
        made = replace(month, first=day, last=day, opening=opening, lines=own)
        opening = made.closing
        yield made
    if not month.lines:
        yield month


def _bai(months: list[Month]) -> str:
    """One file; a group for each day with lines, since a BAI2 detail has no booking date but its group's."""
    last = _short(months[0].last)
    out = [f"01,FIRSTBANK,HARBOR,{last},2300,{months[0].first[:7].replace('-', '')},,,2/"]
    total = records = 0
    groups = 0
    for month in chain.from_iterable(map(_days, months)):
        groups += 1
        group = [f"02,HARBOR,FIRSTBANK,1,{_short(month.last)},2300,{month.currency},2/"]
        account = [f"03,{month.account},{month.currency},010,{month.opening},,,015,{month.closing},,/"]
        control = month.opening + month.closing
        for line in month.lines:
            amount = int(line["amount"])
            code = BAI[line["kind"]][amount < 0]
            control += abs(amount)
            text = " ".join(part for part in (line["name"], line["payer_account"], line["text"]) if part)
            account.append(
                f"16,{code},{abs(amount)},V,{_short(line['day'])},,{line['id']},{line['reference']},{text}"
            )
        account.append(f"49,{control},{len(account) + 1}/")
        group += account
        group.append(f"98,{control},1,{len(group) + 1}/")
        out += group
        records += len(group)
        total += control
    out.append(f"99,{total},{groups},{records + 2}/")
    return "\n".join(out) + "\n"


def _camt(months: list[Month]) -> str:
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>',
        f"<GrpHdr><MsgId>S{months[0].first[:7]}</MsgId><CreDtTm>{months[0].last}T23:00:00Z</CreDtTm></GrpHdr>",
    ]
    for month in months:
        ccy = month.currency
        parts += [
            f"<Stmt><Id>{month.account}-{month.number}</Id><ElctrncSeqNb>{month.number}</ElctrncSeqNb>",
            f"<CreDtTm>{month.last}T23:00:00Z</CreDtTm>",
            f"<FrToDt><FrDtTm>{month.first}T00:00:00Z</FrDtTm><ToDtTm>{month.last}T23:59:59Z</ToDtTm></FrToDt>",
            f"<Acct><Id><Othr><Id>{month.account}</Id></Othr></Id><Ccy>{ccy}</Ccy></Acct>",
            _balance("OPBD", month.opening, ccy, month.first),
            _balance("CLBD", month.closing, ccy, month.last),
        ]
        parts += [_entry(line, ccy) for line in month.lines]
        parts.append("</Stmt>")
    return "\n".join([*parts, "</BkToCstmrStmt></Document>"]) + "\n"


def _side(amount: int) -> str:
    return "CRDT" if amount >= 0 else "DBIT"


def _balance(code: str, amount: int, ccy: str, day: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{ccy}">{format_minor(abs(amount), ccy)}</Amt>'
        f"<CdtDbtInd>{_side(amount)}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _entry(line: dict[str, str], ccy: str) -> str:
    amount = int(line["amount"])
    family, sub = CAMT[line["kind"]].split("/")
    payer = f"<RltdPties><Dbtr><Pty><Nm>{escape(line['name'])}</Nm></Pty></Dbtr>" if line["name"] else ""
    if payer and line["payer_account"]:
        payer += f"<DbtrAcct><Id><Othr><Id>{escape(line['payer_account'])}</Id></Othr></Id></DbtrAcct>"
    payer += "</RltdPties>" if payer else ""
    said = f"<Ustrd>{escape(line['text'])}</Ustrd>" if line["text"] else ""
    if line["reference"]:
        said += f"<Strd><CdtrRefInf><Ref>{escape(line['reference'])}</Ref></CdtrRefInf></Strd>"
    told = f"<RmtInf>{said}</RmtInf>" if said else ""
    back = "<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf>" if line["kind"] == "return" else ""
    return (
        f'<Ntry><Amt Ccy="{ccy}">{format_minor(abs(amount), ccy)}</Amt><CdtDbtInd>{_side(amount)}</CdtDbtInd>'
        f"<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{line['day']}</Dt></BookgDt><ValDt><Dt>{line['day']}</Dt></ValDt>"
        f"<AcctSvcrRef>{line['id']}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd>"
        f"<SubFmlyCd>{sub}</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs><AcctSvcrRef>{line['id']}"
        f'</AcctSvcrRef></Refs><Amt Ccy="{ccy}">{format_minor(abs(amount), ccy)}</Amt>'
        f"<CdtDbtInd>{_side(amount)}</CdtDbtInd>{payer}{told}{back}</TxDtls></NtryDtls></Ntry>"
    )


def _swift(months: list[Month]) -> str:
    out = []
    for month in months:
        ccy = month.currency
        out += [
            f":20:{month.account}", f":25:{month.account}", f":28C:{month.number}/1",
            f":60F:{_mark(month.opening)}{_short(month.first)}{ccy}{_comma(month.opening, ccy)}",
        ]  # fmt: skip
        for line in month.lines:
            amount = int(line["amount"])
            mark = ("RC" if amount < 0 else "RD") if line["kind"] == "return" else _mark(amount)
            day = _short(line["day"])
            out.append(
                f":61:{day}{day[2:]}{mark}{_comma(amount, ccy)}{SWIFT[line['kind']]}NONREF//{line['id']}"
            )
            words = [("NAME", line["name"]), ("IBAN", line["payer_account"]), ("REMI", line["text"]),
                     ("EREF", line["reference"])]  # fmt: skip
            said = "".join(f"/{word}/{text.replace('/', ' ')}" for word, text in words if text)
            if said:
                out.append(":86:" + "\n".join(said[at : at + 65] for at in range(0, min(len(said), 390), 65)))
        out.append(f":62F:{_mark(month.closing)}{_short(month.last)}{ccy}{_comma(month.closing, ccy)}")
        out.append("-")
    return "\n".join(out) + "\n"


def _mark(amount: int) -> str:
    return "C" if amount >= 0 else "D"


def _comma(amount: int, ccy: str) -> str:
    text = format_minor(abs(amount), ccy)
    return text.replace(".", ",") if minor_places(ccy) else text + ","
