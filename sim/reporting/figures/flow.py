"""Where lots end up, drawn as a flow."""

from __future__ import annotations

from collections.abc import Sequence
from graphlib import TopologicalSorter

from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from sim.measures.flows import ENDS, LISTED, SOLD, Link
from sim.reporting import formats
from sim.reporting.style import (
    BLUE,
    FILE,
    GREEN,
    GREY,
    LIGHT,
    NAVY,
    ORANGE,
    PALE,
    PURPLE,
    SKY,
    VERMILION,
    Foot,
    Form,
    Look,
    Picture,
    drawing,
    finish,
    fold,
    no_data,
    tip,
)
from sim.reporting.text import headline, round_name

COLOURS = {"in_kind": GREEN, "returned": VERMILION, "withdrawn": PURPLE, "open": ORANGE}
SALES = (NAVY, BLUE, SKY, LIGHT)  # by round; the law of 2004 had four
TRUNK = PALE
NODE = 0.035  # width of a node, in columns
GAP = 0.03  # between the bands of a column, as a share of all lots
LABEL = 0.075  # least distance between two labels, as a share of all lots
LEADER = 0.09  # length of the line from an end to its label, in columns; labels stand outside the axes
NARROWEST, NARROW_LINE = 16, 0.062  # on a phone: of a label, and the least distance for a line
WIDEST = 44  # in columns of text: a label, the names of all rounds


def lot_flow(
    counts: Sequence[Link], lang: str, foot: Foot | str | None = None, *, form: Form = FILE
) -> Picture:
    """``counts`` are the links of ``flows.flow_links`` (or their mean over replications)."""
    with drawing(lang, form) as look:
        flow = {(a, b): float(n) for a, b, n in counts if n > 0}
        listed = sum(n for (a, _), n in flow.items() if a == LISTED)
        if not listed:
            fig = look.canvas()
            no_data(fig, look)
            return finish(fig, look, look.t("flow.plain", listed="0"), foot)
        rounds = _chain(flow)
        fig = look.canvas(9.0, 5.2)
        ax = fig.add_subplot()
        ax.set_axis_off()
        columns = _columns(flow, rounds, listed)
        _draw(ax, look, flow, rounds, columns)
        _label(ax, look, flow, rounds, columns, listed)
        ax.set_xlim(-0.2, len(rounds) + 1 + LEADER)
        return finish(fig, look, _title(look, flow, rounds, listed), foot)


def _chain(flow: dict[tuple[str, str], float]) -> list[str]:
    """The rounds in order: each after all that lots come from. Under some draws lots may pass one by."""
    ends = set(ENDS.values())
    before: dict[str, set[str]] = {}
    for a, b in flow:
        if b not in ends and not b.startswith(SOLD):
            before.setdefault(b, set()).update({a} - {LISTED})
    return list(TopologicalSorter(before).static_order())


def _columns(
    flow: dict[tuple[str, str], float], rounds: list[str], listed: float
) -> list[dict[str, tuple[float, float]]]:
    """For each column (listing, rounds, ends) the bands from top to bottom as name -> (top, height).

    A column holds every lot: those sold in earlier rounds on top, the round, below it those that pass it by on their way
    to a later one, and those that left unsold.
    """
    columns = [{LISTED: (listed, listed)}]
    gone: dict[str, float] = {}
    sold: list[str] = []
    for i, name in enumerate([*rounds, None]):
        ins = sum(n for (_, b), n in flow.items() if b == name) if name else 0.0
        bands = [(s, gone[s]) for s in sold]
        if name:
            bands.append((name, ins))
            come = (LISTED, *rounds[:i])
            bands += [(later, sum(flow.get((a, later), 0.0) for a in come)) for later in rounds[i + 1 :]]
        bands += [(end, gone[end]) for end in ENDS.values() if gone.get(end)]
        columns.append(_stack([band for band in bands if band[1] > 0], listed))
        if name:
            sold.append(SOLD + name)
            for end in (SOLD + name, *ENDS.values()):
                gone[end] = gone.get(end, 0.0) + flow.get((name, end), 0.0)
    return columns


def _stack(bands: list[tuple[str, float]], listed: float) -> dict[str, tuple[float, float]]:
    """Bands one under the other, centred about the middle of the picture."""
    gap = GAP * listed
    top = (listed + sum(n for _, n in bands) + gap * (len(bands) - 1)) / 2
    placed = {}
    for name, height in bands:
        placed[name] = (top, height)
        top -= height + gap
    return placed


def _draw(
    ax: Axes,
    look: Look,
    flow: dict[tuple[str, str], float],
    rounds: list[str],
    columns: list[dict[str, tuple[float, float]]],
) -> None:
    listed = columns[0][LISTED][1]
    for i, column in enumerate(columns):
        for name, (top, height) in column.items():
            passing = i < len(columns) - 1 and name != (LISTED, *rounds)[i]
            width = 0.0 if passing else NODE
            colour = _colour(name, rounds) if name not in (LISTED, *rounds) else GREY
            if width:
                node = Rectangle(
                    (i - width / 2, top - height), width, height, facecolor=colour, linewidth=0, zorder=3
                )
                tip(ax.add_patch(node), f"{_name(look, name)}: {_text(height, listed)}")
        if i + 1 < len(columns):
            _bands(ax, flow, rounds, i, column, columns[i + 1])
    tops = [top for column in columns for top, _ in column.values()]
    bottoms = [top - height for column in columns for top, height in column.values()]
    ax.set_ylim(min(bottoms) - 0.06 * listed, max(tops) + 0.16 * listed)


