"""What a database or its driver says, in words that name no address. Floor 2.

While connecting only our own words are used: drivers name hosts, users and folders there. Later the
database's own sentence is kept, without any part of the address.
"""

from __future__ import annotations

import re

from arlib.errors import ArError, SourceError
from arlib.sources.database.address import Address

ORACLE = re.compile(r"\b(?:ORA|DPY|DPI)-\d{4,5}")
DRIVERS = {"postgresql": "psycopg", "oracle": "oracledb", "duckdb": "duckdb-engine", "mysql": "mysqlclient"}
TOO_LONG = ("57014", "DPY-4024", "ORA-03156", "ORA-01013")
LOST = ("08", "57P")  # SQLSTATE classes: connection, server going down
REFUSED = ("28", "3D", "ORA-01017", "ORA-28000", "ORA-28001", "ORA-12514")


def missing_driver(address: Address, fault: Exception) -> SourceError:
    """No driver, or no dialect, for what the address asks."""
    kind = address.url.get_backend_name()
    package = getattr(fault, "name", None) or DRIVERS.get(kind, "")
    return SourceError(
        f"no driver for the database of {address.variable}",
        found=kind,
        fix=f"Install the package {package}." if package else "Install SQLAlchemy's dialect for it.",
    )


def when_connecting(address: Address, fault: Exception) -> ArError:
    """The database could not be reached or refused us."""
    if isinstance(fault, ArError):
        return fault
    code = code_of(fault)
    where = f"the database of {address.variable}"
    if isinstance(fault, TypeError):
        return SourceError(f"{address.variable} holds an option that the driver does not know")
    if code.startswith(REFUSED):
        return SourceError(
            f"{where} refused us", found=code, fix=f"Check user, password and database in {address.variable}."
        )
    return SourceError(
        f"{where} cannot be reached or opened",
        found=code or kind_of(fault),
        fix=f"Check host, port, user, password and name in {address.variable}, and that the database runs.",
    )


def when_reading(
    address: Address, fault: Exception, *, role: str, seconds: int, has_expired: bool
) -> ArError:
    """A query failed: whose it is, what the database said, what to do."""
    if isinstance(fault, ArError):
        return fault
    if isinstance(fault, MemoryError):
        return SourceError(
            "the answer is larger than the memory of this machine", where=role, fix="Narrow the query."
        )
    code, said = code_of(fault), address.scrubbed(words_of(fault))
    if has_expired or code in TOO_LONG:
        return SourceError(
            f"the query took longer than {seconds} seconds",
            where=role,
            fix="Narrow it, or raise the option timeout_seconds of the source.",
        )
    if getattr(fault, "connection_invalidated", False) or code.startswith(LOST):
        return SourceError(
            "the connection to the database was lost", where=role, found=code or None, fix="Try again."
        )
    told = ", ".join(
        part
        for part in (kind_of(fault), code and f"SQLSTATE {code}" if not ORACLE.match(code) else "")
        if part
    )
    return SourceError(f"the database refused the query ({said or told})", where=role)


def code_of(fault: BaseException) -> str:
    """SQLSTATE or Oracle's code, '' where there is none."""
    origin = getattr(fault, "orig", None) or fault
    state = getattr(origin, "sqlstate", None) or getattr(origin, "pgcode", None)
    if state:
        return str(state)
    found = ORACLE.search(str(origin))
    return found[0] if found else ""


def kind_of(fault: BaseException) -> str:
    """The driver's class of fault."""
    return type(getattr(fault, "orig", None) or fault).__name__


def words_of(fault: BaseException) -> str:
    """The first line of what the database said."""
    origin = getattr(fault, "orig", None) or fault
    primary = getattr(getattr(origin, "diag", None), "message_primary", None)
    text = str(primary or origin)
    return " ".join(text.split("\n", 1)[0].split())[:300]
