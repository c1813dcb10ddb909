"""Arrivals solved for: how many cases and lots come in, so that as many are *listed* in each window as were reported.

Lots are listed some weeks or months after their case comes in, and how much later depends on how many others wait. Where
the arrivals' dates move, so must its numbers. A period of arrivals belongs to the window of the same name; what share of
each period's cases and lots is listed in each window is found by the simulator, and the numbers follow from a linear system.
As shares depend on the numbers (clerks queue), the system is solved repeatedly: first on the same few replications, until
the numbers are met; then on new ones. Shares are stratified by the day of coming in, which reduces their variance.
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

FIRST: Final = 2  # replications of a first step, the same at each: what is sought there is the neighbourhood
MOST: Final = 8  # such steps
ROUGH: Final = 0.01  # relative: as near as this they have found it
LAST: Final = (8, 20)  # replications of the steps after them, new ones; both are pooled
STRETCH: Final = 14.0  # days
CLOSE: Final = 1e-3  # relative: as near as this needs no solving
MOST_LOTS: Final = 50.0  # to a case
CASES, LOTS = 0, 1
TINY: Final = 1e-9
LONGEST: Final = 3.0  # factor by which one step changes a number at most
FAR: Final = 0.05  # relative: what is this far off at the last step is called unmet: more than chance, so no numbers do it


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
    look = _looked(scenario, arrivals, wanted, range(FIRST))
    if _off(look, wanted).max() < CLOSE:  # nothing stands between coming in and being listed
        return arrivals
    gain = look.shares[LOTS]
    for _ in range(MOST):
        arrivals = _moved([look], gain, wanted)
        before, look = look, _looked(scenario, arrivals, wanted, range(FIRST))
        gain = _broyden(gain, look.arrivals.lots - before.arrivals.lots, (look.listed - before.listed)[LOTS])
        if _off(look, wanted).max() < ROUGH:
            break
    looks: list[_Look] = []
    seen = FIRST
    for number in LAST:
        looks.append(_looked(scenario, arrivals, wanted, range(seen, seen + number)))
        seen += number
        arrivals = _moved(looks, gain, wanted)
    missed = _off(looks[-1], wanted) > FAR
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


def _off(look: _Look, wanted: _Wanted) -> Floats:
    """(window,) how far off the worse of cases and lots is, relative."""
    return np.asarray(np.nanmax(np.abs(look.listed / np.stack([wanted.cases, wanted.lots]) - 1.0), axis=0))


def _broyden(gain: Floats, coming: Floats, listed: Floats) -> Floats:
    """The gain that says this change: where clerks are busy, more lots list fewer than their share (Broyden 1965)."""
    length = float(coming @ coming)
    return gain + np.outer(listed - gain @ coming, coming) / length if length > 0.0 else gain


def _moved(looks: Sequence[_Look], gain: Floats, wanted: _Wanted) -> Arrivals:
    """The numbers that list what is reported, as these looks have it; no step is longer than a factor of ``LONGEST``.

    Lots follow from their gain. How many cases there are to a lot makes nobody wait, so cases follow from their shares beside
    those of lots. Of a window that reports only cases or only lots the others go along.
    """
    arrivals = looks[-1].arrivals
    n = np.array([float(look.replications) for look in looks])
    shares, others = (
        np.average([getattr(x, name) for x in looks], axis=0, weights=n) for name in ("shares", "others")
    )
    now = np.average(
        [look.listed[LOTS] + gain @ (arrivals.lots - look.arrivals.lots) for look in looks], axis=0, weights=n
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
