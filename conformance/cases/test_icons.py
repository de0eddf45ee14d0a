"""GET /icons and the images below it."""

from collections.abc import Mapping

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms, media_type
from conformance.client import Admin
from conformance.optional import offered
from conformance.outcomes import NotApplicable
from conformance.values import json_of

UNKNOWN = "/icons/node-red/conformance-made-this-up.svg"
OF_UNKNOWN_MODULE = "/icons/conformance-made-this-up/inject.svg"
LOOKED_AT = 3
"""Images of each module that are looked at."""


@pytest.fixture
def icons(admin: Admin) -> httpx.Response:
    """The reply of GET /icons."""
    return offered(admin, "/icons")


def paths(icons: httpx.Response) -> list[str]:
    """The paths of some of the images that are listed."""
    listed: Mapping[str, list[str]] = conforms(icons, "icons")
    return [f"/icons/{module}/{name}" for module, names in listed.items() for name in names[:LOOKED_AT]]


def assert_image(reply: httpx.Response) -> None:
    """The reply is an image."""
    assert reply.status_code == 200
    assert media_type(reply).startswith("image/")
    assert reply.content


@requirement("icons.offered")
def test_offered(icons: httpx.Response) -> None:
    assert icons.status_code == 200


@requirement("icons.list-names-files-by-module")
def test_list_names_files_by_module(icons: httpx.Response) -> None:
    assert icons.status_code == 200
    conforms(icons, "icons")


@requirement("icons.listed-icon-is-an-image")
def test_listed_icon_is_an_image(admin: Admin, icons: httpx.Response) -> None:
    listed = paths(icons)
    if not listed:
        raise NotApplicable("the target has no icons")
    for path in listed:
        assert_image(admin.get(path))


@requirement("icons.unknown-icon-is-an-image")
@pytest.mark.usefixtures("icons")
def test_unknown_icon_is_an_image(admin: Admin) -> None:
    for path in (UNKNOWN, OF_UNKNOWN_MODULE):
        assert_image(admin.get(path))


@requirement("icons.image-needs-no-token")
@pytest.mark.usefixtures("icons")
def test_image_needs_no_token(stranger: Admin, icons: httpx.Response) -> None:
    for path in (*paths(icons), UNKNOWN):
        assert_image(stranger.get(path))


@requirement("icons.list-without-token-refused")
@pytest.mark.usefixtures("icons")
def test_list_without_token_refused(admin: Admin, outsider: Admin) -> None:
    refused, control = outsider.get("/icons"), admin.get("/icons")

    assert refused.status_code == 401
    assert control.status_code == 200
    assert not json_of(control) or refused.content != control.content


@requirement("icons.reader-reads-the-list")
def test_reader_reads_the_list(whole_reader: Admin, icons: httpx.Response) -> None:
    reply = whole_reader.get("/icons")

    assert reply.status_code == 200
    assert conforms(reply, "icons") == conforms(icons, "icons")
