"""Which letters are due, what stands in them, and why everything else stands in none. Floor 1."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from arlib.collect.dunning.bank import bank_standings, held_because
from arlib.collect.dunning.charges import with_charges
from arlib.collect.dunning.exclusions import customer_findings, hard_exclusions
from arlib.collect.dunning.excuses import excuses, spare
from arlib.collect.dunning.frames import DUNNING_LETTERS, DUNNING_LINES, DUNNING_SPARED, Outcome, Spared
from arlib.collect.dunning.levels import steps, with_days, with_notices
from arlib.collect.dunning.netting import account_keys, covered, minor_of, open_credits
from arlib.collect.dunning.netting import least as at_least
from arlib.collect.dunning.returned import returned_items
from arlib.collect.position import Position
from arlib.controls import Identity
from arlib.ledger.facts import ints
from arlib.money import total
from arlib.policy import Policies
from arlib.policy.dunning import LettersBy
from arlib.tables import Book

COVERED = "Open credits or unapplied cash cover it: apply them first."


@dataclass(frozen=True, kw_only=True, eq=False)
class Dunning:
    """Letters that are due, their lines, and every open amount that is in none.

    `is_held` says that nothing may go out, with the reasons in `held_because`; the letters are worked out all the same, for
    a preview. Interest, compensation and fees are asked for in letters and never posted.
    """

    letters: pd.DataFrame
    lines: pd.DataFrame
    spared: pd.DataFrame
    bank: pd.DataFrame
    held_because: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = field(default=())

    @property
    def is_held(self) -> bool:
        """Whether letters wait for the bank."""
        return bool(self.held_because)


def dunning(book: Book, *, position: Position, policies: Policies) -> Dunning:
    """Letters by customer and currency at the as-of date, and where every other open amount stands.

    Each open item (or due part) goes through, in order: credit; hard exclusion (`hard_exclusions`); without a due date;
    not due; excused (`excuses`, oldest debts first where a record is about the account); waiting or done (`steps`); covered
    by credits of the same customer and currency, oldest debts first, before the level of a letter is chosen; below the
    minimum. What is left is asked for. Prepayments cover nothing, and no reminder is for what a returned payment had settled.
    By currency, asked and spared amounts add up to the open items.
    Uses DUNNING_NOTICES and the tables of the functions named; an absent one is named in `limits`.
    """
    scope, policy = position.scope, policies.dunning
    items = position.items[position.items["outstanding"].fillna(0).ne(0)]
    items = with_notices(with_days(items, as_of=scope.as_of, policy=policy), book, entity=scope.entity)
    items = items.sort_values(
        ["customer_id", "currency", "due_on", "document_no", "item_id", "instalment_no"], kind="stable"
    )
    debits = items[items.index.isin(position.debits.index)]
    spared = [_credits(items[~items.index.isin(debits.index)])]

    hard = _excluded(debits, book, position, policies)
    spared.append(hard)
    debits = debits[~debits.index.isin(hard.index)]
    is_dated = debits["due_on"].notna()
    spared.append(
        _stood(debits[~is_dated], Outcome.NO_DUE_DATE, "It has no due date: no letter can count its days.")
    )
    debits = debits[is_dated]

    step = steps(debits, as_of=scope.as_of, policy=policy)
    is_late = (debits["late"] > 0).to_numpy(dtype=bool)
    is_back = (
        debits["item_id"].isin(returned_items(book, scope=scope, policies=policies)).to_numpy(dtype=bool)
    )
    step.because[is_back & ~is_late] = (
        "It is not due yet; its payment was returned, which has a letter of its own."
    )
    is_open = (step.is_due & ~is_back) | is_late
    spared.append(_stood(debits[~is_open], Outcome.NOT_DUE, step.because[~is_open]))
    debits = debits[is_open].assign(
        step=step.level[is_open], outcome=step.outcome[is_open], words=step.because[is_open]
    )

    left, excused = spare(
        debits.reset_index(drop=True), excuses(book, position=position, policies=policies), book, scope=scope
    )
    spared.append(_excused(debits, excused))
    debits = debits.assign(asked=left)
    debits = debits[debits["asked"] > 0]
    waits = debits["step"] < 0
    spared.append(
        _stood(
            debits[waits],
            debits.loc[waits, "outcome"],
            debits.loc[waits, "words"],
            debits.loc[waits, "asked"],
        )
    )

    to_net, cited = open_credits(items, policy=policy)
    lines, dropped = _set_off(debits[~waits], to_net, cited, policies)
    spared.append(dropped)
    lines = _addressed(lines, position, policies)
    letters = _grouped(lines, cited, policies)
    letters, dropped = _above_minimum(letters, lines, policies)
    spared.append(dropped)
    lines = lines[lines["letter_id"].isin(letters["letter_id"])].assign(level=lambda rows: rows["step"])
    lines, notes = with_charges(lines, position=position, policies=policies, book=book)
    frame = _spared_frame(spared, scope.entity)
    written = DUNNING_LINES.typed(
        lines.drop(columns=["due_date", "days_past_due"]).rename(
            columns={"due_on": "due_date", "late": "days_past_due"}
        )
    )
    bank = bank_standings(book, scope=scope, policies=policies)
    return Dunning(
        letters=_finished(letters, lines, position, policies),
        lines=written.sort_values(list(DUNNING_LINES.key), kind="stable", ignore_index=True),
        spared=frame,
        bank=bank,
        held_because=held_because(bank, scope=scope),
        limits=(*_limits(book), *notes),
        identities=_identities(position, written, frame),
    )


def _credits(items: pd.DataFrame) -> pd.DataFrame:
    return _stood(items, Outcome.CREDIT, "An open credit, or cash that is not applied.")


def _excluded(debits: pd.DataFrame, book: Book, position: Position, policies: Policies) -> pd.DataFrame:
    """Items that a hard exclusion keeps out; of a letter to a parent also those whose parent is excluded."""
    hard = hard_exclusions(book, position=position)
    found = debits.drop(columns="reason").join(hard[["reason", "cites", "because"]], how="inner")
    if policies.dunning.by_parent:
        findings = customer_findings(book, position=position)
        rest = debits[~debits.index.isin(found.index) & debits["parent_id"].isin(findings.keys())]
        parent = rest["parent_id"]
        rest = rest.assign(
            reason=parent.map({name: each.reason.value for name, each in findings.items()}),
            cites=parent.map({name: each.cites for name, each in findings.items()}),
            because="The letter would go to its parent. "
            + parent.map({n: each.because for n, each in findings.items()}),
        )
        found = pd.concat([found, rest])
    return found.assign(outcome=Outcome.SPARED.value, is_hard=True, spared=found["outstanding"])


def _stood(
    items: pd.DataFrame, outcome: Outcome | pd.Series, because: Any, amount: pd.Series | None = None
) -> pd.DataFrame:
    return items.assign(
        outcome=outcome.value if isinstance(outcome, Outcome) else outcome,
        reason=None, cites=None, because=because, is_hard=False, spared=items["outstanding"] if amount is None else amount,
    )  # fmt: skip


def _excused(debits: pd.DataFrame, parts: pd.DataFrame) -> pd.DataFrame:
    rows = debits.iloc[parts["row"].to_numpy(dtype=np.int64)]
    return rows.assign(
        outcome=Outcome.SPARED.value, is_hard=False,
        **{name: parts[name].to_numpy() for name in ("reason", "cites", "because")}, spared=parts["amount"].to_numpy(),
    )  # fmt: skip


def _set_off(
    lines: pd.DataFrame, to_net: dict[str, int], cited: dict[str, str], policies: Policies
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lines with what open credits cover of each, oldest debts first, and apart those that they cover in full.

    This comes before the level of a letter is chosen: a debt that the customer's own money covers makes none graver.
    """
    lines = lines.sort_values(
        ["parent_id" if policies.dunning.by_parent else "customer_id", "currency", "due_on", "document_no", "item_id"],
        kind="stable",
    )  # fmt: skip
    keys = account_keys(lines, policy=policies.dunning)
    lines = lines.assign(covered=covered(ints(lines["asked"]), keys, to_net))
    is_whole = (lines["covered"] >= lines["asked"]).to_numpy(dtype=bool)
    whole = lines[is_whole]
    return lines[~is_whole], whole.assign(
        outcome=Outcome.SPARED.value, reason=Spared.COVERED.value, cites=keys[is_whole].map(cited), because=COVERED,
        is_hard=False, spared=whole["asked"],
    )  # fmt: skip


