"""What :86: says of an entry: German ?-fields with SEPA words, slashed words, labels, or plain text. Floor 2.

Each dialect is known by its own marks; what none of them knows stays in `remittance_text` whole.
"""

from __future__ import annotations

import re

from arlib.sources.bank.mt940_codes import reason_of
from arlib.sources.bank.mt940_fields import NONE

LINE_WIDTH = 65  # a line as long as this was broken inside a word
PART_WIDTH = 27  # and so was a German purpose part as long as this

_GERMAN = re.compile(r"\s?(\d{3})?([?<>~^|@#])(?=\d\d)", re.ASCII)
_WORD = re.compile(
    r"(EREF|KREF|MREF|BREF|RREF|CRED|DEBT|COAM|OAMT|SVWZ|ABWA|ABWE|IBAN|BIC|PURP|MDAT|SQTP|ORCR|ORMR|DDAT|RTRN)\+"
)
_COLON_WORD = re.compile(r"(?:(?<=\s)|^)(EREF|KREF|MREF|CRED|SVWZ|ABWA|IBAN|BIC): ?")
_SLASH = re.compile(
    r"/(TRTP|IBAN|BIC|NAME|REMI|EREF|ORDP|BENM|ADDR|ISDT|CSID|MARF|PREF|RTRN|ULTD|ULTB|ULTC|CNTP|PURP|TRCD|SVCL|OCMT|IACC|CHGS"
    r"|RREF|NRTX|ACCW|IREF|RCMT|CHRG|EXCH|INIT|SWEEP|CREF|BO1|BO2|UDTR|UCRD|CDTRREFTP|CDTRREF|REF|ID)/"
)
_LABEL = re.compile(
    r"(?:(?<=[\s/;])|^)(IBAN|REK|NAAM|NAME|OMSCHRIJVING|KENMERK|BETALINGSKENM\.|MACHTIGING|INCASSANT|BIC|Z RACH\.|OD|TYT\.|TNR): ?"
)
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_MONEY = re.compile(r"([A-Z]{3})\s?([\d.]*\d(?:,\d*)?)", re.ASCII)


def joined(lines: list[str]) -> str:
    """Lines as one text: a full line goes on in the next one, a shorter one ends with a blank."""
    parts: list[str] = []
    for line in lines:
        parts.append(line if len(line) >= LINE_WIDTH else line.strip() + " ")
    return " ".join("".join(parts).split())


def said(lines: list[str], customer_reference: str) -> dict[str, str]:
    """The columns that a narrative fills; `remittance_text` always, others as far as its dialect tells."""
    first = lines[0] if lines else ""
    if (match := _GERMAN.match(first)) and (
        match.group(1) or first.lstrip()[1:3] in ("00", "10", "20", "30")
    ):
        return _german(_german_text(lines, match.group(2)), match)
    whole = "".join(line if len(line) >= LINE_WIDTH - 1 else line.rstrip() + " " for line in lines)
    tight = "".join(lines)
    if len(_SLASH.findall(tight)) > 1 or _SLASH.match(tight):
        return _slashed(tight)
    if len(set(_LABEL.findall(whole))) > 1:
        return _labelled(whole)
    return _plain(lines, customer_reference)


def _german_text(lines: list[str], mark: str) -> str:
    """Lines joined as they are; a short one that does not stand before a ?-field ends with a blank."""
    parts: list[str] = []
    for line, after in zip(lines, [*lines[1:], mark], strict=True):
        parts.append(line if len(line) >= LINE_WIDTH - 10 or after.startswith(mark) else line + " ")
    return "".join(parts)


