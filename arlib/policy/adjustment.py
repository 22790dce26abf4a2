"""Policy of adjustments: reason codes, deductions, settlements, arrangements, fees, commission. Floor 0."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from arlib.errors import ParameterError, nearest
from arlib.money import Rounding, is_currency
from arlib.money.currency import currencies


class CreditNature(StrEnum):
    """Why money is given back; it decides what a credit debits."""

    PRICE = "price"
    QUALITY = "quality"
    RETURN = "return"
    SERVICE = "service_not_rendered"
    GOODWILL = "goodwill"
    REBATE = "rebate"
    BILLING_ERROR = "billing_error"
    TAX = "tax"
    CREDIT_LOSS = "credit_loss"  # the customer cannot pay: no price concession, and never a credit memo


class Role(StrEnum):
    """What a line of a credit debits; the chart of accounts gives each its account."""

    REVENUE = "revenue"
    SALES_RETURNS = "sales_returns"
    PRICE_CONCESSION = "price_concession"
    REBATE = "rebate"
    GOODWILL = "goodwill"
    CREDIT_LOSS = "credit_loss"
    TAX = "tax"
    FREIGHT = "freight"


@dataclass(frozen=True, kw_only=True)
class NatureCoding:
    """What a credit of a nature debits, and which parts of the invoice it takes."""

    nature: CreditNature
    net_role: Role
    takes_net: bool = True
    takes_tax: bool = True
    takes_freight: bool = False
    reverses_revenue: bool = True


@dataclass(frozen=True, kw_only=True)
class CreditReason:
    """A reason code and its nature."""

    code: str
    nature: CreditNature


@dataclass(frozen=True, kw_only=True)
class ReturnFee:
    """The fee of a returned payment. The row of the customer's country goes before the one without country."""

    currency: str
    amount: Decimal
    country: str = ""
    cap: Decimal | None = None  # most that the law allows


CODINGS = (
    NatureCoding(nature=CreditNature.PRICE, net_role=Role.PRICE_CONCESSION),
    NatureCoding(nature=CreditNature.QUALITY, net_role=Role.PRICE_CONCESSION),
    NatureCoding(nature=CreditNature.RETURN, net_role=Role.SALES_RETURNS),
    NatureCoding(nature=CreditNature.SERVICE, net_role=Role.REVENUE),
    # consideration payable to a customer (IFRS 15.70); without a new tax document the tax stands
    NatureCoding(nature=CreditNature.GOODWILL, net_role=Role.GOODWILL, takes_tax=False),
    NatureCoding(nature=CreditNature.REBATE, net_role=Role.REBATE),
    NatureCoding(nature=CreditNature.BILLING_ERROR, net_role=Role.REVENUE, takes_freight=True),
    NatureCoding(nature=CreditNature.TAX, net_role=Role.REVENUE, takes_net=False, reverses_revenue=False),
    NatureCoding(
        nature=CreditNature.CREDIT_LOSS,
        net_role=Role.CREDIT_LOSS,
        takes_freight=True,
        reverses_revenue=False,
    ),
)

