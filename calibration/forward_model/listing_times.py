"""Listing times: how many lots reach the end of each round inside each window.

Listing times come from the simulator (queues, pricing, adoption of the reform: no closed form); given when a lot is
listed, every round's end follows by rule (notice, opening hours, holidays, relisting), so the lots that end a round
inside a window are counted, as if no lot were ever sold or withdrawn. ``expected_counts`` multiplies by probabilities.

Everything is counted twice, as if all lots were movable and as if none were: whether a lot is movable does not
change when it is listed. Where parameters change at dates, lots are also counted by their *route*: the period in which
the lot is listed and those in which its rounds open. Axes: replication of the simulator, route, movable (no, yes),
pricing method, stage or round, window, basis.

Unsold lots may be booked some time after their last failure, by the end of a year (``disposal.booking_days``, a
hypothesis). How many of those that fail are booked inside a window follows from the distribution of that time (exponential, cut
at the day), tabulated at some means (``BOOKED``) between which ``expected_counts`` interpolates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import combinations_with_replacement
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.forward_model.lot_outcomes import sell_off_ends, stages
from sim.measures.summary import WindowSpan
from sim.model.calendar import day_of
from sim.model.rules import Rules, rules_of
from sim.model.simulate import simulate
from sim.model.traits import SUSPENDED_WITHIN
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]
LEAST: Final = 1e-300
BASES: Final = 2  # event, cohort
BOOKED: Final = (0.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0)  # mean days at which bookings are counted


@dataclass(frozen=True, slots=True)
class ListingTimes:
    """Counts of lots, see above. ``listed``: first notices; ``cases``: cases with one; ``sold``: ends of the stage, sold
    in it; ``again``: the same held again after a default; ``failed``: ends of the round, failed; ``first``: the same,
    where it is the lot's first failure inside the window; ``rescued``: ends of the stage, sold in it, where an
    earlier round failed inside the window; ``booked``: lots that failed in the round, booked inside the window, by mean
    time until then (axis behind the replication's). ``*_lag``: mean days from the listing to that end (for ``booked``: to the
    failure).
    """

    listed: Floats  # (replication, route, movable, method, window)
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
    booked: Floats
    booked_lag: Floats

    @property
    def replications(self) -> int:
        return len(self.listed)

    def averaged(self) -> ListingTimes:
        """The mean over replications, as of one; lags weighed by numbers."""
        found = {}
        for f in fields(ListingTimes):
            x = getattr(self, f.name)
            weight = getattr(self, f.name.removesuffix("_lag")) if f.name.endswith("_lag") else None
            if weight is None:
                found[f.name] = x.mean(axis=0, keepdims=True)
            else:
                found[f.name] = (x * weight).sum(axis=0, keepdims=True) / np.maximum(
                    weight.sum(axis=0, keepdims=True), LEAST
                )
        return ListingTimes(**found)


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


@dataclass(frozen=True, slots=True)
class Periods:
    """Stretches of time between dates at which parameters change, and the routes that lots can take through them.

    ``first``: model day on which each begins, the first of them at 0; ``routes``: for each route the period of listing, then
    of each round's opening.
    """

    first: tuple[float, ...]
    routes: tuple[tuple[int, ...], ...]

    def of(self, when: Floats) -> npt.NDArray[np.intp]:
        """The period of each moment."""
        return np.asarray(np.searchsorted(np.array(self.first), when, side="right") - 1).clip(min=0)


def periods(first: Sequence[float], rounds: int) -> Periods:
    """Periods that begin on these model days, with every route that never goes back in time."""
    whole = tuple(combinations_with_replacement(range(len(first)), rounds + 1))
    return Periods(tuple(first), whole)


def listing_times(
    scenario: Scenario,
    lots: Sequence[dict[str, npt.NDArray[np.generic]]],
    windows: Sequence[WindowSpan],
    through: Periods | None = None,
) -> ListingTimes:
    """Count ends of rounds by window. ``lots``: ``listings`` of each replication; ``through``: where parameters change."""
    rules = rules_of(scenario)
    through = through or periods((0.0,), len(rules.stages))
    counted = []
    for number, one in enumerate(lots):
        # Older than the streams' purposes: one in the key would move every calibration that has been published.
        rng = np.random.default_rng((scenario.run.seed, number, len(one["listed"])))
        listed = one["listed"].astype(np.float64)
        both = [
            _Count(scenario, rules, one, _ends(scenario, rules, listed, movable, rng), windows, through).all()
            for movable in (False, True)
        ]
        counted.append(
            {
                name: np.stack([b[name] for b in both], axis=-5 if both[0][name].ndim > 3 else -3)
                for name in both[0]
            }
        )
        counted[-1]["cases"] = np.array([_cases(one, span) for span in windows])
    return ListingTimes(**{f.name: np.stack([c[f.name] for c in counted]) for f in fields(ListingTimes)})


def _cases(lots: dict[str, npt.NDArray[np.generic]], span: WindowSpan) -> float:
    listed = lots["listed"].astype(np.float64)
    return float(len(np.unique(lots["case"][(listed >= span.first) & (listed < span.last)])))


class _Count:
    """All counts of one replication, as if every lot were ``movable`` or not; axes (route, method, stage, window, basis)."""

    def __init__(
        self, scenario: Scenario, rules: Rules, lots: dict[str, npt.NDArray[np.generic]], ends: _Ends,
        windows: Sequence[WindowSpan], through: Periods,
    ) -> None:  # fmt: skip
        self.listed = lots["listed"].astype(np.float64)
        self.ends = ends
        self.of_round = np.array([stage.round for stage in stages(scenario)])
        self.windows, self.booking_ends = windows, rules.booking_ends
        self.methods, self.routes = len(scenario.pricing), len(through.routes)
        route = _routes(through, [self.listed, *self.ends.opens])
        self.cell = route * self.methods + lots["method"].astype(np.intp)
        own = (self.routes, self.methods)
        of_stage, of_round = (
            (len(self.of_round), len(windows), BASES),
            (len(rules.stages), len(windows), BASES),
        )
        self.out = {name: np.zeros((*own, *of_stage)) for name in ("sold", "again", "rescued")}
        self.out |= {name: np.zeros((*own, *of_round)) for name in ("failed", "first")}
        self.out["booked"] = np.zeros((len(BOOKED), *own, *of_round))
        self.out |= {f"{name}_lag": np.zeros_like(x) for name, x in self.out.items()}
        self.out["listed"] = np.zeros((*own, len(windows)))

    def all(self) -> dict[str, Floats]:
        for w, span in enumerate(self.windows):
            own = (self.listed >= span.first) & (self.listed < span.last)
            self.out["listed"][..., w] = self._by_cell(own.astype(np.float64))
            for b in range(BASES):
                self._window(w, b, span, own | (b == 0))
        return self.out

    def _by_cell(self, weight: Floats) -> Floats:
        number = np.bincount(self.cell, weight, minlength=self.routes * self.methods)
        return np.asarray(number, dtype=np.float64).reshape(self.routes, self.methods)

    def _add(self, name: str, at: tuple[int, ...], share: Floats, when: Floats) -> None:
        """Those that end here: ``share`` of each lot (0 or 1, or a probability), at ``when``."""
        number = self._by_cell(share)
        lag = self._by_cell(share * (when - self.listed)) / np.maximum(number, LEAST)
        *node, last, w, b = at
        for key, x in ((name, number), (f"{name}_lag", lag)):
            (self.out[key][node[0]] if node else self.out[key])[:, :, last, w, b] = x

    def _window(self, w: int, b: int, span: WindowSpan, mine: npt.NDArray[np.bool_]) -> None:
        sold, again, failed = self.ends.sold, self.ends.again, self.ends.failed
        before = np.zeros(len(self.listed), dtype=np.bool_)  # whether a round has failed inside the window
        earlier = []
        for r, when in enumerate(failed):
            chosen = (when >= span.first) & (when < span.last) & mine
            self._add("failed", (r, w, b), chosen.astype(np.float64), when)
            self._add("first", (r, w, b), (chosen & ~before).astype(np.float64), when)
            for node, mean in enumerate(BOOKED):
                share = booked_inside(when, mean, span, self.booking_ends) * mine
                self._add("booked", (node, r, w, b), share, when)
            earlier.append(before)
            before = before | chosen
        for s, r in enumerate(self.of_round):
            ends = (sold[s] >= span.first) & (sold[s] < span.last) & mine
            self._add("sold", (s, w, b), ends.astype(np.float64), sold[s])
            self._add("rescued", (s, w, b), (ends & earlier[r]).astype(np.float64), sold[s])
            repeated = (again[s] >= span.first) & (again[s] < span.last) & mine
            self._add("again", (s, w, b), repeated.astype(np.float64), again[s])


def _routes(through: Periods, moments: Sequence[Floats]) -> npt.NDArray[np.intp]:
    """Which route each lot takes. ``moments``: its listing, and the opening of each of its rounds."""
    number = len(through.first)
    if number == 1:
        return np.zeros(len(moments[0]), dtype=np.intp)
    code = np.zeros(len(moments[0]), dtype=np.intp)
    for when in moments:
        code = code * number + through.of(when)
    known = {
        sum(p * number ** (len(route) - 1 - i) for i, p in enumerate(route)): r
        for r, route in enumerate(through.routes)
    }
    table = np.zeros(number ** len(moments), dtype=np.intp)
    for key, r in known.items():
        table[key] = r
    return table[code]


def booked_inside(failed: Floats, mean: float, span: WindowSpan, ends: Sequence[float]) -> Floats:
    """P(a lot that fails at ``failed`` is booked inside the window): an exponential time, cut at the next of ``ends``."""
    if mean == 0.0:
        return np.asarray((failed >= span.first) & (failed < span.last), dtype=np.float64)
    year_end = np.array([*ends, np.inf])
    cut = year_end[np.searchsorted(year_end, failed, side="left")]
    after = np.exp(-np.maximum(span.first - failed, 0.0) / mean)  # P(not booked before the window)
    beyond = np.exp(-np.maximum(span.last - failed, 0.0) / mean)
    share = np.where(cut < span.last, after, after - beyond)
    return np.asarray(np.where((failed < span.last) & (cut >= span.first), share, 0.0))


@dataclass(frozen=True, slots=True)
class _Ends:
    """When each round opens, each stage would end sold, sold after a default, and each round failed; (lots,) each."""

    opens: list[Floats]
    sold: list[Floats]
    again: list[Floats]
    failed: list[Floats]


def _ends(scenario: Scenario, rules: Rules, listed: Floats, movable: bool, rng: np.random.Generator) -> _Ends:
    """When the rounds of each lot would open and end, were it never sold."""
    halts = np.where(rng.random(len(listed)) < scenario.disposal.suspension_share, SUSPENDED_WITHIN * rng.random(len(listed)), np.inf)  # fmt: skip
    pause = rng.exponential(1.0, len(listed)) * scenario.disposal.suspension_days
    opened: list[Floats] = []
    sold: list[Floats] = []
    again: list[Floats] = []
    failed: list[Floats] = []
    now = listed
    for number, stage in enumerate(rules.stages):
        notice = stage.notice_movable if movable else stage.notice_immovable
        opens = rules.openings.of_many(now + (stage.relist if number else 0.0) + notice)
        closes = opens + stage.window
        halted = (listed + halts >= now) & (listed + halts < closes)
        opens, closes = opens + np.where(halted, pause, 0.0), closes + np.where(halted, pause, 0.0)
        opened.append(opens)
        ends = [closes]
        # The first bidder of a sell-off starts a clock; bidders come evenly, so its middle stands for a stretch.
        if stage.sell_off:
            ends = [opens + days for days in sell_off_ends(stage.window)]
        for end in ends:
            sold.append(end)
            late = end + rules.payment + stage.relist + notice
            again.append(rules.openings.of_many(late) + stage.window)
        failed.append(closes)
        now = closes
    return _Ends(opened, sold, again, failed)
