"""Fronts, surrogates, the search on a problem whose front is known, the law as a limit, and the command."""

from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from commands import sim
from hypothesis import given, settings
from hypothesis import strategies as st
from test_sweep_command import SETS
from typer.testing import CliRunner

from sim.cli.main import app
from sim.experiments.optimise.decision_variables import Lawful, policy_text, standing
from sim.experiments.optimise.pareto_front import Goal, Limit, alike, front, membership
from sim.experiments.optimise.search import NoPolicyError, Search, candidates, coordinates, optimise, rounded
from sim.experiments.optimise.surrogate import Surrogate, cost
from sim.experiments.policies import family
from sim.experiments.sweep.axes import Ground, parse_axis
from sim.experiments.sweep.design import stretches
from sim.reporting.pages.folder_page import folder_page
from sim.scenario import load

pytestmark = pytest.mark.processes

# --- fronts -----------------------------------------------------------------------------------------------


def beaten(good, i):
    return any((good[j] >= good[i]).all() and (good[j] > good[i]).any() for j in range(len(good)))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=1, max_size=12))
def test_the_front_is_what_no_other_point_beats(points):
    good = np.array(points, dtype=float)
    assert front(good).tolist() == [not beaten(good, i) for i in range(len(good))]


def test_undefined_and_forbidden_points_are_not_on_the_front_and_beat_nobody():
    good = np.array([[1.0, 1.0], [2.0, np.nan], [3.0, 3.0]])
    assert front(good).tolist() == [False, False, True]
    assert front(good, np.array([True, True, False])).tolist() == [True, False, False]


def test_rounding_beats_nobody_and_is_no_difference():
    """Two policies of one effect, one of which has its measure in another last digit; a limit that is just kept."""
    good = np.array([[0.9, 3.0], [0.9 * (1 + 4e-16), 3.0], [0.8, 4.0]])
    assert good[0, 0] != good[1, 0]
    assert front(good).tolist() == [True, True, True]
    replications = np.stack([good + shift for shift in (0.0, 0.1, 0.2)], axis=1)
    assert (0, 1) in alike(replications)
    assert Limit("m", low=0.9).kept(np.array([0.9 * (1 - 4e-16), 0.89, np.nan])).tolist() == [
        True,
        False,
        False,
    ]
    assert Limit("m", high=0.9).kept(np.array([0.9 * (1 + 4e-16), np.inf])).tolist() == [True, False]


def test_a_surrogate_of_rounding_is_flat():
    x = np.linspace(0.0, 1.0, 9)[:, None]
    y = 0.9 + np.where(np.arange(9) % 2, 2e-16, 0.0)
    mean, _ = Surrogate(x, y, np.zeros(9)).predict(np.array([[0.33]]))
    assert mean[0] == pytest.approx(0.9, abs=1e-9)
    assert Surrogate(x, y, np.zeros(9))._scale == 1.0


def test_membership_is_as_sure_as_the_data():
    """Two points: one better by 1 with noise of 1; nine replications: it is beaten in a share of Phi(-3)'s order."""
    rng = np.random.default_rng(1)
    common = rng.standard_normal((1, 9, 1))
    clear = np.concatenate([common, common + 5.0])
    assert membership(clear, np.empty((2, 9, 0)), (), rng).tolist() == [0.0, 1.0]
    tied = np.concatenate([common, rng.permuted(common, axis=1)])
    assert 0.2 < membership(tied, np.empty((2, 9, 0)), (), rng)[0] < 0.8
    limits = (Limit("m", low=0.0),)
    assert membership(clear, np.full((2, 9, 1), -1.0), limits, rng).tolist() == [0.0, 0.0]


def test_points_are_distinguished_by_paired_differences():
    """Noise of 10 that all points share does not hide a difference of 1; independent noise does."""
    rng = np.random.default_rng(2)
    common, own = 10 * rng.standard_normal(20), 0.1 * rng.standard_normal((3, 20))
    good = np.stack([common + own[0], common + 1.0 + own[1], common + own[2]])[:, :, None]
    assert alike(good) == [(0, 2)]
    assert alike(good[:, :1]) == [(0, 1), (0, 2), (1, 2)], "one replication tells nothing"
    apart = np.stack([10 * rng.standard_normal(20), 1.0 + 10 * rng.standard_normal(20)])[:, :, None]
    assert alike(apart) == [(0, 1)]


