"""A file as its schema has it, whatever is wrong with it.

A value of the wrong type hides nothing else: it is reported, and a stand-in is put in its place, a *hole*, of which no
later check may ask (``sound``, ``defects.whole``).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import reduce
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from calibration.targets.reader.defects import Key, Wrong, closest, meant, near
from calibration.targets.schema import (
    Difference,
    EvidenceFile,
    FactEntry,
    FigureEntry,
    FreeEntry,
    Growth,
    Part,
    Policy,
    TargetsFile,
)
from sim.locale.foreign import translated
from sim.locale.language import said
from sim.scenario.errors import joined, quoted
from sim.scenario.renamed import TARGETS

Model = TypeVar("Model", bound=Part)

PASSES: Final = 8
LISTED: Final[dict[str, type[Part]]] = {"free": FreeEntry, "growth": Growth, "differences": Difference}
STAND_INS: Final[dict[str, Any]] = {  # of keys that must be there
    "title": "?", "windows": {}, "path": "?", "low": 1.0, "high": 2.0, "figure": "?", "since": "?", "window": "?", "published": 1,
    "facts": {}, "measure": "?", "value": 1, "source": "?",
}  # fmt: skip
TYPES: Final = {
    "float_type": "number", "int_type": "whole", "bool_type": "switch", "string_type": "text", "date_type": "date",
    "list_type": "list", "dict_type": "table", "model_type": "table", "model_attributes_type": "table",
}  # fmt: skip
RANGES: Final = {
    "greater_than": ("above", "low", "gt"), "greater_than_equal": ("least", "low", "ge"),
    "less_than": ("below", "high", "lt"), "less_than_equal": ("most", "high", "le"),
}  # fmt: skip


def sound(model: type[Model], tree: Mapping[str, Any]) -> tuple[Model | None, list[Wrong], set[Key]]:
    """``tree`` as the model, with stand-ins where it is wrong; what is wrong; and the holes."""
    mended: dict[str, Any] = copy.deepcopy(dict(tree))
    wrong = {key: Wrong(key, now) for key, now in _renamed(mended, model)}
    for _ in range(PASSES):
        try:
            return model.model_validate(mended), _once(wrong), _holes(wrong, model)
        except ValidationError as error:
            found: dict[Key, list[Any]] = {}
            for one in error.errors():
                found.setdefault(_key(one, mended), []).append(one)
        for key, errors in found.items():
            if any(other != key and other[: len(key)] == key for other in found):
                continue  # of the other branches of a union: what is wrong lies deeper
            wrong.setdefault(key, Wrong(key, *_words(errors, key, model)))
            _mend(mended, key, model)
    return None, _once(wrong), _holes(wrong, model)


def _renamed(tree: dict[str, Any], model: type[Part]) -> Iterator[tuple[Key, str]]:
    """Keys under names that they had before, and what they are called now; in ``tree`` they get their new names."""
    tables: list[tuple[Key, Any]] = [((), tree)] if model is FigureEntry else []
    for name, part in LISTED.items() if model is TargetsFile else ():
        entries = tree.get(name) if issubclass(part, Growth) else None
        tables += [((name, i), one) for i, one in enumerate(entries if isinstance(entries, list) else ())]
    for key, table in tables:
        for old, new in TARGETS.items() if isinstance(table, dict) else ():
            if old in table:
                yield (*key, old), said("renamed", name=new)
                table.setdefault(new, table.pop(old))


def _once(wrong: Mapping[Key, Wrong]) -> list[Wrong]:
    """What is wrong, without keys that are missing because they are misspelt."""
    near_to = {(*key[:-1], one.hint) for key, one in wrong.items() if one.problem == said("unknown_key")}
    return [
        one
        for key, one in wrong.items()
        if one.problem != said("missing") or (*key[:-1], said("meant", name=key[-1])) not in near_to
    ]


def _holes(wrong: Mapping[Key, Wrong], model: type[Part]) -> set[Key]:
    """Where stand-ins are: in the wrong places, and where what is meant by a misspelt key would stand."""
    meant = {
        (*key[:-1], closest(str(key[-1]), sorted(part.model_fields)))
        for key, one in wrong.items()
        if one.problem == said("unknown_key") and (part := _part(model, key[:-1])) is not None
    }
    return {*wrong, *(key for key in meant if key[-1])}


def _key(error: Any, tree: Any) -> Key:
    """Where an error lies: pydantic's own way there without the branches of unions, which are no keys."""
    key: list[str | int] = []
    missing = error["type"] == "missing"
    for i, part in enumerate(error["loc"]):
        if (isinstance(tree, dict) and part in tree) or (isinstance(tree, list) and isinstance(part, int)):
            tree = tree[part]
            key.append(part)
        elif missing and i == len(error["loc"]) - 1:
            key.append(part)
    return tuple(key)


def _part(model: type[Part], key: Key) -> type[Part] | None:
    """The model of the table at ``key``; None where its keys are free."""
    if not key:
        return model
    if model is EvidenceFile:
        return FactEntry if len(key) == 2 and key[0] == "facts" else None
    if model is not TargetsFile:
        return None
    if key == ("policy",):
        return Policy
    return LISTED.get(str(key[0])) if len(key) == 2 else None


def _words(errors: list[Any], key: Key, model: type[Part]) -> tuple[str, str]:
    """What pydantic says of one key, in our words, and what was probably meant."""
    error = next((one for one in errors if one["type"] not in TYPES), errors[0])
    kind, value = error["type"], error["input"]
    if kind == "missing":
        return said("missing"), ""
    if kind == "extra_forbidden":
        part = _part(model, key[:-1])
        known = sorted(part.model_fields) if part else []
        return said("unknown_key"), meant(str(key[-1]), known)
    if kind == "literal_error":
        allowed = [text.strip("' ") for text in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return said("not_allowed", value=quoted(value), names=joined(allowed)), near(str(value), allowed)
    if kind in TYPES:
        needed = [said(f"kind.{kind}") for kind in dict.fromkeys(TYPES[one["type"]] for one in errors)]
        kinds = reduce(lambda one, other: said("or", names=one, last=other), needed)
        return said("target.kinds", value=quoted(value), kinds=kinds), ""
    if kind in RANGES:
        side, end, bound = RANGES[kind]
        within = said(f"range.{side}", **{end: f"{error['ctx'][bound]:g}"})
        return said("out_of_range", value=quoted(value)) + said("allowed", range=within), ""
    return said("place", where=quoted(value), said=translated(error["msg"]).lower()), ""


def _mend(tree: Any, key: Key, model: type[Part]) -> None:
    """Put a stand-in at ``key``, or take away what need not be there; a list of values goes as a whole."""
    while (isinstance(key[-1], int) and key[0] not in LISTED) or len(key) > 3:
        key = key[:-1]
    for step in key[:-1]:
        tree = tree[step]
    last, part = key[-1], _part(model, key[:-1])
    if isinstance(last, int):
        tree[last] = {name: STAND_INS[name] for name in _needed(LISTED[str(key[0])])}
    elif part is not None and last in _needed(part):
        tree[last] = copy.copy(STAND_INS[last])
    elif key[:-1] == ("windows",):
        tree[last] = {}
    else:
        tree.pop(last, None)


def _needed(part: type[Part]) -> list[str]:
    return [name for name, info in part.model_fields.items() if info.is_required()]
