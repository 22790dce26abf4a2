"""Policy of contact: how often an account is touched, when a promise is kept, who clears what prevents payment. Floor 0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from arlib.errors import ParameterError


@dataclass(frozen=True, kw_only=True)
class ContactPolicy:
    """Cadence, promises and routing. Days are calendar days.

    `cadence_days` gives for the oldest bucket of an account how many days may pass without a contact; a bucket that is
    not named takes `open_days`. `coverage_targets` are shares of accounts touched in time by days past due.
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
    right_contact_outcomes: tuple[str, ...] = (
        "reached",
        "replied",
        "confirmed",
        "promised",
        "will pay",
        "asks for a copy",
    )
    coverage_targets: Mapping[str, Decimal] = field(
        default_factory=lambda: {
            "90+": Decimal("1.00"), "60-89": Decimal("0.95"), "30-59": Decimal("0.90"), "0-29": Decimal("0.80"),
        }
    )  # fmt: skip
    promise_grace_days: int = 3  # a promise is broken only so many days after its day
    promise_kept_rate: Decimal = Decimal("1.00")  # share paid in time that keeps it
    promise_partly_rate: Decimal = Decimal("0.10")  # share paid in time below which it is broken
    plan_grace_days: int = 5  # an instalment is in default so many days after its day
    dispute_overdue_days: int = 30  # a dispute older than this is late
    bounced_outcomes: tuple[str, ...] = ("bounced", "returned mail", "wrong address")
    routes: Mapping[str, str] = field(
        default_factory=lambda: {
            "no_order_no": "order_management", "portal_rejected": "portal", "portal_missing": "portal",
            "wrong_address": "sales", "tax_document": "tax", "copy_asked": "billing", "price": "sales",
            "quality": "quality", "not_delivered": "logistics", "no_order": "order_management", "tax": "tax",
        }
    )  # fmt: skip

    def __post_init__(self) -> None:
        """Days are not negative; shares lie between 0 and 1."""
        for name in ("open_days", "promise_grace_days", "plan_grace_days", "dispute_overdue_days"):
            if getattr(self, name) < 0:
                raise ParameterError(name, found=getattr(self, name), wanted="0 or more")
        for bucket, days in self.cadence_days.items():
            if days < 1:
                raise ParameterError(f"cadence_days of {bucket}", found=days, wanted="1 or more")
        rates = {"promise_kept_rate": self.promise_kept_rate, "promise_partly_rate": self.promise_partly_rate}
        for name, rate in (*rates.items(), *self.coverage_targets.items()):
            if not 0 <= rate <= 1:
                raise ParameterError(name, found=str(rate), wanted="a share from 0 to 1")
