# ruff: noqa: E501  (a declared column is one line)
"""Tables of the bad-debt report: provision matrix, coverage, customers, movement, what came of it. Floor 3."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import pandas as pd

from arlib.credit.allowance.frames_measure import (
    DISPUTE_RESERVE,
    EXCLUDED,
    SECURITY_USED,
    SPECIFIC_LINES,
    VIEWS,
)
from arlib.credit.allowance.frames_movement import (
    BACK_TEST,
    EXPENSE,
    LOOK_BACK,
    LOSS_FLOWS,
    LOSS_TREND,
    MOVEMENT,
    ONE_SIDED,
    SENSITIVITY,
    MovementPart,
)
from arlib.credit.proposals import BLOCKED, DECISIONS, PROPOSALS
from arlib.ledger.facts import of_entity
from arlib.money import times, total
from arlib.policy import Scope
from arlib.report.bad_debt_columns import (
    BOTH_PARTS,
    BY_METHOD,
    COVERAGE,
    METHOD_WORDS,
    MONTHS_THAT_COUNT,
    MOVEMENT_HEADINGS,
    PRIOR,
    PROVISION,
    RATES,
    TOP,
    WHOLE,
    M,
    R,
)
from arlib.report.bad_debt_facts import BadDebt
from arlib.report.bad_debt_percents import percent_of, percents, share_percent, share_percents
from arlib.report.model import ResultTable
from arlib.report.tables import in_words, result_table, spoken
from arlib.tables import Book, Table
from arlib.tables.choices import AllowancePart


def bad_debt_tables(facts: BadDebt, *, scope: Scope) -> tuple[ResultTable, ...]:
    """Every table of the report, in reading order."""
    code = scope.functional_currency
    measured = facts.measured
    return (
        _provision(facts, code),
        _coverage(facts, code),
        _top(facts, code),
        _movement(facts, code),
        _movement_by_segment(facts, code),
        result_table(EXPENSE, facts.movement.expense, title=f"What credit losses cost in the period, {code}", functional=code,
                     strong_rows="is_total", is_ordered=True, headings={"line_no": "No."}, not_totalled=("amount",)),
        result_table(PROPOSALS, facts.proposals, title="Charge or release to approve", functional=code,
                     needs_review=True, decisions=DECISIONS, not_totalled=("tax_amount",), words=spoken(facts.proposals, "reason")),
        result_table(BLOCKED, facts.blocked, title="Blocked", functional=code),
        result_table(SPECIFIC_LINES, measured.specific.assign(loss_rate=percents(measured.specific["loss_rate"])),
                     title="Specific reserves, out of the pool", functional=code,
                     columns=_without(SPECIFIC_LINES, "entity"), headings={"loss_rate": "Loss rate, %", "line_id": "Reserve"},
                     words=spoken(measured.specific, "reason")),
        result_table(DISPUTE_RESERVE, measured.dispute_reserve.assign(credit_rate=percents(measured.dispute_reserve["credit_rate"])),
                     functional=code, headings={"dispute_id": "Dispute", "credit_rate": "Credit rate, %", "counted_functional": f"Counted {code}"},
                     title="Credit-note reserve for disputes, against revenue", columns=_without(DISPUTE_RESERVE, "entity"),
                     note="Expected credits are variable consideration: no credit loss, and out of the exposure.",
                     words=spoken(measured.dispute_reserve, "reason")),
        result_table(SECURITY_USED, measured.security, title="Insurance and other security", functional=code,
                     columns=_without(SECURITY_USED, "entity"), headings={"security_id": "Security"},
                     not_totalled=("secured", "cover", "reimbursement"),
                     note="The reimbursement of what counts is off the allowance already; of the rest it is an asset or a disclosure."),
        result_table(EXCLUDED, measured.excluded, title="Open items that are no exposure", functional=code, is_detail=True,
                     columns=_without(EXCLUDED, "entity", "because"),
                     note="Every open item is either an exposure or here."),
        _rates(facts, code),
        _methods(facts, code),
        _flows(facts, scope),
        result_table(LOSS_TREND, facts.trend.assign(coverage=percents(facts.trend["coverage"])), is_ordered=True,
                     title="Write-offs, recoveries and allowance by month", functional=code,
                     not_totalled=("allowance", "exposure"), headings={"coverage": "Coverage, %", "exposure": "Open debits, gross"},
                     note="Coverage is the allowance booked by the open debits of outside customers, gross."),
        result_table(LOOK_BACK, _rounded(facts.look_back), title="Look-back: did the allowance of then last?", functional=code,
                     not_totalled=LOOK_BACK.of_kind(M), is_ordered=True,
                     headings={"expense_to_write_offs": "Expense to write-offs", "opening_to_write_offs": "Opening to write-offs",
                               "exhaustion_years": "Exhausted after years"},
                     note="As booked. A window of fewer than twelve months is not scaled up."),
        result_table(BACK_TEST, facts.back_test.assign(resolved_rate=percents(facts.back_test["resolved_rate"])),
                     title="Back-test: the method of today with the facts of then", functional=code, is_ordered=True,
                     not_totalled=BACK_TEST.of_kind(M),
                     headings={"history_months": "Months of history then", "resolved_rate": "Resolved, %", "over": "Allowance over net loss so far", "paid": "Settled since"},
                     note="What is still open may yet be lost: the outcome is as complete as the resolved share says."),
        result_table(SENSITIVITY, facts.sensitivity, title="Sensitivity of the allowance", functional=code, is_ordered=True,
                     strong_rows="is_base", not_totalled=SENSITIVITY.of_kind(M), headings={"line_no": "No."}),
        result_table(VIEWS, facts.views.compared, title="Management view and both frameworks", functional=code, is_ordered=True,
                     not_totalled=VIEWS.of_kind(M), headings={"ifrs9": "IFRS 9", "asc326": "ASC 326"},
                     words={"figure": {f: f[:1].upper() + f[1:] for f in facts.views.compared["figure"]}}),
        result_table(ONE_SIDED, facts.differences, title="Documents that the records of losses do not share", functional=code,
                     not_totalled=("left", "right")),
    )  # fmt: skip


def history_table(facts: BadDebt, book: Book, *, scope: Scope) -> ResultTable:
    """What is required now and what earlier closes required: the next close opens with it."""
    now = facts.measured.by_segment.assign(
        period=scope.period, as_of=pd.Timestamp(scope.as_of), currency=scope.functional_currency
    )
    earlier = of_entity(book["prior_allowance"], scope.entity)
    kept = [
        PRIOR.typed(part)
        for part in (earlier[earlier["period"].ne(scope.period).to_numpy(dtype=bool)], now)
        if len(part)
    ]
    frame = pd.concat(kept, ignore_index=True) if kept else PRIOR.empty()
    frame = frame.assign(segment=frame["segment"].fillna(""), customer_id=frame["customer_id"].fillna(""))
    return result_table(
        PRIOR, frame, name="allowance_history", title="Allowance required, close by close", functional=scope.functional_currency,
        columns=[name for name in PRIOR.names if name not in ("entity", "run_id")], is_detail=True,
        not_totalled=("exposure", "allowance"),
    )  # fmt: skip


def _without(table: Table, *names: str) -> tuple[str, ...]:
    return tuple(name for name in table.names if name not in names)


def _rounded(look_back: pd.DataFrame) -> pd.DataFrame:
    """The ratios of the look-back to two places; percent_of shows hundredths."""
    made = look_back.copy()
    for name in LOOK_BACK.of_kind(R):
        rounded = [
            None if pd.isna(rate) else percent_of(Fraction(str(rate)) / 100) for rate in look_back[name]
        ]
        made[name] = pd.Series(rounded, index=made.index, dtype="str")
    return made


def _bucket_words(buckets: Iterable[str]) -> dict[str, str]:
    return {str(bucket): in_words(str(bucket)) for bucket in buckets}


def without_whole(table: Table, frame: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns and key without the segment where there is only the whole portfolio."""
    has_segments = bool(frame["segment"].ne("").any())
    dropped = () if has_segments else ("segment",)
    columns = tuple(name for name in table.names if name not in ("entity", *dropped))
    return columns, tuple(name for name in table.key if name not in ("entity", *dropped))


