"""Words of the audit and of what commands say while they run."""

from __future__ import annotations

from typing import Final

from sim.locale.words import Words

w: Final = Words("calibration")
