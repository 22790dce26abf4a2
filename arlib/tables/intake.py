"""What every load tells beside the tables: problems of rows, and what was read from each file. Floor 0."""

from __future__ import annotations

from arlib.tables.kinds import Column, Kind, Table

T, M, N = Kind.TEXT, Kind.MONEY, Kind.INTEGER

PROBLEMS = Table("problems", "a fault of a row or file", ("file", "table", "row", "column", "code"), (
    Column("file", T, "file name", True),
    Column("table", T, "canonical table", True),
    Column("row", N, "row as a person counts it: header 1, first record 2; 0 for the whole file", True),
    Column("column", T, "column of the source"),
    Column("severity", T, "rejected: the row is out; noted: read, with a remark", True),
    Column("code", T, "what is wrong, one word", True),
    Column("found", T, "what stands there"),
    Column("wanted", T, "what should"),
))  # fmt: skip

INPUTS = Table("inputs", "one currency of one table read from one file", ("file", "table", "part", "currency"), (
    Column("file", T, "file name", True),
    Column("table", T, "canonical table", True),
    Column("part", T, "part of the mapping, such as the receipts that a settled date stands for; empty when there is one"),
    Column("profile", T, "mapping profile", True),
    Column("bytes", N, "size of the file", True),
    Column("sha256", T, "SHA-256 of the file", True),
    Column("currency", T, "currency; empty for a table without money or a row whose currency could not be read"),
    Column("rows_in", N, "records in the file", True),
    Column("rows_out", N, "records read", True),
    Column("rows_rejected", N, "records set aside", True),
    Column("amount_in", M, "money in the file", currency="currency"),
    Column("amount_out", M, "money read", currency="currency"),
    Column("amount_rejected", M, "money set aside", currency="currency"),
    Column("query", T, "what a database was asked; empty for a file"),
    Column("parameters", T, "values of the query's parameters, as JSON"),
    Column("database", T, "product and version of the database that answered, never its address"),
    Column("read_at", Kind.INSTANT, "when it was asked, in UTC"),
))  # fmt: skip
