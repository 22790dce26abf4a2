"""Profiles as files: strict keys, text that stays text, a small set of operations, and profiles of the
user's own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from arlib.errors import ParameterError, SourceError, TableError
from arlib.sources import SourceSpec, builtin_profiles, load_book, load_profile
from arlib.tables import Book

Load = Callable[..., Book]

OWN = """\
profile: own
title: Own export
entity: E1
number_style: "1.234,56"
date_formats: "%d.%m.%Y"
files:
  items: {names: [export.csv], header: [Nr]}
tables:
  - into: items
    from: items
    columns:
      item_id: Nr
      entity: {option: entity}
      customer_id: Kunde
      item_type: {column: Art, map: {RE: invoice, NO: credit_memo, 00417: receipt}}
      document_no: {template: "{Art}-{Nr}"}
      effective_date: Datum
      currency: {constant: EUR}
      amount: {column: Betrag, sign: {by: SH, plus: [S], minus: [H]}}
"""
DATA = """\
Nr;Kunde;Art;Datum;Betrag;SH
1;K1;RE;31.10.2026;1.234,56;S
2;K1;NO;01.11.2026;1.000,00;H
3;K1;00417;01.11.2026;0,50;H
"""


def own(folder: Path, text: str = OWN, data: str = DATA, **options: object) -> pd.DataFrame:
    (folder / "own.yml").write_text(text)
    (folder / "export.csv").write_text(data)
    spec = SourceSpec(folder=folder, profile="own.yml", options=options)
    return load_book([spec], root=folder)["items"]


def test_a_profile_of_ones_own(tmp_path: Path) -> None:
    items = own(tmp_path)
    assert items["amount"].tolist() == [123456, -100000, -50]
    assert items["item_type"].tolist() == ["invoice", "credit_memo", "receipt"]  # NO and 00417 stayed text
    assert items["document_no"].tolist() == ["RE-1", "NO-2", "00417-3"]
    assert items["entity"].unique().tolist() == ["E1"]


def test_options_go_over_the_profile(tmp_path: Path) -> None:
    assert own(tmp_path, entity="E2")["entity"].unique().tolist() == ["E2"]
    with pytest.raises(ParameterError, match="Did you mean 'entity'"):
        own(tmp_path, entiti="E2")
    with pytest.raises(ParameterError, match="does not say whose books"):
        own(tmp_path, OWN.replace("entity: E1\n", ""))


def test_a_code_that_the_map_does_not_list_is_rejected_with_the_code(tmp_path: Path) -> None:
    with pytest.raises(SourceError.__mro__[1], match="unknown code: found 'XX'"):
        own(tmp_path, data=DATA.replace(";RE;", ";XX;"))
    with pytest.raises(SourceError.__mro__[1], match="unknown code"):
        own(tmp_path, data=DATA.replace(";S\n", ";Q\n"))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("title:", "titel:", "titel"),
        ("customer_id: Kunde", "custmer_id: Kunde", "did you mean 'customer_id'"),
        ("into: items", "into: itms", "did you mean 'items'"),
        ("{constant: EUR}", "{constant: EUR, column: X}", "exactly one of"),
        ("{constant: EUR}", "{eval: 1+1}", "eval"),
        ("entity: {option: entity}", "entity: {option: encoding}", "not a setting"),
        ('number_style: "1.234,56"', 'number_style: "1.234"', "number style"),
        ("profile: own", "- profile", "YAML|mapping"),
    ],
)
def test_a_faulty_profile_is_refused_in_words(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in OWN
    with pytest.raises(ParameterError, match=words) as caught:
        own(tmp_path, OWN.replace(old, new))
    assert len(str(caught.value).splitlines()) <= 2


def test_a_missing_column_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="wanted 'Betrag'"):
        own(tmp_path, data=DATA.replace("Betrag", "Betrg"))


def test_an_unknown_profile_names_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Did you mean 'ibm-ar'"):
        load_profile("ibm_ar")
    with pytest.raises(ParameterError, match="no such profile file"):
        load_profile("gone.yml", root=tmp_path)


def test_every_built_in_profile_is_valid_and_says_what_it_is() -> None:
    names = builtin_profiles()
    assert set(names) >= {
        "canonical",
        "sap",
        "pay-to-invoice",
        "pay-to-invoice-sap",
        "ibm-ar",
        "highradius",
        "unicorn",
        "cash-app",
        "saf-t",
    }
    for name in names:
        profile = load_profile(name)
        assert profile.profile == name
        assert profile.title
        assert profile.note
        assert {part.source.split(".")[0] for part in profile.tables} <= set(profile.files)


def test_a_profile_may_be_registered_by_an_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import importlib.metadata as metadata

    class Point:
        name = "registered"

        def load(self) -> object:
            import yaml

            return lambda: yaml.safe_load(
                OWN.replace("profile: own", "profile: registered")
                .replace("00417", '"00417"')
                .replace("NO", '"NO"')
            )

    monkeypatch.setattr(metadata, "entry_points", lambda group: [Point()] if group == "arlib.sources" else [])
    assert load_profile("registered").title == "Own export"


def fixed_width(content: bytes, _name: str) -> dict[str, pd.DataFrame]:
    """Eight places of document, four of customer, ten of day, the rest an amount."""
    rows = [
        (line[:8].strip(), line[8:12].strip(), line[12:22], line[22:].strip())
        for line in content.decode().splitlines()
    ]
    return {"": pd.DataFrame(rows, columns=["doc", "customer", "day", "amount"], dtype="str")}


def with_reader(monkeypatch: pytest.MonkeyPatch, reader: object) -> None:
    import importlib.metadata as metadata

    columns = {name: {"column": of} for name, of in (
        ("item_id", "doc"), ("document_no", "doc"), ("customer_id", "customer"), ("effective_date", "day"),
        ("document_date", "day"), ("amount", "amount"),
    )}  # fmt: skip
    columns |= {name: {"constant": value} for name, value in (
        ("entity", "E"), ("item_type", "invoice"), ("currency", "USD"))}  # fmt: skip
    profile = {
        "profile": "fixed", "title": "Fixed width", "functional_currency": "USD",
        "files": {"items": {"names": ["*.fix"], "format": reader, "is_required": True}},
        "tables": [{"into": "items", "from": "items", "columns": columns}],
    }  # fmt: skip

    class Point:
        name = "fixed"

        def load(self) -> object:
            return lambda: profile

    monkeypatch.setattr(metadata, "entry_points", lambda group: [Point()] if group == "arlib.sources" else [])


def test_a_reader_in_python_may_be_registered_with_a_profile(
    load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    """12.34 + 100.00 = 112.34; the file is hashed and totalled, and a bad row named, as any other is."""
    with_reader(monkeypatch, fixed_width)
    good = "INV-0001C1  2026-10-01     12.34\nINV-0002C2  2026-10-02    100.00\n"
    book = load({"list.fix": good}, profile="fixed")
    assert book["items"]["amount"].tolist() == [12_34, 100_00]
    assert book["items"]["customer_id"].tolist() == ["C1", "C2"]
    assert book.inputs["sha256"].tolist() == [hashlib.sha256(good.encode()).hexdigest()]
    assert book.inputs["rows_in"].tolist() == [2]
    with pytest.raises(TableError) as fault:
        load({"list.fix": good.replace("100.00", "1OO.00")}, profile="fixed")
    assert [(p.file, p.row, p.column, p.found) for p in fault.value.problems] == [
        ("list.fix", 3, "amount", "1OO.00")
    ]


def test_a_reader_that_gives_other_than_text_is_refused(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    def floats(content: bytes, name: str) -> dict[str, pd.DataFrame]:
        return {"": fixed_width(content, name)[""].assign(amount=[0.0])}

    with_reader(monkeypatch, floats)
    with pytest.raises(SourceError, match="not text, in column amount"):
        load({"list.fix": "INV-0001C1  2026-10-01     12.34"}, profile="fixed")


def test_a_yaml_profile_names_no_reader(tmp_path: Path) -> None:
    (tmp_path / "own.yml").write_text(OWN.replace("{names:", "{format: fixed_width, names:"))
    with pytest.raises(ParameterError, match="format"):
        load_profile("own.yml", root=tmp_path)
