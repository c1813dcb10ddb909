"""Listed cases, and how a case of each family is made: a file of ``scenarios/verify/`` and what is set over it.

They sit where formulas have edges (few and many bidders, every distribution of values, every kind of return). Every case is what
a user could run: ``sim run scenarios/verify/english.toml --set interest.mean=3``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import ceil, exp, log

import numpy as np

from sim.theory.values import ValueLaw

FAMILIES = ("a", "a2", "b", "c", "c2", "d", "e", "f", "g", "h", "i", "j")
CLERKS_DAYS = 1461  # of the period of scenarios/verify/clerks.toml


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario to verify."""

    family: str
    name: str
    file: str  # in scenarios/verify/, without .toml
    settings: tuple[str, ...]
    carry: float = 0.0  # lots listed before the window for each listed in it
    rate: float = 0.0  # lots a day that come to a court's clerk
    seed: int = (
        0  # of the run: every case has random draws of its own, or the cases of a family would err together
    )

    def overrides(self, lots: int) -> list[str]:
        """What is set over the file for a run of (about) ``lots`` lots."""
        return [*self.settings, *self._sized(lots), f"run.seed={self.seed}"]

    def _sized(self, lots: int) -> list[str]:
        """Settings that give ``lots`` lots a replication, or more; windows get them in their own cohort."""
        sizes = {"year": float(lots)}
        if self.file == "windows":
            sizes = {"quarter": float(lots), "year": self.carry * lots}
        courts = []
        if self.rate:  # as many courts as it takes at this rate
            number = ceil(lots / (self.rate * CLERKS_DAYS))
            courts = [f"courts.number={number}"]
            sizes = {"year": number * self.rate * CLERKS_DAYS}
        return courts + [
            f"arrivals.periods.{name}.{what}={n}" for name, n in sizes.items() for what in ("cases", "lots")
        ]


def values(law: ValueLaw) -> tuple[str, ...]:
    """Settings of a distribution of values."""
    return (
        f'interest.values="{law.kind}"',
        f"interest.location={law.location}",
        f"interest.spread={law.spread}",
    )


def _name(law: ValueLaw) -> str:
    short = {"lognormal": f"LN({law.location:g},{law.spread:g})", "uniform": f"U(0,{law.spread:g})"}
    return short.get(law.kind, f"Exp({law.spread:g})")


def _ln(location: float, spread: float) -> ValueLaw:
    return ValueLaw("lognormal", location, spread)


def _uniform(high: float) -> ValueLaw:
    return ValueLaw("uniform", 0.0, high)


def _exponential(mean: float) -> ValueLaw:
    return ValueLaw("exponential", 0.0, mean)


def auction_case(
    family: str, law: ValueLaw, lam: float, start: float, k: float | None = None, file: str = "english"
) -> Case:
    name = f"{_name(law)} λ={lam:g} r={start:g}" + (f" k={k:g}" if k is not None else "")
    size = (f"interest.dispersion={k}",) if k is not None else ()
    label = "" if file == "english" else f"{file}: "
    return Case(
        family, label + name, file, (*values(law), f"interest.mean={lam}", f"start.ratio={start}", *size)
    )


def _english() -> Iterator[Case]:
    for law, lam, start in (
        (_ln(0.0, 0.2), 1.0, 1.0), (_ln(0.0, 0.5), 1.0, 1.0), (_ln(-0.3, 0.3), 3.0, 0.7), (_ln(-0.2, 0.25), 8.0, 1.0),
        (_uniform(1.0), 2.0, 0.5), (_uniform(1.0), 5.0, 0.5), (_exponential(1.0), 2.0, 1.0), (_exponential(1.0), 5.0, 1.0),
    ):  # fmt: skip
        yield auction_case("a", law, lam, start)
    yield auction_case("a", _ln(-0.2, 0.5), 40.0, 0.02)  # a token start and a crowd
    for law, lam, start in (
        (_ln(0.0, 0.2), 1.0, 1.0),
        (_ln(-0.2, 0.25), 8.0, 1.0),
        (_exponential(1.0), 5.0, 1.0),
    ):
        yield auction_case("a", law, lam, start, file="ladder")
    for lam in (0.7, 3.0):
        yield auction_case("a", _ln(3.0, 0.1), lam, 1.0, file="steps")


def _dispersed() -> Iterator[Case]:
    for law, lam, start, k in (
        (_ln(0.0, 0.3), 1.0, 1.0, 0.3), (_ln(0.0, 0.3), 3.0, 1.0, 0.3), (_ln(-0.2, 0.3), 3.0, 0.8, 0.5),
        (_ln(-0.2, 0.3), 3.0, 1.0, 2.0), (_uniform(1.0), 6.0, 0.5, 0.5),
    ):  # fmt: skip
        yield auction_case("a2", law, lam, start, k)


