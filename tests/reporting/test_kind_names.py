"""Wherever a reader of Chinese meets a kind of lot, it has the Chinese name that the scenario gives it, and no key."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import scenario
from typer.testing import CliRunner

from sim.cli.main import app
from sim.law.verdict import breaches
from sim.measures.against_law import AgainstTheLaw
from sim.model.simulate import simulate
from sim.reporting.against_law import record_lines
from sim.reporting.fit import changed
from sim.reporting.law import breach_sentence, breach_short
from sim.reporting.pages.sweep_data import Axis
from sim.reporting.values import dated_name, setting, short_name
from sim.scenario import load
from sim.scenario.departure import departure
from sim.scenario.keys import read_key

KEY = "kinds.equity.start.ratio"


@pytest.mark.parametrize("key", [KEY, f"from.2017-06-01.{KEY}"])
def test_what_the_law_does_not_allow_of_a_kind_names_it(key: str) -> None:
    s = scenario("base", f"{key}=0.5")
    (one,) = breaches(s)
    for said in (breach_sentence, breach_short):
        assert "股权" in said(one, "zh")
        assert "equity" not in said(one, "zh")
        assert "equity start ratio 50%" in said(one, "en")


def test_kinds_of_a_rule_that_is_broken_for_some_are_named() -> None:
    s = scenario("base", "start.token_share=0.2")
    assert not [one for one in breaches(s) for name in s.kinds if name in breach_sentence(one, "zh")]
    s = scenario("base", "arrivals.volume=0.1", "kinds.equity.auction.deposit=0.5", "kinds.equity.share=0.5")
    held = AgainstTheLaw(s)
    held.add(0, simulate(s, 0))
    assert "股权" in "".join(record_lines(held, Path("out"), 1, "zh"))
    assert not [name for name in s.kinds if name in "".join(record_lines(held, Path("out"), 1, "zh"))]


def test_in_what_a_scenario_departs_from_published_figures_names_kinds() -> None:
    one = departure(load("scenarios/shanxi.toml", (f"{KEY}=0.9",)))
    assert one is not None
    assert changed(one, "zh").startswith("股权")
    assert changed(one, "en").startswith("equity start ratio")


def test_parameters_of_a_kind_are_named_in_sweeps_searches_and_questions() -> None:
    kinds = scenario("base").kinds
    key = read_key(KEY)
    for said in (Axis(KEY, key, (0.8, 0.9), kinds=kinds).short("zh"), short_name(key, "zh", kinds), dated_name(key, "zh", kinds), setting(key, 0.9, "zh", kinds)):  # fmt: skip
        assert said.startswith("股权")
        assert "equity" not in said


def test_a_policy_that_is_named_by_what_it_sets_names_kinds(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    asked = ["new", "policy", str(file), "--set", f"{KEY}=0.9", "--yes"]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    (title,) = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("title_zh")]
    assert "股权" in title
    assert "equity" not in title
