"""What is said of several runs: compare, sweep, sensitivity, optimise."""

from __future__ import annotations

from typing import Final

from sim.locale.words import Words

e: Final = Words("explore")