def _german(text: str, head: re.Match[str]) -> dict[str, str]:
    """?00 text, ?20-29 and ?60-63 purpose, ?30 bank, ?31 account, ?32-33 name, ?34 reason, ?38 IBAN."""
    mark = head.group(2)
    parts: dict[str, str] = {}
    order: list[str] = []
    for piece in text[head.end() - 1 :].split(mark)[1:] if mark else []:
        key = piece[:2]
        if len(key) == 2 and key.isdigit():
            order.append(key)
            parts[key] = parts.get(key, "") + piece[2:]
        elif order:
            parts[order[-1]] += mark + piece
    purpose = "".join(_spaced(parts, [key for key in order if key[0] == "2" or "60" <= key <= "65"]))
    found = _words(purpose)
    code = head.group(1) or ""
    fields = {
        "code": code,
        "code_text": parts.get("00", "").strip(),
        "payer_name": " ".join((parts.get("32", "") + parts.get("33", "")).split()),
        "payer_account": _account(parts.get("38", "") or parts.get("31", "")),
    }
    if reason := parts.get("34", "").strip():
        fields["reason"] = reason_of(reason)
    return fields | {key: value for key, value in found.items() if value or key == "remittance_text"}


def _spaced(parts: dict[str, str], keys: list[str]) -> list[str]:
    """Purpose parts: a full one goes on in the next one, a shorter one ends with a blank."""
    return [parts[key] if len(parts[key]) >= PART_WIDTH else parts[key] + " " for key in dict.fromkeys(keys)]


def _words(purpose: str) -> dict[str, str]:
    """EREF+, KREF+, SVWZ+ ... of a purpose. Text before the first word and after SVWZ+ is the remittance."""
    has_words = _WORD.search(purpose) is not None
    pieces = (_WORD if has_words else _COLON_WORD).split(purpose)
    words: dict[str, str] = {}
    for key, value in zip(pieces[1::2], pieces[2::2], strict=False):
        words.setdefault(key, " ".join(value.split()))
    text = " ".join((pieces[0] + " " + words.get("SVWZ", "") if has_words else purpose).split())
    ultimate = words.get("ABWA", "") if has_words else ""
    if ultimate:
        text = f"{text} (on behalf of {ultimate})".strip()
    end = words.get("EREF", "")
    found = {
        "remittance_text": text,
        "end_to_end_id": "" if end.upper() in NONE else end,
        "customer_reference": words.get("KREF", ""),
        "bank_reference": words.get("BREF", ""),
        "reason": words.get("RTRN", ""),
        "account_word": _account(words.get("IBAN", "").split(" ")[0]),
    }
    found |= _money("original", words.get("OAMT", "")) | _money("charges", words.get("COAM", ""))
    return found


def _slashed(text: str) -> dict[str, str]:
    """/EREF/../NAME/../REMI/.. as Dutch, Nordic and cross-border banks write it."""
    pieces = _SLASH.split(text)
    words: dict[str, str] = {}
    names: dict[str, str] = {}
    party = ""
    for key, raw in zip(pieces[1::2], pieces[2::2], strict=False):
        value = " ".join(raw.strip("/").split()) if key != "CNTP" else raw
        if key in ("ORDP", "BENM", "ULTD", "ULTB", "ULTC", "INIT", "UDTR", "UCRD"):
            party = key
            if value:
                names.setdefault(key, value)
        elif key == "NAME":
            names.setdefault(party, value)
        elif key == "ID" and party == "":
            words["REMI"] = (words.get("REMI", "") + f" {value}").strip()
        else:
            words.setdefault(key, value)
    counter = words.get("CNTP", "").split("/")
    remittance = words.get("REMI", "")
    reference = words.get("CDTRREF", "")
    for start in ("USTD//", "USTD/", "STRD/CUR/", "STRD/ISO/", "STRD/"):
        if remittance.startswith(start):
            remittance = remittance[len(start) :].strip("/")
            if start.startswith("STRD") and not reference:
                reference = remittance.split("/")[-1]
            break
    end = words.get("EREF", "")
    name = names.get("ORDP") or names.get("BENM") or names.get("") or (counter[2] if len(counter) > 2 else "")
    fields = {
        "code_text": words.get("TRTP", ""),
        "payer_name": " ".join(name.split()),
        "payer_account": _account(words.get("IBAN", "") or counter[0]),
        "remittance_text": " ".join(
            [remittance, *([pieces[0].strip()] if pieces[0].strip() else [])]
        ).strip(),
        "end_to_end_id": "" if end.upper() in NONE else end,
        "customer_reference": words.get("PREF", ""),
        "reason": words.get("RTRN", "").split("/")[0].split(" ")[0],
        "reference": reference,
    }
    ultimate = names.get("ULTD", "") or names.get("UDTR", "")
    if ultimate:
        fields["remittance_text"] = f"{fields['remittance_text']} (on behalf of {ultimate})".strip()
    fields |= _money("original", words.get("OCMT", "")) | _money(
        "charges", words.get("CHGS", "") or words.get("CHRG", "")
    )
    return {key: value for key, value in fields.items() if value or key == "remittance_text"}


