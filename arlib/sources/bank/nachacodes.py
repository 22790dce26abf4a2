"""ACH codes: transaction codes, why an entry was returned, what a notification of change corrects. Floor 2."""

from __future__ import annotations

_RETURNS = (
    "R01 Insufficient Funds|R02 Account Closed|R03 No Account/Unable to Locate Account|R04 Invalid Account Number|"
    "R05 Unauthorized Debit to Consumer Account|R06 Returned per ODFI's Request|"
    "R07 Authorization Revoked by Customer|R08 Payment Stopped|R09 Uncollected Funds|"
    "R10 Customer Advises Originator Not Known or Not Authorized|"
    "R11 Customer Advises Entry Not in Accordance with the Authorization|R12 Account Sold to Another DFI|"
    "R13 Invalid ACH Routing Number|R14 Representative Payee Deceased|R15 Beneficiary or Account Holder Deceased|"
    "R16 Account Frozen|R17 File Record Edit Criteria|R18 Improper Effective Entry Date|R19 Amount Field Error|"
    "R20 Non-Transaction Account|R21 Invalid Company Identification|R22 Invalid Individual ID Number|"
    "R23 Credit Entry Refused by Receiver|R24 Duplicate Entry|R25 Addenda Error|R26 Mandatory Field Error|"
    "R27 Trace Number Error|R28 Routing Number Check Digit Error|R29 Corporate Customer Advises Not Authorized|"
    "R30 RDFI Not Participant in Check Truncation Program|R31 Permissible Return Entry (CCD and CTX only)|"
    "R32 RDFI Non-Settlement|R33 Return of XCK Entry|R34 Limited Participation DFI|"
    "R35 Return of Improper Debit Entry|R36 Return of Improper Credit Entry|"
    "R37 Source Document Presented for Payment|R38 Stop Payment on Source Document|R39 Improper Source Document|"
    "R40 Return of ENR Entry by Federal Government Agency|R41 Invalid Transaction Code (ENR only)|"
    "R42 Routing Number/Check Digit Error (ENR only)|R43 Invalid DFI Account Number (ENR only)|"
    "R44 Invalid Individual ID Number (ENR only)|R45 Invalid Individual or Company Name (ENR only)|"
    "R46 Invalid Representative Payee Indicator (ENR only)|R47 Duplicate Enrollment (ENR only)|"
    "R50 State Law Affecting RCK Acceptance|R51 Item Related to RCK Entry Is Ineligible or Improper|"
    "R52 Stop Payment on Item Related to RCK Entry|R53 Item and RCK Entry Presented for Payment|"
    "R61 Misrouted Return|R62 Return of Erroneous or Reversing Debit|R63 Incorrect Dollar Amount|"
    "R64 Incorrect Individual Identification|R65 Incorrect Transaction Code|R66 Incorrect Company Identification|"
    "R67 Duplicate Return|R68 Untimely Return|R69 Field Errors|"
    "R70 Permissible Return Entry Not Accepted/Return Not Requested by ODFI|R71 Misrouted Dishonored Return|"
    "R72 Untimely Dishonored Return|R73 Timely Original Return|R74 Corrected Return|R75 Return Not a Duplicate|"
    "R76 No Errors Found|R77 Non-Acceptance of R62 Dishonored Return|R80 IAT Entry Coding Error|"
    "R81 Non-Participant in IAT Program|R82 Invalid Foreign Receiving DFI Identification|"
    "R83 Foreign Receiving DFI Unable to Settle|R84 Entry Not Processed by Gateway|"
    "R85 Incorrectly Coded Outbound International Payment"
)
_CHANGES = (
    "C01 Incorrect DFI Account Number|C02 Incorrect Routing Number|"
    "C03 Incorrect Routing Number and DFI Account Number|C04 Incorrect Individual or Receiving Company Name|"
    "C05 Incorrect Transaction Code|C06 Incorrect DFI Account Number and Transaction Code|"
    "C07 Incorrect Routing Number, DFI Account Number and Transaction Code|"
    "C08 Incorrect Receiving DFI Identification (IAT only)|C09 Incorrect Individual Identification Number|"
    "C10 Incorrect Company Name|C11 Incorrect Company Identification|"
    "C12 Incorrect Company Name and Company Identification|C13 Addenda Format Error|"
    "C14 Incorrect SEC Code for Outbound International Payment|C61 Misrouted Notification of Change|"
    "C62 Incorrect Trace Number|C63 Incorrect Company Identification Number|"
    "C64 Incorrect Individual Identification Number|C65 Incorrectly Formatted Corrected Data|"
    "C66 Incorrect Discretionary Data|C67 Routing Number Not from Original Entry|"
    "C68 DFI Account Number Not from Original Entry|C69 Incorrect Transaction Code"
)
RETURNS = {item[:3]: item[4:] for item in _RETURNS.split("|")}
CHANGES = {item[:3]: item[4:] for item in _CHANGES.split("|")}

