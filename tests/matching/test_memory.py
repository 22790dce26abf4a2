"""What people decided is learned, and a rejected proposal does not come back."""

from __future__ import annotations

import pandas as pd
import pytest

from arlib.matching.frames import MATCH_ITEMS, MATCH_RECEIPTS
from arlib.matching.memory import ALIAS, CONFIRM, ON_FILE, REJECT, Memory, decided, memory_of
from arlib.matching.names import names_in
from arlib.tables import CANONICAL

NOBODY = CANONICAL["customers"].empty()


def receipts(*rows: tuple[str, str, str]) -> pd.DataFrame:
    return MATCH_RECEIPTS.frame(
        [
            {"entity": "E", "receipt_id": r, "value_date": "2026-01-05", "currency": "EUR", "amount": 100,
             "payer_name": name, "payer_account": account}
            for r, name, account in rows
        ]
    )  # fmt: skip


def items(**owner: str) -> pd.DataFrame:
    return MATCH_ITEMS.frame(
        [
            {"entity": "E", "item_id": item, "customer_id": code, "item_type": "invoice", "currency": "EUR",
             "open_amount": 100, "amount": 100}
            for item, code in owner.items()
        ]
    )  # fmt: skip


def links(*pairs: str) -> pd.DataFrame:
    rows = [pair.split() for pair in pairs]
    return pd.DataFrame({"entity": "E", "receipt_id": [r for r, _ in rows], "item_id": [i for _, i in rows]})


def test_confirmed_receipts_teach_account_and_name_once_per_customer():
    made = memory_of(
        links("R1 I1", "R1 I2", "R2 I3", "R3 I4", "R9 I1", "R1 gone"),
        receipts(
            ("R1", "Moss Ltd", "DE12 3456"), ("R2", "MOSS LIMITED", "DE12-3456"), ("R3", "Fern", "DE12 3456")
        ),
        items(I1="A", I2="A", I3="A", I4="B"),
        NOBODY,
        None,
    )
    assert made.accounts == {"DE123456": {("E", "A"): 2, ("E", "B"): 1}}
    assert made.names == {
        names_in("moss ltd").whole[0]: {("E", "A"): 2},
        names_in("fern").whole[0]: {("E", "B"): 1},
    }


def test_a_customer_no_longer_on_file_teaches_nothing():
    given = (links("R1 I1", "R2 I2"), receipts(("R1", "Moss", "DE1234"), ("R2", "Fern", "DE5678")))
    file = CANONICAL["customers"].frame([{"customer_id": "A"}])
    made = memory_of(*given, items(I1="A", I2="B"), file, None)
    assert made.accounts == {"DE1234": {("E", "A"): 1}}


def test_aliases_of_people_count_as_on_file():
    said = pd.DataFrame(
        {"entity": "E", "customer_id": "A", "payer_name": ["Moss", None], "payer_account": [None, "DE1234"]}
    )
    made = memory_of(None, None, None, NOBODY, None, said)
    assert (
        list(made.accounts["DE1234"].values())
        == list(made.names[names_in("MOSS").whole[0]].values())
        == [ON_FILE]
    )


def test_rejected_pairs_and_sets():
    plain = memory_of(None, None, None, NOBODY, links("R1 I1", "R1 I2"))
    assert plain.is_rejected("E", "R1", ["I1"])
    assert plain.is_rejected("E", "R1", ["I2", "I7"])
    assert not plain.is_rejected("E", "R1", ["I7"])
    assert not plain.is_rejected("E", "R2", ["I1"])
    assert not plain.is_rejected("F", "R1", ["I1"])
    sets = memory_of(None, None, None, NOBODY, links("R1 I1", "R1 I2", "R1 I3").assign(proposal=[1, 1, 2]))
    assert sets.is_rejected("E", "R1", ("I2", "I1"))
    assert not sets.is_rejected("E", "R1", ["I1"])
    assert not sets.is_rejected("E", "R1", ["I1", "I2", "I4"])
    assert sets.is_rejected("E", "R1", ["I3", "I4"])
    assert not Memory().is_rejected("E", "R1", ["I1"])


