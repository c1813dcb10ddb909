"""What is said of several runs: compare, sweep, sensitivity, optimise."""

from __future__ import annotations

from typing import Final

from sim.locale.words import Words

e: Final = Words("explore")


def of_base(title: str, lang: str) -> str:
    """A base's title behind a word that says that it is the base: "Base: the rules ..." without a word of its own for that."""
    return title.removeprefix(e("base.label", lang))
