"""Two-stage samples: clusters at random, then items at random in each cluster drawn (Cochran 1977, 11.7). Floor 1.

M clusters, m of them drawn; cluster i has N(i) items, n(i) of them examined with differences d = book - audit:

    total     M/m x sum of N(i) x mean(d in i)
    variance  M^2 (1 - m/M) s1^2 / m  +  M/m x sum of N(i)^2 (1 - n(i)/N(i)) s2(i)^2 / n(i)

s1 is the standard deviation of the cluster totals N(i) x mean(d), s2(i) that of d within cluster i. Clusters are branches,
days, batches, pages: items that can only be reached together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from arlib.audit.sampling.draws import Draw, Stream, checked_seed
from arlib.audit.sampling.estimators import Estimate
from arlib.errors import ParameterError


def two_stage_estimate(
    differences: Mapping[str, Sequence[int]], *, items: Mapping[str, int], clusters: int
) -> Estimate:
    """The total misstatement, in minor units. `differences` are those of each cluster drawn, `items` how many it has.

    `clusters` is their number in the population. Degrees of freedom: clusters drawn less one. Raises ParameterError for fewer
    than two clusters, for more than there are, or for a cluster without items or with fewer than were examined. A cluster
    with one item examined of several has no spread within, and raises too.
    """
    drawn = len(differences)
    if not 2 <= drawn <= clusters:
        raise ParameterError(
            "clusters drawn", found=drawn, wanted=f"2 or more, and at most the {clusters} there are"
        )
    totals: list[Fraction] = []
    within = Fraction(0)
    for name, found in sorted(differences.items()):
        size, count = len(found), items.get(name, 0)
        if not 1 <= size <= count or (size == 1 and count > 1):
            raise ParameterError(
                f"cluster {name}",
                found=f"{size} examined of {count}",
                wanted="2 or more, or the only one there is",
            )
        mean = Fraction(sum(found), size)
        totals.append(count * mean)
        if size < count:
            spread = sum(((value - mean) ** 2 for value in found), Fraction(0)) / (size - 1)
            within += Fraction(count * (count - size), size) * spread
    mean = sum(totals, Fraction(0)) / drawn
    between = sum(((value - mean) ** 2 for value in totals), Fraction(0)) / (drawn - 1)
    variance = Fraction(clusters * (clusters - drawn), drawn) * between + Fraction(clusters, drawn) * within
    return Estimate(point=clusters * mean, standard_error=sqrt(variance), freedom=drawn - 1)


@dataclass(frozen=True, kw_only=True)
class TwoStage:
    """Items to examine by cluster drawn, in the order drawn, and the random numbers."""

    items: dict[str, list[str]]
    draws: tuple[Draw, ...]


def two_stage_selection(
    clusters: Mapping[str, Sequence[str]],
    *,
    drawn: int,
    per_cluster: int,
    seed: str,
    population_sha256: str,
) -> TwoStage:
    """Clusters at random, then items at random in each: all of a cluster that has no more than `per_cluster`.

    Clusters are counted through by name and items in the order given; draws are those of draws.py, streams `clusters` and
    `cluster/NAME`. Raises ParameterError where fewer than two clusters are to be drawn or more than there are, or fewer than two
    items a cluster.
    """
    checked_seed(seed)
    names = sorted(clusters)
    if not 2 <= drawn <= len(names) or per_cluster < 2:
        raise ParameterError(
            "two stages",
            found=f"{drawn} clusters, {per_cluster} items in each",
            wanted=f"2 to {len(names)} clusters and 2 items or more in each",
        )
    log: list[Draw] = []

    def stream(name: str) -> Stream:
        return Stream(seed=seed, population_sha256=population_sha256, name=name, drawn=log)

    chosen = [names[number - 1] for number in stream("clusters").distinct(drawn, len(names))]
    items = {
        name: [
            clusters[name][number - 1]
            for number in stream(f"cluster/{name}").distinct(
                min(per_cluster, len(clusters[name])), len(clusters[name])
            )
        ]
        for name in chosen
    }
    return TwoStage(items=items, draws=tuple(log))
