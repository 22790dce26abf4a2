"""Why a decision was not recorded. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence

from arlib.errors import InputError, StoreError


class ConflictError(StoreError):
    """Somebody else decided first. Nothing was recorded.

    `decision_id`, `by` and `at` (UTC, as the store has it) are of the decision that stands in the way.
    """

    def __init__(self, message: str, *, decision_id: str, by: str, at: str, fix: str = "") -> None:
        """Keep who was first beside the sentence."""
        self.decision_id, self.by, self.at = decision_id, by, at
        super().__init__(message, fix=fix)


class DutyError(InputError):
    """The act is of a duty that does not go together with another duty of the same person. Nothing was recorded."""


class FaultsError(InputError):
    """What was asked for cannot be right: every fault at once, in `faults`. Nothing was recorded."""

    def __init__(self, what: str, faults: Sequence[str], *, fix: str = "") -> None:
        """Compose one sentence of all faults."""
        self.faults = tuple(faults)
        super().__init__(f"{what}: {'; '.join(self.faults)}", fix=fix)
