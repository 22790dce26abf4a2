"""Statements of account: which go out, what stands on them, what is on none and why. Floor 1.

statements   all of an entity                            statements, statements_of, Statements
model        one statement, for those who draw it        Statement, Section, OpenLine, Movement
references   structured creditor references (ISO 11649)  creditor_reference, is_creditor_reference
"""

from arlib.collect.statements.model import Movement, OpenLine, Section, Statement
from arlib.collect.statements.references import creditor_reference, is_creditor_reference
from arlib.collect.statements.statements import Statements, statements, statements_of

__all__ = [
    "Movement",
    "OpenLine",
    "Section",
    "Statement",
    "Statements",
    "creditor_reference",
    "is_creditor_reference",
    "statements",
    "statements_of",
]
