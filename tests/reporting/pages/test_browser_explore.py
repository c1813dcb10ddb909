"""The explorer in a real browser: parameters move numbers, simulated ones exactly, between them interpolated, else none."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from chrome import BOXES, LOW_CONTRAST, UNNAMED, Chrome
from scipy.interpolate import LinearNDInterpolator, RegularGridInterpolator
from scipy.stats import qmc

from sim.experiments.paired import paired
from sim.reporting.pages.explore_page import explore_page
from sim.reporting.pages.run_folder import read_manifest
from sim.reporting.pages.shell import render, write
from sim.reporting.pages.sweep_data import Axis, SweepData
from sim.reporting.pages.sweep_folder import read_sweep

pytestmark = pytest.mark.browser

SMALLEST = """
return Math.min(...[...document.querySelectorAll(".profiles svg text")].map((t) => parseFloat(getComputedStyle(t).fontSize) * t.ownerSVGElement.getBoundingClientRect().width / t.ownerSVGElement.viewBox.baseVal.width));
"""


@pytest.fixture(scope="module")
def grid(sweep_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SweepData]:
    data = read_sweep(sweep_folder)
    path = tmp_path_factory.mktemp("explore") / "grid.html"
    write(path, render(explore_page(data, read_manifest(sweep_folder), "zh")))
    return path, data


def parameter(browser: Chrome, axis: int, place: float) -> None:
    browser.run(
        "const i = document.getElementById(`parameter-${arguments[0]}`); i.value = arguments[1]; i.dispatchEvent(new Event('input', {bubbles: true}));",
        axis,
        place,
    )


def numbers(browser: Chrome) -> list[str]:
    return list(
        browser.run("return [...document.querySelectorAll('.numbers .now')].map((e) => e.textContent)")
    )


def badge(browser: Chrome) -> str:
    return str(browser.run("return document.querySelector('.badge').dataset.state"))


def test_it_starts_at_the_base_and_says_that_this_was_simulated(
    browser: Chrome, grid: tuple[Path, SweepData]
) -> None:
    path, data = grid
    browser.open(path)
    assert badge(browser) == "simulated"
    mean, _ = data.column("all", "sale_rate_final")
    at = data.values.index((1.0, 0.2, 10.0))
    assert numbers(browser)[0].startswith(f"{100 * mean[at]:.1f}%")
    assert browser.console() == []
    assert browser.outside() == []


def test_every_small_chart_names_what_it_runs_along(browser: Chrome, grid: tuple[Path, SweepData]) -> None:
    path, data = grid
    feet = "return [...document.querySelectorAll('.profiles .panel-foot')].map((e) => e.textContent)"
    for width in (1280, 390):
        browser.open(path, width)
        charts = browser.run("return document.querySelectorAll('.profiles svg').length")
        for i, axis in enumerate(data.axes):
            browser.run(f"document.querySelector('[name=along][value=\"{i}\"]').click()")
            found = browser.run(feet)
            assert len(found) == charts > 0
            assert all(one.startswith(axis.short("zh")) for one in found)
        assert any("（天）" in one for one in found) is (data.axes[-1].unit == "days")
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth")


def test_parameters_move_the_numbers_to_those_of_the_point(
    browser: Chrome, grid: tuple[Path, SweepData]
) -> None:
    path, data = grid
    browser.open(path)
    seen = set()
    sold, sd = data.column("all", "lots_sold")
    half = data.half(sd)
    for p in (0, 5, 13, 23):
        values = data.values[p]
        for i, axis in enumerate(data.axes):
            parameter(browser, i, axis.levels.index(values[i]))
        assert badge(browser) == "simulated"
        numbers_shown = re.findall(r"[\d,.]+", numbers(browser)[1])
        shown = [float(x.replace(",", "")) for x in numbers_shown[:3]]
        assert shown[0] == pytest.approx(sold[p], abs=0.51)
        assert shown[2] - shown[0] == pytest.approx(half[p], abs=1.1)
        seen.add(numbers(browser)[1])
    assert len(seen) == 4


def test_the_difference_from_a_pinned_policy_has_its_paired_interval(
    browser: Chrome, sweep_folder: Path, tmp_path: Path
) -> None:
    """At simulated points that of ``paired``, far narrower than two separate intervals; between them that of the values between."""
    data = read_sweep(sweep_folder, each=True)
    write(tmp_path / "page.html", render(explore_page(data, read_manifest(sweep_folder), "en")))
    browser.open(tmp_path / "page.html")
    browser.run("document.querySelector('.pin').click()")
    pinned = data.values.index((1.0, 0.2, 10.0))
    runs = data.each["all", "turnover"]
    measure = list(browser.run("return EXPLORER.meta.measures.map((m) => m.name)")).index("Turnover")
    ask = "const at = EXPLORER.model; const p = at.paired(arguments[0], at.weights(EXPLORER.state()), at.weights(EXPLORER.pinned)); return [p.mean, p.half]"
    for first in (0.0, 0.5, 1.0):
        parameter(browser, 0, first)
        low, high = data.values.index((0.7, 0.2, 10.0)), data.values.index((0.8, 0.2, 10.0))
        there = (1.0 - first) * runs[low] + first * runs[high]
        own = paired(runs[pinned][None, :, None], there[None, :, None])
        mean, half = browser.run(ask, measure)
        assert mean == pytest.approx(own["difference"][0], rel=1e-3)
        assert half == pytest.approx(own["half"][0], rel=1e-2)
        shown = browser.run(
            "return [...document.querySelectorAll('.numbers .change')].map((e) => e.textContent)"
        )
        assert re.fullmatch(r"[+−]¥[\d,.]+ (k|m|bn) \[−?[\d,.]+, −?[\d,.]+\]", shown[measure])
    browser.picture("explore-paired")
    browser.run("document.querySelector('.reset').click()")
    shown = browser.run("return [...document.querySelectorAll('.numbers .change')].map((e) => e.textContent)")
    assert not any("[" in one for one in shown), "no interval of a policy's difference from itself"


def test_no_band_of_a_share_passes_what_a_share_can_be(
    browser: Chrome, grid: tuple[Path, SweepData], tmp_path: Path
) -> None:
    _, like = grid
    mean, sd = np.full_like(like.mean, 0.97), np.full_like(like.sd, 0.2)
    mean[::2] = 0.03
    data = replace(like, mean=mean, sd=sd)
    write(tmp_path / "page.html", render(explore_page(data, {"scenario": ""}, "en")))
    browser.open(tmp_path / "page.html")
    names = browser.run(
        "return [...document.querySelectorAll('.numbers tbody th')].map((e) => e.textContent)"
    )
    shown = {}
    for p in (0, 1):
        for i, axis in enumerate(data.axes):
            parameter(browser, i, axis.levels.index(data.values[p][i]))
        shown[p] = dict(zip(names, numbers(browser), strict=True))
    assert shown[0]["Sale rate, of final outcomes"].startswith("3.0% [0.0–")
    assert shown[1]["Sale rate, of final outcomes"].endswith("–100.0]")
    assert not shown[1]["Recovery, of sold lots"].endswith("–100.0]"), (
        "a lot may bring more than its reference price"
    )


def test_between_points_it_is_linear_in_each_parameter_and_marked(
    browser: Chrome, grid: tuple[Path, SweepData]
) -> None:
    path, data = grid
    browser.open(path)
    shape = tuple(len(axis.levels) for axis in data.axes)
    sold, _ = data.column("all", "lots_sold")
    truth = RegularGridInterpolator([np.arange(n) for n in shape], sold.reshape(shape))
    rng = np.random.default_rng(2)
    for state in rng.uniform(0, np.array(shape) - 1, (12, 3)):
        value = browser.run(
            "const w = EXPLORER.model.weights(arguments[0]); return [w.exact, EXPLORER.model.value(1, w).mean]",
            state.tolist(),
        )
        assert value[0] is False
        assert value[1] == pytest.approx(float(truth(state)[0]), rel=1e-5)
    parameter(browser, 0, 1.5)
    assert badge(browser) == "interpolated"
    assert "插值" in browser.run("return document.querySelector('.badge').textContent")
    browser.run("document.querySelector('.nearest').click()")
    assert badge(browser) == "simulated"


def test_what_was_not_simulated_is_not_shown(browser: Chrome, sweep_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "sweep"
    shutil.copytree(sweep_folder, folder)
    next((folder / "chunks").glob("0-0000000-*")).unlink()
    data = read_sweep(folder)
    write(tmp_path / "page.html", render(explore_page(data, read_manifest(folder), "zh")))
    browser.open(tmp_path / "page.html")
    gone = data.values[int(np.flatnonzero(data.runs == 0)[0])]
    for i, axis in enumerate(data.axes):
        parameter(browser, i, axis.levels.index(gone[i]))
    assert badge(browser) == "none"
    assert set(numbers(browser)) == {"–"}
    parameter(browser, 1, 0.5 + data.axes[1].levels.index(gone[1]))
    assert badge(browser) == "none", "a corner of the cell is missing"
    browser.run("document.querySelector('.nearest').click()")
    assert badge(browser) == "simulated"


def test_a_scattered_design_is_interpolated_inside_its_hull_only(
    browser: Chrome, grid: tuple[Path, SweepData], tmp_path: Path
) -> None:
    _, like = grid
    axes = [
        Axis("start.ratio", ("start", "ratio"), (), 0.6, 1.0),
        Axis("rounds.second.cut", ("rounds", "second", "cut"), (), 0.0, 0.4),
        Axis("promotion.effort", ("promotion", "effort"), (), 0.5, 2.5),
    ]
    share = qmc.Sobol(3, rng=np.random.default_rng(4)).random(512)
    place = share * np.array([0.4, 0.4, 2.0]) + np.array([0.6, 0.0, 0.5])
    straight = 0.2 + share @ np.array([0.3, 0.2, 0.1])
    mean = np.repeat(straight[:, None], len(like.columns), axis=1)
    data = SweepData(
        like.scenario,
        axes,
        "scattered",
        like.columns,
        [tuple(x) for x in place.tolist()],
        mean,
        mean / 20,
        np.full(512, 5),
    )
    write(tmp_path / "page.html", render(explore_page(data, {"scenario": ""}, "zh")))
    browser.open(tmp_path / "page.html")
    hull = LinearNDInterpolator(share, straight)
    rng = np.random.default_rng(5)
    tried = np.concatenate([rng.random((40, 3)), [[0.999, 0.999, 0.999], [0.001, 0.999, 0.001]]])
    inside, refused = 0, 0
    for at, truth in zip(tried, hull(tried), strict=True):
        found = browser.run(
            "const w = EXPLORER.model.weights(arguments[0]); return w && EXPLORER.model.value(0, w).mean",
            at.tolist(),
        )
        if found is not None:
            assert np.isfinite(truth), f"{at} lies outside what was simulated"
            assert found == pytest.approx(float(0.2 + at @ np.array([0.3, 0.2, 0.1])), abs=1e-4), (
                "a straight line comes back"
            )
            inside += 1
        refused += np.isnan(truth)
    assert refused >= 2
    assert inside >= 30
    exact = browser.run(
        "const w = EXPLORER.model.weights(arguments[0]); return [w.exact, EXPLORER.model.value(0, w).mean]",
        share[7].tolist(),
    )
    assert exact == [True, pytest.approx(straight[7], rel=1e-5)]


def test_a_policy_is_pinned_and_all_of_it_travels_in_the_address(
    browser: Chrome, grid: tuple[Path, SweepData]
) -> None:
    path, _ = grid
    browser.open(path)
    parameter(browser, 0, 0)
    browser.run("document.querySelector('.pin').click()")
    then = numbers(browser)
    parameter(browser, 1, 1.5)
    assert (
        list(browser.run("return [...document.querySelectorAll('.numbers .then')].map((e) => e.textContent)"))
        == then
    )
    changes = browser.run(
        "return [...document.querySelectorAll('.numbers .change')].map((e) => e.textContent)"
    )
    assert any(text.startswith(("+", "−")) for text in changes)
    browser.run(
        "const s = document.querySelector('.window'); s.value = '2018'; s.dispatchEvent(new Event('change'))"
    )
    browser.run(
        "const s = document.querySelector('.band'); s.value = 'history'; s.dispatchEvent(new Event('change'))"
    )
    now, fragment = numbers(browser), browser.run("return location.hash")
    browser.picture("explore-pinned")
    browser.open(path, fragment=fragment)
    assert numbers(browser) == now
    assert browser.run("return document.querySelector('.window').value") == "2018"
    assert browser.run("return !document.querySelector('.unpin').hidden")
    browser.open(path, fragment="#start.ratio=99&nonsense=1&rounds.second.cut=abc&window=1066&pin=x")
    assert badge(browser) == "simulated", "an address that makes no sense changes nothing"
    assert browser.console() == []


def test_a_reform_is_marked_with_its_article(browser: Chrome, grid: tuple[Path, SweepData]) -> None:
    path, _ = grid
    browser.open(path)
    law = "return document.querySelector('.parameter[data-axis=\"1\"] .law').textContent"
    assert browser.run(law) == ""
    parameter(browser, 1, 3)
    assert "第26条" in browser.run(law)


def test_keys_move_a_parameter(browser: Chrome, grid: tuple[Path, SweepData]) -> None:
    path, _ = grid
    browser.open(path)
    browser.run("document.getElementById('parameter-1').focus()")
    before = numbers(browser)
    browser.press("\ue012")  # left arrow
    assert numbers(browser) != before
    assert browser.run("return document.activeElement.getAttribute('aria-valuetext')") == "0.195"


@pytest.mark.parametrize("width", [375, 820, 1280])
def test_it_fits_is_named_and_legible(browser: Chrome, grid: tuple[Path, SweepData], width: int) -> None:
    path, _ = grid
    browser.open(path, width, dark=width == 820)
    parameter(browser, 1, 3)
    browser.run("document.querySelector('.pin').click()")
    parameter(browser, 0, 0.5)
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(
        "const e = document.querySelector('.results .scroll'); return e.scrollWidth <= e.clientWidth"
    ), "now, pinned and change are seen together"
    assert browser.run(SMALLEST) >= 9.0, "letters in pictures can be read on a phone"
    assert browser.run(UNNAMED) == []
    assert browser.run(LOW_CONTRAST) == []
    assert browser.run(BOXES)[0] == ""
    browser.picture(f"explore-{width}")


def test_the_copied_link_is_the_address_and_what_to_do_with_it_is_said(
    browser: Chrome, grid: tuple[Path, SweepData]
) -> None:
    path, _ = grid
    browser.open(path)
    browser.run("navigator.clipboard.writeText = async (text) => { window.copied = text; };")
    parameter(browser, 0, 0)
    browser.run("document.querySelector('.link').click()")
    assert browser.run("return window.copied") == browser.run("return location.href")
    assert "# 及其后的部分" in browser.run("return document.querySelector('.parameters .said').textContent")


def test_on_paper_the_period_and_the_band_are_named(browser: Chrome, grid: tuple[Path, SweepData]) -> None:
    path, _ = grid
    browser.open(path)
    browser.command("Emulation.setEmulatedMedia", media="print")
    assert browser.run(
        "return [...document.querySelectorAll('.choices select')].every((e) => e.getClientRects().length)"
    )
    assert browser.run(
        "return [...document.querySelectorAll('button')].every((e) => !e.getClientRects().length)"
    )
    browser.command("Emulation.setEmulatedMedia", media="")
