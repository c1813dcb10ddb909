"""A prediction tested on a place's rows: what is fitted and predicted stands in a protocol file, written before any outcome is computed.

Lots that ended in the split's days are fitted up to a round, under each model; moments of later rounds and later lots are predicted,
with intervals of what chance makes of so many lots, and compared with what happened. ``docs/seoul.md`` explains a protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

import numpy as np
from pydantic import Field
from scipy.special import logsumexp
from scipy.stats import binom, norm

from calibration.lots.estimate import EXTRA, FULL, Effort, Estimate, estimate, lowest, plain
from calibration.lots.followed import DAY, Followed, followed
from calibration.lots.histories import Bools, Floats, Histories
from calibration.lots.likelihood import LEAST, Assumed, Format, Likelihood, Outcomes, outcomes
from calibration.lots.mapping import Selection
from calibration.random_streams import Purpose, stream
from calibration.targets.reader.defects import Checks, TargetsError, near
from calibration.targets.reader.well_typed import sound
from calibration.targets.schema import Part
from sim.locale.language import said
from sim.scenario.errors import Defect, joined
from sim.scenario.files import as_tree, content
from sim.scenario.parts import Text
from sim.theory import sealed
from sim.theory.values import ValueLaw
from sim.theory.waiting import Form

HOME: Final = Path(__file__).with_name("protocols")
Kind = Literal["hazard", "price", "above"]
STARTS: Final = 3  # from which the best fit is looked for: the best of an effort's candidates
MOMENT: Final = r"(hazard|price|above)\.[1-9]"


class Starts(Part):
    """Lots followed, by their starts / reference."""

    ratios: list[float] = Field(min_length=2, max_length=12)
    tolerance: float = Field(default=0.01, ge=0.0, le=0.2)


class Split(Part):
    """What is fitted."""

    first: date
    last: date
    rounds: int = Field(default=2, ge=1, le=12)
    days: float = Field(default=35.0, gt=0.0, le=1000.0)


class ModelTable(Part):
    """What is assumed in all models."""

    worth: float = Field(default=0.99, ge=0.0, le=1.0)
    ceiling: float = Field(default=12.0, ge=1.0, le=1000.0)
    first_round: Form = "sealed"


class Scores(Part):
    """What is predicted, and how it is judged."""

    moments: list[str] = Field(min_length=1, max_length=40)
    interval: float = Field(default=0.95, gt=0.0, lt=1.0)
    least: int = Field(default=5, ge=1)
    draws: int = Field(default=2000, ge=100, le=100_000)
    seed: int = Field(default=1, ge=0)


class Protocol(Part):
    """A protocol file."""

    title: Text
    title_zh: Text
    source: Text
    source_zh: Text
    selection: Selection
    format: Format
    starts: Starts
    split: Split
    model: ModelTable = Field(default_factory=ModelTable)
    models: dict[str, list[str]] = Field(default={name: list(extra) for name, extra in EXTRA.items()})
    scores: Scores

    @property
    def assumed(self) -> Assumed:
        one = self.model
        return Assumed(self.format, one.first_round, one.worth, one.ceiling)


@dataclass(frozen=True, slots=True)
class Moment:
    """``kind``, ``round`` (from 1), and the lots that it is of."""

    name: str
    kind: Kind
    round: int
    later: bool  # of lots that ended later; else of all


@dataclass(frozen=True, slots=True)
class Observed:
    """``number``: lots that a moment is of; ``value``; ``error``: of sampling."""

    number: int
    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Score:
    """One moment under one model. ``low``, ``high``: ends of the predictive interval; ``log_density``: of the outcome."""

    model: str
    moment: str
    mean: float
    sd: float
    low: float
    high: float
    log_density: float
    observed: Observed
    scored: bool

    @property
    def miss(self) -> bool:
        return self.scored and not self.low <= self.observed.value <= self.high

    @property
    def z(self) -> float:
        return (self.observed.value - self.mean) / self.sd


@dataclass(frozen=True, slots=True)
class Tested:
    """What a protocol gives on rows. ``best_chi2``: of each model's best fit to all moments, in sampling errors."""

    protocol: Protocol
    fitted: Followed = field(repr=False)
    lots: Followed = field(repr=False)
    estimates: dict[str, Estimate]
    scores: list[Score]
    best_chi2: dict[str, float]

    @property
    def later_from(self) -> np.datetime64:
        """The day from which lots ended later than the fitted ones."""
        return np.datetime64(self.protocol.split.last, "s") + DAY

    def of(self, model: str) -> list[Score]:
        return [one for one in self.scores if one.model == model]

    def chi2(self, model: str) -> float:
        """Of the prediction."""
        return sum(one.z**2 for one in self.of(model) if one.scored)

    def log_density(self, model: str) -> float:
        return sum(one.log_density for one in self.of(model) if one.scored)


