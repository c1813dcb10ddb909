"""Axes: the values of one parameter that are tried.

An axis is ``path=start:stop:step`` (a range in steps, the stop included where a step reaches it), ``path=low:high``
(a stretch from which a design draws) or ``path=a,b,c`` (these values). Numbers may name a unit, in ranges too.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.experiments.assignments import Claim, also_given, of_policy, set_by, why_not_varied
from sim.locale.language import said
from sim.scenario import Defect, Loaded, ScenarioError, load
from sim.scenario.errors import quoted, shortened
from sim.scenario.keys import Key, overlap, read_assignment, tree_of, write_key
from sim.scenario.load import Overlay
from sim.scenario.numerals import numeral
from sim.scenario.units import quantity
from sim.scenario.validate import field_of, unit_of
from sim.scenario.values import is_text, read_value, type_of

MOST_POINTS = 10_000_000
MANY = 32  # values of a range above which only its ends are checked beforehand


@dataclass(frozen=True, slots=True)
class Axis:
    """One parameter that is varied: over ``levels``, or anywhere from ``low`` to ``high``."""

    path: str
    key: Key
    levels: tuple[Any, ...] = ()
    low: float = math.nan
    high: float = math.nan
    whole: bool = False  # only whole numbers are allowed

    def at(self, share: npt.NDArray[np.float64]) -> list[Any]:
        """Values at shares in [0, 1) of the way along the axis."""
        if self.levels:
            return [self.levels[min(int(s * len(self.levels)), len(self.levels) - 1)] for s in share]
        if self.whole:
            span = int(self.high) - int(self.low) + 1
            return [int(self.low) + min(int(s * span), span - 1) for s in share]
        return [self.low + float(s) * (self.high - self.low) for s in share]

    def ends(self) -> tuple[Any, ...]:
        """The values that are checked before anything runs: all levels, or both ends of a stretch or a long range."""
        if len(self.levels) > MANY and all(isinstance(x, int | float) for x in self.levels):
            return self.levels[0], self.levels[-1]
        return self.levels or (self._end(self.low), self._end(self.high))

    def _end(self, x: float) -> float | int:
        return int(x) if self.whole else x


@dataclass(frozen=True)
class Ground:
    """A scenario on which axes stand: its name, what is set on it, itself as loaded with that, and what draws give."""

    scenario: str
    overrides: Sequence[str]
    loaded: Loaded
    drawn: Sequence[Claim] = ()


def read_axes(option: str, texts: Sequence[str], on: Ground, defects: list[Defect]) -> list[Axis]:
    """Axes held against the scenario: every value (of a stretch: both ends) must give one that is valid by itself, and
    nothing else may give it. Values come out as the scenario takes them ("2 h" as hours or days, 3 as 3.0 where a
    number may be broken).
    """
    given = [*set_by(on.overrides), *of_policy(on.loaded), *on.drawn]
    axes: list[Axis] = []
    if not texts:
        defects.append(Defect(option, "", said("axis.none"), said("axis.forms")))
    for text in texts:
        where = f"{option} {shortened(text)}"
        try:
            axis = parse_axis(text)
            if why := why_not_varied(axis.key):
                raise ValueError(why)
            for other in axes:
                if overlap(axis.key, other.key):
                    same = other.key == axis.key
                    raise ValueError(
                        said("axis.twice", name=axis.path)
                        if same
                        else said("axis.within", name=axis.path, other=other.path)
                    )
        except ValueError as error:
            defects.append(Defect(where, "", str(error)))
            continue
        found = list(also_given(Claim(axis.key, where), given))
        axes.append(axis if found else _checked(axis, where, on, found))
        defects += [defect for defect in found if defect not in defects]
    return axes


def _checked(axis: Axis, where: str, on: Ground, defects: list[Defect]) -> Axis:
    """The axis with values as the scenario takes them; each value is tried alone."""
    kind = type_of(axis.key)
    axis = replace(axis, whole=kind is int)
    numbers = [x for x in axis.levels or (axis.low, axis.high) if isinstance(x, float)]
    if axis.whole and not all(x.is_integer() for x in numbers):
        defects.append(Defect(where, "", said("axis.whole")))
        return axis
    before = len(defects)
    taken = [_taken(axis.key, value, where, on, defects) for value in axis.ends()]
    if len(defects) > before:
        return axis
    levels = taken if len(taken) == len(axis.levels) else axis.levels
    levels = tuple(kind(x) if kind in (int, float) and _number(x) else x for x in levels)
    for one, other in _alike(levels):
        both = said("axis.pair", one=quoted(axis.levels[one]), other=quoted(axis.levels[other]))
        defects.append(Defect(where, "", said("axis.one_value", both=both, value=quoted(levels[one]))))
    return replace(axis, levels=levels)


def _taken(key: Key, value: Any, where: str, on: Ground, defects: list[Defect]) -> Any:
    """A value as it stands in the scenario that is loaded with it; what is wrong with it goes to ``defects``."""
    try:
        loaded = load(on.scenario, on.overrides, [Overlay(where, tree_of(key, value))])
    except ScenarioError as error:
        defects += [defect for defect in error.defects if defect not in defects]
        return value
    inner: Any = loaded.tree
    for name in key:
        inner = inner.get(name, False)  # a named part that was taken out
    return inner


def _number(x: Any) -> bool:
    return isinstance(x, int | float) and not isinstance(x, bool)


def parse_axis(text: str) -> Axis:
    """``path=...`` as an axis, not yet held against a scenario. Raises ``ValueError`` with what is wrong."""
    try:
        key, values = read_assignment(text)
    except ValueError as error:
        raise ValueError(said("axis.must", forms=said("axis.forms"), why=error)) from None
    parts = values.split(":")
    ranged = len(parts) in (2, 3) and not any(c in values for c in ",\"'")
    if ranged and not is_text(type_of(key)):
        return _range(key, values, parts)
    levels = tuple(read_value(part, key) for part in _split(values))
    if any(level == "" for level in levels):
        raise ValueError(said("axis.empty"))
    if any(isinstance(level, dict | list) for level in levels):
        raise ValueError(said("axis.table"))
    for one, other in _alike(levels):
        raise ValueError(_twice(quoted(levels[one]), quoted(levels[other])))
    return Axis(write_key(key), key, levels)


def _range(key: Key, values: str, parts: Sequence[str]) -> Axis:
    unit, path = unit_of(field_of(key)), write_key(key)
    try:
        numbers = [_exact(part, unit) for part in parts]
    except ValueError as error:
        raise ValueError(said("axis.range", values=values, why=error)) from None
    start, stop = numbers[:2]
    if len(numbers) == 2:
        if not float(start) < float(stop):
            raise ValueError(said("axis.order", values=values))
        return Axis(path, key, low=float(start), high=float(stop))
    step = numbers[2]
    if start == stop:
        raise ValueError(said("axis.single", values=values, name=path, start=start))
    if step == 0 or (stop - start) / step < 0:
        raise ValueError(said("axis.direction", values=values, step=step, start=start, stop=stop))
    count = int((stop - start) / step) + 1
    if count == 1:
        problem = said("axis.past", values=values, step=step, stop=stop)
        if abs(stop - start) < abs(step - start):
            problem = said("number.meant", said=problem, meant=f"{start}:{step}:{stop}")
        raise ValueError(problem)
    if count > MOST_POINTS:
        raise ValueError(said("axis.many", values=values, n=count, most=f"{MOST_POINTS:,}"))
    whole = all(number.as_tuple().exponent == 0 for number in numbers)
    exact = (start + i * step for i in range(count))  # decimals: 0.1 + 0.2 is 0.3
    levels = tuple(int(x) if whole else float(x) for x in exact)
    if len(set(levels)) < count:
        raise ValueError(said("axis.small", values=values, step=step))
    return Axis(path, key, levels)


def _exact(text: str, unit: str) -> Decimal:
    """A number, which may name a unit, as decimal digits. Raises ``ValueError``."""
    written = numeral(text)
    return Decimal(repr(quantity(text, unit))) if written.unit else written.number


def _alike(levels: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Places of values that are the same; true is no 1."""
    seen: dict[tuple[bool, Any], int] = {}
    for i, level in enumerate(levels):
        first = seen.setdefault((isinstance(level, bool), level), i)
        if first != i:
            yield first, i


def _twice(one: str, other: str) -> str:
    problem = said("axis.repeated", value=one)
    return (
        problem
        if one == other
        else said("place", where=problem, said=said("axis.pair", one=one, other=other))
    )


def _split(text: str) -> list[str]:
    """At commas that stand outside brackets and quotes."""
    parts, depth, quote = [""], 0, ""
    for c in text:
        if quote:
            quote = "" if c == quote else quote
        elif c in "\"'":
            quote = c
        depth += (c in "[{") - (c in "]}") if not quote else 0
        if c == "," and not depth and not quote:
            parts.append("")
        else:
            parts[-1] += c
    return [part.strip() for part in parts]
