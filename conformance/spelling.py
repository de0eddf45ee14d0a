"""The nearest right word for one that is not known."""

import difflib
from collections.abc import Iterable
from typing import Final

SHOWN: Final = 40
"""Words that a sentence names."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most likely meant, None where none is very near."""
    return next(iter(difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.8)), None)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest known word, or where none is near all of them, unless they are too many."""
    words = sorted(known)
    near = difflib.get_close_matches(word, words, n=1, cutoff=0.5)
    if near:
        return f"Did you mean '{near[0]}'?"
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return f"Known: {', '.join(words[:SHOWN])}{more}."
