"""The persons of an authority policy, found by name or login. Floor 1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from arlib.errors import nearest
from arlib.policy.authority import AuthorityPolicy, Person, plain_name


@dataclass(frozen=True)
class People:
    """Persons by every spelling that a policy gives of them."""

    by_spelling: Mapping[str, Person]

    @classmethod
    def of(cls, policy: AuthorityPolicy) -> People:
        """The persons of a policy."""
        found = {plain_name(person.os_user): person for person in policy.people if person.os_user}
        return cls(found | {plain_name(person.name): person for person in policy.people})

    def find(self, text: str) -> Person | None:
        """The person of a name or login, None for one who is not known."""
        return self.by_spelling.get(plain_name(text))

    def unknown(self, text: str) -> str:
        """What to say of a text that is nobody's name, with the nearest name."""
        names = {person.name for person in self.by_spelling.values()}
        near = nearest(text, names)
        return f"{text!a} is no person of the authority policy" + (
            f"; did you mean {near!r}?" if near else ""
        )


def same(one: Person | None, other: Person | None) -> bool:
    """Whether two known persons are one."""
    return one is not None and other is not None and plain_name(one.name) == plain_name(other.name)
