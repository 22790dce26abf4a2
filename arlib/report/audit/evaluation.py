"""What the audited values of a sample say about the population. Floor 3, on top of `audit.evidence`."""

from __future__ import annotations

from arlib.audit.ask import Ask
from arlib.audit.evidence.evaluations import Evaluated, Judged, evaluated
from arlib.audit.evidence.frames_sample import MISSTATED, PROJECTED, RESULTS
from arlib.audit.options.evidence import EvaluationOptions
from arlib.money import iso_code
from arlib.policy import Policies, Scope
from arlib.report.audit.evidence_parts import asked, listed, table, ties
from arlib.report.intake import intake_checks, intake_controls, intake_findings
from arlib.report.model import Report, ResultTable
from arlib.report.words import counted, day_text
from arlib.tables import Book, Column, Kind, Table

RATE_LIMIT = "limit of the rate of deviations, hypergeometric up to 5,000 items, else binomial"
CONVENTIONS = Table("conventions", "a choice behind the evaluation", ("currency", "choice"), (
    Column("currency", Kind.TEXT, "population", True),
    Column("choice", Kind.TEXT, "what was chosen", True),
    Column("value", Kind.TEXT, "how", True),
))  # fmt: skip


def evaluation_report(
    book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50
) -> Report:
    """Most likely misstatement, upper limit and conclusion for each population, and every misstatement.

    Needs the files `selection` (of the sample's pack) and `audited`; without them it says that nothing can be
    judged. The population is made again from the books and must
    have the seal of the draw. Items without an audited value are misstated in full.
    """
    options = ask.options or EvaluationOptions()
    found = evaluated(
        book, scope=scope, policies=policies, asked=ask.population, options=options,
        selection=ask.files.get("selection", ""), audited=ask.files.get("audited", ""),
    )  # fmt: skip
    results = found.results()
    return Report(
        name="evaluation",
        title=f"Evaluation of a sample, {scope.entity}, {day_text(scope.as_of)}",
        question="What do the audited values say about the population?",
        reader="external and internal auditors",
        scope=scope,
        tables=_tables(found, scope=scope),
        controls=(
            *(ties(book, found.documents, scope=scope, policies=policies, name="evaluation") if options.of == "open_items" else ()),
            *intake_controls(book, scope=scope),
        ),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found), *intake_findings(book)),
        limits=_limits(found),
        counts={
            "populations": len(found.judged), "examined": int(results["examined"].sum()),
            "errors": int(results["errors"].sum()), "not_found": int(results["not_found"].sum()),
        },
        parameters=asked(ask, scope=scope, extra={
            "Method": {"mus": f"Stringer bound, {options.bound} factors", "attribute": RATE_LIMIT,
                       "random": "difference estimator"}[options.method],
            "Confidence": options.confidence,
            "Tolerable": options.tolerable_amount or options.tolerable_rate or "not given",
            "Seal given": options.population_sha256 or "none",
            "Seed given": options.seed or "none",
            "Assertions": "existence and valuation of what is recorded",
        }),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: Evaluated, *, scope: Scope) -> tuple[ResultTable, ...]:
    code = scope.functional_currency
    chosen = [
        {"currency": one.currency, "choice": name, "value": value}
        for one in found.judged if one.money is not None for name, value in one.money.conventions.items() if value
    ]  # fmt: skip
    made = [
        table(
            RESULTS, found.results(), title="Result by population", functional=code,
            columns=("currency", "conclusion", "items", "book_value", "examined", "errors", "known", "most_likely", "upper",
                     "tolerable", "lower", "not_found", "rate", "rate_limit", "method"),
            headings={"known": "Found", "most_likely": "Most likely", "upper": "Upper limit"},
            not_on_page=("lower", "not_found", "rate", "rate_limit", "method"), not_totalled=("most_likely", "upper", "tolerable", "lower"),
        ),
        table(
            MISSTATED, found.misstatements(), title="Misstatements, the largest first", functional=code, needs_review=True,
            decisions=("correct", "explained", "judgemental", "isolated: evidence is attached"),
            columns=("number", "document_no", "customer_id", "currency", "book_value", "audit_value", "misstatement", "taint",
                     "projected", "note", "side", "part", "rank", "item_id", "is_found", "factor", "incremental"),
            headings={"number": "No.", "is_found": "Found", "note": "Auditor's note"},
            key=("number",), not_totalled=("projected", "incremental"),
            not_on_page=("side", "part", "rank", "item_id", "is_found", "factor", "incremental"),
        ),
        table(
            CONVENTIONS, CONVENTIONS.from_rows(chosen), title="Conventions behind the figures", functional=code, is_detail=True,
        ),
    ]  # fmt: skip
    made.insert(1, table(
        PROJECTED, found.parts(), title="Each part projected by itself", functional=code,
        columns=("number", "currency", "part", "items", "book_value", "examined", "errors", "over_projected", "under_projected",
                 "net_projected", "known", "over_upper", "how", "examined_value", "hits", "interval", "basic", "under_upper"),
        headings={"number": "No.", "over_projected": "Overstatement", "under_projected": "Understatement",
                  "net_projected": "Net: most likely", "over_upper": "Upper limit"},
        words={"part": {"high_value": "high value"}}, not_totalled=("over_upper", "under_upper", "basic"),
        not_on_page=("known", "over_upper", "how", "examined_value", "hits", "interval", "basic", "under_upper"),
        note="Overstatements less understatements of all parts are the most likely misstatement of the population.",
    ))  # fmt: skip
    return tuple(made)


