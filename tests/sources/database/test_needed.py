"""The columns that a table is asked for are those that the profile takes, wherever it names them."""

from __future__ import annotations

import pytest

from arlib.sources.catalogue import builtin_profiles, load_profile, profile_from
from arlib.sources.database.needed import needed_columns
from arlib.sources.profile import Expression

COLUMNS = {
    "item_id": {"template": "{DOC}-{POS}"},
    "customer_id": {"first_of": ["PAYER", {"column": "BUYER", "is_optional": True}]},
    "due_date": {"plus_days": {"date": "BASE", "days": ["DAYS1", "DAYS2"]}},
    "amount": {"column": "GROSS", "sign": {"by": "DC", "plus": ["D"], "minus": ["C"]}},
    "net_amount": {"subtract": ["GROSS", "TAX"]},
    "currency": {"column": "CUR", "when": [{"column": "STATE", "equals": ["A"]}]},
    "reason": {"column": "HEAD.REASON"},
    "segment": {"column": "SEG", "is_optional": True},
    "entity": {"constant": "E"},
}
PROFILE = {
    "profile": "p",
    "title": "p",
    "snapshot_latest": {"from": "LINES", "column": "LAST"},
    "files": {"LINES": {"names": [], "header": ["TOP"]}, "HEAD": {"names": []}, "OTHER": {"names": []}},
    "tables": [
        {
            "into": "items", "from": "LINES", "join": {"HEAD": {"DOC": "NUMBER", "YEAR": "FISCAL"}}, "columns": COLUMNS,
            "where": [
                {"column": "KIND", "is_in": "OTHER.CODE"}, {"column": "A", "differs_from": "B"},
                {"column": "C", "among": {"column": "D", "where": [{"column": "E", "is": "filled"}]}},
            ],
        }
    ],
}  # fmt: skip


def test_every_place_that_names_a_column():
    profile = profile_from(PROFILE, where="p")
    lines = needed_columns(profile, "LINES")

    assert set(lines.required) == {
        "TOP", "DOC", "POS", "PAYER", "BASE", "DAYS1", "DAYS2", "GROSS", "DC", "TAX", "CUR", "STATE", "YEAR", "KIND", "A", "B", "C",
        "D", "E", "LAST",
    }  # fmt: skip
    assert set(lines.optional) == {"BUYER", "SEG"}
    assert lines.money == {"GROSS", "TAX"}
    assert set(needed_columns(profile, "HEAD").all) == {"NUMBER", "FISCAL", "REASON"}
    assert needed_columns(profile, "OTHER").all == ("CODE",)


@pytest.mark.parametrize("name", builtin_profiles())
def test_no_column_of_a_built_in_profile_is_forgotten(name):
    """Every text under a key that names a column is among the needed ones of some role."""
    profile = load_profile(name, root=None)
    found = {column for role in profile.files for column in needed_columns(profile, role).all}
    for part in profile.tables:
        if part.source not in profile.files:
            continue  # a list of records inside a file, which no table holds
        named = [e.column for e in part.columns.values() if isinstance(e, Expression) and e.column]
        named += [condition.column for condition in part.where]
        assert {column.split(".")[-1] for column in named} <= {column.split(".")[-1] for column in found}, (
            part.into
        )
