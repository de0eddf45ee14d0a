"""Faults of logging in, and of what a token is worth."""

from dataclasses import replace
from typing import Final
from urllib.parse import parse_qsl

from reference_server.faults.authorization import as_administrator, remembering
from reference_server.faults.lying import Answer, Ask, Honest, Json, fault

LOGIN: Final = "/auth/login"
TOKEN: Final = "/auth/token"  # noqa: S105 - a path
ALTERED: Final = 60
"""Characters of a token that a careless server looks at."""

LOOK: Final = 3
"""Logins before any case: one for each role."""


def form_of(ask: Ask) -> dict[str, Json]:
    """The fields of a login."""
    return ask.json if isinstance(ask.json, dict) else dict(parse_qsl(ask.body.decode(), keep_blank_values=True))


def is_later_login(ask: Ask) -> bool:
    """Whether this is a login of a case, and not one before any case. Asked once for each request."""
    if ask.path != TOKEN:
        return False
    ask.memory["logins"] = ask.memory.get("logins", 0) + 1
    return bool(ask.memory["logins"] > LOOK)


def given(ask: Ask) -> Answer:
    """The reply that gives the administrator's token."""
    return Answer(200).with_json({"access_token": ask.memory["token"], "expires_in": 60, "token_type": "Bearer"})


@fault("auth.login-tells-whether-a-token-is-needed")
async def forgets_how_to_log_in(ask: Ask, honest: Honest) -> Answer:
    """GET /auth/login answers as if nobody had to log in, except the first time."""
    answer = await honest(ask)
    asked_before = ask.path == LOGIN and ask.memory.get("asked", False)
    ask.memory["asked"] = True
    return answer.with_json({}) if asked_before else answer


@fault("auth.login-asks-for-name-and-password")
async def prompts_for_a_password_alone(ask: Ask, honest: Honest) -> Answer:
    """GET /auth/login has no prompt for a name."""
    answer = await honest(ask)
    return answer.with_json({**answer.json, "prompts": answer.json["prompts"][1:]}) if ask.path == LOGIN else answer


@fault("auth.login-ignores-authorization")
async def minds_a_wrong_token_at_the_login_page(ask: Ask, honest: Honest) -> Answer:
    """GET /auth/login with a token that is none is refused with 401."""
    return Answer(401) if ask.path == LOGIN and "authorization" in ask.headers else await honest(ask)


