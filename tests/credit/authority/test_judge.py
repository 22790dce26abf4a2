"""Who may approve what: planted cases both ways, and a second method that counts by brute force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arlib.credit.authority import APPROVERS, Decision, Earlier, Proof, judge, judge_posting, needed
from arlib.credit.proposals import proposal_id, proposals_of
from arlib.errors import ParameterError
from arlib.money import Rates
from arlib.policy import AuthorityPolicy
from arlib.policy.authority import Delegation, Grant, Person, plain_name
from arlib.tables import CANONICAL

AS_OF, RUN_ON, TODAY = date(2026, 10, 31), date(2026, 11, 5), date(2026, 11, 22)
ON = date(2026, 11, 9)
PEOPLE = (
    Person(name="Pat Proposer", os_user="pat"), Person(name="Ann Approver", os_user="ann"),
    Person(name="Bea Boss", os_user="bea"), Person(name="Dan Deputy", os_user="dan"), Person(name="Eve Extra", os_user="eve"),
)  # fmt: skip
GRANTS = (
    Grant(person="Ann Approver", kinds=("write_off",), up_to=Decimal(1000), currency="USD"),
    Grant(person="Bea Boss", up_to=Decimal(5000), currency="USD"),
)
LENT = Delegation(
    giver="Bea Boss", taker="Dan Deputy", valid_from=date(2026, 11, 1), valid_to=date(2026, 11, 10)
)
POLICY = AuthorityPolicy(people=PEOPLE, grants=GRANTS, delegations=(LENT,))


def frame(*rows: dict[str, Any]) -> Any:
    base = {
        "entity": "US01", "kind": "write_off", "customer_id": "C1", "currency": "USD", "amount": 50000,
        "reason": "uncollectable", "rule": "old", "evidence": "letters",
    }  # fmt: skip
    made = []
    for at, row in enumerate(rows):
        told = {**base, **row}
        made.append({"proposal_id": proposal_id(told["kind"], "US01", at), **told})
    return proposals_of(made)


def rates(*rows: tuple[str, str, str]) -> Rates:
    table = CANONICAL["fx_rates"]
    if not rows:
        return Rates()
    return Rates.of(
        table.frame(
            [
                {"date": "2026-10-30", "base": b, "quote": q, "kind": "closing", "rate": r, "source": "bank"}
                for b, q, r in rows
            ]
        )
    )


def decided(proposals: Any, *changes: dict[str, Any]) -> list[Decision]:
    ids = sorted(proposals["proposal_id"], key=lambda pid: list(proposals["proposal_id"]).index(pid))
    told = changes or ({},) * len(ids)
    return [
        Decision(
            **{
                "where": f"row {at + 5}",
                "proposal_id": pid,
                "word": "approve",
                "name": "Ann Approver",
                "decided_on": ON,
                **change,
            }
        )
        for at, (pid, change) in enumerate(zip(ids, told, strict=False))
    ]


def judged(proposals: Any, decisions: list[Decision], **given: Any) -> Any:
    facts = {
        "policy": POLICY, "functional": "USD", "rates": rates(), "as_of": AS_OF, "run_on": RUN_ON, "today": TODAY,
        "run_by": "pat", "proof": Proof(person=decisions[0].name, method="os_user"), **given,
    }  # fmt: skip
    return judge(decisions, proposals, **facts)


def why(proposals: Any, decisions: list[Decision], **given: Any) -> str:
    made = judged(proposals, decisions, **given)
    assert not made.accepted, "it was to be refused"
    return "\n".join(str(each) for each in made.problems)


def test_the_honest_case() -> None:
    made = judged(frame({}), decided(frame({})))
    (told,) = made.accepted
    assert not made.problems
    assert (told.approver, told.proposer, told.authentication) == ("Ann Approver", "Pat Proposer", "os_user")
    assert told.authority == "grant 1 of Ann Approver"


@pytest.mark.parametrize("minor", [99_999, 100_000, 100_001])
def test_an_amount_equal_to_the_limit_is_within_it(minor: int) -> None:
    rows = frame({"amount": minor})
    made = judged(rows, decided(rows))
    assert bool(made.accepted) == (minor <= 100_000)


def test_one_person_by_name_login_and_spelling() -> None:
    rows = frame({"requested_by": "ANN"})
    for name in ("ann", "Ann Approver", " ａｎｎ\u200b approver "):
        assert "is the proposer too" in why(rows, decided(rows, {"name": name}))
    assert judged(rows, decided(rows, {"name": "bea"})).accepted


def test_the_proposer_must_be_a_person_too() -> None:
    rows = frame({"requested_by": "Pat Propose"})
    assert (
        "the proposer cannot be told: 'Pat Propose' is no person of the authority policy; did you mean 'Pat Proposer'?"
        in why(rows, decided(rows))
    )
    rows = frame({})
    assert "it is not known who closed" in why(rows, decided(rows), run_by="")


def test_limits_in_another_currency_are_exact() -> None:
    """1,000 USD at 1.25 are 800 EUR: one cent more is above, and no rate is said."""
    for minor, is_right in ((80_000, True), (80_001, False)):
        rows = frame({"currency": "EUR", "amount": minor})
        made = judged(rows, decided(rows), rates=rates(("EUR", "USD", "1.25")))
        assert bool(made.accepted) == is_right
    rows = frame({"currency": "EUR", "amount": 100})
    assert "no closing rate EUR/USD for 2026-10-31" in why(rows, decided(rows))
    known = frame({"currency": "EUR", "amount": 100, "functional_amount": 108})
    assert judged(known, decided(known)).accepted, "the functional amount serves where there is no rate"
    yen = frame({"currency": "JPY", "amount": 150_000})
    assert judged(yen, decided(yen), rates=rates(("USD", "JPY", "150"))).accepted, (
        "an inverse rate, no places"
    )
    assert not judged(yen, decided(yen), rates=rates(("USD", "JPY", "149.99"))).accepted


def test_delegation_is_for_its_days_and_never_more_than_the_giver_has() -> None:
    rows = frame({"amount": 500_000})
    for on, is_right in ((date(2026, 11, 10), True), (date(2026, 11, 11), False)):
        made = judged(rows, decided(rows, {"name": "Dan Deputy", "decided_on": on}))
        assert bool(made.accepted) == is_right
    assert "expired on 2026-11-10" in str(made.problems[0])
    more = frame({"amount": 500_001})
    assert "above the limit" in why(more, decided(more, {"name": "Dan Deputy"}))
    own = frame({"requested_by": "bea"})
    assert "may not approve anything" in why(own, decided(own, {"name": "Dan Deputy"})), (
        "the lender proposed it"
    )


def test_lent_authority_is_not_lent_again_unless_the_policy_says_so() -> None:
    on = replace(LENT, giver="Dan Deputy", taker="Eve Extra")
    back = replace(LENT, giver="Eve Extra", taker="Bea Boss")
    rows = frame({})
    chain = replace(POLICY, delegations=(LENT, on, back))
    assert "may not approve anything" in why(rows, decided(rows, {"name": "Eve Extra"}), policy=chain)
    may = replace(chain, may_lend_on=True)
    assert judged(rows, decided(rows, {"name": "Eve Extra"}), policy=may).accepted


def test_splitting_counts_together_and_both_are_refused() -> None:
    rows = frame({"amount": 60_000}, {"amount": 50_000}, {"amount": 100_000, "customer_id": "C2"})
    made = judged(rows, decided(rows))
    (one,) = made.problems
    assert "together 1,100.00 USD of customer 'C1'" in one.sentence
    assert one.proposal_id.count("WO-") == 2
    fine = frame({"amount": 60_000}, {"amount": 40_000})
    assert len(judged(fine, decided(fine)).accepted) == 2


def earlier(**changes: Any) -> Earlier:
    facts = {"proposal_id": "WO-AAAAAAAAAAAA", "decision": "approve", "approver": "Ann Approver", "authentication": "os_user",
             "decided_on": ON - timedelta(days=30), "kind": "write_off", "reason": "uncollectable", "entity": "US01",
             "customer_id": "C1", "currency": "USD", "amount": 60_000}  # fmt: skip
    return Earlier(**{**facts, **changes})  # type: ignore[arg-type]


def test_earlier_approvals_count_within_the_days() -> None:
    rows = frame({"amount": 50_000})
    assert "with 600.00 USD before" in str(judged(rows, decided(rows), recorded=[earlier()]).problems)
    for change in ({"decided_on": ON - timedelta(days=31)}, {"customer_id": "C2"}, {"decision": "reject"},
                   {"kind": "refund"}, {"approver": "Bea Boss"}, {"entity": "UK01"}):  # fmt: skip
        assert judged(rows, decided(rows), recorded=[earlier(**change)]).accepted, change


def test_a_decision_is_recorded_once() -> None:
    rows = frame({})
    pid = rows["proposal_id"].iloc[0]
    same = judged(rows, decided(rows), recorded=[earlier(proposal_id=pid)])
    assert (same.accepted, same.problems, len(same.known)) == ((), (), 1)
    assert "cannot follow" in why(
        rows, decided(rows, {"word": "reject", "comment": "no"}), recorded=[earlier(proposal_id=pid)]
    )
    asked = earlier(proposal_id=pid, decision="ask", comment="why?")
    assert judged(rows, decided(rows), recorded=[asked]).accepted
    twice = [*decided(rows), replace(decided(rows)[0], where="row 9")]
    assert "is decided twice, also in row 5" in str(judged(rows, twice).problems)


def test_typed_names_and_incompatible_duties() -> None:
    rows = frame({"amount": 5_000})
    nobody = Proof()
    assert "a typed name, which nothing proves" in why(rows, decided(rows), proof=nobody)
    may = replace(POLICY, unauthenticated_up_to=Decimal(50))
    (told,) = judged(rows, decided(rows), proof=nobody, policy=may).accepted
    assert told.authentication == "unauthenticated"
    two = frame({"amount": 3_000}, {"amount": 3_000})
    split = judged(two, decided(two, {}, {"name": "Bea Boss"}), proof=nobody, policy=may)
    assert "above the limit of a typed name, 50.00 USD" in str(split.problems[0])
    duties = replace(POLICY, people=(*PEOPLE[:1], replace(PEOPLE[1], duties=("Collecting",)), *PEOPLE[2:]))
    assert "incompatible duties: collecting and write_off" in why(rows, decided(rows), policy=duties)
    memo = frame({"kind": "allowance", "amount": -5_000})
    other = replace(duties, grants=(Grant(person="Ann Approver"),))
    assert judged(memo, decided(memo), policy=other).accepted, (
        "an allowance is no duty that collecting excludes"
    )


def test_entities_reasons_kinds_and_days_of_grants() -> None:
    rows = frame({})
    for change, words in (
        ({"entities": ("UK01",)}, "of entity 'US01'"), ({"reasons": ("small",)}, "for the reason 'uncollectable'"),
        ({"kinds": ("refund",)}, "of kind write_off"), ({"valid_to": ON - timedelta(days=1)}, "expired on 2026-11-08"),
        ({"valid_from": ON + timedelta(days=1)}, "begins on 2026-11-10"), ({"may": "post"}, "may not approve anything"),
    ):  # fmt: skip
        policy = replace(POLICY, grants=(replace(GRANTS[0], **change),), delegations=())
        assert words in why(rows, decided(rows), policy=policy)
    proposing = replace(POLICY, grants=(*GRANTS, Grant(person="Eve Extra", may="propose")))
    assert "Pat Proposer may not propose anything" in why(rows, decided(rows), policy=proposing)
    assert judged(rows, decided(rows), policy=proposing, run_by="eve").accepted


def test_a_policy_that_contradicts_itself_is_refused() -> None:
    for make, words in (
        (lambda: AuthorityPolicy(people=PEOPLE, grants=(Grant(person="Ann Aprover"),)), "Did you mean 'Ann Approver'"),
        (lambda: AuthorityPolicy(people=(*PEOPLE, Person(name="PAT"))), "two persons have the same name or login"),
        (lambda: Grant(person="a", kinds=("writeoff",)), "Did you mean 'write_off'"),
        (lambda: Grant(person="a", up_to=Decimal(-1)), "0 or more"),
        (lambda: Grant(person="a", may="aprove"), "one of propose, approve, post"),
        (lambda: Delegation(giver="a", taker="A", valid_from=ON, valid_to=ON), "two persons"),
        (lambda: Person(name="a", signing_key='ssh-ed25519 AAAA\nevil namespaces="*"'), "one line"),
    ):  # fmt: skip
        with pytest.raises(ParameterError) as caught:
            make()
        assert words in str(caught.value)


def test_who_could_approve() -> None:
    rows = frame({"amount": 50_000}, {"amount": 200_000}, {"amount": 600_000}, {"kind": "refund"},
                 {"requested_by": "bea", "amount": 200_000}, {"currency": "EUR", "amount": 1})  # fmt: skip
    made = needed(rows, policy=POLICY, functional="USD", rates=rates(), on=date(2026, 11, 9))
    assert list(made.columns) == APPROVERS.names
    by = made.set_index("proposal_id")
    said = {rows["proposal_id"].iloc[at]: at for at in range(len(rows))}
    found = {(row["kind"], row["amount"], row["currency"], str(row["requested_by"])): by.loc[pid]
             for pid, row in rows.set_index("proposal_id").iterrows()}  # fmt: skip
    assert len(said) == 6
    assert [v["approvers"] for k, v in found.items() if k[1] == 50_000 and k[0] == "write_off"] == [
        "Ann Approver; Bea Boss; Dan Deputy"
    ]
    (large,) = [v for k, v in found.items() if k[1] == 600_000]
    assert "above the limit" in large["because"]
    (bea,) = [v for k, v in found.items() if k[3] == "bea"]
    assert "Dan" not in str(bea["approvers"])
    (euro,) = [v for k, v in found.items() if k[2] == "EUR"]
    assert "no closing rate EUR/USD" in euro["because"]


def test_the_poster_is_a_third_person() -> None:
    row = SimpleNamespace(proposal_id="WO-X", kind="write_off", entity="US01", reason="r", currency="USD", amount="600.00",
                          proposer="Pat Proposer", approver="Ann Approver")  # fmt: skip
    given = {"policy": POLICY, "functional": "USD", "rates": rates(), "as_of": AS_OF, "on": ON}
    for poster, words in (
        ("pat", "is the proposer too"),
        ("ANN", "is the approver too"),
        ("zoe", "is no person"),
    ):
        found = judge_posting([row], poster=poster, proof=Proof(person=poster, method="os_user"), **given)  # type: ignore[list-item, arg-type]
        assert words in str(found[0])
    assert judge_posting([row], poster="eve", proof=Proof(person="eve", method="os_user"), **given) == ()  # type: ignore[list-item, arg-type]
    assert "a typed name" in str(judge_posting([row], poster="eve", proof=Proof(), **given)[0])  # type: ignore[list-item, arg-type]
    only = replace(POLICY, grants=(*GRANTS, Grant(person="Dan Deputy", may="post")))
    assert "Eve Extra may not post" in str(
        judge_posting(
            [row],
            poster="eve",
            proof=Proof("eve", "os_user") if False else Proof(person="eve", method="os_user"),
            **{**given, "policy": only},
        )[0]
    )  # type: ignore[list-item, arg-type]


@given(
    st.lists(st.tuples(st.sampled_from(["C1", "C2"]), st.integers(1, 120_000)), min_size=1, max_size=6),
    st.integers(1, 200_000),
)
def test_against_brute_force(rows: list[tuple[str, int]], limit: int) -> None:
    """All is accepted exactly where every customer's sum is within the limit; else the offenders are named."""
    grant = replace(GRANTS[0], up_to=Decimal(limit).scaleb(-2))
    policy = replace(POLICY, grants=(grant,), delegations=())
    proposals = frame(*({"customer_id": customer, "amount": minor} for customer, minor in rows))
    made = judged(proposals, decided(proposals), policy=policy)
    sums = {c: sum(m for cc, m in rows if cc == c) for c, _ in rows}
    assert (not made.problems) == all(Fraction(total, 100) <= Fraction(limit, 100) for total in sums.values())
    named = " ".join(each.proposal_id for each in made.problems)
    for pid, row in proposals.set_index("proposal_id").iterrows():
        if row["amount"] > limit:
            assert str(pid) in named


@given(st.text(max_size=12))
def test_a_name_is_compared_the_same_once_and_twice(text: str) -> None:
    assert plain_name(plain_name(text)) == plain_name(plain_name(plain_name(text)))
