"""Faults of the statuses that the page about errors lists, and of what explains a refusal."""

from reference_server.faults.lying import FLOWS, Answer, Ask, Honest, error, fault


@fault("transport.success-is-200-with-a-result")
async def answers_203(ask: Ask, honest: Honest) -> Answer:
    """GET /auth/login answers 203."""
    answer = await honest(ask)
    return Answer(203, answer.headers, answer.body) if ask.path == "/auth/login" else answer


@fault("transport.bad-request-explains-itself")
async def explains_under_another_name(ask: Ask, honest: Honest) -> Answer:
    """A refusal with 400 has `error` in place of `code`."""
    answer = await honest(ask)
    if answer.status == 400 and isinstance(answer.json, dict) and "code" in answer.json:
        return answer.with_json({"error": answer.json["code"], "message": answer.json.get("message")})
    return answer


@fault("transport.bad-request-explains-itself")
async def gives_numbers_as_codes(ask: Ask, honest: Honest) -> Answer:
    """A POST that is refused with 400 has the code 400."""
    answer = await honest(ask)
    if answer.status == 400 and ask.method == "POST":
        return answer.with_json({"code": 400, "message": "Bad request"})
    return answer


@fault("transport.unexpected-error-has-its-code")
async def has_another_code_for_a_wrong_shape(ask: Ask, honest: Honest) -> Answer:
    """The refusal of a deployment of the wrong shape has the code bad_request."""
    answer = await honest(ask)
    return error(400, "bad_request") if ask.posts and answer.status == 400 else answer


@fault("transport.missing-token-is-401")
async def answers_403_without_a_token(ask: Ask, honest: Honest) -> Answer:
    """GET /settings without a token is answered with 403."""
    answer = await honest(ask)
    return Answer(403) if answer.status == 401 and ask.path == "/settings" else answer


@fault("transport.missing-token-is-401")
async def shows_settings_without_a_token(ask: Ask, honest: Honest) -> Answer:
    """GET /settings without a token is answered with 200 and the version."""
    answer = await honest(ask)
    if answer.status == 401 and ask.path == "/settings":
        return Answer(200).with_json({"httpNodeRoot": "/", "version": "5.0.7"})
    return answer


@fault("transport.missing-resource-is-404")
async def gives_an_empty_object_for_an_unknown_flow(ask: Ask, honest: Honest) -> Answer:
    """GET /flow/:id of an unknown flow is answered with 200 and an empty object."""
    answer = await honest(ask)
    unknown = answer.status == 404 and ask.method == "GET" and ask.path.startswith("/flow/")
    return Answer(200).with_json({}) if unknown else answer


@fault("transport.missing-resource-is-404")
async def refuses_an_unknown_module_with_400(ask: Ask, honest: Honest) -> Answer:
    """GET /nodes/:module of an unknown module is answered with 400."""
    answer = await honest(ask)
    unknown = answer.status == 404 and ask.method == "GET" and ask.path.startswith("/nodes/")
    return error(400, "not_found") if unknown else answer


@fault("transport.version-mismatch-is-409")
async def answers_412_to_a_stale_rev(ask: Ask, honest: Honest) -> Answer:
    """A stale rev is refused with 412."""
    answer = await honest(ask)
    return Answer(412, answer.headers, answer.body) if answer.status == 409 else answer


@fault("transport.version-mismatch-is-409")
async def answers_409_and_deploys(ask: Ask, honest: Honest) -> Answer:
    """A stale rev is refused with 409, and the flows are deployed."""
    answer = await honest(ask)
    if answer.status == 409 and ask.path == FLOWS:
        await honest(ask.without_rev())
    return answer


@fault("transport.secrets-in-no-reply")
async def tells_the_token(ask: Ask, honest: Honest) -> Answer:
    """GET /settings gives the token that it was asked with."""
    answer = await honest(ask)
    if ask.path == "/settings" and isinstance(answer.json, dict):
        return answer.with_json({**answer.json, "session": ask.headers.get("authorization", "")[len("Bearer ") :]})
    return answer


@fault("transport.secrets-in-no-reply")
async def sets_the_token_as_a_cookie(ask: Ask, honest: Honest) -> Answer:
    """The reply to a request with a token sets it as a cookie."""
    answer = await honest(ask)
    token = ask.headers.get("authorization", "").removeprefix("Bearer ")
    return answer.under(set_cookie=f"token={token}") if token and answer.status == 200 else answer


@fault("transport.secrets-in-no-reply-to-a-reader")
async def tells_a_reader_the_admins_password(ask: Ask, honest: Honest) -> Answer:
    """GET /settings gives to who may only read the password that the admin logged in with."""
    if b"username" in ask.body and ask.path == "/auth/token":
        ask.memory.setdefault("logins", []).append(ask.body.decode())
    answer = await honest(ask)
    if ask.path == "/settings" and isinstance(answer.json, dict):
        reads_only = answer.json.get("user", {}).get("permissions") == "read"
        return answer.with_json({**answer.json, "adminAuth": ask.memory.get("logins")}) if reads_only else answer
    return answer


@fault("transport.secrets-in-no-refusal")
async def repeats_the_token_it_refuses(ask: Ask, honest: Honest) -> Answer:
    """A 401 repeats the Authorization header."""
    answer = await honest(ask)
    refused = ask.headers.get("authorization", "")
    return Answer(401, answer.headers, f"Unauthorized: {refused}".encode()) if answer.status == 401 else answer


@fault("transport.secrets-in-no-refusal")
async def repeats_the_request_it_refuses(ask: Ask, honest: Honest) -> Answer:
    """An error object holds the headers of the request that it refuses."""
    answer = await honest(ask)
    if answer.status == 400 and isinstance(answer.json, dict):
        return answer.with_json({**answer.json, "request": dict(ask.headers)})
    return answer


@fault("transport.password-in-no-refused-login")
async def repeats_the_password_it_refuses(ask: Ask, honest: Honest) -> Answer:
    """A login that fails is answered with what was sent."""
    answer = await honest(ask)
    failed = ask.path == "/auth/token" and answer.status >= 400
    return Answer(answer.status, {"content-type": "text/plain"}, ask.body) if failed else answer


@fault("transport.secrets-in-nothing-received")
async def names_who_deployed_by_the_token(ask: Ask, honest: Honest) -> Answer:
    """The reply to a deployment has a header with the Authorization that it came with."""
    answer = await honest(ask)
    return answer.under(x_deployed_by=ask.headers.get("authorization", "nobody")) if ask.posts else answer


@fault("transport.secrets-in-nothing-received")
async def answers_a_new_flow_with_its_request(ask: Ask, honest: Honest) -> Answer:
    """The reply to a flow that was added holds the headers of the request."""
    answer = await honest(ask)
    if ask.method == "POST" and ask.path == "/flow" and isinstance(answer.json, dict):
        return answer.with_json({**answer.json, "request": dict(ask.headers)})
    return answer
