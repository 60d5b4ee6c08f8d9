"""What figures of later years say about the targets that the bundled tables cannot follow."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from shanhai.core.places import NATION
from shanhai.data.later import PROVINCE, half_given, per_head_of_later
from shanhai.studies.targets.arithmetic import annual_growth
from shanhai.studies.targets.paths import GROUP

Target = Mapping[Hashable, Any]
"""A row of the table ``targets``."""


def later_progress(targets: pd.DataFrame, later: pd.DataFrame) -> pd.DataFrame:
    """What later figures say about targets that the tables cannot follow.

    Returns
    -------
    pandas.DataFrame: target, code, first_year, last_year, value (growth a year, level, or reference over the place),
    goal, reached; one row a target and place that the user's figures allow to be followed, empty without any.
    """
    figures = _with_revenue_per_head(later)
    rows = []
    for row in targets[targets["needs_english"].notna()].to_dict("records"):
        own = figures[figures["indicator"].eq(row["indicator"]) & ~figures["code"].isin([PROVINCE, NATION])]
        if row["place"] != GROUP:
            own = own[own["code"].eq(row["place"])]
        for code, series in own.groupby("code"):
            measured = _measured(row, series.set_index("year")["value"].sort_index(), figures)
            if measured is not None:
                first, last, value = measured
                better = value <= row["value"] if row["measure"] == "ratio" else value >= row["value"]
                rows.append((row["target"], code, first, last, value, row["value"], better))
    return pd.DataFrame(rows, columns=["target", "code", "first_year", "last_year", "value", "goal", "reached"])


def missing_halves(later: pd.DataFrame) -> pd.DataFrame:
    """Later GDP without residents or without the province's figure: code, year, missing."""
    halves = half_given(later)
    heads = per_head_of_later(later)
    alone = sorted(set(heads["year"]) - set(heads.loc[heads["unit"].eq(PROVINCE), "year"]))
    province = pd.DataFrame({"code": PROVINCE, "year": alone, "missing": "gdp_per_head"})
    return pd.concat([halves, province], ignore_index=True) if alone else halves


def _measured(row: Target, series: pd.Series, figures: pd.DataFrame) -> tuple[int, int, float] | None:
    first, last = int(series.index[0]), int(series.index[-1])
    if row["measure"] == "growth":
        return (first, last, annual_growth(series.iloc[0], series.iloc[-1], last - first)) if last > first else None
    if row["measure"] == "level":
        factor = 1e8 if row["unit"] == "100m yuan" else 1.0
        return first, last, float(series.iloc[-1]) / factor
    same = figures["indicator"].eq(row["indicator"]) & figures["year"].eq(last)
    reference = figures.loc[same & figures["code"].eq(row["reference"]), "value"]
    return (first, last, float(reference.iloc[0] / series.iloc[-1])) if len(reference) else None


def _with_revenue_per_head(later: pd.DataFrame) -> pd.DataFrame:
    revenue = later[later["indicator"].eq("budget_revenue")]
    people = later[later["indicator"].eq("residents")][["code", "year", "value"]]
    both = revenue.merge(people, on=["code", "year"], suffixes=("", "_people"))
    heads = both.assign(indicator="budget_revenue_per_head", value=both["value"] / both["value_people"])
    return pd.concat([later, heads[later.columns]], ignore_index=True) if len(heads) else later
