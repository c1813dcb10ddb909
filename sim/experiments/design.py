"""Designs: which values of which parameters a sweep tries.

An axis is ``path=start:stop:step`` (a range in steps, the stop included where a step reaches it), ``path=low:high``
(a stretch from which a design draws) or ``path=a,b,c`` (these values). A grid crosses all values; lhs, sobol and
halton spread points evenly over all axes at once, by ``scipy.stats.qmc``.
"""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from sim.scenario import Defect, ScenarioError, load
from sim.scenario.load import Sheet
from sim.scenario.validate import field_of

Method = Literal["grid", "lhs", "sobol", "halton"]
Key = tuple[str, ...]
MOST_POINTS = 10_000_000
MANY = 32  # values of a range above which only its ends are checked beforehand
BLOCK = 65_536  # points made at a time


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


class Plan(Protocol):
    """Points that somebody has thought of: a design, or any others."""

    @property
    def axes(self) -> tuple[Axis, ...]: ...

    @property
    def points(self) -> int: ...

    def blocks(self, size: int = BLOCK) -> Iterator[list[list[Any]]]:
        """The points in order, ``size`` at a time: a column of values for each axis."""

    def told(self) -> dict[str, Any]:
        """What a manifest says of it."""


@dataclass(frozen=True, eq=False)
class Given:
    """Points as they are: a column of values for each axis."""

    axes: tuple[Axis, ...]
    columns: Sequence[Sequence[Any]]
    about: Mapping[str, Any]

    @property
    def points(self) -> int:
        return len(self.columns[0])

    def blocks(self, size: int = BLOCK) -> Iterator[list[list[Any]]]:
        for first in range(0, self.points, size):
            yield [list(column[first : first + size]) for column in self.columns]

    def told(self) -> dict[str, Any]:
        return dict(self.about)


@dataclass(frozen=True, slots=True)
class Design:
    """Axes, the method, and for all but a grid the number of points and the seed that scrambles them."""

    axes: tuple[Axis, ...]
    method: Method = "grid"
    samples: int = 0
    seed: int = 0

    @property
    def points(self) -> int:
        if self.method == "grid":
            return math.prod(len(axis.levels) for axis in self.axes)
        return self.samples

    def blocks(self, size: int = BLOCK) -> Iterator[list[list[Any]]]:
        """The points in order, ``size`` at a time: a column of values for each axis."""
        if self.method == "grid":
            points = itertools.product(*(axis.levels for axis in self.axes))
            while block := list(itertools.islice(points, size)):
                yield [list(column) for column in zip(*block, strict=True)]
            return
        for shares in self._shares(size):
            yield [axis.at(shares[:, i]) for i, axis in enumerate(self.axes)]

    def told(self) -> dict[str, Any]:
        return {"method": self.method, "samples": self.samples, "seed": self.seed}

    def _shares(self, size: int) -> Iterator[npt.NDArray[np.float64]]:
        import warnings

        sampler = spread(self.method, len(self.axes), self.seed)
        if self.method == "lhs":  # a Latin hypercube is one thing: it cannot be made in parts
            size = self.samples
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a number of points that is no power of 2
            for first in range(0, self.samples, size):
                yield sampler.random(min(size, self.samples - first))


def spread(method: Method, number: int, seed: int) -> Any:
    """A sampler of scipy's for the unit cube of so many axes; its ``random(n)`` gives the next points."""
    import inspect

    from scipy.stats import qmc

    kind: Any = {"lhs": qmc.LatinHypercube, "sobol": qmc.Sobol, "halton": qmc.Halton}[method]
    luck = "rng" if "rng" in inspect.signature(kind).parameters else "seed"  # renamed in scipy 1.15
    return kind(number, **{luck: np.random.default_rng(seed)})


def parse_axis(text: str) -> Axis:
    """``path=...`` as an axis, not yet held against a scenario. Raises ``ValueError`` with what is wrong."""
    path, sign, values = text.partition("=")
    path = path.strip()
    key = _key(path)
    if not sign or not key:
        raise ValueError("must be path=start:stop:step, path=low:high or path=a,b,c")
    parts = values.split(":")
    if len(parts) in (2, 3) and "," not in values and not _quoted(values):
        return _range(path, key, parts)
    levels = tuple(_value(part) for part in _split(values))
    if not levels or any(level == "" for level in levels):
        raise ValueError("has an empty value")
    for i, level in enumerate(levels):
        if any(type(level) is type(other) and level == other for other in levels[:i]):  # true is no 1
            raise ValueError(f"names {level} twice")
    return Axis(path, key, levels)


def _range(path: str, key: Key, parts: Sequence[str]) -> Axis:
    try:
        numbers = [Decimal(part.strip()) for part in parts]
    except InvalidOperation:
        raise ValueError(f"{':'.join(parts)}: a range is made of numbers") from None
    if not all(number.is_finite() for number in numbers):
        raise ValueError(f"{':'.join(parts)}: a range is made of finite numbers")
    start, stop = numbers[:2]
    if len(numbers) == 2:
        if not start < stop:
            raise ValueError(f"{start}:{stop} is empty: the second number must be above the first")
        return Axis(path, key, low=float(start), high=float(stop))
    step = numbers[2]
    if step == 0 or (stop - start) / step < 0:
        raise ValueError(f"{':'.join(parts)} is empty: steps of {step} do not lead from {start} to {stop}")
    count = int((stop - start) / step) + 1
    if count > MOST_POINTS:
        raise ValueError(f"{':'.join(parts)} has {count:,} values; at most {MOST_POINTS:,} points are taken")
    whole = all("." not in part and "e" not in part.lower() for part in parts)
    levels = [start + i * step for i in range(count)]  # decimals: 0.1 + 0.2 is 0.3
    return Axis(path, key, tuple(int(x) if whole else float(x) for x in levels))


