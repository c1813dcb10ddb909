"""Pictures on disk and inside the page: one drawing in two widths, text as text, names of its own."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape
from pathlib import Path

from markupsafe import Markup
from matplotlib.figure import Figure

from calibration.result import Result
from sim.experiments.whole import write_whole
from sim.report.page.shell import Figure as Block
from sim.report.save import drawn

Draw = Callable[[Result, str, bool], Figure]

# A drawing is a sheet of paper in the page: its text stays dark where the page is dark.
PAPER = "background:#fff;--ink:#1d1c1a;--paper:#fff;padding:4px;border-radius:4px"


def block(draw: Draw, result: Result, lang: str, caption: str, folder: Path | None, name: str) -> Block:
    """The picture for the page; with ``folder``, also as PNG and SVG there."""
    wide = draw(result, lang, False)
    svg = drawn(wide, "svg")
    if folder is not None:
        write_whole(folder / f"{name}.svg", svg)
        write_whole(folder / f"{name}.png", drawn(wide, "png"))
    narrow = drawn(draw(result, lang, True), "svg")
    return Block(caption, markup(svg, f"{name}-w", caption), markup(narrow, f"{name}-n", caption))


def markup(svg: bytes, prefix: str, label: str) -> Markup:
    """A picture to be put into a page: identifiers made its own, a label for those who cannot see it."""
    text = svg.decode("utf-8")
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}-\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}-\1)", text)
    text = re.sub(r'xlink:href="#([^"]+)"', rf'xlink:href="#{prefix}-\1"', text)
    head = re.match(r"<svg[^>]*>", text)
    assert head is not None
    view = re.search(r'viewBox="([^"]+)"', head[0])
    assert view is not None
    width = float(view[1].split()[2]) * 4 / 3
    new = (
        f'<svg viewBox="{view[1]}" width="{width:.0f}" role="img" aria-label="{escape(label)}" '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    return Markup(f'<div style="{PAPER}">{new}{text[head.end() :]}</div>')
