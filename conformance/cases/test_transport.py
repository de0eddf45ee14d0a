"""HTTP underneath the API: headers, replies, methods, paths, bodies on the wire, conditional requests."""

import gzip
import json
from collections.abc import Callable, Iterator

import pytest

from conformance import requirement
from conformance.checks import charset, conforms, is_error, media_type, same
from conformance.client import JSON, V1, V2, Admin, ApiVersion, Deployment, deployment_type
from conformance.data import flows
from conformance.outcomes import NotApplicable
from conformance.wire import ALONE


@requirement("transport.version-header-name-in-any-case")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("name", ["node-red-api-version", "NODE-RED-API-VERSION", "nOdE-rEd-ApI-vErSiOn"])
def test_version_header_name_in_any_case(admin: Admin, name: str) -> None:
    get = admin.get("/flows", headers={name: "v2"})
    post = admin.post("/flows", headers={name: "v2"}, json=V2.body(flows("one-tab")))

    assert get.status_code == 200
    conforms(get, "flows-v2")
    assert post.status_code == 200
    conforms(post, "flows-v2-deployed")


@requirement("transport.deployment-type-name-in-any-case")
@pytest.mark.parametrize("name", ["node-red-deployment-type", "NODE-RED-DEPLOYMENT-TYPE"])
def test_deployment_type_name_in_any_case(admin: Admin, deployed: Deployment, name: str) -> None:
    reply = admin.post("/flows", headers={name: "reload"}, json=flows("one-tab"))

    assert reply.status_code == 204
    same(deployed.flows, admin.read().flows)


@requirement("transport.content-type-name-in-any-case")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("name", ["content-type", "CONTENT-TYPE", "Content-type"])
def test_content_type_name_in_any_case(admin: Admin, name: str) -> None:
    body = json.dumps(flows("one-tab")).encode()

    reply = admin.post("/flows", headers={name: "application/json"}, content=body)

    assert reply.status_code == 204
    same(flows("one-tab"), admin.read().flows)


@pytest.mark.parametrize("version", [V1, V2], ids=str)
@pytest.mark.parametrize(
    "accepted",
    [
        pytest.param("application/json", marks=requirement("transport.accept-json-gives-json"), id="json"),
        pytest.param("text/html", marks=requirement("transport.accept-html-gives-json"), id="html"),
    ],
)
def test_accept_gives_json(admin: Admin, version: ApiVersion, accepted: str) -> None:
    reply = admin.get("/flows", headers=version.headers | {"Accept": accepted})

    assert reply.status_code == 200
    conforms(reply, f"flows-{version}")


@requirement("transport.get-reply-is-labelled-json")
def test_get_reply_is_labelled_json(admin: Admin) -> None:
    for headers in ({}, V1.headers, V2.headers):
        assert media_type(admin.get("/flows", headers=headers)) == "application/json"


@requirement("transport.deploy-reply-is-labelled-json")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("name", ["full", "nodes", "flows", "reload"])
def test_deploy_reply_is_labelled_json(admin: Admin, name: str) -> None:
    reply = admin.post("/flows", headers=V2.headers | deployment_type(name), json=V2.body(flows("one-tab")))

    if name == "reload" and reply.status_code == 204:
        raise NotApplicable("the target answers a reload without a body")
    assert reply.status_code == 200
    assert media_type(reply) == "application/json"


@requirement("transport.error-reply-is-labelled-json")
def test_error_reply_is_labelled_json(admin: Admin) -> None:
    reply = admin.get("/flows", headers={"Node-RED-API-Version": "v3"})
    control = admin.get("/flows", headers=V2.headers)

    assert reply.status_code == 400
    assert media_type(reply) == "application/json"
    assert control.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=requirement("transport.error-reply-is-labelled-json"))
        for path in ("/flow/{}", "/nodes/{}", "/nodes/{}/{}")
    ],
)
def test_refusal_of_what_is_missing_is_labelled(admin: Admin, path: str) -> None:
    reply = admin.get(path.replace("{}", "conformance-unknown"))
    control = admin.get("/flows")

    assert reply.status_code == 404
    assert control.status_code == 200
    if not is_error(reply):
        raise NotApplicable("the target answers without an error object")
    assert media_type(reply) == "application/json"


@requirement("transport.json-is-utf-8")
@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
def test_json_is_utf_8(admin: Admin, version: ApiVersion) -> None:
    admin.deploy(flows("non-ascii"))

    reply = admin.get("/flows", headers=version.headers)

    assert charset(reply) in (None, "utf-8", "utf8")
    assert "\ufffd" not in reply.content.decode("utf-8", "replace")
    body = conforms(reply, f"flows-{version}")
    same(flows("non-ascii"), body["flows"] if version is V2 else body)


@requirement("transport.no-content-has-no-body")
@pytest.mark.usefixtures("put_back")
def test_no_content_has_no_body(admin: Admin) -> None:
    headers = V1.headers | {"Connection": "close"}
    reply = admin.post("/flows", headers=headers, json=flows("one-tab"), extensions={ALONE: "HTTP/1.1"})

    assert reply.status_code == 204
    assert reply.content == b""
    assert reply.headers.get("content-length", "0") == "0"


@requirement("transport.head-answers-as-get")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
def test_head_answers_as_get(admin: Admin, version: ApiVersion) -> None:
    get, head = admin.get("/flows", headers=version.headers), admin.head("/flows", headers=version.headers)

    assert head.status_code == get.status_code == 200
    assert media_type(head) == media_type(get)
    assert head.content == b""


