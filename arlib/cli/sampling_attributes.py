"""`arlib sampling evaluate --method attribute`: how many items are wrong, whatever the amounts. Floor 5."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError

if TYPE_CHECKING:
    from arlib.cli.sampling_samples import Sample

LAWS = ("binomial", "poisson", "hypergeometric")


def attribute_content(
    sample: Sample, *, law: str, confidence: Fraction, tolerable: Fraction | None, is_two_sided: bool
) -> dict[str, Any]:
    """What stands in evaluation.json: errors counted in the items drawn at random, and the limits of their rate.

    Items examined in full, and zero and credit items, are counted apart. Raises ParameterError for a sample of monetary units,
    of clusters or of several strata, whose items do not have the same chance.
    """
    from arlib.audit.sampling.attributes import Method, Side, evaluate
    from arlib.audit.sampling.design import Units
    from arlib.audit.sampling.frames_select import Part
    from arlib.audit.sampling.misstatements import items_of
    from arlib.audit.sampling.selection import exact_text

    drawn = [one for one in sample.strata if one.part is Part.POSITIVE]
    if sample.units is Units.MONEY or sample.clusters is not None or len(drawn) != 1:
        raise ParameterError(
            "attribute",
            found="a sample of monetary units, of clusters or of several strata",
            wanted="items drawn at random from one stratum",
        )
    items = items_of(sample.audited)
    mine = [item for item in items if item.part is Part.POSITIVE]
    wrong = sum(item.misstatement != 0 for item in mine)
    result = evaluate(
        Method(law), size=len(mine), errors=wrong, risk=1 - confidence, population=drawn[0].items,
        side=Side.TWO_SIDED if is_two_sided else Side.UPPER, tolerable=tolerable,
    )  # fmt: skip
    conclusion = {None: "not_conclusive", True: "accept", False: "reject"}[result.is_supported]
    limit = f"{float(result.upper) * 100:.4g} %"
    words = f"{wrong} of {len(mine)} items are wrong; at {float(confidence) * 100:.10g} % confidence at most {limit} of all are."
    if tolerable is not None:
        end = "supports" if result.is_supported else "does not support"
        words += f" Tolerable are {float(tolerable) * 100:.4g} %: the sample {end} that."
    return {
        "conclusion": conclusion,
        "words": words,
        "method": "attribute",
        "conventions": {"distribution": law, "limits": result.side.value},
        "confidence": exact_text(confidence),
        "tolerable_rate": None if tolerable is None else exact_text(tolerable),
        "population_items": drawn[0].items,
        "items_examined": len(mine),
        "errors": wrong,
        "examined_apart": len(items) - len(mine),
        "errors_apart": sum(item.misstatement != 0 for item in items) - wrong,
        "rate": f"{float(result.rate):.15g}",
        "lower_limit": f"{float(result.lower):.15g}",
        "upper_limit": f"{float(result.upper):.15g}",
        "population_sha256": sample.population_sha256 or None,
        "seed": sample.about.get("seed"),
    }
