"""What a request may hold besides: queries, headers, long URLs, escapes; and ways to send a body."""

import json
from collections.abc import Callable, Iterator
from urllib.parse import unquote_to_bytes

import httpx
import pytest

from conformance import requirement
from conformance.checks import same
from conformance.client import JSON, V2, Admin, Deployment
from conformance.data import flows
from conformance.outcomes import NotApplicable
from conformance.recorder import NoReply
from conformance.routes import Reading, Routes


@requirement("transport.unknown-query-ignored-everywhere")
def test_unknown_query_ignored_everywhere(routes: Routes) -> None:
    for reading in routes.offered():
        joint = "&" if "?" in reading.path else "?"

        assert reading.again(routes.get(f"{reading.path}{joint}_={routes.seed}")), reading.path


@requirement("transport.unknown-headers-ignored")
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Cookie": "theme=dark", "X-Forwarded-For": "192.0.2.1", "Via": "1.1 conformance"}, id="proxy"),
        pytest.param({f"X-Conformance-{number}": "1" for number in range(50)}, id="fifty"),
    ],
)
def test_unknown_headers_ignored(routes: Routes, headers: dict[str, str]) -> None:
    for reading in routes.offered():
        assert reading.again(routes.get(reading.path, **headers)), reading.path


@requirement("transport.accept-language-changes-no-data")
def test_accept_language_changes_no_data(routes: Routes) -> None:
    for reading in routes.offered():
        if not reading.path.startswith("/locales"):
            assert reading.again(routes.get(reading.path, Accept_Language="de, fr;q=0.5")), reading.path


@requirement("transport.two-kilobyte-query-accepted")
def test_two_kilobyte_query_accepted(routes: Routes) -> None:
    for reading in routes.offered():
        joint = "&" if "?" in reading.path else "?"

        assert reading.again(routes.get(f"{reading.path}{joint}_={'q' * 2048}")), reading.path


@requirement("transport.long-url-survived")
@pytest.mark.parametrize("length", [8_192, 20_000])
def test_long_url_survived(admin: Admin, seen: Callable[[str], None], length: int) -> None:
    before = admin.read()

    status = answered_at_all(lambda: admin.get(f"/flows?_={'q' * length}"))

    assert status is None or status < 500
    assert admin.read() == before
    seen(f"{length} characters: {status or 'the connection was ended'}")


@requirement("transport.very-many-headers-survived")
def test_very_many_headers_survived(admin: Admin, seen: Callable[[str], None]) -> None:
    before = admin.read()
    headers = {f"X-Conformance-{number}": "a value of some length" for number in range(600)}

    status = answered_at_all(lambda: admin.get("/flows", headers=headers))

    assert status is None or status < 500
    assert admin.read() == before
    seen(f"{status or 'the connection was ended'}")


def answered_at_all(ask: Callable[[], httpx.Response]) -> int | None:
    """The status of the reply, None where the target ended the connection instead."""
    try:
        return ask().status_code
    except NoReply:
        return None


@requirement("transport.bad-percent-encoding-survived")
@pytest.mark.parametrize("path", ["/flow/%", "/flow/%zz", "/nodes/%", "/context/flow/%E0%A4%A", "/%", "/flow/%FF"])
def test_bad_percent_encoding_survived(admin: Admin, seen: Callable[[str], None], path: str) -> None:
    before = admin.read()

    reply = exactly(admin, path)

    assert 400 <= reply.status_code < 500
    assert admin.read() == before
    seen(f"{path}: {reply.status_code}")


def exactly(admin: Admin, path: str) -> httpx.Response:
    """The reply to GET of this path as it stands, with which httpx would meddle."""
    below = admin.base_url.raw_path.decode().rstrip("/")
    return admin.get("/", headers=Routes.headers, extensions={"target": f"{below}{path}".encode()})


@requirement("transport.percent-encoded-id-is-the-id")
def test_percent_encoded_id_is_the_id(admin: Admin, routes: Routes) -> None:
    spelled = 0
    for reading in routes.offered():
        if reading.route.path in ("/flow/{tab}", "/nodes/{module}", "/nodes/{module}/{set}"):
            start, _, name = reading.path.rpartition("/")

            assert reading.again(exactly(admin, f"{start}/{escaped(name)}")), reading.path
            spelled += 1
    if not spelled:
        raise NotApplicable("the target offers no route with an id in its path")


