"""Stories for audit procedures: each planted case beside an honest one that looks alike. Floor 2."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from arlib.sources.sample.audit_books import CLERK, AuditBooks
from arlib.sources.sample.collect_books import Frames, Row
from arlib.sources.sample.plan import EntityPlan, Window
from arlib.sources.sample.truth import Notes
from arlib.tables.rows import records

RELATED = 15  # place of the customer that is flagged as a related party


def add_audit_stories(
    plan: EntityPlan, window: Window, tables: Frames, notes: Notes, *, last_lapped: str
) -> None:
    """Add the stories to an entity's tables and to the truth. `last_lapped` is the last customer of the lapping story."""
    books = AuditBooks(plan=plan, window=window)
    owed = records(
        tables["items"][
            tables["items"]["customer_id"].eq(last_lapped) & tables["items"]["item_type"].eq("invoice")
        ]
    )
    _lapping(books, notes, owed[0])
    _looks_like_lapping(books, notes)
    _duplicates(books, notes)
    _related(books, notes, tables)
    _cut_off(books, notes)
    _credit_notes(books, notes)
    _numbers(books, notes)
    _night_journal(books, notes)
    books.add_to(tables)
    authorised = tables["items"]["authorised_by"]
    old = (
        tables["items"]["item_type"].eq("credit_memo")
        & authorised.isna()
        & ~tables["items"]["item_id"].str.startswith("95")
    )
    tables["items"] = tables["items"].assign(authorised_by=authorised.mask(old, "credit.manager"))


def _weekdays_before(books: AuditBooks, day: date, count: int) -> date:
    for _ in range(count):
        day = books.worked(day - timedelta(days=1))
    return day


def _lapping(books: AuditBooks, notes: Notes, owed: Row) -> None:
    """The chain goes on: D's money covers C, E's covers D; each waits longer before it is posted. E is open at the close."""
    step, last = books.money("15.00"), owed
    receipts, invoices = [], []
    for place, (name, billed, back, wait) in enumerate(
        (("Wren Textiles", 54, 10, 3), ("Yarrow Optics", 47, 2, 4))
    ):
        code = books.customer(place, name)
        own = books.invoice(code, books.worked(books.ago(billed)), int(last["amount"]) + step)
        day = books.worked(books.ago(back))
        money = books.receipt(code, day, int(own["amount"]), banked=_weekdays_before(books, day, wait), user=CLERK, names=(own,),
                              status="on_account")  # fmt: skip
        books.apply(money, last, day, int(last["amount"]), user=CLERK)
        receipts.append(("text", str(money["document_no"])))
        invoices.append(("text", str(own["document_no"])))
        last = own
    at = next(at for at, note in enumerate(notes.rows) if note.kind == "lapping")
    told = notes.rows[at]
    notes.rows[at] = replace(told, documents=(*told.documents[:2], *receipts, *told.documents[2:], *invoices))


def _looks_like_lapping(books: AuditBooks, notes: Notes) -> None:
    """Parent and daughter pay for each other in turn, as their advices say: the same clerk, posted late, and honest."""
    parent = books.customer(2, "Corvid Holdings")
    pair = (parent, books.customer(3, "Corvid Foods", parent_id=parent))
    amount = books.money("1,450.00")
    owed = [
        books.invoice(code, books.worked(books.ago(70 - 7 * at)), amount + at * books.money("10.00"))
        for at, code in enumerate(pair)
    ]
    money = []
    for payer, of, back in ((1, 0, 26), (0, 1, 19)):
        day = books.worked(books.ago(back))
        at_bank = _weekdays_before(books, day, 2)
        money.append(books.paid(pair[payer], owed[of], day, banked=at_bank, user=CLERK))
    books.note(
        notes,
        "lapping_twin",
        (*money, *owed),
        books.ago(26),
        "parent and daughter pay for each other as their advices say",
        is_planted=False,
    )


