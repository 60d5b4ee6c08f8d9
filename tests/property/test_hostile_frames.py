"""Hostile but realistic frames at every public estimator of regressions, borders, space, placebos and confounding.

Each estimator is called on a clean frame and on that frame as users hand it in. What is only another form of the same
figures gives the same numbers; rows with something missing count as absent; whatever cannot be read, or cannot be what
it is called, is refused. An error of the project that says what is allowed is right everywhere. Public functions that
are not called here stand in ``NO_ESTIMATOR`` with the reason, so a new one fails until it is one or the other.
"""

import importlib
import inspect
import pkgutil
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from simulated_board import PLACES, simulated_counties_at_borders

from shanhai import methods as model
from shanhai.core.errors import ShanhaiError
from shanhai.methods import adjustment as confounding
from shanhai.methods import curve as variations
from shanhai.methods import discontinuity as threshold
from shanhai.methods import placebo, spatial
from shanhai.methods.curve import adjusted_tests
from shanhai.methods.discontinuity import geographic, pairs, polynomial, valley
from shanhai.methods.discontinuity import sample as threshold_sample
from shanhai.methods.discontinuity.simulated import BorderTruth
from shanhai.methods.regression import comparison
from shanhai.methods.spec import Bands, CovarianceSpec, RegressionSpec, SampleSpec, Variable
from shanhai.studies.border import analysis as border_analysis
from shanhai.studies.border import design as border_design
from shanhai.studies.border.analysis import add_variables, border_balance, fit_models
from shanhai.studies.robustness import analysis, design, discontinuity
from shanhai.studies.robustness.analysis import add_choice_columns, all_differences, border_or_mountain, estimate_family
from shanhai.studies.robustness.design import border_grid

Frame = pd.DataFrame
PACKAGES = (model, placebo, spatial, variations, confounding)

CHINA = SampleSpec("all", "全部")
CLUSTER = CovarianceSpec("cluster", ("prefecture_code",), "CR1")
CONLEY = CovarianceSpec.conley("bartlett", 200.0)
TREATED, TERRAIN, HEIGHT = Variable("on_border"), Variable("ruggedness"), Variable("elevation_mean_m")
SPEC = RegressionSpec(
    Variable("gdp_per_capita_2021", "log"),
    (TREATED, TERRAIN),
    CHINA,
    CLUSTER,
    controls=(HEIGHT,),
    fixed_effects=("province_code",),
    weights="population_2020",
)
PLAIN = replace(SPEC, weights=None)
FLAT = replace(PLAIN, fixed_effects=(), covariance=CovarianceSpec("HC1"))
SPECS = (SPEC, replace(SPEC, covariance=CONLEY), replace(PLAIN, covariance=CovarianceSpec("HC3")), FLAT)
COMPARISON = replace(PLAIN, terms=(TREATED,), controls=(TERRAIN, HEIGHT))
NOISE = placebo.SpatialNoise(0.5, 100.0)
BANDS = replace(PLAIN, terms=(Bands("distance_to_border_km", (0, 20, 40)),))
COLUMNS = border_design.BORDER_COLUMNS
RANKED_BY = ("gdp_2021", "population_2020")
LABELS = ("province_code", "prefecture_code")
OF_PAIRS: Any = {"unit": "code", "pair": ("code_a", "code_b")}
JUMP = geographic.BorderSpec("gdp_per_capita_2021", controls=("ruggedness",))
VALLEY = valley.ValleySpec(
    "gdp_per_capita_2021",
    distance="distance_to_border_km",
    within="province_code",
    controls=("ruggedness",),
    knots_km=(5.0, 30.0, 60.0),
    inside_km=60.0,
    by="prefecture_code",
)
ROUNDS = (2, 1)


@dataclass(frozen=True)
class World:
    """Counties on a chessboard of provinces, as a user holds them."""

    frame: Frame
    """One row a county; what is made hostile."""
    positions: Frame
    edges: Frame
    rng: object = None
    """What stands in place of a generator; none: a generator."""

    @property
    def generator(self) -> np.random.Generator:
        return np.random.default_rng(1) if self.rng is None else self.rng  # type: ignore[return-value]

    @property
    def sample(self) -> Frame:
        ranks = threshold_sample.rank_units(self.frame, "province_code", *RANKED_BY)
        return threshold_sample.border_sample(self.frame, self.positions, ranks, **PLACES)

    @property
    def jumps(self) -> Frame:
        return pairs.pair_jumps(self.sample, JUMP, 90.0, region="province_code")


@cache
def clean_world() -> World:
    rng = np.random.default_rng(7)
    frame, positions, edges = simulated_counties_at_borders(rng, BorderTruth(jump=0.3, valley=0.3), n=260)
    n, province = len(frame), frame.set_index("code")["province_code"]
    apart = edges[edges["code_a"].map(province) != edges["code_b"].map(province)]
    touching = frame["code"].isin({*apart["code_a"], *apart["code_b"]})
    places = positions.drop_duplicates("code").set_index("code").loc[frame["code"]]
    rough = np.round(rng.gamma(3.0, 80.0, n) + 40 * touching)
    columns = {
        "population_2020": np.round(frame["population_2020"]),
        "gdp_2021": np.round(frame["gdp_2021"]),
        "on_border": touching.astype(float),
        "is_district": (rng.random(n) < 0.3).astype(float),
        "ruggedness": rough,
        "elevation_mean_m": np.round(rough + rng.normal(500, 150, n)),
        "area_km2": np.round(rng.uniform(500, 3000, n)),
        "gap_to_border_km": np.where(touching, 0.0, np.round(frame["distance_to_border_km"])),
        "lights_2021": np.round(rng.gamma(3.0, 900.0, n)),
        "lights_2013": np.round(rng.gamma(3.0, 500.0, n)),
        "mean_schooling_2020": rng.normal(9, 1, n),
        "share_60_plus_2020": rng.uniform(10, 30, n),
        "flags": "",
        "longitude": 105 + (places["x_km"].to_numpy() + rng.uniform(0, 1, n)) / 96,
        "latitude": 28 + places["y_km"].to_numpy() / 111,
    }
    frame = frame.assign(**columns).drop(columns="is_black")
    return World(add_variables(frame, frame[["code", "longitude", "latitude"]]), positions, edges)


