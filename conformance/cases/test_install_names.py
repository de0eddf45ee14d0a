"""POST /nodes with a name: modules of npm's registry, as far as the target's npm reaches it.

Those that need it come last: Node-RED installs one module after the other, and npm takes minutes to give up.
"""

from collections.abc import Callable, Iterator

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms, member
from conformance.client import Admin
from conformance.data import Json
from conformance.outcomes import NotApplicable, NotTested
from conformance.palette import listed
from conformance.recorder import NoReply, Recorder
from conformance.targets import Target
from conformance.uploads import install, patience, refuse_policy, remove

SMALL = "node-red-node-random"
"""A small module of the Node-RED project with one set and nothing that it depends on."""


class Registry:
    """What the target's npm says of a module that there is not, for which it is asked once."""

    def __init__(self) -> None:
        self.reply: httpx.Response | None = None
        self.unreachable = ""

    def ask(self, admin: Admin, unknown: str) -> httpx.Response:
        """The reply to the installation of the unknown module; raises NotTested where npm could not ask for it."""
        if self.reply is None and not self.unreachable:
            try:
                self.reply = install(admin, unknown)
            except NoReply as error:
                self.unreachable = f"npm does not come to an end there, as without its registry: {error}"
        if self.reply is not None and self.reply.status_code == 400 and "unexpected_error" in self.reply.text:
            self.unreachable = "the target's npm does not reach its registry: an unknown module is an unexpected_error"
        if self.reply is None or self.unreachable:
            raise NotTested(self.unreachable)
        return self.reply


@pytest.fixture(scope="module")
def registry(target: Target) -> Registry:
    """The registry of the target's npm."""
    return Registry()


@pytest.fixture
def unknown(target: Target) -> str:
    """The name of a module that there is not."""
    return f"node-red-contrib-conformance-{target.seed}"


@pytest.fixture
def palette(admin: Admin, may_write: None, recorder: Recorder) -> Iterator[dict[str, Json]]:
    """The palette, which is what it was in the end."""
    before = listed(admin)
    if admin.post("/nodes", json={}).status_code == 404:
        raise NotApplicable("the target lets nobody install a module")
    yield before
    if recorder.is_there():
        for name in {node_set["module"] for set_id, node_set in listed(admin).items() if set_id not in before}:
            remove(admin, name)
        assert listed(admin) == before


@requirement("install.missing-directory-is-404")
def test_missing_directory_is_404(admin: Admin, unknown: str, palette: Json) -> None:
    reply = install(admin, f"/{unknown}/none")

    assert reply.status_code == 404
    assert listed(admin) == palette


def assert_no_name(admin: Admin, unknown: str, palette: Json, body: Json) -> httpx.Response:
    """The body is refused as naming no module, unlike one that names what there is not; gives the refusal."""
    refused = admin.post("/nodes", json=body, timeout=patience(admin))
    assert refused.status_code == 400
    assert listed(admin) == palette

    control = install(admin, f"/{unknown}/none")
    assert control.status_code == 404
    return refused


@requirement("install.no-module-refused")
@pytest.mark.parametrize("body", [{}, {"module": ""}, {"name": SMALL}], ids=["empty", "empty-name", "other-key"])
def test_no_module_refused(admin: Admin, unknown: str, palette: Json, body: Json) -> None:
    assert_no_name(admin, unknown, palette, body)


@requirement("install.no-module-code")
def test_no_module_code(admin: Admin, unknown: str, palette: Json) -> None:
    refused = assert_no_name(admin, unknown, palette, {})

    assert conforms(refused, "error")["code"] == "invalid_request"


@requirement("install.name-with-version-refused")
@pytest.mark.parametrize("version", ["0.4.1", "latest"])
def test_name_with_version_refused(admin: Admin, unknown: str, palette: Json, version: str) -> None:
    assert_no_name(admin, unknown, palette, {"module": f"{SMALL}@{version}"})


@requirement("install.malformed-name-refused")
@pytest.mark.parametrize("name", ["{0} {0}", "{0};{0}", "$({0})"], ids=["blank", "semicolon", "dollar"])
def test_malformed_name_refused(admin: Admin, unknown: str, palette: Json, name: str) -> None:
    assert_no_name(admin, unknown, palette, {"module": name.format(unknown)})


@requirement("install.core-is-not-removed")
@pytest.mark.usefixtures("only_ours")
def test_core_is_not_removed(admin: Admin, palette: Json) -> None:
    reply = remove(admin, "node-red")

    assert reply.status_code == 400
    assert listed(admin) == palette


@requirement("install.unknown-module-is-404")
def test_unknown_module_is_404(admin: Admin, registry: Registry, unknown: str, palette: Json) -> None:
    reply = registry.ask(admin, unknown)

    assert reply.status_code == 404
    assert listed(admin) == palette


@requirement("install.unknown-module-reply")
@pytest.mark.usefixtures("palette")
def test_unknown_module_reply(admin: Admin, registry: Registry, unknown: str, seen: Callable[[str], None]) -> None:
    reply = registry.ask(admin, unknown)

    assert reply.status_code == 404
    if reply.content:
        assert member(reply, "code") == 404
    seen("the code is the number 404, as runtimes give it" if reply.content else "no body, as documented")


@requirement("install.installed-by-name")
def test_installed_by_name(admin: Admin, registry: Registry, unknown: str, palette: Json) -> None:
    if f"{SMALL}/random" in palette:
        raise NotTested(f"the target has {SMALL} already")
    registry.ask(admin, unknown)

    reply = install(admin, SMALL)
    refuse_policy(reply)
    if reply.status_code == 404:
        raise NotTested(f"the registry of the target does not have {SMALL}")
    assert reply.status_code == 200
    module = conforms(reply, "node-module")
    assert module["name"] == SMALL
    assert listed(admin).keys() == palette.keys() | {node_set["id"] for node_set in module["nodes"]}

    removed = remove(admin, SMALL)
    assert removed.status_code == 204
    assert listed(admin) == palette
