"""What differs between IFRS 9 and ASC 326 for trade receivables, as switches. Floor 1.

    switch               IFRS 9, simplified approach             ASC 326, aging schedule
    recoveries           in profit or loss, not in the           credited to the allowance when received
                         allowance (5.5.8, B5.4.9 for the        (326-20-35-8, 35-9)
                         write-off)
    credit insurance     reduces the loss where it is integral   a contract of the seller's own is freestanding
                         to the terms and not recognised         and does not (326-20-30-12); the expected
                         apart (B5.5.55)                         reimbursement is an asset of its own
    guarantees and       reduce it where integral (B5.5.55)      reduce it where embedded, not freestanding
    collateral                                                   (326-20-30-12, 35-4 to 35-6)
    practical expedient  none                                    conditions of today may be taken to last for
                                                                 current receivables (ASU 2025-05)
    set-off              a right and the intention (IAS 32.42)   a right, the intention, determinable amounts
                                                                 (210-20-45-1)
    discounting          5.5.17(b); B5.5.44; about zero where    not required of an aging schedule
                         there is no financing component         (326-20-30-4, 30-5)

Only the first two and the expedient change a figure by themselves; the others are policies with one default.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from arlib.policy import AllowancePolicy
from arlib.policy.allowance import Framework


@dataclass(frozen=True, kw_only=True)
class Switches:
    """What a framework has where the policy leaves it open."""

    credits_recoveries: bool
    counts_insurance: bool


SWITCHES = {
    Framework.IFRS9: Switches(credits_recoveries=False, counts_insurance=True),
    Framework.ASC326: Switches(credits_recoveries=True, counts_insurance=False),
}


def resolved(policy: AllowancePolicy) -> AllowancePolicy:
    """The policy with everything that it leaves open as its framework has it."""
    switches = SWITCHES[policy.framework]
    open_ = {
        name: getattr(switches, name)
        for name in ("credits_recoveries", "counts_insurance")
        if getattr(policy, name) is None
    }
    return replace(policy, **open_)


def statutory(policy: AllowancePolicy, framework: Framework) -> AllowancePolicy:
    """The policy as a framework has it: what management may choose otherwise is set back.

    Credits net only by right, insurance and recoveries follow the framework.
    """
    return replace(
        policy, framework=framework, nets_credits=False, counts_insurance=None, credits_recoveries=None
    )
