"""Faults of the permissions that routes need, other than those of GET and POST /flows."""

from dataclasses import replace
from typing import Final

from reference_server.faults.authorization import as_administrator, remembering
from reference_server.faults.lying import Answer, Ask, Honest, fault

READS: Final = tuple(
    f"auth.get-{what}"
    for what in (
        "flow-needs-flows-read",
        "state-needs-a-permission",
        "nodes-needs-nodes-read",
        "module-needs-nodes-read",
        "set-needs-nodes-read",
        "settings-needs-settings-read",
        "diagnostics-needs-a-permission",
        "context-needs-context-read",
        "credentials-needs-credentials-read",
        "icons-needs-nodes-read",
        "library-needs-library-read",
        "messages-needs-nodes-read",
        "plugins-needs-plugins-read",
        "user-settings-needs-settings-read",
    )
)
"""What is promised of routes that read."""

OF_FLOWS: Final = (
    "auth.post-flow-needs-flows-write",
    "auth.put-flow-needs-flows-write",
    "auth.delete-flow-needs-flows-write",
    "auth.post-state-needs-flows-write",
)
"""What is promised of routes whose effect on the flows is seen."""

WRITES: Final = (
    *OF_FLOWS,
    "auth.post-nodes-needs-nodes-write",
    "auth.put-module-needs-nodes-write",
    "auth.put-set-needs-nodes-write",
    "auth.delete-module-needs-nodes-write",
    "auth.delete-context-needs-context-write",
    "auth.post-library-needs-library-write",
    "auth.post-user-settings-needs-settings-write",
    "auth.inject-needs-inject-write",
    "auth.debug-needs-debug-write",
)
"""What is promised of routes that write."""


def reads(ask: Ask) -> bool:
    """Whether this reads something that needs a permission, but for GET /flows."""
    return ask.method == "GET" and not ask.path.startswith("/auth/") and ask.path != "/flows"


def writes(ask: Ask) -> bool:
    """Whether this writes something that needs a permission, but for POST /flows."""
    return ask.method != "GET" and not ask.path.startswith("/auth/") and ask.path != "/flows"


def is_administrators(ask: Ask) -> bool:
    """Whether the request is the administrator's."""
    return ask.headers.get("authorization") == f"Bearer {ask.memory.get('token')}"


@fault(*READS)
async def lets_anybody_read_beside_the_flows(ask: Ask, honest: Honest) -> Answer:
    """Reading anything but the flows needs no token."""
    if not reads(ask) or "authorization" in ask.headers:
        return await remembering(ask, honest)
    answer = await as_administrator(ask, honest)
    # Or else it would say of itself that it gives the administrator's permissions to everybody.
    told = isinstance(answer.json, dict) and "user" in answer.json
    return answer.with_json({**answer.json, "user": None}) if told else answer


@fault(*READS)
async def takes_any_token_beside_the_flows(ask: Ask, honest: Honest) -> Answer:
    """Reading anything but the flows needs a token, whichever it is."""
    answer = await remembering(ask, honest)
    wrong = reads(ask) and answer.status == 401 and "authorization" in ask.headers
    return await as_administrator(ask, honest) if wrong else answer


@fault(*READS)
async def keeps_readers_to_the_flows(ask: Ask, honest: Honest) -> Answer:
    """A user who may only read may read the flows and nothing else."""
    answer = await remembering(ask, honest)
    return Answer(401) if reads(ask) and answer.status == 200 and not is_administrators(ask) else answer


@fault(*READS)
async def tells_with_its_refusal(ask: Ask, honest: Honest) -> Answer:
    """The refusal of a reader without a token has what was asked for in its body."""
    answer = await remembering(ask, honest)
    return replace(await as_administrator(ask, honest), status=401) if reads(ask) and answer.status == 401 else answer


@fault("auth.get-diagnostics-needs-a-permission")
async def tells_with_its_refusal_what_is_true_now(ask: Ask, honest: Honest) -> Answer:
    """The refusal of a reader without a token has a report that is newer than the one before."""
    answer = await remembering(ask, honest)
    if ask.path != "/diagnostics" or answer.status != 401:
        return answer
    report = await as_administrator(ask, honest)
    return replace(report.with_json({**report.json, "time": {"utc": "now"}}), status=401) if report.json else answer


@fault(*WRITES)
async def lets_anybody_write_beside_the_flows(ask: Ask, honest: Honest) -> Answer:
    """Writing anything but the flows needs no token."""
    return await (as_administrator if writes(ask) and "authorization" not in ask.headers else remembering)(ask, honest)


@fault(*WRITES)
async def lets_readers_write_beside_the_flows(ask: Ask, honest: Honest) -> Answer:
    """Writing anything but the flows needs a token, and no permission."""
    answer = await remembering(ask, honest)
    lacking = writes(ask) and answer.status == 401 and not answer.body
    return await as_administrator(ask, honest) if lacking else answer


@fault(*WRITES)
async def refuses_writes_with_403(ask: Ask, honest: Honest) -> Answer:
    """Writing without the permission is refused with 403."""
    answer = await honest(ask)
    return Answer(403) if writes(ask) and answer.status == 401 else answer


@fault(*OF_FLOWS)
async def writes_what_it_refuses(ask: Ask, honest: Honest) -> Answer:
    """Writing without the permission is refused with 401, and done all the same."""
    answer = await remembering(ask, honest)
    if writes(ask) and answer.status == 401:
        await as_administrator(ask, honest)
    return answer
