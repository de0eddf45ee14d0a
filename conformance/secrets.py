"""What no report may show: how a secret is found in a text, however it is spelled, and what stands in its place."""

import base64
import contextlib
import html
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import quote, quote_plus, unquote_plus

FRESH: Final = "CONFORMANCE_FRESH_TOKEN"
"""What stands for every token that the target gives during a run."""

SEEN: Final = "CONFORMANCE_SEEN_SECRET"
"""What stands for every other secret that a reply tells: a password, a session."""

# The patterns are possessive: going back over megabytes takes gigabytes.

GIVEN: Final = r'"(?:access|refresh)_?[tT]oken"\s*:\s*("(?:[^"\\]++|\\.)*+")'
"""A token that a reply gives, as JSON."""

IN_URL: Final = r"(?:access|refresh)_?[tT]oken=(?!conformance)([^\s&#;\"'<>]++)"
"""A token that a reply gives, in a form or a URL; those that the suite makes up are none."""

TOLD: Final = (
    r'"[\w-]{0,40}(?i:password|passphrase|secret|private_?key|api_?key)[\w-]{0,40}"'
    r'\s*:\s*("(?!conformance)(?:[^"\\\s]++|\\\S)*+")'
)
"""A secret of somebody that a reply tells, as JSON."""

TELLS: Final = ("pass", "secret", "private", "api")
"""What is in such a reply, whatever its case."""

COOKIE: Final = r"^[^=;]*=\s*([^;]{8,})"
"""What a reply wants to be sent back, which can be a session."""

NUMBERED: Final = rf"({FRESH}|{SEEN})_[0-9]+\b"
"""What stands for one of several secrets."""

LEAST: Final = {FRESH: 8, SEEN: 12}
"""Characters that a token, and any other secret that a reply tells, has at least."""

AT_ONCE: Final = 10
"""Secrets of one reply that are looked for from then on; Node-RED's holds one."""

MOST: Final = 5_000
"""Spellings of secrets that are looked for, and short texts that are remembered: more than an honest target gives."""

SHORT: Final = 300
"""Characters of a text that is likely to come again."""

TELLING: Final = 12
"""Characters by which a part of a secret is recognised."""

NO_ACCIDENT: Final = 8
"""Characters from which on a secret is not in a reply for another reason, unless it is a word."""

NO_WORD: Final = 16
"""Characters from which on it is no word."""


