"""Refusals in other words, other shapes, or none."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from reference_server.between import Answer, Ask, Honest, Json, Meddle
from reference_server.variants.extra import is_error
from reference_server.variants.variant import between, meddling, register, telling

PROSE: Final[tuple[tuple[str, str, Callable[[str], str]], ...]] = (
    ("translated-messages", "The message of every refusal is in Japanese.", lambda _: "要求は拒否されました。"),
    ("long-messages", "The message of every refusal goes on for pages.", lambda text: f"{text}:\n\tsee below. " * 500),
    ("one-message-for-all", "The message of every refusal is the same.", lambda _: "No."),
)
"""Each variant with its sentence and its messages."""


def rewording(words: Callable[[str], str]) -> Callable[[str, Json], Json]:
    """Puts other words into refusals."""
    return lambda _, value: {**value, "message": words(value["message"])} if is_error(value) else value


for name, text, message in PROSE:
    register(name, text, says=telling(rewording(message)))

CHALLENGE: Final = {"www-authenticate": 'Bearer realm="Users"'}
HTML: Final = {"content-type": "text/html; charset=utf-8"}
PAGE: Final = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body><h1>Sorry</h1></body></html>"
UNAUTHORISED: Final = b'{"code":"unauthorized","message":"Log in first"}'

REFUSALS: Final[tuple[tuple[str, str, int, Answer], ...]] = (
    ("401-without-anything", "A 401 has no body and no challenge.", 401, Answer(401)),
    ("401-with-a-challenge-alone", "A 401 has a challenge and no body.", 401, Answer(401, CHALLENGE)),
    (
        "401-as-an-error",
        "A 401 has an error object, and two challenges.",
        401,
        Answer(
            401, {"content-type": "application/json", "www-authenticate": 'Bearer, Basic realm="Red"'}, UNAUTHORISED
        ),
    ),
    ("401-as-a-page", "A 401 is a page, without a challenge.", 401, Answer(401, HTML, PAGE)),
    ("404-without-a-body", "A 404 has no body, as it is documented.", 404, Answer(404)),
)
"""Each variant with its sentence, the status of the refusals that are others there, and what they are."""


def refusing(status: int, refusal: Answer) -> Meddle:
    """Gives this refusal in place of those with the status."""

    async def meddle(ask: Ask, honest: Honest) -> Answer:
        answer = await honest(ask)
        return refusal if answer.status == status else answer

    return meddle


for name, text, refused, other in REFUSALS:
    register(name, text, says=between(refusing(refused, other)))


@meddling
async def unknown_paths_as_pages(ask: Ask, honest: Honest) -> Answer:
    """A path that the API does not have is answered with 404 and a page."""
    answer = await honest(ask)
    return Answer(404, HTML, PAGE) if answer.status == 404 and answer.body == b"Not Found" else answer


@meddling
async def unknown_paths_as_errors(ask: Ask, honest: Honest) -> Answer:
    """A path that the API does not have is answered with 404 and an error object."""
    answer = await honest(ask)
    if answer.status == 404 and answer.body == b"Not Found":
        return Answer(404).with_json({"code": "not_found", "message": "There is nothing here"})
    return answer


@meddling
async def bad_bodies_as_errors(ask: Ask, honest: Honest) -> Answer:
    """A body that cannot be read is refused with an error object."""
    answer = await honest(ask)
    if answer.status in (400, 413, 415) and answer.headers.get("content-type", "").startswith("text/plain"):
        return Answer(answer.status).with_json({"code": "unexpected_error", "message": answer.body.decode()})
    return answer


@meddling
async def bad_bodies_as_pages(ask: Ask, honest: Honest) -> Answer:
    """A body that cannot be read is refused with a page, as Node-RED does."""
    answer = await honest(ask)
    if answer.status in (400, 413, 415) and answer.headers.get("content-type", "").startswith("text/plain"):
        return replace(answer, body=PAGE).under(content_type="text/html; charset=utf-8")
    return answer


@meddling
async def other_methods_not_allowed(ask: Ask, honest: Honest) -> Answer:
    """A method that /flows does not have is answered with 405."""
    other = ask.path.rstrip("/").lower() == "/flows" and ask.method not in ("GET", "HEAD", "POST", "OPTIONS")
    return Answer(405, {"allow": "GET, HEAD, POST"}) if other else await honest(ask)


@meddling
async def unknown_sets_not_found(ask: Ask, honest: Honest) -> Answer:
    """A change of an unknown module or set is refused with 404, as it is documented."""
    answer = await honest(ask)
    unknown = isinstance(answer.json, dict) and answer.json.get("code") == "not_found"
    return replace(answer, status=404) if ask.method == "PUT" and unknown else answer


@meddling
async def long_urls_refused(ask: Ask, honest: Honest) -> Answer:
    """A URL of more than six thousand characters is refused with 414."""
    return Answer(414) if len(ask.path) + len(ask.query) > 6_000 else await honest(ask)


@meddling
async def many_headers_refused(ask: Ask, honest: Honest) -> Answer:
    """A request with more than three hundred headers is refused with 431."""
    return Answer(431) if len(ask.headers) > 300 else await honest(ask)


@meddling
async def failed_logins_unauthorised(ask: Ask, honest: Honest) -> Answer:
    """A login with a wrong name or password is refused with 401, as it is documented."""
    answer = await honest(ask)
    failed = ask.path == "/auth/token" and answer.status == 403
    return replace(answer, status=401) if failed else answer
