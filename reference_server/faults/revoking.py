"""Faults of POST /auth/revoke."""

from typing import Final

from reference_server.faults.auth import TOKEN, form_of, revoking
from reference_server.faults.authorization import as_administrator, remembering
from reference_server.faults.lying import Answer, Ask, Honest, fault

REVOKE: Final = "/auth/revoke"


async def allowed(ask: Ask, honest: Honest) -> bool:
    """Whether the request has a right token; nothing is revoked."""
    return (await honest(ask.with_json({}))).status == 200


@fault("auth.revoke-ends-the-token", "auth.revoke-as-a-form-ends-the-token", "auth.reader-may-revoke")
async def revokes_nothing(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/revoke answers 200, and the token lives on."""
    return await honest(ask.with_json({}) if ask.path == REVOKE else ask)


@fault("auth.revoke-as-a-form-ends-the-token")
async def revokes_nothing_by_form(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/revoke with a form answers 200, and the token lives on."""
    return await honest(ask.with_json({}) if ask.path == REVOKE and ask.json is None else ask)


@fault("auth.revoke-ends-the-token", "auth.revoke-of-no-known-token-ends-none")
async def revokes_the_token_of_the_header(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/revoke ends the token that authorises it, whatever its body says."""
    token = ask.headers.get("authorization", "").removeprefix("Bearer ")
    return await honest(revoking(ask, token, token) if ask.path == REVOKE and token else ask)


@fault("auth.revoke-leaves-other-tokens")
async def revokes_all_tokens_of_a_user(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/revoke ends all that the user of the token has."""
    answer = await honest(ask)
    tokens = ask.memory.setdefault("tokens", [])
    if ask.path == TOKEN and answer.status == 200:
        tokens.append((form_of(ask)["username"], answer.json["access_token"]))
    if ask.path == REVOKE and answer.status == 200:
        users = [user for user, token in tokens if token == form_of(ask).get("token")]
        for user, token in tokens:
            if user in users:
                await honest(revoking(ask, token, token))
    return answer


@fault("auth.revoke-leaves-other-tokens", "auth.revoke-of-no-known-token-ends-none")
async def revokes_the_last_token(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/revoke ends the token that was given last, whatever its body says."""
    answer = await honest(ask)
    if ask.path == TOKEN and answer.status == 200:
        ask.memory["last"] = answer.json["access_token"]
    if ask.path == REVOKE and answer.status == 200:
        await honest(revoking(ask, ask.memory["last"], ask.memory["last"]))
    return answer


@fault("auth.reader-may-revoke")
async def lets_only_administrators_revoke(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/revoke by a user who may only read is refused with 401."""
    if ask.path == REVOKE and ask.headers.get("authorization") in ask.memory.get("readers", []):
        return Answer(401)
    answer = await honest(ask)
    if ask.path == TOKEN and answer.status == 200 and form_of(ask)["username"] == "reader":
        ask.memory.setdefault("readers", []).append(f"Bearer {answer.json['access_token']}")
    return answer


@fault("auth.revoke-without-token-refused")
async def lets_anybody_revoke(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/revoke needs no token."""
    return await (as_administrator if ask.path == REVOKE else remembering)(ask, honest)


@fault("auth.revoke-without-token-refused")
async def revokes_what_it_refuses(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/revoke without a right token is refused with 401, and ends the token all the same."""
    answer = await remembering(ask, honest)
    if ask.path == REVOKE and answer.status == 401:
        await as_administrator(ask, honest)
    return answer


@fault("auth.revoke-of-no-known-token-ends-none")
async def refuses_to_revoke_an_unknown_token(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/revoke of a token that nobody was given is refused with 404."""
    answer = await honest(ask)
    tokens = ask.memory.setdefault("tokens", [])
    if ask.path == TOKEN and answer.status == 200:
        tokens.append(answer.json["access_token"])
    unknown = ask.path == REVOKE and answer.status == 200 and form_of(ask).get("token") not in tokens
    return Answer(404) if unknown else answer
