"""Requests and replies as the API words them: bodies that are read, JSON that is given, refusals."""

import gzip
import hashlib
import json
import zlib
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

Json = Any
"""Whatever `json.loads` returns."""

BODY_LIMIT: Final = 5 * 1024 * 1024
"""Bytes in a request's body; Node-RED's default `apiMaxLength`."""


class ApiError(Exception):
    """A refusal, as the API words it: a status, and an object with `code` and `message`."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class BadBody(Exception):
    """A body that cannot be read: too large, malformed, or in an unknown encoding."""

    def __init__(self, status: int, what: str) -> None:
        super().__init__(what)
        self.status = status


def api_version(request: Request) -> str:
    """`v1` or `v2`; an absent or empty header means `v1`."""
    version = ", ".join(request.headers.getlist("node-red-api-version")) or "v1"
    if version not in ("v1", "v2"):
        raise ApiError(400, "invalid_api_version", f"Invalid API version: {version}")
    return version


async def read_body(request: Request) -> Json:
    """The body as JSON or as a form; an empty object where it is neither, as Node-RED's body parser has it."""
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    body = await request.body()
    if media_type.strip() not in ("application/json", "application/x-www-form-urlencoded"):
        return {}
    if request.headers.get("content-encoding", "identity") == "gzip":
        body = unzipped(body)
    if len(body) > BODY_LIMIT:
        raise BadBody(413, "The body is larger than the limit")
    if media_type.strip() != "application/json":
        return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    charset = parameters.partition("charset=")[2].strip('" ') or "utf-8"
    if charset not in ("utf-8", "utf-16"):
        raise BadBody(415, f"Unsupported charset: {charset}")
    return parse_json(body.decode(charset, "replace").removeprefix("\ufeff")) if body else {}


def unzipped(body: bytes) -> bytes:
    """The body without its gzip encoding."""
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error) as error:
        raise BadBody(400, "The body is not gzip") from error


def parse_json(text: str) -> Json:
    """The JSON text's value, which must be an object or an array."""
    try:
        value = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadBody(400, "The body is not JSON") from error
    if not isinstance(value, dict | list):
        raise BadBody(400, "The body is neither an object nor an array")
    return value


def refuse_constant(name: str) -> Json:
    """NaN and the infinities, which Python reads and JSON does not have."""
    raise ValueError(name)


def json_reply(value: Json, request: Request | None = None, status: int = 200) -> Response:
    """The value as JSON; to a conditional request that already has it, 304."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    etag = f'W/"{len(body):x}-{hashlib.sha1(body, usedforsecurity=False).hexdigest()}"'
    known = request.headers.get("if-none-match", "") if request is not None else ""
    if etag in known or known == "*":
        return Response(status_code=304, headers={"ETag": etag})
    headers = {"ETag": etag, "Content-Type": "application/json; charset=utf-8"}
    return Response(body, status, headers)
