"""The case file: what one customer owes, why, and what was decided. Floor 3."""
