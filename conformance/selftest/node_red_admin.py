"""node-red-admin, the official command-line client: run as a user runs it, in a home of its own."""

import os
import subprocess
from pathlib import Path
from typing import IO

from conformance.selftest.clients import installed
from conformance.selftest.running import PATIENCE, Ended, run


class NodeRedAdmin:
    """The program, which keeps its target and its token in its home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.program = ["node", str(installed("node-red-admin") / "node-red-admin.js")]
        self.variables = {"HOME": str(home), "no_proxy": "*"}

    def __call__(self, *words: str) -> Ended:
        """Run it with these words."""
        return run([*self.program, *words], self.home, self.home, self.variables)

    def login(self, name: str, password: str) -> Ended:
        """Log in. Each answer waits for its question: the client loses what comes earlier."""
        with subprocess.Popen(  # noqa: S603 - no words of a stranger
            [*self.program, "login"],
            env={**os.environ, **self.variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as client:
            assert client.stdin
            assert client.stdout
            wait_for_question(client.stdout)
            client.stdin.write(f"{name}\n")
            client.stdin.flush()
            wait_for_question(client.stdout)
            stdout, stderr = client.communicate(f"{password}\n", PATIENCE)
        return Ended(client.returncode, stdout, stderr, self.home)


def wait_for_question(said: IO[str]) -> None:
    """Read up to the colon of a question, or to the end."""
    while said.read(1) not in (":", ""):
        pass