def _duplicates(books: AuditBooks, notes: Notes) -> None:
    """A credit memo given twice, a monthly charge that recurs, a customer that stands twice, and two branches of one group."""
    code = books.customer(5, "Beacon Print")
    owed = books.invoice(code, books.worked(books.ago(80)), books.money("2,640.00"))
    day, amount = books.worked(books.ago(33)), books.money("264.00")
    twice = (day, books.worked(books.ago(31)))
    memos = tuple(books.credit_memo(code, when, amount, owed, reverses=owed["item_id"]) for when in twice)
    books.note(notes, "duplicate_credit_memo", memos, day, "the same credit, given twice", is_planted=True)
    rent = tuple(
        books.invoice(code, books.worked(books.ago(back)), books.money("480.00"), purchase_order="PO-RENT-26")
        for back in (122, 92, 61, 31)
    )
    for item, back in zip(rent, (91, 61, 30, 3), strict=True):
        books.paid(code, item, books.worked(books.ago(back)))
    books.note(
        notes,
        "recurring_charge",
        rent,
        books.ago(122),
        "one order, the same charge every month",
        is_planted=False,
    )
    first = books.customer(6, "Tidewater Pumps Ltd")
    tax = next(row["tax_id"] for row in books.rows["customers"] if row["customer_id"] == first)
    second = books.customer(7, "TIDEWATER PUMPS LIMITED", tax_id=tax)
    items = tuple(
        books.invoice(one, books.worked(books.ago(20)), books.money("990.00") + at)
        for at, one in enumerate((first, second))
    )
    books.note(
        notes,
        "duplicate_customer",
        items,
        books.ago(20),
        "one customer under two codes",
        is_planted=True,
        account=second,
    )
    head = books.customer(8, "Linnet Bakeries")
    account = books.rows["customers"][-1]["payer_account"]
    branch = books.customer(9, "Linnet Bakeries, Harbour branch", parent_id=head, payer_account=account)
    item = books.invoice(branch, books.worked(books.ago(18)), books.money("720.00"))
    books.note(
        notes,
        "branch_of_a_group",
        (item,),
        books.ago(18),
        "pays from its head's account",
        is_planted=False,
        account=branch,
    )


def _related(books: AuditBooks, notes: Notes, tables: Frames) -> None:
    """A related party that nobody flagged: the flagged one's bank account, and terms that nobody else has. Beside it a
    stranger that only has its address."""
    flagged = records(tables["customers"].iloc[RELATED : RELATED + 1])[0]
    account = str(flagged["payer_account"])
    hidden = books.customer(10, "Fernlea Estates", payer_account=account)
    terms = {"due_date": books.ago(-60), "original_due_date": books.ago(-60)}
    owed = [
        books.invoice(hidden, books.worked(books.ago(60)), books.money(size), **terms)
        for size in ("5,600.00", "6,150.00")
    ]
    old = books.invoice(hidden, books.worked(books.ago(160)), books.money("3,300.00"))
    money = books.paid(hidden, old, books.worked(books.ago(25)), account=account)
    books.note(notes, "related_party_unflagged", (*owed, old, money), books.ago(60),
               "pays from the bank account of a related party, at net 120; not flagged", is_planted=True, account=hidden)  # fmt: skip
    twin = books.customer(11, "Meadowlark Studio", address=flagged["address"])
    item = books.invoice(twin, books.worked(books.ago(26)), books.money("830.00"))
    books.note(notes, "related_party_twin", (item,), books.ago(26), "only shares a business address with a related party",
               is_planted=False, account=twin)  # fmt: skip


def _cut_off(books: AuditBooks, notes: Notes) -> None:
    """Sales and cash near the close: earned in part, billed again, reversed, and a receipt whose money came days later."""
    code, close = books.customer(12, "Osprey Marine"), books.ago(0)
    day = books.worked(books.ago(2))
    item = books.invoice(code, day, books.money("1,240.00"), delivery_date=None, delivery_no=None, service_from=books.ago(10),
                         service_to=books.ago(-19))  # fmt: skip
    books.note(
        notes,
        "service_straddles",
        (item,),
        day,
        "a service that runs over the close, billed at its start",
        is_planted=False,
    )
    day, after = books.worked(books.ago(20)), books.worked(books.ago(-2))
    old = books.invoice(code, day, books.money("905.00"))
    memo = books.credit_memo(
        code, after, int(old["amount"]), old, reverses=old["item_id"], reason="billing_error"
    )
    again = books.invoice(code, after, int(old["amount"]), replaces=old["item_id"], delivery_date=day, delivery_no=old["delivery_no"],
                          due_date=old["due_date"], original_due_date=old["due_date"])  # fmt: skip
    books.note(
        notes,
        "rebill_after_close",
        (again, old, memo),
        after,
        "credited and billed again; the sale was before",
        is_planted=False,
    )
    day = books.worked(close)
    owed = books.invoice(code, books.worked(books.ago(45)), books.money("3,180.00"))
    money = books.paid(code, owed, day, banked=books.ago(-5))
    books.note(
        notes,
        "receipt_held_open",
        (money, owed),
        day,
        "posted on the last day, at the bank five days later",
        is_planted=True,
    )
    sale = books.invoice(code, day, books.money("7,950.00"))
    back = books.credit_memo(
        code,
        books.worked(books.ago(-3)),
        int(sale["amount"]),
        sale,
        reverses=sale["item_id"],
        reason="returned_goods",
    )
    books.note(
        notes,
        "sale_reversed_after",
        (sale, back),
        day,
        "billed on the last day, credited in full after it",
        is_planted=True,
    )


