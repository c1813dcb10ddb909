"""What is said about parameters, made from their declarations: for ``sim show``, the schema, the documents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.locale.language import ENGLISH, speaking
from sim.locale.signs import bracketed
from sim.locale.words import Words
from sim.scenario.keys import FROM, write_key
from sim.scenario.schema import NEVER_DATED, Scenario
from sim.scenario.units import in_words
from sim.scenario.validate import choices, field_of, part_of, said_range, unit_of

_words: Final = Words("schema")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as declared. ``path`` has ``*`` where the user chooses a name (of a kind, a round)."""

    path: str
    unit: str
    allowed: str
    meaning: str
    zh: str
    source: str


def parameters(lang: str = ENGLISH) -> Iterator[Parameter]:
    """Every parameter of a scenario, in the order of the schema; what is allowed in this language."""
    yield from _of(Scenario, "", lang)


def _of(model: type[BaseModel], at: str, lang: str) -> Iterator[Parameter]:
    for name, info in model.model_fields.items():
        if info.alias == FROM:  # holds these same parameters again
            continue
        path = f"{at}{name}"
        part = part_of(info.annotation)
        if part is not None:
            yield from _of(part, f"{path}.*." if get_origin(info.annotation) is dict else f"{path}.", lang)
        else:
            yield _parameter(path + (".*" if get_origin(info.annotation) is dict else ""), info, lang)


def parameter(key: tuple[str, ...]) -> Parameter | None:
    """The declaration behind one key of a scenario; None where there is none."""
    info = field_of(key)
    return None if info is None else _parameter(write_key(key), info)


def _parameter(path: str, info: FieldInfo, lang: str = ENGLISH) -> Parameter:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    return Parameter(
        path=path,
        unit=unit_of(info),
        allowed=_allowed(info, lang),
        meaning=info.description or "",
        zh=str(extra.get("zh", "")),
        source=str(extra.get("source", "")),
    )


def _allowed(info: FieldInfo, lang: str) -> str:
    if words := choices(info.annotation):
        return ", ".join(words)
    with speaking(lang):
        return "true, false" if info.annotation is bool else said_range(info)


def json_schema(lang: str = ENGLISH) -> dict[str, Any]:
    """JSON Schema of scenario *files*: nothing is required, because a file may extend another. In Chinese, a parameter has its Chinese
    name as title, and name and unit as description; what tables are is said in both languages.
    """
    schema: dict[str, Any] = _optional(Scenario.model_json_schema())
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["properties"] |= {
        "extends": {"type": "string"},
        "draws": {"anyOf": [{"type": "string"}, {"const": False}]},
        "sources": {"type": "object", "additionalProperties": {"type": "string"}},
    }
    for name, table in {Scenario.__name__: schema, **schema["$defs"]}.items():
        _describe(table, name, lang)
    may_change = {name: one for name, one in schema["properties"].items() if name not in NEVER_DATED}
    schema["properties"][FROM] |= {
        "propertyNames": {"format": "date"},
        "additionalProperties": {"type": "object", "additionalProperties": False, "properties": may_change},
    }
    if lang == ENGLISH:
        return schema
    with speaking(lang):
        named: dict[str, Any] = _named(schema)
    return named


def _describe(table: dict[str, Any], name: str, lang: str) -> None:
    """Say what a table is, and what those of its keys are that are no parameters; an unknown table raises ``KeyError``."""
    table |= {"title": _words(f"{name}.name", lang), "description": _words(name, lang)}
    for key, one in table["properties"].items():
        if "unit" not in one and "$ref" not in one:
            one["description"] = _words(f"{name}.{key}", lang)
            one.pop("title", None)


def _named(node: Any) -> Any:
    """The schema with Chinese names of parameters, and their units, where editors show titles and descriptions."""
    if isinstance(node, list):
        return [_named(one) for one in node]
    if not isinstance(node, dict):
        return node
    out = {key: _named(value) for key, value in node.items()}
    zh, unit = node.get("zh"), node.get("unit")
    if isinstance(zh, str):
        words = in_words(unit) if isinstance(unit, str) else ""
        out |= {"title": zh, "description": bracketed(zh, words, "zh") if words else zh}
    return out


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
