"""Faults of what users saved."""
