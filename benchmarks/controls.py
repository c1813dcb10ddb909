"""What control variates gain in `sim compare --controls`, and how often its interval holds the effect.

    python benchmarks/controls.py                 # some minutes; writes controls-results.md
    python benchmarks/controls.py --pairs 400     # a look; prints, writes nothing

Many pairs of runs of one scenario are made, with their controls. All of them together give the effect (its error is a small part of
that of a comparison); cut into small comparisons they show how often an interval holds it, without and with controls. The gain is that of
the variance of a comparison's difference over all of them, not what each says of itself. Processor time is that of this process.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
import numpy.typing as npt  # noqa: E402

from sim.experiments.control_variates import GAIN, GOES_WITH, controlled  # noqa: E402
from sim.experiments.controls import CONTROLS, controls_of  # noqa: E402
from sim.experiments.paired import paired  # noqa: E402
from sim.experiments.replications import measures_of  # noqa: E402
from sim.model.engine import using  # noqa: E402
from sim.model.simulate import simulate  # noqa: E402
from sim.scenario import load  # noqa: E402
from sim.scenario.schema import WHOLE  # noqa: E402

Floats = npt.NDArray[np.float64]
POLICIES = {
    "no cut after the first failure": "rounds.second.cut=0",
    "first start at 70 %": "start.ratio=0.7",
}
MEASURES = (
    "sale_rate_final", "sale_rate_ended", "sale_rate_listed", "sale_rate_round", "lots_sold", "turnover", "recovery_all",
    "premium_mean", "days_to_sale_mean",
)  # fmt: skip
SIZES = (10, 20, 40)  # pairs of a comparison
PAIRS = 2400


def runs(overrides: list[str], pairs: int) -> tuple[Floats, Floats, Floats]:
    """Measures (scenarios, pairs, measures), controls (scenarios, pairs, controls), seconds (without, of controls)."""
    settings = [[*overrides, *more] for more in ([], *([one] for one in POLICIES.values()))]
    scenarios = [load("base", some).scenario for some in settings]
    found, controls = (
        np.empty((len(scenarios), pairs, len(MEASURES))),
        np.empty((len(scenarios), pairs, len(CONTROLS))),
    )
    seconds = np.zeros(2)
    for pair in range(pairs):
        for i, scenario in enumerate(scenarios):
            began = time.process_time()
            records = simulate(scenario, pair)
            measures = measures_of(scenario, pair, records)
            simulated = time.process_time()
            own = controls_of(scenario).of(pair, records.lots)
            seconds += simulated - began, time.process_time() - simulated
            found[i, pair] = [measures.value(name, WHOLE) for name in MEASURES]
            controls[i, pair] = [own.value(name, WHOLE) for name in CONTROLS]
    return found, controls, seconds


def rows(found: Floats, controls: Floats) -> Iterator[dict[str, Any]]:
    """For each policy, measure and size: coverage and gain."""
    for p, policy in enumerate(POLICIES, start=1):
        less = np.repeat((controls[p] - controls[0])[:, None], len(MEASURES), axis=1)
        truth = controlled(found[:1], found[p : p + 1], less[None], MEASURES)
        for size in SIZES:
            parts = found.shape[1] // size
            shape = parts, size, len(MEASURES)
            base, other = (found[i, : parts * size].reshape(shape).swapaxes(0, 1) for i in (0, p))
            own = less[: parts * size].reshape(*shape, len(CONTROLS)).swapaxes(0, 1)
            # A comparison is a cell: (1, pairs of a comparison, comparisons x measures).
            cells = parts * len(MEASURES)
            flat, names = (1, size, cells), list(MEASURES) * parts
            with_, without = (
                controlled(base.reshape(flat), other.reshape(flat), own.reshape(*flat, len(CONTROLS)), names),
                paired(base.reshape(flat), other.reshape(flat)),
            )
            for m, measure in enumerate(MEASURES):
                a, b = (one["difference"].reshape(parts, -1)[:, m] for one in (without, with_))
                yield {
                    "policy": policy, "measure": measure, "size": size, "comparisons": parts,
                    "effect": truth["difference"][m], "gain": a.var(ddof=1) / b.var(ddof=1), "bias": _bias(a, b),
                    "limit": truth[GAIN][m],
                    **{name: _covered(one, truth["difference"][m], parts, m) for name, one in (("without", without), ("with", with_))},
                }  # fmt: skip


def _bias(without: Floats, with_: Floats) -> float:
    """Mean of what controls took off, in its standard errors."""
    off = with_ - without
    return float(off.mean() / (off.std(ddof=1) / np.sqrt(len(off)))) if off.any() else 0.0


def _covered(found: dict[str, Floats], truth: float, parts: int, m: int) -> float:
    low, high = (found[name].reshape(parts, -1)[:, m] for name in ("ci_low", "ci_high"))
    return float(((low <= truth) & (truth <= high)).mean())


def page(found: list[dict[str, Any]], seconds: Floats, pairs: int) -> Iterator[str]:
    share = seconds[1] / seconds[0]
    yield "# What control variates gain in a comparison\n"
    yield f"`scenarios/base.toml`, compiled engine, {pairs:,} pairs, the whole period. Written by `python benchmarks/controls.py`."
    yield "*Gain*: variance of the difference without controls / with them, in comparisons of so many pairs. *At equal time*: the same,"
    yield f"divided by {1 + share:.2f}, since controls took {100 * share:.0f} % more processor time. *Limit*: the gain with any number of pairs."
    yield "*Covered*: 95 % intervals that hold the effect. *Off*: mean of what controls took off, in its own standard errors.\n"
    for policy in POLICIES:
        yield f"## {policy[0].upper()}{policy[1:]}\n"
        yield "| measure | pairs | gain | at equal time | limit | covered without | covered with | off |"
        yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        for one in found:
            if one["policy"] == policy and one["measure"] in GOES_WITH:
                yield (
                    f"| {one['measure']} | {one['size']} | {one['gain']:.1f} | {one['gain'] / (1 + share):.1f} | {one['limit']:.1f} "
                    f"| {100 * one['without']:.1f} % | {100 * one['with']:.1f} % | {one['bias']:+.1f} |"
                )
        yield ""
    number = {one["size"]: one["comparisons"] for one in found}
    errors = ", ".join(
        f"{100 * np.sqrt(0.95 * 0.05 / n):.1f} ({n} comparisons of {size})" for size, n in number.items()
    )
    yield f"Standard error of a coverage of 95 %, in points: {errors}."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--set", action="append", default=[])
    options = parser.parse_args()
    with using("compiled"):
        found, controls, seconds = runs(options.set, options.pairs)
    text = "\n".join(page(list(rows(found, controls)), seconds, options.pairs)) + "\n"
    print(text)
    if options.pairs == PAIRS and not options.set:
        (HERE / "controls-results.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
