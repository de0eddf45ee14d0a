"""The page about errors: the statuses that the API uses, and what explains a refusal."""

import pytest

from conformance import requirement
from conformance.checks import conforms, media_type, parsed, same
from conformance.client import V1, V2, Admin, Deployment
from conformance.data import flows
from conformance.routes import Reading, Routes


@requirement("transport.success-is-200-with-a-result")
def test_success_is_200_with_a_result(admin: Admin, routes: Routes) -> None:
    for path in ("/flows", "/settings", "/auth/login"):
        reply = admin.get(path)

        assert reply.status_code == 200, path
        assert reply.content, path
    for reading in routes.offered():
        assert reading.reply.content, reading.path


@requirement("transport.bad-request-explains-itself")
@pytest.mark.usefixtures("put_back")
def test_bad_request_explains_itself(admin: Admin) -> None:
    bad = [
        admin.get("/flows", headers={"Node-RED-API-Version": "v3"}),
        admin.post("/flows", headers={"Node-RED-API-Version": "v3"}, json=[]),
        admin.post("/flows", headers=V2.headers, json=[]),
        *(
            admin.post(path, json=body)
            for path, body in (("/flow", {}), ("/flows/state", {"state": 1}), ("/nodes", {}))
        ),
    ]

    assert [reply.status_code for reply in bad[:3]] == [400, 400, 400]
    for reply in bad:
        if reply.status_code == 400:
            assert media_type(reply) == "application/json", reply.request.url.path
            conforms(reply, "error")
    assert [parsed(reply)["code"] for reply in bad[:2]] == ["invalid_api_version", "invalid_api_version"]
    same(flows("two-tabs"), admin.deploy(flows("two-tabs")).flows)


@requirement("transport.unexpected-error-has-its-code")
def test_unexpected_error_has_its_code(admin: Admin, deployed: Deployment) -> None:
    for version, body in ((V2, flows("one-tab")), (V2, {"flows": 7}), (V1, {"flows": flows("one-tab")}), (V1, {})):
        reply = admin.post("/flows", headers=version.headers, json=body)

        assert reply.status_code == 400
        assert conforms(reply, "error")["code"] == "unexpected_error"
        assert admin.read() == deployed
    admin.deploy(flows("one-tab"))


@requirement("transport.missing-token-is-401")
def test_missing_token_is_401(outsider: Admin, routes: Routes, offered: list[Reading]) -> None:
    for reading in offered:
        if reading.route.documented and not reading.route.public:
            refused = outsider.get(reading.path, headers=routes.headers)

            assert refused.status_code == 401, reading.path
            assert routes.get(reading.path).status_code == 200, reading.path


@requirement("transport.missing-resource-is-404")
def test_missing_resource_is_404(admin: Admin, routes: Routes, offered: list[Reading]) -> None:
    for path in ("/flow/{}", "/nodes/{}", "/nodes/{}/{}"):
        missing = admin.get(path.replace("{}", routes.seed), headers=routes.headers)

        assert missing.status_code == 404, path
    for reading in offered:
        assert routes.get(reading.path).status_code == 200, reading.path


@requirement("transport.version-mismatch-is-409")
def test_version_mismatch_is_409(admin: Admin, deployed: Deployment) -> None:
    latest = admin.deploy(flows("one-tab"))

    stale = admin.post("/flows", headers=V2.headers, json={"flows": flows("two-tabs"), "rev": deployed.rev})

    assert stale.status_code == 409
    assert admin.read() == latest
    current = admin.post("/flows", headers=V2.headers, json={"flows": flows("two-tabs"), "rev": latest.rev})
    assert current.status_code == 200


@requirement("transport.reading-is-no-server-error")
def test_reading_is_no_server_error(routes: Routes) -> None:
    for reading in routes.readings():
        assert reading.reply.status_code < 500, reading.path
    for path in ("/flow/{}", "/nodes/{}", "/nodes/{}/{}", "/credentials/{}/{}", "/context/flow/{}/{}"):
        assert routes.get(path.replace("{}", routes.seed)).status_code < 500, path
    assert isinstance(parsed(routes.get("/flows")), list)
