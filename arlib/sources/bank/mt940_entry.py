"""One booking of an MT940 or MT942 with what :86: and :NS: say of it. Floor 2."""

from __future__ import annotations

from arlib.sources.bank.mt940_codes import kind_of_business_code, kind_of_type
from arlib.sources.bank.mt940_fields import EntryLine, entry_line
from arlib.sources.bank.mt940_lines import Field
from arlib.sources.bank.mt940_narrative import nonswift, said, supplementary
from arlib.sources.bank.mt940_references import reference_in
from arlib.sources.forms.form import Row

_JOINED = ("remittance_text", "code_text")


class Entry:
    """A :61: and the lines that follow it."""

    def __init__(self, field: Field, name: str) -> None:
        """Read the :61:. Raises SourceError where it cannot be read whole."""
        self.line = field.line
        self.coded, self.extra = entry_line(field.lines, name, field.line)
        self.narrative: list[str] = []
        self.told: list[str] = []

    @property
    def status(self) -> str:
        """booked, or pending for an expected credit or debit."""
        return "pending" if self.coded.mark.startswith("E") else "booked"

    def rows(self, base: dict[str, str]) -> list[Row]:
        """The row of `entries`, on the statement, account, line and currency given."""
        coded = self.coded
        fields = base | {
            "booking_date": coded.booking_date,
            "value_date": coded.value_date,
            "amount": coded.amount,
            "status": self.status,
            "code": coded.code,
            "customer_reference": coded.customer_reference,
            "bank_reference": coded.bank_reference,
            "payer_name": coded.name,
            "remittance_text": "",
        }
        found = said(self.narrative, coded.customer_reference) if self.narrative else {}
        self._extra(found)
        if self.told:
            for key, value in nonswift(self.told).items():
                if value:
                    found[key] = f"{found[key]} {value}" if key in _JOINED and found.get(key) else value
        reason = found.pop("reason", "")
        account = found.pop("account_word", "")
        currency = found.pop("charges_currency", "")
        if currency and currency != base["currency"]:
            found.pop("charges", None)
        if found.get("original_currency") == base["currency"] and found.get(
            "original_amount"
        ) == coded.amount.lstrip("-"):
            del found["original_amount"], found["original_currency"]
        empty_ok = (
            {"customer_reference"} if "payer_account" in found and "end_to_end_id" not in found else set()
        )
        fields |= {key: value for key, value in found.items() if value or key in empty_ok}
        fields["payer_account"] = fields.get("payer_account", "") or account
        fields["reference"] = fields.get("reference", "") or reference_in(fields["remittance_text"])
        _classify(fields, coded, found.get("code", ""), reason)
        rows: list[Row] = [("entries", self.line, fields)]
        if coded.is_clamped:
            remark = {
                "code": "day_not_in_calendar",
                "column": ":61:",
                "found": coded.value_date,
                "wanted": "the last day of the month is taken",
            }
            rows.append(("remarks", self.line, remark))
        return rows

    def _extra(self, found: dict[str, str]) -> None:
        """The supplementary lines of :61:: amounts, or a text; the name of the payer is not said twice."""
        for key, value in supplementary(self.extra).items():
            if key == "code_text" and value == found.get("payer_name"):
                continue
            if key == "code_text" and value.isdecimal() and not self.coded.bank_reference:
                found.setdefault("bank_reference", value)
                continue
            found.setdefault(key, value)
            if key == "code_text" and not found["code_text"]:
                found["code_text"] = value


def _classify(fields: dict[str, str], coded: EntryLine, business: str, reason: str) -> None:
    """kind, is_reversal, return_code and return_of."""
    is_reversal = coded.mark.startswith("R")
    if is_reversal:
        fields["is_reversal"] = "true"
    kind = kind_of_business_code(business) or kind_of_type(coded.code) or kind_of_business_code(coded.code)
    slashed = bool(reason) and not business
    if is_reversal or kind == "return" or slashed:
        kind = "return"
        if reason:
            fields["return_code"] = reason
        if fields.get("end_to_end_id"):
            fields["return_of"] = fields["end_to_end_id"]
    fields["kind"] = kind or ("other" if coded.amount.startswith("-") else "receipt")
