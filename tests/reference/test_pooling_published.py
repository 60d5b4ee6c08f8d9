"""Pooling against published numbers and against statsmodels.

BCG vaccine against tuberculosis, 13 trials (Colditz et al. 1994): counts as in the data set ``dat.bcg`` of R's metafor.
Viechtbauer (2010, Journal of Statistical Software 36(3), section 3.2) prints for the log risk ratios Q = 152.23 with 12
degrees of freedom, and the Q-profile intervals of tau2, 0.1197 to 1.1115, and of I2, 81.9 to 97.7 %; none depends on
the estimator of tau2. Efron & Morris (1975, Journal of the American Statistical Association 70) shrink the transformed
batting averages of 18 players, each with error one, by the factor 0.791 towards their mean.
"""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from shanhai.methods.pooling import pool

TUBERCULOSIS = np.array(
    # cases and others among the vaccinated, cases and others among controls
    [
        (4, 119, 11, 128), (6, 300, 29, 274), (3, 228, 11, 209), (62, 13536, 248, 12619), (33, 5036, 47, 5761),
        (180, 1361, 372, 1079), (8, 2537, 10, 619), (505, 87886, 499, 87892), (29, 7470, 45, 7232),
        (17, 1699, 65, 1600), (186, 50448, 141, 27197), (5, 2493, 3, 2338), (27, 16886, 29, 17825),
    ],
    dtype=float,
)  # fmt: skip

PLAYERS = np.array(
    [
        *(-1.35, -1.66, -1.97, -2.28, -2.60, -2.60, -2.92, -3.26, -3.60),
        *(-3.60, -3.95, -3.95, -3.95, -3.95, -3.95, -4.32, -4.70, -5.10),
    ]
)


def log_risk_ratios() -> tuple[np.ndarray, np.ndarray]:
    a, b, c, d = TUBERCULOSIS.T
    return np.log(a / (a + b) / (c / (c + d))), np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))


def test_spread_of_the_vaccine_trials_is_the_published_one() -> None:
    pooled = pool(*log_risk_ratios())
    assert pooled.q == pytest.approx(152.23, abs=5e-3)
    assert pooled.variance_interval == pytest.approx((0.1197, 1.1115), abs=5e-5)
    _, low, high = pooled.heterogeneity
    assert (100 * low, 100 * high) == pytest.approx((81.9, 97.7), abs=0.05)


def test_mean_and_spread_are_those_of_statsmodels() -> None:
    effects, errors = log_risk_ratios()
    pooled, theirs = pool(effects, errors), combine_effects(effects, errors**2, method_re="pm", use_t=True, atol=1e-9)
    assert pooled.variance == pytest.approx(theirs.tau2, rel=1e-7)
    assert pooled.mean.value == pytest.approx(theirs.mean_effect_re, rel=1e-7)
    assert pooled.mean.interval() == pytest.approx(theirs.conf_int()[3], rel=1e-6)  # Hartung-Knapp-Sidik-Jonkman


def test_batting_averages_shrink_as_published() -> None:
    units = pool(PLAYERS, np.ones(18)).units()
    assert 1 - units["kept"].to_numpy() == pytest.approx(np.full(18, 0.791), abs=5e-4)
    clemente, middle = units.iloc[0], PLAYERS.mean()
    assert clemente["shrunk"] == pytest.approx(0.791 * middle + 0.209 * -1.35, abs=2e-3)
    # Morris (1983): v (1 - (k - 1) / k B) + 2 / (k - 3) B^2 (y - mean)^2 where all errors are one
    b, far = 0.791, -1.35 - middle
    assert clemente["shrunk_se"] ** 2 == pytest.approx(1 - 17 / 18 * b + 2 / 15 * b**2 * far**2, abs=2e-3)
