"""Faults of how the values that nodes keep are told."""

import json
from collections.abc import Callable

from reference_server.faults.context import gets_scope, gets_value
from reference_server.faults.lying import Answer, Ask, Honest, Json, Lie, fault


def retelling(name: str, kind: str, change: Callable[[Json], Json], text: str, *requirements: str) -> Lie:
    """Register a fault that tells every value whose format starts so in another way, alone and among others."""

    def retold(value: Json) -> Json:
        return change(value) if str(value.get("format", "")).startswith(kind) else value

    async def lie(ask: Ask, honest: Honest) -> Answer:
        answer = await honest(ask)
        if gets_value(ask) and isinstance(answer.json, dict) and "keysOnly" not in ask.query:
            return answer.with_json(retold(answer.json))
        if gets_scope(ask) and answer.status == 200 and "keysOnly" not in ask.query:
            stores = answer.json.items()
            return answer.with_json({store: {key: retold(kept[key]) for key in kept} for store, kept in stores})
        return answer

    lie.__name__, lie.__doc__ = name, text
    return fault(*requirements)(lie)


retelling(
    "quotes_the_strings_of_a_context",
    "string",
    lambda value: {**value, "msg": json.dumps(value["msg"])},
    "A string in a context is told with quotation marks.",
    "context.string-is-told",
)
retelling(
    "counts_the_bytes_of_a_string",
    "string",
    lambda value: {**value, "format": f"string[{len(value['msg'].encode())}]"},
    "The length of a string in a context is that of its bytes.",
    "context.string-is-told",
)
retelling(
    "tells_numbers_as_strings",
    "number",
    lambda value: {**value, "format": f"string[{len(value['msg'])}]"},
    "A number in a context is said to be a string.",
    "context.number-is-told",
)
retelling(
    "tells_numbers_as_numbers",
    "number",
    lambda value: {**value, "msg": float(value["msg"])},
    "A number in a context is told as a JSON number.",
    "context.number-is-told",
)
retelling(
    "tells_booleans_as_numbers",
    "boolean",
    lambda value: {"msg": str(int(value["msg"] == "true")), "format": "number"},
    "A boolean in a context is told as 1 or 0.",
    "context.boolean-is-told",
)
retelling(
    "tells_only_that_it_is_an_object",
    "Object",
    lambda value: {**value, "msg": "[object Object]"},
    "An object in a context is told without what is in it.",
    "context.object-is-told",
)
retelling(
    "tells_objects_as_objects",
    "Object",
    lambda value: {**value, "msg": json.loads(value["msg"])},
    "An object in a context is told as a JSON object.",
    "context.object-is-told",
)
retelling(
    "tells_arrays_as_objects",
    "array",
    lambda value: {**value, "format": "Object"},
    "An array in a context is said to be an object.",
    "context.array-is-told",
)
