"""How many days after its document a ledger's money comes. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FEW = 40  # payments below which a ledger shows no habit of its own
SLACK = 0.25  # share of the usual span of days that is added at both ends
SLACK_DAYS = 7
CORE = (0.005, 0.995)  # quantiles between which the usual payments lie


def usual_days(lags: Sequence[int]) -> tuple[int, int] | None:
    """First and last usual day after the document, with slack; None where fewer than FEW payments are known.

    `lags` are days from document to money of payments that are sure. The span is widened by a quarter and a week, so that a
    payment a little later than any known one is still usual.
    """
    if len(lags) < FEW:
        return None
    low, high = np.quantile(np.asarray(lags, np.int64), CORE, method="closest_observation").tolist()
    slack = SLACK_DAYS + int(SLACK * (high - low))
    return low - slack, high + slack
