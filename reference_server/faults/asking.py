"""Faults of what requests hold besides, how they are spelled, how large they are, and how many come at once."""

import asyncio
from typing import Final

from reference_server.faults.lying import Answer, Ask, Honest, error, fault

LONG: Final = 2000
"""Characters of a query that is long."""

VERY_LONG: Final = 8000
"""Characters of a query that is longer than any."""

MANY: Final = 500
"""Headers that are more than any client sends."""


@fault("transport.two-kilobyte-query-accepted")
async def gives_nothing_for_a_long_query(ask: Ask, honest: Honest) -> Answer:
    """A request with a query of more than two thousand characters is answered with 200 and an empty object."""
    return Answer(200).with_json({}) if len(ask.query) > LONG else await honest(ask)


@fault("transport.very-many-headers-survived", "transport.long-url-survived")
async def needs_a_rest_after_a_large_request(ask: Ask, honest: Honest) -> Answer:
    """A request with very many headers or a very long URL is refused with 431, and the next one with 503."""
    resting = ask.memory.get("resting", False)
    ask.memory["resting"] = len(ask.headers) > MANY or len(ask.query) > VERY_LONG
    if ask.memory["resting"]:
        return Answer(431)
    return Answer(503) if resting else await honest(ask)


@fault("transport.percent-encoded-id-is-the-id")
async def takes_escapes_of_modules_literally(ask: Ask, honest: Honest) -> Answer:
    """A module whose name is percent-encoded in the path is unknown."""
    escaped = ask.path.startswith("/nodes/") and "%" in ask.raw_path
    return error(404, "not_found") if escaped else await honest(ask)


@fault("transport.delete-with-empty-body-accepted")
async def deletes_nothing_of_length_0(ask: Ask, honest: Honest) -> Answer:
    """DELETE with a Content-Length of 0 answers 204 and deletes nothing."""
    empty = ask.method == "DELETE" and ask.headers.get("content-length") == "0"
    return Answer(204) if empty else await honest(ask)


@fault("transport.crowd-is-answered")
async def gives_a_crowd_no_nodes(ask: Ask, honest: Honest) -> Answer:
    """Whoever reads the flows while five others do is given none."""
    answer = await honest(ask)
    if not ask.reads or answer.status != 200:
        return answer
    ask.memory["reading"] = ask.memory.get("reading", 0) + 1
    try:
        await asyncio.sleep(0.05)
        return answer.with_nodes(ask, []) if ask.memory["reading"] > 5 else answer
    finally:
        ask.memory["reading"] -= 1
