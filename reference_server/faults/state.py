"""Faults of whether the flows run."""
