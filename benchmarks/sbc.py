"""Simulation-based calibration of the shipped estimate: see calibration/validation/sbc.py.

    python benchmarks/sbc.py                   # a hundred provinces, some hours of one processor; goes on if stopped
    python benchmarks/sbc.py --jobs 2          # in two processes
    python benchmarks/sbc.py --minutes 60      # none is begun after an hour
    python benchmarks/sbc.py --keep            # what is in --out joins sbc-provinces.csv and sbc-quantities.csv

Every province is a CSV in --out. Those that are kept in the two files here are not calibrated again, unless the log density of
the first one's truth has changed: then they are of another code, and it stops. When all are there it writes sbc-results.md,
sbc-results.csv and sbc-ranks.svg.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Iterator
from functools import lru_cache
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[threads] = "1"  # processes are what is many
HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)

import numpy as np  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402

from calibration import pipeline  # noqa: E402
from calibration.forward_model.forward_model import ForwardModel  # noqa: E402
from calibration.settings import FULL  # noqa: E402
from calibration.targets.reader.load import load_targets  # noqa: E402
from calibration.validation import sbc  # noqa: E402
from sim.experiments.storage.atomic import write_whole  # noqa: E402

ALL = 100
PROVINCES, QUANTITIES = HERE / "sbc-provinces.csv", HERE / "sbc-quantities.csv"
OF_A_QUANTITY = ("name", "truth", "rank", "low", "median", "high")
SAME = 1e-6  # of the log density
LEAST = 0.1  # from how much narrower than the prior on a quantity is called identified


@lru_cache(maxsize=1)
def model(folder: Path) -> ForwardModel:
    """The model that provinces are drawn from, its listing times kept in the folder."""
    targets = load_targets("shanxi")
    cache = pipeline.cache_of(folder, targets)
    return ForwardModel(targets, pipeline.inflows(targets, FULL, 1, cache, lambda *_: None), 1)


def one(task: tuple[Path, int, float]) -> str:
    """Province of a number, written to its file; what to say of it, nothing where it is too late to begin."""
    folder, number, end = task
    if time.time() > end:
        return ""
    base = model(folder)
    rows = sbc.calibrated(sbc.province(base, number), base.every, number)
    write(path(folder, number), rows)
    return f"{number:3d}  {rows[0]['seconds']:5.0f} s  {rows[0]['steps']} steps, R-hat {rows[0]['rhat']:.3f}, size {rows[0]['size']:.0f}{'  refused' * rows[0]['refused']}  {rows[0]['interpretation']}"


def write(to: Path, rows: list[dict[str, Any]]) -> None:
    text = StringIO()
    out = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    out.writeheader()
    out.writerows({key: f"{x:.8g}" if isinstance(x, float) else x for key, x in row.items()} for row in rows)
    write_whole(to, text.getvalue().encode())


def read(where: Path) -> list[dict[str, str]]:
    with where.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def path(folder: Path, number: int) -> Path:
    return folder / f"province-{number:03d}.csv"


def taken_over(folder: Path) -> None:
    """Provinces that are kept here, written to the folder. Raises ``SystemExit`` if they are of another code."""
    if not PROVINCES.exists():
        return
    kept = read(PROVINCES)
    number, base = int(kept[0]["number"]), model(folder)
    first = sbc.province(base, number)
    height = sbc.true_height(first, sbc.model_of(first, base.every, number))
    if not abs(height - float(kept[0]["height"])) < SAME * abs(height):
        raise SystemExit(
            f"{PROVINCES.name}: the log density of province {number}'s truth is {height:.8g}, not {kept[0]['height']}: "
            "its provinces are of another code; delete it and the file of quantities, and begin again"
        )
    quantities = read(QUANTITIES)
    for about in kept:
        own = [q for q in quantities if q["number"] == about["number"]]
        write(path(folder, int(about["number"])), [{**about, **{name: q[name] for name in OF_A_QUANTITY}} for q in own])  # fmt: skip


def kept(folder: Path) -> int:
    """Write what is in the folder to the two files here; how many provinces."""
    found = [read(one) for one in sorted(folder.glob("province-*.csv"))]
    write(PROVINCES, [{k: v for k, v in rows[0].items() if k not in OF_A_QUANTITY} for rows in found])
    names = ("number", *OF_A_QUANTITY)
    write(QUANTITIES, [{name: row[name] for name in names} for rows in found for row in rows])
    return len(found)


def made(folder: Path, provinces: int, jobs: int, minutes: float) -> Iterator[str]:
    """What is missing, made."""
    end = time.time() + 60.0 * minutes
    tasks = [(folder, n, end) for n in range(provinces) if not path(folder, n).exists()]
    if not tasks:
        return
    model(folder)
    with get_context("spawn").Pool(jobs) as pool:
        yield from filter(None, pool.imap_unordered(one, tasks))


def summary(folder: Path, provinces: int) -> tuple[list[dict[str, Any]], dict[str, np.ndarray]]:
    """The table, a row a quantity and one of all; and the ranks of each quantity."""
    found = [read(path(folder, n)) for n in range(provinces) if path(folder, n).exists()]
    good = [rows for rows in found if rows[0]["refused"] == "0"]
    base = model(folder)
    unit = np.random.default_rng(105).random((512, len(base.space.slots)))
    prior = sbc.quantities(base, base.space.from_unit(unit))
    table, ranks = [], {}
    for name, before in prior.items():
        mine = [next(row for row in rows if row["name"] == name) for rows in good]
        truth, low, high = (np.array([float(row[key]) for row in mine]) for key in ("truth", "low", "high"))
        if np.abs(truth).max() < 1e-12:  # what no parameters change
            continue
        ranks[name] = np.array([float(row["rank"]) for row in mine])
        wide = float(np.subtract(*np.quantile(before, [0.975, 0.025])))
        row: dict[str, Any] = {"about": "quantity", "name": name, "number": len(mine)}
        row["narrower"] = max(1.0 - float(np.median(high - low)) / wide, 0.0)
        for level in sbc.LEVELS:
            inside, least, most = sbc.inside(ranks[name], level)
            percent = f"{100 * level:.0f}"
            row |= {f"inside{percent}": inside, f"least{percent}": least, f"most{percent}": most}
        table.append(row | {"mean": float(ranks[name].mean()), "strays": int(sbc.strays(ranks[name]))})
    of = {key: np.array([float(rows[0][key]) for rows in found]) for key in ("tried", "steps", "rhat", "size", "seconds", "refused")}  # fmt: skip
    table.append({
        "about": "all", "name": "provinces", "number": len(found), "refused": int(of["refused"].sum()), "tried": int(of["tried"].sum()),
        "steps": float(of["steps"].mean()), "rhat": float(np.median(of["rhat"])), "size": float(np.median(of["size"])), "seconds": float(np.median(of["seconds"])),
        "interpretations": len({rows[0]["interpretation"] for rows in found}),
    })  # fmt: skip
    return table, ranks


COLUMNS = (
    "about", "name", "number", "narrower", "inside50", "least50", "most50", "inside80", "least80", "most80", "inside95", "least95",
    "most95", "mean", "strays", "refused", "tried", "steps", "rhat", "size", "seconds", "interpretations",
)  # fmt: skip


def as_csv(table: list[dict[str, Any]]) -> str:
    text = StringIO()
    out = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    out.writeheader()
    for row in table:
        cells = {key: f"{x:.4g}" if isinstance(x, float) else x for key, x in row.items()}
        out.writerow(cells | {"name": str(row["name"]).replace(" ", "_")})
    return text.getvalue()


def as_page(table: list[dict[str, Any]]) -> str:
    """The page."""
    *rows, whole = table
    outside = [r for r in rows if any(not right(r, level) for level in sbc.LEVELS)]
    lines = [
        "# Simulation-based calibration", "",
        f"{whole['number']} provinces, their parameters drawn from the prior of `calibration/targets/shanxi.toml` in its full dimension, periods",
        f"included, under {whole['interpretations']} interpretations; figures from one replication of the simulator, rounded as the court rounds; facts",
        f"drawn around the truth. Of {whole['tried']} simulated, those are taken whose figures are like a court's. The shipped sampler, with a",
        f"quarter of the draws that an answer needs (median {whole['size']:.0f} effective draws, R-hat {whole['rhat']:.3f}, {whole['seconds']:.0f} processor seconds);",
        f"{whole['refused']} posteriors were refused by the rules for so many draws and are not in the table. Written by `python benchmarks/sbc.py`; what is done and why:",
        "`calibration/validation/sbc.py`.", "",
        "How many truths lie in the posterior's central interval, and how many may if all is right (95 % of the binomial law); mean rank",
        "of the truth (0.5); whether the ranks' distribution leaves its simultaneous 95 % band (Säilynoja et al. 2022; `sbc-ranks.svg`).",
        "*Narrower*: how much narrower than the prior's the 95 % interval is, median. In bold: outside.", "",
        "| quantity | narrower | in 50 % | may | in 80 % | may | in 95 % | may | mean rank | leaves band |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
        *(
            f"| {r['name']} | {100 * r['narrower']:.0f} % | "
            + " | ".join(f"{mark(r, level)} | {at(r, 'least', level)}-{at(r, 'most', level)}" for level in sbc.LEVELS)
            + f" | {r['mean']:.2f} | {'**yes**' if r['strays'] else 'no'} |"
            for r in rows
        ), "",
        f"{len(outside)} of {len(rows)} quantities are outside at some level, and {sum(r['strays'] for r in rows)} leave the band. By chance alone one in twenty",
        "is outside at each level; quantities are not independent of each other, for many are functions of the same few.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def at(row: dict[str, Any], what: str, level: float) -> int:
    return int(row[f"{what}{100 * level:.0f}"])


def right(row: dict[str, Any], level: float) -> bool:
    return at(row, "least", level) <= at(row, "inside", level) <= at(row, "most", level)


def mark(row: dict[str, Any], level: float) -> str:
    return str(at(row, "inside", level)) if right(row, level) else f"**{at(row, 'inside', level)}**"


def picture(ranks: dict[str, np.ndarray], to: Path) -> None:
    """ECDF of the ranks less that of a uniform law, with its simultaneous band; a panel a quantity."""
    across = 6
    down = -(-len(ranks) // across)
    figure = Figure(figsize=(2.2 * across, 1.7 * down), layout="constrained")
    axes = figure.subplots(down, across, sharex=True, sharey=True).ravel()
    points, low, high = sbc.band(len(next(iter(ranks.values()))))
    for axis, (name, rank) in zip(axes, ranks.items(), strict=False):
        leaves = sbc.strays(rank)
        axis.fill_between(points, low - points, high - points, color="0.88", step="mid")
        axis.step(
            points, (rank[:, None] <= points).mean(axis=0) - points, color="#b3261e" if leaves else "#1f5f8b"
        )
        axis.axhline(0.0, color="0.5", linewidth=0.5)
        axis.set_title(name.replace(" less ", "\nless "), fontsize=7)
        axis.tick_params(labelsize=6)
    for axis in axes[len(ranks) :]:
        axis.set_visible(False)
    figure.supxlabel("rank of the truth among posterior draws", fontsize=8)
    figure.supylabel("ECDF - uniform; grey: 95 % simultaneous band", fontsize=8)
    figure.savefig(to, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--provinces", type=int, default=ALL)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--minutes", type=float, default=float("inf"), help="after which no province is begun"
    )
    parser.add_argument(
        "--keep", action="store_true", help="keep what is in --out in the two files here, made or not"
    )
    parser.add_argument("--out", type=Path, default=Path("out/sbc"))
    parser.add_argument(
        "--report", action="store_true", help="calibrate nothing; tables of what is in --out, written there"
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    if not options.keep:
        taken_over(options.out)
    for line in () if options.report or options.keep else made(options.out, options.provinces, options.jobs, options.minutes):  # fmt: skip
        print(line, flush=True)
    if options.keep:
        print(f"{kept(options.out)} provinces are kept")
    table, ranks = summary(options.out, options.provinces)
    to = HERE if not options.report and table[-1]["number"] >= ALL else options.out
    (to / "sbc-results.csv").write_text(as_csv(table), encoding="utf-8")
    (to / "sbc-results.md").write_text(as_page(table), encoding="utf-8")
    picture(ranks, to / "sbc-ranks.svg")
    print(as_page(table))


if __name__ == "__main__":
    main()