# --- surrogates -------------------------------------------------------------------------------------------


def hill(x):
    return np.sin(4 * x[:, 0]) + 2.0 * (x[:, 1] - 0.3) ** 2


def test_a_surrogate_goes_through_what_is_known_and_between_it():
    rng = np.random.default_rng(3)
    x, new = rng.random((40, 2)), rng.random((60, 2))
    surrogate = Surrogate(x, hill(x), np.zeros(40))
    at, _ = surrogate.predict(x)
    np.testing.assert_allclose(at, hill(x), atol=0.02)
    between, covariance = surrogate.predict(new)
    assert np.sqrt(np.mean((between - hill(new)) ** 2)) < 0.05
    assert np.sqrt(np.diag(covariance)).mean() < 0.1


def test_the_gradient_of_the_likelihood_is_its_slope():
    rng = np.random.default_rng(6)
    x, z, known = rng.random((12, 3)), rng.standard_normal(12), rng.random(12) * 0.1
    squares = (x[:, None, :] - x[None, :, :]) ** 2
    theta = np.array([-0.5, 0.2, 0.7, 0.3, -2.0])
    _, gradient = cost(theta, squares, z, known)
    for i in range(5):
        step = np.eye(5)[i] * 1e-5
        slope = (cost(theta + step, squares, z, known)[0] - cost(theta - step, squares, z, known)[0]) / 2e-5
        assert gradient[i] == pytest.approx(slope, rel=1e-5, abs=1e-7)


def test_a_surrogate_does_not_follow_noise():
    """Noise of standard deviation 0.5, which it is given: its error is well under half of that of the data."""
    rng = np.random.default_rng(4)
    x = rng.random((80, 2))
    y = hill(x) + 0.5 * rng.standard_normal(80)
    at, _ = Surrogate(x, y, np.full(80, 0.25)).predict(x)
    assert np.sqrt(np.mean((at - hill(x)) ** 2)) < 0.25


def test_drawn_functions_spread_as_the_surrogate_says():
    rng = np.random.default_rng(5)
    x, new = rng.random((8, 1)), np.linspace(0, 1, 7)[:, None]
    surrogate = Surrogate(x, np.sin(6 * x[:, 0]), np.zeros(8))
    middle, covariance = surrogate.predict(new)
    drawn = surrogate.draw(new, rng, 4000)
    error = np.sqrt(np.diag(covariance) / 4000) + 1e-6
    assert (np.abs(drawn.mean(axis=0) - middle) < 4.5 * error).all()
    np.testing.assert_allclose(drawn.std(axis=0), np.sqrt(np.diag(covariance)), rtol=0.1, atol=1e-3)


# --- the search -------------------------------------------------------------------------------------------

AXES = (parse_axis("x=0:1"), parse_axis("y=0:1"), parse_axis("z=0:1"))


class Known:
    """Make x large and -x - g small, where g = 3 (|y - 0.3| + |z - 0.6|): the front is y = 0.3, z = 0.6, any x."""

    def __init__(self):
        self.evaluated = []

    def points(self, name):
        return None

    def evaluate(self, name, points, first, count):
        self.evaluated.append((name, len(points), first, count))
        out = np.empty((len(points), count, 2))
        for i, (x, y, z) in enumerate(points):
            waste = 3 * (abs(y - 0.3) + abs(z - 0.6))
            for r in range(count):
                common = np.random.default_rng([7, first + r]).standard_normal()  # shared by all points
                own = 0.02 * np.random.default_rng([8, first + r, i]).standard_normal()
                out[i, r] = x + common + own, 1.0 - x - waste + common + own
        return out


GOALS = (Goal("a", 1), Goal("b", 1))


