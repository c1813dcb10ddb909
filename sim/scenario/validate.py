"""Merged files to a scenario: every defect found in one go, each traced to the file that made it.

Values that are unsound in themselves hide those that contradict one another. So what is unsound is noted, then
taken out or replaced by a sound neighbour, until a scenario stands; then its contradictions are collected, and
those that touch a replaced value are passed over. What changes at a date is left to ``periods``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from sim.locale.foreign import translated
from sim.locale.language import said, spoken
from sim.scenario.errors import Defect, joined, near, quoted
from sim.scenario.files import DRAWS, Layers, Tree
from sim.scenario.keys import Key, overlap, read_key, undated, write_key
from sim.scenario.parts import given
from sim.scenario.schema import Scenario, contradictions
from sim.scenario.units import in_words, quantity

PASSES = 8


Found = dict[tuple[Key, str], Defect]  # by key and problem


def sound(layers: Layers, tree: Tree, begins: date | None = None) -> tuple[Scenario | None, Found]:
    """The scenario that a merged tree gives, mended where it is unsound (None where it cannot be), and what is wrong.

    Texts with a unit become numbers in ``tree``. ``begins``: the day from which it holds, if not from the start of time.
    """
    found: Found = {}
    touched = set[Key]()
    for key, problem in with_units(tree, Scenario, ()):
        found[key, problem] = defect(layers, key, said("place", where=_value(tree, key), said=problem))
        touched.add(key)
        _drop(tree, key)
    scenario = None
    for _ in range(PASSES):
        try:
            scenario = Scenario.model_validate(tree, context={"asks": True, "begins": begins})
            break
        except ValidationError as error:
            tree, new = _one_pass(layers, tree, error, touched, found)
            if not new:
                break
    for key, problem, others in contradictions(scenario) if scenario else ():
        if not any(overlap(one, replaced) for one in (key, *others) for replaced in touched):
            found[key, problem] = defect(layers, key, problem)
    return scenario, found


def _one_pass(
    layers: Layers,
    tree: Tree,
    error: ValidationError,
    touched: set[Key],
    found: Found,
) -> tuple[Tree, bool]:
    """Note what is new in ``error``; return a tree with it mended, and whether anything was."""
    mended = _deep(tree)
    before, mendable = len(touched), False
    for one in error.errors():
        key = tuple(str(part) for part in one["loc"])
        if one["type"] == "missing" and key in touched:
            _put(mended, key, _sound(key))
            mendable = True
            continue
        problem, hint = _words(one, key, tree)
        if not any(k == key for k, _ in found):
            found[key, problem] = defect(layers, key, problem, hint)
        if one["type"] == "extra_forbidden":
            _drop(mended, key)
        else:
            _put(mended, key, _sound(key))
        touched.add(key)
    return mended, mendable or len(touched) > before


def _words(one: Any, key: Key, tree: Tree) -> tuple[str, str]:
    """One pydantic error in our words, and what was probably meant."""
    kind, value, info = one["type"], one["input"], field_of(key)
    unit = unit_of(info)
    written = quoted(value)
    if kind == "extra_forbidden":
        names = _siblings(key)
        return said("unknown_key"), near(key[-1], names) or said("known_here", names=joined(names))
    if kind == "missing":
        return _with_unit(said("missing"), unit), _meaning(info)
    if kind == "literal_error":
        allowed = list(choices(info.annotation)) if info else []
        return said("not_allowed", value=written, names=joined(allowed)), near(str(value), allowed, 0.5)
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return said("table_needed", value=written), said("write_table", name=write_key(key))
    if kind in _TYPES:
        return said(f"not.{_TYPES[kind]}", value=written) + _allowed(info, unit), _meaning(info)
    if kind in _RANGES or kind == "finite_number":
        return said("out_of_range", value=written) + _allowed(info, unit), _meaning(info)
    return said("place", where=written, said=translated(one["msg"].removeprefix("Value error, "))), ""


_TYPES = {
    "float_type": "number", "int_type": "whole", "int_from_float": "whole", "bool_type": "switch",
    "string_type": "text", "date_type": "date", "date_from_datetime_inexact": "date",
    "string_pattern_mismatch": "form", "string_too_short": "long", "string_too_long": "short",
}  # fmt: skip
_RANGES = ("greater_than", "greater_than_equal", "less_than", "less_than_equal", "too_short", "too_long")


def limits(info: FieldInfo | None) -> dict[str, Any]:
    """Bounds declared for a parameter: ge, gt, le, lt, and its pattern."""
    found: dict[str, Any] = {}
    for limit in info.metadata if info else ():
        for name in ("ge", "gt", "le", "lt", "pattern", "min_length", "max_length"):
            if getattr(limit, name, None) is not None:
                found[name] = getattr(limit, name)
    return found


def said_range(info: FieldInfo | None, show: Callable[[Any], str] | None = None) -> str:
    """The bounds in words: "0 to 1", "above 0", "HH:MM, or any". ``show``: how a bound is written."""
    bounds, show = limits(info), show or plain_bound
    low = said("range.above", low=show(bounds["gt"])) if "gt" in bounds else ""
    if "ge" in bounds:
        low = said("range.least", low=show(bounds["ge"]))
    high = said("range.below", high=show(bounds["lt"])) if "lt" in bounds else ""
    if "le" in bounds:
        high = said("range.most", high=show(bounds["le"]))
    if "ge" in bounds and "le" in bounds:
        return said("range.both", low=show(bounds["ge"]), high=show(bounds["le"]))
    if "pattern" in bounds:
        form = said_of(info, "form")
        return said(f"range.{form}") if form else ""
    if "min_length" in bounds and "max_length" in bounds:
        return said("range.size", low=bounds["min_length"], high=bounds["max_length"])
    return said("and", one=low, other=high) if low and high else low or high


def plain_bound(bound: Any) -> str:
    """A bound in digits, without an exponent."""
    if not isinstance(bound, int | float):
        return str(bound)
    if isinstance(bound, int):
        return f"{bound:,}"  # every digit: of the largest a float would show one more
    if abs(bound) >= 1e4:
        return f"{bound:,.0f}"
    text = f"{bound:g}"
    return f"{Decimal(text):f}" if "e" in text else text


def _allowed(info: FieldInfo | None, unit: str) -> str:
    words = said_range(info)
    return said("allowed", range=_with_unit(words, unit)) if words else ""


def _with_unit(words: str, unit: str) -> str:
    return said("unit", said=words, unit=in_words(unit)) if unit else words


def _meaning(info: FieldInfo | None) -> str:
    words = said_of(info, "zh") if spoken() == "zh" else info.description if info else ""
    return said("meaning", meaning=words) if words else ""


def unit_of(info: FieldInfo | None) -> str:
    return said_of(info, "unit")


def said_of(info: FieldInfo | None, what: str) -> str:
    """What a declaration says beside pydantic's own: unit, Chinese name, source, form; empty if it says nothing."""
    extra = info.json_schema_extra if info is not None else None
    return str(extra.get(what, "")) if isinstance(extra, Mapping) else ""


