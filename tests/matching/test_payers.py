"""Who paid: what counts, what two customers share, and what changes nothing."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.memory import Memory
from arlib.matching.names import names_in
from arlib.matching.payers import FAMILY_SHARE, HOWS_MEANT, KNOWN_FROM, Payers, resolve_payers
from arlib.matching.pool import Pool, pool_of
from arlib.tables import CANONICAL

FILE = [
    ("E", "A", "Moss Trading Ltd", "DE11 1111", "Green Group|Mossy"),
    ("E", "B", "Fern Foods GmbH", "DE22 2222", "Green Group"),
    ("E", "C", "Zhao & Sons Ltd.", "", ""),
]


def customers(rows=FILE, parent: dict[str, str] | None = None) -> pd.DataFrame:
    names = ("entity", "customer_id", "name", "payer_account", "payer_aliases")
    made = [dict(zip(names, row, strict=True)) for row in rows]
    return CANONICAL["customers"].frame(
        [{**row, "parent_id": (parent or {}).get(row["customer_id"], "")} for row in made]
    )


def pool(*receipts: tuple[str, str], codes: str = "ABC", entity: str = "E", booked: str = "") -> Pool:
    """Receipts (name, account) with amounts 1, 2, 3 ... and one item of amount 10, 20 ... for each code."""
    return pool_of(
        MATCH_ITEMS.frame(
            [
                {"entity": entity, "item_id": f"I{code}", "customer_id": code, "item_type": "invoice", "currency": "EUR",
                 "open_amount": 10 * place, "amount": 10 * place}
                for place, code in enumerate(codes, 1)
            ]
        ),
        MATCH_RECEIPTS.frame(
            [
                {"entity": entity, "receipt_id": f"R{place}", "value_date": "2026-01-05", "currency": "EUR",
                 "amount": place, "payer_name": name, "payer_account": account, "customer_id": booked}
                for place, (name, account) in enumerate(receipts, 1)
            ]
        ),
    )  # fmt: skip


def told(payers: Payers, receipt: int = 0) -> list[tuple[str, str, float]]:
    return [(payers.accounts[c.account][1], c.how, round(c.strength, 3)) for c in payers.candidates[receipt]]


def resolve(given: Pool, file=None, memory: Memory | None = None, links=()) -> Payers:
    return resolve_payers(
        given, customers=customers() if file is None else file, memory=memory or Memory(), links=links
    )


def test_each_source_by_hand():
    made = resolve(
        pool(
            ("", "de11-1111"),  # (16 + ½) / (16 + ½ + ½)
            ("MOSS TRADING LIMITED", ""),  # (9 + ½) / (9 + ½ + 1)
            ("MOSS TRADING LIMITED", "DE111111"),  # 1 - (1 - 33/34)(1 - 19/21)
            ("MOSSY", ""),  # (5 + ½) / (5 + ½ + 1)
            ("GREEN GROUP", ""),  # two of them: (5 + ½) / (10 + 1 + 1)
            ("TRADING MOSS", ""),  # (2 + ½) / (2 + ½ + 1)
            ("NOBODY AT ALL", ""),
            ("", ""),
        )
    )
    assert [told(made, row) for row in range(8)] == [
        [("A", "account on file", 0.971)],
        [("A", "name", 0.905)],
        [("A", "account on file", 0.997)],
        [("A", "alias", 0.846)],
        [("A", "alias", 0.458), ("B", "alias", 0.458)],
        [("A", "name", 0.714)],
        [],
        [],
    ]
    assert [made.known(row) is not None for row in range(8)] == [
        True,
        True,
        True,
        True,
        False,
        False,
        False,
        False,
    ]


def test_an_account_against_a_name_is_known_to_nobody():
    made = resolve(pool(("FERN FOODS GMBH", "DE111111")))
    assert [code for code, _, _ in told(made)] == ["A", "B"]
    assert made.known(0) is None
    assert sum(c.strength for c in made.candidates[0]) == pytest.approx(1)


def test_a_booked_customer_stands_first_whatever_speaks_against_it():
    made = resolve(pool(("FERN FOODS GMBH", "DE111111"), booked="C"))
    assert told(made)[0] == ("C", "booked customer", 1.0)
    assert {code for code, _, _ in told(made)} == {"A", "B", "C"}
    assert made.known(0).account == made.candidates[0][0].account


def test_a_shared_account_yields_both_and_neither_for_sure():
    rows = [("E", "A", "", "DE1111", ""), ("E", "B", "", "DE1111", "")]
    made = resolve(pool(("", "DE1111")), customers(rows))
    assert told(made) == [("A", "account on file", 0.493), ("B", "account on file", 0.493)]
    assert made.known(0) is None


def test_exact_references_of_other_receipts_teach_but_never_a_receipt_about_itself():
    given = pool(("CEM PLANNERS", "XX77"), ("CEM PLANNERS", "XX77"), ("CEM PLANNERS", "YY88"))
    account = {code: given.account_of("E", code) for code in "ABC"}
    made = resolve(given, links=[(0, account["B"])])
    assert told(made, 0) == []
    assert told(made, 1) == [("B", "account in this run", 0.9)]  # 1 - ¼ · 2/5
    assert told(made, 2) == [("B", "name in this run", 0.6)]
    against = resolve(given, links=[(0, account["B"]), (1, account["C"]), (1, account["C"])])
    assert told(against, 0) == [("C", "account in this run", 0.9)]
    assert [code for code, _, _ in told(against, 2)] == ["B", "C"]
    assert against.known(2) is None


def test_a_majority_with_its_conflict_counted():
    given = pool(*[("", "XX77")] * 11)
    a, b = given.account_of("E", "A"), given.account_of("E", "B")
    made = resolve(given, links=[*((row, a) for row in range(9)), (9, b)])
    assert told(made, 10) == [
        ("A", "account in this run", 0.826),
        ("B", "account in this run", 0.13),
    ]  # 9.5 and 1.5 of 11.5


def test_memory_counts_beside_the_file_and_the_run():
    memory = Memory(
        accounts={"XX77": {("E", "B"): 3}, "DE111111": {("E", "B"): 20}},
        names={names_in("cem planners").whole[0]: {("E", "B"): 2}},
    )
    made = resolve(pool(("CEM PLANNERS", ""), ("", "XX77"), ("", "DE11 1111")), memory=memory)
    assert told(made, 0) == [("B", "name seen before", 0.714)]
    assert told(made, 1) == [("B", "account seen before", 0.875)]
    # 20 confirmed receipts against the master record's 16
    assert told(made, 2) == [("B", "account seen before", 0.547), ("A", "account on file", 0.44)]
    assert told(resolve(pool(("CEM PLANER", "")), memory=memory)) == []  # two slips in one word are none


def test_resemblance_is_weak_and_shared_between_those_near():
    rows = [("E", "A", "Marble Stores KK", "", ""), ("E", "B", "Marble Stoves GK", "", "")]
    made = resolve(pool(("MARBLE STONES", ""), ("MARBL STORES", "")), customers(rows))
    assert told(made, 0) == [("A", "similar name", 0.3), ("B", "similar name", 0.3)]
    assert told(made, 1) == [("A", "similar name", 0.6)]
    assert told(resolve(pool(("Z&S ENTERPRISES", "")))) == [("C", "initials", 0.15)]
    assert all(made.known(row) is None for row in range(2))


def test_parents_and_children_stand_behind_at_a_share_and_loops_end():
    made = resolve(pool(("MOSS TRADING LTD", "")), customers(parent={"B": "A", "C": "B", "A": "C"}))
    chance = 9.5 / 10.5
    assert told(made) == [
        ("A", "name", round(chance, 3)),
        ("B", "child of payer", round(chance * FAMILY_SHARE, 3)),
        ("C", "parent of payer", round(chance * FAMILY_SHARE, 3)),
    ]
    down = resolve(pool(("MOSS TRADING LTD", "")), customers(parent={"B": "A", "C": "B"}))
    assert [(code, how) for code, how, _ in told(down)] == [
        ("A", "name"), ("B", "child of payer"), ("C", "child of payer"),
    ]  # fmt: skip
    up = resolve(pool(("ZHAO SONS LTD", "")), customers(parent={"B": "A", "C": "B"}))
    assert [(code, how) for code, how, _ in told(up)] == [
        ("C", "name"), ("B", "parent of payer"), ("A", "parent of payer"),
    ]  # fmt: skip


def test_a_customer_without_items_has_a_number_behind_the_pool():
    given = pool(("FERN FOODS", ""), codes="A")
    made = resolve(given)
    assert given.accounts == (("E", "A"),)
    assert made.accounts == (("E", "A"), ("E", "B"))
    assert told(made) == [("B", "name", 0.778)]


def test_a_customer_of_all_entities_and_one_of_another():
    rows = [("", "A", "Moss Trading", "", ""), ("F", "B", "Fern Foods", "DE22", "")]
    given = pool(("MOSS TRADING", ""), ("FERN FOODS", "DE22"), codes="A")
    made = resolve(given, customers(rows))
    assert told(made, 0) == [("A", "name", 0.905)]
    assert made.accounts[made.candidates[0][0].account] == ("E", "A")
    assert told(made, 1) == []
    assert [(made.accounts[c.account], c.how) for c in made.elsewhere[1]] == [(("F", "B"), "account on file")]
    assert made.elsewhere[0] == ()


def test_the_same_customer_in_another_entity():
    rows = [("E", "A", "Moss Trading", "DE1111", ""), ("F", "X", "MOSS TRADING", "", "")]
    made = resolve(pool(("", "DE1111"), codes="A"), customers(rows))
    assert [(made.accounts[c.account], c.how) for c in made.elsewhere[0]] == [(("F", "X"), "same customer")]


def test_every_how_has_a_meaning():
    assert all(HOWS_MEANT.values())


NAMES = [
    "Moss Trading Ltd",
    "MOSS TRADING",
    "Moss Tradng",
    "Fern Foods",
    "Fern",
    "=1+1",
    "",
    "Z&S",
    "Zhao & Sons",
    "x" * 400,
]
ACCOUNTS = ["", "DE1111", "DE2222", "****1", "NOTPROVIDED"]
row = st.tuples(st.sampled_from(NAMES), st.sampled_from(ACCOUNTS))
ledgers = st.tuples(
    st.lists(st.tuples(row, st.sampled_from(["", "Fern|Moss", "Zhao"])), min_size=1, max_size=5),
    st.lists(row, min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4)), max_size=6),
    st.permutations(range(6)),
    st.integers(0, 4),
)


def answers(file, receipts, links, *, code, order, parent, extra=()):
    """What a ledger's receipts are told, by receipt, with customers by place: codes and row order taken out."""
    codes = {code(place): place for place in range(len(file))}
    rows = [("E", code(k), name, account, alias) for k, ((name, account), alias) in enumerate(file)]
    rows += [("E", f"Q{k}", *one) for k, one in enumerate(extra)]
    family = {code(0): code(parent % len(file))} if parent % len(file) else {}
    shuffled = [rows[k] for k in order if k < len(rows)] + rows[len(order) :]
    plain = pool(*receipts, codes=[code(k) for k in range(len(file))])
    given = plain.receipts.frame.iloc[[k for k in order if k < len(receipts)]]
    made_pool = pool_of(plain.items.frame.iloc[:: -1 if order[0] % 2 else 1], given)
    at = {code: place for place, code in enumerate(made_pool.receipts.frame["receipt_id"])}
    pairs = [
        (at[f"R{r % len(receipts) + 1}"], made_pool.account_of("E", code(c % len(file)))) for r, c in links
    ]
    made = resolve_payers(made_pool, customers=customers(shuffled, family), memory=Memory(), links=pairs)
    out = {}
    for receipt, place in at.items():
        out[receipt] = [
            (codes.get(made.accounts[c.account][1]), c.how, c.strength) for c in made.candidates[place]
        ]
    return out, made


