"""The pictures of the docs: there, small, as wide as a page, and used."""

from __future__ import annotations

import re

import pytest
from PIL import Image

PAGE = "docs/desk.md"
LARGEST, WIDTH = 150_000, 1300


def test_the_page_and_the_pictures_name_each_other(repo):
    shown = set(re.findall(r"\]\(pictures/desk/([a-z_]+\.png)\)", (repo / PAGE).read_text(encoding="utf-8")))
    assert shown == {path.name for path in (repo / "docs/pictures/desk").glob("*.png")}


@pytest.mark.parametrize("name", ["customer", "receipt", "decisions", "case_file"])
def test_a_picture_is_small_and_legible(name, repo):
    path = repo / f"docs/pictures/desk/{name}.png"
    assert path.stat().st_size < LARGEST
    with Image.open(path) as taken:
        assert taken.width == WIDTH