def load_protocol(name: str | Path) -> Protocol:
    """The protocol of a path, or of a name in ``calibration/lots/protocols``. Raises ``TargetsError`` with all that is wrong."""
    path = Path(name)
    if not path.is_file() and len(path.parts) == 1:
        path = HOME / (path.name if path.suffix == ".toml" else f"{path.name}.toml")
    if not path.is_file():
        known = sorted(one.stem for one in HOME.glob("*.toml"))
        hint = near(Path(name).stem, known) or said("protocol.here", names=joined(known))
        raise TargetsError([Defect(str(name), "", said("protocol.none"), hint)])
    tree = as_tree(path, content(path))
    checks = Checks(str(path), tree)
    file, checks.wrong, checks.holes = sound(Protocol, tree)
    if file is not None:
        _check(file, checks)
    if file is None or checks.wrong:
        raise TargetsError(checks.defects())
    return file


def _check(file: Protocol, checks: Checks) -> None:
    """What a schema cannot say."""
    if checks.whole("starts", "ratios"):
        falls = all(b <= a for a, b in zip(file.starts.ratios, file.starts.ratios[1:], strict=False))
        if not falls or min(file.starts.ratios) <= 0.0:
            checks.add(("starts", "ratios"), said("protocol.ratios"))
    if checks.whole("split") and file.split.last < file.split.first:
        checks.add(
            ("split", "last"), said("protocol.backwards", first=file.split.first, last=file.split.last)
        )
    for name, free in file.models.items():
        if name not in EXTRA:
            checks.add(("models", name), said("protocol.no_model", names=joined(list(EXTRA))), near(name, list(EXTRA)))  # fmt: skip
        elif tuple(free) != EXTRA[name] and checks.whole("models", name):
            checks.add(("models", name), said("protocol.model_is", names=joined([repr(one) for one in EXTRA[name]]) or "[]"))  # fmt: skip
    for i, moment in enumerate(file.scores.moments):
        kind, _, number = moment.partition(".")
        if kind not in ("hazard", "price", "above") or not number.isdecimal() or not 1 <= int(number) <= len(file.starts.ratios):  # fmt: skip
            checks.add(("scores", "moments", i), said("protocol.no_moment", most=len(file.starts.ratios)))


def moments_of(protocol: Protocol) -> list[Moment]:
    """The moments of a protocol: those of fitted rounds are of later lots, the others of all."""
    found = []
    for name in protocol.scores.moments:
        kind, _, number = name.partition(".")
        of: Kind = "hazard" if kind == "hazard" else "price" if kind == "price" else "above"
        found.append(Moment(name, of, int(number), int(number) <= protocol.split.rounds))
    return found


@dataclass(frozen=True, slots=True)
class Groups:
    """The lots of a protocol: all that are followed, and which of them are fitted or ended later."""

    lots: Followed
    fitted: Bools
    later: Bools
    windows: tuple[tuple[np.datetime64, np.datetime64], tuple[np.datetime64, np.datetime64]]

    def fit(self, rounds: int) -> Followed:
        """The fitted lots, with nothing known of what came after so many rounds."""
        return self.lots.of_lots(self.fitted).up_to(rounds).within(*self.windows[0])


def groups_of(protocol: Protocol, rows: Histories) -> Groups:
    """The lots that the protocol is about. A lot ends with its first win."""
    starts, split = protocol.starts, protocol.split
    lots = followed(rows, protocol.selection, (starts.ratios, starts.tolerance), days=split.days)
    first, last = (np.datetime64(day, "s") for day in (split.first, split.last))
    end = last + DAY - np.timedelta64(1, "s")
    fitted = (lots.ended >= first) & (lots.ended <= end)
    later = lots.ended > end
    return Groups(lots, fitted, later, ((first, end), (end + np.timedelta64(1, "s"), rows.closes)))


def _mine(groups: Groups, moment: Moment) -> Bools:
    """Lots that a moment is of: that had the round, or were sold in it."""
    lots = groups.lots
    among = groups.later if moment.later else groups.later | groups.fitted
    if moment.kind == "hazard":
        return np.asarray(among & (lots.rounds >= moment.round))
    return np.asarray(among & lots.sold & (lots.rounds == moment.round) & np.isfinite(lots.price))


