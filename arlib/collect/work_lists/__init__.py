"""Lists of accounts to work on: whom to call, what sales is told, who has which account, what goes up. Floor 1.

parts         what of a past-due amount a call can bring in, and what it cannot
chances       what share comes in, from the entity's own past
calls         the call list of each collector, and what is left out of it
hits          customers past due by sales executive
portfolios    accounts of each collector from quarter to quarter; assignment is how
escalations   accounts that go up
exceptions    accounts outside the standard procedure
lists         all lists of a day
"""
