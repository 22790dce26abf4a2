"""What a BAI2 text says in a way that can be trusted: labels of four letters on lines of their own. Floor 2.

EREF: end-to-end reference; DBNM and DACT: name and account of the one who pays. A return may name its reason and the
reference of what it returns. Anything else in a text stays text.
"""

from __future__ import annotations

import re

_TAG = re.compile(r"^([A-Z]{4}):[ \t]*(.*)$", re.MULTILINE)
_REASON = re.compile(r"\bReason: \"?([RC][0-9]{2})\b", re.ASCII)
_RETURN_OF = re.compile(r"\bReturn of Client Ref ID: ([^,\s]{1,64})", re.ASCII)


def labelled(text: str, *, is_credit: bool, is_return: bool) -> dict[str, str]:
    """The fields of an entry that its text labels; '' for what it does not."""
    tags = {tag: told.strip() for tag, told in _TAG.findall(text)}
    found = {"end_to_end_id": tags.get("EREF", "")}
    if is_credit:
        found |= {"payer_name": tags.get("DBNM", ""), "payer_account": tags.get("DACT", "")}
    if is_return:
        reason, of = _REASON.search(text), _RETURN_OF.search(text)
        found |= {"return_code": reason[1] if reason else "", "return_of": of[1] if of else ""}
    return found