def observed(groups: Groups, moment: Moment) -> Observed:
    """What happened."""
    lots, mine = groups.lots, _mine(groups, moment)
    number = int(mine.sum())
    if not number:
        return Observed(0, np.nan, np.nan)
    if moment.kind == "hazard":
        x = (lots.sold & (lots.rounds == moment.round))[mine].astype(np.float64)
    elif moment.kind == "above":
        x = (lots.price >= lots.starts[lots.path, 0] * (1.0 - 1e-9))[mine].astype(np.float64)
    else:
        x = lots.price[mine]
    spread = float(x.std(ddof=1)) if number > 1 else np.nan
    return Observed(number, float(x.mean()), spread / np.sqrt(number))


@dataclass(frozen=True, slots=True)
class _Said:
    """What a parameter vector says of the moments: the mean of each, and the sd of one lot."""

    mean: Floats
    each: Floats


class Predicted:
    """The moments of a protocol's lots as a function of parameters."""

    def __init__(self, groups: Groups, moments: Sequence[Moment], assumed: Assumed) -> None:
        self.groups, self.moments, self.assumed = groups, moments, assumed
        self.finals = [self._seen(one) for one in moments]

    def _seen(self, moment: Moment) -> list[tuple[Bools, Followed]]:
        """Of a hazard: its lots by the window of their file, with nothing known of the round and later ones."""
        if moment.kind != "hazard":
            return []
        mine, found = _mine(self.groups, moment), []
        both = (self.groups.fitted, self.groups.windows[0]), (self.groups.later, self.groups.windows[1])
        for group, window in both:
            chosen = mine & group
            found.append((chosen, self.groups.lots.of_lots(chosen).up_to(moment.round - 1).within(*window)))
        return found

    def __call__(self, values: Mapping[str, float], spread: bool = True) -> _Said:
        out = outcomes(values, self.assumed, self.groups.lots.starts)
        sold = out.sold[0]
        mean, each = np.empty(len(self.moments)), np.empty(len(self.moments))
        grids: dict[int, _Prices] = {}
        for i, (moment, seen) in enumerate(zip(self.moments, self.finals, strict=True)):
            k = moment.round - 1
            if moment.kind == "hazard":
                mean[i] = _hazard(sold, moment.round, [lots for _, lots in seen])
                each[i] = np.sqrt(mean[i] * (1.0 - mean[i]))
                continue
            grid = grids.setdefault(k, _Prices(out, k, self.assumed.format))
            if moment.kind == "price":
                mean[i], each[i] = grid.mean, grid.sd if spread else np.nan
            else:
                mean[i] = grid.above(float(self.groups.lots.starts[0, 0]))
                each[i] = np.sqrt(mean[i] * (1.0 - mean[i]))
        return _Said(mean, each)


def _hazard(sold: Floats, number: int, seen: Sequence[Followed]) -> float:
    """Mean over lots of P(sold in the round | no sale before, and the lot is in the file)."""
    by = np.concatenate([[0.0], np.cumsum(sold)])
    total, chance = 0, 0.0
    for lots in seen:
        total += len(lots)
        if lots.selection == "sold only":
            left = by[lots.final] - by[number - 1]
            can = (lots.first <= number).astype(np.float64)
        else:
            left, can = np.full(len(lots), 1.0 - by[number - 1]), np.ones(len(lots))
        chance += float((can * sold[number - 1] / np.maximum(left, LEAST)).sum())
    return min(chance / max(total, 1), 1.0)


class _Prices:
    """Prices of one round: mean, spread, share at or above a price."""

    def __init__(self, out: Outcomes, k: int, form: Format) -> None:
        self.out, self.one = out, out.rounds[k]
        self.before = out.rounds[max(k - 1, 0)].start
        self.sold = max(float(out.mean(self.one.sold)[0]), LEAST)
        self.sealed = form == "sealed"

    @cached_property
    def _grid(self) -> tuple[Floats, Floats]:
        return sealed.winning_bids(self.one, self.out.law)

    @cached_property
    def mean(self) -> float:
        """The same for sealed as for ascending bids."""
        return float(self.out.mean(self.one.revenue(self.out.law, self.before))[0]) / self.sold

    @property
    def sd(self) -> float:
        first, second = (
            sealed.mean_bid(*self._grid, power)
            if self.sealed
            else self.one.revenue(self.out.law, self.before, power)
            for power in (1, 2)
        )
        mean, square = (float(self.out.mean(x)[0]) / self.sold for x in (first, second))
        return float(np.sqrt(max(square - mean**2, 0.0)))

    def above(self, price: float) -> float:
        if self.sealed:
            chance = sealed.above(price, *self._grid)
        else:
            s = ValueLaw("lognormal", self.out.law.location, self.out.law.spread).sf(price)
            chance = self.one.above(s + np.zeros(np.shape(self.one.past)))
        return min(float(self.out.mean(chance)[0]) / self.sold, 1.0)


