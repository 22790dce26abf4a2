"""1,000 statements of account as PDF and workbook: how long the batch takes, beside plain WeasyPrint one at a time.

    python benchmarks/statements.py [--customers 1000] [--jobs 2] [--peer 60]

Books of so many customers with 3 to 40 open items each (a few with 150), in five languages, euro, dollar and yen, are made from a
fixed seed. `write_statements` writes them whole: files, index, totals. The peer makes the same HTML with `HTML(string=...).write_pdf()`
in one process, a sample of it, and is scaled to all; it makes no workbooks.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from arlib.policy import Policies, Scope, StatementPolicy
from arlib.policy.statement import RemitTo
from arlib.tables import CANONICAL, Book

if TYPE_CHECKING:
    from arlib.run.statements import Books

BUDGET_SECONDS = 90.0
AS_OF = date(2026, 10, 31)
NAMES = {
    "en": "Northern Wholesale Trading Company Ltd.", "de": "Bäckerei Weiß & Söhne GmbH", "fr": "Société Générale de l’Étoile S.A.",
    "es": "Construcción Ñandú S.L.", "zh": "上海明珠进出口有限公司",
}  # fmt: skip
LANGUAGES = ("en", "en", "en", "de", "de", "fr", "es", "zh")


def made_books(customers: int) -> Books:
    """Books of so many customers; the same number gives the same books."""
    from arlib.run.statements import Books

    chance = random.Random(customers)  # noqa: S311
    people, items = [], []
    for number in range(customers):
        code, language = f"C{number:06d}", LANGUAGES[number % len(LANGUAGES)]
        people.append(
            {
                "entity": "B1", "customer_id": code, "name": f"{NAMES[language]} {number}", "language": language,
                "address": f"{number} Long Street, 12345 Springfield", "email": f"ap{number}@customer.example",
            }
        )  # fmt: skip
        currency = "JPY" if number % 10 == 3 else "USD" if number % 4 == 1 else "EUR"
        for at in range(
            150 if number % 100 == 7 else chance.randint(3, 40) if number % 5 == 0 else chance.randint(3, 12)
        ):
            day = AS_OF - timedelta(days=chance.randint(0, 150))
            credit = chance.random() < 0.1
            items.append(
                {
                    "entity": "B1", "item_id": f"I{number}-{at}", "customer_id": code, "document_no": f"{number:05d}{at:04d}",
                    "item_type": "credit_memo" if credit else "invoice", "currency": currency,
                    "amount": -chance.randint(100, 20_000) if credit else chance.randint(1_000, 2_000_000),
                    "effective_date": day, "document_date": day, "due_date": day + timedelta(days=30),
                    "purchase_order": f"PO-{chance.randint(1000, 99999)}",
                }
            )  # fmt: skip
    book = Book(
        {"customers": CANONICAL["customers"].from_rows(people), "items": CANONICAL["items"].from_rows(items)}
    )
    scope = Scope(entity="B1", entity_name="Bench", functional_currency="EUR", period="2026-10", starts_on=date(2026, 10, 1),
                  ends_on=AS_OF, as_of=AS_OF)  # fmt: skip
    policy = StatementPolicy(
        remit_to=(RemitTo(account="DE89 3704 0044 0532 0130 00", bank_code="COBADEFFXXX"),)
    )
    return Books(book=book, scope=scope, policies=Policies(statement=policy))


def peer_seconds(books: Books, count: int) -> tuple[float, int]:
    """Wall seconds of plain WeasyPrint for every so-manieth statement's HTML, and how many those were."""
    from weasyprint import HTML

    from arlib.collect.statements import statements
    from arlib.report.statement_documents.page import css, statement_html

    made = list(statements(books.book, scope=books.scope, policies=books.policies).each())
    chosen = made[:: max(1, len(made) // count)]
    pages = [statement_html(each).replace("</head>", f"<style>{css()}</style></head>") for each in chosen]
    started = time.perf_counter()
    for page in pages:
        HTML(string=page).write_pdf()
    return time.perf_counter() - started, len(pages)


def main() -> int:
    """Measure, print, and say with the exit code whether the budget held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument(
        "--peer", type=int, default=60, help="statements that the peer makes; 0 leaves it out"
    )
    given = parser.parse_args()

    from arlib.run.statements import write_statements

    books = made_books(given.customers)
    print(f"{given.customers:,} customers, {len(books.book['items']):,} open items, {given.jobs} jobs, "
          f"load before {os.getloadavg()[0]:.1f}")  # fmt: skip
    with tempfile.TemporaryDirectory() as home:
        out = Path(home) / "statements"
        started, before = time.perf_counter(), os.times()
        result = write_statements(books, out, jobs=given.jobs)
        seconds, after = time.perf_counter() - started, os.times()
        cpu = sum(after[at] - before[at] for at in range(4))
        files = [path for path in out.iterdir() if path.suffix in (".pdf", ".xlsx")]
        size = sum(path.stat().st_size for path in files) / 1e6
        with (out / "totals.csv").open(encoding="utf-8") as stream:
            ties = all(float(row["difference"]) == 0 for row in csv.DictReader(stream))
    per_thousand = 1000 / given.customers
    print(f"arlib statements: {seconds:.1f} s wall, {cpu:.1f} s of processor, {result.made} made, {len(result.failed)} failed, "
          f"{len(files):,} files, {size:.1f} MB, totals tie: {ties}")  # fmt: skip
    if given.peer:
        taken, count = peer_seconds(books, given.peer)
        print(f"WeasyPrint one at a time, PDF only: {taken / count * 1000:.0f} s for 1,000 (measured on {count}); "
              f"arlib, PDF and workbook: {seconds * per_thousand:.0f} s")  # fmt: skip
    return 0 if seconds * per_thousand < BUDGET_SECONDS and ties and not result.failed else 1


if __name__ == "__main__":
    sys.exit(main())
