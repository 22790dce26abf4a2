"""What audited values of a sample say about the populations that it was drawn from. Floor 1."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

import pandas as pd

from arlib.audit.evidence.csv_text import MOST_FAULTS, fault, read_csv
from arlib.audit.evidence.frames_sample import MISSTATED, PROJECTED, RESULTS
from arlib.audit.evidence.redraw import require_as_drawn
from arlib.audit.evidence.sample import interval_of, populations, sealed
from arlib.audit.options.evidence import EvaluationOptions
from arlib.audit.population import Population as Asked
from arlib.audit.sampling.attributes import AttributeResult, Method
from arlib.audit.sampling.attributes import evaluate as rate_of
from arlib.audit.sampling.evaluate import Evaluation, Stratum, evaluate
from arlib.audit.sampling.frames_evaluate import AUDITED
from arlib.audit.sampling.frames_select import How, Part
from arlib.audit.sampling.population import Population
from arlib.audit.sampling.stringer import Distribution
from arlib.audit.sampling.terms import Bound, Terms
from arlib.audit.sampling.words import decimal_text
from arlib.controls import Identity
from arlib.errors import AmountError, ParameterError, Problem, TableError
from arlib.money import parse_plain, total
from arlib.policy import Policies, Scope
from arlib.tables import Book
from arlib.tables.rows import records

SELECTION_COLUMNS = ("currency", "item_id", "book_value", "part", "how", "hits", "interval")
INTERVAL = re.compile(r"[0-9]{1,30}(\.[0-9]{1,30})?(/[0-9]{1,30})?")
MOST_COUNTED = (
    5_000  # items up to which the limit of a rate is hypergeometric; beyond, the binomial one is as good
)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One population's evaluation."""

    currency: str
    population: Population
    audited: pd.DataFrame  # AUDITED with document_no, customer_id and note
    money: Evaluation | None  # of amounts
    rate: AttributeResult | None  # of deviations, for a sample by item
    was_sealed: bool  # the request gave the seal, and it is this population's
    has_file_seal: bool = False  # the selection file states the seal, and it is this population's
    seed: str = ""  # the selection was drawn again with it and is the same; "" where no seed was given
    is_file_seed: bool = False  # that seed is the selection file's own, not the request's

    @property
    def conclusion(self) -> str:
        """accept, reject or not conclusive."""
        if self.rate is not None and self.money is None:
            if self.rate.is_supported is None:
                return "not conclusive"
            return "accept" if self.rate.is_supported else "reject"
        assert self.money is not None
        return self.money.conclusion.value.replace("_", " ")


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """All populations of a sample, evaluated."""

    judged: tuple[Judged, ...]
    documents: pd.DataFrame  # all documents, in the population or not

    def results(self) -> pd.DataFrame:
        """RESULTS: a row a population."""
        return RESULTS.from_rows(_result(one) for one in self.judged)

    def parts(self) -> pd.DataFrame:
        """PROJECTED: a row a part of each population, whose net projections add up to the most likely misstatement.

        What rounding each part by itself leaves over is a row of its own.
        """
        rows: list[dict[str, object]] = []
        for one in self.judged:
            if one.money is None:
                continue
            mine = [dict(row) for row in records(one.money.parts)]
            for row in mine:
                row["net_projected"] = row["over_projected"] - row["under_projected"]
            left = one.money.most_likely - sum(int(row["net_projected"]) for row in mine)
            if left:
                mine.append({
                    "currency": one.currency, "part": "rounding", "over_projected": max(left, 0),
                    "under_projected": max(-left, 0), "net_projected": left, "how": "each part was rounded by itself",
                })  # fmt: skip
            rows += mine
        return PROJECTED.from_rows(row | {"number": number} for number, row in enumerate(rows, start=1))

    def misstatements(self) -> pd.DataFrame:
        """MISSTATED: a row an error and hit, overstatements first, the largest taint first."""
        parts: list[pd.DataFrame] = []
        for one in self.judged:
            about = one.audited.set_index("item_id")
            rows = one.money.errors if one.money is not None else _plain_errors(one)
            first = sum(len(part) for part in parts) + 1
            rows = rows.assign(number=range(first, first + len(rows)))
            parts.append(rows.assign(
                document_no=about["document_no"].reindex(rows["item_id"]).array, note=about["note"].reindex(rows["item_id"]).array,
                customer_id=about["customer_id"].reindex(rows["item_id"]).array))  # fmt: skip
        return MISSTATED.typed(pd.concat(parts, ignore_index=True)) if parts else MISSTATED.empty()

    @property
    def identities(self) -> tuple[Identity, ...]:
        """Sums of populations and of what was found."""
        return tuple(
            one for each in self.judged
            for one in (*each.population.identities(), *(each.money.identities if each.money else ()))
        )  # fmt: skip


