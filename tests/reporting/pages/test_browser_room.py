"""The auction room in a real browser: it plays, pauses and steps, and shows what the records say at every moment."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

import pytest
from chrome import LOW_CONTRAST, UNNAMED, Chrome

from sim.measures.notable_lots import notable_lots, of_lot
from sim.model.simulate import simulate
from sim.reporting.pages.auction_room import room_data, room_page
from sim.reporting.pages.shell import render, write
from sim.scenario import load

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    scenario = load(
        ROOT / "scenarios" / "shanxi-prior.toml", ("arrivals.volume=0.06", "courts.number=12")
    ).scenario
    records = simulate(scenario, 0)
    lot = of_lot(records, notable_lots(records, 3)["contested"])
    page, data = room_page(scenario, lot, "zh", {"seed": 1}), room_data(scenario, lot)
    assert page is not None
    assert data is not None
    path = tmp_path_factory.mktemp("room") / "room.html"
    write(path, render(page))
    return path, data


def text_of(browser: Chrome, name: str) -> str:
    return str(browser.run(f"return document.querySelector('.room .{name}').textContent"))


def test_it_opens_an_hour_before_the_set_close(browser: Chrome, room: tuple[Path, dict[str, Any]]) -> None:
    path, data = room
    browser.open(path)
    assert text_of(browser, "remaining") == "01:00:00"
    before = [price for when, _, price in data["bids"] if when <= data["begin"]]
    assert text_of(browser, "price") == f"¥{[data['start'], *before][-1]:,.0f}"
    assert browser.console() == []
    assert browser.outside() == []
    browser.picture("room-start")


def test_each_step_is_the_next_thing_that_happened(
    browser: Chrome, room: tuple[Path, dict[str, Any]]
) -> None:
    path, data = room
    browser.open(path)
    later = [one for one in data["bids"] if one[0] > data["begin"]]
    seen, clocks = [], {}
    for _ in range(400):
        browser.run("document.querySelector('.room .forward').click()")
        seen.append((text_of(browser, "price"), text_of(browser, "leader")))
        clocks[browser.run("return ROOMS[0].now")] = text_of(browser, "remaining")
        if text_of(browser, "remaining") == "成交":
            break
    distinct = [pair for i, pair in enumerate(seen) if i == 0 or pair != seen[i - 1]][-len(later) :]
    assert [leader for _, leader in distinct] == [f"竞买人 {who + 1}" for _, who, _ in later]
    shown = [float(price.removeprefix("¥").replace(",", "")) for price, _ in distinct]
    assert shown == pytest.approx([price for _, _, price in later], abs=0.51)
    for when, _, _ in later:  # a bid in the last minutes moves the end to as long after it
        end = [data["close"], *(one for one in data["ends"] if one <= when + data["soft"] + 0.01)][-1]
        left = round(end - when)
        assert clocks[when] == f"{left // 60:02d}:{left % 60:02d}"
    assert text_of(browser, "extensions") == f"已延时{len(data['ends'])}次"
    assert browser.run("return document.querySelectorAll('.room-picture circle').length") == len(later)
    browser.picture("room-end")
    browser.run("document.querySelector('.room .back').click()")
    assert text_of(browser, "remaining") != "成交"


def test_it_plays_and_pauses_with_keys_and_the_clock_moves_on(
    browser: Chrome, room: tuple[Path, dict[str, Any]]
) -> None:
    path, _ = room
    browser.open(path)
    first = text_of(browser, "clock")
    browser.run(
        "document.querySelector('.room .speed').value = '300'; document.querySelector('.room .play').focus()"
    )
    browser.press(" ")
    end = time.monotonic() + 10
    while text_of(browser, "clock") == first:
        assert time.monotonic() < end, "the clock stands still"
    assert text_of(browser, "play") == "暂停"
    browser.press(" ")
    assert text_of(browser, "play") == "播放"
    stopped = text_of(browser, "clock")
    time.sleep(0.2)
    assert text_of(browser, "clock") == stopped
    browser.press("\ue014")  # right arrow: the next event
    assert text_of(browser, "clock") > stopped


def test_what_nobody_sees_is_shown_only_when_asked_for(
    browser: Chrome, room: tuple[Path, dict[str, Any]]
) -> None:
    path, data = room
    browser.open(path)
    lines = "return [...document.querySelectorAll('.room-picture line.dots')].length"
    assert browser.run(lines) == 0
    browser.run("document.querySelector('.room .limits').click()")
    assert browser.run(lines) == sum(value >= data["start"] for _, value, _ in data["bidders"])
    named = browser.run(
        "return [...document.querySelectorAll('.room-picture text.halo')].map((e) => [e.textContent, Number(e.getAttribute('y'))])"
    )
    heights = sorted(y for _, y in named)
    assert all(b - a >= 13 for a, b in itertools.pairwise(heights)), "names lie on each other"
    assert any(text.startswith(f"竞买人 {data['winner'] + 1}:") for text, _ in named)


def test_on_paper_the_round_is_over(browser: Chrome, room: tuple[Path, dict[str, Any]]) -> None:
    path, data = room
    browser.open(path)
    first = text_of(browser, "clock")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert text_of(browser, "price") == f"¥{data['bids'][-1][2]:,.0f}"
    assert text_of(browser, "remaining") == "成交"
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert text_of(browser, "clock") == first


@pytest.mark.parametrize("width", [375, 820, 1280])
def test_it_fits_is_named_and_legible(browser: Chrome, room: tuple[Path, dict[str, Any]], width: int) -> None:
    path, _ = room
    browser.open(path, width, dark=width == 820)
    browser.run("for (let i = 0; i < 40; i += 1) document.querySelector('.room .forward').click()")
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run(UNNAMED) == []
    assert browser.run(LOW_CONTRAST) == []
    browser.picture(f"room-{width}")
