"""Related parties: candidates with their evidence and their honest twins; balances, terms, lateness, accounts."""

from __future__ import annotations

import pytest

from arlib.audit.ask import Ask
from arlib.audit.ledger.related_parties import related_parties_of
from arlib.audit.options.ledger import RelatedPartiesOptions
from arlib.errors import IdentityError
from arlib.money import total
from arlib.policy import Policies

FLAGGED = {
    "customer_id": "REL", "name": "Related", "is_related_party": True, "address": "12 Quay Street, Bristol", "tax_id": "GB 123-456",
    "payer_account": "GB29 NWBK 6016", "email": "ap@quay.example", "phone": "+44 20 1234", "parent_id": "HOLD",
}  # fmt: skip


def looked(book, scope, **options):
    ask = Ask(kind="related_parties", options=RelatedPartiesOptions(**options))
    return related_parties_of(book, scope=scope, policies=Policies(), ask=ask)


def evidence(found):
    rows = found.found.evidence
    return {(row.customer_id, row.kind, row.strength) for row in rows.itertuples()}


def of(book, seen, *customers, **options):
    return looked(book(customers=[FLAGGED, *customers]), seen(), **options)


@pytest.mark.parametrize(
    ("shared", "kind", "strength"),
    [
        ({"payer_account": "gb29nwbk6016"}, "bank_account", "strong"), ({"tax_id": "gb123456"}, "tax_id", "strong"),
        ({"parent_id": "HOLD"}, "parent", "strong"), ({"parent_id": "REL"}, "parent", "strong"),
        ({"email": "Boss@QUAY.example"}, "email_domain", "weak"), ({"address": "12, QUAY STREET\nBristol."}, "address", "weak"),
        ({"phone": "+44 (20) 1234"}, "phone", "weak"),
    ],
)  # fmt: skip
def test_what_is_shared_makes_a_candidate_and_its_twin_is_none(book, seen, shared, kind, strength):
    own = {
        "payer_account": "GB55 OTHER 1",
        "tax_id": "GB 999",
        "email": "x@own.example",
        "address": "1 Own Road, Leeds",
        "phone": "+44 161 99",
    }
    twin = {"customer_id": "TWIN", "name": "Honest", **own}
    found = of(
        book,
        seen,
        {"customer_id": "CAND", "name": "<i>", **{key: f"{value} c" for key, value in own.items()}, **shared},
        twin,
    )

    assert evidence(found) == {("CAND", kind, strength)}
    assert found.found.standing.to_dict() == {"REL": "related_party", "CAND": "candidate", "TWIN": "other"}
    assert found.parties["customer_id"].tolist() == ["REL", "CAND"]
    assert "REL" in found.parties["evidence"].iloc[1]
    assert (
        "nwbk" not in " ".join(found.found.evidence["value"]).lower()
    )  # a bank account is never written out


def test_public_mail_placeholders_and_crowds_are_no_evidence(book, seen):
    flagged = {**FLAGGED, "email": "boss@gmail.com", "phone": "n/a", "tax_id": "-"}
    crowd = [
        {
            "customer_id": f"C{n}",
            "address": FLAGGED["address"],
            "email": "x@gmail.com",
            "phone": "n/a",
            "tax_id": "-",
        }
        for n in range(5)
    ]
    made = book(customers=[flagged, *crowd])

    found = looked(made, seen())
    assert found.found.evidence.empty
    assert found.found.crowded == (
        "6 customers share the address 12 Quay Street, Bristol: too many to be evidence.",
    )
    assert len(looked(made, seen(), shared_by_at_most=6).found.evidence) == 5
    local = looked(
        book(customers=[FLAGGED, {"customer_id": "C1", "email": "a@quay.example"}]),
        seen(),
        public_domains="quay.example",
    )
    assert local.found.evidence.empty


def test_accounts_that_paid_and_our_own_account(book, seen):
    receipt = {
        "currency": "USD",
        "amount": 10,
        "effective_date": "2026-10-05",
        "status": "applied",
        "bank_account": "OURS-1",
    }
    made = book(
        customers=[FLAGGED, {"customer_id": "C1"}, {"customer_id": "C2"}, {"customer_id": "C3"}],
        receipts=[
            {"receipt_id": "R1", "customer_id": "C1", "payer_account": "GB29-NWBK-6016", **receipt},
            {"receipt_id": "R2", "customer_id": "C2", "payer_account": "ours 1", **receipt},
            {"receipt_id": "R3", "customer_id": "C3", "payer_account": "GB29-NWBK-6016", **receipt, "effective_date": "2026-11-01"},
        ],
    )  # fmt: skip
    found = looked(made, seen())
    assert evidence(found) == {("C1", "bank_account", "strong"), ("C2", "own_bank_account", "strong")}


def test_candidates_are_ranked_by_strength(book, seen):
    found = of(
        book,
        seen,
        {"customer_id": "WEAK2", "phone": FLAGGED["phone"], "address": FLAGGED["address"]},
        {"customer_id": "WEAK1", "phone": FLAGGED["phone"]},
        {"customer_id": "STRONG", "tax_id": FLAGGED["tax_id"]},
        {"customer_id": "BOTH", "tax_id": FLAGGED["tax_id"], "payer_account": FLAGGED["payer_account"]},
    )
    assert found.parties["customer_id"].tolist() == ["REL", "BOTH", "STRONG", "WEAK2", "WEAK1"]


