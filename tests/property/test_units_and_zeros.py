"""Units and zeros of regressors do not matter, with a zero 1e8 away: to eight digits, for every error and every fit."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from shanhai.methods.adjustment._oster import stability
from shanhai.methods.adjustment._sensitivity import benchmark_bounds
from shanhai.methods.curve import estimate_variations
from shanhai.methods.decomposition import (
    OaxacaDesign,
    SharesDesign,
    TermGroup,
    oaxaca_blinder,
    share_gap,
    share_variance,
)
from shanhai.methods.decomposition.gap import explain_gap
from shanhai.methods.did import contrast
from shanhai.methods.placebo._noise import SpatialNoise, noise_placebo
from shanhai.methods.placebo.randomization import permutation_test
from shanhai.methods.regression.conley import conley_covariance
from shanhai.methods.regression.fit import fit
from shanhai.methods.regression.growth import fit_pairs
from shanhai.methods.regression.results import FitResult
from shanhai.methods.regression.scpc import scpc
from shanhai.methods.regression.wild import wild_bootstrap
from shanhai.methods.spatial import (
    fit_durbin,
    fit_error,
    fit_lag,
    impacts,
    lagrange_tests,
    nearest_weights,
    residual_moran_test,
    spatial_data,
)
from shanhai.methods.spec import CovarianceSpec, RegressionSpec, SampleSpec, Variable

N = 160
FAR, UNIT = 1e8, 2.0**27
"""A shift of 1e8 and a factor of about 1e8. Values are whole multiples of 2^-10 and the factor a power of two, so that
shifting and scaling round nothing and both versions are the same data to the last digit."""
CHANGES = {"far": (FAR, 1.0), "small": (0.0, 1 / UNIT), "large": (0.0, UNIT), "far and small": (FAR, 1 / UNIT)}
PLACE = ("longitude", "latitude")
COVARIANCES = (
    *(CovarianceSpec(kind) for kind in ("iid", "HC1", "HC2", "HC3")),
    *(CovarianceSpec("cluster", ("g",), factor) for factor in ("CR0", "CR1", "CR1S", "CR2", "CR3", "CV3", "CV3J")),
    *(CovarianceSpec("cluster", ("g", "h"), factor) for factor in ("CR0", "CR1", "CR1S")),
    CovarianceSpec.conley("bartlett", 300.0, PLACE),
    CovarianceSpec.conley("uniform", 300.0, PLACE),
    CovarianceSpec.conley("uniform", 300.0, PLACE, repair=True),
)
CR1 = CovarianceSpec("cluster", ("g",), "CR1")
SPEC = RegressionSpec(
    Variable("y"), (Variable("d"), Variable("x")), SampleSpec("all", "全部"), CR1, controls=(Variable("z"),)
)


def _grid(values: np.ndarray) -> np.ndarray:
    return np.round(values * 2**10) / 2**10


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    d = rng.random(N) < 0.4
    x, z = _grid(rng.normal(size=N) + d), _grid(rng.normal(size=N))
    g, h = rng.integers(0, 16, N), rng.integers(0, 12, N)
    y = 0.5 * d + 0.3 * x - z + 0.1 * g + rng.normal(size=N) * (1 + np.abs(x))
    place = {"longitude": rng.uniform(100, 110, N), "latitude": rng.uniform(25, 35, N)}
    return pd.DataFrame(
        {"code": [f"u{i:03d}" for i in range(N)], "y": y, "d": d.astype(float), "x": x, "z": z, "g": g, "h": h, **place}
    ).assign(w=rng.integers(1, 5, N).astype(float), one=1.0)


def moved(frame: pd.DataFrame, change: str) -> tuple[pd.DataFrame, float]:
    """The frame with x and z in another unit and with another zero, and the factor of their units."""
    shift, factor = CHANGES[change]
    return frame.assign(x=(frame["x"] + shift) * factor, z=(frame["z"] - shift) * factor), factor


def in_old_units(result: FitResult, factor: float) -> np.ndarray:
    """Estimate, standard error and degrees of freedom by coefficient, the intercept left out."""
    scale = np.array([factor if name in ("x", "z") else 1.0 for name in result.names])
    columns = np.column_stack([result.params * scale, result.se * scale, result.degrees])
    return columns[[name != "intercept" for name in result.names]]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("effects", [(), ("h",), ("h", "g")], ids=len)
@pytest.mark.parametrize("covariance", COVARIANCES, ids=lambda covariance: covariance.label)
def test_every_error_of_a_regression(
    frame: pd.DataFrame, covariance: CovarianceSpec, effects: tuple[str, ...], change: str
) -> None:
    spec = replace(SPEC, covariance=covariance, fixed_effects=effects, weights="w")
    other, factor = moved(frame, change)
    ours, theirs = fit(spec, frame), fit(spec, other)
    assert ours.names == theirs.names
    assert in_old_units(theirs, factor) == pytest.approx(in_old_units(ours, 1.0), rel=1e-8, nan_ok=True)
    assert theirs.r2 == pytest.approx(ours.r2)


def numbers_of_spatial_models(frame: pd.DataFrame, factor: float) -> Iterator[float]:
    data = spatial_data(replace(SPEC, fixed_effects=()), frame, nearest_weights(frame, 6))
    scale = dict.fromkeys(("x", "z", "W x", "W z"), factor)
    for estimate in (fit_lag, fit_error, fit_durbin):
        found = estimate(data)
        yield from (found.spatial, found.se[-1], found.log_likelihood, found.likelihood_ratio)
        for name, value, se in zip(found.data.names, found.params, found.se, strict=False):
            if name != "intercept":
                yield from (value * scale.get(name, 1.0), se * scale.get(name, 1.0))
    for test in lagrange_tests(data):
        yield test.statistic
    yield residual_moran_test(data, np.random.default_rng(1), 99).statistic
    effects = impacts(fit_lag(data), np.random.default_rng(1), 200)
    yield from (effects.effects * [[1.0], [factor], [factor]]).ravel()
    yield from (effects.draws.std(axis=0) * [[1.0], [factor], [factor]]).ravel()


def numbers_of_other_fits(frame: pd.DataFrame, factor: float) -> Iterator[float]:
    conley = replace(SPEC, covariance=CovarianceSpec.conley("bartlett", 300.0, PLACE))
    test = scpc(conley, frame, "d")
    yield from (test.estimate, test.se, test.p, test.critical)
    test = scpc(conley, frame, "x")
    yield from (test.estimate * factor, test.se * factor, test.p)
    wild = wild_bootstrap(SPEC, frame, "x", draws=199, seed=1)
    yield from (wild.p, wild.low * factor, wild.high * factor)
    pairs = frame.assign(change=frame["y"])
    found = fit_pairs(pairs, ("d", "x", "z"), frame["g"], frame["h"])
    yield from (found.coefficients[1], found.estimate("d").se, found.estimate("x").se * factor)
    specs = [replace(SPEC, covariance=covariance) for covariance in COVARIANCES[:4]]
    yield from estimate_variations(specs, frame).table[["estimate", "se"]].to_numpy().ravel()
    result = fit(SPEC, frame)
    stable = stability(result, frame, "d")
    yield from (stable.long, stable.r2_long, stable.treatment_left)
    yield from benchmark_bounds(result, frame, {"x": ("x",)}, term="d")[["estimate", "se"]].to_numpy().ravel()
    covariances = [SPEC.covariance, CovarianceSpec("HC3"), CovarianceSpec.conley("bartlett", 300.0, PLACE)]
    noise = SpatialNoise(0.5, 200.0)
    yield from noise_placebo(SPEC, frame, covariances, noise, 20, seed=3, term="d")["t_spread"]
    yield from contrast(frame["d"].to_numpy(), frame[["x", "z"]].to_numpy())
    yield permutation_test(replace(SPEC, fixed_effects=("h",)), frame, "d", 99, np.random.default_rng(2), "h").p


def numbers_of_decompositions(frame: pd.DataFrame, factor: float) -> Iterator[float]:
    groups = tuple(TermGroup(name, (name,), name) for name in ("d", "x", "z"))
    design = SharesDesign(replace(SPEC, weights="one"), groups, "one")
    place, rng = set(frame["code"][:30]), np.random.default_rng
    for part in share_gap(design, frame, place, set(frame["code"]), draws=50, generator=rng(1)).parts:
        yield from (part.contribution, part.se)
    for part in share_variance(design, frame, draws=0, generator=rng(1)):
        yield part.contribution
    slopes = {name: (name,) for name in ("d", "x", "z")}
    for part in explain_gap(SPEC, frame, place, set(frame["code"]), slopes, weight="one").parts:
        yield from (part.contribution, part.se)
    shares = SharesDesign(replace(SPEC, terms=(Variable("x"),), weights="one"), groups[1:], "one")
    kinds = oaxaca_blinder(OaxacaDesign(shares, "d"), frame, draws=50, generator=rng(1))
    for parts in kinds.twofold.values():
        yield from (number for part in parts for number in (part.contribution, part.se))
    yield from (part.contribution for part in kinds.explained["pooled"])


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    "numbers_of",
    [numbers_of_spatial_models, numbers_of_other_fits, numbers_of_decompositions],
    ids=lambda f: f.__name__,
)
def test_every_other_fit(
    frame: pd.DataFrame, numbers_of: Callable[[pd.DataFrame, float], Iterator[float]], change: str
) -> None:
    ours, theirs = list(numbers_of(frame, 1.0)), list(numbers_of(*moved(frame, change)))
    assert theirs == pytest.approx(ours, rel=1e-7, abs=1e-9, nan_ok=True)


def test_conley_from_scores(frame: pd.DataFrame) -> None:
    scores = frame[["x", "z"]].to_numpy() * frame[["y"]].to_numpy()
    scale = np.diag([UNIT, 1.0])
    place = [frame[name] for name in PLACE]
    for kernel in ("uniform", "bartlett"):
        ours, theirs = (
            conley_covariance(
                scores @ unit, np.linalg.inv(unit @ unit), *place, kernel=kernel, cutoff_km=300, repair=True
            )
            for unit in (np.eye(2), scale)
        )
        assert theirs.is_psd == ours.is_psd
        assert scale @ theirs.matrix @ scale == pytest.approx(ours.matrix, rel=1e-10)
