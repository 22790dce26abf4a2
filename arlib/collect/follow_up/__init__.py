"""What is followed up: skipped invoices, short payments, cash without advice, placements, claims. Floor 1.

skipped      open invoices that later payments passed over
short        items that were paid less than they were billed
remittances  cash that cannot be applied for want of an advice, and whom to ask
placed       what is with an agency or an attorney now
placements   the register of placements, and the accounts to place
claims       bankruptcies and estates: deadlines, claims against balances, money to be held
"""
