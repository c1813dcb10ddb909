"""A scenario's file of draws: named relative to the file that names it, inherited, taken out, and no part of the scenario."""

from __future__ import annotations

import pytest
from conftest import ROOT
from typer.testing import CliRunner

from sim.cli.main import app
from sim.cli.show import text as show
from sim.scenario import ScenarioError, load

BASE = (ROOT / "scenarios" / "base.toml").as_posix()


@pytest.fixture
def place(tmp_path):
    """A scenario in a folder of its own with draws, and others beside it that extend it."""
    (tmp_path / "in").mkdir()
    files = {
        "in/named.toml": f'extends = "{BASE}"\ndraws = "d.csv"\n[sources]\ndraws = "a posterior"\n',
        "in/d.csv": "interest.mean\n1.5\n2.5\n",
        "child.toml": 'extends = "in/named.toml"\n[rounds.second]\ncut = 0.1\n',
        "out.toml": 'extends = "child.toml"\ndraws = false\n',
        "other.toml": 'extends = "child.toml"\ndraws = "in/e.csv"\n',
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_it_is_found_beside_the_file_that_names_it_and_inherited_unless_taken_out(place):
    named = load(place / "in" / "named.toml")
    child = load(place / "child.toml")
    assert named.draws == child.draws == place / "in" / "d.csv"
    assert child.origins[("draws",)] == str(place / "in" / "named.toml")
    assert load(place / "out.toml").draws is None
    assert load(place / "other.toml").draws == place / "in" / "e.csv", "relative to other.toml"
    assert load("base").draws is None


def test_it_is_no_part_of_the_scenario(place):
    one, other = load(place / "child.toml"), load(place / "out.toml")
    assert one.toml() == other.toml()
    assert one.scenario == other.scenario
    assert load(place / "child.toml", ["draws=false"]).toml() == one.toml(), "not named in the title either"


def test_set_names_it_relative_to_where_one_stands(place):
    assert load("base", ["draws=x/y.csv"]).draws.as_posix() == "x/y.csv"
    assert load(place / "child.toml", ["draws=false"]).draws is None
    with pytest.raises(ScenarioError, match="--set: draws: 3 is not a file name"):
        load("base", ["draws=3"])


def test_a_file_that_is_not_there_is_found_by_what_uses_it(place):
    load(place / "other.toml")
    found = CliRunner().invoke(app, ["check", str(place / "other.toml")])
    assert found.exit_code == 2
    assert "other.toml: draws: " in found.output
    assert "e.csv: there is no such file" in found.output


def test_show_says_which_and_who_names_it(place):
    text = show(load(place / "child.toml"), "en")
    assert f"draws = {place / 'in' / 'd.csv'}" in text
    assert text.endswith(f"| {place / 'in' / 'named.toml'}")
    assert "\ndraws = " not in show(load("base"), "en")


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", "2 draws of 1 parameter, all valid"), ("zh", "2组参数抽样，每组1个参数，均有效")],
)
def test_check_tries_every_draw(place, lang, words):
    found = CliRunner().invoke(app, ["check", str(place / "child.toml"), "--lang", lang])
    assert found.exit_code == 0
    assert words in found.output
    (place / "in" / "d.csv").write_text("interest.mean\n1.5\n-2.5\n", encoding="utf-8")
    found = CliRunner().invoke(app, ["check", str(place / "child.toml"), "--lang", lang])
    assert found.exit_code == 2
    refused = {"en": "interest.mean: -2.5 is out of range", "zh": "interest.mean：-2.5超出范围"}
    assert ("d.csv第3行" if lang == "zh" else "d.csv line 3") in found.output
    assert refused[lang] in found.output
