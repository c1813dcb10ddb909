"""Cases with parameters drawn at random: a check where no case was chosen by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.theory.values import ValueLaw
from sim.verification.listed_cases import (
    Case,
    appraisal_case,
    auction_case,
    clerk_case,
    commission_case,
    homes_case,
    notice_only,
    pricing_takes,
    response_case,
    rounds_case,
    sell_off_case,
    soft_close_case,
    waiting_case,
    window_case,
)

Rng = np.random.Generator


def _digits(x: float, digits: int = 3) -> float:
    """``x`` to so many significant digits: what a person would write."""
    return float(f"{x:.{digits}g}")


def _law(rng: Rng) -> ValueLaw:
    kind = rng.integers(4)
    if kind == 0:
        return ValueLaw("uniform", 0.0, _digits(rng.uniform(0.8, 2.0)))
    if kind == 1:
        return ValueLaw("exponential", 0.0, _digits(rng.uniform(0.3, 1.5)))
    return ValueLaw("lognormal", _digits(rng.uniform(-0.4, 0.2)), _digits(rng.uniform(0.1, 0.6)))


def _mean_and_start(rng: Rng, law: ValueLaw) -> tuple[float, float]:
    """Mean interest and a start that between .2 and 3 bidders can pay on average."""
    eligible = float(np.exp(rng.uniform(np.log(0.2), np.log(3.0))))
    lam = _digits(eligible * float(np.exp(rng.uniform(np.log(1.1), np.log(20.0)))))
    return lam, _digits(float(law.quantile(1.0 - eligible / lam)))


def _english(rng: Rng) -> Case:
    law = _law(rng)
    return auction_case("a", law, *_mean_and_start(rng, law), file="english")


def _dispersed(rng: Rng) -> Case:
    law = _law(rng)
    return auction_case("a2", law, *_mean_and_start(rng, law), _digits(float(np.exp(rng.uniform(-1.2, 1.2)))))


def _appraisal(rng: Rng) -> Case:
    k = float(rng.choice([0.5, 2.0, np.inf]))
    lam, mu, sigma = (
        _digits(rng.uniform(0.7, 8.0)),
        _digits(rng.uniform(-0.4, 0.1)),
        _digits(rng.uniform(0.1, 0.5)),
    )
    tau, rho, bias = (
        _digits(rng.uniform(0.05, 0.5)),
        _digits(rng.uniform(0.6, 1.1)),
        _digits(rng.uniform(-0.2, 0.2)),
    )
    return appraisal_case(lam, mu, sigma, tau, rho, bias, k)


def _rounds(rng: Rng) -> Case:
    law = _law(rng)
    lam, start = _mean_and_start(rng, law)
    fresh = (_digits(rng.uniform(0.0, 1.2), 2), _digits(rng.uniform(0.0, 1.2), 2))
    cuts = (_digits(rng.uniform(0.0, 0.4), 2), _digits(rng.uniform(0.0, 0.3), 2))
    k = float(rng.choice([0.5, np.inf]))
    noise = float(rng.choice([0.0, 0.2])) if law.kind == "lognormal" else 0.0
    name = "drawn" + (f" k={k:g}" if np.isfinite(k) else "") + (f" τ={noise:g}" if noise else "")
    return rounds_case(
        name, law, lam, fresh, _digits(rng.uniform(0.0, 1.0), 2), start, cuts,
        f"interest.dispersion={k}", f"pricing.appraisal.noise={noise}",
        f"rounds.first.notice_days_immovable={float(rng.integers(5, 40))}", f"rounds.second.relist_days={float(rng.integers(0, 30))}",
    )  # fmt: skip


def _homes(rng: Rng) -> Case:
    restricted, share, success = (_digits(x, 2) for x in rng.uniform(0.1, 0.9, 3))
    return homes_case(_rounds(rng), restricted, (share, success, float(rng.integers(10, 93))))


def _response(rng: Rng) -> Case:
    law = _law(rng)
    _, start = _mean_and_start(rng, law)
    elasticity, ceiling = _digits(rng.uniform(0.5, 8.0), 2), _digits(rng.uniform(1.5, 12.0), 2)
    noise = float(rng.choice([0.0, 0.2])) if law.kind == "lognormal" else 0.0
    lam, pi = _digits(rng.uniform(0.3, 1.5)), _digits(rng.uniform(0.0, 1.0), 2)
    cuts = (_digits(rng.uniform(0.1, 0.4), 2), _digits(rng.uniform(0.0, 0.3), 2))
    k = rng.choice([0.5, np.inf])
    name = "drawn" + (f" τ={noise:g}" if noise else "")
    more = (f"interest.dispersion={k}", f"pricing.appraisal.noise={noise}")
    return response_case(rounds_case(name, law, lam, (1.0, 1.0), pi, start, cuts, *more), elasticity, ceiling)


def _sell_off(rng: Rng) -> Case:
    law = _law(rng)
    days = float(rng.integers(20, 81))
    eligible = rng.uniform(0.3, 2.0) / days  # eligible bidders a day
    nu = _digits(eligible * float(np.exp(rng.uniform(np.log(1.1), np.log(8.0)))))
    return sell_off_case(nu, days, law, _digits(float(law.quantile(1.0 - eligible / nu))))


def _waiting(rng: Rng) -> Case:
    law = ValueLaw("lognormal", _digits(rng.uniform(-0.3, 0.0)), _digits(rng.uniform(0.2, 0.5)))
    lam, start = _mean_and_start(rng, law)
    form = str(rng.choice(["sealed", "open"]))
    share, worth = _digits(rng.uniform(0.1, 1.0), 2), _digits(rng.uniform(0.5, 0.9), 2)
    return waiting_case(
        form,
        law,
        lam,
        start,
        share,
        worth,
        _digits(rng.uniform(0.0, 0.8), 2),
        _digits(rng.uniform(0.2, 1.0), 2),
    )


def _soft_close(rng: Rng) -> Case:
    gap = _digits(rng.uniform(2.0, 10.0))
    return soft_close_case(_digits(rng.uniform(0.1, 2.2) / gap), gap)


def _window(rng: Rng) -> Case:
    hazards = tuple(_digits(h) for h in rng.uniform(0.1, 0.6, int(rng.integers(1, 4))))
    days, carry = int(rng.integers(60, 366)), int(rng.choice([0, 30, 200]))
    movables = _digits(rng.uniform(0.1, 0.9), 2)
    more = (
        "kinds.vehicles={name_zh='车辆', share=" + f"{movables}" + ", movable=true, value_median=60000.0, value_log_sd=0.8, interest=1.0}",
        f"kinds.homes.share={1.0 - movables}", f"rounds.first.notice_days_immovable={float(rng.integers(15, 40))}",
        f"rounds.second.notice_days_movable={float(rng.integers(5, 20))}",
    )  # fmt: skip
    return window_case(f"drawn {hazards}, {movables:g} movable", hazards, days, carry, *more)


def _commission(rng: Rng) -> Case:
    mean = _digits(float(np.exp(rng.uniform(np.log(3e5), np.log(5e6)))))
    return commission_case(
        mean,
        _digits(rng.uniform(0.3, 1.2), 2),
        _digits(rng.uniform(1.0, 5.0), 2),
        _digits(rng.uniform(0.6, 1.0), 2),
    )


def _clerk(rng: Rng) -> Case:
    load, days = _digits(rng.uniform(0.2, 0.75), 2), _digits(rng.uniform(0.2, 3.0), 2)
    pricing = pricing_takes(_digits(rng.uniform(0.0, 60.0), 2))
    if rng.random() < 0.5:
        return clerk_case("drawn, survey", load, days, f"courts.survey_days={days}", *pricing)
    return clerk_case("drawn, notice", load, days, *notice_only(days), *pricing)


DRAWN: dict[str, tuple[Callable[[Rng], Case], int]] = {
    "a": (_english, 6), "a2": (_dispersed, 4), "b": (_appraisal, 5), "c": (_rounds, 6), "c2": (_sell_off, 4),
    "d": (_waiting, 2), "e": (_soft_close, 4), "f": (_window, 4), "g": (_commission, 3),
    "h": (_clerk, 2), "i": (_response, 2), "j": (_homes, 2),
}  # fmt: skip
