"""Faults of logins and of tokens that come to light later than at the login itself, or in another way of doing it."""

from dataclasses import replace

from reference_server.faults.auth import LOGIN, TOKEN, form_of, given, is_later_login, with_fields
from reference_server.faults.authorization import as_administrator, remembering
from reference_server.faults.lying import Answer, Ask, Honest, fault


@fault("auth.login-tells-whether-a-token-is-needed")
async def shows_how_to_log_in_until_somebody_has(ask: Ask, honest: Honest) -> Answer:
    """GET /auth/login is refused with 401 once somebody has logged in."""
    ask.memory["logged in"] = ask.memory.get("logged in") or ask.path == TOKEN
    return Answer(401) if ask.path == LOGIN and ask.memory["logged in"] else await honest(ask)


@fault("auth.login-asks-for-name-and-password")
async def shows_the_password_while_it_is_typed(ask: Ask, honest: Honest) -> Answer:
    """GET /auth/login has a prompt for the password that is of the type `text`."""
    answer = await honest(ask)
    if ask.path != LOGIN:
        return answer
    return answer.with_json({**answer.json, "prompts": [{**one, "type": "text"} for one in answer.json["prompts"]]})


@fault("auth.login-ignores-authorization")
async def shows_no_login_to_who_sends_a_token(ask: Ask, honest: Honest) -> Answer:
    """GET /auth/login with an Authorization header answers as if nobody had to log in."""
    answer = await honest(ask)
    return answer.with_json({}) if ask.path == LOGIN and "authorization" in ask.headers else answer


@fault("auth.token-reply-tells-when-it-expires")
async def says_in_words_when_a_token_expires(ask: Ask, honest: Honest) -> Answer:
    """The reply that gives a token has an `expires_in` of `7 days`, except at the first few logins."""
    later, answer = is_later_login(ask), await honest(ask)
    return answer.with_json({**answer.json, "expires_in": "7 days"}) if later and answer.status == 200 else answer


@fault("auth.token-reply-is-not-to-be-stored")
async def lets_tokens_be_stored_that_forms_got(ask: Ask, honest: Honest) -> Answer:
    """The reply that gives a token to a form may be stored."""
    answer = await honest(ask)
    return answer.under(cache_control="private") if ask.path == TOKEN and ask.json is None else answer


@fault("auth.old-token-does-not-hinder-a-login")
async def gives_the_old_token_back(ask: Ask, honest: Honest) -> Answer:
    """POST /auth/token with a token gives that token again, whatever it is worth."""
    answer = await honest(ask)
    old = ask.headers.get("authorization", "").removeprefix("Bearer ")
    again = ask.path == TOKEN and answer.status == 200 and old
    return answer.with_json({**answer.json, "access_token": old}) if again else answer


@fault("auth.other-grant-type-refused")
async def gives_a_token_with_501(ask: Ask, honest: Honest) -> Answer:
    """Another `grant_type` than `password` is refused with 501, and a token in the body."""
    answer = await honest(ask)
    if ask.path != TOKEN or answer.status != 501:
        return answer
    return replace(await honest(with_fields(ask, grant_type="password")), status=501)


@fault("auth.read-scope-limits-the-token")
async def limits_tokens_at_flows_alone(ask: Ask, honest: Honest) -> Answer:
    """POST /flow needs a token, and no permission."""
    answer = await remembering(ask, honest)
    added = ask.method == "POST" and ask.path == "/flow" and answer.status == 401 and not answer.body
    return await as_administrator(ask, honest) if added else answer


@fault("auth.scope-never-exceeds-the-user")
async def gives_single_permissions_to_everybody(ask: Ask, honest: Honest) -> Answer:
    """A user is given a token of any scope that is a single permission, and it works."""
    answer = await remembering(ask, honest)
    if ask.path != TOKEN or answer.status != 403 or "." not in form_of(ask).get("scope", ""):
        return answer
    return given(ask)
