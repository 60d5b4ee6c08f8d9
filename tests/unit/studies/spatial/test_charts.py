"""The charts show the numbers of the results, in every language, and refuse what cannot be drawn."""

import numpy as np
import pandas as pd
import pytest

from shanhai.core.errors import ReportError, SpecificationError
from shanhai.methods.spatial import SpatialOverview, nearest_weights, spatial_arrays, spatial_overview
from shanhai.studies.spatial.charts import moran_scatter, spatial_coefficients_figure, spatial_effects_figure


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
        ("en", "residual: mean of the neighbours", "Moran's I = "),
        ("zh", "残差：邻居均值", "莫兰指数 = "),
        ("both", "残差：邻居均值\nresidual: mean of the neighbours", "莫兰指数 Moran's I = "),
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


def test_coefficients_are_those_of_the_models(overview):
    figure = spatial_coefficients_figure(overview, ("on_border", "rain"), labels={"rain": "rain (mm)"})
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "least squares",
        "spatial lag",
        "spatial error",
        "spatial Durbin",
    ]
    assert [text.get_text() for text in axes.get_yticklabels()] == ["on a provincial border", "rain (mm)"]
    table = overview.coefficients.set_index(["model", "term"])["estimate"]
    for line, model in zip(axes.lines, ("ols", "lag", "error", "durbin"), strict=False):
        assert list(line.get_xdata()) == [table[(model, "on_border")], table[(model, "rain")]]


def test_effects_are_named_in_both_languages(overview):
    axes = spatial_effects_figure(overview, ("on_border",), language="both").axes[0]
    names = [text.get_text().replace("\n", " ") for text in axes.get_yticklabels()]
    assert names[0] == "省际边界县：直接 on a provincial border: direct"
    assert len(names) == 3
    table = overview.effects.set_index(["model", "term", "impact"])["estimate"]
    assert list(axes.lines[0].get_xdata()) == [
        table[("lag", "on_border", key)] for key in ("direct", "indirect", "total")
    ]


def test_unknown_terms_and_languages_are_refused(overview):
    with pytest.raises(SpecificationError, match="no label for coefficient 'rain'"):
        spatial_coefficients_figure(overview, ("rain",))
    with pytest.raises(ReportError, match="No estimate"):
        spatial_effects_figure(overview, ("snow",), labels={"snow": "snow"})
