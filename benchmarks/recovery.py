"""Does known truth come back? Provinces simulated at known parameters, calibrated on their print. See calibration/recovery.py.

    python benchmarks/recovery.py                    # fifty provinces, one process, about an hour; goes on if stopped
    python benchmarks/recovery.py --provinces 2      # a look; writes no results
    python benchmarks/recovery.py --tell             # the tables again, from what is in --out

Every province is a JSON file in --out. Writes recovery-results.md and recovery-results.csv when all are there.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
from scipy.stats import binom, chi2, kstest  # noqa: E402

from calibration import recovery  # noqa: E402
from calibration.exposure import Exposure  # noqa: E402
from calibration.targets import Targets, load_targets  # noqa: E402
from calibration.world import World  # noqa: E402

TARGETS = HERE / "recovery.toml"
TABLE, REPORT = HERE / "recovery-results.csv", HERE / "recovery-results.md"
ALL = 50


def one(
    number: int, targets: Targets, exposures: list[Exposure], bank: recovery.Bank, effort: recovery.Effort
) -> dict[str, Any]:
    """Province ``number``, simulated and calibrated."""
    mine = recovery.seeded(targets, number)
    made = recovery.province(World(mine, exposures, effort.draws), mine.readings(), number)
    return {"number": number, **recovery.calibrate(made, exposures, bank, effort)}


def keep(folder: Path, number: int, found: dict[str, Any]) -> None:
    """Write a province's file whole."""
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".province-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(found, file, indent=1)
    os.replace(temporary, folder / f"province-{number:03d}.json")


