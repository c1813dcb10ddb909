"""Which parameters are driven by their priors: those in excess of the figures that inform them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from calibration.targets.parameter_space import space
from calibration.targets.reader.defects import Checks
from calibration.targets.reader.windows import Dated
from calibration.targets.schema import FreeEntry
from calibration.targets.targets import Figure, Targets
from calibration.words import w
from sim.locale.language import said, spoken
from sim.scenario.errors import Defect, joined


def doubts(windows: Mapping[str, Dated], entries: Sequence[FreeEntry], checks: Checks) -> list[Defect]:
    """Warnings: no defects, but to be known before a run. They are reported beside defects too, so only what is certain is: a
    figure that was not understood is taken to inform every parameter, and such a parameter to be informed by every figure.
    """
    if ("free",) in checks.holes or ("windows",) in checks.holes:
        return []
    slots: list[tuple[str, str | None, Sequence[str]]] = []
    for i, entry in enumerate(entries):
        paths = [entry.path] if isinstance(entry.path, str) else entry.path
        paths = paths if checks.whole("free", i, "path") else []
        name = entry.name or next(iter(paths), f"free.{i}")
        slots += [(f"{name}@{w}", w, paths) for w in windows] if entry.by_period else [(name, None, paths)]
    fitted = [
        (n, figure, one.figures.get(figure or "")) for n, one in windows.items() for figure in one.fitted
    ]
    informing = [(w, name) for w, name, one in fitted if not _repeats(one, windows[w].figures)]
    short = shortage(slots, informing)
    if not short.number or not fitted:
        return []
    problem = said("doubt.counts", free=len(slots), figures=len(fitted))
    if idle := len(fitted) - len(informing):
        problem += said("doubt.idle", n=idle)
    elif len(slots) <= len(fitted):
        problem += said("doubt.not_all")
    hint = said("doubt.driven", names=joined(short.listed(spoken())))
    return [Defect(checks.path, "free", problem, hint)]


# Parameters of which only figures in yuan and premiums say anything: the others stay as they are, whatever these are.
# Of every other parameter every figure says something.
IN_YUAN: Final = re.compile(r"kinds\.[^.]+\.value_(median|log_sd)|start\.token_ratio")
YUAN: Final = ("turnover", "commission", "premium")


@dataclass(frozen=True, slots=True)
class Shortage:
    """By how many parameters exceed the figures that inform them. ``bare``: those that no figure informs;
    ``some``: the rest of the shortage is among these.
    """

    number: int
    bare: list[str]
    some: list[str]

    def listed(self, lang: str = "en") -> list[str]:
        """The parameters that priors drive, as items of a list."""
        least = self.number - len(self.bare)
        if not least:
            return self.bare
        names = w("driven.join", lang).join(self.some)
        return [*self.bare, w("driven.least", lang, least=least, names=names)]


def driven(targets: Targets, lang: str = "en") -> list[str]:
    """Free parameters that are driven by their priors, as items of a list: those in excess of the figures.

    Each fitted figure can pin down one parameter, of those that it informs: of its own window's or of all windows',
    and of market values only if it is in yuan. As many parameters as can be are given a figure of their own; those
    left over are in excess. Which ones these are a fit decides, not a count: a figure may pin down any of the
    parameters that compete for it. So parameters that no figure informs are named, and of those that compete for
    too few figures it is said how many at least are driven: "at least 3 of: interest, noise, spread, location".
    "At least", for figures may also be redundant.
    """
    slots = [
        (one.name, one.window, one.free.paths) for one in space(targets.free, list(targets.windows)).slots
    ]
    fitted = [
        (f.window, f.name)
        for f in targets.figures("fit")
        if not _repeats(f, targets.windows[f.window].figures)
    ]
    return shortage(slots, fitted).listed(lang)


def _repeats(figure: Figure | None, window: Mapping[str, Figure]) -> bool:
    """Whether a figure says nothing that another of its window does not, whatever the interpretation."""
    if figure is None:
        return False
    if figure.name == "commission":
        return set(figure.measures) == {"commission_saved_flat"}  # 5 % of turnover
    rate = window.get("sale_rate")
    return (  # sold = rate x lots
        figure.name == "sold" and "lots" in window and window["lots"].role != "assumed"
        and rate is not None and rate.role == "fit" and set(rate.measures) == {"sale_rate_listed"}
    )  # fmt: skip


def shortage(
    slots: Sequence[tuple[str, str | None, Sequence[str]]], figures: Sequence[tuple[str, str | None]]
) -> Shortage:
    """Parameters (name, window, paths) against figures (window, name): a largest matching of the two, and from each
    parameter that it leaves over, all that could be left over in its stead (Dulmage and Mendelsohn 1958).
    """
    informed = [
        [
            f for f, (where, figure) in enumerate(figures)
            if window in (None, where) and (figure in (None, *YUAN) or not in_yuan)
        ]
        for _, window, paths in slots
        for in_yuan in [bool(paths) and all(IN_YUAN.fullmatch(path) for path in paths)]
    ]  # fmt: skip
    number, short = _left_over(informed, len(figures))
    names = [(slots[i][0], bool(informed[i])) for i in sorted(short)]
    return Shortage(number, [n for n, any_ in names if not any_], [n for n, any_ in names if any_])


def _left_over(informed: Sequence[Sequence[int]], figures: int) -> tuple[int, set[int]]:
    """How many parameters a largest matching leaves without a figure, and all that some largest matching leaves: those that
    an alternating path reaches from one left over. ``informed``: the figures that inform each parameter.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    rows = [i for i, some in enumerate(informed) for _ in some]
    columns = [f for some in informed for f in some]
    graph = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(informed), max(figures, 1)))
    owner = maximum_bipartite_matching(graph, perm_type="row")  # parameter of each figure, -1 for none
    alone = sorted(set(range(len(informed))) - {int(i) for i in owner})
    reached, queue = set(alone), deque(alone)
    while queue:
        for f in informed[queue.popleft()]:
            other = int(owner[f])
            if other not in reached:
                reached.add(other)
                queue.append(other)
    return len(alone), reached
