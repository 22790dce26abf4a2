"""Whom to ask, what came back, why it differs, and what supports the balances that nobody confirmed."""

from __future__ import annotations

import pytest

from arlib.audit.ask import Ask
from arlib.audit.evidence.confirm import confirmations
from arlib.audit.evidence.confirm_replies import REPLY_COLUMNS
from arlib.audit.options.evidence import ConfirmationsOptions
from arlib.errors import ParameterError, SourceError, TableError
from arlib.policy import Policies

from .conftest import SCOPE, item, paid, with_invoice

HEAD = ",".join(REPLY_COLUMNS)
LETTER = "AC-ACME-USD"


def asked(book, replies="", customers="", **options):
    """Confirmations with the replies given."""
    given = ConfirmationsOptions(**({"replies": "r"} if replies else {}), **options)
    ask = Ask(kind="confirmations", options=given, files={"replies": replies, "customers_file": customers})
    found = confirmations(book, scope=SCOPE, policies=Policies(), ask=ask)
    for identity in found.identities:
        identity.require()
    return found


def reply(
    amount="", *, recorder="auditor", by="r.vale", status="", on="2026-11-12", sent="2026-11-05", reason=""
):
    """The auditor's file with one letter."""
    return f"{HEAD}\n{LETTER},{sent},r.vale,{status},{on},{amount},mail,{by},{recorder},{reason},\n"


def state(book, replies, **options):
    return asked(book, replies, **options).sheet.set_index("request_no").loc[LETTER, "status"]


BOOK = with_invoice(
    paid(),
    item("CM-5", -30_00, "2026-10-20", "credit_memo"),
    item("SI-3", 70_00, "2026-10-05", customer_id="BOLT"),
)


def test_a_letter_is_a_customer_and_currency_with_its_credits():
    found = asked(BOOK).sheet.set_index("request_no")
    assert found.loc[LETTER, ["items", "amount", "status"]].tolist() == [3, 320_00, "to_send"]
    assert found.loc["AC-BOLT-USD", "amount"] == 70_00


@pytest.mark.parametrize(
    ("replies", "options", "wanted"),
    [
        ("", {}, "to_send"),
        (reply(on="", by="", recorder=""), {}, "non_reply"),
        (reply(on="", by="", recorder=""), {"reply_by": "2026-12-01"}, "sent"),
        (reply(on="", by="", recorder="", sent="2026-12-01"), {"reply_by": "2026-12-01"}, "non_reply"),
        (reply("320.00"), {}, "agreed"),
        (reply("319.99"), {}, "exception"),
        (reply("320.00", recorder="entity"), {}, "no_evidence"),
        (reply("320.00", recorder=""), {}, "no_evidence"),
        (reply("320.00", by=""), {}, "no_evidence"),
        (reply("320.00", by="Cash.Amy"), {}, "no_evidence"),  # a user of the books, whatever the file says
        (reply("", status="refused"), {}, "refused"),
        (reply("", status="Undeliverable", on=""), {}, "undeliverable"),
    ],
)
def test_a_letter_stands_where_the_auditors_file_says(replies, options, wanted):
    assert state(BOOK, replies, **options) == wanted


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("AC-NOBODY-USD,,,,,,,,,,", "AC-NOBODY-USD"),
        (f"{LETTER},2026-13-05,,,,,,,,,", "2026-13-05"),
        (f"{LETTER},2026-11-05,,,2026-11-06,1e3,mail,r.vale,auditor,,", "1e3"),
        (f"{LETTER},2026-11-05,,,2026-11-06,,mail,r.vale,auditor,,", "balance"),
        (f"{LETTER},2026-11-05,,,2026-11-04,1.00,mail,r.vale,auditor,,", "sent_on"),
        (f"{LETTER},2026-10-05,,,,,,,,,", "2026-10-05"),
        (f"{LETTER},,,,,,,,nobody,,", "nobody"),
        (f"{LETTER},,,,,,,,,,\n{LETTER},,,,,,,,,,", "each letter once"),
        (f"{LETTER},x", "cells"),
    ],
)
def test_what_cannot_be_read_is_told(line, said):
    with pytest.raises(TableError) as fault:
        asked(BOOK, f"{HEAD}\n{line}\n")
    assert said in str(fault.value)


def test_every_fault_is_told_at_once_and_unknown_columns_are_refused():
    with pytest.raises(TableError) as fault:
        asked(BOOK, f"{HEAD}\nX,,,,,,,,,,\n{LETTER},soon,,,,,,,who,,\n")
    assert len(fault.value.problems) == 3
    with pytest.raises(SourceError, match="colour"):
        asked(BOOK, "request_no,colour\n")


