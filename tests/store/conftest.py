"""Stores to test on: SQLite in a fresh folder, and a PostgreSQL server of our own where its programs are
found.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from arlib.run.store import Store, open_store


def need_postgres(*, is_present: bool, reason: str) -> None:
    """Skip with the reason, or fail where ARLIB_REQUIRE asks for PostgreSQL."""
    if is_present:
        return
    if "postgres" in {name.strip() for name in os.environ.get("ARLIB_REQUIRE", "").split(",")}:
        pytest.fail(f"ARLIB_REQUIRE asks for postgres: {reason}")
    pytest.skip(reason)


def programs() -> Path | None:
    """The folder that holds initdb and pg_ctl: the newest installed one, or that of the search path."""
    installed = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").is_file()]
    if installed:
        return max(installed, key=lambda path: [int(part) for part in path.parent.name.split(".")])
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found and shutil.which("pg_ctl") else None


def as_other_user() -> tuple[list[str], str] | None:
    """How to start a server that refuses to run as root: words before the command, and the owner; None when
    impossible.
    """
    if os.name != "posix" or os.getuid() != 0:
        return [], ""
    import pwd

    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        if shutil.which("setpriv"):
            return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"], name
        if shutil.which("runuser"):
            return ["runuser", "-u", name, "--"], name
    return None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A running server's address, without a database; it listens on a socket in a folder of its own and
    nowhere else.
    """
    found, other = programs(), as_other_user()
    need_postgres(is_present=found is not None, reason="no PostgreSQL server programs (initdb, pg_ctl)")
    need_postgres(
        is_present=other is not None,
        reason="PostgreSQL does not run as root, and there is no other user to run it",
    )
    assert found is not None
    assert other is not None
    before, owner = other
    home = Path(tempfile.mkdtemp(prefix="arlib-pg-"))
    if owner:
        shutil.chown(home, owner)

    def run(program: str, *words: str) -> None:
        command = [*before, str(found / program), *words]
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{program}: {done.stdout}{done.stderr}"

    data = str(home / "data")
    try:
        run("initdb", "-D", data, "-A", "trust", "-U", "arlib", "--no-sync", "-E", "UTF8", "--locale=C")
        options = f"-k {home} -c listen_addresses='' -c fsync=off -c max_connections=40"
        with (home / "log").open("w"):
            pass
        if owner:
            shutil.chown(home / "log", owner)
        run("pg_ctl", "-D", data, "-w", "-l", str(home / "log"), "-o", options, "start")
        try:
            yield f"postgresql://arlib@/{{database}}?host={home}"
        finally:
            run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres_database(postgres: str) -> Iterator[str]:
    """The address of a fresh, empty database."""
    import psycopg

    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres.format(database="postgres"), autocommit=True) as link:
        link.execute(f'CREATE DATABASE "{name}"')
    yield postgres.format(database=name)
    with psycopg.connect(postgres.format(database="postgres"), autocommit=True) as link:
        link.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


Opener = Callable[[], Store]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the same store again and again: an empty one of each kind of database at first."""
    if request.param == "sqlite":
        return lambda: open_store(tmp_path / "outputs", address="")
    address = request.getfixturevalue("postgres_database")
    return lambda: open_store(tmp_path / "outputs", address=address)


@pytest.fixture
def store(opener: Opener) -> Store:
    """An empty store, on each kind of database."""
    return opener()
