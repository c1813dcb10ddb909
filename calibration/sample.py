"""Wave 2: the posterior of one reading, sampled with emcee on transformed parameters under common random numbers.

Walks are told print's likelihood by the sheets that the whole calibration uses; from so few, chance makes it too sure of
itself. What is kept of them is weighed by the likelihood of many sheets (``likelihood.DRAWS``) and resampled.

Two ensembles start from the set of wave 1 and know nothing of each other. They are shown to agree or the sample is
refused: R-hat over the halves of both (Gelman & Rubin 1992), integrated autocorrelation times (Goodman & Weare 2010),
effective sizes. Moves are differences of walkers (ter Braak 2006; ter Braak & Vrugt 2008), which follow a ridge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from calibration.coordinates import Coordinates, coordinates
from calibration.distance import Objective
from calibration.likelihood import log_likelihood
from calibration.weights import effective

Floats = npt.NDArray[np.float64]

BLOCK: Final = 100  # steps between looks at convergence
GOOD_R_HAT: Final = 1.1
GOOD_SIZE: Final = 100.0  # effective draws
LONG: Final = 10.0  # autocorrelation times that what is kept must span
ENSEMBLES: Final = 2


@dataclass(frozen=True, slots=True)
class Posterior:
    """Walks of one reading, by the likelihood of few sheets. ``chains``: (ensemble, step, walker, p), burn-in taken off; ``r_hat``, ``tau``, ``size``: (p,),
    the worst over parameters decides; ``refused``: why the draws are not used, empty if they are.
    """

    chains: Floats
    log_density: Floats  # (ensemble, step, walker)
    r_hat: Floats
    tau: Floats
    size: Floats
    acceptance: float
    steps: int
    refused: str
    left: float = 1.0  # share of what the draws are worth that weighing leaves
    looked: float = np.inf  # draws that were weighed

    @property
    def worth(self) -> float:
        """Effective draws: those of the parameter that has fewest, or as many as were weighed, and of these what weights leave."""
        return min(float(np.min(self.size)), self.looked) * self.left

    def draws(self, number: int, seed: int) -> Floats:
        """(number, p) of the walks, before they are weighed; without replacement while they last."""
        flat = self.chains.reshape(-1, self.chains.shape[-1])
        rng = np.random.default_rng((seed, 5))
        return np.asarray(flat[rng.choice(len(flat), min(number, len(flat)), replace=False)])


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of one ensemble's way, in straight coordinates. ``y``: (steps, walkers, p); ``log_density``: (steps, walkers)."""

    y: Floats
    log_density: Floats
    accepted: float


def density(one: Objective, straight: Coordinates, y: Floats) -> Floats:
    """(n,) log posterior density at straight coordinates, up to a constant."""
    theta, log_jacobian = straight.back(y)
    prior = one.world.space.log_prior(theta) + log_jacobian
    found = np.full(len(theta), -np.inf)
    inside = np.flatnonzero(np.isfinite(prior))
    if len(inside):
        found[inside] = prior[inside] + log_likelihood(one, theta[inside])
    return found


def begin(one: Objective, start: Floats, seed: int, ensemble: int) -> Floats:
    """Distinct places for the walkers of an ensemble, (walkers, p) straight coordinates, all of positive density.

    ``start``: (n, p) vectors; the likelier of them are taken more often, which spares a long way in.
    """
    straight = coordinates(one.world)
    rng = np.random.default_rng((seed, 3, ensemble))
    walkers = 2 * (start.shape[1] + 1)
    some = start[rng.choice(len(start), min(len(start), 4 * walkers), replace=False)]
    y = straight.forward(some)
    height = density(one, straight, y)
    if not np.isfinite(height).any():
        raise ValueError("no starting point has a positive density")
    weight = np.exp(np.maximum(height - height.max(), -30.0) / 3.0) * np.isfinite(height)
    chosen = y[rng.choice(len(y), walkers, p=weight / weight.sum())]
    for _ in range(20):
        moved = chosen + 0.02 * rng.standard_normal(chosen.shape)
        good = np.isfinite(density(one, straight, moved))
        chosen[good] = moved[good]
        if good.all():
            break
    return np.asarray(chosen + 1e-6 * rng.standard_normal(chosen.shape))


