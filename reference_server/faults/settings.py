"""Faults of what the runtime says a client needs to know."""