def wasted(points):
    return [3 * (abs(y - 0.3) + abs(z - 0.6)) for _, y, z in points]


def test_the_search_finds_a_front_that_is_known_better_than_a_spread_of_as_many_points():
    search = Search(AXES, GOALS, (), (0.5, 0.5, 0.5), 40, 3, 10, seed=1)
    steps = Known()
    outcome = optimise(search, lambda point: True, steps)
    best = np.array(wasted([outcome.points[i] for i in outcome.on_front]))
    spread = np.array(sorted(wasted(candidates(search, lambda point: True)[:40])))[: len(best)]
    assert np.median(best) < 0.5 * np.median(spread)
    assert len(best) >= 5
    names = [name for name, *_ in steps.evaluated]
    assert names == [*(f"search-{i}" for i in range(len(names) - 1)), "final"]
    assert steps.evaluated[-1][2:] == (3, 10), "settled on random numbers that the search has not used"
    assert outcome.runs == sum(points * count for _, points, _, count in steps.evaluated)
    assert len(outcome.tried) == 40 == len(set(outcome.tried))
    again = optimise(search, lambda point: True, Known())
    assert (again.points, again.on_front) == (outcome.points, outcome.on_front)


def test_a_point_is_judged_once_however_often_it_is_drawn():
    """A step of a thirtieth leaves some forty values of one variable, and thousands are drawn."""
    judged = []

    def lawful(point):
        judged.append(point)
        return point[0] > 0.5

    found = candidates(Search(AXES[:1], GOALS, (), (0.5,), 30, 3, 10, seed=2), lawful)
    assert len(judged) == len(set(judged)) > len(found) > 5


def test_limits_and_the_law_are_kept():
    limits = (Limit("a", high=0.5),)
    search = Search(AXES, GOALS, limits, (0.1, 0.3, 0.6), 30, 3, 10, seed=2)
    outcome = optimise(search, lambda point: point[1] < 0.5, Known())
    shift = np.mean([np.random.default_rng([7, r]).standard_normal() for r in range(3, 13)])
    for i in outcome.on_front:
        x, y, _ = outcome.points[i]
        assert x + shift <= 0.5 + 0.05
        assert y < 0.5
    with pytest.raises(NoPolicyError, match=r"none of .* is lawful"):
        optimise(search, lambda point: False, Known())
    impossible = Search(AXES, GOALS, (Limit("a", low=99.0),), (0.1, 0.3, 0.6), 12, 2, 3, seed=2)
    with pytest.raises(NoPolicyError, match="keeps the limits"):
        optimise(impossible, lambda point: True, Known())


@pytest.mark.parametrize("points", [4, 8, 9, 20])
def test_as_many_points_are_tried_as_were_asked_for(points):
    search = Search(AXES, GOALS, (), (0.5, 0.5, 0.5), points, 2, 3, seed=3)
    assert len(optimise(search, lambda point: True, Known()).tried) == points


def test_a_step_that_was_begun_is_gone_on_with():
    class Begun(Known):
        def points(self, name):
            return [(0.5, 0.3, 0.6), (0.6, 0.3, 0.6)] if name == "search-1" else None

    steps = Begun()
    outcome = optimise(Search(AXES, GOALS, (), (0.5, 0.5, 0.5), 20, 2, 4, seed=3), lambda point: True, steps)
    assert ("search-1", 2, 0, 2) in steps.evaluated
    assert (0.6, 0.3, 0.6) in outcome.tried


def test_decision_variables_of_every_kind_have_places_and_round_values():
    axes = (parse_axis("x=10:20"), parse_axis("k=a,b,c,d"), parse_axis("y=0:0.3"))
    assert coordinates(axes, [(10.0, "a", 0.0), (15.0, "d", 0.3)]).tolist() == [
        [0.0, 0.125, 0.0],
        [0.5, 0.875, 1.0],
    ]
    assert rounded(axes[0], [10.04, 13.4567, 19.99]) == [10.0, 13.5, 20.0]
    assert rounded(axes[2], [0.123456]) == [0.12]
    assert rounded(parse_axis("d=15:60"), [31.4, 59.9]) == [31.0, 60.0]
    assert rounded(axes[1], ["a"]) == ["a"]