def stretch(one: Objective, y: Floats, steps: int, seed: int, ensemble: int, block: int) -> Stretch:
    """``steps`` more steps of an ensemble from where it stands: a pure function, so that it can be kept and gone on from."""
    import emcee

    straight = coordinates(one.world)
    moves = [
        (emcee.moves.DEMove(), 0.7),
        (emcee.moves.DESnookerMove(), 0.15),
        (emcee.moves.StretchMove(), 0.15),
    ]
    sampler = emcee.EnsembleSampler(
        len(y), y.shape[1], lambda points: density(one, straight, points), vectorize=True, moves=moves
    )
    mixed = np.random.SeedSequence((seed, ensemble, block)).generate_state(1)[0]
    state = np.random.RandomState(int(mixed)).get_state()
    sampler.run_mcmc(emcee.State(y, random_state=state), steps, skip_initial_state_check=True)
    return Stretch(sampler.get_chain(), sampler.get_log_prob(), float(sampler.acceptance_fraction.mean()))


def posterior(one: Objective, ways: Sequence[Sequence[Stretch]]) -> Posterior:
    """Draws after burn-in (the first half), and whether they may be used. ``ways``: stretches of each ensemble."""
    y = np.stack([np.concatenate([s.y for s in way]) for way in ways])
    height = np.stack([np.concatenate([s.log_density for s in way]) for way in ways])
    steps = y.shape[1]
    y, height = y[:, steps // 2 :], height[:, steps // 2 :]
    tau = autocorrelation(y)
    r_hat = split_r_hat(y)
    size = y.shape[0] * y.shape[1] * y.shape[2] / tau
    theta, _ = coordinates(one.world).back(y.reshape(-1, y.shape[-1]))
    acceptance = float(np.mean([s.accepted for way in ways for s in way]))
    refused = refusal(r_hat, size, tau, y.shape[1])
    return Posterior(theta.reshape(y.shape), height, r_hat, tau, size, acceptance, steps, refused)


def weighed(found: Posterior, log_weight: Floats) -> Posterior:
    """The same, some of whose draws were weighed; refused if too little is left."""
    number = len(log_weight)
    whole = replace(found, left=effective(log_weight) / max(number, 1), looked=float(number))
    if not found.refused and not whole.worth >= GOOD_SIZE:
        return replace(whole, refused=f"effective draws {whole.worth:.0f} < {GOOD_SIZE:.0f} once weighed")
    return whole


def refusal(r_hat: Floats, size: Floats, tau: Floats, steps: int) -> str:
    """Why draws are not good enough; empty if they are."""
    if steps < LONG * float(np.max(tau)):
        return f"{steps} steps kept are fewer than {LONG:g} autocorrelation times ({np.max(tau):.0f} steps)"
    worst_r, worst_n = float(np.max(r_hat)), float(np.min(size))
    if not np.isfinite(worst_r) or worst_r > GOOD_R_HAT:
        return f"R-hat {worst_r:.2f} > {GOOD_R_HAT:g}"
    if worst_n < GOOD_SIZE:
        return f"effective draws {worst_n:.0f} < {GOOD_SIZE:.0f}"
    return ""


def split_r_hat(chain: Floats) -> Floats:
    """(p,) R-hat over the halves of the ensembles; chain (ensemble, step, walker, p).

    A sequence is one ensemble's half: all its walkers together, for they are no independent chains. The variance of a
    sequence's mean allows for autocorrelation, so that R-hat is near 1 for sequences of one law.
    """
    e, steps, walkers, p = chain.shape
    half = steps // 2
    if half < 2:
        return np.full(p, np.inf)
    parts = chain[:, -2 * half :].reshape(e * 2, half * walkers, p)
    means, within = parts.mean(axis=1), parts.var(axis=1, ddof=1).mean(axis=0)
    between = means.var(axis=0, ddof=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt((within + between) / within))


def autocorrelation(chain: Floats) -> Floats:
    """(p,) integrated autocorrelation times in steps, the mean over ensembles; chain (ensemble, step, walker, p)."""
    from emcee.autocorr import integrated_time

    times = [integrated_time(one, tol=0, quiet=True) for one in chain]
    tau = np.mean(times, axis=0)
    return np.asarray(np.where(np.isfinite(tau), np.maximum(tau, 1.0), len(chain[0])))
