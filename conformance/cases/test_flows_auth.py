"""GET and POST /flows where the target asks for authorization."""

from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.checks import conforms, same
from conformance.client import MADE_UP, V1, V2, Admin, ApiVersion, Deployment, deployment_type
from conformance.data import Json, flows
from conformance.waiting import QUIET, comes_true

WRONG = [
    {"Authorization": f"Bearer {MADE_UP}"},
    {"Authorization": "Basic Y29uZm9ybWFuY2U6bWFkZS11cA=="},
]
"""A token and a password that the target never gave anyone."""

wrong_credentials = pytest.mark.parametrize("wrong", WRONG, ids=["bearer", "basic"])


other_scheme = pytest.mark.parametrize("scheme", ["Token", "Basic"])


def under(scheme: str, admin: Admin) -> dict[str, str]:
    """The administrator's own token under a scheme."""
    return {"Authorization": f"{scheme} {admin.token}"}


def assert_hidden(admin: Admin, other: Admin, headers: dict[str, str]) -> None:
    """The other client is refused with 401 under any version, and told nothing of what the administrator reads."""
    for version in ({}, V1.headers, V2.headers):
        refused = other.get("/flows", headers=version | headers)
        control = admin.get("/flows", headers=version)

        assert refused.status_code == 401
        assert control.status_code == 200
        for node in admin.read().flows:
            assert node["id"].encode() not in refused.content


@requirement("flows.get-without-token-refused")
@pytest.mark.usefixtures("something_to_read")
def test_get_without_token_refused(admin: Admin, stranger: Admin) -> None:
    assert_hidden(admin, stranger, {})


@requirement("flows.get-with-wrong-token-refused")
@pytest.mark.usefixtures("something_to_read")
@wrong_credentials
def test_get_with_wrong_token_refused(admin: Admin, stranger: Admin, wrong: dict[str, str]) -> None:
    assert_hidden(admin, stranger, wrong)


@requirement("flows.get-under-other-scheme-refused")
@pytest.mark.usefixtures("something_to_read")
@other_scheme
def test_get_under_other_scheme_refused(admin: Admin, stranger: Admin, scheme: str) -> None:
    assert_hidden(admin, stranger, under(scheme, admin))


@requirement("flows.get-without-permission-refused")
def test_get_without_permission_refused(admin: Admin, writer: Admin, deployed: Deployment) -> None:
    assert_hidden(admin, writer, {})

    control = writer.post("/flows", headers=V2.headers, json=V2.body(deployed.flows))
    assert control.status_code == 200


def assert_refused(admin: Admin, deployed: Deployment, other: Admin, headers: dict[str, str]) -> None:
    """The other client's deployments are refused with 401 and without effect; the administrator's are accepted."""
    types = [{}, *(deployment_type(name) for name in ("full", "nodes", "flows", "reload"))]
    with_rev = {"rev": deployed.rev, **proposal(V2)}
    for type_header in types:
        v1 = other.post("/flows", headers=V1.headers | type_header | headers, json=proposal(V1))
        v2 = other.post("/flows", headers=V2.headers | type_header | headers, json=with_rev)
        forced = other.post("/flows", headers=V2.headers | type_header | headers, json=proposal(V2))
        assert v1.status_code == 401
        assert v2.status_code == 401
        assert forced.status_code == 401
    assert not comes_true(lambda: admin.read() != deployed, QUIET)

    control = admin.post("/flows", headers=V2.headers, json=with_rev)
    assert control.status_code == 200


def proposal(version: ApiVersion) -> Json:
    """The body of a deployment that would change something."""
    return version.body(flows("one-tab"))


@requirement("flows.post-without-token-refused")
def test_post_without_token_refused(admin: Admin, deployed: Deployment, anonymous: Admin) -> None:
    assert_refused(admin, deployed, anonymous, {})


@requirement("flows.post-with-wrong-token-refused")
@wrong_credentials
def test_post_with_wrong_token_refused(
    admin: Admin, deployed: Deployment, anonymous: Admin, wrong: dict[str, str]
) -> None:
    assert_refused(admin, deployed, anonymous, wrong)


@requirement("flows.post-under-other-scheme-refused")
@other_scheme
def test_post_under_other_scheme_refused(admin: Admin, deployed: Deployment, anonymous: Admin, scheme: str) -> None:
    assert_refused(admin, deployed, anonymous, under(scheme, admin))


@requirement("flows.post-without-permission-refused")
def test_post_without_permission_refused(admin: Admin, deployed: Deployment, reader: Admin) -> None:
    assert_refused(admin, deployed, reader, {})


@requirement("flows.reload-without-permission-refused")
def test_reload_without_permission_refused(admin: Admin, deployed: Deployment, reader: Admin) -> None:
    headers = V1.headers | deployment_type("reload")

    refused = reader.post("/flows", headers=headers, json=proposal(V1))
    assert refused.status_code == 401
    assert admin.read() == deployed

    control = admin.post("/flows", headers=headers, json=proposal(V1))
    assert control.status_code == 204


@requirement("flows.reader-reads")
@pytest.mark.usefixtures("something_to_read")
def test_reader_reads(admin: Admin, reader: Admin) -> None:
    assert reader.read() == admin.read()
    for headers in ({}, V1.headers):
        read, control = (conforms(client.get("/flows", headers=headers), "flows-v1") for client in (reader, admin))
        same(control, read)


@requirement("flows.writer-deploys")
@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
def test_writer_deploys(admin: Admin, writer: Admin, version: ApiVersion) -> None:
    reply = writer.post("/flows", headers=version.headers, json=version.body(flows("one-tab")))

    assert reply.status_code == version.deployed
    same(flows("one-tab"), admin.read().flows)


@requirement("flows.bearer-in-other-case-accepted")
@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_bearer_in_other_case_accepted(admin: Admin, stranger: Admin, scheme: str) -> None:
    accepted = stranger.get("/flows", headers={"Authorization": f"{scheme} {admin.token}"})
    refused = stranger.get("/flows", headers={"Authorization": f"{scheme} {MADE_UP}"})

    assert accepted.status_code == 200
    assert refused.status_code == 401


@requirement("flows.unauthorised-reply")
def test_unauthorised_reply(stranger: Admin, seen: Callable[[str], None]) -> None:
    reply = stranger.get("/flows")

    assert reply.status_code == 401
    seen("a body, as runtimes give it" if reply.content else "no body, as documented")


@requirement("flows.unauthorised-challenge")
def test_unauthorised_challenge(stranger: Admin) -> None:
    challenge = stranger.get("/flows").headers.get("www-authenticate", "")

    assert challenge.lower().startswith("bearer")


@requirement("flows.token-judged-before-version")
def test_token_judged_before_version(stranger: Admin) -> None:
    assert stranger.get("/flows", headers={"Node-RED-API-Version": "v3"}).status_code == 401
