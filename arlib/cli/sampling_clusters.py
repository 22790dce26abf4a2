"""Two-stage draws for `arlib sampling select` and `evaluate`: clusters, then items in each. Floor 5."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from arlib.errors import ParameterError

if TYPE_CHECKING:
    from arlib.audit.sampling.clusters import TwoStage
    from arlib.audit.sampling.population import Population

TWO_STAGE = "two_stage"
NOT_FOR_CLUSTERS = (
    "plan_file", "interval", "start", "allocation", "strata_file", "stratum_column",
)  # fmt: skip


def require_two_stage(options: dict[str, Any]) -> None:
    """Raise ParameterError where options of a two-stage draw are missing, or others stand beside them."""
    beside = [
        f"--{name.replace('_file', '').replace('_', '-')}" for name in NOT_FOR_CLUSTERS if options[name]
    ]
    if beside or options["units"] == "money" or options["method"] in ("interval", "cell"):
        raise ParameterError(
            "--cluster-column",
            found=f"beside {', '.join(beside) or '--units or --method'}",
            wanted="clusters and items at random, with --clusters and --size",
        )
    if not options["clusters"] or not options["size"]:
        raise ParameterError("--cluster-column", wanted="--clusters to draw, and --size: items in each")


def draw_clusters(
    population: Population, options: dict[str, Any], seed: str
) -> tuple[dict[str, bytes], TwoStage]:
    """The draw, and the tables selection, clusters and draws as files. The population's strata are the clusters."""
    from arlib.audit.sampling.clusters import two_stage_selection
    from arlib.audit.sampling.frames_select import CLUSTERS, DRAWS, SELECTION, How
    from arlib.cli.sampling_files import csv_bytes
    from arlib.money import totals_by

    items = population.items
    if items["stratum"].eq("").any():
        raise ParameterError("--cluster-column", found="an empty name", wanted="a cluster for each item")
    members = items.groupby("stratum", sort=True)["item_id"].agg(list).to_dict()
    made = two_stage_selection(
        {str(name): list(ids) for name, ids in members.items()},
        drawn=options["clusters"],
        per_cluster=options["size"],
        seed=seed,
        population_sha256=population.sha256,
    )
    records = items.set_index("item_id")
    rows: list[dict[str, Any]] = []
    for name, ids in made.items.items():
        how = How.CERTAINTY if len(ids) == len(members[name]) else How.RANDOM
        for item, row in zip(ids, records.loc[ids].to_dict("records"), strict=True):
            rows.append(
                {
                    **{str(key): value for key, value in row.items()},
                    "order": len(rows) + 1,
                    "item_id": item,
                    "how": how.value,
                    "hits": 1,
                    "units": None,
                }
            )
    values = totals_by(items, "stratum", "book_value")
    clusters = [
        {"cluster": name, "currency": population.currency, "items": len(members[name]), "book_value": value,
         "is_drawn": name in made.items, "selected_items": len(made.items.get(name, []))}
        for name, value in zip(values["stratum"].tolist(), values["book_value"].tolist(), strict=True)
    ]  # fmt: skip
    draws = [
        {"stream": d.stream, "counter": d.counter, "upto": str(d.upto), "value": str(d.value)}
        for d in made.draws
    ]
    return {
        "selection.csv": csv_bytes(SELECTION.from_rows(rows), SELECTION),
        "clusters.csv": csv_bytes(CLUSTERS.from_rows(clusters), CLUSTERS),
        "draws.csv": csv_bytes(DRAWS.from_rows(draws), DRAWS),
    }, made


def drawn_clusters(folder: Path, currency: str) -> tuple[list[Any], int]:
    """The clusters of a draw as strata of an evaluation, and how many the population has."""
    from arlib.audit.sampling.evaluate import Stratum
    from arlib.audit.sampling.frames_select import Part
    from arlib.cli.sampling_columns import read_columns
    from arlib.money import parse_plain

    rows = read_columns(folder / "clusters.csv").records()
    strata = [
        Stratum(
            stratum=row["cluster"],
            part=Part.POSITIVE,
            items=int(row["items"]),
            book=parse_plain(row["book_value"], currency),
        )
        for row in rows
        if row["is_drawn"] == "true"
    ]
    return strata, len(rows)
