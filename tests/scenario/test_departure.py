"""How a scenario departs from the one whose figures a court published."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import ROOT

import sim
from sim.experiments.extension_sources import described
from sim.scenario import load
from sim.scenario.departure import Change, before, departure, departure_from, values

SHANXI = ROOT / "scenarios" / "shanxi.toml"


def test_a_policy_departs_from_the_calibrated_scenario_and_that_from_nothing() -> None:
    """Its parameters were calibrated after the figures were written down, and it says how they are to be understood."""
    assert departure(load("shanxi")) is None
    assert departure(load("shanxi-prior")) is None
    assert departure(load("base", ["start.ratio=0.8"])) is None, "nothing was published"
    found = departure(load("cut-00"))
    assert found is not None
    assert found.titled("en") == "Shanxi 2017 to 2019 Q1: calibrated"
    assert found.titled("zh") == "山西2017年至2019年一季度：校准后"
    assert found.changes == (Change("rounds.second.cut", 0.2, 0.0),)


def test_values_set_by_hand_depart_and_names_and_seeds_do_not(tmp_path: Path) -> None:
    assert departure(load("shanxi", ["run.seed=7", "run.replications=3", "title=mine"])) is None
    found = departure(load("shanxi", ["start.ratio=0.8", "from.2018-01-01.rounds.second.cut=0.1"]))
    assert found is not None
    assert [one.key for one in found.changes] == ["start.ratio", "from.2018-01-01.rounds.second.cut"]
    assert found.changes[1].base == 0.2, "what holds on the day"
    own = tmp_path / "mine.toml"
    own.write_text(f'extends = "{SHANXI.as_posix()}"\n[start]\nratio = 0.8\n')
    assert departure(load(own)) is not None
    own.write_text(own.read_text() + '[interpretation]\nbasis = "event"\n')
    assert departure(load(own)) is None, "who says how figures are to be understood means to meet them"
    assert departure(load("shanxi", ["start.ratio=0.8", "published.2018.sold=1000"])) is None, (
        "nor who states them"
    )
    laid = departure(load("shanxi", (), ["cut-00"]))
    assert laid == departure(load("cut-00")), "a policy over a base"


def test_parts_of_ones_own_depart_and_measures_do_not() -> None:
    class Shaded(sim.BiddingStyle):
        def limit(self, auction, who, value):  # type: ignore[no-untyped-def]
            return 0.95 * value

    loaded = sim.load_scenario("shanxi").extend(Shaded()).loaded
    found = departure(loaded)
    assert found is not None
    assert (found.changes, found.parts) == ((), ("Shaded",))
    tree = load("shanxi").tree
    assert departure_from(tree, tree, [{**described("bidding", Shaded()), "is": "measure"}]) is None


def test_values_of_a_tree() -> None:
    assert values({"a": {"b": 1, "c": {"d": 2}}, "e": 3}) == {"a.b": 1, "a.c.d": 2, "e": 3}


def test_a_value_from_a_day_on_stands_beside_what_the_base_has_then() -> None:
    """And not beside nothing, as if the base had none."""
    base = {"rounds.second.cut": 0.2, "start.ratio": 1.0, "from.2018-01-01.start.ratio": 0.8}
    assert before("from.2017-07-01.rounds.second.cut", base) == 0.2
    assert before("from.2017-07-01.start.ratio", base) == 1.0
    assert before("from.2018-07-01.start.ratio", base) == 0.8
    assert before("rounds.second.cut", base) == 0.2
    assert before("from.2018-01-01.disposal.payment_days", base) is None


def test_a_runs_own_scenario_departs_from_the_one_whose_figures_it_has(tmp_path: Path) -> None:
    """Run again, a policy need not meet the figures of the scenario that it changes, as the folder's manifest names it."""
    policy = load("cut-10")
    own, manifest = tmp_path / "scenario.toml", tmp_path / "manifest.json"
    own.write_text(policy.toml(), encoding="utf-8")
    kept: dict[str, str | None] = {"kind": "run", "figures_of": load("shanxi").toml()}
    manifest.write_text(json.dumps(kept), encoding="utf-8")
    assert departure(load(own)) == departure(policy)
    found = departure(load(own, ["start.ratio=0.8"]))
    assert found is not None
    assert {one.key for one in found.changes} == {"start.ratio", "rounds.second.cut"}
    copied = tmp_path / "mine.toml"
    copied.write_text(policy.toml(), encoding="utf-8")
    assert departure(load(copied)) is None, "no file of the run's"
    own.write_text(policy.toml().replace("sold = 1243", "sold = 1244"), encoding="utf-8")
    assert departure(load(own)) is None, "figures of its own"
    own.write_text(policy.toml(), encoding="utf-8")
    for broken in (
        "{",
        "[]",
        "{}",
        json.dumps({"figures_of": None}),
        json.dumps({"figures_of": "title = 3"}),
    ):
        manifest.write_text(broken, encoding="utf-8")
        assert departure(load(own)) is None
