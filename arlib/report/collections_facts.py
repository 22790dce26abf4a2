"""What the collections report is made from: the work lists of a day and what is on record about the accounts. Floor 3."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from arlib.collect.contact.cadence import cadence_identities, item_touches
from arlib.collect.contact.coverage import coverage
from arlib.collect.contact.obstacles import obstacles
from arlib.collect.dunning import Dunning, dunning
from arlib.collect.follow_up.claims import claims
from arlib.collect.follow_up.placements import placement_register, placements_proposed
from arlib.collect.follow_up.remittances import remittances_to_chase
from arlib.collect.follow_up.short import short_payments
from arlib.collect.follow_up.skipped import skipped_invoices
from arlib.collect.position import Position, position
from arlib.collect.review.credit_review import credit_review, review_identities
from arlib.collect.review.files import file_checklist
from arlib.collect.review.holds import hold_proposals
from arlib.collect.review.portals import portals
from arlib.collect.review.references import references
from arlib.collect.review.terms import terms_register
from arlib.collect.work_lists.lists import WorkLists, work_lists
from arlib.collect.work_lists.portfolios import Portfolios, portfolios
from arlib.controls import Identity
from arlib.policy import Policies, Scope
from arlib.tables import Book, Column, Kind, Table

T, D, M, N = Kind.TEXT, Kind.DAY, Kind.MONEY, Kind.INTEGER

FOLLOW_UPS = Table(
    "follow_ups", "an invoice passed over, a short payment, or cash without advice",
    ("entity", "kind", "item_id", "instalment_no"), (
    Column("entity", T, "entity code", True, is_key=True),
    Column("kind", T, "what it is", True),
    Column("item_id", T, "item", True, is_key=True),
    Column("instalment_no", N, "due part; empty where the item is due in one part"),
    Column("customer_id", T, "customer; empty where it is not known", is_key=True),
    Column("name", T, "name, else the payer's"),
    Column("document_no", T, "document, or the receipt", is_key=True),
    Column("currency", T, "currency", True),
    Column("amount", M, "open amount", True, currency="currency"),
    Column("since", D, "day of the payment"),
    Column("days", N, "days since then"),
    Column("what", T, "what to ask, in words"),
))  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class CollectionFacts:
    """Everything that the tables, charts and sentences speak of."""

    position: Position
    lists: WorkLists
    coverage: pd.DataFrame  # COVERAGE
    obstacles: pd.DataFrame  # OBSTACLES
    follow_ups: pd.DataFrame  # FOLLOW_UPS
    holds: pd.DataFrame  # HOLD_PROPOSALS
    claims: pd.DataFrame  # CLAIM_STANDINGS
    placed: pd.DataFrame  # PLACEMENT_REGISTER
    to_place: pd.DataFrame  # PLACEMENTS_PROPOSED
    checklist: pd.DataFrame  # FILE_CHECKLIST
    review: pd.DataFrame  # CREDIT_REVIEW
    terms: pd.DataFrame  # TERMS_REGISTER
    references: pd.DataFrame  # REFERENCES
    portals: pd.DataFrame  # PORTALS
    dunning: Dunning
    portfolios: Portfolios
    identities: tuple[Identity, ...]

    @property
    def touches(self) -> pd.DataFrame:
        """ACCOUNT_TOUCHES."""
        return self.lists.cases.touches


def gather(book: Book, *, scope: Scope, policies: Policies) -> CollectionFacts:
    """All of it at the as-of date; raises what the parts raise."""
    here = position(book, scope=scope, policies=policies)
    lists = work_lists(book, position=here, policies=policies)
    touched = item_touches(book, position=here, policies=policies)
    letters = dunning(book, position=here, policies=policies)
    shared = portfolios(here, policies=policies)
    review = credit_review(book, position=here, policies=policies)
    return CollectionFacts(
        position=here,
        lists=lists,
        coverage=coverage(book, position=here, policies=policies),
        obstacles=obstacles(book, position=here, policies=policies),
        follow_ups=_follow_ups(book, here, policies),
        holds=hold_proposals(book, position=here, policies=policies, review=review),
        claims=claims(book, position=here, policies=policies),
        placed=placement_register(book, position=here, policies=policies),
        to_place=placements_proposed(book, position=here, policies=policies),
        checklist=file_checklist(book, position=here, policies=policies),
        review=review,
        terms=terms_register(book, position=here, policies=policies),
        references=references(book, position=here, policies=policies),
        portals=portals(book, position=here, policies=policies),
        dunning=letters,
        portfolios=shared,
        identities=(
            *lists.identities, *cadence_identities(touched, position=here), *letters.identities, *shared.identities,
            *review_identities(review, position=here),
        ),
    )  # fmt: skip


def _follow_ups(book: Book, here: Position, policies: Policies) -> pd.DataFrame:
    """Invoices passed over, short payments and receipts without advice as one list, the largest groups by currency."""
    skipped = skipped_invoices(book, position=here, policies=policies)
    short = short_payments(book, position=here, policies=policies)
    chase = remittances_to_chase(book, position=here, policies=policies)
    until = pd.Timestamp(here.scope.as_of)
    parts = [
        skipped.assign(
            kind="invoice_passed_over", since=skipped["value_date"], days=(until - skipped["value_date"]).dt.days, what=skipped["ask"]
        ),
        short.assign(kind="short_payment", amount=short["left_open"], since=short["paid_on"], days=short["days_open"]),
        chase.assign(
            kind="receipt_without_advice", name=chase["name"].fillna(chase["payer_name"]), document_no=chase["receipt_id"],
            since=chase["received_on"], days=chase["days_open"], what=chase["ask"],
        ),
    ]  # fmt: skip
    made = pd.concat([FOLLOW_UPS.typed(part) for part in parts], ignore_index=True)
    return FOLLOW_UPS.typed(
        made.sort_values(
            ["kind", "currency", "amount", "item_id"], ascending=[True, True, False, True], kind="stable", ignore_index=True
        )
    )  # fmt: skip