def appraisal_case(
    lam: float, mu: float, sigma: float, tau: float, rho: float, bias: float, k: float
) -> Case:
    name = f"λ={lam:g} LN({mu:g},{sigma:g}) τ={tau:g} r/A={rho:g}"
    name += (f" b={bias:g}" if bias else "") + (f" k={k:g}" if np.isfinite(k) else "")
    return Case("b", name, "appraisal", (
        *values(_ln(mu, sigma)), f"interest.mean={lam}", f"interest.dispersion={k}", f"start.ratio={rho}",
        f"pricing.appraisal.noise={tau}", f"pricing.appraisal.bias={bias}",
    ))  # fmt: skip


def _appraisal() -> Iterator[Case]:
    for lam, mu, sigma, tau, rho in (
        (2.0, -0.1, 0.2, 0.1, 1.0), (2.0, -0.1, 0.2, 0.3, 0.8), (2.0, -0.1, 0.2, 0.3, 0.7), (5.0, -0.2, 0.15, 0.2, 1.0),
        (5.0, -0.2, 0.15, 0.5, 1.0),
    ):  # fmt: skip
        yield appraisal_case(lam, mu, sigma, tau, rho, 0.0, np.inf)


def rounds_case(
    name: str, law: ValueLaw, lam: float, fresh: tuple[float, float], pi: float, start: float,
    cuts: tuple[float, float], *more: str,
) -> Case:  # fmt: skip
    """``fresh``: interest of the second and third round relative to the first; ``more`` settings."""
    label = f"{name}: {_name(law)} λ={lam:g}×(1,{fresh[0]:g},{fresh[1]:g}) π={pi:g} r={start:g} -{cuts[0]:g} -{cuts[1]:g}"
    return Case("c", label, "rounds", (
        *values(law), f"interest.mean={lam}", f"interest.persistence={pi}", f"start.ratio={start}",
        f"rounds.second.interest={fresh[0]}", f"rounds.third.interest={fresh[1]}",
        f"rounds.second.cut={cuts[0]}", f"rounds.third.cut={cuts[1]}", *more,
    ))  # fmt: skip


def response_case(case: Case, elasticity: float, ceiling: float) -> Case:
    """The same rounds where interest answers to the start."""
    response = (f"price_response.elasticity={elasticity}", f"price_response.ceiling={ceiling}")
    return Case("i", f"{case.name} e={elasticity:g} ≤{ceiling:g}", case.file, (*case.settings, *response))


def _responses() -> Iterator[Case]:
    law, same = _ln(-0.2, 0.3), (1.0, 1.0)
    yield response_case(rounds_case("fresh", law, 0.7, same, 0.0, 1.0, (0.2, 0.0)), 5.0, 12.0)
    yield response_case(rounds_case("half", law, 0.7, same, 0.5, 0.8, (0.2, 0.2)), 3.0, 12.0)
    above = rounds_case("above", law, 3.0, same, 1.0, 1.2, (0.2, 0.2))
    yield response_case(above, 4.0, 2.0)  # fewer than at the reference price, then the ceiling
    noise = ("pricing.appraisal.noise=0.2", "interest.dispersion=0.6")
    yield response_case(rounds_case("noise", law, 0.7, same, 0.3, 1.0, (0.2, 0.0), *noise), 4.0, 12.0)


def homes_case(case: Case, restricted: float, debtors: tuple[float, float, float] | None) -> Case:
    """The same rounds of homes: a share of the people may not bid; ``debtors``: share who sell their own, success, days."""
    settings: tuple[str, ...] = (f"eligibility.restricted_bidders={restricted}",)
    name = f"{case.name} ρ={restricted:g}"
    if debtors is not None:
        share, success, days = debtors
        name += f" p={share:g} q={success:g} D={days:g}"
        settings += (
            f"debtor_sale.share={share}",
            f"debtor_sale.success={success}",
            f"debtor_sale.days={days}",
        )
    return Case("j", name, case.file, (*case.settings, *settings))


def _homes() -> Iterator[Case]:
    law, same = _ln(-0.2, 0.3), (1.0, 1.0)
    yield homes_case(rounds_case("fresh", law, 1.5, same, 0.0, 1.0, (0.2, 0.0)), 0.3, None)
    noise = ("pricing.appraisal.noise=0.2", "interest.dispersion=0.6")
    yield homes_case(rounds_case("noise", law, 3.0, same, 0.5, 1.0, (0.2, 0.0), *noise), 0.6, None)
    yield homes_case(rounds_case("fresh", law, 0.7, same, 0.0, 1.0, (0.2, 0.0)), 0.0, (0.5, 0.6, 60.0))
    yield homes_case(rounds_case("half", law, 1.5, same, 0.5, 0.8, (0.2, 0.2)), 0.5, (1.0, 0.3, 90.0))