def test_balances_terms_lateness_and_accounts(book, seen):
    def sold(item, customer, days, **more):
        due = f"2026-{9 + (days > 29):02d}-{days % 30 + 1:02d}"
        return {
            "item_id": item,
            "customer_id": customer,
            "amount": 100,
            "effective_date": "2026-09-01",
            "due_date": due,
            **more,
        }

    others = [sold(f"O{n}", "C1", 29) for n in range(20)]
    items = [
        *others, sold("LONG", "REL", 45), sold("USUAL", "REL", 29), sold("G1", "OWN", 29, control_account="1200"),
        sold("G2", "OWN", 29, control_account="1250"), sold("O20", "C1", 29, control_account="1250"),
        {"item_id": "R1", "customer_id": "REL", "item_type": "receipt", "amount": -100, "effective_date": "2026-10-30"},
        {"item_id": "R2", "customer_id": "C1", "item_type": "receipt", "amount": -100, "effective_date": "2026-09-30"},
        {"item_id": "W1", "customer_id": "REL", "item_type": "write_off", "amount": -30, "effective_date": "2026-10-20"},
    ]  # fmt: skip
    made = book(
        items=items,
        customers=[FLAGGED, {"customer_id": "OWN", "is_intercompany": True}, {"customer_id": "C1"}],
        applications=[
            {
                "source_item_id": "R1",
                "target_item_id": "USUAL",
                "amount": 100,
                "effective_date": "2026-10-30",
            },
            {"source_item_id": "R2", "target_item_id": "O1", "amount": 100, "effective_date": "2026-09-30"},
            {
                "source_item_id": "W1",
                "target_item_id": "LONG",
                "amount": 30,
                "effective_date": "2026-10-20",
                "kind": "write_off",
            },
        ],
        control_accounts=[{"account": "1200", "role": "trade"}, {"account": "1250", "role": "intercompany"}],
    )
    found = looked(made, seen())
    rows = found.parties.set_index("customer_id")

    assert found.terms[["document_no", "credit_days", "usual_limit"]].to_numpy().tolist() == [
        ["LONG", 45, 29]
    ]
    assert rows.loc["REL", ["balance", "sales", "receipts", "write_offs"]].tolist() == [70, 200, -100, -30]
    assert (rows.loc["REL", "days_late"], rows.loc["REL", "usual_late"]) == ("30.0", "0.0")
    assert "pays 30.0 days later than others" in rows.loc["REL", "findings"]
    assert "written off in the year" in rows.loc["REL", "findings"]
    assert (
        "pays"
        not in looked(made, seen(), later_days=30).parties.set_index("customer_id").loc["REL", "findings"]
    )
    assert found.misplaced[["document_no", "why"]].to_numpy().tolist() == [
        ["G1", "a company of the group on another account"], ["O20", "on an intercompany account, not a company of the group"],
    ]  # fmt: skip
    balances = found.balances.set_index("standing")["outstanding"]
    assert balances.to_dict() == {"intercompany": 200, "related_party": 70, "other": 2000}
    assert set(found.transactions["customer_id"]) == {"REL", "OWN"}


@pytest.mark.parametrize("entity", ["US01", "JP01"])
def test_the_planted_party_is_found_and_its_twin_stands_below_it(company, truth, entity):
    book, scope = company[entity]
    found = looked(book, scope)
    mine = truth[truth["entity"].eq(entity)].set_index("kind")["account"]
    rows = found.parties[found.parties["standing"].eq("candidate")].set_index("customer_id")
    planted, twin = mine["related_party_unflagged"], mine["related_party_twin"]

    assert rows.loc[planted, "strength"] == "strong"
    assert "same bank account" in rows.loc[planted, "evidence"]
    assert "longer credit" in rows.loc[planted, "findings"]
    assert "later than others" in rows.loc[planted, "findings"]
    assert rows.loc[twin, "strength"] == "weak"  # an address alone: a question, and the last of them
    assert rows.loc[twin, "findings"] == ""
    assert rows.loc[twin, "rank"] == rows["rank"].max() > rows.loc[planted, "rank"]
    assert set(found.terms["customer_id"]) & {planted, twin} == {planted}


@pytest.mark.parametrize("entity", ["US01"])
def test_parties_on_record_of_the_sample(company, entity):
    book, scope = company[entity]
    found = looked(book, scope)

    flags = book["customers"].set_index("customer_id")
    on_record = found.parties[found.parties["standing"].ne("candidate")].set_index("customer_id")["standing"]
    assert set(on_record.index) == set(
        flags.index[flags["is_intercompany"].fillna(False) | flags["is_related_party"].fillna(False)]
    )
    posted = found.transactions.groupby("customer_id")["functional_amount"].sum()
    for code, row in found.parties.set_index("customer_id").iterrows():
        mine = book["items"][book["items"]["customer_id"].eq(code)]
        assert bool(row["sales"]) == mine["item_type"].isin(["invoice", "credit_memo", "debit_memo"]).any()
        assert code in posted.index or mine.empty
    assert total(found.balances["items"]) == int(found.population.sums["asked_rows"].sum())


def test_without_customers_nothing_is_flagged(book, seen):
    found = looked(book(items=[{"item_id": "A", "amount": 1, "effective_date": "2026-10-01"}]), seen())
    assert found.parties.empty
    assert found.found.looked_at == ()
    assert found.balances["standing"].tolist() == ["other"]


def test_a_lost_standing_breaks_an_identity(book, seen, monkeypatch):
    import arlib.audit.ledger.related_parties as module

    made = book(items=[{"item_id": "A", "amount": 1, "effective_date": "2026-10-01"}], customers=[FLAGGED])
    real = module._balances
    monkeypatch.setattr(module, "_balances", lambda *given: real(*given).iloc[1:])
    with pytest.raises(IdentityError):
        looked(made, seen())
