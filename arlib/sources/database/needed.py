"""Which columns a profile takes from a file role, and which of them are money. Floor 2.

A step that reads records by itself finds the columns that the role's `header` names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from arlib.sources.express import BRACES
from arlib.sources.profile import Condition, Expression, Part, Profile
from arlib.tables import CANONICAL, Kind


@dataclass(frozen=True)
class Needed:
    """Columns of one role, as the profile writes them."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    money: frozenset[str]

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, the required ones first."""
        return (*self.required, *self.optional)


def needed_columns(profile: Profile, role: str) -> Needed:
    """The columns that the profile's parts, joins and conditions take from a role, and its header."""
    required: dict[str, None] = dict.fromkeys(profile.files[role].header)
    optional: dict[str, None] = dict.fromkeys(profile.files[role].noted_if_missing)
    money: set[str] = set()
    for part in profile.tables:
        for name, is_optional, is_money in _of_part(part):
            own = _own(part, role, name)
            if own:
                (optional if is_optional else required)[own] = None
                money |= {own} if is_money else set()
        if role in part.join:
            required |= dict.fromkeys(part.join[role].values())
    for part in profile.tables:
        for condition in _conditions(part):
            file, _, column = (condition.is_in or "").rpartition(".")
            if file == role:
                required[column] = None
    if profile.snapshot_latest is not None and profile.snapshot_latest.source == role:
        required[profile.snapshot_latest.column] = None
    return Needed(tuple(required), tuple(name for name in optional if name not in required), frozenset(money))


def _own(part: Part, role: str, name: str) -> str:
    """The role's own name of a column that the part uses, '' where it is another role's."""
    file, dot, column = name.partition(".")
    if dot and file in part.join:
        return column if file == role else ""
    return name if part.source == role else ""


def _of_part(part: Part) -> Iterator[tuple[str, bool, bool]]:
    """Column, whether it may be missing, whether it becomes money."""
    table = CANONICAL[part.into]
    for name, expression in part.columns.items():
        column = table.by_name.get(name)
        is_money = column is not None and column.kind is Kind.MONEY
        for used, is_optional, is_value in _columns(expression):
            yield used, is_optional, is_money and is_value
    for condition in part.where:
        yield from _tested(condition)
    for on in part.join.values():
        yield from ((name, False, False) for name in on)


def _columns(expression: Expression, *, is_optional: bool = False) -> Iterator[tuple[str, bool, bool]]:
    """Column, whether it may be missing, whether it is (a part of) the value."""
    may_miss = is_optional or expression.is_optional
    if expression.column is not None:
        yield expression.column, may_miss, True
    if expression.template is not None:
        yield from ((name, may_miss, True) for name in BRACES.findall(expression.template))
    for operand in _operands(expression):
        yield from _columns(operand, is_optional=may_miss)
    if expression.plus_days is not None:
        yield from _columns(expression.plus_days.date, is_optional=may_miss)
        yield from ((name, False, False) for name in expression.plus_days.days)
    if expression.by_sign is not None:
        yield from _columns(expression.by_sign.of, is_optional=may_miss)
    if expression.sign is not None:
        yield expression.sign.by, False, False
    for condition in expression.when:
        yield from _tested(condition)


def _operands(expression: Expression) -> tuple[Expression, ...]:
    return (*(expression.first_of or ()), *(expression.subtract or ()), *(expression.identity or ()))


def _tested(condition: Condition) -> Iterator[tuple[str, bool, bool]]:
    may_miss = condition.is_optional
    yield condition.column, may_miss, False
    if condition.differs_from is not None:
        yield condition.differs_from, False, False
    if condition.among is not None:
        yield condition.among.column, False, False
        for inner in condition.among.where:
            yield from _tested(inner)


def _conditions(part: Part) -> Iterator[Condition]:
    expressions: list[Expression] = list(part.columns.values())
    found: list[Condition] = list(part.where)
    while expressions:
        one = expressions.pop()
        found += one.when
        expressions += _operands(one)
        expressions += [one.plus_days.date] if one.plus_days is not None else []
        expressions += [one.by_sign.of] if one.by_sign is not None else []
    yield from _deep(found)


def _deep(conditions: Iterable[Condition]) -> Iterator[Condition]:
    for condition in conditions:
        yield condition
        if condition.among is not None:
            yield from _deep(condition.among.where)
