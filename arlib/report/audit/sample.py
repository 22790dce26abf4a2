"""A sample drawn from a sealed population, with all that a tester needs. Floor 3, on top of `audit.evidence`."""

from __future__ import annotations

from dataclasses import replace

from arlib.audit.ask import Ask
from arlib.audit.evidence.frames import OPEN_DOCUMENTS
from arlib.audit.evidence.frames_sample import DRAWN, PLANNED, POPULATION_ITEMS, SEALED, SELECTED, STRATA_OF
from arlib.audit.evidence.sample import DRAW, SEALED_ONLY, Sample, sample_of
from arlib.audit.evidence.subsequent import subsequent_receipts
from arlib.audit.options.evidence import FUNCTIONAL, SampleOptions
from arlib.controls import Control
from arlib.money import iso_code, total
from arlib.policy import Policies, Scope
from arlib.report.audit.evidence_parts import asked, listed, sums, table, ties
from arlib.report.audit.subsequent_receipts import GRADE_WORDS, receipt_tables
from arlib.report.intake import intake_checks, intake_controls, intake_findings, missing_limits
from arlib.report.model import Report, ResultTable
from arlib.report.tables import in_words
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book

OF = {"open_items": "items open at the date", "documents": "documents booked in the days asked for"}
MISSING = {
    "customers": "the sample names no customers",
    "document_links": "no copies of documents can be named",
    "receipts": "no cash after the date can be shown beside the sample",
}


def sample_report(book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50) -> Report:
    """The sealed population by currency, the plan with its formulas, and the sample where a seed was given.

    Without a seed the population is sealed and nothing drawn: the hash goes to the requester, who then gives the seed. The
    same books, options and seed give the same sample. Raises ParameterError for an empty population or a plan that cannot be.
    """
    options = ask.options or SampleOptions()
    if options.seed == DRAW:
        options = replace(options, seed="")
    found = sample_of(book, scope=scope, policies=policies, asked=ask.population, options=options)
    selected_ids = tuple(
        item for each in found.drawn if each.selection is not None for item in each.selection.items["item_id"]
    )
    paid = None
    if selected_ids and options.of == "open_items":
        paid = subsequent_receipts(book, scope=scope, policies=policies, named=selected_ids)
    receipts = (
        receipt_tables(paid, scope=scope, items_title="Selected items and what became of them")
        if paid
        else ()
    )
    return Report(
        name="sample",
        title=f"Sample, {scope.entity}, {day_text(scope.as_of)}",
        question="Which items are to be tested, drawn from which population, by which plan?",
        reader="external and internal auditors",
        scope=scope,
        tables=(*_tables(found, paid, scope=scope), *(one for one in receipts if one.name in ("traces", "exceptions"))),
        controls=(*_controls(found, book, scope=scope, policies=policies, options=options), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *(paid.identities if paid else ()), *intake_checks(book)),
        findings=(*_findings(found, options=options, scope=scope), *_outside(found, options=options, ask=ask), *intake_findings(book)),
        limits=(*_limits(found, options=options), *missing_limits(book, MISSING)),
        counts={
            "population": len(found.base), "left_out": len(found.left_out), "currencies": len(found.drawn),
            "selected": len(selected_ids), "with_cash_after": 0 if paid is None else int(paid.items["invoice_cash"].gt(0).sum()),
        },
        parameters=asked(ask, scope=scope, extra={
            "Drawn from": OF[options.of],
            "Method": {"mus": "monetary units, fixed interval, random start", "attribute": "items at random, for a rate of deviations",
                       "random": "items at random"}[options.method],
            "Confidence": options.confidence,
            "Tolerable": options.tolerable_amount or (f"{options.tolerable_rate} as a share" if options.tolerable_rate else "not given"),
            "Size": f"{options.size:,} by request" if options.size else "by plan",
            "Seed": options.seed or SEALED_ONLY,
            "Assertions": "existence, valuation and, of documents, occurrence; not completeness",
        }),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: Sample, paid: object, *, scope: Scope) -> tuple[ResultTable, ...]:
    code = scope.functional_currency
    selected = found.selected(paid)  # type: ignore[arg-type]
    left = found.left_out
    return (
        table(
            SEALED, found.frame("sealed"), title="Populations, sealed before the draw", functional=code,
            columns=("currency", "items", "book_value", "positive_items", "positive", "zero_items", "credit_items", "credits", "sha256"),
            headings={"sha256": "Seal (SHA-256)", "zero_items": "Zero", "positive_items": "Positive", "positive": "Their value",
                      "credit_items": "Credits", "credits": "Their value"},
            note="Credits and zero items are parts of their own: they are never netted against the rest, nor dropped.",
        ),
        table(
            PLANNED, found.frame("plan"), title="The plan, with its formulas", functional=code, headings={"rank": "No."},
            words={"figure": {name: in_words(name) for name in found.frame("plan")["figure"].unique()}},
        ),
        table(
            STRATA_OF, found.frame("strata"), title="Parts of the populations and what was drawn", functional=code,
            headings={"selected_items": "Selected", "selected_value": "Their value"}, not_on_page=("start",),
        ),
        table(
            SELECTED, selected, title="Selection, in the order drawn", functional=code,
            columns=("order", "document_no", "customer_id", "document_date", "currency", "book_value", "part", "audit_value",
                     "note", "paid_grade", "item_id", "customer_name", "item_type", "posting_date", "due_date", "control_account",
                     "purchase_order", "order_no", "delivery_no", "delivery_date", "copy_path", "how", "hits", "units", "interval",
                     "population_sha256", "seed", "paid_after", "paid_lines"),
            headings={"order": "No.", "audit_value": "Audited value", "note": "Auditor's note", "paid_grade": "Paid since",
                      "paid_after": "Cash shown for it", "paid_lines": "Bank lines", "posting_date": "Posted"},
            words={"paid_grade": GRADE_WORDS}, not_totalled=("audit_value", "paid_after"),
            not_on_page=("item_id", "customer_name", "item_type", "posting_date", "due_date", "control_account", "purchase_order",
                         "order_no", "delivery_no", "delivery_date", "copy_path", "how", "hits", "units", "interval",
                         "population_sha256", "seed", "paid_after", "paid_lines"),
            note="Fill in the audited values in selection.csv of this pack and send it back; an item without one counts as "
            "misstated in full.",
        ),
        table(
            DRAWN, found.frame("draws"), title="Random numbers drawn", functional=code, is_detail=True,
            note="SHA-256 of seed, seal, part and counter: see the documentation of samples.",
        ),
        table(
            POPULATION_ITEMS, found.frame("population_items"), title="Population, item by item", functional=code, is_detail=True,
            words={"item_type": {name: in_words(name) for name in found.base["item_type"].unique()}},
        ),
        table(
            OPEN_DOCUMENTS, left, name="left_out", title="Left out of the population", functional=code, is_detail=True,
            columns=("document_no", "customer_id", "item_type", "document_date", "control_account", "currency", "outstanding", "item_id"),
        ),
    )  # fmt: skip


