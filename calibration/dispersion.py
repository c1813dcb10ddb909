"""How far prices of sold lots are spread: the standard deviation of ln(price), which the commission's share of turnover tells.

Commission is charged by bands that fall with the price, so at a given mean price its share of turnover says how prices are
spread: of all that is asked of print, this is among what it answers best, whatever explains the prices.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from calibration.expected import Mix
from calibration.readings import BASES
from calibration.world import BATCH, World

Floats = npt.NDArray[np.float64]


def dispersion(world: World, theta: Floats, window: str, basis: str) -> Floats:
    """(n,) standard deviation of ln(price) among the lots sold in a window, at parameter vectors (n, p)."""
    w, b = world.windows.index(window), BASES.index(basis)
    parts = [_of_mix(world.mix(theta[i : i + BATCH]), w, b) for i in range(0, len(theta), BATCH)]
    return np.concatenate(parts) if parts else np.empty(0)


def _of_mix(mix: Mix, window: int, basis: int) -> Floats:
    """Within cells and between them. Price = value x start / value x price / start; the last is 1
    where a bidder was alone, else 1 + a lognormal excess (as ``sheet`` draws it), of whose logarithm two moments are told.
    """
    weight = mix.weight[:, window, basis]
    share = weight / weight.sum(axis=1, keepdims=True)
    of_cell = np.repeat(np.arange(mix.median.shape[1]), weight.shape[1] // mix.median.shape[1])
    alone, excess, sd = (x[:, window, basis] for x in (mix.alone, mix.excess, mix.excess_sd))
    above = np.log1p((sd / (1.0 + excess)) ** 2)  # 1 + excess as lognormal of the same mean and sd
    contested = np.log1p(excess) - above / 2.0
    climb = (1.0 - alone) * contested
    climb2 = (1.0 - alone) * (above + contested**2)
    mean = np.log(mix.median[:, of_cell]) + mix.log_start[:, window, basis] + climb
    inside = mix.log_sd[:, of_cell] ** 2 + mix.start_sd[:, window, basis] ** 2 + climb2 - climb**2
    middle = (share * mean).sum(axis=1, keepdims=True)
    return np.asarray(np.sqrt((share * (inside + (mean - middle) ** 2)).sum(axis=1)))
