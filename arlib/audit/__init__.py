"""Audit: sampling, procedures and what they find. Floor 1: pure functions over declared tables."""
