"""Regression values: what the model and the measures give at fixed seeds, to the last bit, whatever things are called.

Names are left out, of columns as of measures: only values count, column by column, in their order. A change that moves or
renames leaves these digests as they are; one that computes otherwise writes new ones, and says why and by how much.

Last bits of ``exp`` and its like differ between processors with and without AVX-512, for numpy has code of its own for it.
So the runs are done in a process that is set to do without.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from sim.experiments.replications import measures_of
from sim.model.simulate import simulate
from sim.scenario import load

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SIZE = ["courts.number=12", "arrivals.volume=0.1"]
SMALLER: dict[str, list[str]] = {"base": [], "shanxi": SIZE, "reacting": SIZE}
DIGESTS = {
    ("base", 0): "e3cb98c9cacbf6fc4eb11c2c1503b9b72d6d20df4da2feaf61a02258b8fd44e5",
    ("base", 1): "6ffbf360acdac3c154af9b7e64e9fc1f477680a771d1a8b94fbb66113b08bf14",
    ("shanxi", 0): "52f8ee1c2c0594fc9d6c1dceebe44498308f2092538de14c3136a35ebf7a890b",
    ("shanxi", 1): "f1ab27a7dbd07495b675659c108971787b46ee606f30a18c1c81d58013c1cd05",
    ("reacting", 0): "30b56ca9399b0f6c1d8e914ab2890a799cf7f758e3ae0c2616cd5c0e0308863f",
    ("reacting", 1): "3678f19869d1d27d92576fcf83acf771501220ccde39489c5ddf952f63cffaec",
}


# What was added since to tables and measures stands beside the values that were there, which stay as they are.
ADDED = {"lots": ("priced",), "measures": ("debtor_sales", "debtor_sales_turnover", "reports_outlived")}


def digest(name: str, replication: int) -> str:
    """Of the values of all records, and of the measures computed from them, without what was added since."""
    scenario = load(SCENARIOS / f"{name}.toml", SMALLER[name]).scenario
    records = simulate(scenario, replication)
    found = hashlib.sha256()
    for which in ("lots", "rounds", "registrations", "bids"):
        for column, values in records[which].items():
            if column not in ADDED.get(which, ()):
                found.update(np.ascontiguousarray(values).tobytes())
    measures = measures_of(scenario, replication, records)
    old = [place for place, one in enumerate(measures.measures) if one not in ADDED["measures"]]
    found.update(np.ascontiguousarray(measures.values[..., old]).tobytes())
    return found.hexdigest()


def main() -> None:
    print(json.dumps([digest(*which) for which in DIGESTS]))


@pytest.fixture(scope="module")
def found() -> dict[tuple[str, int], str]:
    """All digests, computed as a processor without AVX-512 computes them."""
    features = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR X86_V4"  # by any numpy's names
    without = os.environ | {"NPY_DISABLE_CPU_FEATURES": features, "PYTHONPATH": str(SCENARIOS.parent)}
    command = [sys.executable, "-W", "ignore", str(Path(__file__).resolve())]
    done = subprocess.run(
        command, env=without, cwd=SCENARIOS.parent, capture_output=True, text=True, check=True
    )
    return dict(zip(DIGESTS, json.loads(done.stdout), strict=True))


@pytest.mark.parametrize("which", DIGESTS, ids=lambda which: f"{which[0]}-{which[1]}")
def test_values_are_what_they_were(which: tuple[str, int], found: dict[tuple[str, int], str]) -> None:
    assert found[which] == DIGESTS[which]


if __name__ == "__main__":
    main()