class Secrets:
    """What must never be shown, each under the environment variable that stands for it."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names: dict[str, str] = {}
        self._given: Counter[str] = Counter()
        self.ambiguous: set[str] = set()
        """The secrets that were given and are so short, or such words, that they are in many texts by accident."""
        self._marks: tuple[str, ...] = ()
        """What is in a text that holds any of them, or the beginning or the end of one."""
        self._told: dict[str, str] = {}
        """What short texts, which headers repeat all the time, have become since the last secret was added."""
        for secret, name in names.items():
            self.add(secret, name)

    def add(self, secret: str, name: str) -> None:
        """Never show this either. What is a secret already keeps its name."""
        if secret in self._names:
            return
        spelled = usual_spellings(secret) if name in (FRESH, SEEN) else spellings_of(secret)
        if name in (FRESH, SEEN):
            self._given[name] += 1
            name = f"{name}_{self._given[name]}"
        elif not telling(secret):
            self.ambiguous.add(secret)
        spellings = dict.fromkeys(spelled, name) | self._names
        self._names = dict(sorted(spellings.items(), key=lambda item: -len(item[0])))
        parts = ((known[:TELLING], known[-TELLING:]) if is_cut(known) else (known,) for known in self._names)
        self._marks = tuple(dict.fromkeys(itertools.chain.from_iterable(parts)))
        self._told = {}

    def add_given(self, reply: str, headers: Sequence[tuple[str, str]] = (), name: str = FRESH) -> None:
        """Never show the tokens that this reply gives, called `name`, nor the passwords and sessions that it tells."""
        shown = "\n".join([reply, *(value for _, value in headers)])
        # Looked for before they are matched: most replies hold nothing of the kind.
        tokens, others = "oken" in shown, any(map(reply.casefold().count, TELLS))
        for pattern, stands in ((GIVEN, name),) * tokens + ((TOLD, SEEN),) * others:
            for found in itertools.islice(re.finditer(pattern, reply), AT_ONCE):
                with contextlib.suppress(ValueError):
                    self._add_seen(json.loads(found[1]), stands)
        for header, value in headers:
            if header.lower() == "set-cookie" and (session := re.match(COOKIE, value)):
                self._add_seen(session[1], SEEN)
        for found in itertools.islice(re.finditer(IN_URL, shown), AT_ONCE) if tokens else ():
            self._add_seen(unquote_plus(found[1]), name)

    def _add_seen(self, secret: str, name: str) -> None:
        if len(secret) >= LEAST[name] and len(self._names) < MOST:
            self.add(secret, name)

    def told(self, text: str) -> list[str]:
        """What is secret and in this text, by the names that stand for it; a word is in many texts by accident."""
        found = [plain(name) for known, name in self._names.items() if telling(known) and known in text]
        return sorted({*found} - {SEEN})

    def is_ambiguous(self, text: str) -> bool:
        """Whether what is hidden in a text may have been there by accident, so that nobody can tell what it was."""
        return any(word in text for word in self.ambiguous)

    def masked(self, text: str) -> str:
        """The text with `$NAME` in place of each secret, and of the beginning or the end of one that was cut."""
        return plain(self.numbered(text))

    def numbered(self, text: str) -> str:
        """The same with a number behind the names of several secrets, by which each is told from the others."""
        if len(text) > SHORT:
            return self._masked(text)
        told = self._told  # another thread may add a secret, and begin another one
        if text not in told:
            if len(told) >= MOST:
                told.clear()
            told[text] = self._masked(text)
        return told.get(text) or self._masked(text)

    def _masked(self, text: str) -> str:
        if not any(map(text.__contains__, self._marks)):
            return text
        for secret, name in self._names.items():
            text = text.replace(secret, f"${name}")
        for secret, name in self._names.items():  # once none is whole: one can begin or end as another does
            if is_cut(secret):
                text = without_parts(text, secret, f"${name}")
        return text


def plain(text: str) -> str:
    """The text in which secrets have no numbers."""
    return re.sub(NUMBERED, r"\1", text) if FRESH in text or SEEN in text else text


def without_parts(text: str, secret: str, name: str) -> str:
    """The text with the name in place of the beginnings and the ends of the secret."""
    head, tail = secret[:TELLING], secret[-TELLING:]
    # Looked for before they are matched: a pattern that starts with anything takes its time on megabytes.
    if head in text:
        text = re.sub(re.escape(head) + r"[^\s'\"]*", name, text)
    if tail in text:
        *before, last = text.split(tail)
        text = name.join([*(without_end(part, len(secret)) for part in before), last])
    return text


def without_end(text: str, length: int) -> str:
    """The text without what its last so many characters hold of a secret whose end comes next."""
    end = text[-length:]
    return text[: len(text) - len(end)] + re.sub(r"[^\s'\"]+\Z", "", end)


def telling(secret: str) -> bool:
    """Whether a secret in a reply is no coincidence."""
    word = len(secret) < NO_WORD and re.fullmatch(r"[A-Za-z]+|[0-9]+", secret)
    words = len(secret) < TELLING and re.fullmatch(r"[A-Za-z]+(?:[-_.][A-Za-z]+)+", secret)  # such as node-red
    return len(secret) >= NO_ACCIDENT and not (word or words)


def is_cut(secret: str) -> bool:
    """Whether a secret is so long that its beginning and its end alone tell of it."""
    return len(secret) >= 2 * TELLING


def usual_spellings(secret: str) -> set[str]:
    """The ways in which a token comes back that was given during the run, of which there are hundreds."""
    return {spelling(secret) for spelling in SPELLINGS[:USUAL]}


def spellings_of(secret: str) -> set[str]:
    """The ways in which a secret comes back: as it is, in a URL, a form, JSON, HTML, Python, base64, or in two of them.

    JSON within JSON is such, and what Python shows of JSON. For a secret without odd letters most of them are one.
    """
    once = {spelling(secret) for spelling in SPELLINGS}
    return once | {spelling(spelled) for spelled in once for spelling in SPELLINGS} | in_base64(secret)


def lowered(text: str) -> str:
    """The text with the hexadecimal digits of its percent-encoding in small letters."""
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    str,
    lambda text: quote(text, safe=""),
    quote_plus,
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text).replace("/", "\\/")[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: quote(text, safe="/"),
    lambda text: lowered(quote(text, safe="")),
    html.escape,
    lambda text: html.escape(text).replace("&#x27;", "&#39;"),
    lambda text: repr(f"'\"{text}")[4:-1],
    lambda text: repr(f"'\"{text}")[4:-1].replace("\\'", "'"),
    lambda text: repr(text.encode("utf-8", "surrogateescape"))[2:-1],
)
"""How a text is spelled where it is part of another one; the usual ways first."""

USUAL: Final = 6
"""How many of them are usual."""


def in_base64(secret: str) -> set[str]:
    """What is in every base64 of a text that holds the secret, wherever it begins there; nothing for a short one."""
    raw, inside = secret.encode("utf-8", "surrogateescape"), set()
    for before in range(3):
        whole = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        # The first letters depend on what comes before, and the last ones on what comes after.
        core = whole[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        inside |= {core, core.replace("+", "-").replace("/", "_")} if len(core) >= TELLING else set()
    return inside
