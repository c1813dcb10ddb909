"""Which sampler gives the most effective draws a second on Shanxi's likelihood: see samplers-results.md, which --write writes.

    python benchmarks/samplers.py                     # all, each for three minutes of one processor
    python benchmarks/samplers.py --only dynesty --seconds 60

All have the same target: the likeliest interpretation with its facts, the simulated totals that are shipped, all parameters. Draws are
counted at their worth: of walks the least bulk or tail effective sample size of any parameter (Vehtari et al. 2021), with the shipped
function; of weighted draws the least of (sum w)^2 / sum w^2 and what the 5 and 95 % quantiles of any parameter are worth. Processor
time counts from the prior on, the search for a first population included.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)

import numpy as np  # noqa: E402

from benchmarks.shipped import shipped_interpretation  # noqa: E402
from calibration import pipeline  # noqa: E402
from calibration.estimation.density import Density, density  # noqa: E402
from calibration.estimation.ensemble import assimilated, prior_population  # noqa: E402
from calibration.estimation.kernel_density import smoothed  # noqa: E402
from calibration.estimation.posterior import diagnosed, run  # noqa: E402
from calibration.estimation.weights import effective  # noqa: E402
from calibration.forward_model.forward_model import ForwardModel  # noqa: E402
from calibration.settings import FULL  # noqa: E402
from calibration.targets.reader.load import load_targets  # noqa: E402

TOTALS = FULL.effort.totals  # simulated totals a vector
MEMBERS = 256  # of the ensemble smoother
WALKERS = 64
KERNELS = 512  # vectors a round of adaptive importance sampling
LIVE = 100  # of dynesty
OURS = "delayed acceptance on a surrogate (shipped)"


@dataclass
class Found:
    """What a sampler came to. ``worth``: effective draws, nan where it was not done; ``note``: what is to be said of it."""

    name: str
    evaluations: int
    seconds: float
    worth: float
    log_marginal: float
    middle: np.ndarray  # (p,) means in straight coordinates
    spread: np.ndarray
    note: str


class Counted:
    """A density that counts its evaluations, and knows when time is up."""

    def __init__(self, one: Density, seconds: float) -> None:
        self.one, self.evaluations, self.began, self.most = one, 0, time.process_time(), seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self.one, name)

    def drawing(self, totals: int) -> Counted:
        self.one = self.one.drawing(totals)
        return self

    def terms(self, y: np.ndarray) -> Any:
        self.evaluations += len(y)
        return self.one.terms(y)

    def log_posterior(self, y: np.ndarray) -> np.ndarray:
        return self.terms(y).log_posterior

    @property
    def seconds(self) -> float:
        return time.process_time() - self.began

    @property
    def up(self) -> bool:
        return self.seconds > self.most


def of_weights(name: str, one: Counted, y: np.ndarray, log_weight: np.ndarray, note: str) -> Found:
    from arviz_stats.base import array_stats

    log_marginal = float(np.logaddexp.reduce(log_weight) - np.log(len(y)))
    try:
        pareto_k = float(array_stats.psislw(log_weight - log_weight.max(), r_eff=1.0)[1])
    except ValueError:  # so few draws weigh anything that there is no tail
        pareto_k = np.inf
    w = np.exp(log_weight - log_weight.max())
    w /= w.sum()
    mean = w @ y
    worth = min(effective(log_weight), *(of_quantile(x, w, q) for x in y.T for q in (0.05, 0.95)))
    note = f"Pareto k {pareto_k:.2f}; {note}"
    return Found(name, one.evaluations, one.seconds, worth, log_marginal, mean, np.sqrt(w @ (y - mean) ** 2), note)  # fmt: skip


def of_quantile(x: np.ndarray, w: np.ndarray, q: float) -> float:
    """How many independent draws estimate the share of ``x`` below its quantile as well as these weighted ones."""
    order = np.argsort(x)
    below = np.zeros(len(x))
    below[order[: np.searchsorted(np.cumsum(w[order]), q) + 1]] = 1.0
    return float(q * (1.0 - q) / ((w * (below - q)) ** 2).sum())


def ours(one: Counted) -> Found:
    """One run with the shipped settings: four ensembles, which walk by delayed acceptance on a surrogate."""
    found = run(one, 1, FULL.effort)  # type: ignore[arg-type]
    y = found.y.reshape(-1, found.y.shape[-1])
    good = found.diagnostics
    log_marginal = float(np.logaddexp.reduce(found.log_marginals) - np.log(len(found.log_marginals)))
    note = (
        f"{len(found.y)} steps of {found.y.shape[1]} ensembles of {found.y.shape[2]} walkers; R-hat over ensembles {good.rhat.max():.3f};"
        f" {found.accepted:.0%} accepted; log marginals of ensembles differ by {good.marginal_sd:.2f} (sd)"
    )
    return Found(OURS, one.evaluations, one.seconds, good.effective, log_marginal, y.mean(axis=0), y.std(axis=0), note)  # fmt: skip


def population(one: Counted) -> np.ndarray:
    """The ensemble smoother's last members, likelier ones first."""
    rng = np.random.default_rng(1)
    ways, terms = assimilated(one, prior_population(one, MEMBERS, rng), rng)  # type: ignore[arg-type]
    return ways[-1][np.argsort(-terms[-1].log_posterior)]


