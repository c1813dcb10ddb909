"""A name of before is an error that says the name of now, wherever it stands; tables of now hold no name of before."""

import numpy as np
import pytest

from sim.experiments.draws import read_draws
from sim.experiments.paired import paired
from sim.experiments.sweep.axes import Ground, read_axes
from sim.model.records import SCHEMAS
from sim.scenario import Defect, ScenarioError, load
from sim.scenario.files import leaves
from sim.scenario.renamed import COLUMNS, TABLES, new_name, old_name, renaming
from sim.scenario.schema import Scenario


def test_every_name_of_now_is_of_the_schema_and_no_name_of_before_is() -> None:
    assert set(TABLES.values()) <= set(Scenario.model_fields)
    assert not set(TABLES) & set(Scenario.model_fields)
    for old, new in COLUMNS["rounds"].items():
        assert new in SCHEMAS["rounds"]
        assert old not in SCHEMAS["rounds"]
    columns = paired(np.zeros((1, 2, 1)), np.ones((1, 2, 1)))
    for old, new in COLUMNS["differences"].items():
        assert new in columns
        assert old not in columns


def test_a_key_keeps_its_date_and_goes_both_ways() -> None:
    old, new = ("from", "2018-01-01", "cash", "held"), ("from", "2018-01-01", "liquidity", "held")
    assert (new_name(old), old_name(new)) == (new, old)
    assert renaming(("docket", "volume")) == "is now arrivals.volume"
    assert renaming(("interest", "mean")) is None
    assert new_name(()) is None


@pytest.mark.parametrize("old", TABLES)
def test_set_by_hand(old: str) -> None:
    with pytest.raises(ScenarioError, match=rf"--set: {old}\.x: is now {TABLES[old]}\.x"):
        load("base", [f"{old}.x=1"])


def test_an_axis() -> None:
    defects: list[Defect] = []
    read_axes("--vary", ["docket.volume=1,2"], Ground("base", (), load("base")), defects)
    assert [str(one) for one in defects] == ["--vary docket.volume=1,2: docket.volume is now arrivals.volume"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("d.csv", "docket.volume,interest.mean\n1.5,2\n2.5,3\n"),
        ("d.toml", "[[draws]]\ndocket.volume = 1.5\n[[draws]]\ndocket.volume = 2.5\n"),
    ],
)
def test_draws_say_it_once(tmp_path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_draws(path)
    assert str(caught.value) == f"{path}: docket.volume is now arrivals.volume"


def test_what_holds_under_the_old_name_hides_nothing_else() -> None:
    with pytest.raises(ScenarioError) as caught:
        load("base", ["docket.volume=-1", "interest.mean=-1"])
    assert [one.key for one in caught.value.defects] == ["docket.volume", "arrivals.volume", "interest.mean"]


def test_no_scenario_of_ours_has_an_old_name() -> None:
    tree = load("shanxi").tree
    assert not [key for key in leaves(tree) if renaming(key)]
