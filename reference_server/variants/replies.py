"""Replies of another shape that are as right: what documentation or other versions have."""

import re
from dataclasses import replace
from typing import Final

from reference_server.between import Answer, Ask, Honest, Json, Meddle
from reference_server.variants.variant import between, meddling, register

LABELS: Final = (
    ("json-without-charset", "JSON is labelled without a charset.", "application/json"),
    ("json-with-a-shouted-charset", "JSON is labelled with UTF-8 in upper case.", "application/json;charset=UTF-8"),
    (
        "json-with-a-quoted-charset",
        "JSON is labelled with a charset in quotation marks.",
        'application/json; charset="utf-8"',
    ),
    ("json-in-other-case", "JSON is labelled in upper and lower case.", "Application/JSON ; Charset=utf-8"),
)
"""Each variant with its sentence and the Content-Type of JSON."""


def labelling(label: str) -> Meddle:
    """Labels JSON so."""

    async def meddle(ask: Ask, honest: Honest) -> Answer:
        answer = await honest(ask)
        is_json = answer.headers.get("content-type", "").lower().startswith("application/json")
        return answer.under(content_type=label) if is_json else answer

    return meddle


def is_single_flow(ask: Ask, *methods: str) -> bool:
    """Whether this is a request for one flow, by one of these methods."""
    return ask.method in methods and bool(re.match(r"/flow(/|$)", ask.path, re.IGNORECASE))


@meddling
async def documented_204_for_flows(ask: Ask, honest: Honest) -> Answer:
    """POST /flow and PUT /flow/:id are answered with 204, as it is documented."""
    answer = await honest(ask)
    return Answer(204) if is_single_flow(ask, "POST", "PUT") and answer.status == 200 else answer


@meddling
async def flows_with_empty_arrays(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id always gives `configs` and `subflows`, as the documentation's example does."""
    answer = await honest(ask)
    if not is_single_flow(ask, "GET", "HEAD") or answer.status != 200:
        return answer
    return answer.with_json({"configs": [], "subflows": [], **answer.json})


@meddling
async def config_nodes_with_users(ask: Ask, honest: Honest) -> Answer:
    """The config nodes of GET /flow/:id say in `_users` who uses them, as those of Node-RED do."""
    answer = await honest(ask)
    if not is_single_flow(ask, "GET", "HEAD") or answer.status != 200:
        return answer
    flow: Json = answer.json
    if "configs" in flow:
        flow["configs"] = [{**node, "_users": []} for node in flow["configs"]]
    return answer.with_json(flow)


@meddling
async def no_etags(ask: Ask, honest: Honest) -> Answer:
    """No reply has an ETag."""
    answer = await honest(replace(ask, headers={k: v for k, v in ask.headers.items() if k != "if-none-match"}))
    return replace(answer, headers={name: value for name, value in answer.headers.items() if name != "etag"})


@meddling
async def replies_not_to_be_stored(ask: Ask, honest: Honest) -> Answer:
    """Every reply says that it is not to be stored."""
    return (await honest(ask)).under(
        cache_control="no-store, no-cache, must-revalidate", pragma="no-cache", expires="0"
    )


@meddling
async def cookies_in_every_reply(ask: Ask, honest: Honest) -> Answer:
    """Every reply sets a cookie, as a load balancer does."""
    return (await honest(ask)).under(set_cookie="route=a1b2c3; Path=/; HttpOnly; SameSite=Lax")


@meddling
async def headers_of_a_framework(ask: Ask, honest: Honest) -> Answer:
    """Every reply has the headers that frameworks and proxies add."""
    return (await honest(ask)).under(
        x_powered_by="Express",
        server="nginx",
        via="1.1 proxy.example",
        x_request_id="b7c9e0d2",
        vary="Accept-Encoding, Origin",
        x_frame_options="DENY",
        x_content_type_options="nosniff",
        strict_transport_security="max-age=31536000",
    )


@meddling
async def other_prompts(ask: Ask, honest: Honest) -> Answer:
    """GET /auth/login labels its prompts as Node-RED does, and shows a picture beside them."""
    answer = await honest(ask)
    if ask.path != "/auth/login" or not answer.json:
        return answer
    prompts = [{**prompt, "label": f"user.{prompt['id']}"} for prompt in answer.json["prompts"]]
    return answer.with_json({**answer.json, "prompts": prompts[::-1], "image": "red/images/node-red.svg"})


@meddling
async def tokens_that_expire_soon(ask: Ask, honest: Honest) -> Answer:
    """A token is said to live for an hour and a half, and is a bearer token in small letters."""
    answer = await honest(ask)
    if not isinstance(answer.json, dict) or "access_token" not in answer.json:
        return answer
    return answer.with_json({**answer.json, "token_type": "bearer", "expires_in": 5_400.5}).under(
        cache_control="no-store"
    )


# Last, as those above label the JSON that they write.
for name, text, content_type in LABELS:
    register(name, text, says=between(labelling(content_type)))
