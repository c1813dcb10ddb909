"""The frame of every page: one file with its style, script, drawings and tables inside; nothing is fetched.

A page is a headline that answers the question, sections with figures and tables, and at the end how to make
it again. ``render`` gives the HTML; ``write`` puts it on disk whole.
"""

from __future__ import annotations

import base64
import gzip
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

import sim
from sim.experiments.storage.atomic import write_whole
from sim.experiments.storage.folders import FolderError, check_writable
from sim.locale.language import said
from sim.reporting import formats
from sim.reporting.pages.table import Table
from sim.reporting.pages.words import LANG_TAG, w

HOME = Path(__file__).parent
GENERATOR = "judicial-auction-sim"
SPOKEN: Final = {
    "copied": "copied",
    "saved": "saved",
    "dark": "theme.dark",
    "light": "theme.light",
}  # what scripts say
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")
LARGEST_FILE = 1_500_000  # characters that a folder's own file may take inside its page


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing in two widths (or several small ones that flow), with what it shows."""

    caption: str
    wide: Markup | None = None
    narrow: Markup | None = None
    panels: Sequence[tuple[str, Markup]] = ()  # (heading, drawing)
    big: bool = False  # panels that need twice the room
    keys: Sequence[tuple[str, str]] = ()  # (class of the swatch, words)


@dataclass(frozen=True, slots=True)
class Notes:
    """Plain lines of text; ``head`` above them."""

    lines: Sequence[str]
    head: str = ""
    kind: str = ""  # "warn" stands out


@dataclass(frozen=True, slots=True)
class History:
    """The history of one lot: (when, what, article) lines."""

    title: str
    lines: Sequence[tuple[str, str, str]]
    open: bool = False


@dataclass(frozen=True, slots=True)
class Html:
    """A part that builds itself (the auction room)."""

    content: Markup


class PageError(Exception):
    """The page cannot be made or written; the message says why and what to do."""


Block = Figure | Table | Notes | History | Html


@dataclass(frozen=True, slots=True)
class Section:
    """``title`` says what is to be seen, ``kicker`` what it is about."""

    id: str
    kicker: str
    title: str
    blocks: Sequence[Block]
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on a page. ``files`` are the folder's own files, to be downloaded byte for byte."""

    lang: str
    kind: str  # what sort of page, in words
    name: str  # of the scenario or experiment
    headline: str
    sections: Sequence[Section]
    lead: Sequence[str] = ()
    warnings: Sequence[str] = ()
    manifest: Sequence[tuple[str, str]] = ()
    appendix: Sequence[tuple[str, str]] = ()  # (heading, text set as it is)
    files: Mapping[str, bytes] = field(default_factory=dict)
    scripts: Sequence[str] = ()  # further scripts of the page, by file name
    data: Mapping[str, str] = field(default_factory=dict)  # id -> JSON for those scripts
    wide: bool = False  # parameters and results side by side
    sheet: bool = False  # the opening and the first section are one sheet when printed


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Templates of this package, with the filters they use."""
    env = Environment(
        loader=PackageLoader("sim.reporting.pages", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["kind_of"] = lambda block: type(block).__name__.lower()
    env.filters["packed"] = packed
    env.filters["minus"] = formats.minus
    env.filters["typeset"] = typeset
    env.filters["in_script"] = lambda text: Markup(text.replace("<", "\\u003c"))
    return env


def packed(data: bytes) -> str:
    """Bytes as they are put into a page: gzip, then base64. The same bytes give the same text."""
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode("ascii")


def typeset(text: str) -> Markup:
    """Text with signs of print, in which a date is not broken at the end of a line."""
    return Markup(_DATE.sub(r'<span class="range">\g<0></span>', str(escape(formats.minus(text)))))


def asset(name: str) -> Markup:
    """A style sheet or script of this package."""
    return Markup((HOME / name).read_text(encoding="utf-8"))


def render(page: Page, other: Page | None = None) -> str:
    """The page as one HTML text. ``other``: the same in the other language, to which a button in the page switches; it is packed
    into the file, without the tables and data that are the same in both.
    """
    shared = _shared(page, other) if other else frozenset()
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            page=page,
            other=other,
            other_tag=LANG_TAG[other.lang] if other else "",
            tag=LANG_TAG[page.lang],
            generator=f"{GENERATOR} {sim.__version__}",
            css=asset("page.css"),
            scripts=[asset(name) for name in ("page.js", *page.scripts)],
            content=Markup(_content(page, other, frozenset())),
            other_content=_content(other, page, shared) if other else "",
        )
    )


def _content(page: Page, other: Page | None, shared: frozenset[str]) -> str:
    """What of a page is in its language. ``shared``: tables, files and data that stand in the file already, by name."""
    return (
        environment()
        .get_template("content.html.j2")
        .render(
            page=page,
            other=other,
            other_tag=LANG_TAG[other.lang] if other else "",
            shared=shared,
            words={key: w(word, page.lang) for key, word in SPOKEN.items()},
            w=lambda key, **kw: w(key, page.lang, **kw),
        )
    )


def _shared(page: Page, other: Page) -> frozenset[str]:
    """Names of tables, files and data that are the same in both languages and occur once on each page."""
    mine, theirs = _parts(page), _parts(other)
    return frozenset(name for name, content in theirs.items() if mine.get(name) == content)


def _parts(page: Page) -> dict[str, str | bytes]:
    """The tables as CSV, the files and the data of a page by name, without names that occur twice."""
    tables = [block for section in page.sections for block in section.blocks if isinstance(block, Table)]
    found: list[tuple[str, str | bytes]] = [(one.name, one.csv) for one in tables]
    found += [*page.files.items(), *page.data.items()]
    names = [name for name, _ in found]
    return {name: content for name, content in found if names.count(name) == 1}


def check_target(path: Path, force: bool) -> None:
    """Refuse, before any work, a place that cannot be written or (without ``force``) holds a file not ours."""
    if os.path.isdir(path):
        raise PageError(said("page.folder", path=path))
    if os.path.exists(path) and not force and f'content="{GENERATOR}' not in _beginning(path):
        raise PageError(said("page.exists", path=path))
    try:
        check_writable(path)
    except FolderError as error:
        raise PageError(str(error)) from None


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(4096).decode("utf-8", "replace")


def write(path: Path, text: str) -> None:
    """Write a page's file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())