def _key(path: str) -> Key:
    if any(c in path for c in "\n=#"):
        return ()
    try:
        tree: Any = tomllib.loads(f"{path} = 0")
    except ValueError:
        return ()
    key: list[str] = []
    while isinstance(tree, dict):
        ((name, tree),) = tree.items()
        key.append(name)
    return tuple(key)


def _quoted(text: str) -> bool:
    return '"' in text or "'" in text


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


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"x = {text}")["x"]
    except ValueError:
        return text


def tree_of(key: Key, value: Any) -> dict[str, Any]:
    """A tree with one leaf."""
    tree: Any = value
    for name in reversed(key):
        tree = {name: tree}
    return dict(tree)


def design(
    vary: Sequence[str],
    method: str,
    samples: int | None,
    scenario: str,
    overrides: Sequence[str],
    seed: int,
) -> Design:
    """Axes held against the scenario: every value (of a stretch: both ends) must give one that is valid by itself.

    Values come out as the scenario takes them ("2 h" as hours or days, 3 as 3.0 where a number may be broken).
    Raises ``ScenarioError`` with every defect.
    """
    defects: list[Defect] = []
    axes: list[Axis] = []
    if method not in get_args(Method):
        defects.append(Defect("--design", "", f"{method} is none; allowed: {', '.join(get_args(Method))}"))
    if method != "grid" and samples is None:
        defects.append(Defect("--samples", "", f"--design {method} needs a number of points"))
    if method == "grid" and samples is not None:
        defects.append(
            Defect("--samples", "", "a grid has as many points as its values give; take another --design")
        )
    if samples is not None and not 1 <= samples <= MOST_POINTS:
        defects.append(Defect("--samples", "", f"{samples}: allowed are 1 to {MOST_POINTS:,}"))
    if not vary:
        defects.append(Defect("--vary", "", "at least one parameter must be varied", "path=start:stop:step"))
    for text in vary:
        try:
            axis = parse_axis(text)
            if axis.path in [other.path for other in axes]:
                raise ValueError("is varied twice")
            if method == "grid" and not axis.levels:
                raise ValueError("a grid needs a step: path=start:stop:step")
        except ValueError as error:
            defects.append(Defect(f"--vary {text}", "", str(error)))
            continue
        axes.append(_checked(axis, scenario, overrides, defects))
    found = Design(tuple(axes), method if method in get_args(Method) else "grid", samples or 0, seed)  # type: ignore[arg-type]
    if not defects and not 1 <= found.points <= MOST_POINTS:
        defects.append(
            Defect("--vary", "", f"gives {found.points:,} points; at most {MOST_POINTS:,} are taken")
        )
    if defects:
        raise ScenarioError(defects)
    return found


def stretches(option: str, texts: Sequence[str], scenario: str, overrides: Sequence[str]) -> tuple[Axis, ...]:
    """Axes given as ``path=low:high`` (or ``path=a,b,c``), held against the scenario. Raises ``ScenarioError``."""
    defects: list[Defect] = []
    axes: list[Axis] = []
    if not texts:
        defects.append(Defect(option, "", "at least one parameter is needed", "path=low:high"))
    for text in texts:
        try:
            axis = parse_axis(text)
            if axis.path in [other.path for other in axes]:
                raise ValueError("is named twice")
        except ValueError as error:
            defects.append(Defect(f"{option} {text}", "", str(error)))
            continue
        axes.append(_checked(axis, scenario, overrides, defects, option))
    if defects:
        raise ScenarioError(defects)
    return tuple(axes)


def _checked(
    axis: Axis, scenario: str, overrides: Sequence[str], defects: list[Defect], option: str = "--vary"
) -> Axis:
    """The axis with values as the scenario takes them; each value is tried alone."""
    info = field_of(axis.key)
    whole, broken = (info is not None and info.annotation is kind for kind in (int, float))
    axis = replace(axis, whole=whole)
    if whole and not axis.levels and not (axis.low.is_integer() and axis.high.is_integer()):
        problem = f"{axis.low:g}:{axis.high:g}: only whole numbers are allowed"
        defects.append(Defect(f"{option} {axis.path}", "", problem))
        return axis
    taken: dict[Any, Any] = {}
    for value in axis.ends():
        try:
            loaded = load(scenario, overrides, [Sheet(f"{option} {axis.path}", tree_of(axis.key, value))])
        except ScenarioError as error:
            defects += [defect for defect in error.defects if defect not in defects]
            continue
        inner: Any = loaded.tree
        for name in axis.key:
            inner = inner.get(name, False)  # a named part that was taken out
        taken[value] = inner
    levels = (taken.get(value, value) for value in axis.levels)
    return replace(axis, levels=tuple(float(x) if broken and type(x) is int else x for x in levels))
