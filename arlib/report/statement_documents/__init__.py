"""Statements of account as PDF and as workbook, in the customer's language, with a remittance slip. Floor 3.

words   the words of each language               day_of, amount_of, money_of
view    a statement as texts                     section_view
page    the texts as HTML                        statement_html
pdf     the page as PDF, fonts kept warm         statement_pdf
sheets  the statement as a workbook              statement_xlsx
copies  copies of invoices behind it             read_copy, joined
"""

from arlib.report.statement_documents.page import statement_html
from arlib.report.statement_documents.pdf import statement_pdf
from arlib.report.statement_documents.sheets import statement_xlsx

__all__ = ["statement_html", "statement_pdf", "statement_xlsx"]
