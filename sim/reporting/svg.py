"""A figure as a piece of a page: the one way from matplotlib to SVG inside HTML.

Text stays text in the page's own font, and colours are classes of the page's style sheet, so that one drawing serves light, dark
and paper. There are no identifiers, dates or styles in it: the same figure gives the same bytes, and a strict content security
policy allows it. Coordinates are CSS pixels with one decimal. Letters are measured as a browser would draw them, about.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from itertools import repeat
from typing import Any, Final

import matplotlib
import numpy as np
from markupsafe import Markup
from matplotlib.backend_bases import FigureCanvasBase, RendererBase
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, IdentityTransform, Transform

from sim.reporting import formats, style
from sim.reporting.style import NARROW, RC, WIDE

PX: Final = 96  # CSS pixels to an inch
TEXT, SMALL = 13.0, 11.5  # pixels: the two sizes of text in page.css
SMALLER: Final = 9.3  # points: text below this size is small
CLASSES: Final[Mapping[str, str]] = {colour.lower(): name for colour, name in {
    style.BLACK: "ink", style.INK: "soft", style.ORANGE: "orange", style.SKY: "sky", style.GREEN: "green", style.BLUE: "blue",
    style.VERMILION: "red", style.PURPLE: "purple", style.GREY: "grey", style.PALE: "pale", style.WASH: "wash",
    style.LIGHT: "light", style.NAVY: "navy", style.WHITE: "paper",
}.items()}  # fmt: skip
LETTERS: Final[Mapping[str, str]] = {
    "ink": "",
    "grey": "soft",
    "pale": "soft",
    "orange": "soft",
}  # classes that text has under another name
RECTANGLE: Final = 5  # vertices of a closed rectangle


def fragment(fig: Figure, label: str = "") -> Markup:
    """The figure as SVG. ``label`` is what a screen reader says in its place: the figure's headline unless given."""
    fig.set_dpi(PX)
    canvas = _Canvas(fig)
    engine = fig.get_layout_engine()
    with matplotlib.rc_context(RC | {"figure.autolayout": False, "figure.constrained_layout.use": False}):
        if engine is not None:
            engine.execute(fig)
            fig.set_layout_engine(None)
        renderer = canvas.get_renderer()
        fig.draw(renderer)
    width, height = (number(x) for x in renderer.size)
    said = escape(formats.minus(label or getattr(fig, "said", "")))
    head = f'viewBox="0 0 {width} {height}" width="{width}" fill="none" role="img" aria-label="{said}"'
    return Markup(f"<svg {head}>{renderer.content()}</svg>")


def both(draw: Callable[..., Figure], label: str = "") -> tuple[Markup, Markup]:
    """A chart for a desk and for a phone, of which the page shows one."""
    return fragment(draw(form=WIDE), label), fragment(draw(form=NARROW), label)


def swatch(colour: str, shape: str = "", faint: bool = False) -> str:
    """The classes of a key in the page's colours."""
    return f"{shape} k-{colour_class(colour)}{' faint' if faint else ''}".strip()


def number(x: float) -> str:
    """A coordinate, short."""
    text = f"{x:.1f}"
    return text.removesuffix(".0") if text != "-0.0" else "0"


class _Canvas(FigureCanvasBase):
    """Layout asks the canvas for the renderer that measures letters."""

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        width, height = figure.get_size_inches()
        self._renderer = Renderer(PX * float(width), PX * float(height), getattr(figure, "tips", {}))

    def get_renderer(self) -> Renderer:
        return self._renderer


