"""The answer of a case in words: what is owed and why, what was found, what to decide, what is not told. Floor 3."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from arlib.ledger.frames_control import RollLine
from arlib.matching.from_people import not_booked
from arlib.money import total
from arlib.report.aging import percent
from arlib.report.case_file.facts import CaseFacts
from arlib.report.intake import missing_limits
from arlib.report.words import counted, day_text, inert, money_text
from arlib.sources.pasted import GapCause
from arlib.tables import Column, Kind, Table

T = Kind.TEXT
STANDS = "stands"
QUIET = tuple(
    cause.value for cause in (GapCause.AGREED, GapCause.PAYMENT_IN_TRANSIT, GapCause.DOCUMENT_IN_TRANSIT)
)
MOST_HINTS = 5  # hints that the decisions name; the table has them all
ENDS = (RollLine.OPENING.value, RollLine.CLOSING.value)

ANSWER = Table("answer", "a sentence of the answer", ("no",), (
    Column("no", Kind.INTEGER, "place", True),
    Column("topic", T, "what it is about", True),
    Column("sentence", T, "the answer", True),
))  # fmt: skip

MISSING = {
    "applications": "every item counts as open in full",
    "activities": "nobody's calls and letters can be seen",
    "disputes": "a dispute cannot be seen",
    "promises": "a promise cannot be seen",
    "gl_lines": "the general ledger cannot be set against this account",
}


def answer_of(facts: CaseFacts) -> pd.DataFrame:
    """ANSWER: first what is owed, then why, in the order that a person asks."""
    said: list[tuple[str, str]] = [("Question", facts.asked.question)] if facts.asked.question else []
    said += [("Customer", facts.header.sentence), *_owed(facts), *_why(facts), *_held(facts)]
    said += [*_receipt(facts), *_statement(facts), *_hinted(facts), *_decided(facts)]
    return ANSWER.typed(
        pd.DataFrame(
            [{"no": at, "topic": topic, "sentence": sentence} for at, (topic, sentence) in enumerate(said, 1)]
        )
    )


def _owed(facts: CaseFacts) -> list[tuple[str, str]]:
    day = day_text(facts.scope.as_of)
    if not facts.header.balances:
        return [("Owed", f"Nothing is open at {day}.")]
    made = []
    for one in facts.header.balances:
        sentence = (
            f"{money_text(one.outstanding, one.currency)} is open at {day} in {counted(one.items, 'item')}: debits "
            f"{money_text(one.debits, one.currency)}, credits and cash {money_text(one.credits, one.currency)}"
        )
        sentence += f", of which unapplied {money_text(one.unapplied, one.currency)}" if one.unapplied else ""
        if one.past_due:
            sentence += f". {money_text(one.past_due, one.currency)} is past due, the oldest since {day_text(one.oldest_due_date)}"
        made.append(("Owed", f"{sentence}."))
    return made


def _why(facts: CaseFacts) -> list[tuple[str, str]]:
    """Opening, every movement and closing by currency, as one sum."""
    made = []
    for code, lines in facts.rolled.lines.groupby("currency", sort=True):
        at_ends = lines.set_index("line")["amount"]
        moves = lines[~lines["line"].isin(ENDS) & lines["amount"].ne(0)]
        steps = [
            f"{'plus' if amount >= 0 else 'less'} {word[:1].lower()}{word[1:]} {money_text(abs(int(amount)), str(code))}"
            for word, amount in zip(moves["words"], moves["amount"], strict=True)
        ]
        opening = money_text(int(at_ends.get(RollLine.OPENING.value, 0)), str(code))
        closing = money_text(int(at_ends.get(RollLine.CLOSING.value, 0)), str(code))
        moved = ", ".join(steps) if steps else "nothing moved"
        made.append(("Why", f"From {day_text(facts.since)}: {opening} before, {moved}: {closing}."))
    return made


def _held(facts: CaseFacts) -> list[tuple[str, str]]:
    head = facts.header
    made = [
        ("Caution", f"{one.words.rstrip('.')} ({one.cites})." if one.cites else one.words)
        for one in head.cautions
    ]
    made += [("Disputes", head.dispute_words)] if head.disputes else []
    made += [("Promises", head.promise_words)] if head.promises else []
    return [(topic, _ended(sentence)) for topic, sentence in made]


def _receipt(facts: CaseFacts) -> list[tuple[str, str]]:
    if facts.hand is None:
        return []
    proposals = facts.hand.proposals
    told = [*facts.hand.faults, *((proposals.sentence,) if proposals else ()), facts.hand.said]
    once = {sentence.rstrip(". ").casefold(): sentence for sentence in reversed(told) if sentence}
    made = [("Receipt", f"{sentence[:1].upper()}{sentence[1:]}") for sentence in reversed(once.values())]
    if facts.hand.chosen is not None:
        made += [("Chosen by hand", sentence) for sentence in facts.hand.chosen.sentences]
        made += [("Chosen by hand", fault) for fault in facts.hand.chosen.faults]
    return [(topic, _ended(sentence)) for topic, sentence in made]


def _statement(facts: CaseFacts) -> list[tuple[str, str]]:
    if facts.their is None:
        return []
    made = [facts.their.pasted.sentence] if facts.their.pasted else []
    made += [facts.their.found.sentence] if facts.their.found else []
    return [("Their statement", _ended(sentence)) for sentence in (*made, *facts.their.faults)]


def _hinted(facts: CaseFacts) -> list[tuple[str, str]]:
    count = len(facts.hints.rows)
    if not count:
        return [("Hints", "No duplicate, skipped or short paid document was found among those looked for.")]
    first = str(facts.hints.rows["sentence"].iloc[0])
    return [("Hints", _ended(f"{counted(count, 'hint')}; first: {first}"))]


def _decided(facts: CaseFacts) -> list[tuple[str, str]]:
    rows = facts.asked.decisions
    if rows.empty:
        return [("Decided", "Nothing was recorded at the desk on this customer.")]
    standing = int(rows["standing"].eq(STANDS).sum())
    last = rows.sort_values("at").iloc[-1]
    return [
        (
            "Decided",
            _ended(
                f"{counted(len(rows), 'decision')} recorded, {standing} of them standing; last: {last['sentence']}"
            ),
        )
    ]


def findings_of(facts: CaseFacts) -> tuple[str, ...]:
    """What to decide next: hints with their next step, disputes without an owner, promises that were broken, open cash."""
    made: list[str] = []
    made += [
        f"{one.words.rstrip('.')}: nobody may ask this customer for money." if one.is_stop else one.words
        for one in facts.header.cautions
        if one.is_stop or one.documents
    ]
    waiting = not_booked(facts.book, facts.scope)
    for row in facts.hints.rows.head(MOST_HINTS).to_dict("records"):
        decided = waiting[waiting["receipt_id"].eq(row["receipt_id"] or "")]
        step = (
            f"It is decided ({_listed([*decided['decision_id'].unique()])}): post it"
            if len(decided)
            else row["next_step"]
        )
        made.append(f"{_ended(row['sentence'])} {_ended(step)}")
    if len(facts.hints.rows) > MOST_HINTS:
        made.append(f"{counted(len(facts.hints.rows) - MOST_HINTS, 'more hint')} below.")
    nobody = [one for one in facts.header.disputes if not one.owner]
    if nobody:
        made.append(
            f"Name an owner for {counted(len(nobody), 'dispute')}: {_listed([d.document_no or d.dispute_id for d in nobody])}."
        )
    for one in facts.header.balances:
        if one.unapplied:
            made += _open_cash(facts, waiting, -one.unapplied, one.currency)
    if facts.their is not None and facts.their.found is not None:
        rows = facts.their.found.causes
        for row in rows[~rows["cause"].isin(QUIET)].to_dict("records"):
            made.append(
                f"Their statement, {str(row['cause']).replace('_', ' ')}: {counted(int(row['documents']), 'document')}, "
                f"{money_text(int(row['difference']), row['currency'])}."
            )
    if len(facts.share.rows):
        made.append(
            f"{counted(len(facts.share.rows), 'document')} of this customer stand otherwise in the general ledger, "
            f"{money_text(total(facts.share.rows['difference']), facts.scope.functional_currency)} in all."
        )
    return tuple(inert(sentence) for sentence in made)


def _open_cash(facts: CaseFacts, waiting: pd.DataFrame, unapplied: int, currency: str) -> list[str]:
    """What to do with cash that is not applied: what may not exist is neither applied nor paid back, nor is what a decision
    (DECIDED in `waiting`, not booked yet) has placed already.
    """
    rows = facts.open_items
    placed = waiting[waiting["receipt_currency"].eq(currency)]
    used = min(total(placed["receipt_amount"]), unapplied)
    may_not = rows[rows["item_id"].isin(list(facts.hints.doubted)) & rows["currency"].eq(currency)]
    doubted = -total(may_not["outstanding"])
    left = max(unapplied - doubted - used, 0)
    made = [f"Apply or refund {money_text(left, currency)} of unapplied cash."] if left else []
    if used:
        made.append(
            f"Post what was decided at the desk ({_listed([*placed['decision_id'].unique()])}): "
            f"{money_text(used, currency)} of unapplied cash is set against its documents."
        )
    if doubted:
        numbers = _listed([str(number) for number in may_not["document_no"]])
        made.append(
            f"Find out first whether {money_text(doubted, currency)} of unapplied cash exists: {numbers} may be entered twice."
        )
    return made


def limits_of(facts: CaseFacts) -> tuple[str, ...]:
    """What these figures do not say."""
    made = [
        "The book of this case holds this customer alone, so that no other customer's data leaves with it: files are told "
        "by name, hash and rows, without what all of their rows add up to, and their problems are in the close's own reports.",
    ]
    others = _others(facts)
    if others:
        made.append(
            f"{counted(others, 'document')} of other accounts that were set off against this one stand in the data by number."
        )
    if facts.hand is not None:
        made.append(
            "The receipt was matched among this customer's own documents; the desk and the close look among all."
        )
    made += [*facts.hints.limits, *missing_limits(facts.book, MISSING)]
    if facts.header.books_total is None and facts.header.balances:
        made.append("A currency has no closing rate: there is no balance in the books' currency.")
    return tuple(_ended(sentence) for sentence in made)


def chosen_words(facts: CaseFacts) -> dict[str, str]:
    """What was chosen, in words: what stands over the page beside entity, period and date."""
    asked = facts.asked
    made = {
        "Customer": f"{asked.customer_id} {facts.header.name}".strip(),
        "Case": f"{asked.case_id} {asked.title}".strip(),
        "Books": asked.source,
        "Roll forward from": day_text(facts.since),
        "Receipt": asked.receipt_id,
        "Items": _listed(asked.items),
        "Searched for": asked.search,
        "Filters": ", ".join(
            f"{name.replace('_', ' ')} {value}" for name, value in sorted(asked.filters.items())
        ),
        "Their statement": asked.statement_name,
        "Prepared by": asked.prepared_by,
    }
    if facts.share.account_balance is not None and facts.header.books_total is not None:
        code = facts.scope.functional_currency
        made["Share of the control accounts"] = (
            f"{money_text(facts.header.books_total, code)} of {money_text(facts.share.account_balance, code)} "
            f"({percent(facts.header.books_total, facts.share.account_balance)})"
            if facts.share.account_balance > 0
            else f"{money_text(facts.header.books_total, code)} of {money_text(facts.share.account_balance, code)}"
        )
    return {name: inert(value) for name, value in made.items() if value}


def _others(facts: CaseFacts) -> int:
    return int((~facts.book["items"]["customer_id"].fillna("").isin(facts.book.codes)).sum())


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown


def _ended(sentence: str) -> str:
    """A sentence with its full stop, on one line and without marks that turn the reading direction."""
    text = " ".join(inert(sentence).split())
    return text if text.endswith((".", "!", "?")) else f"{text}."
