"""Documents for customers and holders as PDF: a frozen model each, filled by pure functions, one template each. Floor 3.

model      what a document says                        Receipt, CreditNote, RevisedInvoice, DueDiligence, Release
fill       models from the book and from proposals     receipt_of, credit_note_of, revised_invoice_of ...
page       the model as HTML, whatever its texts hold  html_of
pdf        the page as PDF, without network or files   pdf_of
"""

from arlib.report.documents.fill import (
    credit_note_of,
    due_diligence_of,
    receipt_of,
    release_of,
    revised_invoice_of,
)
from arlib.report.documents.model import (
    Approved,
    CreditNote,
    Document,
    DueDiligence,
    Party,
    Receipt,
    Release,
    RevisedInvoice,
)
from arlib.report.documents.page import html_of
from arlib.report.documents.pdf import pdf_of

__all__ = [
    "Approved",
    "CreditNote",
    "Document",
    "DueDiligence",
    "Party",
    "Receipt",
    "Release",
    "RevisedInvoice",
    "credit_note_of",
    "due_diligence_of",
    "html_of",
    "pdf_of",
    "receipt_of",
    "release_of",
    "revised_invoice_of",
]
