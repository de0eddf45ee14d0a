"""Faults of stored credentials."""