def _provision(facts: BadDebt, code: str) -> ResultTable:
    lines = facts.measured.lines
    frame = lines.assign(
        segment=lines["segment"].fillna(""),
        historical=percents(lines["historical_rate"]),
        applied=percents(lines["applied_rate"]),
        coverage=share_percents(lines["allowance"], lines["exposure"]),
    )
    headings = {"historical": "Rate of history, %", "applied": "Applied rate, %", "coverage": "Coverage, %",
                "cover": "Covered by security", "at_history": "At history"}  # fmt: skip
    columns, key = without_whole(PROVISION, frame)
    return result_table(
        PROVISION, frame, title=f"Provision matrix of the pool, {code}", functional=code, is_ordered=True, columns=columns, key=key,
        headings=headings, words=_spoken_lines(facts, columns),
        note="Rates are exact in the calculation and shown to two places; each line is rounded once.",
    )  # fmt: skip


def _coverage(facts: BadDebt, code: str) -> ResultTable:
    rows = facts.item_allowances
    pool = rows["part"].eq(AllowancePart.POOL.value)
    made = []
    for bucket in facts.buckets:
        here = rows["bucket"].eq(bucket)
        sums = {
            f"{part}{column}": total(rows.loc[(here & mask).to_numpy(dtype=bool), name])
            for part, mask in (("pool", pool), ("specific", ~pool))
            for column, name in (("", "exposure"), ("_allowance", "allowance"))
        }
        exposure, allowance = (
            sums["pool"] + sums["specific"],
            sums["pool_allowance"] + sums["specific_allowance"],
        )
        made.append({"bucket": bucket, **sums, "exposure": exposure, "allowance": allowance,
                     "coverage": share_percent(allowance, exposure)})  # fmt: skip
    return result_table(
        COVERAGE, COVERAGE.typed(pd.DataFrame(made)), title=f"Coverage by bucket, {code}", functional=code, is_ordered=True,
        headings={"pool": "Exposure, pool", "specific": "Exposure, specific", "exposure": "Exposure", "coverage": "Coverage, %",
                  "pool_allowance": "Allowance, pool", "specific_allowance": "Allowance, specific", "allowance": "Allowance"},
        words={"bucket": _bucket_words(facts.buckets)},
    )  # fmt: skip


