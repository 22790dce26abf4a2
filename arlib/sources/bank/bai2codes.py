"""BAI2 type codes: published names, and what kind of booking each is. Floor 2.

100 to 399 are credits, 400 to 699 debits; 920 to 959 and 960 to 999 are a bank's own credits and debits. The table holds
the detail codes that a receivables account sees; another code of those ranges is taken by its side.
"""

from __future__ import annotations

from typing import Literal

Side = Literal["credit", "debit", ""]

# A line: kind, then "code name" of each. Credits not named are receipts, debits not named are other.
_NAMED: tuple[tuple[str, str], ...] = (
    (
        "receipt",
        "108 Credit (Any Type)|115 Lockbox Deposit|116 Item in Lockbox Deposit|118 Lockbox Adjustment Credit|"
        "121 EDI Transaction Credit|122 EDIBANX Credit Received|142 ACH Credit Received|143 Item in ACH Deposit|"
        "147 Individual Bank Card Deposit|155 Preauthorized Draft Credit|156 Item in PAC Deposit|"
        "158 Real Time Payment Credit|164 Corporate Trade Payment Credit|165 Preauthorized ACH Credit|"
        "166 ACH Settlement|169 Miscellaneous ACH Credit|171 Individual Loan Deposit|172 Deposit Correction|"
        "173 Bank-Prepared Deposit|174 Other Deposit|175 Check Deposit Package|176 Re-presented Check Deposit|"
        "184 Draft Deposit|187 Cash Letter Credit|189 Cash Letter Adjustment|"
        "191 Individual Incoming Internal Money Transfer|195 Incoming Money Transfer|196 Money Transfer Adjustment|"
        "198 Compensation|206 Book Transfer Credit|208 Individual International Money Transfer Credit|"
        "212 Foreign Letter of Credit|213 Letter of Credit|214 Foreign Exchange of Credit|"
        "216 Foreign Remittance Credit|218 Foreign Collection Credit|221 Foreign Check Purchase|"
        "222 Foreign Checks Deposited|227 Standing Order|229 Miscellaneous International Credit|"
        "237 Individual Collection Credit|254 Posting Error Correction Credit|295 ATM Credit|301 Commercial Deposit|"
        "331 Individual Escrow Credit|344 Individual Back Value Credit|353 Cash Center Credit|357 Credit Adjustment|"
        "362 Correspondent Collection|366 Currency and Coin Deposited|372 Back Value Adjustment|391 Universal Credit|"
        "392 Freight Payment Credit|393 Itemized Credit Over $10,000|394 Cumulative Credits|399 Miscellaneous Credit",
    ),
    (
        "return",
        "123 EDIBANX Credit Return|168 ACH Return Item or Adjustment Settlement|252 Debit Reversal|"
        "255 Check Posted and Returned|257 Individual ACH Return Item|258 ACH Reversal Credit|"
        "261 Individual Rejected Credit|266 Return Item|268 Return Item Adjustment|395 Check Reversal|"
        "423 EDIBANX Return Item Debit|468 ACH Return Item or Adjustment Settlement|552 Credit Reversal|"
        "555 Deposited Item Returned|557 Individual ACH Return Item|558 ACH Reversal Debit|"
        "561 Individual Rejected Debit|566 Return Item|568 Return Item Adjustment|694 Deposit Reversal",
    ),
    (
        "bank_fee",
        "224 Commission|354 Interest Credit|359 Interest Adjustment Credit|398 Miscellaneous Fee Refund|"
        "524 Commission|564 Overdraft Fee|567 Return Item Fee|654 Interest Debit|659 Interest Adjustment Debit|"
        "661 Account Analysis Fee|698 Miscellaneous Fees",
    ),
    (
        "other",
        "135 DTC Concentration Credit|145 ACH Concentration Credit|201 Individual Automatic Transfer Credit|"
        "202 Bond Operations Credit|232 Sale of Debt Security|233 Securities Sold|234 Sale of Equity Security|"
        "236 Maturity of Debt Security|238 Collection of Dividends|242 Collection of Interest Income|"
        "244 Interest/Matured Principal Payment|246 Commercial Paper|263 Overdraft|"
        "274 Cumulative ZBA or Disbursement Credits|275 ZBA Credit|276 ZBA Float Adjustment|277 ZBA Credit Transfer|"
        "278 ZBA Credit Adjustment|281 Individual Controlled Disbursing Credit|306 Fed Funds Sold|308 Trust Credit|"
        "342 Broker Deposit|346 Sweep Interest Income|347 Sweep Principal Sell|348 Futures Credit|"
        "351 Individual Investment Sold|364 Loan Participation|369 Clearing Settlement Credit|373 Customer Payroll|"
        "397 Float Adjustment|"
        "408 Float Adjustment|409 Debit (Any Type)|415 Lockbox Debit|421 EDI Transaction Debit|"
        "422 EDIBANX Settlement Debit|435 Payable-Through Draft|445 ACH Concentration Debit|"
        "447 ACH Disbursement Funding Debit|451 ACH Debit Received|452 Item in ACH Disbursement or Debit|"
        "455 Preauthorized ACH Debit|458 Real Time Payment Debit|462 Account Holder Initiated ACH Debit|"
        "464 Corporate Trade Payment Debit|466 ACH Settlement|469 Miscellaneous ACH Debit|"
        "472 Cumulative Checks Paid|474 Certified Check Debit|475 Check Paid|476 Federal Reserve Bank Letter Debit|"
        "477 Bank Originated Debit|479 List Post Debit|481 Individual Loan Payment|484 Draft|485 DTC Debit|"
        "487 Cash Letter Debit|489 Cash Letter Adjustment|491 Individual Outgoing Internal Money Transfer|"
        "493 Customer Terminal Initiated Money Transfer|495 Outgoing Money Transfer|496 Money Transfer Adjustment|"
        "498 Compensation|501 Individual Automatic Transfer Debit|506 Book Transfer Debit|"
        "508 Individual International Money Transfer Debits|512 Letter of Credit Debit|513 Letter of Credit|"
        "514 Foreign Exchange Debit|516 Foreign Remittance Debit|518 Foreign Collection Debit|"
        "522 Foreign Checks Paid|527 Standing Order|529 Miscellaneous International Debit|531 Securities Purchased|"
        "554 Posting Error Correction Debit|563 Overdraft|574 Cumulative ZBA Debits|575 ZBA Debit|"
        "577 ZBA Debit Transfer|578 ZBA Debit Adjustment|581 Individual Controlled Disbursing Debit|595 ATM Debit|"
        "597 ARP Debit|629 Cash Center Debit|631 Debit Adjustment|641 Individual Escrow Debit|"
        "644 Individual Back Value Debit|651 Individual Investment Purchased|656 Sweep Principal Buy|"
        "666 Currency and Coin Shipped|669 Clearing Settlement Debit|672 Back Value Adjustment|673 Customer Payroll|"
        "691 Universal Debit|692 Freight Payment Debit|693 Itemized Debit Over $10,000|"
        "695 Deposit Correction Debit|696 Regular Collection Debit|697 Cumulative Debits|699 Miscellaneous Debit",
    ),
)
CODES: dict[str, tuple[str, str]] = {  # code: name, kind
    item[:3]: (item[4:], kind) for kind, items in _NAMED for item in items.split("|")
}
OPENING, CLOSING, CURRENT, TOTAL_CREDITS, TOTAL_DEBITS = "010", "015", "030", "100", "400"


def side_of(code: str) -> Side:
    """Whether a detail code books money in or out; '' for a status, a loan or an information code."""
    if "100" <= code <= "399" or "920" <= code <= "959":
        return "credit"
    if "400" <= code <= "699" or "960" <= code <= "999":
        return "debit"
    return ""


def named(code: str) -> tuple[str, str]:
    """Published name and kind of a detail code; one that the table lacks has no name and the kind of its side."""
    side = side_of(code)
    return CODES.get(code, ("", "receipt" if side == "credit" else "other"))