@fault("auth.name-and-password-give-a-token")
async def takes_logins_as_forms_alone(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/token with JSON is refused with 401."""
    return Answer(401) if ask.path == TOKEN and ask.json is not None else await honest(ask)


@fault(
    "auth.name-and-password-give-a-token",
    "auth.login-as-a-form",
    "auth.both-clients-are-known",
    "auth.documented-scopes-are-given",
    "auth.every-login-gives-a-token-of-its-own",
)
async def gives_tokens_that_let_nobody_in(ask: Ask, honest: Honest) -> Answer:
    """A token that is given to a case lets its holder do nothing."""
    answer = await honest(ask)
    later = is_later_login(ask) and answer.status == 200
    return answer.with_json({**answer.json, "access_token": f"no-token-{ask.memory['logins']}"}) if later else answer


@fault("auth.login-as-a-form")
async def takes_later_logins_as_json_alone(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/token with a form is refused with 401, except the first few times."""
    return Answer(401) if is_later_login(ask) and ask.json is None else await honest(ask)


@fault("auth.both-clients-are-known")
async def knows_one_client(ask: Ask, honest: Honest) -> Answer:
    """The editor is no known client."""
    refused = ask.path == TOKEN and form_of(ask).get("client_id") == "node-red-editor"
    return Answer(401) if refused else await honest(ask)


@fault("auth.documented-scopes-are-given")
async def knows_one_scope(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/token with the scope `read` is refused."""
    return Answer(403) if is_later_login(ask) and form_of(ask).get("scope") == "read" else await honest(ask)


@fault("auth.token-reply-tells-when-it-expires")
async def never_says_when_a_token_expires(ask: Ask, honest: Honest) -> Answer:
    """The reply that gives a token has no `expires_in`."""
    answer = await honest(ask)
    if ask.path != TOKEN or answer.status != 200:
        return answer
    return answer.with_json({name: value for name, value in answer.json.items() if name != "expires_in"})


@fault("auth.token-reply-is-not-to-be-stored")
async def lets_tokens_be_stored(ask: Ask, honest: Honest) -> Answer:
    """The reply that gives a token may be stored."""
    answer = await honest(ask)
    return answer.under(cache_control="max-age=60") if ask.path == TOKEN else answer


@fault("auth.every-login-gives-a-token-of-its-own")
async def has_one_token_for_each_user(ask: Ask, honest: Honest) -> Answer:
    """Every later login of a user gives the same token again."""
    if not is_later_login(ask):
        return await honest(ask)
    tokens = ask.memory.setdefault("tokens", {})
    name = form_of(ask).get("username")
    if name not in tokens:
        tokens[name] = await honest(ask)
    return tokens[name] if tokens[name].status == 200 else await honest(ask)


@fault("auth.every-login-gives-a-token-of-its-own")
async def ends_the_last_token_at_login(ask: Ask, honest: Honest) -> Answer:
    """Every later login ends the token of the one before."""
    answer = await honest(ask)
    if is_later_login(ask) and answer.status == 200:
        if last := ask.memory.get("last"):
            await honest(revoking(ask, last, last))
        ask.memory["last"] = answer.json["access_token"]
    return answer


def revoking(ask: Ask, bearer: str, token: str) -> Ask:
    """The request that ends a token in the name of whoever has another."""
    request = replace(ask, method="POST", path="/auth/revoke", query="", headers={}).with_json({"token": token})
    return request.under(authorization=f"Bearer {bearer}")


@fault("auth.old-token-does-not-hinder-a-login")
async def minds_a_wrong_token_at_login(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/token with a token that is none is refused with 401."""
    return Answer(401) if ask.path == TOKEN and "authorization" in ask.headers else await honest(ask)


@fault("auth.wrong-password-refused")
async def takes_any_password_at_login(ask: Ask, honest: Honest) -> Answer:
    """Any password will do for a user who is known."""
    answer = await remembering(ask, honest)
    known = form_of(ask).get("username") in ("admin", "reader") if ask.path == TOKEN else False
    return given(ask) if known and answer.status == 403 else answer


@fault("auth.wrong-password-refused", "auth.unknown-user-refused")
async def gives_a_token_with_its_refusal(ask: Ask, honest: Honest) -> Answer:
    """The refusal of a login has the status 403, and a token."""
    answer = await remembering(ask, honest)
    return replace(given(ask), status=403) if ask.path == TOKEN and answer.status == 403 else answer


@fault("auth.unknown-user-refused")
async def takes_any_name(ask: Ask, honest: Honest) -> Answer:
    """Whoever has a name that nobody knows may log in."""
    answer = await remembering(ask, honest)
    unknown = ask.path == TOKEN and form_of(ask).get("username") not in ("admin", "reader")
    return given(ask) if unknown and answer.status == 403 else answer


@fault("auth.login-without-name-or-password-refused")
async def takes_a_login_without_a_password(ask: Ask, honest: Honest) -> Answer:
    """Whoever gives no password may log in."""
    answer = await remembering(ask, honest)
    without = ask.path == TOKEN and answer.status == 400 and not form_of(ask).get("password")
    return given(ask) if without else answer


@fault("auth.login-without-name-or-password-refused")
async def takes_a_login_without_a_name(ask: Ask, honest: Honest) -> Answer:
    """Whoever gives a password and no name is the administrator."""
    answer = await remembering(ask, honest)
    without = ask.path == TOKEN and answer.status == 400 and not form_of(ask).get("username")
    return given(ask) if without else answer


@fault("auth.unknown-client-refused")
async def takes_any_client(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/token does not look at `client_id`."""
    return await honest(with_fields(ask, client_id="node-red-admin"))


@fault("auth.unknown-client-refused")
async def refuses_unknown_clients_with_400(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/token of an unknown client is refused with 400."""
    answer = await honest(ask)
    return replace(answer, status=400) if ask.path == TOKEN and answer.status == 401 else answer


@fault("auth.other-grant-type-refused")
async def takes_any_grant_type(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/token does not look at `grant_type`."""
    return await honest(with_fields(ask, grant_type="password"))


def with_fields(ask: Ask, **fields: str) -> Ask:
    """The login with these fields; another request as it is."""
    return ask.with_json({**form_of(ask), **fields}) if ask.path == TOKEN else ask


@fault("auth.read-scope-limits-the-token", "auth.narrow-scope-limits-the-token")
async def gives_more_than_was_asked_for(ask: Ask, honest: Honest) -> Answer:
    """Every later login gives a token for all that the user may do."""
    return await honest(with_fields(ask, scope="") if is_later_login(ask) else ask)


@fault("auth.narrow-scope-limits-the-token")
async def hears_the_first_word_of_a_scope(ask: Ask, honest: Honest) -> Answer:
    """Of several permissions in a scope the first alone is given."""
    scope = str(form_of(ask).get("scope", "")) if ask.path == TOKEN else ""
    return await honest(with_fields(ask, scope=scope.split()[0]) if " " in scope else ask)


@fault("auth.scope-never-exceeds-the-user", "auth.scope-beyond-the-user-refused")
async def gives_whatever_scope_is_asked_for(ask: Ask, honest: Honest) -> Answer:
    """A user is given a token of any scope, and it works."""
    answer = await remembering(ask, honest)
    beyond = ask.path == TOKEN and answer.status == 403 and form_of(ask).get("username") == "reader"
    return given(ask) if beyond else answer


@fault("auth.scope-beyond-the-user-refused")
async def gives_less_than_was_asked_for(ask: Ask, honest: Honest) -> Answer:
    """A scope beyond the user's permissions gives a token for these."""
    answer = await honest(ask)
    return await honest(with_fields(ask, scope="")) if ask.path == TOKEN and answer.status == 403 else answer


@fault("auth.empty-scope-is-all-of-the-user")
async def refuses_an_empty_scope(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/token with an empty scope gives no token."""
    return Answer(403) if ask.path == TOKEN and form_of(ask).get("scope") == "" else await honest(ask)


@fault("auth.empty-scope-is-all-of-the-user")
async def overlooks_what_is_empty_in_a_form(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/token with an empty scope in a form gives a token for nothing."""
    empty = ask.path == TOKEN and ask.json is None and form_of(ask).get("scope") == ""
    return await honest(replace(ask, body=ask.body.replace(b"scope=&", b"")) if empty else ask)


@fault("auth.altered-token-is-worth-nothing")
async def looks_at_the_beginning_of_a_token(ask: Ask, honest: Honest) -> Answer:
    """A token counts by its first characters."""
    answer = await honest(ask)
    tokens = ask.memory.setdefault("tokens", {})
    if ask.path == TOKEN and answer.status == 200:
        tokens[answer.json["access_token"][:ALTERED]] = answer.json["access_token"]
    token = ask.headers.get("authorization", "").removeprefix("Bearer ")
    return await honest(ask.under(authorization=f"Bearer {tokens.get(token[:ALTERED], token)}")) if token else answer


@fault("auth.altered-token-is-worth-nothing")
async def takes_any_long_token(ask: Ask, honest: Honest) -> Answer:
    """Any token that is as long as a token counts as the administrator's."""
    answer = await remembering(ask, honest)
    long = len(ask.headers.get("authorization", "")) > ALTERED
    return await as_administrator(ask, honest) if answer.status == 401 and long else answer
