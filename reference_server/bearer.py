"""Where a request carries its token, and how one without a right token is refused."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from reference_server.messages import read_body

HEADER_WORDS = 2
"""The words of an Authorization header: a scheme and a token."""


class Unauthorised(Exception):
    """A request without the token or the permission that it needs."""

    def __init__(self, reply: Response) -> None:
        super().__init__()
        self.reply = reply


async def authorization_of(request: Request) -> str:
    """A scheme and a token, from the header, the query or the body, empty where there is none; raises Unauthorised."""
    body = await read_body(request)
    header = request.headers.get("authorization", "")
    tokens = [request.query_params.get("access_token"), body.get("access_token") if isinstance(body, dict) else None]
    found = ([header] if header else []) + [f"Bearer {token}" for token in tokens if token]
    if len(found) > 1 or (header and len(header.split(" ")) != HEADER_WORDS):
        raise Unauthorised(PlainTextResponse("Bad Request", 400))
    return found[0] if found else ""


def challenge(*, wrong: bool) -> Response:
    """The refusal of a request whose token is none, or that has none."""
    error = ', error="invalid_token"' if wrong else ""
    return PlainTextResponse("Unauthorized", 401, {"WWW-Authenticate": f'Bearer realm="Users"{error}'})
