"""Populations by currency are sealed, drawn from a seed, and evaluated only against the seal."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pandas as pd
import pytest

from arlib.audit.ask import Ask
from arlib.audit.evidence.evaluations import evaluated
from arlib.audit.evidence.sample import interval_of, sample_of, sealed_population
from arlib.audit.options.evidence import EvaluationOptions, SampleOptions
from arlib.audit.population import Population
from arlib.errors import ParameterError, SourceError, TableError
from arlib.policy import Policies
from arlib.tables import Book

from .conftest import SCOPE, item, with_invoice

MORE = [item(f"SI-3{at:04d}", 1_000 + 317 * at, "2026-10-15") for at in range(40)]
BOOK = with_invoice(
    {},
    *MORE,
    item("CM-1", -40_00, "2026-10-20", "credit_memo"),
    item("EU-1", 77_00, "2026-10-11", currency="EUR"),
)
PLAN = {"currency": "USD", "tolerable_rate": "0.20", "seed": "lottery 4711"}


def drawn(book=BOOK, **options):
    found = sample_of(
        book, scope=SCOPE, policies=Policies(), asked=Population(), options=SampleOptions(**options)
    )
    for identity in found.identities:
        identity.require()
    return found


def test_without_a_seed_the_population_is_sealed_and_nothing_drawn():
    found = drawn(tolerable_rate="0.20")
    assert [one.currency for one in found.drawn] == ["EUR", "USD"]
    assert all(one.selection is None for one in found.drawn)
    sealed = found.frame("sealed").set_index("currency")
    assert sealed.loc["USD", ["items", "credit_items", "credits"]].tolist() == [43, 1, -40_00]
    assert len(found.selected()) == 0
    assert not len(drawn(seed="draw", size=5).selected())


def test_the_seal_does_not_depend_on_the_order_of_rows_and_changes_with_a_cent():
    mixed = Book({name: frame.iloc[::-1].reset_index(drop=True) for name, frame in BOOK.tables.items()})
    one, other = drawn(**PLAN), drawn(mixed, **PLAN)
    assert one.drawn[0].population.sha256 == other.drawn[0].population.sha256
    pd.testing.assert_frame_equal(one.selected(), other.selected())
    items = BOOK["items"].copy()
    items.loc[0, "amount"] += 1
    changed = drawn(Book({**BOOK.tables, "items": items}), **PLAN)
    assert changed.drawn[0].population.sha256 != one.drawn[0].population.sha256
    assert (
        drawn(**PLAN | {"seed": "other"}).selected()["item_id"].tolist() != one.selected()["item_id"].tolist()
    )


def test_the_draw_takes_high_values_for_certain_and_credits_apart():
    rows = drawn(**PLAN).selected()
    parts = rows.groupby("part")["item_id"].agg(set)
    assert parts["credit"] == {"i-CM-1"}
    assert "i-SI-20002" in parts["high_value"]
    assert rows["item_id"].is_unique
    assert rows["audit_value"].isna().all()
    fixed = rows[rows["how"].eq("interval")]["interval"].unique()
    assert len(fixed) == 1
    assert interval_of(fixed[0], "USD") > 0
    assert rows[rows["part"].eq("high_value")]["interval"].isna().all()
    assert interval_of("7883.3", "USD") == Fraction(788330)


def test_amounts_over_several_currencies_and_empty_populations_are_refused():
    with pytest.raises(ParameterError, match="one currency"):
        drawn(tolerable_amount="100.00", seed="x")
    with pytest.raises(ParameterError, match="empty"):
        drawn(currency="JPY")


def test_one_population_of_carrying_amounts_names_what_has_none():
    items = BOOK["items"].copy()
    items["functional_amount"] = items["amount"].where(items["currency"].eq("USD"))
    found = drawn(Book({**BOOK.tables, "items": items}), currency="functional")
    assert [one.currency for one in found.drawn] == ["USD"]
    assert found.unvalued == ("EU-1",)


def test_what_is_sealed_before_a_seed_is_drawn_is_what_the_sample_seals():
    ask = Ask(kind="sample", options=SampleOptions(currency="USD", seed="draw", size=5))
    found = sealed_population(BOOK, scope=SCOPE, policies=Policies(), ask=ask)
    assert found["sha256"] == drawn(**PLAN).drawn[0].population.sha256
    both = sealed_population(BOOK, scope=SCOPE, policies=Policies(), ask=Ask(kind="sample"))
    assert [one["currency"] for one in both["populations"]] == ["EUR", "USD"]


def test_documents_of_a_period_are_sampled_by_their_gross_amount():
    found = drawn(
        of="documents",
        documents_from="2026-10-12",
        documents_to="2026-10-15",
        method="random",
        size=3,
        seed="s",
    )
    assert set(found.base["document_no"]) == {"SI-20002", *(row["document_no"] for row in MORE)}
    assert len(found.selected()) == 3


def files(**audit):
    """selection.csv and audited.csv of the draw; `audit` gives values that differ, by document."""
    rows = drawn(**PLAN).selected()
    texts = rows.astype({"book_value": "int64"})
    texts["book_value"] = [f"{value / 100:.2f}" for value in rows["book_value"].tolist()]
    selection = texts[
        ["currency", "item_id", "book_value", "part", "how", "hits", "interval", "population_sha256"]
    ]
    values = texts[["item_id", "book_value"]].rename(columns={"book_value": "audit_value"})
    numbers = rows["document_no"].str.replace("-", "_")
    values["audit_value"] = [
        audit.get(no, value) for no, value in zip(numbers, values["audit_value"], strict=True)
    ]
    return selection.to_csv(index=False), values.to_csv(index=False)


def with_seed(selection, seed=PLAN["seed"]):
    """The selection as the pack has it: the seed on each row."""
    header, *lines = selection.splitlines()
    return "\n".join([f"{header},seed", *(f"{line},{seed}" for line in lines)]) + "\n"


def judged(selection, audited, book=BOOK, **options):
    given = EvaluationOptions(
        audited="a", selection="s", currency="USD", **{"tolerable_rate": "0.20", **options}
    )
    return evaluated(
        book, scope=SCOPE, policies=Policies(), asked=Population(), options=given, selection=selection, audited=audited
    )  # fmt: skip


def test_a_clean_sample_is_accepted_and_a_missing_value_is_misstated_in_full():
    clean = judged(*files()).results().iloc[0]
    assert clean[["errors", "not_found", "conclusion"]].tolist() == [0, 0, "accept"]
    lost = judged(*files(SI_20002=""))
    row = lost.results().iloc[0]
    assert row[["errors", "not_found", "known"]].tolist() == [1, 1, 250_00]
    assert row["most_likely"] == 250_00  # examined for certain: no factor
    assert lost.misstatements()[["document_no", "is_found", "misstatement"]].to_numpy().tolist() == [
        ["SI-20002", False, 250_00]
    ]


def test_the_seal_is_required():
    selection, audited = files()
    seal = drawn(**PLAN).drawn[0].population.sha256
    assert judged(selection, audited, population_sha256=seal).judged[0].was_sealed
    with pytest.raises(ParameterError, match="sealed"):
        judged(selection, audited, population_sha256="0" * 64)
    with pytest.raises(ParameterError, match="sealed"):
        judged(selection, audited, book=with_invoice({}, *MORE, item("CM-1", -40_00, "2026-10-20", "credit_memo"),
                                                     item("SI-90000", 1, "2026-10-02")))  # fmt: skip


def test_the_selection_is_drawn_again_with_its_seed():
    selection, audited = files()
    assert not judged(selection, audited).judged[0].seed  # no seed: nothing checked, nothing claimed
    one = judged(with_seed(selection), audited).judged[0]
    assert (one.seed, one.is_file_seed, one.has_file_seal) == (PLAN["seed"], True, True)
    one = judged(selection, audited, seed=PLAN["seed"]).judged[0]
    assert (one.seed, one.is_file_seed) == (PLAN["seed"], False)
    assert drawn(**PLAN).selected()["seed"].eq(PLAN["seed"]).all()


def test_another_selection_than_the_seed_draws_is_refused():
    """A hit more, an item less, an item that was never drawn, another seed: told by item; the honest one passes above."""
    selection, audited = files()
    seed = {"seed": PLAN["seed"]}
    chosen = {line.split(",")[1] for line in selection.splitlines()[1:]}
    main = [line for line in selection.splitlines() if ",positive,interval," in line]
    item_id = main[0].split(",")[1]
    forged = {
        "hits": selection.replace(main[0], main[0].replace(",interval,1,", ",interval,2,")),
        f"{item_id}, which the seed draws": selection.replace(main[0] + "\n", ""),
    }
    row = next(
        row for row in drawn(**PLAN).base.itertuples() if row.item_id not in chosen and row.book_value > 0
    )
    cells = main[0].split(",")
    other = ",".join([cells[0], row.item_id, f"{row.book_value / 100:.2f}", *cells[3:]])
    forged["an item that the seed draws"] = selection.replace(main[0], other)
    for said, text in forged.items():
        ids = {line.split(",")[1] for line in text.splitlines()[1:]}
        mine = "\n".join(["item_id,audit_value", *(f"{name},1.00" for name in sorted(ids))])
        judged(text, mine)  # it passes where no seed is known
        with pytest.raises(TableError, match="seed draws") as fault:
            judged(text, mine, **seed)
        assert said in " ".join(f"{one.column} {one.found} {one.wanted}" for one in fault.value.problems)
    with pytest.raises(TableError, match="seed draws"):
        judged(selection, audited, seed="mine")
    with pytest.raises(ParameterError, match="seed"):
        judged(with_seed(selection), audited, seed="mine")


@pytest.mark.parametrize("interval", ["x", "0", "1/0", "-5", "1e9"])
def test_an_interval_that_is_none_is_a_fault(interval):
    selection, audited = files()
    held = next(line for line in selection.splitlines() if ",positive,interval," in line).split(",")[6]
    with pytest.raises(TableError, match="fit"):
        judged(selection.replace(f",{held},", f",{interval},"), audited)


@pytest.mark.parametrize(
    "options", [{"method": "random", "size": 12}, {"method": "attribute", "size": 42}, {"size": 60}, {"size": 3, "credit_size": 0}]
)  # fmt: skip
def test_other_designs_are_drawn_again_too(options):
    found = drawn(**{"currency": "USD", "seed": "s", **options}).selected()
    texts = found.assign(book_value=[f"{value / 100:.2f}" for value in found["book_value"].tolist()])
    audited = texts[["item_id", "book_value"]].rename(columns={"book_value": "audit_value"})
    one = judged(texts.to_csv(index=False), audited.to_csv(index=False), method=options.get("method", "mus"))
    assert one.judged[0].seed == "s"


def test_parts_add_up_to_the_most_likely_misstatement():
    rows = drawn(**PLAN).selected()
    main = rows[rows["part"].eq("positive")]["document_no"].tolist()
    values = {no.replace("-", "_"): text for no, text in zip(main, ("0.01", "900.00", "3.33"), strict=False)}
    found = judged(*files(**values))
    parts = found.parts()
    assert parts["number"].tolist() == list(range(1, len(parts) + 1))
    assert parts["net_projected"].sum() == found.judged[0].money.most_likely
    assert (parts["over_projected"] - parts["under_projected"]).eq(parts["net_projected"]).all()
    assert parts["under_projected"].sum() > 0
    assert found.misstatements().sort_values("number")["number"].tolist() == list(
        range(1, len(found.misstatements()) + 1)
    )


def test_faults_of_both_files_are_told_at_once():
    selection, audited = files(SI_20002="1e5", CM_1="-1,0")
    with pytest.raises(TableError) as fault:
        judged(selection, audited + "i-SI-39999,1.00\n")
    assert len(fault.value.problems) >= 3
    with pytest.raises(SourceError, match="audit_value"):
        judged(selection, "item_id\n")
    with pytest.raises(TableError, match="fit"):
        judged(selection.replace("250.00", "250.01"), files()[1])


def test_an_attribute_sample_counts_deviations():
    options = replace(SampleOptions(**PLAN), method="attribute", size=20)
    found = sample_of(BOOK, scope=SCOPE, policies=Policies(), asked=Population(), options=options).selected()
    texts = found.assign(book_value=[f"{value / 100:.2f}" for value in found["book_value"].tolist()])
    audited = texts[["item_id", "book_value"]].rename(columns={"book_value": "audit_value"})
    audited.loc[0, "audit_value"] = "0.01"
    one = judged(texts.to_csv(index=False), audited.to_csv(index=False), method="attribute").judged[0]
    assert (int(one.rate.errors), one.rate.size, one.rate.population) == (1, 20, 42)
    assert one.rate.upper > Fraction(1, 20)


@pytest.mark.parametrize(
    "options",
    [{"of": "all"}, {"method": "guess"}, {"confidence": "1"}, {"confidence": "95"}, {"currency": "usd"}, {"size": -1},
     {"tolerable_amount": "1", "tolerable_rate": "0.1"}, {"seed": "x"}, {"seed": "x", "method": "random", "tolerable_amount": "5"},
     {"documents_to": "31.10.2026"}, {"expected_amount": "1,000"}],
)  # fmt: skip
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(ParameterError, match="sample"):
        SampleOptions(**options)
