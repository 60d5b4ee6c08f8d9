"""The gap between two places shared out among groups of variables, and the 26 against the rest of Zhejiang."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
import pandas as pd

from shanhai.claims.evidence import Evidence, project_evidence
from shanhai.claims.quantities import QUZHOU, ZHEJIANG
from shanhai.core.errors import MissingDataError, ParameterError, UnknownPlaceError
from shanhai.core.places import NATION, Place, is_nation
from shanhai.core.shared import shared
from shanhai.data.load import load_places
from shanhai.data.vintage import COMPLETE, NEWEST_YEAR, Vintage, allowed_years, require_coverage, vintage_of
from shanhai.methods.decomposition import (
    GapShares,
    OaxacaResult,
    Rule,
    SharesDesign,
    oaxaca_blinder,
    share_gap,
    share_variance,
)
from shanhai.methods.decomposition.gap import GapPart
from shanhai.methods.regression.design import sample_mask
from shanhai.methods.regression.pairs import EARTH_RADIUS_KM
from shanhai.methods.spec import RegressionSpec
from shanhai.studies.gap.design import (
    DRAWS,
    SEED,
    designs,
    gap_design,
    mountain_design,
    needed,
    traits,
)

SMALL_GAP = 0.1
"""Log points below which shares of a gap mean little, since the parts are as large as the whole; parts are then given
in log points."""

_LEAST_DRAWS, _MOST_DRAWS = 99, 1_000_000
"""Draws from which the ends of a 95 % interval lie inside them, and more than anybody waits for."""

_NOTICEABLE = 0.05
"""Share of the gap from which a part is worth a sentence of its own."""

_DEFAULTS = (QUZHOU, ZHEJIANG)
"""Place and reference of notebook 08 where nothing else is asked for."""


@dataclass(frozen=True)
class GapData:
    """Counties with the variables of the decompositions; do not change the frame in place."""

    frame: pd.DataFrame
    vintage: Vintage


@dataclass(frozen=True)
class _GapArea:
    """A place with its counties."""

    code: str
    name_en: str
    name_zh: str
    counties: frozenset[str]
    """Codes of its counties of 2020."""


@dataclass(frozen=True)
class GapAnswer:
    """The account of one gap."""

    place: _GapArea
    reference: _GapArea
    shares: GapShares
    vintage: Vintage

    @property
    def names(self) -> dict[str, tuple[str, str]]:
        """English and Chinese name of ``place`` and ``reference``."""
        return {
            side: (area.name_en, area.name_zh) for side, area in (("place", self.place), ("reference", self.reference))
        }

    @property
    def in_percent(self) -> bool:
        """Whether the gap is large enough to speak of percent of it."""
        return abs(self.shares.gap) >= SMALL_GAP

    def unexpected(self) -> tuple[GapPart, ...]:
        """Groups whose share has another sign than their part alone, and is large enough to puzzle a reader.

        What a group adds is its coefficient times the difference that the groups before it do not lead one to expect.
        A place with less schooling than its reference may have more than places with its other traits have.
        """
        alone = {part.name: part.contribution for part in self.shares.rules[Rule.ALONE]}
        return tuple(
            part
            for part in self.shares.rules[Rule.SHAPLEY]
            if part.contribution * alone[part.name] < 0
            and abs(part.contribution) >= _NOTICEABLE * abs(self.shares.gap)
            and not part.low <= 0 <= part.high
        )


def gap_data(gdp_year: str = NEWEST_YEAR, evidence: Evidence | None = None) -> GapData:
    """The analysis frame with the columns of the decompositions, made once a year.

    Adds ``primary_share_<year>`` (value added of the primary sector in percent of GDP), ``farm_jobs_2020`` (people
    working in agriculture in percent of those with work, long form of the census), ``market_potential`` (residents
    of all counties over their distance, thousands a km) and forms of ruggedness: ``ruggedness_squared`` (square of
    hundreds of metres), ``ruggedness_root``, ``ruggedness_log`` (missing on a plain without any) and
    ``ruggedness_log_of_one_more`` (of one metre more).

    Parameters
    ----------
    gdp_year : str
        As :func:`shanhai.data.vintage.vintage_of` takes it.
    evidence : Evidence, optional
        By default that of the project.

    Raises
    ------
    ParameterError
        If the year is none of county GDP, or lacks value added of the primary sector; the message names those allowed.
    """
    known, vintage = evidence or project_evidence(), vintage_of(gdp_year)
    frame: pd.DataFrame = known.kept(f"gap frame {vintage}", lambda: _gap_frame(known, vintage))
    return GapData(frame, vintage)


def check_gap_year(gdp_year: str) -> None:
    """Refuse a year of GDP that gaps cannot be shared out for, or that is not known of nearly every county.

    Raises
    ------
    ParameterError
        As :func:`gap_data`, and as :func:`shanhai.data.vintage.require_coverage`.
    """
    _require_sector(project_evidence().frame, require_coverage(gdp_year))


def _require_sector(frame: pd.DataFrame, vintage: Vintage) -> None:
    """Refuse a year in which too few counties have value added of the primary sector, on which a group rests."""
    counts = {year: frame[f"primary_gdp_{year}"].notna().sum() for year in allowed_years() if year != NEWEST_YEAR}
    known = [year for year, count in counts.items() if count >= COMPLETE * max(counts.values()) > 0]
    if str(vintage.gdp) not in known:
        raise ParameterError(
            f"gdp_year {vintage.gdp}: county_gdp has value added of the primary sector, on which a group of the "
            f"decomposition rests, of {counts[str(vintage.gdp)]} counties in that year, and nearly all are needed; "
            f"allowed: {', '.join(known)}. Choose one of these, or add it to a county_gdp of your own. Notebook 04 "
            "takes the gap of that year apart by border and terrain alone."
        )


def _gap_frame(evidence: Evidence, vintage: Vintage) -> pd.DataFrame:
    frame, census = evidence.analysis, evidence.table("census_2020")
    _require_sector(frame, vintage)
    counties = census[census["level"] == "county"].set_index("code")
    jobs = 100.0 * counties["long_form_agriculture"] / counties["long_form_employed"]
    share = 100.0 * frame[vintage.column("primary_gdp")] / frame[vintage.column("gdp")]
    rugged = frame["ruggedness"].astype(float)
    return frame.assign(
        **{f"primary_share_{vintage.gdp}": share},
        ruggedness_squared=(rugged / 100) ** 2,
        ruggedness_root=np.sqrt(rugged),
        ruggedness_log=np.log(rugged.where(rugged > 0)),
        ruggedness_log_of_one_more=np.log1p(rugged),
        farm_jobs_2020=jobs.reindex(frame["code"]).to_numpy(),
        market_potential=_market_potential(frame, vintage.column("population")),
    )


def _market_potential(frame: pd.DataFrame, residents: str) -> pd.Series:
    """Residents of all units over their distance in km (Harris 1954), in thousands a km.

    A unit's distance to itself is two thirds of the radius of a circle of its area (Head & Mayer 2002); no other unit
    counts as nearer than that. Units without a place are neither near to others nor given a value.
    """
    placed = frame[["longitude", "latitude", "area_km2", residents]].notna().all(axis=1)
    rows = frame[placed]
    longitude, latitude = np.radians(rows[["longitude", "latitude"]].to_numpy(dtype=float)).T
    points = np.column_stack(
        [np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude)]
    )
    chord = np.sqrt(np.maximum(2.0 - 2.0 * points @ points.T, 0.0))
    inside = 2.0 / 3.0 * np.sqrt(rows["area_km2"].to_numpy(dtype=float) / np.pi)
    distance = np.maximum(2.0 * EARTH_RADIUS_KM * np.arcsin(np.minimum(chord / 2.0, 1.0)), inside[:, None])
    people = rows[residents].to_numpy(dtype=float) / 1000.0
    return pd.Series((1.0 / distance) @ people, index=rows.index).reindex(frame.index)


def check_draws(draws: int) -> None:
    """Refuse a number of draws that gives no interval, or no end.

    Raises
    ------
    ParameterError
        The message says what is allowed.
    """
    if not isinstance(draws, Integral) or isinstance(draws, bool) or not _LEAST_DRAWS <= draws <= _MOST_DRAWS:
        raise ParameterError(
            f"draws is {draws!r}; allowed: a whole number from {_LEAST_DRAWS}, as fewer give no 95 % interval, to "
            f"{_MOST_DRAWS:,}. 999 are usual."
        )


@shared
def explain_places(
    place: str | int,
    reference: str | int,
    data: GapData,
    *,
    design: str = "main",
    draws: int = DRAWS,
    seed: int = SEED,
) -> GapAnswer:
    """Share out the gap of a place to a reference by the pre-specified design, or by one that differs in one thing.

    Parameters
    ----------
    place, reference : str or int
        Codes or names, as in :func:`_gap_areas`, whose errors are raised.
    data : GapData
        From :func:`gap_data`.
    design : str
        Key of :func:`shanhai.studies.gap.design.designs`.
    draws, seed : int
        Draws of prefectures behind the intervals, and their start.

    Raises
    ------
    ParameterError
        If there are fewer draws than give an interval, or too many.
    """
    check_draws(draws)
    here, there = _gap_areas(place, reference, data.frame, data.vintage)
    chosen = designs(data.vintage)[design]
    generator = np.random.default_rng(seed)
    shares = share_gap(chosen, data.frame, here.counties, there.counties, draws=draws, generator=generator)
    return GapAnswer(here, there, shares, data.vintage)


def trait_table(answer: GapAnswer, data: GapData) -> pd.DataFrame:
    """Population-weighted means of what the groups consist of, in place and reference, over the counties used.

    Returns
    -------
    DataFrame
        group, trait (key of :func:`shanhai.studies.gap.design.traits`), place, reference, difference.
    """
    listed, weight = traits(data.vintage), data.vintage.column("population")
    used = trait_rows(data, answer.shares.design.regression)
    means = []
    for area in (answer.place, answer.reference):
        rows = used[used["code"].isin(area.counties)]
        values = rows[[column for _, column in listed.values()]]
        means.append((values.mul(rows[weight], axis=0).sum() / rows[weight].sum()).to_numpy())
    table = pd.DataFrame({"group": [group for group, _ in listed.values()], "trait": list(listed)})
    table = table.assign(place=means[0], reference=means[1])
    return table.assign(difference=table["place"] - table["reference"])


def trait_rows(data: GapData, regression: RegressionSpec) -> pd.DataFrame:
    """Counties with all figures of an account.

    Parameters
    ----------
    data : GapData
        From :func:`gap_data`.
    regression : RegressionSpec
        Of the design of the account.

    Returns
    -------
    DataFrame
        code, residents, the columns of :func:`shanhai.studies.gap.design.traits` as numbers, and the outcome in its own
        unit; rows of the frame.
    """
    columns = [*(column for _, column in traits(data.vintage).values()), regression.outcome.column]
    frame = data.frame
    complete = frame[columns].notna().all(axis=1) & sample_mask(frame, regression.sample)
    kept = ["code", data.vintage.column("population"), *columns]
    return frame.loc[complete, kept].astype(dict.fromkeys(columns, "float64"))


def design_table(answer: GapAnswer, data: GapData) -> pd.DataFrame:
    """Shapley shares under designs that change one thing at a time, without intervals.

    Returns
    -------
    DataFrame
        One row a design: key, spec_id, n, n_place, gap, then the parts in log points (missing where a design has no
        such group).
    """
    return pd.DataFrame(
        [design_row(key, shares_under(design, answer, data)) for key, design in designs(data.vintage).items()]
    )


def shares_under(design: SharesDesign, answer: GapAnswer, data: GapData) -> GapShares:
    """Shares of the answer's gap under another design, without intervals."""
    sides = answer.place.counties, answer.reference.counties
    return share_gap(design, data.frame, *sides, draws=0, generator=np.random.default_rng(0))


