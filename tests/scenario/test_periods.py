"""Tables of values that hold from a date on: read, laid over, shown, written and varied like any other value."""

from __future__ import annotations

import pickle
from datetime import date

import pytest
from conftest import ROOT

from sim.cli.shared.checked import text as check
from sim.cli.show import text as show
from sim.experiments.assignments import set_by
from sim.experiments.optimise.decision_variables import standing
from sim.experiments.sweep.axes import Ground, read_axes
from sim.experiments.sweep.observation import Observation
from sim.law.verdict import breaches
from sim.scenario import ScenarioError, from_text, load
from sim.scenario.describe import json_schema, parameter
from sim.scenario.keys import read_key, write_key
from sim.scenario.load import Overlay

BASE = ROOT / "scenarios" / "base.toml"
SPRING, AUTUMN = date(2017, 4, 1), date(2017, 9, 1)
DATED = ("from.2017-04-01.rounds.second.cut='10 %'", 'from."2017-09-01".interest.mean=1.5')


def test_each_date_gives_a_whole_scenario_laid_over_the_one_before():
    s = load(BASE, DATED).scenario
    found = [(begins, one.rounds["second"].cut, one.interest.mean) for begins, one in s.periods]
    mean = s.interest.mean
    assert found == [(s.time.start, 0.2, mean), (SPRING, 0.1, mean), (AUTUMN, 0.1, 1.5)]
    assert s.on(date(2017, 3, 31)).rounds["second"].cut == 0.2
    assert s.on(SPRING).rounds["second"].cut == 0.1
    assert (
        s.value(("from", "2017-10-01", "interest", "mean")) == 1.5
    )  # in force, though no table has this date
    assert load(BASE).scenario.periods == ((s.time.start, load(BASE).scenario),)


def test_a_copy_is_changed_in_every_period():
    s = load(BASE, DATED).scenario
    assert len(s.periods) == 3
    copy = s.model_copy(update={"run": s.run.model_copy(update={"seed": 5})})
    assert [one.run.seed for _, one in copy.periods] == [5, 5, 5]
    assert copy != s
    assert pickle.loads(pickle.dumps(s)) == s


def test_what_is_written_is_read_again():
    loaded = load(BASE, DATED)
    assert from_text(loaded.toml()) == loaded.scenario
    assert "from.2017-04-01.rounds.second.cut=0.1" in loaded.scenario.title


def test_a_later_value_without_a_date_holds_at_all_times(tmp_path):
    early = Overlay("a policy", {"rounds": {"second": {"cut": 0.0}}})
    dated = tmp_path / "dated.toml"
    dated.write_text(
        f'extends = "{BASE}"\n[from.2017-04-01]\nrounds.second.cut = 0.1\n[from.2017-09-01]\ninterest.mean = 1.5\n'
    )
    assert list(load(dated, overlays=[early]).tree["from"]) == ["2017-09-01"]
    both = load(dated, ["rounds.second.cut=0.05", "from.2017-04-01.rounds.second.cut=0.15"]).scenario
    assert [one.rounds["second"].cut for _, one in both.periods] == [0.05, 0.15, 0.15]
    out = Overlay("without a kind", {"kinds": {"goods": False}})
    goods = Overlay("dated", {"from": {"2017-04-01": {"kinds": {"goods": {"share": 0.5}}}}})
    assert load(BASE, overlays=[goods, out]).scenario.from_ == {}
    assert load(dated, ["from.2017-04-01=false"]).scenario.from_.keys() == {"2017-09-01"}


def test_keys_with_a_date_are_those_of_the_parameter():
    key = read_key('from."2017-04-01".rounds.second.cut')
    assert write_key(key) == "from.2017-04-01.rounds.second.cut"
    declared, plain = parameter(key), parameter(key[2:])
    assert declared is not None
    assert plain is not None
    assert (declared.unit, declared.zh) == (plain.unit, plain.zh)


