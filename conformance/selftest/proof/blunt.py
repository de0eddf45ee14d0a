"""Whether a refusal can pass for the wrong reason: every case of one, while a blunt server answers its body."""

import linecache
import re
import traceback
from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import httpx
import pytest

from conformance import run
from conformance.catalogue import catalogue
from conformance.judging import FINDING
from conformance.outcomes import Finding, Outcome
from conformance.selftest.liars import BOTH
from conformance.selftest.proof.blunt_servers import BLUNT, LIES, Blunt, Knowledge
from conformance.selftest.proof.session import session
from conformance.targets import BROWSER
from reference_server import Api, Settings, Users, serve
from reference_server.faults import Fault, Lying
from reference_server.faults.lying import Answer, Ask, Honest

TARGET: Final = "blunt"
"""The name of the target in a session."""

NUMBER: Final = "number-of-the-reply"
"""The header that says which reply of a case's body it is, so that a failing assertion leads to it."""

APART: Final = {
    "concurrency": "what several clients come to at once is judged by whether any order explains it",
    "deploy": "what starts is looked for where it may not be yet, which is refused to nobody",
    "explore": "a walk ends at the first reply that the model does not expect, and asks for no refusal on purpose",
}
"""The areas that are not judged here, with the reason."""


INCIDENTAL: Final = {
    "install.upload-gives-node-module": "it asks whether an earlier run left the module behind, which 404 denies",
    "transport.reading-is-no-server-error": "it asks for what is missing, too, and takes any answer but a server error",
    "transport.secrets-in-nothing-received": "it sends what is refused, too, and looks for secrets in any answer",
}
"""The requirements in whose cases something is refused that they are not about, with the reason."""

EXCUSED: Final = {
    "auth.post-flow-needs-flows-write": "what answers 404 to the administrator, too, is not offered",
    "auth.put-flow-needs-flows-write": "what answers 404 to the administrator, too, is not offered",
    "auth.delete-flow-needs-flows-write": "what answers 404 to the administrator, too, is not offered",
    "auth.post-nodes-needs-nodes-write": "what answers 404 to the administrator, too, is not offered",
    "auth.revoke-ends-the-token": "a server may give one token at every login, which then ends itself",
    "flow.put-refusal-error": "it is about the form of a refusal; flow.put-with-null-refused demands that there is one",
    "install.unknown-module-is-404": "an error of npm that does not reach its registry is no answer about a module",
}
"""The requirements whose cases may say of a blunt server that they do not apply or could not look, with the reason."""

AT_FIRST_HONEST: Final = ("answers-from-a-cache", "answers-the-last-reply-again")
"""The blunt servers that tell a case nothing but the truth where it asks for nothing twice."""


@dataclass(frozen=True)
class Immune:
    """What a case of a refusal came to against a blunt server."""

    server: str
    """The name of the blunt server."""
    requirement: str
    case: str
    """The case, or its row, within its file."""
    outcome: Outcome
    by: str
    """What failed, `refusal` or `control`; `truth` where no status was a lie, `excuse` where the case is EXCUSED, and
    empty where a case is not immune."""
    reason: str


@dataclass
class Body:
    """The body of a case: what it was answered, and how it failed."""

    requirement: str
    replies: list[tuple[Ask, Answer]] = field(default_factory=list)
    failed_at: int | None = None
    """The number of the reply that the failing assertion is about."""
    finding: Finding | None = None

    @property
    def refusal(self) -> Answer | None:
        """The first refusal, None where nothing was refused."""
        return next((answer for _, answer in self.replies if answer.status >= 400), None)

    @property
    def statuses(self) -> list[int]:
        """The statuses of the replies."""
        return [answer.status for _, answer in self.replies]


class Switch:
    """A lie that is the truth but for the bodies of cases, which it answers bluntly; and the plugin that tells it."""

    def __init__(self, blunt: Blunt | None, cases: Mapping[str, Body] | None = None) -> None:
        self.blunt = blunt
        self.cases = cases or {}
        self.bodies: dict[str, Body] = {}
        self.told: list[tuple[Ask, Answer]] = []
        self.refusal: Answer | None = None
        self.body: Body | None = None

    async def __call__(self, ask: Ask, honest: Honest) -> Answer:
        """Answer, and keep what was told."""
        body = self.body
        knows = Knowledge(self.told, self.refusal)
        answer = await (self.blunt(ask, honest, knows) if body and self.blunt else honest(ask))
        self.told.append((ask, answer))
        if body is None:
            return answer
        body.replies.append((ask, answer))
        return replace(answer, headers={**answer.headers, NUMBER: str(len(body.replies) - 1)})

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep the wanted cases, and let them do what is only done to a server that the suite started."""
        current = run.current(config)
        current.targets = {name: replace(target, own=True) for name, target in current.targets.items()}
        if self.cases:
            items[:] = [item for item in items if name_of(item) in self.cases]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None]:
        """Forget the case before."""
        self.told = []
        if known := self.cases.get(name_of(item)):
            self.refusal = known.refusal
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        """Answer bluntly while the body runs."""
        entry = run.requirement_of(item)
        assert entry
        self.body = self.bodies[name_of(item)] = Body(entry.id)
        try:
            return (yield)
        except AssertionError as error:
            self.body.failed_at = reply_that_failed(error, len(self.body.replies))
            raise
        finally:
            self.body = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Keep what the case came to."""
        report = yield
        body = self.bodies.get(name_of(item))
        if body and (told := getattr(report, FINDING, None)):
            body.finding = Finding.from_row(told["finding"])
        return report