# --- the law, policy files --------------------------------------------------------------------------------


def test_lawful_is_what_adds_no_breach():
    loaded = load("shanxi")
    on = Ground("shanxi", (), loaded)
    axes = stretches("--variable", ["start.ratio=0.5:1", "rounds.second.cut=0:0.4"], on)
    law = Lawful(loaded, axes)
    assert standing(loaded, axes) == (1.0, 0.2)
    assert law((0.7, 0.2)), "what the scenario itself does against the law is not held against the point"
    assert not law((0.69, 0.2))
    assert not law((0.7, 0.21))
    assert law.possible((0.69, 0.21))
    assert "start.ratio: 2016 rules Art 10" in law.against((0.69, 0.2))


@pytest.mark.parametrize(
    ("name", "changes", "variable", "kept", "left"),
    [
        ("base", ["rounds.first.cut=0.2"], "start.ratio=0.5:1", [0.8, 0.85], [0.57, 0.79]),
        ("base", ["rounds.first.held=false"], "start.ratio=0.2:1", [0.8], [0.3, 0.79]),
        (
            "base", ["rounds.second.relist_days=20"], "rounds.second.notice_days_immovable=5:300",
            [15.0], [16.0, 300.0],
        ),
        (  # forbidden in any reading, so that what one reading forbids is not said beside it, but counts
            "base", ["rounds.second.relist_days=40"], "rounds.second.notice_days_immovable=5:300",
            [15.0], [16.0, 300.0],
        ),
    ],
)  # fmt: skip
def test_a_point_may_break_the_law_as_the_scenario_does_but_no_further(name, changes, variable, kept, left):
    """Through a value that the point does not set; what breaks the law is marked, the scenario itself with it."""
    loaded = load(name, changes)
    axes = stretches("--variable", [variable], Ground(name, tuple(changes), loaded))
    law = Lawful(loaded, axes)
    assert [x for x in [*kept, *left] if law((x,))] == kept
    assert law.against(standing(loaded, axes)), "the scenario is marked"
    assert all(law.against((x,)) for x in left)
    assert law.against((kept[-1],)), "what is no worse is marked as well"


@pytest.mark.parametrize("variable", ["start.token_share=0:1", "start.token_ratio=0.0001:1"])
def test_what_a_point_sets_itself_is_not_excused_by_the_scenario(variable):
    """Token starts: fewer of them, or higher ones, are against the law all the same."""
    loaded = load("shanxi")
    law = Lawful(loaded, stretches("--variable", [variable], Ground("shanxi", (), loaded)))
    lawful = 0.0 if "share" in variable else 0.7
    assert [x for x in (0.0, 0.0005, 0.0007, 0.0008, 0.5, 0.7) if law((x,))] == [lawful]
    assert law.against((lawful,)) == []


def test_what_is_better_than_the_scenario_and_lawful_bears_no_mark():
    changes = ["rounds.first.cut=0.2"]
    loaded = load("base", changes)
    law = Lawful(
        loaded, stretches("--variable", ["start.ratio=0.5:1"], Ground("base", tuple(changes), loaded))
    )
    assert law((0.9,))
    assert law.against((0.9,)) == []


def test_a_breach_of_one_kind_does_not_excuse_that_of_another():
    """Homes open at 64 per cent whatever all start at; goods, a tenth lower than all, may not open below 70."""
    changes = [
        "kinds.homes.rounds.first.cut=0.2", "kinds.homes.start.ratio=0.8", "kinds.goods.rounds.first.cut=0.1",
    ]  # fmt: skip
    loaded = load("base", changes)
    law = Lawful(
        loaded, stretches("--variable", ["start.ratio=0.5:1"], Ground("base", tuple(changes), loaded))
    )
    assert law((0.78,))
    assert not law((0.75,))


