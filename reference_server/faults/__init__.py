"""The faults: deliberate single defects, each named for how the server lies, for the suite to catch.

`FAULTS` holds them all by name; `serve(Lying(app, fault), **fault.options)` is a server with one of them.
"""

from reference_server.faults import (
    auth,
    authorization,
    bodies,
    comms,
    context,
    credentials,
    deploying,
    diagnostics,
    enabling,
    flow,
    http,
    icons,
    install,
    library,
    locales,
    nodes,
    plugins,
    reading,
    revisions,
    settings,
    state,
    wire,
)
from reference_server.faults.lying import FAULTS, Fault, Lying

__all__ = [
    "FAULTS",
    "Fault",
    "Lying",
    "auth",
    "authorization",
    "bodies",
    "comms",
    "context",
    "credentials",
    "deploying",
    "diagnostics",
    "enabling",
    "flow",
    "http",
    "icons",
    "install",
    "library",
    "locales",
    "nodes",
    "plugins",
    "reading",
    "revisions",
    "settings",
    "state",
    "wire",
]
