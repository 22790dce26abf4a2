"""A sample company with planted errors and a truth file, drawn from a seed. Floor 2."""

from arlib.sources.sample.company import Sample, generate
from arlib.sources.sample.truth import TRUTH
from arlib.sources.sample.write import write_sample

__all__ = ["TRUTH", "Sample", "generate", "write_sample"]
