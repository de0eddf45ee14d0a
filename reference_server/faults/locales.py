"""Faults of the editor's words in other languages."""
