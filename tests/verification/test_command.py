"""``sim verify`` as a user meets it: table, verdict, exit codes, folder."""

from __future__ import annotations

import csv
import json

import pytest
from typer.testing import CliRunner

import sim.verification.run as command
from sim.cli.main import app
from sim.model.auction import ProxyAuction

RUN = ("verify", "--family", "a2", "--jobs", "1")


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(command, "QUICK", 1500)
    monkeypatch.setenv("COLUMNS", "100")


def sim(*words: str):
    return CliRunner().invoke(app, [*words])


def test_table_and_verdict_in_both_languages():
    en, zh = sim(*RUN, "--lang", "en"), sim(*RUN, "--lang", "zh")
    assert en.exit_code == zh.exit_code == 0, en.output
    for word in (
        "exact",
        "simulated",
        "s.e.",
        "z",
        "P(sale)",
        "0.415809",
        "(a2) over-dispersed interest",
        "pass",
    ):
        assert word in en.output
    for word in ("精确值", "模拟值", "标准误", "成交概率", "0.415809", "通过"):
        assert word in zh.output
    assert max(map(len, en.output.splitlines())) <= 100


def test_a_wrong_simulator_ends_with_one_and_says_why(monkeypatch):
    monkeypatch.setattr(ProxyAuction, "hammer", lambda self: self.price + self.increment)
    found = sim(*RUN, "--lang", "en", "--brief")
    assert found.exit_code == 1
    assert "FAIL" in found.output
    assert "what must never happen" in found.output


def test_the_folder_has_the_numbers_and_how_to_make_them_again(tmp_path):
    out = tmp_path / "v"
    assert sim(*RUN, "--out", str(out), "--seed", "3").exit_code == 0
    with (out / "verification.csv").open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["family"] for row in rows} == {"a2"}
    for row in rows:
        if row["z"]:
            z = (float(row["simulated"]) - float(row["exact"])) / float(row["error"])
            assert float(row["z"]) == pytest.approx(z, abs=1e-6)
    manifest = json.loads((out / "manifest.json").read_text())
    assert (manifest["seed"], manifest["lots"]) == (3, 1500)
    again = sim(*RUN, "--out", str(out))
    assert again.exit_code == 2
    assert "--force" in again.output


def test_the_same_seed_says_the_same_on_one_processor_or_two(tmp_path):
    for jobs in ("1", "2"):
        assert sim("verify", "--family", "c2", "--jobs", jobs, "--out", str(tmp_path / jobs)).exit_code == 0
    one, two = ((tmp_path / jobs / "verification.csv").read_text() for jobs in ("1", "2"))
    assert one == two


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--family", "a,x"), "allowed are a, a2, b"),
        (("--jobs", "-1"), "--jobs -1"),
        (("--seed", "-2"), "--seed -2"),
    ],
)
def test_bad_input_is_refused_before_anything_runs(words, said):
    found = sim("verify", *words)
    assert found.exit_code == 2
    assert said in found.output
