"""Faults of what the runtime says of itself."""
