"""What `arlib lab` and `arlib desk` open and refuse, before any server starts."""

from __future__ import annotations

import importlib.util
import json
import socket

import pytest
from click.testing import CliRunner

from arlib.cli import root as command
from arlib.cli.lab import desk_arguments, opened
from arlib.errors import ParameterError, SourceError
from arlib.run.init import init_project


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("opening") / "project"
    init_project(made)
    own = (
        (made / "params/sample.yml")
        .read_text(encoding="utf-8")
        .replace('period: "2026-10"', 'period: "2026-09"')
    )
    (made / "params/mine.yml").write_text(own, encoding="utf-8")
    return made.resolve()


def parameters(path) -> str:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return "".join(
        "".join(c["source"]) for c in cells if "injected-parameters" in c["metadata"].get("tags", [])
    )


@pytest.mark.parametrize(
    "name", ["dispute_investigation", "aging_explorer", "bad_debt_what_if", "aging", "cut_off"]
)
def test_a_close_file_goes_into_a_copy_and_leaves_the_notebook(folder, name):
    stored = opened(folder, notebook=name, params="")
    before = stored.read_bytes()
    copy = opened(folder, notebook=name, params=str(folder / "params/mine.yml"))

    assert copy == folder / f"outputs/_desk/mine/{name}.ipynb"
    assert 'close_file = "params/mine.yml"' in parameters(copy)
    assert 'period = "2026-09"' in parameters(copy)
    assert 'entity = "US01"' in parameters(copy)
    assert stored.read_bytes() == before
    assert (
        opened(folder, notebook=name, params=str(folder / "params/mine.yml")).read_bytes()
        == copy.read_bytes()
    )


def test_a_notebook_may_be_named_by_its_path(folder):
    assert (
        opened(folder, notebook="notebooks/monthly/aging.ipynb", params="")
        == folder / "notebooks/monthly/aging.ipynb"
    )
    with pytest.raises(ParameterError):
        opened(folder, notebook="../outside.ipynb", params="")


def test_what_is_not_there_is_said_with_the_nearest(folder):
    with pytest.raises(SourceError, match="dispute_investigation"):
        opened(folder, notebook="dispute_investigations", params="")
    with pytest.raises(SourceError, match="no such parameter file"):
        opened(folder, notebook="aging", params=str(folder / "params/none.yml"))


def test_the_desk_is_told_to_show_nothing_else(folder):
    told = desk_arguments(folder / "x.ipynb", token="secret", port=None)
    for wanted in (
        "--Voila.ip=127.0.0.1", "--Voila.token=secret", "--VoilaConfiguration.strip_sources=True",
        "--VoilaConfiguration.show_tracebacks=False", "--VoilaConfiguration.file_denylist=.*",
        "--MappingKernelManager.cull_idle_timeout=60", "--MappingKernelManager.cull_connected=False",
    ):  # fmt: skip
        assert wanted in told


def test_without_voila_the_desk_says_what_to_install(folder, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *more: None if name == "voila" else found(name, *more)
    )
    with pytest.raises(SourceError, match=r"arlib\[desk\]"):
        CliRunner().invoke(command, ["desk", "--no-browser"], catch_exceptions=False)


def test_a_port_that_is_taken_is_refused(folder, monkeypatch):
    monkeypatch.chdir(folder)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ParameterError, match="port"):
            CliRunner().invoke(
                command, ["desk", "--port", str(taken.getsockname()[1])], catch_exceptions=False
            )
