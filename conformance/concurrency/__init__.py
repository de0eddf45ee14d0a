"""What several clients do to each other at once: who does what, and whether it can have happened in some order."""
