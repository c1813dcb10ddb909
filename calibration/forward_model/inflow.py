"""Arrivals solved for: how many cases and lots come in, so that as many are *listed* in each window as were reported.

Lots are listed some weeks or months after their case comes in, and how much later depends on how many others wait. Where
the arrivals' dates move, so must its numbers. A period of arrivals belongs to the window of the same name; what share of
each period's cases and lots is listed in each window is found by the simulator, and the numbers follow from a linear system.
As shares depend on the numbers (clerks queue), the system is solved repeatedly, on new replications each time. What a change of
numbers does is learnt from all of them: a regression near the present numbers, whose slopes are drawn towards the shares, since
where clerks are busy one lot more lists less than a lot, and small changes say little beside chance. Shares are stratified by
the day of coming in, which reduces their variance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.forward_model.listing_times import ListingTimes, spans_of
from calibration.targets.targets import Targets
from sim.measures.summary import WindowSpan
from sim.model.arrivals import inflow
from sim.model.calendar import day_of
from sim.model.simulate import simulate
from sim.scenario.keys import Key
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]

STEPS: Final = (2, 2, 2, 2, 4, 4, 8, 8, 16)  # replications of each step
CHANCE: Final = 0.035  # relative sd of what a window lists in one replication, roughly
NEAR: Final = 0.1  # relative: looks at numbers this far off weigh less
SLOPES: Final = 0.3  # sd about the shares of what a lot more lists, in lots
STRETCH: Final = 14.0  # days
CLOSE: Final = 1e-3  # relative: as near as this needs no solving
MOST_LOTS: Final = 50.0  # to a case
CASES, LOTS = 0, 1
TINY: Final = 1e-9
LONGEST: Final = 3.0  # factor by which one step changes a number at most
FAR: Final = (
    0.05  # relative: what is this far off in the end is called unmet: more than chance, so no numbers do it
)


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How much comes in, by period of arrivals. ``unmet``: windows whose reported numbers they do not bring about."""

    periods: tuple[str, ...]
    cases: Floats
    lots: Floats
    unmet: tuple[str, ...]

    @property
    def values(self) -> dict[Key, float]:
        """Scenario values by key, in whole numbers."""
        return {
            ("arrivals", "periods", name, what): float(round(getattr(self, what)[i]))
            for i, name in enumerate(self.periods)
            for what in ("cases", "lots")
        }


@dataclass(frozen=True, slots=True)
class Inflow:
    """Arrivals at one point of the inflow's grid, and when its lots are listed."""

    arrivals: Arrivals
    listing_times: ListingTimes


