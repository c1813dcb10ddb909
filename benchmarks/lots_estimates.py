"""Estimates from lots against simulated files whose parameters are known: simulation-based calibration, and how intervals shrink.

    python benchmarks/lots_estimates.py                  # a hundred parameter sets x three kinds of file; goes on if stopped
    python benchmarks/lots_estimates.py --sets 10        # fewer; what is there is written
    python benchmarks/lots_estimates.py --sizes          # one set, files of 200, 2,000 and 20,000 lots

A set's parameters are drawn from the priors of calibration/lots/parameters.toml (model: price response). The simulator makes a history of
three auctions a lot, starts of 100, 85 and 70 % of the reference price in thirds of a year; it is written as a case table, all lots
that were listed, those sold, those that ended in the second half, and read as any court's file. Files with fewer than thirty sales or
failures are not taken. Fits are as `calibrate lots` makes them; those that it would refuse for few effective draws are counted, not
ranked. Every fit is a CSV in --out; lots-estimates-results.md is written from them, and lots-estimates-fits.csv keeps all of them, so that
another machine goes on where one stopped. Fits kept there were made by the likelihood and the sampler of their day: if either changes,
delete the file.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import date
from io import StringIO
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[threads] = "1"
HERE = Path(__file__).resolve().parent
sys.path[0] = str(HERE.parent)

import numpy as np  # noqa: E402

from calibration.lots.estimate import FEW, FULL, Estimate, estimate, plain, space_of  # noqa: E402
from calibration.lots.followed import Followed, followed  # noqa: E402
from calibration.lots.likelihood import Assumed, Likelihood  # noqa: E402
from calibration.lots.mapping import SELECTIONS, Selection  # noqa: E402
from calibration.lots.policy_answers import OUTCOMES, outcomes_of, questions  # noqa: E402
from calibration.lots.reader.read import read_lots  # noqa: E402
from calibration.lots.simulated_files import case_table, write_table  # noqa: E402
from calibration.validation.sbc import inside, strays  # noqa: E402
from sim.experiments.storage.atomic import write_whole  # noqa: E402
from sim.model.records import Records  # noqa: E402
from sim.model.simulate import simulate  # noqa: E402
from sim.scenario.load import load  # noqa: E402
from sim.scenario.schema import Scenario  # noqa: E402

ALL, LOTS, LEAST = 100, 400, 30
CEILING = 12.0
MODEL = "response"
KEPT = HERE / "lots-estimates-fits.csv"
ENDED_FROM = date(2017, 7, 1)
SETS, RANKS = 71, 72  # streams
CENTRAL = {
    "interest": 3.0, "popularity": 0.8, "location": -0.1, "spread": 0.2, "noise": 0.15, "persistence": 0.5, "price_elasticity": 2.0,
}  # fmt: skip
KINDS = ("homes", "commercial", "land", "vehicles", "equipment", "equity", "goods")


def scenario(v: dict[str, float], lots: int, seed: int) -> Scenario:
    """One year of lots alike in all but their value, that nobody withdraws and every winner pays."""
    same = "\n".join(f"[kinds.{kind}]\ninterest = 1.0\nmovable = false" for kind in KINDS)
    auctions = "\n".join(
        f'[rounds.{name}]\nformat = "auction"\ncut = {cut}\ninterest = 1.0\nrelist_days = 5.0\nnotice_days_immovable = 15.0\n'
        "window_days = 1.0\noverhang_minutes = 0.0\nearly_share = 0.0\nlate_shape = 30.0"
        for name, cut in (("first", 0.0), ("second", 0.2), ("sell_off", 0.2))
    )
    text = f"""\
