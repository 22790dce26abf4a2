"""The desk: find out why a balance is what it is, and record what was decided. Floor 5.

State (`desk`, `case`, `filters`) is plain Python and tested without a browser; `views` draws it with widgets and decides nothing.
"""
