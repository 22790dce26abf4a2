"""Electronic data interchange: what a payer says that it pays, and a lockbox's cheques. Floor 2.

characters    bytes to text, dates, texts without control characters
x12           segments and envelopes of X12
remitted      one payment with its lines, and whether they add up to it
payment820    X12 820, payment order and remittance advice
lockbox823    X12 823, lockbox
edifact       segments and envelopes of EDIFACT
remadv        EDIFACT REMADV
"""
