"""Bank accounts and bank codes: IBAN by ISO 13616 and mod 97-10, BIC by ISO 9362, US routing numbers. Floor 2."""

from __future__ import annotations

import re

from arlib.sources.bank.nachacodes import check_digit

# Length of an IBAN by country, SWIFT IBAN registry.
_LENGTHS = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 "
    "FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 "
    "LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 "
    "RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30"
)
IBAN_LENGTH = {item[:2]: int(item[2:]) for item in _LENGTHS.split()}
# Countries whose accounts are reached by SEPA credit transfer, European Payments Council, EPC409-09.
_SEPA = (
    "AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK SM VA "
    "AL AD MD ME MK RS"
)
SEPA = frozenset(_SEPA.split())
BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?", re.ASCII)
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)


def compact(text: str) -> str:
    """An account or code without the blanks that people print, in capitals."""
    return text.replace(" ", "").upper()


def looks_like_iban(text: str) -> bool:
    """Whether this is meant as an IBAN: country letters that have IBANs and two digits."""
    bare = compact(text)
    return bare[:2] in IBAN_LENGTH and bool(_DIGITS.fullmatch(bare[2:4]))


def iban_fault(text: str) -> str:
    """What is wrong with an IBAN, or '': its form, the length of its country, or its check digits (mod 97 is not 1)."""
    bare = compact(text)
    if not _IBAN.fullmatch(bare):
        return "not the form of an IBAN"
    length = IBAN_LENGTH.get(bare[:2])
    if length is None:
        return f"the country {bare[:2]} has no IBAN"
    if len(bare) != length:
        return f"an IBAN of {bare[:2]} has {length} characters, this one {len(bare)}"
    number = "".join(str(int(sign, 36)) for sign in bare[4:] + bare[:4])
    return "" if int(number) % 97 == 1 else "the check digits are wrong"


def bic_fault(text: str) -> str:
    """What is wrong with a BIC, or ''."""
    return "" if BIC.fullmatch(compact(text)) else "not a BIC of 8 or 11 characters"


def routing_fault(text: str) -> str:
    """What is wrong with a US routing number, or '': nine digits of which the last is a check digit."""
    bare = compact(text)
    if not _DIGITS.fullmatch(bare) or len(bare) != 9:
        return "not a routing number of nine digits"
    return "" if check_digit(bare[:8]) == bare[8] else "the check digit of the routing number is wrong"


def is_sepa(currency: str, *accounts: str) -> bool:
    """Whether a payment between these accounts goes by SEPA: in euro, and every account an IBAN of the area."""
    return currency == "EUR" and all(looks_like_iban(one) and compact(one)[:2] in SEPA for one in accounts)


def split_account(text: str) -> tuple[str, str]:
    """Bank code and account of an account that is written with its bank: 231380104/12345678 or BIC/IBAN.

    Only a BIC or nine digits before the slash are a bank code; else the whole text is the account.
    """
    code, slash, account = text.partition("/")
    is_code = bool(BIC.fullmatch(compact(code))) or (
        len(compact(code)) == 9 and bool(_DIGITS.fullmatch(compact(code)))
    )
    return (code, account) if slash and is_code else ("", text)
