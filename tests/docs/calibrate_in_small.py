"""``calibrate`` as the documents call it, with less of everything: what takes minutes takes seconds."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from calibration import cli, history, identify, search, settings

CLOSE = history.Effort(proposed=128, walkers=32)
LESS: dict[str, Any] = {
    "draws": 8, "listings": 1, "design": 32, "starts": 1, "more_starts": 0, "budget": 20, "most_readings": 1, "simulated": 1,
    "wave_one": CLOSE,
}  # fmt: skip
FEWER = (
    (identify, "profile", partial(identify.profile, points=2)),
    (identify, "ROUNDS", 1),
    (identify, "STARTS", 1),
    (search, "match", partial(search.match, effort=CLOSE)),  # of a window left out
)

if __name__ == "__main__":
    for module, name, value in FEWER:
        assert hasattr(module, name)
        setattr(module, name, value)
    settings.QUICK = replace(settings.QUICK, **LESS)  # type: ignore[misc]
    settings.FULL = replace(settings.FULL, **LESS, steps=0)  # type: ignore[misc]
    cli.main()
