"""Does known truth come back? Provinces simulated at known parameters, calibrated on their print. See calibration/recovery.py.

    python benchmarks/recovery.py                    # fifty provinces, one process, about an hour; goes on if stopped
    python benchmarks/recovery.py --provinces 2      # a look; writes no results
    python benchmarks/recovery.py --tell             # the tables again, from what is in --out

Every province is a JSON file in --out. Writes recovery-results.md and .csv when the fifty are there; with --tell, of other
provinces, recovery-some.md and .csv.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import numpy as np  # noqa: E402
from scipy.stats import binom, chi2, kstest  # noqa: E402

from calibration import recovery  # noqa: E402
from calibration.exposure import Exposure  # noqa: E402
from calibration.file.load import load_targets  # noqa: E402
from calibration.moments import AGGREGATED  # noqa: E402
from calibration.targets import Targets  # noqa: E402
from calibration.world import World  # noqa: E402
from sim.experiments.whole import write_whole  # noqa: E402

TARGETS = HERE / "recovery.toml"
FIRST = 100  # the likelihood's kernel, its draws and the sampler were chosen on provinces 0 to 99: the proof is about others
ALL = 50
SEEN = (32, 128, 512)  # draws with which the truth's premium is looked at


def one(
    number: int, targets: Targets, exposures: list[Exposure], bank: recovery.Bank, effort: recovery.Effort
) -> dict[str, Any]:
    """Province ``number``, simulated and calibrated."""
    mine = recovery.seeded(targets, number)
    made = recovery.province(World(mine, exposures, effort.draws), mine.readings(), number)
    return {"number": number, **recovery.calibrate(made, exposures, bank, effort)}


def keep(folder: Path, number: int, found: dict[str, Any]) -> None:
    """Write a province's file whole."""
    write_whole(folder / f"province-{number:03d}.json", json.dumps(found, indent=1).encode())


def rows_of(found: list[dict[str, Any]], tails: dict[str, list[dict[str, float]]]) -> list[dict[str, Any]]:
    """The table, one row a quantity, a moment, or about all: what recovery-results.csv holds."""
    names = [n for n in found[0]["quantities"] if any(one["quantities"][n]["truth"] != 0.0 for one in found)]
    moments = sorted({key.split("@")[0] for one in found for key in one["z"]})
    worth = [one["worth"] for one in found]
    return [
        *(_coverage(name, [one["quantities"][name] for one in found], worth) for name in names),
        *(_z("z", name, [one["z"] for one in found]) for name in moments),
        *(_z("tails", f"premium S={s}", [_only(z, "premium") for z in tails[s]]) for s in tails),
        _distance(found),
        *_split(found),
        {
            "about": "all",
            "name": "draws",
            "number": len(found),
            "mean": float(np.median(worth)),
            "least50": min(worth),
        },
    ]


def _coverage(name: str, rows: list[dict[str, float]], worth: list[float]) -> dict[str, Any]:
    """How often the truth lay where it was said to lie, and how often it may, and uniformity of its ranks."""
    rank = np.array([row["rank"] for row in rows])
    made: dict[str, Any] = {"about": "quantity", "name": name, "number": len(rows)}
    made["learnt"] = float(np.median([row["learnt"] for row in rows]))
    for level in recovery.LEVELS:
        percent = f"{100 * level:.0f}"
        least, most = may(worth, level)
        inside = int((np.abs(rank - 0.5) <= level / 2.0).sum())
        made |= {f"inside{percent}": inside, f"least{percent}": least, f"most{percent}": most}
    return made | {"mean": float(rank.mean()), "p": float(kstest(rank, "uniform").pvalue)}


def may(worth: list[float], level: float) -> tuple[int, int]:
    """Ends of the central 95 % of how many truths lie inside, were all right: of n draws, the truth's rank is equally
    likely 0 to n, so an interval of few draws covers less than it says. (The binomial law where draws are many.)
    """
    law = np.ones(1)
    for n in (max(round(w), 1) for w in worth):
        ranks = np.arange(n + 1) / n
        p = float((np.abs(ranks - 0.5) <= level / 2.0).mean())
        law = np.convolve(law, [1.0 - p, p])
    below = np.cumsum(law)
    return int(np.searchsorted(below, 0.025)), int(np.searchsorted(below, 0.975))


