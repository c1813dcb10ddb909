"""Validation: figures, windows and places that were not used, predicted before they are looked at, then scored.

* Left-out window: the reading is fitted again without a window's figures, the set is found again, and the window is
  predicted. A parameter that is free per window takes, for the window left out, the mean of the others'.
* Other places: the market parameters of the set (who comes, what lots are worth to them, how courts err, what becomes of
  unsold lots) are taken to another court's docket; its rates and premium are predicted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from calibration import history, search, steps
from calibration.crew import Crew
from calibration.distance import minimise, objective
from calibration.evaluate import panel, standardised
from calibration.file.load import load_targets
from calibration.parameters import MARKET, Free, Space, space
from calibration.predictive import Fit, fits
from calibration.readings import Reading
from calibration.targets import Targets
from calibration.world import World

if TYPE_CHECKING:
    from calibration.result import Case

Floats = npt.NDArray[np.float64]

PLACES: Final = ("zhongshan", "zhejiang")
VECTORS: Final = 48


@dataclass(frozen=True, slots=True)
class Validation:
    """Predictions of what was not used. ``windows``: left-out windows; ``places``: (place, fits)."""

    windows: dict[str, list[Fit]]
    places: dict[str, list[Fit]]

    @property
    def score(self) -> tuple[int, int]:
        """Figures inside their 95 % intervals, and all."""
        every = [one for found in (*self.windows.values(), *self.places.values()) for one in found]
        return sum(one.inside for one in every), len(every)


def validate(crew: Crew, case: Case, window: str, jobs: int) -> Validation:
    """Leave out each window in turn, then go to other places."""
    world = crew.world
    assert world is not None
    names = list(world.targets.windows) if len(world.targets.windows) > 1 else []
    about = (case.reading.key, case.estimate.theta.tobytes())
    tasks = [((*about, name), (case.reading, case.estimate.ends, name)) for name in names]
    left_out = dict(zip(names, crew.do("left-out", without, tasks), strict=True))
    here = world.targets.path.stem
    places = [place for place in PLACES if place != here]
    sample = case.sample if len(case.sample) else case.estimate.theta[None, :]
    told = crew.do(
        "places", elsewhere, [((place, sample.tobytes(), window), (place, sample[:VECTORS], window)) for place in places]
    )  # fmt: skip
    return Validation(left_out, {place: found for place, found in zip(places, told, strict=True) if found})


def without(world: World, reading: Reading, ends: Floats, left_out: str) -> list[Fit]:
    """One window predicted by the others."""
    targets = world.targets
    smaller = world.holding_out(left_out)
    fitted = minimise(objective(smaller, reading), list(ends[:2]), budget=10)
    theta = history.design(smaller, 64, targets.seed % 2**31)
    z = standardised(smaller, panel(smaller, [reading]), theta)
    found = search.match(smaller, reading, fitted.ends, history.Seen(theta, z), targets.seed)
    sample = found.sample[:VECTORS] if len(found.sample) else fitted.theta[None, :]
    sample, best = (
        _averaged(world.space, sample, left_out),
        _averaged(world.space, fitted.theta[None, :], left_out)[0],
    )
    figures = [f for f in targets.figures("fit") if f.window == left_out]
    return fits(world, reading, sample, best, figures, targets.seed)


def _averaged(parameters: Space, theta: Floats, window: str) -> Floats:
    """Vectors whose slots for a window are the mean of the same parameter's other windows."""
    theta = theta.copy()
    for i, slot in enumerate(parameters.slots):
        if slot.window == window:
            others = [
                j
                for j, s in enumerate(parameters.slots)
                if s.free.name == slot.free.name and s.window not in (None, window)
            ]
            if others:
                theta[:, i] = theta[:, others].mean(axis=1)
    return theta


def elsewhere(world: World, place: str, sample: Floats, window: str) -> list[Fit]:
    """Another place's figures, predicted with this one's market."""
    targets = load_targets(place)
    carried = _carried(world.space, sample, window)
    known = tuple(one for one in (_as_there(free, targets) for free in carried) if one is not None)
    if len(known) < len(carried) or not known:
        return []
    there = replace(targets, free=known)
    exposure = steps.expose(None, there, (), 4)
    other = World(there, [exposure], world.draws)
    theta = np.column_stack([carried[one] for one in carried])
    reading = _its_reading(there)
    figures = [
        f
        for f in there.figures("fit", "held_out")
        if f.name in ("sale_rate", "sold", "premium", "lots_failed", "rounds_held")
    ]
    assert len(space(known, list(there.windows)).slots) == theta.shape[1]
    return fits(other, reading, theta, np.median(theta, axis=0), figures, targets.seed)


def _carried(parameters: Space, sample: Floats, window: str) -> dict[Free, Floats]:
    """Market parameters of the sample that say who comes and how courts err, as they hold for a window."""
    found: dict[Free, Floats] = {}
    for i, slot in enumerate(parameters.slots):
        market = all(MARKET.fullmatch(path) for path in slot.free.paths)
        if market and not slot.free.scale and slot.window in (None, window):
            found[slot.free] = sample[:, i]
    return found


def _as_there(one: Free, targets: Targets) -> Free | None:
    """A parameter on another scenario: the same paths must be there."""
    from calibration.parameters import at

    base = [at(targets.loaded.tree, path) for path in one.paths]
    if any(value is None for value in base):
        return None
    return replace(one, base=tuple(float(value) for value in base), per_window=False)


def _its_reading(targets: Targets) -> Reading:
    """The other place's likeliest reading that its own print does not rule out."""
    from calibration.audit import audit
    from calibration.pipeline import followed

    return followed(targets, audit(targets), 1)[0]