def evaluated(
    book: Book, *, scope: Scope, policies: Policies, asked: Asked, options: EvaluationOptions, selection: str, audited: str
) -> Evaluated:  # fmt: skip
    """The evaluation of `audited` (CSV: item_id, audit_value, note) for the sample `selection` (selection.csv of its pack);
    without these files nothing is judged.

    The population is made again from the books with the options of the sample; its hash must be the one that was sealed
    (ParameterError: the books have changed since, or the options differ). An item of the sample without an audited value
    counts as misstated in full. With a seed (of the options, else the column `seed` of the selection) the selection is drawn
    again, and any difference is a fault; without one nothing shows that it is the draw's. Items that were audited but not
    selected, that stand twice, book values that are not the population's and amounts that are none: TableError with every row.
    """
    base, left = populations(book, scope=scope, policies=policies, asked=asked, options=options)
    documents = pd.concat([base, left], ignore_index=True) if len(left) else base
    base = base[base["book_value"].notna().to_numpy(dtype=bool)].reset_index(drop=True)
    if not options.selection:
        return Evaluated(judged=(), documents=documents)
    chosen = read_csv(selection, where="selection", required=SELECTION_COLUMNS)
    found = read_csv(audited, where="audited", required=("item_id", "audit_value"))
    rows = _joined(chosen, found, base)
    seals = tuple(part.strip() for part in options.population_sha256.split(",") if part.strip())
    judged = []
    for code, mine in rows.groupby("currency", sort=True):
        own = base[base["book_currency"].eq(code).to_numpy(dtype=bool)]
        made = sealed(own, str(code))
        _require_seal(made, seals, mine)
        seed, is_file_seed = _seed(mine, options)
        if seed:
            require_as_drawn(made, mine, seed=seed)
        one = _judged(made, mine.reset_index(drop=True), options, was_sealed=made.sha256 in seals)
        has_file_seal = made.sha256 in set(mine["population_sha256"])
        judged.append(replace(one, has_file_seal=has_file_seal, seed=seed, is_file_seed=is_file_seed))
    if not judged:
        raise ParameterError("selection", where="evaluation", found="no item", wanted="the items of a sample")
    if options.tolerable_amount and len(judged) > 1:
        raise ParameterError(
            "tolerable_amount", where="evaluation", found=", ".join(one.currency for one in judged), wanted="one currency"
        )  # fmt: skip
    return Evaluated(judged=tuple(judged), documents=documents)


def _seed(rows: pd.DataFrame, options: EvaluationOptions) -> tuple[str, bool]:
    """The seed to draw again with, and whether it is the selection's own; two different ones are a ParameterError."""
    stated = sorted(set(rows["seed"]) - {""})
    if len(stated) > 1 or (options.seed and stated and stated != [options.seed]):
        raise ParameterError(
            "seed", where="evaluation", found=", ".join(filter(None, (options.seed, *stated))),
            wanted="the one seed of the draw, in the request and in the selection",
        )  # fmt: skip
    return options.seed or "".join(stated), not options.seed and bool(stated)


def _require_seal(made: Population, seals: tuple[str, ...], rows: pd.DataFrame) -> None:
    """ParameterError where the seal of the request, or of the selection, is not this population's."""
    in_file = set(rows["population_sha256"]) - {""} if "population_sha256" in rows.columns else set()
    if (seals and made.sha256 not in seals) or in_file - {made.sha256}:
        raise ParameterError(
            f"the {made.currency} population is not the one that was sealed", where="evaluation", found=made.sha256,
            wanted=", ".join((*seals, *sorted(in_file))), fix="Evaluate with the books, the date and the options of the draw.",
        )  # fmt: skip


