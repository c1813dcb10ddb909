"""What several tests share: the repository's scenarios, and small ones made from them."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest
import typer.testing

import sim.model.engine
from sim.scenario import load
from sim.scenario.schema import Scenario

# A program's commands are put together once instead of for every call, which took a third of the time of small ones.
typer.testing._get_command = cache(typer.testing._get_command)  # type: ignore[attr-defined]
os.environ["SIM_LANG"] = "en"  # whatever the locale is; tests of another language name it
# Tests that change the readable model want it to run, however much has run before.
sim.model.engine.PAYS = float("inf")  # type: ignore[assignment]
ROOT = Path(__file__).resolve().parents[1]
SMALL = (
    "arrivals.periods.year.cases=60", "arrivals.periods.year.lots=150", "courts.number=4", "run.replications=2",
)  # fmt: skip


def scenario(name: str = "base", *overrides: str) -> Scenario:
    """A scenario of the repository with ``path=value`` overrides."""
    return load(ROOT / "scenarios" / f"{name}.toml", overrides).scenario


@pytest.fixture(scope="session")
def small() -> Scenario:
    """Four courts, 150 lots, everything on."""
    return scenario("base", *SMALL)
