"""GET and POST /settings/user: what the editor keeps for each user."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from conformance import requirement
from conformance.checks import conforms, first_difference
from conformance.client import Admin
from conformance.data import Json
from conformance.outcomes import NotApplicable
from conformance.recorder import Recorder
from conformance.targets import Target


def kept_for(client: Admin) -> Json:
    """What GET /settings/user gives this client."""
    reply = client.get("/settings/user")
    assert reply.status_code == 200
    return conforms(reply, "user-settings")


@dataclass(frozen=True)
class UserSettings:
    """The settings of a user, of which the case changes one that is its own."""

    admin: Admin
    key: str

    @property
    def other(self) -> str:
        """The name of another setting that is the case's own."""
        return f"{self.key}-other"

    def post(self, value: Json) -> httpx.Response:
        """The reply to POST /settings/user with this value of the case's own setting."""
        return self.admin.post("/settings/user", json={self.key: value})

    def set(self, value: Json) -> None:
        """Set the case's own setting."""
        assert self.post(value).status_code == 204

    def read(self) -> Json:
        """The case's own setting, None where there is none."""
        return kept_for(self.admin).get(self.key)


@pytest.fixture
def offered(admin: Admin) -> None:
    """Keeps the case from a target without user settings."""
    if admin.get("/settings/user").status_code == 404:
        raise NotApplicable("the target offers no /settings/user")


@pytest.fixture
def user_settings(
    admin: Admin, target: Target, offered: None, may_write: None, recorder: Recorder
) -> Iterator[UserSettings]:
    """The administrator's settings, put back at the end."""
    before = kept_for(admin)
    settings = UserSettings(admin, f"conformance-{target.seed}")
    yield settings
    if recorder.is_there():
        admin.post("/settings/user", json={settings.key: None, settings.other: None})
        assert first_difference(before, kept_for(admin)) == ""


@requirement("settings.user-settings-offered")
@pytest.mark.usefixtures("offered")
def test_user_settings_offered(admin: Admin) -> None:
    assert isinstance(kept_for(admin), dict)


@requirement("settings.posted-user-settings-are-kept")
def test_posted_user_settings_are_kept(user_settings: UserSettings) -> None:
    for value in ({"shown": True, "width": 320}, {"shown": False, "width": 240}):
        reply = user_settings.post(value)

        assert reply.status_code == 204
        assert first_difference(value, user_settings.read()) == ""


@requirement("settings.user-settings-are-merged")
def test_user_settings_are_merged(user_settings: UserSettings) -> None:
    user_settings.admin.post("/settings/user", json={user_settings.other: 1})
    others = kept_for(user_settings.admin)
    user_settings.set({"view": {"grid": True, "size": 20}, "tours": 1})

    user_settings.set({"view": {"size": 10}})

    assert user_settings.other in others
    merged = {"view": {"grid": True, "size": 10}, "tours": 1}
    assert first_difference({**others, user_settings.key: merged}, kept_for(user_settings.admin)) == ""


@requirement("settings.null-removes-a-user-setting")
def test_null_removes_a_user_setting(user_settings: UserSettings) -> None:
    user_settings.set({"goes": 1, "stays": 2})

    user_settings.set({"goes": None})
    assert first_difference({"stays": 2}, user_settings.read()) == ""

    user_settings.set(None)
    assert user_settings.key not in kept_for(user_settings.admin)


@requirement("settings.user-settings-are-each-users-own")
def test_user_settings_are_each_users_own(user_settings: UserSettings, whole_reader: Admin) -> None:
    user_settings.set({"mine": True})

    assert user_settings.key not in kept_for(whole_reader)
    assert user_settings.read() == {"mine": True}
