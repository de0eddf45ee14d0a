"""The editor in a browser's window: what a person does there, and what goes wrong behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from playwright.sync_api import Browser, Error, Locator, Response, expect

PATIENCE: Final = 30_000
"""Milliseconds after which what has not come is a failure."""

expect.set_options(timeout=PATIENCE)


class Window:
    """The editor at a URL."""

    def __init__(self, browser: Browser, url: str) -> None:
        self.url = url
        self.troubles: list[str] = []
        """What the editor's own code stumbled over, and what the server refused."""
        self.page = browser.new_page(locale="en-US", viewport={"width": 1400, "height": 900})
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", self.stumbled)
        self.page.on("response", self.answered)

    def stumbled(self, error: Error) -> None:
        """Note an error that nobody caught."""
        self.troubles.append(str(error))

    def answered(self, response: Response) -> None:
        """Note a refusal."""
        if response.status >= 400:
            path = response.url.removeprefix(self.url).partition("?")[0]
            self.troubles.append(f"{response.status} {response.request.method} {path}")

    def open(self) -> None:
        """Go to the editor, and wait until it shows the flows."""
        self.page.goto(f"{self.url}/")
        self.wait()

    def wait(self) -> None:
        """Wait until the editor shows the flows."""
        expect(self.palette.first).to_be_visible()
        expect(self.page.locator("#red-ui-loading-progress")).to_be_hidden()

    @property
    def palette(self) -> Locator:
        """The types that the palette shows."""
        return self.page.locator(".red-ui-palette-node")

    def type(self, name: str) -> Locator:
        """A type in the palette."""
        return self.page.locator(f'[data-palette-type="{name}"]')

    @property
    def nodes(self) -> Locator:
        """The nodes of the flow that is in view."""
        return self.page.locator(".red-ui-flow-node-group")

    @property
    def notices(self) -> Locator:
        """What the editor says at the top: news, errors, questions."""
        return self.page.locator(".red-ui-notification")

    @property
    def deploy_button(self) -> Locator:
        """The button, while there is something to deploy and somebody who may."""
        return self.page.locator("#red-ui-header-button-deploy:not(.disabled)")

    def act(self, action: str) -> None:
        """Choose what a menu or a key has under this name."""
        self.page.evaluate("action => RED.actions.invoke(action)", action)

    def add(self, name: str) -> None:
        """Drag a node of this type from the palette to the flow."""
        self.type(name).drag_to(self.page.locator("#red-ui-workspace-chart"), target_position={"x": 300, "y": 200})

    @contextmanager
    def form(self, label: str) -> Iterator[None]:
        """Fill in the form of the node with this label, and press Done."""
        self.nodes.filter(has_text=label).dblclick()
        yield
        done = self.page.locator("#node-dialog-ok")
        done.click()
        expect(done).to_have_count(0)

    def deploy(self) -> None:
        """Press Deploy, and see it succeed."""
        with self.deploying():
            self.deploy_button.click()

    @contextmanager
    def deploying(self) -> Iterator[None]:
        """Do what deploys the flows, see that succeed, and wait until the editor minds what others do again."""
        with self.page.expect_response(deployed):
            yield
        expect(self.notices.filter(has_text="Successfully deployed").last).to_be_visible()
        expect(self.page.locator(".red-ui-deploy-button-spinner")).to_be_hidden()


def deployed(reply: Response) -> bool:
    """Whether this is the answer to a deployment that succeeded."""
    return reply.ok and reply.request.method == "POST" and reply.url.endswith("/flows")
