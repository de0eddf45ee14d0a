"""Faults of refusals: done all the same, done a little later, given way to in the end, or worded otherwise."""

import asyncio
import hashlib
import json
from typing import Final

from reference_server.faults.authorization import as_administrator, remembering
from reference_server.faults.bodies import empties
from reference_server.faults.lying import Answer, Ask, Honest, Json, active_rev, error, fault
from reference_server.faults.revisions import carries_rev

LATER: Final = 0.05
"""Seconds after which a server does what it has put off."""


def later(ask: Ask, honest: Honest) -> None:
    """Do what is asked a little later."""

    async def done() -> None:
        await asyncio.sleep(LATER)
        await honest(ask)

    tasks = ask.memory.setdefault("tasks", [])
    tasks.append(asyncio.get_running_loop().create_task(done()))


@fault("flows.empty-body-refused")
async def empties_the_flows_after_it_refused_no_body(ask: Ask, honest: Honest) -> Answer:
    """A deployment without a body is refused, and a little later the flows are gone."""
    answer = await honest(ask)
    if ask.deploys and not ask.body.strip() and answer.status == 400:
        later(empties(ask), honest)
    return answer


@fault("flows.last-deploy-wins")
async def deploys_everything_once_more(ask: Ask, honest: Honest) -> Answer:
    """Every deployment that is accepted is stored once more a little later."""
    answer = await honest(ask)
    if ask.nodes and answer.status in (200, 204):
        later(ask, honest)
    return answer


@fault("flows.stale-rev-refused")
async def deploys_later_what_it_refuses_for_its_rev(ask: Ask, honest: Honest) -> Answer:
    """An outdated rev is refused with 409, and the flows deployed a little later."""
    answer = await honest(ask)
    if answer.status == 409:
        later(ask.without_rev(), honest)
    return answer


@fault(
    "flows.post-without-token-refused",
    "flows.post-with-wrong-token-refused",
    "flows.post-without-permission-refused",
)
async def deploys_later_what_it_refuses_for_its_token(ask: Ask, honest: Honest) -> Answer:
    """POST /flows without the token that it needs is refused with 401, and deployed a little later."""
    answer = await remembering(ask, honest)
    if ask.posts and answer.status == 401:
        later(ask.under(authorization=f"Bearer {ask.memory.get('token')}"), honest)
    return answer


@fault("flows.v1-object-refused", "flows.v2-array-refused")
async def deploys_what_it_refuses_for_its_shape(ask: Ask, honest: Honest) -> Answer:
    """The body of one version is refused with 400 under the other, and deployed."""
    answer = await honest(ask)
    if ask.deploys and answer.status == 400 and ask.version in ("v1", "v2") and isinstance(ask.json, dict | list):
        await honest(ask.under(node_red_api_version="v2" if isinstance(ask.json, dict) else "v1"))
    return answer


@fault("flows.v2-flows-of-wrong-type-refused")
async def reads_flows_from_a_text(ask: Ask, honest: Honest) -> Answer:
    """A v2 body whose `flows` is a text with JSON in it is deployed."""
    text = ask.json.get("flows") if ask.deploys and ask.version == "v2" and isinstance(ask.json, dict) else None
    return await honest(ask.with_json({**ask.json, "flows": json.loads(text)}) if isinstance(text, str) else ask)


@fault("flows.bad-bodies-answer-400")
async def fails_at_flows_that_are_no_array(ask: Ask, honest: Honest) -> Answer:
    """A v2 body whose `flows` is no array is answered with 500."""
    wrong = ask.deploys and isinstance(ask.json, dict) and not isinstance(ask.json.get("flows", []), list)
    return error(500, "unexpected_error") if wrong else await honest(ask)


@fault("flows.wrong-shape-error")
async def lists_what_is_wrong(ask: Ask, honest: Honest) -> Answer:
    """A body of the wrong shape is refused with 400 and a list of errors."""
    answer = await honest(ask)
    wrong = ask.deploys and answer.status == 400 and isinstance(answer.json, dict)
    return answer.with_json({"errors": [answer.json]}) if wrong else answer


@fault("flows.null-node-refused")
async def deploys_what_is_before_a_null(ask: Ask, honest: Honest) -> Answer:
    """A deployment with null in the place of a node is refused, and the nodes before it deployed."""
    if ask.nodes and None in ask.nodes:
        await honest(ask.with_nodes(ask.nodes[: ask.nodes.index(None)]))
    return await honest(ask)


def is_odd(ask: Ask) -> bool:
    """Whether a deployment carries a rev that no server gives."""
    return carries_rev(ask) and not (isinstance(ask.rev, str) and ask.rev)


