"""Hold a user's table against ours: figures of the same place and year, and whole blocks that repeat another year."""

from itertools import combinations

import pandas as pd

from shanhai.core import fields
from shanhai.core.errors import ValidationError
from shanhai.data.limits import BESIDE_OURS, BESIDE_PREFECTURE, Limit

BESIDE: dict[str, dict[str, tuple[Limit, float]]] = {
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

REPEATS = {
    "county_gdp": ("gdp_10k_yuan", "primary_gdp_10k_yuan", "gdp_per_capita_10k_yuan"),
    "county_lights": ("light_sum",),
}
"""Columns in which no two years of a place are the same but by chance. Registered population and highways are not
among them: provinces did print the figures of the year before again."""

REPEATED_UNITS, REPEATED_SHARE = 10, 0.5
"""Fewest units of a province with a figure above zero in both years, and the share of them that makes a repeat. In our
tables no GDP repeats, and of the lights of Tibet, the darkest, at most 36 percent do."""


def far_from_ours(table: str, own: pd.DataFrame, ours: pd.DataFrame) -> pd.DataFrame:
    """Figures of a user far from ours of the same place and year: key, column, value, measured, limit (its name)."""
    key = list(fields.key_of(table))
    by = key
    if "is_county" in own:  # rows of a census are numbered by its file
        by = ["code"]
        own, ours = (frame.loc[frame["is_county"] & frame["code"].notna()] for frame in (own, ours))
        ours = ours.drop_duplicates("code")
    columns = BESIDE.get(table, {})
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


def require_no_repeats(table: str, file: str, own: pd.DataFrame) -> None:
    """Refuse a province of which one year's figures are those of another.

    Raises
    ------
    ValidationError
        Naming the column, the province and the two years.
    """
    for column in REPEATS.get(table, ()):
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
