"""What a lot is worth to a bidder: the law of (bidder's value / market value), and integrals over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NODES = 160  # of the fixed Gauss-Legendre rule; 1e-10 or better on the tests' cases
FAR = 8.5  # standard deviations beyond which a normal law holds less than 1e-17


def on_unit(nodes: int) -> tuple[Floats, Floats]:
    """Points and weights of the Gauss-Legendre rule on (0, 1)."""
    t, w = np.polynomial.legendre.leggauss(nodes)
    return (t + 1.0) / 2.0, w / 2.0


T01, W01 = on_unit(NODES)


@dataclass(frozen=True, slots=True)
class ValueLaw:
    """A value law, named and parametrised as in a scenario's ``[interest]``.

    ``lognormal``: ln(value) is normal with mean ``location`` and sd ``spread``; ``uniform`` on (0, ``spread``);
    ``exponential`` with mean ``spread``. ``location`` and ``spread`` may be arrays; all methods broadcast.
    Raises ``ValueError`` for an unknown name or a spread that is not positive.
    """

    kind: Literal["lognormal", "uniform", "exponential"] = "lognormal"
    location: npt.ArrayLike = 0.0
    spread: npt.ArrayLike = 1.0

    def __post_init__(self) -> None:
        if self.kind not in ("lognormal", "uniform", "exponential"):
            raise ValueError(f"value law {self.kind!r}: allowed are lognormal, uniform, exponential")
        if not (np.asarray(self.spread) > 0.0).all():
            raise ValueError("the spread of a value law is positive")

    def sf(self, x: npt.ArrayLike) -> Floats:
        """P(value > x), for x >= 0."""
        at, spread = np.asarray(x, dtype=np.float64), np.asarray(self.spread, dtype=np.float64)
        if self.kind == "lognormal":
            from scipy.special import ndtr  # the base model asks for none of it, and would wait 0.2 s for it

            with np.errstate(divide="ignore"):
                return np.asarray(ndtr((np.asarray(self.location) - np.log(at)) / spread), dtype=np.float64)
        if self.kind == "uniform":
            return np.asarray(np.clip(1.0 - at / spread, 0.0, 1.0))
        return np.asarray(np.exp(-np.maximum(at, 0.0) / spread))

    def quantile(self, p: npt.ArrayLike) -> Floats:
        """The value below which a share ``p`` lies."""
        share = np.asarray(p, dtype=np.float64)
        if self.kind == "lognormal":
            from scipy.special import ndtri

            return self.value(ndtri(share))
        return self.value(share)

    def value(self, draw: npt.ArrayLike) -> Floats:
        """The value that belongs to a draw: standard normal for a lognormal law, uniform on (0, 1) for the others."""
        shock, spread = np.asarray(draw, dtype=np.float64), np.asarray(self.spread, dtype=np.float64)
        if self.kind == "lognormal":
            return np.asarray(np.exp(np.asarray(self.location) + spread * shock), dtype=np.float64)
        if self.kind == "uniform":
            return np.asarray(spread * shock)
        return np.asarray(-spread * np.log1p(-shock))

    def beyond(self, reserve: npt.ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Points x, weights w and P(value > x) such that sum(w f(x)) is the integral of f from ``reserve`` to infinity.

        For functions f of the survival function (or x times one) that fall off at least as fast as it. The result has the shape
        of ``reserve`` (broadcast with the law's parameters) and one more axis of ``NODES + 1`` at the end. Below
        ``FAR`` deviations a lognormal law is flat: that stretch is one point of its own.
        """
        reserve, location, spread = (
            np.asarray(a, dtype=np.float64)[..., None]
            for a in np.broadcast_arrays(reserve, self.location, self.spread)
        )
        if self.kind == "lognormal":
            with np.errstate(divide="ignore"):
                from_ = np.clip((np.log(reserve) - location) / spread, -FAR, FAR)
            z = from_ + (FAR - from_) * T01
            x = np.exp(location + spread * z)
            w = (FAR - from_) * W01 * spread * x
            first = np.exp(location + spread * from_)
        elif self.kind == "uniform":
            first = reserve
            x = first + np.maximum(spread - first, 0.0) * T01
            w = np.maximum(spread - first, 0.0) * W01
        else:  # far enough for 5,000 people to have thinned out
            first = reserve
            x = first + 45.0 * spread * T01
            w = 45.0 * spread * W01 * np.ones_like(x)
        x = np.concatenate([(reserve + np.maximum(first, reserve)) / 2.0, x], axis=-1)
        w = np.concatenate([np.maximum(first - reserve, 0.0), w], axis=-1)
        law = ValueLaw(self.kind, location, spread)
        return x, w, law.sf(x)
