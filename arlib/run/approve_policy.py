"""Policies of authority and credit are approved too: who proposed them, who approved them, which stand. Floor 4.

Events: `proposal.policy` when somebody first closes with them, `approval.policy` when another approves them. Before the
first approval the matrix in the close file counts as it is; from then on only what was approved last does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from arlib.credit.authority import People, Proof, rules_of, same
from arlib.errors import SourceError
from arlib.policy import AuthorityPolicy
from arlib.policy.authority import POLICY, Person
from arlib.run.approvals import OF_POLICY, receipts, store_with_runs, write_receipt
from arlib.run.approve_proof import proof_of
from arlib.run.result import digest
from arlib.run.store import Actor, NewEvent, Store, current_actor

if TYPE_CHECKING:
    from arlib.run.plan import ClosePlan

PROPOSED = "proposal.policy"
GOVERNED = ("authority", "allowance", "write_off", "adjustment", "refund")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The policies that were approved last, and the matrix in them."""

    sha256: str
    approver: str
    decided_on: str
    authority: AuthorityPolicy


@dataclass(frozen=True, kw_only=True)
class PolicyOutcome:
    """What came of approving policies: sentences, and why not, if not."""

    lines: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 where they stand approved, 2 where refused."""
        return 2 if self.problems else 0


def policies_sha256(policies: Mapping[str, Any]) -> str:
    """The hash of the policies of authority and credit, from the policies of a close file as plain data."""
    return digest({name: policies.get(name) for name in GOVERNED})


def authority_of(policies: Mapping[str, Any]) -> AuthorityPolicy:
    """The matrix of policies as plain data, as run.json and the store keep them. SourceError for another form."""
    try:
        return TypeAdapter(AuthorityPolicy).validate_python(policies.get("authority", {}))
    except (ValidationError, TypeError) as fault:
        raise SourceError("the authority policy is not of this version's form") from fault


def propose(store: Store, plan: ClosePlan, *, close_id: str = "", actor: Actor | None = None) -> None:
    """Record who first closed with the policies of a plan, once; nothing where nobody has a grant in them."""
    if not plan.policies.authority.grants:
        return
    sha256 = policies_sha256(plan.as_json()["policies"])
    if store.events(kinds=(PROPOSED,), subject=_subject(sha256), limit=1):
        return
    who = actor or current_actor()
    body = {"policies_sha256": sha256, "close_file": plan.close_file, "close_id": close_id}
    store.append(PROPOSED, _subject(sha256), body, actor=who.name, authentication=who.authentication)


def standing(store: Store) -> Standing | None:
    """The policies approved last; None before the first approval."""
    found = store.events(kinds=(OF_POLICY,), is_newest_first=True, limit=1)
    if not found:
        return None
    body = found[0].body
    return Standing(
        sha256=str(body["policies_sha256"]),
        approver=str(body["approver"]),
        decided_on=str(body["decided_on"]),
        authority=authority_of(body["policies"]),
    )


def state(stands: Standing | None, sha256: str) -> tuple[str, bool]:
    """What to say of policies of that hash, and whether decisions may be recorded under them."""
    short = sha256[:12]
    if stands is None:
        return f"policies {short}: nobody has approved them yet (arlib approve PARAMS.yml)", True
    if stands.sha256 == sha256:
        return f"policies {short}: approved by {stands.approver} on {stands.decided_on}", True
    return (
        f"the run was closed under policies {short}, but {stands.approver} approved {stands.sha256[:12]} on "
        f"{stands.decided_on}; have these approved (arlib approve PARAMS.yml), or close again with the approved ones"
    ), False


def approve_policies(
    params: Path,
    *,
    signature: Path | None = None,
    is_dry_run: bool = False,
    actor: Actor | None = None,
    today: date | None = None,
) -> PolicyOutcome:
    """Record that the policies of a close file are approved, by the user of this process or who signed the file.

    The approver needs a grant of kind `policy` in the policies that stand (in these themselves, while none were ever
    approved), is not who first closed with them, and is not a typed name. Raises InputError for a close file that
    cannot be read, StoreError for a store that cannot be trusted.
    """
    from arlib.run.params import load_close
    from arlib.run.project import find_root

    content = params.read_bytes() if params.is_file() else b""
    plan = load_close(params, root=find_root(params))
    if plan.close_file_sha256 != hashlib.sha256(content).hexdigest():
        raise SourceError("was changed while it was read", where=plan.close_file)
    policies = plan.as_json()["policies"]
    sha256 = policies_sha256(policies)
    store = store_with_runs(plan.outputs, is_read_only=is_dry_run)
    head = store.require_whole(known=receipts(plan.outputs))
    stands = standing(store)
    if stands is not None and stands.sha256 == sha256:
        return PolicyOutcome(lines=(state(stands, sha256)[0],))
    who, on = actor or current_actor(), today or date.today()  # noqa: DTZ011 - the approver's own day
    judged_by = stands.authority if stands is not None else plan.policies.authority
    proof = proof_of(who, content, signature, policy=judged_by)
    people = People.of(judged_by)
    person = people.find(proof.person) if proof.person else None
    first = store.events(kinds=(PROPOSED,), subject=_subject(sha256), limit=1)
    proposer = first[0].actor if first else ""
    problems, rule = _judged(person, proof, proposer, judged_by, People.of(plan.policies.authority), on)
    if problems or person is None:
        return PolicyOutcome(problems=tuple(problems))
    told = f"policies {sha256[:12]} of {plan.close_file}: approved by {person.name} ({proof.method}), {rule}"
    if is_dry_run:
        return PolicyOutcome(lines=(told, "nothing was recorded: a dry run"))
    body = {
        "policies_sha256": sha256,
        "policies": {"authority": policies["authority"]},
        "close_file": plan.close_file,
        "file_sha256": plan.close_file_sha256,
        "decision": "approve",
        "approver": person.name,
        "proposer": proposer,
        "authentication": proof.method,
        "authority": rule,
        "decided_on": on.isoformat(),
        "recorded_by": who.name,
    }
    event = NewEvent(
        kind=OF_POLICY,
        subject=_subject(sha256),
        body=body,
        actor=who.name,
        authentication=who.authentication,
    )
    (made,) = store.append_all([event], after=head)
    write_receipt(plan.outputs, head=made.head, about={"policies_sha256": sha256})
    return PolicyOutcome(lines=(told,))


def _judged(
    person: Person | None, proof: Proof, proposer: str, policy: AuthorityPolicy, new: People, on: date
) -> tuple[list[str], str]:
    """Why that person may not approve the policies, and by which rule he may."""
    people = People.of(policy)
    problems = []
    if not proposer:
        problems.append(
            "nobody has closed with these policies yet, so it is not known who proposes them; close first"
        )
    if person is None:
        said = people.unknown(proof.person) if proof.person else "it is not known who runs this"
        return [*problems, f"{said}; policies are approved by a known user or with --signature"], ""
    if any(same(one.find(proposer), person) for one in (people, new) if proposer):
        problems.append(f"{person.name} first closed with these policies; somebody else must approve them")
    if proposer and people.find(proposer) is None and new.find(proposer) is None:
        problems.append(f"the proposer cannot be told: {people.unknown(proposer)}")
    misses = []
    for rule in rules_of(policy, person, "approve"):
        if POLICY in rule.kinds:
            miss = (
                rule.misses(kind=POLICY, reason="", entity="", on=on)
                if not rule.entities
                else "for one entity only"
            )
            if not miss:
                return problems, rule.words
            misses.append(miss)
    why = f": {'; '.join(misses)}" if misses else " (a grant of kind 'policy', which must be named)"
    return [*problems, f"{person.name} may not approve policies{why}"], ""


def _subject(sha256: str) -> str:
    return f"policies/{sha256}"
