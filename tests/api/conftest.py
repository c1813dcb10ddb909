"""A village whose runs take milliseconds, and results of it that several tests look at."""

from __future__ import annotations

import pytest

import sim
from sim.reporting import save

VILLAGE = {"courts.number": 1, "arrivals.volume": 0.02}
CUT = {"rounds.second.cut": 0.0}


@pytest.fixture(scope="session")
def village() -> sim.Scenario:
    return sim.load_scenario(VILLAGE)


@pytest.fixture(scope="session")
def result(village: sim.Scenario) -> sim.RunResult:
    return village.run(2)


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIM_LANG", "en")


@pytest.fixture(autouse=True)
def unpainted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures in folders are made but not painted, which takes seconds; ``tests/reporting`` looks at them."""
    monkeypatch.setattr(save, "drawn", lambda figure, kind: kind.encode())