def between(several: Sequence[Arrivals], weights: Floats) -> Arrivals:
    """The arrivals between some that were solved; ``weights`` (arrivals,) add up to 1."""
    first = several[0]
    cases, lots = (
        np.asarray(weights @ np.stack([getattr(one, name) for one in several])) for name in ("cases", "lots")
    )
    return Arrivals(first.periods, cases, lots, first.unmet)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is solved: ``periods`` and the windows of the same names, in order; reported numbers, nan where there are none."""

    periods: tuple[str, ...]
    spans: tuple[WindowSpan, ...]
    cases: Floats
    lots: Floats
    left: tuple[str, ...]  # windows with reported numbers that no period belongs to


def _wanted(targets: Targets, scenario: Scenario) -> _Wanted:
    free = {path for one in targets.free for path in one.paths}
    own = [
        name
        for name in scenario.arrivals.periods
        if not {f"arrivals.periods.{name}.{what}" for what in ("cases", "lots")} & free
    ]
    reported = {name: (one.value("cases"), one.value("lots")) for name, one in targets.windows.items()}
    known = [name for name, values in reported.items() if not np.isnan(values).all()]
    mine = [name for name in known if name in own]
    cases, lots = np.array([reported[name] for name in mine]).reshape(-1, 2).T
    left = tuple(name for name in known if name not in own)
    return _Wanted(tuple(mine), tuple(spans_of(scenario, mine)), cases, lots, left)


def solved(targets: Targets, scenario: Scenario) -> Arrivals:
    """The arrivals of a scenario under which windows list what they report."""
    wanted = _wanted(targets, scenario)
    if not wanted.periods:
        return Arrivals((), np.empty(0), np.empty(0), wanted.left)
    owned = [scenario.arrivals.periods[name] for name in wanted.periods]
    arrivals = Arrivals(
        wanted.periods, np.array([p.cases for p in owned]), np.array([p.lots for p in owned]), wanted.left
    )
    looks: list[_Look] = []
    seen = 0
    for number in STEPS:
        looks.append(_looked(scenario, arrivals, wanted, range(seen, seen + number)))
        if (
            not seen and _off(looks, wanted).max() < CLOSE
        ):  # nothing stands between coming in and being listed
            return arrivals
        seen += number
        arrivals = _moved(looks, wanted)
    missed = _off(looks, wanted) > FAR
    unmet = tuple(name for name, one in zip(wanted.periods, missed, strict=True) if one)
    return Arrivals(arrivals.periods, arrivals.cases, arrivals.lots, (*wanted.left, *unmet))


def laid(scenario: Scenario, arrivals: Arrivals) -> Scenario:
    """The scenario with this much coming in."""
    periods = dict(scenario.arrivals.periods)
    for name, cases, lots in zip(arrivals.periods, arrivals.cases, arrivals.lots, strict=True):
        periods[name] = periods[name].model_copy(update={"cases": float(cases), "lots": float(lots)})
    return scenario.model_copy(update={"arrivals": scenario.arrivals.model_copy(update={"periods": periods})})


@dataclass(frozen=True, slots=True)
class _Look:
    """What windows list under given arrivals, mean of some replications. ``shares``: (cases and lots, window, period) of what comes
    in; ``others``: (cases and lots, window) of other periods.
    """

    arrivals: Arrivals
    shares: Floats
    others: Floats
    replications: int

    @property
    def listed(self) -> Floats:
        """(cases and lots, window)."""
        coming = np.stack([self.arrivals.cases, self.arrivals.lots])
        return np.asarray(np.einsum("awp,ap->aw", self.shares, coming) + self.others)


def _looked(scenario: Scenario, arrivals: Arrivals, wanted: _Wanted, replications: range) -> _Look:
    asked = laid(scenario, arrivals)
    found = [_shares(asked, n, wanted) for n in replications]
    shares, others = (np.mean([one[i] for one in found], axis=0) for i in (0, 1))
    return _Look(arrivals, shares, others, len(replications))


def _shares(scenario: Scenario, replication: int, wanted: _Wanted) -> tuple[Floats, Floats]:
    """Of one replication: (cases and lots, window, period) shares, and (cases and lots, window) of other periods' listed."""
    lots = simulate(scenario, replication).lots
    day = np.concatenate([court.days for court in inflow(scenario, replication)])  # by number of the case
    listed, case = lots["listed"].astype(np.float64), lots["case"].astype(np.intp)
    inside = [(listed >= span.first) & (listed < span.last) for span in wanted.spans]
    shares = np.zeros((2, len(wanted.spans), len(wanted.periods)))
    own = np.zeros(len(day), dtype=np.bool_)
    for p, name in enumerate(wanted.periods):
        period = scenario.arrivals.periods[name]
        first, last = (day_of(when, scenario.time.start) for when in (period.first, period.last))
        number = max(1, round((last + 1.0 - first) / STRETCH))
        at = np.floor((day - first) / (last + 1.0 - first) * number)
        own |= (at >= 0) & (at < number)
        for w, one in enumerate(inside):
            shares[0, w, p] = _by_stretch(at[np.unique(case[one])], at, number)
            shares[1, w, p] = _by_stretch(at[case[one]], at[case], number)
    others = [[(~own[np.unique(case[one])]).sum(), (~own[case[one]]).sum()] for one in inside]
    return shares, np.array(others, dtype=np.float64).T


