"""Terrain by border, and dose by terrain: simulated counties give back what was put in."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from simulated_counties import Effects, simulate_counties

from shanhai.core.errors import SpecificationError
from shanhai.methods import fit
from shanhai.methods.adjustment import binned_surface, dose_of_terrain, smooth_surface
from shanhai.methods.adjustment._surface import knots_at_quantiles, natural_spline
from shanhai.methods.spec import CovarianceSpec, Interaction, RegressionSpec, SampleSpec, Variable

TRUTH = Effects(border=-0.3, terrain=-0.2, border_x_terrain=-0.15, noise=0.2)
SPEC = RegressionSpec(
    outcome=Variable("gdp_per_capita", "log"),
    terms=(Variable("on_border"),),
    controls=(Variable("ruggedness"), Variable("is_district")),
    fixed_effects=("province_code",),
    sample=SampleSpec("simulated", "模拟"),
    covariance=CovarianceSpec("cluster", ("prefecture_code",), "CR1S"),
)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    counties = simulate_counties(np.random.default_rng(31), TRUTH, n=4000)
    return counties.assign(gap_to_border_km=(counties["distance_to_border_km"] - 40.0).clip(lower=0.0))


def in_deviations(frame: pd.DataFrame, at: pd.Series) -> np.ndarray:
    """Effect of the border at levels of ruggedness."""
    z = (at - frame["ruggedness"].mean()) / frame["ruggedness"].std(ddof=1)
    return TRUTH.border + TRUTH.border_x_terrain * z.to_numpy()


def test_bins_give_the_border_effect_at_their_terrain(frame: pd.DataFrame) -> None:
    surface = binned_surface(SPEC, frame)
    points = surface.points
    inner = points[points["bin"] < 5]  # the last bin is long: its mean effect is not that at its median
    assert (np.abs(inner["estimate"] - in_deviations(frame, inner["at"])) < 3 * inner["se"]).all()
    assert points["estimate"].iloc[-1] < points["estimate"].iloc[0] - 0.2
    assert surface.flat.p < 0.01
    assert points[["n_treated", "n_control"]].to_numpy().sum() == surface.result.n == len(frame)


def test_smooth_curve_follows_the_truth_and_its_band_is_wider(frame: pd.DataFrame) -> None:
    surface = smooth_surface(SPEC, frame, np.random.default_rng(1))
    points = surface.points
    truth = in_deviations(frame, points["at"])
    assert ((points["band_low"] < truth) & (truth < points["band_high"])).mean() > 0.9
    assert (points["band_low"] < points["low_95"]).all() and (points["high_95"] < points["band_high"]).all()
    again = smooth_surface(SPEC, frame.sample(frac=1, random_state=2), np.random.default_rng(1)).points
    pd.testing.assert_frame_equal(points, again, rtol=1e-8)


def test_one_difference_for_all_terrain_is_not_rejected() -> None:
    even = replace(TRUTH, border_x_terrain=0.0)
    surface = binned_surface(SPEC, simulate_counties(np.random.default_rng(5), even, n=3000))
    assert surface.flat.p > 0.05 and surface.flat.df_numerator == 4


def test_two_bins_are_the_regression_with_a_product(frame: pd.DataFrame) -> None:
    """Another route to the same numbers: dummy for the upper half, its product with the border."""
    high = frame.assign(high=frame["ruggedness"] >= frame["ruggedness"].median())
    product = Interaction(Variable("on_border"), Variable("high"))
    terms = (Variable("on_border"), Variable("high"), product)
    result = fit(replace(SPEC, terms=terms, controls=SPEC.controls[1:]), high)
    points = binned_surface(SPEC, frame, bins=2).points
    assert points["estimate"].tolist() == pytest.approx([result.params[0], result.params[0] + result.params[2]])


def test_dose_separates_mountain_from_border(frame: pd.DataFrame) -> None:
    dose = dose_of_terrain(SPEC, frame, "gap_to_border_km")
    table = dose.table.set_index(["quantity", "part"])
    interior, border = table.loc[("terrain", "interior")], table.loc[("terrain", "border")]
    assert abs(interior["estimate"] - TRUTH.terrain) < 3 * interior["se"]
    assert abs(border["estimate"] - TRUTH.terrain - TRUTH.border_x_terrain) < 3 * border["se"]
    assert table.loc[("border", "flat"), "estimate"] > table.loc[("border", "rugged"), "estimate"] + 0.1
    assert interior["n"] == int((~frame["on_border"]).sum())
    assert interior["n"] + border["n"] == len(frame)
    assert table.loc[("terrain", "far"), "n"] == int((frame["gap_to_border_km"] >= 20).sum())
    assert dose.beyond_km == 20.0
    assert dose.steps["n"].sum() == interior["n"]
    far = dose.steps.iloc[-1]
    assert far["estimate"] + 3 * far["se"] < 0.0 == dose.steps["estimate"].iloc[0]
    assert dose.straight.p > 0.01  # the truth is a straight line


def test_missing_values_stay_with_their_rows(frame: pd.DataFrame) -> None:
    holes = frame.copy()
    holes.loc[holes.index[::9], "ruggedness"] = np.nan
    holes["on_border"] = holes["on_border"].astype("boolean").mask(holes.index % 13 == 0)
    whole = holes.dropna().astype({"on_border": bool})
    left, right = binned_surface(SPEC, holes).points, binned_surface(SPEC, whole).points
    pd.testing.assert_frame_equal(left, right)
    pd.testing.assert_frame_equal(
        dose_of_terrain(SPEC, holes, "gap_to_border_km").table, dose_of_terrain(SPEC, whole, "gap_to_border_km").table
    )


def test_spline_is_straight_beyond_its_knots_and_smooth_within() -> None:
    knots = np.array([0.0, 1.0, 2.0, 4.0])
    far = natural_spline(np.array([5.0, 6.0, 7.0, -3.0, -2.0, -1.0]), knots)
    assert far[0] + far[2] == pytest.approx(2 * far[1])
    assert far[3] + far[5] == pytest.approx(2 * far[4])
    near = natural_spline(np.array([1.0 - 1e-6, 1.0, 1.0 + 1e-6]), knots)
    assert near[2] - 2 * near[1] + near[0] == pytest.approx([0, 0, 0], abs=1e-11)
    assert knots_at_quantiles(np.arange(101.0), 3).tolist() == [10.0, 50.0, 90.0]


def test_wrong_questions_are_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(SpecificationError, match="two or more"):
        binned_surface(SPEC, frame, bins=1)
    with pytest.raises(SpecificationError, match="both in every bin"):
        binned_surface(SPEC, frame[~frame["on_border"] | (frame["ruggedness"] > 150)])
    with pytest.raises(SpecificationError, match="allowed: 3, 4, 5"):
        smooth_surface(SPEC, frame, np.random.default_rng(1), knots=9)
    with pytest.raises(SpecificationError, match="are not rising"):
        smooth_surface(SPEC, frame.assign(ruggedness=frame["ruggedness"] > 500), np.random.default_rng(1))
    two = replace(SPEC, terms=(Variable("on_border"), Variable("ruggedness")), controls=())
    with pytest.raises(SpecificationError, match="allowed: one 0/1 Variable"):
        dose_of_terrain(two, frame, "gap_to_border_km")
