"""The real editor beside an admin API: served on one origin, as Node-RED serves the two."""

from pathlib import Path
from typing import Any, Final

import pystache
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from conformance.node_red import install
from conformance.selftest.clients import tell
from reference_server.settings import VERSION

THEME: Final[dict[str, Any]] = {
    "page": {
        "title": "Node-RED",
        "favicon": "favicon.ico",
        "tabicon": {"icon": "red/images/node-red-icon-black.svg", "colour": "#8f0000"},
    },
    "header": {"title": "Node-RED", "image": "red/images/node-red-icon.svg"},
    "asset": {
        "red": "red/red.min.js",
        "main": "red/main.min.js",
        "vendorMonaco": "vendor/monaco/monaco-bootstrap.js",
        "vendorAce": "",
    },
    "themes": [],
}
"""What the editor looks like, and of which files it is made."""


def beside(api: ASGIApp) -> ASGIApp:
    """The editor, and the API for every path that is none of its files."""
    package = install("node-red", VERSION, tell) / "@node-red" / "editor-client"
    routes: list[BaseRoute] = [Route("/", index(package)), Route("/theme", theme)]
    routes += [texts(package, catalogue.stem) for catalogue in (package / "locales" / "en-US").glob("*.json")]
    for path in (package / "public").iterdir():
        routes.append(Mount(f"/{path.name}", StaticFiles(directory=path)) if path.is_dir() else file(path))
    return Starlette(routes=[*routes, Mount("/", api)])


def index(package: Path) -> Any:
    """The editor's page."""
    template = (package / "templates" / "index.mst").read_text("utf-8")
    page = pystache.render(template, {**THEME, "cacheBuster": VERSION})

    def answer(_: Request) -> Response:
        return HTMLResponse(page)

    return answer


def theme(_: Request) -> Response:
    """What the editor asks for before anything else."""
    return JSONResponse(THEME)


def texts(package: Path, namespace: str) -> Route:
    """The editor's own texts, which only Node-RED's runtime has from elsewhere: one of its catalogues."""

    def answer(request: Request) -> Response:
        path = package / "locales" / Path(request.query_params["lng"]).name / f"{namespace}.json"
        return FileResponse(path) if path.is_file() else JSONResponse({})

    return Route(f"/locales/{namespace}", answer)


def file(path: Path) -> Route:
    """A file beside the folders."""

    def answer(_: Request) -> Response:
        return FileResponse(path)

    return Route(f"/{path.name}", answer)