def _controls(
    found: Sample, book: Book, *, scope: Scope, policies: Policies, options: SampleOptions
) -> tuple[Control, ...]:
    """Population and what it leaves out, against the ledger: open items only, which have a balance to tie to."""
    if options.of != "open_items":
        return ()
    import pandas as pd

    every = pd.concat([found.base, found.left_out], ignore_index=True) if len(found.left_out) else found.base
    return ties(book, every, scope=scope, policies=policies, name="sample")


def _findings(found: Sample, *, options: SampleOptions, scope: Scope) -> tuple[str, ...]:
    made = []
    for each in found.drawn:
        code, pop = each.currency, each.population
        text = f"{iso_code(code)}: population of {counted(len(pop.items), 'item')}, {money_text(pop.total, code)}, seal {pop.sha256}"
        if each.selection is None:
            why = SEALED_ONLY if not options.seed else "nothing could be drawn"
            text += f"; {why}"
            text += f"; planned size {each.plan.size:,}" if each.plan is not None and each.plan.size else ""
        else:
            rows = each.selection.items
            text += f"; drawn with seed {options.seed!r}: {counted(len(rows), 'item')}, {money_text(total(rows['book_value']), code)}"
        made.append(f"{text}.")
        if each.plan is not None and each.plan.size and options.size and options.size < each.plan.size:
            made.append(
                f"{iso_code(code)}: the size asked for, {options.size:,}, is below the plan's {each.plan.size:,}: "
                "the sample does not reach the confidence asked for."
            )
    if found.unvalued:
        made.append(
            f"Without an amount in {scope.functional_currency}, so in no population: {listed(found.unvalued)}."
        )
    if not options.seed:
        made.insert(
            0,
            "Nothing is drawn yet: waiting for the seed of the auditor. Send the auditor the seal; the sample is drawn "
            "with the seed that comes back.",
        )
    return tuple(made)


def _outside(found: Sample, *, options: SampleOptions, ask: Ask) -> tuple[str, ...]:
    """What the populations leave out, by why: count and totals by currency."""
    rows = found.left_out
    is_other = rows["currency"].ne(options.currency) & (options.currency not in ("", FUNCTIONAL))
    other, filtered = rows[is_other.to_numpy(dtype=bool)], rows[~is_other.to_numpy(dtype=bool)]
    made = []
    if len(other):
        made.append(
            f"Outside the sample, as only {options.currency} was asked for: {counted(len(other), 'item')} in other "
            f"currencies, {sums(other, 'outstanding')}."
        )
    if len(filtered):
        why = ask.population.words()
        why = (
            "cash and refunds are no documents to sample"
            if why == "all items"
            else f"the request asks for {why}"
        )
        made.append(
            f"Outside the sample, as {why}: {counted(len(filtered), 'item')}, {sums(filtered, 'outstanding')}."
        )
    return tuple(made) or ("No item is outside the populations sampled.",)


def _limits(found: Sample, *, options: SampleOptions) -> tuple[str, ...]:
    made = [
        "A sample of recorded items cannot show that items are missing (completeness): see numbering and cut-off.",
        "Each currency is a population of its own; their results are not added." if options.currency != FUNCTIONAL else
        "Book values are carrying amounts at booking rates, in the books' currency.",
    ]  # fmt: skip
    if options.of == "documents":
        made.append(
            "Not possible: to tie documents of a period to one balance; the listing and the roll-forward do that."
        )
    if any(each.size and each.plan is None for each in found.drawn):
        made.append("The size was given: no plan says which confidence the sample reaches.")
    return tuple(made)
