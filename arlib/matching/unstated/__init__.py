"""Receipts that name nothing: what they paid, from amounts, dates and the customer's habit. Floor 1.

`place.place_unstated` answers for a whole pool. Per account it searches explanations in the order of their likelihood
(`ways`), settles the surest first, frees and settles again what does not fit (`account`), and then proves each choice
against everything that is not itself proven (`proof`).
"""