def rows_of(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The table, one row a quantity, moment or whole: what recovery-results.csv holds."""
    kept = [one for one in found if not one["ruled_out"]]
    names = [n for n in kept[0]["quantities"] if any(one["quantities"][n]["truth"] != 0.0 for one in kept)]
    scores = sorted({key.split("@")[0] for one in found for key in one["z"]})
    return [
        *(_coverage(name, [one["quantities"][name] for one in kept]) for name in names),
        *(_z(name, found) for name in scores),
        _distance(found),
        {"about": "all", "name": "provinces", "number": len(found), "ruled_out": len(found) - len(kept)},
    ]


def _coverage(name: str, rows: list[dict[str, float]]) -> dict[str, Any]:
    """How often the truth lay where it was said to lie, and how often it may, and uniformity of its ranks."""
    rank, truth = (np.array([row[key] for row in rows]) for key in ("rank", "truth"))
    made: dict[str, Any] = {"about": "quantity", "name": name, "number": len(rows)}
    made["learnt"] = float(np.median([row["learnt"] for row in rows]))
    for level in recovery.LEVELS:
        percent = f"{100 * level:.0f}"
        least, most = (int(x) for x in binom.interval(0.95, len(rows), level))
        inside = int((np.abs(rank - 0.5) <= level / 2.0).sum())
        low, high = (np.array([row[f"set_{side}{percent}"] for row in rows]) for side in ("low", "high"))
        made |= {
            f"inside{percent}": inside, f"least{percent}": least, f"most{percent}": most,
            f"set{percent}": int(((truth >= low) & (truth <= high)).sum()),
        }  # fmt: skip
    return made | {"mean": float(rank.mean()), "p": float(kstest(rank, "uniform").pvalue)}


def _z(name: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    """z of the truth in all windows: mean 0 and sd 1 if the moments' means and errors are right."""
    z = np.array([x for one in found for key, x in one["z"].items() if key.split("@")[0] == name])
    z = z[np.isfinite(z)]
    return {
        "about": "z", "name": name, "number": len(z), "mean": float(z.mean()), "mean_se": 1.0 / np.sqrt(len(z)),
        "sd": float(z.std(ddof=1)), "sd_se": 1.0 / np.sqrt(2.0 * (len(z) - 1)), "beyond3": int((np.abs(z) > 3).sum()),
    }  # fmt: skip


def _distance(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The truth's distance from its print against the chi-square it would be were all errors normal."""
    p = np.array([chi2.sf(one["distance"]["value"], one["distance"]["freedom"]) for one in found])
    least, most = (int(x) for x in binom.interval(0.95, len(p), 0.05))
    return {
        "about": "distance", "name": "chi-square", "number": len(p), "inside95": int((p >= 0.05).sum()),
        "least95": len(p) - most, "most95": len(p) - least, "p": float(kstest(p, "uniform").pvalue),
    }  # fmt: skip


COLUMNS = (
    "about", "name", "number", "learnt", "inside50", "least50", "most50", "inside95", "least95", "most95", "set50",
    "set95", "mean", "mean_se", "sd", "sd_se", "beyond3", "p", "ruled_out",
)  # fmt: skip


def write(found: list[dict[str, Any]]) -> None:
    """recovery-results.csv and recovery-results.md."""
    rows = rows_of(found)
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, COLUMNS, restval="")
        out.writeheader()
        for row in rows:
            told = {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()}
            out.writerow(told | {"name": str(row["name"]).replace(" ", "_")})
    REPORT.write_text(report(rows, found), encoding="utf-8")


def report(rows: list[dict[str, Any]], found: list[dict[str, Any]]) -> str:
    """The report."""
    n = rows[0]["number"]
    seconds = sum(one["seconds"] for one in found) / len(found)
    readings = sorted({one["reading"] for one in found})
    of = {about: [row for row in rows if row["about"] == about] for about in ("quantity", "z", "distance")}
    lines = [
        "# Does known truth come back?", "",
        f"{len(found)} provinces of Shanxi's size, simulated at parameters drawn from the prior and printed with Shanxi's digits;",
        f"{len(found) - n} of them ruled out by wave 1 under their own reading. Eight parameters, {len(readings)} readings, no discrepancy (here",
        f"the model is the world). Some {seconds:.0f} seconds each on a shared machine. Made by `python benchmarks/recovery.py`;",
        "what is done: `calibration/recovery.py`.", "",
        "## Coverage", "",
        f"Of {n} truths, how many lay in the posterior's central interval, and how many may (95 % of the binomial law). *Learnt*: how far",
        "the posterior's variance is below the prior's, median. *Ranks*: mean (0.5 if unbiased), and the chance of ranks less uniform",
        "(Kolmogorov-Smirnov). *Set*: the same intervals of wave 1's set, which is no posterior and promises no share.", "",
        "| quantity | learnt | in 50 % | may | in 95 % | may | mean rank | p | set 50 % | set 95 % |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {r['name']} | {100 * r['learnt']:.0f} % | {mark(r, '50')} | {r['least50']}-{r['most50']} | {mark(r, '95')} "
            f"| {r['least95']}-{r['most95']} | {r['mean']:.2f} | {r['p']:.2f} | {r['set50']} | {r['set95']} |"
            for r in of["quantity"]
        ), "",
        "In bold: outside. Of so many rows that are not independent, some are outside by chance.", "",
        "## The truth against its print", "",
        "(model - print) / sd at the true parameters, all windows: what the calibration believes of means and errors, without a fit.", "",
        "| moment | number | mean | s.e. | sd | s.e. | beyond 3 |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {r['name']} | {r['number']} | {r['mean']:+.2f} | {r['mean_se']:.2f} | {r['sd']:.2f} | {r['sd_se']:.2f} | {r['beyond3']} |"
            for r in of["z"]
        ), "",
        *(
            f"All moments together, correlations counted: {r['inside95']} of {r['number']} within the 95 % of a chi-square ({r['least95']}-{r['most95']} may be)."
            for r in of["distance"]
        ), "",
    ]  # fmt: skip
    return "\n".join(lines)


def mark(row: dict[str, Any], percent: str) -> str:
    right = row[f"least{percent}"] <= row[f"inside{percent}"] <= row[f"most{percent}"]
    return str(row[f"inside{percent}"]) if right else f"**{row[f'inside{percent}']}**"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--provinces", type=int, default=ALL)
    parser.add_argument("--out", type=Path, default=Path("out/recovery"))
    parser.add_argument("--tell", action="store_true", help="calibrate nothing, write what is there")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    effort, targets = recovery.Effort(), recovery.exact(load_targets(TARGETS))
    missing = [n for n in range(asked.provinces) if not (asked.out / f"province-{n:03d}.json").exists()]
    if missing and not asked.tell:
        exposures = recovery.timing(targets, effort)
        bank = recovery.Bank(World(targets, exposures, effort.draws), effort.bank, targets.seed)
        for number in missing:
            found = one(number, targets, exposures, bank, effort)
            keep(asked.out, number, found)
            told = f"{found['seconds']:5.0f} s  {found['reading']}  worth {found['worth']:.0f} draws"
            print(f"{number:3d}  {told}", flush=True)
    every = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(asked.out.glob("province-*.json"))
    ]
    if asked.tell or len(every) >= ALL:
        write(every)


if __name__ == "__main__":
    main()
