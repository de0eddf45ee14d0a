"""Markdown, as the pages need it."""

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table, whose cells may hold any text on one line."""
    lines = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    return "\n".join([*(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *lines]), ""])
