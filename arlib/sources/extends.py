"""A profile that extends another: what it says is laid over what the other says. Floor 2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from arlib.errors import ParameterError, nearest

MERGED = ("files", "minor_places", "accounts")  # mappings that merge by key; what else is given replaces
MAX_DEPTH = 8

Raw = Mapping[str, Any]


def whole(raw: Raw, find: Callable[[str], Raw], *, where: str) -> Raw:
    """The profile with everything that it extends filled in; a profile that extends nothing comes back as it is.

    `files` merge by role and within a role by key. `tables` merge by their `into` and `part`: `columns` by name, other
    keys replace; a new part is added at the end. `without` lists parts to leave out, as "into" or "into/part".
    Raises ParameterError where `without` names no part, or profiles extend each other in a circle.
    """
    chain: list[Raw] = [raw]
    while "extends" in chain[-1]:
        if len(chain) > MAX_DEPTH:
            raise ParameterError("profiles extend each other without end", where=where)
        chain.append(find(str(chain[-1]["extends"])))
    made: Raw = chain.pop()
    while chain:
        made = _over(made, chain.pop(), where)
    return made


def _over(base: Raw, own: Raw, where: str) -> dict[str, Any]:
    """`own` laid over `base`."""
    said = {key: value for key, value in own.items() if key not in ("extends", "without", "tables")}
    made = {**base, **said}
    for key in MERGED:
        if isinstance(base.get(key), Mapping) and isinstance(own.get(key), Mapping):
            made[key] = _by_key(base[key], own[key])
    for side in (base, own):
        listed = side.get("tables", ())
        if not isinstance(listed, list | tuple) or not all(
            isinstance(part, Mapping) and isinstance(part.get("columns", {}), Mapping) for part in listed
        ):
            raise ParameterError(
                "tables: a list of parts, each with a mapping of columns, is wanted", where=where
            )
    parts = _less(base.get("tables", ()), own.get("without", ()), where)
    made["tables"] = _parts(parts, own.get("tables", ()))
    return made


def _by_key(base: Raw, own: Raw) -> dict[str, Any]:
    return {
        key: {**base[key], **own[key]}
        if isinstance(base.get(key), Mapping) and isinstance(own.get(key), Mapping)
        else own.get(key, base.get(key))
        for key in {**base, **own}
    }


def _name(part: Raw) -> str:
    into, own = str(part.get("into", "")), str(part.get("part", ""))
    return f"{into}/{own}" if own else into


def _less(parts: Any, without: Any, where: str) -> list[Raw]:
    """The parts without those that are named."""
    named = [without] if isinstance(without, str) else list(without)
    known = {_name(part) for part in parts}
    for name in named:
        if name not in known:
            near = nearest(name, known)
            raise ParameterError(
                "without: the extended profile has no such part",
                where=where,
                found=name,
                fix=f"Did you mean {near!r}?" if near else "",
            )
    return [part for part in parts if _name(part) not in named]


def _parts(base: list[Raw], own: Any) -> list[Raw]:
    made = {_name(part): part for part in base}
    for part in own:
        name = _name(part)
        if name in made:
            columns = {**made[name].get("columns", {}), **part.get("columns", {})}
            made[name] = {**made[name], **part, "columns": columns}
        else:
            made[name] = part
    return list(made.values())
