"""Paired counties: distance, gap in income and light, and the change of both, for made and for possible pairs."""

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import Geod

from shanhai.core.errors import MissingDataError, SpecificationError
from shanhai.core.places import require_codes
from shanhai.data.frames.lights import lights_panel, sensor_of
from shanhai.data.years import LIGHT_YEARS
from shanhai.methods.checks import as_count, as_links, as_numbers, require_once
from shanhai.methods.estimate import ENDS, LEVEL
from shanhai.methods.panels import as_panel
from shanhai.methods.placebo.partners import PairTest, deal_partners, draw_partners
from shanhai.methods.records import EstimateRecord, estimates_of
from shanhai.methods.regression.families import adjust_family
from shanhai.methods.regression.pairs import as_degrees
from shanhai.studies.border.analysis import county_centres
from shanhai.studies.pairing.design import DECLARED, MAIN, PairingSpec

_ELLIPSOID = Geod(ellps="WGS84")

_WINDOWS = {
    "light_change_early": ((2001, 2002, 2003), (2010, 2011, 2012)),
    "light_change_late": ((2013, 2014, 2015), (2020, 2021, 2022)),
}
"""Years whose mean log light is compared; both ends of a change come from one sensor."""


def with_centres(frame: pd.DataFrame, polygons: gpd.GeoDataFrame) -> pd.DataFrame:
    """Counties with ``longitude`` and ``latitude`` of their centres; missing where a county has no polygon.

    Parameters
    ----------
    frame : DataFrame
        ``code`` and anything else.
    polygons : GeoDataFrame
        ``code`` and polygons in degrees; those of other counties are left aside.
    """
    inside = polygons[polygons["code"].isin(frame["code"])]
    centres = county_centres(inside).set_index("code").reindex(frame["code"])
    return frame.assign(longitude=centres["longitude"].to_numpy(), latitude=centres["latitude"].to_numpy())


def county_attributes(frame: pd.DataFrame) -> pd.DataFrame:
    """What the outcomes are differences of, by county: log levels and log changes.

    Parameters
    ----------
    frame : DataFrame
        Rows of the county frame with centres (:func:`with_centres`): code, longitude, latitude, gdp_2011, gdp_2021,
        population_2010, population_2020 and lights of 2001-2022.

    Returns
    -------
    DataFrame
        Indexed by code: longitude, latitude (degrees); gap_2021 (log yuan a resident), light_gap_2021 (log light a
        resident), gap_change (log, 2011-2021), light_change_early, light_change_late (log). Missing where not known.
    """
    rows = frame.set_index("code")
    log = rows[["gdp_2011", "gdp_2021", "population_2010", "population_2020"]].astype(float).apply(np.log)
    lights = log_lights(frame)
    attributes = rows[["longitude", "latitude"]].astype(float)
    attributes["gap_2021"] = log["gdp_2021"] - log["population_2020"]
    attributes["light_gap_2021"] = lights[2021] - log["population_2020"]
    attributes["gap_change"] = attributes["gap_2021"] - (log["gdp_2011"] - log["population_2010"])
    for name, (first, last) in _WINDOWS.items():
        attributes[name] = lights[list(last)].mean(axis=1) - lights[list(first)].mean(axis=1)
    return attributes


def log_lights(frame: pd.DataFrame) -> pd.DataFrame:
    """Log light sum of counties (rows, by code) and years (columns); a county without light has none.

    Raises
    ------
    MissingDataError
        If a year has no column; the message lists the years there are.
    """
    panel = lights_panel(frame, LIGHT_YEARS)
    wide = panel.pivot(index="code", columns="year", values="light_sum").astype(float)
    return wide.where(wide > 0).apply(np.log)


