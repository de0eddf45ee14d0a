"""Faults of what the runtime says of itself."""

from collections.abc import Callable

from reference_server.faults.lying import Answer, Ask, Honest, Json, Lie, error, fault


def reporting(name: str, change: Callable[[Json, Ask], Json], text: str, *requirements: str) -> Lie:
    """Register a fault that changes the report of GET /diagnostics."""

    async def lie(ask: Ask, honest: Honest) -> Answer:
        answer = await honest(ask)
        reports = ask.path == "/diagnostics" and answer.status == 200
        return answer.with_json(change(answer.json, ask)) if reports else answer

    lie.__name__, lie.__doc__ = name, text
    return fault(*requirements)(lie)


def of_runtime(report: Json, **fields: Json) -> Json:
    """The report with these fields of the runtime."""
    return {**report, "runtime": {**report["runtime"], **fields}}


reporting(
    "reports_no_operating_system",
    lambda report, _: {key: value for key, value in report.items() if key != "os"},
    "GET /diagnostics leaves out `os`.",
    "diagnostics.get-gives-a-report",
)
reporting(
    "reports_a_version_alone",
    lambda report, _: {**report, "nodejs": report["nodejs"]["version"]},
    "GET /diagnostics gives the version of Node.js in place of `nodejs`.",
    "diagnostics.get-gives-a-report",
)
reporting(
    "reports_without_a_time",
    lambda report, _: {key: value for key, value in report.items() if key != "time"},
    "GET /diagnostics does not say when.",
    "diagnostics.names-itself",
)
reporting(
    "reports_another_version",
    lambda report, _: of_runtime(report, version="0.0.1"),
    "GET /diagnostics gives another version than GET /settings.",
    "diagnostics.version-is-that-of-the-settings",
)
reporting(
    "reports_stopped_flows",
    lambda report, _: of_runtime(report, flows={"state": "stop", "started": False}),
    "GET /diagnostics gives running flows as stopped.",
    "diagnostics.state-is-that-of-the-flows",
)
reporting(
    "reports_that_it_never_started",
    lambda report, _: of_runtime(report, isStarted=False),
    "GET /diagnostics says that the runtime has not started.",
    "diagnostics.runtime-is-started",
)
reporting(
    "reports_modules_as_a_list",
    lambda report, _: of_runtime(report, modules=dict.fromkeys(report["runtime"]["modules"])),
    "GET /diagnostics names the modules without their versions.",
    "diagnostics.modules-name-their-versions",
)
reporting(
    "reports_how_to_log_in",
    lambda report, _: of_runtime(report, settings={"adminAuth": {"type": "credentials", "users": ["admin"]}}),
    "GET /diagnostics gives `adminAuth`.",
    "diagnostics.get-holds-no-secret",
)
reporting(
    "reports_the_token",
    lambda report, ask: {**report, "request": dict(ask.headers)},
    "GET /diagnostics repeats the headers of the request.",
    "diagnostics.get-holds-no-secret",
)


@fault("diagnostics.offered-where-settings-say-so")
async def promises_diagnostics_that_it_refuses(ask: Ask, honest: Honest) -> Answer:
    """GET /diagnostics is refused, although GET /settings says that it is there."""
    return error(403, "diagnostics.disabled") if ask.path == "/diagnostics" else await honest(ask)
