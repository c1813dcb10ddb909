"""Words of what is said about lots."""

from __future__ import annotations

from typing import Final

from sim.locale.words import Words

w: Final = Words("lots")
