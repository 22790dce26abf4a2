"""What is planted for collecting, and the honest twin of each: rows of the truth. Floor 2."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from arlib.sources.sample.collect_books import Books
from arlib.sources.sample.truth import Notes

# kind, scripted account, which of its documents, whether it is planted, the story in words
STORIES: tuple[tuple[str, str, int, bool, str], ...] = (
    ("broken_promise", "broken_promise", 0, True, "promised for ten days before the close, unpaid"),
    ("promise_kept", "promise_kept", 0, False, "promised for the same day and paid the day before"),
    ("promise_not_yet_due", "promise_open", 0, True, "promised for nine days after the close"),
    ("silent_large_account", "silent_large", 0, True, "last answer 47 days before the close, four touches since"),
    ("answered_large_account", "answered_large", 0, False, "the same debt; answered eight days before the close"),
    ("disputed_item_excluded", "disputed", 0, True, "disputed in full"),
    ("undisputed_item", "disputed", 1, False, "the same account's other invoice, nothing said against it"),
    ("disputed_in_part", "disputed_part", 0, True, "a quarter of it is disputed"),
    ("unapplied_cash_covers", "covered", 0, True, "unapplied cash is more than what is past due"),
    ("unapplied_cash_falls_short", "covered_short", 0, False, "unapplied cash is a quarter of what is past due"),
    ("receipt_without_advice", "covered", -1, True, "nothing says what the money is for"),
    ("receipt_with_advice", "covered_short", -1, False, "an advice names the invoice"),
    ("never_dunned", "estate", 0, True, "estate"),
    ("never_dunned", "legal", 0, True, "legal"),
    ("never_dunned", "agency", 0, True, "agency"),
    ("never_dunned", "sanctioned", 0, True, "sanctioned"),
    ("never_dunned", "cease_contact", 0, True, "cease_contact"),
    ("plan_in_default", "plan_default", 0, True, "first instalment unpaid twelve days after its day"),
    ("plan_running", "plan_running", 0, False, "first instalment paid the day before it was due"),
    ("exception_expired", "exception_expired", 0, True, "ended fifteen days before the close"),
    ("exception_without_end", "exception_endless", 0, True, "no last day, nobody approved it"),
    ("exception_valid", "exception_valid", 0, False, "approved and in force"),
    ("portal_rejected", "portal_rejected", 0, True, "rejected by the customer's portal"),
    ("portal_approved", "portal_approved", 0, False, "approved, to be paid six days after the close"),
    ("order_no_missing", "no_order_no", 0, True, "the customer pays no invoice without its order number"),
    ("order_no_given", "no_order_no", 1, False, "the same customer's invoice that has it"),
    ("mail_bounced", "mail_bounced", 0, True, "the last mail came back"),
    ("tax_form_expired", "tax_form_expired", 0, True, "ended twenty days before the close"),
    ("limit_exceeded", "over_limit", 0, True, "owes more than the limit and is not on hold"),
    ("on_hold_rightly", "on_hold", 0, False, "on hold, and still 75 days past due above its limit"),
    ("hold_to_release", "release", 1, True, "on hold, though it has paid all that was past due"),
    ("billed_late", "release", 1, True, "delivered twelve days before it was billed"),
    ("billed_in_time", "release", 0, False, "billed on the day of the delivery"),
    ("terms_not_approved", "terms_unapproved", 0, True, "net 90 that nobody approved"),
    ("terms_approved", "terms_approved", 0, False, "the same terms, approved"),
)  # fmt: skip


def tell(notes: Notes, books: Books, open_items: pd.DataFrame, bankrupt: str, late_account: str) -> None:
    """Note the stories of an entity: those of the scripted accounts, of the bankrupt, of the item sold, of the bank."""
    for kind, part, place, is_planted, words in STORIES:
        told = books.told[part]
        document = told.cash[0] if place < 0 else told.items[place]
        _note(notes, kind, told.customer, document, words, is_planted=is_planted)
    late = open_items[open_items["rest"].gt(0) & open_items["due_date"].lt(pd.Timestamp(books.window.as_of))]
    late = late.sort_values("item_id")
    owed = late[late["customer_id"].eq(bankrupt)].head(1)
    for row in _rows(owed):
        _note(notes, "never_dunned", bankrupt, row, "bankrupt", is_planted=True)
    sold = late[late["assigned_to"].fillna("").ne("")].head(1)
    for row in _rows(sold):
        _note(notes, "never_dunned", str(row["customer_id"]), row, "sold", is_planted=True)
    if late_account:
        notes.plant(
            "bank_not_up_to_date", [("text", late_account)], 0, books.window.close, account=late_account,
            note="the last statement ends nine days before the close; the other accounts have theirs",
        )  # fmt: skip


def _rows(frame: pd.DataFrame) -> Iterable[dict[Any, Any]]:
    return frame.to_dict("records")


def _note(
    notes: Notes, kind: str, customer: str, row: dict[Any, Any], words: str, *, is_planted: bool
) -> None:
    documents: list[tuple[str, int | str]] = [("text", str(row["document_no"]))]
    amount, day = abs(int(row["amount"])), notes.window.close
    if is_planted:
        notes.plant(kind, documents, amount, day, account=customer, note=words)
    else:
        notes.noise(kind, documents, amount, 0, day, words, account=customer)
