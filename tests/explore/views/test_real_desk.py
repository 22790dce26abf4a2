"""The widgets on the real desk of a small sample company, walked as a person would: from the search to the case file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from arlib import money
from arlib.explore.case import CustomerCase
from arlib.explore.desk import Desk, desk_of
from arlib.explore.filters import Filters
from arlib.explore.views.desk import DeskView
from arlib.run.cases.model import new_case
from arlib.run.cases.reading import OpenCase
from arlib.run.params import load_close
from arlib.run.store import Actor
from arlib.sources.sample import generate, write_sample

CLOSE = """\
schema: "arlib.close/1"
title: "Sample"
period: "2026-10"
outputs: "outputs"
calendar: {kind: "month"}
entities:
  - {code: "US01", name: "Harbor Tools Inc", functional_currency: "USD", time_zone: "America/New_York", country: "US"}
  - {code: "JP01", name: "Harbor Tools KK", functional_currency: "JPY", time_zone: "Asia/Tokyo", country: "JP"}
  - {code: "UK01", name: "Harbor Tools Ltd", functional_currency: "GBP", time_zone: "Europe/London", country: "GB"}
sources:
  - {folder: "extracts", profile: "canonical"}
policies: {}
notebooks: ["aging"]
"""
US = Filters(entity="US01")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("desk")
    (home / "arlib.toml").write_text("")
    (home / "close.yml").write_text(CLOSE)
    write_sample(generate(seed=7, items=400), home / "extracts")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("ARLIB_STORE_URL", "ARLIB_ROOT", "ARLIB_RUN_DIR", "ARLIB_OUT_DIR"):
            patch.delenv(name, raising=False)
        yield home


def sat_at(root: Path, name: str) -> Desk:
    plan = load_close(root / "close.yml", root=root)
    return desk_of(plan, entity="US01", actor=Actor(name), is_ahead=False)


@pytest.fixture(scope="module")
def desk(root: Path) -> Desk:
    return sat_at(root, "sam.taylor")


@pytest.fixture(scope="module")
def proposed() -> tuple[str, str]:
    """A customer of the sample, and a receipt for which something is proposed."""
    return "09056", "RC-900017"


@pytest.fixture(scope="module")
def unproposed(desk: Desk) -> tuple[str, str]:
    """A customer with several open items, and a receipt for which nothing is proposed."""
    for code in desk.search("", US, limit=200).frame["customer_id"]:
        case = desk.open("US01", str(code))
        rows = case.receipts
        for receipt_id in rows.loc[rows["open_amount"].fillna(0).gt(0), "receipt_id"]:
            is_proposed = case.receipt(str(receipt_id)).proposals.candidates["role"].eq("proposal").any()
            if not is_proposed and case.open_items["outstanding"].gt(0).sum() > 2:
                return str(code), str(receipt_id)
    raise AssertionError("the sample has no such receipt")


@pytest.fixture
def view(desk: Desk) -> DeskView:
    return DeskView(desk)


def said(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def message(view: DeskView) -> str:
    return said(view.shell.stage.message.value)


def go(view: DeskView, title: str):  # type: ignore[no-untyped-def]
    view.tabs.selected_index = view.titles.index(title)
    return view.parts[title]


def opened(view: DeskView, customer: str) -> CustomerCase:
    view.search.text.value = customer
    hits = view.search._hits
    assert hits is not None
    row = next(n for n, hit in enumerate(hits.to_dict("records"))
               if (hit["entity"], hit["customer_id"], hit["receipt_id"] or "") == ("US01", customer, ""))  # fmt: skip
    view.search.open.value = row
    assert view.shell.case is not None
    assert message(view) == ""
    return view.shell.case


def investigated(view: DeskView, customer: str, receipt: str):  # type: ignore[no-untyped-def]
    opened(view, customer)
    part = go(view, "Receipt")
    part.pick.value = ("receipt", receipt)
    assert message(view) == ""
    return part


def test_search_open_and_slide(view: DeskView, proposed: tuple[str, str]) -> None:
    case = opened(view, proposed[0])
    assert case.header.name in said(view.header.card.value)
    for title in view.titles:
        go(view, title)
        assert message(view) == "", title
    day = case.scope.as_of - timedelta(days=20)

    view.days.slider.value = day

    wanted = "; ".join(
        f"{code} {money.shown(int(balance), code)}"
        for code, balance in case.balance_on(day)[["currency", "balance"]].itertuples(index=False)
    )
    assert f"Balance at the end of {day}: {wanted or 'nothing posted yet'}" in said(view.days.said.value)
    assert view.shell.current.scope.as_of == day
    assert view.shell.current.header.as_of == day


def test_what_if_apply_and_the_second_desk(view: DeskView, root: Path, proposed: tuple[str, str]) -> None:
    customer, receipt = proposed
    other = DeskView(sat_at(root, "alex.kim"))
    theirs = investigated(other, customer, receipt)
    mine = investigated(view, customer, receipt)
    mine.take[0].click()
    theirs.take[0].click()
    assert "This can be applied" in mine.what_if.said.value
    rows = mine._receipt.proposals.candidates
    first = rows[rows["role"].eq("proposal")].iloc[0]

    mine.apply.click()

    assert (
        f"sam.taylor applied USD {money.shown(int(rows[rows['rank'].eq(1)]['applied_amount'].sum()), 'USD')}"
        in message(view)
    )
    assert f"{first['document_no']} ({first['item_id']})" in message(view), "people know its number"
    assert "withdraw it" in said(mine.what_if.said.value).lower() or "not open" in said(mine.facts.value)
    assert "Recorded at the desk: sam.taylor applied" in said(view.header.card.value)
    noted = go(view, "Receipts").grid.shown.rows["Note"]
    assert noted.str.startswith("Recorded at the desk: sam.taylor applied").sum() == 1
    theirs.apply.click()
    assert f"receipt {receipt} is already decided: sam.taylor applied" in message(other)
    other.poll()
    assert str(first["document_no"]) in said(go(other, "Decisions").grid.shown.rows["Sentence"].iloc[0])


def test_note_dispute_settle_and_withdraw(view: DeskView, unproposed: tuple[str, str]) -> None:
    case = opened(view, unproposed[0])
    part = go(view, "Decide")
    part.text.value = "Asked for the remittance advice."
    part.press.click()
    note = re.search(r"Recorded as (desk-\d+)", message(view))
    assert note, message(view)
    row = case.open_items[case.open_items["outstanding"].gt(0)].iloc[0]
    part.kind.value = "dispute"
    part.fields["item"].value = str(row["item_id"])
    part.fields["amount"].value, part.fields["reason"].value = "1", "price"
    part.press.click()
    dispute = re.search(r"Recorded as (desk-\d+): .*?item (\S+)", message(view))
    assert dispute, message(view)
    assert dispute[2] == row["document_no"]
    part.kind.value = "settle"
    part.fields["dispute"].value = dispute[1]
    part.press.click()
    assert f"settled dispute {dispute[1]}" in message(view)
    assert dispute[1] not in [line.dispute_id for line in view.shell.current.header.disputes]

    decisions = go(view, "Decisions")
    decisions.pick.value, decisions.why.value = note[1], "On the wrong account."
    decisions.press.click()

    assert f"withdrew {note[1]}" in message(view)
    rows = view.shell.current.decisions.set_index("decision_id")
    assert rows.loc[note[1], "standing"] == "withdrawn"


def pasted(case: CustomerCase) -> str:
    rows = case.open_items
    rows = rows[rows["currency"].eq("USD") & rows["outstanding"].gt(0)].head(3)
    lines = [f"{row['document_no']}  {row['document_date']:%Y-%m-%d}  {money.shown(int(row['outstanding']), 'USD')}"
             for row in rows.to_dict("records")]  # fmt: skip
    return "\n".join(("Document  Date  Amount", *lines))


def test_a_pasted_statement_is_reconciled(view: DeskView, unproposed: tuple[str, str]) -> None:
    case = opened(view, unproposed[0])
    part = go(view, "Their statement")
    part.text.value = pasted(case)
    part.press.click()
    assert message(view) == ""
    first = part.text.value.splitlines()[1].split()[0]
    assert any(first in value for value in part.lines.shown.rows.to_numpy().ravel())


def test_the_case_file_gets_what_is_seen_and_brings_it_back(
    view: DeskView, unproposed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, receipt = unproposed
    part = investigated(view, customer, receipt)
    assert "No proposal: " in said(part.facts.value)
    assert part.proposals.value == "", "one sentence says that nothing is proposed"
    (key, row), (second, other) = list(part.what_if._rows.items())[:2]
    row.tick.value, row.cash.value, other.tick.value = True, "1.00", True
    part.what_if.part_item.value, part.what_if.part_amount.value = key, "0.01"
    part.what_if.part_add.click()
    go(view, "Their statement").text.value = pasted(view.shell.current)
    asked: dict[str, object] = {}
    monkeypatch.setattr(CustomerCase, "export", lambda self, **given: asked.update(given) or _stop())

    go(view, "Case file").press.click()

    assert "kept for the test" in message(view)
    told = {name: value for name, value in asked.items() if name not in ("statement_bytes", "filters")}
    case = new_case({"id": "C-1", "close_file": "close.yml", "entity": "US01", "customer_id": customer,
                     "filters": asked["filters"].as_parameters()} | told)  # type: ignore[attr-defined]  # fmt: skip
    again = DeskView(view.shell.desk)
    again.shell.open("US01", customer)
    missing = again.restore(OpenCase(case=case, statement=asked["statement_bytes"]))  # type: ignore[arg-type]
    assert missing == ()
    assert again.asked_of_case() | {"title": "", "question": ""} == asked
    assert again.receipt.what_if.chosen == {key: 100, second: None}
    assert again.titles[again.tabs.selected_index] == "Receipt"
    assert "arlib-error" not in again.statement.said.value
    assert again.statement.results.layout.display == ""

    gone = case.with_changes(
        what_if={"items": [{"item_id": "no-such", "applied": ""}], "parts": [], "rate": ""}
    )
    assert "no-such" in again.restore(OpenCase(case=gone))[0]
    assert again.receipt.what_if.chosen == {}


def _stop() -> None:
    from arlib.errors import ParameterError

    raise ParameterError("kept for the test")
