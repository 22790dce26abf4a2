"""What a form says of a file, by list."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from arlib.sources.edi import lockbox823, payment820, remadv
from arlib.sources.forms import Form
from arlib.sources.forms.registry import head_of

FORMS = (payment820.FORM, lockbox823.FORM, remadv.FORM)
Said = dict[str, list[dict[str, str]]]


def form_of(content: bytes) -> Form:
    (form,) = [form for form in FORMS if form.claims(head_of(content))]
    return form


@pytest.fixture
def said() -> Callable[[bytes], Said]:
    """What the one form that claims some bytes says, without what it leaves out."""

    def of(content: bytes) -> Said:
        made: Said = {
            name: [] for name in ("statements", "entries", "details", "payments", "remittances", "remarks")
        }
        for name, _, fields in form_of(content).rows(io.BytesIO(content), "file"):
            made[name].append({key: value for key, value in fields.items() if value})
        return made

    return of


@pytest.fixture
def samples() -> Path:
    """The samples that travel with the tests."""
    return Path(__file__).parent.parent / "data" / "edi"


@pytest.fixture
def forms() -> tuple[Form, ...]:
    """The forms of this folder."""
    return FORMS


@pytest.fixture
def content_of(samples: Path, request: pytest.FixtureRequest) -> Callable[[str], bytes]:
    """A sample's bytes: of those that travel with the tests, else beside the checkout (or the test skips)."""

    def of(name: str) -> bytes:
        own = samples / Path(name).name
        return (
            own if own.exists() else request.getfixturevalue("shared") / "data" / "edi" / name
        ).read_bytes()

    return of
