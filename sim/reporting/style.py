"""One look for all pictures: colours, sizes, a headline that says what to see, the source at the foot.

Pictures are built from ``matplotlib.figure.Figure`` alone: no pyplot, no global state, no window. ``drawing``
sets the parameters while a picture is made; ``save.save`` sets them again while it is written.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import matplotlib
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.reporting import fonts
from sim.reporting.text import t

# Okabe and Ito's palette: distinct under any common colour blindness, and in grey by the order used here.
BLACK, ORANGE, SKY, GREEN, YELLOW, BLUE, VERMILION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
GREY, PALE = "#7A7A7A", "#D9D9D9"
WHITE, INK, WASH = "#FFFFFF", "#404040", "#F4F4F4"  # paper, words of less weight, shaded ground
NAVY, LIGHT = "#00456B", "#B3DBF5"  # with BLUE and SKY between them four blues, from dark to light
PALETTE: Final = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, BLACK)
MARKERS: Final = ("o", "s", "^", "D", "v", "P", "X")
# Columns of a headline to an inch: a bold Latin letter is wider than half a Chinese character.
TITLE: Final = {"zh": 10.9, "en": 9.0}

BEHIND: Final = {
    "facecolor": "white",
    "edgecolor": "none",
    "pad": 0.8,
}  # of words that may lie on a mark

RC: Final[dict[Any, Any]] = {
    "font.size": 10.0,
    "axes.titlesize": 10.5,
    "axes.labelsize": 10.0,
    "xtick.labelsize": 9.0,
    "ytick.labelsize": 9.0,
    "legend.fontsize": 9.0,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "xtick.color": "#404040",
    "ytick.color": "#404040",
    "axes.grid": False,
    "axes.unicode_minus": False,
    "axes.formatter.use_mathtext": False,
    "figure.facecolor": "white",
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    "svg.fonttype": "none",
    "svg.hashsalt": "sim",
}


DPI: Final = 150
_FAMILY = re.compile(r"(?:(?<=font-family: )|(?<=px ))'[^'\"]+'(?:, ?'[^'\"]+')*")
_METADATA: dict[str, dict[str, Any]] = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}

_OPTIONS: dict[str, dict[str, Any]] = {"png": {"pil_kwargs": {"compress_level": 3}}, "svg": {}}


CLOSING: Final = tuple(",.:;)%，。：；、！？）〕」》”")  # does not begin a line
OPENING: Final = tuple("(（〔「《“")  # does not end one


@dataclass(frozen=True, slots=True)
class Foot:
    """Where a picture comes from."""

    title: str
    title_zh: str
    seed: int
    replications: int

    def line(self, lang: str) -> str:
        title = self.title_zh if lang == "zh" else self.title
        return t("foot", lang, title=title, seed=self.seed, replications=self.replications)


@dataclass(frozen=True, slots=True)
class Form:
    """Where a chart goes: into a file of its own, with headline and foot, or into a page, ``width`` inches wide, without them."""

    width: float = 0.0

    @property
    def page(self) -> bool:
        return self.width > 0.0

    @property
    def narrow(self) -> bool:
        """As on a phone."""
        return 0.0 < self.width < 5.0


FILE, WIDE, NARROW = Form(), Form(820 / 96), Form(344 / 96)
HEADS: Final = 0.7  # inches that headline and foot take in a file


@dataclass(frozen=True, slots=True)
class Look:
    """The language and the fonts of the picture being drawn, and where it goes."""

    lang: str
    families: list[str]
    form: Form = FILE

    def canvas(self, width: float = 8.0, height: float = 4.6) -> Picture:
        """A figure of this size as a file; in a page as wide as the page has it, and lower by headline and foot."""
        return canvas(self.form.width or width, height - HEADS if self.form.page else height)

    def t(self, key: str, **kw: object) -> str:
        return t(key, self.lang, **kw)

    def safe(self, text: str) -> str:
        """Text from outside (names in a scenario): never an empty box, never a formula."""
        drawable = text if self.form.page else fonts.drawable(text, self.families)
        return drawable.replace("$", r"\$")


@contextmanager
def drawing(lang: str, form: Form = FILE) -> Iterator[Look]:
    """Parameters of the house while a picture is made; a file falls back to English where no font has Chinese."""
    lang, families = (lang, ["sans-serif"]) if form.page else fonts.choose(lang)
    ground: dict[Any, Any] = {"figure.facecolor": "none", "axes.facecolor": "none"} if form.page else {}
    with matplotlib.rc_context({**RC, "font.family": families, **ground}):
        yield Look(lang, families, form)


def drawn(fig: Figure, kind: str) -> bytes:
    """The picture as a file of ``KINDS``. The same figure gives the same bytes: no dates, no random identifiers."""
    engine = fig.get_layout_engine()
    if engine is not None:
        # Laid out once is enough: it is a third of the time of a picture. None, not "none": with a placeholder matplotlib draws
        # every picture twice, once for nothing (another third).
        with matplotlib.rc_context(RC | {"figure.autolayout": False, "figure.constrained_layout.use": False}):
            fig.set_dpi(DPI)  # letters are not as wide at every size
            engine.execute(fig)
            fig.set_layout_engine(None)
    buffer = io.BytesIO()
    with matplotlib.rc_context(RC):
        fig.savefig(buffer, format=kind, dpi=DPI, metadata=_METADATA[kind], **_OPTIONS[kind])
    data = buffer.getvalue()
    return with_families(data.decode("utf-8")).encode("utf-8") if kind == "svg" else data


def with_families(svg: str) -> str:
    """Name every family that may have Chinese characters, so that the reader's machine can choose."""

    def more(found: re.Match[str]) -> str:
        named = re.findall(r"'([^']+)'", found.group())
        names = [*named, *(family for family in fonts.FAMILIES if family not in named)]
        return ", ".join(f"'{name}'" for name in names) + ", sans-serif"

    return _FAMILY.sub(more, svg)


