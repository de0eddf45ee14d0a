"""GET /locales/NAMESPACE: the texts that the editor shows."""

from collections.abc import Callable

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms
from conformance.client import Admin
from conformance.optional import offered

EDITOR = "/locales/editor?lng=en-US"
NODES = "/locales/node-red?lng=en-US"


@pytest.fixture
def locales(admin: Admin) -> httpx.Response:
    """The reply of GET /locales/editor in English."""
    return offered(admin, EDITOR)


@requirement("locales.offered")
def test_offered(locales: httpx.Response) -> None:
    assert locales.status_code == 200


@requirement("locales.editor-has-texts")
def test_editor_has_texts(locales: httpx.Response) -> None:
    assert locales.status_code == 200
    assert conforms(locales, "texts")


@requirement("locales.nodes-have-texts")
@pytest.mark.usefixtures("locales")
def test_nodes_have_texts(admin: Admin) -> None:
    reply = admin.get(NODES)

    assert reply.status_code == 200
    assert conforms(reply, "texts")


@requirement("locales.unknown-namespace-is-empty")
@pytest.mark.usefixtures("locales")
def test_unknown_namespace_is_empty(admin: Admin) -> None:
    reply = admin.get("/locales/conformance-made-this-up?lng=en-US")

    assert reply.status_code == 200
    assert conforms(reply, "texts") == {}


@requirement("locales.unknown-language-is-empty")
@pytest.mark.usefixtures("locales")
def test_unknown_language_is_empty(admin: Admin) -> None:
    reply = admin.get("/locales/editor?lng=zz")

    assert reply.status_code == 200
    assert conforms(reply, "texts") == {}


@requirement("locales.texts-need-no-token")
@pytest.mark.usefixtures("locales")
def test_texts_need_no_token(admin: Admin, stranger: Admin) -> None:
    for path in (EDITOR, NODES):
        reply = stranger.get(path)

        assert reply.status_code == 200
        assert conforms(reply, "texts") == conforms(admin.get(path), "texts")


@requirement("locales.language-decides-the-texts")
def test_language_decides_the_texts(admin: Admin, locales: httpx.Response) -> None:
    german = conforms(admin.get("/locales/editor?lng=de"), "texts")

    assert german
    assert german != conforms(locales, "texts")


@requirement("locales.texts-without-a-language")
@pytest.mark.usefixtures("locales")
def test_texts_without_a_language(admin: Admin) -> None:
    reply = admin.get("/locales/editor")

    assert reply.status_code == 200
    assert conforms(reply, "texts")


@requirement("locales.nodes-of-other-modules")
@pytest.mark.usefixtures("locales")
def test_nodes_of_other_modules(admin: Admin, seen: Callable[[str], None]) -> None:
    reply = admin.get("/locales/nodes?lng=en-US")

    assert reply.status_code == 200
    seen("the texts of sets by their ids" if conforms(reply, "texts") else "an empty object")
