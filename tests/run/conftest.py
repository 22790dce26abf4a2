"""A tiny project whose notebooks are executed by real papermill in real kernels."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

TODAY = "2026-10-31"

CLOSE = """\
schema: arlib.close/1
title: Tiny company
period: "2026-10"
outputs: outputs
entities:
  - {code: "US01", name: "Tiny US", functional_currency: "USD"}
  - {code: "UK01", name: "Tiny UK", functional_currency: "GBP"}
sources:
  - {folder: "extracts", profile: "canonical"}
notebooks: [aging, control_account]
limits: {cell_seconds: 20, run_seconds: 60}
"""

ITEMS = """\
entity,item_id,customer_id,item_type,document_no,document_date,effective_date,posting_date,due_date,currency,amount,functional_amount,control_account
US01,U1,C1,invoice,INV-1,2026-10-01,2026-10-01,2026-10-01,2026-10-31,USD,100.00,100.00,1200
US01,U2,C2,invoice,INV-2,2026-09-01,2026-09-01,2026-09-01,2026-09-30,USD,250.50,250.50,1200
UK01,K1,C3,invoice,INV-3,2026-10-05,2026-10-05,2026-10-05,2026-11-04,GBP,75.25,75.25,1200
"""

# Stands in the project root, which is the kernels' working folder; notebooks import it.
HELPER = '''\
"""A report from a tiny book, so that the engine is tested without the builders."""

from arlib.controls import Control, Identity
from arlib.report.model import Report, ResultTable
from arlib.tables import Kind


def tiny(ctx, name, *, left=None, reverse=False, **changes):
    book = ctx.read()
    items = book["items"][["item_id", "currency", "amount"]]
    if reverse:
        items = items.iloc[::-1]
    total = int(items["amount"].sum())
    currency = ctx.scope.functional_currency
    table = ResultTable(
        name="open", title="Open", frame=items, key=("item_id",), currency={"amount": "currency"},
        kinds={"item_id": Kind.TEXT, "currency": Kind.TEXT, "amount": Kind.MONEY},
    )
    control = Control(
        name="control_account", title="Receivables 1200", entity=ctx.scope.entity, currency=currency, account="1200",
        left_label="general ledger", left=total if left is None else left, right_label="sub-ledger", right=total, **changes,
    )
    identity = Identity(name="buckets", left_label="buckets", left=total, right_label="open", right=total,
                        currency=currency, entity=ctx.scope.entity)
    return Report(name=name, title=f"Tiny {name}", question="?", reader="nobody", scope=ctx.scope, tables=(table,),
                  controls=(control,), identities=(identity,), counts={"items": len(items)})
'''

# A result made by hand, without pandas, for tests of what the runner does with it.
FAST = """\
import os
from pathlib import Path

from arlib.controls import Control
from arlib.run.manifest import entry
from arlib.run.result import MIME, control_to_json, results_digest


def hand_over(name, entity, period, *, currency="USD", left=5, right=5, identity=(1, 1), files=None, controls=None, **changes):
    from IPython.display import display

    out = Path(os.environ["ARLIB_OUT_DIR"])
    paths = []
    for path, text in (files or {f"workbooks/{name}.xlsx": "sheet", f"data/{name}/t.csv": "a"}).items():
        (out / path).parent.mkdir(parents=True, exist_ok=True)
        (out / path).write_text(text)
        paths.append(out / path)
    given = [dict(name="control_account")] if controls is None else controls
    made = [Control(**{"title": c["name"], "entity": entity, "currency": currency, "left": left, "right": right, **c}) for c in given]
    sums = [{"name": "sum", "left_label": "in", "left": str(identity[0]), "right_label": "out", "right": str(identity[1]),
             "currency": "", "entity": entity, "holds": identity[0] == identity[1]}]
    told = {"schema": 1, "notebook": name, "title": name, "status": "tied", "entity": entity, "period": period,
            "as_of": "2026-10-31", "controls": [control_to_json(c) for c in made], "identities": sums, "counts": {},
            "artefacts": [entry(out, p).to_json() for p in paths], "tables": {"t": {"rows": 1, "sha256": "0" * 64}},
            "results_sha256": results_digest(made, {"t": "0" * 64})}
    display({MIME: {**told, **changes}, "text/plain": "done"}, raw=True)
