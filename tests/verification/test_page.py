"""The page of the documentation that a verification writes: the quick one is written anew here and compared."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT
from typer.testing import CliRunner

import sim.verification.run as command
from sim.cli.main import app
from sim.verification.cases import cases
from sim.verification.listed_cases import FAMILIES
from sim.verification.page import MARK, caught, page
from sim.verification.run import verify
from sim.verification.verdict import HIGHEST, verdict
from sim.verification.words import quantity

QUICK_PAGE = ROOT / "docs" / "verification.md"
FULL_PAGE = ROOT / "docs" / "verification-full.md"


def sim(*words: str):
    return CliRunner().invoke(app, [*words])


def tables(text: str) -> dict[str, list[list[str]]]:
    """Rows of the table of each family: its cells as printed."""
    found = {}
    for section in text.split("\n## ")[1:]:
        family = re.match(r"\((\w+)\)", section)
        if family:
            lines = [line for line in section.splitlines() if line.startswith("| ")][2:]
            found[family[1]] = [line[2:-2].split(" | ") for line in lines]
    return found


@pytest.mark.statistical
def test_the_quick_page_is_what_the_program_writes_today(tmp_path):
    """All cases run again, 20,000 auctions each: the page is executed, not remembered."""
    written = tmp_path / QUICK_PAGE.name
    done = sim("verify", "--jobs", "1", "--brief", "--lang", "en", "--markdown", str(written))
    assert done.exit_code == 0, done.output
    assert written.read_text(encoding="utf-8") == QUICK_PAGE.read_text(encoding="utf-8")


def test_the_full_page_is_of_these_cases_and_every_family_passed():
    """What would take too long here: that it is about today's cases and exact values, and says what its numbers say."""
    text = FULL_PAGE.read_text(encoding="utf-8")
    assert text.startswith(f"{MARK}; sim verify --full")
    assert "200,000 auctions each at least" in text
    assert "| FAIL |" not in text
    full, quick = tables(text), tables(QUICK_PAGE.read_text(encoding="utf-8"))
    assert set(full) == set(FAMILIES)
    for family, rows in full.items():
        assert [row[:3] for row in rows if row[1] != "bidding less waiting, at the cutoff"] == [
            row[:3] for row in quick[family] if row[1] != "bidding less waiting, at the cutoff"
        ], family
        assert {row[0] for row in rows} - {""} == {case.name for case in cases((family,))}
        for _, _, exact, simulated, error, z in rows:
            if z not in ("–", ""):
                assert abs(float(z)) <= HIGHEST
                # Printed with six digits, which is 5e-6 of a number at most, and the error with two.
                near = (float(simulated) - float(exact)) / float(error)
                assert float(z) == pytest.approx(
                    near, rel=0.06, abs=0.06 + 1e-5 * abs(float(exact)) / float(error)
                )


def test_ten_times_as_many_auctions_see_a_third_of_the_bias():
    chosen = cases(("a2",))[:2]
    few, many = (caught(list(verify(chosen, lots))) for lots in (1_000, 10_000))
    for name, bias in few.items():
        assert many[name] == pytest.approx(bias / np.sqrt(10.0), rel=0.35), name


def test_bars_in_names_do_not_cut_cells():
    found = list(verify(cases(("a2",))[:1], 1_000))
    text = page(found, [verdict("a2", found)], 1_000, 1, "sim verify")
    assert "|" in quantity("alone", "en")
    widths = [len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("| ")]
    runs = [line.startswith("| ") for line in text.splitlines()]
    assert sum(1 for before, now in pairwise(runs) if now and not before) == 4
    assert set(widths) == {4, 7, 10}


@pytest.fixture
def _few(monkeypatch):
    monkeypatch.setattr(command, "QUICK", 1_000)


RUN = ("verify", "--family", "a2", "--jobs", "1", "--lang", "en", "--brief", "--markdown")


@pytest.mark.usefixtures("_few")
def test_a_page_that_somebody_else_wrote_is_not_replaced(tmp_path):
    mine = tmp_path / "mine.md"
    mine.write_text("# Mine\n")
    done = sim(*RUN, str(mine))
    assert done.exit_code == 2
    assert "was not written by sim verify; --force replaces it" in done.output
    assert mine.read_text() == "# Mine\n"
    assert sim(*RUN, str(mine), "--force").exit_code == 0
    assert mine.read_text().startswith(MARK)
    assert sim(*RUN, str(mine)).exit_code == 0, "its own page is written anew without asking"


@pytest.mark.usefixtures("_few")
def test_a_folder_that_is_not_there_is_reported_before_anything_runs(tmp_path):
    done = sim(*RUN, str(tmp_path / "no" / "page.md"))
    assert done.exit_code == 2
    assert "there is no such folder" in done.output
    assert not Path(tmp_path / "no").exists()