def part_of(annotation: Any) -> type[BaseModel] | None:
    """The model a table of named parts holds (``dict[str, Kind]`` -> ``Kind``), or the model itself."""
    annotation = given(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) is dict:
        return part_of(get_args(annotation)[1])
    return None


def choices(annotation: Any) -> tuple[str, ...]:
    """The words that may be chosen from, if a parameter takes such."""
    annotation = given(annotation)
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def _named(annotation: Any) -> bool:
    return get_origin(annotation) is dict


def field_of(key: Key) -> FieldInfo | None:
    """The declaration of the parameter at ``key``; None where there is none."""
    model: type[BaseModel] | None = Scenario
    info: FieldInfo | None = None
    skip = False
    for part in undated(key):
        if skip:  # a name chosen by the user: of a kind, a window, a round
            skip = False
            continue
        if model is None or part not in model.model_fields:
            return info if model is None and info is not None and _named(info.annotation) else None
        info = model.model_fields[part]
        model, skip = part_of(info.annotation), _named(info.annotation)
    return info


def _siblings(key: Key) -> list[str]:
    """Keys known in the table that holds ``key``."""
    model: type[BaseModel] | None = Scenario
    skip = False
    for part in key[:-1]:
        if skip:
            skip = False
            continue
        if model is None or part not in model.model_fields:
            return []
        info = model.model_fields[part]
        model, skip = part_of(info.annotation), _named(info.annotation)
    return [info.alias or name for name, info in model.model_fields.items()] if model is not None else []


