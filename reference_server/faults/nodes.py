"""Faults of the palette."""
