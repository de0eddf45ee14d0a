"""POST /nodes with a tarball, and what can be done with a module then, up to DELETE /nodes/MODULE.

npm takes its time, so a module is uploaded once for many cases. A run that is killed in these seconds leaves it behind,
and the next run takes it away.
"""

import contextlib
from collections.abc import Callable, Iterator

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms, same
from conformance.client import ACCEPT_JSON, Admin
from conformance.data import Json
from conformance.outcomes import NotApplicable
from conformance.palette import AS_HTML, enabled, html, listed, put, types_of, using
from conformance.recorder import NoReply, Recorder
from conformance.targets import Target
from conformance.uploads import NAMES, NO_NODES, PLAIN, SCOPED, Uploads, install, remove, tarball, upload
from conformance.waiting import comes_true

STARTING = 0.5
"""Seconds in which deployed nodes begin to run."""


@pytest.fixture(scope="module")
def uploads(target: Target, recorder: Recorder, client_of: Callable[[str | None], Admin]) -> Iterator[Uploads]:
    """The uploads of all cases, and none of them left at the end."""
    made = Uploads(client_of(target.tokens.get("admin")))
    yield made
    # With several targets pytest comes here while it sets up a case of the next one: nothing may be asserted.
    if recorder.is_there():
        with recorder.writing(), contextlib.suppress(NoReply):
            made.clear(*made.used)


@pytest.fixture
def plain(uploads: Uploads, put_back: None) -> Json:
    """The module with two sets, installed."""
    module = uploads.module(PLAIN)
    assert sorted(node_set["types"] for node_set in module["nodes"]) == [["conformance-first"], ["conformance-second"]]
    return module


@pytest.fixture
def scoped(uploads: Uploads, put_back: None) -> Json:
    """The module whose name has a scope, installed."""
    return uploads.module(SCOPED)


@requirement("install.upload-gives-node-module")
@pytest.mark.usefixtures("may_write")
def test_upload_gives_node_module(uploads: Uploads) -> None:
    reply = uploads.reply(PLAIN)

    assert reply.status_code == 200
    module = conforms(reply, "node-module")
    assert (module["name"], module["version"]) == (NAMES[PLAIN], "1.0.0")
    assert types_of(module) == {"first": ["conformance-first"], "second": ["conformance-second"]}
    assert [node_set["enabled"] for node_set in module["nodes"]] == [True, True]


@requirement("install.module-is-in-the-palette")
def test_module_is_in_the_palette(admin: Admin, plain: Json) -> None:
    module = conforms(admin.get(f"/nodes/{plain['name']}"), "node-module")
    sets = listed(admin)

    assert types_of(module) == types_of(plain)
    for node_set in plain["nodes"]:
        shown = sets.get(node_set["id"], {})
        assert (shown.get("types"), shown.get("enabled")) == (node_set["types"], True)


@requirement("install.module-is-in-the-html")
def test_module_is_in_the_html(admin: Admin, plain: Json) -> None:
    whole = html(admin)

    for node_set in plain["nodes"]:
        own = admin.get(f"/nodes/{node_set['id']}", headers=AS_HTML)
        template = f'data-template-name="{node_set["types"][0]}"'
        if template not in own.text + whole and admin.get("/").status_code == 404:
            raise NotApplicable("the target serves no editor, for which the HTML would be")
        assert template in own.text
        assert template in whole


@requirement("install.installed-type-deploys")
def test_installed_type_deploys(admin: Admin, plain: Json) -> None:
    for node_set in plain["nodes"]:
        nodes = using(node_set["types"][0])
        same(nodes, admin.deploy(nodes).flows)


@requirement("install.installed-node-runs")
def test_installed_node_runs(admin: Admin, plain: Json) -> None:
    nodes = using("inject")
    admin.deploy(nodes)
    if not runs(admin, nodes[1]["id"]):
        raise NotApplicable("the target offers no POST /inject/ID, which would show that a node runs")

    installed = {**nodes[1], "id": "conformance-installed", "type": plain["nodes"][0]["types"][0]}
    admin.deploy([*nodes, installed])

    assert runs(admin, installed["id"])


