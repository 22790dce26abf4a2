"""The notebook's side: `begin` checks, `read` reads, `finish` hands over; by hand and by plain papermill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from arlib.errors import IdentityError, ParameterError
from arlib.run import begin
from arlib.run.context import Context, parameters_among
from arlib.run.result import MIME, find_results

GIVEN = {"close_file": "close.yml", "entity": "US01", "period": "2026-10"}


@pytest.fixture
def here(project, monkeypatch):  # type: ignore[no-untyped-def]
    monkeypatch.chdir(project.root)
    monkeypatch.syspath_prepend(str(project.root))
    monkeypatch.delitem(sys.modules, "tiny_report", raising=False)
    return project


def test_by_hand_it_reads_the_extracts_and_writes_aside(here, capsys) -> None:  # type: ignore[no-untyped-def]
    import tiny_report  # type: ignore[import-not-found]

    ctx = begin("aging", {**GIVEN, "In": [], "_x": 1, "begin": begin, "tiny_report": tiny_report})
    assert ctx.scope.entity_name == "Tiny US"
    assert ctx.scope.as_of.isoformat() == "2026-10-31"
    assert ctx.rows_shown == 20
    assert ctx.read()["items"]["item_id"].tolist() == ["U1", "U2"], "one entity's rows"
    for _ in range(2):  # Run all, twice in a row
        ctx.finish(tiny_report.tiny(ctx, "aging"))
    home = here.outputs / "_adhoc/aging/2026-10/US01"
    assert sorted(p.relative_to(home).as_posix() for p in home.rglob("*") if p.is_file()) == [
        "data/aging/open.csv",
        "data/aging/open.parquet",
        "workbooks/aging.xlsx",
    ]
    assert "by hand; not evidence" in repr(ctx)
    assert "<caption>Tiny company</caption>" in ctx._repr_html_()
    assert str(here.root) not in repr(ctx) + ctx._repr_html_() + capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"entiti": "x"}, "entiti"),
        ({"rows_shown": "20"}, "rows_shown"),
        ({"rows_shown": 20.0}, "rows_shown"),
        ({"rows_shown": [20]}, "rows_shown"),
        ({"entity": 417}, "entity"),
        ({"entity": "US02"}, "US01"),
        ({"basis": "due"}, "basis"),
        ({"known_at": "31.10.2026"}, "known_at"),
        ({"period": "2026-13"}, "2026-13"),
        ({"close_file": "/etc/passwd"}, "close_file"),
        ({"close_file": "../close.yml"}, "close_file"),
        ({"x": None}, "x"),
    ],
)
def test_what_begin_refuses(here, change: dict[str, object], word: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ParameterError, match=word):
        begin("aging", {**GIVEN, **change})


def test_unknown_notebooks_and_missing_parameters(here) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ParameterError, match="Did you mean 'aging'"):
        begin("agin", GIVEN)
    with pytest.raises(ParameterError, match="entity"):
        begin("aging", {"close_file": "close.yml", "period": "2026-10"})


def test_only_plain_public_values_are_parameters() -> None:
    given = {
        "a": 1,
        "b": "x",
        "c": None,
        "d": 1.5,
        "e": True,
        "_f": 1,
        "g": [1],
        "h": {},
        "i": os,
        "j": lambda: 0,
        "rows": {},
    }
    assert parameters_among(given, {"rows"}).keys() == {"a", "b", "c", "d", "e", "rows"}


def test_another_period_of_the_same_close_file(here) -> None:  # type: ignore[no-untyped-def]
    ctx = begin("aging", {**GIVEN, "period": "2026-09", "basis": "effective", "known_at": "2026-10-02"})
    assert (ctx.scope.period, str(ctx.scope.basis), str(ctx.scope.known_at)) == (
        "2026-09",
        "effective",
        "2026-10-02",
    )


def test_a_broken_identity_hands_over_nothing(here) -> None:  # type: ignore[no-untyped-def]
    from dataclasses import replace

    import tiny_report

    ctx = begin("aging", GIVEN)
    report = tiny_report.tiny(ctx, "aging")
    with pytest.raises(IdentityError, match="difference 1"):
        ctx.finish(
            replace(report, identities=(replace(report.identities[0], left=report.identities[0].right + 1),))
        )
    assert not here.outputs.exists()


def test_a_report_of_another_entity_is_refused(here) -> None:  # type: ignore[no-untyped-def]
    import tiny_report

    ours, other = begin("aging", GIVEN), begin("aging", {**GIVEN, "entity": "UK01"})
    with pytest.raises(ParameterError, match="not of this run"):
        ours.finish(tiny_report.tiny(other, "aging"))


def test_a_close_file_that_changed_under_the_run_is_refused(here, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    run = tmp_path / "run"
    (run / "params").mkdir(parents=True)
    (run / "params" / "close.json").write_text(json.dumps(here.plan().as_json()))
    monkeypatch.setenv("ARLIB_RUN_DIR", str(run))
    monkeypatch.setenv("ARLIB_ROOT", str(here.root))
    assert isinstance(begin("aging", GIVEN), Context)
    here.edit("Tiny US", "Other US")
    with pytest.raises(ParameterError, match="changed while its close was running"):
        begin("aging", GIVEN)


def papermill(root: Path, parameters: str) -> tuple[int, str, Path]:
    """Plain papermill, as a user calls it, from a folder inside the project."""
    (root / "flat.yml").write_text(parameters)
    out = root / "out.ipynb"
    script = "import sys; from papermill.cli import papermill; sys.exit(papermill(sys.argv[1:]))"
    command = [
        sys.executable,
        "-c",
        script,
        "notebooks/monthly/aging.ipynb",
        str(out),
        "-f",
        "flat.yml",
        "-k",
        "python3",
        "--no-progress-bar",
    ]
    ended = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    return ended.returncode, ended.stderr, out


def test_plain_papermill(here) -> None:  # type: ignore[no-untyped-def]
    from arlib.run.flat import write_flat

    code, told, out = papermill(here.root, write_flat(here.plan(), entity="UK01", notebook="aging"))
    assert code == 0, told
    (found,) = find_results(nbformat.read(out, as_version=4))
    assert (found["entity"], found["counts"]) == ("UK01", {"items": 1})
    assert (here.outputs / "_adhoc/aging/2026-10/UK01/workbooks/aging.xlsx").is_file()


@pytest.mark.parametrize("bad", ['entiti: "US01"\n', "rows_shown: '20'\n"])
def test_plain_papermill_refuses_unknown_and_retyped_parameters(here, bad: str) -> None:  # type: ignore[no-untyped-def]
    from arlib.run.flat import write_flat

    flat = write_flat(here.plan(), entity="US01", notebook="aging")
    code, told, _ = papermill(
        here.root, "".join(li for li in flat.splitlines(True) if not li.startswith(bad.split(":")[0])) + bad
    )
    assert code != 0
    assert bad.split(":")[0] in told
    assert not here.outputs.exists()


def test_reconciling_items_are_carried_forward(project) -> None:  # type: ignore[no-untyped-def]
    """September's list opens October, when the extracts give none; a touched list is refused."""
    from arlib.errors import SourceError
    from arlib.run import platform
    from arlib.tables import CANONICAL

    project.single()
    project.edit('period: "2026-10"', 'period: "2026-09"')
    cell = """
        import os
        from pathlib import Path
        from arlib.tables import CANONICAL
        out = Path(os.environ['ARLIB_OUT_DIR']) / 'data/control_account/causes.parquet'
        out.parent.mkdir(parents=True)
        frame = CANONICAL['reconciling_items'].frame([dict(account='1200', cause='contra',
            document_no='D1', currency='USD', amount=700, first_reported_on='2026-08-31', owner='Ann')])
        frame.drop(columns=['entity', 'control']).to_parquet(out)
        import fast_result
        from arlib.run.manifest import entry
        made = entry(Path(os.environ['ARLIB_OUT_DIR']), out).to_json()"""
    project.fast(
        "aging",
        cell,
        given="files={'workbooks/aging.xlsx': 's'}, artefacts=[made, "
        "{'path': 'workbooks/aging.xlsx', 'bytes': 1, "
        "'sha256': __import__('hashlib').sha256(b's').hexdigest()}]",
    )
    september = project.close().runs[0]
    assert september.state == "sealed", september.sentence

    project.edit('period: "2026-09"', 'period: "2026-10"')
    look = """
        from arlib.run.context import begin
        rows = begin('aging', globals()).read()['reconciling_items']
        found = rows[['entity', 'control', 'amount']].values.tolist()
        assert found == [['US01', 'control_account', 700]], rows"""
    project.fast("aging", look)
    october = project.close().runs[0]
    assert october.state == "sealed", october.sentence
    told = json.loads((project.outputs / october.folder / "run.json").read_text())
    assert told["carried_forward"] == {
        "run_id": september.run_id,
        "period": "2026-09",
        "manifest_sha256": september.manifest_sha256,
        "rows": 1,
        "rates": 0,
    }

    path = project.outputs / september.folder / "data/control_account/causes.parquet"
    platform.make_writable(path)
    frame = CANONICAL["reconciling_items"].empty()
    frame.to_parquet(path)
    with pytest.raises(SourceError, match="changed after its close"):
        project.close()


def test_the_bundle_is_ours() -> None:
    assert MIME == "application/vnd.arlib.result+json"
