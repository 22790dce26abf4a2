"""One way to do something: locked controls, errors as sentences, nothing lost in a callback."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import ipywidgets as widgets
import pytest

from arlib.errors import ParameterError
from arlib.explore.views.shell import Later
from arlib.explore.views.stage import Stage


@pytest.fixture
def stage():
    return Stage()


def test_controls_are_locked_while_it_works_and_stand_as_before_after(stage):
    press, still = widgets.Button(), widgets.Button(disabled=True)
    seen = []

    went_well = stage.run("Searching", lambda: seen.append((press.disabled, stage.busy.value)), press, still)

    assert went_well
    assert seen[0][0] is True
    assert "Searching" in seen[0][1]
    assert (press.disabled, still.disabled, stage.busy.value) == (False, True, "")


def test_a_fault_of_the_user_is_a_sentence_that_is_read_aloud(stage):
    def wrong():
        raise ParameterError("no such customer <b>", found="X", fix="Try the name.")

    assert not stage.run("Opening", wrong)
    assert "role='alert'" in stage.message.value
    assert "no such customer &lt;b&gt;: found &#x27;X&#x27;" in stage.message.value
    assert "Try the name." in stage.message.value


def test_a_fault_of_ours_is_one_sentence_with_the_file_that_holds_the_rest(stage):
    def wrong():
        raise ZeroDivisionError("secret detail")

    assert not stage.run("Opening", wrong)
    said = stage.message.value
    assert "Opening failed" in said
    assert "Traceback" not in said
    assert "secret detail" not in said
    log = Path(re.search(r"log file (\S+?\.log)", said)[1])
    assert "secret detail" in log.read_text(encoding="utf-8")
    log.unlink()


def test_an_action_within_an_action_is_part_of_it(stage):
    def outer():
        stage.run("Inner", inner)

    def inner():
        raise ParameterError("inner fault")

    assert not stage.run("Outer", outer)
    assert "inner fault" in stage.message.value
    assert stage.run("Next", lambda: None), "the stage is free again"


def test_news_stay_and_a_deaf_moment_is_told_and_ends(stage):
    stage.tell(["Ann applied R-1."])
    stage.tell([])
    assert "Ann applied R-1." in stage.news.value

    def deaf():
        raise ParameterError("the store is away")

    stage.listen(deaf)
    assert "the store is away" in stage.news.value
    stage.listen(lambda: None)
    assert stage.news.value == ""


def test_a_pause_is_waited_for_and_only_the_last_ask_counts():
    done = []

    async def typing():
        later = Later(lambda: done.append(1), 0.01)
        later.ask()
        later.ask()
        assert not done
        await asyncio.sleep(0.05)

    asyncio.run(typing())
    assert done == [1]
    Later(lambda: done.append(2), 60).ask()
    assert done == [1, 2], "without a loop nothing would ever call it"
