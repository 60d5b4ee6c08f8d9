"""Counties joined where their boundaries changed, so that every year counts the same ground.

Residents of 2010 are known for the units of 2010, lights and GDP for those of 2021. Where a county was split or land
changed hands, only the union of all units concerned has the same outer boundary in all years. Sums (residents, GDP,
lights, area) are added up over it. Hangzhou's districts, redrawn in 2021, are so two units more rather than a hole:
Shangcheng, Jianggan and Xiaoshan; Xiacheng and Gongshu.
"""

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.data.frames.crosswalk import select_vintage, sum_over_unions
from shanhai.data.frames.harmonise import territory_groups
from shanhai.data.frames.lights import PREFIX, light_years
from shanhai.data.years import CENSUSES

_GROUNDS = (2010, 2021)
"""Vintages of units that figures come in, beside the counties of 2020."""

INSIDE = {"330383": "330327"}
"""County of 2020 and the county whose GDP of earlier years holds its own: Longgang left Cangnan in 2019."""

_NEEDED = ("code", "name_zh", "name_en", "province_code", "prefecture_code", "is_district", "is_mountain_26", "type")
"""Columns that a frame must have beside its figures."""

_FROM_LARGEST = (
    *("code", "province_code", "province", "province_zh", "prefecture_code", "prefecture", "prefecture_zh"),
    *("is_mountain_26", "type", "longitude", "latitude"),
)
"""Columns that a union takes from its member with most residents. Cangnan with Longgang counts as one of the 26, as it
did until 2019; today's 26 hold Cangnan without Longgang."""


def unions_of_counties(crosswalk: pd.DataFrame) -> pd.Series:
    """The union of each county of 2020: counties that shared a unit in 2010 or share one in 2021 are joined.

    Parameters
    ----------
    crosswalk : DataFrame
        The table ``crosswalk``.

    Returns
    -------
    Series
        Smallest code of 2020 in the union, by code of 2020.

    Raises
    ------
    MissingDataError
        If the crosswalk has no rows of one of the vintages.
    """
    rows = pd.concat([select_vintage(crosswalk, vintage) for vintage in _GROUNDS]).dropna(subset="code_2020")
    links = rows[["vintage", "union_code", "code_2020"]].drop_duplicates(ignore_index=True)
    union = links["code_2020"]
    while True:
        joined = union.groupby([links["vintage"], links["union_code"]]).transform("min")
        joined = joined.groupby(links["code_2020"]).transform("min")
        if joined.equals(union):
            break
        union = joined
    return union.set_axis(links["code_2020"]).groupby(level=0).first().rename("union")


def with_redrawn_districts(
    frame: pd.DataFrame, crosswalk: pd.DataFrame, lights: pd.DataFrame, gdp: pd.DataFrame
) -> pd.DataFrame:
    """The frame with light and GDP of units of 2021 that lie on several counties of 2020.

    No such figure belongs to one county of 2020, so the county frame leaves it out. Of each union it is given to the
    county with the smallest code, and zero to the others, which is right for the sum over the union and for it alone.

    Parameters
    ----------
    frame : DataFrame
        With code, lights_<year> and gdp_<year>; not changed.
    crosswalk, lights, gdp : DataFrame
        The tables ``crosswalk``, ``county_lights`` and ``county_gdp``.
    """
    links = select_vintage(crosswalk, 2021).dropna(subset="code_2020")
    several = links.groupby("union_code")["code_2020"].transform("nunique") > 1
    links = links[several]
    unit = links.drop_duplicates("code").set_index("code")["union_code"]
    figures = pd.concat(
        [
            lights.pivot(index="code", columns="year", values="light_sum").add_prefix(PREFIX),
            gdp.pivot(index="code", columns="year", values="gdp_10k_yuan").add_prefix("gdp_") * 10_000,
        ],
        axis=1,
    ).reindex(unit.index)
    sums = figures.groupby(unit).sum(skipna=False)
    names = [name for name in sums.columns if name in frame.columns]
    counties = links.drop_duplicates("code_2020").sort_values("code_2020").set_index("code_2020")["union_code"]
    share = (~counties.duplicated()).astype(float)
    placed = sums.loc[counties, names].set_axis(counties.index).mul(share, axis=0)
    rows = frame.set_index("code")[names].astype(float)
    filled = rows.fillna(placed.reindex(rows.index))
    return frame.assign(**{name: filled[name].to_numpy() for name in names})


