"""The report of a calibration in a real browser: silent, legible, fit for a phone; its first page is one sheet of A4."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import fake_result
import pytest
from chrome import BOXES, CUT_OFF, LOW_CONTRAST, SMALLEST, UNNAMED, Chrome

from calibration.report.page import page
from sim.reporting.pages.shell import render, write

pytestmark = pytest.mark.browser

BOTH = pytest.mark.parametrize("lang", ["zh", "en"])
A4 = (8.27, 11.69)  # inches


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder, result = tmp_path_factory.mktemp("html"), fake_result.result()
    for lang in ("zh", "en"):
        made = render(page(result, lang, {"command": ["calibrate", "run", "shanxi"], "seed": 1}))
        write(folder / f"{lang}.html", made)
    return {lang: folder / f"{lang}.html" for lang in ("zh", "en")}


@BOTH
@pytest.mark.parametrize("width", [390, 820, 1280])
def test_it_opens_silently_asks_for_nothing_and_fits_its_width(
    browser: Chrome, pages: dict[str, Path], lang: str, width: int
) -> None:
    browser.open(pages[lang], width)
    assert browser.console() == []
    assert browser.outside() == []
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(CUT_OFF) == []
    assert browser.run(SMALLEST) >= 9.5
    browser.picture(f"calibration-{lang}-{width}")


@BOTH
@pytest.mark.parametrize("dark", [False, True])
def test_words_stand_out_and_everything_has_a_name(
    browser: Chrome, pages: dict[str, Path], lang: str, dark: bool
) -> None:
    browser.open(pages[lang], dark=dark)
    assert browser.run(LOW_CONTRAST) == []
    assert browser.run(UNNAMED) == []
    browser.picture(f"calibration-{lang}-{'dark' if dark else 'light'}")


def test_chinese_characters_are_drawn(browser: Chrome, pages: dict[str, Path]) -> None:
    browser.open(pages["zh"])
    boxes, characters = browser.run(BOXES)
    assert boxes == ""
    assert characters > 200


def printed_pages(browser: Chrome, path: Path, first: bool) -> int:
    """Sheets of A4 that the page takes, or that its beginning down to the second section takes."""
    browser.open(path)
    if first:
        browser.run("[...document.querySelectorAll('main > section')].slice(1).forEach((e) => e.remove())")
    pdf = browser.command(
        "Page.printToPDF", preferCSSPageSize=True, printBackground=True, paperWidth=A4[0], paperHeight=A4[1]
    )
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", base64.b64decode(pdf["data"])))


@BOTH
def test_the_first_page_is_one_sheet_and_at_most_eight_stand_behind_it(
    browser: Chrome, pages: dict[str, Path], lang: str
) -> None:
    assert printed_pages(browser, pages[lang], first=True) == 1
    assert 2 <= printed_pages(browser, pages[lang], first=False) <= 9
