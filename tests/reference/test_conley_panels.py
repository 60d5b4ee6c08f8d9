"""Conley's covariance of panels, and by the distances of other programs, against their numbers and a double loop.

``conley/fixest.R`` (the code of R's fixest) and ``conley/panels.py`` (pyfixest, linearmodels) made the stored errors of
a panel of R's ``quakes``: the first 200 places in five years.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import SpecificationError
from shanhai.methods.regression.conley import Panel, conley_covariance
from shanhai.methods.regression.fit import fit, fit_many
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable, ssc

HERE = Path(__file__).parent
FIXEST = pd.read_csv(HERE / "conley" / "fixest.csv", comment="#")
PANELS = json.loads((HERE / "conley" / "panels.json").read_text(encoding="utf-8"))["se"]
PLACE = ("lon", "lat")


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    quakes = pd.read_csv(HERE / "data" / "quakes.csv")
    row = np.arange(len(quakes))
    return quakes[["depth", "mag", "stations"]].assign(
        place=row % 200,
        year=2000 + row // 200,
        lon=quakes["long"].to_numpy()[row % 200],
        lat=quakes["lat"].to_numpy()[row % 200],
        seen=row % 7 != 6,
    )


def spec_of(covariance, effects=()):
    terms = (Variable("mag"), Variable("stations"))
    return RegressionSpec(Variable("depth"), terms, SampleSpec("quakes", "地震"), covariance, fixed_effects=effects)


def errors(frame, covariance, effects=()):
    result = fit(spec_of(covariance, effects), frame)
    return {name: result.se[result.position(name)] for name in ("mag", "stations")}


@pytest.mark.parametrize("row", FIXEST.to_dict("records"), ids=lambda row: f"{row['distance']}-{row['cutoff']}")
def test_errors_of_fixest_which_counts_pairs_of_all_periods(panel, row):
    how = {"radius_km": 6376.0} if row["distance"] == "spherical" else {"distance": "triangular"}
    found = errors(panel[panel["seen"]], CovarianceSpec.conley("uniform", row["cutoff"], PLACE, **how))
    assert found[row["term"]] == pytest.approx(row["se"], rel=1e-9)


def test_factor_of_fixest_is_n_less_one_over_n_less_k_with_all_effects(panel):
    plain, fixest, full = (
        errors(panel, CovarianceSpec.conley("uniform", 300, PLACE, factor=factor), ("place",))["mag"]
        for factor in (None, "fixest", ssc(k_fixef="full"))
    )
    assert fixest / plain == pytest.approx((999 / (1000 - 202)) ** 0.5)
    assert full == fixest


def test_driscoll_and_kraay_is_the_limit_of_a_cutoff_that_reaches_all(panel):
    covariance = CovarianceSpec.conley("uniform", 19_000, PLACE, time="year", lags=2, cross_periods=True)
    found = errors(panel, covariance, ("place",))
    assert found == pytest.approx(PANELS["pyfixest DK"], rel=1e-9)
    of_linearmodels = {name: se * (1000 / (1000 - 200)) ** 0.5 for name, se in found.items()}
    assert of_linearmodels == pytest.approx(PANELS["linearmodels DK"], rel=1e-9)


@pytest.mark.parametrize("options", [{"unit": "place"}, {"cross_periods": True}])
def test_newey_and_west_within_units_is_the_limit_of_a_cutoff_below_all_distances(panel, options):
    """pyfixest's NW of a panel is serial correlation within units alone."""
    covariance = CovarianceSpec.conley("uniform", 1e-6, PLACE, time="year", lags=2, **options)
    assert errors(panel, covariance, ("place",)) == pytest.approx(PANELS["pyfixest NW"], rel=1e-9)


def kilometres(longitude, latitude, distance):
    """Distances of all rows from all, the row's own in front."""
    east, north = np.radians(longitude), np.radians(latitude)
    up, across = north[:, None] - north, east[:, None] - east
    if distance == "great_circle":
        half = np.sin(up / 2) ** 2 + np.cos(north)[:, None] * np.cos(north) * np.sin(across / 2) ** 2
        return 2 * 6371.01 * np.arcsin(np.sqrt(half))
    width = np.cos((north[:, None] + north) / 2) if distance == "triangular" else np.cos(north)[:, None]
    return 111 * np.degrees(np.hypot(up, width * across))


def looped(scores, apart, time, unit, kernel, cutoff, lags, cross, time_kernel):
    """Middle of the sandwich, pair by pair."""
    total = np.zeros((scores.shape[1],) * 2)
    for i in range(len(scores)):
        for j in range(len(scores)):
            steps = abs(int(time[i] - time[j]))
            near = max(1 - apart[i, j] / cutoff, 0) if kernel == "bartlett" else float(apart[i, j] <= cutoff)
            late = 1 - steps / (lags + 1) if time_kernel == "bartlett" else 1.0
            late = late if steps <= lags else 0.0
            elsewhere = near if steps == 0 else late * float(unit[i] == unit[j])
            weight = near * late if cross else elsewhere
            total += weight * np.outer(scores[i], scores[j])
    return (total + total.T) / 2  # as the code after Hsiang does, whose distances are not the same both ways


