"""Declared tables of populations and selections. Floor 1."""

from __future__ import annotations

from enum import StrEnum

from arlib.tables.kinds import Column, Kind, Table

T, M, N, R = Kind.TEXT, Kind.MONEY, Kind.INTEGER, Kind.RATE


class Part(StrEnum):
    """Where an item stands by its book value; each is a stratum of its own and all are in every total."""

    HIGH_VALUE = "high_value"  # positive, at or above the limit: examined in full
    POSITIVE = "positive"  # positive, below the limit: sampled
    ZERO = "zero"  # no monetary unit that could be hit
    CREDIT = "credit"  # negative: a monetary unit of it would count against the others


class How(StrEnum):
    """How an item came into the sample."""

    CERTAINTY = "certainty"
    INTERVAL = "interval"
    CELL = "cell"
    RANDOM = "random"


POPULATION = Table("sampling_population", "an item that may be selected", ("position",), (
    Column("position", N, "place in the order of selection, from 1", True),
    Column("item_id", T, "identifier of the item", True),
    Column("currency", T, "currency of the book value", True),
    Column("book_value", M, "recorded amount; credits negative", True, currency="currency"),
    Column("stratum", T, "requester's stratum; empty where there is none", True),
    Column("part", T, "positive, zero or credit", True, choices=Part),
))  # fmt: skip

STRATA = Table("sampling_strata", "a part of a stratum of a population", ("stratum", "part"), (
    Column("stratum", T, "requester's stratum; empty where there is none, or for credits and zeros of all", True),
    Column("part", T, "high value, positive, zero or credit", True, choices=Part),
    Column("currency", T, "currency of the amounts", True),
    Column("items", N, "items in the population", True),
    Column("book_value", M, "their book value", True, currency="currency"),
    Column("size", N, "sampling units to select: items, or hits of monetary units", True),
    Column("hits", N, "sampling units selected; an item hit twice counts twice", True),
    Column("selected_items", N, "different items selected", True),
    Column("selected_value", M, "book value of the selected items", True, currency="currency"),
    Column("interval", R, "sampling interval, in currency (by money) or items", may_be_zero=True),
    Column("start", R, "first unit selected, in currency or items", may_be_zero=True),
    Column("how", T, "how the items were selected; empty where none were", choices=How),
))  # fmt: skip

SELECTION = Table("sampling_selection", "a selected item", ("order",), (
    Column("order", N, "running number of the selection", True),
    Column("item_id", T, "identifier of the item", True),
    Column("position", N, "its place in the population", True),
    Column("currency", T, "currency of the book value", True),
    Column("book_value", M, "recorded amount", True, currency="currency"),
    Column("stratum", T, "requester's stratum", True),
    Column("part", T, "high value, positive, zero or credit", True, choices=Part),
    Column("how", T, "how it was selected", True, choices=How),
    Column("hits", N, "how often it was hit; it counts so often in the evaluation", True),
    Column("units", T, "units hit, separated by ';': running total of book value in currency, or places in the stratum"),
))  # fmt: skip

DRAWS = Table("sampling_draws", "a random number drawn", ("stream", "counter"), (
    Column("stream", T, "stratum and part drawn for", True),
    Column("counter", N, "counter that was hashed", True),
    Column("upto", T, "numbers from 1 to this, whole", True),
    Column("value", T, "number drawn", True),
))  # fmt: skip

CLUSTERS = Table("sampling_clusters", "a cluster of a two-stage draw", ("cluster",), (
    Column("cluster", T, "name of the cluster", True),
    Column("currency", T, "currency of the amounts", True),
    Column("items", N, "items in it, zero and credit ones too", True),
    Column("book_value", M, "their book value", True, currency="currency"),
    Column("is_drawn", Kind.FLAG, "whether it was drawn", True),
    Column("selected_items", N, "items selected in it", True),
))  # fmt: skip
