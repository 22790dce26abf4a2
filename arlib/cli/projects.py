"""Commands on a project: `params`, `init`, `sample`. Floor 5."""

from __future__ import annotations

from pathlib import Path

import click

SYSTEM_NAMES = ("sap", "oracle", "ads", "iso21378", "sqlite", "bank")
FOLDER = click.Path(path_type=Path)


@click.group()
def params() -> None:
    """Look at, check and export parameters."""


@params.command("show")
@click.argument("notebook", default="")
def params_show(notebook: str) -> None:
    """List the parameters of a notebook (or of all): type, default, meaning."""
    from arlib.run.flat import describe

    click.echo(describe(notebook))


@params.command("check")
@click.argument("path", type=FOLDER)
def params_check(path: Path) -> None:
    """Check a close file without running anything."""
    from arlib.run.params import load_close
    from arlib.run.project import find_root

    plan = load_close(path, root=find_root(path))
    click.echo(f"{path}: fine; period {plan.period}, entities {', '.join(e.code for e in plan.entities)}, "
               f"notebooks {', '.join(plan.notebooks)}")  # fmt: skip


@params.command("export")
@click.argument("path", type=FOLDER)
@click.option("--notebook", required=True, help="Notebook to export for.")
@click.option("--entity", required=True, help="Entity code.")
@click.option(
    "--out", required=True, type=FOLDER, help="Flat YAML for `papermill NOTEBOOK OUT.ipynb -f FLAT.yml`."
)
def params_export(path: Path, notebook: str, entity: str, out: Path) -> None:
    """Write the flat parameters that plain papermill takes."""
    from arlib.run.flat import write_flat
    from arlib.run.params import load_close
    from arlib.run.project import find_root

    root = find_root(path)
    out.write_text(
        write_flat(load_close(path, root=root), entity=entity, notebook=notebook), encoding="utf-8"
    )
    click.echo(str(out))


@params.command("schema")
@click.option("--out", required=True, type=FOLDER, help="Folder for the JSON Schemas that editors use.")
def params_schema(out: Path) -> None:
    """Write the JSON Schemas of parameter files."""
    from arlib.run.params import schemas

    out.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (out / name).write_text(text, encoding="utf-8")
        click.echo(str(out / name))


@click.command()
@click.argument("folder", type=FOLDER)
def init(folder: Path) -> None:
    """Lay out a project: notebooks, parameters and an output folder."""
    from arlib.run.init import init_project

    for path in init_project(folder):
        click.echo(str(path))
    click.echo(
        f"Next: cd {folder} && arlib sample --out outputs/_sample --seed 2026 && arlib close params/sample.yml"
    )


@click.command()
@click.option("--out", required=True, type=FOLDER, help="Folder to write; replaced only if arlib wrote it.")
@click.option("--seed", required=True, type=int, help="Same seed, same bytes.")
@click.option(
    "--items", default=4000, show_default=True, type=click.IntRange(60, 5_000_000), help="Items, about."
)
@click.option(
    "--as", "system", default="", type=click.Choice(["", *SYSTEM_NAMES]), show_choices=True,
    help="As that system holds it, with a close file: " + ", ".join(SYSTEM_NAMES) + ".",
)  # fmt: skip
def sample(out: Path, seed: int, items: int, system: str) -> None:
    """Write the extracts of a sample company, with planted errors and a truth file."""
    from arlib.sources.sample import generate, write_sample

    if system:
        from arlib.run.project import find_root

        find_root(out)  # the close file needs a project; say so before anything is written
    made = generate(seed=seed, items=items)
    if not system:
        for path in write_sample(made, out):
            click.echo(str(path))
        return
    from arlib.run.init import sample_close
    from arlib.sources.sample.systems import ADDRESS, write_system

    sources = write_system(made, out, system=system)
    params = out / "close.yml"
    params.write_text(sample_close(sources, out), encoding="utf-8")
    if system == "sqlite":
        click.echo(f"export {ADDRESS}=sqlite:///{(out / 'sample.sqlite').resolve()}")
    click.echo(f"Next: arlib close {params}")
