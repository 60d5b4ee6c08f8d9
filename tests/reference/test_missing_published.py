"""Multiple imputation beside statsmodels: Rubin's variance with its MICE, the imputation model with its MixedLM."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from numpy.random import default_rng
from statsmodels.imputation.mice import MICE, MICEData

from shanhai.methods.estimate import Estimate
from shanhai.methods.missing import draw_posterior, pool_estimates


@pytest.fixture(scope="module")
def mice() -> MICE:
    rng = default_rng(4)
    frame = pd.DataFrame(rng.normal(size=(120, 3)), columns=["y", "x", "z"])
    frame["y"] += frame["x"]
    frame.loc[frame.index[::4], "y"] = np.nan
    np.random.seed(6)  # noqa: NPY002  statsmodels draws from the global generator
    model = MICE("y ~ x + z", sm.OLS, MICEData(frame))
    model.fit(n_burnin=3, n_imputations=12)
    return model


def test_pooled_estimate_and_total_variance_are_those_of_statsmodels(mice: MICE) -> None:
    theirs = mice.combine()
    for place in range(3):
        ours = pool_estimates(
            [Estimate(result.params.iloc[place], result.bse.iloc[place], 117, "OLS") for result in mice.results_list]
        )
        assert ours.estimate.value == pytest.approx(theirs.params[place], rel=1e-12)
        assert ours.estimate.se == pytest.approx(theirs.bse[place], rel=1e-12)
        assert ours.missing_share == pytest.approx(theirs.frac_miss_info[place], rel=1e-12)


def test_degrees_of_freedom_are_those_of_the_manual_of_sas() -> None:
    """SAS/STAT, the MI procedure: "with m = 5 and r = 10%, the computed degrees of freedom" are 484; r is the ratio of
    (1 + 1/m) times the variance between to that within. Barnard and Rubin's never exceed those of the complete data."""
    between = 0.1 / (1 + 1 / 5)
    values = np.array([-2.0, -1, 0, 1, 2]) * (between / 2.5) ** 0.5
    large = pool_estimates([Estimate(value, 1.0) for value in values])
    assert large.estimate.df == pytest.approx(484)
    assert pool_estimates([Estimate(value, 1.0, 60) for value in values]).estimate.df < 60


def test_posterior_means_are_the_estimates_of_a_mixed_model() -> None:
    rng = default_rng(12)
    cluster = np.repeat(np.arange(80), 8)
    regressors = np.column_stack([np.ones(640), rng.normal(size=640)])
    outcome = regressors @ [2.0, -0.7] + rng.normal(0, 0.8, 80)[cluster] + rng.normal(0, 0.6, 640)
    theirs = sm.MixedLM(outcome, regressors, groups=cluster).fit(reml=True)
    ours = draw_posterior(outcome, regressors, pd.Series(cluster), rng, draws=1000, thin=2)
    spreads = ours.slopes.std(axis=0, ddof=1)
    # posterior means have a simulation error of a few hundredths of their spread; priors move spreads by order 1 / 80
    assert ours.slopes.mean(axis=0) == pytest.approx(theirs.fe_params, abs=0.15 * spreads.max())
    assert spreads == pytest.approx(theirs.bse_fe, rel=0.1)
    assert ours.spread_within.mean() == pytest.approx(theirs.scale**0.5, rel=0.02)
    assert ours.spread_between.mean() == pytest.approx(float(theirs.cov_re[0, 0]) ** 0.5, rel=0.05)
    effects = pd.Series({key: value.iloc[0] for key, value in theirs.random_effects.items()})
    assert np.corrcoef(ours.effects.mean(), effects)[0, 1] > 0.999
