"""Where the fields of a BAI or BAI2 lockbox record stand: the published layout, as a table. Floor 2.

Columns count from 1 and include both ends. A bank that moves a field moves it here.
"""

from __future__ import annotations

Span = tuple[int, int]
HEADER: dict[str, Span] = {
    "priority": (2, 3),
    "destination": (4, 13),
    "origin": (14, 23),
    "day": (24, 29),
    "time": (30, 33),
}
DEPOSIT: dict[str, Span] = {
    "batch": (2, 4),
    "item": (5, 7),
    "lockbox": (8, 14),
    "day": (15, 20),
    "account": (21, 40),
}
CHEQUE: dict[str, Span] = {
    "batch": (2, 4), "item": (5, 7), "amount": (8, 17), "routing": (18, 26), "account": (27, 36), "number": (37, 46),
    "day": (47, 52), "name": (53, 82), "payee": (83, 102), "rest": (47, 200),
}  # fmt: skip
OVERFLOW: dict[str, Span] = {
    "batch": (2, 4),
    "item": (5, 7),
    "kind": (8, 8),
    "sequence": (9, 10),
    "last": (11, 11),
}
# BAI: 30 columns of text, which is the invoice number. BAI2: the number, then what is paid and deducted, and why.
OVERFLOW_BAI: dict[str, Span] = {"invoice": (12, 41)}
OVERFLOW_BAI2: dict[str, Span] = {
    "invoice": (12, 27), "paid": (28, 37), "deduction": (38, 47), "reason": (48, 50), "text": (51, 80),
}  # fmt: skip
BATCH_TOTAL: dict[str, Span] = {
    "batch": (2, 4), "item": (5, 7), "lockbox": (8, 14), "day": (15, 20), "count": (21, 23), "total": (24, 33),
}  # fmt: skip
LOCKBOX_TOTAL: dict[str, Span] = {
    "batch": (2, 4), "item": (5, 7), "lockbox": (8, 14), "day": (15, 20), "count": (21, 24), "total": (25, 34),
}  # fmt: skip
TRAILER: dict[str, Span] = {"records": (2, 7)}
CURRENCY = "USD"  # the layout has no currency; it is used for American cheques only
PLACES = 2


def cut(line: str, spans: dict[str, Span]) -> dict[str, str]:
    """The fields of a record, without their padding blanks."""
    return {name: line[first - 1 : last].strip() for name, (first, last) in spans.items()}
