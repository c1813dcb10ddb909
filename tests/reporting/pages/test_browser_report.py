"""The page of a run in a real browser: nothing fetched, nothing logged, everything named, legible and to be had."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from chrome import BOXES, CUT_OFF, LOW_CONTRAST, OVERLAID, SMALLEST, UNNAMED, Chrome
from test_run_page import HAN

from sim.reporting.pages.folder_page import folder_page, folder_pages
from sim.reporting.pages.shell import render, write

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def pages(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("html")
    for lang in ("zh", "en"):
        write(folder / f"{lang}.html", render(folder_page(run_folder, lang)))
    return {lang: folder / f"{lang}.html" for lang in ("zh", "en")}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [375, 820, 1280])
def test_it_opens_silently_asks_for_nothing_and_fits_its_width(
    browser: Chrome, pages: dict[str, Path], lang: str, width: int
) -> None:
    browser.open(pages[lang], width)
    assert browser.console() == []
    assert browser.outside() == []
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(CUT_OFF) == []
    assert browser.run(OVERLAID) == []
    assert browser.run(SMALLEST) >= 9.5
    browser.picture(f"run-{lang}-{width}")


@pytest.mark.parametrize("dark", [False, True])
def test_words_stand_out_from_what_is_behind_them(
    browser: Chrome, pages: dict[str, Path], dark: bool
) -> None:
    browser.open(pages["zh"], dark=dark)
    assert browser.run(LOW_CONTRAST) == []
    browser.picture(f"run-{'dark' if dark else 'light'}")


def test_everything_has_a_name_for_those_who_do_not_see_it(browser: Chrome, pages: dict[str, Path]) -> None:
    browser.open(pages["zh"])
    assert browser.run(UNNAMED) == []
    assert browser.run("return document.documentElement.lang") == "zh-CN"


def test_chinese_characters_are_drawn(browser: Chrome, pages: dict[str, Path]) -> None:
    browser.open(pages["zh"])
    boxes, characters = browser.run(BOXES)
    assert boxes == ""
    assert characters > 200


def test_pictures_are_svg_with_text_as_text_in_one_width_at_a_time(
    browser: Chrome, pages: dict[str, Path]
) -> None:
    for width in (375, 1280):
        browser.open(pages["zh"], width)
        shown = "[...document.querySelectorAll('svg')].filter((e) => e.getClientRects().length)"
        assert (
            browser.run(f"return {shown}.length")
            == browser.run("return document.querySelectorAll('.panel svg').length") + 8
        )
        assert "变卖" in browser.run(f"return {shown}.map((e) => e.textContent).join(' ')")


def test_downloads_are_the_folders_own_files(
    browser: Chrome, pages: dict[str, Path], run_folder: Path
) -> None:
    browser.open(pages["zh"])
    browser.run("document.querySelector('button[data-file=\"measures.csv\"]').click()")
    assert browser.downloaded("measures.csv") == (run_folder / "measures.csv").read_bytes()
    browser.run("document.querySelector('[data-name=\"measures-all\"] .save').click()")
    rows = browser.downloaded("measures-all.csv").decode("utf-8-sig").splitlines()
    whole = (run_folder / "measures.csv").read_text(encoding="utf-8-sig").splitlines()
    assert rows == [whole[0], *(line for line in whole[1:] if line.split(",")[1] == "all")]


def test_a_table_is_copied_as_people_read_it(browser: Chrome, pages: dict[str, Path]) -> None:
    browser.open(pages["zh"])
    browser.run(
        "window.copied = ''; navigator.clipboard.writeText = async (text) => { window.copied = text; };"
    )
    browser.run("document.querySelector('[data-name=\"glance\"] .copy').click()")
    text = browser.run("return window.copied")
    assert text.split("\n")[0].split("\t")[:2] == ["指标", "2017"]
    assert len(text.split("\n")) == 12
    assert (
        browser.run("return document.querySelector('[data-name=\"glance\"] .said').textContent") == "已复制"
    )


def test_keys_alone_reach_skip_link_theme_and_tables(browser: Chrome, pages: dict[str, Path]) -> None:
    browser.open(pages["zh"])
    browser.run("document.body.focus()")
    browser.press("\ue004")  # Tab
    assert browser.run("return document.activeElement.className") == "skip"
    browser.press("\ue004")
    assert browser.run("return document.activeElement.id") == "theme"
    before = browser.run("return getComputedStyle(document.body).color")
    browser.press("\ue007")  # Enter
    assert browser.run("return document.documentElement.dataset.theme") == "dark"
    assert browser.run("return document.activeElement.textContent") == "浅色"
    assert browser.run("return getComputedStyle(document.body).color") != before
    for _ in range(30):
        browser.press("\ue004")
        if browser.run("return document.activeElement.getAttribute('role')") == "region":
            break
    else:
        pytest.fail("no table was reached with the keyboard")


def test_on_paper_the_page_is_light_and_without_buttons(browser: Chrome, pages: dict[str, Path]) -> None:
    browser.open(pages["zh"], dark=True)
    browser.command("Emulation.setEmulatedMedia", media="print")
    assert browser.run("return getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert browser.run("return getComputedStyle(document.getElementById('print')).display") != "block"
    assert browser.run(
        "return [...document.querySelectorAll('button')].every((e) => !e.getClientRects().length)"
    )
    browser.command("Emulation.setEmulatedMedia", media="")


@pytest.fixture(scope="module")
def comparison(compare_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("compare")
    for lang in ("zh", "en"):
        write(folder / f"{lang}.html", render(folder_page(compare_folder, lang)))
    return {lang: folder / f"{lang}.html" for lang in ("zh", "en")}


@pytest.mark.parametrize(
    ("lang", "width", "dark"), [("zh", 375, False), ("zh", 1280, True), ("en", 820, False)]
)
def test_the_page_of_a_comparison_holds_the_same_promises(
    browser: Chrome, comparison: dict[str, Path], lang: str, width: int, dark: bool
) -> None:
    browser.open(comparison[lang], width, dark=dark)
    assert browser.console() == []
    assert browser.outside() == []
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(UNNAMED) == []
    assert browser.run(LOW_CONTRAST) == []
    browser.picture(f"compare-{lang}-{width}")


def test_the_differences_are_downloaded_as_they_are(
    browser: Chrome, comparison: dict[str, Path], compare_folder: Path
) -> None:
    browser.open(comparison["zh"])
    browser.run("document.querySelector('button[data-file=\"differences.csv\"]').click()")
    assert browser.downloaded("differences.csv") == (compare_folder / "differences.csv").read_bytes()


@pytest.mark.parametrize("width", [375, 820, 1280])
def test_the_page_of_a_sweep_holds_the_same_promises(
    browser: Chrome, sweep_folder: Path, tmp_path: Path, width: int
) -> None:
    write(tmp_path / "sweep.html", render(folder_page(sweep_folder, "zh")))
    browser.open(tmp_path / "sweep.html", width, dark=width == 820)
    assert browser.console() == []
    assert browser.outside() == []
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(UNNAMED) == []
    assert browser.run(LOW_CONTRAST) == []
    browser.picture(f"sweep-{width}")
    browser.run("document.querySelector('button[data-file=\"summary.csv\"]').click()")
    assert browser.downloaded("summary.csv") == (sweep_folder / "summary.csv").read_bytes()


@pytest.mark.parametrize("name", ["sensitivity", "front"])
def test_pages_of_analyses_hold_the_same_promises(
    browser: Chrome, sensitivity_folder: Path, front_folder: Path, tmp_path: Path, name: str
) -> None:
    folder = {"sensitivity": sensitivity_folder, "front": front_folder}[name]
    write(tmp_path / "page.html", render(*folder_pages(folder, ("zh", "en"))))
    for width in (390, 820, 1280):
        browser.open(tmp_path / "page.html", width, dark=width == 820)
        for lang in ("zh", "en"):
            assert browser.console() == []
            assert browser.outside() == []
            assert browser.run("return document.documentElement.scrollWidth") <= width
            for wrong in (UNNAMED, LOW_CONTRAST, CUT_OFF, OVERLAID):
                assert browser.run(wrong) == []
            browser.picture(f"{name}-{width}-{lang}")
            browser.run("document.getElementById('language').click()")
            eventually(lambda: browser.run("return document.documentElement.lang") != TAGS[lang])  # noqa: B023


TAGS = {"zh": "zh-CN", "en": "en"}


def eventually(done: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until it is done."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_two_policies_are_chosen_and_their_difference_is_shown(
    browser: Chrome, front_folder: Path, tmp_path: Path
) -> None:
    write(tmp_path / "page.html", render(*folder_pages(front_folder, ("en", "zh"))))
    browser.open(tmp_path / "page.html")
    cell = "return document.querySelector('.pairs tbody tr:nth-child(3) [data-of=difference]').textContent"
    before = browser.run(cell)
    change = "const s = document.getElementById(arguments[0]); s.value = arguments[1]; s.dispatchEvent(new Event('change', {bubbles: true}))"
    browser.run(change, "pair-a", "1")
    browser.run(change, "pair-b", "0")
    data = json.loads(browser.run("return document.getElementById('every-pair').textContent"))
    assert browser.run(cell) == data["pairs"]["1 0"][2][0] != before
    second = browser.run("return document.querySelector('.pairs thead [data-of=b]').textContent")
    assert second.removesuffix(" *") == "base"  # marked where it is against the law, as any policy is
    browser.run("document.getElementById('language').click()")
    eventually(lambda: browser.run("return document.documentElement.lang") == "zh-CN")
    browser.run(change, "pair-a", "1")
    browser.run(change, "pair-b", "0")
    assert "件" in browser.run(cell), "the script serves both languages"


def test_the_language_is_switched_in_place_and_everything_still_works(
    browser: Chrome, run_folder: Path, tmp_path: Path
) -> None:
    page = tmp_path / "run.html"
    write(page, render(*folder_pages(run_folder, ("zh", "en"))))
    alone = len(render(folder_pages(run_folder, ("zh",))[0]).encode())
    assert page.stat().st_size < 1.45 * alone, "what both languages share stands once"
    browser.open(page)
    title = browser.run("return document.title")
    browser.run("document.getElementById('backlog').scrollIntoView()")
    browser.run("document.getElementById('language').click()")
    eventually(lambda: browser.run("return document.documentElement.lang") == "en")
    assert abs(browser.run("return document.getElementById('backlog').getBoundingClientRect().top")) < 40.0
    assert browser.run("return document.activeElement.id") == "language"
    assert browser.run("return document.title") != title
    text = browser.run("return document.getElementById('main').innerText")
    assert not HAN.search(text), "all of it is English"
    browser.run("document.querySelector('[data-name=glance] .save').click()")
    assert browser.downloaded("glance.csv")
    browser.run("document.querySelector('button[data-file=\"measures.csv\"]').click()")
    assert browser.downloaded("measures.csv") == (run_folder / "measures.csv").read_bytes()
    clock = "return document.querySelector('.room .clock').textContent"
    before = browser.run(clock)
    browser.run("document.querySelector('.room .forward').click()")
    assert browser.run(clock) != before, "the auction room plays in the second language too"
    browser.run("document.getElementById('language').click()")
    eventually(lambda: browser.run("return document.documentElement.lang") == "zh-CN")
    assert browser.run("return document.title") == title
    assert browser.console() == []
    assert browser.outside() == []
