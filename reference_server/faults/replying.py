"""Faults of replies: their labels, their encodings, their ETags, and what they betray, on some of the routes."""

import gzip
from dataclasses import replace
from typing import Final

from reference_server.faults.auth import TOKEN, form_of
from reference_server.faults.everywhere import compressed, gets
from reference_server.faults.lying import Answer, Ask, Honest, error, fault

TEXT: Final = "text/plain"

LARGE: Final = 1000
"""Bytes from which on a reply is worth compressing."""


@fault("transport.accept-json-gives-json")
async def accepts_no_json_under_v2(ask: Ask, honest: Honest) -> Answer:
    """GET /flows under v2 with `Accept: application/json` is answered with 406."""
    wanted = ask.reads and ask.version == "v2" and ask.headers.get("accept") == "application/json"
    return error(406, "not_acceptable") if wanted else await honest(ask)


@fault("transport.get-reply-is-labelled-json")
async def labels_reads_without_a_version_as_text(ask: Ask, honest: Honest) -> Answer:
    """The reply of GET /flows without a version has the Content-Type text/plain."""
    answer = await honest(ask)
    bare = ask.reads and "node-red-api-version" not in ask.headers and answer.status == 200
    return answer.under(content_type=TEXT) if bare else answer


@fault("transport.deploy-reply-is-labelled-json")
async def labels_the_rev_of_a_reload_as_text(ask: Ask, honest: Honest) -> Answer:
    """The reply to a reload under v2 has the Content-Type text/plain."""
    answer = await honest(ask)
    return answer.under(content_type=TEXT) if ask.reloads and answer.status == 200 else answer


@fault("transport.error-reply-is-labelled-json")
async def labels_what_is_missing_as_text(ask: Ask, honest: Honest) -> Answer:
    """The error object for a module that is not there has the Content-Type text/plain."""
    answer = await honest(ask)
    return answer.under(content_type=TEXT) if answer.status == 404 and ask.path.startswith("/nodes/") else answer


@fault("transport.json-is-utf-8")
async def writes_emoji_as_two_halves(ask: Ask, honest: Honest) -> Answer:
    """GET /flows gives characters that need four bytes as six, three for each half of a pair."""
    answer = await honest(ask)
    if not ask.reads or answer.status != 200:
        return answer
    pairs = "".join(split(letter) for letter in answer.body.decode())
    return replace(answer, body=pairs.encode("utf-8", "surrogatepass"))


def split(letter: str) -> str:
    """The character, as the two halves of a pair where it needs one."""
    point = ord(letter) - 0x10000
    return letter if point < 0 else chr(0xD800 + (point >> 10)) + chr(0xDC00 + (point & 0x3FF))


@fault("transport.json-is-utf-8")
async def names_another_charset_under_v2(ask: Ask, honest: Honest) -> Answer:
    """The Content-Type of GET /flows under v2 names ISO-8859-1."""
    answer = await honest(ask)
    told = ask.reads and ask.version == "v2" and answer.status == 200
    return answer.under(content_type="application/json; charset=iso-8859-1") if told else answer


@fault("transport.every-route-is-utf-8")
async def writes_icons_in_latin_1(ask: Ask, honest: Honest) -> Answer:
    """GET /icons gives the name of an icon in Latin-1."""
    answer = await honest(ask)
    if not gets(ask, "/icons") or answer.status != 200:
        return answer
    icons = {**answer.json, "node-red-contrib-caf\u00e9": ["caf\u00e9.svg"]}
    return replace(answer.with_json(icons), body=answer.with_json(icons).body.replace(rb"\u00e9", b"\xe9"))


@fault("transport.head-answers-as-get")
async def labels_head_of_flows_as_text(ask: Ask, honest: Honest) -> Answer:
    """HEAD /flows has the Content-Type text/plain."""
    answer = await honest(ask)
    return answer.under(content_type=TEXT) if ask.method == "HEAD" and ask.path == "/flows" else answer