def _top(facts: BadDebt, code: str) -> ResultTable:
    """Customers by exposure, largest first."""
    rows, by = facts.item_allowances, "customer_id"
    exposures = facts.measured.exposures
    late = exposures[exposures["days_past_due"].gt(0).to_numpy(dtype=bool)]
    pool = rows["part"].eq(AllowancePart.POOL.value)
    made = rows.groupby(by)[["gross", "exposure"]].sum()
    reserve = facts.measured.dispute_reserve
    parts = {
        "past_due": late.groupby(by)["exposure"].sum(),
        "pool_allowance": rows[pool].groupby(by)["allowance"].sum(),
        "specific_allowance": rows[~pool].groupby(by)["allowance"].sum(),
        "dispute_reserve": reserve.groupby(by)["reserve"].sum(),
        "cover": exposures.groupby(by)["cover"].sum(),
    }
    for name, values in parts.items():
        made[name] = values.astype("Int64").reindex(made.index).fillna(0)
    made["max_days_past_due"] = exposures.groupby(by)["days_past_due"].max().clip(lower=0)
    known = facts.attributes.drop_duplicates(by, keep="last").set_index(by)
    for name in ("name", "status", "credit_limit", "limit_currency"):
        made[name] = known[name].reindex(made.index)
    whole = total(made["exposure"])
    made["share"] = share_percents(made["exposure"], pd.Series(whole, index=made.index))
    above = made["gross"] - made["credit_limit"]
    counts = made["limit_currency"].eq(code) & made["credit_limit"].notna()
    made["over_limit"] = above.where(counts & above.gt(0))
    made = made.reset_index().sort_values(["exposure", by], ascending=[False, True], kind="stable")
    return result_table(
        TOP, made, title="Customers by exposure, largest first", functional=code, is_ordered=True,
        not_totalled=("credit_limit",), words=spoken(made, "status"),
        headings={"name": "Name", "gross": "Open debits", "share": "Share, %", "cover": "Covered by security",
                  "dispute_reserve": "Credit-note reserve"},
    )  # fmt: skip


def _movement(facts: BadDebt, code: str) -> ResultTable:
    """Pool, specific and both, line by line."""
    long = facts.movement.frame
    made = long[long["part"].eq(MovementPart.TOTAL.value).to_numpy(dtype=bool)].reset_index(drop=True)
    for part in (MovementPart.POOL.value, MovementPart.SPECIFIC.value):
        mine = long[long["part"].eq(part).to_numpy(dtype=bool)]
        made[part] = made["line_no"].map(mine.groupby("line_no")["amount"].sum()).fillna(0).astype("Int64")
    is_booked = bool(made["booked"].notna().any())
    names = [name for name in BOTH_PARTS.names if is_booked or name not in ("booked", "to_book")]
    return result_table(
        BOTH_PARTS, made, title=f"Movement of the allowance, {code}", functional=code, columns=names, is_ordered=True,
        strong_rows="is_total", foots=True, not_totalled=BOTH_PARTS.of_kind(M),
        note="" if is_booked else "Nothing says how the movement was booked.",
        headings={name: words for name, words in MOVEMENT_HEADINGS.items() if name in names},
    )  # fmt: skip


