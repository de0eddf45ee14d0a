"""What runs: the nodes of the active flows, what each of them does, and which of them a deployment restarts.

`runtime` says which nodes run, `restarts` which of them a deployment stops, `parts` what the flows consist of once
every instance of a subflow has nodes of its own, and `behaviours` what a node of each type does.
"""

from reference_server.runtime.runtime import Runtime

__all__ = ["Runtime"]
