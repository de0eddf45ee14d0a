"""What stands in a replay for the secrets that no recording holds: words that nobody else knows, one for each."""

import base64
import hashlib
import re
from collections.abc import Collection
from typing import Final

from conformance.data import Json
from conformance.secrets import FRESH, SEEN, plain

NAMED: Final = (
    rf"\$(CONFORMANCE_(?:(?:READER_|WRITER_)?TOKEN|(?:ADMIN|READER)_PASSWORD)|(?:{FRESH}|{SEEN})(?:_[0-9]+)?)\b"
)
"""What stands for a secret in a recording."""

PASSWORD: Final = 22
"""Characters of a word that stands for a password: of a longer one a part alone would be told as the whole."""

TOKEN: Final = 48
"""Characters of one that stands for anything else."""

SHORT: Final = 7
"""Characters of one that stands for what is so short that it can be in a text by accident."""


class Words:
    """The words of one section, made of its seed."""

    def __init__(self, seed: str, short: Collection[str]) -> None:
        self._seed, self._short = seed, short
        self.given: dict[str, str] = {}
        """What stands for what a reply of the run told, with the name of its kind."""

    def word(self, name: str) -> str:
        """What stands for this secret."""
        length = SHORT if name in self._short else PASSWORD if name.endswith("PASSWORD") else TOKEN
        made = f"x{hashlib.sha256(f'{self._seed} {name}'.encode()).hexdigest()}"[:length]
        if (kind := plain(name)) in (FRESH, SEEN):
            self.given[made] = kind
        return made

    def text(self, recorded: str) -> str:
        """A text of the recording with words in place of the names."""
        if "$CONFORMANCE_" not in recorded:
            return recorded
        return re.sub(NAMED, lambda found: self.word(found[1]), recorded)

    def inside(self, value: Json) -> Json:
        """The same of all texts in a value."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {name: self.inside(one) for name, one in value.items()}
        return [self.inside(one) for one in value] if isinstance(value, list) else value

    def encoded(self, recorded: str) -> bytes:
        """The same of bytes that are no text."""
        text = base64.b64decode(recorded).decode("utf-8", "surrogateescape")
        return self.text(text).encode("utf-8", "surrogateescape")
