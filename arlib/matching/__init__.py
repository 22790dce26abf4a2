"""Cash application: which receipts paid which items, how sure that is, and what is left over. Floor 1.

Frames in, frames out: no file, no clock, no randomness. `arlib.matching.engine.match` answers the whole question; the other
modules answer its parts and can be used alone.
"""
