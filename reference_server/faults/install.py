"""Faults of modules that come and go."""

from collections.abc import Callable

from reference_server.faults.lying import Answer, Ask, Honest, Json, Lie, error, fault
from reference_server.faults.nodes import NODES, below

MADE_UP = {"name": "made-up", "version": "1.0.0", "nodes": []}


def installs(ask: Ask) -> bool:
    """Whether this is POST /nodes."""
    return ask.method == "POST" and ask.path == NODES


def uploads(ask: Ask) -> bool:
    """Whether this is POST /nodes with a tarball."""
    return installs(ask) and ask.headers.get("content-type", "").startswith("multipart/")


def removes(ask: Ask) -> bool:
    """Whether this is DELETE of a module."""
    return ask.method == "DELETE" and bool(below(ask))


def named(ask: Ask) -> str:
    """The name of the module that is to be installed from the registry, empty in any other request."""
    name = ask.json.get("module") if installs(ask) and isinstance(ask.json, dict) else ""
    return name if isinstance(name, str) else ""


def by_name(ask: Ask, name: str) -> Ask:
    """The installation of another module, by its name."""
    return ask.with_json({"module": name})


def module_path(module: Json) -> str:
    """The path of a module."""
    return f"{NODES}/{module['name']}"


def answering(asked: Callable[[Ask, Answer], bool], answer: Answer, name: str, text: str) -> Lie:
    """The lie that gives this answer in place of some others, without doing anything more."""

    async def lie(ask: Ask, honest: Honest) -> Answer:
        true = await honest(ask)
        return answer if asked(ask, true) else true

    lie.__name__, lie.__doc__ = name, text
    return lie


def code(answer: Answer) -> Json:
    """The code of a refusal, None where there is none."""
    return answer.json.get("code") if isinstance(answer.json, dict) else None


MODULE = Answer(200).with_json(MADE_UP)

for promises, name, text, asked, answer in (
    (
        ("upload-gives-node-module",),
        "answers_204_to_uploads",
        "A tarball is installed, and answered with 204.",
        lambda ask, true: uploads(ask) and true.status == 200,
        Answer(204),
    ),
    (
        ("upload-gives-node-module",),
        "gives_another_module_for_an_upload",
        "A tarball is installed, and answered with a module that it does not hold.",
        lambda ask, true: uploads(ask) and true.status == 200,
        MODULE,
    ),
    (
        ("no-archive-refused",),
        "takes_any_file",
        "A file that is no archive is answered as if it were installed.",
        lambda ask, true: installs(ask) and code(true) == "TAR_BAD_ARCHIVE",
        MODULE,
    ),
    (
        ("package-without-nodes-refused",),
        "takes_any_package",
        "A package without nodes is answered as if it were installed.",
        lambda ask, true: uploads(ask) and code(true) == 404,
        MODULE,
    ),
    (
        ("same-version-again-refused", "installed-name-refused"),
        "says_yes_to_what_is_installed",
        "What is installed already is answered as if it were installed now.",
        lambda _, true: code(true) == "module_already_loaded",
        MODULE,
    ),
    (
        ("same-version-again-refused", "installed-name-refused"),
        "answers_409_to_what_is_installed",
        "What is installed already is refused with 409.",
        lambda _, true: code(true) == "module_already_loaded",
        error(409, "module_already_loaded"),
    ),
    (
        ("same-version-again-refused", "installed-name-refused"),
        "has_another_code_for_what_is_installed",
        "The refusal of what is installed already has the code unexpected_error.",
        lambda _, true: code(true) == "module_already_loaded",
        error(400, "unexpected_error"),
    ),
    (
        ("unknown-module-is-404",),
        "answers_400_to_an_unknown_module",
        "A module that the registry does not have is refused with 400.",
        lambda ask, true: bool(named(ask)) and code(true) == 404,
        error(400, "invalid_module_name"),
    ),
    (
        ("unknown-module-is-404", "missing-directory-is-404"),
        "installs_nothing_and_says_yes",
        "A module that there is not is answered as if it were installed.",
        lambda ask, true: bool(named(ask)) and code(true) == 404,
        MODULE,
    ),
    (
        ("missing-directory-is-404",),
        "takes_a_path_for_a_bad_name",
        "A path is refused with 400.",
        lambda ask, _: named(ask).startswith("/"),
        error(400, "invalid_module_name"),
    ),
    (
        ("no-module-refused", "no-module-code"),
        "answers_422_to_no_module",
        "A request that names no module is refused with 422.",
        lambda ask, true: installs(ask) and code(true) == "invalid_request",
        error(422, "invalid_request"),
    ),
    (
        ("no-module-refused", "no-module-code"),
        "says_yes_to_no_module",
        "A request that names no module is answered as if something were installed.",
        lambda ask, true: installs(ask) and code(true) == "invalid_request",
        MODULE,
    ),
    (
        ("no-module-code",),
        "has_another_code_for_no_module",
        "The refusal of a request that names no module has the code unexpected_error.",
        lambda ask, true: installs(ask) and not uploads(ask) and code(true) == "invalid_request",
        error(400, "unexpected_error"),
    ),
    (
        ("malformed-name-refused",),
        "looks_for_any_name",
        "A name that no module can have is looked for.",
        lambda _, true: code(true) == "invalid_module_name",
        error(404, "not_found"),
    ),
    (
        ("installed-by-name",),
        "answers_204_to_a_name",
        "A module is installed by its name, and answered with 204.",
        lambda ask, true: bool(named(ask)) and true.status == 200,
        Answer(204),
    ),
    (
        ("module-removed",),
        "answers_200_to_a_removal",
        "A module is removed, and answered with 200.",
        lambda ask, true: removes(ask) and true.status == 204,
        MODULE,
    ),
    (
        ("unknown-module-not-removed",),
        "says_yes_to_the_removal_of_anything",
        "The removal of a module that is not there is answered as if it had been.",
        lambda ask, true: removes(ask) and true.status == 404,
        Answer(204),
    ),
    (
        ("module-in-use-not-removed",),
        "has_another_code_for_a_module_in_use",
        "The refusal to remove a module in use has the code unexpected_error.",
        lambda ask, true: removes(ask) and code(true) == "type_in_use",
        error(400, "unexpected_error"),
    ),
    (
        ("scoped-module-at-its-name", "scoped-set-disabled"),
        "knows_no_scopes",
        "Whatever is below the name of a scope is answered with 404.",
        lambda ask, _: below(ask).startswith("@") and "@" in ask.raw_path and "%" not in ask.raw_path,
        error(404, "not_found"),
    ),
    (
        ("scoped-module-at-its-encoded-name",),
        "knows_scopes_by_their_slash_alone",
        "The encoded name of a module with a scope is not found.",
        lambda ask, _: "%2F" in ask.raw_path,
        error(404, "not_found"),
    ),
):
    fault(*(f"install.{promise}" for promise in promises))(answering(asked, answer, name, text))
