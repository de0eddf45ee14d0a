"""The variants: legal differences, each named for what is different, to none of which the suite may object.

`VARIANTS` holds them all by name; `varied` makes a server of any number of them.
"""

from reference_server.variants import (
    areas,
    extra,
    held,
    ids,
    people,
    refusals,
    replies,
    revs,
    travelling,
    versions,
    wire,
    written,
)
from reference_server.variants.together import Varied, varied
from reference_server.variants.variant import VARIANTS, Variant

__all__ = [
    "VARIANTS",
    "Variant",
    "Varied",
    "areas",
    "extra",
    "held",
    "ids",
    "people",
    "refusals",
    "replies",
    "revs",
    "travelling",
    "varied",
    "versions",
    "wire",
    "written",
]
