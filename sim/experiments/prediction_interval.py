"""How far the effect of a policy may lie from its mean over draws: parameters and Monte Carlo error together.

Draw k has the true effect d_k, of which m_k, the mean of R pairs, is known with Monte Carlo error:

    m_k = d_k + e_k,    d_k ~ (mu, B) between draws,    e_k ~ (0, s^2 / R) within a draw.

The interval is for the effect d at one more draw, the parameters that hold being as unknown as the draws say. It is the
central posterior predictive interval of the one-way model with random effects under its standard prior, uniform in mu
and in the logarithms of s^2 and of the variance of a draw's mean, V = B + s^2 / R (Tiao and Tan 1965, Biometrika 52;
Box and Tiao 1973, Bayesian Inference in Statistical Analysis, ch. 5). V and N = s^2 / R are estimated by v and n with
f and g degrees of freedom; given that V >= N,

    d - m  has variance  V c + (V - N),    c = sum w_k^2 (1 / K for equal weights),

and d - m given w = (share of v's chi-squared in both) is a Student t with f + g degrees of freedom, scaled. So whatever
v - n, the estimate of B, comes out as, below zero too, B is never taken for known to be zero: there is one interval, and
it goes over from that of a mean known to within v c (no B) to that of one more draw, v (1 + c) with f degrees of freedom
(B all there is). It covers at least what it claims, and hardly more where parameters matter: benchmarks/coverage-results.md.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sim.theory.values import on_unit

Floats = npt.NDArray[np.float64]
NODES = 24  # of the quadrature: seven digits and more
HARDLY = 1e-9  # a chance below which v is too small beside n for the model: taken for as small as that
STEPS, CLOSE = 100, 1e-6  # of Newton's method, which is done when no cell moves by more than this share


def half_width(v: Floats, f: Floats, n: Floats, g: Floats, c: Floats, level: float = 0.95) -> Floats:
    """Half-width of the interval, cell by cell; the names are those above. All (cells,); nan where any is nan."""
    out = np.full(v.shape, np.nan)
    known = np.isfinite(v + f + n + g + c) & (f > 0.0) & (g > 0.0)
    out[known] = 0.0  # where nothing varies
    use = known & (v + n > 0.0)
    if use.any():
        v, f, n, g, c = (x[use, None] for x in (v, f, n, g, c))
        scale, weight = _mixture(v, f, n, g, c)
        out[use] = _quantile(scale, weight, f + g, level)
    return out


def _mixture(v: Floats, f: Floats, n: Floats, g: Floats, c: Floats) -> tuple[Floats, Floats]:
    """Scales of the Student t's at the nodes, and their weights: (cells, nodes).

    w is Beta(f / 2, g / 2), cut off above where V = N; the nodes lie evenly in the angle whose squared sine it is, for
    there its density is smooth however few the degrees of freedom.
    """
    from scipy.special import betainc, betaincinv

    shape = f / 2.0, g / 2.0
    last = np.maximum(v * f / (v * f + n * g), betaincinv(*shape, HARDLY))
    v = np.where(n > 0.0, np.maximum(v, n * g * last / (f * np.maximum(1.0 - last, HARDLY))), v)
    below = betainc(*shape, last)
    ends = [np.arcsin(np.sqrt(betaincinv(*shape, below * share))) for share in (HARDLY, 1.0 - HARDLY)]
    node, weight = on_unit(NODES)
    angle = ends[0] + (ends[1] - ends[0]) * node
    density = (f - 1.0) * np.log(np.sin(angle)) + (g - 1.0) * np.log(np.cos(angle))
    weight = weight * np.exp(density - density.max(axis=1, keepdims=True))
    variance = v * f * (1.0 + c) / np.sin(angle) ** 2 - n * g / np.cos(angle) ** 2
    return np.sqrt(variance / (f + g)), weight / weight.sum(axis=1, keepdims=True)


def _quantile(scale: Floats, weight: Floats, degrees: Floats, level: float) -> Floats:
    """The central ``level`` of mixtures of scaled Student t's: half-widths (cells,).

    The chance to lie inside is concave in the half-width, so that Newton's method, begun below, stays below.
    """
    from scipy.special import gammaln, stdtr, stdtrit

    power = (degrees + 1.0) / 2.0
    top = np.exp(gammaln(power) - gammaln(power - 0.5)) / np.sqrt(degrees * np.pi)
    half = stdtrit(degrees, 0.5 + level / 2.0) * scale.min(axis=1, keepdims=True)
    for _ in range(STEPS):
        z = half / scale
        inside = ((2.0 * stdtr(degrees, z) - 1.0) * weight).sum(axis=1, keepdims=True)
        density = (2.0 * top * (1.0 + z * z / degrees) ** -power / scale * weight).sum(axis=1, keepdims=True)
        step = (level - inside) / density
        half = half + step
        if (np.abs(step) <= CLOSE * half).all():
            break
    return np.asarray(half[:, 0])
