"""The engine whole on small random ledgers: money is whole, order, names and strangers change nothing, doubt is never auto."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import combinations

import pandas as pd
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from arlib.matching.calibration import Measured
from arlib.matching.engine import RULES_MEANT, match
from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.inputs import MatchInputs
from arlib.policy.matching import AutoCashRule, MatchingPolicy, Rest
from arlib.tables import CANONICAL

POLICY = MatchingPolicy()
TRUSTED = tuple(Measured(rule, 5_000, 5_000, "trusted", True) for rule in RULES_MEANT)
SETTLES = ["applied_amount", "discount", "fee", "fx", "tolerance"]
START = pd.Timestamp("2026-03-02")


@dataclass(frozen=True)
class Ledger:
    """Rows of a small ledger."""

    items: tuple[dict, ...]
    receipts: tuple[dict, ...]
    customers: tuple[dict, ...]

    def inputs(self, **more):
        return MatchInputs(
            items=MATCH_ITEMS.frame(list(self.items)) if self.items else MATCH_ITEMS.empty(),
            receipts=MATCH_RECEIPTS.frame(list(self.receipts)) if self.receipts else MATCH_RECEIPTS.empty(),
            customers=CANONICAL["customers"].frame(list(self.customers)),
            **more,
        )


def placed(inputs, policy=POLICY):
    """A run in which every rule may apply by itself, so that only doubt keeps one from it."""
    return match(inputs, policy=policy, history=(), shipped=TRUSTED)


def day(number):
    return START + pd.Timedelta(days=number)


def item(number, customer, amount, dated, *, terms=30, name=None, **more):
    kind = "credit_memo" if amount < 0 else "invoice"
    dates = {"document_date": day(dated), "due_date": day(dated + terms)}
    return {"entity": "E1", "item_id": name or f"i{number}", "customer_id": customer, "item_type": kind, "currency": "USD",
            "document_no": f"INV{4_000_017 + 7_919 * number}", "open_amount": amount, "amount": amount} | dates | more  # fmt: skip


def receipt(number, amount, came, **more):
    return {"entity": "E1", "receipt_id": f"r{number}", "value_date": day(came), "currency": "USD",
            "amount": amount} | more  # fmt: skip


def customer(code):
    return {
        "entity": "E1",
        "customer_id": code,
        "name": f"{NAMES[code]} Pumps Ltd",
        "payer_account": f"GB00{NAMES[code].upper()}",
    }


NAMES = {"C1": "Alder", "C2": "Birch", "C3": "Cedar", "C4": "Dogwood", "Z": "Zelkova"}
AMOUNTS = st.one_of(st.integers(1_00, 30_00), st.sampled_from([10_00, 20_00, 1_234_56, 99_999_99]))


@st.composite
def ledgers(draw):
    codes = list(NAMES)[: draw(st.integers(2, 4))]
    items = []
    for number in range(draw(st.integers(3, 12))):
        amount = draw(AMOUNTS) * (-1 if draw(st.integers(0, 6)) == 0 else 1)
        of = draw(st.sampled_from(codes))
        more = draw(
            st.sampled_from(
                [{}, {}, {"discount_rate": "0.02", "discount_date": day(40)}, {"is_disputed": True}]
            )
        )
        items.append(
            item(number, of, amount, draw(st.integers(0, 40)), terms=draw(st.sampled_from([0, 30])), **more)
        )
    receipts = []
    for number in range(draw(st.integers(2, 8))):
        receipts.append(draw(payments(number, items, codes, receipts)))
    return Ledger(tuple(items), tuple(receipts), tuple(customer(code) for code in codes))


@st.composite
def payments(draw, number, items, codes, before):
    came = draw(st.integers(20, 90))
    if before and draw(st.integers(0, 7)) == 0:
        of = draw(st.sampled_from(before))
        told = draw(
            st.sampled_from([{"return_of": of["receipt_id"]}, {"remittance_text": "NSF returned item"}])
        )
        kept = {name: of[name] for name in ("customer_id", "payer_name", "payer_account") if name in of}
        return receipt(number, -of["amount"], 92, **kept, **told)
    code = draw(st.sampled_from(codes))
    own = [one for one in items if one["customer_id"] == code] or items
    pays = draw(st.lists(st.sampled_from(own), min_size=1, max_size=3, unique_by=lambda one: one["item_id"]))
    total = sum(one["amount"] for one in pays)
    change = draw(st.sampled_from([0, 0, 0, 0, -1, 1, -30, -25_00, 7_77, -total // 50, -total // 2]))
    text = " ".join(one["document_no"] for one in pays) if draw(st.booleans()) else ""
    who = draw(st.sampled_from(["booked", "account", "name", "nobody"]))
    by = {
        "booked": {"customer_id": code},
        "account": {"payer_account": f"GB00{NAMES[code].upper()}"},
        "name": {"payer_name": f"{NAMES[code]} Pumps"},
        "nobody": {},
    }[who]
    return receipt(number, total + change, came, **by, **({"remittance_text": text} if text else {}))


def content(result):
    """What was decided about which facts, without identifiers and order."""
    items = {(row["entity"], row["item_id"]): (row["document_no"], row["open_amount"], row["due_date"])
             for row in result.pool_items.to_dict("records")}  # fmt: skip
    cash = {(row["entity"], row["receipt_id"]): (row["amount"], row["value_date"], str(row["remittance_text"]), str(row["payer_name"]))
            for row in result.pool_receipts.to_dict("records")}  # fmt: skip
    pairs = Counter(
        (cash[row["entity"], row["receipt_id"]], items[row["entity"], row["item_id"]],
         *(row[name] for name in (*SETTLES, "deduction", "open_after", "receipt_amount", "decision", "rule", "explanations")))
        for row in result.matches.fillna(0).to_dict("records")
    )  # fmt: skip
    left = Counter(
        (cash[row["entity"], row["receipt_id"]], row["unapplied_amount"], row["status"], row["reason"])
        for row in result.unmatched.to_dict("records")
    )
    return pairs, left


SMALL = settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
POLICIES = st.sampled_from([
    POLICY,
    MatchingPolicy(rest=Rest.RESIDUAL),
    MatchingPolicy(rules_of={"C1": (AutoCashRule.MATCH_ONE, AutoCashRule.OLDEST_FIRST)}),
])  # fmt: skip


@SMALL
@given(ledgers(), POLICIES)
def test_applied_and_unapplied_are_the_receipts_and_no_item_falls_too_far(ledger, policy):
    result = placed(ledger.inputs(), policy)
    used = result.matches.groupby("receipt_id")["receipt_amount"].sum().to_dict()
    left = result.unmatched.set_index("receipt_id")["unapplied_amount"].to_dict()
    for one in ledger.receipts:
        amount, mine = one["amount"], used.get(one["receipt_id"], 0)
        assert mine + left.get(one["receipt_id"], 0) == amount
        assert min(0, amount) <= mine <= max(0, amount)
    falls = result.matches[SETTLES].sum(axis=1).groupby(result.matches["item_id"]).sum().to_dict()
    after = dict(zip(result.matches["item_id"], result.matches["open_after"], strict=True))
    for one in ledger.items:
        opened, fallen = one["open_amount"], falls.get(one["item_id"], 0)
        assert min(0, opened) <= opened - fallen <= max(0, opened)
        assert after.get(one["item_id"], opened - fallen) == opened - fallen
    assert all(identity.holds for identity in result.identities)
    residual = result.residuals.set_index("item_id")["amount"].to_dict()
    if policy.rest is Rest.RESIDUAL:
        assert residual == {name: rest for name, rest in after.items() if rest}
    else:
        assert residual == {}


@SMALL
@given(ledgers(), st.randoms(use_true_random=False))
def test_shuffled_rows_give_the_identical_tables(ledger, random):
    mixed = {}
    for name in ("items", "receipts", "customers"):
        mixed[name] = tuple(random.sample(getattr(ledger, name), len(getattr(ledger, name))))
    first, second = placed(ledger.inputs()), placed(Ledger(**mixed).inputs())
    for name in ("matches", "alternatives", "unmatched", "rules", "residuals", "contras", "skipped"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(second, name))


def renamed(ledger, random):
    """The same ledger with other ids, customer codes and bank accounts."""

    def new(front, names):
        numbers = random.sample(range(10_000), len(names))
        return {name: f"{front}{number}" for name, number in zip(names, numbers, strict=True)}

    ids = new("x", [row["item_id"] for row in ledger.items])
    cash = new("y", [row["receipt_id"] for row in ledger.receipts])
    codes = new("K", list(NAMES))
    accounts = {
        f"GB00{name.upper()}": f"DE{random.randrange(10**9)}A{n}" for n, name in enumerate(NAMES.values())
    }
    maps = {
        "item_id": ids,
        "receipt_id": cash,
        "return_of": cash,
        "customer_id": codes,
        "payer_account": accounts,
    }
    return Ledger(*(
        tuple({name: maps[name][value] if name in maps else value for name, value in row.items()} for row in rows)
        for rows in (ledger.items, ledger.receipts, ledger.customers)
    ))  # fmt: skip


@SMALL
@given(ledgers(), st.randoms(use_true_random=False))
def test_other_ids_customers_and_accounts_give_the_same_decisions(ledger, random):
    assert content(placed(ledger.inputs())) == content(placed(renamed(ledger, random).inputs()))


def could_be(receipt_row, debts):
    """Whether money of nobody, for nothing named, might be a stranger's: then the stranger is not irrelevant to it."""
    if any(
        receipt_row.get(name) for name in ("customer_id", "payer_account", "payer_name", "remittance_text")
    ):
        return False
    sums = [sum(some) for n in range(1, len(debts) + 1) for some in combinations(debts, n)]
    return any(abs(receipt_row["amount"] - each) <= max(30_00, each // 20) for each in sums)


@SMALL
@given(
    ledgers(), st.lists(st.tuples(AMOUNTS, st.integers(0, 60)), min_size=1, max_size=4), st.integers(0, 200)
)
def test_an_irrelevant_customer_changes_nothing_for_the_others(ledger, debts, came):
    assume(not any(could_be(one, [amount for amount, _ in debts]) for one in ledger.receipts))
    theirs = tuple(item(50 + n, "Z", amount, dated) for n, (amount, dated) in enumerate(debts))
    cash = (
        receipt(90, debts[0][0], came, customer_id="Z", remittance_text=theirs[0]["document_no"]),
        receipt(91, debts[-1][0], came + 1, customer_id="Z"),
    )
    wider = Ledger(ledger.items + theirs, ledger.receipts + cash, (*ledger.customers, customer("Z")))
    alone, among = placed(ledger.inputs()), placed(wider.inputs())
    for name in ("matches", "unmatched", "residuals", "skipped"):
        found = getattr(among, name)
        own = found[~found["receipt_id"].isin(["r90", "r91"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, getattr(alone, name))


@SMALL
@given(ledgers(), AMOUNTS, st.integers(0, 40), st.sampled_from(["", "thank you"]), st.integers(1, 2))
def test_of_two_items_alike_in_all_but_the_id_none_is_auto_for_who_names_neither(
    ledger, amount, dated, said, times
):
    twins = tuple(item(70, "C1", amount, dated, name=name) for name in ("twin1", "twin2"))
    cash = tuple(
        receipt(80 + n, amount, 60 + n, customer_id="C1", remittance_text=said) for n in range(times)
    )
    matches = placed(Ledger(ledger.items + twins, ledger.receipts + cash, ledger.customers).inputs()).matches
    auto = matches[matches["decision"].eq("auto") & matches["item_id"].isin(["twin1", "twin2"])]
    # a receipt that pays both is no coin tossed
    assert auto.groupby("receipt_id").size().ne(1).all()


def test_an_amount_is_not_unique_where_its_twin_is_taken_in_doubt():
    items = (
        item(0, "C1", 20_00, 1, discount_rate="0.02", discount_date=day(40)),
        item(1, "C1", 99_999_99, 20, terms=0),
        *(item(70, "C1", 1_00, 3, name=name) for name in ("twin1", "twin2")),
    )
    named = f"{items[0]['document_no']} {items[1]['document_no']}"
    cash = (
        receipt(0, 100_020_00, 20, customer_id="C1", remittance_text=named),
        receipt(1, 1_00, 60, customer_id="C1"),
    )
    matches = placed(Ledger(items, cash, (customer("C1"),)).inputs()).matches
    assert (
        matches["item_id"].isin(["twin1", "twin2"]).sum() == 2
    )  # the first completes what it names with one of them
    assert matches["decision"].eq("suggest").all()


def test_two_sets_of_one_total_are_not_auto():
    """The ambiguous case of dpss: [1, -2, 3, 4, 5] with 2 is 1-2+3 and -2+4, both of them shown."""
    items = [item(n, "C1", amount * 100, 0) for n, amount in enumerate((1, -2, 3, 4, 5))]
    result = placed(
        Ledger(tuple(items), (receipt(0, 2_00, 35, customer_id="C1"),), (customer("C1"),)).inputs()
    )
    assert not result.matches["decision"].eq("auto").any()
    alone = placed(
        Ledger(tuple(items), (receipt(0, 13_00, 35, customer_id="C1"),), (customer("C1"),)).inputs()
    )
    assert alone.matches["decision"].eq("auto").sum() == 4  # 1 + 3 + 4 + 5, which no other set comes to


@SMALL
@given(ledgers(), st.booleans())
def test_what_a_person_turned_down_does_not_come_back(ledger, is_set):
    inputs = ledger.inputs()
    first = placed(inputs).matches
    rejected = first[["entity", "receipt_id", "item_id"]].copy()
    if is_set:
        rejected["proposal"] = pd.factorize(first["receipt_id"])[0]
    again = placed(replace(inputs, rejected=rejected)).matches
    ways = [defaultdict(set), defaultdict(set)]
    for way, frame in zip(ways, (first, again), strict=True):
        for receipt_id, item_id in zip(frame["receipt_id"], frame["item_id"], strict=True):
            way[receipt_id].add(item_id)
    for receipt_id, items in ways[1].items():
        if is_set:
            assert items != ways[0].get(receipt_id)
        else:
            assert items.isdisjoint(ways[0].get(receipt_id, ()))
        if receipt_id in ways[0]:
            assert again.loc[again["receipt_id"].eq(receipt_id), "decision"].eq("suggest").all()