@given(ledgers)
@settings(max_examples=40)
def test_renaming_shuffling_and_a_stranger_change_nothing(ledger):
    file, receipts, links, order, parent = ledger
    plain, made = answers(file, receipts, links, code=lambda k: f"C{k}", order=range(6), parent=parent)
    renamed, _ = answers(file, receipts, links, code=lambda k: f"K{9 - k}", order=order, parent=parent)
    stranger = [("Quetzal Obsidian Works", "GB999", "")]
    more, _ = answers(
        file, receipts, links, code=lambda k: f"C{k}", order=range(6), parent=parent, extra=stranger
    )
    assert plain == renamed
    assert plain == more
    for row, candidates in enumerate(made.candidates):
        strengths = [c.strength for c in candidates]
        assert all(0 < s <= 1 for s in strengths)
        assert len({c.account for c in candidates}) == len(candidates)
        assert sum(c.strength for c in candidates if "payer" not in c.how) <= 1 + 1e-9
        assert (made.known(row) is not None) == bool(strengths and max(strengths) >= KNOWN_FROM)


def test_empty_pool_and_no_customers():
    assert resolve(pool(codes="")).candidates == ()
    assert told(resolve(pool(("MOSS", "DE11")), CANONICAL["customers"].empty())) == []


@pytest.mark.shared
def test_payers_of_a_real_ledger(shared):
    """pay-to-invoice, single: exact references name 52 % of receipts' customers; the rest follows from accounts and names."""
    folder = shared / "data" / "pay-to-invoice" / "single"
    read = {
        name: pd.read_csv(folder / path, dtype=str, keep_default_na=False)
        for name, path in (
            ("items", "descriptive/invoices.csv.gz"),
            ("receipts", "descriptive/payments.csv.gz"),
            ("truth", "truth.csv.gz"),
        )
    }
    bills, cash = read["items"], read["receipts"]
    given = pool_of(
        pd.DataFrame(
            {"entity": "P", "item_id": bills["invoice_id"], "customer_id": bills["Customer ID"], "item_type": "invoice",
             "order_no": bills["Assignment Number"], "currency": "EUR", "open_amount": 1}
        ),
        pd.DataFrame(
            {"entity": "P", "receipt_id": cash["payment_id"], "value_date": pd.to_datetime(cash["Posting Date"]),
             "currency": "EUR", "amount": 1, "payer_name": cash["Business Partner"],
             "payer_account": cash["Account Number"], "remittance_text": cash["Memo Line"]}
        ),
    )  # fmt: skip
    file = bills[["Customer ID", "Customer Name"]].drop_duplicates()
    file = CANONICAL["customers"].frame(file.set_axis(["customer_id", "name"], axis=1))
    item = dict(zip(given.items.frame["order_no"], given.items.account.tolist(), strict=True))
    texts = given.receipts.frame["remittance_text"]
    links = [(row, item[word]) for row, text in enumerate(texts) for word in text.split() if word in item]
    owner = dict(zip(bills["invoice_id"], bills["Customer ID"], strict=True))
    truth = {r: owner[i] for r, i in zip(read["truth"]["receipt_id"], read["truth"]["item_id"], strict=True)}
    made = resolve_payers(given, customers=file, memory=Memory(), links=links)
    right = wrong = 0
    for row, receipt in enumerate(given.receipts.frame["receipt_id"]):
        known = made.known(row)
        right += known is not None and made.accounts[known.account][1] == truth[receipt]
        wrong += known is not None and made.accounts[known.account][1] != truth[receipt]
    assert wrong == 0
    assert right >= 0.998 * len(truth)


