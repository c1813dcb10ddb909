"""Coordinates in which the ridge is straight: interest is replaced by a quantity that the figures identify.

A sale rate fixes how many of those interested can pay the start, not how many are interested: along the set that is
consistent with the published figures, interest runs from one to fifty while valuations, errors and popularity make up for it, on
a strongly bent surface. Walks and proposals therefore use, in place of the log of ``interest.mean``,

    y = ln(k ln(1 + L / k)),   L = interest x Phi((location - bias - ln start ratio) / sqrt(spread^2 + noise^2))

the complementary log-log of a first auction's probability of a sale, which the figures identify well. Every other parameter is
represented by the normal score of its prior probability, so that walks meet no boundaries: most directions are identified by
little more than their bounds. Densities get the factor |d theta / d y|.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import log_ndtr, ndtr, ndtri

from calibration.forward_model.forward_model import ForwardModel
from calibration.forward_model.lot_outcomes import Look
from sim.model.demand import attention

Floats = npt.NDArray[np.float64]

EDGE = 1e-7
LARGE = 1e9  # dispersion that stands for infinity
FAINT = -30.0  # the least y of a vector: so few can pay that nothing sells, whatever the rest


@dataclass(frozen=True, slots=True)
class Coordinates:
    """Maps between parameter vectors (n, p) and straight coordinates (n, p)."""

    model: ForwardModel
    slots: tuple[int, ...]  # of interest.mean, on a log scale

    def _payers(self, theta: Floats) -> tuple[Floats, Floats]:
        """ln(L / interest) and k, (n,) each: no parameter in them changes from one window to the next."""
        model = self.model
        methods = list(model.scenario.pricing)
        paths = {
            "interest.location", "interest.spread", "interest.dispersion", "start.ratio",
            *(f"pricing.{m}.{what}" for m in methods for what in ("bias", "noise")),
        }  # fmt: skip
        look = Look(model.scenario, model.space.values(theta, only=paths))
        look.number = len(theta)
        bias = np.mean([look(f"pricing.{m}.bias") for m in methods], axis=0)
        noise = np.mean([look(f"pricing.{m}.noise") ** 2 for m in methods], axis=0)
        d = look("interest.location") - bias - np.log(look("start.ratio"))
        log_share = log_ndtr(d / np.sqrt(look("interest.spread") ** 2 + noise))
        k = np.minimum(look("interest.dispersion"), LARGE)
        return (log_share + np.log(attention(model.scenario)))[:, None], k[:, None]

    def forward(self, theta: Floats) -> Floats:
        """Parameter vectors to straight coordinates; a vector on a boundary is moved off it by 1e-7 of the prior, one with which
        nobody can pay to where next to nobody can.
        """
        y = np.empty_like(theta)
        for i, slot in enumerate(self.model.space.slots):
            if i not in self.slots:
                y[:, i] = ndtri(np.clip(slot.free.unit(theta[:, i]), EDGE, 1.0 - EDGE))
        mine = list(self.slots)
        if mine:
            log_share, k = self._payers(theta)
            hazard = k * np.log1p(np.exp(theta[:, mine] + log_share) / k)
            y[:, mine] = np.log(np.maximum(hazard, np.exp(FAINT)))
        return y

    def back(self, y: Floats) -> tuple[Floats, Floats]:
        """Straight coordinates to parameter vectors, and ln |d theta / d y| (n,); interest may lie outside its bounds."""
        space, mine = self.model.space, list(self.slots)
        theta = space.from_unit(np.clip(ndtr(y), EDGE, 1.0 - EDGE))
        log_jacobians = -0.5 * y**2 - space.log_priors(theta)
        if mine:
            log_share, k = self._payers(theta)
            hazard = np.exp(np.minimum(y[:, mine], 300.0))
            ratio = np.minimum(hazard / k, 600.0)
            log_payers = np.log(np.maximum(k * np.expm1(ratio), 1e-300))
            theta[:, mine] = np.clip(log_payers - log_share, -50.0, 50.0)
            log_jacobians[:, mine] = np.log(np.maximum(hazard, 1e-300)) + ratio - log_payers
        return theta, log_jacobians.sum(axis=1)


def coordinates(model: ForwardModel) -> Coordinates:
    """Straight coordinates where interest is free on a log scale, else the parameters themselves."""
    found = [
        i for i, slot in enumerate(model.space.slots)
        if slot.free.paths == ("interest.mean",) and slot.free.transform == "log" and not slot.free.scale
    ]  # fmt: skip
    return Coordinates(model, tuple(found))