def design_row(key: str, shares: GapShares) -> dict[str, object]:
    """A row of :func:`design_table`."""
    numbers = {"spec_id": shares.design.spec_id, "n": shares.n, "n_place": shares.n_place, "gap": shares.gap}
    return {"key": key, **numbers, **{part.name: part.contribution for part in shares.parts}}


def country_shares(data: GapData, *, draws: int = DRAWS, seed: int = SEED) -> tuple[GapPart, ...]:
    """Shapley shares of the groups in the variance of log GDP per head between all counties."""
    generator = np.random.default_rng(seed)
    return share_variance(gap_design(data.vintage), data.frame, draws=draws, generator=generator)


@shared
def explain_mountain_counties(
    data: GapData, *, by_row: bool = True, draws: int = DRAWS, seed: int = SEED
) -> OaxacaResult:
    """Oaxaca-Blinder decomposition of the gap between the 26 and the other counties of Zhejiang.

    Parameters
    ----------
    data : GapData
    by_row : bool
        Draw counties (pre-specified) or their prefectures.
    draws, seed : int
    """
    generator = np.random.default_rng(seed)
    return oaxaca_blinder(mountain_design(data.vintage), data.frame, by_row=by_row, draws=draws, generator=generator)


def rugged_counties(data: GapData) -> tuple[int, int]:
    """How many other counties of Zhejiang are as rugged as the median of the 26, and how many there are."""
    rows = data.frame[data.frame["province_code"] == ZHEJIANG]
    rows = rows.dropna(subset=["ruggedness", data.vintage.column("gdp_per_capita")])
    listed = rows["is_mountain_26"].astype(bool)
    median = rows.loc[listed, "ruggedness"].median()
    return int((rows.loc[~listed, "ruggedness"] >= median).sum()), int((~listed).sum())


