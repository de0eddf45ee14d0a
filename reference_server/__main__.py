"""`python -m reference_server [--port N] [--open] [--fault NAME] [--before URL]`: the server, until Ctrl-C."""

import argparse
import difflib
import sys
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from reference_server.app import Api
from reference_server.faults import FAULTS, Fault, Lying
from reference_server.forwarding import Forwarding
from reference_server.server import listen, settings
from reference_server.users import User, Users

USERS = (User("admin", "admin-password", "*"), User("reader", "reader-password", "read"))


def main() -> int:
    """Serve until interrupted; 1 where the port cannot be had, 2 where the words are wrong."""
    parser = argparse.ArgumentParser("python -m reference_server", description="The Node-RED admin API from memory.")
    parser.add_argument("--port", type=int, default=1880, help="the port on loopback; 0 takes a free one (1880)")
    parser.add_argument("--open", action="store_true", help="ask nobody for a token")
    parser.add_argument("--fault", metavar="NAME", help="lie in this one way")
    parser.add_argument("--before", metavar="URL", help="lie in front of the runtime there, and answer nothing else")
    parser.add_argument("--list-faults", action="store_true", help="say how the server can lie, and what must catch it")
    arguments = parser.parse_args()
    if arguments.list_faults:
        print(faults_in_words())
        return 0
    if arguments.fault and arguments.fault not in FAULTS:
        near = difflib.get_close_matches(arguments.fault, FAULTS, n=1)
        hint = f"did you mean '{near[0]}'?" if near else "see --list-faults"
        parser.error(f"there is no fault '{arguments.fault}'; {hint}")
    fault = FAULTS.get(arguments.fault)
    if arguments.before and (wrong := why_not_before(arguments.before, fault)):
        parser.error(f"--before {arguments.before}: {wrong}")
    app, options = honest(arguments)
    if fault:
        app, options = Lying(app, fault), {**options, **fault.options}
    try:
        listener = listen(arguments.port)
    except (OSError, OverflowError) as error:
        print(f"Port {arguments.port} cannot be had: {error}. Choose another with --port.", file=sys.stderr)
        return 1
    with listener:
        host, port = listener.getsockname()
        print(f"The admin API is at http://{host}:{port}", flush=True)
        print(who_may_ask(arguments), flush=True)
        uvicorn.Server(settings(app, **options)).run(sockets=[listener])
    return 0


def honest(arguments: argparse.Namespace) -> tuple[ASGIApp, dict[str, Any]]:
    """The application that tells the truth, and what uvicorn is told for its sake."""
    if arguments.before:
        return Forwarding(arguments.before), {"date_header": False}
    return Api(None if arguments.open else Users(USERS)).app(), {}


def why_not_before(url: str, fault: Fault | None) -> str:
    """Why nobody can stand before the runtime there and lie like this, empty where one can."""
    if not url.startswith("http://"):
        return "write http://HOST:PORT, or http://HOST:PORT/PATH"
    if fault and fault.runtime:
        return f"'{fault.name}' is a fault of what the flows run on, which only the reference server can have"
    return ""


def who_may_ask(arguments: argparse.Namespace) -> str:
    """Who has to log in, and how."""
    if arguments.before:
        return f"It is that of {arguments.before}, with its users."
    return "It asks for no token." if arguments.open else users_in_words()


def users_in_words() -> str:
    """The users and their passwords, for whoever tries the server out."""
    return "\n".join(f"User {user.name}, password {user.password}, permissions {user.permissions}" for user in USERS)


def faults_in_words() -> str:
    """Every fault: its name, how the server lies, and the requirements that must catch it."""
    return "\n".join(f"{fault.name}: {fault.text} [{' '.join(fault.requirements)}]" for fault in FAULTS.values())


if __name__ == "__main__":
    sys.exit(main())
