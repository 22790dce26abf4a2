"""What a credit manager decides: allowance, write-offs, adjustments, refunds, and who may approve them. Floor 1.

Pure functions: a book, a scope and policies in; frames and frozen results out.
"""
