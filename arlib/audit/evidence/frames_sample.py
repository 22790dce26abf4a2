"""The tables of samples drawn from the books. Floor 1."""

from __future__ import annotations

from arlib.audit.evidence.frames import OPEN_DOCUMENTS
from arlib.audit.evidence.grades import Grade
from arlib.audit.sampling.frames_evaluate import ERRORS, PARTS
from arlib.audit.sampling.frames_select import How, Part
from arlib.tables import Column, Kind, Table

T, D, M, N, R, F = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER, Kind.RATE, Kind.FLAG

SEALED = Table("sealed", "a population, sealed before the draw", ("currency",), (
    Column("currency", T, "currency of its book values", True),
    Column("sha256", T, "hash of its canonical form: items by identifier, with book value", True),
    Column("items", N, "items", True),
    Column("book_value", M, "book value of all, credits taken off", True, currency="currency"),
    Column("positive_items", N, "positive items", True),
    Column("positive", M, "their book value: what a sample by money is drawn from", True, currency="currency"),
    Column("zero_items", N, "items of zero, apart", True),
    Column("credit_items", N, "credits, apart", True),
    Column("credits", M, "their book value", True, currency="currency"),
))  # fmt: skip

POPULATION_ITEMS = Table("population_items", "an item of a sealed population", ("currency", "item_id"), (
    Column("currency", T, "currency of the book value", True),
    Column("item_id", T, "item identifier", True, is_key=True),
    Column("document_no", T, "document number", is_key=True),
    Column("customer_id", T, "customer", is_key=True),
    Column("item_type", T, "what it is", True),
    Column("document_date", D, "date printed on it"),
    Column("control_account", T, "ledger account", is_key=True),
    Column("book_value", M, "recorded amount; credits negative", True, currency="currency"),
))  # fmt: skip

SELECTED = Table("selection", "an item of the sample", ("currency", "order", "item_id"), (
    Column("currency", T, "currency of the book value", True),
    Column("order", N, "running number of the selection", True),
    Column("item_id", T, "item identifier", True, is_key=True),
    *(column for column in OPEN_DOCUMENTS.columns if column.name in (
        "document_no", "customer_id", "customer_name", "item_type", "document_date", "posting_date", "due_date",
        "control_account", "purchase_order", "order_no", "delivery_no", "delivery_date", "copy_path")),
    Column("book_value", M, "recorded amount", True, currency="currency"),
    Column("part", T, "high value, positive, zero or credit", True, choices=Part),
    Column("how", T, "how it was selected", True, choices=How),
    Column("hits", N, "how often it was hit; it counts so often in the evaluation", True),
    Column("units", T, "monetary units hit, or places"),
    Column("interval", T, "sampling interval of its part, exact"),
    Column("population_sha256", T, "seal of the population that it was drawn from", True),
    Column("seed", T, "seed that it was drawn with; an evaluation draws again with it"),
    Column("audit_value", M, "for the auditor: what it should be; empty when sent", currency="currency"),
    Column("note", T, "for the auditor"),
    Column("paid_after", M, "cash after the date shown for it by bank and payer", currency="currency"),
    Column("paid_grade", T, "how good the evidence of its payment is", choices=Grade),
    Column("paid_lines", T, "bank lines of these payments, with day"),
))  # fmt: skip

PLANNED = Table("plan", "a figure of the plan, with its formula in words", ("currency", "rank"), (
    Column("currency", T, "population that it is of", True),
    Column("rank", N, "place in the plan", True),
    Column("figure", T, "name", True),
    Column("value", T, "as decimal text", True),
    Column("unit", T, "what it counts"),
    Column("words", T, "how it is come by", True),
))  # fmt: skip

STRATA_OF = Table("strata", "a part of a population and what was drawn from it", ("currency", "part"), (
    Column("currency", T, "currency of the amounts", True),
    Column("part", T, "high value, positive, zero or credit", True, choices=Part),
    Column("items", N, "items in the population", True),
    Column("book_value", M, "their book value", True, currency="currency"),
    Column("size", N, "sampling units to select", True),
    Column("hits", N, "sampling units selected", True),
    Column("selected_items", N, "different items selected", True),
    Column("selected_value", M, "their book value", True, currency="currency"),
    Column("interval", T, "sampling interval, exact"),
    Column("start", T, "first unit selected, exact"),
    Column("how", T, "how the items were selected; empty where none were", choices=How),
))  # fmt: skip

DRAWN = Table("draws", "a random number drawn", ("currency", "stream", "counter"), (
    Column("currency", T, "population that it was drawn for", True),
    Column("stream", T, "part drawn for", True),
    Column("counter", N, "counter that was hashed", True),
    Column("upto", T, "numbers from 1 to this, whole", True),
    Column("value", T, "number drawn", True),
))  # fmt: skip

RESULTS = Table("results", "what the sample says about a population", ("currency",), (
    Column("currency", T, "population", True),
    Column("method", T, "how it was evaluated", True),
    Column("items", N, "items in the population", True),
    Column("book_value", M, "their book value", True, currency="currency"),
    Column("examined", N, "items examined, those not found with them", True),
    Column("errors", N, "items misstated", True),
    Column("not_found", N, "items without an audited value: misstated in full", True),
    Column("known", M, "misstatement found, net", True, currency="currency"),
    Column("most_likely", M, "most likely misstatement of the population, net", currency="currency"),
    Column("upper", M, "upper limit of overstatement", currency="currency"),
    Column("lower", M, "minus the upper limit of understatement", currency="currency"),
    Column("tolerable", M, "tolerable misstatement", currency="currency"),
    Column("rate", R, "share of deviations found, for a sample by item", may_be_zero=True),
    Column("rate_limit", R, "upper limit of that share", may_be_zero=True),
    Column("conclusion", T, "accept, reject or not conclusive", True),
))  # fmt: skip

PROJECTED = Table("parts", "a part of a population, projected by itself", ("currency", "number"), (
    Column("number", N, "running number, from 1", True),
    Column("currency", T, "currency of the amounts", True),
    Column("part", T, "high value, positive, zero or credit; or what rounding leaves over", True),
    Column("items", N, "items in the population"),
    Column("book_value", M, "their book value", currency="currency"),
    Column("examined", N, "items examined"),
    Column("examined_value", M, "their book value", currency="currency"),
    Column("hits", N, "sampling units"),
    Column("errors", N, "items misstated"),
    PARTS["interval"],
    Column("known", M, "misstatement found in the items examined, net", currency="currency"),
    *(PARTS[name] for name in ("over_projected", "under_projected")),
    Column("net_projected", M, "most likely misstatement: over- less understatement; the parts add up to the population's", True,
           currency="currency"),
    *(PARTS[name] for name in ("basic", "over_upper", "under_upper", "how")),
))  # fmt: skip

MISSTATED = Table("misstatements", "an item of the sample that is misstated", ("currency", "side", "part", "rank"), (
    Column("number", N, "running number, from 1", True),
    *(ERRORS[name] for name in ("currency", "side", "part", "rank", "item_id")),
    Column("document_no", T, "document number", is_key=True),
    Column("customer_id", T, "customer", is_key=True),
    *(ERRORS[name] for name in ("book_value", "audit_value", "misstatement", "is_found", "taint", "factor", "projected",
                                "incremental")),
    Column("note", T, "the auditor's note; never trusted as a formula or markup"),
))  # fmt: skip
