"""Profiles as files: strict keys, text that stays text, a small set of operations, and profiles of the
user's own."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from arlib.errors import ParameterError, SourceError
from arlib.sources import SourceSpec, builtin_profiles, load_book, load_profile

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
