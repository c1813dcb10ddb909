"""What a targets file may hold: its keys, types and ranges. Meaning: ``docs/guides/targets.md``.

A value of the wrong type hides nothing else: it is told, and a stand-in is put in its place, a *hole*, of which no
later check may ask (``sound``, ``whole``).
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calibration.printed import Rounding
from sim.scenario.errors import quoted

Role = Literal["fit", "input", "held_out", "unused", "assumed"]
Transform = Literal["identity", "log", "logit", "date"]
Raw = int | Decimal | str  # a printed number, before its digits are read
Weights = dict[str, float] | list[str] | str
Text = Annotated[str, Field(min_length=1, max_length=1000)]


class Part(BaseModel):
    """Base of every part: unknown keys refused, values frozen, types as TOML has them ("3" and true are no numbers)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FigureEntry(Part):
    """One printed figure, when more is said about it than the number."""

    printed: Any
    rounding: Rounding = "either"
    measures: Weights | None = None
    use: Role | None = None
    held_out: bool = False
    reason: str = ""
    reason_zh: str = ""
    source: str = ""


class Growth(Part):
    """A printed growth rate of a figure from one window to another."""

    figure: Text
    since: Text
    window: Text
    printed: Any
    rounding: Rounding = "either"


class Difference(Growth):
    """A printed difference of a figure between two windows."""


class FreeEntry(Part):
    """One free parameter. ``path`` may hold ``*`` for every name in a table and may be a list."""

    name: Text | None = None
    zh: Text | None = None
    en: Text | None = None
    path: Text | list[Text]
    transform: Transform = "log"
    low: float | date
    high: float | date
    mean: float | date | None = None  # of a normal prior on the transformed scale, given in plain units
    sd: float | None = Field(None, gt=0)  # on the transformed scale
    scale: bool = False  # multiplies the scenario's values instead of replacing them
    per_window: bool = False
    explains: Literal["noise", "popularity"] | None = None  # of lots that nobody bids for
    source: str = "assumption"


class Policy(Part):
    """The questions that the calibrated model is asked."""

    cuts: list[Annotated[float, Field(ge=0, lt=1)]] = [0.0, 0.1, 0.2]
    starts: list[Annotated[float, Field(gt=0, le=10)]] = [1.0, 0.8, 0.7]


class TargetsFile(Part):
    """A targets file as written. Figures of a window are checked one by one, for their keys are figures' names."""

    title: Text
    title_zh: Text | None = None
    source: Text = "no source named"
    scenario: Text | None = None
    set: dict[str, Any] = {}
    definitions: dict[str, Weights] = {}
    basis: Weights = ["event", "cohort"]
    windows: dict[str, dict[str, Any]]
    growth: list[Growth] = []
    differences: list[Difference] = []
    discrepancy: dict[str, Annotated[float, Field(ge=0, le=10)]] = {}
    discrepancy_source: str = "assumption"
    free: list[FreeEntry] | None = None
    policy: Policy = Policy()
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 20190416


Key = tuple[str | int, ...]  # where something stands: names of tables, places in lists
Model = TypeVar("Model", bound=Part)

PASSES: Final = 8
MISSING: Final = "is missing"
UNKNOWN: Final = "unknown key"
LISTED: Final[dict[str, type[Part]]] = {"free": FreeEntry, "growth": Growth, "differences": Difference}
STAND_INS: Final[dict[str, Any]] = {  # of keys that must be there
    "title": "?", "windows": {}, "path": "?", "low": 1.0, "high": 2.0, "figure": "?", "since": "?", "window": "?", "printed": 1,
}  # fmt: skip
TYPES: Final = {
    "float_type": "a number", "int_type": "a whole number", "bool_type": "true or false", "string_type": "a text",
    "date_type": "a date YYYY-MM-DD", "list_type": "a list", "dict_type": "a table", "model_type": "a table",
    "model_attributes_type": "a table",
}  # fmt: skip
RANGES: Final = {
    "greater_than": ("above", "gt"), "greater_than_equal": ("at least", "ge"),
    "less_than": ("below", "lt"), "less_than_equal": ("at most", "le"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong in a targets file: where, what, and what was probably meant."""

    key: Key
    problem: str
    hint: str = ""


def whole(key: Key, holes: Collection[Key]) -> bool:
    """Whether what stands at ``key`` is as written: no hole is it, holds it, or lies in it."""
    return not any(hole[: len(key)] == key or key[: len(hole)] == hole for hole in holes)


def sound(model: type[Model], tree: Mapping[str, Any]) -> tuple[Model | None, list[Wrong], set[Key]]:
    """``tree`` as the model, with stand-ins where it is wrong; what is wrong; and the holes."""
    mended: dict[str, Any] = copy.deepcopy(dict(tree))
    wrong: dict[Key, Wrong] = {}
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


def _once(wrong: Mapping[Key, Wrong]) -> list[Wrong]:
    """What is wrong, without keys that are missing because they are misspelt."""
    near_to = {(*key[:-1], one.hint) for key, one in wrong.items() if one.problem == UNKNOWN}
    return [
        one
        for key, one in wrong.items()
        if one.problem != MISSING or (*key[:-1], f"did you mean {key[-1]}?") not in near_to
    ]


def _holes(wrong: Mapping[Key, Wrong], model: type[Part]) -> set[Key]:
    """Where stand-ins are: in the wrong places, and where what is meant by a misspelt key would stand."""
    meant = {
        (*key[:-1], closest(str(key[-1]), sorted(part.model_fields)))
        for key, one in wrong.items()
        if one.problem == UNKNOWN and (part := _part(model, key[:-1])) is not None
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
        return MISSING, ""
    if kind == "extra_forbidden":
        part = _part(model, key[:-1])
        known = sorted(part.model_fields) if part else []
        return UNKNOWN, meant(str(key[-1]), known)
    if kind == "literal_error":
        allowed = [text.strip("' ") for text in error["ctx"]["expected"].replace(" or ", ", ").split(",")]
        return f"{quoted(value)} is not allowed; allowed: {', '.join(allowed)}", near(str(value), allowed)
    if kind in TYPES:
        needed = list(dict.fromkeys(TYPES[one["type"]] for one in errors))
        return f"{quoted(value)} is not {' or '.join(needed)}", ""
    if kind in RANGES:
        word, bound = RANGES[kind]
        return f"{quoted(value)} is out of range; allowed: {word} {error['ctx'][bound]:g}", ""
    return f"{quoted(value)}: {error['msg'].lower()}", ""


def closest(name: str, known: Collection[str], likeness: float = 0.5) -> str:
    """The known name that is most like this one; empty if none is."""
    return next(iter(difflib.get_close_matches(name, list(known), 1, likeness)), "")


def near(name: str, known: Collection[str], likeness: float = 0.5) -> str:
    """What was probably meant, as a hint; empty if nothing known is like it."""
    found = closest(name, known, likeness)
    return f"did you mean {found}?" if found else ""


def meant(name: str, known: Collection[str]) -> str:
    """What was probably meant, or all that is known."""
    return near(name, known) or f"known: {', '.join(known)}"


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
