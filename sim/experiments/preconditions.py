"""What is required of a call before anything runs: numbers within their bounds, measures and windows that it has."""

from __future__ import annotations

import os
from collections.abc import Sequence

from sim.experiments.execution.executors import ExecutorError
from sim.experiments.execution.worker_pool import make_room
from sim.locale.language import said
from sim.measures.definitions import definitions
from sim.scenario import Defect, Loaded
from sim.scenario.errors import joined, meant


def out_of_bounds(option: str, number: int | None, most: int) -> list[Defect]:
    """A defect if a number is not one from 1 to ``most``."""
    if number is None or 1 <= number <= most:
        return []
    return [Defect(f"{option} {number}", "", said("option.bounds", most=most))]


def not_measured(loaded: Loaded, measures: Sequence[str]) -> list[Defect]:
    """A defect for each that is no measure of the scenario."""
    of = loaded.scenario
    known = [*definitions(list(of.rounds)), *(one.name for one in of.extensions.measures)]
    return [
        Defect(name, "", said("option.measure"), meant(name, known) or said("option.measures"))
        for name in dict.fromkeys(measures)
        if name not in known
    ]


def no_window(loaded: Loaded, window: str) -> list[Defect]:
    """A defect if it is no window of the scenario."""
    if window == "all" or window in loaded.scenario.time.windows:
        return []
    there = joined([*loaded.scenario.time.windows, "all"])
    return [Defect(f"--window {window}", "", said("option.window", names=there))]


def misemployed(jobs: int) -> list[Defect]:
    """A defect if so many processes cannot be."""
    if isinstance(jobs, bool) or not isinstance(jobs, int) or jobs < 0:
        return [Defect(f"--jobs {jobs}", "", said("option.jobs"))]
    try:
        make_room(jobs or os.cpu_count() or 1)
    except ExecutorError as error:
        return [Defect(f"--jobs {jobs}", "", str(error))]
    return []
