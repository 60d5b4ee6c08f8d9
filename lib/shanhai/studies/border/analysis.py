"""The border regressions: the frame they are fitted on, how border and interior differ before, and what they estimate.

The frame is the county frame of the project and what the regressions add to it: ratios, the mountain dummy,
remoteness, doubtful GDP.
"""

from collections.abc import Iterable
from functools import lru_cache

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from shanhai.core.errors import SpecificationError
from shanhai.core.shared import shared
from shanhai.data.frames.panel import build_county_frame, county_geometry, frame_inputs
from shanhai.data.store import FileStates, file_states, input_files, stored
from shanhai.data.vintage import PRE_SPECIFIED, Vintage
from shanhai.geo.crs import to_equal_area
from shanhai.geo.edges import shared_edges
from shanhai.methods.checks import as_codes, as_weights, require_columns, require_unique
from shanhai.methods.estimate import Estimate
from shanhai.methods.records import EstimateRecord
from shanhai.methods.regression.design import numbers
from shanhai.methods.regression.families import adjust_family
from shanhai.methods.regression.fit import fit, fit_many
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM, as_degrees
from shanhai.methods.regression.results import FitResult, combine
from shanhai.methods.spec import Bands, RegressionSpec, Variable
from shanhai.studies.border.design import (
    BALANCED,
    COVARIANCES,
    DOUBTS,
    DUAL_SUM,
    FAMILY_TERMS,
    MODELS,
    MOUNTAIN_QUANTILE,
    OUTCOMES,
    ROBUST,
    SAMPLES,
    border_spec,
    sample,
)

_ESTIMATE = (
    *("sample", "outcome", "model", "term", "estimate", "se", "p", "n", "vcov", "spec_id"),
    *("low", "high", "df", "clusters"),
)
"""Columns of :func:`estimates_frame`."""


def analysis_frame(vintage: Vintage = PRE_SPECIFIED) -> pd.DataFrame:
    """County frame with the variables of the border regressions, one row a county.

    Parameters
    ----------
    vintage : Vintage
        Years of the ratios and of the doubts.

    Returns
    -------
    DataFrame
        The columns of ``build_county_frame``, those of ``add_variables``, and ``longitude`` and ``latitude`` of each
        county's centre in degrees (missing where a county has no polygon of its own). A copy, built once.
    """
    return _frame(vintage, file_states(frame_inputs())).copy()


@lru_cache(maxsize=2)
def _frame(vintage: Vintage, states: FileStates) -> pd.DataFrame:
    name = "analysis_frame" if vintage == PRE_SPECIFIED else f"analysis_frame_{vintage.gdp}"
    return stored(name, frame_inputs(), lambda: _built_frame(vintage))


def _built_frame(vintage: Vintage) -> pd.DataFrame:
    centres = county_centres(county_geometry())
    frame = add_variables(build_county_frame(), centres, vintage)
    places = centres.set_index("code").reindex(frame["code"])
    return frame.assign(longitude=places["longitude"].to_numpy(), latitude=places["latitude"].to_numpy())


def county_edges() -> pd.DataFrame:
    """Pairs of counties that share an edge, kept on disk: code_a, code_b, length_km (see ``shanhai.geo.edges``)."""
    return stored("county_edges", input_files([], ["counties"]), lambda: shared_edges(county_geometry()))


def county_centres(counties: gpd.GeoDataFrame) -> pd.DataFrame:
    """Centroid of each polygon, taken on an equal-area projection.

    Returns
    -------
    DataFrame
        code, longitude, latitude (degrees, WGS 84).
    """
    centroids = to_equal_area(counties).geometry.centroid.to_crs(counties.crs)
    return pd.DataFrame({"code": counties["code"], "longitude": centroids.x, "latitude": centroids.y})


