"""What commands say that belongs to no report."""

from __future__ import annotations

from typing import Final

from sim.locale.words import Words

w: Final = Words("commands")
