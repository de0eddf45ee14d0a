"""Faults of one flow at a time."""
