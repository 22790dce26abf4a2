"""Collections: who to call, what to send, how it went. Floor 1, on top of `credit`.

position     one computation of what each customer owes, which every list and figure here starts from
exclusions   what no policy switches off: the debts that nobody may ask for
contact      touches, promises, plans, disputes, cadence, what prevents payment
work_lists   hit list, call list, portfolios, escalation, placements
review       credit limits, holds, customer files, references, portals
dunning      who gets which letter, and who must not
statements   statements of account as data
kpi          performance figures by named convention
targets      collected against target on portfolios frozen at quarter start
behaviour    how each customer pays, with a score
follow_up    skipped invoices, short payments, cash without advice, placements, claims
leakage      recurring causes and lost revenue
forecast     expected receipts by week
"""