def add_variables(frame: pd.DataFrame, centres: pd.DataFrame, vintage: Vintage = PRE_SPECIFIED) -> pd.DataFrame:
    """The county frame with the variables that the border regressions need beside it.

    Parameters
    ----------
    frame : DataFrame
        County frame of the whole country (the mountain dummy compares with all of its rows).
    centres : DataFrame
        code, longitude, latitude (degrees, WGS 84) of a point that stands for each county.
    vintage : Vintage
        Years of the ratios and of the doubts.

    Returns
    -------
    DataFrame
        A copy with ``lights_per_head_<year>`` and ``lights_per_km2_<year>`` (light sum over residents and over km2),
        ``is_mountainous``, ``distance_to_capital_km``, ``gdp_is_doubtful`` (one of ``DOUBTS`` is flagged).

    Raises
    ------
    SpecificationError
        If columns are absent, codes are missing or occur twice, figures are no numbers, residents or areas are not
        positive, or a coordinate is out of range.
    """
    lights, residents = vintage.column("lights"), vintage.column("population")
    columns = ("code", "province_code", "prefecture_code", "area_km2", residents, "ruggedness", lights, "flags")
    require_columns(frame, columns)
    require_columns(centres, ("code", "longitude", "latitude"), "the table of centres")
    for table in (frame, centres):
        require_unique(table["code"])
    as_codes(frame["province_code"], "province_code", missing=True)
    terrain = pd.Series(numbers(frame, "ruggedness"), index=frame.index)
    # the upper third, of all counties of the frame
    mountainous = (terrain >= terrain.quantile(MOUNTAIN_QUANTILE)).astype("boolean").mask(terrain.isna())
    area, people = (as_weights(frame[name], name, missing=True) for name in ("area_km2", residents))
    doubts = {f"gdp_{vintage.gdp}_{kind}" for kind in DOUBTS}
    return frame.assign(
        **{
            vintage.column("lights_per_head"): numbers(frame, lights) / people,
            vintage.column("lights_per_km2"): numbers(frame, lights) / area,
        },
        is_mountainous=mountainous,
        distance_to_capital_km=_distance_to_capital(frame, centres, residents),
        gdp_is_doubtful=[not doubts.isdisjoint(flags.split(";")) for flags in frame["flags"].fillna("").astype(str)],
    )


def _capital_codes(frame: pd.DataFrame, residents: str) -> pd.Series:
    """County that stands for the capital of each province, by province code.

    It is the most densely populated county of the capital's prefecture, whose code always ends in 0100. That also
    finds the old centre of a municipality as large as Chongqing.
    """
    prefecture = frame["prefecture_code"]
    if not prefecture.dropna().map(lambda code: isinstance(code, str)).all():
        raise SpecificationError(
            f"prefecture_code holds {prefecture.dtype} values; allowed: text of six digits, such as '330100'. Convert "
            "it with astype(str)."
        )
    capital = frame[(prefecture.astype("string").str.slice(2) == "0100").fillna(False).to_numpy(dtype=bool)]
    people, area = (numbers(capital, name) for name in (residents, "area_km2"))
    density = capital[["province_code", "code"]].assign(density=people / area).dropna()
    densest = density.reset_index(drop=True).groupby("province_code", observed=True)["density"].idxmax()
    return density.iloc[densest].set_index("province_code")["code"]


def _distance_to_capital(frame: pd.DataFrame, centres: pd.DataFrame, residents: str) -> pd.Series:
    """Great-circle distance in km from the centre of each county to that of its province's capital.

    Never less than the mean distance inside the county itself, two thirds of the radius of a circle of its area
    (Head & Mayer 2002), so that the capital has a distance whose logarithm exists.
    """
    east, north = as_degrees(centres["longitude"], centres["latitude"], missing=True)
    place = pd.DataFrame(np.column_stack([east, north]), index=centres["code"].to_numpy(dtype=object))
    capitals = _capital_codes(frame, residents).to_dict()
    capital = [capitals.get(province) for province in frame["province_code"]]
    here, there = place.reindex(list(frame["code"])).to_numpy(), place.reindex(capital).to_numpy()
    inside = 2.0 / 3.0 * np.sqrt(numbers(frame, "area_km2") / np.pi)
    return pd.Series(np.maximum(great_circle_km(here, there), inside), index=frame.index)


