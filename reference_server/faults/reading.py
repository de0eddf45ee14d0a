"""Faults of GET /flows."""

from dataclasses import replace

from reference_server.faults.lying import Answer, Ask, Honest, error, fault


@fault("flows.get-without-version-gives-array")
async def reads_as_v2_without_a_version(ask: Ask, honest: Honest) -> Answer:
    """GET /flows without a version answers as v2."""
    if ask.reads and "node-red-api-version" not in ask.headers:
        return await honest(ask.under(node_red_api_version="v2"))
    return await honest(ask)


@fault("flows.get-v1-gives-array")
async def reads_v1_as_v2(ask: Ask, honest: Honest) -> Answer:
    """GET /flows under v1 answers as v2."""
    if ask.reads and ask.headers.get("node-red-api-version") == "v1":
        return await honest(ask.under(node_red_api_version="v2"))
    return await honest(ask)


@fault("flows.get-v2-gives-flows-and-rev")
async def reads_v2_as_v1(ask: Ask, honest: Honest) -> Answer:
    """GET /flows under v2 answers as v1."""
    return await honest(ask.under(node_red_api_version="v1") if ask.reads and ask.version == "v2" else ask)


@fault("flows.get-v2-gives-flows-and-rev")
async def forgets_rev(ask: Ask, honest: Honest) -> Answer:
    """GET /flows under v2 gives no rev."""
    answer = await honest(ask)
    if ask.reads and isinstance(answer.json, dict) and "flows" in answer.json:
        return answer.with_json({"flows": answer.json["flows"]})
    return answer


@fault("flows.get-v2-gives-flows-and-rev")
async def gives_rev_as_a_number(ask: Ask, honest: Honest) -> Answer:
    """GET /flows under v2 gives the rev as a number."""
    answer = await honest(ask)
    if ask.reads and isinstance(answer.json, dict) and "rev" in answer.json:
        return answer.with_json({**answer.json, "rev": int(answer.json["rev"][:8], 16)})
    return answer


@fault("flows.versions-give-the-same-flows", "flows.v1-round-trip")
async def hides_the_last_node_from_v1(ask: Ask, honest: Honest) -> Answer:
    """GET /flows under v1 leaves the last node out."""
    answer = await honest(ask)
    if ask.reads and isinstance(answer.json, list):
        return answer.with_json(answer.json[:-1])
    return answer


@fault("flows.get-gives-the-same-until-a-deploy")
async def changes_rev_at_every_read(ask: Ask, honest: Honest) -> Answer:
    """GET /flows gives another rev each time."""
    answer = await honest(ask)
    if ask.reads and isinstance(answer.json, dict) and "rev" in answer.json:
        ask.memory["reads"] = ask.memory.get("reads", 0) + 1
        return answer.with_json({**answer.json, "rev": f"{answer.json['rev']}-{ask.memory['reads']}"})
    return answer


@fault("flows.get-unknown-version-refused")
async def reads_unknown_versions_as_v1(ask: Ask, honest: Honest) -> Answer:
    """GET /flows takes an unknown version for v1."""
    return await honest(ask.under(node_red_api_version="v1") if ask.reads and ask.version != "v2" else ask)


@fault("flows.get-unknown-version-refused")
async def reads_by_the_digit_of_a_version(ask: Ask, honest: Honest) -> Answer:
    """GET /flows takes every version with a 2 in it for v2."""
    return await honest(ask.under(node_red_api_version="v2") if ask.reads and "2" in ask.version else ask)


@fault("flows.get-unknown-version-error", "flows.post-unknown-version-error", "flows.wrong-shape-error")
async def refuses_in_prose(ask: Ask, honest: Honest) -> Answer:
    """Every refusal with 400 is a sentence instead of an error object."""
    answer = await honest(ask)
    return Answer(400, {"content-type": "text/plain"}, b"Bad request") if answer.status == 400 else answer


@fault("flows.get-unknown-version-error", "flows.post-unknown-version-error")
async def has_another_code_for_an_unknown_version(ask: Ask, honest: Honest) -> Answer:
    """The refusal of an unknown version has the code unexpected_error."""
    answer = await honest(ask)
    wrong = isinstance(answer.json, dict) and answer.json.get("code") == "invalid_api_version"
    return error(400, "unexpected_error") if wrong else answer


@fault("transport.get-reply-is-labelled-json")
async def labels_reads_as_text(ask: Ask, honest: Honest) -> Answer:
    """The reply of GET /flows has the Content-Type text/plain."""
    answer = await honest(ask)
    return answer.under(content_type="text/plain") if ask.reads and answer.status == 200 else answer


@fault("transport.accept-json-gives-json")
async def answers_json_only_to_everything(ask: Ask, honest: Honest) -> Answer:
    """GET /flows with an Accept header other than */* gives a page."""
    if ask.reads and ask.headers.get("accept", "*/*") != "*/*":
        return Answer(200, {"content-type": "text/html"}, b"<p>Flows</p>")
    return await honest(ask)


@fault("transport.head-answers-as-get")
async def knows_no_head(ask: Ask, honest: Honest) -> Answer:
    """HEAD is answered with 404."""
    return Answer(404) if ask.method == "HEAD" else await honest(ask)


@fault("transport.changed-flows-are-modified", "transport.etag-tells-versions-apart")
async def answers_304_to_any_etag(ask: Ask, honest: Honest) -> Answer:
    """GET /flows with any ETag in If-None-Match answers 304."""
    return Answer(304) if ask.reads and "if-none-match" in ask.headers else await honest(ask)


@fault("transport.etag-tells-versions-apart")
async def has_one_etag_for_both_versions(ask: Ask, honest: Honest) -> Answer:
    """The ETag of v2 is the one of v1."""
    if not ask.reads:
        return await honest(ask)
    etag = (await honest(ask.reading("v1"))).headers.get("etag", "")
    if ask.headers.get("if-none-match") == etag:
        return Answer(304, {"etag": etag})
    answer = await honest(ask.under(if_none_match=None))
    return replace(answer, headers={"etag": etag, "content-type": "application/json"})