def test_nothing_unlawful_is_tried_where_variables_reach_beyond_the_law():
    """What a point comes to counts: cuts of the first round, rounds left out, days to the bidding, a kind's own start."""
    loaded = load("base")
    on = Ground("base", (), loaded)
    wide = [
        "start.ratio=0.6:1", "rounds.first.cut=0:0.15", "rounds.second.cut=0:0.4", "rounds.second.held=true,false", "rounds.second.relist_days=5:25",
        "auction.deposit=0:0.3", "kinds.homes.start.ratio=0.6:1",
    ]  # fmt: skip
    axes = stretches("--variable", wide, on)
    law, base = Lawful(loaded, axes), standing(loaded, axes)
    assert base == (0.8, 0.0, 0.2, True, 10.0, 0.1, 0.8), "of what a kind leaves out, what all have"
    rng = np.random.default_rng(5)
    drawn = [
        tuple(
            bool(rng.random() < 0.7) if axis.levels else float(rng.uniform(axis.low, axis.high))
            for axis in axes
        )
        for _ in range(300)
    ]
    kept = [point for point in drawn if law(point)]
    assert 3 < len(kept) < 150
    for start, first, cut, held, relist, deposit, homes in kept:
        assert min(start, homes) * (1.0 - first) >= 0.7 - 1e-9
        assert cut <= 0.2
        assert held
        assert relist <= 15.0, "with fifteen days of notice the bidding opens within thirty"
        assert 0.05 <= deposit <= 0.2


def test_a_debtors_own_sale_that_puts_the_notice_of_a_sell_off_off_too_long_is_left_out():
    """Days of debtors who find nobody count with those until the notice; without a sell-off there is nothing to put off."""
    loaded = load("base", ["rounds.sell_off.relist_days=10"])
    wide = ["debtor_sale.share=0:1", "debtor_sale.days=0:30", "rounds.sell_off.held=true,false"]
    law = Lawful(loaded, stretches("--variable", wide, Ground("base", (), loaded)), date(2019, 4, 1))
    points = [(0.0, 30.0, True), (0.1, 5.0, True), (0.1, 5.1, True), (1.0, 30.0, True), (1.0, 30.0, False)]
    assert [law(point) for point in points] == [True, True, False, False, True]
    assert law.against((0.1, 5.1, True)) == ["debtor_sale.days: 2017 notice"]


def test_the_law_may_be_that_of_another_day():
    loaded = load("base", ["kinds.equity.start.token_share=0.0"])
    axes = stretches("--variable", ["kinds.equity.start.token_share=0,1"], Ground("base", (), loaded))
    assert not Lawful(loaded, axes)((1.0,))
    assert Lawful(loaded, axes).against((1.0,)) == ["kinds.equity.start.token_share: 2016 rules Art 10"]


def test_what_is_set_for_a_kind_without_lots_is_held_against_the_law_too():
    loaded = load("base")
    axes = stretches("--variable", ["kinds.shares.rounds.second.cut=0:0.5"], Ground("base", (), loaded))
    law = Lawful(loaded, axes)
    assert [law((cut,)) for cut in (0.1, 0.11, 0.5)] == [True, False, False]
    assert law.mark((0.5,)) == " *"


def test_what_the_law_allows_on_a_condition_is_left_out_and_marked_as_such():
    """A token start of equity since 2022, for no scenario says that no report can be had; one that keeps the floor is let in."""
    for low, lawful in (("0.015", False), ("0.7", True)):
        loaded = load("base", ["kinds.equity.start.token_share=0.0", f"kinds.equity.start.token_ratio={low}"])
        axes = stretches("--variable", ["kinds.equity.start.token_share=0,1"], Ground("base", (), loaded))
        law = Lawful(loaded, axes, date(2022, 1, 1))
        assert law((0.0,))
        assert law((1.0,)) == lawful
        assert law.possible((1.0,)), "with --unlawful it is tried"
        said = ["kinds.equity.start.token_share: 2021 equity rules Art 12 (allowed on a condition)"]
        assert law.against((1.0,)) == ([] if lawful else said)


