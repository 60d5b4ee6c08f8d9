"""Counties joined where their boundaries changed between the censuses, so that 2010 and 2020 count the same ground.

Residents of 2010 are known for the units of 2010. Where a county was split or land changed hands, only the union of all
units concerned has the same outer boundary in both years. Sums (residents, GDP, lights, area) are added up over it.
"""

import numpy as np
import pandas as pd

from shanhai.core.errors import MissingDataError
from shanhai.data.frames.crosswalk import select_vintage, sum_over_unions
from shanhai.data.frames.lights import PREFIX, light_years
from shanhai.data.years import CENSUSES

_INSIDE = {"330383": "330327"}
"""County of 2020 and the county whose GDP of earlier years holds its own: Longgang left Cangnan in 2019."""

_NEEDED = ("code", "name_zh", "name_en", "province_code", "prefecture_code", "is_district", "is_mountain_26", "type")
"""Columns that a frame must have beside its figures."""

_FROM_LARGEST = (
    *("code", "province_code", "province", "province_zh", "prefecture_code", "prefecture", "prefecture_zh"),
    *("is_mountain_26", "type", "longitude", "latitude"),
)
"""Columns that a union takes from its member with most residents. Cangnan with Longgang counts as one of the 26, as it
did until 2019; today's 26 hold Cangnan without Longgang."""


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
    links = select_vintage(crosswalk, 2010).dropna(subset="code_2020")
    union = links.drop_duplicates("code_2020").set_index("code_2020")["union_code"]
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
    sums = sum_over_unions(earlier, later, crosswalk, 2010, "population")
    return sums.set_index("union_code")["population_2010"].astype(float)


def _sums(rows: pd.DataFrame) -> pd.DataFrame:
    """Figures that add up; one that a member lacks is missing for the union."""
    gdp = [name for name in rows.columns if name.startswith("gdp_2") and name[4:].isdigit()]
    lights = [f"{PREFIX}{year}" for year in light_years(rows)]
    figures = rows[["population_2020", "area_km2", *gdp, *lights]].astype(float)
    for young, old in _INSIDE.items():
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
