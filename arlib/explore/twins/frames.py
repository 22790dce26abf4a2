"""Declared tables of the exploration twins. Floor 5."""

from __future__ import annotations

from arlib.tables import Column, Kind, Table

T, M, R = Kind.TEXT, Kind.MONEY, Kind.RATE

ALLOWANCE_EFFECT = Table("allowance_effect", "a line of the pool, by the policy and as tried", ("entity", "segment", "bucket"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("segment", T, "segment of the pool; empty for the whole"),
    Column("bucket", T, "place in the aging by original due date", True),
    Column("at_risk", M, "exposure less cover: what the rate is counted on", True, currency="functional"),
    Column("policy_rate", R, "loss rate by the policy, before overlays, 12 digits", True, may_be_zero=True),
    Column("tried_rate", R, "loss rate tried, before overlays", True, may_be_zero=True),
    Column("policy_allowance", M, "allowance by the policy", True, currency="functional"),
    Column("by_rate", M, "what the other rate changes", True, currency="functional"),
    Column("by_overlay", M, "what the other overlay changes, at the rate tried", True, currency="functional"),
    Column("by_discount", M, "what discounting changes of both", True, currency="functional"),
    Column("tried_allowance", M, "policy_allowance + by_rate + by_overlay + by_discount", True, currency="functional"),
))  # fmt: skip