extends = "base"
title = "Lots with known parameters"
title_zh = "已知参数的标的物"
{same}
{auctions}
[arrivals]
mode = "listing"
[arrivals.periods.year]
cases = {max(lots // 3, 1)}.0
lots = {lots}.0
[time]
end = 2017-12-31
[pricing.appraisal]
bias = 0.0
noise = {v["noise"]}
[start]
ratio = 1.0
[interest]
mean = {v["interest"]}
dispersion = {v["popularity"]}
persistence = {v["persistence"]}
location = {v["location"]}
spread = {v["spread"]}
[price_response]
elasticity = {v["price_elasticity"]}
ceiling = {CEILING}
[disposal]
withdrawal_rate = 0.0
suspension_share = 0.0
default_rate = 0.0
in_kind_second = 0.0
in_kind_last = 0.0
[auction]
increment = 0.002
[run]
seed = {seed}
[from."2017-05-01"]
start.ratio = 0.85
[from."2017-09-01"]
start.ratio = 0.7
"""
    with TemporaryDirectory() as folder:
        file = Path(folder, "known.toml")
        file.write_text(text, encoding="utf-8")
        return load(file).scenario


def file_of(folder: Path, one: Scenario, records: Records, selection: Selection) -> Followed:
    """The lots of a written and read file."""
    since = ENDED_FROM if selection == "ended in window" else None
    path = folder / f"file-{os.getpid()}.csv"
    write_table(path, case_table(one, records, selection=selection, since=since))
    found = read_lots([path], selection=selection)
    path.unlink()
    assert found.histories is not None
    window = (None, None) if since is None else (np.datetime64(since, "s"), None)
    return followed(found.histories, selection, window=window, most=3)


def drawn(number: int) -> tuple[dict[str, float], Scenario, Records]:
    """The parameters of a set and a run: the first draw of the prior whose file is like a court's."""
    rng = np.random.default_rng([SETS, number])
    space = space_of(MODEL)
    while True:
        theta = space.from_unit(rng.random((1, len(space.slots))))
        v = plain(space, theta)[0]
        one = scenario(v, LOTS, int(rng.integers(1 << 31)))
        records = simulate(one)
        sold = int((records.lots["price"] > 0.0).sum())
        failed = int((records.rounds["outcome"] == 1).sum()) if "outcome" in records.rounds else 0
        if min(sold, failed) >= LEAST:
            return v, one, records


def quantities(lots: Followed, theta: np.ndarray) -> dict[str, np.ndarray]:
    """Parameters, and the effects of policies."""
    space = space_of(MODEL)
    rows = plain(space, theta)
    found = {name: np.array([row[name] for row in rows]) for name in space.names}
    assumed = Assumed(ceiling=CEILING)
    for one in questions(lots):
        gap = np.array(
            [outcomes_of(v, assumed, one.starts) - outcomes_of(v, assumed, one.instead) for v in rows]
        )
        found |= {f"{one.key} {outcome}": gap[:, i] for i, outcome in enumerate(OUTCOMES)}
    return found


def ranked(number: int, kind: int, lots: Followed, v: dict[str, float], one: Estimate, seconds: float) -> list[dict[str, object]]:  # fmt: skip
    """A row a quantity: its true value, its rank among effective draws, and the posterior's middle and ends."""
    rng = np.random.default_rng([RANKS, number, kind])
    chosen = rng.choice(len(one.theta), 200)
    truth = np.array([[slot.free.inner(v[slot.name]) for slot in one.space.slots]], dtype=np.float64)
    true, found = quantities(lots, truth), quantities(lots, one.theta[chosen])
    size, rows = min(one.effective, 200.0), []
    for name, x in found.items():
        low, median, high = np.quantile(x, [0.025, 0.5, 0.975])
        below = ((x < true[name][0]).sum() + rng.random() * (x == true[name][0]).sum()) / len(x)
        rank = (size * below + rng.random()) / (size + 1.0)
        rows.append({
            "number": number, "selection": SELECTIONS[kind], "name": name.replace(" ", "_"), "truth": true[name][0], "rank": rank, "low": low,
            "median": median, "high": high, "lots": len(lots), "effective": one.effective, "seconds": seconds,
        })  # fmt: skip
    return rows


def fit(folder: Path, number: int) -> None:
    """Three fits of one set, each a file."""
    if all(path(folder, number, kind).exists() for kind in range(len(SELECTIONS))):
        return
    v, one, records = drawn(number)
    for kind, selection in enumerate(SELECTIONS):
        if path(folder, number, kind).exists():
            continue
        began = time.process_time()
        lots = file_of(folder, one, records, selection)
        found = estimate(Likelihood(lots, Assumed(ceiling=CEILING)), MODEL, FULL, seed=number)
        rows = ranked(number, kind, lots, v, found, time.process_time() - began)
        write_whole(path(folder, number, kind), as_csv(rows))
        print(f"{number:3d} {selection}: {len(lots)} lots, {found.effective:.0f} draws, {rows[0]['seconds']:.0f} s", flush=True)  # fmt: skip


def path(folder: Path, number: int, kind: int) -> Path:
    return folder / f"set-{number:03d}-{kind}.csv"


def unpack(folder: Path) -> None:
    """The fits that are kept, each a file in the folder."""
    if not KEPT.exists():
        return
    with KEPT.open(encoding="utf-8", newline="") as lines:
        for (number, selection), rows in groupby(
            csv.DictReader(lines), lambda row: (row["number"], row["selection"])
        ):
            file = path(folder, int(number), [str(one) for one in SELECTIONS].index(selection))
            if not file.exists():
                write_whole(file, as_csv(list(rows)))


def pack(folder: Path) -> None:
    """All fits in one file, numbers to four digits."""
    exact = ("number", "selection", "name", "lots")
    rows: list[dict[str, object]] = []
    for one in sorted(folder.glob("set-*.csv")):
        with one.open(encoding="utf-8", newline="") as lines:
            rows += [
                {k: x if k in exact else f"{float(x):.4g}" for k, x in row.items()}
                for row in csv.DictReader(lines)
            ]
    if rows:
        write_whole(KEPT, as_csv(rows))


def as_csv(rows: Sequence[Mapping[str, object]]) -> bytes:
    text = StringIO()
    out = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    out.writeheader()
    out.writerows(rows)
    return text.getvalue().encode()


def summary(folder: Path) -> list[dict[str, object]]:
    """A row a kind of file and quantity."""
    every: dict[tuple[str, str], list[dict[str, str]]] = {}
    for one in sorted(folder.glob("set-*.csv")):
        with one.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                every.setdefault((row["selection"], row["name"]), []).append(row)
    table = []
    for (selection, name), fits in sorted(every.items(), key=lambda x: SELECTIONS.index(x[0][0])):  # type: ignore[arg-type]
        ranks = np.array([float(row["rank"]) for row in fits if float(row["effective"]) >= FEW])
        refused = len(fits) - len(ranks)
        line: dict[str, object] = {
            "selection": selection,
            "name": name,
            "sets": len(ranks),
            "refused": refused,
        }
        for level in (0.5, 0.8, 0.95):
            found, least, most = inside(ranks, level)
            line |= {f"in{100 * level:.0f}": found, f"may{100 * level:.0f}": f"{least}-{most}"}
        table.append(line | {"mean_rank": round(float(ranks.mean()), 3), "strays": int(strays(ranks))})
    return table


def sizes(folder: Path) -> list[dict[str, object]]:
    """One set of parameters, files of growing size: the posterior's intervals."""
    table = []
    for lots in (200, 2000, 20_000):
        file = folder / f"size-{lots}.csv"
        if not file.exists():
            one = scenario(CENTRAL, lots, 7)
            followed_lots = file_of(folder, one, simulate(one), "all listed")
            found = estimate(Likelihood(followed_lots, Assumed(ceiling=CEILING)), MODEL, FULL, seed=1)
            values = quantities(followed_lots, found.theta[:: max(len(found.theta) // 200, 1)])
            truth = quantities(followed_lots, np.array([[s.free.inner(CENTRAL[s.name]) for s in found.space.slots]], dtype=np.float64))  # fmt: skip
            rows = [
                {"lots": lots, "followed": len(followed_lots), "name": name.replace(" ", "_"), "truth": f"{truth[name][0]:.4g}", **{k: f"{x:.4g}" for k, x in zip(("low", "median", "high"), np.quantile(v, [0.025, 0.5, 0.975]), strict=True)}}
                for name, v in values.items()
            ]  # fmt: skip
            write_whole(file, as_csv(rows))
            print(f"{lots} lots: done", flush=True)
        with file.open(encoding="utf-8", newline="") as lines:
            table += list(csv.DictReader(lines))
    return table


def as_page(table: list[dict[str, object]], shrink: list[dict[str, object]]) -> str:
    """The page."""
    lines = [
        "# Estimates from lots",
        "",
        "Written by `python benchmarks/lots_estimates.py`, which says what is done.",
        "",
    ]
    if table:
        refused = {
            one: max(int(str(row["refused"])) for row in table if row["selection"] == one)
            for one in dict.fromkeys(str(row["selection"]) for row in table)
        }  # not every set has every quantity
        outside = sum(any(not _within(row, level) for level in (50, 80, 95)) for row in table)
        lines += [
            f"## Simulation-based calibration, {max(int(str(row['sets'])) for row in table)} parameter sets", "",
            f"Files of about {LOTS} lots listed. How many truths lie in the posterior's central intervals, and how many may if all is right (95 % of",
            f"the binomial law). Outside at some level: {outside} of {len(table)}; leave the simultaneous band: {sum(int(str(row['strays'])) for row in table)}.",
            "Refused for fewer than " + f"{FEW:.0f} effective draws: " + ", ".join(f"{number} ({selection})" for selection, number in refused.items()) + ".", "",
            "| file | quantity | in 50 % | may | in 80 % | may | in 95 % | may | mean rank | leaves band |",
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |",
            *(
                f"| {row['selection']} | {row['name']} | " + " | ".join(f"{_mark(row, level)} | {row[f'may{level}']}" for level in (50, 80, 95))
                + f" | {row['mean_rank']} | {'**yes**' if row['strays'] else 'no'} |"
                for row in table
            ), "",
        ]  # fmt: skip
    if shrink:
        lines += [
            "## How intervals shrink", "", "One set of parameters, all lots listed, files of growing size: posterior median and 95 % interval.", "",
            "| quantity | truth | " + " | ".join(f"{n} lots" for n in dict.fromkeys(row["lots"] for row in shrink)) + " |",
            "| --- | ---: | ---: | ---: | ---: |",
            *(
                f"| {name} | {next(row['truth'] for row in shrink if row['name'] == name)} | "
                + " | ".join(f"{row['median']} [{row['low']}, {row['high']}]" for row in shrink if row["name"] == name) + " |"
                for name in dict.fromkeys(row["name"] for row in shrink)
            ), "",
        ]  # fmt: skip
    return "\n".join(lines)


def _within(row: dict[str, object], level: int) -> bool:
    least, most = map(int, str(row[f"may{level}"]).split("-"))
    return least <= int(str(row[f"in{level}"])) <= most


def _mark(row: dict[str, object], level: int) -> str:
    found = str(row[f"in{level}"])
    return found if _within(row, level) else f"**{found}**"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--sets", type=int, default=ALL)
    parser.add_argument("--sizes", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("out/lots"))
    parser.add_argument(
        "--report", action="store_true", help="fit nothing; write the page from what is in --out"
    )
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    unpack(options.out)
    if not options.report and not options.sizes:
        for number in range(options.sets):
            fit(options.out, number)
    shrink = sizes(options.out) if options.sizes or (options.out / "size-20000.csv").exists() else []
    pack(options.out)
    (HERE / "lots-estimates-results.md").write_text(as_page(summary(options.out), shrink), encoding="utf-8")


if __name__ == "__main__":
    main()
