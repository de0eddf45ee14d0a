"""Faults of tokens, settings, the palette, credentials and contexts: right for the wrong user or at the wrong time."""

import re
import time
from dataclasses import replace
from typing import Final

from reference_server.faults.documented_flows import field, flow_of, form_of, given, is_reader, own
from reference_server.faults.lying import Answer, Ask, Honest, fault

MODULE: Final = re.compile(r"/nodes/[^/@]+")
"""The path of a module without a scope."""

SET: Final = re.compile(r"(/nodes/[^/@]+)/[^/]+")
"""The path of a set in such a module."""

OF_A_FLOW: Final = re.compile(r"/context/flow/[^/]+/(.+)")
"""The path of a value in a flow's context."""

COMPARED: Final = 32
"""The characters of a token that a careless server compares."""

FRESH: Final = 5
"""Seconds for which a cache keeps a reply."""


def bearer(ask: Ask) -> str:
    """The token in the request's header, empty where there is none."""
    scheme, _, token = ask.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def is_to(ask: Ask, method: str, path: str) -> bool:
    """Whether the request is of that method and to that path."""
    return (ask.method, ask.path) == (method, path)


@fault("auth.read-scope-limits-the-token")
async def read_scope_gives_all(ask: Ask, honest: Honest) -> Answer:
    """Answers a login of scope read with a token for all that the user may do."""
    answer = await honest(ask)
    if not is_to(ask, "POST", "/auth/token") or answer.status != 200 or form_of(ask).get("scope") != "read":
        return answer
    wider = await honest(ask.with_json({**form_of(ask), "scope": "*"}))
    return wider if wider.status == 200 else answer


@fault("auth.revoke-ends-the-token")
async def revocation_ends_the_callers_token(ask: Ask, honest: Honest) -> Answer:
    """Revokes the token that a request is made with, and not the one that its body names."""
    if is_to(ask, "POST", "/auth/revoke") and bearer(ask) and field(form_of(ask), "token"):
        return await honest(ask.with_json({"token": bearer(ask)}))
    return await honest(ask)


@fault("auth.every-login-gives-a-token-of-its-own")
async def new_login_ends_the_one_before(ask: Ask, honest: Honest) -> Answer:
    """Keeps one token for each user, so that a login ends the one that the same user made before it."""
    answer = await honest(ask)
    token = field(answer.json, "access_token")
    if is_to(ask, "POST", "/auth/token") and token:
        name = str(form_of(ask).get("username"))
        old, ask.memory[name] = ask.memory.get(name), token
        revoked = own(ask, "POST", "/auth/revoke", {"token": old}).under(authorization=f"Bearer {old}")
        await honest(revoked)
    return answer


@fault("auth.altered-token-is-worth-nothing")
async def token_is_compared_by_its_beginning(ask: Ask, honest: Honest) -> Answer:
    """Lets in a token that begins as a right one does, whatever comes after."""
    tokens = ask.memory.setdefault("tokens", {})
    known = tokens.get(bearer(ask)[:COMPARED])
    answer = await honest(ask.under(authorization=f"Bearer {known}") if known else ask)
    token = field(answer.json, "access_token") if is_to(ask, "POST", "/auth/token") else None
    if token:
        tokens[token[:COMPARED]] = token
    return answer


@fault("flows.get-without-permission-refused")
async def cached_flows_are_for_everybody(ask: Ask, honest: Honest) -> Answer:
    """Answers GET /flows without a right token out of a cache, where somebody with one has just read them."""
    answer = await honest(ask)
    if ask.reads and answer.status == 200:
        ask.memory[ask.version] = time.monotonic(), answer
    at, cached = ask.memory.get(ask.version, (0.0, answer))
    refused = ask.reads and answer.status == 401 and time.monotonic() - at < FRESH
    return cached if refused else answer


@fault("auth.delete-flow-needs-flows-write")
async def refused_delete_is_done_all_the_same(ask: Ask, honest: Honest) -> Answer:
    """Refuses DELETE /flow/:id to a user who may only read, and removes the flow by the token of who may write."""
    answer = await honest(ask)
    if ask.method != "GET" and ask.path.startswith("/flow") and answer.status in (200, 204):
        ask.memory["writer"] = ask.headers.get("authorization")
    writer = ask.memory.get("writer")
    if ask.method == "DELETE" and flow_of(ask) and answer.status == 401 and writer and await is_reader(ask, honest):
        await honest(ask.under(authorization=writer))
    return answer


@fault("settings.user-is-who-asks")
async def settings_make_everyone_an_administrator(ask: Ask, honest: Honest) -> Answer:
    """Answers GET /settings with the permissions of an administrator, whoever asks."""
    answer = await honest(ask)
    user = field(answer.json, "user") if is_to(ask, "GET", "/settings") else None
    return answer.with_json({**answer.json, "user": {**user, "permissions": "*"}}) if user else answer