def _gap_areas(
    place: str | int, reference: str | int, frame: pd.DataFrame, vintage: Vintage
) -> tuple[_GapArea, _GapArea]:
    """The place and its reference, by codes or names.

    Parameters
    ----------
    place : str or int
        A prefecture or county.
    reference : str or int
        A prefecture, county or province, or 000000 for the country.
    frame : DataFrame
        County frame.
    vintage : Vintage
        Year of GDP and census that figures are needed of.

    Raises
    ------
    UnknownPlaceError
        If there is no such place, or several bear the name.
    ParameterError
        If the place is a province or the country, or both hold the same counties.
    MissingDataError
        If no county of one of them has all the figures that the account needs.
    """
    if is_nation(place) or _found(place).level == "province":
        raise ParameterError(
            f"place is {place!r}, a province or the country; allowed: a prefecture or county, such as 330800 (Quzhou). "
            "Provinces and 000000 may stand as the reference."
        )
    here = _with_figures(_area(place, frame, "place"), frame, vintage)
    if is_nation(reference):
        there = _GapArea(NATION, "China", "全国", frozenset(frame["code"]))
    else:
        there = _with_figures(_area(reference, frame, "reference"), frame, vintage)
    if here.counties == there.counties:
        raise ParameterError(
            f"place {place!r} and reference {reference!r} hold the same counties, so there is no gap; allowed: two "
            f"different places. Give another reference, such as its province or {NATION} for the country."
        )
    return here, there


