"""The sample's ledgers agree but for what truth names: an independent SQL computation."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from arlib.sources.sample import Sample, generate

# what was posted to a control account, less what applications took away, plus open revaluations
SUBLEDGER = """
    with posted as ( select entity, control_account as account, functional_amount as amount from items where
    posting_date <= $day union all select a.entity, i.control_account, -(a.target_functional_amount +
    a.discount_functional_amount) from applications a join items i on i.entity = a.entity and i.item_id =
    a.target_item_id where a.posting_date <= $day union all select a.entity, i.control_account,
    a.source_functional_amount from applications a join items i on i.entity = a.entity and i.item_id =
    a.source_item_id where a.posting_date <= $day union all select entity, account, amount from revaluations
    where date <= $day and reverses_on > $day union all select entity, account, -amount from allowance_entries
    where posting_date <= $day ) select entity, account, sum(amount)::bigint as amount from
    posted group by all
"""
LEDGER = """
select entity, account, sum(functional_amount)::bigint as amount from gl_lines
where posting_date <= $day and status = 'posted' group by all
"""
TRUTH = """
select entity, account, sum(amount)::bigint as amount from truth where is_planted and control =
'control_account' group by all
"""
SIZES = {"default": (1, 4000), "small": (2, 60), "other": (77, 1500)}


@pytest.fixture(scope="module", params=SIZES.values(), ids=SIZES)
def sample(request: pytest.FixtureRequest) -> Sample:
    seed, items = request.param
    return generate(seed=seed, items=items)


def database(sample: Sample) -> duckdb.DuckDBPyConnection:
    base = duckdb.connect()
    for name, frame in {**sample.tables, "truth": sample.truth}.items():
        base.register(f"{name}_frame", frame)
        base.execute(f"create table {name} as select * from {name}_frame")
    return base


def by_account(
    base: duckdb.DuckDBPyConnection, query: str, day: str | None = None
) -> dict[tuple[str, str], int]:
    rows = base.execute(query, {"day": day} if day else None).fetchall()
    return {(entity, account): amount for entity, account, amount in rows if amount}


def test_ledger_less_truth_is_the_sub_ledger(sample: Sample) -> None:
    base = database(sample)
    ledger = by_account(base, LEDGER, "2026-10-31")
    for key, amount in by_account(base, TRUTH).items():
        ledger[key] = ledger.get(key, 0) - amount
    assert {k: v for k, v in ledger.items() if v} == by_account(base, SUBLEDGER, "2026-10-31")


def test_every_planted_document_shows_by_itself(sample: Sample) -> None:
    """Not only the sums agree: the two ledgers differ on no document that truth does not name."""
    base = database(sample)
    rows = base.execute("""
            with sub as ( select entity, document_no, control_account as account, functional_amount as amount
            from items where posting_date <= '2026-10-31' union all select a.entity, a.application_id,
            t.control_account, -(a.target_functional_amount + a.discount_functional_amount) from applications
            a join items t on t.entity = a.entity and t.item_id = a.target_item_id where a.posting_date <=
            '2026-10-31' union all select a.entity, a.application_id, s.control_account,
            a.source_functional_amount from applications a join items s on s.entity = a.entity and s.item_id =
            a.source_item_id where a.posting_date <= '2026-10-31' union all select entity, document_no,
            account, amount from revaluations where date <= '2026-10-31' and reverses_on > '2026-10-31' union
            all select entity, journal_id, account, -amount from allowance_entries where posting_date <=
            '2026-10-31' ),
            both_sides as ( select entity, account, document_no, -amount as amount from sub union all select
            entity, account, document_no, functional_amount from gl_lines where posting_date <= '2026-10-31'
            and status = 'posted' ) select entity, account, document_no, sum(amount)::bigint from both_sides
            group by all having sum(amount) <> 0
    """).fetchall()
    planted = sample.truth[sample.truth["is_planted"] & sample.truth["control"].eq("control_account")]
    expected = planted.groupby(["entity", "account", "document_no"])["amount"].sum()
    assert {row[:3]: row[3] for row in rows} == {k: int(v) for k, v in expected.items() if v}


def test_other_month_ends_tie_but_for_what_reaches_back(sample: Sample) -> None:
    """Before August nothing was planted, so ledger and sub-ledger agree at every month end up to July."""
    base = database(sample)
    for day in pd.date_range("2025-10-31", "2026-07-31", freq="ME").strftime("%Y-%m-%d"):
        assert by_account(base, LEDGER, day) == by_account(base, SUBLEDGER, day), day


def test_balances_are_the_posted_lines(sample: Sample) -> None:
    base = database(sample)
    for day in ("2025-10-31", "2026-03-31", "2026-10-31"):
        stated = by_account(base, f"select entity, account, balance from gl_balances where as_of = '{day}'")
        assert stated == by_account(base, LEDGER, day)


def test_every_entity_has_every_cause(sample: Sample) -> None:
    planted = sample.truth[sample.truth["is_planted"]]
    causes = planted[planted["control"].eq("control_account")].groupby("entity")["cause"].nunique()
    assert causes.to_dict() == {"JP01": 13, "UK01": 13, "US01": 13}


def test_a_moved_cent_is_seen(sample: Sample) -> None:
    """The check can fail: one unit more on one ledger line breaks it."""
    lines = sample.tables["gl_lines"].copy()
    lines.loc[lines.index[5], "functional_amount"] += 1
    changed = Sample(
        tables={**sample.tables, "gl_lines": lines}, truth=sample.truth, prior=sample.prior, seed=0, period=""
    )
    with pytest.raises(AssertionError):
        test_ledger_less_truth_is_the_sub_ledger(changed)