def _findings(found: Evaluated) -> tuple[str, ...]:
    made = (
        []
        if found.judged
        else ["Send selection.csv of the sample with its audited values: nothing was evaluated."]
    )
    for one in found.judged:
        code = iso_code(one.currency)
        if one.money is not None:
            made.append(f"{code}: {one.money.words}")
        else:
            made.append(f"{code}: {_rate_words(one)}")
        if one.seed:
            made.append(
                f"{code}: the selection was drawn again from the books with seed {one.seed!r}: the same "
                f"{counted(len(one.audited), 'item')}."
            )
        else:
            made.append(
                f"{code}: the selection was not checked against its draw: neither the request nor the selection file "
                "has the seed."
            )
        lost = one.audited[~one.audited["is_found"].to_numpy(dtype=bool)]
        if len(lost):
            numbers = tuple(lost["document_no"].fillna(lost["item_id"]).astype(str))
            made.append(
                f"{code}: {counted(len(lost), 'item')} without an audited value, misstated in full: {listed(numbers)}."
            )
    return tuple(made)


def _rate_words(one: Judged) -> str:
    assert one.rate is not None
    found = one.rate
    limit = f"{float(found.upper) * 100:.2f} %"
    confidence = f"{float(1 - found.risk) * 100:g} %"
    text = f"{counted(int(found.errors), 'deviation')} in {counted(found.size, 'item')}; "
    text += f"at {confidence} confidence at most {limit} of the population deviate"
    if found.tolerable is None:
        return f"{text}. No tolerable rate was given, so there is no conclusion."
    end = "within" if found.is_supported else "beyond"
    said = "the sample supports the control" if found.is_supported else "the sample does not support it"
    return f"{text}, {end} the tolerable {float(found.tolerable) * 100:g} %: {said}."


def _limits(found: Evaluated) -> tuple[str, ...]:
    if not found.judged:
        return ("Not possible: no selection and no audited values were given, so nothing is evaluated.",)
    made = ["Audited values are the auditor's; the entity's own corrections are no audited values."]
    for one in found.judged:
        code = iso_code(one.currency)
        made += [f"{code}: {warning}." for warning in (one.money.warnings if one.money is not None else ())]
        if not one.was_sealed and one.has_file_seal:
            made.append(
                f"{code}: the request gave no seal of this population; the one compared is the selection file's own."
            )
        elif not one.was_sealed:
            made.append(
                f"{code}: no seal was given: whether this is the population drawn from was not checked."
            )
        if not one.seed:
            made.append(f"{code}: not possible without the seed: to check the selection against its draw.")
        elif one.is_file_seed:
            made.append(
                f"{code}: the seed is the selection file's own; compare it with the one in the register of requests."
            )
        if one.seed:
            made.append(
                f"{code}: interval and numbers of items drawn again are those that the selection file states."
            )
    return tuple(made)
