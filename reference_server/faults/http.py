"""Faults of HTTP underneath the API."""

from dataclasses import replace

from reference_server.faults.lying import Answer, Ask, Honest, fault


@fault("flows.json-with-charset-deploys")
async def knows_no_charset(ask: Ask, honest: Honest) -> Answer:
    """A Content-Type with a charset is answered with 415."""
    return Answer(415) if ";" in ask.headers.get("content-type", "") else await honest(ask)


@fault("flows.content-type-in-other-case-deploys")
async def knows_content_types_in_lower_case(ask: Ask, honest: Honest) -> Answer:
    """A Content-Type with capital letters is answered with 415."""
    content_type = ask.headers.get("content-type", "")
    return await honest(ask) if content_type == content_type.lower() else Answer(415)


@fault("transport.error-reply-is-labelled-json")
async def labels_errors_as_text(ask: Ask, honest: Honest) -> Answer:
    """An error object has the Content-Type text/plain."""
    answer = await honest(ask)
    return answer.under(content_type="text/plain") if answer.status in (400, 409) else answer


@fault("transport.json-is-utf-8")
async def replies_in_utf_16(ask: Ask, honest: Honest) -> Answer:
    """JSON replies are in UTF-16."""
    answer = await honest(ask)
    if not ask.reads or answer.status != 200:
        return answer
    utf_16 = replace(answer, body=answer.body.decode().encode("utf-16"))
    return utf_16.under(content_type="application/json; charset=utf-16")


@fault("transport.unknown-route-is-404")
async def answers_200_everywhere(ask: Ask, honest: Honest) -> Answer:
    """A path that the API does not have is answered with 200."""
    answer = await honest(ask)
    return Answer(200).with_json({}) if answer.status == 404 and ask.method == "GET" else answer


@fault("transport.unknown-query-ignored")
async def refuses_queries(ask: Ask, honest: Honest) -> Answer:
    """A request with a query is answered with 404."""
    return Answer(404) if ask.query else await honest(ask)


@fault("transport.chunked-deploy-accepted")
async def needs_a_length(ask: Ask, honest: Honest) -> Answer:
    """A body in chunks is answered with 411."""
    return Answer(411) if "transfer-encoding" in ask.headers else await honest(ask)


@fault("transport.chunked-deploy-accepted")
async def reads_the_first_chunk(ask: Ask, honest: Honest) -> Answer:
    """Of a body in chunks only the beginning is read, and the rest taken for an empty deployment."""
    if "transfer-encoding" in ask.headers and ask.deploys:
        return await honest(ask.with_nodes([]))
    return await honest(ask)


@fault("transport.escaped-json-is-the-same")
async def undoes_no_escapes(ask: Ask, honest: Honest) -> Answer:
    r"""The escapes \uXXXX in a body are stored as they stand."""
    return await honest(replace(ask, body=ask.body.replace(rb"\u", rb"\\u")) if ask.deploys else ask)
