"""What users saved: `/library`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from starlette.requests import Request
from starlette.responses import Response

from reference_server.library import Entry
from reference_server.messages import ApiError, json_reply, read_body
from reference_server.routing import Endpoint, Endpoints

if TYPE_CHECKING:
    from reference_server.app import Api


async def get_entry(api: Api, request: Request) -> Response:
    """GET /library/local/:type/:path: a text, or what is in a folder."""
    kind, path = place(request)
    entry = api.library.entry(kind, path)
    if entry is None:
        return json_reply(api.library.listing(kind, path), request)
    return Response(entry.text, media_type="application/json" if kind == "flows" else "text/plain")


async def post_entry(api: Api, request: Request) -> Response:
    """POST /library/local/:type/:path. Flows are the body; of another type it holds the text and its properties."""
    kind, path = place(request)
    body = await read_body(request)
    if kind == "flows":
        entry = Entry(json.dumps(body, ensure_ascii=False), {})
    else:
        properties = {key: value for key, value in body.items() if key != "text"} if isinstance(body, dict) else {}
        entry = Entry(str(body.get("text", "")) if isinstance(body, dict) else "", properties)
    api.library.save(kind, path, entry)
    return Response(status_code=204)


def place(request: Request) -> tuple[str, str]:
    """The type and the path that the request is about, in the one library that there is."""
    library = request.path_params["library"]
    if library != "local":
        raise ApiError(400, "unexpected_error", f"There is no library {library}")
    return request.path_params["kind"], request.path_params.get("path", "")


ENDPOINTS: Final[Endpoints] = (
    Endpoint("GET", "/library/{library}/{kind}", "library.read", get_entry),
    Endpoint("GET", "/library/{library}/{kind}/{path:path}", "library.read", get_entry),
    Endpoint("POST", "/library/{library}/{kind}/{path:path}", "library.write", post_entry),
)
