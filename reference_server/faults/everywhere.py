"""Faults of HTTP on other routes than /flows, which has modules of its own."""

import asyncio
import gzip
from dataclasses import replace

from reference_server.faults.lying import Answer, Ask, Honest, error, fault

SETTINGS = "/settings"
LOGIN = "/auth/login"


def gets(ask: Ask, path: str) -> bool:
    """Whether this is GET of the path."""
    return ask.method == "GET" and ask.path == path


@fault("transport.reading-is-no-server-error")
async def fails_where_it_reads(ask: Ask, honest: Honest) -> Answer:
    """GET /context/global is answered with 500."""
    return Answer(500) if gets(ask, "/context/global") else await honest(ask)


@fault("transport.every-route-is-labelled-json")
async def labels_settings_as_html(ask: Ask, honest: Honest) -> Answer:
    """The reply of GET /settings has the Content-Type text/html."""
    answer = await honest(ask)
    return answer.under(content_type="text/html") if gets(ask, SETTINGS) else answer


@fault("transport.every-route-is-labelled-json")
async def labels_a_page_as_json(ask: Ask, honest: Honest) -> Answer:
    """GET /auth/login is a page labelled as JSON, to whoever has a token."""
    if gets(ask, LOGIN) and "authorization" in ask.headers:
        return Answer(200, {"content-type": "application/json"}, b"<p>Log in</p>")
    return await honest(ask)


@fault("transport.every-route-is-utf-8")
async def labels_settings_as_latin_1(ask: Ask, honest: Honest) -> Answer:
    """The reply of GET /settings says that it is in ISO-8859-1."""
    answer = await honest(ask)
    return answer.under(content_type="application/json; charset=iso-8859-1") if gets(ask, SETTINGS) else answer


@fault("transport.every-route-answers-head")
async def knows_head_of_flows_alone(ask: Ask, honest: Honest) -> Answer:
    """HEAD of any route but /flows is answered with 404."""
    return Answer(404) if ask.method == "HEAD" and ask.path != "/flows" else await honest(ask)


@fault("transport.every-route-answers-head")
async def labels_head_as_text(ask: Ask, honest: Honest) -> Answer:
    """HEAD of /settings has the Content-Type text/plain."""
    answer = await honest(ask)
    return answer.under(content_type="text/plain") if ask.method == "HEAD" and ask.path == SETTINGS else answer


@fault("transport.identity-is-not-compressed")
async def always_compresses(ask: Ask, honest: Honest) -> Answer:
    """GET /settings is gzipped, whatever the client accepts."""
    answer = await honest(ask)
    return compressed(answer) if gets(ask, SETTINGS) and answer.status == 200 else answer


@fault("transport.gzip-gives-the-same")
async def compresses_an_old_reply(ask: Ask, honest: Honest) -> Answer:
    """What GET /auth/login gives to a client that accepts gzip alone is gzipped, and something else."""
    if gets(ask, LOGIN) and ask.headers.get("accept-encoding") == "gzip":
        return compressed(Answer(200).with_json({}))
    return await honest(ask)


def compressed(answer: Answer) -> Answer:
    """The reply with its body gzipped."""
    return replace(answer, body=gzip.compress(answer.body)).under(content_encoding="gzip")


@fault("transport.unknown-etag-is-modified")
async def answers_304_to_any_etag_elsewhere(ask: Ask, honest: Honest) -> Answer:
    """GET with any ETag in If-None-Match answers 304, on every route but /flows."""
    return Answer(304) if "if-none-match" in ask.headers and ask.path != "/flows" else await honest(ask)


@fault("transport.many-requests-in-a-row-answered")
async def tires_of_a_client(ask: Ask, honest: Honest) -> Answer:
    """From the hundred and fiftieth request on every answer is 503."""
    ask.memory["requests"] = ask.memory.get("requests", 0) + 1
    return Answer(503) if ask.memory["requests"] > 150 else await honest(ask)


@fault("transport.many-requests-in-a-row-answered")
async def mixes_replies_up(ask: Ask, honest: Honest) -> Answer:
    """Every fiftieth reply is the one before it once more."""
    ask.memory["requests"] = ask.memory.get("requests", 0) + 1
    before, answer = ask.memory.get("before"), await honest(ask)
    ask.memory["before"] = answer
    return before if before and ask.method == "GET" and ask.memory["requests"] % 50 == 0 else answer


@fault("transport.crowd-is-answered")
async def fears_a_crowd(ask: Ask, honest: Honest) -> Answer:
    """Whoever reads the flows while five others do is answered with 503."""
    if not ask.reads:
        return await honest(ask)
    ask.memory["reading"] = ask.memory.get("reading", 0) + 1
    try:
        await asyncio.sleep(0.05)
        return Answer(503) if ask.memory["reading"] > 5 else await honest(ask)
    finally:
        ask.memory["reading"] -= 1


@fault("transport.unknown-query-ignored-everywhere")
async def refuses_queries_elsewhere(ask: Ask, honest: Honest) -> Answer:
    """GET /settings with a query is answered with 400."""
    return error(400, "invalid_request") if gets(ask, SETTINGS) and ask.query else await honest(ask)


@fault("transport.unknown-query-ignored-everywhere")
async def takes_a_query_for_a_filter(ask: Ask, honest: Honest) -> Answer:
    """GET /auth/login with a query gives an empty object."""
    return Answer(200).with_json({}) if gets(ask, LOGIN) and ask.query else await honest(ask)