def _only(z: dict[str, float], name: str) -> dict[str, float]:
    return {key: x for key, x in z.items() if key.split("@")[0] == name}


def _z(about: str, name: str, found: list[dict[str, float]]) -> dict[str, Any]:
    """z of the truth in all windows: mean 0 and sd 1 if the moments' means and errors are right."""
    z = np.array(
        [x for one in found for key, x in one.items() if about == "tails" or key.split("@")[0] == name]
    )
    z = z[np.isfinite(z)]
    return {
        "about": about, "name": name, "number": len(z), "mean": float(z.mean()), "mean_se": 1.0 / np.sqrt(len(z)),
        "sd": float(z.std(ddof=1)), "sd_se": 1.0 / np.sqrt(2.0 * (len(z) - 1)), "beyond3": int((np.abs(z) > 3).sum()),
    }  # fmt: skip


FAR = 2.5  # z of an aggregate from which on print is called rare
HEADLINE = "sold_ever cut-20 less cut-00"


def _split(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Coverage of a policy effect where all aggregates are near the truth's, and where one is far: is it tails that fail?"""
    far = [
        max(abs(x) for key, x in one["z"].items() if key.split("@")[0] in AGGREGATED) >= FAR for one in found
    ]
    rows = []
    for name, side in (("near", False), ("far", True)):
        mine = [one["quantities"][HEADLINE]["rank"] for one, f in zip(found, far, strict=True) if f == side]
        inside = sum(abs(rank - 0.5) <= 0.475 for rank in mine)
        rows.append({"about": "split", "name": name, "number": len(mine), "inside95": inside})
    return rows


def _distance(found: list[dict[str, Any]]) -> dict[str, Any]:
    """The truth's distance from its print against the chi-square it would be were all errors normal."""
    p = np.array([chi2.sf(one["distance"], len(one["z"])) for one in found])
    least, most = (int(x) for x in binom.interval(0.95, len(p), 0.95))
    return {
        "about": "distance", "name": "chi-square", "number": len(p), "inside95": int((p >= 0.05).sum()),
        "least95": least, "most95": most, "p": float(kstest(p, "uniform").pvalue),
    }  # fmt: skip


COLUMNS = (
    "about", "name", "number", "learnt", "inside50", "least50", "most50", "inside95", "least95", "most95",
    "mean", "mean_se", "sd", "sd_se", "beyond3", "p",
)  # fmt: skip


def write(name: str, found: list[dict[str, Any]], tails: dict[str, list[dict[str, float]]]) -> None:
    """The table as CSV and the page."""
    rows = rows_of(found, tails)
    with (HERE / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        out.writeheader()
        for row in rows:
            told = {k: f"{v:.4g}" if isinstance(v, float) else v for k, v in row.items()}
            out.writerow(told | {"name": str(row["name"]).replace(" ", "_")})
    (HERE / f"{name}.md").write_text(report(rows, found), encoding="utf-8")


def report(rows: list[dict[str, Any]], found: list[dict[str, Any]]) -> str:
    """The page."""
    of = {
        about: [row for row in rows if row["about"] == about]
        for about in ("quantity", "z", "tails", "distance", "split", "all")
    }
    seconds = np.mean([one["seconds"] for one in found])
    tried = sum(one["tried"] for one in found)
    readings = len({one["reading"] for one in found})
    (whole,), (distance,) = of["all"], of["distance"]
    lines = [
        "# Does known truth come back?", "",
        f"{len(found)} provinces of Shanxi's size, simulated at five parameters drawn from the prior (of {tried} simulated, those whose",
        f"print is like a court's) and printed with Shanxi's digits, under {readings} readings. No discrepancy: here the model is the world.",
        f"A posterior is worth {whole['mean']:.0f} independent draws (median; least {whole['least50']:.0f}) and took {seconds:.0f} seconds of a busy processor.",
        "Written by `python benchmarks/recovery.py`; what is done: `calibration/recovery.py`, `benchmarks/recovery.toml`.", "",
        "## Coverage", "",
        f"Of {len(found)} truths, how many lay in the posterior's central interval, and how many may were all right (95 % of that law, binomial",
        "but for posteriors of few draws, whose intervals cover a little less than they say). *Learnt*: how far",
        "the posterior's variance is below the prior's, median. Ranks of the truth among draws: mean (0.5 if unbiased), and the chance",
        "of ranks less uniform (Kolmogorov-Smirnov).", "",
        "| quantity | learnt | in 50 % | may | in 95 % | may | mean rank | p |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {r['name']} | {100 * r['learnt']:.0f} % | {mark(r, '50')} | {r['least50']}-{r['most50']} | {mark(r, '95')} "
            f"| {r['least95']}-{r['most95']} | {r['mean']:.2f} | {r['p']:.2f} |"
            for r in of["quantity"]
        ), "",
        "In bold: outside. Rows are not independent of one another; of so many, some are outside by chance.", "",
        "## The truth against its print", "",
        "(model - print) / sd at the true parameters, all windows: what the calibration believes of means and errors, without a fit.", "",
        "| moment | number | mean | s.e. | sd | s.e. | beyond 3 |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        *(
            f"| {r['name']} | {r['number']} | {r['mean']:+.2f} | {r['mean_se']:.2f} | {r['sd']:.2f} | {r['sd_se']:.2f} | {r['beyond3']} |"
            for r in of["z"] + of["tails"]
        ), "",
        f"All moments of a province together, correlations counted: {distance['inside95']} of {distance['number']} truths are within 95 % of a",
        f"chi-square ({distance['least95']} to {distance['most95']} may be; aggregates have heavier tails than that).", "",
        *(
            f"Where {word} {FAR} sd of what the truth gives, {r['inside95']} of {r['number']} posteriors hold the truth of '{HEADLINE}' in 95 %."
            for r, word in zip(of["split"], ("every aggregate is within", "one is not within"), strict=True)
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
    parser.add_argument("--first", type=int, default=FIRST, help="number of the first province")
    parser.add_argument("--out", type=Path, default=Path("out/recovery"))
    parser.add_argument("--tell", action="store_true", help="calibrate nothing, write what is there")
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    effort, targets = recovery.Effort(), recovery.exact(load_targets(TARGETS))
    numbers = range(asked.first, asked.first + asked.provinces)
    missing = [n for n in numbers if not (asked.out / f"province-{n:03d}.json").exists()]
    exposures: list[Exposure] = []
    if missing and not asked.tell:
        exposures = recovery.timing(targets, effort)
        bank = recovery.Bank(World(targets, exposures, effort.draws), effort.bank, targets.seed)
        for number in missing:
            found = one(number, targets, exposures, bank, effort)
            keep(asked.out, number, found)
            told = f"{found['seconds']:5.0f} s  {found['reading']}  worth {found['worth']:.0f} draws"
            print(f"{number:3d}  {told}", flush=True)
    paths = [asked.out / f"province-{n:03d}.json" for n in numbers]
    every = [json.loads(path.read_text(encoding="utf-8")) for path in paths if path.exists()]
    whole = [one["number"] for one in every] == list(range(FIRST, FIRST + ALL))
    if not every or not (whole or asked.tell):
        return
    tails = asked.out / f"tails-{asked.first}-{len(every)}.json"
    if not tails.exists():
        held = exposures or recovery.timing(targets, effort)
        looked = {str(s): [recovery.at_the_truth(targets, held, one, s) for one in every] for s in SEEN}
        tails.write_text(json.dumps(looked), encoding="utf-8")
    write(
        "recovery-results" if whole else "recovery-some", every, json.loads(tails.read_text(encoding="utf-8"))
    )


if __name__ == "__main__":
    main()
