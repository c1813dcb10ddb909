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
from sim.locale.language import said
from sim.scenario.extensions import NONE, Extensions

EXTENSIONS = "extensions"  # among the arguments
WORKS: dict[str, Callable[..., Work]] = {"observation": Observation}


class WorkError(ValueError):
    """A folder asks for work that there is not, or describes it wrongly; the message says what."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a work is made, in any process."""

    make: Callable[..., Work]
    arguments: str  # JSON: the same arguments are the same text
    extensions: Extensions = NONE


def recipe(definition: Mapping[str, Any], extensions: Extensions = NONE) -> Recipe:
    """The recipe of ``{"work": NAME, "arguments": {...}}``. Raises ``WorkError`` for a name that is not listed.

    A folder says with which extensions a sweep is run and cannot give them: they are ``extensions``, and must be the same.
    """
    name = definition.get("work")
    if not isinstance(name, str) or name not in WORKS:
        raise WorkError(said("work.none", name=repr(name), names=said("join").join(WORKS)))
    arguments = definition.get("arguments")
    about = arguments.get(EXTENSIONS, "") if isinstance(arguments, Mapping) else ""
    if about != extensions.about:
        raise WorkError(said("work.extensions"))
    if about:
        arguments = {key: value for key, value in dict(arguments or {}).items() if key != EXTENSIONS}
    return Recipe(WORKS[name], json.dumps(arguments, sort_keys=True), extensions)


@lru_cache(maxsize=8)
def made(by: Recipe) -> Work:
    """The work, made once in a process. Raises ``WorkError`` for arguments that are not its own."""
    try:
        more = {EXTENSIONS: by.extensions} if by.extensions else {}
        return by.make(**json.loads(by.arguments), **more)
    except (TypeError, ValueError, KeyError, AttributeError, RecursionError) as error:
        raise WorkError(said("work.not_made", why=str(error).strip() or repr(error))) from None