def _credit_notes(books: AuditBooks, notes: Notes) -> None:
    """Credit notes for the period given after it, and approvals that are missing or not the approver's to give."""
    code = books.customer(13, "Sandpiper Tools")
    owed = books.invoice(code, books.worked(books.ago(15)), books.money("2,310.00"))
    late = books.credit_memo(
        code,
        books.worked(books.ago(3)),
        books.money("231.00"),
        owed,
        posting_date=books.worked(books.ago(-2)),
    )
    books.note(
        notes,
        "credit_note_late",
        (late, owed),
        books.ago(3),
        "dated before the close, posted after it",
        is_planted=True,
    )
    argued = books.invoice(code, books.worked(books.ago(12)), books.money("1,860.00"))
    books.add("disputes", {
        "dispute_id": "DI950001", "customer_id": code, "item_id": argued["item_id"], "currency": books.plan.currency,
        "amount": argued["amount"], "opened_on": books.ago(6), "owner": books.plan.owner, "state": "open", "reason": "price",
    })  # fmt: skip
    memo = books.credit_memo(
        code, books.worked(books.ago(-3)), books.money("620.00"), argued, reverses=argued["item_id"]
    )
    books.note(
        notes,
        "credit_after_disputed",
        (memo, argued),
        books.ago(-3),
        "the dispute was open at the close",
        is_planted=True,
    )
    fresh = books.invoice(code, books.worked(books.ago(-2)), books.money("415.00"))
    memo = books.credit_memo(
        code, books.worked(books.ago(-4)), books.money("41.50"), fresh, reverses=fresh["item_id"]
    )
    books.note(
        notes,
        "credit_after_new_sale",
        (memo, fresh),
        books.ago(-4),
        "of a sale after the close",
        is_planted=False,
    )
    for kind, size, given, words in (
        ("unapproved_credit_memo", "385.00", {"authorised_by": None}, "nobody approved it"),
        ("self_approved_credit_memo", "395.00", {"authorised_by": "billing"}, "approved by who entered it"),
        (
            "above_limit_credit_memo",
            "5,900.00",
            {"authorised_by": "credit.manager"},
            "above what the approver may approve",
        ),
    ):
        day = books.worked(books.ago(9))
        item = books.invoice(code, books.worked(books.ago(40)), 3 * books.money(size))
        memo = books.credit_memo(code, day, books.money(size), item, **given)
        books.note(notes, kind, (memo, item), day, words, is_planted=True)


def _numbers(books: AuditBooks, notes: Notes) -> None:
    """A number that is gone, a number that the interface rejected, and a number used twice."""
    code, other = books.customer(14, "Dunlin Stores"), books.customer(15, "Plover Stores")
    day = books.worked(books.ago(13))
    before = books.invoice(code, day, books.money("640.00"))
    gone = books.skipped()
    after = books.invoice(code, day, books.money("655.00"))
    number = books.plan.document.format(kind="SI", n=gone)
    books.note(
        notes,
        "number_missing",
        ({**before, "document_no": number}, before, after),
        day,
        "no document has this number",
        is_planted=True,
    )
    day = books.worked(books.ago(11))
    books.invoice(code, day, books.money("610.00"))
    number = books.plan.document.format(kind="SI", n=books.skipped())
    item = books.invoice(code, day, books.money("625.00"))
    books.rejected[str(item["batch_id"])] = books.money("618.00")
    books.note(
        notes,
        "number_rejected",
        ({**item, "document_no": number}, item),
        day,
        "the interface rejected it that day",
        is_planted=False,
    )
    first = books.invoice(code, books.worked(books.ago(8)), books.money("575.00"))
    again = books.invoice(
        other, books.worked(books.ago(7)), books.money("860.00"), document_no=first["document_no"]
    )
    books.note(
        notes, "number_reused", (first, again), books.ago(8), "one number, two customers", is_planted=True
    )


def _night_journal(books: AuditBooks, notes: Notes) -> None:
    """A manual journal in a night from Saturday to Sunday, by a stranger to the account, taken back two days later."""
    sunday = books.ago(0)
    while sunday.weekday() != 6 or sunday > books.ago(5):
        sunday -= timedelta(days=1)
    amount, document = books.money("10,000.00"), "JV-NIGHT-01"
    for line, (day, size) in enumerate(((sunday, amount), (sunday + timedelta(days=2), -amount)), start=1):
        books.add("gl_lines", {
            "ledger": "primary", "account": "1200", "journal_id": f"MAN-NIGHT-{line}", "line_id": "00001", "posting_date": day,
            "entered_at": books.at(day, 2 if line == 1 else 10), "user": "it.admin", "source": "manual", "status": "posted",
            "document_no": document, "currency": books.plan.currency, "amount": size, "functional_amount": size,
        })  # fmt: skip
    books.note(notes, "night_journal", ({"document_no": document, "amount": amount},), sunday,
               "entered at night on a Sunday, round, without text, taken back", is_planted=True)  # fmt: skip
