"""What a payment settles first: costs, interest, principal. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass

from arlib.errors import ParameterError
from arlib.policy.interest import Order


@dataclass(frozen=True, kw_only=True)
class Appropriation:
    """How a payment is set against a debt, in minor units; `rest` is what is left over."""

    costs: int
    interest: int
    principal: int
    rest: int


def appropriate(
    payment: int, *, costs: int, interest: int, principal: int, order: Order = Order.COSTS_FIRST
) -> Appropriation:
    """A payment set against costs, interest and principal in the order of law or contract; minor units of one currency.

    COSTS_FIRST is § 367 (1) BGB. What the payer states goes before any order, and is not asked for here. A negative
    amount raises ParameterError.
    """
    owed = {"costs": costs, "interest": interest, "principal": principal}
    for name, amount in (("payment", payment), *owed.items()):
        if amount < 0:
            raise ParameterError(f"{name} to appropriate", found=amount, wanted="0 or more")
    left, settled = payment, {}
    for part in order.parts:
        settled[part] = min(left, owed[part])
        left -= settled[part]
    return Appropriation(**settled, rest=left)
