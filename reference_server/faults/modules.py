"""Faults of modules that are installed: they are not as they should be, or not gone when they should be."""

from dataclasses import replace

from reference_server.faults.enabling import deploying, forced, in_use, no_enabled, reading
from reference_server.faults.install import MADE_UP, by_name, installs, module_path, named, removes, uploads
from reference_server.faults.lying import Answer, Ask, Honest, error, fault
from reference_server.faults.nodes import NODES, below, changes, lists, of_set, wants_json

TYPE = "conformance-"
"""How the types begin that the suite brings."""

SMALL = "node-red-node-random"
"""A module that the honest server installs by its name."""


def changes_module(ask: Ask) -> bool:
    """Whether this is PUT of a module of the suite, whatever it says."""
    return ask.method == "PUT" and below(ask) == "node-red-contrib-conformance"


@fault("install.module-is-in-the-palette")
async def installs_modules_as_disabled(ask: Ask, honest: Honest) -> Answer:
    """A module that is uploaded is disabled."""
    answer = await honest(ask)
    if uploads(ask) and answer.status == 200:
        await honest(replace(reading(ask, module_path(answer.json)), method="PUT").with_json({"enabled": False}))
    return answer


@fault("install.module-is-in-the-palette")
async def forgets_what_is_uploaded(ask: Ask, honest: Honest) -> Answer:
    """A tarball is answered as it should be, and is not installed."""
    answer = await honest(ask)
    if uploads(ask) and answer.status == 200:
        await honest(replace(reading(ask, module_path(answer.json)), method="DELETE"))
    return answer


@fault("install.module-is-in-the-html")
async def has_the_html_of_core_nodes_alone(ask: Ask, honest: Honest) -> Answer:
    """The HTML of GET /nodes has nothing of modules that were installed."""
    answer = await honest(ask)
    if lists(ask) and not wants_json(ask):
        return replace(answer, body=answer.body.partition(b"<!-- --- [red-module:node-red-contrib-")[0])
    return answer


@fault("install.installed-type-deploys")
async def deploys_core_types_alone(ask: Ask, honest: Honest) -> Answer:
    """A deployment goes without the nodes whose type was installed."""
    if ask.nodes:
        ask = ask.with_nodes([node for node in ask.nodes if not str(node.get("type")).startswith(TYPE)])
    return await honest(ask)


@fault("install.installed-type-deploys")
async def refuses_types_that_were_installed(ask: Ask, honest: Honest) -> Answer:
    """A deployment with a node whose type was installed is refused with 400."""
    if any(str(node.get("type")).startswith(TYPE) for node in ask.nodes or ()):
        return error(400, "unexpected_error")
    return await honest(ask)


@fault("install.no-archive-refused", "install.package-without-nodes-refused", "install.other-field-refused")
async def installs_something_for_an_upload_that_it_refuses(ask: Ask, honest: Honest) -> Answer:
    """A tarball is refused as it should be, and another module installed, or removed where it is installed already."""
    answer = await honest(ask)
    if uploads(ask) and answer.status == 400:
        removed = await honest(replace(reading(ask, f"{NODES}/{SMALL}"), method="DELETE"))
        if removed.status == 404:
            await honest(by_name(ask, SMALL))
    return answer


@fault("install.other-field-refused")
async def takes_a_package_in_any_field(ask: Ask, honest: Honest) -> Answer:
    """The name of the field in which a package comes is not looked at."""
    if uploads(ask):
        ask = replace(ask, body=ask.body.replace(b'name="package"', b'name="tarball"'))
    return await honest(ask)


@fault("install.installed-by-name")
async def installs_nothing_by_name(ask: Ask, honest: Honest) -> Answer:
    """A module is answered as if it were installed by its name, and is not."""
    return Answer(200).with_json({**MADE_UP, "name": SMALL}) if named(ask) == SMALL else await honest(ask)


@fault("install.name-with-version-refused")
async def takes_the_version_off_a_name(ask: Ask, honest: Honest) -> Answer:
    """A version behind a name is not looked at."""
    name, version, _ = named(ask).partition("@")
    return await honest(by_name(ask, name) if name and version else ask)


@fault("install.name-with-version-refused")
async def installs_what_it_refuses_for_its_version(ask: Ask, honest: Honest) -> Answer:
    """A version behind a name is refused with 400, and the module installed."""
    name, version, _ = named(ask).partition("@")
    if name and version:
        await honest(by_name(ask, name))
    return await honest(ask)


