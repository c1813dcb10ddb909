"""Parts of the model that are given as objects: how courts price, how people bid, how they react, what is measured.

They are code, so no file names them: a scenario in memory carries them, and all that is run of it does. What each must do is
said by the class that it derives from: ``PricingMethod``, ``BiddingStyle`` and ``Reaction`` in ``sim.model``, ``Measure`` in
``sim.measures``.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from sim.locale.language import said
from sim.scenario.errors import SimError


class ExtensionError(SimError, ValueError):
    """An object that cannot be a part of the model; the message says why."""


@dataclass(frozen=True, slots=True)
class Extensions:
    """Two are the same if ``about`` is: class, parameters and source of each, as JSON (``sim.experiments.extension_sources``)."""

    pricing: Any = field(default=None, compare=False)
    bidding: Any = field(default=None, compare=False)
    reaction: Any = field(default=None, compare=False)
    measures: tuple[Any, ...] = field(default=(), compare=False)
    about: str = ""

    @property
    def every(self) -> tuple[Any, ...]:
        """All of them."""
        one_each = (self.pricing, self.bidding, self.reaction)
        return (*(one for one in one_each if one is not None), *self.measures)

    @property
    def digest(self) -> str:
        """Of ``about``; empty where there are none."""
        return hashlib.sha256(self.about.encode()).hexdigest() if self.about else ""

    @property
    def mark(self) -> str:
        """What is put behind a scenario's title, so that nothing passes for the scenario of the file that is not; a measure
        changes nothing."""
        acting = self.every[: len(self.every) - len(self.measures)]
        return "".join(f" + {type(one).__name__}" for one in acting)

    @property
    def described(self) -> list[dict[str, Any]]:
        """``about`` as a manifest has it."""
        found: list[dict[str, Any]] = json.loads(self.about or "[]")
        return found

    def __bool__(self) -> bool:
        return bool(self.every)

    def __reduce__(self) -> tuple[Any, ...]:
        """As workers are sent them. Raises ``ExtensionError`` for what only this process knows."""
        for one in self.every:
            if type(one).__module__ == "__main__":
                name = type(one).__qualname__
                raise ExtensionError(said("part.script", name=name))
        return Extensions, (self.pricing, self.bidding, self.reaction, self.measures, self.about)


NONE = Extensions()