def _addressed(lines: pd.DataFrame, position: Position, policies: Policies) -> pd.DataFrame:
    """Lines with the one that is written to, and their letter.

    A letter at the highest level of its items takes those of lower levels along, but the last letter does not: what it
    threatens is only for debts that had every letter before it.
    """
    policy = policies.dunning
    to = lines["parent_id"] if policy.by_parent else lines["customer_id"]
    lines = lines.assign(to=to, is_pre=(lines["late"] <= 0).to_numpy(dtype=bool))
    lines = lines.assign(is_last=lines["step"].eq(policy.ordered[-1].level))
    keys = ["to", "currency", "is_pre", "is_last"]
    is_one = policy.letters_by is LettersBy.HIGHEST
    top = lines.groupby(keys)["step"].transform("max") if is_one else lines["step"]
    day = f"{position.scope.as_of:%Y%m%d}"
    letter = lines["to"] + "-" + lines["currency"] + f"-{day}-L" + top.astype("str")
    return lines.assign(letter_level=top, letter_id=letter)


def _grouped(lines: pd.DataFrame, cited: dict[str, str], policies: Policies) -> pd.DataFrame:
    """One row a letter, the gravest of an addressee first, with the credits set against its lines."""
    letters = lines.groupby("letter_id", as_index=False, sort=True).agg(
        to=("to", "first"), currency=("currency", "first"), level=("letter_level", "first"), is_pre=("is_pre", "first"),
        items=("item_id", "nunique"), asked=("asked", "sum"), outstanding=("outstanding", "sum"),
        oldest_due=("due_on", "min"), days_past_due=("late", "max"), covered=("covered", "sum"),
    )  # fmt: skip
    letters = letters.sort_values(
        ["to", "currency", "level"], ascending=[True, True, False], kind="stable", ignore_index=True
    )
    keys = letters["to"] + "\0" + letters["currency"]
    return letters.assign(credits=-letters["covered"], cited=keys.map(cited))


