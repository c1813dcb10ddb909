"""Closed forms against the simulator at draws of a posterior: every fitted figure and every policy effect.

    python benchmarks/closed_forms.py                       # 20 draws, 40 replications each: some 20 minutes of a core
    python benchmarks/closed_forms.py --draws 4 --replications 10 --quick    # prints, writes nothing

Samples the posterior of one interpretation (quick settings), takes draws of it, and simulates each as things are and without
the cut. A row's bias is closed form less simulator, in the mean over draws, beside the posterior's sd of the same number: a
quarter of it is what may be left. Replications are others at every draw, so that errors are independent. Writes
closed-forms-results.csv (by draw) and closed-forms-results.md.
"""

from __future__ import annotations

import argparse
import csv
import math
import os
import pickle
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np  # noqa: E402

from benchmarks.shipped import shipped_interpretation  # noqa: E402
from calibration import steps  # noqa: E402
from calibration.answers import policy, simulated  # noqa: E402
from calibration.estimation.density import Density, density  # noqa: E402
from calibration.estimation.posterior import posterior  # noqa: E402
from calibration.forward_model.forward_model import BATCH, ForwardModel, grid_of  # noqa: E402
from calibration.settings import QUICK  # noqa: E402
from calibration.targets.parameter_space import space  # noqa: E402
from calibration.targets.reader.load import load_targets  # noqa: E402
from calibration.targets.targets import Targets  # noqa: E402

SPREAD = 400  # draws that the posterior's sd is computed from
FIRST = 50_000  # replications that listing times are not taken from
ASKED = ("cut-00", policy.HEADLINE)
TOTALS = 1024  # simulated totals a vector, for the closed forms' means: with the likelihood's few they would err by themselves
KEPT = 0.25  # of the posterior sd: a bias below it is let be
BEYOND, UNKNOWN = "beyond a quarter", "not distinguished from 0"


def kept(folder: Path, name: str, make: Any) -> Any:
    """What ``make`` gives, from the folder where it is there."""
    path = folder / f"{name}.pickle"
    if not path.exists():
        path.write_bytes(pickle.dumps(make()))
    return pickle.loads(path.read_bytes())


def _exposed(targets: Targets, point: tuple[float, ...]) -> Any:
    return steps.expose(None, targets, point, QUICK.listings)


