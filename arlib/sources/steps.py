"""Steps that a profile may name for what no mapping can say. Floor 2.

A step sees the typed rows of all parts (with the profile's `_helper` columns and provenance) and the raw
records by file role; it returns further tables and problems.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from arlib.sources import clearing

if TYPE_CHECKING:
    import pandas as pd

    from arlib.errors import Problem
    from arlib.sources.profile import Profile
    from arlib.sources.raw import Records

Step = Callable[
    ["dict[str, pd.DataFrame]", "Mapping[str, Records]", "Profile"],
    "tuple[dict[str, pd.DataFrame], list[Problem]]",
]

STEPS: dict[str, Step] = {
    "follow_references": clearing.follow_references,
    "clear_groups": clearing.clear_groups,
    "documents_without_lines": clearing.documents_without_lines,
}
