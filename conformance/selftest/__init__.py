"""The suite judged: its own tests."""
