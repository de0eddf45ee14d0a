"""The Node-RED admin API from memory, over HTTP: small enough to read in one sitting, and there to be right.

`serve()` runs it in a thread of this process, `python -m reference_server` in a process of its own.
"""

from reference_server.app import Api
from reference_server.server import Running, serve
from reference_server.settings import Settings
from reference_server.users import User, Users

__all__ = ["Api", "Running", "Settings", "User", "Users", "serve"]
