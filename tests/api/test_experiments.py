"""Comparisons, sweeps, sensitivity and search in Python give what the commands give, and leave nothing behind."""

from __future__ import annotations

import json
import tempfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from api.conftest import CUT
from matplotlib.figure import Figure
from typer.testing import CliRunner

import sim
from sim.cli.main import app
from sim.experiments.sweep import observation
from sim.experiments.sweep.run_store import RunStoreError
from sim.model import simulate as model
from sim.model.records import Records
from sim.scenario.schema import Scenario

FEW = {"replications": 2, "measures": ["lots_sold", "days_to_sale_mean"]}


@pytest.fixture(scope="module")
def compared(village: sim.Scenario) -> sim.CompareResult:
    return sim.compare(village, {"no cut": CUT, "named": "cut-00"}, replications=2)


@pytest.fixture(scope="module")
def swept(village: sim.Scenario) -> sim.SweepResult:
    return sim.sweep(village, {"rounds.second.cut": [0.0, 0.2]}, **FEW)


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    yield
    assert list(place.iterdir()) == []


def in_both(result: object, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a result shows in a notebook, in English and in Chinese: words, and no identifiers of measures."""
    shown = []
    for lang in ("en", "zh"):
        monkeypatch.setenv("SIM_LANG", lang)
        shown.append(result._repr_html_())  # type: ignore[attr-defined]
        assert "lots_sold" not in shown[-1]
        assert "Result of" not in shown[-1]
        assert "\\n" not in shown[-1]
    return shown


# comparisons


def test_base_and_policies_are_marked_by_the_law_of_a_day(
    village: sim.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the result and in the folder, which says how it is made again, as of the command; without a day by those simulated."""
    deep, early = {"rounds.second.cut": 0.3}, {"pricing.online_inquiry.since": date(2017, 1, 1)}
    monkeypatch.setenv("SIM_LANG", "en")
    out = tmp_path / "out"
    found = sim.compare(village, {"deep": deep, "early": early}, replications=1, date="2019-04-01", out=out)
    assert [len(some) for some in found.unlawful.values()] == [0, 1, 0]
    assert "2016 rules Art 26" in found.unlawful["deep"][0]
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["law_of"] == "2019-04-01"
    assert {name: len(some) for name, some in manifest["unlawful"].items() if some} == {"deep": 1}
    assert ", date='2019-04-01'" in " ".join(manifest["command"])
    plain = sim.compare(village, {"early": early}, replications=1)
    assert (plain.law_of, list(plain.unlawful)) == (None, [plain.base, "early"])
    assert "law before 2018-09-01" in plain.unlawful["early"][0]


def test_values_a_file_and_a_scenario_are_the_same_policy(
    village: sim.Scenario, compared: sim.CompareResult
) -> None:
    frame = compared.differences
    by = {name: frame[frame["policy_name"] == name].drop(columns="policy_name") for name in compared.policies}
    pd.testing.assert_frame_equal(by["no cut"].reset_index(drop=True), by["named"].reset_index(drop=True))
    other = sim.compare(village, {"no cut": village.replace(CUT)}, replications=2).differences
    mine = frame[frame["policy_name"] == "no cut"].reset_index(drop=True)
    pd.testing.assert_frame_equal(other.astype({"policy_name": str}), mine.astype({"policy_name": str}))


def test_a_comparison_is_that_of_the_command(
    compared: sim.CompareResult, village: sim.Scenario, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    sets = [word for text in village.changes for word in ("--set", text)]
    done = CliRunner().invoke(app, ["compare", "base", "cut-00", *sets, "-n", "2", "-j", "1", "--no-pictures", "--out", str(out)])  # fmt: skip
    assert done.exit_code == 0
    on_disk = pd.read_csv(out / "differences.csv", encoding="utf-8-sig", dtype={"window": str})
    mine = compared.differences.query("policy_name == 'named'").reset_index(drop=True)
    for name in ("measure", "base", "policy", "difference", "ci_low", "ci_high"):
        pd.testing.assert_series_equal(on_disk[name], mine[name], check_dtype=False, check_categorical=False)


def test_what_replace_has_set_a_policy_may_change(village: sim.Scenario) -> None:
    base = village.replace({"rounds.second.cut": 0.1})
    found = sim.compare(base, {"none": CUT}, replications=2)
    same = sim.compare(village, {"a": {"rounds.second.cut": 0.1}, "none": CUT}, against="a", replications=2)
    assert (
        found.headline.loc["none", "difference"].tolist() == same.headline.loc["none", "difference"].tolist()
    )
    assert same.base == "a"
    shown = [one for one in found._repr_html_().split("<td>") if one.startswith("none")]
    assert shown, "a policy is called by its name, whatever was set"


def test_policies_without_names_alone_or_in_a_list(village: sim.Scenario, compared: sim.CompareResult, tmp_path: Path) -> None:  # fmt: skip
    """A file is called by its own name, a scenario by what it changes; a text is one name and no list of letters."""
    difference = compared.headline.loc["no cut", "difference"].tolist()
    cut, other = village.replace(CUT), village.replace({"start.ratio": 0.8, "auction.deposit": "20%"})
    for policies, name in (
        ("cut-00", "cut-00"), (Path("cut-00"), "cut-00"), (cut, "rounds.second.cut=0.0"), ([cut, other], "rounds.second.cut=0.0")
    ):  # fmt: skip
        found = sim.compare(village, policies, replications=2)
        assert found.policies[0] == name
        assert found.headline.loc[name, "difference"].tolist() == difference
    assert found.policies[1] == "start.ratio=0.8, auction.deposit=20%"
    out = tmp_path / "out"
    sim.compare(village, [other], replications=2, out=out)
    assert "'start.ratio': 0.8" in (out / "manifest.json").read_text(encoding="utf-8")


def test_a_policy_is_shown_by_the_name_given_to_it(village: sim.Scenario) -> None:
    found = sim.compare(village, {"a fifth less": "cut-20", "whole": "base", "cut-00": "cut-00"}, replications=1, against="cut-00")  # fmt: skip
    shown = found._repr_html_()
    assert "<td>a fifth less</td>" in shown
    assert "Reduce by" not in shown
    assert [one.scenario.title for one in found.found.loaded] == ["cut-00", "a fifth less", "whole"]
    (own,) = sim.compare(village, ["cut-20"], replications=1).found.loaded[1:]
    assert own.scenario.title.startswith("Reduce by 20 %")


def test_verdicts_are_codes_and_words_stand_beside_them(
    village: sim.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = {}
    for lang in ("en", "zh"):
        monkeypatch.setenv("SIM_LANG", lang)
        shown[lang] = sim.compare(village, {"same": {"rounds.second.cut": 0.2}}, replications=2).headline
    codes = shown["zh"]["verdict"]
    assert codes.dtype == "category"
    assert set(codes) <= {"same", "undefined"}
    assert codes.tolist() == shown["en"]["verdict"].tolist()
    assert (shown["zh"]["in_words"] != shown["en"]["in_words"]).all()


def test_over_draws_of_a_table(village: sim.Scenario, tmp_path: Path) -> None:
    draws = pd.DataFrame({"interest.mean": [3.0, 5.0]})
    found = sim.compare(village, {"no cut": CUT}, draws=draws, replications=2, out=tmp_path / "out")
    assert (found.draws, found.replications) == (2, 2)
    assert "2 draws x 2 pairs" in repr(found)
    assert "evenly spread over 2 in the file" in found._repr_html_()
    assert (tmp_path / "out" / "draws.csv").is_file()
    file = tmp_path / "draws.csv"
    draws.to_csv(file, index=False)
    other = sim.compare(village, {"no cut": CUT}, draws=file, replications=2)
    pd.testing.assert_frame_equal(found.differences, other.differences)


def test_what_replace_has_set_may_be_varied(village: sim.Scenario, swept: sim.SweepResult) -> None:
    none = village.replace(CUT)
    found = sim.sweep(none, {"rounds.second.cut": [0.0, 0.2]}, **FEW)
    pd.testing.assert_frame_equal(found.runs, swept.runs)
    assert "rounds.second.cut" not in found.scenario.title
    best = sim.optimise(
        none, {"rounds.second.cut": [0.0, 0.1, 0.2]}, maximise="lots_sold", points=4, replications=1, final=2
    )
    assert best.points.loc["base", "rounds.second.cut"] == 0.0


def test_draws_that_a_scenario_names_are_taken_unless_none_are_wanted() -> None:
    shanxi = sim.load_scenario("shanxi").replace({"arrivals.volume": 0.002, "courts.number": 1})
    found = sim.compare(shanxi, ["cut-00"], replications=2, max_draws=2)
    assert (found.draws, found.policies) == (2, ("cut-00",))
    assert sim.compare(shanxi, ["cut-00"], draws=False, replications=2).draws == 0


def test_a_comparison_shows_itself(compared: sim.CompareResult) -> None:
    assert repr(compared).startswith("<CompareResult of no cut, named with base: 2 pairs, ")
    assert "<td>Lots sold (lots)</td>" in compared._repr_html_()
    for kind in ("differences", "tradeoff", "flow"):
        assert isinstance(compared.plot(kind), Figure)
    assert isinstance(compared.plot("flow", policy="no cut"), Figure)
    with pytest.raises(ValueError, match="did you mean no cut"):
        compared.plot("flow", policy="no cuts")
    assert "Lots sold" in compared.sentence("no cut")


@pytest.mark.parametrize(
    ("policies", "more", "said"),
    [
        ({"x": {"rounds.second.cutt": 0.1}}, {}, ["x: rounds.second.cutt: unknown key; did you mean cut?"]),
        ({"x": {"rounds.second.cut": 7.0}, "y": {"courts.number": 0}}, {}, ["x: rounds.second.cut", "y: courts.number"]),
        ({"x": {}}, {}, ["x: changes nothing"]),
        ({"x": {"not a key": 1}}, {}, ["x: not a key: is not a path of keys"]),
        ({"a/b": CUT}, {}, ["without /"]),
        ({}, {}, ["at least one"]),
        (["cut-01"], {}, ["did you mean cut-"]),
        ({"base": CUT}, {}, ["is named twice"]),
        (CUT, {}, ["policies 'rounds.second.cut': policies need names: {\"name\": {"]),
        ([CUT], {}, ["policies: policies need names"]),
        (3, {}, ["policies need names"]),
        ({2: CUT}, {}, ["a name without /"]),
        ({"x": CUT}, {"against": CUT}, ["against={'rounds.second.cut': 0.0}: must be the name"]),
        (sim.load_scenario("shanxi"), {}, ["is not made from base"]),
        ({"x": sim.load_scenario("shanxi")}, {}, ["is not made from base"]),
        ({"x": CUT}, {"max_draws": 3}, ["max_draws=3: there are no draws"]),
        ({"x": CUT}, {"draws": True}, ["the scenario names no draws"]),
        ({"x": {"nothing": 1}}, {"jobs": -1}, ["jobs=-1", "unknown key"]),
        ({"x": CUT}, {"draws": pd.DataFrame({"courts.number": [1, 2]})}, ["courts.number is varied and set"]),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_with_a_comparison_is_said_before_anything_runs(village: sim.Scenario, policies: object, more: dict[str, object], said: list[str]) -> None:  # fmt: skip
    with pytest.raises(sim.ScenarioError) as error:
        sim.compare(village, policies, **more)  # type: ignore[arg-type]
    for part in said:
        assert part in str(error.value)


# sweeps


def test_a_sweep_in_memory_is_that_in_a_folder(
    village: sim.Scenario, swept: sim.SweepResult, tmp_path: Path
) -> None:
    kept = sim.sweep(village, {"rounds.second.cut": "0:0.2:0.2"}, **FEW, out=tmp_path / "out")
    pd.testing.assert_frame_equal(kept.runs, swept.runs)
    pd.testing.assert_frame_equal(kept.summary, swept.summary)
    on_disk = pd.read_csv(tmp_path / "out" / "summary.csv", encoding="utf-8-sig", dtype={"window": str})
    assert on_disk["mean"].tolist() == swept.summary["mean"].tolist()
    again = sim.sweep(village, {"rounds.second.cut": [0.0, 0.2]}, **FEW, out=tmp_path / "out")
    assert again.points == 2, "what is there is not run again"
    with pytest.raises(RunStoreError, match="replications of each point, not 1"):
        sim.sweep(village, {"rounds.second.cut": [0.0, 0.2]}, replications=1, measures=FEW["measures"], out=tmp_path / "out")  # type: ignore[arg-type]  # fmt: skip


def test_a_sweep_is_the_runs_one_by_one(village: sim.Scenario, swept: sim.SweepResult) -> None:
    run = village.replace(CUT).run(2)
    mine = run.measures.query(
        "window == 'all' and segment == 'all' and basis == 'event' and measure == 'lots_sold'"
    )
    theirs = swept.summary.query("window == 'all' and measure == 'lots_sold' and point == 0")
    assert mine["mean"].tolist() == theirs["mean"].tolist()


def test_axes_are_lists_ranges_and_texts(village: sim.Scenario) -> None:
    found = sim.sweep(village, {"rounds.second.cut": (0.0, 0.1, 0.1), "start.ratio": [0.7, 0.8]}, **FEW)
    assert found.points == 4
    spread = sim.sweep(village, {"interest.mean": (2.0, 5.0)}, design="lhs", samples=3, **FEW)
    assert spread.runs["interest.mean"].between(2.0, 5.0).all()
    assert isinstance(found.plot("lots_sold"), Figure)
    assert isinstance(spread.plot(), Figure)


def test_a_run_that_fails_is_a_row(village: sim.Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    def simulate(scenario: Scenario, replication: int) -> Records:
        if replication == 1 and scenario.rounds["second"].cut == 0.0:
            raise ArithmeticError("made up")
        return model.simulate(scenario, replication)

    monkeypatch.setattr(observation, "simulate", simulate)
    found = sim.sweep(village, {"rounds.second.cut": [0.0, 0.2]}, **FEW)
    failed = found.runs[found.runs["error"].notna()]
    assert set(zip(failed["point"], failed["replication"], strict=True)) == {(0, 1)}
    assert failed["error"].str.contains("made up").all()
    assert found.summary.query("window == 'all'")["replications"].tolist() == [1, 1, 2, 2]
    with pytest.raises(RunStoreError, match=r"runs have failed.*made up"):
        sim.sensitivity(
            village, {"rounds.second.cut": [0.0, 0.2]}, samples=2, replications=2, measures=["lots_sold"]
        )


def test_a_sweep_shows_itself(swept: sim.SweepResult, monkeypatch: pytest.MonkeyPatch) -> None:
    assert repr(swept) == "<SweepResult of base over rounds.second.cut: 2 points x 2>"
    english, chinese = in_both(swept, monkeypatch)
    assert "<th>Lots sold (lots)</th>" in english
    assert "<strong>Base: the rules" in english
    assert "4 runs" in english
    assert "<th>成交量（件）</th>" in chinese
    assert "降价幅度" in chinese
    with pytest.raises(ValueError, match="：可取lots_sold、days_to_sale_mean；您是不是要找lots_sold？"):
        swept.plot("lots_sol")
    monkeypatch.setenv("SIM_LANG", "en")
    with pytest.raises(ValueError, match=r": allowed are lots_sold, .*; did you mean lots_sold\?"):
        swept.plot("lots_sol")
    with pytest.raises(ValueError, match=r"window='1999': allowed are 2017, all$"):
        swept.plot(window="1999")
    with pytest.raises(sim.ScenarioError, match="measures=3: must be a text or a list"):
        swept.plot(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("vary", "more", "said"),
    [
        ({}, {}, ["at least one parameter"]),
        ({"rounds.second.cut": (0.0, 0.2)}, {}, ["a grid needs a step"]),
        ({"rounds.second.cut": {"a": 1}}, {}, ["must be a list of values"]),
        ({"rounds.second.cut": [0.0, 9.0]}, {"measures": ["lots_sol"], "replications": 0}, ["did you mean lots_sold", "replications=0", "9"]),
        ({"rounds.second.cut": [0.0]}, {"draws": "scenario"}, ["the scenario names no draws"]),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_with_a_sweep_is_said_before_anything_runs(village: sim.Scenario, vary: dict[str, object], more: dict[str, object], said: list[str]) -> None:  # fmt: skip
    with pytest.raises(sim.ScenarioError) as error:
        sim.sweep(village, vary, **more)  # type: ignore[arg-type]
    for part in said:
        assert part in str(error.value)


# sensitivity, search


def test_sensitivity_is_that_of_the_folder(
    village: sim.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranges = {"interest.mean": (1.0, 9.0), "rounds.second.cut": (0.0, 0.2)}
    how = {"samples": 2, "replications": 1, "measures": ["lots_sold"]}
    found = sim.sensitivity(village, ranges, **how)  # type: ignore[arg-type]
    kept = sim.sensitivity(village, ranges, **how, out=tmp_path / "out")  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(found.indices, kept.indices)
    on_disk = pd.read_csv(tmp_path / "out" / "sensitivity.csv", encoding="utf-8-sig")
    assert on_disk["mu_star"].tolist() == found.indices["mu_star"].tolist()
    assert (tmp_path / "out" / "pictures" / "sensitivity.png").is_file()
    assert isinstance(found.plot(), Figure)
    assert repr(found) == "<SensitivityResult of base to 2 parameters: morris, 6 points x 1>"
    english, chinese = in_both(found, monkeypatch)
    assert "<td>Lots sold</td>" in english
    assert "Lots sold: most of all" in english
    assert "rounds.second.cut" in english
    assert "成交量" in chinese
    assert "二拍" in chinese or "降价幅度" in chinese
    monkeypatch.setenv("SIM_LANG", "en")
    with pytest.raises(sim.ScenarioError) as error:
        sim.sensitivity(village, ranges, method="sobol", samples=5, window="1999")
    assert "powers of 2" in str(error.value)
    assert "window='1999'" in str(error.value)


def test_a_search_gives_policies_that_can_be_compared(
    village: sim.Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    how = {"maximise": "lots_sold", "subject_to": "recovery>=10%", "points": 4, "replications": 1, "final": 2}
    found = sim.optimise(village, {"start.ratio": (0.7, 1.0)}, **how)  # type: ignore[arg-type]
    kept = sim.optimise(village, {"start.ratio": (0.7, 1.0)}, **how, out=tmp_path / "out")  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(found.points, kept.points)
    assert (tmp_path / "out" / "front.csv").is_file()
    assert (tmp_path / "out" / "pictures" / "front.png").is_file()
    best = found.front[-1]
    assert village.replace(found.policy(best))["start.ratio"] == found.points.loc[best, "start.ratio"]
    assert isinstance(found.plot(), Figure)
    assert "on the Pareto front" in repr(found)
    english, chinese = in_both(found, monkeypatch)
    assert "on the Pareto front, of 4 tried" in english
    assert "<th>Share on front</th>" in english
    assert "<br>" in english
    assert "成交量" in chinese
    monkeypatch.setenv("SIM_LANG", "en")
    with pytest.raises(KeyError, match="allowed are base"):
        found.policy("P99")
    with pytest.raises(sim.ScenarioError) as error:
        sim.optimise(village, {"start.ratio": (0.7, 1.0)}, subject_to="recovery is high", points=1)
    assert "subject_to='recovery is high': must be MEASURE" in str(error.value)
    assert "maximise MEASURE or minimise MEASURE" in str(error.value)
    assert "points=1" in str(error.value)
