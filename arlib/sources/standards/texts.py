"""Canonical rows as contract text, with what the fields of a standard need beside them. Floor 2.

Every row set holds the canonical columns and beside them columns whose names begin with `_`: ids that are unique over
all entities, amounts without sign with the letter of their side, fiscal year and period, date and time of entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from arlib.sources.export import contract_rows, contract_text
from arlib.sources.standards.layout import RECEIPT
from arlib.sources.standards.span import Span
from arlib.sources.standards.split import adjustment_parts
from arlib.tables import CANONICAL, Book

if TYPE_CHECKING:
    import pandas as pd


def pairs_of(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Entity and item of each row."""
    return list(zip(frame["entity"], frame["item_id"], strict=True))


class Texts:
    """Canonical rows as text, with what the fields of a standard need beside them."""

    def __init__(self, book: Book, month: str) -> None:
        """For the rows of a book; `month` says how a month is named, with {month} for its number."""
        entities = book["entities"]
        self.functional = dict(zip(entities["entity"], entities["functional_currency"], strict=True))
        self.month = month
        items = book["items"]
        self.customer = dict(zip(pairs_of(items), items["customer_id"].astype("object"), strict=True))

    def of(self, table: str, frame: pd.DataFrame) -> pd.DataFrame:
        """All declared columns as contract text, sorted by key, with `_functional_currency` where it is known."""
        import pandas as pd

        declared = CANONICAL[table]
        frame = frame.sort_values(list(declared.key), kind="stable", ignore_index=True)
        texts = contract_rows(frame, table=declared, functional=self.functional)
        if "entity" not in frame:
            return texts
        books = [self.functional.get(entity, "") for entity in texts["entity"]]
        return texts.assign(_functional_currency=pd.Series(books, index=texts.index, dtype="str"))

    def documents(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Items with `_id`, `_date` and what `_dated` adds."""
        return self._dated(self.of("items", frame), "item_id")

    def _dated(self, rows: pd.DataFrame, key: str) -> pd.DataFrame:
        """`_id` (entity and id), `_date` (document or effective date), fiscal year and period, entry date and time."""
        day = rows["effective_date"]
        if "document_date" in rows:
            day = rows["document_date"].where(rows["document_date"].ne(""), day)
        return rows.assign(
            _id=rows["entity"] + "-" + rows[key], _date=day, **self._when(day, rows["entered_at"])
        )

    def _when(self, day: pd.Series, entered: pd.Series) -> dict[str, pd.Series]:
        months = day.str.slice(5, 7).str.lstrip("0")
        return {
            "_year": day.str.slice(0, 4),
            "_period": months.map(lambda number: self.month.format(month=number) if number else "").astype(
                "str"
            ),
            "_entered_date": entered.str.slice(0, 10),
            "_entered_time": entered.str.slice(11, 13) + entered.str.slice(14, 16),
            "_entered_clock": entered.str.slice(11, 19),
        }

    def adjustments(
        self, documents: pd.DataFrame, applications: pd.DataFrame, applied: pd.DataFrame
    ) -> pd.DataFrame:
        """A row for each credit and each invoice that it was set against by the end, the rest of it without an
        invoice; then a row for each cash discount that was allowed in the period."""
        import pandas as pd

        parts = adjustment_parts(documents, applications)
        rows = self.documents(documents).set_index(["entity", "item_id"], drop=False)
        rows = rows.loc[pd.MultiIndex.from_frame(parts[["entity", "item_id"]])].reset_index(drop=True)
        shown = self._shown(parts.assign(currency=rows["currency"], posting_date=None))
        invoice = (rows["entity"] + "-" + parts["invoice"]).where(parts["invoice"].ne(""), "")
        rows = rows.assign(_invoice=invoice, _part=shown["amount"], _part_functional=shown["functional_amount"],
                           _application="")  # fmt: skip
        return pd.concat([rows, self._discounts(applied, rows.columns)], ignore_index=True)

    def _discounts(self, applied: pd.DataFrame, columns: pd.Index) -> pd.DataFrame:
        import pandas as pd

        given = applied[applied["discount"].fillna(0).ne(0)].assign(
            discount=lambda f: -f["discount"],
            discount_functional_amount=lambda f: -f["discount_functional_amount"],
        )
        texts = self._dated(self.of("applications", given), "application_id")
        made = pd.DataFrame("", index=texts.index, columns=columns, dtype="str")
        for name in ("entity", "effective_date", "posting_date", "entered_at", "user", "reason", "_id", "_date",
                     "_year", "_period", "_entered_date", "_entered_time", "_entered_clock", "_functional_currency"):  # fmt: skip
            made[name] = texts[name]
        customers = [
            self.customer.get(key) or "" for key in zip(texts["entity"], texts["target_item_id"], strict=True)
        ]
        return made.assign(
            item_type="discount", customer_id=pd.Series(customers, index=made.index, dtype="str"),
            currency=texts["target_currency"], _invoice=texts["entity"] + "-" + texts["target_item_id"],
            _part=texts["discount"], _part_functional=texts["discount_functional_amount"],
            _application=texts["application_id"],
        )  # fmt: skip

    def _shown(self, typed: pd.DataFrame) -> pd.DataFrame:
        """Amounts of items (entity, currency, amount, functional_amount) as text."""
        import pandas as pd

        made = pd.DataFrame({"amount": "", "functional_amount": ""}, index=typed.index, dtype="str")
        for entity, part in typed.groupby("entity", sort=False):
            texts = contract_text(part, table=CANONICAL["items"], columns=["amount", "functional_amount"],
                                  functional=self.functional.get(str(entity), ""))  # fmt: skip
            made.loc[part.index] = texts
        return made

    def cash(self, items: pd.DataFrame, receipts: pd.DataFrame, span: Span) -> pd.DataFrame:
        """A row for each receipt with the item that stands for it, then a row for each cash item without receipt."""
        import pandas as pd

        left = self.of("items", items)
        right = self.of("receipts", receipts[span.holds(receipts)]).drop(columns="_functional_currency")
        right = right.add_prefix(RECEIPT)
        key = right[RECEIPT + "entity"] + "\x1f" + right[RECEIPT + "item_id"]
        right = right.assign(_key=key.mask(key.duplicated() | right[RECEIPT + "item_id"].eq(""), ""))
        left = left.assign(_key=left["entity"] + "\x1f" + left["item_id"])
        unlinked = right["_key"].where(
            right["_key"].isin(left["_key"]), "\x1f" + right[RECEIPT + "receipt_id"]
        )
        rows = right.assign(_key=unlinked).merge(left, on="_key", how="outer", sort=False).fillna("")
        entity = rows["entity"].where(rows["entity"].ne(""), rows[RECEIPT + "entity"])
        own = rows["item_id"].where(rows["item_id"].ne(""), rows[RECEIPT + "receipt_id"])
        either = {
            name: rows[name].where(rows["item_id"].ne(""), rows[RECEIPT + name])
            for name in ("customer_id", "effective_date", "posting_date", "entered_at", "currency", "user")
        }
        amount = rows["amount"].where(rows["item_id"].ne(""), _turned(rows[RECEIPT + "amount"]))
        functional = rows["functional_amount"]
        side = _side(amount)
        made = rows.assign(
            _entity=entity, _id=entity + "-" + own, _customer=either["customer_id"], _date=either["effective_date"],
            _currency=either["currency"], _user=either["user"], _amount=amount.str.removeprefix("-"), _side=side,
            _functional=functional.str.removeprefix("-"),
            _functional_currency=pd.Series([self.functional.get(e, "") for e in entity], index=rows.index, dtype="str"),
            _status="Posted", _reference=rows[RECEIPT + "reference"], **self._when(either["effective_date"],
                                                                                    either["entered_at"]),
        )  # fmt: skip
        return made.sort_values(["_id", RECEIPT + "receipt_id"], kind="stable", ignore_index=True)

    def applications(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Applications with ids that are unique over all entities."""
        import pandas as pd

        rows = self._dated(self.of("applications", frame), "application_id")
        customers = [
            self.customer.get(key) or "" for key in zip(rows["entity"], rows["target_item_id"], strict=True)
        ]
        return rows.assign(
            _receipt=rows["entity"] + "-" + rows["source_item_id"],
            _invoice=rows["entity"] + "-" + rows["target_item_id"],
            _customer=pd.Series(customers, index=rows.index, dtype="str"),
        )

    def open_items(self, opening: pd.DataFrame) -> pd.DataFrame:
        """Items with what is left of them; what counts on the whole document is left out of a part of one."""
        rows = self.documents(opening)
        order = opening.sort_values(["entity", "item_id"], kind="stable", ignore_index=True)
        shown = self._shown(
            order.assign(amount=order["remaining"], functional_amount=order["remaining_functional"])
        )
        is_part = order["remaining"].ne(order["amount"])
        for name in ("net_amount", "tax_amount", "freight_amount", "discount_base"):
            rows[name] = rows[name].mask(is_part, "")
        return rows.assign(
            _side=_side(shown["amount"]), _remaining=shown["amount"].str.removeprefix("-"),
            _remaining_functional=shown["functional_amount"].str.removeprefix("-"),
            _original=rows["amount"].str.removeprefix("-"), _original_functional=rows["functional_amount"].str.removeprefix("-"),
        )  # fmt: skip

    def journal(self, lines: pd.DataFrame) -> pd.DataFrame:
        """Ledger lines with amounts without sign and their side."""
        rows = self.of("gl_lines", lines)
        return rows.assign(
            _id=rows["entity"] + "-" + rows["journal_id"], _side=_side(rows["functional_amount"], rows["amount"]),
            _amount=rows["amount"].str.removeprefix("-"), _functional=rows["functional_amount"].str.removeprefix("-"),
            **self._when(rows["posting_date"], rows["entered_at"]),
        )  # fmt: skip

    def balances(self, balances: pd.DataFrame, span: Span) -> pd.DataFrame:
        """Balances from the day before the period on, each with the one before it."""
        account = ["entity", "ledger", "account", "currency"]
        ordered = balances.sort_values([*account, "as_of"], kind="stable", ignore_index=True)
        before = ordered.assign(balance=ordered.groupby(account, sort=False)["balance"].shift())
        keep = ordered["as_of"].ge(str(span.day_before)) & ordered["as_of"].le(str(span.end))
        rows, first = (self.of("gl_balances", frame[keep]) for frame in (ordered, before))
        return rows.assign(_beginning=first["balance"], **self._when(rows["as_of"], rows["as_of"]))

    def users(self, *frames: pd.DataFrame) -> pd.DataFrame:
        """Everybody who entered a row of the export."""
        import pandas as pd

        names = sorted({str(name) for frame in frames for name in frame["user"].dropna()})
        return pd.DataFrame({"user": pd.Series(names, dtype="str")})

    def sources(self, lines: pd.DataFrame) -> pd.DataFrame:
        """Where the ledger lines came from, and whether a person wrote them."""
        import pandas as pd

        names = pd.Series(sorted({str(name) for name in lines["source"].dropna()}), dtype="str")
        return pd.DataFrame(
            {"source": names, "_origin": names.map(lambda n: "M" if n == "manual" else "S").astype("str")}
        )


def _side(first: pd.Series, second: pd.Series | None = None) -> pd.Series:
    """C for a credit, D for a debit; of two amounts the first that is not nothing says it."""
    import pandas as pd

    is_credit = first.str.startswith("-")
    if second is not None:
        is_credit |= ~first.str.contains("[1-9]", regex=True) & second.str.startswith("-")
    return pd.Series("D", index=first.index, dtype="str").mask(is_credit, "C")


def _turned(amounts: pd.Series) -> pd.Series:
    """Plain decimals with the other sign."""
    return amounts.where(amounts.eq(""), ("-" + amounts).str.replace("--", "", n=1, regex=False))