def united_frame(frame: pd.DataFrame, census_2010: pd.DataFrame, crosswalk: pd.DataFrame) -> pd.DataFrame:
    """One row a union of counties with an unchanged outer boundary since 2010; most unions are one county.

    Parameters
    ----------
    frame : DataFrame
        The county frame, or the frame for regressions; not changed.
    census_2010 : DataFrame
        Rows of the 2010 census: code, is_county, population.
    crosswalk : DataFrame
        The table ``crosswalk``.

    Returns
    -------
    DataFrame
        code and memberships of the member with most residents; name_zh and name_en of all members joined by ``+``;
        members (number); population_2010, population_2020, area_km2, gdp_<year>, lights_<year> summed (missing if a
        member has none); ruggedness averaged by area; on_border and gdp_is_doubtful if any member is (on_border
        missing if it is not known); is_district if most residents live in districts. Sorted by code.

    Raises
    ------
    MissingDataError
        If a column of `_NEEDED` is absent or a code occurs twice.
    """
    absent = sorted(set(_NEEDED) - set(frame.columns))
    if absent or frame["code"].duplicated().any():
        raise MissingDataError(
            f"The frame lacks {absent} or repeats a code; needed: one row a county with {', '.join(_NEEDED)}. "
            "Pass the county frame."
        )
    union = unions_of_counties(crosswalk)
    rows = frame.assign(union=frame["code"].map(union).fillna(frame["code"]))
    rows = rows.sort_values(["population_2020", "code"], ascending=[False, True])
    grouped = rows.groupby("union", sort=True)
    united = grouped[[name for name in _FROM_LARGEST if name in rows.columns]].first()
    united["name_zh"], united["name_en"] = grouped["name_zh"].agg("+".join), grouped["name_en"].agg(" + ".join)
    united["members"] = grouped.size()
    united = united.join(_sums(rows)).join(_means(rows))
    united["population_2010"] = _residents_of_2010(frame, census_2010, crosswalk).reindex(united.index)
    return united.reset_index(drop=True).sort_values("code", ignore_index=True)


def _residents_of_2010(frame: pd.DataFrame, census: pd.DataFrame, crosswalk: pd.DataFrame) -> pd.Series:
    earlier = census.loc[census["is_county"] & census["code"].notna(), ["code", "population"]]
    later = frame[["code", "population_2020"]].rename(columns={"population_2020": "population"})
    sums = sum_over_unions(earlier, later, crosswalk, 2010, "population").set_index("union_code")["population_2010"]
    links = select_vintage(crosswalk, 2010).dropna(subset="code_2020").drop_duplicates("union_code")
    union = links.set_index("union_code")["code_2020"].map(unions_of_counties(crosswalk))
    return sums.astype(float).groupby(union).sum(skipna=False)


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    """Figures that add up; one that a member lacks is missing for the union."""
    gdp = [name for name in rows.columns if name.startswith("gdp_2") and name[4:].isdigit()]
    lights = [f"{PREFIX}{year}" for year in light_years(rows)]
    figures = rows[["population_2020", "area_km2", *gdp, *lights]].astype(float)
    for young, old in INSIDE.items():
        here = rows["code"].eq(young)
        published = figures.loc[rows["code"].eq(old), gdp].notna().any()
        early = [name for name in gdp if int(name[4:]) < CENSUSES[1] and published[name]]
        figures.loc[here, early] = figures.loc[here, early].fillna(0.0)
    return figures.groupby(rows["union"]).sum(min_count=1).where(figures.notna().groupby(rows["union"]).all())


def _means(rows: pd.DataFrame) -> pd.DataFrame:
    """Terrain weighted by area, district status by residents, the border as soon as one member touches it."""
    union, area = rows["union"], rows["area_km2"].astype(float)
    people = rows["population_2020"].fillna(0.0)
    parts = {"is_district": (people * rows["is_district"]).groupby(union).sum() * 2 > people.groupby(union).sum()}
    if "ruggedness" in rows.columns:
        parts["ruggedness"] = (rows["ruggedness"] * area).groupby(union).sum(min_count=1) / area.groupby(union).sum()
    if "gdp_is_doubtful" in rows.columns:
        parts["gdp_is_doubtful"] = rows["gdp_is_doubtful"].astype(bool).groupby(union).any()
    if "on_border" in rows.columns:
        touches = rows["on_border"].astype("boolean")
        known = touches.notna().groupby(union).any()
        # A member without polygon lies in another's; one whose neighbour may be absent leaves the union open.
        unknown = (touches.isna() & area.notna()).groupby(union).any()
        parts["on_border"] = touches.groupby(union).any()
        parts["on_border"] = parts["on_border"].where(parts["on_border"] | (known & ~unknown))
    return pd.DataFrame(parts)


