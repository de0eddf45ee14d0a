"""Faults of the websocket."""

from reference_server.faults.line import DEPLOYED, FAIL, OK, Line, comms_fault, watching
from reference_server.faults.lying import Answer, Ask, Honest, Json


@comms_fault("comms.right-token-answered-with-ok", "comms.reader-let-in")
class AnswersNoToken(Line):
    """A right token lets in, and is not answered."""

    async def told(self, value: Json) -> None:
        """Everything but that."""
        if value != OK:
            await super().told(value)


@comms_fault("comms.right-token-answered-with-ok", "comms.reader-let-in")
class EndsAfterARightToken(Line):
    """A right token is answered with ok, and the websocket is closed."""

    async def told(self, value: Json) -> None:
        """The answer, and the end."""
        await super().told(value)
        if value == OK:
            await self.end()


@comms_fault("comms.reader-let-in", "comms.reader-told")
class LetsNoReaderIn(Line):
    """Whoever may not do everything is refused."""

    async def said(self, value: Json) -> None:
        """Their tokens as if they were wrong."""
        wrong = isinstance(value, dict) and "auth" in value and not self.of_the_administrator
        await self.pass_on({"auth": "wrong"} if wrong else value)


@comms_fault(
    "comms.wrong-token-refused", "comms.token-without-permission-refused", "comms.nothing-told-after-a-wrong-token"
)
class LetsAnyTokenIn(Line):
    """Any token lets in."""

    async def said(self, value: Json) -> None:
        """Every token as if it were the administrator's."""
        shown = isinstance(value, dict) and "auth" in value
        await self.pass_on({"auth": self.memory["token"]} if shown else value)


@comms_fault("comms.wrong-token-refused")
class ComparesAsMuchOfATokenAsIsGiven(Line):
    """The beginning of a token lets in."""

    async def said(self, value: Json) -> None:
        """A token that was cut as if it were whole."""
        cut = isinstance(value, dict) and "auth" in value and self.memory["token"].startswith(value["auth"])
        await self.pass_on({"auth": self.memory["token"]} if cut else value)


@comms_fault("comms.wrong-token-refused", "comms.token-without-permission-refused")
class EndsWithoutAWord(Line):
    """A wrong token is not answered, and the websocket is closed."""

    async def told(self, value: Json) -> None:
        """Everything but the refusal."""
        if value != FAIL:
            await super().told(value)


@comms_fault("comms.wrong-token-refused", "comms.token-without-permission-refused")
class DoesNotEnd(Line):
    """A wrong token is answered with fail, and the websocket stays open."""

    async def ended(self) -> None:
        """Nothing."""


@comms_fault("comms.token-without-permission-refused")
class AsksForNoPermission(Line):
    """Whoever may log in may listen."""

    async def said(self, value: Json) -> None:
        """Every token that somebody has as if it were the administrator's."""
        known = isinstance(value, dict) and value.get("auth") in self.memory["tokens"]
        await self.pass_on({"auth": self.memory["token"]} if known else value)


@comms_fault("comms.nothing-told-before-a-token", "comms.subscription-needs-a-token")
class TellsAnybody(Line):
    """Whoever opens the websocket is told of deployments."""

    answers = 0

    async def opened(self) -> None:
        """As if the administrator's token had been shown."""
        await self.pass_on({"auth": self.memory["token"]})

    async def told(self, value: Json) -> None:
        """Everything but the answer to that."""
        self.answers += value == OK
        if value != OK or self.answers > 1:
            await super().told(value)


@comms_fault("comms.subscription-needs-a-token")
class TellsWhoeverSubscribes(Line):
    """Whoever subscribes is told, with a token or without."""

    subscription: Json = None

    async def said(self, value: Json) -> None:
        """A subscription as if the administrator's token had been shown before."""
        if isinstance(value, dict) and "subscribe" in value and not self.token:
            self.subscription, value = value, {"auth": self.memory["token"]}
        await self.pass_on(value)

    async def told(self, value: Json) -> None:
        """What follows on a subscription."""
        if value == OK and self.subscription is not None:
            subscription, self.subscription = self.subscription, None
            await self.pass_on(subscription)
        else:
            await super().told(value)


@comms_fault("comms.nothing-told-after-a-wrong-token")
class TellsWhomItRefused(Line):
    """A wrong token is answered with fail, and its holder told of deployments all the same."""

    refused = False

    async def told(self, value: Json) -> None:
        """What is told to one also to those who were refused."""
        self.refused = self.refused or value == FAIL
        await super().told(value)
        for line in self.lines:
            if isinstance(value, list) and isinstance(line, TellsWhomItRefused) and line.refused:
                await line.tell(value)

    async def ended(self) -> None:
        """Nothing."""


