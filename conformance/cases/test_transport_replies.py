"""What is true of the reply of every route that is read: its label, its length, its encoding, its ETag."""

from collections.abc import Callable

import httpx

from conformance import requirement
from conformance.checks import charset, media_type, parsed
from conformance.client import Admin
from conformance.outcomes import NotApplicable
from conformance.routes import Reading, Routes
from conformance.wire import ALONE


@requirement("transport.routes-that-are-read")
def test_routes_that_are_read(routes: Routes, seen: Callable[[str], None]) -> None:
    offered = [reading.route.path for reading in routes.offered()]

    seen(", ".join(offered))
    assert {"/flows", "/settings", "/auth/login"} <= set(offered)


@requirement("transport.every-route-is-labelled-json")
def test_every_route_is_labelled_json(routes: Routes) -> None:
    for reading in routes.offered():
        assert media_type(reading.reply) == "application/json", reading.path
        assert isinstance(parsed(reading.reply), dict | list), reading.path


@requirement("transport.every-route-is-utf-8")
def test_every_route_is_utf_8(routes: Routes) -> None:
    for reading in routes.offered():
        assert charset(reading.reply) in (None, "utf-8", "utf8"), reading.path
        assert "\ufffd" not in reading.reply.content.decode("utf-8", "replace"), reading.path


@requirement("transport.every-route-answers-head")
def test_every_route_answers_head(admin: Admin, routes: Routes) -> None:
    for reading in routes.offered():
        head = admin.head(reading.path, headers=routes.headers)

        assert head.status_code == 200, reading.path
        assert media_type(head) == media_type(reading.reply), reading.path
        assert head.content == b"", reading.path


@requirement("transport.head-has-the-length-of-get")
def test_head_has_the_length_of_get(admin: Admin, routes: Routes) -> None:
    for reading in routes.offered():
        if reading.route.steady:
            head = admin.head(reading.path, headers=routes.headers)

            assert head.headers.get("content-length") == reading.reply.headers.get("content-length"), reading.path


@requirement("transport.every-length-is-right")
def test_every_length_is_right(admin: Admin, routes: Routes) -> None:
    for reading in routes.offered():
        reply = alone(admin, reading, "HTTP/1.1")

        assert reading.again(reply), reading.path


@requirement("transport.http-1-0-answered")
def test_http_1_0_answered(admin: Admin, routes: Routes) -> None:
    for reading in routes.offered():
        reply = alone(admin, reading, "HTTP/1.0")

        if reply.status_code == 426:
            raise NotApplicable("HTTP/1.0 is answered with 426, which asks for a newer one, as some proxies do")
        assert reading.again(reply), reading.path
        assert "chunked" not in reply.headers.get("transfer-encoding", ""), reading.path


def alone(admin: Admin, reading: Reading, version: str) -> httpx.Response:
    """The reply to GET on a connection of its own, read until the target has ended it."""
    headers = Routes.headers | {"Connection": "close"}
    return admin.get(reading.path, headers=headers, extensions={ALONE: version})


@requirement("transport.connection-close-honoured")
def test_connection_close_honoured(admin: Admin) -> None:
    reply = admin.get("/auth/login", headers={"Connection": "close"}, extensions={ALONE: "HTTP/1.1"})

    assert reply.status_code == 200
    assert reply.headers.get("connection", "").lower() == "close"


@requirement("transport.identity-is-not-compressed")
def test_identity_is_not_compressed(routes: Routes) -> None:
    for reading in routes.offered():
        reply = routes.get(reading.path, Accept_Encoding="identity")

        assert reply.headers.get("content-encoding", "identity") == "identity", reading.path
        assert reading.again(reply), reading.path


@requirement("transport.gzip-gives-the-same")
def test_gzip_gives_the_same(routes: Routes, seen: Callable[[str], None]) -> None:
    compressed = []
    for reading in routes.offered():
        plain, reply = (routes.get(reading.path, Accept_Encoding=coding) for coding in ("identity", "gzip"))

        assert Reading(reading.route, reading.path, plain).again(reply), reading.path
        compressed += [reading.path] if "content-encoding" in reply.headers else []
    seen(f"compressed: {', '.join(compressed) or 'nothing'}")


@requirement("transport.unknown-etag-is-modified")
def test_unknown_etag_is_modified(routes: Routes) -> None:
    for reading in routes.offered():
        reply = routes.get(reading.path, If_None_Match=f'"{routes.seed}"')

        assert reading.again(reply), reading.path


@requirement("transport.current-etag-not-modified-anywhere")
def test_current_etag_not_modified_anywhere(routes: Routes) -> None:
    for reading in routes.offered():
        etag = reading.reply.headers.get("etag")
        if etag and etag.isascii() and reading.route.steady:
            reply = routes.get(reading.path, If_None_Match=etag)

            assert reply.status_code == 304, reading.path
            assert reply.content == b"", reading.path
