"""An amount split into net, tax and freight: by hand, and never above what is left."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from arlib.credit.adjustments.split import Parts, parts_of, share_of, split
from arlib.policy.adjustment import AdjustmentPolicy, CreditNature

POLICY = AdjustmentPolicy()
PRICE, ERROR, TAX, GOODWILL = (
    POLICY.coding_of(nature)
    for nature in (CreditNature.PRICE, CreditNature.BILLING_ERROR, CreditNature.TAX, CreditNature.GOODWILL)
)
cents = st.integers(0, 10**12)


def test_a_price_credit_takes_net_and_tax_and_leaves_freight():
    """Billed 100.00 net + 20.00 freight + 24.00 tax (20 %): a credit of 60.00 is 50.00 and its 10.00 of tax."""
    billed = Parts(100_00, 24_00, 20_00)
    made = split(60_00, billed=billed, room=billed, coding=PRICE)
    assert made is not None
    assert made.parts == Parts(50_00, 10_00, 0)


def test_an_error_of_billing_takes_all_parts_in_proportion_and_the_odd_cent_goes_to_the_largest_remainder():
    """10.00 of 100 + 24 + 20: 6.9444, 1.6667, 1.3889 are 6.94, 1.67, 1.39, together 10.00."""
    billed = Parts(100_00, 24_00, 20_00)
    made = split(10_00, billed=billed, room=billed, coding=ERROR)
    assert made is not None
    assert made.parts == Parts(6_94, 1_67, 1_39)
    assert made.parts.gross == 10_00


def test_goodwill_leaves_the_tax_and_tax_leaves_the_rest():
    billed = Parts(100_00, 20_00, 0)
    assert split(30_00, billed=billed, room=billed, coding=GOODWILL) == (Parts(30_00, 0, 0), False)
    assert split(20_00, billed=billed, room=billed, coding=TAX) == (Parts(0, 20_00, 0), False)
    assert split(20_01, billed=billed, room=billed, coding=TAX) is None


def test_what_does_not_fit_a_part_goes_to_the_next_and_says_so():
    """Goodwill took 60.00 of the net before: a full credit of the 60.00 left is 40.00 net and all 20.00 tax."""
    billed, room = Parts(100_00, 20_00, 0), Parts(40_00, 20_00, 0)
    assert split(60_00, billed=billed, room=room, coding=PRICE) == (Parts(40_00, 20_00, 0), True)
    assert split(60_01, billed=billed, room=room, coding=PRICE) is None


def test_a_tax_given_stands_and_must_fit():
    billed = Parts(100_00, 20_00, 0)
    assert split(50_00, billed=billed, room=billed, coding=PRICE, tax=5_00) == (Parts(45_00, 5_00, 0), False)
    assert split(50_00, billed=billed, room=billed, coding=PRICE, tax=20_01) is None
    assert split(50_00, billed=billed, room=billed, coding=GOODWILL, tax=5_00) is None


def test_parts_that_do_not_fit_their_document_are_all_net():
    assert parts_of(100, 120, None) == Parts(100, 0, 0)
    assert parts_of(100, None, None) == Parts(100, 0, 0)
    assert share_of(-50, Parts(100, 20, 0)) == Parts(-42, -8, 0)  # 41.67 and 8.33


@given(cents, cents, cents, cents, st.sampled_from(POLICY.codings), st.data())
def test_a_split_is_exact_and_never_above_the_room(net, tax, freight, amount, coding, data):
    billed = Parts(net, tax, freight)
    room = Parts(*(data.draw(st.integers(0, part)) for part in billed))
    made = split(amount, billed=billed, room=room, coding=coding)
    if made is None:
        taken = (coding.takes_net, coding.takes_tax, coding.takes_freight)
        left = sum(part for part, is_taken in zip(room, taken, strict=True) if is_taken)
        weight = sum(part for part, is_taken in zip(billed, taken, strict=True) if is_taken)
        assert amount > left or weight == 0 or (billed.net + billed.freight == 0) or _untaken(billed, coding)
    else:
        assert made.parts.gross == amount
        assert all(0 <= part <= most for part, most in zip(made.parts, room, strict=True))


def _untaken(billed: Parts, coding) -> bool:
    """Tax follows the parts taken: with neither net nor freight taken of this bill, there is nothing to share by."""
    return (billed.net if coding.takes_net else 0) + (billed.freight if coding.takes_freight else 0) == 0
