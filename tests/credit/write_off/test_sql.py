"""A second method over the same book: SQL written from the rules, not from the code."""

from __future__ import annotations

import duckdb
import pytest

from arlib.credit.write_off.month import write_offs
from arlib.policy import Policies
from arlib.tables import CANONICAL, Book

CANDIDATES = """
with app as (
  select * from applications where coalesce(posting_date, effective_date) <= date '2026-10-31'
), open as (
  select i.item_id, i.customer_id, i.currency, i.item_type, i.amount,
         coalesce(i.original_due_date, r.original_due_date, r.due_date, i.due_date) as due,
         coalesce(i.replaces, '') <> '' and i.item_type <> 'recovery' as is_rest,
         i.amount - coalesce((select sum(target_amount + coalesce(discount, 0)) from app where target_item_id = i.item_id), 0)
                  + coalesce((select sum(source_amount) from app where source_item_id = i.item_id), 0) as rest
  from items i left join items r on r.item_id = i.replaces
  where coalesce(i.posting_date, i.effective_date) <= date '2026-10-31'
), told as (
  select customer_id, arg_max(value, valid_from) filter (valid_from <= date '2026-10-31') as status
  from customer_history where attribute = 'status' group by 1
), who as (
  select c.customer_id, case when t.customer_id is null then c.status else t.status end as status
  from customers c left join told t using (customer_id)
)
select o.item_id, cast(o.rest as bigint) as rest from open o left join who c using (customer_id)
where o.rest > 0 and o.item_type not in ('receipt', 'prepayment', 'refund', 'write_off')
  and ((is_rest or o.rest < o.amount) and o.rest <= least(100, o.amount // 100)
       or o.rest <= 500 and date '2026-10-31' - cast(due as date) >= 30
       or date '2026-10-31' - cast(due as date)
          >= case c.status when 'bankrupt' then 0 when 'estate' then 0 when 'closed' then 90 else 180 end)
order by 1
"""

FLOWS = """
select strftime(coalesce(a.posting_date, a.effective_date), '%Y-%m') as month, a.target_currency as currency,
       cast(sum(a.target_amount + coalesce(a.discount, 0)) as bigint) as amount
from applications a join items w on w.item_id = a.source_item_id
where w.item_type = 'write_off' and coalesce(a.posting_date, a.effective_date) <= date '2026-10-31'
group by 1, 2 order by 1, 2
"""

RECOVERED = """
select w.item_id, cast(sum(a.target_amount) as bigint) as amount
from items v join items w on w.item_id = v.replaces join applications a on a.target_item_id = v.item_id
where v.item_type = 'recovery' and coalesce(a.posting_date, a.effective_date) <= date '2026-10-31'
group by 1 order by 1
"""


@pytest.mark.parametrize("entity", ["US01", "UK01"])
def test_candidates_flows_and_recoveries_agree_with_sql(sample, entity):
    book, scope = sample(entity)
    book = Book({**book.tables, "adjustment_requests": CANONICAL["adjustment_requests"].empty()})
    made = write_offs(book, scope=scope, policies=Policies())
    connection = duckdb.connect()
    for name in ("items", "applications", "customers", "customer_history"):
        connection.register(name, book[name])

    ours = sorted([*zip(made.proposals["item_id"], made.proposals["amount"], strict=True),
                   *zip(made.blocked["item_id"], made.blocked["amount"], strict=True)])  # fmt: skip
    rules = [*made.proposals["rule"], *made.blocked["rule"]]
    items = [*made.proposals["item_id"], *made.blocked["item_id"]]
    exhausted = {item for item, rule in zip(items, rules, strict=True) if "exhausted" in rule}
    theirs = connection.sql(CANDIDATES).fetchall()
    assert ours
    assert [pair for pair in ours if pair[0] not in exhausted] == [
        pair for pair in theirs if pair[0] not in exhausted
    ]

    months = made.by_month[made.by_month["written_off"].ne(0)]
    assert connection.sql(FLOWS).fetchall() == list(
        months[["month", "currency", "written_off"]].itertuples(index=False, name=None)
    )
    back = made.recoveries.groupby("item_id")["recovered"].sum()
    assert connection.sql(RECOVERED).fetchall() == [(item, amount) for item, amount in back.items() if amount]
    assert made.register["recovered"].sum() == back.sum()


def test_what_the_sample_plants_is_found(sample):
    """Three just under 500 by one person who approved them too; and the honest controls tie."""
    from decimal import Decimal

    from arlib.controls import Status
    from arlib.policy import WriteOffPolicy
    from arlib.policy.write_off import LimitScope, WriteOffLimit

    book, scope = sample("US01")
    limit = WriteOffLimit(scope=LimitScope.REASON, of="small_balance", amount=Decimal(500), currency="USD")
    made = write_offs(book, scope=scope, policies=Policies(write_off=WriteOffPolicy(limits=(limit,))))
    found = made.flags.set_index("flag")

    assert found.loc["split_below_limit", "amount"] == 49810 + 49675 + 49900
    assert found.loc["split_below_limit", "items"] == 3
    assert found.loc["proposer_is_approver", "people"].startswith("coll.max")
    assert {control.status for control in made.controls} == {Status.TIED}


@pytest.mark.parametrize("entity", ["US01", "JP01"])
def test_nothing_is_lost_whatever_the_entity(sample, entity):
    """Invariants: an item once, never a credit, never more than is open, never beside its block."""
    book, scope = sample(entity)
    made = write_offs(book, scope=scope, policies=Policies())
    both = [*made.proposals["item_id"], *made.blocked["item_id"]]
    open_ = made.debts.set_index("item_id")["outstanding"]

    assert len(both) == len(set(both))
    assert made.debts["outstanding"].gt(0).all()
    assert all(
        0 < amount <= open_[item]
        for item, amount in zip(made.proposals["item_id"], made.proposals["amount"], strict=True)
    )
    assert (made.register["amount"] == made.register["reinstated"] + made.register["left"]).all()
    assert made.register["recovered"].le(made.register["reinstated"]).all()
    again = write_offs(book, scope=scope, policies=Policies())
    assert again.proposals.equals(made.proposals)
