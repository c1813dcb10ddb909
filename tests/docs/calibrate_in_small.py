"""``calibrate`` as the documents call it, with less of everything: what takes minutes takes seconds."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

from calibration import pipeline, settings, steps
from calibration.cli import main as cli
from calibration.cli.run import REFUSED
from calibration.estimation import ensemble, marginal
from calibration.estimation.posterior import Effort
from calibration.forward_model import forward_model, inflow

SMALL = Effort(
    members=32, totals=8, rounds=1, steps=4, walkers=32, relaid=1, settling=4, learning=1, between=4, block=2, least=2, most=2,
)  # fmt: skip
LESS: dict[str, Any] = {"effort": SMALL, "lesser": SMALL, "listings": 1, "draws": 32, "exported": 4}
FIRST = pipeline.followed  # interpretations that are followed, of which the first is enough
FEWER: dict[Any, dict[str, Any]] = {
    pipeline: {"PRIOR": 8, "RANGES": {}, "followed": lambda *given: FIRST(*given)[:1]},
    steps: {"SCREEN": Effort(members=32, totals=8)},
    ensemble: {"STEPS": 3},
    marginal: {"SETTLING": 4, "APART": 2},
    forward_model: {"NODES": {0: 1, 1: 2, 2: 2}},
    inflow: {"STEPS": (1, 1)},
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