def runs(admin: Admin, node: str) -> bool:
    """Whether the node takes a message before long."""
    return comes_true(lambda: admin.post(f"/inject/{node}").is_success, STARTING)


@pytest.mark.parametrize(
    ("package", "field"),
    [
        pytest.param(None, "tarball", marks=requirement("install.no-archive-refused"), id="no-archive"),
        pytest.param(NO_NODES, "tarball", marks=requirement("install.package-without-nodes-refused"), id="no-nodes"),
        pytest.param(SCOPED, "package", marks=requirement("install.other-field-refused"), id="other-field"),
    ],
)
@pytest.mark.usefixtures("plain")
def test_upload_refused(admin: Admin, uploads: Uploads, package: str | None, field: str) -> None:
    uploads.clear(SCOPED, NO_NODES)
    before = listed(admin)

    refused = upload(admin, tarball(package) if package else b"This is no archive.", field)

    assert refused.status_code == 400
    assert listed(admin) == before


@requirement("install.same-version-again-refused")
def test_same_version_again_refused(admin: Admin, plain: Json) -> None:
    assert_refused(admin, plain, lambda: upload(admin, tarball(PLAIN)), "module_already_loaded")


@requirement("install.installed-name-refused")
def test_installed_name_refused(admin: Admin, plain: Json) -> None:
    assert_refused(admin, plain, lambda: install(admin, plain["name"]), "module_already_loaded")


def assert_refused(admin: Admin, module: Json, ask: Callable[[], httpx.Response], code: str) -> None:
    """The request about an installed module is refused with this code, and nothing changes in the palette."""
    before = listed(admin)
    assert {node_set["id"] for node_set in module["nodes"]} <= before.keys()

    refused = ask()

    assert refused.status_code == 400
    assert conforms(refused, "error")["code"] == code
    assert listed(admin) == before


@requirement("install.module-disabled")
def test_module_disabled(admin: Admin, plain: Json) -> None:
    before = enabled(listed(admin))
    own = {node_set["id"] for node_set in plain["nodes"]}

    for wanted in (False, True):
        reply = put(admin, plain["name"], enabled=wanted)

        assert reply.status_code == 200
        module = conforms(reply, "node-module")
        assert enabled({node_set["id"]: node_set for node_set in module["nodes"]}) == dict.fromkeys(own, wanted)
        assert enabled(listed(admin)) == before | dict.fromkeys(own, wanted)


@requirement("install.one-set-of-a-module-disabled")
def test_one_set_of_a_module_disabled(admin: Admin, plain: Json) -> None:
    before = enabled(listed(admin))
    second = plain["nodes"][1]["id"]

    for wanted in (False, True):
        assert put(admin, second, enabled=wanted).status_code == 200
        assert enabled(listed(admin)) == before | {second: wanted}


@requirement("install.module-without-enabled-refused")
def test_module_without_enabled_refused(admin: Admin, plain: Json) -> None:
    assert_refused(admin, plain, lambda: put(admin, plain["name"]), "invalid_request")

    control = put(admin, plain["name"], enabled=True)
    assert control.status_code == 200


@requirement("install.module-in-use-not-disabled")
def test_module_in_use_not_disabled(admin: Admin, plain: Json) -> None:
    deployed = admin.deploy(using(plain["nodes"][0]["types"][0]))

    assert_refused(admin, plain, lambda: put(admin, plain["name"], enabled=False), "type_in_use")
    assert admin.read() == deployed

    admin.deploy([])
    for wanted in (False, True):
        control = put(admin, plain["name"], enabled=wanted)
        assert control.status_code == 200


