"""Evidence files: the one that is carried, what targets files name, and a folder of broken ones with their messages."""

from __future__ import annotations

import copy
import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_targets_fuzz import ODD, places

from calibration.targets.evidence import Fact, askable, chosen
from calibration.targets.reader.defects import TargetsError
from calibration.targets.reader.evidence import HOME, read
from calibration.targets.reader.load import load_reported, load_targets
from sim.measures.definitions import definitions
from sim.scenario import load

HERE = Path(__file__).parent
BROKEN = sorted((HERE / "broken_evidence").glob("*.toml"))
CHINA = tomllib.loads((HOME / "china.toml").read_text(encoding="utf-8"))
SHANXI = load("shanxi")
FIVE_LINES = """\
[facts.neighbour]
measure = "sold_first"
value = "41.5%"
sd = 0.2
source = "a court nearby, white paper of 2018"
"""
TARGETS = """\
title = "Small"
evidence = {evidence}
[windows."2018"]
first = 2018-01-01
last = 2018-06-30
lots = 300
sold = 100
"""


def defects_of(path: Path) -> list[str]:
    _, defects = read(path, load("base"), [])
    return [str(one).removeprefix(f"{path}: ") for one in defects]


@pytest.mark.parametrize("path", BROKEN, ids=[p.stem for p in BROKEN])
def test_each_broken_file_gives_its_messages_in_the_order_of_the_file_and_no_other(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert defects_of(path) == [line.removeprefix("# ") for line in lines if line.startswith("# ")]


def test_all_that_is_wrong_in_a_targets_file_and_its_evidence_is_reported_at_once(tmp_path):
    (tmp_path / "mine.toml").write_text(FIVE_LINES.replace("0.2", "-1"), encoding="utf-8")
    targets = tmp_path / "x.toml"
    targets.write_text(
        "sede = 3\n" + TARGETS.format(evidence='["chinaa", "mine.toml", "mine.toml"]'), encoding="utf-8"
    )
    with pytest.raises(TargetsError) as error:
        load_targets(targets)
    with pytest.raises(TargetsError) as audited:
        load_reported(targets)
    assert audited.value.defects == error.value.defects
    said = [(Path(one.file).name, one.key, one.hint) for one in error.value.defects]
    assert said == [
        ("x.toml", "sede", "did you mean seed?"),
        ("x.toml", "evidence", "did you mean china?"),
        ("x.toml", "evidence", ""),
        ("mine.toml", "facts.neighbour.sd", ""),
    ]


def facts_of(tmp_path: Path, evidence: str, text: str = FIVE_LINES) -> tuple[Fact, ...]:
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    (tmp_path / "x.toml").write_text(TARGETS.format(evidence=evidence), encoding="utf-8")
    return load_targets(tmp_path / "x.toml").evidence


def test_a_fact_of_five_lines_beside_the_targets_file(tmp_path):
    (fact,) = facts_of(tmp_path, '"mine.toml"')
    assert (fact.value, fact.sd, fact.use, fact.kinds, fact.at) == (0.415, 0.2, "fit", (), {})
    assert (fact.transport_sd, fact.transport_source) == (0.5, "assumption")
    assert fact.y == pytest.approx(math.log(0.415 / 0.585))
    ratio = facts_of(tmp_path, '"mine.toml"', FIVE_LINES.replace("sold_first", "recovery"))[0]
    assert (ratio.transport_sd, ratio.y) == (0.25, pytest.approx(math.log(0.415)))


def test_several_evidence_files_are_joined_and_a_name_is_taken_once(tmp_path):
    both = facts_of(tmp_path, '["china", "mine.toml"]')
    assert len(both) == len(CHINA["facts"]) + 1
    assert both[-1].name == "neighbour"
    with pytest.raises(TargetsError, match=r"facts\.first_2024: is the name of a fact in china\.toml too"):
        facts_of(tmp_path, '["china", "mine.toml"]', FIVE_LINES.replace("neighbour", "first_2024"))
    assert facts_of(tmp_path, "[]") == ()


def test_shanxi_names_china_and_seoul_and_no_other_place_does():
    """Seoul's is the only fact of courts whose first start is the whole appraisal."""
    assert [f.name for f in load_targets("shanxi").evidence] == [*CHINA["facts"], "first_seoul"]
    assert load_targets("zhongshan").evidence == ()


@pytest.fixture(scope="module")
def china() -> tuple[Fact, ...]:
    facts, defects = read(HOME / "china.toml", SHANXI, [])
    assert defects == []
    return tuple(facts)


def test_facts_are_compared_on_measures_that_the_simulator_has(china):
    rounds = list(SHANXI.scenario.rounds)
    assert set(askable(rounds)) <= set(definitions(rounds))
    assert {fact.measure for fact in chosen(china, "fit", "held_out")} <= set(askable(rounds))


def test_price_over_appraisal_and_rounds_per_lot_of_2025_are_held_out(china):
    held = {fact.name: fact.measure for fact in chosen(china, "held_out")}
    assert held["appraisal_2022_2025"] == "recovery"
    assert held["rounds_2025"] == "rounds_per_lot"
    assert all(
        fact.measure in ("start.ratio", "kinds.goods.share", "kinds.homes.share")
        for fact in chosen(china, "condition")
    )


@pytest.mark.parametrize("measure", ["sold_first", "sold_second"])
def test_where_three_sources_exist_transport_sd_is_their_spread(china, measure):
    mine = [fact for fact in china if fact.measure == measure]
    spread = np.std([fact.y for fact in mine], ddof=1)
    assert len(mine) >= 3
    assert {fact.transport_sd for fact in mine} == {round(float(spread), 2)}
    assert all("assumption" not in fact.transport_source for fact in mine)


def test_of_the_share_ever_sold_transport_sd_is_the_spread_of_the_five_rates_named(china):
    rates = np.array([0.8685, 0.9059, 0.8504, 310 / 555, 28 / 84])
    (one,) = [fact for fact in china if fact.measure == "sale_rate_final"]
    assert one.transport_sd == round(float(np.std(np.log(rates / (1.0 - rates)), ddof=1)), 2)


def test_where_fewer_exist_transport_sd_is_the_assumption_and_says_so(china):
    for fact in chosen(china, "fit", "held_out"):
        if fact.measure not in ("sold_first", "sold_second", "sale_rate_final"):
            assert fact.transport_sd == {"logit": 0.5, "log": 0.25}[fact.scale]
            assert fact.transport_source.startswith("assumption")


def test_every_fact_says_where_it_comes_from_how_its_sd_was_found_and_under_which_start(china):
    for fact in china:
        assert fact.source
        assert fact.zh != fact.en
        assert not set(fact.zh + fact.place_zh) & set(":,;()")  # full-width ones in Chinese
        assert fact.place_zh != fact.place
        assert fact.years
    for fact in chosen(china, "fit", "held_out"):
        assert fact.sd_source != "not stated"
        low, high = fact.at["start.ratio"]
        assert 0.7 <= low <= high <= 1.0
        assert fact.at["rounds.second.cut"] == (0.2, 0.2)


@st.composite
def trees(draw: st.DrawFn) -> dict[str, Any]:
    """The carried file with up to three values replaced, keys added or taken out."""
    tree = copy.deepcopy(CHINA)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(tree)))
        inner: Any = tree
        for step in way:
            inner = inner[step]
        if draw(st.booleans()):
            inner[last] = copy.deepcopy(draw(st.sampled_from(ODD)))
        elif isinstance(inner, dict):
            inner[draw(st.sampled_from(["at", "sd", "use", "measure", "x", "start.ratio"]))] = copy.deepcopy(
                draw(st.sampled_from(ODD))
            )
        else:
            del inner[last]
    return tree


@settings(
    max_examples=20,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(tree=trees())
def test_an_evidence_file_is_read_or_refused_whatever_stands_in_it(tmp_path, tree):
    path = tmp_path / "x.toml"
    path.write_text(tomli_w.dumps(tree), encoding="utf-8")
    facts, defects = read(path, SHANXI, [])
    assert bool(facts) != bool(defects)
    assert "\x1b" not in "\n".join(map(str, defects))
    assert all(math.isfinite(fact.y) for fact in chosen(facts, "fit", "held_out"))
