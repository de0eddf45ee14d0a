"""Servers that say they are another version of Node-RED; what is younger is not asked of an older one."""

from typing import Final

from reference_server.between import Json
from reference_server.settings import VERSION
from reference_server.variants.variant import Tell, register, telling

VERSIONS: Final = ("0.20.8", "1.3.7", "2.2.3", "3.1.15", "4.1.15", "5.1.0-beta.2", "17.0.0")
"""The versions that a server says it is."""


def saying(version: str) -> Tell:
    """Puts this version in place of the server's own, wherever it is told and nobody deployed it."""

    def replaced(value: Json) -> Json:
        if isinstance(value, dict):
            return {key: replaced(member) for key, member in value.items()}
        if isinstance(value, list):
            return [replaced(one) for one in value]
        return version if value == VERSION else value

    return lambda path, value: value if path.lower().startswith(("/flow", "/context", "/library")) else replaced(value)


for number in VERSIONS:
    register(f"version-{number}", f"The server says that it is Node-RED {number}.", says=telling(saying(number)))
