"""PUT /nodes/MODULE/SET and PUT /nodes/MODULE: sets that are enabled and disabled."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms, same
from conformance.client import ACCEPT_JSON, Admin
from conformance.data import Json
from conformance.outcomes import NotTested
from conformance.palette import enabled, html, listed, loaded, put, using
from conformance.recorder import Recorder
from conformance.targets import Target


@pytest.fixture
def spare(admin: Admin, put_back: None, recorder: Recorder) -> Iterator[Json]:
    """An enabled set that no flow uses: that of the comment node, which does nothing, or a small one."""
    before = listed(admin)
    sets = sorted(loaded(before), key=lambda node_set: (node_set["types"] != ["comment"], len(node_set["types"])))
    chosen = next((node_set for node_set in sets if node_set["types"]), None)
    if chosen is None:
        raise NotTested("no set of the palette has a type")
    yield chosen
    if recorder.is_there():
        admin.empty()  # so that no type in use keeps a set from being what it was
        after = enabled(listed(admin))
        for set_id, was_enabled in enabled(before).items():
            if after.get(set_id) is not was_enabled:
                put(admin, set_id, enabled=was_enabled)
        assert enabled(listed(admin)) == enabled(before)


@requirement("nodes.set-disabled")
def test_set_disabled(admin: Admin, spare: Json) -> None:
    before = enabled(listed(admin))

    reply = put(admin, spare["id"], enabled=False)

    assert reply.status_code == 200
    assert_shows(reply, spare, is_enabled=False)
    assert enabled(listed(admin)) == before | {spare["id"]: False}
    assert_shows(admin.get(f"/nodes/{spare['id']}", headers=ACCEPT_JSON), spare, is_enabled=False)


@requirement("nodes.set-enabled-again")
def test_set_enabled_again(admin: Admin, spare: Json) -> None:
    before = enabled(listed(admin))
    put(admin, spare["id"], enabled=False)

    reply = put(admin, spare["id"], enabled=True)

    assert reply.status_code == 200
    assert_shows(reply, spare, is_enabled=True)
    assert enabled(listed(admin)) == before
    assert_shows(admin.get(f"/nodes/{spare['id']}", headers=ACCEPT_JSON), spare, is_enabled=True)


def assert_shows(reply: httpx.Response, node_set: Json, *, is_enabled: bool) -> None:
    """The reply is that node set, enabled or disabled."""
    shown = conforms(reply, "node-set")
    assert {**shown, "types": sorted(shown["types"])}.items() >= {
        **{key: node_set[key] for key in ("id", "name", "module")},
        "enabled": is_enabled,
    }.items()
    assert sorted(shown["types"]) == sorted(node_set["types"])


@requirement("nodes.same-change-twice-accepted")
@pytest.mark.parametrize("wanted", [False, True], ids=["disabled", "enabled"])
def test_same_change_twice_accepted(admin: Admin, spare: Json, wanted: bool) -> None:
    for _ in range(2):
        reply = put(admin, spare["id"], enabled=wanted)

        assert reply.status_code == 200
        assert_shows(reply, spare, is_enabled=wanted)
        assert enabled(listed(admin)).get(spare["id"]) is wanted


@requirement("nodes.html-lacks-a-disabled-set")
def test_html_lacks_a_disabled_set(admin: Admin, spare: Json) -> None:
    before = html(admin)
    own = admin.get(f"/nodes/{spare['id']}", headers={"Accept": "text/html"}).text.strip()
    assert own in before

    put(admin, spare["id"], enabled=False)
    without = html(admin)
    assert own not in without
    assert f"[red-module:{spare['id']}]" not in without

    put(admin, spare["id"], enabled=True)
    assert own in html(admin)


@requirement("nodes.changes-keep-the-rev")
def test_changes_keep_the_rev(admin: Admin, spare: Json) -> None:
    deployed = admin.deploy(using("conformance-unknown-type"))

    for wanted in (False, True):
        put(admin, spare["id"], enabled=wanted)
        assert enabled(listed(admin)).get(spare["id"]) is wanted
        assert admin.read() == deployed


@requirement("nodes.nodes-of-a-disabled-type-are-kept")
def test_nodes_of_a_disabled_type_are_kept(admin: Admin, spare: Json) -> None:
    put(admin, spare["id"], enabled=False)
    nodes = using(spare["types"][0])

    deployed = admin.deploy(nodes)
    same(nodes, deployed.flows)

    put(admin, spare["id"], enabled=True)
    assert admin.read() == deployed


def assert_not_disabled(admin: Admin, spare: Json, nodes: list[Json]) -> httpx.Response:
    """The set is not disabled while these flows use one of its types, and is once none do; gives the refusal."""
    deployed, before = admin.deploy(nodes), listed(admin)

    refused = put(admin, spare["id"], enabled=False)
    assert refused.status_code == 400
    assert listed(admin) == before
    assert admin.read() == deployed

    admin.deploy([])
    control = put(admin, spare["id"], enabled=False)
    assert control.status_code == 200
    return refused


@requirement("nodes.set-in-use-not-disabled")
def test_set_in_use_not_disabled(admin: Admin, spare: Json) -> None:
    assert_not_disabled(admin, spare, using(spare["types"][0]))


@requirement("nodes.set-in-use-code")
def test_set_in_use_code(admin: Admin, spare: Json) -> None:
    refused = assert_not_disabled(admin, spare, using(spare["types"][0]))

    assert conforms(refused, "error")["code"] == "type_in_use"


@requirement("nodes.set-of-a-disabled-tab-is-in-use")
def test_set_of_a_disabled_tab_is_in_use(admin: Admin, spare: Json) -> None:
    assert_not_disabled(admin, spare, using(spare["types"][0], disabled=True))


@requirement("nodes.set-in-use-enabled")
def test_set_in_use_enabled(admin: Admin, spare: Json) -> None:
    for was_enabled in (True, False):
        admin.deploy([])
        put(admin, spare["id"], enabled=was_enabled)
        admin.deploy(using(spare["types"][0]))

        reply = put(admin, spare["id"], enabled=True)

        assert reply.status_code == 200
        assert_shows(reply, spare, is_enabled=True)


def assert_nothing_changed(admin: Admin, spare: Json, body: Json) -> httpx.Response:
    """A body that does not say what to do is refused, and one that does is not; gives the refusal."""
    before = listed(admin)

    refused = admin.put(f"/nodes/{spare['id']}", json=body)
    assert refused.status_code == 400
    assert listed(admin) == before

    control = put(admin, spare["id"], enabled=False)
    assert control.status_code == 200
    return refused


@requirement("nodes.set-without-enabled-refused")
@pytest.mark.parametrize("body", [{}, {"disabled": True}, {"Enabled": False}], ids=["empty", "other", "capital"])
def test_set_without_enabled_refused(admin: Admin, spare: Json, body: Json) -> None:
    assert_nothing_changed(admin, spare, body)


@requirement("nodes.set-without-enabled-code")
def test_set_without_enabled_code(admin: Admin, spare: Json) -> None:
    refused = assert_nothing_changed(admin, spare, {})

    assert conforms(refused, "error")["code"] == "invalid_request"


@requirement("nodes.enabled-is-judged-by-its-truth")
@pytest.mark.parametrize(
    ("value", "truth"),
    [(None, False), (0, False), ("", False), (1, True), ("false", True)],
    ids=["null", "zero", "empty-text", "one", "text-false"],
)
def test_enabled_is_judged_by_its_truth(admin: Admin, spare: Json, value: Json, truth: bool) -> None:
    put(admin, spare["id"], enabled=not truth)

    reply = put(admin, spare["id"], enabled=value)

    assert reply.status_code == 200
    assert enabled(listed(admin)).get(spare["id"]) is truth


@requirement("nodes.change-of-an-unknown-set-refused")
def test_change_of_an_unknown_set_refused(admin: Admin, spare: Json, target: Target) -> None:
    before = listed(admin)

    for path in (f"{spare['module']}/conformance-{target.seed}", f"conformance-{target.seed}/{spare['name']}"):
        for wanted in (False, True):
            assert put(admin, path, enabled=wanted).status_code in (400, 404)
            assert listed(admin) == before

    control = put(admin, spare["id"], enabled=False)
    assert control.status_code == 200


@pytest.mark.parametrize(
    "below",
    [
        pytest.param("", marks=requirement("nodes.change-of-an-unknown-module-is-404"), id="module"),
        pytest.param("/conformance", marks=requirement("nodes.change-of-an-unknown-set-is-404"), id="set"),
    ],
)
@pytest.mark.usefixtures("may_write")
def test_change_is_404(admin: Admin, target: Target, below: str, seen: Callable[[str], None]) -> None:
    reply = put(admin, f"conformance-{target.seed}{below}", enabled=True)

    if reply.status_code == 400:
        assert conforms(reply, "error-code")["code"] == "not_found"
        seen("400 not_found, as runtimes since 1.1 give it")
    else:
        assert reply.status_code == 404
        seen("404, as documented")


@requirement("nodes.module-enabled")
@pytest.mark.usefixtures("may_write")
def test_module_enabled(admin: Admin) -> None:
    before = listed(admin)
    name = module_that_works(before)

    reply = put(admin, name, enabled=True)

    assert reply.status_code == 200
    module = conforms(reply, "node-module")
    assert module["name"] == name
    assert enabled({node_set["id"]: node_set for node_set in module["nodes"]}) == {
        set_id: True for set_id, node_set in before.items() if node_set["module"] == name
    }
    assert enabled(listed(admin)) == enabled(before)


def module_that_works(sets: dict[str, Json]) -> str:
    """A module that is enabled as a whole already, so that to enable it changes nothing."""
    working = {node_set["id"] for node_set in loaded(sets)}
    partly = {node_set["module"] for set_id, node_set in sets.items() if set_id not in working}
    whole: list[str] = [node_set["module"] for node_set in sets.values() if node_set["module"] not in partly]
    if not whole:
        raise NotTested("each module of the target's palette has a set that is disabled or does not load")
    return min(whole, key=whole.count)