"""

PARAMETERS = 'close_file = "close.yml"\nentity = "US01"\nperiod = "2026-10"'
BEGIN = 'from arlib.run import begin\nctx = begin("{name}", globals())\nctx'
FINISH = 'import tiny_report\nctx.finish(tiny_report.tiny(ctx, "{name}"))'


class Project:
    """A project folder that tests fill."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "arlib.toml").write_text("")
        (root / "close.yml").write_text(CLOSE)
        (root / "tiny_report.py").write_text(HELPER)
        (root / "fast_result.py").write_text(FAST)
        (root / "extracts").mkdir()
        (root / "extracts" / "items.csv").write_text(ITEMS)
        for name in ("aging", "control_account"):
            self.notebook(name)

    @property
    def outputs(self) -> Path:
        return self.root / "outputs"

    def notebook(self, name: str, *cells: str, finish: str = FINISH) -> Path:
        """Write a notebook: parameters, begin, the given cells, finish ('' leaves it out)."""
        sources = [PARAMETERS, BEGIN.replace("{name}", name), *map(textwrap.dedent, cells)]
        if finish:
            sources.append(finish.replace("{name}", name))
        return write_notebook(self.root / "notebooks" / "monthly" / f"{name}.ipynb", *sources)

    def fast(self, name: str = "aging", *cells: str, given: str = "") -> Path:
        """Write a notebook that hands over a result made by hand, after the given cells."""
        last = f"import fast_result\nfast_result.hand_over({name!r}, entity, period{', ' + given if given else ''})"
        path = self.root / "notebooks" / "monthly" / f"{name}.ipynb"
        return write_notebook(path, PARAMETERS, *map(textwrap.dedent, cells), last)

    def single(self, *cells: str, given: str = "") -> None:
        """One entity, one fast notebook."""
        self.edit("notebooks: [aging, control_account]", "notebooks: [aging]")
        self.edit('  - {code: "UK01", name: "Tiny UK", functional_currency: "GBP"}\n', "")
        items = self.root / "extracts" / "items.csv"
        items.write_text(
            "".join(line for line in items.read_text().splitlines(True) if not line.startswith("UK01"))
        )
        self.fast("aging", *cells, given=given)

    def sealed(self) -> list[Path]:
        """Folders of sealed runs."""
        return sorted(path.parent for path in self.outputs.glob("[!._]*/*/*/manifest.json"))

    def failed(self) -> list[Path]:
        """Folders of failed runs."""
        return sorted(path.parent for path in self.outputs.glob("_failed/*/run.json"))

    def plan(self):  # type: ignore[no-untyped-def]
        """The plan of the close file."""
        from arlib.run.params import load_close

        return load_close(self.root / "close.yml", root=self.root)

    def edit(self, old: str, new: str) -> None:
        """Replace text in the close file."""
        path = self.root / "close.yml"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    def close(self, **given):  # type: ignore[no-untyped-def]
        """Close, with the store of the output folder."""
        from arlib.run.close import close
        from arlib.run.store import open_store

        return close(self.plan(), **{"open_store": open_store, "jobs": 2, **given})

    def events(self, folder: Path) -> list[str]:
        """The states of a run's log."""
        return [json.loads(line)["state"] for line in (folder / "events.jsonl").read_text().splitlines()]


def write_notebook(path: Path, *sources: str) -> Path:
    """A notebook of code cells, the first tagged as parameters."""
    node = nbformat.v4.new_notebook()
    node.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    node.cells = [nbformat.v4.new_code_cell(source) for source in sources]
    node.cells[0].metadata["tags"] = ["parameters"]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(node, path)
    return path


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project whose store is its own, whatever the environment says."""
    monkeypatch.setattr(
        "arlib.run.record.library_sha256", lambda: "1" * 64
    )  # whoever edits the code while tests run
    for name in ("ARLIB_STORE_URL", "ARLIB_ROOT", "ARLIB_RUN_DIR", "ARLIB_OUT_DIR"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "project"
    root.mkdir()
    return Project(root)


@pytest.fixture
def notebook(tmp_path: Path) -> Callable[..., Path]:
    """Write a bare notebook of code cells."""

    def make(*sources: str) -> Path:
        return write_notebook(tmp_path / "bare.ipynb", *sources)

    return make