@fault("flows.null-rev-refused", "flows.number-as-rev-refused", "flows.rev-of-another-type-refused")
async def calls_odd_revs_bad_requests(ask: Ask, honest: Honest) -> Answer:
    """A rev that is no text is refused with 400."""
    odd = is_odd(ask) and not isinstance(ask.rev, str)
    return error(400, "invalid_request") if odd else await honest(ask)


@fault(
    "flows.empty-rev-refused",
    "flows.rev-in-other-case-refused",
    "flows.shortened-rev-refused",
    "flows.padded-rev-refused",
    "flows.null-rev-refused",
)
async def gives_way_to_whoever_insists(ask: Ask, honest: Honest) -> Answer:
    """A deployment that is refused with 409 is accepted when it is sent once more."""
    answer = await honest(ask)
    if answer.status != 409:
        return answer
    again = ask.memory.get("refused") == ask.body
    ask.memory["refused"] = ask.body
    return await honest(ask.without_rev()) if again else answer


@fault("flows.deploy-rev-is-the-rev-that-get-gives")
async def gives_the_rev_from_before(ask: Ask, honest: Honest) -> Answer:
    """The rev in the reply to a deployment is that of the flows that it replaced."""
    before = await active_rev(ask, honest) if ask.deploys else None
    answer = await honest(ask)
    told = isinstance(answer.json, dict) and answer.status == 200 and before
    return answer.with_json({"rev": before}) if told else answer


@fault("flows.matching-rev-deploys")
async def knows_only_revs_that_were_read(ask: Ask, honest: Honest) -> Answer:
    """A deployment that carries the rev of the one before it is refused, as long as nobody has read the flows."""
    read = ask.memory.setdefault("read", [])
    if carries_rev(ask) and ask.rev not in read:
        return error(409, "version_mismatch")
    answer = await honest(ask)
    if ask.reads and isinstance(answer.json, dict):
        read.append(answer.json.get("rev"))
    return answer


@fault("flows.changed-flows-change-the-rev")
async def overlooks_places_in_the_rev(ask: Ask, honest: Honest) -> Answer:
    """Flows that differ in the places of their nodes alone have the same rev."""
    if carries_rev(ask):
        active = (await honest(ask.reading())).json
        ask = ask.with_json({**ask.json, "rev": active["rev"] if ask.rev == unplaced(active["flows"]) else "outdated"})
    answer = await honest(ask)
    if (ask.reads or ask.posts) and isinstance(answer.json, dict) and "rev" in answer.json:
        return answer.with_json({**answer.json, "rev": unplaced((await honest(ask.reading("v1"))).json)})
    return answer


def unplaced(nodes: list[Json]) -> str:
    """A rev of all but the places of nodes."""
    kept = [{name: node[name] for name in node if name not in ("x", "y")} for node in nodes]
    return hashlib.sha256(json.dumps(kept).encode()).hexdigest()


def scheme_of(ask: Ask) -> tuple[str, str]:
    """The scheme of the Authorization header in small letters, and what follows it."""
    scheme, _, token = ask.headers.get("authorization", "").partition(" ")
    return scheme.lower(), token


@fault("flows.get-under-other-scheme-refused", "flows.post-under-other-scheme-refused")
async def looks_at_the_scheme_too_late(ask: Ask, honest: Honest) -> Answer:
    """A right token under another scheme than Bearer is refused with 401, after what was asked for was done."""
    scheme, token = scheme_of(ask)
    if scheme in ("bearer", "") or not token:
        return await honest(ask)
    answer = await honest(ask.under(authorization=f"Bearer {token}"))
    return Answer(401, {"content-type": "text/plain"}, answer.body)


@fault("flows.get-under-other-scheme-refused", "flows.post-under-other-scheme-refused")
async def takes_a_token_for_a_password(ask: Ask, honest: Honest) -> Answer:
    """A right token under the scheme Basic lets its holder in."""
    scheme, token = scheme_of(ask)
    return await honest(ask.under(authorization=f"Bearer {token}") if scheme == "basic" else ask)


@fault("flows.get-without-permission-refused")
async def tells_the_flows_to_who_may_not_read(ask: Ask, honest: Honest) -> Answer:
    """A user without the permission to read the flows is refused with 401, and told them."""
    answer = await remembering(ask, honest)
    if ask.reads and answer.status == 401 and not answer.body:
        return Answer(401, body=(await as_administrator(ask, honest)).body)
    return answer


@fault("flows.bearer-in-other-case-accepted")
async def asks_no_token_under_bearer_in_other_case(ask: Ask, honest: Honest) -> Answer:
    """Any token counts as the administrator's where Bearer is written in another case."""
    answer = await remembering(ask, honest)
    spelled = ask.headers.get("authorization", "").partition(" ")[0]
    other = spelled.lower() == "bearer" and spelled != "Bearer"
    return await as_administrator(ask, honest) if other and answer.status == 401 else answer
