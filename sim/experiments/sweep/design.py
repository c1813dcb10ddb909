"""Designs: at which points of their axes a sweep tries parameters.

A grid crosses all values; lhs, sobol and halton spread points evenly over all axes at once, by ``scipy.stats.qmc``.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

from sim.experiments.sweep.axes import MOST_POINTS, Axis, Ground, read_axes
from sim.experiments.sweep.design_file import BLOCK
from sim.locale.language import said
from sim.scenario import Defect, ScenarioError
from sim.scenario.errors import joined

Method = Literal["grid", "lhs", "sobol", "halton"]


class Plan(Protocol):
    """Points that somebody has thought of: a design, or any others."""

    @property
    def axes(self) -> tuple[Axis, ...]: ...

    @property
    def points(self) -> int: ...

    def blocks(self, size: int = BLOCK) -> Iterator[list[list[Any]]]:
        """The points in order, ``size`` at a time: a column of values for each axis."""

    def described(self) -> dict[str, Any]:
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

    def described(self) -> dict[str, Any]:
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

    def described(self) -> dict[str, Any]:
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
    name = "rng" if "rng" in inspect.signature(kind).parameters else "seed"  # renamed in scipy 1.15
    return kind(number, **{name: np.random.default_rng(seed)})


def design(vary: Sequence[str], method: str, samples: int | None, on: Ground) -> Design:
    """The design that is wanted. Raises ``ScenarioError`` with every defect."""
    defects: list[Defect] = []
    if method not in get_args(Method):
        defects.append(
            Defect("--design", "", said("design.none", method=method, names=joined(get_args(Method))))
        )
    if method != "grid" and samples is None:
        defects.append(Defect("--samples", "", said("design.points", method=method)))
    if method == "grid" and samples is not None:
        defects.append(Defect("--samples", "", said("design.grid")))
    if samples is not None and not 1 <= samples <= MOST_POINTS:
        defects.append(
            Defect("--samples", "", said("design.bounds", samples=samples, most=f"{MOST_POINTS:,}"))
        )
    axes = read_axes("--vary", vary, on, defects)
    if method == "grid":
        defects += [
            Defect(f"--vary {axis.path}", "", said("design.step")) for axis in axes if not axis.levels
        ]
    named: Method = method if method in get_args(Method) else "grid"  # type: ignore[assignment]
    found = Design(tuple(axes), named, samples or 0, on.loaded.scenario.run.seed)
    if not defects and not 1 <= found.points <= MOST_POINTS:
        defects.append(Defect("--vary", "", said("design.many", n=found.points, most=f"{MOST_POINTS:,}")))
    if defects:
        raise ScenarioError(defects)
    return found


def stretches(option: str, texts: Sequence[str], on: Ground) -> tuple[Axis, ...]:
    """Axes of which each has several values: stretches, or lists. Raises ``ScenarioError`` with every defect."""
    defects: list[Defect] = []
    axes = read_axes(option, texts, on, defects)
    defects += [
        Defect(f"{option} {axis.path}", "", said("axis.varies")) for axis in axes if len(axis.levels) == 1
    ]
    if defects:
        raise ScenarioError(defects)
    return tuple(axes)