def _bands(
    ax: Axes,
    flow: dict[tuple[str, str], float],
    rounds: list[str],
    i: int,
    here: dict[str, tuple[float, float]],
    ahead: dict[str, tuple[float, float]],
) -> None:
    """Everything that goes from column ``i`` to the next: out of its round, and past it."""
    node = LISTED if i == 0 else rounds[i - 1]
    arrived: dict[str, float] = {}
    y = here[node][0] if node in here else 0.0
    for name in ahead:  # top to bottom, so that bands leave the round in the order in which they arrive
        n = flow.get((node, name), 0.0)
        if n:
            _band(ax, (i + NODE / 2, i + 1.0), (y, ahead[name][0]), n, _colour(name, rounds))
            y -= n
            arrived[name] = n
    for name, (top, height) in here.items():
        if name != node and name in ahead:
            edges = top, ahead[name][0] - arrived.get(name, 0.0)
            _band(ax, (float(i), i + 1.0), edges, height, _colour(name, rounds))


def _band(
    ax: Axes, across: tuple[float, float], edges: tuple[float, float], height: float, colour: str
) -> None:
    """A band whose top edge runs from one of ``edges`` to the other."""
    (x0, x1), (y0, y1) = across, edges
    middle = (x0 + x1) / 2
    points = [
        (x0, y0), (middle, y0), (middle, y1), (x1, y1),
        (x1, y1 - height), (middle, y1 - height), (middle, y0 - height), (x0, y0 - height), (x0, y0),
    ]  # fmt: skip
    curve = [Path.CURVE4] * 3
    path = Path(points, [Path.MOVETO, *curve, Path.LINETO, *curve, Path.CLOSEPOLY])
    ax.add_patch(PathPatch(path, facecolor=colour, alpha=0.6, linewidth=0, zorder=1))


def _colour(name: str, rounds: list[str]) -> str:
    if name.startswith(SOLD):
        return SALES[min(rounds.index(name.removeprefix(SOLD)), len(SALES) - 1)]
    return TRUNK if name in rounds else COLOURS.get(name, GREY)


def _label(
    ax: Axes,
    look: Look,
    flow: dict[tuple[str, str], float],
    rounds: list[str],
    columns: list[dict[str, tuple[float, float]]],
    listed: float,
) -> None:
    narrow = look.form.narrow
    head = max(top for column in columns for top, _ in column.values()) + 0.05 * listed
    for i, name in enumerate([LISTED, *rounds]):
        words = _name(look, name)
        ax.text(
            i,
            head,
            f"{fold(words, 8 if narrow else WIDEST // len(rounds))}\n{_lots(columns[i][name][1])}",
            ha="center",
            va="bottom",
            fontweight="bold",
            fontsize=8.5 if narrow else 10,
            linespacing=1.3,
        )
    lowest, before, x = float("inf"), 0, len(columns) - 1
    for name, (top, height) in columns[-1].items():
        parts = (_name(look, name), _text(height, listed))
        words = "\n".join(fold(one, NARROWEST) for one in parts) if narrow else fold("  ".join(parts), WIDEST)
        lines = words.count("\n") + 1
        middle = top - height / 2
        y = min(middle, lowest - (NARROW_LINE if narrow else LABEL) * (before + lines) / 2 * listed)
        lowest, before = y, lines
        line = ([x + NODE / 2, x + 0.7 * LEADER, x + LEADER], [middle, y, y])
        ax.plot(*line, color=GREY, linewidth=0.7, zorder=2)
        ax.annotate(
            words, (x + LEADER, y), xytext=(3, 0), textcoords="offset points", va="center", fontsize=8.5 if narrow else 9.5
        )  # fmt: skip
    floor, top = ax.get_ylim()
    ax.set_ylim(min(floor, lowest - 0.06 * listed), top)
    if not look.form.page:
        ax.text(0, 0, look.t("flow.note"), transform=ax.transAxes, fontsize=8.5, color=GREY, va="bottom")


def _name(look: Look, name: str) -> str:
    """What people call a column or an end."""
    if name.startswith(SOLD):
        return headline(look.t("sold", round=_round(look, name.removeprefix(SOLD))))
    return headline(look.t(name) if name == LISTED or name in ENDS.values() else _round(look, name))


def _text(n: float, listed: float) -> str:
    return f"{_lots(n)} ({formats.percent(n / listed)})"


def _lots(n: float) -> str:
    """A mean over replications as whole lots; there is no half of one."""
    return f"{n:,.0f}" if n >= 0.5 or n == 0 else "<1"


def _round(look: Look, name: str) -> str:
    return look.safe(round_name(name, look.lang))


def _title(look: Look, flow: dict[tuple[str, str], float], rounds: list[str], listed: float) -> str:
    sold = sum(n for (_, b), n in flow.items() if b.startswith(SOLD))
    if not sold:
        return look.t("flow.plain", listed=formats.count(listed))
    return look.t(
        "flow.title",
        listed=_lots(listed),
        sold=_lots(sold),
        first=_lots(flow.get((rounds[0], SOLD + rounds[0]), 0.0)),
        round=_round(look, rounds[0]),
    )
