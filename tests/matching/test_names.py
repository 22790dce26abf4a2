"""Names that mean the same are read the same, and hostile ones cost nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.matching.names import NAME_LIMIT, account_key, initials, names_in
from arlib.matching.near_names import NearNames


def full(text: str) -> str:
    return names_in(text).whole[0].full


def core(text: str) -> str:
    return names_in(text).whole[0].core


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hassan & Co. Ltd.", "HASSAN AND CO LIMITED"),
        ("Rossi & Figli S.p.A.", "ROSSI & FIGLI SPA"),
        ("Müller Söhne G.m.b.H.", "muller sohne gmbh"),
        ("O'Brien & Sons", "O’BRIEN SONS"),
        ("株式会社山田製作所", "山田製作所 ㈱"),
        ("ｶ)ﾔﾏﾀﾞ", "ヤマダ株式会社"),
        ("Al-Salam \u200fTrading\u200f WLL", "AL SALAM TRADING W.L.L."),
        ("Straße AG", "STRASSE Aktiengesellschaft"),
        ("Grupo Bimbo, S.A. de C.V.", "GRUPO BIMBO SA DE CV"),
        ("Łódź Øst Sp. z o.o.", "LODZ OST SP ZOO"),
        ("Ａｃｍｅ　Inc", "ACME INCORPORATED"),
    ],
)
def test_the_same_name_reads_the_same(one, other):
    assert full(one) == full(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Beacon Seeds GK", "Beacon Seeds KK"),  # two companies
        ("Hassan Sons Ltd", "Hassan Co Ltd"),
        ("ガス", "カス"),  # voicing marks are letters, not accents
        ("हिन्दी", "हनद"),  # vowel signs too
        ("Store 12", "Store 13"),
    ],
)
def test_different_names_stay_different(one, other):
    assert full(one) != full(other)


def test_legal_forms_fall_off_the_core_but_never_all_of_a_name():
    assert core("Zhao & Sons Pvt. Ltd.") == "ZHAOSONS"
    assert core("PT Maju Jaya Tbk") == "MAJUJAYA"
    assert core("Co. Ltd.") == "CO"
    assert names_in("Moss Trading AS").whole[0].words == ("MOSS", "TRADING")
    assert names_in("Lee Ann Ltd").whole[0].ordered == names_in("LTD ANN LEE").whole[0].ordered


def test_umlauts_are_read_plain_and_written_out():
    written = {name.core for name in names_in("Müller Söhne GmbH").whole}
    assert written == {"MULLERSOHNE", "MUELLERSOEHNE"}
    assert core("MUELLER SOEHNE GMBH") in written


@pytest.mark.parametrize("marker", ["dba", "D/B/A", "t/a", "trading as", "c/o", "formerly", "on behalf of"])
def test_doing_business_as_gives_both_names(marker):
    parts = [name.core for name in names_in(f"Acme Inc {marker} Foo Stores LLC").parts]
    assert parts == ["ACME", "FOOSTORES"]


def test_a_marker_at_an_edge_is_a_word():
    assert names_in("TA Associates").parts == ()
    assert names_in("Foo DBA").parts == ()


@pytest.mark.parametrize("text", ["", " ", "&", "--", "\u200f", "…", "\ud800"[:0]])
def test_no_letters_no_name(text):
    assert names_in(text).whole == ()


@given(st.text(max_size=60))
def test_case_width_and_blanks_never_count(text):
    readings = names_in(text).whole
    assert names_in(f"  {text} ").whole == readings
    for name in readings:
        assert " " not in name.full
        assert name.core == "".join(name.words)
        assert len(name.full) == sum(map(len, name.words)) or name.full.startswith(name.core)


@pytest.mark.parametrize(
    "hostile", ["\ufdfa" * 5000, "a " * 100_000, "C/O" * 50_000, "\u0300" * 9999, "DBA " * 9999]
)
def test_long_names_are_cut(hostile):
    assert all(len(name.full) <= 4 * NAME_LIMIT for name in names_in(hostile).whole)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("GB29 NWBK 6016 1331 9268 19", "GB29NWBK60161331926819"),
        ("gb29-nwbk-6016-1331-9268-19", "GB29NWBK60161331926819"),
        ("１２３４５", "12345"),
        ("****1234", ""),
        ("NOTPROVIDED", ""),
        ("0000000000", ""),
        ("123", ""),
        ("", ""),
    ],
)
def test_accounts(text, key):
    assert account_key(text) == key


def near(payer: str, *customers: str) -> dict[str, list[str]]:
    book = NearNames(tuple((name, ("E", text)) for text in customers for name in names_in(text).whole))
    return {one.how: [code for _, code in one.holders] for one in book.near(names_in(payer).whole)}


def test_slips_of_the_pen():
    assert near("MERIDIAN SUPLY", "Meridian Supply Corp")["similar name"] == ["Meridian Supply Corp"]
    assert near("MEIRDIAN SUPLY", "Meridian Supply Corp")["similar name"] == ["Meridian Supply Corp"]
    assert near("SUPLY MERIDIAN", "Meridian Supply Corp")["similar name"] == ["Meridian Supply Corp"]
    assert near("MERIDEAN", "Meridian", "Meridean Foods") == {
        "similar name": ["Meridian"],
        "name cut off": ["Meridean Foods"],
    }
    both = near("MARBLE STONES", "Marble Stores KK", "Marble Stoves GK")
    assert both["similar name"] == ["Marble Stores KK", "Marble Stoves GK"]


@pytest.mark.parametrize(
    ("payer", "customer"),
    [
        ("BX TRADING", "AX Trading"),  # a short word has no slip
        ("STORE 1013 LTD", "Store 1012 Ltd"),  # nor has a number
        ("MRDIAN SUPPLY", "Meridian Supply"),  # two slips in one word
        ("CEM PLANNERS", "Nexus Advisors"),
        ("HASAN", "Hassan"),  # too short
    ],
)
def test_no_slip(payer, customer):
    assert near(payer, customer) == {}


def test_cut_off_contained_and_initials():
    assert near("BLUE HORIZON TRAV", "Blue Horizon Travel Ltd") == {
        "name cut off": ["Blue Horizon Travel Ltd"]
    }
    assert near("BLUE H", "Blue Horizon Travel Ltd") == {}
    assert near("NSF RETURN - PINECREST SUPPLY", "Pinecrest Supply Corp") == {
        "name within a longer one": ["Pinecrest Supply Corp"]
    }
    assert near("CEM PLANNERS", "Crimson Event Management") == {"initials": ["Crimson Event Management"]}
    assert near("Z&S Enterprises", "Zhao & Sons Ltd.") == {"initials": ["Zhao & Sons Ltd."]}
    assert initials(names_in("Hassan Ltd").whole[0]) == ""


def test_a_resemblance_to_many_says_nothing():
    assert near("GLOBAL IMPORTS", *(f"Global Imports {k}" for k in range(20)))["name cut off"]
    assert near("GLOBAL IMPORTS", *(f"Global Imports {k}" for k in range(21))) == {}


@given(
    st.lists(
        st.sampled_from(["NORTH", "MARBLE", "STORES", "STOVES", "MARKLE", "AX", "12"]), min_size=1, max_size=4
    )
)
def test_one_slip_is_found_whatever_it_is(words):
    """Delete, double or swap a letter of a long word: the name is found, unless the slip made another word of it."""
    customer = " ".join(words)
    place = next((k for k, word in enumerate(words) if len(word) >= 5), None)
    if place is None:
        return
    word = words[place]
    for slip in (word[:2] + word[3:], word[:2] + word[1:], word[0] + word[2] + word[1] + word[3:]):
        payer = " ".join([*words[:place], slip, *words[place + 1 :]])
        if len(payer.replace(" ", "")) >= 6 and slip != word:
            assert near(payer, customer).get("similar name") == [customer]
