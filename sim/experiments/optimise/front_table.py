"""What a search for the best policies needs, and what it has found as a table: a row a settled point."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.experiments.optimise.decision_variables import Lawful
from sim.experiments.optimise.pareto_front import Floats, Goal, Limit
from sim.experiments.optimise.search import Outcome, Search
from sim.experiments.paired import paired
from sim.experiments.sweep.results import moments
from sim.law.verdict import NOT_CHECKED
from sim.locale.language import said
from sim.scenario import Defect, ScenarioError

REPLICATIONS, FINAL = 5, 20
OVER_DRAWS = 10, 40  # the same where each is under a draw of its own
MOST_VARIABLES = 8


def limits_of(texts: Sequence[str]) -> list[Limit]:
    """``MEASURE>=NUMBER`` or ``MEASURE<=NUMBER`` each. Raises ``ScenarioError`` with all that is wrong."""
    limits, defects = [], []
    for text in texts:
        match = re.fullmatch(r"\s*([\w-]+)\s*(<=|>=)\s*([-+.\deE]+)\s*(%?)\s*", text)
        try:
            if not match:
                raise ValueError
            value = float(match[3]) / (100.0 if match[4] else 1.0)
        except ValueError:
            defects.append(Defect(f"--subject-to {text}", "", said("goal.limit")))
            continue
        limits.append(Limit(match[1], low=value) if match[2] == ">=" else Limit(match[1], high=value))
    if defects:
        raise ScenarioError(defects)
    return limits


def unfit(goals: Sequence[Goal], points: int, replications: int, final: int) -> list[Defect]:
    """What is wrong with goals and numbers."""
    wrong = []
    if not goals:
        wrong.append(Defect(said("goal.none"), "", said("goal.how")))
    named = [goal.measure for goal in goals]
    wrong += [
        Defect(said("goal.twice", name=m), "", said("goal.once"))
        for m in sorted(set(named))
        if named.count(m) > 1
    ]
    for option, number, low, high in (
        ("--points", points, 4, 300), ("--replications", replications, 1, 100_000), ("--final", final, 2, 100_000),
    ):  # fmt: skip
        if not low <= number <= high:
            wrong.append(Defect(f"{option} {number}", "", said("option.range", low=low, high=f"{high:,}")))
    return wrong


def name_of_point(i: int) -> str:
    return "base" if i == 0 else f"P{i}"


def columns(search: Search, outcome: Outcome, law: Lawful) -> dict[str, list[Any]]:
    """One row a settled point: decision variables, measures with intervals, differences from the base, share, law."""
    mean, _, half, _ = moments(outcome.values)
    found: dict[str, list[Any]] = {"policy_name": [name_of_point(i) for i in range(len(outcome.points))]}
    for a, axis in enumerate(search.axes):
        found[axis.path] = [point[a] for point in outcome.points]
    for m, measure in enumerate(search.measures):
        found[measure] = mean[:, m].tolist()
        found[f"{measure}_ci_low"], found[f"{measure}_ci_high"] = (
            (mean[:, m] + sign * half[:, m]).tolist() for sign in (-1, 1)
        )
    for i in range(len(outcome.points)):
        for measure, row in against_base(search, outcome, i).items():
            for name in ("difference", "ci_low", "ci_high", "low", "high"):
                key = f"{measure}_difference" + ("" if name == "difference" else f"_{name}")
                found.setdefault(key, []).append(row[name])
    found["on_front"] = [i in outcome.on_front for i in range(len(outcome.points))]
    found["front_share"] = outcome.share.tolist()
    found["unlawful"] = [
        "; ".join(law.against(point)) or ("" if law.known else NOT_CHECKED) for point in outcome.points
    ]
    return found


def against_base(search: Search, outcome: Outcome, i: int) -> dict[str, dict[str, float]]:
    found = paired(outcome.values[:1], outcome.values[i : i + 1])
    return {
        measure: {name: float(column[m]) for name, column in found.items()}
        for m, measure in enumerate(search.measures)
    }


def reach(search: Search, outcome: Outcome, i: int) -> Floats:
    """Half-widths of the intervals of the differences from the base: (goals,)."""
    rows = list(against_base(search, outcome, i).values())[: len(search.goals)]
    half: Floats = np.nan_to_num(np.array([(row["ci_high"] - row["ci_low"]) / 2.0 for row in rows]))
    return half