_ACCOUNTS = {"2": "checking", "3": "savings", "4": "ledger", "5": "loan"}
_USES = {
    "1": "credit return", "2": "credit", "3": "credit prenote", "4": "credit without money",
    "6": "debit return", "7": "debit", "8": "debit prenote", "9": "debit without money",
}  # fmt: skip
_ADVICES = {
    "81": "credit for debits originated", "82": "debit for credits originated", "83": "credit for credits received",
    "84": "debit for debits received", "85": "credit for rejected batches", "86": "debit for rejected batches",
    "87": "summary credit", "88": "summary debit",
}  # fmt: skip
TRANSACTIONS: dict[str, str] = {
    **{
        a + u: f"{account} {use}"
        for a, account in _ACCOUNTS.items()
        for u, use in _USES.items()
        if a + u < "55"
    },
    "55": "loan debit reversal",
    "56": "loan debit return",
    **_ADVICES,
}
CLASSES = {"200": "mixed", "220": "credits", "225": "debits", "280": "advices"}
SEC = frozenset(
    ("ACK", "ADV", "ARC", "ATX", "BOC", "CBR", "CCD", "CIE", "COR", "CTX", "DNE", "ENR", "IAT", "MTE", "PBR", "POP",
     "POS", "PPD", "RCK", "SHR", "TEL", "TRC", "TRX", "TRU", "WEB", "XCK")
)  # fmt: skip
ADDENDA = frozenset(("02", "05", "10", "11", "12", "13", "14", "15", "16", "17", "18", "98", "99"))
IAT_TYPES = frozenset(
    ("ANN", "ARC", "BOC", "BUS", "DEP", "LOA", "MIS", "MOR", "MTE", "PEN", "POP", "POS", "RCK", "REM", "RLS", "SAL",
     "SHR", "TAX", "TEL", "WEB")
)  # fmt: skip


def is_credit(code: str) -> bool:
    """Whether a transaction code pays the receiver (a credit) rather than draws on the account (a debit)."""
    return code[1] in ("1357" if code[0] == "8" else "1234")


def is_sent_back(code: str) -> bool:
    """Whether a transaction code is of an entry that comes back: a return or a notification of change."""
    return code[0] != "8" and code[1] in "16"


def is_without_money(code: str) -> bool:
    """Whether a transaction code is of a prenote or of an entry that carries only data."""
    return code[0] != "8" and code[1] in "3489"


def stage(code: str) -> int:
    """How often an entry has turned round: 1 a return, 2 a return dishonored by the originator's bank, 3 contested."""
    if "R61" <= code <= "R70":
        return 2
    return 3 if "R71" <= code <= "R77" else 1


def check_digit(routing: str) -> str:
    """The ninth digit of a routing number, from its first eight digits."""
    weighed = sum(int(digit) * weight for digit, weight in zip(routing, (3, 7, 1) * 3, strict=False))
    return str(-weighed % 10)
