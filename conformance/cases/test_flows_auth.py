"""GET and POST /flows where the target asks for authorization."""

from collections.abc import Callable

import pytest

from conformance import requirement
from conformance.checks import same
from conformance.client import V2, Admin, Deployment, deployment_type
from conformance.data import flows

WRONG_TOKEN = {"Authorization": "Bearer conformance-made-this-up"}


def under_other_scheme(admin: Admin) -> dict[str, str]:
    """The administrator's own token under a scheme that is not Bearer."""
    return {"Authorization": f"Token {admin.token}"}


@requirement("flows.get-without-token-refused")
def test_get_without_token_refused(admin: Admin, anonymous: Admin) -> None:
    assert anonymous.get("/flows").status_code == 401
    assert anonymous.get("/flows", headers=V2.headers).status_code == 401
    assert admin.get("/flows", headers=V2.headers).status_code == 200


@requirement("flows.get-with-wrong-token-refused")
def test_get_with_wrong_token_refused(admin: Admin, anonymous: Admin) -> None:
    assert anonymous.get("/flows", headers=WRONG_TOKEN).status_code == 401
    assert admin.get("/flows").status_code == 200


@requirement("flows.get-under-other-scheme-refused")
def test_get_under_other_scheme_refused(admin: Admin, anonymous: Admin) -> None:
    refused = anonymous.get("/flows", headers=under_other_scheme(admin))

    assert refused.status_code == 401
    assert admin.get("/flows").status_code == 200


@requirement("flows.get-without-permission-refused")
def test_get_without_permission_refused(admin: Admin, writer: Admin) -> None:
    assert writer.get("/flows").status_code == 401
    assert writer.get("/flows", headers=V2.headers).status_code == 401
    assert admin.get("/flows").status_code == 200


def assert_refused(admin: Admin, deployed: Deployment, other: Admin, headers: dict[str, str]) -> None:
    """A deployment by the other client is refused with 401 and without effect; the administrator's succeeds."""
    body = {"flows": flows("one-tab")}

    v1 = other.post("/flows", headers=headers, json=flows("one-tab"))
    v2 = other.post("/flows", headers=V2.headers | headers, json=body)
    assert v1.status_code == 401
    assert v2.status_code == 401
    assert admin.read() == deployed

    control = admin.post("/flows", headers=V2.headers, json=body)
    assert control.status_code == 200


@requirement("flows.post-without-token-refused")
def test_post_without_token_refused(admin: Admin, deployed: Deployment, anonymous: Admin) -> None:
    assert_refused(admin, deployed, anonymous, {})


@requirement("flows.post-with-wrong-token-refused")
def test_post_with_wrong_token_refused(admin: Admin, deployed: Deployment, anonymous: Admin) -> None:
    assert_refused(admin, deployed, anonymous, WRONG_TOKEN)


@requirement("flows.post-under-other-scheme-refused")
def test_post_under_other_scheme_refused(admin: Admin, deployed: Deployment, anonymous: Admin) -> None:
    assert_refused(admin, deployed, anonymous, under_other_scheme(admin))


@requirement("flows.post-without-permission-refused")
def test_post_without_permission_refused(admin: Admin, deployed: Deployment, reader: Admin) -> None:
    assert_refused(admin, deployed, reader, {})


@requirement("flows.reload-without-permission-refused")
@pytest.mark.usefixtures("deployed")
def test_reload_without_permission_refused(admin: Admin, reader: Admin) -> None:
    reload = deployment_type("reload")

    assert reader.post("/flows", headers=reload, json=[]).status_code == 401
    assert admin.post("/flows", headers=reload, json=[]).status_code == 204


@requirement("flows.reader-reads")
@pytest.mark.usefixtures("something_to_read")
def test_reader_reads(admin: Admin, reader: Admin) -> None:
    assert reader.read() == admin.read()


@requirement("flows.writer-deploys")
@pytest.mark.usefixtures("deployed")
def test_writer_deploys(admin: Admin, writer: Admin) -> None:
    reply = writer.post("/flows", headers=V2.headers, json=V2.body(flows("one-tab")))

    assert reply.status_code == 200
    same(flows("one-tab"), admin.read().flows)


@requirement("flows.bearer-in-other-case-accepted")
@pytest.mark.parametrize("scheme", ["bearer", "BEARER"])
def test_bearer_in_other_case_accepted(admin: Admin, anonymous: Admin, scheme: str) -> None:
    accepted = anonymous.get("/flows", headers={"Authorization": f"{scheme} {admin.token}"})
    refused = anonymous.get("/flows", headers={"Authorization": f"{scheme} conformance-made-this-up"})

    assert accepted.status_code == 200
    assert refused.status_code == 401


@requirement("flows.unauthorised-reply")
def test_unauthorised_reply(anonymous: Admin, seen: Callable[[str], None]) -> None:
    reply = anonymous.get("/flows")

    seen("a body, as runtimes give it" if reply.content else "no body, as documented")


@requirement("flows.unauthorised-challenge")
def test_unauthorised_challenge(anonymous: Admin) -> None:
    challenge = anonymous.get("/flows").headers.get("www-authenticate", "")

    assert challenge.lower().startswith("bearer")


@requirement("flows.token-judged-before-version")
def test_token_judged_before_version(anonymous: Admin) -> None:
    assert anonymous.get("/flows", headers={"Node-RED-API-Version": "v3"}).status_code == 401