def named_pairs(pairings: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Pairs of two counties, each once, with the first year and the number of projects that the papers name.

    Parameters
    ----------
    pairings : table ``pairings``.
    codes : county codes; a row whose ends are not both among them (a prefecture, a new area) is left out.
    """
    own = pairings[pairings["mountain_code"].isin(list(codes)) & pairings["sea_code"].isin(list(codes))]
    grouped = own.groupby(["mountain_code", "sea_code"], as_index=False)
    pairs = grouped.agg(first_year=("year", "min"), forms=("kind", "nunique"))
    return pairs.sort_values(["mountain_code", "sea_code"], ignore_index=True)


def distances_km(places: pd.DataFrame, origins: Sequence[str], ends: Sequence[str]) -> pd.DataFrame:
    """Geodesic distances between centres, km: origins in rows, ends in columns; `places` has longitude, latitude.

    Raises
    ------
    UnknownPlaceError
        If `places` lacks one of them.
    SpecificationError
        If there are none, a code of `places` occurs twice, or a coordinate is missing or out of range.
    """
    require_once(places.index, "codes of the places")
    if not len(origins) or not len(ends):
        raise SpecificationError(f"{len(origins)} origins and {len(ends)} ends; needed: one or more of each. Add some.")
    require_codes([*origins, *ends], places.index, "places given")
    (west, south), (east, north) = (
        as_degrees(places.loc[list(side), "longitude"], places.loc[list(side), "latitude"]) for side in (origins, ends)
    )
    shape = (len(west), len(east))
    starts = np.repeat(west, shape[1]), np.repeat(south, shape[1])
    metres = np.asarray(_ELLIPSOID.inv(*starts, np.tile(east, shape[0]), np.tile(north, shape[0]))[2])
    return pd.DataFrame(
        metres.reshape(shape) / 1000, index=places.loc[list(origins)].index, columns=places.loc[list(ends)].index
    )


def _possible_values(
    attributes: pd.DataFrame, outcome: str, counties: Sequence[str], partners: Sequence[str]
) -> pd.DataFrame:
    """An outcome of every pair: partner less county (distance: km); counties and partners without it are left out."""
    require_once(attributes.index, "codes of the attributes")
    counties, partners = (
        require_codes(side, attributes.index, "places with attributes") for side in (counties, partners)
    )
    if outcome == "distance_km":
        located = attributes.dropna(subset=["longitude", "latitude"])
        origins, ends = ([code for code in side if code in located.index] for side in (counties, partners))
        _require_sides(origins, ends, outcome)
        return distances_km(located, origins, ends)
    if outcome not in attributes.columns:
        raise SpecificationError(
            f"outcome {outcome!r} is no attribute; allowed: {', '.join(attributes.columns)}. Name one."
        )
    values = pd.Series(as_numbers(attributes[outcome], outcome, missing=True), index=attributes.index)
    mountain, sea = (values.reindex(list(side)).dropna() for side in (counties, partners))
    _require_sides(mountain, sea, outcome)
    return pd.DataFrame(sea.to_numpy()[None, :] - mountain.to_numpy()[:, None], index=mountain.index, columns=sea.index)


def _require_sides(counties: Sequence[str] | pd.Series, partners: Sequence[str] | pd.Series, outcome: str) -> None:
    if not len(counties) or not len(partners):
        raise MissingDataError(
            f"{len(counties)} counties and {len(partners)} partners have {outcome!r}; needed: one or more of each. See "
            "that the codes are those of the attributes."
        )


def compare_pairs(
    spec: PairingSpec, attributes: pd.DataFrame, pairs: pd.DataFrame, candidates: Sequence[str], draws: int, seed: int
) -> PairTest:
    """Hold the named pairs against pairs that could have been, by the null of the specification.

    Parameters
    ----------
    spec : PairingSpec
    attributes : of :func:`county_attributes`.
    pairs : of :func:`named_pairs`; pairs without the outcome are left out, and the result says how many remain.
    candidates : counties that a mountain county could have been paired with.
    draws : draws of partners.
    seed : start of the draws; the same for every outcome, so that outcomes see the same kind of luck.

    Raises
    ------
    MissingDataError
        If no pair has the outcome.
    SpecificationError
        If there are no pairs, or draws or seed are no whole numbers; otherwise as :func:`draw_partners`.
    """
    pairs = as_links(pairs, "pairs", ("mountain_code", "sea_code"))
    seed = as_count(seed, "the seed")
    counties, partners = sorted(set(pairs["mountain_code"])), sorted(set(candidates) | set(pairs["sea_code"]))
    values = _possible_values(attributes, spec.outcome, counties, partners)
    made = [
        (str(county), str(partner))
        for county, partner in pairs[["mountain_code", "sea_code"]].to_numpy()
        if county in values.index and partner in values.columns
    ]
    if not made:
        raise MissingDataError(
            f"No named pair has {spec.outcome!r}; needed: one of which both ends have it. Choose another."
        )
    rng = np.random.default_rng(seed)
    if spec.null == "list":
        return deal_partners(values, made, draws, rng)
    if spec.null == "as_rich":
        rich = pd.Series(as_numbers(attributes["gap_2021"], "gap_2021", missing=True), index=attributes.index)
        rich = rich.reindex(values.columns)
        least = rich.reindex([partner for _, partner in made]).min()
        kept = set(rich.index[rich >= least]) | {partner for _, partner in made}
        values = values[[code for code in values.columns if code in kept]]
    return draw_partners(values, made, draws, rng)


def declared_tests(
    attributes: pd.DataFrame, pairs: pd.DataFrame, candidates: Sequence[str], draws: int, seed: int
) -> dict[PairingSpec, PairTest]:
    """Every declared comparison, in its order; see :func:`compare_pairs`."""
    return {spec: compare_pairs(spec, attributes, pairs, candidates, draws, seed) for spec in DECLARED}


def tests_frame(tests: dict[PairingSpec, PairTest]) -> pd.DataFrame:
    """Tests as a table with Holm's p-values over all of them as one family.

    Returns
    -------
    DataFrame
        outcome, null, main (whether it is the main question), detectable and detectable_holm (difference found four
        times in five at 5 %, and at the first step of Holm; neither depends on the result), observed, expected, low,
        high, p, p_holm, pairs, candidates, draws, exact, spec_id.
    """
    names = ("observed", "expected", "low", "high", "p", "p_low", "pairs", "candidates", "draws", "exact")
    rows = [
        {"outcome": spec.outcome, "null": spec.null, "main": spec == MAIN}
        | {"detectable": test.detectable(), "detectable_holm": test.detectable((1 - LEVEL) / len(tests))}
        | {name: getattr(test, name) for name in names}
        | {"spec_id": spec.spec_id}
        for spec, test in tests.items()
    ]
    return adjust_family(pd.DataFrame(rows))


def pair_table(attributes: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Every named pair with its outcomes: columns of `pairs`, then those of ``OUTCOMES``; missing where not known."""
    table = pairs.copy()
    mountain, sea = (attributes.reindex(table[side]) for side in ("mountain_code", "sea_code"))
    ends = [side[["longitude", "latitude"]].to_numpy() for side in (mountain, sea)]
    metres = np.asarray(_ELLIPSOID.inv(ends[0][:, 0], ends[0][:, 1], ends[1][:, 0], ends[1][:, 1])[2])
    table["distance_km"] = metres / 1000
    for column in attributes.columns.difference(["longitude", "latitude"], sort=False):
        table[column] = sea[column].to_numpy() - mountain[column].to_numpy()
    return table


def gap_paths(
    lights: pd.DataFrame, pairs: Sequence[tuple[str, str]], candidates: Sequence[str], draws: int, seed: int
) -> pd.DataFrame:
    """Mean log gap of light between partners by year, against the first three years of each sensor.

    Parameters
    ----------
    lights : of :func:`log_lights`.
    pairs : (mountain county, partner); those without light in every year are left out.
    candidates : counties from which partners are drawn for the band.

    Returns
    -------
    DataFrame
        year, sensor, observed, expected, low, high (middle 95 percent of the draws, each year by itself), log points;
        pairs (their number).

    Raises
    ------
    MissingDataError
        If no pair has light in every year.
    SpecificationError
        If lights are no numbers, a code or year occurs twice, or draws or seed are no whole numbers.
    """
    seed, draws = as_count(seed, "the seed"), as_count(draws, "draws", least=1)
    lights = as_panel(lights, "lights", missing=True)
    known = lights.dropna()
    pairs = [pair for pair in pairs if set(pair) <= set(known.index)]
    if not pairs:
        raise MissingDataError("no pair has light in every year; needed: one or more. Take other years or pairs.")
    counties = [county for county, _ in pairs]
    pool = [code for code in sorted(set(candidates) | {partner for _, partner in pairs}) if code in known.index]
    rng = np.random.default_rng(seed)
    chosen = np.argsort(rng.random((draws, len(pool))), axis=1, kind="stable")[:, : len(pairs)]
    partners = known.loc[pool].to_numpy()[chosen]
    own = known.loc[counties].to_numpy()
    drawn = (partners - own[None]).mean(axis=1)
    made = (known.loc[[partner for _, partner in pairs]].to_numpy() - own).mean(axis=0)
    years = lights.columns.to_numpy()
    sensors = np.array([sensor_of(int(year)) for year in years])
    for sensor in dict.fromkeys(sensors):
        inside = np.flatnonzero(sensors == sensor)
        base = inside[:3]
        made[inside] -= made[base].mean()
        drawn[:, inside] -= drawn[:, base].mean(axis=1, keepdims=True)
    low, high = np.quantile(drawn, ENDS, axis=0)
    columns = {"year": years, "sensor": sensors, "observed": made, "expected": drawn.mean(axis=0)}
    return pd.DataFrame({**columns, "low": low, "high": high, "pairs": len(pairs)})


def path_estimates(paths: pd.DataFrame, draws: int, seed: int) -> tuple[EstimateRecord, ...]:
    """Gap of light between partners by year, of :func:`gap_paths`, beside the middle of drawn partners."""
    return estimates_of(
        paths.drop(columns=["low", "high"]),
        sample="named pairs, Zhejiang",
        outcome="log gap of light, against the first three years of the sensor",
        model="against any county outside the 26",
        term=[f"year_{year}" for year in paths["year"]],
        estimate=paths["observed"],
        null_mean=paths["expected"],
        null_low=paths["low"],
        null_high=paths["high"],
        n=paths["pairs"],
        estimand="mean",
        unit="pairs of counties",
        method=f"permutation ({draws}, seed {seed}), each year by itself",
    )