@fault("install.no-module-refused")
async def installs_something_for_no_module(ask: Ask, honest: Honest) -> Answer:
    """A request that names no module is refused, and a module installed."""
    answer = await honest(ask)
    if installs(ask) and not uploads(ask) and not named(ask):
        await honest(by_name(ask, SMALL))
    return answer


@fault("install.module-disabled")
async def disables_the_first_set_of_a_module(ask: Ask, honest: Honest) -> Answer:
    """To disable a module disables its first set."""
    if changes_module(ask) and changes(ask) and not ask.json["enabled"]:
        await honest(replace(ask, path=f"{ask.path}/first"))
        return await honest(reading(ask, ask.path))
    return await honest(ask)


@fault("install.module-disabled")
async def disables_every_installed_module(ask: Ask, honest: Honest) -> Answer:
    """With a module that is disabled goes a core node."""
    if changes_module(ask) and changes(ask):
        await honest(replace(ask, path=f"{NODES}/node-red/comment"))
    return await honest(ask)


@fault("install.one-set-of-a-module-disabled")
async def disables_the_whole_module_of_a_set(ask: Ask, honest: Honest) -> Answer:
    """With a set that is disabled goes the rest of its module."""
    if changes(ask) and of_set(ask) and "conformance" in ask.path:
        await honest(replace(ask, path=ask.path.rpartition("/")[0]))
    return await honest(ask)


@fault("install.module-without-enabled-refused")
async def takes_a_missing_enabled_of_a_module_for_false(ask: Ask, honest: Honest) -> Answer:
    """Without enabled, a module is disabled."""
    if changes_module(ask) and isinstance(ask.json, dict):
        return await honest(ask.with_json({"enabled": False, **ask.json}))
    return await honest(ask)


@fault("install.module-without-enabled-refused")
async def disables_a_module_that_it_refuses_for_its_body(ask: Ask, honest: Honest) -> Answer:
    """A change of a module that does not say what to do is refused, and disables it."""
    answer = await honest(ask)
    if changes_module(ask) and no_enabled(answer):
        await honest(ask.with_json({"enabled": False}))
    return answer


@fault("install.module-in-use-not-disabled", "install.module-in-use-not-removed")
async def keeps_no_module_for_its_use(ask: Ask, honest: Honest) -> Answer:
    """A module is disabled and removed whatever uses its types."""
    answer = await honest(ask)
    return await forced(ask, honest) if in_use(answer) and (changes_module(ask) or removes(ask)) else answer


@fault("install.module-in-use-not-disabled", "install.module-in-use-not-removed")
async def does_what_it_refuses_for_a_module_in_use(ask: Ask, honest: Honest) -> Answer:
    """To disable or remove a module in use is refused, and done all the same."""
    answer = await honest(ask)
    if in_use(answer) and (changes_module(ask) or removes(ask)):
        await forced(ask, honest)
    return answer


@fault("install.module-removed", "install.module-in-use-not-removed")
async def removes_nothing(ask: Ask, honest: Honest) -> Answer:
    """A removal is answered as it should be, and the module stays."""
    return Answer(204) if removes(ask) else await honest(ask)


@fault("install.module-removed")
async def removes_the_flows_with_a_module(ask: Ask, honest: Honest) -> Answer:
    """With a module the flows go."""
    answer = await honest(ask)
    if removes(ask) and answer.status == 204:
        await honest(deploying(ask, []))
    return answer


@fault("install.module-removed")
async def shows_the_html_of_what_is_gone(ask: Ask, honest: Honest) -> Answer:
    """The HTML of a module stays in that of GET /nodes when it is removed."""
    if removes(ask):
        ask.memory["html"] = (await honest(reading(ask).under(accept="text/html"))).body
    answer = await honest(ask)
    html = lists(ask) and not wants_json(ask) and "html" in ask.memory
    return replace(answer, body=ask.memory["html"]) if html else answer


@fault("install.scoped-set-disabled")
async def changes_nothing_with_a_scope(ask: Ask, honest: Honest) -> Answer:
    """A change of a set whose module has a scope answers 200, and changes nothing."""
    if changes(ask) and below(ask).startswith("@"):
        answer = await honest(reading(ask, ask.path))
        return answer.with_json({**answer.json, "enabled": ask.json["enabled"]})
    return await honest(ask)


@fault("install.scoped-module-at-its-name")
async def drops_the_scope_of_a_name(ask: Ask, honest: Honest) -> Answer:
    """A module is given without the scope of its name."""
    answer = await honest(ask)
    if ask.method == "GET" and below(ask).startswith("@") and isinstance(answer.json, dict) and "nodes" in answer.json:
        return answer.with_json({**answer.json, "name": answer.json["name"].partition("/")[2]})
    return answer
