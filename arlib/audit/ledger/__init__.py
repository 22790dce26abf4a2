"""Audit procedures on the ledger and its balances. Floor 1: a book and a question in, frozen results out.

listing           every open item, tied to control account and trial balance            listing_of
roll_forward      from an interim date to the date of the question                       rolled
credit_balances   what is owed to customers, and what of it is a liability               credit_balances_of
concentration     how much few customers owe and buy                                     concentration_of
related_parties   parties on record, candidates, balances and transactions               related_parties_of
look_back         earlier allowances against what became of the receivables              looked_back
population        what a question is about, what it leaves out, and that both are all    split
"""
