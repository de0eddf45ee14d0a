"""Faults of icons."""