def with_units(tree: Tree, model: type[BaseModel], at: Key) -> list[tuple[Key, str]]:
    """Turn texts with a unit into numbers, in place; what cannot be turned comes back as (key, problem)."""
    problems: list[tuple[Key, str]] = []
    for name, info in model.model_fields.items():
        value, key = tree.get(name), (*at, name)
        part = part_of(info.annotation)
        if part is not None and isinstance(value, dict):
            tables = value.items() if _named(info.annotation) else [("", value)]
            for inner, table in tables:
                if isinstance(table, dict):
                    problems += with_units(table, part, (*key, inner) if inner else key)
        elif info.annotation is int and isinstance(value, float) and value.is_integer():
            tree[name] = int(value)  # 2.0, as tables write it
        elif info.annotation == dict[str, float] and isinstance(
            value, dict
        ):  # numbers by names that the user chooses
            for inner in value:
                problems += _as_number(value, inner, unit_of(info), (*key, inner))
        elif info.annotation in (float, float | None):
            problems += _as_number(tree, name, unit_of(info), key)
    return problems


def _as_number(tree: Tree, name: str, unit: str, key: Key) -> list[tuple[Key, str]]:
    """Turn a whole number, or a text with a unit, into the number it says; what is wrong with it comes back."""
    value = tree.get(name)
    if type(value) is int:
        with suppress(OverflowError):  # which the schema refuses
            tree[name] = float(value)  # one scenario has one text, however its numbers are written
    elif isinstance(value, str) and value.strip().lower() not in ("nan", "inf", "-inf"):
        try:
            tree[name] = quantity(value, unit)
        except ValueError as error:
            return [(key, str(error))]
    return []


def defect(layers: Layers, key: Key, problem: str, hint: str = "") -> Defect:
    """A defect with the file that set the key, or the nearest thing to it."""
    origin = layers.origins.get(key)
    if origin is None:
        under = [o for k, o in layers.origins.items() if k[: len(key)] == key or k[:-1] == key[:-1]]
        origin = under[-1] if under else str(layers.files[-1])
    return Defect(origin, write_key(key), problem, hint)


def unknown_sources(layers: Layers) -> list[Defect]:
    """Sources of keys that no file sets: a misspelt key would leave its parameter without a source."""
    known = {write_key(key[:n]) for key in (*layers.origins, DRAWS) for n in range(len(key) + 1)}
    return [
        Defect(
            file, write_key(("sources", key)), said("no_source"), near(key, known),
        )
        for file, named in layers.sources.items()
        for key in named
        if key not in known and not _taken_out(key)
    ]  # fmt: skip


def _taken_out(key: str) -> bool:
    """Whether the key is of a named part that a later file has taken out."""
    try:
        return field_of(read_key(key)) is not None
    except ValueError:
        return False


def _value(tree: Tree, key: Key) -> str:
    value: Any = tree
    for part in key:
        value = value.get(part) if isinstance(value, dict) else None
    return quoted(value)


def _deep(tree: Any) -> Any:
    return {k: _deep(v) for k, v in tree.items()} if isinstance(tree, dict) else tree


def _drop(tree: Tree, key: Key) -> None:
    for part in key[:-1]:
        inner = tree.get(part)
        if not isinstance(inner, dict):
            return
        tree = inner
    tree.pop(key[-1], None)


def _put(tree: Tree, key: Key, value: Any) -> None:
    for part in key[:-1]:
        inner = tree.get(part)
        if not isinstance(inner, dict):
            return
        tree = inner
    if key:
        if value is None:
            tree.pop(key[-1], None)
        else:
            tree[key[-1]] = value


def _sound(key: Key) -> Any:
    """Some allowed value for a parameter, to look further at the rest; None where none is at hand."""
    info = field_of(key)
    if info is None or part_of(info.annotation) is not None:
        return None
    allowed = get_args(info.annotation)
    if info.annotation is bool:
        return True
    if info.annotation is str:
        return "any"
    bounds = limits(info)
    for name in ("ge", "le"):
        if name in bounds:
            return float(bounds[name]) if info.annotation is float else bounds[name]
    if info.annotation in (float, int):
        return 1 if info.annotation is int else math.nextafter(1.0, 2.0)
    return allowed[0] if allowed and isinstance(allowed[0], str) else None
