"""Blunt servers: each answers every request in one way, whatever it is asked. `BLUNT` holds them all by name."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from conformance.data import Json
from reference_server.faults.lying import Answer, Ask, Honest, error


@dataclass(frozen=True)
class Knowledge:
    """What a blunt server knows when it is asked."""

    told: Sequence[tuple[Ask, Answer]]
    """What it was asked since the case began to be set up, and what it answered."""
    refusal: Answer | None
    """The first refusal of an honest server in the same case."""


Blunt = Callable[[Ask, Honest, Knowledge], Awaitable[Answer]]
"""Answers a request; it may ask the honest server."""

CHALLENGE: Final = {"content-type": "text/plain; charset=utf-8", "www-authenticate": 'Bearer realm="Users"'}

GIVEN: Final = {
    ("POST", "/auth/token"): {"access_token": "given-to-anybody", "expires_in": 604800, "token_type": "Bearer"},
    ("POST", "/flow"): {"id": "accepted"},
    ("PUT", "/flow"): {"id": "accepted"},
    ("GET", "/flow"): {"id": "accepted", "label": "", "nodes": []},
    ("POST", "/flows/state"): {"state": "start"},
}
"""What routes give where they accept, by the method and the path or its first part."""


async def refuses_everything(_ask: Ask, _honest: Honest, _knows: Knowledge) -> Answer:
    """Every answer is the 401 that is due to whoever has no token."""
    return Answer(401, CHALLENGE, b"Unauthorized")


async def answers_400_to_all(_ask: Ask, _honest: Honest, _knows: Knowledge) -> Answer:
    """Every answer is 400 in the API's own words."""
    return error(400, "unexpected_error")


async def answers_404_to_all(_ask: Ask, _honest: Honest, _knows: Knowledge) -> Answer:
    """Every answer is 404 in the API's own words."""
    return error(404, "not_found")


async def answers_the_refusal_to_all(ask: Ask, honest: Honest, knows: Knowledge) -> Answer:
    """Every answer is the very refusal that is due somewhere in the case."""
    return knows.refusal or await honest(ask)


async def accepts_everything(ask: Ask, honest: Honest, _knows: Knowledge) -> Answer:
    """What should be refused is answered as the route answers what it accepts."""
    answer = await honest(ask)
    return accepted(ask) if answer.status >= 400 else answer


async def accepts_and_does_nothing(ask: Ask, honest: Honest, _knows: Knowledge) -> Answer:
    """What is read is given, unless it should be refused; what is written is accepted, and nothing comes of it."""
    answer = await honest(ask) if ask.method in ("GET", "HEAD", "OPTIONS") else accepted(ask)
    return accepted(ask) if answer.status >= 400 else answer


async def answers_an_empty_object(_ask: Ask, _honest: Honest, _knows: Knowledge) -> Answer:
    """Every answer is 200 and `{}`."""
    return Answer(200).with_json({})


async def echoes_the_request(ask: Ask, _honest: Honest, _knows: Knowledge) -> Answer:
    """Every answer is 200 and the request's body."""
    return Answer(200, {"content-type": ask.headers.get("content-type", "application/json")}, ask.body)


async def answers_from_a_cache(ask: Ask, honest: Honest, knows: Knowledge) -> Answer:
    """Whatever has the same method and path as a request before is answered as that was, all else honestly."""
    first = (answer for asked, answer in knows.told if (asked.method, asked.path) == (ask.method, ask.path))
    return next(first, None) or await honest(ask)


async def answers_the_last_reply_again(ask: Ask, honest: Honest, knows: Knowledge) -> Answer:
    """Every answer is the last one again."""
    return knows.told[-1][1] if knows.told else await honest(ask)


def accepted(ask: Ask) -> Answer:
    """The answer of the route to what it accepts."""
    given = GIVEN.get((ask.method, ask.path)) or GIVEN.get((ask.method, f"/{ask.path.split('/')[1]}"))
    if ask.posts or ask.reads:
        body = {"rev": "accepted", **({"flows": []} if ask.reads else {})}
        if ask.version == "v2":
            return Answer(200).with_json(body)
        return Answer(200).with_json([]) if ask.reads else Answer(204)
    if ask.method == "DELETE" or (ask.method == "POST" and given is None):
        return Answer(204)
    return Answer(200).with_json({} if given is None else given)


BLUNT: Final[dict[str, Blunt]] = {
    server.__name__.replace("_", "-"): server
    for server in (
        refuses_everything,
        answers_400_to_all,
        answers_404_to_all,
        answers_the_refusal_to_all,
        accepts_everything,
        accepts_and_does_nothing,
        answers_an_empty_object,
        echoes_the_request,
        answers_from_a_cache,
        answers_the_last_reply_again,
    )
}
"""Every blunt server by its name."""


def telling(told: Callable[[Json], Json]) -> Blunt:
    """Every reply in JSON is made into what is told of it."""

    async def lie(ask: Ask, honest: Honest, _knows: Knowledge) -> Answer:
        answer = await honest(ask)
        return answer if answer.json is None else answer.with_json(told(answer.json))

    return lie


async def without_the_last_node(ask: Ask, honest: Honest, _knows: Knowledge) -> Answer:
    """What is read lacks a node."""
    answer = await honest(ask)
    nodes = answer.json.get("flows") if isinstance(answer.json, dict) else answer.json
    return answer.with_nodes(ask, nodes[:-1]) if ask.reads and answer.status == 200 and nodes else answer


def without_the_first(value: Json) -> Json:
    """The value without its first element or member."""
    if isinstance(value, dict):
        return dict(list(value.items())[1:])
    return value[1:] if isinstance(value, list) else value


def other_container(value: Json) -> Json:
    """An array in place of an object, and an object in place of an array."""
    if isinstance(value, dict):
        return list(value.values())
    return {str(index): element for index, element in enumerate(value)} if isinstance(value, list) else value


LIES: Final[dict[str, Blunt]] = {
    "without-the-first": telling(without_the_first),
    "other-container": telling(other_container),
    "without-the-last-node": without_the_last_node,
}
"""Lies about what is told, by which no case may be brought down; none of them is about refusals."""
