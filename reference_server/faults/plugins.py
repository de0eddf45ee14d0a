"""Faults of plugins."""
