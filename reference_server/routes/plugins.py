"""Plugins."""

from typing import Final

from reference_server.routing import Endpoints

ENDPOINTS: Final[Endpoints] = ()
