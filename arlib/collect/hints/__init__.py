"""Hints for a customer's account, and the likely root cause of an item. Floor 1.

hints      what to look at, one row a hint, by the rules of the parts that own them
causes     root cause and team of an item, with the records that speak for it
"""

from arlib.collect.hints.causes import root_cause
from arlib.collect.hints.frames import HINTS, ROOT_CAUSES, Confidence, HintKind
from arlib.collect.hints.hints import Hints, hints

__all__ = ["HINTS", "ROOT_CAUSES", "Confidence", "HintKind", "Hints", "hints", "root_cause"]