def _movement_by_segment(facts: BadDebt, code: str) -> ResultTable:
    long = facts.movement.frame.assign(segment=facts.movement.frame["segment"].fillna(""))
    return result_table(
        MOVEMENT, long, name="movement_by_segment", title="Movement by part and segment", functional=code, is_ordered=True,
        strong_rows="is_total", foots=True, is_detail=True, not_totalled=MOVEMENT.of_kind(M),
        headings=MOVEMENT_HEADINGS,
    )  # fmt: skip


def _rates(facts: BadDebt, code: str) -> ResultTable:
    frame = facts.measured.rates.frame
    shown = frame.assign(
        segment=frame["segment"].fillna(""), percent=percents(frame["rate"]),
        decided=share_percents(frame["exposed"], frame["stood"]),
    )  # fmt: skip
    pooled = facts.measured.rates.pooled
    note = " ".join((MONTHS_THAT_COUNT.get(facts.measured.rates.method, ""),
                     *(f"{segment}: {why}." for segment, why in sorted(pooled.items())))).strip()  # fmt: skip
    columns, key = without_whole(RATES, shown)
    return result_table(
        RATES, shown, title="Loss rates of history", functional=code, is_ordered=True, note=note, columns=columns, key=key,
        not_totalled=("stood", "exposed", "lost"),
        headings={"items": "Debts", "losses": "Of them lost", "stood": "Stood", "exposed": "Decided", "decided": "Decided, %", "percent": "Rate, %", "rate": "Rate, 12 digits", "pooled": "Rate of the whole"},
        words=_spoken_lines(facts, columns),
    )  # fmt: skip


def _methods(facts: BadDebt, code: str) -> ResultTable:
    """The pool at the rates of each method, before overlays: how much hangs on the choice."""
    lines = facts.measured.lines
    frame = lines.assign(segment=lines["segment"].fillna(""))
    for name, rates in facts.by_method.items():
        exact = [
            rates.rate(segment, bucket)
            for segment, bucket in zip(frame["segment"], frame["bucket"], strict=True)
        ]
        frame[f"{name}_rate"] = [percent_of(rate) for rate in exact]
        frame[name] = pd.array(
            [times(int(a), r) for a, r in zip(frame["at_risk"], exact, strict=True)], dtype="Int64"
        )
    columns, key = without_whole(BY_METHOD, frame)
    return result_table(
        BY_METHOD, frame, title="The pool by each method of loss rates, before overlays", functional=code, is_ordered=True,
        columns=columns, key=key, words=_spoken_lines(facts, columns),
        headings={f"{name}_rate": f"{words}, %" for name, words in METHOD_WORDS.items()} | METHOD_WORDS,
        note="The policy's own method is that of the provision matrix.",
    )  # fmt: skip


def _spoken_lines(facts: BadDebt, columns: Iterable[str]) -> dict[str, dict[str, str]]:
    words = {"bucket": _bucket_words(facts.buckets), "segment": WHOLE}
    return {name: said for name, said in words.items() if name in columns}


def _flows(facts: BadDebt, scope: Scope) -> ResultTable:
    """Write-offs and recoveries of the period, document by document."""
    mine = facts.flows[(facts.flows["posting_date"] >= pd.Timestamp(scope.starts_on)).to_numpy(dtype=bool)]
    return result_table(
        LOSS_FLOWS, mine, title="Write-offs and recoveries of the period", functional=scope.functional_currency,
        columns=("flow", "posting_date", "customer_id", "document_no", "item_id", "reason", "is_credit_loss", "currency", "amount",
                 "functional_amount", "tax_functional_amount", "loss", "fact_id"),
        key=("flow", "fact_id"), not_totalled=("functional_amount", "tax_functional_amount", "loss", "amount"),
        words=spoken(mine, "reason"),
        headings={"functional_amount": f"Amount {scope.functional_currency}", "tax_functional_amount": "Of it tax",
                  "loss": "Counts as loss", "is_credit_loss": "Credit loss", "fact_id": "Record"},
        note="Write-offs and recoveries do not add up together; see the trend for both.",
    )  # fmt: skip
