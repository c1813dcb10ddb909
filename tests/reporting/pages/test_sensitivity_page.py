"""The page of a sensitivity analysis: its numbers are those of the command's table, with units, in words of both languages."""

from __future__ import annotations

import csv
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_run_page import HAN, csv_of
from typer.testing import CliRunner

from sim.cli.main import app
from sim.experiments.sensitivity import Index
from sim.reporting.figures.sensitivity import sensitivity_panels
from sim.reporting.indices import sentence
from sim.reporting.pages.folder_page import folder_page
from sim.reporting.pages.run_folder import read_manifest
from sim.reporting.pages.sensitivity_folder import read_sensitivity
from sim.reporting.pages.sensitivity_page import sensitivity_page
from sim.reporting.pages.shell import render


@pytest.fixture(scope="module")
def pages(sensitivity_folder: Path) -> dict[str, str]:
    return {lang: render(folder_page(sensitivity_folder, lang)) for lang in ("zh", "en")}


def test_sections_stand_in_order_and_english_is_english(pages: dict[str, str]) -> None:
    for page in pages.values():
        found = re.findall(r'<section id="([a-z]+)"', page)
        assert found == ["answer", "pictures", "indices", "varied", "manifest"]
    assert not HAN.search(re.sub(r"<(pre|script|style)\b.*?</\1>", "", pages["en"], flags=re.S))


def test_indices_are_those_of_the_commands_table(sensitivity_folder: Path, pages: dict[str, str]) -> None:
    with (sensitivity_folder / "sensitivity.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for measure in dict.fromkeys(row["measure"] for row in rows):
        mine = [row for row in rows if row["measure"] == measure]
        assert csv_of(pages["en"], f"sensitivity-{measure}") == mine
        overview = {row["parameter"]: row for row in csv_of(pages["zh"], "sensitivity-overview")}
        assert {row["parameter"]: row["mu_star"] for row in mine} == {
            p: row[measure] for p, row in overview.items()
        }


def test_numbers_have_units_and_parameters_their_names(pages: dict[str, str]) -> None:
    for lang, units in (("en", ("points", "days", "lots", "¥")), ("zh", ("个百分点", "天", "件", "元"))):
        cells = " ".join(re.findall(r"<td[^>]*>([^<]*)</td>", pages[lang].split('data-name="sensitivity-overview"')[1].split("</table>")[0]))  # fmt: skip
        assert all(unit in cells for unit in units), cells
    assert "起拍率" in pages["zh"]
    assert "70% to 100%" in pages["en"], "what was varied, from where to where"
    assert "70%至100%" in pages["zh"]


def test_the_table_says_which_measures_are_shown_and_damage_is_reported(
    sensitivity_folder: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "s"
    shutil.copytree(sensitivity_folder, folder)
    (folder / "sensitivity.csv").unlink()
    assert 'data-name="sensitivity-recovery"' in render(folder_page(folder, "en")), "the usual measures"
    (folder / "sensitivity.csv").write_text("measure,window\r\nlots_sould,all\r\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["report", str(folder)])
    assert result.exit_code == 2
    assert "lots_sould" in result.output
    next((folder / "chunks").iterdir()).unlink()
    shutil.copy(sensitivity_folder / "sensitivity.csv", folder)
    result = CliRunner().invoke(app, ["report", str(folder)])
    assert result.exit_code == 2
    assert "sim sweep resume" in result.output


def test_the_headline_says_which_other_parameters_may_matter_as_much(
    pages: dict[str, str], sensitivity_folder: Path
) -> None:
    folder = read_sensitivity(sensitivity_folder, read_manifest(sensitivity_folder))
    first, second = folder.found["lots_sold"]
    far = replace(second, low=0.0, high=first.low - 1.0)
    near = replace(second, high=first.low + 1.0)
    for other, close in ((far, False), (near, True)):
        page = sensitivity_page(replace(folder, found={"lots_sold": [first, other]}), "en")
        assert ("not surely more than" in page.headline) is close


def test_a_sentence_names_what_matters_and_counts_the_rest() -> None:
    rows = [
        Index("a", 0.12, 0.10, 0.14, -0.12, -0.14, -0.10, 0.02),
        Index("b", 0.03, 0.02, 0.04, 0.03, 0.02, 0.04, 0.01),
        Index("c", 0.001, 0.0, 0.002, 0.001, 0.0, 0.002, 0.001),
    ]
    names = {"a": "start ratio", "b": "cut", "c": "deposit"}
    said = sentence("sale_rate_final", rows, names, "morris", "en")
    assert said == (
        "Sale rate, of final outcomes: start ratio 12.0 points [10.0, 14.0]; cut 3.0 points [2.0, 4.0]; "
        "1 other, each less than a twentieth of the first."
    )
    shares = sentence("sale_rate_final", rows[:1], names, "sobol", "zh")
    assert shares == "成交率（终结口径）：start ratio12% [10, 14]。"
    still = [Index("a", *[0.0] * 7)]
    assert (
        sentence("lots_sold", still, names, "morris", "en")
        == "Lots sold: no parameter has a visible effect on it."
    )


def test_a_panel_has_bar_interval_and_sigma_in_the_unit_of_its_axis() -> None:
    one = Index("a", 0.12, 0.10, 0.14, -0.12, -0.14, -0.10, 0.02)
    (panel,) = sensitivity_panels({"sale_rate_final": [one]}, {"a": "start ratio"}, "morris", "en")
    (mark,) = panel.groups[0][1]
    np.testing.assert_allclose(
        [mark.base, mark.mean, mark.low, mark.high, mark.also], [0.0, 12.0, 10.0, 14.0, 2.0]
    )
    assert panel.title.endswith("percentage points")
    (shares,) = sensitivity_panels({"lots_sold": [one]}, {"a": "start ratio"}, "sobol", "en")
    assert len(shares.groups[0][1]) == 2, "the whole share, and that alone"
