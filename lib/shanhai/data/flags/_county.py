"""Flags on county GDP and registered population that no rule corrects: copies, and counts of something else."""

import numpy as np
import pandas as pd

from shanhai.data.corrections import (
    HUKOU,
    KEY,
    MONEY,
    block_levels,
    logs,
    population_behind,
    registered_by_census,
    repeated_figures,
    resident_figures,
    usual_hukou,
)
from shanhai.data.rules import FLAG_COLUMNS, Tables, as_flags

PER_HEAD = (0.8, 1.25)
"""GDP over GDP per head as a multiple of a population: inside, the figure is the unit's own, whoever has the same."""

_ANOTHER_COUNT = np.log(1.25)
"""A prefecture's or province's level of registered population (in logs) that is not a year's change."""

_HOUSEHOLDS = (0.2, 0.45)
"""Households over persons: two to five to a household."""


def _indexed(frame: pd.DataFrame, column: str) -> pd.Series:
    return frame.set_index(KEY)[column]


def repeated_flags(tables: Tables) -> pd.DataFrame:
    """GDP or primary value added that another county of the prefecture has too, unless GDP per head confirms both."""
    gdp = tables["county_gdp"]
    index = pd.MultiIndex.from_frame(gdp[KEY])
    implied = (gdp["gdp_10k_yuan"] / gdp["gdp_per_capita_10k_yuan"]).set_axis(index)
    people = population_behind(gdp, tables).set_axis(index)
    confirmed = people.rdiv(implied, axis=0).apply(lambda ratio: ratio.between(*PER_HEAD)).any(axis=1)
    parts = []
    for column in MONEY:
        pairs = repeated_figures(_indexed(gdp, column))
        both = pairs[["other", "year"]].set_axis(KEY, axis=1)
        sure = confirmed.reindex(pd.MultiIndex.from_frame(pairs[KEY])).to_numpy()
        sure = sure & confirmed.reindex(pd.MultiIndex.from_frame(both)).to_numpy() & (column == "gdp_10k_yuan")
        name = column.split("_")[0]
        for year, rows in pairs.loc[~sure].groupby("year"):
            reason = "another county of the prefecture has the same figure in this year: one may be a copy"
            parts.append(
                as_flags(rows["code"].drop_duplicates(), "county_gdp", column, f"{name}_{year}_repeated", reason)
            )
    return pd.concat([pd.DataFrame(columns=list(FLAG_COLUMNS)), *parts], ignore_index=True)


def another_count_flags(tables: Tables) -> pd.DataFrame:
    """Registered population that counts something else: residents of a census, households, or other people."""
    hukou = tables["county_hukou"]
    known = usual_hukou(hukou, tables)
    usual = registered_by_census(hukou, tables["census_2010"]).fillna(known["own"])
    residents = resident_figures(hukou, usual, tables)
    index = pd.MultiIndex.from_frame(hukou[KEY])
    level = block_levels((logs(hukou[HUKOU]) - logs(usual)).set_axis(index)).set_axis(hukou.index)
    shared = hukou[HUKOU].notna() & (level.abs() > _ANOTHER_COUNT)
    households = shared & np.exp(level).between(*_HOUSEHOLDS)
    reasons = {
        "residents": (residents, "the resident population of the census, not the registered one"),
        "households": (households, "with most of its prefecture or province 0.2 to 0.45 of its persons: households"),
        "another_count": (
            shared & ~households,
            "with most of its prefecture or province more than a quarter off what its units register: another count",
        ),
    }
    parts = []
    for flag, (mask, reason) in reasons.items():
        rows = hukou.loc[mask]
        flags = as_flags(rows["code"], "county_hukou", HUKOU, flag, reason)
        parts.append(flags.assign(column=[f"{HUKOU}@{year}" for year in rows["year"]]))
    return pd.concat(parts, ignore_index=True)
