"""What the application says; what it shares with pages and tables is said in the same words."""

from __future__ import annotations

from typing import Final

from sim.locale.words import Words

w: Final = Words("app", "pages", "explore", "report")
