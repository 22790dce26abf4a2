"""Leakage: recurring causes and lost revenue, by cause, team, customer and month. Floor 1.

facts      the ledger and the months that are looked at
claims     deductions, short payments and disputes
billing    credit-and-rebill, and late billing
settled    small write-offs, and discounts taken without being earned
leakage    all of them by cause, and which recur
"""
