"""Every interval the library reports, on one draw: whether it covers the truth, its half width, the error."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from world import BORDER, JUMP, PRODUCT, TERRAIN, Array, Country, draw, main_design

from shanhai.methods import Bands, fit, scpc, wild_bootstrap
from shanhai.methods.adjustment import benchmark_bounds, dose_of_terrain, smooth_surface
from shanhai.methods.curve import adjusted_tests
from shanhai.methods.discontinuity.geographic import BorderSpec, border_jump
from shanhai.methods.discontinuity.pairs import PairSpec, pair_jump, pair_jumps
from shanhai.methods.discontinuity.polynomial import local_jump
from shanhai.methods.discontinuity.valley import ValleySpec, spline_valley
from shanhai.methods.placebo import BorderColumns, permutation_test
from shanhai.methods.placebo.borders import compare_borders
from shanhai.methods.placebo.maps import draw_borders
from shanhai.methods.spatial import fit_durbin, fit_error, fit_lag, impacts, nearest_weights, spatial_arrays
from shanhai.methods.spatial.weights import SpatialWeights
from shanhai.methods.spec import CovarianceSpec, Variable
from shanhai.studies.robustness.analysis import all_differences


@dataclass(frozen=True)
class Seen:
    """One interval of one draw."""

    interval: str
    covered: float
    """1 or 0; a share where one draw has many intervals of a kind."""
    half: float = np.nan
    error: float = np.nan


def one(name: str, low: float, high: float, truth: float, estimate: float = np.nan) -> Seen:
    return Seen(name, float(low <= truth <= high), (high - low) / 2, estimate - truth)


COLUMNS = BorderColumns(border="on_border")

COVARIANCES = {
    "iid": CovarianceSpec("iid"),
    "HC1": CovarianceSpec("HC1"),
    "HC2": CovarianceSpec("HC2"),
    "HC3": CovarianceSpec("HC3"),
    **{f"prefecture, {f}": CovarianceSpec("cluster", ("district",), f) for f in ("CR0", "CR1", "CR1S")},
    **{f"prefecture, {f}": CovarianceSpec("cluster", ("district",), f) for f in ("CR2", "CR3", "CV3", "CV3J")},
    **{f"province, {f}": CovarianceSpec("cluster", ("region",), f) for f in ("CR0", "CR1S", "CR2", "CR3")},
    **{f"province, {f}": CovarianceSpec("cluster", ("region",), f) for f in ("CV3", "CV3J")},
    "prefecture and band of 100 km, CR1S": CovarianceSpec("cluster", ("district", "band"), "CR1S"),
    **{f"Conley Bartlett, {km:g} km": CovarianceSpec.conley("bartlett", km) for km in (100.0, 200.0, 400.0)},
    **{f"Conley uniform, {km:g} km": CovarianceSpec.conley("uniform", km) for km in (100.0, 200.0, 400.0)},
}


def covariances(made: Country, errors: Array, rng: np.random.Generator) -> list[Seen]:
    """The registered kind of regression under every covariance; truth: the effect of the border at mean terrain."""
    frame = made.frame.assign(outcome=made.frame["mean"] + errors[:, 0])
    seen = []
    for name, covariance in COVARIANCES.items():
        result = fit(main_design(covariance), frame)
        place = result.position("on_border")
        low, high = result.ci[place]
        seen.append(one(name, low, high, BORDER, result.params[place]))
    return seen


def wild(made: Country, errors: Array, rng: np.random.Generator) -> list[Seen]:
    """Wild cluster bootstrap, 399 draws, the test inverted."""
    frame = made.frame.assign(outcome=made.frame["mean"] + errors[:, 0])
    seen = []
    for by, weights in (("prefecture", "rademacher"), ("province", "rademacher"), ("province", "webb")):
        spec = main_design(CovarianceSpec("cluster", (by,), "CR1S"))
        found = wild_bootstrap(spec, frame, "on_border", draws=399, weights=weights, seed=int(rng.integers(2**31)))
        seen.append(one(f"wild bootstrap by {by}, {weights}", found.low, found.high, BORDER, found.test.estimate))
    return seen


def components(made: Country, errors: Array, rng: np.random.Generator) -> list[Seen]:
    """SCPC with the usual average correlation of 0.03."""
    frame = made.frame.assign(outcome=made.frame["mean"] + errors[:, 0])
    found = scpc(main_design(COVARIANCES["Conley Bartlett, 200 km"]), frame, "on_border")
    return [one("SCPC, 0.03", found.low, found.high, BORDER, found.estimate)]


_DRAWN: dict[int, object] = {}


def randomization(made: Country, errors: Array, rng: np.random.Generator) -> list[Seen]:
    """Is the true effect kept? Truth taken from the outcome, the test must not reject at 5 % (199 draws)."""
    frame = made.frame.assign(outcome=made.frame["without_product"] - BORDER * made.frame["on_border"] + errors[:, 0])
    spec = main_design(COVARIANCES["prefecture, CR1S"], product=False)
    if id(made) not in _DRAWN:
        _DRAWN[id(made)] = draw_borders(frame, made.edges, 199, 1, columns=COLUMNS, rounds=(60, 5))
    placebo = compare_borders(spec, frame, _DRAWN[id(made)])  # type: ignore[arg-type]
    permuted = permutation_test(spec, frame, "on_border", 199, rng, "region")
    return [
        Seen("permutation within provinces", float(permuted.p >= 0.05)),
        Seen("contiguous re-partitions", float(placebo.test.p >= 0.05)),
    ]


def adjustments(made: Country, errors: Array, rng: np.random.Generator) -> list[Seen]:
    """Weighting, matching and doubly robust estimates; one effect for all, so every mean is the same."""
    frame = made.frame.assign(outcome=made.frame["without_product"] + errors[:, 0])
    spec = main_design(COVARIANCES["prefecture, CR1S"], product=False)
    _, found = all_differences(spec, frame)
    return [one(f"{result.method}, {result.estimand}", *result.interval(), BORDER, result.estimate) for result in found]


def terrain(made: Country, errors: Array, rng: np.random.Generator) -> list[Seen]:
    """Terrain of interior counties, the border on flat and on rugged ground, and the difference along terrain."""
    frame = made.frame.assign(outcome=made.frame["mean"] + errors[:, 0])
    spec = main_design(COVARIANCES["prefecture, CR1S"], product=False)
    curve = smooth_surface(spec, frame, rng).points
    z = (curve["at"] - frame["ruggedness"].mean()) / frame["ruggedness"].std(ddof=1)
    truth = BORDER + PRODUCT * z
    inside = (curve["low_95"] <= truth) & (truth <= curve["high_95"])
    band = (curve["band_low"] <= truth) & (truth <= curve["band_high"])
    middle = curve.iloc[len(curve) // 2]
    half = float(middle["high_95"] - middle["low_95"]) / 2
    wide = float(middle["band_high"] - middle["band_low"]) / 2
    dose = dose_of_terrain(spec, frame, "gap_to_border_km").table.iloc[0]
    return [
        one("dose: terrain of interior counties", dose["low"], dose["high"], TERRAIN, dose["estimate"]),
        Seen("surface: at a point", float(inside.mean()), half),
        Seen("surface: whole curve", float(band.all()), wide),
    ]


def unseen(made: Country, errors: Array, rng: np.random.Generator) -> list[Seen]:
    """Bound of Cinelli and Hazlett by districts, where districts' twin is left out: as strong, not seen."""
    twin = rng.uniform(size=len(errors)) < 0.3 + 0.15 * made.frame["on_border"]
    seen = rng.uniform(size=len(errors)) < 0.3 + 0.15 * made.frame["on_border"]
    frame = made.frame.assign(is_district=seen)
    known = made.frame["without_product"] - 0.4 * made.frame["is_district"]
    frame = frame.assign(outcome=known - 0.3 * seen - 0.3 * twin + errors[:, 0])
    result = fit(main_design(COVARIANCES["prefecture, CR1S"], product=False), frame)
    place = result.position("on_border")
    bound = benchmark_bounds(result, frame, {"district": ("is_district",)}, (1.0,)).iloc[0]
    reach = result.ci[place]
    return [
        one("confounder left out", *reach, BORDER, result.params[place]),
        one("confounder left out, bound at its strength", bound["low"], bound["high"], BORDER, bound["estimate"]),
    ]