@comms_fault("comms.messages-come-in-arrays")
class TellsEachMessageAlone(Line):
    """Messages come one by one, without an array."""

    async def told(self, value: Json) -> None:
        """What is in the array."""
        for message in value if isinstance(value, list) else [value]:
            await self.tell(message)


@comms_fault("comms.messages-come-in-arrays")
class TellsTopicsWithoutData(Line):
    """Some messages have a topic and no data."""

    async def announced(self, message: Json) -> None:
        """Another message before it."""
        await self.tell([{"topic": "notification/runtime-state"}, message])


@comms_fault("comms.deployment-told", "comms.v1-deployment-told", "comms.reload-told", "comms.reader-told")
class TellsOfNoDeployment(Line):
    """Nobody is told of a deployment."""

    async def announced(self, message: Json) -> None:
        """Nothing."""


@comms_fault("comms.deployment-told")
class TellsOfAnotherRev(Line):
    """What is told of a deployment is not the rev that GET /flows gives."""

    async def announced(self, message: Json) -> None:
        """The rev from back to front."""
        await self.tell([{"topic": DEPLOYED, "data": {"revision": message["data"]["revision"][::-1]}}])


@comms_fault("comms.deployment-told")
class TellsOfTheRevUnderAnotherName(Line):
    """What is told of a deployment is called rev instead of revision."""

    async def announced(self, message: Json) -> None:
        """The same, otherwise."""
        await self.tell([{"topic": DEPLOYED, "data": {"rev": message["data"]["revision"]}}])


@comms_fault("comms.deployment-told")
class TellsOfFullDeploymentsOnly(Line):
    """A deployment of the type nodes or flows is not told."""

    async def announced(self, message: Json) -> None:
        """Only full ones."""
        if self.last.type == "full":
            await self.tell([message])


@comms_fault("comms.v1-deployment-told")
class TellsOfV2Only(Line):
    """A deployment under v1 is not told."""

    async def announced(self, message: Json) -> None:
        """Only those under v2."""
        if self.last.version == "v2":
            await self.tell([message])


@comms_fault("comms.reload-told")
class TellsOfNoReload(Line):
    """A reload is not told."""

    async def announced(self, message: Json) -> None:
        """Everything else."""
        if not self.last.reloads:
            await self.tell([message])


@comms_fault("comms.change-of-one-flow-told")
class TellsOfWholeDeploymentsOnly(Line):
    """What is changed by /flow is not told."""

    async def announced(self, message: Json) -> None:
        """Only what is changed by /flows."""
        if self.last.posts:
            await self.tell([message])


@comms_fault("comms.change-of-one-flow-told")
class TellsOfNoFlowThatIsRemoved(Line):
    """DELETE /flow/:id is not told."""

    async def announced(self, message: Json) -> None:
        """Everything else."""
        if self.last.method != "DELETE":
            await self.tell([message])


@comms_fault("comms.every-listener-told")
class TellsTheLatestListenerOnly(Line):
    """Of all who listen only the last who came is told of a deployment."""

    async def announced(self, message: Json) -> None:
        """To this one."""
        if self is self.lines[-1]:
            await self.tell([message])


@comms_fault("comms.every-listener-told")
class TellsTheFirstListenerOnly(Line):
    """Of all who listen only the one who came first is told of a deployment."""

    async def announced(self, message: Json) -> None:
        """To this one."""
        if self is self.lines[0]:
            await self.tell([message])


@comms_fault("comms.reader-told")
class TellsTheAdministratorOnly(Line):
    """Whoever may not deploy is let in, and told of no deployment."""

    async def announced(self, message: Json) -> None:
        """Only to whoever may."""
        if self.of_the_administrator:
            await self.tell([message])


@comms_fault("comms.deployments-told-once-and-in-order", "comms.refused-deployment-not-told")
class TellsTwice(Line):
    """Every deployment is told twice."""

    async def announced(self, message: Json) -> None:
        """The same again."""
        await self.tell([message, message])


@comms_fault("comms.deployments-told-once-and-in-order")
class RepeatsTheDeploymentBefore(Line):
    """With every deployment the one before it is told again."""

    before: Json = None

    async def announced(self, message: Json) -> None:
        """Both."""
        await self.tell([message] if self.before is None else [self.before, message])
        self.before = message


async def telling_of_refusals(ask: Ask, honest: Honest) -> Answer:
    """The honest answer; everybody is told of a deployment also where it is a refusal."""
    answer = await watching(ask, honest)
    if ask.posts and answer.status in (400, 409):
        for line in ask.memory["lines"]:
            await line.tell([{"topic": DEPLOYED, "data": {"revision": "refused"}}])
    return answer


@comms_fault("comms.refused-deployment-not-told", lie=telling_of_refusals)
class TellsOfWhatItRefuses(Line):
    """A deployment that is refused is told."""
