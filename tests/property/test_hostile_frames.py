"""Hostile but realistic frames: each gives a finite number or an error of the project, never a failure further in."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from shanhai.errors import SpecificationError
from shanhai.model import explain_gap, fit, scpc, wild_bootstrap
from shanhai.model.confounding.oster import stability
from shanhai.model.growth import fit_pairs
from shanhai.model.placebo.noise import noise_placebo
from shanhai.model.placebo.randomization import permutation_test
from shanhai.model.placebo.surface import SpatialNoise
from shanhai.model.spatial import fit_lag, nearest_weights, spatial_data
from shanhai.model.variations import estimate_variations
from shanhai.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

N = 80
CLUSTER = CovarianceSpec("cluster", ("g",), "CR1")
SPEC = RegressionSpec(
    Variable("y"), (Variable("x"), Variable("z")), SampleSpec("all", "全部"), CLUSTER, fixed_effects=("h",), weights="w"
)
CONLEY = replace(SPEC, covariance=CovarianceSpec.conley("bartlett", 200.0))
PLAIN = replace(SPEC, weights=None, fixed_effects=())
NOISE = SpatialNoise(0.5, 100.0)
DRAWN = replace(SPEC, terms=(Variable("d"),))

Frame = pd.DataFrame
ESTIMATORS: dict[str, Callable[[Frame], object]] = {
    "cluster": lambda f: fit(SPEC, f).se,
    "CR2": lambda f: fit(replace(SPEC, covariance=CovarianceSpec("cluster", ("g",), "CR2")), f).se,
    "conley": lambda f: fit(CONLEY, f).se,
    "scpc": lambda f: scpc(CONLEY, f, "x").p,
    "wild": lambda f: wild_bootstrap(SPEC, f, "x", draws=99, seed=1).p,
    "variations": lambda f: estimate_variations([SPEC, CONLEY], f).estimated[["estimate", "se"]],
    "pairs": lambda f: fit_pairs(f.assign(change=f["y"]), ("x", "z"), f["g"], f["h"]).estimate("x"),
    "permutation": lambda f: permutation_test(DRAWN, f, "d", 99, np.random.default_rng(1), "h").p,
    "lag": lambda f: fit_lag(spatial_data(PLAIN, f, nearest_weights(f, 5))).se,
    "gap": lambda f: (
        explain_gap(SPEC, f, set(f["code"][:9]), set(f["code"]), {"x": ("x",), "z": ("z",)}, weight="w").gap
    ),
    "stability": lambda f: stability(fit(PLAIN, f), f, "x").long,
    "noise": lambda f: noise_placebo(CONLEY, f, [CLUSTER, CONLEY.covariance], NOISE, 20, 1, term="x")["t_spread"],
}


def changed(column: str, how: Callable[[pd.Series], pd.Series]) -> Callable[[Frame], Frame]:
    return lambda frame: frame.assign(**{column: how(frame[column])})


HOSTILE: dict[str, Callable[[Frame], Frame]] = {
    "clusters of text": changed("g", lambda s: s.astype(str).astype("string")),
    "clusters missing": changed("g", lambda s: s.astype("Int64").mask(s.index < 4)),
    "clusters of two types": changed("g", lambda s: s.astype(object).mask(s.index < 3, "a")),
    "one cluster": changed("g", lambda s: s * 0),
    "effects true or false": changed("h", lambda s: s < 3),
    "effects missing": changed("h", lambda s: s.astype(float).mask(s.index < 4)),
    "effects nullable": changed("h", lambda s: s.astype("Int64").mask(s.index < 4)),
    "whole numbers": changed("x", lambda s: (10 * s).round().astype(int)),
    "nullable numbers": changed("x", lambda s: (10 * s).round().astype("Int64").mask(s.index < 3)),
    "numbers as text": changed("x", lambda s: s.astype(str)),
    "constant": changed("x", lambda s: s * 0 + 3.3),
    "infinite": changed("x", lambda s: s.mask(s.index == 2, np.inf)),
    "repeated": lambda frame: frame.assign(x=2 * frame["z"]),
    "constant outcome": changed("y", lambda s: s * 0 + 1.1),
    "negative weights": changed("w", lambda s: s - 2),
    "missing weights": changed("w", lambda s: s.mask(s.index < 3)),
    "few rows": lambda frame: frame.head(4),
    "no rows": lambda frame: frame.head(0),
    "index twice": lambda frame: frame.set_axis(np.repeat(np.arange(N // 2), 2)),
    "column twice": lambda frame: pd.concat([frame, frame[["x"]]], axis=1),
    "coordinates swapped": lambda frame: frame.rename(columns={"longitude": "latitude", "latitude": "longitude"}),
    "coordinates missing": changed("longitude", lambda s: s.mask(s.index < 2)),
    "coordinates as text": changed("longitude", lambda s: s.astype(str)),
    "one place": lambda frame: frame.assign(longitude=105.0, latitude=30.0),
    "places coincide": lambda frame: frame.assign(
        longitude=frame["longitude"].mask(frame.index < 2, 105.0),
        latitude=frame["latitude"].mask(frame.index < 2, 30.0),
    ),
}


@pytest.fixture(scope="module")
def frame() -> Frame:
    rng = np.random.default_rng(0)
    x, z, noise = rng.normal(size=(3, N))
    numbers = {"x": x, "z": z, "y": x + noise, "d": (rng.random(N) < 0.5).astype(float), "w": rng.uniform(1, 3, N)}
    labels = {"code": [f"u{i}" for i in range(N)], "g": rng.integers(0, 10, N), "h": rng.integers(0, 6, N)}
    return pd.DataFrame(
        {**labels, **numbers, "longitude": rng.uniform(100, 110, N), "latitude": rng.uniform(25, 35, N)}
    )


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_a_finite_number_or_a_reason(frame: Frame, estimator: str, hostile: str) -> None:
    try:
        found = ESTIMATORS[estimator](HOSTILE[hostile](frame))
    except SpecificationError as error:
        assert "allowed" in str(error)
        return
    assert np.isfinite(np.asarray(found, dtype=float)).all()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_the_frame_as_it_is_gives_numbers(frame: Frame, estimator: str) -> None:
    assert np.isfinite(np.asarray(ESTIMATORS[estimator](frame), dtype=float)).all()