@fault("transport.two-kilobyte-query-accepted")
async def knows_short_queries(ask: Ask, honest: Honest) -> Answer:
    """A query of more than a thousand characters is answered with 414."""
    return Answer(414) if len(ask.query) > 1000 else await honest(ask)


@fault("transport.unknown-headers-ignored")
async def refuses_cookies(ask: Ask, honest: Honest) -> Answer:
    """A request with a cookie that the server did not set is answered with 400."""
    return Answer(400) if "cookie" in ask.headers else await honest(ask)


@fault("transport.unknown-headers-ignored")
async def knows_few_headers(ask: Ask, honest: Honest) -> Answer:
    """A request with more than fifty headers is answered with 431."""
    return Answer(431) if len(ask.headers) > 50 else await honest(ask)


@fault("transport.accept-language-changes-no-data")
async def translates_data(ask: Ask, honest: Honest) -> Answer:
    """GET /settings for a client that wants German gives the version under another name."""
    answer = await honest(ask)
    german = ask.headers.get("accept-language", "").startswith("de")
    return answer.with_json({"Version": answer.json["version"]}) if german and gets(ask, SETTINGS) else answer


@fault("transport.long-url-survived")
async def fails_at_a_long_url(ask: Ask, honest: Honest) -> Answer:
    """A URL of eight thousand characters is answered with 500."""
    return Answer(500) if len(ask.query) > 8000 else await honest(ask)


@fault("transport.bad-percent-encoding-survived")
async def fails_at_a_stray_percent_sign(ask: Ask, honest: Honest) -> Answer:
    """A path with a `%` that encodes nothing is answered with 500."""
    return Answer(500) if "%" in ask.path else await honest(ask)


@fault("transport.bad-percent-encoding-survived")
async def reads_flows_at_a_stray_percent_sign(ask: Ask, honest: Honest) -> Answer:
    """A path with bytes that are no UTF-8 is taken for /flows."""
    return await honest(ask.reading()) if "\ufffd" in ask.path else await honest(ask)


@fault("transport.percent-encoded-id-is-the-id")
async def takes_escapes_literally(ask: Ask, honest: Honest) -> Answer:
    """A flow whose id is percent-encoded in the path is unknown."""
    escaped = ask.path.startswith("/flow/") and "%" in ask.raw_path
    return error(404, "not_found") if escaped else await honest(ask)


@fault("transport.expect-continue-accepted")
async def meets_no_expectations(ask: Ask, honest: Honest) -> Answer:
    """A request with an Expect header is answered with 417."""
    return Answer(417) if "expect" in ask.headers else await honest(ask)


@fault("transport.chunked-flow-accepted")
async def needs_a_length_for_a_flow(ask: Ask, honest: Honest) -> Answer:
    """A flow in chunks is answered with 411."""
    chunked = "transfer-encoding" in ask.headers and ask.path.startswith("/flow/")
    return Answer(411) if chunked else await honest(ask)


@fault("transport.chunked-flow-accepted")
async def reads_no_chunks_of_a_flow(ask: Ask, honest: Honest) -> Answer:
    """Of a flow in chunks nothing but its nodes is stored."""
    if "transfer-encoding" in ask.headers and ask.path.startswith("/flow") and isinstance(ask.json, dict):
        return await honest(ask.with_json({"nodes": ask.json.get("nodes", [])}))
    return await honest(ask)


@fault("transport.delete-with-empty-body-accepted")
async def wants_a_body_where_it_is_announced(ask: Ask, honest: Honest) -> Answer:
    """DELETE that is labelled as JSON and has no body is answered with 400."""
    labelled = ask.method == "DELETE" and "content-type" in ask.headers
    return error(400, "unexpected_error") if labelled and not ask.body else await honest(ask)


@fault("transport.unsupported-methods-change-nothing")
async def accepts_any_method(ask: Ask, honest: Honest) -> Answer:
    """PUT and PATCH on /settings answer 204."""
    return Answer(204) if ask.method in ("PUT", "PATCH") and ask.path == SETTINGS else await honest(ask)


@fault("transport.unsupported-methods-change-nothing")
async def empties_the_flows_by_an_unsupported_method(ask: Ask, honest: Honest) -> Answer:
    """DELETE on /settings is answered with 404, and deletes the flows."""
    answer = await honest(ask)
    if ask.method == "DELETE" and ask.path == SETTINGS:
        await honest(replace(ask, method="POST", path="/flows").with_json([]))
    return answer


@fault("transport.unknown-route-is-404-to-any-method")
async def accepts_what_it_does_not_know(ask: Ask, honest: Honest) -> Answer:
    """POST on a path that the API does not have answers 200."""
    answer = await honest(ask)
    return Answer(200).with_json({}) if answer.status == 404 and ask.method == "POST" else answer


@fault("transport.unknown-route-is-404-to-any-method")
async def empties_the_flows_by_an_unknown_path(ask: Ask, honest: Honest) -> Answer:
    """DELETE below /flows is answered with 404, and deletes the flows."""
    answer = await honest(ask)
    if ask.method == "DELETE" and ask.path.startswith("/flows/"):
        await honest(replace(ask, method="POST", path="/flows").with_json([]))
    return answer