def _joined(chosen: pd.DataFrame, found: pd.DataFrame, base: pd.DataFrame) -> pd.DataFrame:
    """The sample with audited values, typed; TableError with every fault of both files."""
    odd: list[Problem] = []
    mine = base[base["item_id"].isin(chosen["item_id"])]
    known_items = {str(row["item_id"]): row for row in records(mine)}
    for name, rows in (("selection", chosen), ("audited", found)):
        twice = rows[rows["item_id"].duplicated(keep=False).to_numpy(dtype=bool)]
        odd += [
            fault(name, int(row), "item_id", item, "each item once")
            for row, item in zip(twice["row"], twice["item_id"], strict=True)
        ]
    known = set(chosen["item_id"])
    odd += [
        fault("audited", int(row), "item_id", item, "an item of the sample")
        for row, item in zip(found["row"], found["item_id"], strict=True) if item not in known
    ]  # fmt: skip
    values = dict(zip(found["item_id"], zip(found["row"], found["audit_value"], strict=True), strict=True))
    notes = dict(zip(found["item_id"], found["note"], strict=True)) if "note" in found.columns else {}
    made = []
    for row in records(chosen):
        item, code, line = str(row["item_id"]), str(row["currency"]), int(row["row"])
        about = known_items.get(item, {})
        if about.get("book_currency") != code:
            odd.append(fault("selection", line, "item_id", item, f"an item of the {code} population"))
            continue
        book_value = int(about["book_value"])
        stated, audit = row["book_value"], None
        at, text = values.get(item, (0, ""))
        try:
            if parse_plain(stated, code) != book_value:
                odd.append(fault("selection", line, "book_value", stated, "the population's book value"))
        except AmountError:
            odd.append(fault("selection", line, "book_value", stated, f"an amount in {code}"))
        try:
            audit = parse_plain(text, code) if text else None
        except AmountError:
            odd.append(
                fault("audited", int(at), "audit_value", text, f"an amount in {code}, such as 1234.50")
            )
        if (
            row["part"] not in list(Part)
            or row["how"] not in list(How)
            or not str(row["hits"]).isdigit()
            or int(row["hits"]) < 1
        ):
            stated = f"{row['part']}, {row['how']}, {row['hits']}"
            odd.append(fault("selection", line, "part, how, hits", stated, "as the sample wrote them"))
            continue
        if not _is_interval(str(row["interval"]), code, is_needed=row["how"] == How.INTERVAL):
            odd.append(fault("selection", line, "interval", str(row["interval"]), "as the sample wrote it"))
            continue
        made.append({
            "item_id": item, "stratum": "", "part": row["part"], "currency": code, "book_value": book_value,
            "audit_value": audit, "hits": int(row["hits"]), "how": row["how"], "interval": row["interval"],
            "document_no": about["document_no"], "customer_id": about["customer_id"],
            "note": notes.get(item) or None, "population_sha256": row.get("population_sha256", ""),
            "seed": row.get("seed", ""), "row": line,
        })  # fmt: skip
    if odd:
        raise TableError(
            "the sample and its audited values do not fit", odd[:MOST_FAULTS], where="evaluation"
        )
    frame = pd.DataFrame(made)
    if len(frame):
        frame["audit_value"] = pd.array([row["audit_value"] for row in made], dtype="Int64")
    else:
        frame = pd.DataFrame({"currency": pd.Series(dtype="str")})
    return frame


def _is_interval(text: str, currency: str, *, is_needed: bool) -> bool:
    """Whether a cell is an interval above 0, or empty where none is needed."""
    if not text:
        return not is_needed
    return (
        bool(INTERVAL.fullmatch(text)) and not re.search(r"/0+$", text) and bool(interval_of(text, currency))
    )


