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
# Last written anew when bidding got the tempo of two real flats: bids and their times are others, prices within .02 standard errors of
# what they were in ten replications of Shanxi (every bid of a war is an increment of the start, so who wins at what stays but for rounding). Shanxi's also when it was calibrated with the response to the start free.
SMALLER: dict[str, list[str]] = {"base": [], "shanxi": SIZE, "reacting": SIZE}
DIGESTS = {
    ("base", 0): "55fc6fc0ba245d4b13d5e351c8226abc8b906f83fc91e1defd8ec262e63acb81",
    ("base", 1): "1249e06b485072f374f3fc192eab7689b0d02e1cb526c75aefcfc333fbbecc3b",
    ("shanxi", 0): "7750571268ac54b0c14d7002cab0d4d23216b9a8cce0e8460c68368e92683496",
    ("shanxi", 1): "c16c3c5653165f28c7ccaf530ecd97817607af7d58860cd9e381f659bc8f01e3",
    ("reacting", 0): "9d9c8645c8c62493b5b6629d78cd627e6ae7a1b920efaecbc9940c9bbae84240",
    ("reacting", 1): "0d3ccd7b4d32ab7290e8bcb0ba9ec092ab7f31f84faf0fe245ef23dbd2696a53",
}


# What was added since to tables and measures stands beside the values that were there, which stay as they are.
ADDED = {
    "lots": ("priced", "suspended_by"),
    "measures": ("debtor_sales", "debtor_sales_turnover", "reports_outlived"),
}


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
