"""Patterns that may hide a loss: lapping, duplicates, large and unusual items, digits. Floor 1."""