def test_where_no_law_of_the_day_is_known_every_point_is_marked_as_not_checked(tmp_path):
    """It is tried and may be recommended, but nobody looked at it."""
    loaded = load("base")
    axes = stretches("--variable", ["rounds.second.cut=0,0.9"], Ground("base", (), loaded))
    unknown, known = (Lawful(loaded, axes, date(year, 1, 1)) for year in (1990, 2019))
    assert (unknown.known, known.known) == (False, True)
    assert [unknown.mark((cut,)) for cut in (0.0, 0.9)] == [" ?", " ?"]
    assert [known.mark((cut,)) for cut in (0.0, 0.9)] == ["", " *"]
    small = ["--set", "arrivals.volume=0.02", "--set", "courts.number=2", "--points", "4", "-n", "2", "--final", "2", "-j", "1", "--no-pictures"]  # fmt: skip
    for day, said in (("1990-01-01", True), ("2019-01-01", False)):
        out = tmp_path / day
        asked = [
            "optimise",
            "base",
            "--variable",
            "start.ratio=0.8,0.9",
            "--maximise",
            "lots_sold",
            "--date",
            day,
        ]
        result = CliRunner().invoke(app, [*asked, *small, "--out", str(out), "--lang", "en"])
        assert result.exit_code == 0, result.output
        assert (
            "?: not checked, since no law of that day is known here." in result.output.replace("\n", " ")
        ) == said
        assert ("base ?" in result.output) == said
        rows = list(csv.DictReader((out / "front.csv").open(encoding="utf-8")))
        assert {row["unlawful"] for row in rows} == ({"not checked"} if said else {""})
        page = folder_page(out, "en")
        (column,) = [
            block.columns for section in page.sections for block in section.blocks
            if getattr(block, "name", "") == "policies-front"
        ]  # fmt: skip
        assert any(one.head == "The law" for one in column) == said


def test_a_policy_file_gives_the_point(tmp_path):
    loaded = load("shanxi")
    axes = stretches(
        "--variable",
        ["start.ratio=0.5:1", "rounds.second.cut=0:0.4", "rounds.second.relist_days=1:20"],
        Ground("shanxi", (), loaded),
    )
    file = tmp_path / "p.toml"
    file.write_text(policy_text(loaded, axes, (0.8, 0.1, 5.0), "a", "甲"), encoding="utf-8")
    base, policy = family("cut-00", [file]).under()
    assert (policy.scenario.start.ratio, policy.scenario.rounds["second"].cut) == (0.8, 0.1)
    assert policy.scenario.rounds["second"].relist_days == 5.0
    assert base.scenario.rounds["second"].cut == 0.0
    assert load(file).scenario.start.ratio == 0.8


# --- the command ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("day", "known"), [("1990-01-01", False), ("2019-01-01", True)])
def test_the_command_says_that_no_law_of_a_day_is_known_before_it_searches(tmp_path, monkeypatch, day, known):
    def nothing(*_):
        raise NoPolicyError("searched")

    monkeypatch.setattr("sim.experiments.optimise.search.optimise", nothing)
    words = ["optimise", "base", "--variable", "start.ratio=0.5:1", "--maximise", "lots_sold", "--maximise", "recovery", "-j", "1", "--date", day]  # fmt: skip
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "s"), "--lang", "en"])
    assert "searched" in done.output
    note = f"no law of {day} is known here; the first that is known is of 2005-01-01"
    assert (note in done.output) != known
    assert not known or "is known here" not in done.output