def with_joint_gdp(frame: pd.DataFrame, county_gdp: pd.DataFrame, crosswalk: pd.DataFrame, year: int) -> pd.DataFrame:
    """The county frame with the joint GDP per head of redrawn counties, for maps: a union with a figure is no hole.

    Where boundaries were redrawn after the census, the figures of the new units belong to no county of 2020 alone, but
    together they are those of all counties concerned: the five districts of Hangzhou redrawn in 2021. Every member gets
    the GDP of its union over the residents of its union; it says nothing on how they differ, so that no estimate may
    count them as counties of their own.

    Parameters
    ----------
    frame : DataFrame
        code, ``population_2020`` and ``gdp_per_capita_<year>``; not changed.
    county_gdp : DataFrame
        The table ``county_gdp``: code, year, gdp_10k_yuan.
    crosswalk : DataFrame
        The table ``crosswalk``.
    year : int

    Returns
    -------
    DataFrame
        A copy with ``gdp_joint_<year>``, the code of the union of each county that was given a joint figure, missing
        for all others. Unions stay missing where a unit has no figure or the frame lacks a member.
    """
    head = f"gdp_per_capita_{year}"
    links = territory_groups(crosswalk, 2021)
    links = links[~links["recoverable"]]
    figures = county_gdp[county_gdp["year"].eq(year)].set_index("code")["gdp_10k_yuan"]
    units = links.drop_duplicates(["group", "code"])
    gdp = units["code"].map(figures).astype(float).mul(10_000).groupby(units["group"]).sum(skipna=False)
    members = links.drop_duplicates("code_2020").set_index("code_2020")["group"]
    people = members.index.to_series().map(frame.set_index("code")["population_2020"]).astype(float)
    joint = gdp / people.groupby(members).sum(skipna=False)
    union = frame["code"].map(members)
    values = union.map(joint)
    given = frame[head].isna() & values.notna()
    return frame.assign(**{head: frame[head].where(~given, values), f"gdp_joint_{year}": union.where(given)})


def residents(united: pd.DataFrame, years: tuple[int, ...]) -> pd.DataFrame:
    """Residents of each year, from the two censuses that there are.

    Between the censuses they grow at a constant rate; before the first and after the second they are held, since
    nothing is known about them by county. A value per head of 2001 is thus per resident of 2010.

    Parameters
    ----------
    united : DataFrame
        With population_2010 and population_2020.
    years : tuple of int

    Returns
    -------
    DataFrame
        One column a year, rows as in ``united``.
    """
    first, last = CENSUSES
    share = (np.clip(np.array(years, dtype=float), first, last) - first) / (last - first)
    logs = np.log(united[["population_2010", "population_2020"]].to_numpy(dtype=float))
    grown = np.exp(logs[:, [0]] * (1 - share) + logs[:, [1]] * share)
    return pd.DataFrame(grown, index=united.index, columns=list(years))


def with_hosted_zones(frame: pd.DataFrame, zones: pd.DataFrame, census_2020: pd.DataFrame) -> pd.DataFrame:
    """The frame with residents of development zones counted in the county that hosts them.

    The census of 2020 lists them apart, that of 2010 did not: without this a host seems to have lost them.

    Parameters
    ----------
    frame : DataFrame
        With code and population_2020; not changed.
    zones : DataFrame
        The table ``zones``: host_code, row_2020. Zones without a known host stay out.
    census_2020 : DataFrame
        The table ``census_2020``: row, population.
    """
    hosted = zones.dropna(subset=["host_code", "row_2020"])
    people = hosted["row_2020"].map(census_2020.set_index("row")["population"]).astype(float)
    apart = people.groupby(hosted["host_code"]).sum()
    return frame.assign(population_2020=frame["population_2020"] + frame["code"].map(apart).fillna(0.0))
