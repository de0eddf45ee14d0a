"""Faults of the websocket."""
