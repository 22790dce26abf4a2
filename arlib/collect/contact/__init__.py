"""Contact with customers: touches, cadence, promises, plans, disputes, and what prevents payment. Floor 1.

touches     contacts that count, up to the as-of instant
outside     open debits that the standard procedure leaves out
cadence     days since the last contact, by item and by account
coverage    accounts and amount touched in time, against targets
promises    kept, partly, broken or open, judged from the ledger
plans       arrangements: schedule, payments, default
disputes    owner, reason, age, root cause, late or not
obstacles   what would prevent payment, and which team clears it
"""
