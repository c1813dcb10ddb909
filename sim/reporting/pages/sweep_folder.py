"""A sweep's folder read back: its points, and the mean and spread of what has been run of each, finished or not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from sim.experiments.sweep.results import summary_of
from sim.experiments.sweep.run_store import MISSING, RunStore, RunStoreError
from sim.locale.language import said
from sim.reporting.pages.run_folder import scenario_of
from sim.reporting.pages.shell import PageError
from sim.reporting.pages.sweep_data import HEADLINES, Axis, SweepData
from sim.scenario.schema import WHOLE, Kind

MOST_POINTS = 50_000  # in a page; beyond it a browser has too much to hold
MOST_SINGLES = 750_000  # values of single runs in a page, two megabytes
MANY = 40  # different numbers of a parameter above which it is taken for a stretch, not for levels

Floats = npt.NDArray[np.float64]


def read_sweep(path: Path, each: bool = False) -> SweepData:
    """Read what ``sim sweep`` has written so far; ``each``: the measures of pages run by run, too, for as many windows as a page
    can hold. Raises ``PageError``."""
    try:
        store = RunStore(path)
        if store.points > MOST_POINTS:
            raise PageError(said("page.points", path=path, n=f"{store.points:,}", most=f"{MOST_POINTS:,}"))
        columns = store.design.values(0, store.points)
        mean, sd, runs, failures = _moments(store)
        scenario = scenario_of(store.manifest, path)
        singles = _singles(store, scenario.basis) if each else {}
    except RunStoreError as error:
        raise PageError(str(error)) from None
    if not runs.any():
        raise PageError(said("page.no_results", path=path))
    values = list(zip(*columns.values(), strict=True))
    keys = store.sweep["work"]["arguments"]["keys"]
    axes = [_axis(name, tuple(keys[name]), column, scenario.kinds) for name, column in columns.items()]
    order = _grid_order(axes, values)
    grid = order is not None
    take = np.array(order if order is not None else range(len(values)), dtype=np.intp)
    return SweepData(
        scenario=scenario,
        axes=axes if grid else [_spread(axis, len(values)) for axis in axes],
        method="grid" if grid else "scattered",
        columns=store.columns,
        values=[values[i] for i in take.tolist()],
        mean=mean[take],
        sd=sd[take],
        runs=runs[take],
        failures=failures,
        each={at: numbers[take] for at, numbers in singles.items()},
        draws=len(store.sweep["work"]["arguments"]["draws"]),
        of=(store.manifest["given"].get("draws") or {"total": 0})["total"],
    )


def summary(path: Path) -> bytes | None:
    """What the sweep's summary.csv holds, from its runs; None if it has none. Raises ``PageError``."""
    try:
        return summary_of(RunStore(path))
    except RunStoreError as error:
        raise PageError(str(error)) from None


def _moments(store: RunStore) -> tuple[Floats, Floats, npt.NDArray[np.int64], int]:
    """Mean, sd and number of runs without failure, by point; number of failed runs. What has not been run is left out."""
    shape = (store.points, len(store.columns))
    total, squares, defined = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    shift = np.zeros(shape[1])
    runs = np.zeros(store.points, dtype=np.int64)
    failures, first = 0, True
    state = store.state()
    for number, batch in enumerate(store.batches):
        for index in range(store.chunks_of(batch)):
            if state.chunks[number][index] == MISSING:
                continue
            rows = store.read_chunk(number, index)
            good = np.array([error is None for error in rows.errors], dtype=np.bool_)
            failures += int((~good).sum())
            start, _ = store.bounds(batch, index)
            point = (start + np.flatnonzero(good)) // batch.count
            found = rows.values[good]
            if first and len(found):  # sums of squares about a value near the mean keep their digits
                shift, first = np.where(np.isfinite(found[0]), found[0], 0.0), False
            known = np.isfinite(found)
            apart = np.where(known, found - shift, 0.0)
            np.add.at(total, point, apart)
            np.add.at(squares, point, apart * apart)
            np.add.at(defined, point, known)
            np.add.at(runs, point, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = total / defined
        variance = (squares - defined * mean * mean) / (defined - 1.0)
        return mean + shift, np.sqrt(np.maximum(variance, 0.0)), runs, failures


def _singles(store: RunStore, basis: str) -> dict[tuple[str, str], Floats]:
    """(window, measure) -> its value in every run: (points, replications), nan where it is not known. The whole period first."""
    place = {name: i for i, name in enumerate(store.columns)}
    windows = sorted({name[0] for name in store.columns}, key=lambda name: name != WHOLE)
    wanted = [(window, m) for window in windows for m in HEADLINES if (window, basis, m) in place]
    wanted = wanted[: MOST_SINGLES // max(store.points * store.replications, 1)]
    at = [place[window, basis, m] for window, m in wanted]
    found = np.full((store.points, store.replications, len(at)), np.nan)
    state = store.state()
    for number, batch in enumerate(store.batches) if at else ():
        for index in range(store.chunks_of(batch)):
            if state.chunks[number][index] == MISSING:
                continue
            rows = store.read_chunk(number, index)
            good = np.flatnonzero([error is None for error in rows.errors])
            turn = store.bounds(batch, index)[0] + good
            replication = batch.first - store.batches[0].first + turn % batch.count
            found[turn // batch.count, replication] = rows.values[good][:, at]
    return {one: found[:, :, i] for i, one in enumerate(wanted)}


def _axis(path: str, key: tuple[str, ...], column: Sequence[Any], kinds: Mapping[str, Kind]) -> Axis:
    """An axis with the values that occur, ascending where they are numbers, else in order."""
    levels = list(dict.fromkeys(column))
    if all(isinstance(x, int | float) and not isinstance(x, bool) for x in levels):
        levels.sort()
    return Axis(path, key, tuple(levels), kinds=kinds)


def _spread(axis: Axis, points: int) -> Axis:
    """For a design that is no grid: numbers that hardly occur twice, or are many, are a stretch from lowest to highest."""
    if not axis.numeric or len(axis.levels) <= min(MANY, max(points // 2, 2)):
        return axis
    return replace(axis, levels=(), low=float(axis.levels[0]), high=float(axis.levels[-1]))


def _grid_order(axes: Sequence[Axis], values: Sequence[tuple[Any, ...]]) -> list[int] | None:
    """Where each combination of levels stands among the points, if every one does, once; else None."""
    if math.prod(len(axis.levels) for axis in axes) != len(values):
        return None
    place = [{level: i for i, level in enumerate(axis.levels)} for axis in axes]
    order = [-1] * len(values)
    for point, value in enumerate(values):
        at = 0
        for axis, places, x in zip(axes, place, value, strict=True):
            at = at * len(axis.levels) + places[x]
        order[at] = point
    return None if -1 in order else order
