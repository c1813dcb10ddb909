"""The court's own rows beside its published figures: never both of the same days.

A fact that names days is of the rows of lots whose rounds ended then (``calibrate lots --facts``). Where it is fitted, every window
that these days touch is described by the rows: its figures are no longer to be met, for they count the same lots once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from calibration.targets.evidence import Fact, chosen
from calibration.targets.reader.defects import TargetsError
from calibration.targets.schema import Standing
from calibration.targets.targets import Targets, Window
from sim.locale.language import said
from sim.scenario import Defect


def own(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Facts that are fitted and of the court's own rows."""
    return tuple(fact for fact in chosen(facts, "fit") if fact.days is not None)


def touched(targets: Targets, fact: Fact) -> list[str]:
    """Windows that a fact's rows touch."""
    if fact.days is None:
        return []
    first, last = fact.days
    return [
        one.name
        for one in targets.windows.values()
        if one.first is not None and one.last is not None and one.first <= last and first <= one.last
    ]


def beside_rows(targets: Targets) -> Targets:
    """The targets without the figures that the rows replace. Raises ``TargetsError`` where no figure is left to be met."""
    names = {name for fact in own(targets.evidence) for name in touched(targets, fact)}
    if not names:
        return targets
    left = _without(targets, names)
    if not list(left.figures("fit")):
        problem, hint = said("target.all_replaced"), said("target.only_rows")
        raise TargetsError([Defect(str(targets.path), "evidence", problem, hint)])
    return left


def without_figures(targets: Targets) -> Targets:
    """The targets with nothing to be met but facts."""
    return _without(targets, set(targets.windows))


def _without(targets: Targets, names: set[str]) -> Targets:
    return replace(
        targets, windows={n: _replaced(one) if n in names else one for n, one in targets.windows.items()}
    )


def _replaced(window: Window) -> Window:
    standing: Standing = "replaced"
    figures = {
        name: replace(one, role=standing) if one.role == "fit" else one
        for name, one in window.figures.items()
    }
    return replace(window, figures=figures)
