"""Methods and paths that the API does not have, and what browsers of another origin may do."""

from collections.abc import Callable

import httpx

from conformance import requirement
from conformance.client import Admin, Deployment
from conformance.outcomes import NotApplicable
from conformance.routes import METHODS, Reading, Routes
from conformance.targets import BROWSER


@requirement("transport.unsupported-methods-change-nothing")
def test_unsupported_methods_change_nothing(
    admin: Admin, deployed: Deployment, routes: Routes, offered: list[Reading]
) -> None:
    for reading in offered:
        for method in METHODS:
            if method not in reading.route.writes:
                reply = admin.request(method, reading.path, headers=routes.headers, json={})

                assert not reply.is_success, f"{method} {reading.path}"
        assert reading.again(routes.get(reading.path)), reading.path
    assert admin.read() == deployed


UNKNOWN = (
    "/{}",
    "/{}/{}",
    "/flows/{}",
    "/flow/{}/{}",
    "/settings/{}",
    "/diagnostics/{}",
    "/auth/{}",
    "/nodes/a/b/c/{}",
)


@requirement("transport.unknown-route-is-404-to-any-method")
def test_unknown_route_is_404_to_any_method(admin: Admin, deployed: Deployment, routes: Routes) -> None:
    for path in (path.replace("{}", routes.seed) for path in UNKNOWN):
        for method in ("GET", *METHODS):
            reply = admin.request(method, path, json=None if method == "GET" else {})

            assert reply.status_code == 404, f"{method} {path}"
    assert admin.read() == deployed


@requirement("transport.options-needs-no-token")
def test_options_needs_no_token(
    client_of: Callable[[str | None], Admin], routes: Routes, seen: Callable[[str], None]
) -> None:
    nobody = client_of(None)

    statuses = {nobody.options(reading.path).status_code for reading in routes.offered()}

    seen(f"answered with {', '.join(map(str, sorted(statuses)))}")
    assert 401 not in statuses
    assert all(status < 500 for status in statuses)


def allowed_origin(reply: httpx.Response) -> str:
    """The origin that the reply lets a browser read it from."""
    origin: str = reply.headers.get("access-control-allow-origin", "")
    return origin


@requirement("transport.origin-allowed")
def test_origin_allowed(admin: Admin, seen: Callable[[str], None]) -> None:
    reply = admin.get("/flows", headers={"Origin": BROWSER})

    assert reply.status_code == 200
    seen({"*": "every origin", "": "no other origin", BROWSER: BROWSER}.get(allowed_origin(reply), "an origin"))


@requirement("transport.preflight-allows-what-replies-allow")
def test_preflight_allows_what_replies_allow(admin: Admin, client_of: Callable[[str | None], Admin]) -> None:
    needed = ["authorization", "content-type", "node-red-api-version", "node-red-deployment-type"]
    reply = admin.get("/flows", headers={"Origin": BROWSER})
    if allowed_origin(reply) not in (BROWSER, "*"):
        raise NotApplicable(f"the target lets no browser of {BROWSER} read its replies")

    preflight = client_of(None).options(
        "/flows",
        headers={
            "Origin": BROWSER,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": ",".join(needed),
        },
    )

    assert preflight.is_success
    assert allowed_origin(preflight) in (BROWSER, "*")
    headers = {name.strip().lower() for name in preflight.headers.get("access-control-allow-headers", "").split(",")}
    assert set(needed) <= headers


@requirement("transport.refusals-allow-what-replies-allow")
def test_refusals_allow_what_replies_allow(admin: Admin) -> None:
    reply = admin.get("/flows", headers={"Origin": BROWSER})
    if allowed_origin(reply) not in (BROWSER, "*"):
        raise NotApplicable(f"the target lets no browser of {BROWSER} read its replies")

    refused = admin.get("/flows", headers={"Origin": BROWSER, "Node-RED-API-Version": "v3"})

    assert refused.status_code == 400
    assert allowed_origin(refused) == allowed_origin(reply)
