"""``calibrate`` as the documents call it, with less of everything: what takes minutes takes seconds."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from calibration import cli, inflow, pipeline, settings
from calibration.commands import REFUSED
from calibration.estimation import ensemble
from calibration.estimation.posterior import Effort

LESS: dict[str, Any] = {
    "effort": Effort(members=64, totals=8, rounds=1, each=64, steps=2, first=4, apart=2, states=1),
    "listings": 1, "runs": 1, "draws": 32, "exported": 4, "negligible": 0.9,
}  # fmt: skip
FIRST = pipeline.followed  # interpretations that are followed, of which the first is enough
FEWER: dict[Any, dict[str, Any]] = {
    pipeline: {"MOST_RUNS": 1, "PRIOR": 8, "RANGES": {}, "followed": lambda *given: FIRST(*given)[:1]},
    ensemble: {"STEPS": 3},
    inflow: {"FIRST": 1, "MOST": 1, "LAST": (1,)},
}

if __name__ == "__main__":
    for module, values in FEWER.items():
        for name, value in values.items():
            assert hasattr(module, name)
            setattr(module, name, value)
    settings.QUICK = replace(settings.QUICK, **LESS)  # type: ignore[misc]
    settings.FULL = replace(settings.FULL, **LESS)  # type: ignore[misc]
    try:
        cli.main()
    except SystemExit as ended:  # so few draws fail their diagnostics, as they should
        sys.exit(0 if ended.code == REFUSED else ended.code)