@pytest.mark.shared
def test_payers_of_written_cases(shared):
    """cash-app-scenarios, sample 4: parents, a former name, a trade name and a factor."""
    folder = shared / "data" / "cash-app-scenarios" / "samples" / "sample_04"
    book = json.loads((folder / "open_ar.json").read_text())
    bank = json.loads((folder / "bank_statement.json").read_text())["transactions"]
    bills = pd.DataFrame(book["invoices"])
    aliases = {one["canonical_customer_id"]: one["payer_alias"] for one in book["payer_alias_registry"]}
    names = dict(zip(bills["customer_id"], bills["customer_name"], strict=True))
    parent = {}
    for family in book["parent_child_hierarchy"]:
        names[family["parent_customer_id"]] = family["parent_name"]
        parent |= dict.fromkeys(family["children"], family["parent_customer_id"])
    rows = [("E", code, name, "", aliases.get(code, "")) for code, name in names.items()]
    given = pool(*[(one["payer_raw"], "") for one in bank], codes=bills["customer_id"].unique())
    made = resolve_payers(given, customers=customers(rows, parent), memory=Memory(), links=[])
    owner = dict(zip(bills["invoice_id"], bills["customer_id"], strict=True))
    for row, one in enumerate(bank):
        paid = next(owner[word] for word in one["remittance_text"].split() if word in owner)
        assert paid in [made.accounts[c.account][1] for c in made.candidates[row]][:2], one["payer_raw"]
        assert made.known(row) is not None
