"""What the suite is given or gets during a run stays secret: passwords in every encoding, and tokens of a moment."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx
import pytest

from conformance.exchange import transcripts
from conformance.outcomes import NOT_REACHED
from conformance.recorder import Recorder
from conformance.rows import LEAKED
from conformance.secrets import FRESH, Secrets, telling
from conformance.selftest.conftest import Serve
from conformance.selftest.liars import AS_BOTH, BOTH, PASSWORDS, STEER, protected
from conformance.selftest.running import Suite
from reference_server import Users
from reference_server.faults import FAULTS, Lying

TOKEN = "a/token+of==a-moment-with-forty-characters"  # noqa: S105 - of nobody
PLAIN = "a-token-that-can-be-the-name-of-a-header"
PASSWORD = 'open "sesame" ü/+%'  # noqa: S105 - of nobody


@pytest.mark.parametrize(
    "sent",
    [
        urlencode({"password": PASSWORD}),
        json.dumps({"password": PASSWORD}),
        json.dumps({"password": PASSWORD}, ensure_ascii=False),
    ],
    ids=["form", "ascii-json", "json"],
)
def test_password_is_masked_in_what_a_login_sends(sent: str) -> None:
    masked = Secrets({PASSWORD: "CONFORMANCE_ADMIN_PASSWORD"}).masked(sent)

    assert "$CONFORMANCE_ADMIN_PASSWORD" in masked
    assert "sesame" not in masked


@pytest.mark.parametrize("encode", [urlencode, json.dumps], ids=["form", "json"])
def test_secrets_that_begin_and_end_alike_are_masked_each_by_its_name(encode: Callable[[dict[str, str]], str]) -> None:
    secrets = Secrets({f"pass/word of the {who} since last year": f"{who.upper()}" for who in ("admin", "reader")})
    sent = {"username": "u", "admin": "pass/word of the admin since last year", "then": "x"}

    masked = encode(sent | {"reader": "pass/word of the reader since last year"})

    expected = encode(sent | {"admin": "$ADMIN", "reader": "$READER"}).replace("%24", "$")
    assert secrets.masked(masked) == expected


def speaking(reply: httpx.Response) -> httpx.Client:
    """A client of a target that always answers this."""
    recorder = Recorder(httpx.MockTransport(lambda _: reply), Secrets({}))
    return httpx.Client(base_url="http://target", transport=recorder)


def told(client: httpx.Client) -> str:
    """All that the recorder of this client would show."""
    recorder = client._transport  # noqa: SLF001 - httpx offers no other way to it
    assert isinstance(recorder, Recorder)
    return transcripts(recorder.exchanges) + "\n".join(exchange.curl() for exchange in recorder.exchanges)


@pytest.mark.parametrize("key", ["access_token", "accessToken", "refresh_token"])
@pytest.mark.parametrize("separators", [(",", ":"), (" , ", " : ")], ids=["dense", "wide"])
def test_token_that_a_reply_gives_is_masked_from_then_on(key: str, separators: tuple[str, str]) -> None:
    text = json.dumps({"a": 1, key: TOKEN, "token_type": "Bearer"}, separators=separators).replace("/", "\\/")
    with speaking(httpx.Response(200, text=text)) as client:
        client.post("/auth/token", json={})
        client.get("/flows", headers={"Authorization": f"Bearer {TOKEN}"})
        client.get("/flows", params={"access_token": TOKEN})
        client.get("/flows", headers={"Authorization": f"Bearer {TOKEN[:-1]}"})

        assert "of==a-moment" not in told(client)
        assert told(client).count(f"${FRESH}") >= 4


def test_short_word_that_a_reply_calls_a_token_masks_nothing() -> None:
    with speaking(httpx.Response(200, json={"access_token": "flows"})) as client:
        client.get("/flows")

        assert "/flows" in told(client)


def test_secret_keeps_its_first_name() -> None:
    secrets = Secrets({TOKEN: "CONFORMANCE_TOKEN"})

    secrets.add(TOKEN, FRESH)

    assert secrets.masked(TOKEN) == "$CONFORMANCE_TOKEN"


def test_logging_in_and_out_is_no_write() -> None:
    with speaking(httpx.Response(200, json={})) as client:
        assert client.post("/auth/token", json={}).status_code == 200
        assert client.post("/admin/auth/revoke", json={}).status_code == 200
        with pytest.raises(RuntimeError, match="writes"):
            client.post("/flows", json=[])


class Remembering(Users):
    """Users whose tokens are remembered."""

    def __init__(self) -> None:
        super().__init__(BOTH)
        self.tokens: list[str] = []

    def log_in(self, name: str, password: str, scope: str) -> str | None:
        """A token, which is remembered."""
        token = super().log_in(name, password, scope)
        self.tokens += [token] if token else []
        return token


@pytest.mark.parametrize("fault", ["revokes-nothing", "looks-at-the-beginning-of-a-token"])
def test_token_of_a_case_is_in_nothing_that_a_run_writes(
    suite: Suite, served: Serve, tmp_path: Path, fault: str
) -> None:
    users = Remembering()
    url = served(Lying(protected(users).app(), FAULTS[fault]))
    files = (f"--junitxml={tmp_path}/junit.xml", f"--alluredir={tmp_path}/allure")
    chosen = ("conformance/cases/test_auth_revoke.py", "conformance/cases/test_auth_bearer.py", "--showlocals")

    ended = suite(f"--target={url}", *AS_BOTH, *files, *chosen, **PASSWORDS)

    assert ended.verdict["counts"]["violates"] > 0
    assert f"${FRESH}" in ended.said
    written = [path.read_text("utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    for text in (ended.said, *written):
        assert [token for token in users.tokens if token[20:60] in text] == []


@pytest.mark.parametrize("more", [(), ("-n", "2")], ids=["alone", "parallel"])
def test_every_case_notices_a_secret_in_a_reply(suite: Suite, served: Serve, more: tuple[str, ...]) -> None:
    url = served(Lying(protected().app(), FAULTS["tells-the-token"]))

    ended = suite(f"--target={url}", *AS_BOTH, *more, "conformance/cases/test_settings.py", **PASSWORDS)

    assert ended.outcomes()[LEAKED] == "deviates"
    assert ended.reason(LEAKED).startswith("GET /settings tells CONFORMANCE_TOKEN during settings.")
    assert ended.reason(LEAKED).count("GET /settings tells CONFORMANCE_TOKEN ") == 1
    assert f"deviates: {LEAKED} (SHOULD)" in ended.stdout
    again = suite(f"--replay={ended.reports / 'evidence.jsonl'}")
    assert (again.outcomes()[LEAKED], again.reason(LEAKED)) == ("deviates", ended.reason(LEAKED))


@pytest.mark.parametrize(
    ("flow_id", "shown"), [(TOKEN, "/flow/$CONFORMANCE_TOKEN"), (STEER, "/flow/\\x1b[2J")], ids=["secret", "steering"]
)
def test_what_is_noticed_of_a_secret_holds_none_and_steers_no_terminal(flow_id: str, shown: str) -> None:
    told = httpx.MockTransport(lambda _: httpx.Response(200, text=TOKEN))
    recorder = Recorder(told, Secrets({TOKEN: "CONFORMANCE_TOKEN"}))
    recorder.begin("flow.round-trip")
    with httpx.Client(base_url="http://target", transport=recorder) as client:
        client.get(f"/flow/{quote(flow_id, safe='')}")

    words = f"GET {shown} tells CONFORMANCE_TOKEN during flow.round-trip"
    assert [*recorder.leaks_until_now().values()] == [words]
    assert recorder.leaks_until_now() == {}


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(401, extensions={"reason_phrase": f"Not {PLAIN}".encode()}),
        httpx.Response(401, headers={PLAIN: "told"}),
        httpx.Response(401, headers={"x-told": f"Bearer {PLAIN}"}),
    ],
    ids=["reason", "name", "value"],
)
def test_secret_beside_a_body_is_noticed_and_hidden(reply: httpx.Response) -> None:
    recorder = Recorder(httpx.MockTransport(lambda _: reply), Secrets({PLAIN: "CONFORMANCE_TOKEN"}))
    with httpx.Client(base_url="http://target", transport=recorder) as client:
        client.get("/flows")

    assert recorder.leaks.keys() == {"GET /flows tells CONFORMANCE_TOKEN"}
    assert "$CONFORMANCE_TOKEN" in recorder.exchanges[0].transcript()
    assert PLAIN not in recorder.exchanges[0].transcript()


@pytest.mark.parametrize("word", ["node-red", "node_red", "function", "12345678"])
def test_word_that_is_in_many_replies_is_told_by_none(word: str) -> None:
    assert not telling(word)
    assert telling(f"{word}-1-{word}")


def test_run_that_sees_no_secret_in_a_reply_says_nothing_of_it(suite: Suite) -> None:
    ended = suite("conformance/cases/test_settings.py")

    assert ended.reason(LEAKED) == NOT_REACHED


def test_secret_in_a_reply_is_nothing_to_a_run_about_something_else(suite: Suite, served: Serve) -> None:
    url = served(Lying(protected().app(), FAULTS["tells-the-token"]))

    ended = suite(f"--target={url}", *AS_BOTH, "--level=MUST", "conformance/cases/test_settings.py", **PASSWORDS)

    assert LEAKED not in ended.outcomes()
