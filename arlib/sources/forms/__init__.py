"""Forms: files that are no tables, told by content alone. Floor 2.

lists     the columns of what they give
form      Form, collect, batches
tally     opening + entries = closing
registry  which form claims a file; to add one, add its module there, or register it by entry point
"""

from arlib.sources.forms.form import Form, Row, batches, collect
from arlib.sources.forms.registry import form_of, forms, read_form

__all__ = ["Form", "Row", "batches", "collect", "form_of", "forms", "read_form"]
