"""Parts of the model that users give as objects: which of them one is, and what is written down of it."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from typing import Any

from sim.experiments.extension_sources import described, parameters, written
from sim.locale.language import said
from sim.measures.definitions import definitions
from sim.measures.user_measures import Measure
from sim.model.auction import BiddingStyle
from sim.model.behaviour.baseline import Behaviour, Reaction
from sim.model.pricing import PricingMethod
from sim.scenario.errors import joined
from sim.scenario.extensions import ExtensionError, Extensions
from sim.scenario.schema import Scenario

__all__ = [
    "Behaviour", "BiddingStyle", "ExtensionError", "Measure", "PricingMethod", "Reaction", "as_python", "extended",
]  # fmt: skip

KINDS = {"pricing": PricingMethod, "bidding": BiddingStyle, "reaction": Reaction, "measure": Measure}
NAME = re.compile(r"[a-z][a-z0-9_]*")
OF = ("sold", "ended", "listed")


def extended(there: Extensions, parts: Sequence[Any], scenario: Scenario) -> Extensions:
    """What there is, and these. Raises ``ExtensionError``."""
    found: dict[str, Any] = {"pricing": there.pricing, "bidding": there.bidding, "reaction": there.reaction}
    measures = {one.name: one for one in there.measures}
    given: set[str] = set()
    for part in parts:
        kind, mine = kind_of(part), copy.deepcopy(part)
        if kind == "measure":
            check_measure(mine, scenario, given)
            measures[mine.name] = mine
        else:
            if kind in given:
                raise ExtensionError(said("part.two", kind=KINDS[kind].__name__))
            found[kind] = mine
        given.add(mine.name if kind == "measure" else kind)
    about = [described(kind, one) for kind, one in found.items() if one is not None]
    about += [described("measure", one) for one in measures.values()]
    return Extensions(**found, measures=tuple(measures.values()), about=written(about))


def kind_of(part: Any) -> str:
    """Which of the four it is. Raises ``ExtensionError``."""
    for kind, base in KINDS.items():
        if isinstance(part, base):
            return kind
    names = joined(base.__name__ for base in KINDS.values())
    if isinstance(part, type) and issubclass(part, tuple(KINDS.values())):
        raise ExtensionError(said("part.class", name=part.__name__, call=f"{part.__name__}()"))
    raise ExtensionError(said("part.none", part=repr(part), names=names))


def check_measure(measure: Measure, scenario: Scenario, given: set[str]) -> None:
    """Raises ``ExtensionError`` for a measure that tables cannot hold beside the others."""
    of, name = type(measure).__name__, getattr(measure, "name", None)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ExtensionError(said("part.name", of=of, value=repr(name)))
    if name in definitions(list(scenario.rounds)) or name in given:
        raise ExtensionError(said("part.taken", of=of, value=repr(name)))
    if measure.of not in OF:
        raise ExtensionError(said("part.of", of=of, value=repr(measure.of), names=joined(OF)))


def as_python(part: Any) -> str:
    """The call that makes it, as far as its parameters say."""
    values = ", ".join(f"{name}={value!r}" for name, value in parameters(part).items())
    return f"{type(part).__qualname__}({values})"
