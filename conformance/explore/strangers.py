"""Requests in the name of who may not: without a token, with a wrong one, or of a user who may only read."""

from dataclasses import dataclass, field, replace
from typing import Final

import httpx

from conformance.explore.model import Model, Refusal, Request, Step

NEEDS: Final[dict[tuple[str, str], str]] = {
    ("GET", "/flow"): "auth.get-flow-needs-flows-read",
    ("POST", "/flow"): "auth.post-flow-needs-flows-write",
    ("PUT", "/flow"): "auth.put-flow-needs-flows-write",
    ("DELETE", "/flow"): "auth.delete-flow-needs-flows-write",
    ("GET", "/flows/state"): "auth.get-state-needs-a-permission",
    ("POST", "/flows/state"): "auth.post-state-needs-flows-write",
}
"""Who promises that a route needs a token, by its method and the start of its path."""

FLOWS: Final[dict[tuple[str, str], str]] = {
    ("GET", "nobody"): "flows.get-without-token-refused",
    ("GET", "wrong"): "flows.get-with-wrong-token-refused",
    ("POST", "nobody"): "flows.post-without-token-refused",
    ("POST", "wrong"): "flows.post-with-wrong-token-refused",
    ("POST", "reader"): "flows.post-without-permission-refused",
}
"""The same of /flows, where it depends on who asks."""


@dataclass(frozen=True)
class InNameOf:
    """A request that the administrator could send, in the name of `nobody`, `wrong` or `reader`."""

    who: str
    step: Step
    wants_rev: bool = field(default=False, init=False)

    def request(self, model: Model) -> Request | None:
        """The request, None where whoever asks may do that."""
        asked = self.step.request(model)
        if asked is None or self.who not in model.kept_out["read" if asked.method == "GET" else "write"]:
            return None
        return replace(asked, who=self.who)

    def judge(self, model: Model, reply: httpx.Response) -> None:
        """It is refused with 401."""
        asked = self.step.request(model)
        assert asked is not None  # noqa: S101 - it was sent
        if asked.path == "/flows":
            requirement = FLOWS[asked.method, self.who]
        else:
            route = asked.path if asked.path == "/flows/state" else "/flow"
            requirement = NEEDS[asked.method, route]
        model.refuses(reply, [Refusal(requirement=requirement, status=401)])
