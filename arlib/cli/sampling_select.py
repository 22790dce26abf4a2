"""`arlib sampling select`: seal a population and draw a sample from it. Floor 5."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from arlib.errors import ParameterError

if TYPE_CHECKING:
    from arlib.audit.sampling.clusters import TwoStage
    from arlib.audit.sampling.population import Population
    from arlib.audit.sampling.selection import Selection
    from arlib.cli.sampling_columns import Rows

FILE = click.Path(path_type=Path)
MARKER = ".arlib-sampling-selection"
SCHEMA = "arlib.selection/1"
GENERATOR = "SHA-256 of SEED|POPULATION_SHA256|STREAM|COUNTER, see docs/sampling.md"


@click.command("select")
@click.option(
    "--population",
    "population_file",
    required=True,
    type=FILE,
    help="CSV with an identifier and a book value a row.",
)
@click.option(
    "--out",
    required=True,
    type=FILE,
    help="Folder for the result; an earlier one of the same draw is replaced whole.",
)
@click.option(
    "--plan", "plan_file", type=FILE, help="plan.json of `arlib sampling plan`: units, size or interval."
)
@click.option("--units", type=click.Choice(["money", "items"]), help="What is drawn. [default: money]")
@click.option("--method", type=click.Choice(["interval", "cell", "random"]), help="How. [default: interval]")
@click.option("--size", type=int, help="Sampling units to draw.")
@click.option(
    "--interval", default="", help="Sampling interval instead of a size: an amount, or a number of items."
)
@click.option("--start", default="", help="Start of a fixed interval, from the requester; drawn otherwise.")
@click.option("--high-value", default="interval", show_default=True,
              help="Items examined in full: 'interval' (at or above it), 'none', or an amount.")  # fmt: skip
@click.option(
    "--credits",
    "credit_size",
    default="0",
    show_default=True,
    help="Credits to draw at random by item: a number, or 'all'.",
)
@click.option(
    "--zeros", "zero_size", default="0", show_default=True, help="Zero items to draw: a number, or 'all'."
)
@click.option("--seed", help="Seed, any text, from the requester; drawn once and logged otherwise.")
@click.option(
    "--seal-only", is_flag=True, help="Only seal: write population.json, whose hash goes to the requester."
)
@click.option("--sealed", type=FILE, help="population.json of the seal; another population is refused.")
@click.option("--order", type=click.Choice(["file", "id", "value"]), default="file", show_default=True,
              help="Order that items are counted through in.")  # fmt: skip
@click.option(
    "--allocation",
    type=click.Choice(["equal", "items", "value", "neyman"]),
    help="How a size is shared over strata.",
)
@click.option("--strata", "strata_file", type=FILE, help="CSV stratum,size; or stratum,deviation for Neyman.")
@click.option("--currency", default="", help="Currency of the amounts, or of the rows to take.")
@click.option("--id-column", default="", help="Column of the identifier.")
@click.option("--book-column", default="", help="Column of the book value.")
@click.option("--currency-column", default="", help="Column of the currency.")
@click.option("--stratum-column", default="", help="Column of the stratum; without it there is one.")
@click.option("--cluster-column", default="", help="Column of the cluster, for a draw in two stages.")
@click.option("--clusters", type=int, help="Clusters to draw; --size is then the items to draw in each.")
def select(population_file: Path, out: Path, **options: Any) -> None:
    """Seal a population and draw a sample from it; the same seed gives the same sample.

    \b
    arlib sampling select --population ar.csv --currency USD --seal-only --out seal
    arlib sampling select --population ar.csv --currency USD --sealed seal/population.json \\
        --interval 5000 --seed "from the auditor" --out draw

    Written are population.json (what was sealed), selection.csv (the items), strata.csv, draws.csv (every random number) and
    selection.json. Exits with 2 where an input is refused; then nothing is written.
    """
    from arlib.audit.sampling.draws import checked_seed
    from arlib.audit.sampling.population import described
    from arlib.audit.sampling.selection import select as drawn
    from arlib.cli.sampling_clusters import draw_clusters, require_two_stage
    from arlib.cli.sampling_columns import read_json
    from arlib.cli.sampling_designs import design_of, read_plan, sizes_of
    from arlib.cli.sampling_redraw import tables_of
    from arlib.run.wholefolder import require_replaceable

    inputs = [
        path
        for path in (population_file, options["plan_file"], options["sealed"], options["strata_file"])
        if path
    ]
    require_replaceable(out, marker=MARKER, inputs=inputs)
    if options["seed"] is not None and not options["seed"].strip():
        raise ParameterError("--seed", found=options["seed"], wanted="a text",
                             fix="Leave the option out to have a seed drawn and logged.")  # fmt: skip
    if options["seed"] is not None:
        checked_seed(options["seed"])
    if options["cluster_column"]:
        require_two_stage(options)
        options["stratum_column"] = options["cluster_column"]
    elif options["clusters"]:
        raise ParameterError("--clusters", wanted="--cluster-column, which says what a cluster is")
    population, left_out, columns = read_population(population_file, options)
    if options["sealed"]:
        population.require_sealed(str(read_json(options["sealed"], "arlib.population/1")["sha256"]))
    sealed = described(population) | ({"other_currencies": left_out} if left_out else {})
    click.echo(f"population {population.sha256}")
    for line in said_left_out(left_out):
        click.echo(line)
    if options["seal_only"]:
        _write(out, sealed, {}, {})
        click.echo(f"sealed in {out}; give the hash to the requester, then draw with --sealed and --seed")
        return
    if options["cluster_column"]:
        seed, source = _seed(options["seed"], out, population)
        files, drawn_items = draw_clusters(population, options, seed)
        _write(
            out,
            sealed,
            files,
            _two_stage(population, options, drawn_items, seed, source) | {"columns": columns},
        )
        click.echo(
            f"  {len(drawn_items.items)} clusters, {sum(map(len, drawn_items.items.values()))} items selected"
        )
        click.echo(f"seed {seed!r} ({source})\nwritten to {out}")
        return
    plan = read_plan(options["plan_file"])
    design = design_of(options, plan, population)
    sizes = sizes_of(options, design, population)
    seed, source = _seed(options["seed"], out, population)
    selection = drawn(population, design=design, seed=seed, sizes=sizes)
    about = _about(selection, options, plan, source)
    about["design"]["sizes"] = sizes
    _write(out, sealed, tables_of(selection), about | {"columns": columns})
    for line in said(selection):
        click.echo(line)
    click.echo(f"seed {seed!r} ({source})")
    click.echo(f"written to {out}")


def read_population(
    path: Path, options: dict[str, Any]
) -> tuple[Population, list[dict[str, Any]], dict[str, str]]:
    """The population of a file, what it holds of other currencies (code, items, total), and the columns that were read.

    TableError with all faults at once: ragged rows, identifiers, currencies that are none, amounts of the currency.
    """
    import pandas as pd

    from arlib.audit.sampling.population import Order, population
    from arlib.cli.sampling_columns import amounts, currency_faults, currency_of, identifiers, read_columns

    rows = read_columns(path, is_strict=False)
    id_column, book_column = rows.need("id", options["id_column"]), rows.need("book", options["book_column"])
    code_column = rows.column("currency", options["currency_column"])
    stratum_column = rows.column("stratum", options["stratum_column"]) if options["stratum_column"] else ""
    ids, problems = identifiers(rows, id_column)
    problems += currency_faults(rows, code_column)
    currency, is_mine = currency_of(rows, code_column, options["currency"], problems)
    values, faults = amounts(rows, book_column, currency)
    rows.refuse([*problems, *(fault for fault in faults if is_mine[fault.row - 2])])
    frame = pd.DataFrame({"item_id": pd.Series(ids, dtype="str"), "book_value": values})
    if stratum_column:
        frame["stratum"] = rows.columns[stratum_column]
    left_out: list[dict[str, Any]] = []
    if not all(is_mine):
        left_out = _others(rows, book_column, code_column, currency)
        frame = frame[pd.Series(is_mine)].reset_index(drop=True)
    made = population(frame, currency=currency, order=Order(options["order"]), file=rows.file)
    columns = {"id": id_column, "book": book_column, "currency": code_column, "stratum": stratum_column}
    return made, left_out, columns


def _others(rows: Rows, book_column: str, code_column: str, currency: str) -> list[dict[str, Any]]:
    """What the file holds of other currencies: items, and their total where every amount of it can be read."""
    from arlib.cli.sampling_columns import Rows, amounts
    from arlib.money import format_minor, is_currency, total

    held: dict[str, list[str]] = {}
    for code, text in zip(rows.columns[code_column], rows.columns[book_column], strict=True):
        held.setdefault(code, []).append(text)
    said = []
    for code in sorted(set(held) - {currency}):
        line: dict[str, Any] = {"currency": code, "items": len(held[code])}
        if is_currency(code):
            values, faults = amounts(
                Rows(rows.file, (book_column,), {book_column: held[code]}), book_column, code
            )
            line["book_value"] = None if faults else format_minor(total(values), code)
        said.append(line)
    return said


def said_left_out(left_out: list[dict[str, Any]]) -> list[str]:
    """A line for each currency of the file that is not in the population."""
    return [
        f"  left out: {other['items']} row{'s' if other['items'] > 1 else ''} in {other['currency']}, "
        + (f"total {other['book_value']}" if other.get("book_value") else "whose amounts cannot all be read")
        for other in left_out
    ]


def _seed(given: str | None, out: Path, population: Population) -> tuple[str, str]:
    """The seed and where it is from; one draw of a population is not replaced by another."""
    import secrets

    from arlib.cli.sampling_columns import read_json

    earlier = out / "selection.json"
    if earlier.is_file():
        drawn = read_json(earlier, SCHEMA)
        if drawn["population_sha256"] == population.sha256 and drawn["seed"] != given:
            raise ParameterError(
                "this population was drawn from already", where=str(out), found=f"seed {drawn['seed']}",
                fix="A sample is drawn once: use it, repeat it with its seed, or name another --out and say why.",
            )  # fmt: skip
    return (given, "given") if given is not None else (secrets.token_hex(16), "drawn")


def _about(
    selection: Selection, options: dict[str, Any], plan: dict[str, Any], source: str
) -> dict[str, Any]:
    """What stands in selection.json."""
    from arlib.audit.sampling.selection import exact_text
    from arlib.money import format_minor, total

    design, items = selection.design, selection.items
    high = design.high_value
    return {
        "schema": SCHEMA,
        "population_sha256": selection.population_sha256,
        "currency": selection.currency,
        "seed": selection.seed,
        "seed_source": source,
        "generator": GENERATOR,
        "design": {
            "units": design.units.value,
            "method": design.method.value,
            "size": design.size if design.interval is None and not options["strata_file"] else None,
            "interval": options["interval"]
            or (plan.get("interval_exact") if design.interval is not None else None),
            "start": exact_text(design.start) if design.start is not None else None,
            "high_value": format_minor(high, selection.currency) if isinstance(high, int) else high.value,
            "credits": design.credit_size,
            "zeros": design.zero_size,
            "order": options["order"],
            "allocation": options["allocation"],
            "is_stratified": bool(options["stratum_column"]),
        },
        "selected": {
            "items": len(items),
            "hits": int(items["hits"].sum()) if len(items) else 0,
            "book_value": format_minor(total(items["book_value"]), selection.currency),
        },
        "plan": plan or None,
    }


def _two_stage(
    population: Population, options: dict[str, Any], made: TwoStage, seed: str, source: str
) -> dict[str, Any]:
    """What stands in selection.json of a draw in two stages."""
    from arlib.cli.sampling_clusters import TWO_STAGE

    return {
        "schema": SCHEMA,
        "population_sha256": population.sha256,
        "currency": population.currency,
        "seed": seed,
        "seed_source": source,
        "generator": GENERATOR,
        "design": {
            "units": "items",
            "method": TWO_STAGE,
            "clusters": options["clusters"],
            "size": options["size"],
            "order": options["order"],
        },
        "selected": {"clusters": len(made.items), "items": sum(map(len, made.items.values()))},
        "plan": None,
    }


def said(selection: Selection) -> list[str]:
    """A line for each part of each stratum."""
    from arlib.money import shown

    lines = []
    for row in selection.strata.to_dict("records"):
        name = f"{row['stratum']}, {row['part']}" if row["stratum"] else row["part"]
        money = f"{shown(row['book_value'], row['currency'])} {row['currency']}"
        chosen = f"{row['selected_items']} selected" if row["hits"] else "none selected"
        more = f" in {row['hits']} hits" if row["hits"] > row["selected_items"] else ""
        lines.append(
            f"  {name}: {row['items']} item{'' if row['items'] == 1 else 's'}, {money}: {chosen}{more}"
        )
    return lines


def _write(out: Path, sealed: dict[str, Any], tables: dict[str, bytes], about: dict[str, Any]) -> None:
    from arlib.cli.sampling_files import json_text
    from arlib.cli.sampling_redraw import sha256_of
    from arlib.run.wholefolder import replace_folder

    files = {"population.json": json_text(sealed).encode(), **tables}
    if about:
        about = about | {"files": {name: sha256_of(data) for name, data in files.items()}}
        files["selection.json"] = json_text(about).encode()

    def fill(folder: Path) -> None:
        for name, data in files.items():
            (folder / name).write_bytes(data)

    replace_folder(out, fill, marker=MARKER)