def check_gap(place: str | int | None = None, reference: str | int | None = None) -> None:
    """Refuse a place and a reference that cannot be compared, before any work is done; raises as :func:`_gap_areas`.

    Parameters
    ----------
    place, reference : str, optional
        As in :func:`_gap_areas`; those of notebook 08 stand for what is not given.
    """
    here, there = (
        default if code is None else code for code, default in zip((place, reference), _DEFAULTS, strict=True)
    )
    _gap_areas(here, there, project_evidence().frame, vintage_of())


def _found(query: str | int) -> Place:
    """The place of a code or name; of a prefecture without counties, which is a county too, the prefecture."""
    places = load_places()
    found = places.place(query)
    return next((place for place in places.all if place.code == found.code), found)


def _area(query: str | int, frame: pd.DataFrame, what: str) -> _GapArea:
    """The area of a province, a prefecture or a county."""
    found = _found(query)
    if found.kind == "direct_administration":
        raise UnknownPlaceError(
            f"{what} {query!r} is no place: under it a province lists units that it administers directly. Name one of "
            "them, or a prefecture."
        )
    column = {"county": "code", "prefecture": "prefecture_code", "province": "province_code"}[found.level]
    counties = frozenset(frame.loc[frame[column] == found.code, "code"])
    return _GapArea(found.code, found.short_en, found.short_zh, counties)


def _with_figures(area: _GapArea, frame: pd.DataFrame, vintage: Vintage) -> _GapArea:
    """The area, if at least one of its counties has every figure."""
    rows = frame.loc[frame["code"].isin(area.counties), list(needed(vintage))]
    if not rows.notna().all(axis=1).any():
        lacking = ", ".join(
            f"{column} of {int(rows[column].isna().sum())}" for column in rows.columns if rows[column].isna().any()
        )
        layer = rows["on_border"].isna().all()
        where = "a layer `counties` that holds it and its neighbours" if layer else "your own county_gdp"
        raise MissingDataError(
            f"{area.code} {area.name_zh} ({area.name_en}) has {len(rows)} county-level units, none with all figures of "
            f"the account; missing are {lacking or 'all'}. Add them to {where} and name that file in "
            ".shanhai.toml under [replace], or choose another place."
        )
    return area