def event(seq: int, kind: str, **body) -> dict[str, object]:
    return {"seq": seq, "kind": kind, "subject": "", "body": {"entity": "E"} | body, "actor": "ann"}


def paid(*items: str) -> list[dict[str, object]]:
    return [{"item_id": item, "currency": "EUR", "applied_amount": 100} for item in items]


def test_decisions_become_frames_and_the_later_one_holds():
    made = decided(
        [
            event(9, CONFIRM, receipt_id="R1", items=paid("I1", "I2")),
            event(2, REJECT, receipt_id="R1", items=["I1", "I2"]),
            event(3, REJECT, receipt_id="R1", items=["I1", "I3"]),
            event(4, CONFIRM, receipt_id="R2", items=paid("I5")),
            event(5, REJECT, receipt_id="R2", items=[{"item_id": "I5"}]),
            event(6, ALIAS, customer_id="A", payer_account="DE1234"),
            event(7, ALIAS, customer_id="A", payer_name="Moss"),
            event(8, ALIAS, customer_id="A", payer_name="Moss", is_alias=False),
            event(1, "note.written", text="no decision of ours"),
        ]
    )
    assert made.confirmed.to_numpy().tolist() == [
        ["E", "R1", "I1", "EUR", 100],
        ["E", "R1", "I2", "EUR", 100],
    ]
    assert made.rejected.to_numpy().tolist() == [
        ["E", "R1", "I1", 3],
        ["E", "R1", "I3", 3],
        ["E", "R2", "I5", 5],
    ]
    assert made.aliases.to_numpy().tolist() == [["E", "A", "", "DE1234"]]
    memory = memory_of(
        made.confirmed,
        receipts(("R1", "Moss", "")),
        items(I1="A", I2="A"),
        NOBODY,
        made.rejected,
        made.aliases,
    )
    assert not memory.is_rejected("E", "R1", ["I1", "I2"])  # confirmed after all
    assert memory.is_rejected("E", "R1", ["I3", "I1"])
    assert memory.is_rejected("E", "R2", ["I5"])


def test_no_decisions_no_rows():
    made = decided([])
    assert (len(made.confirmed), len(made.rejected), len(made.aliases)) == (0, 0, 0)
    assert memory_of(made.confirmed, receipts(), items(), NOBODY, made.rejected, made.aliases) == Memory()


@pytest.mark.parametrize(
    ("kind", "body", "wanted"),
    [
        (REJECT, {"receipt_id": "R"}, "items"),
        (REJECT, {"receipt_id": "R", "items": []}, "items"),
        (REJECT, {"receipt_id": "R", "items": [7]}, "item_id"),
        (REJECT, {"items": ["I"]}, "receipt_id"),
        (CONFIRM, {"receipt_id": "R", "items": ["I"]}, "currency"),
        (
            CONFIRM,
            {"receipt_id": "R", "items": [{"item_id": "I", "currency": "EUR", "applied_amount": 1.5}]},
            "minor",
        ),
        (ALIAS, {"customer_id": "A"}, "payer_name"),
        (ALIAS, {"payer_name": "A"}, "customer_id"),
        (ALIAS, {"payer_name": 7, "customer_id": "A"}, "payer_name"),
        (REJECT, {"entity": None, "receipt_id": "R", "items": ["I"]}, "entity"),
    ],
)
def test_a_decision_that_cannot_be_read_is_told_and_stops_nothing(kind, body, wanted):
    made = decided([event(17, kind, **body), event(18, REJECT, receipt_id="R", items=["I"])])
    (told,) = made.unread
    assert "decision 17" in told
    assert wanted in told
    assert made.rejected.to_numpy().tolist() == [["E", "R", "I", 18]]
    assert made.confirmed.empty
    assert made.aliases.empty
