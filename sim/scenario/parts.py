"""What every part of a scenario is made of: declared parameters, strict and frozen tables."""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field

from sim.scenario.keys import Key

# Key of a value that does not go with others, what is wrong, and the keys of those others.
Contradictions = Iterator[tuple[Key, str, tuple[Key, ...]]]


def param(unit: str, meaning: str, zh: str, source: str, form: str = "", **limits: Any) -> Any:
    """A required parameter. ``limits`` are pydantic's own (``ge``, ``le``, ``gt``, ``lt``, ``pattern``); ``form`` says
    what a pattern allows.
    """
    extra: dict[str, Any] = {"unit": unit, "zh": zh, "source": source} | ({"form": form} if form else {})
    return Field(description=meaning, json_schema_extra=extra, **limits)


def given(annotation: Any) -> Any:
    """The type of a value that is given: without the None of one that may be left out."""
    if get_origin(annotation) in (Union, UnionType):
        return next((one for one in get_args(annotation) if one is not NoneType), None)
    return annotation


class Part(BaseModel):
    """Base of every part: unknown keys refused, types strict, values frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    def contradictions(self) -> Contradictions:
        """Values of this part that do not go together, with keys within the part."""
        yield from ()


LONGEST_TEXT = 500
Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Share: dict[str, Any] = {"ge": 0.0, "le": 1.0}
PLAIN = ""  # unit of names, dates and switches
