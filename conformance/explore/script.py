"""A short script of curl lines that sends a sequence of requests again."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from conformance.data import Json
from conformance.exchange import Exchange
from conformance.values import read_json

GIVEN: Final = {"rev": "REV", "id": "FLOW"}
"""What a reply gives that a later request may need, and the name of the variable that then stands for it."""


def script(exchanges: Iterable[Exchange], asides: Iterable[int] = ()) -> str:
    """The requests as lines of a POSIX shell; what a target gives and is sent back later is a variable.

    The exchanges at the places in `asides` are left out unless they give something that is needed.
    """
    told, aside = list(exchanges), set(asides)
    variables: dict[str, str] = {}
    lines: list[str] = []
    for place, exchange in enumerate(told):
        line = with_variables(exchange, variables).curl()
        needed = {
            key: value
            for key, value in given(exchange).items()
            if value not in variables and used(value, told[place + 1 :])
        }
        for key, value in needed.items():
            variables[value] = f"$CONFORMANCE_{GIVEN[key]}_{len(variables) + 1}"
            line = f"{variables[value][1:]}=$({line} | tee /dev/stderr | {extracting(key)})"
        if needed or place not in aside:
            lines.append(line)
    return "\n".join(lines)


def with_variables(exchange: Exchange, variables: dict[str, str]) -> Exchange:
    """The exchange whose request names the variables."""
    url, body = exchange.url, exchange.request_body
    for value, name in variables.items():
        url, body = url.replace(value, name), body.replace(value, name)
    return replace(exchange, url=url, request_body=body)


def given(exchange: Exchange) -> dict[str, str]:
    """What a reply gives that could be sent back."""
    try:
        body: Json = read_json(exchange.reply_body)
    except ValueError:
        return {}
    if not isinstance(body, dict) or exchange.method not in ("GET", "POST"):
        return {}
    return {key: body[key] for key in GIVEN if isinstance(body.get(key), str) and len(body[key]) > 1}


def used(value: str, later: Iterable[Exchange]) -> bool:
    """Whether a later request holds the value."""
    return any(value in exchange.url or value in exchange.request_body for exchange in later)


def extracting(key: str) -> str:
    """The command that takes a string out of JSON on one line."""
    return re.sub("KEY", key, r"""sed -n 's/.*"KEY" *: *"\([^"]*\)".*/\1/p'""")