@fault("transport.unknown-route-is-404")
async def leads_unknown_paths_to_the_editor(ask: Ask, honest: Honest) -> Answer:
    """A path that the API does not have is answered with 302, which leads to the editor."""
    answer = await honest(ask)
    unknown = ask.method == "GET" and answer.status == 404 and not isinstance(answer.json, dict)
    return Answer(302, {"location": "/"}) if unknown else answer


@fault("transport.changed-flows-are-modified")
async def makes_etags_of_the_length(ask: Ask, honest: Honest) -> Answer:
    """The ETag of GET /flows is the length of the reply."""
    if not ask.reads:
        return await honest(ask)
    answer = await honest(ask.under(if_none_match=None))
    etag = f'W/"{ask.version}-{len(answer.body)}"'
    known = ask.headers.get("if-none-match") == etag
    return Answer(304, {"etag": etag}) if known else answer.under(etag=etag)


@fault("transport.reading-is-no-server-error")
async def fails_at_what_it_does_not_have(ask: Ask, honest: Honest) -> Answer:
    """GET of a flow or a module that is not there is answered with 500."""
    answer = await honest(ask)
    missing = ask.method == "GET" and answer.status == 404 and ask.path.startswith(("/flow/", "/nodes/"))
    return error(500, "unexpected_error") if missing else answer


@fault("transport.identity-is-not-compressed")
async def compresses_what_is_large(ask: Ask, honest: Honest) -> Answer:
    """A reply of more than a thousand bytes is gzipped, whatever the client accepts."""
    answer = await honest(ask)
    large = ask.method == "GET" and answer.status == 200 and len(answer.body) > LARGE
    return compressed(answer) if large else answer


@fault("transport.gzip-gives-the-same")
async def compresses_the_beginning(ask: Ask, honest: Honest) -> Answer:
    """What GET /nodes gives to a client that accepts gzip alone is gzipped, as far as its first thousand bytes."""
    answer = await honest(ask)
    if not gets(ask, "/nodes") or ask.headers.get("accept-encoding") != "gzip":
        return answer
    return replace(answer, body=gzip.compress(answer.body[:LARGE])).under(content_encoding="gzip")


@fault("transport.unknown-etag-is-modified")
async def gives_nothing_to_who_has_something(ask: Ask, honest: Honest) -> Answer:
    """GET /nodes with any ETag in If-None-Match answers 200 and an empty array."""
    known = gets(ask, "/nodes") and "if-none-match" in ask.headers
    return Answer(200).with_json([]) if known else await honest(ask)


@fault("transport.success-is-200-with-a-result")
async def gives_no_plugins_at_all(ask: Ask, honest: Honest) -> Answer:
    """GET /plugins is answered with 200 and no body."""
    answer = await honest(ask)
    return replace(answer, body=b"") if gets(ask, "/plugins") and answer.status == 200 else answer


@fault("transport.accept-language-changes-no-data")
async def speaks_one_language(ask: Ask, honest: Honest) -> Answer:
    """A client that wants another language than English is answered with 406."""
    wanted = ask.headers.get("accept-language", "en")
    return Answer(406) if not wanted.startswith(("en", "*")) else await honest(ask)


@fault("transport.secrets-in-no-reply-to-a-reader")
async def names_open_sessions_in_a_header(ask: Ask, honest: Honest) -> Answer:
    """The replies of GET /settings name all tokens that were given, in a header."""
    answer = await honest(ask)
    tokens = ask.memory.setdefault("tokens", [])
    if ask.path == TOKEN and answer.status == 200:
        tokens.append(answer.json["access_token"])
    return answer.under(x_sessions=", ".join(tokens)) if gets(ask, "/settings") and answer.status == 200 else answer


@fault("transport.password-in-no-refused-login")
async def remembers_a_refused_login_in_a_cookie(ask: Ask, honest: Honest) -> Answer:
    """A login that fails sets a cookie with the password that was sent."""
    answer = await honest(ask)
    failed = ask.path == TOKEN and answer.status >= 400
    return answer.under(set_cookie=f"login={form_of(ask).get('password')}") if failed else answer
