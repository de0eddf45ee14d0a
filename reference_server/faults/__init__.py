"""The faults: deliberate single defects, each named for how the server lies, for the suite to catch.

`FAULTS` holds them all by name; `serve(Lying(app, fault), **fault.options)` is a server with one of them.
"""

from reference_server.faults import authorization, bodies, deploying, http, reading, revisions, wire
from reference_server.faults.lying import FAULTS, Fault, Lying

__all__ = ["FAULTS", "Fault", "Lying", "authorization", "bodies", "deploying", "http", "reading", "revisions", "wire"]
