"""What a camt booking is: its code, and receipt, return, fee or other. Floor 2."""

from __future__ import annotations

from arlib.sources.bank.mt940_codes import kind_of_business_code, kind_of_type
from arlib.sources.bank.xmlstream import Node

# Sub-families of the external list of bank transaction codes.
RETURNS = frozenset(
    {"RRTN", "PRDD", "UPDD", "UPCT", "UPCQ", "UPTN", "RPCR", "CQRV", "ARET", "PRCR", "RIRT", "XRTN"}
)
FEES = frozenset({"CHRG", "FEES", "COMM", "COME", "COMI", "COMT", "INTR", "LIQR", "TAXE", "CHRF"})
CARD_FAMILIES = frozenset({"MCRD", "CCRD", "POSC"})


def code_of(node: Node) -> tuple[str, str, str]:
    """Domain/family/sub-family, the family's own two parts beside it, and the bank's own code; '' where not given."""
    found = node.get("BkTxCd")
    if found.__class__ is not dict:
        return "", "", ""
    code = own = sub = ""
    domain = found.get("Domn")
    if domain.__class__ is dict:
        family = domain.get("Fmly")
        parts = [domain.get("Cd")]
        if family.__class__ is dict:
            parts += [family.get("Cd"), family.get("SubFmlyCd")]
            sub = family.get("SubFmlyCd", "")
        code = "/".join(part for part in parts if part.__class__ is str and part)
    proprietary = found.get("Prtry")
    if proprietary.__class__ is list:
        proprietary = proprietary[0]
    if proprietary.__class__ is dict:
        own = proprietary.get("Cd", "")
        own = own if own.__class__ is str else ""
    return code, sub if sub.__class__ is str else "", own


def kind_of(code: str, sub: str, own: str, amount: str, *, is_return: bool) -> str:
    """receipt, return, card_fee, bank_fee or other.

    A return is one that says so: a reason, a reversal, or a code. Charges and interest are fees, those of card families
    card fees; other money in is a receipt, other money out is `other`.
    """
    if is_return or sub in RETURNS:
        return "return"
    if sub in FEES:
        return "card_fee" if code[5:9] in CARD_FAMILIES else "bank_fee"
    if own:
        parts = own.split("+")
        if len(parts) > 1 or own.isdigit():
            business = parts[1] if len(parts) > 1 else own
            if len(business) == 3 and (found := kind_of_business_code(business)):
                return found
            if len(parts[0]) == 4 and (found := kind_of_type(parts[0][1:])):
                return found
    return "other" if amount.startswith("-") else "receipt"
