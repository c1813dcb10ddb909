"""Before and after a date on which values change, month by month."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from sim.locale.signs import headed
from sim.reporting.figures.change import before_and_after, changes, sentence
from sim.reporting.pages.shell import Block, Figure, Notes, Section
from sim.reporting.pages.words import w
from sim.reporting.svg import both
from sim.scenario.schema import Scenario

Floats = npt.NDArray[np.float64]


def change_section(months: Mapping[str, Floats], scenario: Scenario, lang: str) -> list[Section]:
    """Nothing where nothing changes within the horizon, or no records of rounds were kept."""
    dates = changes(scenario, lang)
    if not months or not dates:
        return []
    blocks: list[Block] = [
        Notes([headed(str(day), what, lang) for day, what in dates.items()], w("change.dates", lang)),
        Figure("", *both(partial(before_and_after, months, scenario, lang))),
    ]
    return [Section("change", w("change", lang), sentence(months, scenario, lang), blocks)]
