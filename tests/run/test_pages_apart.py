"""Pages that are made at once in threads never mix, and a page that names another run is not sealed."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import nbformat
import pytest

from arlib.report.page import render
from arlib.run import facts
from arlib.run.facts import unsound_page


def executed(entity: str, amount: int) -> Any:
    """An executed notebook with a table of an entity's own amounts."""
    rows = "".join(f"<tr><td>{entity}-{n}</td><td>{amount + n}.00</td></tr>" for n in range(60))
    table = f"<table><thead><tr><th>{entity}</th></tr></thead><tbody>{rows}</tbody></table>"
    made = nbformat.v4.new_output("display_data", {"text/html": table, "text/plain": entity})
    cell = nbformat.v4.new_code_cell(f"show({entity!r})", outputs=[made], execution_count=1)
    text = nbformat.v4.new_markdown_cell(f"## {entity}\n\n- what {entity} is owed\n- **{amount}**")
    return nbformat.v4.new_notebook(cells=[text, cell])


def page(node: Any, entity: str, mode: Any = "report") -> str:
    return render(node, mode=mode, title=f"Aging, {entity}", run_facts={"status": "tied", "Entity": entity})


@pytest.mark.parametrize("mode", ["report", "evidence"])
def test_two_entities_at_once(mode: str) -> None:
    books = {"US01": executed("US01", 1000), "UK01": executed("UK01", 777000)}
    alone = {entity: page(node, entity, mode) for entity, node in books.items()}
    with ThreadPoolExecutor(4) as pool:
        waiting = [
            (entity, pool.submit(page, node, entity, mode))
            for _ in range(40)
            for entity, node in books.items()
        ]
        made = [(entity, future.result()) for entity, future in waiting]
    assert len(made) == 80
    for entity, text in made:
        other = "UK01" if entity == "US01" else "US01"
        assert other not in text
        assert hashlib.sha256(text.encode()).digest() == hashlib.sha256(alone[entity].encode()).digest()


def test_what_is_wrong_with_a_page() -> None:
    told = {"status": "tied", "Entity": "US01 <Tiny> & Co", "Period": "2026-10"}
    text = render(executed("US01", 1), mode="report", title="Aging <1>", run_facts=told)

    def wrong(text: str = text, again: str = text, title: str = "Aging <1>", **changes: str) -> str:
        return unsound_page(text, again, title=title, facts={**told, **changes})

    assert wrong() == ""
    assert wrong(again="") == ""
    assert wrong(title="Aging <2>") == "does not have its own title"
    assert wrong(Entity="UK01") == "does not name its own entity"
    assert wrong(Period="2026-11") == "does not name its own period"
    assert wrong(again=text.replace("US01-3", "UK01-3")) == "comes out otherwise the second time"


@pytest.mark.parametrize("is_again", [True, False])
def test_a_mixed_page_is_not_sealed(project, monkeypatch, is_again: bool) -> None:  # type: ignore[no-untyped-def]
    import arlib.report.page as pages

    project.single()
    real, calls = pages.render, []

    def mixed(node: Any, **given: Any) -> str:
        calls.append(1)
        if is_again:
            return real(node, **given) + "x" * len(calls)
        return real(node, **{**given, "run_facts": {**given["run_facts"], "Entity": "UK01 Tiny UK"}})

    monkeypatch.setattr(pages, "render", mixed)
    done = project.close()
    assert (done.exit_code, done.runs[0].state) == (3, "failed: page_unsound")
    assert not project.sealed()
    assert ("second time" if is_again else "its own entity") in done.runs[0].sentence


def test_a_large_page_is_made_once(project, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    import arlib.report.page as pages

    project.single()
    real, calls = pages.render, []
    monkeypatch.setattr(pages, "render", lambda node, **given: (calls.append(1), real(node, **given))[1])
    assert project.close().exit_code == 0
    assert len(calls) == 3
    calls.clear()
    monkeypatch.setattr(facts, "SMALL", 10)
    assert project.close().exit_code == 0
    assert len(calls) == 2