# ---- what is estimated -----------------------------------------------------------------------------------------------


def numbers_of(found: object) -> Iterator[float]:
    """Every number of a result, depth first; text and missing marks of empty fields are passed over."""
    if isinstance(found, pd.DataFrame | pd.Series):
        kinds = found.select_dtypes(["number", "bool", "boolean"]) if isinstance(found, pd.DataFrame) else found
        yield from np.asarray(kinds.to_numpy(dtype=float, na_value=np.nan)).ravel()
    elif isinstance(found, tuple | list):
        for part in found:
            yield from numbers_of(part)
    else:
        yield from np.asarray(found, dtype=float).ravel()


def weights_of(w: World) -> spatial.SpatialWeights:
    return spatial.nearest_weights(w.frame, 5)


def data_of(w: World) -> spatial.SpatialData:
    return spatial.spatial_data(FLAT, w.frame, spatial.nearest_weights(known(w.frame), 5))


def known(frame: Frame) -> Frame:
    """Rows of the regression, so that weights can be made of exactly these."""
    codes = spatial.spatial_codes(FLAT, frame)
    return frame[frame["code"].isin(codes)]


def arms_of(w: World) -> confounding.Comparison:
    return confounding.build_comparison(COMPARISON, w.frame)


def forms_of(w: World) -> model.ClusterForms:
    f = w.frame
    columns = f[["on_border", "ruggedness"]]
    return model.cluster_forms(f["gdp_2021"], columns, f["province_code"], row_weights=f["population_2020"])


def adjusted(found: confounding.AdjustedEstimate) -> tuple[float, float, float]:
    return found.estimate, found.se, found.p


@cache
def small_grid() -> variations.Grid:
    """The declared choices of the border effect, two options of three of them."""
    whole = border_grid()
    several = ("border", "terrain", "covariance")
    choices = (replace(choice, options=choice.options[: 2 if choice.key in several else 1]) for choice in whole.choices)
    return variations.Grid(tuple(choices))


def curve_of(w: World) -> variations.Variations:
    return variations.estimate_variations(small_grid(), add_choice_columns(w.frame))


def maps_of(w: World) -> object:
    return placebo.draw_borders(w.frame, w.edges, 10, 1, columns=COLUMNS, terrain="ruggedness", rounds=ROUNDS)


def shifts_of(w: World) -> object:
    return placebo.shift_borders(
        w.frame, w.edges, 4, 1, columns=COLUMNS, distance_km=(20.0, 60.0), rotation_degrees=20.0
    )


def ways_of(w: World) -> confounding.Propensity:
    return confounding.propensity(arms_of(w))


def stable(w: World) -> confounding.Stability:
    return confounding.stability(model.fit(PLAIN, w.frame), w.frame)


def robust(w: World) -> confounding.Robustness:
    return confounding.robustness(model.fit(PLAIN, w.frame), w.frame)


def bounded(w: World) -> Frame:
    return confounding.benchmark_bounds(model.fit(PLAIN, w.frame), w.frame, {"terrain": ("ruggedness",)}, (1.0,))


def valley_of(w: World) -> object:
    found = valley.spline_valley(w.frame, VALLEY)
    return found.curve([10.0, 20.0]), found.bottom()[["bottom_km", "depth"]], found.count_within(w.frame, 20.0)


def parts_of(found: placebo.RandomizationTest) -> tuple[float, float, float]:
    return found.estimate, found.t, found.p


def curve_from_draws(w: World) -> Frame:
    own = variations.estimate_variations(SPECS[:1], w.frame)
    return variations.joint_test_from_draws(own, [own] * 99).table[["observed"]]


def sums(frame: Frame) -> pd.Series:
    """Sums of columns that a function makes; what is missing stays missing there."""
    return frame.astype("Float64").sum()


