"""The endpoints, area by area: a module for each, with its table `ENDPOINTS`."""

from typing import Final

from reference_server.routes import (
    auth,
    comms,
    context,
    credentials,
    diagnostics,
    flow,
    flows,
    icons,
    inject,
    install,
    library,
    locales,
    nodes,
    plugins,
    settings,
    state,
)
from reference_server.routing import Endpoints

ENDPOINTS: Final[Endpoints] = (
    *auth.ENDPOINTS,
    *flows.ENDPOINTS,
    *state.ENDPOINTS,
    *flow.ENDPOINTS,
    *install.ENDPOINTS,
    *nodes.ENDPOINTS,
    *settings.ENDPOINTS,
    *diagnostics.ENDPOINTS,
    *context.ENDPOINTS,
    *credentials.ENDPOINTS,
    *plugins.ENDPOINTS,
    *icons.ENDPOINTS,
    *inject.ENDPOINTS,
    *locales.ENDPOINTS,
    *library.ENDPOINTS,
    *comms.ENDPOINTS,
)
"""All endpoints; the first whose path matches answers."""

__all__ = ["ENDPOINTS"]
