"""The receivables ledger: open items, aging, tie-out, roll-forward, reconciliation. Floor 1.

Frames in, frames out: no file, no clock, no randomness, no plotting. Import the module that names the
question, such as `arlib.ledger.aging`.
"""