def _labelled(text: str) -> dict[str, str]:
    """IBAN: .. NAAM: .. OMSCHRIJVING: .. and the like; the whole text stays the remittance where nothing names one."""
    pieces = _LABEL.split(text)
    words: dict[str, str] = {}
    for key, raw in zip(pieces[1::2], pieces[2::2], strict=False):
        words.setdefault(key, " ".join(raw.strip(" /;").split()))
    account = words.get("IBAN") or words.get("REK") or words.get("Z RACH.") or ""
    name = words.get("NAAM") or words.get("NAME") or words.get("OD") or ""
    told = words.get("OMSCHRIJVING") or words.get("TYT.") or ""
    whole = " ".join(text.split())
    lead = " ".join(pieces[0].split())
    if not (account and name):
        return {"remittance_text": whole}
    return {
        "payer_account": _account(account.split(" ")[0]),
        "payer_name": name,
        "remittance_text": told or lead or whole,
        "end_to_end_id": "" if words.get("KENMERK", "").upper() in NONE else words.get("KENMERK", ""),
    }


def _plain(lines: list[str], customer_reference: str) -> dict[str, str]:
    """Free text. Where it begins with the account that :61: names as reference, its first line is account and name."""
    first = lines[0].strip() if lines else ""
    account, _, name = first.partition(" ")
    if account and account == customer_reference and sum(map(str.isdigit, account)) >= 7 and name:
        return {
            "payer_account": account,
            "payer_name": " ".join(name.split()),
            "remittance_text": joined(lines[1:]),
            "customer_reference": "",
        }
    return {"remittance_text": joined(lines)}


def supplementary(lines: list[str]) -> dict[str, str]:
    """The second line of :61:: /OCMT/ and /CHGS/ amounts, the payer's IBAN, or a text on the booking."""
    text = joined(lines)
    pieces = _SLASH.split(text)
    if len(pieces) < 3:
        if _IBAN.fullmatch(text):
            return {"payer_account": text}
        return {"code_text": text} if text else {}
    words = dict(zip(pieces[1::2], pieces[2::2], strict=False))
    return _money("original", words.get("OCMT", "")) | _money("charges", words.get("CHGS", ""))


def nonswift(lines: list[str]) -> dict[str, str]:
    """:NS: below an entry: 01-14 purpose, 15-16 name, 17 text of the booking, 33 bank, 34 account."""
    parts = {line[:2]: " ".join(line[2:].split()) for line in lines if line[:2].isdigit()}
    text = [parts[key] for key in sorted(parts) if "01" <= key <= "14"]
    return {
        "remittance_text": " ".join(part for part in text if part),
        "payer_name": " ".join(part for key in ("15", "16") if (part := parts.get(key, ""))),
        "code_text": parts.get("17", ""),
        "payer_account": _account(parts.get("34", "")),
    }


def owner(lines: list[str]) -> str:
    """:NS: of a statement: 22 and 23 name the owner or the account."""
    parts = {line[:2]: line[2:].strip() for line in lines if line[:2].isdigit()}
    name = parts.get("22", "")
    return "" if name.replace(" ", "").isdigit() else name or parts.get("23", "")


def _account(text: str) -> str:
    found = "".join(text.split())
    if match := _IBAN.match(found):
        return match.group()
    return found if any(map(str.isdigit, found)) else ""


def _money(column: str, text: str) -> dict[str, str]:
    match = _MONEY.match(text.strip())
    if not match:
        return {}
    currency, digits = match.groups()
    if "." in digits and "," not in digits:
        return {}  # a point alone may be a decimal or a thousands' mark
    value = digits.replace(".", "").replace(",", ".").rstrip(".")
    if len(value) > 30:
        return {}
    if column == "charges":
        return {"charges": value, "charges_currency": currency}
    return {"original_amount": value, "original_currency": currency}
