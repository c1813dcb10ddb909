"""The prediction tested on real auctions (docs/seoul.md): runs the protocol on rows and writes what came of it.

    python benchmarks/seoul.py ROWS.csv                    # half an hour of one processor; writes seoul-results.md and seoul-predictions.csv
    python benchmarks/seoul.py ROWS.csv --protocol my.toml --out folder    # another city

The rows are not part of the project. ``calibrate lots ROWS.csv --protocol seoul`` does the same and prints it.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[threads] = "1"
HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)

from calibration.lots import estimate_report as report  # noqa: E402
from calibration.lots.estimate import FEW  # noqa: E402
from calibration.lots.policy_answers import OUTCOMES, Answer, answers, unseparated  # noqa: E402
from calibration.lots.protocol import Tested, load_protocol, run  # noqa: E402
from calibration.lots.reader.read import read_lots  # noqa: E402
from sim.experiments.storage.tables import write_csv  # noqa: E402

NAMES = {"hazard": "sold in round {}", "price": "mean price / reference, round {}", "above": "round {} sales at or above first start"}  # fmt: skip


def page(test: Tested, given: dict[str, list[Answer]]) -> str:
    """The results as a page."""
    lots, file = test.lots, test.protocol
    few = [m for m, e in test.estimates.items() if e.few]
    models = [f"{m} †" if m in few else m for m in test.estimates]
    later = int((lots.ended >= test.later_from).sum())
    lines = [
        f"# {file.title}: a prediction tested", "",
        "Written by `python benchmarks/seoul.py ROWS`; the protocol, which was committed first, is [here](../docs/seoul.md). Fitted: rounds 1 and 2",
        f"of {len(test.fitted):,} lots; {later:,} ended later; {sum(lots.set_aside.values())} set aside ({', '.join(f'{reason} {n}' for reason, n in lots.set_aside.items())}).", "",
        "## Predicted and happened", "",
        *([f"† Fewer than {FEW:.0f} effective draws: {', '.join(few)}. What is predicted, estimated and answered under these models is not to be relied on; the best fit", "to all moments does not rest on draws.", ""] if few else []),
        "Predicted mean [95 %]; **bold**: a miss. Moments of rounds 1 and 2 are of lots that ended later, the others of all lots.", "",
        f"| moment | lots | happened | {' | '.join(models)} |", "| --- | ---: | ---: |" + " ---: |" * len(models),
    ]  # fmt: skip
    for name in file.scores.moments:
        kind, _, number = name.partition(".")
        mine = [s for s in test.scores if s.moment == name]
        cells = [f"{s.mean:.3f} [{s.low:.3f}, {s.high:.3f}]" for s in mine]
        cells = [f"**{cell}**" if s.miss else cell for s, cell in zip(mine, cells, strict=True)]
        lines.append(f"| {NAMES[kind].format(number)} | {mine[0].observed.number} | {mine[0].observed.value:.3f} ± {mine[0].observed.error:.3f} | {' | '.join(cells)} |")  # fmt: skip
    lines += [
        "", "## Models", "",
        "| model | chi2 of the prediction | misses | log density of outcomes | chi2 of the best fit to all moments | log marginal likelihood of the fitted rows | effective draws |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {m} | {test.chi2(m):.1f} | {sum(s.miss for s in test.of(m))} | {test.log_density(m):.1f} | {test.best_chi2[m]:.1f} | {e.log_marginal:.1f} | {e.effective:.0f} |"
            for m, e in test.estimates.items()
        ), "",
        f"Pairs between which the fitted rows do not decide (a Bayes factor below twenty{', models with few draws left out' if few else ''}): {'; '.join(' and '.join(pair) for pair in unseparated(test.estimates)) or 'none'}.", "",
        "## Parameters", "", "Posterior median [95 %]; – not in the model.", "", f"| parameter | {' | '.join(models)} |", "| --- |" + " ---: |" * len(models),
    ]  # fmt: skip
    for name in (
        test.estimates["both"].space.names
        if "both" in test.estimates
        else next(iter(test.estimates.values())).space.names
    ):
        cells = []
        for e in test.estimates.values():
            low, median, high = e.interval(name) if name in e.space.names else (0.0, 0.0, 0.0)
            cells.append(f"{median:.3g} [{low:.3g}, {high:.3g}]" if name in e.space.names else "–")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += [
        "", "## What each would answer", "", "Effects in points of share or of reference price, median [95 %].", "",
        f"| policy | outcome | {' | '.join(models)} |", "| --- | --- |" + " ---: |" * len(models),
    ]  # fmt: skip
    for q, one in enumerate(next(iter(given.values()))):
        starts = " ".join(f"{100 * x:.0f}" for x in one.question.starts)
        instead = " ".join(f"{100 * x:.0f}" for x in one.question.instead)
        for outcome in OUTCOMES:
            cells = [_effect(mine[q], outcome) for mine in given.values()]
            lines.append(f"| {starts} instead of {instead} % | {outcome} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _effect(one: Answer, outcome: str) -> str:
    low, median, high = one.interval(outcome)
    return f"{100 * median:+.1f} [{100 * low:+.1f}, {100 * high:+.1f}]"


def write(test: Tested, to: Path, name: str) -> None:
    """The page and the table of predictions."""
    given = {m: answers(e, test.fitted, test.protocol.assumed, 200) for m, e in test.estimates.items()}
    (to / f"{name}-results.md").write_text(page(test, given), encoding="utf-8")
    write_csv(to / f"{name}-predictions.csv", report.moment_columns(test))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("rows", type=Path)
    parser.add_argument("--protocol", default="seoul")
    parser.add_argument("--out", type=Path, default=HERE)
    options = parser.parse_args()
    found = read_lots([options.rows])
    assert found.histories is not None
    test = run(load_protocol(options.protocol), found.histories, tick=lambda model: print(model, flush=True))
    write(test, options.out, Path(options.protocol).stem)


if __name__ == "__main__":
    main()
