"""Words of the report and of what the terminal says of it."""

from __future__ import annotations

from typing import Final

from sim.locale.words import Words

w: Final = Words("calibration_report")
