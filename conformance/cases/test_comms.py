"""The websocket `/comms`: who is let in, and how messages look."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from conformance import requirement
from conformance.checks import fits
from conformance.client import MADE_UP, Admin
from conformance.comms import SUBSCRIPTION, Comms, Listener, answers_token, value_of
from conformance.data import flows
from conformance.outcomes import NotApplicable
from conformance.targets import Target

Listen = Callable[[Admin], AbstractContextManager[Listener]]

WRONG: dict[str, Callable[[str], str]] = {
    "made-up": lambda _: MADE_UP,
    "cut": lambda token: token[:-1],
    "lengthened": lambda token: f"{token}x",
}
"""Tokens that the target never gave anyone, made of one that it gave."""


@pytest.fixture
def right_token(target: Target, admin: Admin) -> str:
    """The administrator's token, where the target asks for one."""
    if not target.protected or admin.token is None:
        raise NotApplicable("the target asks for no token")
    return admin.token


@requirement("comms.offered")
def test_offered(comms: Comms) -> None:
    with comms.connected() as listener:
        listener.catch_up()

        assert not listener.ended


@requirement("comms.right-token-answered-with-ok")
def test_right_token_answered_with_ok(comms: Comms, right_token: str) -> None:
    with comms.connected() as listener:
        assert listener.show(right_token) == "ok"

        listener.catch_up()
        assert not listener.ended


@requirement("comms.reader-let-in")
def test_reader_let_in(comms: Comms, whole_reader: Admin) -> None:
    with comms.connected() as listener:
        assert listener.show(whole_reader.token) == "ok"

        listener.catch_up()
        assert not listener.ended


def assert_refused(comms: Comms, token: str | None, control: str) -> None:
    """The token is answered with `fail`, and the target closes the websocket; the control is let in."""
    with comms.connected() as refused:
        assert refused.show(token) == "fail"
        assert refused.closed()

    with comms.connected() as accepted:
        assert accepted.show(control) == "ok"


@requirement("comms.wrong-token-refused")
@pytest.mark.parametrize("wrong", WRONG)
def test_wrong_token_refused(comms: Comms, right_token: str, wrong: str) -> None:
    assert_refused(comms, WRONG[wrong](right_token), right_token)


@requirement("comms.token-without-permission-refused")
def test_token_without_permission_refused(comms: Comms, right_token: str, writer: Admin) -> None:
    assert_refused(comms, writer.token, right_token)


@requirement("comms.nothing-told-before-a-token")
@pytest.mark.usefixtures("stranger")
def test_nothing_told_before_a_token(comms: Comms, admin: Admin, right_token: str, listen: Listen) -> None:
    with comms.connected() as outsider, listen(admin) as insider:
        insider.deployments_until(admin.deploy(flows("one-tab")).rev)
        assert outsider.show(right_token) == "ok"
        assert outsider.messages == []

        outsider.say(SUBSCRIPTION)
        outsider.deployments_until(admin.deploy(flows("two-tabs")).rev)


@requirement("comms.nothing-told-after-a-wrong-token")
def test_nothing_told_after_a_wrong_token(comms: Comms, admin: Admin, right_token: str, listen: Listen) -> None:
    with comms.connected() as outsider, listen(admin) as insider:
        assert outsider.show(WRONG["made-up"](right_token)) != "ok"
        outsider.say(SUBSCRIPTION)
        insider.deployments_until(admin.deploy(flows("one-tab")).rev)

        outsider.catch_up()
        assert outsider.messages == []


@requirement("comms.subscription-needs-a-token")
@pytest.mark.usefixtures("stranger")
def test_subscription_needs_a_token(comms: Comms, admin: Admin, listen: Listen) -> None:
    with comms.connected() as outsider, listen(admin) as insider:
        outsider.say(SUBSCRIPTION)
        insider.deployments_until(admin.deploy(flows("one-tab")).rev)

        outsider.catch_up()
        assert outsider.messages == []


@requirement("comms.subscription-before-token-ends-it")
@pytest.mark.usefixtures("stranger")
def test_subscription_before_token_ends_it(comms: Comms) -> None:
    with comms.connected() as listener:
        listener.say(SUBSCRIPTION)

        assert listener.closed()
        assert [value_of(frame) for frame in listener.heard] == [{"auth": "fail"}]


@requirement("comms.messages-come-in-arrays")
def test_messages_come_in_arrays(admin: Admin, listen: Listen) -> None:
    with listen(admin) as listener:
        listener.deployments_until(admin.deploy(flows("one-tab")).rev)

        for frame in listener.heard:
            if not answers_token(frame):
                fits(value_of(frame), "comms-messages")


@requirement("comms.unreadable-message-ignored")
def test_unreadable_message_ignored(admin: Admin, listen: Listen) -> None:
    with listen(admin) as listener:
        for message in ("no JSON", "{}", '{"conformance":true}'):
            listener.say(message)

        listener.deployments_until(admin.deploy(flows("one-tab")).rev)


@requirement("comms.plain-get-is-404")
def test_plain_get_is_404(comms: Comms, admin: Admin) -> None:
    with comms.connected():
        assert admin.get("/comms").status_code == 404
