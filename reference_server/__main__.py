"""`python -m reference_server [--port N] [--fault NAME] [--variant NAME] [--before URL]`: the server, until Ctrl-C."""

import argparse
import difflib
import sys
from collections.abc import Collection, Iterable

import uvicorn
from starlette.types import ASGIApp

from reference_server.faults import FAULTS, Fault, Lying
from reference_server.forwarding import Forwarding
from reference_server.server import listen, settings
from reference_server.users import User
from reference_server.variants import VARIANTS, Varied, varied

USERS = (User("admin", "admin-password", "*"), User("reader", "reader-password", "read"))


def main() -> int:
    """Serve until interrupted; 1 where the port cannot be had, 2 where the words are wrong."""
    parser = argparse.ArgumentParser("python -m reference_server", description="The Node-RED admin API from memory.")
    parser.add_argument("--port", type=int, default=1880, help="the port on loopback; 0 takes a free one (1880)")
    parser.add_argument("--open", action="store_true", help="ask nobody for a token")
    parser.add_argument("--fault", metavar="NAME", help="lie in this one way")
    parser.add_argument("--before", metavar="URL", help="lie in front of the runtime there, and answer nothing else")
    parser.add_argument("--list-faults", action="store_true", help="say how the server can lie, and what must catch it")
    parser.add_argument("--variant", metavar="NAME", action="append", default=[], help="differ in this legal way, too")
    parser.add_argument("--list-variants", action="store_true", help="say how the server can differ")
    arguments = parser.parse_args()
    if arguments.list_faults:
        print(faults_in_words())
        return 0
    if arguments.list_variants:
        print(variants_in_words())
        return 0
    check_names(parser, "fault", [arguments.fault] if arguments.fault else [], FAULTS)
    check_names(parser, "variant", arguments.variant, VARIANTS)
    fault = FAULTS.get(arguments.fault)
    if arguments.before and (wrong := why_not_before(arguments, fault)):
        parser.error(f"--before {arguments.before}: {wrong}")
    server = serving(arguments, fault)
    options = {**server.options, **(fault.options if fault else {})}
    try:
        listener = listen(arguments.port)
    except (OSError, OverflowError) as error:
        print(f"Port {arguments.port} cannot be had: {error}. Choose another with --port.", file=sys.stderr)
        return 1
    with listener:
        host, port = listener.getsockname()
        print(f"The admin API is at http://{host}:{port}{server.root}", flush=True)
        print(who_may_ask(arguments, server), flush=True)
        uvicorn.Server(settings(server.app, **options)).run(sockets=[listener])
    return 0


def serving(arguments: argparse.Namespace, fault: Fault | None) -> Varied:
    """The server that is asked for: the reference server as it varies, or who stands before another."""

    def lying(app: ASGIApp) -> ASGIApp:
        return Lying(app, fault) if fault else app

    if arguments.before:
        return Varied(lying(Forwarding(arguments.before)), {"date_header": False}, "", (), ())
    return varied([VARIANTS[name] for name in arguments.variant], () if arguments.open else USERS, lying)


def why_not_before(arguments: argparse.Namespace, fault: Fault | None) -> str:
    """Why nobody can stand before the runtime there and lie like this, empty where one can."""
    if not arguments.before.startswith("http://"):
        return "write http://HOST:PORT, or http://HOST:PORT/PATH"
    if arguments.variant:
        return f"'{arguments.variant[0]}' is a variant, which only the reference server can have"
    if fault and fault.runtime:
        return f"'{fault.name}' is a fault of what the flows run on, which only the reference server can have"
    return ""


def check_names(parser: argparse.ArgumentParser, what: str, given: Iterable[str], known: Collection[str]) -> None:
    """End the program with the nearest name where one of those that were given is unknown."""
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"see --list-{what}s"
            parser.error(f"there is no {what} '{name}'; {hint}")


def who_may_ask(arguments: argparse.Namespace, server: Varied) -> str:
    """Who has to log in, and how."""
    if arguments.before:
        return f"It is that of {arguments.before}, with its users."
    return "It asks for no token." if arguments.open else in_words(server)


def in_words(server: Varied) -> str:
    """The users and their passwords or tokens, for whoever tries the server out."""
    words = [f"token {token}" for token in server.tokens] or [f"password {user.password}" for user in server.users]
    told = zip(server.users, words, strict=False)
    return "\n".join(f"User {user.name}, {word}, permissions {' '.join(user.granted)}" for user, word in told)


def faults_in_words() -> str:
    """Every fault: its name, how the server lies, and the requirements that must catch it."""
    return "\n".join(f"{fault.name}: {fault.text} [{' '.join(fault.requirements)}]" for fault in FAULTS.values())


def variants_in_words() -> str:
    """Every variant: its name, what is different, and what cannot be looked at there."""
    lost = {name: f" [takes away {variant.premise}]" for name, variant in VARIANTS.items() if variant.premise}
    return "\n".join(f"{name}: {variant.text}{lost.get(name, '')}" for name, variant in VARIANTS.items())


if __name__ == "__main__":
    sys.exit(main())
