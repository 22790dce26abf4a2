"""Write-offs: what may be written off, what forbids it, what became of what was, and which ones look odd. Floor 1.

limits       how much of an item a policy allows, and which limit binds
debts        open debit items with all that is known of them
blocks       what forbids a write-off, citing the record
candidates   proposals and what is blocked
evidence     what supports and what speaks against a proposal, in words
flows        write-offs that the ledger posted, and their trend
recoveries   what came back
register     debts written off: what came back, what is left, still enforceable or not
relief       the tax part and when it may be claimed
limitation   the last day to enforce a debt
flags        patterns that a person should look at
tied         register against ledger, write-offs against limits
month        all of it for one period
"""
