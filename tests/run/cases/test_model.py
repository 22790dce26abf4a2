"""A case as YAML: what it takes, what it refuses, and that nothing is lost on the way there and back."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.errors import ParameterError
from arlib.run.cases import next_case_id
from arlib.run.cases.model import CaseFile, case_schema, load_case, new_case, read_case
from arlib.run.cases.params import CaseFileParams, case_of, flat_of
from arlib.run.cases.places import statement_place

LEAST = {"id": "CASE-1", "close_file": "params/sample.yml", "entity": "00417", "customer_id": "NO"}
anything = st.text(max_size=60)
names = anything.filter(str.strip)


@given(search=anything, question=anything, items=st.lists(names, max_size=3), collector=anything,
       choices=st.dictionaries(names, anything, max_size=2))  # fmt: skip
def test_a_case_reads_back_whatever_its_texts_hold(search, question, items, collector, choices):
    case = new_case({
        **LEAST, "search": search, "question": question, "items": items, "filters": {"collector": collector},
        "statement_choices": choices,
        "what_if": {"items": [{"item_id": one, "applied": "1.00"} for one in items], "parts": []},
    })  # fmt: skip

    assert read_case(case.as_yaml(), name="again") == case


@given(search=anything, items=st.lists(names, max_size=3))
def test_the_notebooks_parameters_stand_for_the_same_case(search, items):
    case = new_case(
        {**LEAST, "period": "2026-10", "search": search, "items": items, "filters": {"bucket": "1-30"}}
    )
    flat = {**flat_of(case), "close_file": case.close_file, "entity": case.entity, "period": case.period}

    assert all(type(value) in (str, int, bool) for value in flat.values())
    assert case_of(CaseFileParams.model_validate(flat)) == case


def test_a_code_stays_text():
    case = new_case(LEAST)

    assert (case.entity, case.customer_id) == ("00417", "NO")


def test_what_is_not_known_stops_and_every_fault_is_told(tmp_path):
    (tmp_path / "arlib.toml").write_text("")
    path = tmp_path / "case.yml"
    path.write_text(
        'schema: arlib.case/1\nid: "../x"\ncustomr_id: "1"\nclose_file: c.yml\nentity: US01\nas_of: 2026-10-31\n'
    )

    with pytest.raises(ParameterError) as fault:
        load_case(path, root=tmp_path)

    told = "\n".join(one.sentence() for one in fault.value.problems)
    for part in ("id", "customr_id", "as_of"):
        assert part in told


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "a/b"),
        ("statement", "../secret.csv"),
        ("statement", "/etc/passwd"),
        ("as_of", "2026-02-30"),
        ("what_if", {"items": [{"item_id": "I", "applied": "1,000.00"}], "parts": []}),
        ("what_if", {"items": [], "parts": [{"item_id": "I", "kind": "bribe", "amount": "1.00"}]}),
        ("items", [""]),
    ],
)
def test_what_cannot_be_is_refused(key, value):
    with pytest.raises(ParameterError):
        new_case({**LEAST, key: value})


@pytest.mark.parametrize("name", ["Kontoauszug März (2).csv", "statements/acme & co.xlsx"])
def test_names_of_files_as_people_have_them(name):
    case = new_case({**LEAST, "statement": name})

    assert case.statement == name
    assert (
        statement_place(case) == f"data/request/statement/{name.split('/')[-1]}"
    )  # apart from the decisions


def test_other_values_are_checked_too():
    assert new_case(LEAST).with_changes(as_of="2026-09-30").as_of == "2026-09-30"
    with pytest.raises(ParameterError):
        new_case(LEAST).with_changes(as_of="yesterday")


def test_the_schema_of_editors_has_every_field():
    assert set(case_schema()["properties"]) == {
        field.alias or name for name, field in CaseFile.model_fields.items()
    }


def test_the_example_is_a_case(repo):
    assert load_case(repo / "params" / "cases" / "example.yml", root=repo).customer_id == "00900"


def test_a_new_case_has_a_name_that_none_has(tmp_path):
    day = date(2026, 11, 23)
    first = next_case_id(tmp_path, "US01", "=a/b..", on=day)
    (tmp_path / "cases" / first).mkdir(parents=True)

    assert first == "US01--a-b---20261123"
    assert next_case_id(tmp_path, "US01", "=a/b..", on=day) == f"{first}-2"
    assert new_case({**LEAST, "id": next_case_id(tmp_path, "US01", "00417")}).id
