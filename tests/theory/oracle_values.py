"""The exact values in ``oracles.json``, and the parameters that their case names spell out.

The file holds closed forms and adaptive quadratures computed apart from this project, each confirmed by a Monte
Carlo of two million draws. Sections d and d2 belong to forward-looking bidders.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sim.theory.values import ValueLaw

ALL: list[dict[str, Any]] = json.loads((Path(__file__).parent / "oracles.json").read_text())
TOLERANCE = 1e-6


def of(section: str) -> list[tuple[str, str, float]]:
    """(case, quantity, exact value) of a section."""
    return [(e["case"], e["quantity"], e["exact"]) for e in ALL if e["section"] == section]


def number(case: str, name: str) -> float:
    """The number after ``name=`` in a case's name."""
    found = re.search(rf"(?:^|[\s;,]){re.escape(name)}=(-?[\d.,]+)", case)
    assert found, (case, name)
    return float(found[1].rstrip(".,").replace(",", ""))


def law(case: str) -> ValueLaw:
    """LN(location,spread), U(0,spread) or Exp(mean)."""
    if found := re.search(r"LN\((-?[\d.]+),([\d.]+)\)", case):
        return ValueLaw("lognormal", float(found[1]), float(found[2]))
    if found := re.search(r"U\(0,([\d.]+)\)", case):
        return ValueLaw("uniform", 0.0, float(found[1]))
    found = re.search(r"Exp\(([\d.]+)\)", case)
    assert found, case
    return ValueLaw("exponential", 0.0, float(found[1]))
