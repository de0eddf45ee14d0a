"""A violation as a script of POSIX sh and curl: sets up, shows the defect, puts back, and ends as git bisect asks.

Only what shows in the status of a reply to requests that follow each other has one: for all else a script would lie.
"""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.catalogue import Requirement
from conformance.exchange import VARIABLE, Exchange, shell_word
from conformance.explore.script import extracting, given, used, with_variables

STATUSES: Final = re.compile(
    r"^assert ([1-5]\d\d) (==|in) (?:([1-5]\d\d)$|[(\[]([1-5]\d\d(?:, [1-5]\d\d)*)[)\]]$)", re.MULTILINE
)
"""What an assertion says where a reply has another status than it must have."""

LARGE: Final = 60_000
"""Characters of all bodies together from which on there is no script: a word of a command has an end."""

READING: Final = ("GET", "HEAD", "OPTIONS")

HEAD: Final = """\
#!/bin/sh
# {id} ({level})
# {text}
# {source}
#
# sh {id}.sh [URL]
# Ends with 0 where the promise is kept, 1 where it is broken, and 125 where that cannot be told.
target=${{1:-${{CONFORMANCE_TARGET:-{url}}}}}
target=${{target%/}}
cannot_tell() {{ echo "cannot tell: $*" >&2; exit 125; }}
command -v curl >/dev/null || cannot_tell "curl is not installed"
{needs}replies=$(mktemp -d) || cannot_tell "there is no folder for what comes"
deployed=
end() {{
    code=$?
    trap - EXIT INT TERM HUP
    {put_back}
    rm -rf "$replies"
    exit "$code"
}}
trap end EXIT
trap 'exit 125' INT TERM HUP
ask() {{
    echo "> $1" >&2
    shift
    status=$(curl -sS --max-time 20 -o "$replies/body" -w '%{{http_code}}' "$@") || cannot_tell "no answer"
    echo "< $status $(head -c 300 "$replies/body" 2>/dev/null)" >&2
}}
"""

EMPTY: Final = """\
ask "the flows that are there" {words}"$target/flows"
[ "$(tr -d ' \\n' <"$replies/body")" = "[]" ] || cannot_tell "the target holds flows, which this would replace"
deployed=yes
"""

SETUP: Final = '[ "$status" -lt 400 ] || cannot_tell "what comes before was refused"\n'

TAIL: Final = """\
case $status in
    {right}) echo "kept: {id}"; exit 0 ;;
    *) echo "broken: {id}: $status instead of {words}"; exit 1 ;;
esac
"""


class NoScript(Exception):
    """There can be no script; the message says why."""


@dataclass(frozen=True)
class Decision:
    """What tells the defect: the place of an exchange, and the statuses that are right there."""

    place: int
    right: tuple[str, ...]


def script(requirement: Requirement, exchanges: Sequence[Exchange], said: str, url: str) -> str:
    """The script of a violation on the target at this URL, by what the assertion said; raises NoScript."""
    decision = decided(exchanges, said)
    asked = exchanges[: decision.place + 1]
    check(asked, url)
    body = "".join(steps(asked, url))
    secrets = sorted(set(re.findall(VARIABLE, body)) - set(re.findall(r"\$CONFORMANCE_(?:REV|FLOW)_\d+", body)))
    if odd := [name for name in secrets if not name.endswith("_TOKEN") or "FRESH" in name]:
        raise NoScript(f"it takes a secret of the moment: {odd[0]}")
    needs = "".join(f'[ -n "{name}" ] || cannot_tell "put a token into {name[1:]}"\n' for name in secrets)
    writes = any(exchange.method not in READING for exchange in asked)
    words = authorization(asked)
    put_back = f'[ -z "$deployed" ] || curl -sS --max-time 20 -o /dev/null -X POST {words}{EMPTYING} "$target/flows"'
    told = {"id": requirement.id, "level": requirement.level, "text": requirement.text, "source": requirement.source}
    head = HEAD.format(**told, url=url, needs=needs, put_back=put_back if writes else ":")
    empty = EMPTY.format(words=words) if writes else ""
    tail = TAIL.format(id=requirement.id, right="|".join(decision.right), words=" or ".join(decision.right))
    return head + empty + body + tail


EMPTYING: Final = "-H 'Content-Type: application/json' --data-raw '[]'"
"""What leaves no flows."""


def decided(exchanges: Sequence[Exchange], said: str) -> Decision:
    """Which exchange tells the defect; raises NoScript."""
    found = STATUSES.search(said)
    if not found:
        raise NoScript("it shows in something else than the status of a reply")
    wrong, right = int(found[1]), tuple((found[3] or found[4]).split(", "))
    places = [place for place, exchange in enumerate(exchanges) if exchange.status == wrong]
    if not places:
        raise NoScript("it shows in something else than the last replies")
    return Decision(places[-1], right)


def check(exchanges: Sequence[Exchange], url: str) -> None:
    """Raise NoScript where curl would ask something else."""
    if any(exchange.status is None or exchange.url.startswith("ws") for exchange in exchanges):
        raise NoScript("it takes a websocket, or a client that goes away")
    if not all(exchange.url.startswith(url) for exchange in exchanges):
        raise NoScript("it asks what is beside the target")
    if any("bytes that are no text)" in exchange.request_body for exchange in exchanges):
        raise NoScript("it sends what is no text")
    if sum(exchange.sent for exchange in exchanges) > LARGE:
        raise NoScript("it sends too much for a script")


def authorization(exchanges: Iterable[Exchange]) -> str:
    """The words by which the one who deploys says who that is, empty where nobody is asked."""
    for exchange in exchanges:
        for name, value in exchange.told_headers:
            if name.lower() == "authorization" and value == "Bearer $CONFORMANCE_TOKEN":
                return f"-H {shell_word(f'Authorization: {value}')} "
    return ""


def steps(exchanges: Sequence[Exchange], url: str) -> Iterator[str]:
    """The commands that send the requests, with what replies gave in variables; what was accepted must be again."""
    variables: dict[str, str] = {}
    for place, exchange in enumerate(exchanges):
        yield command(with_variables(exchange, variables), url)
        last = place == len(exchanges) - 1
        if not last and exchange.status is not None and exchange.status < 400:  # noqa: PLR2004 - a status
            yield SETUP
        for key, value in given(exchange).items():
            if value not in variables and used(value, exchanges[place + 1 :]):
                variables[value] = f"$CONFORMANCE_{key.upper().replace('ID', 'FLOW')}_{len(variables) + 1}"
                yield f'{variables[value][1:]}=$({extracting(key)} <"$replies/body")\n'


def command(exchange: Exchange, url: str) -> str:
    """The line that sends a request."""
    said = shlex.quote(f"{exchange.method} {exchange.url.removeprefix(url)}"[:200])
    words = ["ask", said]
    words += {"GET": [], "HEAD": ["--head"]}.get(exchange.method, ["-X", exchange.method])
    words += ["--path-as-is", "--globoff"] + (["--http1.0"] if exchange.version == "HTTP/1.0" else [])
    told = exchange.told_headers
    words += [f"-H {shell_word(f'{name}: {value}' if value else f'{name};')}" for name, value in told]
    if exchange.request_body:
        words += [] if any(name.lower() == "content-type" for name, _ in told) else ["-H Content-Type:"]
        words.append(f"--data-raw {shell_word(exchange.request_body)}")
    rest = shell_word(exchange.url.removeprefix(url))
    return " ".join([*words, f'"$target"{rest}']) + "\n"
