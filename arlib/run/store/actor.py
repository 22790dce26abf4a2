"""Who acts, and how that is known. Floor 4."""

from __future__ import annotations

import os
from dataclasses import dataclass

from arlib.run.store.chain import Authentication


@dataclass(frozen=True)
class Actor:
    """A name and its proof."""

    name: str
    authentication: Authentication = Authentication.UNAUTHENTICATED


def current_actor() -> Actor:
    """The operating system's user of this process; where the system does not say, its number or 'unknown'.

    The environment (LOGNAME, USER) is not asked: whoever starts a process can write there what he likes.
    """
    try:
        import pwd
    except ModuleNotFoundError:  # Windows
        return Actor(os.environ.get("USERNAME", "") or "unknown")
    number = os.getuid()
    try:
        return Actor(pwd.getpwuid(number).pw_name, Authentication.OS_USER)
    except KeyError:
        return Actor(f"uid {number}", Authentication.OS_USER)
