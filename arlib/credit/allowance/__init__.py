"""The loss allowance of trade receivables: rates from the entity's own history, and the measurement. Floor 1."""
