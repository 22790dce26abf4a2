"""Statements and notifications that banks send: MT940, camt, BAI2, OFX, lockbox, NACHA. Floor 2.

Each format is a module with a `FORM`; `arlib.sources.forms` says which one claims a file.
"""
