"""The table of all adjustments: the main estimate first, covariates without outcomes, simulated truth found."""

import numpy as np
import pandas as pd
import pytest
from simulated_counties import Effects, simulate_counties

from shanhai.methods import fit
from shanhai.methods.adjustment import ESTIMANDS
from shanhai.studies.border.design import border_spec
from shanhai.studies.robustness.analysis import border_or_mountain
from shanhai.studies.robustness.design import ADJUSTMENTS, border_comparison

TRUTH = -0.25


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(77)
    effects = Effects(border=TRUTH, terrain=-0.2, border_x_terrain=0.0, district=0.0, noise=0.15)
    counties = simulate_counties(rng, effects, n=2500, side=5)
    return counties.assign(
        gdp_per_capita_2021=counties["gdp_per_capita"],
        elevation_mean_m=300 + 2 * counties["ruggedness"] + rng.normal(scale=150, size=len(counties)),
        area_km2=np.exp(rng.normal(7, 0.5, size=len(counties))),
        distance_to_capital_km=np.exp(rng.normal(5, 0.4, size=len(counties))),
    )


def test_every_adjustment_finds_the_border_of_simulated_counties(frame: pd.DataFrame) -> None:
    adjusted = border_or_mountain(frame)
    table = adjusted.table
    assert table["adjustment"].iloc[0] == "pre_specified"
    assert table.groupby("adjustment", sort=False).size().tolist() == [1, 8, 8, 8]
    main = fit(border_spec(), frame)
    assert table["estimate"].iloc[0] == main.params[0] and table["se"].iloc[0] == main.se[0]
    # over seeds estimates spread by 0.010 to 0.012; propensity weights alone lean on a logit that is not quite right
    gap = (table["estimate"] - TRUTH).abs()
    leaning = table["method"].isin(["odds weights", "inverse-probability weights"])
    assert gap[~leaning].max() < 0.036 and gap[leaning].max() < 0.08
    assert abs(fit(border_spec("raw"), frame).params[0] - TRUTH) > 0.08
    assert set(table["estimand"]) == set(ESTIMANDS)
    assert (table["identifies"] == table["estimand"].map(lambda key: ESTIMANDS[key])).all()
    balanced = table[table["method"].isin(["overlap weights", "entropy balancing"])]
    assert balanced["largest_difference"].max() < 1e-6
    schemes = {"unweighted", "overlap weights", "entropy balancing", "matched pairs"}
    assert set(adjusted.balance["scheme"]) == schemes and len(adjusted.balance) == 3 * 4 * 5


@pytest.mark.parametrize("key", ADJUSTMENTS)
def test_no_covariate_is_an_outcome(key: str) -> None:
    assert border_comparison(key).outcome_controls == ()
    columns = {variable.column for variable in ADJUSTMENTS[key]}
    assert columns <= {"ruggedness", "elevation_mean_m", "is_district", "area_km2", "distance_to_capital_km"}
