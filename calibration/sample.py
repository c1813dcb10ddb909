"""Wave 2: the posterior of one reading, sampled with emcee on transformed parameters under common random numbers.

Two ensembles start from the set of wave 1 and know nothing of each other. They are shown to agree or the sample is
refused: R-hat over the halves of both (Gelman & Rubin 1992), integrated autocorrelation times (Goodman & Weare 2010),
effective sizes. Moves are differences of walkers (ter Braak 2006; ter Braak & Vrugt 2008), which follow a ridge.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.coordinates import Coordinates
from calibration.distance import Objective
from calibration.likelihood import log_likelihood

Floats = npt.NDArray[np.float64]

BLOCK: Final = 100  # steps between looks at convergence
GOOD_R_HAT: Final = 1.1
GOOD_SIZE: Final = 100.0  # effective draws
LONG: Final = 10.0  # autocorrelation times that what is kept must span
ENSEMBLES: Final = 2


@dataclass(frozen=True, slots=True)
class Posterior:
    """Draws of one reading. ``chains``: (ensemble, step, walker, p), burn-in taken off; ``r_hat``, ``tau``, ``size``: (p,),
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

    def draws(self, number: int, seed: int) -> Floats:
        """(number, p) of the posterior, without replacement while they last."""
        flat = self.chains.reshape(-1, self.chains.shape[-1])
        rng = np.random.default_rng((seed, 5))
        return np.asarray(flat[rng.choice(len(flat), min(number, len(flat)), replace=False)])


@dataclass(frozen=True, slots=True)
class Density:
    """Log posterior on several processors, if there is an executor."""

    one: Objective
    straight: Coordinates
    executor: Executor | None = None
    pieces: int = 1

    def __call__(self, y: Floats) -> Floats:
        """(n,) at straight coordinates."""
        theta, log_jacobian = self.straight.back(y)
        prior = self.one.world.space.log_prior(theta) + log_jacobian
        found = np.full(len(theta), -np.inf)
        inside = np.flatnonzero(np.isfinite(prior))
        if len(inside):
            found[inside] = prior[inside] + self._likelihood(theta[inside])
        return found

    def _likelihood(self, theta: Floats) -> Floats:
        if self.executor is None or self.pieces < 2:
            return log_likelihood(self.one, theta)
        from calibration.evaluate import held_likelihood

        parts = [part for part in np.array_split(theta, self.pieces) if len(part)]
        tasks = [(self.one.reading, self.one.moments, part) for part in parts]
        return np.concatenate(list(self.executor.map(held_likelihood, tasks)))


def sample(
    density: Density, start: Floats, steps: int, seed: int, tick: Callable[[int], None] = lambda done: None
) -> Posterior:
    """Run until the diagnostics are good or ``steps`` are done. ``start``: (n, p) vectors to begin with."""
    import emcee  # type: ignore[import-untyped]

    p = start.shape[1]
    walkers = 2 * (p + 1)
    rng = np.random.default_rng((seed, 3))
    samplers: list[Any] = []
    for ensemble in range(ENSEMBLES):
        moves = [
            (emcee.moves.DEMove(), 0.8),
            (emcee.moves.DESnookerMove(), 0.1),
            (emcee.moves.StretchMove(), 0.1),
        ]
        one = emcee.EnsembleSampler(walkers, p, density, vectorize=True, moves=moves)
        one.random_state = np.random.RandomState(seed % 2**31 + ensemble).get_state()
        one.run_mcmc(_begin(density, start, walkers, rng), 1, skip_initial_state_check=True)
        samplers.append(one)
    done = 1
    while done < steps:
        block = min(BLOCK, steps - done)
        for one in samplers:
            one.run_mcmc(None, block, skip_initial_state_check=True)
        done += block
        tick(done)
        if done >= 3 * BLOCK and not _summed(samplers, density.straight).refused:
            break
    return _summed(samplers, density.straight)


def _begin(density: Density, start: Floats, walkers: int, rng: np.random.Generator) -> Floats:
    """Distinct places for the walkers, all of positive density."""
    space = density.one.world.space
    width = space.high - space.low
    chosen = start[rng.choice(len(start), walkers, replace=len(start) < walkers)]
    moved = np.clip(chosen + 1e-3 * width * rng.standard_normal(chosen.shape), space.low, space.high)
    y = density.straight.forward(moved)
    good = np.isfinite(density(y))
    if not good.any():
        raise ValueError("no starting point has a positive density")
    y[~good] = y[rng.choice(np.flatnonzero(good), int((~good).sum()))]
    return np.asarray(y + 1e-6 * rng.standard_normal(y.shape))


def _summed(samplers: list[Any], straight: Coordinates) -> Posterior:
    """Draws after burn-in (the first half), and whether they may be used."""
    chain = np.stack([one.get_chain() for one in samplers])
    density = np.stack([one.get_log_prob() for one in samplers])
    steps = chain.shape[1]
    chain, density = chain[:, steps // 2 :], density[:, steps // 2 :]
    tau = autocorrelation(chain)
    r_hat = split_r_hat(chain)
    size = chain.shape[0] * chain.shape[1] * chain.shape[2] / tau
    acceptance = float(np.mean([one.acceptance_fraction.mean() for one in samplers]))
    theta, _ = straight.back(chain.reshape(-1, chain.shape[-1]))
    return Posterior(
        theta.reshape(chain.shape),
        density,
        r_hat,
        tau,
        size,
        acceptance,
        steps,
        refusal(r_hat, size, tau, chain.shape[1]),
    )


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
    from emcee.autocorr import integrated_time  # type: ignore[import-untyped]

    times = [integrated_time(one, tol=0, quiet=True) for one in chain]
    tau = np.mean(times, axis=0)
    return np.asarray(np.where(np.isfinite(tau), np.maximum(tau, 1.0), len(chain[0])))
