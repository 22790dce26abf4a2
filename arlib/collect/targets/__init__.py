"""Collected against target, portfolio movements, what was cleared, and activity of each collector. Floor 1."""

from arlib.collect.targets.activity import by_collector
from arlib.collect.targets.collected import Collected, collected

__all__ = ["Collected", "by_collector", "collected"]
