"""What the verification says."""

from __future__ import annotations

from typing import Final

from sim.locale.words import Words

w: Final = Words("verification")


def quantity(name: str, lang: str) -> str:
    """What a quantity is called; a number at the end is that of a round."""
    if name in w:
        return w(name, lang)
    stem, _, number = name.rpartition("_")
    return w({"sold_by": "sold_by", "price": "price_at", "alone": "alone_at"}[stem], lang, n=number)