def test_all_defects_are_reported_at_once():
    wrong = (
        "from.2017-04-01.rounds.second.cut=2",
        "from.2017-09-01.interest.meen=1",
        "from.2018-01-01.start.ratio=1",
    )
    with pytest.raises(ScenarioError) as caught:
        load(BASE, (*wrong, "interest.mean=-1"))
    assert [defect.key for defect in caught.value.defects] == [
        "interest.mean", "from.2018-01-01", "from.2017-04-01.rounds.second.cut", "from.2017-09-01.interest.meen",
    ]  # fmt: skip


def test_shown_and_checked_by_date():
    loaded = load(BASE, (*DATED, "from.2017-09-01.rounds.second.cut=0.4"))
    text = show(loaded, "en")
    assert "\n[from.2017-09-01]\n" in text
    assert "rounds.second.cut" in text.split("[from.2017-09-01]")[1]
    report, unlawful = check(loaded, "en")
    assert [breach.path for breach in unlawful] == ["from.2017-09-01.rounds.second.cut"]
    assert "from.2017-09-01.rounds.second.cut = 0.4" in report


def test_a_value_is_held_against_the_law_of_its_own_days():
    """Unlawful only until the rules of 2016 were in force; and what the base breaks is named once, as the base's."""
    before = load(
        BASE, ["time.start=2016-01-01", "auction.deposit=0.5", "from.2017-01-01.auction.deposit=0.1"]
    ).scenario
    assert {breach.article for breach in breaches(before)} == {"2004 rules Art 27", "2004 rules Art 28"}, (
        "of its sell-off"
    )
    assert all(breach.until == date(2016, 12, 31) for breach in breaches(before))
    always = load(BASE, ["start.ratio=0.5", "from.2017-04-01.rounds.second.cut=0.1"]).scenario
    assert [breach.path for breach in breaches(always)] == ["start.ratio"]


def test_the_json_schema_knows_the_tables():
    import jsonschema

    schema = json_schema()
    jsonschema.validate({"from": {"2017-04-01": {"rounds": {"second": {"cut": "10 %"}}}}}, schema)
    for wrong in ({"2017-04-01": {"time": {}}}, {"2017-04-01": {"roundz": {}}}, {"2017-04-01": 3}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({"from": wrong}, schema)


def test_varied_and_set_cannot_pass_each_other_over():
    loaded = load(BASE, DATED)
    ground = Ground(str(BASE), DATED, loaded)
    for text in ("from.2017-04-01.rounds.second.cut=0.1,0.2", "rounds.second.cut=0.1,0.2"):
        defects = []
        read_axes("--vary", [text], ground, defects)
        assert "varied and set" in str(defects[0]), text
    defects = []
    (axis,) = read_axes(
        "--vary",
        ["from.2017-04-01.rounds.second.cut='5 %','10 %'"],
        Ground(str(BASE), (), load(BASE)),
        defects,
    )
    assert (defects, axis.levels) == ([], (0.05, 0.1))
    assert standing(load(BASE), [axis]) == (0.2,)
    assert [claim.key for claim in set_by(DATED)] == [read_key(text.split("=")[0]) for text in DATED]


def test_a_sweep_puts_a_value_in_the_place_of_dated_ones():
    work = Observation(load(BASE, DATED).toml(), {
        "a": ("rounds", "second", "cut"), "b": ("from", "2017-09-01", "rounds", "second", "cut"), "c": ("interest", "mean"),
    })  # fmt: skip

    def cuts(values):
        return [one.rounds["second"].cut for _, one in work.prepare(values)(0).periods]

    assert cuts({"a": 0.05}) == [0.05, 0.05]  # nothing else changes in spring
    assert cuts({"b": 0.0, "a": 0.05}) == [0.05, 0.0]
    assert cuts({"b": 0.0}) == [0.2, 0.1, 0.0]
    assert work.prepare({"a": 0.1, "c": 2.0})(0).from_ == {}