@pytest.mark.parametrize("distance", ["great_circle", "triangular", "local"])
@pytest.mark.parametrize("kernel", ["uniform", "bartlett"])
@pytest.mark.parametrize(
    ("lags", "cross", "time_kernel"),
    [
        (0, False, "bartlett"),
        (2, False, "bartlett"),
        (2, False, "uniform"),
        (1, True, "bartlett"),
        (3, True, "uniform"),
    ],
)
def test_every_pair_has_its_weight(distance, kernel, lags, cross, time_kernel):
    """Units that move, gaps in time, two rows of a unit in one period, and rows at the same place."""
    rng = np.random.default_rng(3)
    n = 70
    scores, time, unit = rng.normal(size=(n, 2)), rng.choice([1, 2, 3, 5, 8], n), rng.integers(12, size=n)
    longitude, latitude = rng.uniform(100, 106, n), rng.uniform(40, 46, n)
    longitude[:30], latitude[:30] = longitude[unit[:30]], latitude[unit[:30]]
    given = {"kernel": kernel, "cutoff_km": 250.0, "distance": distance}
    panel = Panel.of(time, lags, unit, cross_periods=cross, kernel=time_kernel)
    found = conley_covariance(scores, np.eye(2), longitude, latitude, panel=panel, **given)
    apart = kilometres(longitude, latitude, distance)
    expected = looped(scores, apart, time, unit, kernel, 250.0, lags, cross, time_kernel)
    assert found.matrix == pytest.approx(expected, rel=1e-9, abs=1e-9)
    same = (time[:, None] == time) & (np.minimum(apart, apart.T) <= 250)
    assert found.pairs == (same.sum() - n) // 2


def test_without_lags_periods_stand_alone(panel):
    """Hsiang's spatial part: the sum of the periods, each by itself."""
    frame = panel[panel["seen"]]
    within = CovarianceSpec.conley("bartlett", 400, PLACE, time="year")
    middle = fit(spec_of(within), frame).covariance
    alone = fit(spec_of(CovarianceSpec("iid")), frame)
    regressors = np.column_stack([np.ones(len(frame)), frame[["mag", "stations"]]])
    bread = np.linalg.inv(regressors.T @ regressors)
    total = sum(
        conley_covariance(
            regressors[chosen] * alone.residuals[chosen, None], bread, frame["lon"][chosen], frame["lat"][chosen],
            kernel="bartlett", cutoff_km=400,
        ).matrix
        for year in range(2000, 2005)
        for chosen in ((frame["year"] == year).to_numpy(),)
    )  # fmt: skip
    assert middle == pytest.approx(total, rel=1e-8)


def test_many_covariances_of_one_regression_are_those_of_each(panel):
    frame = panel.assign(year=panel["year"].where(panel["seen"]))
    wanted = [
        CovarianceSpec("HC1"),
        CovarianceSpec.conley("uniform", 200, PLACE),
        CovarianceSpec.conley("uniform", 200, PLACE, time="year", lags=1, unit="place"),
    ]
    together = fit_many(spec_of(wanted[0]), frame, wanted)
    for covariance, result in zip(wanted, together, strict=True):
        assert result.se == pytest.approx(fit(spec_of(covariance), frame).se)
    assert [result.n for result in together] == [1000, 1000, int(panel["seen"].sum())]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lags": 2}, "without time; allowed"),
        ({"time": "year", "lags": 2}, "2 lags without a unit"),
        ({"time": "year", "lags": -1}, "lags is -1; allowed"),
        ({"time": "year", "lags": 1, "unit": "place", "cross_periods": True}, "unit 'place' with cross_periods"),
        ({"distance": "euclidean"}, "distance of conley is 'euclidean'"),
        ({"radius_km": 0}, "radius_km is 0"),
        ({"time": "year", "lags": 1, "unit": "place", "time_kernel": "parzen"}, "kernel of time is 'parzen'"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options, message):
    with pytest.raises(SpecificationError, match=message):
        CovarianceSpec.conley("uniform", 100, **options)


def test_periods_that_are_no_whole_numbers_are_refused(panel):
    frame = panel.assign(year=panel["year"] + 0.25)
    with pytest.raises(SpecificationError, match=r"the period is 2000.25 in a row; allowed: whole numbers"):
        fit(spec_of(CovarianceSpec.conley("uniform", 100, PLACE, time="year")), frame)


def test_new_fields_leave_the_identity_of_older_specifications():
    """Ids that stand in committed results."""
    old = spec_of(CovarianceSpec.conley("bartlett", 100, PLACE))
    new = spec_of(CovarianceSpec.conley("bartlett", 100, PLACE, time="year"))
    assert old.spec_id == "9a1486740472"
    assert spec_of(CovarianceSpec("cluster", ("place",), "CR1S")).spec_id == "2671ce223cea"
    assert new.spec_id != old.spec_id
