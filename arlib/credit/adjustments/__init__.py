"""Adjustments: credit memos, rebills, deductions, settlements, arrangements, rewrites, fees, commission. Floor 1."""
