"""The close file: what is read as what, and every way to get it wrong with the message that it earns."""
# ruff: noqa: E501 - the cases are tables, one a line

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal

import pytest

from arlib.errors import ParameterError, SourceError
from arlib.policy import Basis, Policies
from arlib.run.faults import ParameterFaults
from arlib.run.params import NOTEBOOKS, check_notebook, load_close, load_policies, schemas

GOOD = """\
schema: "arlib.close/1"
title: "Sample company"
period: "2026-10"
outputs: "outputs"
calendar: {kind: "month"}
entities:
  - {code: "US01", name: "Sample US", functional_currency: "USD", time_zone: "America/New_York", country: "US"}
  - {code: "00417", name: "Sample UK", functional_currency: "GBP"}
sources:
  - {folder: "outputs/_sample", profile: "canonical"}
  - {folder: "../extracts", profile: "profiles/own.yml", tables: {items: "items.csv", gl: ["a.csv", "b.csv"]}, options: {delimiter: ";"}}
policies:
  aging: {bucket_edges_days: [30, 60], age_from: "document_date"}
  large_balance: {amount: "2500.50", min_days_past_due: 30}
  controls: {must_run: ["control_account"], max_explained: 1000, max_age_days: 90}
notebooks: ["aging", "month_end_summary"]
parameters: {aging: {basis: "effective"}}
limits: {cell_seconds: 60, run_seconds: 600}
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "project" / "params").mkdir(parents=True)
    (tmp_path / "project" / "arlib.toml").write_text("")
    return tmp_path / "project"


@pytest.fixture
def load(root):
    def loaded(text):
        (root / "params" / "close.yml").write_text(text, encoding="utf-8")
        return load_close(root / "params" / "close.yml", root=root)

    return loaded


@pytest.fixture
def refused(load):
    """The faults of the good file with one change."""

    def faults(old, new):
        assert old in GOOD
        with pytest.raises(ParameterFaults) as caught:
            load(GOOD.replace(old, new, 1))
        told = str(caught.value)
        assert len(told.splitlines()) <= 2
        assert told.startswith("params/close.yml, line ")
        assert caught.value.exit_code == 2
        return caught.value

    return faults


def test_a_good_file_becomes_a_plan(load, root):
    plan = load(GOOD)

    assert (plan.close_file, plan.period, plan.title) == ("params/close.yml", "2026-10", "Sample company")
    assert [entity.code for entity in plan.entities] == ["US01", "00417"]
    assert plan.functional == {"US01": "USD", "00417": "GBP"}
    assert plan.outputs == root.resolve() / "outputs"
    assert [source.folder for source in plan.sources] == [
        root.resolve() / "outputs/_sample",
        root.resolve().parent / "extracts",
    ]
    assert plan.sources[1].profile == str(root.resolve() / "profiles/own.yml")
    assert plan.sources[1].tables == {"items": ("items.csv",), "gl": ("a.csv", "b.csv")}
    assert plan.sources[1].options == {"delimiter": ";"}
    assert plan.policies.aging.bucket_edges_days == (30, 60)
    assert plan.policies.large_balance.amount == Decimal("2500.50")
    assert plan.policies.controls.max_explained == Decimal(1000)
    assert plan.policies.tie_out == Policies().tie_out
    assert plan.notebooks == ("aging", "month_end_summary")
    assert (plan.limits.cell_seconds, plan.limits.run_seconds) == (60, 600)
    with pytest.raises(FrozenInstanceError):
        plan.period = "2026-11"


def test_the_least_file_takes_all_defaults(load):
    plan = load('schema: "arlib.close/1"\ntitle: t\nperiod: "2026-10"\n'
                'entities: [{code: A, name: A, functional_currency: JPY}]\nsources: [{folder: data}]\n')  # fmt: skip
    assert plan.policies == Policies()
    assert plan.notebooks == tuple(NOTEBOOKS)
    assert plan.entities[0].time_zone == "UTC"
    assert plan.sources[0].profile == "canonical"


def test_scope_of_an_entity(load):
    plan = load(GOOD)
    scope = plan.scope("US01", basis="effective", known_at="2026-11-03")
    assert (scope.starts_on, scope.ends_on, scope.as_of) == (
        date(2026, 10, 1),
        date(2026, 10, 31),
        date(2026, 10, 31),
    )
    assert (scope.basis, scope.known_at, scope.time_zone) == (
        Basis.EFFECTIVE,
        date(2026, 11, 3),
        "America/New_York",
    )
    assert plan.scope("00417").basis is Basis.POSTING
    assert plan.scope("00417", known_at="").known_at is None
    assert plan.scope("US01", as_of=date(2026, 10, 15)).as_of == date(2026, 10, 15)
    assert plan.previous_period() == "2026-09"
    assert plan.for_period("2026-02").scope("US01").ends_on == date(2026, 2, 28)
    with pytest.raises(ParameterError, match="basis"):
        plan.scope("US01", basis="posted")
    with pytest.raises(ParameterError):
        plan.for_period("2026-13")


def test_an_entity_that_is_not_declared_is_refused(load):
    with pytest.raises(
        ParameterError, match="entity not declared: found 'US02', wanted one of US01, 00417"
    ) as caught:
        load(GOOD).scope("US02")
    assert "Did you mean 'US01'?" in str(caught.value)
    with pytest.raises(ParameterError, match="not declared"):
        load(GOOD).flat("aging", "417")


@pytest.mark.parametrize(("old", "new", "line", "words"), [
    ('"00417"', "00417", 8, ["entities, entry 2, code: found '00417'", "text", "a number", 'Quote it: "00417"']),
    ('"00417"', "NO", 8, ["found 'NO'", "true or false", 'Quote it: "NO"']),
    ('"00417"', "417", 8, ["found '417'", 'Quote it: "417"']),
    ('"00417"', "true", 8, ["found 'true'", 'Quote it: "true"']),
    ('"00417"', "1e5", 8, ["found '1e5'", 'Quote it: "1e5"']),
    ('"00417"', "", 8, ["code: found 'nothing', wanted text"]),
    ('"2026-10"', "2026-10", 3, ["period: found '2026-10'", "a date", 'Quote it: "2026-10"']),
    ('"2026-10"', '"2026-13"', 3, ["period: found '2026-13'"]),
    ('"2026-10"', '"FY2026-P01"', 3, ["period: found 'FY2026-P01'"]),
    ('kind: "month"', 'kind: "4-4-6"', 5, ["calendar, kind", "one of 'month'", "'4-4-5'"]),
    ('kind: "month"', 'kind: "4-4-5"', 3, ["period: found '2026-10', wanted a fiscal period"]),
    ('kind: "month"', "kind: month, year_starts_month: 13", 5, ["year_starts_month: found '13', wanted 1 to 12"]),
    ("period:", "priod:", 3, ["unknown key 'priod'", "Did you mean 'period'?"]),
    ("bucket_edges_days", "bucket_edge_days", 13, ["unknown key 'bucket_edge_days' in policies, aging", "Did you mean 'bucket_edges_days'?"]),
    ("title:", "heading:", 2, ["unknown key 'heading'", "Known: schema, title, period"]),
    ("basis:", "bases:", 17, ["unknown key 'bases' in parameters, aging", "Did you mean 'basis'?"]),
    ("{basis:", "{entity: US01, basis:", 17, ["unknown key 'entity' in parameters, aging"]),
    ("aging: {basis", "agin: {basis", 17, ["unknown key 'agin' in parameters", "Did you mean 'aging'?"]),
    ('basis: "effective"', 'basis: "cash"', 17, ["basis: found 'cash', wanted one of 'posting', 'effective'"]),
    ('basis: "effective"', "rows_shown: 0", 17, ["rows_shown: found '0', wanted 1 or more"]),
    ('basis: "effective"', "known_at: 2026-11-03", 17, ['Quote it: "2026-11-03"']),
    ('basis: "effective"', 'known_at: "31.02.2026"', 17, ["found '31.02.2026', wanted a date"]),
    ('basis: "effective"', 'known_at: "2026-02-31"', 17, ["found '2026-02-31', wanted a date"]),
    ('"arlib.close/1"', '"arlib.close/2"', 1, ["schema: found 'arlib.close/2', wanted one of 'arlib.close/1'"]),
    ('"USD"', '"USX"', 7, ["functional_currency: found 'USX', wanted an ISO 4217 currency", "Did you mean"]),
    ('"America/New_York"', '"New York"', 7, ["time zone: found 'New York'"]),
    ('country: "US"', 'country: "usa"', 7, ["country: found 'usa', wanted an ISO 3166 code"]),
    ('"US01"', '"../x"', 7, ["code: found '../x', wanted a code of"]),
    ('"US01"', '"_failed"', 7, ["code: found '_failed'"]),
    ('"US01"', '"CON"', 7, ["code: found 'CON'"]),
    ('"US01"', '"A."', 7, ["code: found 'A.'"]),
    ('"US01"', '"00417"', 8, ["code: found '00417', wanted a code of its own"]),
    ('"2500.50"', "2500.50", 14, ["amount: found '2500.50', wanted an amount as text", 'Quote it: "2500.50"']),
    ('"2500.50"', '"1.234,56"', 14, ["amount: found '1.234,56', wanted an amount as text"]),
    ('"2500.50"', '"-1"', 14, ["large balance amount: found '-1'"]),
    ("[30, 60]", "[60, 30]", 13, ["bucket_edges_days: found '(60, 30)', wanted rising day counts"]),
    ("[30, 60]", "[030, 60]", 13, ["bucket_edges_days, entry 1: found '030', wanted a whole number", "plain digits"]),
    ("[30, 60]", '["30", 60]', 13, ["found '30', wanted a whole number", "Take the quotes away"]),
    ("[30, 60]", "30", 13, ["bucket_edges_days: found '30', wanted a list"]),
    ("cell_seconds: 60", "cell_seconds: 1e5", 18, ["cell_seconds: found '1e5', wanted a whole number"]),
    ("cell_seconds: 60", "cell_seconds: 0", 18, ["cell_seconds: found '0', wanted 1 or more"]),
    ('"outputs"', '"../elsewhere"', 4, ["outputs: found '../elsewhere', wanted a path inside the project"]),
    ('"outputs"', '"/tmp/x"', 4, ["outputs: found '/tmp/x'"]),
    ('"outputs"', '"."', 4, ["outputs: found '.'"]),
    ('["aging", "month_end_summary"]', '["agin"]', 16, ["notebooks, entry 1: found 'agin', wanted one of 'aging', 'cash_application'"]),
    ('["aging", "month_end_summary"]', "[]", 16, ["notebooks: found 'a list', wanted at least 1"]),
    ('["aging", "month_end_summary"]', "[aging, aging]", 16, ["notebooks: wanted each notebook once"]),
    ('delimiter: ";"', "snapshot_date: 2026-10-31", 11, ['Quote it: "2026-10-31"']),
    ('profile: "canonical"', 'profil: "canonical"', 10, ["unknown key 'profil' in sources, entry 1", "Did you mean 'profile'?"]),
    ('{folder: "outputs/_sample", profile: "canonical"}', '{profile: "canonical"}', 10, ["sources, entry 1", "wanted a folder or a database, one of them"]),
    ("{cell_seconds: 60, run_seconds: 600}", "60", 18, ["limits: found '60', wanted keys and values"]),
])  # fmt: skip
def test_a_fault_names_file_line_key_and_way_out(refused, old, new, line, words):
    fault = refused(old, new)
    told = str(fault)
    assert told.startswith(f"params/close.yml, line {line}: "), told
    for word in words:
        assert word in told, told
    assert len([problem for problem in fault.problems if not problem.is_missing]) <= 1, [
        problem.sentence() for problem in fault.problems
    ]


def test_all_faults_of_a_file_come_at_once(load):
    text = (
        GOOD.replace('"00417"', "NO")
        .replace("period:", "priod:")
        .replace("[30, 60]", "[030, 60]")
        .replace('"2500.50"', "1e3")
    )
    with pytest.raises(ParameterFaults) as caught:
        load(text)
    assert [(fault.line, fault.key) for fault in caught.value.problems] == [
        (3, "priod"), (8, "entities.1.code"), (13, "policies.aging.bucket_edges_days.0"), (14, "policies.large_balance.amount"),
    ]  # fmt: skip
    assert "(and 3 more)" in str(caught.value)


def test_faults_that_no_model_finds_come_at_once_too(load):
    text = (
        GOOD.replace('"USD"', '"XXQ"')
        .replace('"2026-10"', '"2026-99"')
        .replace('"outputs"', '"../x"')
        .replace("[30, 60]", "[0]")
    )
    with pytest.raises(ParameterFaults) as caught:
        load(text)
    assert {fault.key for fault in caught.value.problems} == {
        "period", "outputs", "entities.0.functional_currency", "policies.aging",
    }  # fmt: skip


def test_codes_that_differ_in_case_only_are_refused(refused):
    assert "differs in case only" in str(refused('"00417"', '"us01"'))


@pytest.mark.parametrize(("old", "new", "key"), [
    ('delimiter: ";"', 'password: "hunter2"', "sources.1.options.password"),
    ('delimiter: ";"', 'dbPassword: "hunter2"', "sources.1.options.dbPassword"),
    ('delimiter: ";"', 'api_key: "hunter2"', "sources.1.options.api_key"),
    ('delimiter: ";"', "access-token: hunter2", "sources.1.options.access-token"),
    ('delimiter: ";"', 'dsn: "Server=x;Pwd=hunter2"', "sources.1.options.dsn"),
    ('delimiter: ";"', 'delimiter: "Server=x; pwd = hunter2"', "sources.1.options.delimiter"),
    ('"../extracts"', '"postgresql://ann:hunter2@db.example/books"', "sources.1.folder"),
    ('title: "Sample company"', 'title: "x"\nstore_url: "postgresql://ann:hunter2@db.example/books"', "store_url"),
    ('title: "Sample company"', 'title: "x"\nsecret: {a: {b: hunter2}}', "secret"),
    ('"00417"', '"https://ann:hunter2@x/"', "entities.1.code"),
])  # fmt: skip
def test_a_secret_is_refused_and_not_repeated(refused, old, new, key):
    fault = refused(old, new)
    assert [problem.key for problem in fault.problems] == [key]
    assert "looks like a secret" in str(fault)
    assert "environment" in str(fault)
    assert "hunter2" not in str(fault) + repr(fault) + repr(fault.problems)
    assert fault.__cause__ is None
    assert fault.__suppress_context__ or fault.__context__ is None


def test_a_secret_beside_other_faults_stays_hidden(load):
    with pytest.raises(ParameterFaults) as caught:
        load(GOOD.replace("period:", "priod:").replace('delimiter: ";"', 'db_password: "hunter2"'))
    assert {problem.key for problem in caught.value.problems} == {
        "priod",
        "sources.1.options.db_password",
    }
    assert "hunter2" not in repr(caught.value.problems)


def test_a_missing_or_broken_file(load, root):
    with pytest.raises(SourceError, match=r"params/none\.yml: no such parameter file"):
        load_close(root / "params" / "none.yml", root=root)
    with pytest.raises(ParameterFaults, match="line 2"):
        load("schema: x\nschema: y\n")


def test_the_plan_is_the_same_plain_data_wherever_the_project_is(load, root, tmp_path):
    first = load(GOOD).as_json()
    other = tmp_path / "elsewhere"
    root.rename(other)
    assert load_close(other / "params" / "close.yml", root=other).as_json() == first
    text = json.dumps(first)
    assert str(tmp_path) not in text
    assert first["policies"]["large_balance"]["amount"] == "2500.50"
    assert first["sources"][1] == {"folder": "../extracts", "profile": "profiles/own.yml", "options": {"delimiter": ";"},
                                   "tables": {"items": ["items.csv"], "gl": ["a.csv", "b.csv"]}}  # fmt: skip


def test_policies_alone(tmp_path):
    (tmp_path / "p.yml").write_text("policies: {aging: {credits: netted}}\n")
    assert load_policies(tmp_path / "p.yml").aging.credits == "netted"
    (tmp_path / "p.yml").write_text("policies: {ageing: {credits: netted}}\n")
    with pytest.raises(ParameterFaults, match="unknown key 'ageing' in policies"):
        load_policies(tmp_path / "p.yml")


# a notebook's own parameters

GIVEN = {"close_file": "params/close.yml", "entity": "00417", "period": "2026-10"}


def test_a_notebook_is_given_what_the_close_file_says(load):
    plan = load(GOOD)
    given = plan.notebook_parameters("aging", "00417")
    assert (given.entity, given.basis, given.known_at, given.rows_shown) == ("00417", Basis.EFFECTIVE, "", 20)
    assert plan.flat("aging", "00417") == {**GIVEN, "rows_shown": 20, "basis": "effective", "known_at": ""}
    assert all(type(value) in (str, int, bool) for value in plan.flat("aging", "US01").values())
    assert plan.flat("month_end_summary", "US01")["entity"] == "US01"


@pytest.mark.parametrize(("change", "words"), [
    ({"entity": 417}, "notebook aging: entity: found '417', wanted text"),
    ({"entity": "=cmd"}, "entity: found '=cmd'"),
    ({"period": 2026.10}, "period: found '2026.1', wanted text"),
    ({"rows_shown": "20"}, "rows_shown: found '20', wanted a whole number"),
    ({"rows_shown": True}, "rows_shown: found 'true', wanted a whole number"),
    ({"basis": "Posting"}, "basis: found 'Posting', wanted one of 'posting', 'effective'"),
    ({"known_at": None}, "known_at: found 'nothing', wanted text"),
    ({"row_shown": 5}, "unknown parameter 'row_shown'\n  Did you mean 'rows_shown'?"),
    ({"db_password": "hunter2"}, "looks like a secret: db_password"),
])  # fmt: skip
def test_an_unknown_or_retyped_parameter_of_a_notebook_is_refused(change, words):
    assert check_notebook("aging", GIVEN).rows_shown == 20
    with pytest.raises(ParameterFaults) as caught:
        check_notebook("aging", {**GIVEN, **change})
    assert words in str(caught.value)
    assert "hunter2" not in str(caught.value)


def test_a_missing_parameter_and_an_unknown_notebook():
    with pytest.raises(ParameterFaults, match="missing key 'period'"):
        check_notebook("aging", {"close_file": "x", "entity": "A"})
    with pytest.raises(ParameterError, match="no such notebook: found 'agin'") as caught:
        check_notebook("agin", GIVEN)
    assert "Did you mean 'aging'?" in str(caught.value)


# the generated JSON Schemas


def test_the_schemas_in_the_checkout_are_those_of_the_models(repo):
    made = schemas()
    assert len(made) >= 6
    folder = repo / "params" / "schema"
    stored = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.json")}
    assert stored == made, "run `arlib params schema --out params/schema` and read the diff"


def test_the_schema_agrees_with_the_loader():
    """The oracle is the jsonschema library: what the loader takes, the editor takes; what it refuses is underlined."""
    import jsonschema
    import yaml

    schema = json.loads(schemas()["close.schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert list(validator.iter_errors(yaml.safe_load(GOOD))) == []
    for old, new in (("period:", "priod:"), ('"00417"', "417"), ('"posting"', '"x"'), ("[30, 60]", '["a"]'), ('"effective"', '"cash"'),
                     ("cell_seconds: 60", "cell_seconds: 0"), ('"US01"', '"../x"')):  # fmt: skip
        if old in GOOD:
            assert list(validator.iter_errors(yaml.safe_load(GOOD.replace(old, new, 1)))), (old, new)


def test_the_example_of_every_close_file_in_the_checkout_loads(repo):
    files = sorted((repo / "params").glob("*.yml")) + sorted((repo / "params" / "examples").glob("*.yml"))
    for path in files:
        if "arlib.close/" in path.read_text(encoding="utf-8"):
            assert load_close(path, root=repo).entities


@pytest.mark.parametrize("period", ["2026-13", "2026/10", "October 2026", "FY2026-P01", ""])
def test_a_bad_period_is_told_as_the_option_tells_it(load, period):
    with pytest.raises(ParameterError) as option:
        load(GOOD).for_period(period)
    with pytest.raises(ParameterFaults) as file:
        load(GOOD.replace('"2026-10"', f'"{period}"', 1))
    said = str(option.value)
    assert "wanted a month such as 2026-10" in said
    assert str(file.value).splitlines()[0].endswith(f": {said.splitlines()[0]}")


@pytest.mark.parametrize(
    ("written", "meant"), [("ageing", "aging"), ("control_acount", "control_account"), ("payroll", "")]
)
def test_a_misspelt_notebook_gets_the_one_that_is_meant(load, written, meant):
    with pytest.raises(ParameterFaults) as fault:
        load(GOOD.replace('["aging", "month_end_summary"]', f"[{written}]"))
    assert f"found {written!r}" in str(fault.value)
    assert fault.value.fix == (f"Did you mean {meant!r}?" if meant else "")


@pytest.mark.parametrize("outputs", ["~/x", "~", "~ann/outputs"])
def test_a_home_folder_is_no_output_folder(load, outputs):
    text = f'schema: "arlib.close/1"\ntitle: t\nperiod: "2026-10"\noutputs: "{outputs}"\n'
    text += "entities: [{code: A, name: A, functional_currency: JPY}]\nsources: [{folder: data}]\n"
    with pytest.raises(ParameterFaults, match="wanted a path inside the project"):
        load(text)
