"""Requests that look for patterns and for the wrong period are answered by packs that check themselves, and perform again."""

from __future__ import annotations

import pytest

from arlib.audit.kinds import KINDS
from tests.acceptance.audit_packs import FIRST, performs_again


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in FIRST])
def test_a_pack_is_whole_everywhere_and_performs_again_without_a_difference(
    arlib, project, tmp_path, kind
) -> None:
    performs_again(arlib, project, tmp_path, kind)