def models(made: Country, errors: Array, rng: np.random.Generator) -> list[Seen]:
    """Spatial models by maximum likelihood, on data without spillovers and on data of the model's own kind.

    Without spillovers the direct effect is the whole one and the indirect none; rho and lambda are 0.5 otherwise.
    """
    weights = nearest_weights(made.frame, 6)
    names = ("on_border", "z_ruggedness")
    columns = made.frame[list(names)].to_numpy(dtype=np.float64)
    fixed = 10.0 + columns @ [BORDER, TERRAIN]
    spread = _multiplier(made, weights)
    direct = BORDER * float(np.diag(spread).mean())
    own = {"direct": direct, "indirect": BORDER / (1 - RHO) - direct, "total": BORDER / (1 - RHO)}
    none = {"direct": BORDER, "indirect": 0.0, "total": BORDER}
    seen = []
    for label, outcome, truth in (
        ("no spillovers", fixed + errors[:, 0], none),
        ("lag 0.5", spread @ (fixed + errors[:, 0]), own),
    ):
        data = spatial_arrays(outcome, columns, names, weights, made.frame["unit"])
        for estimate in (fit_lag(data), fit_durbin(data)):
            effects = impacts(estimate, rng, 500).to_frame().query("term == 'on_border'").set_index("impact")
            for impact, value in truth.items():
                row = effects.loc[impact]
                name = f"ML {estimate.model}, {label}: {impact}"
                seen.append(one(name, row["low"], row["high"], value, row["estimate"]))
    for label, noise in (("no spillovers", errors[:, 0]), ("error 0.5", spread @ errors[:, 0])):
        data = spatial_arrays(fixed + noise, columns, names, weights, made.frame["unit"])
        row = fit_error(data).to_frame().set_index("term").loc["on_border"]
        seen.append(one(f"ML error, {label}", row["low"], row["high"], BORDER, row["estimate"]))
    return seen


