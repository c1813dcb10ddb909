"""Small folders that tests of pages are made from."""

from __future__ import annotations

import itertools
from pathlib import Path

from sim.experiments.chunks import make
from sim.experiments.ledger import create
from sim.experiments.observation import Observation
from sim.scenario import load

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("docket.volume=0.06", "courts.number=12")
AXES = {
    "start.ratio": [1.0, 0.7, 0.8],
    "rounds.second.cut": [0.0, 0.1, 0.2, 0.3],
    "disposal.payment_days": [7.0, 10.0],
}


def sweep_into(out: Path) -> Path:
    """A finished sweep over ``AXES``, as the ledger leaves it."""
    loaded = load(ROOT / "scenarios" / "shanxi.toml", ("docket.volume=0.02", "courts.number=4"))
    keys = {path: path.split(".") for path in AXES}
    work = {
        "work": "sim.experiments.observation:Observation",
        "arguments": {"scenario": loaded.toml(), "keys": keys},
    }
    columns = [list(column) for column in zip(*itertools.product(*AXES.values()), strict=True)]
    said = {
        "program": "judicial-auction-sim",
        "command": ["sim", "sweep", "shanxi"],
        "seed": loaded.scenario.run.seed,
    }
    names = Observation(loaded.toml(), keys).columns
    ledger = create(out, work, names, list(AXES), iter([columns]), 2, 6, loaded.toml(), said)
    for chunk in ledger.todo(ledger.state()):
        make(chunk)
    return out
