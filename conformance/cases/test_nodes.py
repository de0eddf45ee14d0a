"""GET /nodes and below: what the palette holds."""

import re
from collections import Counter
from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.checks import conforms, media_type, member, parsed
from conformance.client import ACCEPT_JSON, Admin
from conformance.data import Json
from conformance.outcomes import NotApplicable
from conformance.palette import AS_HTML, html, listed, loaded
from conformance.targets import Target

CORE = "node-red"
"""The module that Node-RED itself comes with, and no user installs."""


def a_set(admin: Admin) -> dict[str, str]:
    """A set whose types work."""
    found = loaded(listed(admin))[0]
    return {key: found[key] for key in ("id", "module", "name")}


def made_up(target: Target) -> str:
    """The name of a module, or of a set, that nobody has."""
    return f"conformance-{target.seed}"


@requirement("nodes.list-gives-node-sets")
def test_list_gives_node_sets(admin: Admin) -> None:
    reply = admin.get("/nodes", headers=ACCEPT_JSON)

    assert reply.status_code == 200
    assert media_type(reply) == "application/json"
    if not conforms(reply, "node-sets"):
        core = admin.get("/nodes/node-red")  # which every Node-RED has, unless its palette is empty
        assert core.status_code == 404 or member(core, "nodes") == []


@requirement("nodes.set-id-is-module-and-name")
def test_set_id_is_module_and_name(admin: Admin) -> None:
    for set_id, node_set in listed(admin).items():
        assert set_id == f"{node_set['module']}/{node_set['name']}"


@requirement("nodes.set-ids-are-unique")
def test_set_ids_are_unique(admin: Admin) -> None:
    ids = Counter(node_set["id"] for node_set in conforms(admin.get("/nodes", headers=ACCEPT_JSON), "node-sets"))

    assert [set_id for set_id, times in ids.items() if times > 1] == []


@requirement("nodes.one-set-provides-a-type")
def test_one_set_provides_a_type(admin: Admin) -> None:
    types = Counter(node_type for node_set in loaded(listed(admin)) for node_type in node_set["types"])

    assert types
    assert [node_type for node_type, times in types.items() if times > 1] == []


@requirement("nodes.set-has-the-version-of-its-module")
def test_set_has_the_version_of_its_module(admin: Admin) -> None:
    sets = listed(admin)
    versions = {name: module(admin, name)["version"] for name in modules(admin)}

    for node_set in sets.values():
        assert (node_set["module"], node_set.get("version")) in versions.items()


@requirement("nodes.set-says-whether-it-is-local")
def test_set_says_whether_it_is_local(admin: Admin) -> None:
    sets = listed(admin)

    assert [set_id for set_id, node_set in sets.items() if not isinstance(node_set.get("local"), bool)] == []
    assert [set_id for set_id, node_set in sets.items() if node_set["module"] == CORE and node_set["local"]] == []


@requirement("nodes.core-sets-are-of-node-red")
def test_core_sets_are_of_node_red(admin: Admin, seen: Callable[[str], None]) -> None:
    of_debug = [node_set["module"] for node_set in listed(admin).values() if "debug" in node_set["types"]]
    if not of_debug:
        raise NotApplicable("the target has no debug node")

    assert len(of_debug) == 1
    seen(f"the debug node is of the module {of_debug[0]}")


@requirement("nodes.list-as-html")
def test_list_as_html(admin: Admin) -> None:
    reply = admin.get("/nodes", headers=AS_HTML)

    assert reply.status_code == 200
    assert media_type(reply) == "text/html"
    for node_set in loaded(listed(admin)):
        assert [node_type for node_type in node_set["types"] if node_type not in reply.text] == []


@requirement("nodes.html-names-each-set")
def test_html_names_each_set(admin: Admin) -> None:
    named = re.findall(r"<!-- --- \[red-module:(\S+)\] --- -->", html(admin))

    assert sorted(named) == sorted(node_set["id"] for node_set in loaded(listed(admin)))


@requirement("nodes.list-under-other-accept-is-html")
@pytest.mark.parametrize(
    "accepted",
    ["application/json; charset=utf-8", "application/json, */*", "APPLICATION/JSON", "application/*", "*/*", ""],
    ids=["with-charset", "with-another", "in-capitals", "any-application", "any", "none"],
)
def test_list_under_other_accept_is_html(admin: Admin, accepted: str, seen: Callable[[str], None]) -> None:
    headers = {"Accept": accepted} if accepted else {}
    request = admin.build_request("GET", "/nodes", headers=headers)
    if not accepted:
        del request.headers["Accept"]

    reply = admin.send(request)

    assert reply.status_code == 200
    assert media_type(reply) == "text/html"
    seen(f"HTML for {accepted or 'no Accept'}")


def modules(admin: Admin) -> list[str]:
    """The names of the modules whose sets are listed."""
    return sorted({node_set["module"] for node_set in listed(admin).values()})


@requirement("nodes.module-gives-node-module")
def test_module_gives_node_module(admin: Admin) -> None:
    for name in modules(admin):
        reply = admin.get(f"/nodes/{name}")

        assert reply.status_code == 200
        assert media_type(reply) == "application/json"
        assert conforms(reply, "node-module")["name"] == name


@requirement("nodes.modules-hold-the-sets-of-the-list")
def test_modules_hold_the_sets_of_the_list(admin: Admin) -> None:
    held = [node_set for name in modules(admin) for node_set in module(admin, name)["nodes"]]

    assert sorted(map(essence, held)) == sorted(map(essence, listed(admin).values()))


