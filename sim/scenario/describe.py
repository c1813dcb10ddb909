"""What is said about parameters, made from their declarations: for ``sim show``, the schema, the documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.scenario.keys import FROM, Key, write_key
from sim.scenario.load import Loaded
from sim.scenario.schema import NEVER_DATED, Scenario
from sim.scenario.units import CHINESE
from sim.scenario.validate import choices, field_of, part_of, said_range, unit_of


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as declared. ``path`` has ``*`` where the user chooses a name (of a kind, a round)."""

    path: str
    unit: str
    allowed: str
    meaning: str
    zh: str
    source: str


def parameters() -> Iterator[Parameter]:
    """Every parameter of a scenario, in the order of the schema."""
    yield from _of(Scenario, "")


def _of(model: type[BaseModel], at: str) -> Iterator[Parameter]:
    for name, info in model.model_fields.items():
        if info.alias == FROM:  # holds these same parameters again
            continue
        path = f"{at}{name}"
        part = part_of(info.annotation)
        if part is not None:
            yield from _of(part, f"{path}.*." if get_origin(info.annotation) is dict else f"{path}.")
        else:
            yield _parameter(path + (".*" if get_origin(info.annotation) is dict else ""), info)


def parameter(key: tuple[str, ...]) -> Parameter | None:
    """The declaration behind one key of a scenario; None where there is none."""
    info = field_of(key)
    return None if info is None else _parameter(write_key(key), info)


def _parameter(path: str, info: FieldInfo) -> Parameter:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    return Parameter(
        path=path,
        unit=unit_of(info),
        allowed=_allowed(info),
        meaning=info.description or "",
        zh=str(extra.get("zh", "")),
        source=str(extra.get("source", "")),
    )


def _allowed(info: FieldInfo) -> str:
    if words := choices(info.annotation):
        return ", ".join(words)
    return "true, false" if info.annotation is bool else said_range(info)


def json_schema() -> dict[str, Any]:
    """JSON Schema of scenario *files*: nothing is required, because a file may extend another."""
    schema: dict[str, Any] = _optional(Scenario.model_json_schema())
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["properties"]["extends"] = {"type": "string", "description": "scenario file that this one changes"}
    schema["properties"]["draws"] = {
        "anyOf": [{"type": "string"}, {"const": False}],
        "description": "file of parameter draws (CSV or TOML), relative to this one; false: none",
    }
    schema["properties"]["sources"] = {
        "type": "object",
        "description": "where values come from: key of a parameter (or of a table) = source",
        "additionalProperties": {"type": "string"},
    }
    may_change = {name: one for name, one in schema["properties"].items() if name not in NEVER_DATED}
    schema["properties"][FROM] |= {
        "propertyNames": {"format": "date"},
        "additionalProperties": {"type": "object", "additionalProperties": False, "properties": may_change},
    }
    return schema


def _optional(node: Any) -> Any:
    """The schema without "required"; a number may name its unit; a named part may be ``false``: taken out."""
    if isinstance(node, list):
        return [_optional(one) for one in node]
    if not isinstance(node, dict):
        return node
    out = {key: _optional(value) for key, value in node.items() if key != "required"}
    if out.get("type") == "number":
        out["type"] = ["number", "string"]
    named = out.get("additionalProperties")
    if isinstance(named, dict) and "$ref" in named:
        out["additionalProperties"] = {"anyOf": [named, {"const": False}]}
    return out


def rows(loaded: Loaded, lang: str) -> list[tuple[str, str, str, str, str, str]]:
    """Parameter, value, unit, meaning, source, file: one row for every value."""
    out = []
    for key, value in _leaves(loaded.tree):
        declared = parameter(key)
        if declared is None:
            continue
        meaning = declared.zh or declared.meaning if lang == "zh" else declared.meaning
        unit = CHINESE.get(declared.unit, declared.unit) if lang == "zh" else declared.unit
        source = loaded.source(key, declared.source)
        out.append((write_key(key), _plain(value), unit, meaning, source, loaded.origins.get(key, "")))
    return out


def _leaves(tree: Any, at: Key = ()) -> list[tuple[Key, Any]]:
    if isinstance(tree, dict):
        return [leaf for name, inner in tree.items() for leaf in _leaves(inner, (*at, name))]
    return [(at, tree)]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:,.12g}" if abs(value) >= 1e4 else f"{value:.12g}"
    return str(value)
