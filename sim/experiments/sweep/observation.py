"""What a sweep observes of a scenario: measures of all lots, window by window, on either basis.

``Work`` is what a sweep runs. A folder names it (see ``works``) and the arguments with which it is made, so that a
sweep can be taken up by a process that knows nothing but its folder. Under draws of the parameters replication ``i`` of
every point has draw ``i`` (after the last, the first again), so that points differ in nothing but their own values.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from sim.experiments.replications import measures_of, spans
from sim.locale.foreign import translated
from sim.locale.language import said
from sim.measures import BASES
from sim.measures.definitions import definitions
from sim.model.simulate import simulate
from sim.scenario.extensions import NONE, Extensions
from sim.scenario.files import leaves
from sim.scenario.keys import FROM, Key, overlap, undated, write_key
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]
Column = str | tuple[str, ...]  # a name, or its parts, never joined: (window, basis, measure)


class NotAllowedError(Exception):
    """A point that is no scenario; the message says why."""


class Work(Protocol):
    """Something that can be run at a point of a design, again and again."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """Names of the numbers that a run gives."""

    def prepare(self, values: Mapping[str, Any]) -> Any:
        """What the runs of one point share; ``values`` by path of the parameter."""

    def run(self, prepared: Any, replication: int) -> npt.ArrayLike:
        """One number for each column; nan where undefined."""


class Observation:
    """The model at points of a scenario: a column for each window, basis and measure."""

    def __init__(
        self,
        scenario: str,
        keys: Mapping[str, Sequence[str]],
        measures: Sequence[str] = (),
        draws: Sequence[str] = (),
        extensions: Extensions = NONE,
    ) -> None:
        """``scenario``: as resolved, TOML. ``keys``: path of a varied parameter -> its keys. ``measures``: all if none.
        ``draws``: values laid over the scenario under those of the point, as resolved, TOML.
        """
        self._draws = [_by_key(tomllib.loads(draw)) for draw in draws] or [{}]
        self._tree = tomllib.loads(scenario)
        self._keys = {path: tuple(key) for path, key in keys.items()}
        base = Scenario.model_validate(self._tree)
        self._windows = [span.name for span in spans(base)]
        changed = [*self._keys.values(), *(key for draw in self._draws for key in draw)]
        varied = [
            name for name in base.rounds
            if any(overlap(("rounds", name, "held"), undated(key)) for key in changed)
        ]  # fmt: skip
        known = list(definitions([name for name in base.rounds if name in base.held or name in varied]))
        self._extensions = extensions
        self._measures = list(measures) or [*known, *(one.name for one in extensions.measures)]

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple((w, b, m) for w in self._windows for b in BASES for m in self._measures)

    def prepare(self, values: Mapping[str, Any]) -> Callable[[int], Scenario]:
        """The scenario at a point, by number of the replication; what it does not allow raises with the reason."""
        under = cache(lambda draw: self._scenario(values, self._draws[draw]))
        return lambda replication: under(replication % len(self._draws))

    def _scenario(self, values: Mapping[str, Any], draw: Mapping[Key, Any]) -> Scenario:
        tree = _laid(self._tree, draw)
        tree = _laid(tree, {self._keys[path]: value for path, value in values.items()})
        try:
            return Scenario.model_validate(tree).extended(self._extensions)
        except ValidationError as error:
            found = [
                ": ".join(filter(None, (write_key(tuple(map(str, one["loc"]))), translated(one["msg"]))))
                for one in error.errors()
            ]
            raise NotAllowedError(said("own.no_scenario", said="; ".join(found))) from None

    def run(self, prepared: Any, replication: int) -> Floats:
        """Measures of one replication; nan for those that the point's scenario does not have."""
        scenario: Scenario = prepared(replication)
        records = simulate(scenario, replication)
        table = measures_of(scenario, replication, records)
        segment = table.segments.index("all")
        out = np.full((len(self._windows), len(BASES), len(self._measures)), np.nan)
        for i, window in enumerate(self._windows):
            if window in table.windows:
                values = table.values[table.windows.index(window), segment]  # (basis, measure)
                for j, measure in enumerate(self._measures):
                    if measure in table.measures:
                        out[i, :, j] = values[:, table.measures.index(measure)]
        return out.ravel()


def _by_key(tree: dict[str, Any]) -> dict[Key, Any]:
    """The values in a tree by their keys."""
    found = {}
    for key in leaves(tree) if tree else ():
        value: Any = tree
        for name in key:
            value = value[name]
        found[key] = value
    return found


def _laid(tree: dict[str, Any], values: Mapping[Key, Any]) -> dict[str, Any]:
    """The tree with these values over it, as a layer of a scenario: one without a date takes the place of those with one,
    except where this layer gives both.
    """
    for key in sorted(values, key=lambda key: key[0] == FROM):
        if key[0] != FROM and FROM in tree:
            tree = tree | {FROM: {day: _without(over, key) for day, over in tree[FROM].items()}}
        tree = _with(tree, key, values[key])
    if FROM in tree:
        tree = tree | {FROM: {day: over for day, over in tree[FROM].items() if over}}
    return tree


def _without(tree: dict[str, Any], key: tuple[str, ...]) -> dict[str, Any]:
    """The tree without a value, and without the tables that are empty then."""
    name, *rest = key
    left = dict(tree)
    inner = left.pop(name, None)
    if rest and isinstance(inner, dict) and (inner := _without(inner, tuple(rest))):
        left[name] = inner
    return left


def _with(tree: dict[str, Any], key: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A copy of the tree with one value changed (``False`` for a table takes it out); the rest is shared."""
    name, *rest = key
    copy = dict(tree)
    if rest:
        inner = copy.get(name)
        copy[name] = _with(inner if isinstance(inner, dict) else {}, tuple(rest), value)
    elif value is False and isinstance(copy.get(name), dict):
        del copy[name]
    elif isinstance(value, dict) and isinstance(copy.get(name), dict):
        for inner_name, inner in value.items():
            copy[name] = _with(copy[name], (inner_name,), inner)
    else:
        copy[name] = value
    return copy
