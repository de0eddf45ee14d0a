"""The cases: one function, or one row of a table, for each requirement."""
