"""Every part of `make bench` can be run small, measures nothing when it is imported, and one that fails stops no other."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import time

import pytest


def test_every_part_takes_quick_and_keeps_figures(script, repo):
    run = script("run")
    assert {part.name for part in run.PARTS} == set(script("page").PARTS)
    for part in run.PARTS:
        path = repo / "benchmarks" / part.script
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        calls = [
            each for each in tree.body if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call)
        ]
        assert not calls, f"{part.script} works when it is imported"
        assert f'"{part.name}"' in text, f"{part.script} keeps nothing under its name"
        assert "quick" in text


def test_the_cost_of_use_is_measured_and_kept_apart_from_the_page(repo, tmp_path):
    done = subprocess.run(
        [sys.executable, repo / "benchmarks" / "use.py", "--quick", "--start-up"], capture_output=True, text=True,
        check=True, env={"PATH": "/usr/bin:/bin", "BENCH_FOLDER": str(tmp_path), "HOME": str(tmp_path)},
    )  # fmt: skip
    found = json.loads(done.stdout.splitlines()[-1])

    assert 0 < found["seconds"]["Python alone"] < found["seconds"]["import pandas (a peer)"]
    assert found["modules"]["arlib"] < found["modules"]["arlib.cli"] < found["modules"]["pandas"]


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_a_part_that_fails_or_hangs_ends_with_all_it_started(script, tmp_path):
    run = script("run")
    bad, slow = tmp_path / "bad.py", tmp_path / "slow.py"
    bad.write_text("raise SystemExit(3)")
    late = tmp_path / "late"
    code = f"import time; time.sleep(2); open({str(late)!r}, 'w')"
    slow.write_text(
        f"import subprocess, sys, time\nsubprocess.Popen([sys.executable, '-c', {code!r}])\ntime.sleep(60)"
    )

    assert run.ran(bad, limit=20) == "exit code 3"
    assert run.ran(slow, limit=1).startswith("stopped after")
    time.sleep(2.5)
    assert not late.exists()


def test_quick_figures_never_reach_the_page(script, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("BENCH_FOLDER", str(tmp_path))
    measured = script("measured")
    path = measured.keep("use", title="Cost", quick=True)

    assert path == tmp_path / "quick" / "use.json"
    assert "use" not in script("page").gathered(tmp_path, tmp_path / "none.json")["parts"]
    found = json.loads(path.read_text(encoding="utf-8"))
    assert found["machine"]["cores"] >= 1
    assert found["noise"]["least"] <= found["noise"]["median"] <= found["noise"]["most"]


def test_a_ratio_is_of_rounds_that_ran_together(script):
    measured = script("measured")
    one, other = measured.Timing((1.0, 4.0, 9.0), (1.0,)), measured.Timing((0.5, 2.0, 3.0), (1.0,))
    assert measured.ratio(one, other) == 2.0
    order = []
    timings = measured.interleaved(
        {name: lambda name=name: order.append(name) for name in "ab"}, runs=3, warm_up=1
    )
    assert sorted(order[:2]) == sorted(order[2:4]) == ["a", "b"]
    assert len(timings["a"].wall) == 3
    assert measured.short(1234567.8) == "1,234,568"
