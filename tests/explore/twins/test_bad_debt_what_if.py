"""The bad-debt what-if: the measured allowance of the policy that it writes down, to the minor unit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.credit.allowance.measure import measure
from arlib.errors import ParameterError
from arlib.explore.twins.allowance import AllowanceWhatIf, rates_of, share_of
from arlib.explore.twins.views import what_if_view
from arlib.money import divide, total
from arlib.policy.allowance import RoundAt
from arlib.run.notebook_params import check_notebook
from arlib.run.params import load_policies
from arlib.run.yamltext import read_yaml
from tests.explore.twins.test_aging_explorer import find

END = date(2026, 10, 31)


@pytest.fixture
def start(books):
    return AllowanceWhatIf(source=books, entity="US01", as_of=END)


def test_without_values_it_is_the_policy(start, plan):
    assert start.total == start.measured.total == measure(
        start.source.book("US01"), scope=plan.scope("US01", as_of=END), policies=plan.policies
    ).total  # fmt: skip
    assert not start.effect[["by_rate", "by_overlay", "by_discount"]].to_numpy().any()


@pytest.mark.parametrize("segment_by", ["", "region"])
@pytest.mark.parametrize("rounds_at", list(RoundAt))
@pytest.mark.parametrize(
    ("overlay", "rates"),
    [
        (None, {"1-30": Decimal("0.02")}),
        (Decimal("1.5"), {}),
        (Decimal(1), {}),
        (Decimal("0"), {"121+": Decimal(1)}),
        (Decimal("2.35"), {"current": Decimal("0.000001"), "31-60": Decimal("0.5")}),
    ],
)
def test_the_effect_is_what_the_policy_written_down_measures(
    with_policies, plan, overlay, rates, segment_by, rounds_at, tmp_path
):
    own = replace(plan.policies.allowance, segment_by=segment_by, rounds_at=rounds_at)
    start = AllowanceWhatIf(source=with_policies(allowance=own), entity="US01", as_of=END)
    seen = start.tried(overlay=overlay, rates=rates)
    path = tmp_path / "policy.yml"
    path.write_text(seen.saved_policy(), encoding="utf-8")
    policies = replace(plan.policies, allowance=load_policies(path).allowance)
    again = measure(start.source.book("US01"), scope=seen.scope, policies=policies)

    assert policies.allowance == seen.policy
    assert seen.total == again.total
    assert seen.effect["tried_allowance"].tolist() == again.lines["allowance"].tolist()
    assert again.total != start.total


@settings(max_examples=60)
@given(
    overlay=st.none() | st.decimals(0, 5, places=3),
    rates=st.dictionaries(st.sampled_from(["current", "1-30", "31-60", "61-90", "91-120", "121+"]), st.decimals(0, 1, places=5)),
)  # fmt: skip
def test_policy_and_changes_add_up(overlay, rates, shared_start):
    seen = shared_start.tried(overlay=overlay, rates=rates)
    rows = seen.effect

    assert all(identity.holds for identity in seen.identities)
    parts = ("policy_allowance", "by_rate", "by_overlay", "by_discount")
    assert sum(total(rows[name]) for name in parts) == total(rows["tried_allowance"])
    for row in rows.to_dict("records"):
        factor = 1 if overlay is None else Fraction(overlay)
        if overlay is not None and row["bucket"] in rates:
            exact = min(Fraction(rates[row["bucket"]]) * factor, Fraction(1)) * row["at_risk"]
            assert row["tried_allowance"] == divide(exact.numerator, exact.denominator)


@pytest.fixture(scope="module")
def shared_start(plan, made):
    from tests.explore.twins.conftest import Books

    start = AllowanceWhatIf(source=Books(plan, made, []), entity="US01", as_of=END)
    _ = start.measured
    return start


def test_trying_measures_nothing_again(start, books):
    for hundredths in range(90, 130):
        _ = start.tried(overlay=Decimal(hundredths) / 100).total
    assert books.read == ["US01"]


def test_saved_parameters_open_the_same_values(start):
    seen = start.tried(overlay=Decimal("1.25"), rates={"31-60": Decimal("0.05"), "1-30": Decimal("0.02")})
    given_ = check_notebook("bad_debt_what_if", read_yaml(seen.saved(), file="saved").data)

    assert share_of(given_.overlay) == Decimal("1.25")
    assert rates_of(given_.rates) == dict(seen.rates)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rates": {"1-30": Decimal("1.5")}},
        {"rates": {"1-29": Decimal(0)}},
        {"overlay": Decimal("-1")},
        {"entity": "US02"},
    ],
)
def test_values_that_no_policy_may_have_are_refused(start, wrong):
    with pytest.raises(ParameterError):
        start.tried(**wrong)


@pytest.mark.parametrize("text", ["1e3", "-1", "0,02", "abc", "1.2.3", "NaN", "=1", "9999", "%", "١"])
def test_rates_that_are_none_are_refused(text):
    with pytest.raises(ParameterError):
        share_of(text)


def test_rates_are_read_as_people_write_them():
    assert (share_of("2 %"), share_of("0.02"), share_of(" ")) == (Decimal("0.02"), Decimal("0.02"), None)
    with pytest.raises(ParameterError):
        rates_of("1-30 0.02, 1-30 0.03")


def test_the_view_shows_the_effect_and_every_fault(start):
    box = what_if_view(start)
    find(box, "arlib-what-if-overlay").value = "1.50"
    wanted = start.tried(overlay=Decimal("1.50"))
    said = find(box, "arlib-what-if-effect-said").value.replace("&#x27;", "'")
    assert wanted.sentence in said
    assert 'value": "1.50"' in find(box, "arlib-saved-policy").value

    first = find(box, "arlib-what-if-rate")
    first.value = "two"
    assert "role='alert'" in find(box, "arlib-message").value
    assert find(box, "arlib-what-if-effect-said").value.replace("&#x27;", "'") == said
    first.value = "2 %"
    assert find(box, "arlib-message").value == ""
    find(box, "arlib-what-if-clear").click()
    assert start.sentence in find(box, "arlib-what-if-effect-said").value.replace("&#x27;", "'")
    assert first.value == ""
