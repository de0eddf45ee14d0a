"""GET /plugins and what is below it: what extends the editor beyond nodes."""

from typing import Final

import pytest

from conformance import requirement
from conformance.checks import conforms, media_type, member
from conformance.client import ACCEPT_JSON, Admin
from conformance.optional import offered

HTML: Final = {"Accept": "text/html"}
MESSAGES: Final = "/plugins/messages?lng=en-US"


@pytest.fixture
def plugins(admin: Admin) -> None:
    """A target that offers plugins."""
    offered(admin, "/plugins", headers=ACCEPT_JSON)


@requirement("plugins.offered")
def test_offered(admin: Admin) -> None:
    assert offered(admin, "/plugins", headers=ACCEPT_JSON).status_code == 200


@requirement("plugins.accept-json-gives-a-list")
@pytest.mark.usefixtures("plugins")
def test_accept_json_gives_a_list(admin: Admin) -> None:
    reply = admin.get("/plugins", headers=ACCEPT_JSON)

    assert reply.status_code == 200
    assert media_type(reply) == "application/json"
    conforms(reply, "plugins")


@requirement("plugins.accept-html-gives-html")
@pytest.mark.usefixtures("plugins")
def test_accept_html_gives_html(admin: Admin) -> None:
    reply = admin.get("/plugins", headers=HTML)

    assert reply.status_code == 200
    assert media_type(reply) == "text/html"


@requirement("plugins.other-accept-gives-html")
@pytest.mark.usefixtures("plugins")
def test_other_accept_gives_html(admin: Admin) -> None:
    for accept in ("*/*", "application/json, */*", "application/json; charset=utf-8"):
        assert media_type(admin.get("/plugins", headers={"Accept": accept})) == "text/html"


@requirement("plugins.messages-give-an-object")
@pytest.mark.usefixtures("plugins")
def test_messages_give_an_object(admin: Admin) -> None:
    reply = admin.get(MESSAGES)

    assert reply.status_code == 200
    conforms(reply, "texts")


@requirement("plugins.messages-without-language")
@pytest.mark.usefixtures("plugins")
def test_messages_without_language(admin: Admin) -> None:
    reply = admin.get("/plugins/messages")

    assert reply.status_code == 200
    conforms(reply, "texts")


@requirement("plugins.module-given-by-its-name")
def test_module_given_by_its_name(admin: Admin) -> None:
    reply = offered(admin, "/plugins/node-red", headers=ACCEPT_JSON)

    assert reply.status_code == 200
    assert member(reply, "name") == "node-red"


@requirement("plugins.unknown-module-is-404")
def test_unknown_module_is_404(admin: Admin) -> None:
    control = offered(admin, "/plugins/node-red", headers=ACCEPT_JSON)
    assert control.status_code == 200

    reply = admin.get("/plugins/conformance-made-this-up", headers=ACCEPT_JSON)
    assert reply.status_code == 404
    assert conforms(reply, "error")["code"] == "not_found"


@requirement("plugins.without-token-refused")
@pytest.mark.usefixtures("plugins")
def test_without_token_refused(admin: Admin, outsider: Admin) -> None:
    for path, headers in (("/plugins", ACCEPT_JSON), ("/plugins", HTML), (MESSAGES, ACCEPT_JSON)):
        assert outsider.get(path, headers=headers).status_code == 401
        assert admin.get(path, headers=headers).status_code == 200


@requirement("plugins.reader-reads")
@pytest.mark.usefixtures("plugins")
def test_reader_reads(admin: Admin, whole_reader: Admin) -> None:
    for path, headers in (("/plugins", ACCEPT_JSON), ("/plugins", HTML), (MESSAGES, ACCEPT_JSON)):
        reply = whole_reader.get(path, headers=headers)

        assert reply.status_code == 200
        assert reply.content == admin.get(path, headers=headers).content