def module(admin: Admin, name: str) -> Json:
    """The module of that name."""
    return conforms(admin.get(f"/nodes/{name}"), "node-module")


def essence(node_set: Json) -> tuple[str, bool, list[str]]:
    """What a set is, wherever it is shown."""
    return node_set["id"], node_set["enabled"], sorted(node_set["types"])


@requirement("nodes.module-under-html-is-json")
def test_module_under_html_is_json(admin: Admin) -> None:
    reply = admin.get(f"/nodes/{a_set(admin)['module']}", headers=AS_HTML)

    assert reply.status_code == 200
    conforms(reply, "node-module")


@requirement("nodes.set-gives-node-set")
def test_set_gives_node_set(admin: Admin) -> None:
    for set_id, node_set in listed(admin).items():
        reply = admin.get(f"/nodes/{set_id}", headers=ACCEPT_JSON)

        assert reply.status_code == 200
        assert essence(conforms(reply, "node-set")) == essence(node_set)


@requirement("nodes.set-as-html")
def test_set_as_html(admin: Admin) -> None:
    whole = html(admin)

    for node_set in loaded(listed(admin))[:5]:
        reply = admin.get(f"/nodes/{node_set['id']}", headers=AS_HTML)
        assert reply.status_code == 200
        assert media_type(reply) == "text/html"
        assert [node_type for node_type in node_set["types"] if node_type not in reply.text] == []
        assert len(reply.text) < len(whole)


@requirement("nodes.set-without-accept-is-json")
def test_set_without_accept_is_json(admin: Admin, seen: Callable[[str], None]) -> None:
    node_set = a_set(admin)
    request = admin.build_request("GET", f"/nodes/{node_set['id']}")
    del request.headers["Accept"]

    reply = admin.send(request)

    assert reply.status_code == 200
    if media_type(reply) == "text/html":
        seen("HTML, as runtimes give it")
    else:
        assert conforms(reply, "node-set")["id"] == node_set["id"]
        seen("a node set, as documented")


@requirement("nodes.unknown-module-is-404")
def test_unknown_module_is_404(admin: Admin, target: Target) -> None:
    unknown = admin.get(f"/nodes/{made_up(target)}")
    control = admin.get(f"/nodes/{a_set(admin)['module']}")

    assert unknown.status_code == 404
    assert control.status_code == 200


@requirement("nodes.unknown-set-is-404")
def test_unknown_set_is_404(admin: Admin, target: Target) -> None:
    known = a_set(admin)

    for path in (f"{known['module']}/{made_up(target)}", f"{made_up(target)}/{known['name']}"):
        for accepted in (ACCEPT_JSON, AS_HTML):
            unknown = admin.get(f"/nodes/{path}", headers=accepted)
            control = admin.get(f"/nodes/{known['id']}", headers=accepted)
            assert unknown.status_code == 404
            assert control.status_code == 200


@pytest.mark.parametrize(
    "below",
    [
        pytest.param("", marks=requirement("nodes.unknown-module-reply"), id="module"),
        pytest.param("/conformance", marks=requirement("nodes.unknown-set-reply"), id="set"),
    ],
)
def test_unknown_reply(admin: Admin, target: Target, below: str, seen: Callable[[str], None]) -> None:
    reply = admin.get(f"/nodes/{made_up(target)}{below}")

    assert reply.status_code == 404
    if reply.content:
        assert conforms(reply, "error-code")["code"] == "not_found"
    seen("an error object, as runtimes give it" if reply.content else "no body, as documented")


@requirement("nodes.encoded-names-are-decoded")
@pytest.mark.parametrize("digits", ["02X", "02x"], ids=["capital", "small"])
def test_encoded_names_are_decoded(admin: Admin, digits: str) -> None:
    known = a_set(admin)
    module, name = (f"%{ord(known[key][0]):{digits}}{known[key][1:]}" for key in ("module", "name"))

    for path, schema in ((module, "node-module"), (f"{module}/{name}", "node-set")):
        reply = admin.get(f"/nodes/{path}", headers=ACCEPT_JSON)
        assert reply.status_code == 200
        assert conforms(reply, schema)["name"] == known["module" if schema == "node-module" else "name"]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=requirement(f"nodes.{name}"), id=f"{name}-{number}")
        for name, paths in {
            "slash-after-a-name-is-404": ["/nodes/{module}/", "/nodes/{id}/"],
            "capital-in-the-route-is-404": ["/Nodes/{module}", "/NODES/{id}"],
            "name-in-capitals-is-404": ["/nodes/{MODULE}", "/nodes/{module}/{NAME}"],
        }.items()
        for number, path in enumerate(paths, 1)
    ],
)
def test_spelling_is_404(admin: Admin, path: str) -> None:
    known = a_set(admin)
    capitals = {key.upper(): known[key].swapcase() for key in ("module", "name")}

    assert admin.get(path.format(**known, **capitals), headers=ACCEPT_JSON).status_code == 404


@requirement("nodes.messages-are-an-object")
def test_messages_are_an_object(admin: Admin) -> None:
    assert_translations(admin, "/nodes/messages")


@requirement("nodes.messages-of-a-set-are-an-object")
def test_messages_of_a_set_are_an_object(admin: Admin) -> None:
    assert_translations(admin, f"/nodes/{a_set(admin)['id']}/messages")


def assert_translations(admin: Admin, path: str) -> None:
    """Translations are given, in an object; of the English ones, which every module has if it has any."""
    reply = admin.get(path, params={"lng": "en-US"})
    if reply.status_code == 404:
        raise NotApplicable(f"the target offers no {path}")

    assert reply.status_code == 200
    assert isinstance(parsed(reply), dict)
