"""Where the parts of a case lie in its folder. Floor 4."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from arlib.run.context import ASKED

if TYPE_CHECKING:
    from arlib.run.cases.model import CaseFile

KIND = "case_file"  # the notebook
HOME = "cases"  # of all cases in the output folder
CASE = "params/case.yml"
CLOSE = "params/close.yml"  # the close file as it was
DECISIONS = f"{ASKED}/decisions.json"  # what people decided on the customer, as the report lists it


def statement_place(case: CaseFile) -> str:
    """Where the customer's own statement lies in a case folder."""
    return f"{ASKED}/statement/{PurePosixPath(case.statement).name}"
