"""Steps that a profile may name for what no mapping can say. Floor 2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from arlib.errors import Problem
    from arlib.sources.profile import Profile
    from arlib.sources.raw import Records

Step = Callable[
    ["dict[str, pd.DataFrame]", "Mapping[str, Records]", "Profile"], "tuple[dict[str, pd.DataFrame], list[Problem]]"
]

STEPS: dict[str, Step] = {}
