"""`python -m reference_server [--port N] [--open]`: the reference server, until Ctrl-C."""

import argparse
import sys

import uvicorn

from reference_server.app import Api
from reference_server.server import listen, settings
from reference_server.users import User, Users

USERS = (User("admin", "admin-password", "*"), User("reader", "reader-password", "read"))


def main() -> int:
    """Serve until interrupted; 1 where the port cannot be had."""
    parser = argparse.ArgumentParser("python -m reference_server", description="The Node-RED admin API from memory.")
    parser.add_argument("--port", type=int, default=1880, help="the port on loopback; 0 takes a free one (1880)")
    parser.add_argument("--open", action="store_true", help="ask nobody for a token")
    arguments = parser.parse_args()
    try:
        listener = listen(arguments.port)
    except (OSError, OverflowError) as error:
        print(f"Port {arguments.port} cannot be had: {error}. Choose another with --port.", file=sys.stderr)
        return 1
    with listener:
        host, port = listener.getsockname()
        print(f"The admin API is at http://{host}:{port}", flush=True)
        print("It asks for no token." if arguments.open else users_in_words(), flush=True)
        uvicorn.Server(settings(Api(None if arguments.open else Users(USERS)).app())).run(sockets=[listener])
    return 0


def users_in_words() -> str:
    """The users and their passwords, for whoever tries the server out."""
    return "\n".join(f"User {user.name}, password {user.password}, permissions {user.permissions}" for user in USERS)


if __name__ == "__main__":
    sys.exit(main())
