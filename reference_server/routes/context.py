"""The values that nodes keep."""

from typing import Final

from reference_server.routing import Endpoints

ENDPOINTS: Final[Endpoints] = ()
