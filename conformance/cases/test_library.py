"""GET and POST /library: what users saved."""

from typing import Final

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms, parsed
from conformance.client import Admin
from conformance.data import Json, flows
from conformance.optional import offered
from conformance.outcomes import NotApplicable
from conformance.targets import Target
from conformance.values import json_of
from conformance.waiting import comes_true

FLOWS: Final = "/library/local/flows"
OUTSIDE: Final = ("..%2F..%2Fsettings.js", "..%2F..%2Fconformance.json", "conformance%2F..%2F..%2F..%2Fpackage.json")
"""Paths that lead out of the library."""

PATIENCE: Final = 2
"""Seconds in which what was saved can be read; Node-RED answers some milliseconds before that."""

writes = pytest.mark.usefixtures("library", "only_ours", "may_write")


@pytest.fixture
def library(admin: Admin) -> httpx.Response:
    """The reply of GET /library/local/flows/."""
    return offered(admin, f"{FLOWS}/")


@pytest.fixture
def untidied(admin: Admin) -> None:
    """Paths that reach the target as they are sent."""
    led, login = admin.get("/conformance%2F..%2Fauth%2Flogin"), admin.get("/auth/login")
    if led.is_success and json_of(led) is not None and json_of(led) == json_of(login):
        raise NotApplicable("a proxy before the target tidies paths, so that none of them leads out of the library")


@pytest.fixture
def folder(target: Target) -> str:
    """The name of a folder that is this run's own."""
    return f"conformance-{target.seed}"


def save(admin: Admin, path: str, body: Json) -> None:
    """Save this in the library."""
    assert admin.post(path, json=body).status_code == 204


def saved(admin: Admin, path: str, text: str = "") -> httpx.Response:
    """The reply to GET of what was saved, as soon as it is there; with a text, as soon as that is."""
    comes_true(lambda: (reply := admin.get(path)).is_success and text in reply.text, PATIENCE)
    return admin.get(path)


def listed(admin: Admin, path: str) -> list[Json]:
    """What a folder of the library holds."""
    found: list[Json] = conforms(admin.get(path), "library-listing")
    return found


@requirement("library.offered")
def test_offered(library: httpx.Response) -> None:
    assert library.status_code == 200


@requirement("library.folder-lists-names-and-files")
def test_folder_lists_names_and_files(library: httpx.Response) -> None:
    assert library.status_code == 200
    conforms(library, "library-listing")


@requirement("library.slash-after-a-folder-is-optional")
def test_slash_after_a_folder_is_optional(admin: Admin, library: httpx.Response) -> None:
    without = admin.get(FLOWS)

    assert without.status_code == 200
    assert conforms(without, "library-listing") == conforms(library, "library-listing")


@requirement("library.unknown-entry-refused")
@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("path", [f"{FLOWS}/{{}}.json", "/library/local/{}/", "/library/{}/flows/"])
def test_unknown_entry_refused(admin: Admin, folder: str, path: str) -> None:
    refused = admin.get(path.format(folder))
    control = admin.get(f"{FLOWS}/")

    assert refused.status_code in (400, 404)
    assert control.status_code == 200


@requirement("library.path-out-of-it-refused")
@pytest.mark.usefixtures("library", "untidied")
@pytest.mark.parametrize("path", OUTSIDE)
def test_path_out_of_it_refused(admin: Admin, path: str) -> None:
    refused = admin.get(f"{FLOWS}/{path}")
    control = admin.get(f"{FLOWS}/")

    assert refused.status_code == 403
    assert control.status_code == 200


@requirement("library.without-token-refused")
@pytest.mark.usefixtures("library")
def test_without_token_refused(admin: Admin, outsider: Admin) -> None:
    refused, control = outsider.get(f"{FLOWS}/"), admin.get(f"{FLOWS}/")

    assert refused.status_code == 401
    assert control.status_code == 200
    assert refused.content != control.content


@requirement("library.reader-reads")
def test_reader_reads(whole_reader: Admin, library: httpx.Response) -> None:
    reply = whole_reader.get(f"{FLOWS}/")

    assert reply.status_code == 200
    assert conforms(reply, "library-listing") == conforms(library, "library-listing")


@requirement("library.flows-come-back")
@writes
def test_flows_come_back(admin: Admin, folder: str) -> None:
    path = f"{FLOWS}/{folder}/non-ascii.json"
    save(admin, path, flows("non-ascii"))

    assert parsed(saved(admin, path)) == flows("non-ascii")


@requirement("library.flows-listed-in-their-folders")
@writes
def test_flows_listed_in_their_folders(admin: Admin, folder: str) -> None:
    for path in (f"{FLOWS}/{folder}/listed/one.json", f"{FLOWS}/{folder}/listed/inner/two.json"):
        save(admin, path, flows("one-tab"))
        assert saved(admin, path).status_code == 200

    assert folder in listed(admin, f"{FLOWS}/")
    assert listed(admin, f"{FLOWS}/{folder}/listed/") == ["inner", {"fn": "one.json"}]
    assert listed(admin, f"{FLOWS}/{folder}/listed/inner/") == [{"fn": "two.json"}]


@requirement("library.flows-saved-again-replaced")
@writes
def test_flows_saved_again_replaced(admin: Admin, folder: str) -> None:
    path = f"{FLOWS}/{folder}/again/same.json"
    save(admin, path, flows("one-tab"))
    assert parsed(saved(admin, path)) == flows("one-tab")

    save(admin, path, flows("one-comment"))
    assert parsed(saved(admin, path, "another deployment")) == flows("one-comment")
    assert listed(admin, f"{FLOWS}/{folder}/again/") == [{"fn": "same.json"}]


@requirement("library.function-comes-back-with-its-name")
@writes
def test_function_comes_back_with_its_name(admin: Admin, folder: str) -> None:
    path, text = f"/library/local/functions/{folder}", 'msg.payload = "ä";\nreturn msg;\n'
    save(admin, f"{path}/function.js", {"name": "conformance", "text": text})

    assert saved(admin, f"{path}/function.js").text == text
    assert listed(admin, f"{path}/") == [{"fn": "function.js", "name": "conformance"}]


@requirement("library.reader-saves-nothing")
@writes
def test_reader_saves_nothing(admin: Admin, reader: Admin, folder: str) -> None:
    refused = reader.post(f"{FLOWS}/{folder}/reader/refused.json", json=flows("one-tab"))
    assert refused.status_code == 401

    save(admin, f"{FLOWS}/{folder}/reader/accepted.json", flows("one-tab"))
    assert saved(admin, f"{FLOWS}/{folder}/reader/accepted.json").status_code == 200
    assert listed(admin, f"{FLOWS}/{folder}/reader/") == [{"fn": "accepted.json"}]


@requirement("library.nothing-saved-outside")
@writes
def test_nothing_saved_outside(admin: Admin, folder: str) -> None:
    outside = f"{FLOWS}/..%2F{folder}.json"
    assert admin.post(outside, json=flows("one-tab")).status_code == 403
    assert not admin.get(outside).is_success

    save(admin, f"{FLOWS}/{folder}/inside.json", flows("one-tab"))


@requirement("library.flows-by-the-earlier-path")
def test_flows_by_the_earlier_path(admin: Admin) -> None:
    reply = offered(admin, "/library/flows/")

    assert reply.status_code == 200
    assert isinstance(parsed(reply), dict)
