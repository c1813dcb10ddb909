"""Figures as pieces of pages: text stays text, colours are the page's, every chart in two widths, the same bytes each time."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import partial

import pytest
from test_figures import BACKLOG, DRAWINGS

from sim.reporting.pages.shell import asset
from sim.reporting.style import BLUE, FILE, NARROW, VERMILION, WIDE, Look, Picture, drawing, drawn, tip
from sim.reporting.svg import CLASSES, both, fragment, swatch


def plot(colour: str = BLUE, words: str = "x") -> Picture:
    with drawing("en", WIDE) as look:
        fig = look.canvas(4.0, 3.0)
        ax = fig.add_subplot()
        (bar,) = ax.bar([0.0], [1.0], color=colour)
        tip(bar, "5 < 6")
        ax.fill_between(
            [0.0, 1.0, 2.0], [0.0, 0.0, 0.0], [1.0, 9.0, 1.0], color=VERMILION, alpha=0.2, linewidth=0
        )
        ax.plot([0.0, 1.0, 2.0], [0.5, 9.0, 0.5], "o-", color=colour)
        ax.set_ylim(0.0, 2.0)
        ax.set_xlabel(words)
        return fig


def test_text_stays_text_and_is_escaped() -> None:
    root = ET.fromstring(fragment(plot(words="拍卖 & <script>"), 'a "label" <b>'))
    assert root.attrib["aria-label"] == 'a "label" <b>'
    assert root.attrib["role"] == "img"
    assert "拍卖 & <script>" in [e.text for e in root.iter("text")]
    assert [e.text for e in root.iter("title")] == ["5 < 6"]


def test_it_has_classes_and_nothing_that_a_strict_policy_forbids_or_that_clashes_with_another_drawing() -> (
    None
):
    svg = str(fragment(plot()))
    assert 'class="f-blue"' in svg
    assert re.findall(r"#[0-9a-fA-F]{3,}|style=|<style| id=|href|font-", svg) == []


def test_a_colour_that_the_page_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="no colour of the house"):
        fragment(plot(colour="#123456"))
    assert swatch(BLUE, "round") == "round k-blue"
    assert swatch(BLUE, "round", faint=True) == "round k-blue faint"


def test_the_style_sheet_has_every_colour_of_the_house() -> None:
    css = asset("page.css")
    missing = [
        f".{use}-{name}" for name in CLASSES.values() for use in "fsk" if f".{use}-{name} {{" not in css
    ]
    assert missing == []


def test_what_lies_beyond_the_axes_is_cut_off() -> None:
    """The curve and its band peak at four times the height of the axes."""
    root = ET.fromstring(fragment(plot()))
    for path in root.iter("path"):
        numbers = re.findall(r"[MLC]([^MLChvz]+)", path.attrib["d"])
        places = [float(y) for one in numbers for y in one.split()[1::2]]
        assert min(places, default=0.0) >= 0.0, path.attrib["d"]


def test_a_file_has_headline_and_foot_which_a_page_says_itself() -> None:
    draw = partial(DRAWINGS["days_to_sale"], "en")
    title = draw(form=FILE).get_suptitle().replace("\n", " ")
    assert title
    wide, narrow = both(draw)
    assert f'aria-label="{title}"' in wide
    assert f">{title}<" not in wide
    assert ET.fromstring(narrow).attrib["width"] == "344"


@pytest.mark.parametrize("name", DRAWINGS)
def test_words_lie_inside_and_the_same_figure_gives_the_same_bytes(name: str) -> None:
    narrow, again = (fragment(DRAWINGS[name]("en", form=NARROW)) for _ in range(2))
    assert narrow == again
    for svg in (narrow, fragment(DRAWINGS[name]("zh", form=WIDE))):
        root = ET.fromstring(svg)
        width, height = (float(x) for x in root.attrib["viewBox"].split()[2:])
        for text in root.iter("text"):
            assert -1.0 <= float(text.attrib["x"]) <= width + 1.0
            assert 0.0 <= float(text.attrib["y"]) <= height + 1.0


def test_a_mark_of_a_collection_has_words_of_its_own() -> None:
    root = ET.fromstring(fragment(DRAWINGS["backlog_by_court"]("en", form=WIDE)))
    assert [e.text for e in root.iter("title")][:3] == [f"{n:.0f}" for n in BACKLOG[1][:3]]


def test_a_file_is_drawn_of_the_same_figure() -> None:
    assert drawn(DRAWINGS["backlog_by_kind"]("en", form=FILE), "png").startswith(b"\x89PNG")


def test_chinese_needs_no_font_in_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.reporting.fonts.chinese", lambda: None)
    with drawing("zh", WIDE) as look:
        assert isinstance(look, Look)
        assert (look.lang, look.safe("甲$")) == ("zh", r"甲\$")