class Picture(Figure):
    """A figure that a notebook shows by itself, whether or not pyplot has been imported, as it would be saved.

    ``said`` is its headline; ``tips`` are what a page says of single marks, by the mark's gid.
    """

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.said = ""
        self.tips: dict[str, str | Sequence[str]] = {}

    def _repr_png_(self) -> bytes:
        return drawn(self, "png")


def tip(mark: Artist, words: str | Sequence[str]) -> None:
    """Let a page show these words while the pointer rests on the mark, or on each part of a collection."""
    fig = mark.get_figure()
    if isinstance(fig, Picture):
        gid = f"mark{len(fig.tips)}"
        mark.set_gid(gid)
        fig.tips[gid] = words


def canvas(width: float = 8.0, height: float = 4.6) -> Picture:
    return Picture(figsize=(width, height), layout="constrained")


def finish(fig: Picture, look: Look, title: str, foot: Foot | str | None) -> Picture:
    """Headline, foot, and the fonts of tick labels that matplotlib makes only when it draws. A page has its own headline."""
    fig.said = title
    if look.form.page:
        return fig
    width = float(fig.get_size_inches()[0])
    fig.suptitle(headlines(look, title, width), x=0.012, ha="left", fontsize=12.5, fontweight="bold")
    if lines := footlines(look, foot, width):
        fig.supxlabel(lines, x=0.012, ha="left", fontsize=8, color=GREY)
    for ax in fig.axes:
        ax.tick_params(which="both", labelfontfamily=look.families)
    return fig


def headlines(look: Look, title: str, width: float) -> str:
    """A headline in as many lines as a figure of this width needs."""
    return fold(look.safe(title), int(width * TITLE["zh" if look.lang == "zh" else "en"]))


def footlines(look: Look, foot: Foot | str | None, width: float) -> str:
    """A foot in as many lines as a figure of this width needs."""
    line = foot.line(look.lang) if isinstance(foot, Foot) else foot
    return "\n".join(fold(look.safe(one), int(width * 17)) for one in line.split("\n")) if line else ""


def no_data(fig: Figure, look: Look) -> Axes:
    """An empty picture that says so."""
    ax = fig.add_subplot()
    ax.set_axis_off()
    ax.text(
        0.5, 0.5, look.t("no_data"), ha="center", va="center", color=GREY, fontsize=14, transform=ax.transAxes
    )
    return ax


def columns(text: str) -> int:
    """Width in columns: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def fold(text: str, width: int) -> str:
    """Lines of at most ``width`` columns, broken at spaces, or anywhere after a Chinese character."""
    lines, line = [], ""
    for piece in pieces(text):
        if line and columns(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return "\n".join([*lines, line.rstrip()])


def pieces(text: str) -> Iterator[str]:
    """Parts of a text between which a line may be broken."""
    piece = ""
    for i, c in enumerate(text):
        piece += c
        ahead = text[i + 1 : i + 2]
        wide = unicodedata.east_asian_width(c) in "WF" or (
            ahead and unicodedata.east_asian_width(ahead) in "WF"
        )
        if c == " " or (wide and ahead not in CLOSING and c not in OPENING):
            yield piece
            piece = ""
    if piece:
        yield piece