RHO = 0.5
_MULTIPLIERS: dict[int, Array] = {}


def _multiplier(made: Country, weights: SpatialWeights) -> Array:
    """Inverse of 1 - rho W, once a map."""
    if id(made) not in _MULTIPLIERS:
        matrix = weights.aligned(made.frame["unit"]).toarray()
        _MULTIPLIERS[id(made)] = np.linalg.inv(np.eye(len(matrix)) - RHO * matrix)
    return _MULTIPLIERS[id(made)]


def at_border(made: Country, errors: Array, rng: np.random.Generator) -> list[Seen]:
    """Jumps at the line between black and white provinces, where there is a valley too."""
    level = pd.Series(made.frame["at_border"].to_numpy() + errors[:, 0], index=made.frame["unit"])
    sample = made.sample.assign(level=level.loc[made.sample["unit"]].to_numpy())
    near = sample[sample["is_nearest"]]
    plain = local_jump(near["level"], near["signed_km"]).to_frame().set_index("method")
    seen = [
        one(f"local lines, {name}", plain.loc[name, "low"], plain.loc[name, "high"], JUMP, plain.loc[name, "estimate"])
        for name in ("conventional", "robust")
    ]
    for location in ("distance", "coordinates"):
        found = border_jump(sample, BorderSpec("level", transform="level", location=location)).to_frame()
        row = found[found["method"].eq("robust")].iloc[0]
        seen.append(one(f"geographic, by {location}, robust", row["low"], row["high"], JUMP, row["estimate"]))
    single = pair_jumps(sample, BorderSpec("level", transform="level"), 70.0).dropna(subset=["corrected"])
    covered = single["low"].le(JUMP) & single["high"].ge(JUMP)
    half = float((single["high"] - single["low"]).median()) / 2
    return [*seen, Seen("single pairs of provinces, robust", float(covered.mean()), half)]


