"""Faults of what users saved."""

from reference_server.faults.authorization import by_administrator, for_anybody, remembering
from reference_server.faults.lying import Answer, Ask, Honest, fault

FLOWS = "/library/local/flows"


def lists(ask: Ask) -> bool:
    """Whether this asks what is in the library's first folder."""
    return ask.method == "GET" and ask.path.rstrip("/") == FLOWS


@fault("library.folder-lists-names-and-files", "library.slash-after-a-folder-is-optional", "library.reader-reads")
async def lists_an_object(ask: Ask, honest: Honest) -> Answer:
    """A folder of the library is an object, as in early versions."""
    answer = await honest(ask)
    return answer.with_json({"f": []}) if lists(ask) and answer.status == 200 else answer


@fault("library.folder-lists-names-and-files")
async def lists_files_by_another_key(ask: Ask, honest: Honest) -> Answer:
    """The files in a folder of the library have their name in `name`."""
    answer = await honest(ask)
    return answer.with_json([{"name": "a.json"}]) if lists(ask) and answer.status == 200 else answer


@fault("library.slash-after-a-folder-is-optional")
async def wants_a_slash_after_a_folder(ask: Ask, honest: Honest) -> Answer:
    """A folder of the library without a slash behind it is answered with 404."""
    return Answer(404) if ask.path == FLOWS else await honest(ask)


@fault("library.unknown-entry-refused")
async def gives_an_empty_list_for_what_is_unknown(ask: Ask, honest: Honest) -> Answer:
    """What the library does not have is answered with 200 and an empty array."""
    answer = await honest(ask)
    unknown = ask.method == "GET" and ask.path.startswith("/library/") and answer.status == 400
    return Answer(200).with_json([]) if unknown else answer


@fault("library.unknown-entry-refused")
async def has_libraries_of_every_name(ask: Ask, honest: Honest) -> Answer:
    """An unknown library is empty."""
    other = ask.method == "GET" and ask.path.startswith("/library/") and not ask.path.startswith("/library/local/")
    return Answer(200).with_json([]) if other else await honest(ask)


@fault("library.path-out-of-it-refused")
async def lets_paths_out_of_the_library(ask: Ask, honest: Honest) -> Answer:
    """A path that leads out of the library is followed."""
    answer = await honest(ask)
    return Answer(200, {"content-type": "text/plain"}, b"secret") if answer.status == 403 else answer


@fault("library.path-out-of-it-refused")
async def looks_at_the_beginning_of_a_path_only(ask: Ask, honest: Honest) -> Answer:
    """A path that leads out of the library by way of a folder is followed."""
    answer = await honest(ask)
    by_a_folder = answer.status == 403 and "/flows/.." not in ask.path
    return Answer(200, {"content-type": "text/plain"}, b"secret") if by_a_folder else answer


@fault("library.without-token-refused")
async def lists_the_library_to_anybody(ask: Ask, honest: Honest) -> Answer:
    """GET /library needs no token."""
    return await (for_anybody if lists(ask) else remembering)(ask, honest)


@fault("library.reader-reads")
async def hides_the_library_from_readers(ask: Ask, honest: Honest) -> Answer:
    """GET /library needs the permission to do everything."""
    answer = await remembering(ask, honest)
    return Answer(401) if lists(ask) and not by_administrator(ask) else answer