def _played(
    one: Density, questions: list[policy.Question], replications: int, folder: Path, draw: tuple[int, Any]
) -> Any:
    number, theta = draw
    first = FIRST + number * replications
    return kept(folder, f"played-{number}-{replications}", lambda: [
        simulated.played(one.model, theta, one.moments, one.interpretation.basis, questions, first + n)
        for n in range(replications)
    ])  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("targets", nargs="?", default="shanxi")
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--replications", type=int, default=40)
    parser.add_argument(
        "--interpretation", help="interpretation of the figures; else what the calibrated scenario states"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--keep", type=Path, help="folder for what takes long")
    parser.add_argument("--quick", action="store_true", help="print only")
    given = parser.parse_args()
    folder = given.keep or Path(tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    targets = load_targets(given.targets)
    by_key = {one.key: one for one in targets.interpretations()}
    if given.interpretation is None:
        given.interpretation = shipped_interpretation(targets, given.targets).key
    if given.interpretation not in by_key:
        parser.error(f"--interpretation {given.interpretation}: one of {', '.join(by_key)}")
    interpretation = by_key[given.interpretation]
    with ProcessPoolExecutor(given.jobs) as pool:
        points = grid_of(space(targets.free, list(targets.windows))).points
        inflows = kept(folder, "inflows", lambda: list(pool.map(partial(_exposed, targets), points)))
        model = ForwardModel(targets, inflows, QUICK.effort.totals)
        sample = partial(
            steps.sampled, model, interpretation, targets.evidence, 1.0, targets.seed, QUICK.effort
        )
        one = density(model, interpretation, targets.evidence)
        whole = posterior(one, kept(folder, "run", sample))
        theta = whole.draws(given.draws, targets.seed)
        questions = [q for q in policy.questions(one.model) if q.key in ASKED]
        task = partial(_played, one, questions, given.replications, folder)
        found = list(pool.map(task, enumerate(theta)))
    rows = compared(one, questions, theta, whole.draws(SPREAD, targets.seed + 1), found)
    biases = list(biases_of(rows))
    text = [*table(biases), "", *summary(biases)]
    print("\n".join(text))
    if not given.quick:
        with (HERE / "closed-forms-results.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        text = [
            "# Closed forms against the simulator", "",
            f"Written by `python benchmarks/closed_forms.py`: {given.targets}, interpretation `{interpretation.key}`,",
            f"{len(theta)} draws of the posterior, {given.replications} replications at each, {TOTALS} simulated totals for the closed forms' means. Figures",
            "are on the scale on which the likelihood compares them, policy outcomes are of all lots listed in the windows.", "", *text, "",
        ]  # fmt: skip
        (HERE / "closed-forms-results.md").write_text("\n".join(text), encoding="utf-8")


def compared(
    one: Density, questions: list[policy.Question], theta: Any, spread: Any, found: Any
) -> list[dict[str, Any]]:
    """A row for each draw and number: closed form, simulator, its standard error, the posterior's sd."""

    def closed(by: Density, at: Any) -> Any:
        parts = [by.predict(at[i : i + BATCH]).mean for i in range(0, len(at), BATCH)]
        answers = policy.answers(by.model, at, questions)
        return np.concatenate([np.concatenate(parts), answers[:, 1], answers[:, 1] - answers[:, 0]], axis=1)

    names = [m.key for m in one.moments]
    names += [f"{o} {questions[1].key}" for o in policy.OUTCOMES]
    names += [f"{o} {questions[1].key} less {questions[0].key}" for o in policy.OUTCOMES]
    means, sd = closed(one.drawing(TOTALS), theta), closed(one, spread).std(axis=0)
    rows = []
    for d, runs in enumerate(found):
        x = np.array([[*r.figures, *r.outcomes[1], *(r.outcomes[1] - r.outcomes[0])] for r in runs])
        x[~np.isfinite(x)] = np.nan
        se = np.nanstd(x, axis=0, ddof=1) / np.sqrt(np.isfinite(x).sum(axis=0))
        for i, name in enumerate(names):
            rows.append({
                "draw": d, "number": name, "closed": means[d, i], "simulated": float(np.nanmean(x[:, i])),
                "se": float(se[i]), "posterior_sd": float(sd[i]),
            })  # fmt: skip
    return rows


@dataclass(frozen=True)
class Bias:
    """Of one number, in the mean over draws; ``se``: standard error of the simulator's mean; ``sd``: the posterior's."""

    name: str
    closed: float
    simulated: float
    se: float
    sd: float

    @property
    def ratio(self) -> float:
        return (self.closed - self.simulated) / self.sd if self.sd > 0.0 else math.inf

    @property
    def verdict(self) -> str:
        if abs(self.ratio) < KEPT:
            return ""
        clear = abs(self.closed - self.simulated) > 2.0 * self.se
        return BEYOND if clear else UNKNOWN


def biases_of(rows: list[dict[str, Any]]) -> Iterator[Bias]:
    """Mean over draws, by number; what a policy does not change is left out."""
    for name in dict.fromkeys(row["number"] for row in rows):
        mine = [row for row in rows if row["number"] == name]
        closed, simulated_, sd = (
            float(np.mean([row[k] for row in mine])) for k in ("closed", "simulated", "posterior_sd")
        )
        se = float(np.sqrt(np.mean([row["se"] ** 2 for row in mine]) / len(mine)))
        if sd > 1e-9 or abs(closed - simulated_) > 2.0 * se:
            yield Bias(name, closed, simulated_, se, sd)


def table(biases: list[Bias]) -> list[str]:
    return [
        "| number | closed form | simulator | bias | standard error | posterior sd | bias / sd | |",
        "| --- | " + "--: | " * 6 + "--- |",
        *(
            f"| {b.name} | {b.closed:.4f} | {b.simulated:.4f} | {b.closed - b.simulated:+.4f} | {b.se:.4f} | {b.sd:.4f} |"
            f" {b.ratio:+.2f} | {b.verdict} |"
            for b in biases
        ),
    ]


def summary(biases: list[Bias]) -> list[str]:
    """The table in words."""
    good = sum(not b.verdict for b in biases)
    text = [f"Of {len(biases)} numbers {good} have a bias below a quarter of the posterior's sd."]
    for verdict, words in (
        (BEYOND, "Biased by more than that"),
        (UNKNOWN, "By more, but within two standard errors of none"),
    ):
        named = [f"{b.name} ({b.ratio:+.2f} sd)" for b in biases if b.verdict == verdict]
        if named:
            text.append(f"{words}: {', '.join(named)}.")
    return text


if __name__ == "__main__":
    main()
