"""Overlays: what is expected of the future, on top of the rates of history, shown apart. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from arlib.errors import ParameterError, nearest
from arlib.policy.allowance import AllowancePolicy, Framework, Overlay, OverlayKind


@dataclass(frozen=True)
class Applied:
    """A rate after overlays, and why it moved."""

    rate: Fraction
    reasons: tuple[str, ...]
    is_capped: bool


def applied_rate(rate: Fraction, *, segment: str, bucket: str, overlays: Sequence[Overlay]) -> Applied:
    """The rate after every overlay that fits the segment and the bucket, in the order given, within 0 and 1.

    A multiplicative overlay multiplies, an additive one adds points of the rate. An overlay without segment
    or bucket fits every one. The cap acts once, at the end, so that a later overlay may take back an earlier
    one.
    """
    moved, reasons = rate, []
    for overlay in overlays:
        if overlay.segment not in ("", segment) or overlay.bucket not in ("", bucket):
            continue
        value = Fraction(overlay.value)
        moved = moved * value if overlay.kind is OverlayKind.MULTIPLICATIVE else moved + value
        if overlay.value != overlay.kind.neutral:
            reasons.append(overlay.reason)
    within = min(max(moved, Fraction(0)), Fraction(1))
    return Applied(within, tuple(dict.fromkeys(reasons)), within != moved)


def overlays_in_force(policy: AllowancePolicy) -> tuple[tuple[Overlay, ...], tuple[str, ...]]:
    """The overlays that act under the policy's framework, and a sentence on those that do not.

    The practical expedient of ASC 326 (ASU 2025-05) takes the conditions of the as-of date to last
    for the life of current trade receivables: no forecast is made, so overlays that are forecasts are out.
    What adapts history to the conditions of today (`is_forecast` false) stays. IFRS 9 has no such expedient.
    """
    if not policy.uses_practical_expedient:
        return policy.overlays, ()
    if policy.framework is not Framework.ASC326:
        return policy.overlays, (
            "The practical expedient for current receivables is one of ASC 326; under IFRS 9 the overlays act.",
        )
    kept = tuple(overlay for overlay in policy.overlays if not overlay.is_forecast)
    return kept, (
        "The practical expedient of ASC 326 (ASU 2025-05) is used: conditions of the as-of date are taken to last, "
        f"so {len(policy.overlays) - len(kept)} of {len(policy.overlays)} overlays, which are forecasts, do not act.",
    )


def require_known(
    overlays: Sequence[Overlay], *, buckets: Sequence[str], segments: Sequence[str]
) -> tuple[str, ...]:
    """Sentences on overlays whose segment has no exposure; an unknown bucket raises ParameterError."""
    for overlay in overlays:
        if overlay.bucket and overlay.bucket not in buckets:
            near = nearest(overlay.bucket, buckets)
            raise ParameterError(
                "allowance: an overlay names a bucket that the aging has not",
                found=overlay.bucket,
                wanted=", ".join(buckets),
                fix=f"Did you mean {near!r}?" if near else "",
            )
    idle = sorted({overlay.segment for overlay in overlays if overlay.segment} - set(segments))
    return tuple(f"The overlay on segment {name!r} acts on nothing: no exposure is in it." for name in idle)
