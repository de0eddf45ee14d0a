"""What the editor needs of a type: its looks, its properties and a form for them, as the HTML that a module brings."""

import json
from collections.abc import Mapping
from html import escape

from reference_server.messages import Json


def marked(set_id: str, html: str) -> str:
    """The HTML of a set under the comment by which the editor knows whose it is."""
    return f"<!-- --- [red-module:{set_id}] --- -->\n{html}\n"


def html_of_set(set_id: str, types: Mapping[str, Json]) -> str:
    """The HTML of a set, made from the descriptions of its types."""
    return marked(set_id, "\n".join(html_of_type(name, described) for name, described in types.items() if described))


def html_of_type(name: str, described: Mapping[str, Json]) -> str:
    """The form of a type, and the script that registers it."""
    defaults = {key: default(value) for key, value in described["defaults"].items()}
    prefix = "node-config-input" if described["category"] == "config" else "node-input"
    inputs = {key: input_for(value["value"]) for key, value in defaults.items()}
    inputs |= {key: field["type"] for key, field in described.get("credentials", {}).items()}
    rows = "".join(form_row(f"{prefix}-{key}", key, kind) for key, kind in inputs.items() if kind)
    label = f"label: function () {{ return this.name || {in_script(name)}; }}"
    definition = in_script({**described, "defaults": defaults})
    return (
        f'<script type="text/html" data-template-name="{escape(name)}">{rows}</script>\n'
        f'<script type="text/javascript">\n'
        f"RED.nodes.registerType({in_script(name)}, Object.assign({definition}, {{ {label} }}));\n"
        f"</script>"
    )


def default(value: Json) -> dict[str, Json]:
    """A property as the editor's `defaults` have it."""
    return value if isinstance(value, dict) and "value" in value else {"value": value}


def input_for(value: Json) -> str:
    """The kind of input that the form has for such a value; empty where it is no scalar, and has none."""
    if isinstance(value, dict | list):
        return ""
    return "checkbox" if isinstance(value, bool) else "text"


def form_row(element: str, key: str, kind: str) -> str:
    """A line of the form: an input of this kind."""
    return (
        f'<div class="form-row"><label for="{element}">{escape(key)}</label><input type="{kind}" id="{element}"></div>'
    )


def in_script(value: Json) -> str:
    """The value in JavaScript, such as no HTML parser takes for the script's end."""
    return json.dumps(value).replace("<", "\\u003c")