def test_the_command_and_going_on_with_it(tmp_path):
    out = tmp_path / "s"
    arguments = [
        "optimise", "base", "--variable", "rounds.second.cut=0:0.4", "--variable", "start.ratio=0.5:1",
        "--maximise", "lots_sold", "--maximise", "recovery", "--subject-to", "days_to_sale_mean<=500",
        "--points", "10", "-n", "2", "--final", "3", "-j", "1", "--chunk", "10", "--out", str(out), *SETS,
    ]  # fmt: skip
    done = sim(*arguments)
    assert done.returncode == 0, done.stderr
    manifest = json.loads((out / "manifest.json").read_text())
    with (out / "front.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert manifest["runs"] == 10 * 2 + len(rows) * 3
    assert f"of 10 tried, with {manifest['runs']} runs" in done.stdout
    assert all(row["unlawful"] == "" for row in rows[1:])
    assert all(
        float(row["start.ratio"]) >= 0.7 and float(row["rounds.second.cut"]) <= 0.2 for row in rows[1:]
    )
    assert {path.stem for path in (out / "policies").glob("*.toml")} == set(manifest["front"]) - {"base"}
    assert (out / "pictures" / "front.png").is_file()
    (file,) = re.findall(r"sim compare base (.*\.toml)", done.stdout)
    assert Path(file).is_file()
    before = (out / "front.csv").read_bytes()
    next((out / "final" / "chunks").iterdir()).unlink()  # as if it had been stopped there
    again = sim(*arguments, "--no-pictures", lang="zh")
    assert again.returncode == 0, again.stderr
    assert (out / "front.csv").read_bytes() == before
    assert "试过10个政策" in again.stdout
    other = sim(*arguments, "--minimise", "days_to_sale_mean")
    assert other.returncode == 2
    assert "holds another search" in other.stderr
    changed = sim(*arguments, "--set", "interest.mean=1.25")
    assert changed.returncode == 2, "what was run is of another scenario"
    assert "scenario, interest.mean: " in changed.stderr
    assert "then, 1.25 now" in changed.stderr
    forced = sim(*arguments, "--set", "interest.mean=1.25", "--force", "--no-pictures")
    assert forced.returncode == 0, forced.stderr
    assert "continued although this has changed: scenario, interest.mean" in forced.stderr
    (record,) = json.loads((out / "search.json").read_text(encoding="utf-8"))["overruled"]
    assert any("then, 1.25 now" in line for line in record)
    (out / "search.json").write_text("{", encoding="utf-8")
    assert "search.json is damaged" in sim(*arguments).stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--maximise", "lots_sold"], "at least one parameter is needed"),
        (["--variable", "start.ratio=0.7:1"], "at least one goal is needed"),
        (["--variable", "start.ratio=0.7:1", "--maximise", "lots_sould"], "did you mean lots_sold?"),
        (["--variable", "start.ratio=0.7:1", "--maximise", "recovery", "--minimise", "recovery"], "is a goal twice"),
        (["--variable", "start.ratio=0.7:1", "--maximise", "recovery", "--subject-to", "recovery>0.5"], "must be MEASURE>="),
        (["--variable", "start.ratio=0.7:1", "--maximise", "recovery", "--points", "2"], "allowed are 4 to 300"),
        (["--variable", "start.ratio=0.7:1", "--maximise", "recovery", "--window", "1999"], "the scenario has"),
        (["--variable", "start.ratio=0.2:0.4", "--maximise", "recovery", "--chunk", "1"], "is lawful"),
        (["--variable", "start.ratio=0.7:1", "--maximise", "recovery", "--out", "docs"], "holds no search"),
    ],
)  # fmt: skip
def test_bad_input(arguments, said, tmp_path):
    out = [] if "--out" in arguments else ["--out", str(tmp_path / "s")]
    done = sim("optimise", "base", *arguments, *out)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_all_that_is_wrong_is_reported_at_once(tmp_path):
    done = sim(
        "optimise", "base", "--variable", "start.ratoi=0.7:1", "--variable", "rounds.second.cut=1:0", "--maximise",
        "lots_sould", "--subject-to", "recovery>0.5", "--subject-to", "sale", "--points", "2", "--final", "1",
        "--window", "1999", "-j", "-1", "--chunk", "0", "--out", str(tmp_path / "s"),
    )  # fmt: skip
    assert done.returncode == 2
    for words in (
        "did you mean ratio?", "1:0 is empty", "did you mean lots_sold?", "--subject-to recovery>0.5", "--subject-to sale",
        "--points 2", "--final 1", "--window 1999", "--jobs -1", "--chunk 0",
    ):  # fmt: skip
        assert words in done.stderr
    assert not (tmp_path / "s").exists()