def _rounds() -> Iterator[Case]:
    law = _ln(-0.2, 0.3)
    yield rounds_case("fresh", law, 1.5, (1.0, 1.0), 0.0, 1.0, (0.2, 0.0))
    yield rounds_case("persist", law, 1.5, (0.0, 0.0), 1.0, 1.0, (0.2, 0.0))
    yield rounds_case("persist", law, 1.5, (0.0, 0.0), 1.0, 0.7, (0.2, 0.0))
    yield rounds_case("half", law, 1.5, (0.5, 0.5), 0.5, 1.0, (0.2, 0.0))
    yield rounds_case("half", law, 3.0, (0.0, 0.0), 0.5, 1.2, (0.2, 0.2))  # some come back twice
    yield rounds_case("fresh", _uniform(1.0), 2.0, (1.0, 1.0), 0.0, 0.8, (0.2, 0.0))
    yield rounds_case("persist", _exponential(0.5), 3.0, (0.0, 0.0), 1.0, 1.0, (0.2, 0.2))


def sell_off_case(nu: float, days: float, law: ValueLaw, start: float) -> Case:
    return Case("c2", f"ν={nu:.3g} W={days:g} {_name(law)} r={start:.3g}", "sell-off", (
        *values(law), f"interest.mean={nu * (days + 1.0)}", f"rounds.sell_off.window_days={days}", f"start.ratio={start}",
    ))  # fmt: skip


def _sell_offs() -> Iterator[Case]:
    for nu, law, start in (
        (0.02, _ln(-0.2, 0.3), 0.8), (0.05, _ln(-0.2, 0.3), 0.8), (0.02, _ln(-0.2, 0.3), 0.56), (0.05, _exponential(0.5), 0.8),
        (1.5, _ln(-0.2, 0.3), 0.8),
    ):  # fmt: skip
        yield sell_off_case(nu, 60.0, law, start)


def waiting_case(
    form: str, law: ValueLaw, lam: float, start: float, share: float, worth: float, fresh: float, back: float
) -> Case:
    """``share`` of the bidders look ahead; ``worth``: discount of the second round; ``fresh`` and ``back``: who comes to it."""
    name = f"{form}: {_name(law)} λ={lam:g} r={start:g} φ={share:g} δ={worth:g} fresh={fresh:g} π={back:g}"
    return Case("d", name, "waiting", (
        *values(law), f"interest.mean={lam}", f"start.ratio={start}", f"strategic_waiting.first_round={form}", f"strategic_waiting.share={share}",
        f"strategic_waiting.discount={worth}", f"rounds.second.interest={fresh}", f"interest.persistence={back}",
    ))  # fmt: skip


def _waiting() -> Iterator[Case]:
    law = _ln(-0.2, 0.3)
    yield waiting_case("sealed", law, 2.0, 1.0, 1.0, 0.9, 0.0, 1.0)
    yield waiting_case("open", law, 2.0, 1.0, 1.0, 0.6, 0.0, 1.0)
    yield waiting_case("open", law, 3.0, 1.0, 0.3, 0.9, 0.7, 0.4)
    yield waiting_case("sealed", law, 6.0, 1.0, 0.5, 0.9, 0.5, 0.0)
    yield waiting_case("open", _uniform(1.2), 2.0, 0.7, 0.6, 0.9, 0.0, 1.0)
    yield waiting_case("sealed", _exponential(0.6), 2.0, 0.9, 1.0, 0.7, 0.0, 1.0)


def soft_close_case(mu: float, gap: float) -> Case:
    """Newcomers may come for as long past the set close as not one lot in a million will need."""
    from sim.theory.soft_close import soft_close

    reach = 16.0 * float(np.sqrt(soft_close(mu, gap).variance)) + 12.0 * gap
    minutes = 2.0 * gap + 5.0
    return Case("e", f"μ={mu:.3g}/min g={gap:.3g}", "soft-close", (
        f"interest.mean={mu * (minutes + reach)}", f"rounds.first.window_days={minutes / 1440.0}",
        f"rounds.first.overhang_minutes={reach}", f"auction.soft_close_minutes={gap}",
    ))  # fmt: skip


def _soft_closes() -> Iterator[Case]:
    for mu in (0.01, 0.02, 0.1, 0.2, 0.6):
        yield soft_close_case(mu, 5.0)


