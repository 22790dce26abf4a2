"""Evidence from outside the ledger: samples, confirmations, cash after the date. Floor 1: pure functions."""
