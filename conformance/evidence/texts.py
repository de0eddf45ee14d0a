"""Long bodies are often the same but for a few characters: such a text is kept once, as a line of its own with a name.

The lines of exchanges then say what differs. So what a run keeps grows with what it asks, and hardly with how many
nodes the target holds.
"""

import hashlib
from collections.abc import Callable, Iterator
from typing import Final

from conformance.data import Json

LEAST: Final = 4_000
"""Characters of a body that is looked for among the texts."""

MOST: Final = 3_000_000
"""Characters of a body that becomes a text: some are kept in mind."""

HELD: Final = 4
"""How many are."""

SIDES: Final = ("request", "reply")


class Texts:
    """The texts that were used last, by their names."""

    def __init__(self) -> None:
        self._held: dict[str, str] = {}

    def lines(self, exchange: Json) -> Iterator[Json]:
        """The lines to write for an exchange: the texts that it is the first to have, and itself."""
        line = dict(exchange)
        for side in SIDES:
            body = line.get(f"{side}_body") or ""
            if not LEAST <= len(body) <= MOST:
                continue
            if not (like := self._like(body)):
                name = hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()[:16]
                yield {"type": "text", "name": name, "text": body}
                self._use(name, body)
                like = differing(name, body, body)
            del line[f"{side}_body"]
            line[f"{side}_like"] = like
        yield line

    def _like(self, body: str) -> Json:
        """How the body differs from the text that is most like it; None where it has not even half of any."""
        likes = [differing(name, text, body) for name, text in self._held.items()]
        best = min(likes, key=lambda like: len(like["between"]), default=None)
        if best is None or 2 * len(best["between"]) > len(body):
            return None
        self._use(best["text"], self._held[best["text"]])
        return best

    def _use(self, name: str, text: str) -> None:
        """Keep the text in mind, in place of the one that was not used for longest."""
        self._held.pop(name, None)
        self._held[name] = text
        if len(self._held) > HELD:
            del self._held[next(iter(self._held))]


def differing(name: str, text: str, body: str) -> Json:
    """How a body differs from a text: how much of its head and of its tail is the same, and what is between them."""
    shorter = min(len(text), len(body))
    head = common(lambda first, last: text[first:last] == body[first:last], shorter)
    tail = common(lambda first, last: end(text, first, last) == end(body, first, last), shorter - head)
    return {"text": name, "head": head, "tail": tail, "between": body[head : len(body) - tail]}


def end(text: str, first: int, last: int) -> str:
    """The characters between two places that are counted from the end."""
    return text[len(text) - last : len(text) - first]


def common(same: Callable[[int, int], bool], most: int) -> int:
    """How many of the first characters are the same, at most so many; `same` compares those between two places."""
    least = 0
    while least < most:
        middle = (least + most + 1) // 2
        if same(least, middle):
            least = middle
        else:
            most = middle - 1
    return least


def whole(line: Json, text_of: Callable[[str], str]) -> Json:
    """The line of an exchange with its bodies; `text_of` gives the text of a name."""
    for side in SIDES:
        if like := line.pop(f"{side}_like", None):
            text = text_of(like["text"])
            line[f"{side}_body"] = text[: like["head"]] + like["between"] + end(text, 0, like["tail"])
    return line