def run(
    protocol: Protocol, rows: Histories, effort: Effort = FULL, tick: Callable[[str], None] = lambda _: None
) -> Tested:
    """Fit, predict, compare."""
    groups, moments = groups_of(protocol, rows), moments_of(protocol)
    fitted = groups.fit(protocol.split.rounds)
    likelihood = Likelihood(fitted, protocol.assumed)
    of = Predicted(groups, moments, protocol.assumed)
    happened = [observed(groups, one) for one in moments]
    estimates, scores, best = {}, [], {}
    for name in protocol.models:
        tick(name)
        estimates[name] = found = estimate(likelihood, name, effort, protocol.scores.seed)
        scores += _scores(protocol, found, of, happened)
        best[name] = _best_chi2(of, happened, protocol.scores.least, found, effort)
    return Tested(protocol, fitted, groups.lots, estimates, scores, best)


def _scores(protocol: Protocol, found: Estimate, of: Predicted, happened: Sequence[Observed]) -> list[Score]:
    """Predictions of one model, compared with what happened."""
    rng = stream(protocol.scores.seed, Purpose.LOTS, 100)
    chosen = rng.choice(
        len(found.theta), protocol.scores.draws, replace=len(found.theta) < protocol.scores.draws
    )
    given = [of(one) for one in plain(found.space, found.theta[chosen])]
    mean, each = np.stack([one.mean for one in given]), np.stack([one.each for one in given])
    scores = []
    tail = (1.0 - protocol.scores.interval) / 2.0
    for i, (moment, seen) in enumerate(zip(of.moments, happened, strict=True)):
        n = max(seen.number, 1)
        if moment.kind == "price":
            error = each[:, i] / np.sqrt(n)
            drawn = mean[:, i] + error * rng.standard_normal(len(mean))
            logs = np.asarray(norm.logpdf(seen.value, mean[:, i], np.maximum(error, LEAST)))
        else:
            drawn = rng.binomial(n, np.clip(mean[:, i], 0.0, 1.0)) / n
            logs = np.asarray(
                binom.logpmf(np.round(seen.value * n), n, np.clip(mean[:, i], 1e-12, 1.0 - 1e-12))
            )
        low, high = np.quantile(drawn, [tail, 1.0 - tail])
        scores.append(
            Score(
                found.model, moment.name, float(drawn.mean()), max(float(drawn.std()), LEAST), float(low), float(high),
                float(logsumexp(logs) - np.log(len(logs))), seen, seen.number >= protocol.scores.least,
            )
        )  # fmt: skip
    return scores


def _best_chi2(
    of: Predicted, happened: Sequence[Observed], least: int, found: Estimate, effort: Effort
) -> float:
    """The least chi2 of all moments at once, in sampling errors, over the parameters' ranges."""
    space = found.space
    scored = np.array([one.number >= least and one.error > 0.0 for one in happened])
    value, error = (np.array([getattr(one, name) for one in happened]) for name in ("value", "error"))

    def off(u: Floats) -> float:
        theta = space.from_unit(np.clip(u, 1e-9, 1.0 - 1e-9)[None, :])
        mean = of(plain(space, theta)[0], spread=False).mean
        return float((((mean - value) / error)[scored] ** 2).sum())

    rng = stream(STARTS, Purpose.LOTS, 101)
    some = found.theta[np.linspace(0, len(found.theta) - 1, effort.candidates).astype(np.intp)]
    unit = np.stack([slot.free.unit(x) for slot, x in zip(space.slots, [*some.T], strict=True)], axis=1)
    tries = sorted([*unit, *rng.random((effort.candidates, unit.shape[1]))], key=off)[:STARTS]
    return min(lowest(off, np.clip(one, 0.01, 0.99), (0.0, 1.0), effort.steps)[1] for one in tries)