@requirement("transport.unknown-route-is-404")
@pytest.mark.parametrize("path", ["/conformance-no-such-route", "/flows/conformance/no-such-route"])
def test_unknown_route_is_404(admin: Admin, path: str) -> None:
    assert admin.get(path).status_code == 404
    assert admin.get("/flows").status_code == 200


@requirement("transport.other-methods-change-nothing")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_other_methods_change_nothing(admin: Admin, deployed: Deployment, method: str) -> None:
    reply = admin.request(method, "/flows", headers=V2.headers, json=V2.body(flows("one-tab")))

    assert not reply.is_success
    assert admin.read() == deployed


@requirement("transport.trailing-slash-is-flows")
@pytest.mark.usefixtures("put_back")
def test_trailing_slash_is_flows(admin: Admin) -> None:
    post = admin.post("/flows/", headers=V2.headers, json=V2.body(flows("one-tab")))
    get = admin.get("/flows/", headers=V2.headers)

    assert post.status_code == 200
    assert get.status_code == 200
    same(flows("one-tab"), conforms(get, "flows-v2")["flows"])


@requirement("transport.unknown-query-ignored")
@pytest.mark.usefixtures("put_back")
def test_unknown_query_ignored(admin: Admin) -> None:
    post = admin.post("/flows?_=1", headers=V2.headers, json=V2.body(flows("one-tab")))
    get = admin.get("/flows?_=2&rev=1&flows=none", headers=V2.headers)

    assert post.status_code == 200
    assert get.status_code == 200
    same(flows("one-tab"), conforms(get, "flows-v2")["flows"])


@requirement("transport.path-in-other-case")
def test_path_in_other_case(admin: Admin) -> None:
    assert admin.get("/FLOWS").status_code == 200


@requirement("transport.chunked-deploy-accepted")
@pytest.mark.usefixtures("put_back")
def test_chunked_deploy_accepted(admin: Admin) -> None:
    body = json.dumps(V2.body(flows("two-tabs"))).encode()

    def chunks() -> Iterator[bytes]:
        yield body[:100]
        yield body[100:101]
        yield body[101:]

    reply = admin.post("/flows", headers=V2.headers | JSON, content=chunks())

    assert reply.status_code == 200
    same(flows("two-tabs"), admin.read().flows)


@requirement("transport.gzipped-deploy")
@pytest.mark.usefixtures("put_back")
def test_gzipped_deploy(admin: Admin) -> None:
    body = gzip.compress(json.dumps(V2.body(flows("one-tab"))).encode(), mtime=0)

    reply = admin.post("/flows", headers=V2.headers | JSON | {"Content-Encoding": "gzip"}, content=body)

    assert reply.status_code == 200
    same(flows("one-tab"), admin.read().flows)


@requirement("transport.escaped-json-is-the-same")
@pytest.mark.usefixtures("put_back")
def test_escaped_json_is_the_same(admin: Admin) -> None:
    escaped = json.dumps(V2.body(flows("non-ascii")), ensure_ascii=True, indent="\t").replace("\n", "\r\n")

    reply = admin.post("/flows", headers=V2.headers | JSON, content=escaped.encode())

    assert reply.status_code == 200
    same(flows("non-ascii"), admin.read().flows)


def etag_of(admin: Admin, headers: dict[str, str]) -> str:
    """The ETag of GET /flows; raises NotApplicable where there is none that can be sent back."""
    etag: str = admin.get("/flows", headers=headers).headers.get("etag", "")
    if not (etag and etag.isascii()):
        raise NotApplicable("the target offers no ETag")
    return etag


@requirement("transport.etag-offered")
def test_etag_offered(admin: Admin, seen: Callable[[str], None]) -> None:
    etag = admin.get("/flows").headers.get("etag", "")

    assert etag
    seen("a weak ETag" if etag.startswith("W/") else "a strong ETag")


@requirement("transport.current-etag-not-modified")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
@pytest.mark.parametrize("tags", ["{}", '"another", {}', "*"], ids=["it", "a-list", "any"])
def test_current_etag_not_modified(admin: Admin, version: ApiVersion, tags: str) -> None:
    etag = etag_of(admin, version.headers)

    reply = admin.get("/flows", headers=version.headers | {"If-None-Match": tags.format(etag)})

    assert reply.status_code == 304
    assert reply.content == b""


@requirement("transport.changed-flows-are-modified")
@pytest.mark.usefixtures("deployed")
@pytest.mark.parametrize("version", [V1, V2], ids=str)
def test_changed_flows_are_modified(admin: Admin, version: ApiVersion) -> None:
    changed = flows("two-tabs")
    changed[5]["name"] = changed[5]["name"].swapcase()  # which changes no length

    for nodes in (changed, flows("one-tab")):
        etag = etag_of(admin, version.headers)
        admin.deploy(nodes)

        reply = admin.get("/flows", headers=version.headers | {"If-None-Match": etag})

        assert reply.status_code == 200
        body = conforms(reply, f"flows-{version}")
        same(nodes, body["flows"] if version is V2 else body)


@requirement("transport.etag-tells-versions-apart")
@pytest.mark.usefixtures("deployed")
def test_etag_tells_versions_apart(admin: Admin) -> None:
    reply = admin.get("/flows", headers=V2.headers | {"If-None-Match": etag_of(admin, V1.headers)})

    assert reply.status_code == 200
    conforms(reply, "flows-v2")
