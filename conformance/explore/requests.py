"""What can be asked, as Hypothesis strategies: each draws a step that is later fitted to what the target holds."""

from typing import Final

from hypothesis import strategies as st

from conformance.client import V1, V2, deployment_type
from conformance.data import Json
from conformance.explore.adding import ADDITIONS, Add, AddBadly, AddUsed
from conformance.explore.deployments import BODIES, REVS, VERSIONS, Deploy, DeployBadly, Read, ReloadBare
from conformance.explore.drawing import inner, names, odd, one_in, whole
from conformance.explore.model import Step
from conformance.explore.nodes import LOCAL_CONFIG, TABS, config
from conformance.explore.reading import ReadFlow
from conformance.explore.replacing import REPLACEMENTS, Delete, Put, PutBadly
from conformance.explore.single import Flow, Which
from conformance.explore.states import ReadState, SetState
from conformance.explore.strangers import InNameOf

TYPES: Final = ("", "full", "nodes", "flows")
WRONG_REVS: Final = ("stale", "stale", "stale", *(rev for rev in REVS if rev != "stale of a type"))

turns = st.integers(0, 3)
tabs = st.builds(Which, st.just("tab"), turns)
elsewhere = st.builds(Which, st.sampled_from(["deleted", "node", "unknown"]), turns)

INFO: Final[Json] = {"info": "what it does"}
DISABLED: Final[Json] = {"disabled": True}
ENV: Final[Json] = {"env": [{"name": "GREETING", "value": "hello", "type": "str"}]}

deployments = st.builds(
    Deploy,
    whole(),
    st.sampled_from(VERSIONS),
    st.sampled_from(TYPES),
    st.sampled_from(["", "current"]),
    beside=one_in(12),
)
outdated = st.builds(Deploy, whole(), st.just("v2"), st.sampled_from(TYPES), st.sampled_from(WRONG_REVS), turns)
reloads = st.one_of(
    st.builds(Deploy, whole(), st.sampled_from(VERSIONS), st.just("reload"), st.sampled_from(["", "current", "stale"])),
    st.builds(ReloadBare, st.sampled_from(["v2", "v1"])),
)
bad_deployments = st.one_of(
    st.builds(DeployBadly, st.sampled_from(list(BODIES)), st.just("v2"), st.sampled_from(TYPES)),
    st.builds(DeployBadly, st.sampled_from([body for body in BODIES if body != "array"]), st.just("v1")),
    st.builds(
        Deploy, whole(), st.just("v3"), st.sampled_from([*TYPES, "reload"]), st.sampled_from(["", "current", "stale"])
    ),
)
unpromised = st.one_of(
    st.builds(Deploy, odd(), st.sampled_from(VERSIONS), st.sampled_from(TYPES)),
    st.builds(Deploy, whole(), st.sampled_from(VERSIONS), st.sampled_from(["everything", "FULL", "Reload"])),
)

configs = st.one_of(st.just([]), names.map(lambda name: [config(LOCAL_CONFIG, name)]))
flows = st.builds(Flow, names, inner(odd=False), configs)
additions = st.one_of(
    st.builds(Add, flows),
    st.builds(Add, flows, st.sampled_from(TABS), promise=st.just("flow.given-id-replaced")),
    st.builds(Add, flows, st.just("global"), promise=st.just("flow.given-id-global-replaced")),
    st.builds(
        Add,
        flows,
        headers=st.sampled_from([V1.headers, V2.headers]),
        promise=st.just("flow.version-header-ignored"),
    ),
    st.builds(
        Add,
        flows,
        headers=st.sampled_from([deployment_type(name) for name in ("full", "nodes", "flows", "reload")]),
        promise=st.just("flow.deployment-type-ignored"),
    ),
    st.builds(Add, st.builds(Flow, names, inner(odd=False), configs, st.sampled_from([INFO, DISABLED, ENV]))),
)
replacements = st.one_of(
    st.builds(Put, tabs, flows),
    st.builds(Put, tabs, st.builds(Flow, names, inner(odd=False), configs, st.sampled_from([INFO, DISABLED, ENV]))),
    st.builds(
        Put,
        tabs,
        flows,
        st.sampled_from([V1.headers, V2.headers]),
        st.just("flow.version-header-ignored"),
    ),
)
deletions = st.builds(Delete, tabs)
bad_changes = st.one_of(
    st.builds(AddUsed, st.integers(0, 7)),
    st.builds(AddBadly, st.sampled_from(list(ADDITIONS))),
    st.builds(PutBadly, st.sampled_from(list(REPLACEMENTS)), tabs),
    st.builds(Put, elsewhere, flows),
    st.builds(Delete, st.one_of(elsewhere, st.just(Which("global")))),
)
flow_reads = st.builds(ReadFlow, st.one_of(tabs, st.just(Which("global")), elsewhere))
states = st.one_of(st.builds(SetState, st.sampled_from(["stop", "start", "pause"])), st.just(ReadState()))
strangers = st.builds(
    InNameOf,
    st.sampled_from(["nobody", "wrong", "reader"]),
    st.one_of(deployments, additions, st.builds(Put, tabs, flows), deletions, st.builds(Read), flow_reads, states),
)
reads = st.one_of(st.builds(Read, st.sampled_from([*VERSIONS, "v3"])), flow_reads)

OFTEN: Final[list[tuple[int, st.SearchStrategy[Step]]]] = [
    (4, deployments),
    (4, outdated),
    (2, reloads),
    (2, bad_deployments),
    (3, reads),
    (2, additions),
    (2, replacements),
    (2, deletions),
    (2, bad_changes),
    (1, states),
    (2, strangers),
    (1, unpromised),
]
"""How often each kind of step comes."""

steps: Final[st.SearchStrategy[Step]] = st.sampled_from([kind for times, kind in OFTEN for _ in range(times)]).flatmap(
    lambda kind: kind
)
"""A step of any kind."""
