"""``calibrate`` as the documents call it, with less of everything: what takes minutes takes seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from calibration import cli, pipeline, settings
from calibration.estimation.posterior import Effort

LESS: dict[str, Any] = {
    "effort": Effort(members=32, totals=8, rounds=1, each=48, steps=2, first=4, apart=2, states=1),
    "listings": 1, "runs": 1, "draws": 32, "exported": 4, "simulated": 1, "negligible": 0.9,
}  # fmt: skip
FEWER: dict[str, Any] = {"MOST_RUNS": 1, "PRIOR": 8, "RANGES": {}}

if __name__ == "__main__":
    for name, value in FEWER.items():
        assert hasattr(pipeline, name)
        setattr(pipeline, name, value)
    settings.QUICK = replace(settings.QUICK, **LESS)  # type: ignore[misc]
    settings.FULL = replace(settings.FULL, **LESS)  # type: ignore[misc]
    cli.main()
