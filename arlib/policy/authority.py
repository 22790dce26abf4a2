"""Policy of authority: who may propose, approve and post what, up to what amount. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person, how the machine knows him, and his duties."""

    name: str
    os_user: str = ""  # login of the operating system
    signing_key: str = ""  # public key, as ssh-keygen writes it: "ssh-ed25519 AAAA..."
    duties: tuple[str, ...] = ()  # cash_application, collecting, credit, write_off, posting ...


@dataclass(frozen=True, kw_only=True)
class Grant:
    """What a person may do. Empty `kinds` means every kind of proposal; without `up_to` no limit."""

    person: str
    may: str = "approve"  # propose, approve or post
    kinds: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    up_to: Decimal | None = None
    currency: str = ""  # of `up_to`; empty: the entity's functional currency
    entities: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """Authority lent to another for some days; never more than the lender has."""

    giver: str
    taker: str
    valid_from: date
    valid_to: date
    kinds: tuple[str, ...] = ()
    up_to: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, kw_only=True)
class AuthorityPolicy:
    """The matrix. Without any grant nothing can be approved."""

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
