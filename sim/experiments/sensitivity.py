"""Sensitivity: which parameters move a measure, by Morris' screening (``trajectories``) or Sobol's indices (SALib).

The runs are a sweep like any other, every point under common random numbers, so that what is split is the mean over those
replications as a function of the parameters. Indices need all runs; while any is missing or has
failed, or the measure is undefined at a point, they are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from sim.experiments.sweep.axes import Axis
from sim.experiments.sweep.design import Given
from sim.experiments.sweep.results import layout_of, moments, points_a_block
from sim.experiments.sweep.run_store import RunStore, RunStoreError
from sim.experiments.trajectories import OffAxisError, elementary_effects, scale_of, trajectories
from sim.locale.language import said
from sim.measures.rounding import extent

Method = Literal["morris", "sobol"]
Floats = npt.NDArray[np.float64]
TABLE = "sensitivity.csv"
MEASURES = (
    "sale_rate_final",
    "lots_sold",
    "days_to_sale_mean",
    "recovery_all",
    "recovery",
)  # unless others are asked for
USUAL = {"morris": 20, "sobol": 64}  # samples, unless a number is given
RESAMPLES = 1000  # of the bootstrap
PURPOSE = "sensitivity"  # of a design: a sweep may be called sobol too
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Index:
    """How much one parameter moves one measure; ``low`` and ``high`` bound ``total``, ``first_low/high`` ``first``.

    Morris: ``total`` is mu*, the mean size of the change over the whole range of the parameter (from one value to another
    where they have no order), in the measure's unit; ``first`` is mu, the same with its sign; ``spread`` is sigma, how much
    the change depends on the rest.
    Sobol: ``total`` is the share of variance that goes if the parameter is known last (ST), ``first`` the share that
    goes if it is known first (S1); ``spread`` is nan.
    """

    parameter: str
    total: float
    low: float
    high: float
    first: float
    first_low: float
    first_high: float
    spread: float


def salib_seed(seed: int) -> int:
    """A seed for SALib, which takes 0 for "no seed": never 0."""
    return int(np.random.SeedSequence(seed).generate_state(1)[0]) | 1


def plan(axes: tuple[Axis, ...], method: Method, samples: int, seed: int) -> Given:
    """The points: ``samples`` trajectories of Morris, or Saltelli's design on a base sample of ``samples``."""
    about = {"method": method, "samples": samples, "seed": seed, "purpose": PURPOSE}
    if method == "morris":
        return Given(axes, trajectories(axes, samples, salib_seed(seed)), about)
    from SALib.sample import sobol

    shares: Floats = sobol.sample(
        _problem(len(axes)), samples, calc_second_order=False, seed=salib_seed(seed)
    )
    return Given(axes, [axis.at(shares[:, i]) for i, axis in enumerate(axes)], about)


def _problem(number: int) -> dict[str, Any]:
    return {"num_vars": number, "names": [f"x{i}" for i in range(number)], "bounds": [[0.0, 1.0]] * number}


def check_samples(method: str, samples: int, parameters: int) -> str | None:
    """What is wrong with the number asked for; None if nothing."""
    if method == "sobol" and (samples < 2 or samples & (samples - 1)):
        return said("samples.sobol", samples=samples)
    if not 2 <= samples <= MOST // (parameters + 2):
        return said("samples.bounds", samples=samples, most=f"{MOST // (parameters + 2):,}")
    return None


def observed(store: RunStore, measure: str, window: str) -> Floats:
    """The measure at every point, mean over replications: (points,). Raises ``RunStoreError`` if any is not there."""
    state = store.state()
    if state.missing:
        raise RunStoreError(said("sensitivity.missing", folder=store.folder, n=f"{state.missing:,}"))
    if state.failed_runs:
        raise RunStoreError(said("sensitivity.failed", folder=store.folder, n=f"{state.failed_runs:,}"))
    try:
        column = layout_of(store).column(measure, window)
    except KeyError as error:
        raise RunStoreError(str(error.args[0])) from None
    means = [moments(block.values[:, :, [column]])[0][:, 0] for block in store.blocks(points_a_block(store))]
    values: Floats = np.concatenate(means)
    undefined = int(np.isnan(values).sum())
    if undefined:
        at, n = f"{undefined:,}", f"{len(values):,}"
        raise RunStoreError(said("sensitivity.undefined", measure=measure, window=window, undefined=at, n=n))
    return values


def indices(store: RunStore, values: Floats) -> list[Index]:
    """Indices of ``values`` (points,) with bootstrap intervals at 95 %, the most important parameter first."""
    names, seed = list(store.sweep["paths"]), salib_seed(store.manifest["design"]["seed"])
    if extent(values) == 0.0:  # nothing moves it, and SALib would divide rounding errors by each other
        found = [_still(name) for name in names]
    elif store.manifest["design"]["method"] == "morris":
        columns = store.design.values(0, store.points)
        scales = [scale_of(axis) for axis in store.manifest["axes"]]
        try:
            effects = elementary_effects([columns[name] for name in names], scales, values)
        except OffAxisError:
            raise RunStoreError(said("sensitivity.axes", folder=store.folder)) from None
        found = _morris(names, effects, seed)
    else:
        found = _sobol(names, values, seed)
    return sorted(found, key=lambda index: -index.total)


def _still(name: str) -> Index:
    return Index(name, *[0.0] * 7)


def _morris(names: Sequence[str], effects: Sequence[Floats], seed: int) -> list[Index]:
    """From the elementary effects of each factor; ``total`` with the normal bootstrap interval of SALib."""
    from scipy.special import ndtri

    rng = np.random.default_rng(seed)
    found = []
    for name, one in zip(names, effects, strict=True):
        n = len(one)
        if n < 2:  # it was never moved
            found.append(_still(name))
            continue
        resampled = np.abs(one[rng.integers(n, size=(RESAMPLES, n))]).mean(axis=1)
        total, half = float(np.abs(one).mean()), float(ndtri(0.975) * resampled.std(ddof=1))
        first, sigma = float(one.mean()), float(one.std(ddof=1))
        reach = float(ndtri(0.975)) * sigma / float(np.sqrt(n))
        found.append(
            Index(
                name, total, max(total - half, 0.0), total + half, first, first - reach, first + reach, sigma
            )
        )
    return found


def _sobol(names: Sequence[str], values: Floats, seed: int) -> list[Index]:
    from SALib.analyze import sobol

    s = sobol.analyze(
        _problem(len(names)), values, calc_second_order=False, num_resamples=RESAMPLES, seed=seed
    )
    return [
        Index(
            name,
            *_interval(float(s["ST"][i]), float(s["ST_conf"][i])),
            *_interval(float(s["S1"][i]), float(s["S1_conf"][i])),
            float("nan"),
        )
        for i, name in enumerate(names)
    ]


def _interval(x: float, half: float) -> tuple[float, float, float]:
    return x, x - half, x + half


def columns(found: Mapping[str, Sequence[Index]], method: str, window: str) -> dict[str, list[Any]]:
    """Indices as a table, under the names that the literature gives them."""
    total, first = ("mu_star", "mu") if method == "morris" else ("ST", "S1")
    heads = (
        "window", "measure", "parameter", total, f"{total}_low", f"{total}_high", first, f"{first}_low", f"{first}_high",
        "sigma",
    )  # fmt: skip
    rows = [
        (window, measure, i.parameter, i.total, i.low, i.high, i.first, i.first_low, i.first_high, i.spread)
        for measure, indices_ in found.items()
        for i in indices_
    ]
    return {head: [row[c] for row in rows] for c, head in enumerate(heads)}