def neighbours(made: Country, errors: Array, rng: np.random.Generator) -> list[Seen]:
    """Pairs of adjacent counties; sides ranked by what is known beforehand, not by the outcome."""
    frame = made.frame.assign(level=made.frame["at_border"] + errors[:, 0])
    rank = np.where(frame["is_black"], 2.0, 1.0)
    frame = frame.assign(output=rank, people=1.0)
    result = pair_jump(frame, made.edges, PairSpec("level", "output", "people", transform="level"))
    place = result.position("right_side")
    return [one("pairs of adjacent counties", *result.ci[place], JUMP, result.params[place])]


def valleys(made: Country, errors: Array, rng: np.random.Generator) -> list[Seen]:
    """Bands and splines of the distance; truth: what the same estimator draws without errors."""
    spec = ValleySpec(
        "level",
        transform="level",
        distance="border_km",
        within="region",
        by="district",
        reach_km=100.0,
        inside_km=80.0,
        knots_km=(5.0, 20.0, 40.0, 70.0),
    )
    bands = Bands("border_km", (0.0, 10.0, 20.0, 40.0, 60.0))
    banded = replace(
        main_design(COVARIANCES["prefecture, CR1S"], product=False),
        outcome=Variable("level"),
        terms=(bands,),
        controls=(),
    )
    curves, steps = [], []
    for noise in (0.0, errors[:, 0]):
        frame = made.frame.assign(level=made.frame["at_border"] + noise)
        curves.append(spline_valley(frame, spec).curve([10.0]).iloc[0])
        steps.append(fit(banded, frame))
    seen = [
        one(
            "spline, 10 km against 80 km",
            curves[1]["low"],
            curves[1]["high"],
            curves[0]["estimate"],
            curves[1]["estimate"],
        )
    ]
    seen.append(one("bands, nearest against farthest", *steps[1].ci[0], steps[0].params[0], steps[1].params[0]))
    return seen


def families(made: Country, errors: Array, rng: np.random.Generator) -> list[Seen]:
    """Five outcomes that share half of their variance, no effect on any: is none rejected at 5 %?"""
    noise = np.sqrt(0.5) * errors[:, :1] + np.sqrt(0.5) * errors[:, 1:6]
    names = [f"outcome_{number}" for number in range(1, 6)]
    base = made.frame["without_product"] - BORDER * made.frame["on_border"]
    frame = made.frame.assign(**{name: base + column for name, column in zip(names, noise.T, strict=True)})
    spec = main_design(COVARIANCES["prefecture, CR1S"], product=False)
    specs = [replace(spec, outcome=Variable(name)) for name in names]
    table = adjusted_tests([(Variable("on_border"), variant) for variant in specs], frame, rng, draws=999)
    columns = {"raw": "p", "Holm": "p_holm", "Benjamini-Hochberg": "p_bh", "Romano-Wolf": "p_romano_wolf"}
    return [Seen(f"family of five, {name}", float((table[column] >= 0.05).all())) for name, column in columns.items()]


Group = Callable[[Country, Array, np.random.Generator], list[Seen]]

GROUPS: dict[str, tuple[Group, int]] = {
    "covariance": (covariances, 200),
    "wild bootstrap": (wild, 100),
    "SCPC": (components, 80),
    "randomization": (randomization, 200),
    "adjustment": (adjustments, 120),
    "terrain": (terrain, 120),
    "unseen": (unseen, 200),
    "spatial model": (models, 80),
    "at the border": (at_border, 120),
    "adjacent counties": (neighbours, 200),
    "valley": (valleys, 200),
    "family": (families, 120),
}
"""Intervals by group, and draws for each kind of errors."""


def seen_in(group: str, kind: str, number: int) -> list[Seen]:
    """All intervals of a group on one draw."""
    made, errors, rng = draw(kind, number, 6 if group == "family" else 1)
    return GROUPS[group][0](made, errors, rng)
