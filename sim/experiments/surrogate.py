"""A surrogate: a Gaussian process through noisy means, from which whole functions can be drawn.

Matern 5/2 with a length for each coordinate, the noise of each mean known up to a common addition; lengths, size and
addition by maximum likelihood (Rasmussen and Williams 2006, ch. 2 and 5). Points live in the unit cube. Good for some
hundreds of points; a matrix of their number is factored at each step.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LENGTHS = (0.05, 10.0)  # in units of a coordinate's range
JITTER = 1e-8


class Surrogate:
    """Fitted to ``y`` (n,) at ``x`` (n, d) with variances ``noise`` (n,) of the means; deterministic."""

    def __init__(self, x: Floats, y: Floats, noise: Floats) -> None:
        from scipy.linalg import cho_factor, cho_solve, solve_triangular
        from scipy.optimize import minimize

        self._middle, self._scale = float(y.mean()), float(y.std()) or 1.0
        self._x = x
        z, known = (y - self._middle) / self._scale, noise / self._scale**2
        bounds = [
            *[tuple(np.log(LENGTHS))] * x.shape[1],
            (np.log(1e-2), np.log(1e2)),
            (np.log(1e-8), np.log(1.0)),
        ]

        squares = (x[:, None, :] - x[None, :, :]) ** 2

        def cost(theta: Floats) -> float:
            matrix = _matern(squares, theta) + np.diag(known + np.exp(theta[-1]) + JITTER)
            try:
                factor = np.linalg.cholesky(matrix)
            except np.linalg.LinAlgError:
                return 1e10
            half = solve_triangular(factor, z, lower=True, check_finite=False)
            return float(0.5 * half @ half + np.log(np.diag(factor)).sum())

        starts = [np.array([*[np.log(length)] * x.shape[1], 0.0, np.log(1e-4)]) for length in (0.3, 1.0, 3.0)]
        fits = [minimize(cost, start, method="L-BFGS-B", bounds=bounds) for start in starts]
        self._theta: Floats = min(fits, key=lambda fit: float(fit.fun)).x
        matrix = self._kernel(x, x, self._theta) + np.diag(known + np.exp(self._theta[-1]) + JITTER)
        self._factor = cho_factor(matrix, lower=True)
        self._weights = cho_solve(self._factor, z)

    def _kernel(self, a: Floats, b: Floats, theta: Floats) -> Floats:
        return _matern((a[:, None, :] - b[None, :, :]) ** 2, theta)

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Mean (m,) and covariance (m, m) of the function at ``points`` (m, d)."""
        from scipy.linalg import cho_solve

        cross = self._kernel(points, self._x, self._theta)
        mean = self._middle + self._scale * (cross @ self._weights)
        covariance = self._kernel(points, points, self._theta) - cross @ cho_solve(self._factor, cross.T)
        return mean, self._scale**2 * covariance

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


def _matern(squares: Floats, theta: Floats) -> Floats:
    """Matern 5/2 of squared distances by coordinate (a, b, d); ``theta``: log lengths, log variance, log addition."""
    r = np.sqrt(5.0 * (squares @ np.exp(-2.0 * theta[:-2])))
    kernel: Floats = np.exp(theta[-2]) * (1.0 + r + r * r / 3.0) * np.exp(-r)
    return kernel
