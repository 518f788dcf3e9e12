"""summary.json as JSON Schema (docs/summary.schema.json), made from its types.

msgspec describes one Struct at a time but no choice between two of them: those of a section that may be
`Unavailable` are put together here. Before 0.23 it leaves the keys of tables by kind open, which reading does
not.
"""

from __future__ import annotations

import inspect
import typing
from typing import Any

import msgspec

from profiler.run.sections.unavailable import Unavailable
from profiler.run.summary import SCHEMA, Summary, section_types

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def summary_schema() -> dict[str, Any]:
    """Return the schema; as where summary.json is read, properties that it does not name may be there."""
    sections = section_types()
    hints = typing.get_type_hints(Summary)
    chosen = {name: sections.get(name, hint) for name, hint in hints.items()}
    (unavailable, *described), definitions = msgspec.json.schema_components(
        [Unavailable, *chosen.values()], ref_template="#/$defs/{name}"
    )
    properties = {
        name: {"anyOf": [schema, unavailable]} if name in sections else schema
        for name, schema in zip(chosen, described, strict=True)
    }
    for definition in definitions.values():
        definition["description"] = inspect.cleandoc(definition["description"])
    required = [field.name for field in msgspec.structs.fields(Summary) if field.required]
    return {
        "$schema": DIALECT,
        "title": "summary.json",
        "description": Summary.__doc__,
        "type": "object",
        "properties": properties | {"schema": {"const": SCHEMA}},
        "required": ["schema", *required],
        "$defs": dict(sorted(definitions.items())),
    }
