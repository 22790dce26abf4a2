"""Cut-off, credit notes after the date, journals, numbering and approvals. Floor 1: a book in, frozen results out.

sides           documents on the wrong side of a date
credit_notes    credits after the date for sales before it
journals        entries on the control accounts
numbering       gaps, reuse and order of document numbers
approvals       who approved write-offs, credits, refunds and adjustments
"""