def causes(book, amount):
    found = asked(book, reply(amount)).exceptions
    return found[["cause", "explained", "documents"]].iloc[0].tolist()


def test_a_difference_is_explained_by_documents_that_add_up_to_just_it():
    assert causes(BOOK, "220.00") == ["cash_in_transit", 100_00, "R-1"]
    assert causes(BOOK, "350.00")[:2] == ["unapplied", -30_00]
    assert causes(BOOK, "219.99")[:2] == ["unknown", 0]
    late = with_invoice({}, item("CM-7", -45_00, "2026-11-04", "credit_memo"))
    assert causes(late, "305.00") == ["credit_not_booked", 45_00, "CM-7"]
    assert causes(late, "304.99")[0] == "unknown"
    transit = with_invoice({}, item("SI-9", 60_00, "2026-10-30", delivery_date="2026-10-30"))
    assert causes(transit, "350.00") == ["goods_in_transit", 60_00, "SI-9"]
    after = with_invoice({}, item("SI-8", 25_00, "2026-11-03", document_date="2026-10-29"))
    assert causes(after, "375.00") == ["invoice_booked_after", -25_00, "SI-8"]
    twin = with_invoice({}, item("SI-8", 25_00, "2026-11-03"))  # an invoice of November explains nothing
    assert causes(twin, "375.00")[0] == "unknown"


def test_a_dispute_explains_only_while_it_is_open():
    row = {"dispute_id": "D-1", "customer_id": "ACME", "item_id": "i-SI-20002", "currency": "USD", "amount": 40_00,
           "opened_on": "2026-10-20", "reason": "price"}  # fmt: skip
    assert causes(with_invoice({"disputes": [row]}), "310.00") == ["disputed", 40_00, "SI-20002"]
    assert causes(with_invoice({"disputes": [row | {"closed_on": "2026-10-31"}]}), "310.00")[0] == "unknown"


def test_each_non_reply_gets_cash_by_invoice_then_delivery_then_nothing():
    found = asked(BOOK, reply(on="", by="", recorder=""))
    line = found.alternatives.set_index("request_no").loc[LETTER]
    assert line[["debits", "paid", "delivery", "unsupported", "open_documents"]].tolist() == [
        350_00,
        100_00,
        0,
        250_00,
        "SI-20002",
    ]
    bare = (
        asked(with_invoice({}), reply(on="", by="", recorder=""))
        .alternatives.set_index("request_no")
        .loc[LETTER]
    )
    assert bare[["paid", "delivery", "unsupported"]].tolist() == [0, 100_00, 250_00]
    assert not len(asked(BOOK, reply("320.00")).alternatives)


def test_letters_are_selected_by_size_share_amount_or_name():
    def chosen(**options):
        found = asked(BOOK, **options).balances
        return found.loc[found["is_selected"].to_numpy(dtype=bool), "customer_id"].tolist()

    assert chosen(select="largest", count=1) == ["ACME"]
    assert chosen(select="coverage", coverage="0.83") == ["ACME"]  # 350 of 420 debits are 0.8333
    assert chosen(select="coverage", coverage="0.84") == ["ACME", "BOLT"]
    assert chosen(select="amount", amount="70.00") == ["ACME", "BOLT"]
    assert chosen(select="amount", amount="70.01") == ["ACME"]
    assert chosen(select="file", customers_file="c", customers="customer_id\nBOLT\n") == ["BOLT"]
    with pytest.raises(ParameterError, match="BOLTT"):
        chosen(select="file", customers_file="c", customers="customer_id\nBOLTT\n")


def test_unknown_payers_are_shown_and_never_asked():
    found = asked(with_invoice({}, item("R-9", -15_00, "2026-10-20", "receipt", customer_id=None)))
    odd = found.balances[found.balances["customer_id"].isna()].iloc[0]
    assert (odd["amount"], odd["is_selected"]) == (-15_00, False)
    assert "payer is not known" in odd["why"]


@pytest.mark.parametrize(
    "options",
    [{"form": "friendly"}, {"select": "largest"}, {"select": "coverage"}, {"select": "file"}, {"reply_email": "none"},
     {"reply_by": "soon"}, {"coverage": "60"}, {"amount": "-1"}, {"count": -1}],
)  # fmt: skip
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(ParameterError, match="confirmations"):
        ConfirmationsOptions(**options)