@fault("flow.json-with-charset-adds", "flows.json-with-charset-deploys")
async def json_with_a_charset_is_not_read(ask: Ask, honest: Honest) -> Answer:
    """Reads a body as JSON only where its type says so in one word, and takes one with a charset for no JSON at all."""
    name, charset, _ = ask.headers.get("content-type", "").partition(";")
    return await honest(ask.under(content_type="text/plain") if charset and name == "application/json" else ask)


@fault("diagnostics.state-is-that-of-the-flows")
async def diagnostics_state_is_the_first(ask: Ask, honest: Honest) -> Answer:
    """Answers GET /diagnostics with the flows' state as it was when that was first asked."""
    answer = await honest(ask)
    if not is_to(ask, "GET", "/diagnostics") or answer.status != 200:
        return answer
    runtime = answer.json["runtime"]
    first = ask.memory.setdefault("flows", runtime["flows"])
    return answer.with_json({**answer.json, "runtime": {**runtime, "flows": first}})


@fault("install.module-disabled")
async def module_change_leaves_out_the_last_set(ask: Ask, honest: Honest) -> Answer:
    """Enables or disables a module but for its last set, and answers as if all of them were."""
    changes = ask.method == "PUT" and MODULE.fullmatch(ask.path) is not None
    sets = field((await honest(own(ask, "GET", ask.path))).json, "nodes") if changes else None
    answer = await honest(ask)
    if sets and answer.status == 200:
        last = sets[-1]
        await honest(own(ask, "PUT", f"/nodes/{last['id']}", {"enabled": last["enabled"]}))
    return answer


@fault("nodes.set-disabled", "nodes.set-enabled-again")
async def changed_set_is_answered_as_its_module(ask: Ask, honest: Honest) -> Answer:
    """Answers PUT /nodes/:module/:set with the module that the set belongs to."""
    answer = await honest(ask)
    match = SET.fullmatch(ask.path) if ask.method == "PUT" else None
    return await honest(own(ask, "GET", match[1])) if match and answer.status == 200 else answer


@fault("install.installed-name-refused")
async def second_install_succeeds(ask: Ask, honest: Honest) -> Answer:
    """Answers POST /nodes for a module that is there already with the module, and not with a refusal."""
    answer = await honest(ask)
    if is_to(ask, "POST", "/nodes") and field(answer.json, "code") == "module_already_loaded":
        known = await honest(own(ask, "GET", f"/nodes/{field(ask.json, 'module')}"))
        return known if known.status == 200 else answer
    return answer


@fault("install.module-removed")
async def removed_module_is_still_listed(ask: Ask, honest: Honest) -> Answer:
    """Answers GET /nodes with the sets of modules that were removed."""
    gone = ask.memory.setdefault("gone", {})
    removes = ask.method == "DELETE" and ask.path.startswith("/nodes/")
    sets = field((await honest(own(ask, "GET", ask.path))).json, "nodes") if removes else None
    answer = await honest(ask)
    if removes and answer.status == 204:
        gone.update({node_set["id"]: node_set for node_set in sets or []})
    if not is_to(ask, "GET", "/nodes") or not isinstance(answer.json, list):
        return answer
    listed = [node_set["id"] for node_set in answer.json]
    return answer.with_json([*answer.json, *(gone[key] for key in gone if key not in listed)])


@fault("flows.credentials-never-given-back")
async def credentials_come_back_in_v2(ask: Ask, honest: Honest) -> Answer:
    """Answers GET /flows in v2 with the credentials of each node as they were deployed with it."""
    answer = await honest(ask)
    kept = ask.memory.setdefault("credentials", {})
    if answer.status in (200, 204):
        secret = [node for node in given(ask) or [] if field(node, "credentials")]
        kept.update({str(node.get("id")): {"credentials": node["credentials"]} for node in secret})
    if not ask.reads or ask.version != "v2" or answer.status != 200:
        return answer
    told = [
        node | kept.get(str(node.get("id")), {}) if isinstance(node, dict) else node for node in answer.json["flows"]
    ]
    return answer.with_nodes(ask, told)


@fault("context.delete-leaves-other-scopes")
async def deleted_flow_value_goes_globally_too(ask: Ask, honest: Honest) -> Answer:
    """Removes a value from a flow's context, and the one of the same key from the global context with it."""
    answer = await honest(ask)
    match = OF_A_FLOW.fullmatch(ask.path) if ask.method == "DELETE" else None
    if match and answer.status == 204:
        await honest(replace(ask, path=f"/context/global/{match[1]}", raw_path=""))
    return answer