def great_circle_km(here: NDArray[np.float64], there: NDArray[np.float64]) -> NDArray[np.float64]:
    """Haversine distance in km between rows of longitude and latitude in degrees.

    Parameters
    ----------
    here, there : array, n x 2 each (or shapes that fit each other, the last axis of two)
    """
    lon_a, lat_a = np.moveaxis(np.radians(here), -1, 0)
    lon_b, lat_b = np.moveaxis(np.radians(there), -1, 0)
    half = np.sin((lat_b - lat_a) / 2) ** 2 + np.cos(lat_a) * np.cos(lat_b) * np.sin((lon_b - lon_a) / 2) ** 2
    return np.asarray(2.0 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0))))


def border_balance(frame: pd.DataFrame, samples: Iterable[str] = tuple(SAMPLES)) -> pd.DataFrame:
    """Geography of border and interior counties of the same province, by sample, before any outcome is looked at.

    Parameters
    ----------
    frame : DataFrame
        Analysis frame.
    samples : iterable of str
        Keys of samples.

    Returns
    -------
    DataFrame
        sample, sample_translation, variable, difference (mean of border minus interior counties, within provinces), se
        (HC3), p, difference_sd (difference over the standard deviation within province and group; Imbens & Rubin 2015
        call 0.25 already large), n, n_border.

    Raises
    ------
    SpecificationError
        If a sample has no border or no interior county.
    """
    rows = []
    for key in samples:
        for variable in BALANCED:
            spec = RegressionSpec(
                outcome=Variable(variable),
                terms=(Variable("on_border"),),
                sample=sample(key),
                covariance=ROBUST,
                fixed_effects=("province_code",),
            )
            result = fit(spec, frame)
            rest = result.n - len(result.names) - result.absorbed
            spread = float((result.residuals @ result.residuals / rest) ** 0.5)
            rows.append(
                {
                    "sample": spec.sample.name,
                    "sample_translation": spec.sample.translation,
                    "variable": variable,
                    "difference": float(result.params[0]),
                    "se": float(result.se[0]),
                    "p": float(result.p[0]),
                    "difference_sd": float(result.params[0]) / spread,
                    "n": result.n,
                    "n_border": int(frame["on_border"].iloc[result.rows].sum()),
                }
            )
    return pd.DataFrame(rows)


@shared
def fit_models(
    frame: pd.DataFrame,
    models: Iterable[str] = tuple(MODELS),
    samples: Iterable[str] = tuple(SAMPLES),
    outcomes: Iterable[str] = tuple(OUTCOMES),
    all_covariances: bool = True,
    vintage: Vintage = PRE_SPECIFIED,
) -> tuple[FitResult, ...]:
    """Fit pre-specified regressions: every sample, outcome, model and, if asked for, every covariance of the sample.

    Parameters
    ----------
    frame : DataFrame
        From ``analysis_frame`` (or ``add_variables``).
    models, samples, outcomes : iterables of str
        Keys; all by default.
    all_covariances : bool
        All of ``COVARIANCES``, or the main one only.
    vintage : Vintage
        Years of the outcomes, as of the frame.

    Returns
    -------
    tuple of FitResult
        In the order sample, outcome, model, covariance.
    """
    models, outcomes = tuple(models), tuple(outcomes)
    return tuple(
        result
        for key in samples
        for outcome in outcomes
        for model in models
        for result in fit_many(
            border_spec(model, key, outcome, vintage=vintage),
            frame,
            COVARIANCES[key] if all_covariances else COVARIANCES[key][:1],
        )
    )


def estimates_frame(results: Iterable[FitResult]) -> pd.DataFrame:
    """Estimates of several regressions in one table.

    Returns
    -------
    DataFrame
        sample, outcome, model, term, estimate, se, p, n, vcov, spec_id, low, high (95 % interval), df, clusters (the
        smaller number; missing without clusters).
    """
    return _records_frame(row for result in results for row in result.records())


