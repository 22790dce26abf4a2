"""Declared tables of evaluated samples. Floor 1."""

from __future__ import annotations

from enum import StrEnum

from arlib.audit.sampling.frames_select import Part
from arlib.tables.kinds import Column, Kind, Table

T, M, N, R, F = Kind.TEXT, Kind.MONEY, Kind.INTEGER, Kind.RATE, Kind.FLAG


class Side(StrEnum):
    """Which way an item is misstated."""

    OVERSTATEMENT = "overstatement"  # book above audit
    UNDERSTATEMENT = "understatement"  # book below audit


AUDITED = Table("sampling_audited", "an item of the sample with what the auditor found", ("item_id",), (
    Column("item_id", T, "identifier of the item", True),
    Column("stratum", T, "requester's stratum; empty where there is none", True),
    Column("part", T, "high value, positive, zero or credit", True, choices=Part),
    Column("currency", T, "currency of the amounts", True),
    Column("book_value", M, "recorded amount", True, currency="currency"),
    Column("audit_value", M, "amount that it should be", True, currency="currency"),
    Column("hits", N, "how often it was hit", True),
    Column("is_found", F, "false where the item could not be examined and counts as misstated in full", True),
))  # fmt: skip

ERRORS = Table("sampling_errors", "a misstatement found; one row a hit", ("side", "stratum", "part", "rank"), (
    Column("side", T, "over- or understatement", True, choices=Side),
    Column("stratum", T, "requester's stratum; empty where there is none", True),
    Column("part", T, "high value, positive, zero or credit", True, choices=Part),
    Column("rank", N, "by taint, the largest first; from 1 in each stratum and part", True),
    Column("item_id", T, "identifier of the item", True),
    Column("currency", T, "currency of the amounts", True),
    Column("book_value", M, "recorded amount", True, currency="currency"),
    Column("audit_value", M, "amount that it should be", True, currency="currency"),
    Column("misstatement", M, "book less audit", True, currency="currency"),
    Column("is_found", F, "false where it could not be examined", True),
    Column("taint", R, "misstatement by book value, without its sign; empty where it is not projected by it", may_be_zero=True),
    Column("factor", R, "upper number of errors at this rank; empty where none is used"),
    Column("increment", R, "factor less that of the rank before"),
    Column("projected", M, "share in the most likely misstatement, without its sign", currency="currency"),
    Column("incremental", M, "incremental allowance: (increment - 1) x projected", currency="currency"),
))  # fmt: skip

PARTS = Table("sampling_parts", "an evaluated part of a stratum", ("stratum", "part"), (
    Column("stratum", T, "requester's stratum; empty where there is none", True),
    Column("part", T, "high value, positive, zero or credit", True, choices=Part),
    Column("currency", T, "currency of the amounts", True),
    Column("items", N, "items in the population; empty where not known"),
    Column("book_value", M, "their book value; empty where not known", currency="currency"),
    Column("examined", N, "items examined", True),
    Column("examined_value", M, "their book value", True, currency="currency"),
    Column("hits", N, "sampling units", True),
    Column("errors", N, "items misstated", True),
    Column("interval", R, "monetary interval projected with, in currency"),
    Column("known", M, "misstatement found in the items examined, net", True, currency="currency"),
    Column("over_projected", M, "most likely overstatement", True, currency="currency"),
    Column("under_projected", M, "most likely understatement, without its sign", True, currency="currency"),
    Column("basic", M, "basic precision: the limit were no error found", currency="currency"),
    Column("over_upper", M, "upper limit of the overstatement", currency="currency"),
    Column("under_upper", M, "upper limit of the understatement", currency="currency"),
    Column("how", T, "how it was evaluated", True),
))  # fmt: skip
