"""What Allure is told of a case: its place, how grave it is, where it is documented, and what went over the wire."""

from collections.abc import Mapping
from typing import Final

import allure
import pytest
from allure_commons.model2 import Parameter, TestResult
from allure_commons.utils import md5

from conformance.catalogue import Requirement

EPIC: Final = "Node-RED admin API"

SEVERITY: Final[Mapping[str, str]] = {
    "MUST": allure.severity_level.CRITICAL,
    "SHOULD": allure.severity_level.NORMAL,
    "MAY": allure.severity_level.MINOR,
    "OBSERVE": allure.severity_level.TRIVIAL,
}
"""What a level is in Allure."""


def label(requirement: Requirement) -> None:
    """Say what the case that now runs is about."""
    allure.dynamic.epic(EPIC)
    allure.dynamic.feature(requirement.area)
    allure.dynamic.story(requirement.id)
    allure.dynamic.severity(SEVERITY[requirement.level])
    allure.dynamic.description(requirement.text)
    if requirement.documented:
        allure.dynamic.link(requirement.source, name=requirement.documented)


def attach(texts: Mapping[str, str]) -> None:
    """Attach texts under their names to the case that now runs."""
    for name, text in texts.items():
        allure.attach(text, name, allure.attachment_type.TEXT)


def name(item: pytest.Item, requirement: Requirement) -> None:
    """Give the case the name by which its history is kept, wherever the suite is installed and however it is run."""
    listener = item.config.pluginmanager.getplugin("allure_listener")
    result = listener.allure_logger.get_last_item(TestResult) if listener else None
    if result and isinstance(item, pytest.Function):
        row = item.callspec.id if hasattr(item, "callspec") else ""
        result.name = f"{requirement.id} [{row}]" if row else requirement.id
        result.fullName = f"{requirement.id}#{item.originalname}"
        # Allure 2 keeps a history by what it makes of the full name, Allure 3 by this.
        result.testCaseId = md5(result.fullName)
        result.titlePath = [EPIC, requirement.area]
        # What a row is made of can be a function, which Allure would tell by its address.
        result.parameters = [Parameter(name="row", value=row)] if row else []
