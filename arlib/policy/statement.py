"""Policy of statements of account. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class StatementKind(StrEnum):
    """What a statement lists."""

    OPEN_ITEM = "open_item"  # every open item, whatever its date
    BALANCE_FORWARD = "balance_forward"  # opening balance, movements of the period, closing balance


@dataclass(frozen=True, kw_only=True)
class StatementPolicy:
    """Which statements are made, for whom and how."""

    kind: StatementKind = StatementKind.OPEN_ITEM
    by_parent: bool = False  # one statement for a parent and its customers
    sends_zero: bool = False  # also where nothing is open
    default_language: str = "en"
    remit_to: str = ""  # bank details on the remittance slip