ESTIMATORS: dict[str, Callable[[World], object]] = {
    # regressions and their covariances
    "fit": lambda w: [model.fit(spec, w.frame).to_frame() for spec in SPECS],
    "fit_many": lambda w: [result.to_frame() for result in model.fit_many(SPECS[0], w.frame, [SPECS[0].covariance])],
    "fit_models": lambda w: [
        result.to_frame()
        for result in fit_models(w.frame, ("main", "edge_bands", "weighted"), ("china",), ("gdp", "ageing"), False)
    ],
    "combine": lambda w: model.combine(model.fit(SPEC, w.frame), {"on_border": 1.0, "ruggedness": 2.0}).se,
    "joint_test": lambda w: model.joint_test(model.fit(SPEC, w.frame), ("on_border", "ruggedness")).p,
    "border_balance": lambda w: border_balance(w.frame, ("china",)),
    "explain_gap": lambda w: model.explain_gap(
        PLAIN,
        w.frame,
        {"000004", "000010", "000030"},
        set(clean_world().frame["code"]),
        {"a": ("on_border",), "b": ("ruggedness", "elevation_mean_m")},
        "population_2020",
    ).to_frame(),
    "valley": lambda w: model.valley(model.fit(BANDS, w.frame), w.frame)[["estimate", "n"]],
    "valleys": lambda w: model.valleys([model.fit(BANDS, w.frame)], w.frame)[["estimate", "n"]],
    "scpc": lambda w: model.scpc(replace(PLAIN, covariance=CONLEY), w.frame, "on_border").p,
    "wild_bootstrap": lambda w: model.wild_bootstrap(SPEC, w.frame, "on_border", draws=99, seed=1).p,
    "cluster_forms": lambda w: (forms_of(w).estimate, forms_of(w).standard_error),
    "wild_test": lambda w: model.wild_test(forms_of(w), draws=99, generator=w.generator).p,
    "wild_interval": lambda w: (
        model.wild_interval(forms_of(w), draws=99, generator=w.generator, level=0.9)[0] > -np.inf
    ),
    "conley_covariance": lambda w: (
        model.conley_covariance(
            w.frame[["ruggedness", "elevation_mean_m"]],
            np.eye(2),
            w.frame["longitude"],
            w.frame["latitude"],
            kernel="bartlett",
            cutoff_km=150.0,
        ).matrix
    ),
    "kernel_matrix": lambda w: model.kernel_matrix(
        w.frame["longitude"], w.frame["latitude"], kernel="uniform", cutoff_km=90.0
    ).sum(),
    "add_variables": lambda w: sums(
        add_variables(w.frame, w.frame[["code", "longitude", "latitude"]])[
            ["lights_per_head_2021", "is_mountainous", "distance_to_capital_km", "gdp_is_doubtful"]
        ]
    ),
    "compare_covariances": lambda w: comparison.compare_covariances(
        PLAIN, w.frame, ["on_border"], [CLUSTER, CONLEY, CovarianceSpec("cluster", ("prefecture_code",), "CR2")]
    )[["estimate", "se", "n"]],
    "compare_resampling": lambda w: comparison.compare_resampling(
        PLAIN, w.frame, ["on_border"], ["prefecture_code"], seed=1, draws=99
    )[["estimate", "p", "n"]],
    # jumps and valleys at borders
    "local_jump": lambda w: polynomial.local_jump(
        w.frame["gdp_per_capita_2021"],
        w.frame["elevation_mean_m"],
        polynomial.JumpSpec(least_unique=0.1),
        cutoff=760.0,
        clusters=w.frame["prefecture_code"],
    ).to_frame(),
    "border_jump": lambda w: geographic.border_jump(w.sample, JUMP).to_frame(),
    "bandwidth_table": lambda w: geographic.bandwidth_table(w.sample, JUMP, (1.0,), (0.0,))[
        ["estimate", "se"]
    ].dropna(),
    "jump_bins": lambda w: geographic.jump_bins(w.sample, geographic.border_jump(w.sample, JUMP), 20.0)[["mean", "n"]],
    "jump_lines": lambda w: geographic.jump_lines(w.sample, geographic.border_jump(w.sample, JUMP))["estimate"],
    "pair_jumps": lambda w: w.jumps[["estimate", "se", "n_left"]].dropna(),
    "no_jump_anywhere": lambda w: pairs.no_jump_anywhere(w.jumps).p,
    "pair_summary": lambda w: list(pairs.pair_summary(w.jumps).values()),
    "contiguous_pairs": lambda w: len(pairs.contiguous_pairs(w.frame, w.edges, "province_code", **OF_PAIRS)),
    "pair_jump": lambda w: pairs.pair_jump(
        w.frame, w.edges, pairs.PairSpec("gdp_per_capita_2021", *RANKED_BY, "province_code"), **OF_PAIRS
    ).to_frame(),
    "pair_table": lambda w: pairs.pair_table(w.frame, w.edges, ("lights_2021",), *RANKED_BY, LABELS, **OF_PAIRS),
    "rank_units": lambda w: threshold_sample.rank_units(w.frame, "province_code", *RANKED_BY),
    "border_sample": lambda w: w.sample["signed_km"].sort_values(),
    "outcome_values": lambda w: np.nansum(threshold_sample.outcome_values(w.frame, "gdp_per_capita_2021", "log")),
    "border_coverage": lambda w: threshold_sample.border_coverage(w.sample),
    "spline_valley": valley_of,
    "same_valley_on_both_sides": lambda w: (
        valley.same_valley_on_both_sides(
            w.sample, replace(VALLEY, distance="distance_km", within="segment", by="pair", controls=())
        ).p
    ),
    # specification curves
    "estimate_variations": lambda w: (
        variations.estimate_variations(SPECS, w.frame).estimated[["estimate", "se", "n"]].to_numpy()
    ),
    "prepare_variations": lambda w: len(variations.prepare_variations(SPECS[:1], w.frame).groups),
    "add_choice_columns": lambda w: sums(add_choice_columns(w.frame)[["edge_within_10km", "centre_within_25km"]]),
    "summarise_curve": lambda w: [variations.summarise_curve(curve_of(w)).median],
    "summarise_options": lambda w: variations.summarise_options(curve_of(w))["count"],
    "what_moves": lambda w: variations.what_moves(curve_of(w))["share_of_estimates"],
    "joint_null_test": lambda w: variations.joint_null_test(SPECS[:1], w.frame, w.generator, draws=99).table,
    "joint_test_from_draws": curve_from_draws,
    "permute_within": lambda w: variations.permute_within(
        w.frame, ["share_60_plus_2020"], "province_code", w.generator
    )["share_60_plus_2020"].sum(),
    "adjusted_tests": lambda w: adjusted_tests([(TREATED, SPECS[0]), (TERRAIN, PLAIN)], w.frame, w.generator, draws=99)[
        ["estimate", "se", "p_holm", "p_romano_wolf"]
    ],
    "estimate_family": lambda w: estimate_family("border_outcomes", w.frame, w.generator, draws=99)[
        ["estimate", "se", "p_holm", "p_romano_wolf"]
    ],
    # placebos
    "permutation_test": lambda w: parts_of(
        placebo.permutation_test(SPEC, w.frame, "on_border", 19, w.generator, "province_code")
    ),
    "randomization_test": lambda w: (
        placebo.randomization_test(
            SPEC, w.frame, np.random.default_rng(2).random((9, len(w.frame))) < 0.5, "on_border"
        ).t
    ),
    "permutations": lambda w: placebo.permutations(w.frame["on_border"], None, 3, w.generator).sum(),
    "drawn_design": lambda w: placebo.drawn_design(SPEC, w.frame, "on_border").outcome.sum(),
    "noise_placebo": lambda w: placebo.noise_placebo(SPEC, w.frame, [CLUSTER, CONLEY], NOISE, 20, 1)[["t", "t_spread"]],
    "residual_noise": lambda w: placebo.residual_noise(SPEC, w.frame).share,
    "estimate_noise": lambda w: (
        placebo.estimate_noise(
            w.frame["elevation_mean_m"], w.frame["longitude"], w.frame["latitude"], w.generator
        ).share
    ),
    "simulate_noise": lambda w: placebo.simulate_noise(
        NOISE, w.frame["longitude"], w.frame["latitude"], 2, w.generator
    ).std(),
    "draw_borders": lambda w: maps_of(w).on_border.mean(),
    "shift_borders": lambda w: shifts_of(w).on_border.mean(),
    "border_chance": lambda w: placebo.border_chance(w.frame, maps_of(w)).sum(),
    "placebo_border": lambda w: placebo.placebo_border(
        SPEC, w.frame, w.edges, 10, 1, columns=COLUMNS, rounds=ROUNDS
    ).to_frame()[["estimate", "t", "p"]],
    "compare_borders": lambda w: placebo.compare_borders(SPEC, w.frame, shifts_of(w)).to_frame()[["estimate", "t"]],
    "border_placebos": lambda w: placebo.placebo_frame(placebo.border_placebos(PLAIN, w.frame, {"drawn": maps_of(w)}))[
        ["estimate", "t", "p"]
    ],
    "placebo_borders": lambda w: placebo.placebo_borders({"a": SPEC}, w.frame, {"moved": shifts_of(w)})[
        ["estimate", "t"]
    ],
    # space
    "nearest_weights": lambda w: weights_of(w).matrix.data,
    "distance_weights": lambda w: spatial.distance_weights(w.frame, 90.0, islands="attach").matrix.sum(),
    "contiguity_weights": lambda w: (
        spatial.contiguity_weights(w.edges, w.frame["code"], islands="attach", places=w.frame).matrix.nnz
    ),
    "spatial_data": lambda w: data_of(w).outcome.mean(),
    "spatial_codes": lambda w: len(spatial.spatial_codes(SPEC, w.frame)),
    "spatial_arrays": lambda w: (
        spatial.fit_lag(
            spatial.spatial_arrays(
                w.frame["mean_schooling_2020"],
                w.frame[["ruggedness", "on_border"]],
                ("a", "b"),
                weights_of(w),
                list(w.frame["code"]),
            )
        ).params
    ),
    "fit_lag": lambda w: spatial.fit_lag(data_of(w)).to_frame(),
    "fit_error": lambda w: spatial.fit_error(data_of(w)).to_frame(),
    "fit_durbin": lambda w: spatial.fit_durbin(data_of(w)).to_frame(),
    "impacts": lambda w: spatial.impacts(spatial.fit_durbin(data_of(w)), w.generator, 100).effects,
    "lagrange_tests": lambda w: [test.statistic for test in spatial.lagrange_tests(data_of(w))],
    "moran_test": lambda w: (
        (found := spatial.moran_test(w.frame["mean_schooling_2020"], weights_of(w), w.generator, 99)).statistic,
        found.z,
    ),
    "residual_moran_test": lambda w: spatial.residual_moran_test(data_of(w), w.generator, 99).statistic,
    "spatial_overview": lambda w: spatial.spatial_overview(
        data_of(w), w.generator, permutations=99, draws=100
    ).coefficients["estimate"],
    # border or mountain
    "build_comparison": lambda w: arms_of(w).covariates.std(axis=0),
    "propensity": lambda w: np.sort(ways_of(w).score),
    "propensity_weights": lambda w: confounding.propensity_weights(ways_of(w), arms_of(w).treated, "ATO").sum(),
    "measure_overlap": lambda w: confounding.measure_overlap(arms_of(w), ways_of(w)).auc,
    "distributions": lambda w: confounding.distributions(arms_of(w), w.frame, (TERRAIN,), 5)["share"],
    "balance_table": lambda w: confounding.balance_table(arms_of(w), w.frame, (TERRAIN, Variable("area_km2")), {}),
    "entropy_weights": lambda w: np.sort(confounding.entropy_weights(arms_of(w))),
    "entropy_difference": lambda w: adjusted(confounding.entropy_difference(arms_of(w))),
    "match_pairs": lambda w: np.sort(confounding.match_pairs(arms_of(w)).distance),
    "matched_difference": lambda w: adjusted(confounding.matched_difference(arms_of(w))),
    "weighted_difference": lambda w: [
        adjusted(confounding.weighted_difference(arms_of(w), target)) for target in ("ATO", "ATT")
    ],
    "doubly_robust_difference": lambda w: adjusted(confounding.doubly_robust_difference(arms_of(w))),
    "all_differences": lambda w: [adjusted(difference) for difference in all_differences(COMPARISON, w.frame)[1]],
    "border_or_mountain": lambda w: border_or_mountain(w.frame, ("terrain",)).table[["estimate", "se"]],
    "dose_of_terrain": lambda w: confounding.dose_of_terrain(COMPARISON, w.frame, "gap_to_border_km").table[
        ["estimate", "se"]
    ],
    "binned_surface": lambda w: confounding.binned_surface(COMPARISON, w.frame, bins=3).points[["estimate", "se"]],
    "smooth_surface": lambda w: confounding.smooth_surface(COMPARISON, w.frame, w.generator, shares=(0.2, 0.5)).points[
        ["estimate", "se", "band_low"]
    ],
    "stability": lambda w: stable(w).long,
    "oster_table": lambda w: confounding.oster_table(stable(w), (1.3,))[["delta", "beta"]],
    "oster_delta": lambda w: confounding.oster_delta(stable(w), 1.0),
    "oster_beta": lambda w: confounding.oster_beta(stable(w), 1.0),
    "oster_roots": lambda w: len(confounding.oster_roots(stable(w), 1.0)) > 0,
    "robustness": lambda w: robust(w).value,
    "adjusted_for": lambda w: confounding.adjusted_for(robust(w), 0.1, 0.1),
    "benchmark_bounds": lambda w: bounded(w)[["estimate", "se"]],
    "contour_around": lambda w: confounding.contour_around(robust(w), bounded(w))["estimate"],
    "sensitivity_contour": lambda w: confounding.sensitivity_contour(robust(w), np.array([0.1]), np.array([0.1]))[
        "estimate"
    ],
}
"""Numbers of each public estimator."""