def _hazards(*hazards: float) -> tuple[str, ...]:
    """Settings that sell a share of what is left in each round: interest to match, no cuts, nobody returns."""
    means = [-log(1.0 - h) for h in hazards]
    names = ("first", "second", "sell_off")
    return (
        *values(_uniform(2.0)), "start.ratio=1.0", f"interest.mean={2.0 * means[0]}", "rounds.second.cut=0.0",
        *(f"rounds.{name}.interest={mean / means[0]}" for name, mean in zip(names[1:], means[1:], strict=False)),
        *(f"rounds.{name}.held={str(i < len(means)).lower()}" for i, name in enumerate(names) if i),
        "rounds.sell_off.format='auction'", "rounds.sell_off.relist_days=15.0", "rounds.sell_off.late_shape=30.0",
        "rounds.sell_off.notice_days_immovable=15.0", "rounds.sell_off.window_days=30.0", "rounds.sell_off.overhang_minutes=0.0",
    )  # fmt: skip


def window_case(name: str, hazards: tuple[float, ...], days: int, carry: int, *more: str) -> Case:
    """A window of ``days``, with lots listed at the same rate for ``carry`` days before it."""
    from datetime import date, timedelta

    first = date(2018, 1, 1)
    last = first + timedelta(days=days - 1)
    earlier = (
        f"arrivals.periods.year.first={first - timedelta(days=carry)}",
        f"arrivals.periods.year.last={first - timedelta(days=1)}",
    )
    return Case("f", f"{name}; T={days} B={carry}", "windows", (
        *_hazards(*hazards), f"time.windows.quarter.last={last}", f"arrivals.periods.quarter.last={last}",
        *(earlier if carry else ()), *more,
    ), carry / days)  # fmt: skip


def _windows() -> Iterator[Case]:
    movable = ("kinds.homes.movable=true",)
    short = ("rounds.first.window_days=1e-6",)
    yield window_case("1 round, 30 d", (0.3,), 90, 0, *short)
    yield window_case("1 round, 31 d", (0.3,), 90, 15)
    yield window_case("1 round, 16 d", (0.3,), 90, 0, *movable)
    yield window_case("3 rounds", (0.3, 0.35, 0.5), 90, 0)
    yield window_case("3 rounds", (0.3, 0.35, 0.5), 90, 365)
    yield window_case("2 rounds", (0.21, 0.21), 90, 0)
    yield window_case("2 rounds", (0.21, 0.21), 365, 0)
    yield window_case("3 rounds", (0.21, 0.21, 0.1), 365, 0)
    yield window_case(
        "2 rounds, 16/34 d", (0.21, 0.21), 90, 30, *movable, "rounds.second.notice_days_movable=7.0"
    )


def commission_case(mean: float, log_sd: float, lam: float, start: float) -> Case:
    median = mean * exp(-log_sd * log_sd / 2.0)
    return Case("g", f"m={mean:,.0f} s={log_sd:g} λ={lam:g} r={start:g}", "commission", (
        f"kinds.homes.value_median={median}", f"kinds.homes.value_log_sd={log_sd}", f"interest.mean={lam}",
        f"start.ratio={start}",
    ))  # fmt: skip


def _commissions() -> Iterator[Case]:
    for mean, log_sd in (
        (2_927_632.0, 0.5), (2_927_632.0, 1.5), (2_927_632.0, 2.0), (1_970_233.0, 0.5), (1_970_233.0, 1.0),
        (1_346_863.0, 1.0), (1_346_863.0, 1.5),
    ):  # fmt: skip
        yield commission_case(mean, log_sd, 6.0, 1.0)


def clerk_case(name: str, load: float, days: float, *settings: str) -> Case:
    """A clerk works ``days`` on each lot, as ``settings`` say, and is busy for a share ``load`` of the time."""
    return Case("h", f"{name}: ρ={load:g} D={days:g}", "clerks", settings, rate=load / days)


def _clerks() -> Iterator[Case]:
    yield clerk_case("survey", 0.75, 1.0, "courts.survey_days=1.0")
    yield clerk_case("notice", 0.5, 0.5, *notice_only(0.5), *pricing_takes(30.0))
    yield clerk_case(
        "objections", 0.6, 2.0, *notice_only(0.5), "courts.pricing_days=0.5", "courts.objection_share=1.0",
        "courts.objection_days=1.0",
    )  # fmt: skip


def notice_only(days: float) -> tuple[str, ...]:
    """Settings with which the clerk works on a lot's notice and on nothing before it."""
    return "courts.survey_days=0.0", f"courts.notice_days={days}"


def pricing_takes(days: float) -> tuple[str, ...]:
    return f"pricing.appraisal.days_low={days}", f"pricing.appraisal.days_high={days}"


LISTED: dict[str, Callable[[], Iterator[Case]]] = {
    "a": _english, "a2": _dispersed, "b": _appraisal, "c": _rounds, "c2": _sell_offs, "d": _waiting, "e": _soft_closes, "f": _windows,
    "g": _commissions, "h": _clerks, "i": _responses, "j": _homes,
}  # fmt: skip
