"""Paths that a target may do without."""

from typing import Any

import httpx

from conformance.client import Admin
from conformance.outcomes import NotApplicable


def offered(admin: Admin, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401 - httpx's own options
    """The reply to GET of the path; raises NotApplicable where the target has no such path."""
    reply = admin.get(path, **options)
    if reply.status_code == httpx.codes.NOT_FOUND:
        raise NotApplicable(f"the target offers no {path}")
    return reply