def escaped(name: str) -> str:
    """A segment of a path with an escape for each of its bytes."""
    return "".join(f"%{byte:02X}" for byte in unquote_to_bytes(name))


@requirement("transport.double-slash-in-path")
def test_double_slash_in_path(admin: Admin, seen: Callable[[str], None]) -> None:
    reply = exactly(admin, "//flows")

    seen(f"{reply.status_code}")
    assert reply.status_code in (200, 404)


TAB = flows("two-tabs")[0]["id"]
"""A tab of the flows that are deployed."""

EXACT = {"/nodes/{module}", "/nodes/{module}/{set}", "/locales/editor?lng=en-US"}
"""The routes whose paths Node-RED knows in one spelling alone."""


@requirement("transport.trailing-slash-on-any-route")
def test_trailing_slash_on_any_route(routes: Routes, seen: Callable[[str], None]) -> None:
    unlike = [path for path, same in other_paths(routes, lambda path: f"{path}/") if not same]

    seen(f"not so: {', '.join(unlike) or 'nowhere'}")
    assert set(unlike) <= EXACT


@requirement("transport.any-path-in-other-case")
def test_any_path_in_other_case(routes: Routes, seen: Callable[[str], None]) -> None:
    unlike = [path for path, same in other_paths(routes, first_word_in_capitals) if not same]

    seen(f"not so: {', '.join(unlike) or 'nowhere'}")
    assert set(unlike) <= EXACT | {"/library/local/flows"}


def first_word_in_capitals(path: str) -> str:
    """The path with its first word in capital letters."""
    _, first, *rest = path.split("/")
    return "/".join(["", first.upper(), *rest])


def other_paths(routes: Routes, spell: Callable[[str], str]) -> Iterator[tuple[str, bool]]:
    """Each route, and whether another spelling of its path gives the same."""
    for reading in routes.offered():
        path, joint, query = reading.path.partition("?")
        yield reading.route.path, same_reply(reading, routes.get(spell(path) + joint + query))


def same_reply(reading: Reading, reply: httpx.Response) -> bool:
    """Whether another path gave the same."""
    return reply.status_code == 200 and reading.again(reply)


@requirement("transport.expect-continue-accepted")
@pytest.mark.usefixtures("put_back")
def test_expect_continue_accepted(admin: Admin) -> None:
    reply = admin.post("/flows", headers=V2.headers | {"Expect": "100-continue"}, json=V2.body(flows("two-tabs")))

    assert reply.status_code == 200
    same(flows("two-tabs"), admin.read().flows)


def in_chunks(value: object) -> Iterator[bytes]:
    """The JSON of a value in three pieces, so that it is sent without a Content-Length."""
    body = json.dumps(value).encode()
    yield body[:5]
    yield body[5:6]
    yield body[6:]


@requirement("transport.chunked-flow-accepted")
def test_chunked_flow_accepted(admin: Admin, deployed: Deployment) -> None:
    if admin.get(f"/flow/{TAB}").status_code == 404:
        raise NotApplicable("the target offers no /flow")

    put = admin.put(f"/flow/{TAB}", headers=JSON, content=in_chunks({**admin.flow(TAB), "label": "in chunks"}))
    post = admin.post("/flow", headers=JSON, content=in_chunks({"label": "new", "nodes": []}))

    assert put.is_success
    assert post.is_success
    labels = [node.get("label") for node in admin.read().flows if node["type"] == "tab"]
    assert {"in chunks", "new"} <= set(labels)


@requirement("transport.delete-with-empty-body-accepted")
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="no-length"),
        pytest.param({"Content-Length": "0"}, id="length-0"),
        pytest.param(JSON, id="json-without-a-body"),
        pytest.param(JSON | {"Content-Length": "0"}, id="json-of-length-0"),
    ],
)
def test_delete_with_empty_body_accepted(admin: Admin, deployed: Deployment, headers: dict[str, str]) -> None:
    if admin.get(f"/flow/{TAB}").status_code == 404:
        raise NotApplicable("the target offers no /flow")

    reply = admin.delete(f"/flow/{TAB}", headers=headers)

    assert reply.status_code == 204
    assert TAB not in [node["id"] for node in admin.read().flows]
