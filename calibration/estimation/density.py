"""The posterior density of one interpretation: prior x likelihood of the reported figures x evidence.

Densities are of the published numbers themselves, every constant and Jacobian in them, so that interpretations can be
weighed against each other. Parameters are in straight coordinates (``coordinates``), in which the prior is standard
normal but for interest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from calibration.estimation.coordinates import Coordinates, coordinates
from calibration.estimation.likelihood import by_moment
from calibration.forward_model.forward_model import BATCH, ForwardModel
from calibration.forward_model.moments import Moment, Prediction, moments, predict
from calibration.targets import evidence
from calibration.targets.evidence import Fact
from calibration.targets.interpretations import Interpretation

Floats = npt.NDArray[np.float64]

UNLIKELY = -1e4  # log likelihood that stands for none at all
FARTHEST = 40.0  # residuals are cut off there: what lies beyond says no more


@dataclass(frozen=True, slots=True)
class Terms:
    """What n parameter vectors come to. ``prior``: (n,) log density, Jacobian included; ``counts``: (n, counts) and
    ``totals``: (n, windows) log likelihoods; ``residuals``: (n, counts) signed roots of twice what each count lacks of its best;
    ``off``: (n, aggregates) standardised distances of the simulated totals' means, ``draws``: (n, S, aggregates) the totals
    themselves; ``facts``: (n, facts) the model's measures; ``evidence``: (n,) their log likelihood.
    """

    prior: Floats
    counts: Floats
    residuals: Floats
    totals: Floats
    off: Floats
    draws: Floats
    facts: Floats
    evidence: Floats

    @property
    def likelihood(self) -> Floats:
        """(n,) of the reported figures and the facts."""
        return np.asarray(self.counts.sum(axis=1) + self.totals.sum(axis=1) + self.evidence)

    @property
    def log_posterior(self) -> Floats:
        """(n,), unnormalised: the marginal likelihood is its integral."""
        whole = self.prior + self.likelihood
        return np.where(np.isfinite(whole), whole, -np.inf)


@dataclass(frozen=True, slots=True)
class Density:
    """One interpretation's posterior. ``facts``: those that are fitted; ``widen``: multiplies both their sds."""

    model: ForwardModel
    interpretation: Interpretation
    moments: tuple[Moment, ...]
    facts: tuple[Fact, ...]
    widen: float = 1.0

    @property
    def straight(self) -> Coordinates:
        return coordinates(self.model)

    @property
    def aggregates(self) -> list[int]:
        """Places of the moments that come from simulated totals."""
        return [i for i, one in enumerate(self.moments) if one.aggregate]

    def drawing(self, draws: int) -> Density:
        """The same with so many simulated totals a vector."""
        return replace(self, model=self.model.drawing(draws))

    def predict(self, theta: Floats) -> Prediction:
        """The moments of (n, p) parameter vectors."""
        return predict(self.model.outcome(theta), self.moments, self.model.targets, 0)

    def terms(self, y: Floats) -> Terms:
        """All terms at straight coordinates (n, p); vectors outside the prior's bounds have a prior of -inf."""
        return joined([self._terms(y[i : i + BATCH]) for i in range(0, len(y), BATCH)])

    def _terms(self, y: Floats) -> Terms:
        space = self.model.space
        theta, log_jacobian = self.straight.back(y)
        prior = space.log_prior(theta) + log_jacobian
        inside = np.clip(theta, space.low, space.high)
        prediction = self.predict(inside)
        by = by_moment(self.moments, prediction)
        found = self.model.measured(inside, self.facts)
        return Terms(
            prior=prior, counts=_finite(by.counts), residuals=by.residuals, totals=_finite(by.totals), off=by.off, draws=prediction.draws[:, :, self.aggregates],
            facts=found, evidence=evidence.log_likelihood(found, self.facts, self.widen),
        )  # fmt: skip

    def log_posterior(self, y: Floats) -> Floats:
        """(n,), unnormalised."""
        return self.terms(y).log_posterior


def joined(parts: Sequence[Terms]) -> Terms:
    """Terms of several batches as of one."""
    return Terms(
        **{
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in Terms.__dataclass_fields__
        }
    )


def _finite(x: Floats) -> Floats:
    return np.where(np.isfinite(x), np.maximum(x, UNLIKELY), UNLIKELY)


def density(
    model: ForwardModel, interpretation: Interpretation, facts: Sequence[Fact] = (), widen: float = 1.0
) -> Density:
    """The density of an interpretation, with the facts that are fitted."""
    return Density(
        model.counting(interpretation.basis),
        interpretation,
        tuple(moments(model.targets, interpretation)),
        evidence.chosen(facts, "fit"),
        widen,
    )