REASONS = tuple(
    CreditReason(code=code, nature=nature)
    for nature, codes in (
        (CreditNature.PRICE, ("price", "price_concession", "dispute_settlement", "deduction_granted")),
        (CreditNature.QUALITY, ("quality", "damaged", "defective")),
        (CreditNature.RETURN, ("returned_goods", "short_shipped", "not_received")),
        (CreditNature.SERVICE, ("service_not_rendered", "service_ended", "unused_service")),
        (CreditNature.GOODWILL, ("goodwill",)),
        (CreditNature.REBATE, ("rebate", "promotion", "volume_bonus")),
        (
            CreditNature.BILLING_ERROR,
            ("billing_error", "billed_in_error", "rebill", "duplicate_invoice", "wrong_customer", "wrong_quantity"),
        ),
        (CreditNature.TAX, ("tax", "tax_exempt", "tax_rate")),
        (CreditNature.CREDIT_LOSS, ("settlement", "inability_to_pay", "insolvency", "hardship")),
    )
    for code in codes
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class AdjustmentPolicy:
    """How adjustments are proposed. Every default is a choice to be confirmed by the company."""

    reasons: tuple[CreditReason, ...] = REASONS
    codings: tuple[NatureCoding, ...] = CODINGS
    rounding: Rounding = Rounding.HALF_UP
    deduction_days: int = 45  # a pending deduction is to be decided within so many days
    deduction_escalation_days: int = 15  # after that, so many days more until it is escalated
    deduction_escalate_to: str = "credit manager"
    charge_back_days: int = 30  # a refused deduction is to be collected within so many days
    settlement_discount_rate: Decimal = Decimal("0.08")  # a year, to value the payment offered
    plan_max_instalments: int = 24
    plan_max_rate: Decimal = Decimal("0.24")  # a year
    plan_grace_days: int = 10  # an instalment is missed when so many days have passed
    plan_missed_is_default: int = 1  # so many missed instalments are a default
    end_day_is_used: bool = True  # rewrite: the day that a service ends on is still service
    return_reasons: tuple[str, ...] = ("nsf",)  # reason codes of payments returned for want of funds
    return_codes: tuple[str, ...] = ("R01", "R09")  # NACHA: insufficient, uncollected funds
    fee_reasons: tuple[str, ...] = ("nsf_fee",)  # reason codes of fees already charged
    fee_days: int = 90  # a fee is proposed for returns of the last so many days
    fee_match_days: int = 30  # a fee charged within so many days of a return is its fee
    fees: tuple[ReturnFee, ...] = (ReturnFee(currency="USD", amount=Decimal("35.00"), country="US"),)
    fee_waived_customers: tuple[str, ...] = ()
    claws_back_write_offs: bool = False  # a write-off takes commission back too

    def __post_init__(self) -> None:
        """Counts and rates must not be negative, codes must be there once, every nature must have its coding."""
        for name in (
            "deduction_days", "deduction_escalation_days", "charge_back_days", "plan_grace_days", "fee_days",
            "fee_match_days",
        ):  # fmt: skip
            if getattr(self, name) < 0:
                raise ParameterError(name, found=getattr(self, name), wanted="0 or more days")
        for name in ("plan_max_instalments", "plan_missed_is_default"):
            if getattr(self, name) < 1:
                raise ParameterError(name, found=getattr(self, name), wanted="1 or more")
        for name in ("settlement_discount_rate", "plan_max_rate"):
            rate = Decimal(getattr(self, name))
            if not rate.is_finite() or not 0 <= rate <= 10:
                raise ParameterError(name, found=str(rate), wanted="a rate a year from 0 to 10, 0.08 is 8 %")
        self._check_reasons()
        self._check_fees()

    def _check_reasons(self) -> None:
        """Each reason once and not empty; each nature coded once, and taking something."""
        codes = Counter(reason.code.strip() for reason in self.reasons)
        if wrong := sorted(code for code, count in codes.items() if count > 1 or not code):
            raise ParameterError("adjustment reasons", found=wrong, wanted="each code once, none empty")
        coded = Counter(coding.nature for coding in self.codings)
        if sorted(coded) != sorted(CreditNature) or max(coded.values()) > 1:
            raise ParameterError(
                "adjustment codings",
                found=[str(nature) for nature in coded.elements()],
                wanted=f"one for each of {', '.join(CreditNature)}",
            )
        for coding in self.codings:
            if not (coding.takes_net or coding.takes_tax or coding.takes_freight):
                raise ParameterError(f"coding of {coding.nature}", wanted="net, tax or freight to take")

    def _check_fees(self) -> None:
        """A fee is above zero, in a currency, at most its cap, and there once for each country and currency."""
        seen = Counter((fee.country, fee.currency) for fee in self.fees)
        if twice := sorted(key for key, count in seen.items() if count > 1):
            raise ParameterError("fees", found=twice, wanted="one row for each country and currency")
        for fee in self.fees:
            if not is_currency(fee.currency):
                near = nearest(fee.currency.upper(), currencies())
                raise ParameterError(
                    "fee currency", found=fee.currency, wanted="an ISO 4217 code such as USD",
                    fix=f"Did you mean {near!r}?" if near else "",
                )  # fmt: skip
            caps = [] if fee.cap is None else [Decimal(fee.cap)]
            if any(not value.is_finite() or value <= 0 for value in (Decimal(fee.amount), *caps)):
                raise ParameterError("fee", found=f"{fee.amount}, cap {fee.cap}", wanted="amounts above 0")

    def nature_of(self, code: str) -> CreditNature | None:
        """The nature of a reason code, or None where the policy does not know it."""
        return next((reason.nature for reason in self.reasons if reason.code == code), None)

    def coding_of(self, nature: CreditNature) -> NatureCoding:
        """What a credit of this nature debits."""
        return next(coding for coding in self.codings if coding.nature is nature)
