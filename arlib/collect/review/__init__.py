"""Credit review: limits against exposure, holds, files, terms, references, portals, high-risk accounts. Floor 1.

exposure       what each customer owes and has ordered, what reduces it, what covers it
credit_review  exposure against the limit, with what is recommended and why
holds          hold and release proposals
files          checklist of customer files and exemption certificates
terms          register of terms exceptions, and items billed on other terms
references     reports of bureaus, trade and banks, on one scale
portals        where invoices stand in customers' portals
high_risk      the accounts most at risk, with the drivers and a strategy for each
"""
