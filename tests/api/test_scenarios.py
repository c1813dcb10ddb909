"""Scenarios as values: what changes them, what is said of what is wrong, and that nothing changes in place."""

from __future__ import annotations

import datetime
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from typer.testing import CliRunner

import sim
from sim.cli.main import app

WRONG = [
    {"rounds.second.cut": 1.5},
    {"rounds.second.cutt": 0.1},
    {"rounds.second.cut": "much"},
    {"not a key": 1},
    {"courts.number": 2.5, "rounds.second.cut": -1, "auction.window": "3 kg"},
    {"time.start": datetime.date(2030, 1, 1)},
]


@pytest.mark.parametrize("changes", WRONG, ids=str)
def test_what_is_wrong_is_said_as_the_command_says_it_all_at_once(changes: dict[str, object]) -> None:
    texts = [f"{k}={v}" if not isinstance(v, str) else f'{k}="{v}"' for k, v in changes.items()]
    said = CliRunner().invoke(app, ["check", "base", *(word for text in texts for word in ("--set", text))])
    assert said.exit_code == 2
    with pytest.raises(sim.ScenarioError) as error:
        sim.load_scenario("base").replace(changes)
    assert str(error.value) + "\n" == said.output.replace("--set: ", "changes: ")
    assert len(error.value.defects) >= len(changes)


def test_what_is_no_value_at_all_is_said_with_everything_else() -> None:
    with pytest.raises(sim.ScenarioError) as error:
        sim.load_scenario("base").replace({"run.seed": None, "courts.number": {1, 2}, 3: 4})  # type: ignore[dict-item]
    assert [one.key for one in error.value.defects] == ["run.seed", "courts.number", "3"]
    with pytest.raises(sim.ScenarioError, match="did you mean shanxi"):
        sim.load_scenario("shanxy")


def test_values_of_all_kinds_come_through() -> None:
    base = sim.load_scenario()
    changed = base.replace(
        {
            "rounds": {"second": {"cut": np.float64(0.1)}},
            "courts.number": np.int64(3),
            "auction.deposit": "20%",
            "auction.spring_festival_break": False,
            "time.end": datetime.date(2017, 11, 30),
            "arrivals.periods.year.last": datetime.date(2017, 11, 30),
            "time.windows": {"2017": {"last": datetime.date(2017, 11, 30)}},
            "kinds.goods": False,
        }
    )
    assert (changed["rounds.second.cut"], changed["courts.number"], changed["auction.deposit"]) == (
        0.1,
        3,
        0.2,
    )
    assert changed["time.end"] == datetime.date(2017, 11, 30)
    assert not changed["auction.spring_festival_break"]
    with pytest.raises(KeyError):
        changed["kinds.goods.share"]
    with pytest.raises(KeyError):
        changed["no key"]
    with pytest.raises(KeyError, match=r"rounds.second.cutt: no such key; did you mean cut\?"):
        changed["rounds.second.cutt"]


def test_replace_gives_another_scenario_and_leaves_the_first_alone() -> None:
    base = sim.load_scenario("base")
    other = base.replace({"rounds.second.cut": 0.1})
    assert base["rounds.second.cut"] == 0.2
    assert other != base
    assert other == base.replace({"rounds": {"second": {"cut": 0.1}}})
    assert hash(other) == hash(base.replace({"rounds.second.cut": 0.1}))
    again = other.replace({"rounds.second.cut": 0.2})
    assert again.changes == ("rounds.second.cut=0.2",), "what is set anew is not kept twice"
    with pytest.raises(FrozenInstanceError):
        other.name = "x"  # type: ignore[misc]


def test_it_says_how_it_is_made() -> None:
    made = sim.load_scenario("shanxi").replace({"auction.deposit": "20%", "courts.number": 5})
    assert eval(made.code(), {"sim": sim}) == made
    assert repr(made).startswith("<Scenario shanxi: ")
    assert "<td>shanxi-draws.csv</td>" in made._repr_html_(), "without the folders of this machine"
    assert made.draws == sim.load_scenario("shanxi").draws


def test_a_path_a_name_and_values_are_taken(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('extends = "base"\ntitle = "Mine"\n[rounds.second]\ncut = 0.1\n', encoding="utf-8")
    mine = sim.load_scenario(file)
    assert (mine.title, mine["rounds.second.cut"]) == ("Mine", 0.1)
    assert sim.load_scenario(mine) is mine
    assert sim.load_scenario(ROOT / "scenarios" / "base.toml") == sim.load_scenario("base")
    whole = tmp_path / "whole.toml"
    whole.write_text(mine.to_toml(), encoding="utf-8")
    assert sim.load_scenario(whole) == mine


def test_a_file_that_has_changed_since_is_not_run_as_if_it_had_not(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text('extends = "base"\n[rounds.second]\ncut = 0.1\n', encoding="utf-8")
    mine = sim.load_scenario(file).replace({"arrivals.volume": 0.01})
    file.write_text('extends = "base"\n[rounds.second]\ncut = 0.3\n', encoding="utf-8")
    with pytest.raises(sim.ScenarioError, match="has changed since it was loaded"):
        sim.compare(mine, {"none": {"rounds.second.cut": 0.0}})


def test_what_the_law_forbids_is_said() -> None:
    assert sim.load_scenario("base").unlawful == []
    (said,) = sim.load_scenario({"auction.deposit": 0.5}).unlawful
    assert "Art" in said


def test_parameters_as_a_table() -> None:
    frame = sim.load_scenario("shanxi").to_frame()
    assert frame.loc["interest.mean", "value"] == sim.load_scenario("shanxi")["interest.mean"]
    assert set(frame.columns) == {"value", "unit", "meaning", "source", "set_by"}
    assert frame["meaning"].map(bool).all()
