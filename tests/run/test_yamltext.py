"""YAML as people mean it: nothing guessed, nothing built, every fault with its line."""

from __future__ import annotations

from contextlib import suppress

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from arlib.errors import InputError, ParameterError, SourceError
from arlib.run.faults import ParameterFaults
from arlib.run.yamltext import Ambiguous, load_yaml, quoted, read_yaml, scalar


def read(text):
    return read_yaml(text, file="close.yml")


@pytest.mark.parametrize(("written", "value"), [
    ("US01", "US01"), ("net 30", "net 30"), ("Ünïcödé", "Ünïcödé"), ("4-4-5", "4-4-5"), ("13x4", "13x4"), ("y", "y"), ("1.2.3", "1.2.3"),
    ("300", 300), ("-5", -5), ("+5", 5), ("0", 0), ("true", True), ("False", False), ("", None), ("~", None), ("null", None),
])  # fmt: skip
def test_what_is_plain(written, value):
    assert scalar(written) == value
    assert type(scalar(written)) is type(value)


@pytest.mark.parametrize(("written", "reads_as"), [
    ("00417", "a number"), ("0300", "a number"), ("1e5", "a number"), ("1E-5", "a number"), ("0.5", "a number"), ("1_000", "a number"),
    ("0x1F", "a number"), ("0o17", "a number"), ("12:30", "a number"), ("12:30:45", "a number"), (".inf", "a number"), ("nan", "a number"),
    ("1,000", "a number"), ("12345678901234567890", "a number"), ("08", "a number"), ("1.", "a number"), ("-007", "a number"),
    ("NO", "true or false"), ("no", "true or false"), ("On", "true or false"), ("yes", "true or false"), ("off", "true or false"),
    ("2026-10", "a date"), ("2026-10-31", "a date"), ("2026-10-31T00:00:00Z", "a date"), ("31.10.2026", "a date"), ("10/31/2026", "a date"),
])  # fmt: skip
def test_what_readers_do_not_agree_on(written, reads_as):
    assert scalar(written) == Ambiguous(written, reads_as)


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=20))
@example("00417")
@example("NO")
@example("=")
@example("<<")
@example("*")
@example("&")
@example("!")
def test_text_that_is_plain_here_is_text_to_the_other_reader_too(text):
    """The oracle is PyYAML, which papermill reads the flat file with: what we call text must be text there."""
    if isinstance(scalar(text), str):
        assert yaml.SafeLoader("").resolve(yaml.ScalarNode, text, (True, False)) == "tag:yaml.org,2002:str"


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=40))
@example('"\\ \n\t\x00\x85\u2028 end ')
@example("a" * 300 + " " + "b" * 300)
def test_a_quoted_text_is_that_text_to_both_readers(text):
    line = f"code: {quoted(text)}"
    assert "\n" not in line
    assert yaml.safe_load(line) == {"code": text}
    assert read(line).data == {"code": text}


def test_places_are_those_of_the_file():
    document = read('a: 1\nb:\n  - {code: "00417", name: x}\n  - plain\n')
    place = document.place(("b", 0, "code"))
    assert (place.line, place.column, place.written, place.is_quoted) == (3, 12, "00417", True)
    assert document.key_place(("b", 0, "name")).column == 21
    assert document.place(("b", 1)).line == 4
    assert document.place(("b", 0, "missing")).line == 3, "the nearest value around it"
    assert document.data == {"a": 1, "b": [{"code": "00417", "name": "x"}, "plain"]}


@pytest.mark.parametrize(("text", "line", "words"), [
    ("a: 1\na: 2\n", 2, "key 'a' is given twice (first on line 1)"),
    ("x: {a: 1,\n a: {b: 1}}\n", 2, "key 'a' is given twice"),
    ("a: &x 1\n", 1, "anchors"),
    ("a: [1]\nb: *x\n", 2, "aliases"),
    ("a: !!python/object/apply:os.system ['echo x']\n", 1, "tags"),
    ("a: !!str 00417\n", 1, "tags"),
    ("a:\n  <<: {b: 1}\n", 2, "merge keys"),
    ("NO: 1\n", 1, 'Quote it: "NO"'),
    ("x: {2026-10: 1}\n", 1, 'Quote it: "2026-10"'),
    ("? [a, b]\n: 1\n", 1, "a key must be one word"),
    ("a: 1\n---\nb: 2\n", 2, "a second YAML document"),
    ("- a\n- b\n", 1, "not a list of keys and values"),
    ("just text\n", 1, "not a list of keys and values"),
    ("", 1, "not a list of keys and values"),
    ("a: [1, 2\nb: 3\n", 2, "not YAML"),
    ("a: 'x\n", 2, "not YAML"),
    ("a:\n\t- 1\n", 2, "not YAML"),
    ("a: 1\nb: \x07\n", 2, "a character that YAML does not allow"),
])  # fmt: skip
def test_what_is_refused_says_where(text, line, words):
    with pytest.raises(ParameterFaults) as caught:
        read(text)
    assert words in str(caught.value)
    assert str(caught.value).startswith(f"close.yml, line {line}: ")
    assert len(str(caught.value).splitlines()) <= 2
    assert caught.value.exit_code == 2


def test_all_faults_come_at_once():
    with pytest.raises(ParameterFaults, match=r"line 1: .*\(and 3 more\)") as caught:
        read("a: &x 1\nb: *x\nc: !t 1\nc: 1\n")
    assert [fault.line for fault in caught.value.problems] == [1, 2, 3, 4]


def test_a_billion_laughs_cost_nothing():
    laughs = "a0: &a0 [lol, lol]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    with pytest.raises(ParameterFaults, match="anchors"):
        read(laughs)


def test_deep_nesting_is_refused():
    with pytest.raises(ParameterError, match="nested more than"):
        read("a: " + "[" * 200 + "]" * 200)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(SourceError, match=r"params/x\.yml: no such parameter file"):
        load_yaml(tmp_path / "x.yml", shown_as="params/x.yml")
    with pytest.raises(SourceError, match="cannot be read"):
        load_yaml(tmp_path)
    (tmp_path / "latin.yml").write_bytes('title: "Münster"\n'.encode("latin-1"))
    with pytest.raises(SourceError, match="not UTF-8 at byte 9"):
        load_yaml(tmp_path / "latin.yml")
    (tmp_path / "big.yml").write_bytes(b"a: 1\n" * 300_000)
    with pytest.raises(SourceError, match="too large"):
        load_yaml(tmp_path / "big.yml")
    (tmp_path / "mark.yml").write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert load_yaml(tmp_path / "mark.yml").data == {"a": 1}


@given(st.text(max_size=60))
def test_no_text_brings_the_reader_down(text):
    with suppress(InputError):
        assert isinstance(read(text).data, dict)
