"""What is said of a flow as a whole: its label, and the other properties of its tab."""

from collections.abc import Callable

import pytest
from _pytest.mark import ParameterSet

from conformance import requirement
from conformance.client import ADDED, Admin, flow_path
from conformance.data import Json, flow, flows

Setting = Callable[[Admin, Json], str]
"""Adds or replaces a flow, and gives its id."""

PROPERTIES: dict[str, Json] = {
    "label": "Fließband ✓",
    "info": "# What it does\n\nNothing.",
    "disabled": True,
    "env": [{"name": "GREETING", "value": "hello", "type": "str"}],
}
"""A value of each property that a tab has."""


def posted(admin: Admin, body: Json) -> str:
    """The id of the flow once it was added."""
    return admin.add(body)


def put(admin: Admin, body: Json) -> str:
    """The id of another flow that was replaced by this one."""
    flow_id = admin.add({"label": "Before", "nodes": []})
    assert admin.put(flow_path(flow_id), json=body).status_code in ADDED
    return flow_id


def rows() -> list[ParameterSet]:
    """Each property, in POST and in PUT."""
    return [
        pytest.param(setting, name, marks=requirement(f"flow.{method}-{name}-kept"), id=f"{method}-{name}")
        for method, setting in (("post", posted), ("put", put))
        for name in PROPERTIES
    ]


@pytest.mark.usefixtures("put_back")
@pytest.mark.parametrize(("setting", "name"), rows())
def test_property_kept(admin: Admin, setting: Setting, name: str) -> None:
    value = PROPERTIES[name]
    flow_id = setting(admin, {**flow("added"), name: value})

    assert admin.read().tab(flow_id).get(name) == value
    assert admin.flow(flow_id).get(name) == value


@requirement("flow.put-removes-absent-properties")
@pytest.mark.usefixtures("put_back")
def test_put_removes_absent_properties(admin: Admin) -> None:
    flow_id = admin.add({**flow("added"), **PROPERTIES})

    assert admin.put(flow_path(flow_id), json={"nodes": []}).status_code in ADDED

    for tab in (admin.read().tab(flow_id), admin.flow(flow_id)):
        assert not tab.get("disabled")
        assert not any(tab.get(name) for name in ("label", "info", "env"))


@requirement("flow.other-properties-dropped")
@pytest.mark.usefixtures("put_back")
def test_other_properties_dropped(admin: Admin) -> None:
    others = {"locked": True, "conformance": 1, "type": "conformance", "subflows": []}

    for setting in (posted, put):
        flow_id = setting(admin, {**flow("added"), **others})

        assert not admin.read().tab(flow_id).keys() & (others.keys() - {"type"})


@requirement("flow.labels-are-not-unique")
@pytest.mark.usefixtures("put_back")
def test_labels_are_not_unique(admin: Admin) -> None:
    ids = {admin.add(flow("added"))}
    again = flow("added")
    again.update(nodes=flows("one-comment")[1:], configs=[])
    ids.add(admin.add(again))

    assert ids == admin.read().tabs.keys()
    assert {tab.get("label") for tab in admin.read().tabs.values()} == {again["label"]}
