"""The page of a search for policies: numbers of front.csv, two policies side by side, names beside dots, the law."""

from __future__ import annotations

import csv
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_run_page import HAN, csv_of
from typer.testing import CliRunner

from sim.cli.main import app
from sim.experiments.optimise.pareto_front import Goal, Limit
from sim.experiments.paired import paired
from sim.reporting.figures.pareto import pareto_keys, pareto_panels
from sim.reporting.pages import shell
from sim.reporting.pages.folder_page import folder_page
from sim.reporting.pages.pareto_folder import ParetoFolder, read_pareto
from sim.reporting.pages.pareto_page import pareto_page
from sim.reporting.pages.run_folder import read_manifest
from sim.reporting.pages.shell import render
from sim.reporting.style import ORANGE
from sim.reporting.sweep_pictures import searched
from sim.reporting.sweep_rows import front_cells, front_sentences


@pytest.fixture(scope="module")
def pages(front_folder: Path) -> dict[str, str]:
    return {lang: render(folder_page(front_folder, lang)) for lang in ("zh", "en")}


@pytest.fixture(scope="module")
def folder(front_folder: Path) -> ParetoFolder:
    return read_pareto(front_folder, read_manifest(front_folder))


def table(path: Path) -> list[dict[str, str]]:
    with (path / "front.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_sections_stand_in_order_and_english_is_english(pages: dict[str, str]) -> None:
    for page in pages.values():
        found = re.findall(r'<section id="([a-z]+)"', page)
        assert found == ["front", "pairs", "law", "settled", "manifest"]
    assert not HAN.search(re.sub(r"<(pre|script|style)\b.*?</\1>", "", pages["en"], flags=re.S))


def test_a_key_looks_as_its_dots_do(folder: ParetoFolder) -> None:
    """The base is a star and not a dot among others, what the law does not allow a ring, of a base too with its own colour inside."""
    found = searched(folder.search, folder.outcome, folder.unlawful)
    keys = {key.words: key for key in pareto_keys(found, "en")}
    assert {name: key.shape for name, key in keys.items() if key.shape != "round"} == {
        "base": "star",
        "not allowed by the law, or on a condition only": "ring",
    }
    css = (Path(shell.__file__).parent / "page.css").read_text(encoding="utf-8")
    assert all(f".key i.{key.shape} " in css or f".key i.{key.shape}," in css for key in keys.values())
    assert any(one.base and one.unlawful for one in found.settled)
    (_, picture), *_ = pareto_panels(found, "en")
    stars = [line for line in picture.axes[0].lines if line.get_marker() == "*"]
    assert {line.get_markerfacecolor() for line in stars} == {ORANGE}


def test_what_is_computed_from_the_runs_is_what_the_command_wrote(
    front_folder: Path, pages: dict[str, str]
) -> None:
    rows = table(front_folder)
    assert csv_of(pages["zh"], "policies-settled") == rows
    shown = csv_of(pages["en"], "policies-front")
    assert shown[0] == rows[0], "the base first"
    assert {row["policy_name"] for row in shown[1:]} == {
        row["policy_name"] for row in rows[1:] if row["on_front"] == "True"
    }
    sold = [float(row["lots_sold"]) for row in shown[1:]]
    assert sold == sorted(sold, reverse=True)


def test_points_and_variables_have_names_in_the_readers_language(folder: ParetoFolder) -> None:
    """On the page as at a terminal: which do not differ, and the heads of the columns."""
    alike = replace(folder.outcome, alike=[(0, 1), (1, 2)])
    for lang, base, variables in (
        ("zh", "基准", ["二拍降价幅度", "起拍率"]),
        ("en", "base", ["Second auction cut", "Start ratio"]),
    ):
        said = front_sentences(folder.search, alike, lang)[1]
        assert f"{base} = P1" in said
        assert "P1 = P2" in said
        cells = front_cells(folder.search, folder.outcome, folder.law, lang)
        assert cells.heads[1:3] == variables
        assert cells.rows[0][0].removesuffix(" *") == base


def test_two_policies_side_by_side_have_their_paired_interval(
    folder: ParetoFolder, pages: dict[str, str]
) -> None:
    found = re.search(r'<script type="application/json" id="every-pair">(.*?)</script>', pages["en"], re.S)
    assert found
    data = json.loads(found[1])
    points = len(folder.outcome.points)
    assert len(data["names"]) == points
    assert set(data["pairs"]) == {f"{a} {b}" for a in range(points) for b in range(points)}
    values = folder.outcome.values
    own = paired(values[1:2], values[0:1])
    row = folder.between(1, 0)[0]
    np.testing.assert_allclose([row["difference"], row["ci_low"], row["ci_high"]], [own[k][0] for k in ("difference", "ci_low", "ci_high")])  # fmt: skip
    there, back = (data["pairs"][key][len(folder.axes)][0] for key in ("0 1", "1 0"))
    assert there.split()[0].strip("+−") == back.split()[0].strip("+−"), (
        "the same difference, with the other sign"
    )
    assert "lots" in there


def test_what_the_law_forbids_is_marked_with_its_article(
    front_folder: Path, folder: ParetoFolder, pages: dict[str, str]
) -> None:
    broken = [row["policy_name"] for row in table(front_folder) if row["unlawful"]]
    assert broken, "the search was allowed to look beyond the law"
    assert [f"P{i}" if i else "base" for i in folder.unlawful] == broken
    law = pages["zh"].split('<section id="law"')[1].split("</section>")[0]
    assert "法释〔2016〕18号" in law
    assert not re.search(r"[a-z]+\.[a-z]+", law.split("<ul>")[1]), "in words, not in keys"
    assert pages["en"].count("not allowed</td>") >= len(broken)


def test_one_goal_has_a_picture_too_and_no_scatter(folder: ParetoFolder) -> None:
    """The same measures, the second one within limits instead of a goal."""
    goals, limits = (Goal("lots_sold", 1),), (Limit("recovery", low=0.1),)
    one = replace(folder, search=replace(folder.search, goals=goals, limits=limits))
    page = render(pareto_page(one, "en"))
    assert "within: recovery, of sold lots at least 10.0%" in page
    assert "Difference of each policy from the base" in page


def test_a_damaged_folder_gives_a_sentence_and_exit_code_2(front_folder: Path, tmp_path: Path) -> None:
    spoilt = tmp_path / "o"
    shutil.copytree(front_folder, spoilt)
    (spoilt / "search.json").write_text("{}", encoding="utf-8")
    result = CliRunner().invoke(app, ["report", str(spoilt)])
    assert result.exit_code == 2
    assert "search.json is damaged" in result.output
    shutil.copy(front_folder / "search.json", spoilt)
    next((spoilt / "final" / "chunks").iterdir()).unlink()
    result = CliRunner().invoke(app, ["report", str(spoilt)])
    assert result.exit_code == 2
    assert "has not been run" in result.output
