"""Policy of contact: how often an account is touched, when a promise is kept, who clears what prevents payment. Floor 0."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from arlib.errors import ParameterError
from arlib.tables.choices import FileKind


@dataclass(frozen=True, kw_only=True)
class ContactPolicy:
    """Cadence, promises and routing. Days are calendar days.

    `cadence_days` gives by bucket how many days may pass without a contact; a bucket that is not named takes `open_days`,
    an account that of its most urgent item. `coverage_targets` are shares of accounts and of amount touched in time, by
    days past due: `30-59`, or `90+` without an end; days that no band names belong to the lowest band.
    """

    open_days: int = 14  # every open account at least so often
    cadence_days: Mapping[str, int] = field(
        default_factory=lambda: {"1-30": 14, "31-60": 10, "61-90": 7, "91-120": 7, "121+": 7}
    )
    touches: tuple[str, ...] = (
        "call",
        "email",
        "letter",
        "meeting",
        "escalation",
        "portal",
    )  # kinds that count
    notices_count: bool = True  # a reminder that was sent is a contact
    right_contact_outcomes: tuple[str, ...] = (
        "reached", "replied", "confirmed", "promised", "will pay", "asks for a copy",
    )  # fmt: skip
    coverage_targets: Mapping[str, Decimal] = field(
        default_factory=lambda: {
            "90+": Decimal("1.00"), "60-89": Decimal("0.95"), "30-59": Decimal("0.90"), "0-29": Decimal("0.80"),
        }
    )  # fmt: skip
    promise_grace_days: int = 3  # a promise is broken only so many days after its day
    promise_kept_rate: Decimal = Decimal("1.00")  # share paid in time that keeps it
    promise_partly_rate: Decimal = Decimal("0.10")  # share paid in time below which it is broken
    dispute_overdue_days: int = 30  # a dispute older than this is late
    bounced_outcomes: tuple[str, ...] = (
        "bounced",
        "returned mail",
        "wrong address",
    )  # reached nobody: no contact
    copy_asked_outcomes: tuple[str, ...] = ("asks for a copy",)
    copy_settled_outcomes: tuple[str, ...] = ("copy sent", "confirmed", "promised", "will pay")  # since then
    tax_files: tuple[FileKind, ...] = (
        FileKind.TAX_FORM,
        FileKind.EXEMPTION_CERTIFICATE,
    )  # hold up payment when expired
    routes: Mapping[str, str] = field(  # kind of obstacle, kind of leak or reason of a dispute -> team
        default_factory=lambda: {
            "no_order_no": "order_management", "portal_rejected": "portal", "portal_missing": "portal",
            "wrong_address": "sales", "tax_document": "tax", "copy_asked": "billing", "price": "sales",
            "quality": "quality", "damaged": "quality", "not_delivered": "logistics", "not_received": "logistics",
            "short_shipped": "logistics", "no_order": "order_management", "wrong_quantity": "order_management",
            "tax": "tax", "tax_exempt": "tax", "tax_rate": "tax", "billing_error": "billing",
            "billed_in_error": "billing", "duplicate_invoice": "billing", "wrong_customer": "billing", "rebill": "billing",
            "late_billing": "billing", "unearned_discount": "sales", "small_write_off": "collections",
        }
    )  # fmt: skip
    default_route: str = "collections"  # team of what no route names

    def __post_init__(self) -> None:
        """Days are not negative; shares lie between 0 and 1."""
        for name in ("open_days", "promise_grace_days", "dispute_overdue_days"):
            if getattr(self, name) < 0:
                raise ParameterError(name, found=getattr(self, name), wanted="0 or more")
        for bucket, days in self.cadence_days.items():
            if days < 1:
                raise ParameterError(f"cadence_days of {bucket}", found=days, wanted="1 or more")
        rates = {"promise_kept_rate": self.promise_kept_rate, "promise_partly_rate": self.promise_partly_rate}
        for name, rate in (*rates.items(), *self.coverage_targets.items()):
            if not 0 <= rate <= 1:
                raise ParameterError(name, found=str(rate), wanted="a share from 0 to 1")
        if self.promise_partly_rate > self.promise_kept_rate:
            raise ParameterError(
                "promise_partly_rate", found=str(self.promise_partly_rate), wanted="promise_kept_rate or less"
            )
        if not self.coverage_targets:
            raise ParameterError("coverage_targets", wanted="one band or more")
        starts = [band_start(band) for band in self.coverage_targets]
        if len(set(starts)) < len(starts):
            raise ParameterError(
                "coverage_targets", found=list(self.coverage_targets), wanted="bands that differ"
            )


def band_start(band: str) -> int:
    """The first day past due of a band such as 30-59 or 90+; other words raise ParameterError."""
    found = re.fullmatch(r"([0-9]{1,4})(?:-([0-9]{1,4})|\+)", band)
    if found is None or (found[2] and int(found[2]) < int(found[1])):
        raise ParameterError("band of days past due", found=band, wanted="such as 30-59 or 90+")
    return int(found[1])