def _judged(made: Population, rows: pd.DataFrame, options: EvaluationOptions, *, was_sealed: bool) -> Judged:
    is_found = rows["audit_value"].notna()
    rows = rows.assign(audit_value=rows["audit_value"].fillna(0), is_found=is_found.astype("boolean"))
    audited = AUDITED.typed(rows).assign(
        **{name: rows[name] for name in ("document_no", "customer_id", "note")}
    )
    confidence = Fraction(options.confidence)
    money, rate = None, None
    if options.method == "attribute":
        positive = rows[rows["part"].isin([Part.POSITIVE.value, Part.HIGH_VALUE.value])]
        wrong = int((positive["audit_value"].ne(positive["book_value"]) | ~positive["is_found"]).sum())
        tolerable = Fraction(options.tolerable_rate) if options.tolerable_rate else None
        count = made.part_total(Part.POSITIVE)[0]
        known = count if count <= MOST_COUNTED else None
        method = Method.BINOMIAL if known is None else Method.HYPERGEOMETRIC
        rate = rate_of(
            method,
            size=len(positive),
            errors=wrong,
            risk=1 - confidence,
            tolerable=tolerable,
            population=known,
        )
    else:
        terms = Terms(
            method=Bound.STRINGER if options.method == "mus" else Bound.DIFFERENCE, confidence=confidence,
            tolerable=_tolerable(options, made), distribution=Distribution(options.bound),
        )  # fmt: skip
        money = evaluate(AUDITED.typed(rows), _strata(made, rows), currency=made.currency, terms=terms)
    return Judged(
        currency=made.currency,
        population=made,
        audited=audited,
        money=money,
        rate=rate,
        was_sealed=was_sealed,
    )


def _tolerable(options: EvaluationOptions, made: Population) -> int | None:
    if options.tolerable_amount:
        return parse_plain(options.tolerable_amount, made.currency)
    if options.tolerable_rate:
        share = Fraction(options.tolerable_rate) * made.part_total(Part.POSITIVE)[1]
        return share.numerator // share.denominator
    return None


def _strata(made: Population, rows: pd.DataFrame) -> list[Stratum]:
    """The parts of the population: the certainty items are those selected so, the rest of the positive ones was sampled."""
    high = rows[rows["part"].eq(Part.HIGH_VALUE.value)]
    count, value = made.part_total(Part.POSITIVE)
    drawn = rows[rows["part"].eq(Part.POSITIVE.value)]
    fixed = drawn.loc[drawn["how"].eq(How.INTERVAL.value), "interval"]
    interval = interval_of(str(fixed.iloc[0]), made.currency) if len(fixed) else None
    parts = [
        Stratum(stratum="", part=Part.HIGH_VALUE, items=len(high), book=total(high["book_value"])),
        Stratum(stratum="", part=Part.POSITIVE, items=count - len(high), book=value - total(high["book_value"]), interval=interval),
    ]  # fmt: skip
    for part in (Part.ZERO, Part.CREDIT):
        items, book = made.part_total(part)
        parts.append(Stratum(stratum="", part=part, items=items, book=book))
    return [part for part in parts if part.items]


def _plain_errors(one: Judged) -> pd.DataFrame:
    """Deviations of an attribute sample in the shape of the errors by money, largest first."""
    rows = one.audited.assign(misstatement=one.audited["book_value"] - one.audited["audit_value"])
    wrong = rows[(rows["misstatement"].ne(0) | ~rows["is_found"]).to_numpy(dtype=bool)]
    wrong = wrong.assign(side=["understatement" if value < 0 else "overstatement" for value in wrong["misstatement"]],
                         size=wrong["misstatement"].abs())  # fmt: skip
    wrong = wrong.sort_values(
        ["side", "part", "size", "item_id"], ascending=[True, True, False, True], kind="stable"
    )
    return wrong.assign(rank=wrong.groupby(["side", "part"]).cumcount() + 1).reset_index(drop=True)


def _result(one: Judged) -> dict[str, object]:
    rows = one.audited
    misstated = rows["book_value"].ne(rows["audit_value"]) | ~rows["is_found"]
    made: dict[str, object] = {
        "currency": one.currency, "items": len(one.population.items), "book_value": one.population.total,
        "examined": len(rows), "errors": int(misstated.sum()), "not_found": int((~rows["is_found"]).sum()),
        "known": total(rows["book_value"] - rows["audit_value"]), "conclusion": one.conclusion,
    }  # fmt: skip
    if one.money is not None:
        made |= {"method": one.money.terms.method.value, "most_likely": one.money.most_likely, "upper": one.money.upper,
                 "lower": one.money.lower, "tolerable": one.money.terms.tolerable}  # fmt: skip
    if one.rate is not None:
        made |= {
            "method": one.rate.method.value,
            "rate": decimal_text(one.rate.rate),
            "rate_limit": decimal_text(one.rate.upper),
        }
    return made
