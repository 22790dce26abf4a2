"""What a partial close may leave out without being held up. The whole verdict is in test_close."""

from __future__ import annotations

from datetime import date

from arlib.controls import Control
from arlib.policy import ControlPolicy
from arlib.run.verdict import blocking

AGING = Control(name="intake", title="Files", entity="US01", currency="USD", left=1, right=1)
NO_LEDGER = Control(name="control_account", title="1200", entity="US01", currency="USD", note="no ledger")


def told(*controls: Control, is_partial: bool) -> tuple[str, ...]:
    return blocking(
        controls,
        policy=ControlPolicy(must_run=("control_account",)),
        entities=["US01"],
        functional={"US01": "USD"},
        as_of=date(2026, 10, 31),
        is_partial=is_partial,
    )


def test_a_control_that_was_not_asked_for_holds_up_only_a_whole_close():
    assert told(AGING, is_partial=True) == ()
    assert told(AGING, is_partial=False) == ("US01 control_account: must run, and no notebook ran it",)


def test_a_control_that_was_asked_for_and_could_not_run_holds_up_both():
    for is_partial in (True, False):
        assert told(AGING, NO_LEDGER, is_partial=is_partial) == (
            "US01 1200: must run; not run: input missing (no ledger)",
        )
