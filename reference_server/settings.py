"""What a server is set to offer, as Node-RED's settings file says it."""

from dataclasses import dataclass
from typing import Final

VERSION: Final = "5.0.7"
"""The Node-RED version whose API this server speaks, as `GET /settings` gives it."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings that change what the API answers; each default offers all there is."""

    run_state: bool = True
    """Whether `POST /flows/state` starts and stops the flows: `runtimeState.enabled`."""
    diagnostics: bool = True
    """Whether `GET /diagnostics` reports: `diagnostics.enabled`."""
    upload: bool = True
    """Whether `POST /nodes` takes a tarball: `externalModules.palette.allowUpload`."""
    stores: tuple[str, ...] = ("default", "other")
    """The context stores, the default one first: `contextStorage`."""
    cors_origin: str = ""
    """The origin that may call the API from a browser, empty for none: `httpAdminCors`."""