class Renderer(RendererBase):
    """Writes what matplotlib draws as short SVG; neighbours that look alike become one path."""

    def __init__(self, width: float, height: float, tips: Mapping[str, str | Sequence[str]]) -> None:
        super().__init__()
        self.size, self.tips = (width, height), tips
        self._parts: list[str] = []
        self._run: tuple[str, list[str]] = ("", [])  # attributes, and the paths that have them
        self._tips: Iterator[str] = repeat("")

    def content(self) -> str:
        self._end_run()
        return "".join(self._parts)

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.size

    def points_to_pixels(self, points: Any) -> Any:
        return points * PX / 72.0

    def flipy(self) -> bool:
        return True

    def open_group(self, s: str, gid: str | None = None) -> None:
        if gid and gid in self.tips:
            words = self.tips[gid]
            self._tips = repeat(formats.minus(words)) if isinstance(words, str) else map(formats.minus, words)

    def close_group(self, s: str) -> None:
        self._tips = repeat("")

    def get_text_width_height_descent(
        self, s: str, prop: FontProperties, ismath: Any
    ) -> tuple[float, float, float]:
        size = _size(prop)
        return style.columns(s) * size * (0.5 if not s.isascii() else 0.56), size, 0.24 * size

    def draw_text(
        self, gc: Any, x: float, y: float, s: str, prop: FontProperties, angle: float, ismath: Any = False, mtext: Any = None
    ) -> None:  # fmt: skip
        """``mtext`` knows where the text is anchored, which serves letters of any width."""
        self._end_run()
        anchor = "start"
        if mtext is not None and (angle == 0 or mtext.get_rotation_mode() == "anchor"):
            anchor = {"left": "start", "right": "end", "center": "middle"}[mtext.get_horizontalalignment()]
            ax, ay = mtext.get_transform().transform(mtext.get_unitless_position())
            turn = math.radians(angle + 90.0)
            up = math.cos(turn), math.sin(turn)
            off = (x - ax) * up[0] + (self.size[1] - y - ay) * up[1]
            x, y = ax + off * up[0], self.size[1] - ay - off * up[1]
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        turned = f' transform="rotate({-angle:g} {number(x)} {number(y)})"' if angle else ""
        name = CLASSES.get(to_hex(gc.get_rgb()), "ink")
        bold = "bold" if prop.get_weight() == "bold" else ""
        words = " ".join(
            filter(None, ["small" if _size(prop) == SMALL else "", bold, LETTERS.get(name, name)])
        )
        styled = f' class="{words}"' if words else ""
        self._parts.append(
            f'<text x="{number(x)}" y="{number(y)}"{where}{styled}{turned}>{escape(formats.minus(s), quote=False)}</text>'
        )

    def draw_path(self, gc: Any, path: Path, transform: Transform, rgbFace: Any = None) -> None:  # noqa: N803
        drawn = _inside(path.transformed(transform), gc.get_clip_rectangle(), rgbFace is not None)
        d = self._rectangle(drawn) or self._path(drawn, self._clip(gc) if rgbFace is None else None)
        self._put(d, self._look(gc, rgbFace))

    def draw_markers(
        self, gc: Any, marker_path: Path, marker_trans: Transform, path: Path, trans: Transform, rgbFace: Any = None,  # noqa: N803
    ) -> None:  # fmt: skip
        """Dots as circles; other marks, and bands, which come as a mark too, as paths."""
        radius = float(marker_trans.get_matrix()[0, 0]) if marker_path is Path.unit_circle() else None
        face = None if len(np.asarray(marker_path.vertices)) == 2 else rgbFace  # a tick has no inside
        clip, look = gc.get_clip_rectangle(), self._look(gc, face)
        for x, y in trans.transform(path.vertices).tolist():
            if not (math.isfinite(x) and math.isfinite(y)):
                continue
            if radius is None:
                moved = marker_path.transformed(marker_trans + Affine2D().translate(x, y))
                self._put(self._path(_inside(moved, clip, face is not None), None), look)
            elif clip is None or clip.padded(1.0).contains(x, y):
                self._end_run()
                head = f'<circle cx="{number(x)}" cy="{number(self.size[1] - y)}" r="{number(radius)}"{look}'
                words = next(self._tips, "")
                self._parts.append(
                    f"{head}><title>{escape(words)}</title></circle>" if words else f"{head}/>"
                )

    def draw_image(self, gc: Any, x: float, y: float, im: Any, transform: Any = None) -> None:
        raise NotImplementedError("pages have no bitmaps: colours would not follow the page")

    def _put(self, d: str, look: str) -> None:
        if not d or not look:
            return
        if words := next(self._tips, ""):
            self._end_run()
            self._parts.append(f'<path d="{d}"{look}><title>{escape(words)}</title></path>')
            return
        if look != self._run[0] or "opacity" in look:
            self._end_run()
            self._run = look, []
        self._run[1].append(d)

    def _end_run(self) -> None:
        look, paths = self._run
        if paths:
            self._parts.append(f'<path d="{"".join(paths)}"{look}/>')
        self._run = "", []

    def _look(self, gc: Any, face: Any) -> str:
        """Classes and attributes: fill, stroke, width, dashes."""
        classes, rest = [], ""
        alpha = gc.get_alpha() if gc.get_forced_alpha() else None
        if face is not None and (clear := alpha if alpha is not None else face[3] if len(face) > 3 else 1.0):
            classes.append(f"f-{colour_class(face)}")
            rest += "" if clear >= 1.0 else f' fill-opacity="{clear:.2f}"'
        stroke = gc.get_rgb()
        if gc.get_linewidth() > 0 and (
            clear := alpha if alpha is not None else stroke[3] if len(stroke) > 3 else 1.0
        ):
            classes.append(f"s-{colour_class(stroke)}")
            rest += f' stroke-width="{number(gc.get_linewidth())}"'
            rest += "" if clear >= 1.0 else f' stroke-opacity="{clear:.2f}"'
            _, dashes = gc.get_dashes()
            if dashes is not None:
                rest += f' stroke-dasharray="{" ".join(number(x) for x in dashes)}"'
        return f' class="{" ".join(classes)}"{rest}' if classes else ""

    def _clip(self, gc: Any) -> tuple[float, float, float, float] | None:
        box = gc.get_clip_rectangle()
        return None if box is None else tuple(box.padded(1.0).extents.tolist())

    def _rectangle(self, path: Path) -> str:
        """A rectangle in few letters; nothing if the path is none."""
        corners = np.asarray(path.vertices)
        if path.codes is None or len(corners) != RECTANGLE or np.asarray(path.codes)[-1] != Path.CLOSEPOLY:
            return ""
        (x0, y0), (x1, y1), (x2, y2), (x3, y3), _ = corners.tolist()
        if not (y0 == y1 and x1 == x2 and y2 == y3 and x3 == x0):
            return ""
        return f"M{number(x0)} {number(self.size[1] - y0)}h{number(x1 - x0)}v{number(y0 - y2)}h{number(x0 - x1)}z"

    def _path(self, path: Path, clip: Any) -> str:
        out, last = [], ""
        for points, code in path.iter_segments(IdentityTransform(), clip=clip, curves=True, simplify=None):
            letter = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "z"}[int(code)]
            if letter == "z":
                out.append("z")
            else:
                numbers = [number(self.size[1] - v if i % 2 else v) for i, v in enumerate(points.tolist())]
                place = " ".join(numbers)
                if place == last and letter == "L":
                    continue
                out.append(letter + place)
                last = place
        return "".join(out)


def _size(prop: FontProperties) -> float:
    return TEXT if prop.get_size_in_points() >= SMALLER else SMALL


def colour_class(colour: Any) -> str:
    """What page.css calls a colour of the house."""
    found = to_hex(colour)
    if found not in CLASSES:
        raise ValueError(f"{found} is no colour of the house: pages cannot show it in the dark")
    return CLASSES[found]


def _inside(path: Path, clip: Bbox | None, filled: bool) -> Path:
    """A filled shape cut at its axes."""
    if clip is None or not filled or (box := path.get_extents()) is None:
        return path
    if box.x0 >= clip.x0 - 1 and box.x1 <= clip.x1 + 1 and box.y0 >= clip.y0 - 1 and box.y1 <= clip.y1 + 1:
        return path
    return path.clip_to_bbox(clip)
