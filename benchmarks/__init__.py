"""Measurements against the programs that others use, each in the same run: ``python -m benchmarks``."""