def _above_minimum(
    letters: pd.DataFrame, lines: pd.DataFrame, policies: Policies
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Letters of at least the minimum, and the lines of the others with the reason."""
    minimum = {code: at_least(code, policy=policies.dunning) for code in letters["currency"].unique()}
    net = letters["asked"] + letters["credits"]
    least = pd.Series([minimum[code] for code in letters["currency"]], index=letters.index, dtype="Int64")
    is_small = (net < least).to_numpy(dtype=bool)
    small = letters[is_small]
    is_covered = (small["credits"] < 0) & (small["asked"] >= least[is_small])
    rows = lines[lines["letter_id"].isin(small["letter_id"])]
    is_covered_line = (
        rows["letter_id"].map(dict(zip(small["letter_id"], is_covered, strict=True))).astype(bool)
    )
    cited = rows["letter_id"].map(dict(zip(small["letter_id"], small["cited"], strict=True)))
    dropped = rows.assign(
        outcome=np.where(is_covered_line, Outcome.SPARED.value, Outcome.BELOW_MINIMUM.value),
        reason=pd.Series(np.where(is_covered_line, Spared.COVERED.value, ""), index=rows.index, dtype="object"),
        cites=cited.where(is_covered_line), is_hard=False, spared=rows["asked"],
        because=pd.Series(
            np.where(is_covered_line, COVERED,
                     "What the letter would ask for is below the minimum of a letter."), index=rows.index),
    )  # fmt: skip
    return letters[~is_small], dropped


def _finished(
    letters: pd.DataFrame, lines: pd.DataFrame, position: Position, policies: Policies
) -> pd.DataFrame:
    policy = policies.dunning
    by_level = {each.level: each for each in policy.levels}
    customers = position.customers.drop_duplicates("customer_id").set_index("customer_id")
    asks = lines["asks_interest"].fillna(False).to_numpy(dtype=bool)
    charged = lines[asks].groupby("letter_id")[["interest", "compensation"]].sum()
    level = letters["level"].map(lambda number: by_level[int(number)])
    fee = [
        minor_of(policy.fees[code], code) if each.has_fee and code in policy.fees else 0
        for each, code in zip(level, letters["currency"], strict=True)
    ]
    made = letters.assign(
        entity=position.scope.entity, customer_id=letters["to"], name=letters["to"].map(customers["name"]),
        language=letters["to"].map(customers["language"]), template=[each.template for each in level],
        channel=[each.channel for each in level], fee=pd.Series(fee, index=letters.index, dtype="Int64"),
        interest=letters["letter_id"].map(charged["interest"]).fillna(0).astype("Int64"),
        compensation=letters["letter_id"].map(charged["compensation"]).fillna(0).astype("Int64"),
        left_out=letters["outstanding"] - letters["asked"],
        pay_by=[
            due.date() if is_pre else position.scope.as_of + timedelta(days=policy.pay_days)
            for due, is_pre in zip(letters["oldest_due"], letters["is_pre"], strict=True)
        ],
    )  # fmt: skip
    made["to_pay"] = made["asked"] + made["credits"] + made["interest"] + made["compensation"] + made["fee"]
    return DUNNING_LETTERS.typed(made).sort_values(
        list(DUNNING_LETTERS.key), kind="stable", ignore_index=True
    )


def _spared_frame(parts: list[pd.DataFrame], entity: str) -> pd.DataFrame:
    full = [part for part in parts if len(part)]
    if not full:
        return DUNNING_SPARED.empty()
    names = [name for name in DUNNING_SPARED.names if name not in ("part", "amount", "due_date", "entity")]
    rows = pd.concat(
        [part[[*names, "spared", "due_on"]].astype({"reason": "object", "cites": "object"}) for part in full]
    )
    rows = rows.rename(columns={"spared": "amount", "due_on": "due_date"})
    number = rows.groupby(["item_id", "instalment_no"], dropna=False).cumcount().to_numpy(dtype=np.int64) + 1
    made = DUNNING_SPARED.typed(rows.assign(entity=entity, part=number))
    return made.sort_values(list(DUNNING_SPARED.key), kind="stable", ignore_index=True)


def _limits(book: Book) -> tuple[str, ...]:
    wanted = {
        "dunning_notices": "no history of letters: every item starts at the first level",
        "holds": "no holds", "claims": "no claims", "placements": "no placements", "disputes": "no disputes",
        "promises": "no promises", "collection_exceptions": "no exceptions",
    }  # fmt: skip
    return tuple(
        f"The book has no table {name}: {words}." for name, words in wanted.items() if not book.has(name)
    )


def _identities(position: Position, lines: pd.DataFrame, spared: pd.DataFrame) -> tuple[Identity, ...]:
    """By currency: what letters ask for and what they spare is what is open."""
    made = []
    for code in sorted(position.items["currency"].unique()):
        asked = total(lines.loc[lines["currency"].eq(code), "asked"])
        other = total(spared.loc[spared["currency"].eq(code), "amount"])
        made.append(
            Identity(
                name="dunning", left_label="asked for and spared", left=asked + other, right_label="open items of the aging",
                right=total(position.items.loc[position.items["currency"].eq(code), "outstanding"]), currency=str(code),
                entity=position.scope.entity,
            )
        )  # fmt: skip
    return tuple(made)
