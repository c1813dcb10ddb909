"""What the clock decides: how many lots come to the end of each round inside each window.

Listing times come from the simulator (queues, pricing, adoption of the reform: no closed form); given when a lot is
listed, every round's end follows by rule (notice, opening hours, holidays, relisting), so the lots that end a round
inside a window are counted, as if no lot were ever sold or withdrawn. ``expected`` multiplies by probabilities.

Everything is counted twice, as if all lots were movable and as if none were: whether a lot is movable does not
change when it is listed. Axes: replication of the simulator, movable (no, yes), pricing method, stage or round,
window, basis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.fates import STRETCHES, stages
from sim.auction import DAY
from sim.calendar import Openings, day_of
from sim.measures.tables import WindowSpan
from sim.model import simulate
from sim.scenario.schema import Scenario
from sim.terms import Terms, terms
from sim.traits import SUSPENDED_WITHIN

Floats = npt.NDArray[np.float64]
BASES: Final = 2  # event, cohort


@dataclass(frozen=True, slots=True)
class Exposure:
    """Counts of lots, see above. ``listed``: first notices; ``cases``: cases with one; ``sold``: ends of the stage, sold
    in it; ``again``: the same held again after a default; ``failed``: ends of the round, failed; ``first``: the same,
    where it is the lot's first failure inside the window; ``rescued``: ends of the stage, sold in it, where an
    earlier round failed inside the window. ``*_lag``: mean days from the listing to that end.
    """

    listed: Floats  # (replication, movable, method, window)
    cases: Floats  # (replication, window)
    sold: Floats
    sold_lag: Floats
    again: Floats
    again_lag: Floats
    failed: Floats
    failed_lag: Floats
    first: Floats
    first_lag: Floats
    rescued: Floats
    rescued_lag: Floats

    @property
    def replications(self) -> int:
        return len(self.listed)


def listings(scenario: Scenario, replication: int) -> dict[str, npt.NDArray[np.generic]]:
    """Listing day, method and case of every lot listed in one replication of the simulator."""
    lots = simulate(scenario, replication).lots
    listed = np.isfinite(lots["listed"])
    return {name: lots[name][listed] for name in ("listed", "method", "case")}


def spans_of(scenario: Scenario, names: Sequence[str]) -> list[WindowSpan]:
    """Windows in model days."""
    start = scenario.time.start
    windows = scenario.time.windows
    return [
        WindowSpan(n, day_of(windows[n].first, start), day_of(windows[n].last, start) + 1.0) for n in names
    ]


def exposure(
    scenario: Scenario, lots: Sequence[dict[str, npt.NDArray[np.generic]]], windows: Sequence[WindowSpan]
) -> Exposure:
    """Count ends of rounds by window. ``lots``: ``listings`` of each replication."""
    term = terms(scenario)
    methods = len(scenario.pricing)
    counted = []
    for number, one in enumerate(lots):
        rng = np.random.default_rng((scenario.run.seed, number, len(one["listed"])))
        both = [_count(scenario, term, one, movable, windows, methods, rng) for movable in (False, True)]
        counted.append({name: np.stack([b[name] for b in both]) for name in both[0]})
        counted[-1]["cases"] = np.array([_cases(one, span) for span in windows])
    return Exposure(**{f.name: np.stack([c[f.name] for c in counted]) for f in fields(Exposure)})


def _cases(lots: dict[str, npt.NDArray[np.generic]], span: WindowSpan) -> float:
    listed = lots["listed"].astype(np.float64)
    return float(len(np.unique(lots["case"][(listed >= span.first) & (listed < span.last)])))


def opening(openings: Openings, earliest: Floats) -> Floats:
    """``Openings`` for many lots at once."""
    if openings.any_time:
        day = np.floor(earliest)
        moved = earliest.copy()
    else:
        day = np.ceil(earliest - openings.clock)
        moved = day + openings.clock
    for _ in range(len(openings.closed)):
        shut = np.isin(day, list(openings.closed))
        if not shut.any():
            break
        day = day + shut
        moved = np.where(shut, day + openings.clock, moved)
    return moved


def _count(
    scenario: Scenario, term: Terms, lots: dict[str, npt.NDArray[np.generic]], movable: bool,
    windows: Sequence[WindowSpan], methods: int, rng: np.random.Generator,
) -> dict[str, Floats]:  # fmt: skip
    """All counts of one replication, as if every lot were ``movable`` or not."""
    listed = lots["listed"].astype(np.float64)
    sold, again, failed = _ends(scenario, term, listed, movable, rng)
    of_round = np.array([stage.round for stage in stages(scenario)])
    method = lots["method"].astype(np.intp)
    shape = (methods, len(of_round), len(windows), BASES)
    rounds = (methods, len(term.stages), len(windows), BASES)
    out = {name: np.zeros(shape) for name in ("sold", "again", "rescued")}
    out |= {name: np.zeros(rounds) for name in ("failed", "first")}
    out |= {f"{name}_lag": np.zeros_like(out[name]) for name in list(out)}
    out["listed"] = np.zeros((methods, len(windows)))

    def add(name: str, stage: int, w: int, b: int, chosen: npt.NDArray[np.bool_], when: Floats) -> None:
        number = np.bincount(method[chosen], minlength=methods)
        lag = np.bincount(method[chosen], (when - listed)[chosen], minlength=methods)
        out[name][:, stage, w, b] = number
        out[f"{name}_lag"][:, stage, w, b] = lag / np.maximum(number, 1)

    for w, span in enumerate(windows):
        own = (listed >= span.first) & (listed < span.last)
        out["listed"][:, w] = np.bincount(method[own], minlength=methods)
        for b in range(BASES):
            inside = [(t >= span.first) & (t < span.last) & (own | (b == 0)) for t in failed]
            before = np.zeros(len(listed), dtype=np.bool_)  # whether a round has failed inside the window
            earlier = []
            for r, chosen in enumerate(inside):
                add("failed", r, w, b, chosen, failed[r])
                add("first", r, w, b, chosen & ~before, failed[r])
                earlier.append(before)
                before = before | chosen
            for s, r in enumerate(of_round):
                ends = (sold[s] >= span.first) & (sold[s] < span.last) & (own | (b == 0))
                add("sold", s, w, b, ends, sold[s])
                add("rescued", s, w, b, ends & earlier[r], sold[s])
                repeated = (again[s] >= span.first) & (again[s] < span.last) & (own | (b == 0))
                add("again", s, w, b, repeated, again[s])
    return out


def _ends(
    scenario: Scenario, term: Terms, listed: Floats, movable: bool, rng: np.random.Generator
) -> tuple[list[Floats], list[Floats], list[Floats]]:
    """When each stage would end sold, sold after a default, and each round failed."""
    halts = np.where(rng.random(len(listed)) < scenario.disposal.suspension_share, SUSPENDED_WITHIN * rng.random(len(listed)), np.inf)  # fmt: skip
    pause = rng.exponential(1.0, len(listed)) * scenario.disposal.suspension_days
    sold: list[Floats] = []
    again: list[Floats] = []
    failed: list[Floats] = []
    now = listed
    for number, stage in enumerate(term.stages):
        notice = stage.notice_movable if movable else stage.notice_immovable
        opens = opening(term.openings, now + (stage.relist if number else 0.0) + notice)
        closes = opens + stage.window
        halted = (listed + halts >= now) & (listed + halts < closes)
        opens, closes = opens + np.where(halted, pause, 0.0), closes + np.where(halted, pause, 0.0)
        ends = [closes]
        if (
            stage.sell_off
        ):  # the first comer starts a clock; comers come evenly, so a stretch is told by its middle
            parts = [(i + 0.5) / STRETCHES * stage.window + DAY for i in range(STRETCHES)]
            ends = [opens + part for part in parts]
        for end in ends:
            sold.append(end)
            late = end + term.payment + stage.relist + notice
            again.append(opening(term.openings, late) + stage.window)
        failed.append(closes)
        now = closes
    return sold, again, failed
