"""Faults of GET /icons."""

from reference_server.faults.authorization import by_administrator, for_anybody, remembering
from reference_server.faults.lying import Answer, Ask, Honest, fault


def is_image(ask: Ask) -> bool:
    """Whether an image is asked for."""
    return ask.path.startswith("/icons/")


def is_unknown(ask: Ask) -> bool:
    """Whether there is no such image."""
    return is_image(ask) and ("made-this-up" in ask.path)


@fault("icons.list-names-files-by-module")
async def lists_all_icons_together(ask: Ask, honest: Honest) -> Answer:
    """GET /icons gives an array of file names."""
    answer = await honest(ask)
    together = ask.path == "/icons" and isinstance(answer.json, dict) and "node-red" in answer.json
    return answer.with_json(answer.json["node-red"]) if together else answer


@fault("icons.list-names-files-by-module")
async def counts_icons(ask: Ask, honest: Honest) -> Answer:
    """GET /icons gives how many icons each module has."""
    answer = await honest(ask)
    counted = ask.path == "/icons" and isinstance(answer.json, dict) and "node-red" in answer.json
    return answer.with_json({name: len(icons) for name, icons in answer.json.items()}) if counted else answer


@fault("icons.listed-icon-is-an-image")
async def lists_icons_that_it_does_not_have(ask: Ask, honest: Honest) -> Answer:
    """Images that GET /icons lists are answered with 404."""
    return Answer(404) if is_image(ask) and not is_unknown(ask) else await honest(ask)


@fault("icons.listed-icon-is-an-image", "icons.unknown-icon-is-an-image", "icons.image-needs-no-token")
async def gives_images_as_text(ask: Ask, honest: Honest) -> Answer:
    """Images have the Content-Type text/plain."""
    answer = await honest(ask)
    return answer.under(content_type="text/plain") if is_image(ask) else answer


@fault("icons.listed-icon-is-an-image")
async def gives_empty_images(ask: Ask, honest: Honest) -> Answer:
    """Images that GET /icons lists are empty."""
    known = is_image(ask) and not is_unknown(ask)
    return Answer(200, {"content-type": "image/svg+xml"}) if known else await honest(ask)


@fault("icons.unknown-icon-is-an-image")
async def has_no_image_of_an_unknown_icon(ask: Ask, honest: Honest) -> Answer:
    """An icon that is unknown is answered with 404."""
    return Answer(404) if is_unknown(ask) else await honest(ask)


@fault("icons.unknown-icon-is-an-image")
async def has_no_image_of_an_unknown_module(ask: Ask, honest: Honest) -> Answer:
    """An icon of a module that is unknown is answered with 404."""
    return Answer(404) if is_unknown(ask) and not ask.path.startswith("/icons/node-red/") else await honest(ask)


@fault("icons.image-needs-no-token")
async def asks_for_a_token_before_images(ask: Ask, honest: Honest) -> Answer:
    """An image without a token is refused with 401."""
    return Answer(401) if is_image(ask) and "authorization" not in ask.headers else await honest(ask)


@fault("icons.list-without-token-refused")
async def lists_icons_to_anybody(ask: Ask, honest: Honest) -> Answer:
    """GET /icons needs no token."""
    return await (for_anybody if ask.path == "/icons" else remembering)(ask, honest)


@fault("icons.reader-reads-the-list")
async def lists_no_icons_to_readers(ask: Ask, honest: Honest) -> Answer:
    """GET /icons gives a user who may only read an empty object."""
    answer = await remembering(ask, honest)
    return (
        answer.with_json({}) if ask.path == "/icons" and answer.status == 200 and not by_administrator(ask) else answer
    )
