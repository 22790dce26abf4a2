"""arlib: reconciliation and reporting for accounts receivable.

`arlib.ledger` ages, ties out and rolls forward; `arlib.sources` reads extracts; `arlib.report` writes workbooks and
pages; `arlib.run` closes a month through papermill; `arlib.cli` is the command. Importing `arlib` itself loads nothing.
"""

__version__ = "0.1.0"
