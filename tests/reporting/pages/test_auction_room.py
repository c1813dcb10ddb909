"""The replay's data are the records; the command writes one page, and says when there is nothing to replay."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from sim.cli.main import app
from sim.measures.notable_lots import notable_lots, of_lot
from sim.model.records import SCHEMAS, RoundOutcome
from sim.model.simulate import simulate
from sim.reporting.pages.auction_room import room_data
from sim.scenario import load
from sim.scenario.schema import Scenario

ROOT = Path(__file__).resolve().parents[3]
SMALL = ("arrivals.volume=0.06", "courts.number=12")


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return load(ROOT / "scenarios" / "shanxi-prior.toml", SMALL).scenario


def test_every_bid_and_every_move_of_the_end_is_in_the_replay(scenario: Scenario) -> None:
    records = simulate(scenario, 0)
    fought = [
        lot
        for why, lot in notable_lots(records, 3).items()
        if why in ("contested", "second", "late", "token", "defaulted")
    ]
    assert len(fought) >= 4
    for lot in fought:
        mine = of_lot(records, lot)
        data = room_data(scenario, mine)
        assert data is not None
        row = int(np.argmax(mine.rounds["bids"]))
        assert len(data["bids"]) == mine.rounds["bids"][row]
        assert len(data["ends"]) == mine.rounds["extensions"][row]
        assert data["bids"][-1][2] == pytest.approx(mine.rounds["price"][row], abs=0.01)
        assert data["closed"] == pytest.approx([data["close"], *data["ends"]][-1], abs=0.01)
        if mine.rounds["outcome"][row] in (RoundOutcome.SOLD, RoundOutcome.DEFAULTED):
            assert data["bids"][-1][1] == data["winner"]
        times = [when for when, _, _ in data["bids"]]
        assert times == sorted(times)
        assert data["begin"] == pytest.approx(max(0.0, data["close"] - 3600.0))


def test_a_lot_without_bids_has_no_replay(scenario: Scenario) -> None:
    records = simulate(scenario, 0)
    nobody = next(lot for lot in records.lots["lot"].tolist() if lot not in records.bids["lot"])
    assert room_data(scenario, of_lot(records, nobody)) is None
    assert set(SCHEMAS) == {"lots", "rounds", "registrations", "bids"}


def test_the_command_writes_a_page_beside_the_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = [word for one in SMALL for word in ("--set", one)]
    result = CliRunner().invoke(
        app,
        [
            "trace",
            str(ROOT / "scenarios" / "shanxi-prior.toml"),
            "--lot",
            "contested",
            "--html",
            "--no-picture",
            *settings,
        ],
    )
    assert result.exit_code == 0, result.output
    path = Path(result.output.strip().splitlines()[-1])
    page = path.read_text(encoding="utf-8")
    found = re.search(r'class="room-data">(.*?)</script>', page)
    assert found
    assert len(json.loads(found[1])["bids"]) > 10
    assert list(tmp_path.rglob("*.png")) == []
