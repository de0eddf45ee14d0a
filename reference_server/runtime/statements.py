"""What a `function` node can do without JavaScript: statements of a few forms, found by their patterns.

`global.set("key", "constant");` sets a value, and `global.set("key", (… || 0) + 1);` counts, whatever stands before the
0; both know `flow` and `context` as well, and a store as the last argument. `node.status({text: "some text"});` shows a
text beside the node, and `return msg;` sends the message on.
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from reference_server.contexts import UNDEFINED
from reference_server.messages import Json

SET: Final = re.compile(
    r"""\b(?P<scope>context|flow|global)\.set\( *(?P<quote>["'])(?P<key>[^"']+)(?P=quote) *, *"""
    r"""(?:(?P<count>\([^;\n]*\|\| *0 *\) *\+ *1)"""
    r"""|(?P<constant>"(?:[^"\\]|\\.)*"|[\w.-]+))"""
    r"""(?: *, *"(?P<store>\w+)")? *\)"""
)
"""A call that puts a constant into a context, or counts there."""

STATUS: Final = re.compile(r"""\bnode\.status\( *\{ *text *: *(?P<quote>["'])(?P<text>.*?)(?P=quote) *\} *\)""")
"""A call that shows a text beside the node."""

RETURN: Final = re.compile(r"\breturn msg\b")
"""What sends the message on."""


@dataclass(frozen=True)
class Put:
    """Put a value into a context."""

    scope: str
    """`context`, which is the node's own, `flow` or `global`."""
    key: str
    value: Callable[[Json], Json]
    """The value, given the one that is there."""
    store: str
    """Empty for the default one."""


@dataclass(frozen=True)
class Show:
    """Show a text as the node's status."""

    text: str


def statements(code: str) -> Iterator[Put | Show]:
    """What the code does, in the order in which it says so."""
    found = [*SET.finditer(code), *STATUS.finditer(code)]
    for call in sorted(found, key=lambda call: call.start()):
        if call.re is STATUS:
            yield Show(call["text"])
        elif call["count"]:
            yield Put(call["scope"], call["key"], counted, call["store"] or "")
        else:
            with contextlib.suppress(ValueError):  # a name, and names mean nothing here
                yield constant(call)


def constant(call: re.Match[str]) -> Put:
    """The call that puts a constant; raises ValueError where it is none."""
    value = json.loads(call["constant"])
    return Put(call["scope"], call["key"], lambda _: value, call["store"] or "")


def counted(value: Json) -> Json:
    """One more than there is."""
    return (0 if value is UNDEFINED or not isinstance(value, int | float) else value) + 1


def sends_on(code: str) -> bool:
    """Whether the code sends its message on."""
    return RETURN.search(code) is not None
