"""Conley standard errors of R's ``quakes`` data (depth on mag) against published numbers.

The numbers are those of two independent programs, without small-sample factor: the uniform kernel with a radius of
6376 km (R's fixest), and Bartlett's with 6371.01 km (R's conleyreg). The data come from ``data/quakes.R``.
The tolerance is one unit of the last printed digit: the least squares behind them were rounded elsewhere.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shanhai.methods.regression.conley import conley_covariance
from shanhai.methods.regression.pairs import kernel_matrix

PUBLISHED = [
    ("uniform", 6376.0, 100, 19.165598059),
    ("uniform", 6376.0, 200, 22.883522316),
    ("bartlett", 6371.01, 100, 18.695106212),
    ("bartlett", 6371.01, 200, 19.716527570),
]


@pytest.fixture(scope="module")
def quakes() -> pd.DataFrame:
    return pd.read_csv(Path(__file__).parent / "data" / "quakes.csv")


@pytest.fixture(scope="module")
def least_squares(quakes) -> tuple[np.ndarray, np.ndarray]:
    """Scores and bread of depth on an intercept and mag."""
    regressors = np.column_stack([np.ones(len(quakes)), quakes["mag"]])
    bread = np.linalg.inv(regressors.T @ regressors)
    depth = quakes["depth"].to_numpy(dtype=float)
    residuals = depth - regressors @ (bread @ (regressors.T @ depth))
    return regressors * residuals[:, None], bread


@pytest.mark.parametrize(("kernel", "radius", "cutoff", "se"), PUBLISHED)
def test_published_standard_errors(quakes, least_squares, kernel, radius, cutoff, se):
    result = conley_covariance(
        *least_squares, quakes["long"], quakes["lat"], kernel=kernel, cutoff_km=cutoff, radius_km=radius
    )
    assert result.se[1] == pytest.approx(se, abs=1e-9)
    assert result.is_psd


@pytest.mark.parametrize(("kernel", "radius", "cutoff", "se"), PUBLISHED)
def test_published_standard_errors_by_the_sparse_matrix(quakes, least_squares, kernel, radius, cutoff, se):
    scores, bread = least_squares
    weights = kernel_matrix(quakes["long"], quakes["lat"], kernel=kernel, cutoff_km=cutoff, radius_km=radius)
    matrix = bread @ (scores.T @ (weights @ scores)) @ bread
    assert np.sqrt(matrix[1, 1]) == pytest.approx(se, abs=1e-9)


def test_longitudes_beyond_180_are_those_on_the_other_side(quakes, least_squares):
    assert quakes["long"].max() > 180
    wrapped = (quakes["long"] + 180) % 360 - 180
    first, second = (
        conley_covariance(*least_squares, east, quakes["lat"], kernel="bartlett", cutoff_km=200)
        for east in (quakes["long"], wrapped)
    )
    assert first.matrix == pytest.approx(second.matrix, rel=1e-9)
    assert first.pairs == second.pairs