@requirement("install.module-in-use-stays-whole")
def test_module_in_use_stays_whole(admin: Admin, plain: Json, seen: Callable[[str], None]) -> None:
    first, second = plain["nodes"]
    admin.deploy(using(second["types"][0]))
    refused = put(admin, plain["name"], enabled=False)
    after = enabled(listed(admin))
    put(admin, plain["name"], enabled=True)

    assert refused.status_code == 400
    assert after.get(second["id"]) is True
    seen("no set is disabled" if after.get(first["id"]) else "the set before the one in use is disabled")


@requirement("install.unknown-module-not-removed")
def test_unknown_module_not_removed(admin: Admin, plain: Json, target: Target) -> None:
    admin.deploy(using(plain["nodes"][0]["types"][0]))
    before = listed(admin)

    unknown = remove(admin, f"{plain['name']}-{target.seed}")
    known = remove(admin, plain["name"])

    assert unknown.status_code == 404
    assert known.status_code == 400
    assert listed(admin) == before


@requirement("install.module-removed")
def test_module_removed(admin: Admin, uploads: Uploads, plain: Json) -> None:
    before, deployed = listed(admin), admin.deploy(using("comment"))
    own = {node_set["id"] for node_set in plain["nodes"]}

    reply = uploads.remove(PLAIN)

    assert reply.status_code == 204
    assert reply.content == b""
    assert listed(admin) == {set_id: node_set for set_id, node_set in before.items() if set_id not in own}
    for path in (plain["name"], *own):
        assert admin.get(f"/nodes/{path}", headers=ACCEPT_JSON).status_code == 404
    assert "conformance-first" not in html(admin)
    assert admin.read() == deployed


@requirement("install.scoped-module-at-its-name")
def test_scoped_module_at_its_name(admin: Admin, scoped: Json) -> None:
    name = scoped["name"]

    assert name == NAMES[SCOPED]
    assert conforms(admin.get(f"/nodes/{name}"), "node-module")["name"] == name
    scoped = conforms(admin.get(f"/nodes/{name}/scoped", headers=ACCEPT_JSON), "node-set")
    assert scoped["types"] == ["conformance-scoped"]


@requirement("install.scoped-module-at-its-encoded-name")
@pytest.mark.parametrize("at", ["@", "%40"], ids=["slash", "at-and-slash"])
def test_scoped_module_at_its_encoded_name(admin: Admin, scoped: Json, at: str) -> None:
    reply = admin.get(f"/nodes/{scoped['name'].replace('/', '%2F').replace('@', at)}")

    assert reply.status_code == 200
    assert conforms(reply, "node-module")["name"] == scoped["name"]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            "%40conformance/node-red-scoped", marks=requirement("install.scope-with-an-encoded-at-is-404"), id="at"
        ),
        pytest.param(
            "@conformance%2Fnode-red-scoped/scoped",
            marks=requirement("install.set-of-an-encoded-scoped-name-is-404"),
            id="set",
        ),
    ],
)
@pytest.mark.usefixtures("scoped")
def test_spelling_is_404(admin: Admin, path: str) -> None:
    assert admin.get(f"/nodes/{path}", headers=ACCEPT_JSON).status_code == 404


@requirement("install.scoped-set-disabled")
def test_scoped_set_disabled(admin: Admin, scoped: Json) -> None:
    own = f"{scoped['name']}/scoped"

    for wanted in (False, True):
        reply = put(admin, own, enabled=wanted)

        assert reply.status_code == 200
        assert conforms(reply, "node-set")["enabled"] is wanted
        assert enabled(listed(admin)).get(own) is wanted


@requirement("install.module-in-use-not-removed")
def test_module_in_use_not_removed(admin: Admin, uploads: Uploads, scoped: Json) -> None:
    deployed = admin.deploy(using("conformance-scoped"))

    assert_refused(admin, scoped, lambda: remove(admin, scoped["name"]), "type_in_use")
    assert admin.read() == deployed

    admin.deploy([])
    control = uploads.remove(SCOPED)
    assert control.status_code == 204
