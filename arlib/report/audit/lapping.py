"""The lapping report: receipts whose money went elsewhere than their payer says, ranked, with the evidence. Floor 3."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from arlib.audit.ask import Ask
from arlib.audit.options.patterns import LappingOptions
from arlib.audit.patterns.frames import (
    LAPPING_CHAINS,
    LAPPING_DEPOSITS,
    LAPPING_EVIDENCE,
    LAPPING_FLAGS,
    LAPPING_USERS,
    Subtest,
)
from arlib.audit.patterns.lapping import Lapping, lapping
from arlib.audit.patterns.rates import decimal_text
from arlib.policy import Policies, Scope
from arlib.report.audit.tested import (
    asked,
    not_possible,
    only,
    parts_table,
    population_sentence,
    register_controls,
    subtests_table,
)
from arlib.report.intake import intake_checks, intake_controls, intake_findings
from arlib.report.model import Report, ResultTable
from arlib.report.tables import result_table
from arlib.report.words import counted, day_text, money_text
from arlib.tables import Book

MEASURED = (
    "Measured on five sample companies (of 800, 4,000 and 20,000 documents): every planted link was found and ranked "
    "before all honest receipts, and {false} of {receipts} honest receipts were flagged, which is {rate} false flags per 1,000 "
    "receipts, with 95 % confidence fewer than {bound}. Real books are less tidy: expect more."
)
ALONE_SHOWN = 3
FALSE_FLAGS, HONEST_RECEIPTS, PER_1000, BOUND = 0, 9_000, "0.0", "0.4"

HEADINGS = {
    "receipt_id": "Receipt", "banked_on": "At the bank", "posted_on": "Posted", "days_to_post": "Weekdays to post",
    "chain_id": "Chain", "reasons": "What speaks against it", "explained_by": "What speaks for it", "diverted": "Applied elsewhere",
    "named_document": "Payer names", "named_customer": "Of customer", "named_amount": "Advice, net", "named_in": "Named in",
    "applied_document": "Applied to", "applied_customer": "Of customer ", "applied_amount": "Applied", "applied_on": "Applied on",
    "applied_by": "Applied by", "bank_payer": "Payer at the bank", "bank_text": "Bank text", "is_circle": "Circle",
    "covers": "Covers", "deposit_batch": "Deposit", "not_banked": "Not at the bank", "other_item": "On another item",
    "other_customer": "On a stranger", "per_1000": "Flagged per 1,000", "late": "Posted late", "named": "With advice or text",
}  # fmt: skip


def lapping_report(book: Book, *, scope: Scope, policies: Policies, ask: Ask, rows_shown: int = 50) -> Report:
    """Receipts that something speaks against, the evidence side by side, chains, users, deposits and explained noise.

    Needs ITEMS and APPLICATIONS; uses REMITTANCES, RECEIPTS, BANK_LINES, RECEIPT_BANK_LINES, CUSTOMERS, CUSTOMER_MERGES. A
    test whose input is missing says "test not possible" and why. `ask.options` are LappingOptions.
    """
    options = ask.options if isinstance(ask.options, LappingOptions) else LappingOptions()
    found = lapping(book, scope=scope, options=options, population=ask.population)
    return Report(
        name="lapping",
        title=f"Lapping tests, {scope.entity}, {day_text(scope.as_of)}",
        question="Was money of one customer used to cover what is missing on another's account?",
        reader="external and internal auditors, controller",
        scope=scope,
        tables=_tables(found, functional=scope.functional_currency, limit=options.flag_from),
        controls=(*register_controls(book, found.receipts, scope=scope), *intake_controls(book, scope=scope)),
        identities=(*found.identities, *intake_checks(book)),
        findings=(*_findings(found), *intake_findings(book)),
        limits=tuple(_limits(found)),
        counts={
            "tested": found.tested, "flagged": len(found.flagged), "chains": found.chains["chain_id"].nunique(),
            "not_possible": int((~found.subtests["is_possible"].astype(bool)).sum()),
        },
        parameters=asked(ask, {
            "First day": options.since or "all that the books hold", "Users": options.users or "all",
            "Late": f"{options.delay_days} weekdays or more beyond the usual gap from bank to ledger",
            "Reversals": f"within {options.reversal_days} days", "Flagged": f"from {options.flag_from} points on",
        }),
        inputs=book.inputs,
        problems=book.problems,
        rows_shown=rows_shown,
    )  # fmt: skip


def _tables(found: Lapping, *, functional: str, limit: int) -> tuple[ResultTable, ...]:
    flags = found.flags
    flagged = flags["is_flagged"].to_numpy(dtype=bool)
    against = flags["reasons"].fillna("").ne("").to_numpy(dtype=bool)
    shown = ("rank", "score", "receipt_id", "customer_id", "customer_name", "currency", "amount", "diverted", "user", "chain_id",
             "reasons", "explained_by", "standing", "banked_on", "posted_on", "days_to_post", "links", "item_id")  # fmt: skip
    aside = (
        "customer_name",
        "standing",
        "banked_on",
        "posted_on",
        "days_to_post",
        "links",
        "item_id",
        "is_flagged",
    )

    def listed(rows: pd.DataFrame, name: str, title: str, note: str, *, review: bool = False) -> ResultTable:
        return result_table(
            LAPPING_FLAGS, rows, name=name, title=title, functional=functional, columns=shown,
            headings=only(HEADINGS, shown),
            is_ordered=True, needs_review=review, not_on_page=aside, not_totalled=("score", "rank", "links"), note=note,
        )  # fmt: skip

    return (
        subtests_table(found.subtests, functional=functional),
        listed(flags[flagged], "lapping_flags", "Receipts flagged, the gravest first",
               f"From {limit} points on. Points rank, they are no probability; a flag is a question, not a finding against anybody.",
               review=True),
        result_table(LAPPING_EVIDENCE, found.evidence[found.evidence["receipt_id"].isin(flags.loc[flagged, "receipt_id"])],
                     title="Evidence: what the payer names, what was paid, what the bank says", functional=functional,
                     columns=_EVIDENCE,
                     headings=only(HEADINGS, _EVIDENCE), not_on_page=("line_no", "named_in", "bank_line_id", "applied_by"),
                     note="Where the documents of a row differ, the money did not go where the payer wanted it."),
        result_table(LAPPING_CHAINS, found.chains, title="Chains: whose money covers whose item", functional=functional,
                     headings=only(HEADINGS, LAPPING_CHAINS.names), not_totalled=("link_no", "links"),
                     note="By group: accounts of one group stand under its head."),
        result_table(LAPPING_USERS, found.users, title="By user", functional=functional,
                     headings=only(HEADINGS, LAPPING_USERS.names)),
        result_table(LAPPING_DEPOSITS, found.deposits, title="Deposits posted otherwise than the slip, or not at the bank",
                     functional=functional, headings=only(HEADINGS, LAPPING_DEPOSITS.names)),
        listed(flags[~flagged & against], "lapping_weaker", "Receipts with weaker signs, not flagged",
               "A correction by the same user, another item of the same customer, or late posting alone."),
        listed(flags[~flagged & ~against], "lapping_explained", "Honest noise, explained",
               "Looks like lapping at first sight: group payments, wrong numbers of the customer."),
        parts_table(found.parts, functional=functional, what="receipts"),
    )  # fmt: skip


_EVIDENCE = (
    "receipt_id", "line_no", "named_document", "named_customer", "named_in", "currency", "named_amount", "applied_document",
    "applied_customer", "applied_amount", "applied_on", "applied_by", "banked_on", "bank_payer", "bank_text", "bank_line_id",
)  # fmt: skip


def _findings(found: Lapping) -> Iterator[str]:
    flagged = found.flagged
    rate = found.per_1000
    if rate is not None and flagged.empty:
        yield "No receipt is flagged: nothing was found that looks like lapping, as far as the tests were possible."
    elif rate is not None:
        yield (
            f"{counted(len(flagged), 'receipt is', 'receipts are')} flagged, {decimal_text(rate)} for each 1,000 tested. Ask for the "
            "bank's image of each cheque or credit advice, the deposit slip and the advice, from somebody else than who applied it."
        )  # fmt: skip
    main = found.subtests[found.subtests["test"].eq(Subtest.AGAINST_ADVICE.value)].iloc[0]
    if main["is_possible"]:
        yield (
            f"The main test, application against advice, could look at {int(main['tested']):,} of {counted(found.tested, 'receipt')}: only "
            "these name a document that the books know."
        )
    amounts = {
        row["receipt_id"]: money_text(int(row["diverted"]), row["currency"])
        for row in flagged.to_dict("records")
    }
    for chain, links in found.chains.groupby("chain_id", sort=True):
        last = links.iloc[-1]
        shape = "circle" if bool(last["is_circle"]) else "chain"
        users = sorted(set(links["user"].dropna()))
        sums = [money_text(int(row["amount"]), row["currency"]) for row in links.to_dict("records")]
        steps = "; ".join(
            f"{row['receipt_id']} of {row['payer']} paid {row['applied_document']} of {row['covers']} ({size})"
            for row, size in zip(links.to_dict("records"), sums, strict=True)
        )
        yield (
            f"{chain} is a {shape} of {counted(len(links), 'link')}, applied by {', '.join(users) or 'nobody on record'}: {steps}. "
            f"The money of {last['payer']} was the last to be used, so its account is where the gap shows now: ask these customers "
            "what they paid, and when."
        )
    alone = flagged[flagged["chain_id"].isna()]
    for row in alone.head(ALONE_SHOWN).to_dict("records"):
        yield f"{row['receipt_id']} ({amounts[row['receipt_id']]} of it, {row['score']} points): {row['reasons']}"
    if len(alone) > ALONE_SHOWN:
        yield f"{len(alone) - ALONE_SHOWN:,} more are flagged outside chains; all are listed with their reasons."
    worst = found.users[found.users["flagged"].gt(0)].sort_values(
        ["flagged", "user"], ascending=[False, True]
    )
    for row in worst.head(1).to_dict("records"):
        yield (
            f"{row['user'] or 'Nobody on record'} applied {counted(int(row['flagged']), 'flagged receipt')} of {int(row['receipts']):,} "
            f"({row['per_1000']} per 1,000)."
        )
    yield population_sentence(found.parts, "receipts")


def _limits(found: Lapping) -> Iterator[str]:
    yield from not_possible(found.subtests)
    yield MEASURED.format(
        false=FALSE_FLAGS, receipts=f"more than {HONEST_RECEIPTS:,}", rate=PER_1000, bound=BOUND
    )
    yield (
        "Cash that never reached the bank or the books leaves no receipt: it shows only as another customer's item that stays "
        "open, in confirmations and in statements of customers."
    )
    yield "A payer's relation to another customer is known by master data only: parent accounts and merged accounts."
