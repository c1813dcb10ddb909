"""A surrogate: a Gaussian process through noisy means, from which whole functions can be drawn.

Matern 5/2 with a length for each coordinate, the noise of each mean known up to a common addition; lengths, size and
addition by maximum likelihood (Rasmussen and Williams 2006, ch. 2 and 5). Points live in the unit cube. Good for some
hundreds of points; a matrix of their number is factored at each step.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.measures.rounding import extent

Floats = npt.NDArray[np.float64]
LENGTHS = (0.05, 10.0)  # in units of a coordinate's range
JITTER = 1e-8


class Surrogate:
    """Fitted to ``y`` (n,) at ``x`` (n, d) with variances ``noise`` (n,) of the means; deterministic."""

    def __init__(self, x: Floats, y: Floats, noise: Floats) -> None:
        from scipy.linalg import cho_factor, cho_solve
        from scipy.optimize import minimize

        self._x = x
        self._middle, self._scale = float(y.mean()), float(y.std()) if extent(y) else 1.0
        z, known = (y - self._middle) / self._scale, noise / self._scale**2
        squares = (x[:, None, :] - x[None, :, :]) ** 2
        bounds = [*[tuple(np.log(LENGTHS))] * x.shape[1], (np.log(1e-2), np.log(1e2)), (np.log(1e-8), 0.0)]
        starts = [np.array([*[np.log(length)] * x.shape[1], 0.0, np.log(1e-4)]) for length in (0.3, 1.5)]
        fits = [
            minimize(cost, start, (squares, z, known), method="L-BFGS-B", jac=True, bounds=bounds)
            for start in starts
        ]
        self._theta: Floats = min(fits, key=lambda fit: float(fit.fun)).x
        matrix = matern(squares, self._theta) + np.diag(known + np.exp(self._theta[-1]) + JITTER)
        self._factor = cho_factor(matrix, lower=True)
        self._weights = cho_solve(self._factor, z)

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Mean (m,) and covariance (m, m) of the function at ``points`` (m, d)."""
        from scipy.linalg import cho_solve

        cross = matern((points[:, None, :] - self._x[None, :, :]) ** 2, self._theta)
        mean = self._middle + self._scale * (cross @ self._weights)
        own = matern((points[:, None, :] - points[None, :, :]) ** 2, self._theta)
        return mean, self._scale**2 * (own - cross @ cho_solve(self._factor, cross.T))

    def draw(self, points: Floats, rng: np.random.Generator, number: int = 1) -> Floats:
        """Functions that agree with what is known, at ``points`` (m, d): (number, m)."""
        mean, covariance = self.predict(points)
        size = max(float(np.trace(covariance)) / len(points), 1e-300)
        jitter = JITTER
        while True:
            try:
                factor = np.linalg.cholesky(covariance + jitter * size * np.eye(len(points)))
                break
            except np.linalg.LinAlgError:
                jitter *= (
                    10.0  # what is known almost surely has almost no variance left, and rounding eats it
                )
        drawn: Floats = mean + rng.standard_normal((number, len(points))) @ factor.T
        return drawn


def matern(squares: Floats, theta: Floats) -> Floats:
    """Matern 5/2 of squared distances by coordinate (a, b, d); ``theta``: log lengths, log variance, log addition."""
    r = np.sqrt(5.0 * (squares @ np.exp(-2.0 * theta[:-2])))
    kernel: Floats = np.exp(theta[-2]) * (1.0 + r + r * r / 3.0) * np.exp(-r)
    return kernel


def cost(theta: Floats, squares: Floats, z: Floats, known: Floats) -> tuple[float, Floats]:
    """Minus the log likelihood of ``z`` (n,), without its constant, and its gradient in ``theta``."""
    from scipy.linalg import cho_factor, cho_solve

    n = len(z)
    kernel = matern(squares, theta)
    try:
        factor = cho_factor(kernel + np.diag(known + np.exp(theta[-1]) + JITTER), lower=True)
    except np.linalg.LinAlgError:
        return 1e10, np.zeros_like(theta)
    inverse = cho_solve(factor, np.eye(n))
    weights = inverse @ z
    value = 0.5 * float(z @ weights) + float(np.log(np.diag(factor[0])).sum())
    outer = inverse - np.outer(weights, weights)
    inverse_squares = np.exp(-2.0 * theta[:-2])
    r = np.sqrt(5.0 * (squares @ inverse_squares))
    by_length = outer * (np.exp(theta[-2]) * (5.0 / 3.0) * (1.0 + r) * np.exp(-r))
    lengths = np.einsum("ab,abd->d", by_length, squares) * inverse_squares
    gradient = 0.5 * np.array(
        [*lengths, float((outer * kernel).sum()), np.exp(theta[-1]) * float(np.trace(outer))]
    )
    return value, gradient