def _records_frame(records: Iterable[EstimateRecord]) -> pd.DataFrame:
    rows = [[getattr(row, name) for name in _ESTIMATE] for row in records]
    return pd.DataFrame(rows, columns=list(_ESTIMATE)).astype({"clusters": "Int64"})


PAPER_LIGHTS = Vintage(lights=2013)
"""Light of the last year that Ma & Zhao (2022) use, on which claims L01a and L01b stand."""


def claim_estimates(frame: pd.DataFrame) -> list[dict[str, object]]:
    """Rows of the main model and the distance models, every sample and outcome, main covariance, for verdicts.

    The distance models are also fitted to the light per km2 of 2013 on all of China.

    Returns
    -------
    list of dict
        As in ``estimates_frame``, with the sums of :func:`all_estimates`.
    """
    results = fit_models(frame, ("main", "distance", "centre_bands", "edge_bands"), all_covariances=False)
    past = frame.assign(lights_per_km2_2013=numbers(frame, "lights_2013") / numbers(frame, "area_km2"))
    models, outcome = ("distance", "centre_bands"), ("lights_per_km2",)
    results += fit_models(past, models, ("china",), outcome, all_covariances=False, vintage=PAPER_LIGHTS)
    table = _records_frame(all_estimates(results))
    return [{str(key): value for key, value in row.items()} for row in table.to_dict("records")]


def all_estimates(results: Iterable[FitResult]) -> list[EstimateRecord]:
    """Every coefficient of several regressions, and where they have them the sums that sentences speak of.

    A regression with border, ruggedness and their product also gives the border where terrain is one standard
    deviation more rugged; one with bands of distance, the step from the first band to the second.
    """
    rows: list[EstimateRecord] = []
    for result in results:
        rows += result.records()
        bands = _nearest_bands(result)
        if set(DUAL_SUM) <= set(result.names):
            rows.append(result.combination_record(DUAL_SUM))
        if bands:
            rows.append(result.combination_record({bands[0]: 1.0, bands[1]: -1.0}))
    return rows


def border_differences(result: FitResult) -> tuple[Estimate, Estimate, Estimate]:
    """Border at mean ruggedness, ruggedness away from the border, and border where it is one deviation more rugged.

    Parameters
    ----------
    result : FitResult
        Of border, ruggedness and their product.
    """
    mean, terrain, rugged = (
        combine(result, weights) for weights in ({"on_border": 1.0}, {"z_ruggedness": 1.0}, DUAL_SUM)
    )
    return mean, terrain, rugged


def border_step(result: FitResult) -> tuple[str, str, Estimate] | None:
    """The two bands nearest to the border and the first less the second; none without two estimated bands."""
    bands = _nearest_bands(result)
    return (*bands, combine(result, {bands[0]: 1.0, bands[1]: -1.0})) if bands else None


def _nearest_bands(result: FitResult) -> tuple[str, str] | None:
    """The two bands of distance that are nearest to the border, if both are estimated."""
    bands = [name for term in result.spec.terms if isinstance(term, Bands) for name in term.names]
    return (bands[0], bands[1]) if len(bands) > 1 and set(bands[:2]) <= set(result.names) else None


def main_family(frame: pd.DataFrame, vintage: Vintage = PRE_SPECIFIED) -> pd.DataFrame:
    """The declared family of tests: ``FAMILY_TERMS`` in the main model, over all samples and outcomes.

    Returns
    -------
    DataFrame
        As in ``estimates_frame``, with ``sample_translation``, ``p_holm`` and ``family_size``.
    """
    table = estimates_frame(fit_models(frame, ("main",), all_covariances=False, vintage=vintage))
    table["sample_translation"] = table["sample"].map({spec.name: spec.translation for spec in SAMPLES.values()})
    return adjust_family(table[table["term"].isin(FAMILY_TERMS)].reset_index(drop=True))
