"""The calibration report in a real browser: silent, self-contained, readable on a phone and on paper, numbers as in the CSV."""

from __future__ import annotations

import base64
import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path

import chrome
import pytest
import small

from calibration.report import tables
from calibration.report.page import page
from sim.report.page.shell import render

pytestmark = pytest.mark.browser

LANGS = ("zh", "en")
OVERFLOW = "return document.documentElement.scrollWidth - innerWidth"
CELLS = """return [...document.querySelectorAll('#fit table')][0].innerText"""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[chrome.Chrome]:
    why = chrome.missing()
    if why and os.environ.get("SIM_NEED_BROWSER"):
        pytest.fail(why)
    if why:
        pytest.skip(why)
    one = chrome.Chrome(tmp_path_factory.mktemp("chrome"))
    yield one
    one.quit()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory):
    """(result, folder with report.html and report-zh.html)."""
    folder = tmp_path_factory.mktemp("report")
    targets = folder / "small.toml"
    targets.write_text(small.TARGETS, encoding="utf-8")
    result = small.calibrate(targets, folder / "out", 1)
    other = render(page(result, "zh", {}, None))
    (folder / "out" / "report-zh.html").write_text(other, encoding="utf-8")
    return result, folder / "out"


def path_of(folder: Path, lang: str) -> Path:
    return folder / ("report.html" if lang == "en" else "report-zh.html")


@pytest.mark.parametrize("lang", LANGS)
def test_it_is_silent_asks_for_nothing_and_fits_a_phone(browser, made, lang):
    for width in (1100, 390):
        browser.open(path_of(made[1], lang), width)
        assert browser.console() == []
        assert browser.outside() == []
        assert browser.run(OVERFLOW) <= 0
        browser.picture(f"calibration-{lang}-{width}")


@pytest.mark.parametrize("lang", LANGS)
def test_the_page_for_a_judge_comes_first_then_the_fit_then_the_ten_requirements(browser, made, lang):
    browser.open(path_of(made[1], lang))
    names = browser.run("return [...document.querySelectorAll('section[id]')].map((s) => s.id)")
    wanted = [
        "judge", "fit", "targets", "counted", "verification", "identification", "weights", "adequacy", "sensitivity",
        "validation", "policy", "again",
    ]  # fmt: skip
    assert [name for name in names if name in wanted] == wanted


@pytest.mark.parametrize("lang", LANGS)
def test_the_fit_table_shows_the_numbers_of_its_csv(browser, made, lang):
    result, folder = made
    browser.open(path_of(folder, lang))
    shown = browser.run(CELLS)
    with (folder / "fit.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["reading"] == result.leading.reading.key]
    assert len(rows) == 4
    for row in rows:
        for key in ("printed", "median", "low", "high", "best"):
            assert tables.figure(row["figure"], float(row[key]), lang) in shown
        assert tables.z_score(float(row["z"])) in shown


def test_on_paper_it_is_a4_and_letters_can_be_copied(browser, made):
    browser.open(path_of(made[1], "zh"))
    pdf = base64.b64decode(
        browser.command("Page.printToPDF", paperWidth=8.27, paperHeight=11.69, printBackground=True)["data"]
    )
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 4
    sizes = {tuple(map(float, m)) for m in re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)}
    assert [(round(w / 10), round(h / 10)) for w, h in sizes] == [(60, 84)]  # points: A4 is 595 by 842
    assert b"/ToUnicode" in pdf


def test_chinese_is_drawn_by_a_font_that_has_it(browser, made):
    browser.open(path_of(made[1], "zh"))
    browser.command("DOM.enable")
    browser.command("CSS.enable")
    root = browser.command("DOM.getDocument")["root"]["nodeId"]
    node = browser.command("DOM.querySelector", nodeId=root, selector="h1")["nodeId"]
    used = {f["familyName"] for f in browser.command("CSS.getPlatformFontsForNode", nodeId=node)["fonts"]}
    assert used
    assert all(re.search("Han|CJK|SC|Song|Hei|Kai|Ming", name) for name in used), used


def test_every_picture_is_also_a_file_of_its_own(made):
    for name in ("fit", "ridge", "prior", "forest", "sensitivity"):
        assert (made[1] / f"{name}.png").stat().st_size > 2000, name
        assert (made[1] / f"{name}.svg").read_text(encoding="utf-8").startswith("<?xml"), name
