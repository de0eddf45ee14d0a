"""Faults of modules that come and go."""
