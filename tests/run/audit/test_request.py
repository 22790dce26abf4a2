"""A request: what is read as what, and every way to get it wrong with the message that it earns."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from arlib.audit.kinds import KINDS
from arlib.errors import ArError, ParameterError, SourceError
from arlib.run.audit.request import request_schema
from arlib.run.audit_params import AUDIT_NOTEBOOKS
from tests.run.audit.asking import GOOD, load


def test_a_request_is_read_whole_and_its_period_holds_its_date(root: Path) -> None:
    request = load(root, GOOD)
    assert (request.request_id, request.as_of, request.plan.period) == (
        "PBC-017",
        date(2026, 9, 30),
        "2026-09",
    )
    assert request.population == {"item_types": "invoice", "currencies": "USD", "at_least": "1000.00"}
    assert request.question == KINDS["subsequent_receipts"].answers
    assert request.notebook_parameters()["as_of"] == "2026-09-30"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("kind: subsequent_receipts", "kind: subsequent_receipt", "subsequent_receipts"),
        ('as_of: "2026-09-30"', 'as_of: ""', "a date such as"),
        ('as_of: "2026-09-30"', "as_of: 2026-09-30", "a date"),
        ("entity: US01", "entity: UK01", "US01"),
        ("[invoice]", "[invoices]", "invoice"),
        ('at_least: "1000.00"', 'at_least: "1,000"', "amount without sign"),
        ("[USD]", "[USDX]", "ISO 4217"),
        ('due_on: "2026-11-11"', 'due_on: "2026-11-01"', "on or after asked_on"),
        ("close_file: params/close.yml", "close_file: ../close.yml", "inside the project"),
        ("id: PBC-017", 'id: "../../x"', "letters, digits"),
        ("asked_by: ", "asked_for: ", "asked_on"),
        (
            'asked_on: "2026-11-04"',
            'asked_on: "2026-11-04"\nparameters: {sead: "1"}',
            "a parameter of subsequent_receipts",
        ),
    ],
)
def test_what_is_wrong_is_said_in_words(root: Path, old: str, new: str, words: str) -> None:
    assert old in GOOD
    with pytest.raises(ArError) as told:
        load(root, GOOD.replace(old, new))
    assert told.value.exit_code == 2
    problems = "\n".join(str(each) for each in getattr(told.value, "problems", ()))
    assert words in f"{told.value}\n{problems}"


def test_an_evaluation_needs_its_two_files(root: Path) -> None:
    with pytest.raises(ParameterError) as told:
        load(root, GOOD.replace("subsequent_receipts", "evaluation"))
    problems = "\n".join(str(each) for each in getattr(told.value, "problems", ()))
    assert "audited" in problems
    assert "selection" in problems


def test_what_an_answer_depends_on_does_not_say_who_asked(root: Path) -> None:
    one = load(root, GOOD)
    other = load(
        root, GOOD.replace("PBC-017", "PBC-018").replace("R. Vale", "S. Hill").replace("-11-11", "-11-12")
    )
    assert one.facts() == other.facts()
    assert load(root, GOOD.replace("1000.00", "1000.01")).facts() != one.facts()


def test_a_file_of_a_request_must_be_text_and_inside_the_project(root: Path) -> None:
    text = GOOD.replace("subsequent_receipts", "confirmations") + "parameters: {replies: replies.csv}\n"
    with pytest.raises(SourceError, match=r"replies\.csv"):
        load(root, text)
    (root / "replies.csv").write_bytes(b"customer_id\n\xff\xfe\n")
    with pytest.raises(SourceError, match="UTF-8"):
        load(root, text)
    (root / "replies.csv").write_bytes(b"customer_id\n")
    assert load(root, text).files == {"replies": b"customer_id\n"}
    with pytest.raises(ParameterError, match="inside the project"):
        load(root, text.replace("replies.csv", "/etc/hostname"))


def test_the_schema_for_editors_knows_every_kind_and_its_parameters() -> None:
    schema = request_schema()
    assert schema["properties"]["kind"]["enum"] == list(KINDS)
    told = {each["if"]["properties"]["kind"]["const"]: each["then"] for each in schema["allOf"]}
    assert set(told) == set(KINDS)
    seed = told["sample"]["properties"]["parameters"]["properties"]
    assert "seed" in seed
    assert "close_file" not in seed


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_option_has_a_default_and_is_of_a_plain_type(kind: str) -> None:
    for name, info in AUDIT_NOTEBOOKS[kind].model_fields.items():
        if name not in ("close_file", "entity", "period"):
            assert not info.is_required(), name
            assert isinstance(info.default, str | int | bool), name