def walkers(one: Counted) -> Found:
    """emcee with differences of walkers. Its snooker move, as released, does not leave a density as it is."""
    import emcee

    start = population(one)[:WALKERS]
    moves = [(emcee.moves.DEMove(), 0.9), (emcee.moves.DEMove(gamma0=1.0), 0.1)]
    sampler = emcee.EnsembleSampler(WALKERS, start.shape[1], one.log_posterior, vectorize=True, moves=moves)
    state = np.random.RandomState(1).get_state()
    with np.errstate(invalid="ignore"):
        for _ in sampler.sample(emcee.State(start, random_state=state), iterations=100_000, skip_initial_state_check=True):  # fmt: skip
            if one.up:
                break
    chain = sampler.get_chain(discard=sampler.iteration // 3)
    good = diagnosed(
        chain[:, None]
    )  # one ensemble: R-hat is between the first and the second half of its walk
    flat = chain.reshape(-1, chain.shape[2])
    note = f"{sampler.iteration} steps of {WALKERS} walkers, a third thrown away; R-hat between the halves of the walk {good.rhat.max():.2f}"
    return Found("emcee, differences of walkers", one.evaluations, one.seconds, good.effective, np.nan, flat.mean(axis=0), flat.std(axis=0), note)  # fmt: skip


def nested(one: Counted) -> Found:
    """dynesty: nested sampling with random walks inside ellipsoids."""
    import dynesty

    space = one.model.space

    def log_likelihood(unit: np.ndarray) -> float:
        y = one.straight.forward(space.from_unit(unit[None, :]))
        return max(float(one.terms(y).likelihood[0]), -1e9)

    sampler = dynesty.NestedSampler(
        log_likelihood, lambda u: np.clip(u, 1e-6, 1 - 1e-6), len(space.slots), nlive=LIVE, bound="multi", sample="rwalk",
        rstate=np.random.default_rng(1),
    )  # fmt: skip
    left = np.inf
    for result in sampler.sample(dlogz=0.5):
        left = float(result.delta_logz)
        if one.up:
            break
    done = left <= 0.5
    for _ in sampler.add_live_points() if done else ():
        pass
    found = sampler.results
    y = one.straight.forward(space.from_unit(np.asarray(found.samples)))
    w = np.exp(found.logwt - np.max(found.logwt))
    w /= w.sum()
    worth = float(1.0 / (w**2).sum()) if done else np.nan
    mean = w @ y
    note = f"{len(y)} points; " + ("done" if done else f"not done: {left:.0f} log points of the marginal likelihood still to come")  # fmt: skip
    return Found(f"dynesty, {LIVE} live points, random walks", one.evaluations, one.seconds, worth, float(found.logz[-1]), mean, np.sqrt(w @ (y - mean) ** 2), note)  # fmt: skip


def kernels(one: Counted) -> Found:
    """Adaptive importance sampling: Student laws around what weighs, round by round; the last rounds count."""
    rng = np.random.default_rng(1)
    y = population(one)
    law = smoothed(y, np.zeros(len(y)), rng)
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    while not (kept and one.up):
        drawn = law.draw(KERNELS, rng)
        weight = np.nan_to_num(one.log_posterior(drawn) - law.log_density(drawn), nan=-np.inf)
        kept = [*kept[-7:], (drawn, weight)]
        y, log_weight = (np.concatenate(part) for part in zip(*kept, strict=True))
        law = smoothed(y, log_weight, rng)
    worth = [effective(weight) for _, weight in kept]
    return of_weights("adaptive importance sampling with kernels", one, y, np.maximum(log_weight, -1e6), f"last rounds of {KERNELS} each worth {min(worth):.0f} to {max(worth):.0f}")  # fmt: skip


SAMPLERS: dict[str, Callable[[Counted], Found]] = {
    "ours": ours, "emcee": walkers, "dynesty": nested, "kernels": kernels
}  # fmt: skip


def page(found: list[Found], one: Density, seconds: float) -> str:
    base = next((f for f in found if f.name == OURS), found[0])
    lines = [
        "# Samplers on Shanxi's likelihood", "",
        f"`{one.interpretation.key}` with {len(one.facts)} facts: {len(one.model.space.slots)} parameters, {TOTALS} simulated totals a vector; each sampler for at most",
        f"{seconds:.0f} seconds of one processor (ours ends by itself). Written by `python benchmarks/samplers.py --write`, which says how draws",
        "are counted. *Off*: the farthest mean of a parameter from ours, in our posterior's standard deviations; *spread*: least and largest",
        "standard deviation over ours.", "",
        "| sampler | evaluations | seconds | effective draws | a second | log marginal | off | spread | |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- |",
    ]  # fmt: skip
    for f in found:
        off = float(np.abs((f.middle - base.middle) / base.spread).max())
        ratio = f.spread / base.spread
        worth = "-" if np.isnan(f.worth) else f"{f.worth:.0f}"
        rate = "-" if np.isnan(f.worth) else f"{f.worth / f.seconds:.2f}"
        marginal = "-" if np.isnan(f.log_marginal) else f"{f.log_marginal:.1f}"
        lines.append(f"| {f.name} | {f.evaluations} | {f.seconds:.0f} | {worth} | {rate} | {marginal} | {off:.1f} | {ratio.min():.2f}-{ratio.max():.2f} | {f.note} |")  # fmt: skip
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--only", choices=list(SAMPLERS), action="append")
    parser.add_argument("--seconds", type=float, default=180.0)
    parser.add_argument("--out", type=Path, default=Path("out/samplers"), help="where listing times are kept")
    parser.add_argument("--write", action="store_true", help="write samplers-results.md")
    options = parser.parse_args()
    targets = load_targets("shanxi")
    cache = pipeline.cache_of(options.out, targets)
    model = ForwardModel(targets, pipeline.inflows(targets, FULL, 1, cache, lambda *_: None), TOTALS)
    one = density(model, shipped_interpretation(targets), targets.evidence)
    one.terms(one.straight.forward(model.space.base[None, :]))  # compiled before the clock starts
    found = []
    for name in options.only or SAMPLERS:
        found.append(SAMPLERS[name](Counted(one, options.seconds)))
        print(
            found[-1].name, f"{found[-1].worth:.0f} in {found[-1].seconds:.0f} s;", found[-1].note, flush=True
        )
    text = page(found, one, options.seconds)
    print(text)
    if options.write:
        (HERE / "samplers-results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
