"""Policies that only make sense where people react: each file says what it expects, and the model must agree.

The expectations stand in the files' comments, ``# Expected [against OTHER]: measure up, measure down``; without OTHER
they are against the scenario the policy extends. They are judged on a quarter of the province, common random numbers for both,
and must hold in every replication.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

from sim.experiments.replications import replicate
from sim.law.verdict import breaches
from sim.measures import DEFINITIONS
from sim.scenario import load
from sim.scenario.schema import WHOLE

POLICIES = ROOT / "scenarios" / "policies"
INFLOW = {
    "2017": (816, 2565),
    "2018": (1670, 4012),
    "2019Q1": (900, 1880),
}  # as in scenarios/shanxi-prior.toml
QUARTER = (
    *(f'arrivals.periods."{name}".{what}={n // 4}' for name, both in INFLOW.items() for what, n in zip(("cases", "lots"), both, strict=True)),
    "courts.number=33", "finite_market.areas=3",
)  # fmt: skip
REPLICATIONS = 2
WRITTEN = sorted(path for path in POLICIES.glob("*.toml") if "# Expected" in path.read_text(encoding="utf-8"))


def expectations(path: Path) -> list[tuple[Path, str, str]]:
    """(against which file, measure, direction) as written in the policy's file."""
    text = path.read_text(encoding="utf-8")
    extends = re.search(r'^extends = "(.+)"', text, re.M)
    assert extends
    found = []
    for other, said in re.findall(r"^# Expected(?: against ([\w-]+))?: (.+)$", text, re.M):
        against = POLICIES / f"{other}.toml" if other else (path.parent / extends[1]).resolve()
        for one in said.split(", "):
            measure, direction = one.split(" ")
            assert direction in ("up", "down")
            found.append((against, measure, direction))
    return found


@cache
def measured(path: Path) -> list:
    scenario = load(path, QUARTER).scenario
    return [replicate(scenario, i).measures for i in range(REPLICATIONS)]


@pytest.mark.statistical
@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.stem)
def test_the_policy_does_what_its_file_expects(path: Path):
    wanted = expectations(path)
    assert wanted
    for against, measure, direction in wanted:
        change = [
            here.value(measure, WHOLE) - there.value(measure, WHOLE)
            for here, there in zip(measured(path), measured(against), strict=True)
        ]
        signed = np.array(change) * (1 if direction == "up" else -1)
        assert signed.min() > 0.0, (against.stem, measure, direction, change)


def test_all_six_are_there_and_name_measures_that_exist():
    assert [path.stem for path in WRITTEN] == [
        "cut-announced", "cut-by-interest", "cut-surprise", "deposit-raised", "double-supply", "stagger-similar",
    ]  # fmt: skip
    for path in WRITTEN:
        for _, measure, _ in expectations(path):
            assert measure in DEFINITIONS or measure.startswith(("failed_", "sold_"))


def test_deeper_cuts_are_marked_as_reforms_and_the_others_are_lawful():
    already = {breach.path for breach in breaches(load("reacting").scenario)}
    new = {path.stem: {breach.path for breach in breaches(load(path).scenario)} - already for path in WRITTEN}
    deeper = {"rounds.second.cut"}
    assert new == {name: deeper if name in ("cut-announced", "cut-surprise") else set() for name in new}


@pytest.mark.statistical
def test_twice_the_supply_finds_less_than_twice_the_buyers():
    twice, once = (
        np.mean([t.value("lots_sold", WHOLE) for t in measured(p)])
        for p in (POLICIES / "double-supply.toml", ROOT / "scenarios" / "reacting.toml")
    )
    assert twice < 1.85 * once
