"""Real processes: two decide on one receipt at once, and writers are killed at random moments."""

from __future__ import annotations

import json
import os
import random
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from arlib.run.casework.decision import decision_of
from arlib.run.store import open_store

ROUNDS, WANTED, KILLS, WRITERS = 50, 10_000, 12, 2
MEMORY = Path("/dev/shm")  # killing a process loses nothing that it wrote, so a disk would only be slower

# Both programs stand on the tests' own plan; the second forks writers from itself, so that a new one takes no time.
BEFORE = """
import json, os, sys
from datetime import UTC, date, datetime
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from arlib.calendar import FiscalCalendar
from arlib.errors import ArError
from arlib.policy import Policies
from arlib.run.casework import AppliedLine, casework
from arlib.run.plan import ClosePlan, EntitySpec
from arlib.run.store import Actor, Authentication, Store, open_store
from arlib.run.store.database import Database
from sqlalchemy import create_engine

PLAN = ClosePlan(
    close_file="close.yml", close_file_sha256="", root=Path(), title="Test", period="2026-10", calendar=FiscalCalendar(),
    outputs=Path(), entities=(EntitySpec(code="US01", name="US", functional_currency="USD"),), sources=(),
    policies=Policies(), notebooks=(),
)

def desk(who):
    store = open_store(Path(sys.argv[1]), address=sys.argv[2])
    if sys.argv[2]:  # one connection that is kept: ten thousand new ones are what would take the time
        engine = create_engine(store.database.engine.url, pool_size=1, max_overflow=0, isolation_level="READ COMMITTED")
        store = Store(Database(engine, store.database.name))
    return casework(store, Actor(who, Authentication.OS_USER), plan=PLAN)

def decide(made, receipt, item, **more):
    line = AppliedLine(item_id=item, currency="USD", applied_amount=100, receipt_currency="USD", receipt_amount=100)
    return made.apply(entity="US01", receipt_id=receipt, lines=[line], seen=made.head(), open_amounts={item: 100},
                      receipt_open=100, **more)
"""

RIVAL = (
    BEFORE
    + """
made = desk(sys.argv[4])
print("ready", flush=True)
for line in sys.stdin:
    try:
        print("won", decide(made, line.strip(), "for " + line.strip()).decision_id, flush=True)
    except ArError as fault:
        print(type(fault).__name__, getattr(fault, "by", ""), getattr(fault, "decision_id", ""), flush=True)
"""
)

WRITER = (
    BEFORE
    + """
import signal
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
print("ready", flush=True)
for line in sys.stdin:
    who, first = json.loads(line)
    child = os.fork()
    if child:
        os.write(1, (json.dumps(["started", who, child]) + "\\n").encode())
        continue
    made = desk(who)
    for number in range(first, 10**9):
        name = f"{who}-{number}"
        recorded = decide(made, "R-" + name, "INV-" + name, request_id=name)
        os.write(1, (json.dumps(["confirmed", who, number, recorded.decision_id]) + "\\n").encode())
"""
)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """Output folder and address of an empty store of the asked kind."""
    address = "" if request.param == "sqlite" else request.getfixturevalue("postgres_database")
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        open_store(Path(folder) / "outputs", address=address)
        yield str(Path(folder) / "outputs"), address


both = pytest.mark.parametrize(
    "place", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)], indirect=True
)


@contextmanager
def program(text: str, place: tuple[str, str], *more: str) -> Iterator[subprocess.Popen[str]]:
    """A Python program that says "ready" when it has imported everything; ended with the test."""
    command = [sys.executable, "-c", text, *place, str(Path(__file__).parents[3]), *more]
    made = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        assert made.stdout is not None
        assert made.stdout.readline() == "ready\n"
        yield made
    finally:
        os.killpg(made.pid, signal.SIGKILL)
        made.wait()
        made.communicate()


@pytest.mark.slow
@both
def test_two_decide_on_one_receipt_and_one_is_told(place: tuple[str, str]) -> None:
    with program(RIVAL, place, "ann") as ann, program(RIVAL, place, "bob") as bob:
        ends = {"ann": ann, "bob": bob}
        wins: Counter[str] = Counter()
        for number in range(ROUNDS):
            for rival in random.Random(number).sample(list(ends.values()), 2):
                rival.stdin.write(f"R-{number}\n")  # type: ignore[union-attr]
            for rival in ends.values():
                rival.stdin.flush()  # type: ignore[union-attr]
            said = {who: rival.stdout.readline().split() for who, rival in ends.items()}  # type: ignore[union-attr]
            (winner,) = [who for who, words in said.items() if words[0] == "won"]
            (loser,) = set(ends) - {winner}
            assert said[loser] == ["ConflictError", winner, said[winner][1]], (
                "told who was first, and with what"
            )
            wins[winner] += 1
    store = open_store(Path(place[0]), address=place[1])
    assert store.verify().is_whole
    assert store.head().seq == ROUNDS, "one decision a round, no more"


@pytest.mark.slow
@pytest.mark.timeout(900)
@both
def test_no_confirmed_decision_is_lost_where_writers_are_killed(place: tuple[str, str]) -> None:
    """Each writer says what is recorded only after it is; a killed one's successor asks for the same again."""
    chance = random.Random(8)
    confirmed: dict[str, dict[int, str]] = {f"writer{n}": {} for n in range(WRITERS)}
    children: dict[str, int] = {}
    kills: dict[str, float] = {}
    done = 0
    with program(WRITER, place) as parent, selectors.DefaultSelector() as ready:
        assert parent.stdin is not None
        assert parent.stdout is not None
        ready.register(parent.stdout, selectors.EVENT_READ)

        def start(who: str) -> None:
            parent.stdin.write(json.dumps([who, max(confirmed[who], default=-1) + 1]) + "\n")  # type: ignore[union-attr]
            parent.stdin.flush()  # type: ignore[union-attr]

        def take(word: str, who: str, number: int, name: str = "") -> None:
            if word == "started":
                children[who] = number
                return
            assert number not in confirmed[who] or confirmed[who][number] == name
            confirmed[who][number] = name
            if (
                who not in kills and done < KILLS
            ):  # from the first that a new writer confirmed on, at any moment
                kills[who] = time.monotonic() + chance.uniform(0, 1)

        for who in confirmed:
            start(who)
        left = ""
        while sum(map(len, confirmed.values())) < WANTED:
            if ready.select(timeout=0.01):
                left += os.read(parent.stdout.fileno(), 1 << 16).decode()
                *lines, left = left.split("\n")
                for line in lines:
                    take(*json.loads(line))
            for who, at in list(kills.items()):
                if time.monotonic() >= at and who in children:
                    os.kill(children.pop(who), signal.SIGKILL)
                    del kills[who]
                    done += 1
                    start(who)
        for child in children.values():
            os.kill(child, signal.SIGKILL)
    assert done >= KILLS

    store = open_store(Path(place[0]), address=place[1])
    found = store.verify()
    assert found.is_whole, found.faults
    kept = [decision_of(event) for event in store.events()]
    by_request = {made.word("request_id"): made.decision_id for made in kept}
    assert len(by_request) == len(kept), "nothing is recorded twice"
    told = {f"{who}-{number}": name for who, own in confirmed.items() for number, name in own.items()}
    assert len(told) >= WANTED
    assert told.items() <= by_request.items(), "what was confirmed is there, under the name that was told"
    for who in confirmed:
        numbers = sorted(int(name.rpartition("-")[2]) for name in by_request if name.startswith(f"{who}-"))
        assert numbers == list(range(len(numbers)))
