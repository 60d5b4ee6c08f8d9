"""The scatter plot of residuals shows the numbers of the test, in every language."""

import numpy as np
import pandas as pd
import pytest

from shanhai.methods.spatial import SpatialOverview, nearest_weights, spatial_arrays, spatial_overview
from shanhai.studies.spatial.charts import moran_scatter


@pytest.fixture(scope="module")
def overview() -> SpatialOverview:
    """Sixty places in a row of the tropics, the outcome rising along it."""
    rng = np.random.default_rng(8)
    places = pd.DataFrame({"code": [f"{i:02d}" for i in range(60)], "longitude": range(60), "latitude": 5.0})
    weights = nearest_weights(places, 2)
    columns = rng.normal(size=(60, 2))
    outcome = columns[:, 0] + np.sin(np.arange(60) / 5) + 0.3 * rng.normal(size=60)
    data = spatial_arrays(outcome, columns, ["on_border", "rain"], weights, weights.codes)
    return spatial_overview(data, rng, permutations=99, draws=200)


@pytest.mark.parametrize(
    ("language", "axis", "title"),
    [
        ("en", "mean residual of the neighbours", "Moran's I = "),
        ("zh", "邻近县残差均值（空间滞后值）", "莫兰指数 = "),
        ("both", "邻近县残差均值（空间滞后值）\nmean residual of the neighbours", "莫兰指数 Moran's I = "),
    ],
)
def test_moran_scatter_has_the_units_and_the_slope(overview, language, axis, title):
    axes = moran_scatter(overview.moran, language=language).axes[0]
    assert np.asarray(axes.collections[0].get_offsets()) == pytest.approx(
        np.column_stack([overview.moran.deviations, overview.moran.lags])
    )
    x, y = axes.lines[-1].get_data()
    assert (y[1] - y[0]) / (x[1] - x[0]) == pytest.approx(overview.moran.statistic)
    assert axes.get_ylabel() == axis
    assert axes.get_title(loc="left").startswith(title)
    assert axes.get_title(loc="left").endswith("p ≤ 0.0100")  # 99 permutations cannot give less
