"""Faults of the values that nodes keep."""
