"""The work of a sweep by name, from a closed list: a folder may ask for what is on it, and for nothing else.

A folder may come from anywhere, so what stands in it is never imported, called or unpickled. Workers are not given a
name but what the process that sends them work has found under it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sim.experiments.sweep.observation import Observation, Work

WORKS: dict[str, Callable[..., Work]] = {"observation": Observation}


class WorkError(ValueError):
    """A folder asks for work that there is not, or describes it wrongly; the message says what."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a work is made, in any process."""

    make: Callable[..., Work]
    arguments: str  # JSON: the same arguments are the same text


def recipe(definition: Mapping[str, Any]) -> Recipe:
    """The recipe of ``{"work": NAME, "arguments": {...}}``. Raises ``WorkError`` for a name that is not listed."""
    name = definition.get("work")
    if not isinstance(name, str) or name not in WORKS:
        raise WorkError(f"there is no work {name!r}; there is {', '.join(WORKS)}")
    return Recipe(WORKS[name], json.dumps(definition.get("arguments"), sort_keys=True))


@lru_cache(maxsize=8)
def made(by: Recipe) -> Work:
    """The work, made once in a process. Raises ``WorkError`` for arguments that are not its own."""
    try:
        return by.make(**json.loads(by.arguments))
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise WorkError(f"the work cannot be made: {str(error).strip() or repr(error)}") from None
