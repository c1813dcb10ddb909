"""Why draws or an answer must not be used: a code with its number and its bound; the sentences stand in ``sim/locale``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """``code``: "rhat" or "size" of the draws of ``interpretation``, "k" or "moved" of the answer under other random numbers."""

    code: str
    value: float
    bound: float
    interpretation: str = ""

    def __str__(self) -> str:
        """As files have it, in codes and numbers: "event: rhat 1.012 (1.01)"."""
        of = f"{self.interpretation}: " if self.interpretation else ""
        return f"{of}{self.code} {self.value:.4g} ({self.bound:g})"
