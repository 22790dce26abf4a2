"""The catalogue of profiles: built in, registered by entry point, or a YAML file. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from arlib.errors import ParameterError, SourceError, nearest
from arlib.sources.extends import whole
from arlib.sources.profile import Profile

PROFILES = Path(__file__).parent / "profiles"

OPTIONS = (
    "on_rejected",
    "entity",
    "functional_currency",
    "control_account",
    "bank_account",
    "currency",
    "snapshot_date",
    "time_zone",
    "encoding",
    "delimiter",
    "sheet",
    "number_style",
    "allow_short_fraction",
    "float_noise",
    "minor_places",
    "date_formats",
    "none_dates",
    "accounts",
)


def builtin_profiles() -> tuple[str, ...]:
    """Names of the built-in profiles, sorted."""
    return tuple(sorted({path.stem for path in PROFILES.glob("*.yml")} | {"canonical"}))


def load_profile(
    name: str, *, root: Path | None = None, options: Mapping[str, object] | None = None
) -> Profile:
    """The profile of that built-in name, entry point (group arlib.sources) or YAML file, with options laid
    over it.

    An entry point names a function without arguments that returns the profile as a mapping or a YAML path. In
    such a mapping a file's `format` may be a reader, a function in Python: see FileMapping.
    Raises ParameterError for an unknown profile (with the nearest name), an unknown key or an option that
    may not be set.
    """
    given = dict(options or {})
    if unknown := sorted(set(given) - set(OPTIONS)):
        near = nearest(unknown[0], OPTIONS)
        raise ParameterError(
            "unknown option of a source",
            where=name,
            found=unknown[0],
            wanted=f"one of {', '.join(OPTIONS)}",
            fix=f"Did you mean {near!r}?" if near else "",
        )
    given.pop("on_rejected", None)  # of the load, not of the profile
    if not given and name in builtin_profiles():
        return _builtin(name)
    raw = _raw_profile(name, root)
    return profile_from({**raw, **{k: _plain(v) for k, v in given.items()}}, where=f"profile {name}")


@cache
def _builtin(name: str) -> Profile:
    """A built-in profile as it stands; it cannot change while the program runs."""
    return profile_from(_raw_profile(name, None), where=f"profile {name}")


def profile_from(raw: Mapping[str, Any], *, where: str) -> Profile:
    """A checked profile from a mapping; ParameterError says the first key at fault and how many more there
    are."""
    try:
        return Profile.model_validate(raw)
    except ValidationError as fault:
        first, *more = sorted(fault.errors(), key=lambda error: error["type"] != "extra_forbidden")
        key = ".".join(str(part) for part in first["loc"]) or "profile"
        rest = f" (and {len(more)} more)" if more else ""
        near = nearest(str(first["loc"][-1]), Profile.model_fields) if len(first["loc"]) == 1 else ""
        raise ParameterError(
            f"{key}: {first['msg']}{rest}",
            where=where,
            fix=f"Did you mean {near!r}?" if near and near != key else "",
        ) from fault


def _plain(value: object) -> object:
    """Option values as YAML would give them; dates become ISO text."""
    return value.isoformat() if hasattr(value, "isoformat") else value


def _raw_profile(name: str, root: Path | None) -> Mapping[str, Any]:
    """The profile as a mapping, with what it extends filled in."""
    return whole(_own_words(name, root), lambda other: _own_words(other, root), where=f"profile {name}")


def _own_words(name: str, root: Path | None) -> Mapping[str, Any]:
    if name == "canonical":
        from arlib.sources.canonical import canonical_profile

        return canonical_profile()
    if (PROFILES / f"{name}.yml").is_file():
        return _yaml(PROFILES / f"{name}.yml")
    if name.endswith((".yml", ".yaml")):
        path = Path(name) if root is None else root / name
        if not path.is_file():
            raise ParameterError("no such profile file", where=name)
        return _yaml(path)
    from importlib.metadata import entry_points

    registered = {point.name: point for point in entry_points(group="arlib.sources")}
    if name in registered:
        made = registered[name].load()()
        return made if isinstance(made, Mapping) else _yaml(Path(made))
    known = sorted({*builtin_profiles(), *registered})
    near = nearest(name, known)
    raise ParameterError(
        "unknown profile",
        found=name,
        wanted=f"one of {', '.join(known)} or a YAML file",
        fix=f"Did you mean {near!r}?" if near else "",
    )


class _TextLoader(yaml.SafeLoader):
    """YAML in which every plain scalar is text, so that a code NO or 00417 in a map stays as written."""


def _text(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> object:
    return str(loader.construct_scalar(node))


_TextLoader.yaml_implicit_resolvers = {
    first: [(tag, rule) for tag, rule in rules if tag == "tag:yaml.org,2002:merge"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _yaml(path: Path) -> Mapping[str, Any]:
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), Loader=_TextLoader)  # noqa: S506  (a SafeLoader)
    except OSError as fault:
        raise SourceError(f"cannot be read ({fault.strerror or fault})", where=path.name) from fault
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as fault:
        raise ParameterError(
            f"not readable as YAML: {str(fault).splitlines()[0]}", where=path.name
        ) from fault
    if not isinstance(loaded, dict):
        raise ParameterError("a profile is a mapping of keys", where=path.name)
    return loaded
