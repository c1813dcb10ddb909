"""A value is set or varied, not both: refused before anything runs, in every command and however a key is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import SMALL
from typer.testing import CliRunner, Result

from sim.cli.main import app
from sim.experiments.assignments import Claim, also_given, of_policy, set_by, why_not_varied
from sim.scenario import load
from sim.scenario.describe import parameters
from sim.scenario.keys import read_key

SETS = [part for value in SMALL for part in ("--set", value)]


def sim(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--out", str(folder / "out"), "--jobs", "1"])


def varying(command: str, axis: str) -> list[str]:
    """A command of few runs that varies ``axis`` of base."""
    return {
        "sweep": ["sweep", "base", "--vary", axis, "-n", "1"],
        "sensitivity": ["sensitivity", "base", "-p", axis, "-n", "1", "--samples", "2"],
        "optimise": [
            "optimise",
            "base",
            "--variable",
            axis,
            "--maximise",
            "recovery",
            "--points",
            "4",
            "--final",
            "2",
        ],
    }[command]


def refused(result: Result, folder: Path, *words: str) -> None:
    assert result.exit_code == 2, result.output
    for word in words:
        assert word in result.output
    assert "Traceback" not in result.output
    assert not (folder / "out").exists()


SPELT = [
    ("start.ratio=0.7,0.8", "start.ratio=0.9"),
    ('"start".ratio=0.7,0.8', "start.'ratio'=0.9"),
    ("start.ratio=0.7,0.8", "start={ratio=0.9}"),
    ("start.ratio=0.7,0.8", "start = {token_share = 0.0, ratio = 0.9}"),
    ("kinds.homes.share=0.1,0.2", "kinds.homes=false"),
    ('rounds."second".cut=0.1,0.2', "rounds={second={cut=0.1}}"),
]


@pytest.mark.parametrize("command", ["sweep", "sensitivity", "optimise"])
@pytest.mark.parametrize(("axis", "given"), SPELT)
def test_what_is_set_is_not_varied(tmp_path, command, axis, given):
    result = sim(tmp_path, *varying(command, axis), *SETS, "--set", given)
    refused(result, tmp_path, "is varied and set, by --set", "leave out one of the two")


@pytest.mark.parametrize("command", ["sweep", "sensitivity", "optimise"])
def test_what_a_policy_sets_is_not_varied_on_it(tmp_path, command):
    arguments = ["start-80" if part == "base" else part for part in varying(command, "start.ratio=0.7,0.9")]
    refused(sim(tmp_path, *arguments), tmp_path, "start.ratio is varied and set, by the policy", "start-80")


@pytest.mark.parametrize("command", ["sweep", "sensitivity", "optimise"])
@pytest.mark.parametrize(
    "key", ["run.replications", "run.seed", "published.2017.sold", "title", "kinds.homes.name_zh"]
)
def test_what_is_no_parameter_is_not_varied(tmp_path, command, key):
    refused(sim(tmp_path, *varying(command, f"{key}=1,2"), *SETS), tmp_path, key)


@pytest.mark.parametrize("header", ["start.ratio", '"start"."ratio"'])
def test_what_is_set_is_not_drawn(tmp_path, header):
    draws = tmp_path / "d.csv"
    quoted = header.replace('"', '""')
    draws.write_text(f'"{quoted}"\n0.7\n0.8\n', encoding="utf-8")
    arguments = ["compare", "base", "cut-20", "--draws", str(draws), *SETS]
    refused(
        sim(tmp_path, *arguments, "--set", "start.ratio=0.9"),
        tmp_path,
        "start.ratio is varied and set, by --set",
    )
    draws.write_text("[[draws]]\nstart = {ratio = 0.7}\n[[draws]]\nstart = {ratio = 0.8}\n", encoding="utf-8")
    toml = draws.rename(draws.with_suffix(".toml"))
    arguments[arguments.index(str(draws))] = str(toml)
    refused(
        sim(tmp_path, *arguments, "--set", "start={ratio=0.9}"), tmp_path, "start.ratio is varied and set"
    )


def test_a_policy_is_compared_with_what_it_sets_itself(tmp_path):
    result = sim(tmp_path, "compare", "base", "cut-10", *SETS, "--set", "rounds={second={cut=0.05}}")
    said = "rounds.second.cut is set twice: by cut-10 and by --set rounds={second={cut=0.05}}"
    refused(result, tmp_path, "cut-10.toml", said, "leave out one of the two")
    assert "varied" not in result.output, "a policy sets, it does not vary"


def test_a_draw_under_a_policy_that_sets_the_same_is_said(tmp_path):
    draws = tmp_path / "d.csv"
    draws.write_text("rounds.second.cut\n0.02\n0.03\n", encoding="utf-8")
    arguments = ["compare", "base", "cut-10", "--draws", str(draws), *SETS, "--no-pictures", "--lang", "en"]
    result = sim(tmp_path, *arguments)
    assert result.exit_code == 0, result.output
    assert "cut-10 sets rounds.second.cut, which the draws vary" in " ".join(result.output.split())


def test_keys_that_only_stand_side_by_side_do_not_overlap():
    given = set_by(["start={ratio=0.9}", "kinds.homes.share=0.5", "time={}", "no assignment"])
    varied = ["start.token_share", "kinds.homes.interest", "kinds.land.share", "start.ratios"]
    assert [list(also_given(Claim(read_key(key), "x"), given)) for key in varied] == [[], [], [], []]


def test_a_scenario_that_calls_itself_no_policy_may_be_varied_in_all_that_it_sets():
    assert of_policy(load("shanxi")) == []
    assert {claim.key for claim in of_policy(load("start-80"))} >= {("start", "ratio")}


def test_every_parameter_but_names_figures_and_the_run_can_be_varied():
    apart = {p.path for p in parameters() if why_not_varied(tuple(p.path.split(".")))}
    assert apart == {
        "title", "title_zh", "kinds.*.name_zh", "platforms.*.name_zh", "run.replications", "run.seed",
        *(p.path for p in parameters() if p.path.startswith(("published.", "interpretation."))),
    }  # fmt: skip


@pytest.mark.parametrize(
    "option", [["--set", "start.ratio=0.9"], ["--seed", "3"], ["-n", "3"], ["--samples", "4"]]
)
def test_a_design_that_has_been_run_takes_nothing_that_would_change_it(tmp_path, option):
    result = CliRunner().invoke(app, ["sensitivity", str(tmp_path), *option])
    refused(result, tmp_path, "is a design that has been run")


def test_how_to_try_a_policy_that_was_found_names_what_was_set(tmp_path):
    arguments = [
        *varying("optimise", "start.ratio=0.5:1"),
        *SETS,
        "--set",
        "interest.mean=0.5",
        "--no-pictures",
    ]
    result = sim(tmp_path, *arguments, "-n", "1", "--lang", "en")
    assert result.exit_code == 0, result.output
    said = " ".join(result.output.split())
    assert "policies/P" in said.replace("policies/ P", "policies/P")
    assert "--set interest.mean=0.5" in said