# ---- what users hand in ----------------------------------------------------------------------------------------------

FLAGS = ("on_border", "is_district")
WHOLE = ("population_2020", "gdp_2021", *FLAGS, "ruggedness", "elevation_mean_m", "area_km2", "lights_2021")
NUMBERS = tuple(name for name in clean_world().frame.select_dtypes("float").columns)
PLACE = ("longitude", "latitude")
SOME = (3, 50, 120)
"""Rows with a wrong or missing value."""

Change = Callable[[Frame], Frame]


def typed(columns: tuple[str, ...], *types: str) -> Change:
    """Columns cast to a type, by way of others."""

    def change(frame: Frame) -> Frame:
        for kind in types:
            frame = frame.astype(dict.fromkeys(columns, kind))
        return frame

    return change


def put(columns: str | tuple[str, ...], value: object, kind: str | None = None) -> Change:
    """Some rows of columns take a value."""

    def change(frame: Frame) -> Frame:
        for column in (columns,) if isinstance(columns, str) else columns:
            values = frame[column].astype(kind or frame[column].dtype).copy()
            values.iloc[list(SOME)] = value
            frame = frame.assign(**{column: values})
        return frame

    return change


def chained(*changes: Change) -> Change:
    def change(frame: Frame) -> Frame:
        for step in changes:
            frame = step(frame)
        return frame

    return change


