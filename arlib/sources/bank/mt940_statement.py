"""One statement of an MT940 or MT942 while it is read: its head, its entry at hand, its sums. Floor 2."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from arlib.errors import SourceError
from arlib.sources.bank.mt940_entry import Entry
from arlib.sources.bank.mt940_fields import balance, floor_currency, stamp, total
from arlib.sources.bank.mt940_lines import Field
from arlib.sources.bank.mt940_narrative import owner
from arlib.sources.forms.amounts import plain
from arlib.sources.forms.form import Row
from arlib.sources.forms.tally import Tally

_BANK = re.compile(r"([A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?|\d{8})/", re.ASCII)
_INTERIM_TAGS = frozenset({"34F", "90C", "90D"})
CUT = "The file may be cut; fetch it again."


def remark(line: int, code: str, column: str, found: str, wanted: str = "") -> Row:
    """A row of the list of remarks."""
    return ("remarks", line, {"code": code, "column": column, "found": found, "wanted": wanted})


def incomplete(name: str, line: int, tags: list[str]) -> SourceError:
    """No complete statement: which tags there are and which are missing."""
    has = set(tags)
    missing = [
        f":{one}:"
        for one, others in (
            ("20", {"20"}),
            ("25", {"25", "25P"}),
            ("60F", {"60F", "60M"}),
            ("62F", {"62F", "62M"}),
        )
        if not has & others
    ]
    return SourceError(
        "no complete statement",
        where=f"{name}, line {line}",
        found=" ".join(f":{tag}:" for tag in dict.fromkeys(tags)) or "no tag",
        wanted=f"also {' '.join(missing)}",
        fix=CUT,
    )


class Statement:
    """From :20: to the closing balance (MT940) or to the totals or end mark (MT942)."""

    def __init__(self, name: str, line: int) -> None:
        """An empty statement that begins on a line."""
        self.name, self.line, self.number = name, line, 0
        self.tags: list[str] = []
        self.fields: dict[str, str] = {}
        self.tally = Tally()
        self.entry: Entry | None = None
        self.lines = 0
        self.is_closed = self.is_page = self.is_ended = False
        self.stated: dict[str, tuple[str, str]] = {}
        self.floor = ""

    @property
    def takes_text(self) -> bool:
        """Whether a line that looks like a tag may be text: below an entry, before the close."""
        return self.entry is not None and not self.is_closed

    @property
    def goes_on(self) -> bool:
        """Whether an end mark cannot be one: an MT940 below an entry and before its closing balance."""
        return self.takes_text and "opening" in self.fields

    @property
    def is_interim(self) -> bool:
        """Whether it is an MT942: its own tags, and no balances."""
        return bool(_INTERIM_TAGS & set(self.tags)) and "opening" not in self.fields and not self.is_closed

    def take(self, field: Field) -> Iterator[Row]:
        """Read one field. Raises SourceError where it cannot be read or stands where it must not."""
        tag, text = field.tag, field.text.strip()
        if self.tags.count(tag) < 2:
            self.tags.append(tag)
        if tag == "61":
            yield from self._entry(field)
        elif tag == "86":
            if self.entry is not None and not self.is_closed:
                self.entry.narrative += field.lines
        elif tag == "NS":
            if self.entry is not None:
                self.entry.told += field.lines
            else:
                self.fields.setdefault("account_name", owner(field.lines))
        elif tag == "20":
            self.fields["message_id"] = text
        elif tag in ("25", "25P"):
            self._account(text, field)
        elif tag == "21":
            pass
        elif tag in ("28", "28C"):
            self.fields.setdefault("number", text)
        elif tag in ("13", "13D"):
            self.fields.setdefault("created_at", stamp(text))
        elif tag == "34F":
            self.floor = self.floor or floor_currency(field.text, self.name, field.line)
        else:
            yield from self._sums(field)

    def _sums(self, field: Field) -> Iterator[Row]:
        tag = field.tag
        if tag in ("60F", "60M"):
            if "opening" in self.fields or self.entry is not None:
                if not {"20", "25", "25P"} & set(self.tags):
                    raise incomplete(self.name, self.line, self.tags)
                raise self._fault("a second opening balance in one statement", field)
            found = balance(field.text, tag, self.name, field.line)
            self.fields |= {"opening": found.amount, "opening_date": found.day, "currency": found.currency}
        elif tag in ("62F", "62M"):
            if self.is_closed:
                raise self._fault("a second closing balance in one statement", field)
            yield from self.flush()
            found = balance(field.text, tag, self.name, field.line)
            own = self.fields.get("currency", "")
            if found.currency and own and found.currency != own:
                raise self._fault(
                    f"a closing balance in {found.currency} after an opening one in {own}", field
                )
            self.fields |= {
                "closing": found.amount,
                "closing_date": found.day,
                "currency": own or found.currency,
            }
            self.is_closed, self.is_page = True, tag == "62M"
        elif tag in ("64", "65"):
            balance(field.text, tag, self.name, field.line)
        else:
            count, currency, amount = total(field.text, tag, self.name, field.line)
            self.floor = self.floor or currency
            self.stated[tag] = (count, amount)

    def _entry(self, field: Field) -> Iterator[Row]:
        if self.is_closed or not {"20", "25", "25P"} & set(self.tags):
            raise SourceError(
                "an entry (:61:) outside a statement",
                where=f"{self.name}, line {field.line}",
                found=" ".join(f":{tag}:" for tag in dict.fromkeys(self.tags)),
                wanted=":20:, :25: and an opening balance before it",
            )
        yield from self.flush()
        self.entry = Entry(field, self.name)

    def _account(self, text: str, field: Field) -> None:
        if self.fields.get("account"):
            raise self._fault("a second account (:25:) in one statement", field)
        self.fields["account"] = "".join(text.split())
        if match := _BANK.match(self.fields["account"]):
            self.fields["bank"] = match.group(1)

    def _fault(self, message: str, field: Field) -> SourceError:
        return SourceError(message, where=f"{self.name}, line {field.line}", found=field.text, fix=CUT)

    def more_text(self, lines: list[str]) -> None:
        """Lines that look like a tag but belong to the entry's text."""
        assert self.entry is not None
        self.entry.narrative += lines

    def end(self, field: Field) -> None:
        """An end mark. Below an entry and before the close it may be a line of text: then it is kept as one."""
        if self.goes_on:
            self.more_text(field.lines)
        else:
            self.is_ended = True

    def flush(self) -> Iterator[Row]:
        """The row of the entry at hand."""
        entry, self.entry = self.entry, None
        if entry is None:
            return
        self.lines += 1
        currency = self.fields.get("currency", "") or self.floor
        base = {
            "statement": str(self.number),
            "account": self.account,
            "line": str(self.lines),
            "currency": currency,
        }
        self.tally.add(entry.coded.amount, status=entry.status)
        yield from entry.rows(base)

    @property
    def account(self) -> str:
        """The account without the currency that some banks write behind it."""
        found, currency = self.fields.get("account", ""), self.fields.get("currency", "") or self.floor
        if currency and found.endswith(currency) and found[:-3] and (found[-4].isdigit() or found[-4] == "/"):
            return found[:-3].rstrip("/")
        return found

    def follows(self, page: Statement) -> bool:
        """Whether this page begins with what another one ended: account, balance and currency."""
        keys = (("opening", "closing"), ("account", "account"))
        same = all(self.fields.get(mine) == page.fields.get(its) for mine, its in keys)
        currency = self.fields.get("currency", "")
        return same and currency in ("", page.fields.get("currency", ""))

    def resume(self, page: Statement) -> None:
        """Go on with a further page of the same statement."""
        self.tags += [tag for tag in page.tags if tag not in self.tags]
        self.is_closed = self.is_page = self.is_ended = False

    def require_complete(self) -> None:
        """Raise SourceError where a tag is missing that every statement has."""
        has = set(self.tags)
        needs_balances = not self.is_interim
        if "20" not in has or not self.fields.get("account") or (
            needs_balances and not ("opening" in self.fields and self.is_closed)
        ):  # fmt: skip
            raise incomplete(self.name, self.line, self.tags)
        if not (self.fields.get("currency") or self.floor):
            raise SourceError(
                "no currency",
                where=f"{self.name}, line {self.line}",
                wanted="three letters in a balance or in :34F:",
            )

    def require_whole(self, last: Field | None) -> None:
        """Raise SourceError where the file ends inside this statement as far as can be told."""
        self.require_complete()
        if self.is_interim and not (self.is_ended or self.stated):
            raise SourceError(
                "an MT942 without totals (:90D:, :90C:) and without an end mark",
                where=f"{self.name}, line {self.line}",
                fix="It may be cut after any entry; fetch it again.",
            )
        if last is None or last.is_ended or last.tag not in ("62F", "62M", "90C", "90D"):
            return
        entry, tally = self.entry, Tally()
        tally.credits, tally.debits, tally.entries = self.tally.credits, self.tally.debits, self.tally.entries
        if entry is not None:
            tally.add(entry.coded.amount, status=entry.status)
        if any(row[2]["code"] != "no_transactions" for row in tally.close(self._head(), self.line)[1:]):
            raise SourceError(
                f"ends inside :{last.tag}: and does not add up",
                where=f"{self.name}, line {last.line}",
                fix=CUT,
            )

    def _head(self) -> dict[str, str]:
        head = self.fields | {
            "statement": str(self.number),
            "account": self.account,
            "currency": self.fields.get("currency", "") or self.floor,
            "kind": "interim" if self.is_interim else "statement",
        }
        counts = [int(count) for count, _ in self.stated.values()]
        if len(counts) == 2:
            head["stated_entries"] = str(sum(counts))
        for tag, column in (("90C", "stated_credits"), ("90D", "stated_debits")):
            if tag in self.stated:
                head[column] = plain(abs(Decimal(self.stated[tag][1])))
        return head

    def close(self, *, is_more: bool = False) -> Iterator[Row]:
        """The statement's own row, after its entries."""
        yield from self.tally.close(self._head(), self.line)
        if is_more:
            yield remark(
                self.line,
                "more_pages_to_come",
                ":62M:",
                self.fields.get("closing", ""),
                "the next page (:60M:)",
            )
