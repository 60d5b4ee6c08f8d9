"""Hold a table against the limits: what lies outside is refused in a user's table and flagged in a bundled one.

A user's copy of a bundled table holds what the bundled one is flagged for. It passes: a breach that the bundled one
shows in the same row with the same value is known, and stays a flag. So does one of the same place in another year
where the limit is about the place.

A user's table is also held against ours: figures of the same place and year, and whole blocks that repeat another year.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from shanhai.core import fields
from shanhai.core.errors import ValidationError
from shanhai.data import limits
from shanhai.data.frames.residents import NEEDS, county_population, residents_behind
from shanhai.data.limits import BESIDE_OURS, BESIDE_PREFECTURE, Limit
from shanhai.data.rules import FLAG_COLUMNS, Tables
from shanhai.data.years import GDP_YEARS, LIGHT_YEARS

_BESIDE: dict[str, dict[str, tuple[Limit, float]]] = {
    "county_gdp": {"gdp_10k_yuan": (BESIDE_OURS, 0), "primary_gdp_10k_yuan": (BESIDE_OURS, 10_000)},
    "county_hukou": {
        "hukou_population_10k": (BESIDE_OURS, 0.1),
        "resident_urban_10k": (BESIDE_OURS, 1),
        "resident_rural_10k": (BESIDE_OURS, 1),
    },
    "county_investment": {"investment_100m_yuan": (BESIDE_OURS, 1)},
    "county_lights": {"light_sum": (BESIDE_OURS, 10)},
    "county_roads": {"road_length_km": (BESIDE_OURS, 10)},
    "prefecture_economy": {
        "gdp_100m_yuan": (BESIDE_PREFECTURE, 0),
        **{f"{sector}_gdp_10k_yuan": (BESIDE_PREFECTURE, 10_000) for sector in ("primary", "secondary", "tertiary")},
    },
    "census_2010": {"population": (BESIDE_OURS, 0)},
    "census_2020": {"population": (BESIDE_OURS, 0)},
}
"""Columns held against ours: the limit, and what is added to both figures, so that a trace may double or vanish. It is
100 million yuan, 10,000 residents, 1,000 registered, 10 km of highways, and the light of one bright street."""

_REPEATS = {
    "county_gdp": ("gdp_10k_yuan", "primary_gdp_10k_yuan", "gdp_per_capita_10k_yuan"),
    "county_lights": ("light_sum",),
}
"""Columns in which no two years of a place are the same but by chance. Registered population and highways are not
among them: provinces did print the figures of the year before again."""

REPEATED_UNITS, REPEATED_SHARE = 10, 0.5
"""Fewest units of a province with a figure above zero in both years, and the share of them that makes a repeat. In our
tables no GDP repeats, and of the lights of Tibet, the darkest, at most 36 percent do."""

_BREACH_COLUMNS = ("code", "year", "key", "limit", "column", "value", "measured")

SHOWN = 5
"""Breaches of each limit that an error lists."""

_BLOCK_UNITS = 10
"""Fewest counties of a province and year of which a common factor can be told."""


@dataclass(frozen=True)
class _Check:
    """One limit on one table."""

    table: str
    column: str
    """The figure that is refused or flagged."""
    limit: Limit
    measure: Callable[[pd.DataFrame, Tables], pd.Series]
    """Quantity of the limit by row of the table; missing where it cannot be told."""
    needs: tuple[str, ...] = ()


def growth(column: str) -> Callable[[pd.DataFrame, Tables], pd.Series]:
    """Yearly growth of a column since the year before of the same code, beyond one break of a factor of two."""

    def measure(frame: pd.DataFrame, tables: Tables) -> pd.Series:
        rows = frame.loc[frame[column] > 0].sort_values(["code", "year"], kind="stable")
        before = rows.groupby("code")[["year", column]].shift()
        change = (rows[column] / before[column]).apply(np.log)
        beyond = np.sign(change) * (change.abs() - np.log(2)).clip(lower=0)
        years = (rows["year"] - before["year"]).where(lambda span: span > 0)  # two entries of one year
        return (beyond / years).apply(np.exp).reindex(frame.index)

    return measure


def _per_resident(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    return frame["gdp_10k_yuan"] * 10_000 / residents_behind(frame, tables)


def _people_behind(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    implied = frame["gdp_10k_yuan"] / frame["gdp_per_capita_10k_yuan"]
    return implied / residents_behind(frame, tables)


def _people_of_block(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    by_block = _people_behind(frame, tables).groupby([frame["code"].str[:2], frame["year"]])
    return by_block.transform("median").where(by_block.transform("count") >= _BLOCK_UNITS)


def _primary_share(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    return frame["primary_gdp_10k_yuan"] / frame["gdp_10k_yuan"] * 100


def _hukou_over_census(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    census = tables["census_2010"]
    rows = census.loc[census["is_county"] & census["code"].notna()].set_index("code")
    return frame["hukou_population_10k"] * 10_000 / frame["code"].map(rows["hukou_population"])


def _residents_over_census(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    total = (frame["resident_urban_10k"] + frame["resident_rural_10k"]) * 10_000
    return total / frame["code"].map(county_population(tables["census_2020"]))


def _over_area(column: str) -> Callable[[pd.DataFrame, Tables], pd.Series]:
    def measure(frame: pd.DataFrame, tables: Tables) -> pd.Series:
        return frame[column] / frame["code"].map(tables["county_terrain"].set_index("code")["area_km2"])

    return measure


def _coverage(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    counts = frame.groupby("year")["code"].transform("nunique")
    return counts / counts.max() * 100


def _light_of_year(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    total = frame.groupby("year")["light_sum"].sum()
    return frame["year"].map(total / total.shift())


def _illiteracy(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    children = frame[["age_0", "age_1_4", "age_5_9", "age_10_14"]].sum(axis=1, skipna=False)
    rate = frame["illiterate_15plus"] / (frame["population"] - children) * 100
    return rate - frame["illiterate_share_15plus_pct"]


def _over_gdp(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    gdp = tables["county_gdp"].pivot(index="code", columns="year", values="gdp_10k_yuan") / 10_000
    nearest = frame["year"].map(lambda year: min(GDP_YEARS, key=lambda known: abs(known - year)))
    by_year = pd.DataFrame({year: frame["code"].map(gdp[year]) for year in GDP_YEARS if year in gdp.columns})
    base = pd.Series(np.nan, index=frame.index)
    for year in by_year.columns:
        base = base.mask(nearest.eq(year), by_year[year])
    return frame["investment_100m_yuan"] / base


def _shares(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    return frame[["primary_share_pct", "secondary_share_pct", "tertiary_share_pct"]].sum(axis=1, skipna=False)


def _sectors(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    columns = ["primary_gdp_10k_yuan", "secondary_gdp_10k_yuan", "tertiary_gdp_10k_yuan"]
    return frame[columns].sum(axis=1, skipna=False) / 1e4 / frame["gdp_100m_yuan"] * 100


def _share_printed(sector: str) -> Callable[[pd.DataFrame, Tables], pd.Series]:
    def measure(frame: pd.DataFrame, tables: Tables) -> pd.Series:
        share = frame[f"{sector}_gdp_10k_yuan"] / 1e4 / frame["gdp_100m_yuan"] * 100
        return frame[f"{sector}_share_pct"] / share.where(share > 0)

    return measure


def _less_whole(*parts: str) -> Callable[[pd.DataFrame, Tables], pd.Series]:
    def measure(frame: pd.DataFrame, tables: Tables) -> pd.Series:
        return frame[list(parts)].sum(axis=1, skipna=False) - frame["population"]

    return measure


def _ages_less_whole(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    return _less_whole(*(name for name in map(str, frame) if name.startswith("age_")))(frame, tables)


def _census(table: str) -> tuple[_Check, ...]:
    # no look into the dictionary here: `shanhai build registry` imports this while the dictionary's checksum is old
    parts = {"male": ("male", "female"), "urban_population": ("urban_population", "rural_population")}
    wholes = (_Check(table, column, limits.WHOLE, _less_whole(*columns)) for column, columns in parts.items())
    ages = _Check(table, "age_0", limits.WHOLE, _ages_less_whole)
    return (*wholes, ages, _Check(table, "illiterate_share_15plus_pct", limits.ILLITERACY, _illiteracy))


CHECKS: tuple[_Check, ...] = (
    _Check("county_gdp", "gdp_10k_yuan", limits.GDP_PER_HEAD, _per_resident, NEEDS),
    _Check("county_gdp", "gdp_10k_yuan", limits.PEOPLE_BEHIND, _people_behind, NEEDS),
    _Check("county_gdp", "gdp_10k_yuan", limits.PEOPLE_OF_BLOCK, _people_of_block, NEEDS),
    _Check("county_gdp", "gdp_10k_yuan", limits.GROWTH, growth("gdp_10k_yuan")),
    _Check("county_gdp", "gdp_per_capita_10k_yuan", limits.GROWTH, growth("gdp_per_capita_10k_yuan")),
    _Check("county_gdp", "primary_gdp_10k_yuan", limits.PRIMARY_SHARE, _primary_share),
    _Check("county_gdp", "primary_gdp_10k_yuan", limits.PRIMARY_GROWTH, growth("primary_gdp_10k_yuan")),
    _Check("county_hukou", "hukou_population_10k", limits.HUKOU, _hukou_over_census, ("census_2010",)),
    _Check("county_hukou", "hukou_population_10k", limits.POPULATION_GROWTH, growth("hukou_population_10k")),
    _Check("county_hukou", "resident_urban_10k", limits.RESIDENTS, _residents_over_census, ("census_2020",)),
    _Check("county_investment", "investment_100m_yuan", limits.INVESTMENT, _over_gdp, ("county_gdp",)),
    _Check("county_investment", "investment_100m_yuan", limits.INVESTMENT_GROWTH, growth("investment_100m_yuan")),
    _Check("county_lights", "light_sum", limits.COVERAGE, _coverage),
    _Check("county_lights", "light_sum", limits.LIGHT_GROWTH, _light_of_year),
    _Check("county_lights", "light_sum", limits.LIGHTS, _over_area("light_sum"), ("county_terrain",)),
    _Check("county_roads", "road_length_km", limits.ROADS, _over_area("road_length_km"), ("county_terrain",)),
    _Check("county_roads", "road_length_km", limits.ROAD_GROWTH, growth("road_length_km")),
    _Check("prefecture_economy", "gdp_100m_yuan", limits.GROWTH, growth("gdp_100m_yuan")),
    _Check("prefecture_economy", "gdp_per_capita_yuan", limits.GROWTH, growth("gdp_per_capita_yuan")),
    _Check("prefecture_economy", "primary_share_pct", limits.SHARES, _shares),
    _Check("prefecture_economy", "gdp_100m_yuan", limits.SECTORS, _sectors),
    *(
        _Check("prefecture_economy", f"{sector}_share_pct", limits.SHARE_PRINTED, _share_printed(sector))
        for sector in ("primary", "secondary", "tertiary")
    ),
    *_census("census_2010"),
    *_census("census_2020"),
)
"""What each table is held against, after its corrections."""

_NEEDED_YEARS = {"county_gdp": GDP_YEARS, "county_lights": LIGHT_YEARS}
"""Years that findings compare, so that a table without one of them cannot stand for ours."""


def needs_of(table: str) -> set[str]:
    """Other tables that the checks of a table look at."""
    return {name for check in CHECKS if check.table == table for name in check.needs}


def _breaches(table: str, frame: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    """Rows of a corrected table outside a limit: `_BREACH_COLUMNS`, in the order of the checks and rows."""
    key = fields.key_of(table)
    found = [pd.DataFrame(columns=list(_BREACH_COLUMNS))]
    for check in (check for check in CHECKS if check.table == table):
        measured = check.measure(frame, tables)
        outside = frame.loc[measured.notna() & ~measured.between(check.limit.low, check.limit.high)]
        if len(outside):
            rows = {
                "code": outside["code"],
                "year": outside.get("year", ""),
                "key": [";".join(f"{name}={row[name]}" for name in key) for row in outside.to_dict("records")],
                "limit": check.limit.id,
                "column": check.column,
                "value": outside[check.column],
                "measured": measured[outside.index],
            }
            found.append(pd.DataFrame(rows))
    return pd.concat([part for part in found if len(part)] or found, ignore_index=True)


def require_years(table: str, file: str, own: pd.DataFrame) -> None:
    """Refuse a user's table that lacks a year which findings compare, before a rule looks for it.

    Raises
    ------
    ValidationError
        Naming the years that are absent and those that are needed.
    """
    absent = sorted(set(_NEEDED_YEARS.get(table, ())) - set(own.get("year", pd.Series(dtype=int))))
    if absent:
        raise ValidationError(
            f"{file} has no rows of {', '.join(map(str, absent))}; a table {table!r} needs"
            f" {', '.join(map(str, _NEEDED_YEARS[table]))}, which findings compare. Take these years over from"
            f" data/{table}.csv, or add them; other years may stand beside them."
        )


def require_plausible(table: str, file: str, own: pd.DataFrame, bundled: pd.DataFrame, tables: Tables) -> None:
    """Refuse a user's table that breaches a limit where ours does not.

    Raises
    ------
    ValidationError
        Naming the rows by key, with column, value, what it implies, and the limit.
    """
    known = _breaches(table, bundled, tables)
    new = _unknown(_breaches(table, own, tables), known)
    far = _far_from_ours(table, own, bundled)
    far = far.loc[~far["key"].isin(known["key"])]  # where ours is implausible itself
    new = pd.concat([part for part in (new, far) if len(part)] or [new])
    if len(new):
        beside = (limits.BESIDE_OURS, limits.BESIDE_PREFECTURE)
        by_id = {limit.id: limit for limit in (*(check.limit for check in CHECKS), *beside)}
        lines = [
            f"  {row['key']}: {row['column']} = {row['value']:.15g} gives {row['measured']:,.4g} as"
            f" {by_id[row['limit']]}"
            for row in new.groupby("limit", sort=False).head(SHOWN).to_dict("records")
        ]
        raise ValidationError(
            f"{file} as table {table!r} holds implausible figures after the corrections, {len(new)} in all; first"
            " of them:\n" + "\n".join(lines) + "\nCorrect the value or its unit, or leave the row out."
        )
    _require_no_repeats(table, file, own)


def _unknown(found: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """Breaches that our table does not show: in this row by as much, or of this place in any year by half to twice."""
    of_place = {check.limit.id for check in CHECKS if check.limit.of_place}
    pairs = found.reset_index(names="row").merge(ours, on=["code", "limit", "column"], suffixes=("", "_ours"))
    same_row = pairs["key"].eq(pairs["key_ours"]) & pairs["measured"].eq(pairs["measured_ours"])
    same_place = pairs["limit"].isin(of_place) & (pairs["measured"] / pairs["measured_ours"]).between(0.5, 2)
    return found.loc[~found.index.isin(pairs.loc[same_row | same_place, "row"])]


def limit_flags(tables: Tables) -> pd.DataFrame:
    """Flags on figures outside a limit, one row a figure and limit; the year stands behind an ``@``.

    Parameters
    ----------
    tables : corrected frames by the names in `TABLES`.
    """
    by_id = {check.limit.id: check.limit for check in CHECKS}
    parts = []
    for name in sorted({check.table for check in CHECKS}):
        found = _breaches(name, tables[name], tables)
        flags = found[["code", "column"]].assign(table=name, flag="beyond_" + found["limit"])
        flags["column"] = [f"{column}@{year}" for column, year in zip(found["column"], found["year"], strict=True)]
        flags["reason"] = [f"implausible: {by_id[limit]}" for limit in found["limit"]]
        parts.append(flags)
    return pd.concat(parts, ignore_index=True)[list(FLAG_COLUMNS)]


TABLES = tuple(sorted({check.table for check in CHECKS} | {name for check in CHECKS for name in check.needs}))
"""Tables that :func:`limit_flags` looks at."""


def _far_from_ours(table: str, own: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """Figures of a user far from ours of the same place and year: key, column, value, measured, limit (its name)."""
    key = list(fields.key_of(table))
    by = key
    if "is_county" in own:  # rows of a census are numbered by its file
        by = ["code"]
        own, ours = (frame.loc[frame["is_county"] & frame["code"].notna()] for frame in (own, ours))
        ours = ours.drop_duplicates("code")
    columns = _BESIDE.get(table, {})
    pairs = own.merge(ours[[*by, *columns]], on=by, suffixes=("", "_ours"))
    parts = [pd.DataFrame(columns=["code", "year", "key", "limit", "column", "value", "measured"])]
    for column, (limit, floor) in columns.items():
        measured = (pairs[column] + floor) / (pairs[f"{column}_ours"] + floor).where(lambda base: base > 0)
        far = pairs.loc[measured.notna() & ~measured.between(limit.low, limit.high)]
        rows = {
            "code": far["code"],
            "year": far.get("year", ""),
            "key": [";".join(f"{name}={row[name]}" for name in key) for row in far.to_dict("records")],
            "limit": limit.id,
            "column": column,
            "value": far[column],
            "measured": measured[far.index],
        }
        parts.append(pd.DataFrame(rows))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)


def _require_no_repeats(table: str, file: str, own: pd.DataFrame) -> None:
    """Refuse a province of which one year's figures are those of another.

    Raises
    ------
    ValidationError
        Naming the column, the province and the two years.
    """
    for column in _REPEATS.get(table, ()):
        wide = own.loc[own[column] > 0].pivot(index="code", columns="year", values=column)
        province = wide.index.str[:2]
        for first, second in combinations(wide.columns, 2):
            known = (wide[first].notna() & wide[second].notna()).astype(float).groupby(province).sum()
            share = wide[first].eq(wide[second]).astype(float).groupby(province).sum() / known
            repeated = share.index[known.ge(REPEATED_UNITS) & share.ge(REPEATED_SHARE)]
            if len(repeated):
                places = ", ".join(f"{digits}0000" for digits in repeated)
                raise ValidationError(
                    f"{file} as table {table!r} has in {column} the same figures in {first} and {second} for"
                    f" {share[repeated].min():.0%} or more of the units of {places} (rule repeated_year: half of at"
                    f" least {REPEATED_UNITS} units). Put in the figures of the year that was copied, or"
                    " leave its rows out."
                )
