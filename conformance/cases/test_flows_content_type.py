"""POST /flows: the Content-Type of the request."""

import json
from urllib.parse import urlencode

import pytest

from conformance import requirement
from conformance.checks import same
from conformance.client import V1, V2, Admin, ApiVersion, Deployment
from conformance.data import flows


@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
@pytest.mark.parametrize(
    "content_type",
    [
        pytest.param(
            "application/json; charset=utf-8",
            marks=requirement("flows.json-with-charset-deploys"),
            id="with-charset",
        ),
        pytest.param(
            "Application/JSON",
            marks=requirement("flows.content-type-in-other-case-deploys"),
            id="other-case",
        ),
    ],
)
def test_content_type_deploys(admin: Admin, version: ApiVersion, content_type: str) -> None:
    body = json.dumps(version.body(flows("non-ascii")), ensure_ascii=False).encode()

    reply = admin.post("/flows", headers=version.headers | {"Content-Type": content_type}, content=body)

    assert reply.status_code == version.deployed
    same(flows("non-ascii"), admin.read().flows)


@pytest.mark.parametrize("version", [V1, V2], ids=str)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, marks=requirement("flows.deploy-without-content-type"), id="absent"),
        pytest.param({"Content-Type": "text/plain"}, marks=requirement("flows.deploy-as-text"), id="text"),
        pytest.param(
            {"Content-Type": "application/x-www-form-urlencoded"},
            marks=requirement("flows.deploy-as-form"),
            id="form",
        ),
    ],
)
def test_json_under_another_content_type(
    admin: Admin,
    deployed: Deployment,
    version: ApiVersion,
    headers: dict[str, str],
) -> None:
    body = json.dumps(version.body(flows("one-tab"))).encode()

    reply = admin.post("/flows", headers=version.headers | headers, content=body)

    assert reply.status_code == 400
    assert admin.read() == deployed


@requirement("flows.unknown-charset")
def test_unknown_charset(admin: Admin, deployed: Deployment) -> None:
    body = json.dumps(V2.body(flows("one-tab"))).encode()
    headers = V2.headers | {"Content-Type": "application/json; charset=iso-8859-1"}

    reply = admin.post("/flows", headers=headers, content=body)

    assert reply.status_code == 415
    assert admin.read() == deployed


@requirement("flows.form-encoded-deploy")
@pytest.mark.usefixtures("deployed")
def test_form_encoded_deploy(admin: Admin) -> None:
    form = urlencode({f"flows[0][{name}]": value for name, value in {"id": "c0f0000000000011", "type": "tab"}.items()})
    headers = V2.headers | {"Content-Type": "application/x-www-form-urlencoded"}

    reply = admin.post("/flows", headers=headers, content=form.encode())

    assert reply.status_code == 200