def again(column: str) -> Change:
    """A second column of the same name, with other values where they are numbers."""
    return lambda f: pd.concat([f, f[[column]].iloc[::-1].set_axis(f.index)], axis=1)


def with_unused_category(frame: Frame) -> Frame:
    other = frame.tail(1).assign(province_code="990000", prefecture_code="990100")
    return typed(LABELS, "category")(pd.concat([frame, other])).iloc[:-1]


FORMS: dict[str, Change] = {
    "whole numbers, true and false, labels of type string, index in another order": chained(
        typed(WHOLE, "int64"),
        typed(FLAGS, "bool"),
        typed(("code", *LABELS), "string"),
        lambda f: f.set_axis(np.random.default_rng(5).permutation(len(f))),
    ),
    "nullable numbers, true and false, labels as categories, index twice, unused column twice": chained(
        with_unused_category,
        typed(NUMBERS, "Float64"),
        typed(WHOLE, "Int64"),
        typed(FLAGS, "bool", "boolean"),
        lambda f: f.set_axis(np.repeat(np.arange(len(f) // 2), 2)).assign(unused=1),
        again("unused"),
    ),
    "numbers as objects, labels as nullable numbers, index of codes": chained(
        typed(NUMBERS, "object"), typed(LABELS, "int64", "Int64"), lambda f: f.set_index("code", drop=False)
    ),
    "labels as whole numbers, codes as categories": chained(typed(LABELS, "int64"), typed(("code",), "category")),
    "codes as whole numbers": typed(("code",), "int64"),
    "rows in another order": lambda f: f.sample(frac=1.0, random_state=3),
}
"""The same figures in another form: the same numbers."""

ABSENT: dict[str, tuple[tuple[str, ...], Change]] = {
    "outcome missing": (("gdp_per_capita_2021",), put("gdp_per_capita_2021", np.nan)),
    "treatment missing": (("on_border",), chained(typed(("on_border",), "bool"), put("on_border", pd.NA, "boolean"))),
    "terrain missing": (("ruggedness",), put("ruggedness", pd.NA, "Int64")),
    "terrain missing as None": (("ruggedness",), put("ruggedness", None, "object")),
    "province missing": (("province_code",), put("province_code", None)),
    "prefecture missing": (("prefecture_code",), put("prefecture_code", pd.NA, "string")),
    "prefecture missing as number": (
        ("prefecture_code",),
        chained(typed(LABELS, "float64"), put("prefecture_code", np.nan)),
    ),
    "weights missing": (("population_2020",), put("population_2020", np.nan)),
    "place missing": (PLACE, chained(put("longitude", np.nan), put("latitude", pd.NA, "Float64"))),
    "distance missing": (("distance_to_border_km",), put("distance_to_border_km", np.nan)),
    "code missing": (("code",), put("code", None)),
}
"""Rows with something missing, where it is read: the numbers without these rows."""

REFUSED: dict[str, tuple[tuple[str, ...], Change]] = {
    "outcome infinite": (("gdp_per_capita_2021",), put("gdp_per_capita_2021", np.inf)),
    "terrain infinite": (("ruggedness",), put("ruggedness", -np.inf)),
    "treatment infinite": (("on_border",), put("on_border", np.inf)),
    "lights infinite": (("lights_2021",), put("lights_2021", np.inf)),
    "people infinite": (("population_2020",), put("population_2020", np.inf)),
    "longitude infinite": (("longitude",), put("longitude", np.inf)),
    "distance infinite": (("distance_to_border_km",), put("distance_to_border_km", np.inf)),
    "outcome as text": (("gdp_per_capita_2021",), typed(("gdp_per_capita_2021",), "str")),
    "terrain as text": (("ruggedness",), typed(("ruggedness",), "str")),
    "coordinates as text": (PLACE, typed(PLACE, "str")),
    "distance as text": (("distance_to_border_km",), typed(("distance_to_border_km",), "str")),
    "people as text": (("population_2020",), typed(("population_2020",), "str")),
    "negative weights": (("population_2020",), put("population_2020", -5.0)),
    "weights of zero": (("population_2020",), put("population_2020", 0.0)),
    "negative distance": (("distance_to_border_km",), put("distance_to_border_km", -30.0)),
    "labels of two kinds": (
        ("prefecture_code",),
        chained(typed(LABELS, "object"), put("prefecture_code", 7)),
    ),
    "coordinates swapped": (PLACE, lambda f: f.rename(columns=dict(zip(PLACE, PLACE[::-1], strict=True)))),
    "coordinates of zero": (PLACE, put(PLACE, 0.0)),
    "code twice": (("code",), lambda f: f.assign(code=["000004", *f["code"].iloc[1:]])),
    "terrain twice": (("ruggedness",), again("ruggedness")),
    "outcome twice": (("gdp_per_capita_2021",), again("gdp_per_capita_2021")),
    "treatment twice": (("on_border",), again("on_border")),
    "province twice": (("province_code",), again("province_code")),
    "longitude twice": (("longitude",), again("longitude")),
    "codes twice": (("code",), again("code")),
}
"""Columns, and what they cannot be: an error where they are read."""

EXACT = "outcome is terrain"
"""Least squares without residuals: coefficients without standard errors, as their notes say."""

OUTCOMES = ("gdp_per_capita_2021", "mean_schooling_2020", "gdp_2021")

DEGENERATE: dict[str, tuple[tuple[str, ...], Change]] = {
    "constant terrain": (("ruggedness",), lambda f: f.assign(ruggedness=3.3)),
    "constant outcome": (
        OUTCOMES,
        lambda f: f.assign(gdp_per_capita_2021=1234.5, mean_schooling_2020=9.1, gdp_2021=7e9),
    ),
    "outcome of zeros": (OUTCOMES, lambda f: f.assign(gdp_per_capita_2021=0.0, mean_schooling_2020=0.0, gdp_2021=0.0)),
    "identical terrain": (("elevation_mean_m",), lambda f: f.assign(elevation_mean_m=2 * f["ruggedness"])),
    "all treated": (("on_border",), lambda f: f.assign(on_border=1.0)),
    "treatment of three values": (("on_border",), put("on_border", 2.0)),
    "one prefecture": (("prefecture_code",), lambda f: f.assign(prefecture_code="110100")),
    "one province": (("province_code",), lambda f: f.assign(province_code="110000")),
    "every row a prefecture": (("prefecture_code",), lambda f: f.assign(prefecture_code=f["code"])),
    "every row a province": (("province_code",), lambda f: f.assign(province_code=f["code"])),
    "one place": (PLACE, lambda f: f.assign(longitude=105.0, latitude=30.0)),
    "places coincide": (PLACE, chained(put("longitude", 105.0), put("latitude", 30.0))),
    "one distance": (
        ("distance_to_border_km", "gap_to_border_km"),
        lambda f: f.assign(distance_to_border_km=10.0, gap_to_border_km=10.0),
    ),
    "rows as coefficients": ((), lambda f: f.head(12)),
    "one row": ((), lambda f: f.head(1)),
    "no rows": ((), lambda f: f.head(0)),
    EXACT: (OUTCOMES, lambda f: f.assign(gdp_per_capita_2021=np.exp(f["ruggedness"] / 100))),
}
"""Nothing to estimate from, or little, by columns (none: rows): finite numbers."""

DRAWN = {
    "border_chance",
    "border_placebos",
    "draw_borders",
    "noise_placebo",
    "permutation_test",
    "placebo_border",
    "randomization_test",
    "simulate_noise",
}
"""Draws follow the order and number of rows: compared only where neither changes."""

SEVERAL = {
    "compare_covariances",
    "estimate_variations",
    "fit",
    "fit_many",
    "pair_table",
    "summarise_curve",
    "summarise_options",
    "what_moves",
}
"""Several regressions at once, of which some read a missing value: only that numbers are finite."""

COMPOSED = {
    "adjusted_for",
    "adjusted_tests",
    "all_differences",
    "balance_table",
    "bandwidth_table",
    "benchmark_bounds",
    "border_chance",
    "border_or_mountain",
    "border_placebos",
    "combine",
    "compare_borders",
    "compare_covariances",
    "compare_resampling",
    "contour_around",
    "distributions",
    "dose_of_terrain",
    "doubly_robust_difference",
    "entropy_difference",
    "entropy_weights",
    "estimate_family",
    "fit_durbin",
    "fit_error",
    "fit_models",
    "impacts",
    "joint_test",
    "joint_test_from_draws",
    "jump_bins",
    "jump_lines",
    "lagrange_tests",
    "match_pairs",
    "matched_difference",
    "measure_overlap",
    "no_jump_anywhere",
    "oster_beta",
    "oster_delta",
    "oster_roots",
    "oster_table",
    "pair_jumps",
    "pair_summary",
    "pair_table",
    "placebo_border",
    "placebo_borders",
    "propensity",
    "propensity_weights",
    "residual_moran_test",
    "residual_noise",
    "same_valley_on_both_sides",
    "sensitivity_contour",
    "spatial_overview",
    "summarise_curve",
    "summarise_options",
    "valleys",
    "weighted_difference",
    "what_moves",
    "wild_interval",
    "wild_test",
}
"""Read the frame through another function, which is tried with every kind: tried with a few."""

FEW = {
    next(iter(FORMS)),
    "prefecture missing",
    "terrain infinite",
    "all treated",
    "one prefecture",
    "rows as coefficients",
    EXACT,
}

ARRAYS = "takes arrays that the functions above have checked"
NO_ESTIMATOR = {
    "main_spec": "a specification",
    "border_differences": "sums of coefficients that combine, tried here, takes",
    "border_step": "the difference of two coefficients that combine, tried here, takes",
    "border_spec": "a specification",
    "border_comparison": "a specification",
    "border_grid": "a grid of specifications",
    "sample": "a sample by its key",
    "outcomes": "variables by their key",
    "usual_covariances": "a list of covariances",
    "all_estimates": "rows of results that fit made",
    "estimates_frame": "rows of results that fit made",
    "claim_estimates": "fit_models for samples of Chinese provinces",
    "main_family": "fit_models for samples of Chinese provinces, then adjust_family",
    "adjust_family": "takes p-values: tried where the other half of the model is",
    "placebo_frame": "a table of tests that border_placebos made",
    "graph_weights": "takes a graph of libpysal, which has its own door",
    "partial_r2": "arithmetic of two numbers",
    "robustness_value": "arithmetic of two numbers, refused out of range",
    "bound_strength": "arithmetic of three numbers",
    "optimal_bandwidths": ARRAYS,
    "kernel_weights": ARRAYS,
    "smoother": ARRAYS,
    "residuals": ARRAYS,
    "neighbour_residuals": ARRAYS,
    "linear_variance": ARRAYS,
    "covariate_slopes": ARRAYS,
    "scaled_scores": ARRAYS,
    "jump_and_scores": "local_jump, tried here, with the part of each row",
    "complete_rows": "the first step of local_jump, tried here",
    "with_noise": "a specification",
    "adopt": "takes fitted models, see test_door_adopted",
    "etable": "takes fitted models, see test_door_tables",
    "net_of_planes": "a step of border_jump, tried here",
    "jumps_along": "local_jump, tried here, at each point",
    "distances_to": "arithmetic of degrees that as_degrees has checked",
    "natural_spline": ARRAYS,
    "unit_sums": "rank_units before the division",
    "simulated_borders": "simulated data",
    "analysis_frame": "reads the tables of the project",
    "county_edges": "reads the layers of the project",
    "county_centres": "takes polygons",
    "great_circle_km": "arithmetic of degrees that as_degrees has checked",
    "counties_at_borders": "reads the layers of the project",
    "robust_jump": "border_jump as a row",
    "jump_evidence": "border_jump with the pre-specified choices",
    "single_pair_evidence": "pair_jumps with the pre-specified choices",
    "pair_evidence": "pair_table with the pre-specified choices",
    "valley_evidence": "spline_valley with the pre-specified choices",
    "valley_curves": "spline_valley with the pre-specified choices",
}
"""Public functions that are not called here, with the reason."""


def public_functions() -> set[str]:
    """Functions that the packages export; every function of a package without a list of exports."""
    found = set()
    for package in PACKAGES:
        found |= {name for name in package.__all__ if inspect.isfunction(getattr(package, name))}
    modules = [
        importlib.import_module(f"{threshold.__name__}.{part.name}")
        for part in pkgutil.iter_modules(threshold.__path__)
    ]
    studies = (border_analysis, border_design, analysis, design, discontinuity)
    for module in (comparison, *modules, *studies):
        own = (
            name
            for name, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == module.__name__
        )
        found |= {name for name in own if not name.startswith("_")}
    return found


def test_every_public_function_is_tried_or_listed_with_a_reason() -> None:
    tried = {name for name in ESTIMATORS if not name.startswith("_")}
    assert public_functions() == tried | {*NO_ESTIMATOR}
    assert not {*ESTIMATORS} & {*NO_ESTIMATOR}
    assert {*ESTIMATORS} >= COMPOSED | DRAWN | SEVERAL


def outcome_of(name: str, frame: Frame) -> np.ndarray | str:
    """Numbers of an estimator, or the message of the project's error; every other error fails the test."""
    try:
        return np.array(list(numbers_of(ESTIMATORS[name](replace(clean_world(), frame=frame)))))
    except ShanhaiError as error:
        assert any(word in str(error) for word in ("allowed", "it has")), f"{name}: no allowed set in: {error}"
        return str(error)


@cache
def is_read(name: str, column: str) -> bool:
    """Whether an estimator misses a column; who takes arrays misses it before the library is called."""
    try:
        return isinstance(outcome_of(name, clean_world().frame.drop(columns=column)), str)
    except KeyError as error:
        modules = [frame.f_globals.get("__name__", "") for frame, _ in traceback.walk_tb(error.__traceback__)]
        assert not any(str(module).startswith("shanhai") for module in modules), f"{name} without {column}"
        return True


@cache
def of_fewer_rows(name: str) -> np.ndarray | str:
    return outcome_of(name, clean_world().frame.drop(index=list(SOME)).reset_index(drop=True))


def same(left: np.ndarray, right: np.ndarray | str) -> np.ndarray:
    """Which numbers agree; none where there are others, or an error."""
    if isinstance(right, str) or left.shape != right.shape:
        return np.zeros(left.shape, dtype=bool)
    return np.isclose(left, right, rtol=1e-7, atol=1e-9)


def chosen(name: str, kinds: dict[str, Any]) -> dict[str, Any]:
    return {kind: how for kind, how in kinds.items() if name not in COMPOSED or kind in FEW}


def read_by(name: str, kinds: dict[str, tuple[tuple[str, ...], Change]]) -> Iterator[tuple[str, Change]]:
    """Kinds that touch a column which an estimator reads, and those of whole rows."""
    for kind, (columns, change) in chosen(name, kinds).items():
        if not columns or any(is_read(name, column) for column in columns):
            yield kind, change


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_right_number_or_a_reason(name: str) -> None:
    frame = clean_world().frame
    clean = outcome_of(name, frame)
    assert not isinstance(clean, str), clean
    assert len(clean) and np.isfinite(clean).all()
    for kind, change in chosen(name, FORMS).items():
        found = outcome_of(name, change(frame))
        moved = name in DRAWN and kind == "rows in another order"
        assert isinstance(found, str) or moved or same(found, clean).all(), f"{name}, {kind}: {found} for {clean}"
    for kind, change in read_by(name, ABSENT):
        found = outcome_of(name, change(frame))
        if not isinstance(found, str):
            assert np.isfinite(found).all(), f"{name}, {kind}"
            without = of_fewer_rows(name)
            agrees = same(found, clean) | same(found, without)
            free = name in DRAWN | SEVERAL or isinstance(without, str)
            assert free or agrees.all(), f"{name}, {kind}: {found} for {without}"
    for kind, change in read_by(name, REFUSED):
        found = outcome_of(name, change(frame))
        assert isinstance(found, str), f"{name}, {kind}: {found}"
    for kind, change in read_by(name, DEGENERATE):
        found = outcome_of(name, change(frame))
        good = isinstance(found, str) or np.isfinite(found).all()
        assert good or (kind == EXACT and not np.isinf(found).any()), f"{name}, {kind}: {found}"


OTHER_FRAME: dict[str, Callable[[World, Frame], object]] = {
    "valley": lambda w, f: model.valley(model.fit(BANDS, w.frame), f),
    "valleys": lambda w, f: model.valleys([model.fit(BANDS, w.frame)], f),
    "count_within": lambda w, f: valley.spline_valley(w.frame, VALLEY).count_within(f, 20.0),
    "jump_bins": lambda w, f: geographic.jump_bins(replace(w, frame=f).sample, geographic.border_jump(w.sample, JUMP)),
    "jump_lines": lambda w, f: geographic.jump_lines(
        replace(w, frame=f).sample, geographic.border_jump(w.sample, JUMP)
    ),
    "stability": lambda w, f: confounding.stability(model.fit(PLAIN, w.frame), f),
    "robustness": lambda w, f: confounding.robustness(model.fit(PLAIN, w.frame), f),
    "benchmark_bounds": lambda w, f: confounding.benchmark_bounds(
        model.fit(PLAIN, w.frame), f, {"terrain": ("ruggedness",)}
    ),
    "balance_table": lambda w, f: confounding.balance_table(arms_of(w), f, (TERRAIN,), {}),
    "distributions": lambda w, f: confounding.distributions(arms_of(w), f, (TERRAIN,)),
    "spatial_data": lambda w, f: spatial.spatial_data(FLAT, f, weights_of(w)),
    "estimate_variations": lambda w, f: variations.estimate_variations(
        SPECS, f, variations.prepare_variations(SPECS, w.frame)
    ),
}
"""Functions that read a frame beside what was estimated on one."""

OTHERS: dict[str, Change] = {
    "fewer rows": lambda f: f.iloc[:-5],
    "other codes and values": lambda f: f.assign(
        code="9" + f["code"].str.slice(1), gdp_per_capita_2021=f["gdp_per_capita_2021"].to_numpy()[::-1]
    ),
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("name", OTHER_FRAME)
def test_another_frame_than_the_one_fitted_is_refused(name: str, other: str) -> None:
    world = clean_world()
    OTHER_FRAME[name](world, world.frame)
    with pytest.raises(ShanhaiError, match="allowed"):
        OTHER_FRAME[name](world, OTHERS[other](world.frame))


def drawing_functions() -> list[str]:
    """Public functions that draw from a generator that is passed."""
    exported = {name: getattr(package, name) for package in PACKAGES for name in package.__all__}
    functions = {name: value for name, value in exported.items() if name in ESTIMATORS}
    takes = {name: set(inspect.signature(value).parameters) for name, value in functions.items()}
    return sorted(name for name, parameters in takes.items() if parameters & {"rng", "generator"})


@pytest.mark.parametrize("name", drawing_functions())
def test_a_seed_in_place_of_a_generator_is_refused(name: str) -> None:
    with pytest.raises(ShanhaiError, match=r"rng is 7; allowed: a numpy.random.Generator.*default_rng\(7\)"):
        ESTIMATORS[name](replace(clean_world(), rng=7))


SERIES: dict[str, Callable[[Frame, Frame], object]] = {
    "local_jump": lambda f, g: polynomial.local_jump(g["lights_2021"], f["elevation_mean_m"], cutoff=760.0),
    "cluster_forms": lambda f, g: model.cluster_forms(f["lights_2021"], g["ruggedness"], f["prefecture_code"]),
    "conley_covariance": lambda f, g: model.conley_covariance(
        g[["ruggedness"]], np.eye(1), f["longitude"], f["latitude"], kernel="bartlett", cutoff_km=100.0
    ),
    "kernel_matrix": lambda f, g: model.kernel_matrix(f["longitude"], g["latitude"], kernel="uniform", cutoff_km=100.0),
    "estimate_noise": lambda f, g: placebo.estimate_noise(
        g["ruggedness"], f["longitude"], f["latitude"], np.random.default_rng(1)
    ),
    "simulate_noise": lambda f, g: placebo.simulate_noise(
        NOISE, f["longitude"], g["latitude"], 1, np.random.default_rng(1)
    ),
    "permutations": lambda f, g: placebo.permutations(f["on_border"], g["province_code"], 1, np.random.default_rng(1)),
    "moran_test": lambda f, g: spatial.moran_test(
        g["ruggedness"], spatial.nearest_weights(f, 3), np.random.default_rng(1), 99
    ),
}
"""Functions of columns: the second frame has the same rows in another order."""


@pytest.mark.parametrize("name", SERIES)
def test_columns_in_different_orders_are_refused(name: str) -> None:
    frame = clean_world().frame
    SERIES[name](frame, frame)
    with pytest.raises(ShanhaiError, match=r"index.*allowed"):
        SERIES[name](frame, frame.sample(frac=1.0, random_state=3))
