"""Policy of authority: who may propose, approve and post what, up to what amount. Floor 0."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from arlib.errors import ParameterError, nearest
from arlib.tables.choices import ProposalKind

MAY = ("propose", "approve", "post")
POLICY = "policy"  # kind of a grant that lets a person approve policies; never meant by "every kind"
KINDS = (*(kind.value for kind in ProposalKind), POLICY)
_KEY = re.compile(r"(ssh-|ecdsa-|sk-)[a-z0-9@.-]+ [A-Za-z0-9+/]{40,}={0,3}( [^\r\n]*)?")


def plain_name(text: str) -> str:
    """A person's name or login as it is compared: compatibility forms, letter case, blanks and signs that do not
    show do not count.
    """
    shown = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join(unicodedata.normalize("NFKC", shown).casefold().split())


def bare_name(text: str) -> str:
    """A name as it is compared where nobody has declared it: blanks do not count at all."""
    return plain_name(text).replace(" ", "")


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person, how the machine knows him, and his duties."""

    name: str
    os_user: str = ""  # login of the operating system
    signing_key: str = ""  # public key, as ssh-keygen writes it: "ssh-ed25519 AAAA..."
    duties: tuple[str, ...] = ()  # cash_application, collecting, credit, write_off, posting ...

    def __post_init__(self) -> None:
        """A person has a name; a key is one line of ssh-keygen."""
        if not plain_name(self.name):
            raise ParameterError("a person without a name", found=self.name)
        if self.signing_key and not _KEY.fullmatch(self.signing_key):
            raise ParameterError(
                f"signing_key of {self.name}", found=self.signing_key[:40], wanted="one line of a .pub file"
            )


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a person may do. Empty `kinds` means every kind of proposal; without `up_to` no limit.

    Both days of validity are in it. The kind `policy`, to approve policies, must be named.
    """

    person: str
    may: str = "approve"  # propose, approve or post
    kinds: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    up_to: Decimal | None = None
    currency: str = ""  # of `up_to`; empty: the entity's functional currency
    entities: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None

    def __post_init__(self) -> None:
        """Words, kinds, limit and days must make sense."""
        _check(f"grant of {self.person}", self.may, self.kinds, self.up_to, self.valid_from, self.valid_to)


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """Authority lent to another for some days, both included; never more than the lender has."""

    giver: str
    taker: str
    valid_from: date
    valid_to: date
    may: str = "approve"
    kinds: tuple[str, ...] = ()
    up_to: Decimal | None = None
    currency: str = ""

    def __post_init__(self) -> None:
        """Two persons, and words, kinds, limit and days that make sense."""
        where = f"delegation of {self.giver} to {self.taker}"
        _check(where, self.may, self.kinds, self.up_to, self.valid_from, self.valid_to)
        if plain_name(self.giver) == plain_name(self.taker):
            raise ParameterError(where, wanted="two persons")


@dataclass(frozen=True, kw_only=True)
class AuthorityPolicy:
    """The matrix. Without any grant nothing can be approved.

    Where no grant says `propose`, every person may propose. The limit of a grant holds for one proposal, and for all
    proposals of one customer that a person approves under it within `cumulative_days`.
    """

    people: tuple[Person, ...] = ()
    grants: tuple[Grant, ...] = ()
    delegations: tuple[Delegation, ...] = ()
    incompatible: tuple[tuple[str, str], ...] = (
        ("cash_application", "credit"),
        ("cash_application", "write_off"),
        ("cash_application", "collecting"),
        ("collecting", "credit"),
        ("collecting", "write_off"),
    )
    unauthenticated_up_to: Decimal = Decimal(0)  # a typed name alone has no authority above this
    unauthenticated_currency: str = ""
    may_lend_on: bool = False  # whether lent authority may be lent again
    cumulative_days: int = 30

    def __post_init__(self) -> None:
        """Persons must be told apart, and grants and delegations must name them."""
        if self.unauthenticated_up_to < 0 or not self.unauthenticated_up_to.is_finite():
            raise ParameterError(
                "unauthenticated_up_to", found=str(self.unauthenticated_up_to), wanted="0 or more"
            )
        if self.cumulative_days < 0:
            raise ParameterError("cumulative_days", found=self.cumulative_days, wanted="0 or more")
        spellings = [{plain_name(person.name), plain_name(person.os_user)} - {""} for person in self.people]
        _once("name or login", [text for mine in spellings for text in sorted(mine)])
        _once("signing key", [" ".join(p.signing_key.split()[:2]) for p in self.people if p.signing_key])
        known = {plain_name(person.name): person.name for person in self.people}
        named = [grant.person for grant in self.grants]
        named += [name for lent in self.delegations for name in (lent.giver, lent.taker)]
        for name in named:
            if plain_name(name) not in known:
                near = nearest(name, known.values())
                raise ParameterError(
                    "a grant or delegation names nobody of `people`",
                    found=name,
                    fix=f"Did you mean {near!r}?" if near else "Add the person to `people`.",
                )


def _check(
    where: str,
    may: str,
    kinds: Iterable[str],
    up_to: Decimal | None,
    first: date | None,
    last: date | None,
) -> None:
    if may not in MAY:
        raise ParameterError(where, found=may, wanted=f"one of {', '.join(MAY)}")
    for kind in kinds:
        if kind not in KINDS:
            near = nearest(kind, KINDS)
            fix = f"Did you mean {near!r}?" if near else ""
            raise ParameterError(f"{where}: kind", found=kind, wanted=f"one of {', '.join(KINDS)}", fix=fix)
    if up_to is not None and (not up_to.is_finite() or up_to < 0):
        raise ParameterError(f"{where}: up_to", found=str(up_to), wanted="0 or more")
    if first and last and last < first:
        raise ParameterError(
            f"{where}: days", found=f"{first} to {last}", wanted="an end on or after the start"
        )


def _once(what: str, said: list[str]) -> None:
    if twice := sorted({text for text in said if said.count(text) > 1}):
        raise ParameterError(f"two persons have the same {what}", found=twice[0][:60])