def _by_stretch(chosen: Floats, all_: Floats, number: int) -> float:
    """The mean over stretches of the share that is chosen."""
    some, every = (
        np.bincount(x[(x >= 0) & (x < number)].astype(np.intp), minlength=number) for x in (chosen, all_)
    )
    return float((some / np.maximum(every, 1)).mean())


def _weights(looks: Sequence[_Look]) -> Floats:
    """(look,) replications, fewer the further its numbers lie from those of the last."""
    last = looks[-1].arrivals.lots
    far = np.array([float(np.abs(look.arrivals.lots / last - 1.0).max()) for look in looks])
    return np.array([look.replications for look in looks]) * np.exp(-0.5 * (far / NEAR) ** 2)


def _off(looks: Sequence[_Look], wanted: _Wanted) -> Floats:
    """(window,) how far off the worse of cases and lots is about the last look's numbers, relative."""
    listed = np.average([look.listed for look in looks], axis=0, weights=_weights(looks))
    return np.asarray(np.nanmax(np.abs(listed / np.stack([wanted.cases, wanted.lots]) - 1.0), axis=0))


def _expected(looks: Sequence[_Look], weights: Floats) -> tuple[Floats, Floats]:
    """Lots that windows list at the last look's numbers, (window,), and what a lot more lists, (window, period).

    Weighted ridge regression on all looks, each window for itself, slopes about the shares.
    """
    at = looks[-1].arrivals.lots
    shares = np.average([look.shares[LOTS] for look in looks], axis=0, weights=weights)
    moved = np.array([look.arrivals.lots / at - 1.0 for look in looks])  # (look, period), relative
    listed = np.array([look.listed[LOTS] - shares @ (look.arrivals.lots - at) for look in looks])
    root = np.sqrt(weights)[:, None] / CHANCE
    design = np.vstack([np.hstack([root, root * moved]), np.eye(len(at) + 1)[1:] / SLOPES])
    level = np.maximum(listed.mean(axis=0), 1.0)
    sought = np.vstack([root * (listed / level), np.zeros((len(at), len(level)))])
    found = np.linalg.lstsq(design, sought, rcond=None)[0] * level
    return found[0], shares + found[1:].T / at


def _moved(looks: Sequence[_Look], wanted: _Wanted) -> Arrivals:
    """The numbers that list what is reported, as these looks have it; no step is longer than a factor of ``LONGEST``.

    How many cases there are to a lot makes nobody wait, so cases follow from their shares beside those of lots. Of a window
    that reports only cases or only lots the others go along.
    """
    arrivals = looks[-1].arrivals
    n = _weights(looks)
    now, gain = _expected(looks, n)
    shares, others = (
        np.average([getattr(x, name) for x in looks], axis=0, weights=n) for name in ("shares", "others")
    )
    ratio = np.average(
        [look.listed[CASES] / np.maximum(look.listed[LOTS], 1.0) for look in looks], axis=0, weights=n
    )
    target = np.where(np.isnan(wanted.lots), wanted.cases / np.maximum(ratio, TINY), wanted.lots)
    step = np.linalg.lstsq(gain, target - now, rcond=None)[0]
    lots = np.clip(arrivals.lots + step, arrivals.lots / LONGEST, arrivals.lots * LONGEST)
    of_period = shares[LOTS] * lots  # listed lots of each (window, period), then made to be what is reported
    of_period *= (np.maximum(target - others[LOTS], 0.0) / np.maximum(of_period.sum(axis=1), TINY))[:, None]
    beside = shares[CASES] / np.maximum(shares[LOTS], TINY)
    cases = np.where(np.isnan(wanted.cases), ratio * target, wanted.cases) - others[CASES]
    a_lot = np.linalg.lstsq(beside * of_period, cases, rcond=None)[0]
    return Arrivals(arrivals.periods, np.clip(a_lot, 1.0 / MOST_LOTS, 1.0) * lots, lots, arrivals.unmet)
