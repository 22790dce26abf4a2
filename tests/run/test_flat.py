"""The flat file of plain papermill: what papermill reads from it is what the close would have injected."""

from __future__ import annotations

import pytest

from arlib.errors import ParameterError
from arlib.run.flat import describe, write_flat
from arlib.run.params import NOTEBOOKS, check_notebook, load_close

CLOSE = """\
schema: "arlib.close/1"
title: 'A "quoted" title: with a colon'
period: "2026-10"
entities:
  - {code: "00417", name: "A", functional_currency: "USD"}
  - {code: "NO", name: "B", functional_currency: "NOK"}
  - {code: "1e5", name: "C", functional_currency: "EUR"}
sources: [{folder: "data"}]
parameters: {aging: {basis: "effective", known_at: "2026-11-03", rows_shown: 7}}
"""


@pytest.fixture
def plan(tmp_path):
    (tmp_path / "arlib.toml").write_text("")
    (tmp_path / "my params").mkdir()
    (tmp_path / "my params" / "close.yml").write_text(CLOSE)
    return load_close(tmp_path / "my params" / "close.yml", root=tmp_path)


@pytest.mark.parametrize("entity", ["00417", "NO", "1e5"])
@pytest.mark.parametrize("notebook", list(NOTEBOOKS))
def test_papermill_reads_what_the_close_injects(plan, tmp_path, notebook, entity):
    from papermill.iorw import read_yaml_file

    flat = tmp_path / "flat.yml"
    flat.write_text(write_flat(plan, entity=entity, notebook=notebook), encoding="utf-8")

    read = read_yaml_file(str(flat))

    assert read == plan.flat(notebook, entity)
    assert {name: type(value) for name, value in read.items()} == {
        name: type(value) for name, value in plan.flat(notebook, entity).items()
    }
    assert check_notebook(notebook, read) == plan.notebook_parameters(notebook, entity)


def test_the_flat_file_to_the_letter(plan):
    assert write_flat(plan, entity="00417", notebook="aging").splitlines()[2:] == [
        'close_file: "my params/close.yml"',
        'entity: "00417"',
        'period: "2026-10"',
        "rows_shown: 7",
        'basis: "effective"',
        'known_at: "2026-11-03"',
    ]


def test_what_does_not_exist_is_refused(plan):
    with pytest.raises(ParameterError, match="entity not declared"):
        write_flat(plan, entity="417", notebook="aging")
    with pytest.raises(ParameterError, match="no such notebook"):
        write_flat(plan, entity="00417", notebook="agin")


@pytest.mark.parametrize("name", list(NOTEBOOKS))
def test_every_parameter_is_described(name):
    told = describe(name)
    for key, info in NOTEBOOKS[name].model_fields.items():
        (line,) = [line for line in told.splitlines() if line.split()[:1] == [key]]
        assert info.description
        assert info.description in line
        assert ("required" in line) == info.is_required()
    assert told in describe()


def test_an_unknown_notebook_is_not_described():
    with pytest.raises(ParameterError, match="no such notebook"):
        describe("ageing")
