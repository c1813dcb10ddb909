"""Reference tables of one small scenario at four levels: bids, rounds, lots, measures.

These are regression values: taken from this program, they say that it still does what it did, not that it is
right. When the model is meant to change, write them anew and read the difference before committing it:

    python tests/reference/reference_tables.py
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sim.experiments.replications import replicate
from sim.experiments.storage.tables import write_csv
from sim.measures import summarise
from sim.scenario import load

HERE = Path(__file__).resolve().parent
SCENARIO = HERE / "village.toml"
LEVELS = (
    "bids",
    "rounds",
    "lots",
    "measures",
)  # from cause to effect: the first that differs is where to look
KEYS = {
    "bids": ("lot", "attempt", "bidder"),
    "rounds": ("lot", "attempt"),
    "lots": ("lot",),
    "measures": ("window", "segment", "basis", "measure"),
}
SEGMENTS = ("all", "homes", "movable")  # of the measures; the rest would only make the table long

Columns = dict[str, list[Any]]


def made() -> dict[str, Columns]:
    """The tables as the program makes them now."""
    one = replicate(load(SCENARIO).scenario, 0, "all")
    tables: dict[str, Columns] = {
        name: {column: values.tolist() for column, values in one.records[name].items()} for name in LEVELS[:3]
    }
    summary = summarise([one.measures])
    keep = [i for i, segment in enumerate(summary["segment"]) if segment in SEGMENTS]
    wanted = (*KEYS["measures"], "mean")
    tables["measures"] = {name: [summary[name][i] for i in keep] for name in wanted}
    return tables


def read(name: str) -> dict[str, list[str]]:
    """A committed table, as text."""
    with (HERE / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    return dict(zip(rows[0], map(list, zip(*rows[1:], strict=True)), strict=True))


def difference(level: str, now: Mapping[str, Sequence[Any]], then: Mapping[str, Sequence[str]]) -> str:
    """The first difference in words; empty where there is none. Numbers with a fraction agree to 1e-12."""
    if list(now) != list(then):
        return f"{level}: columns {sorted(set(now) ^ set(then)) or 'in another order'}"
    sizes = len(next(iter(now.values()))), len(next(iter(then.values())))
    if sizes[0] != sizes[1]:
        return f"{level}: {sizes[0]} rows, {sizes[1]} in the reference"
    for row in range(sizes[0]):
        for column in now:
            if not _same(now[column][row], then[column][row]):
                where = ", ".join(f"{key} {now[key][row]}" for key in KEYS[level])
                return f"{level}: {where}: {column} is {now[column][row]!r}, {then[column][row]} in the reference"
    return ""


def _same(now: Any, then: str) -> bool:
    if isinstance(now, float):
        if now != now or not then:
            return now != now and not then
        return abs(now - float(then)) <= 1e-12 * max(1.0, abs(now))
    return str(now) == then


def main() -> None:
    """Write the tables anew and say what changed first."""
    for level, columns in made().items():
        path = HERE / f"{level}.csv"
        message = difference(level, columns, read(level)) if path.exists() else f"{level}: new"
        print(message or f"{level}: as before")
        write_csv(path, columns)


if __name__ == "__main__":
    main()
