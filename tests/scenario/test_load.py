"""Files to a scenario: what extends what, who set what, and what is done with hostile input."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario import ScenarioError, load
from sim.scenario.schema import Scenario

BASE = ROOT / "scenarios" / "base.toml"


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def mine(folder: Path, text: str) -> Path:
    return write(folder, f'extends = "{BASE.as_posix()}"\n{text}')


def test_every_file_in_scenarios_is_valid_and_its_resolved_text_is_the_same_scenario():
    files = sorted((ROOT / "scenarios").rglob("*.toml"))
    assert len(files) > 15
    for path in files:
        loaded = load(path)
        again = Scenario.model_validate(tomllib.loads(loaded.toml()))
        assert again == loaded.scenario, path


def test_a_name_finds_scenarios_and_policies():
    assert load("shanxi").path.name == "shanxi.toml"
    assert load("cut-10").scenario.rounds["second"].cut == 0.1
    with pytest.raises(ScenarioError) as caught:
        load("zzz")
    scenarios, policies = (
        str(caught.value).partition("scenarios here: ")[2].split("; policies, which change one: ")
    )
    assert {"base", "shanxi"} <= set(scenarios.split(", "))
    assert "cut-10" in policies.split(", ")
    assert set(scenarios.split(", ")).isdisjoint(policies.split(", "))
    with pytest.raises(ScenarioError, match=r"shanxy: there is no such scenario file; did you mean shanxi\?"):
        load("shanxy")


def test_tables_merge_arrays_and_values_replace_and_false_takes_a_part_out(tmp_path):
    s = load(mine(tmp_path, "[kinds]\nland = false\n[kinds.homes]\nshare = 0.9\n")).scenario
    assert "land" not in s.kinds
    assert s.kinds["homes"].share == 0.9
    assert s.kinds["homes"].value_median == load(BASE).scenario.kinds["homes"].value_median


def test_extends_chains_and_the_last_file_wins(tmp_path):
    write(tmp_path, f'extends = "{BASE.as_posix()}"\n[start]\nratio = 0.9\ntoken_share = 0.1\n', "one.toml")
    loaded = load(write(tmp_path, 'extends = "one.toml"\n[start]\nratio = 0.75\n', "two.toml"))
    assert (loaded.scenario.start.ratio, loaded.scenario.start.token_share) == (0.75, 0.1)
    assert [file.name for file in loaded.files] == ["base.toml", "one.toml", "two.toml"]
    assert loaded.origins["start", "ratio"].endswith("two.toml")
    assert loaded.origins["start", "token_share"].endswith("one.toml")
    assert loaded.origins["start", "token_ratio"].endswith("base.toml")


def test_an_overlay_brings_its_own_keys_only():
    base = load("base")
    over = load("base", overlays=["start-70"])
    assert over.scenario.start.ratio == 0.7
    assert over.scenario.courts == base.scenario.courts, "not those of what the policy extends"
    assert over.scenario.title_zh != base.scenario.title_zh


def test_set_wins_over_files_and_takes_toml_values():
    loaded = load("base", ["start.ratio=0.9", "auction.bidding=proxy", 'time.windows."2017".last=2017-06-30'])
    s = loaded.scenario
    assert (s.start.ratio, s.auction.bidding, s.time.windows["2017"].last) == (
        0.9,
        "proxy",
        date(2017, 6, 30),
    )
    assert loaded.origins["start", "ratio"] == "--set"


@pytest.mark.parametrize("text", ["start.ratio", "=3", "start..ratio=1", "start.ratio=1\nx=2"])
def test_a_set_that_is_no_assignment_is_refused(text):
    with pytest.raises(ScenarioError, match="--set"):
        load("base", [text])


def test_sources_name_the_file_of_the_value_and_unsourced_values_say_so(tmp_path):
    loaded = load(
        mine(tmp_path, '[start]\nratio = 0.9\ntoken_share = 0.1\n[sources]\n"start.ratio" = "a paper"\n')
    )
    assert loaded.source(("start", "ratio"), "neutral one") == "a paper"
    assert loaded.source(("start", "token_share"), "neutral one") == "assumption: no source named"
    assert loaded.source(("start", "token_ratio"), "neutral one") == "neutral one"
    assert load("base", ["start.ratio=0.9"]).source(("start", "ratio"), "x") == "set on the command line"


@pytest.mark.parametrize(
    ("text", "days"), [("36 h", 1.5), ("90 min", 0.0625), ("2 天", 2.0), ("1e1 days", 10.0), ("24小时", 1.0)]
)
def test_a_quantity_may_name_its_unit(text, days):
    assert load("base", [f'rounds.first.window_days="{text}"']).scenario.rounds[
        "first"
    ].window_days == pytest.approx(days)


def test_money_and_shares_may_name_their_unit():
    s = load(
        "base",
        [
            'kinds.homes.value_median="80 万元"',
            'auction.deposit="15 %"',
            'auction.soft_close_minutes="0.1 h"',
        ],
    )
    assert s.scenario.kinds["homes"].value_median == 800_000
    assert s.scenario.auction.deposit == pytest.approx(0.15)
    assert s.scenario.auction.soft_close_minutes == pytest.approx(6.0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("auction.reply_seconds=15", 'auction.reply_seconds="15 s"'),
        ("auction.reply_seconds=15.0", "auction.reply_seconds=15"),
        ("start.ratio=0.7", "start.ratio=70%"),
        ("start.ratio=.7", 'start={ratio="７０％"}'),
        ("courts.clerks=2", "courts.clerks=2.0"),
        ("arrivals.exact=true", "arrivals.exact=TRUE"),
        ("rounds.first.window_days=1.5", 'rounds."first".window_days=36 h'),
    ],
)
def test_a_scenario_is_the_same_however_its_values_are_written(one, other):
    """Else a sweep could not be continued after a value was only written otherwise."""
    assert load("base", [one]).toml() == load("base", [other]).toml()


class TestHostile:
    """Hostile input ends in a clear error or a stated limit, never in a traceback."""

    def test_a_file_of_200_megabytes_is_refused_unread(self, tmp_path):
        path = tmp_path / "huge.toml"
        with path.open("wb") as file:
            file.truncate(200_000_000)
        with pytest.raises(ScenarioError, match=r"has 200,000,000 bytes; a scenario has at most 1,000,000"):
            load(path)

    def test_what_is_no_file_is_refused(self, tmp_path):
        with pytest.raises(ScenarioError, match="is not a file"):
            load(tmp_path)
        with pytest.raises(ScenarioError, match=r"is not a file|no such"):
            load("/dev/zero")

    def test_bytes_that_are_no_text(self, tmp_path):
        path = tmp_path / "a.toml"
        path.write_bytes(b"\xff\xfe\x00title")
        with pytest.raises(ScenarioError, match="is not text in UTF-8"):
            load(path)

    def test_nesting_without_end(self, tmp_path):
        with pytest.raises(ScenarioError, match=r"nested too deeply|not valid TOML"):
            load(write(tmp_path, "a = " + "[" * 100_000))

    def test_thousands_of_defects_are_cut_short(self, tmp_path):
        with pytest.raises(ScenarioError) as caught:
            load(mine(tmp_path, "[start]\n" + "".join(f"x{i} = 1\n" for i in range(500))))
        assert str(caught.value).splitlines()[-1] == "... and 460 more"

    def test_a_chain_of_files_without_end(self, tmp_path):
        for i in range(20):
            write(tmp_path, f'extends = "f{i + 1}.toml"\n', f"f{i}.toml")
        with pytest.raises(ScenarioError, match="more than 10 files extend one another"):
            load(tmp_path / "f0.toml")

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
            ),
            max_leaves=8,
        ),
        st.sampled_from(
            [
                "time",
                "start.ratio",
                "kinds",
                "kinds.homes",
                "courts.adoption",
                "published.2017",
                "run",
                "sources",
            ]
        ),
    )
    @settings(max_examples=50, deadline=None)
    def test_any_value_anywhere_is_taken_or_refused_with_defects(self, value, path):
        from sim.scenario.files import stack
        from sim.scenario.periods import validate

        layers = stack(BASE)
        tree = value
        for part in reversed(path.split(".")):
            tree = {part: tree}
        if value is None:
            return
        layers.add(tree, "here")
        scenario, defects = validate(layers)
        assert (scenario is None) == bool(defects)
        assert all(str(defect) for defect in defects)