def name_of(item: pytest.Item) -> str:
    """The file and the name of a case."""
    return f"{item.path.name}::{item.name}"


def reply_that_failed(error: AssertionError, replies: int) -> int | None:
    """The number of the reply that the failing assertion names, or else of the last one; None where none came."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        words = re.findall(r"\w+", linecache.getline(frame.f_code.co_filename, line))
        named = [value for name, value in frame.f_locals.items() if isinstance(value, httpx.Response) and name in words]
        if numbers := [int(reply.headers[NUMBER]) for reply in named if NUMBER in reply.headers]:
            return min(numbers)
    return replies - 1 if replies else None


def watched(switch: Switch, wanted: Collection[str]) -> dict[str, Body]:
    """The bodies of the cases of these requirements, as a server that lies by this switch is judged by them."""
    fault = Fault("blunt", "", (), switch)
    with serve(Lying(Api(Users(BOTH), Settings(cors_origin=BROWSER)).app(), fault)) as server:
        session({TARGET: server.url}, {TARGET: wanted}, "--timeout=2", "--tb=native", plugins=[switch])
    return switch.bodies


def judged() -> list[str]:
    """The requirements among which refusals are looked for."""
    return [name for name, entry in catalogue().items() if entry.scores and entry.area not in APART]


def refusals(wanted: Collection[str] | None = None) -> dict[str, Body]:
    """The cases in whose bodies an honest server refuses something, by their names."""
    bodies = watched(Switch(None), judged() if wanted is None else wanted)
    return {name: body for name, body in bodies.items() if body.refusal and body.requirement not in INCIDENTAL}


def judge(server: str, honest: Mapping[str, Body] | None = None) -> list[Immune]:
    """What the cases of refusals came to against a blunt server; `refusals()` takes long, and can be given."""
    honest = refusals() if honest is None else honest
    bodies = watched(Switch(BLUNT[server], honest), {body.requirement for body in honest.values()})
    return [immune(server, name, body, bodies.get(name)) for name, body in honest.items()]


def immune(server: str, name: str, honest: Body, blunt: Body | None) -> Immune:
    """What a case came to, by what it met at the honest server and at the blunt one."""
    if blunt is None or blunt.finding is None:
        return Immune(server, honest.requirement, name, Outcome.NOT_TESTED, "", "its body did not run")
    found = blunt.finding
    return Immune(server, honest.requirement, name, found.outcome, why(server, honest, blunt, found), found.reason)


def why(server: str, honest: Body, blunt: Body, found: Finding) -> str:
    """Why a blunt server did not pass, as Immune has it."""
    if found.outcome in (Outcome.VIOLATES, Outcome.DEVIATES):
        return what_failed(honest, blunt)
    if found.outcome in (Outcome.NOT_APPLICABLE, Outcome.NOT_TESTED) and found.requirement in EXCUSED:
        return "excuse"
    return "truth" if server in AT_FIRST_HONEST and honest.statuses == blunt.statuses else ""


def what_failed(honest: Body, blunt: Body) -> str:
    """Whether what failed is refused by an honest server; nothing that it was not asked for is."""
    if blunt.failed_at is None:
        return "control"
    asked, _ = blunt.replies[blunt.failed_at]
    later = (one for one in honest.replies[blunt.failed_at :] if alike(one[0], asked))
    anywhere = (one for one in honest.replies if alike(one[0], asked))
    _, answer = next(later, None) or next(anywhere, (asked, Answer(200)))
    return "refusal" if answer.status >= 400 else "control"


def alike(one: Ask, other: Ask) -> bool:
    """Whether two requests ask for the same."""
    return (one.method, one.path) == (other.method, other.path)


def told(lie: str, wanted: Collection[str]) -> dict[str, Outcome]:
    """What the cases of these requirements come to where their bodies are told this lie, by their names."""
    bodies = watched(Switch(LIES[lie]), wanted)
    return {name: body.finding.outcome for name, body in bodies.items() if body.finding}
