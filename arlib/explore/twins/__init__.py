"""What a month's notebook answers once, to be turned by hand: the aging explorer, the bad-debt what-if. Floor 5.

State (`aging`, `allowance`) is plain Python over the same functions as the reports; `views` draws it and decides nothing.
"""
